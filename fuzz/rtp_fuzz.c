// A decrypted RTP packet of any content: its parts add up, every element lies inside the extension
// block, and what the header writer makes of it is parsed to the same values.
#include "core/assert.h"
#include "proto/rtp_extension.h"
#include "proto/rtx.h"

#include <stdlib.h>
#include <string.h>

static bool is_inside(const struct sotto_rtp_packet *packet, const uint8_t *part, size_t size) {
    return part >= packet->data && size <= packet->size &&
           (size_t)(part - packet->data) <= packet->size - size;
}

static void check_parts(const struct sotto_rtp_packet *packet) {
    SOTTO_ASSERT(packet->header_size + packet->payload_size + packet->padding_size == packet->size);
    SOTTO_ASSERT(packet->header_size >= SOTTO_RTP_FIXED_HEADER_SIZE);
    SOTTO_ASSERT(packet->payload == packet->data + packet->header_size);
    SOTTO_ASSERT(packet->payload_type < 128 && packet->csrc_count < 16);
    SOTTO_ASSERT(packet->padding_size < 256);
    SOTTO_ASSERT((packet->extension == NULL) == ((packet->data[0] & 0x10) == 0));
    if (packet->extension)
        SOTTO_ASSERT(is_inside(packet, packet->extension, packet->extension_size));
}

// Reads the element as each of the extensions; values are written and read again.
static void check_values(const struct sotto_rtp_extension *extension) {
    struct sotto_rtp_name name;
    if (sotto_rtp_parse_rid(extension, &name)) {
        SOTTO_ASSERT(sotto_rtp_name_equal(&name, (const char *)extension->data, extension->size));
        SOTTO_ASSERT(sotto_rtp_parse_mid(extension, &name)); // every rid is a token
    }
    uint32_t send_time;
    if (sotto_rtp_parse_abs_send_time(extension, &send_time))
        SOTTO_ASSERT(send_time < 1u << 24);
    uint16_t sequence;
    if (sotto_rtp_parse_transport_sequence(extension, &sequence)) {
        uint8_t written[SOTTO_RTP_TRANSPORT_SEQUENCE_SIZE];
        sotto_rtp_write_transport_sequence(written, sequence);
        SOTTO_ASSERT(memcmp(written, extension->data, sizeof written) == 0);
    }
    struct sotto_rtp_audio_level level;
    if (sotto_rtp_parse_audio_level(extension, &level)) {
        uint8_t written[SOTTO_RTP_AUDIO_LEVEL_SIZE];
        sotto_rtp_write_audio_level(written, &level);
        SOTTO_ASSERT(written[0] == extension->data[0]);
    }
    struct sotto_rtp_video_orientation orientation;
    if (sotto_rtp_parse_video_orientation(extension, &orientation))
        SOTTO_ASSERT(orientation.rotation_degrees <= 270);
    struct sotto_rtp_playout_delay delay;
    if (sotto_rtp_parse_playout_delay(extension, &delay))
        SOTTO_ASSERT(delay.min_ms <= delay.max_ms && delay.max_ms <= 40950);
}

// Walks the elements and keeps the first 14 that one-byte form can carry.
static size_t collect(const struct sotto_rtp_packet *packet,
                      struct sotto_rtp_extension kept[SOTTO_RTP_EXTENSION_ID_MAX]) {
    size_t count = 0;
    struct sotto_rtp_extensions elements;
    struct sotto_rtp_extension element;
    sotto_rtp_extensions_init(&elements, packet);
    while (sotto_rtp_extensions_next(&elements, &element)) {
        SOTTO_ASSERT(is_inside(packet, element.data, element.size) && element.id != 0);
        check_values(&element);
        struct sotto_rtp_extension found;
        SOTTO_ASSERT(sotto_rtp_find_extension(packet, element.id, &found));
        SOTTO_ASSERT(found.data <= element.data);
        bool fits = element.id <= SOTTO_RTP_EXTENSION_ID_MAX && element.size >= 1 &&
                    element.size <= SOTTO_RTP_EXTENSION_SIZE_MAX;
        if (fits && count < SOTTO_RTP_EXTENSION_ID_MAX)
            kept[count++] = element;
    }
    return count;
}

static void check_round_trip(const struct sotto_rtp_packet *packet,
                             const struct sotto_rtp_extension *kept, size_t count) {
    const struct sotto_rtp_header header = {.payload_type = packet->payload_type,
                                            .marker = packet->marker,
                                            .sequence = packet->sequence,
                                            .timestamp = packet->timestamp,
                                            .ssrc = packet->ssrc};
    size_t header_size = sotto_rtp_header_size(kept, count);
    size_t size = header_size + packet->payload_size;
    uint8_t *written = malloc(size);
    SOTTO_ASSERT(written);
    struct sotto_writer writer;
    sotto_writer_init(&writer, written, size);
    sotto_rtp_write_header(&writer, &header, kept, count);
    SOTTO_ASSERT(!writer.failed && writer.offset == header_size);
    sotto_writer_write_bytes(&writer, packet->payload, packet->payload_size);
    struct sotto_rtp_packet again;
    SOTTO_ASSERT(sotto_rtp_parse(&again, written, writer.offset));
    SOTTO_ASSERT(again.payload_type == packet->payload_type && again.marker == packet->marker);
    SOTTO_ASSERT(again.sequence == packet->sequence && again.timestamp == packet->timestamp);
    SOTTO_ASSERT(again.ssrc == packet->ssrc && again.payload_size == packet->payload_size);
    SOTTO_ASSERT(memcmp(again.payload, packet->payload, packet->payload_size) == 0);
    struct sotto_rtp_extensions elements;
    struct sotto_rtp_extension element;
    sotto_rtp_extensions_init(&elements, &again);
    for (size_t i = 0; i < count; i++) {
        SOTTO_ASSERT(sotto_rtp_extensions_next(&elements, &element));
        SOTTO_ASSERT(element.id == kept[i].id && element.size == kept[i].size);
        SOTTO_ASSERT(memcmp(element.data, kept[i].data, element.size) == 0);
    }
    SOTTO_ASSERT(!sotto_rtp_extensions_next(&elements, &element) && !elements.malformed);
    free(written);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct sotto_rtp_packet packet;
    struct sotto_rtp_packet header;
    bool header_good = sotto_rtp_parse_header(&header, data, size);
    if (!sotto_rtp_parse(&packet, data, size))
        return 0;
    SOTTO_ASSERT(header_good && header.header_size == packet.header_size);
    check_parts(&packet);
    struct sotto_rtp_extension kept[SOTTO_RTP_EXTENSION_ID_MAX];
    size_t count = collect(&packet, kept);
    check_round_trip(&packet, kept, count);
    if (sotto_rtx_unwrap(&packet, 96, 1)) {
        SOTTO_ASSERT(packet.payload_size + 2 == header.payload_size - packet.padding_size);
        check_round_trip(&packet, kept, count);
    }
    return 0;
}
