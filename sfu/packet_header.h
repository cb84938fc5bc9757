// The RTP header of a forwarded packet: the publisher's header extensions (RFC 8285) are read by
// the ids that it negotiated and written by those of the subscriber. Audio level, video orientation
// and playout delay are copied, MID and send time are written afresh, everything else stays behind.
#ifndef SOTTO_SFU_PACKET_HEADER_H
#define SOTTO_SFU_PACKET_HEADER_H

#include "core/writer.h"
#include "proto/rtp.h"
#include "sfu/packet.h"
#include "sfu/rtp_parameters.h"

// The negotiated id of each header extension, 0 where it was not negotiated.
struct sotto_extension_ids {
    uint8_t ids[SOTTO_EXTENSION_COUNT];
};

// Elements of a size that their definition does not allow count as absent.
void sotto_packet_header_read_extensions(const struct sotto_rtp_packet *packet,
                                         const struct sotto_extension_ids *ids,
                                         struct sotto_packet_extensions *extensions);

// What does not change from packet to packet of a subscription.
struct sotto_packet_header_format {
    struct sotto_extension_ids ids; // 1 to SOTTO_EXTENSION_ONE_BYTE_ID_MAX, or 0
    uint8_t mid_size;               // 0: no MID is written
    char mid[SOTTO_MID_SIZE_MAX];
};

// Writes header and extensions; the payload follows. `now_us` is the time of sending.
void sotto_packet_header_write(struct sotto_writer *writer,
                               const struct sotto_packet_header_format *format,
                               const struct sotto_rtp_header *header,
                               const struct sotto_packet_extensions *extensions, uint64_t now_us);

#endif
