#include "proto/rtx.h"

#include "core/assert.h"

void sotto_rtx_write_payload(struct sotto_writer *writer, uint16_t original_sequence,
                             const uint8_t *payload, size_t payload_size) {
    sotto_writer_write_u16(writer, original_sequence);
    sotto_writer_write_bytes(writer, payload, payload_size);
}

bool sotto_rtx_unwrap(struct sotto_rtp_packet *packet, uint8_t payload_type, uint32_t ssrc) {
    SOTTO_ASSERT(payload_type <= 0x7F);
    if (packet->payload_size < SOTTO_RTX_OSN_SIZE)
        return false;
    packet->sequence = (uint16_t)(packet->payload[0] << 8 | packet->payload[1]);
    packet->payload_type = payload_type;
    packet->ssrc = ssrc;
    packet->payload += SOTTO_RTX_OSN_SIZE;
    packet->payload_size -= SOTTO_RTX_OSN_SIZE;
    return true;
}
