// Retransmission (RFC 4588): the payload of a packet sent again, on an SSRC and a payload type of
// its own, behind the 2 bytes of its original sequence number (OSN).
#ifndef SOTTO_PROTO_RTX_H
#define SOTTO_PROTO_RTX_H

#include "proto/rtp.h"

enum {
    SOTTO_RTX_OSN_SIZE = 2,
};

// Appends OSN and payload behind a header that sotto_rtp_write_header wrote with the retransmission
// stream's payload type, SSRC and next sequence number, and with the original timestamp and marker.
void sotto_rtx_write_payload(struct sotto_writer *writer, uint16_t original_sequence,
                             const uint8_t *payload, size_t payload_size);

// Turns the view of a retransmission into the view of the original: `payload_type` and `ssrc` are
// those of the media stream, the sequence number is the OSN, and the payload starts behind it.
// Timestamp, marker and extensions stay; `data`, `size` and `header_size` still describe the
// retransmission. False, with the packet unchanged, if the payload is shorter than an OSN: a probe
// of padding alone, which is not forwarded.
SOTTO_MUST_USE bool sotto_rtx_unwrap(struct sotto_rtp_packet *packet, uint8_t payload_type,
                                     uint32_t ssrc);

#endif
