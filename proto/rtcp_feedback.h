// RTCP feedback messages (RFC 4585, RFC 5104) and REMB (draft-alvestrand-rmcat-remb-03).
// Parse functions take a packet of rtcp.h and return false, with their output all zero, if it is of
// another kind or not well formed. Lists are borrowed from the packet and pulled item by item; how
// many of them a peer may send is the caller's budget. Write functions fail the writer for want of
// room.
#ifndef SOTTO_PROTO_RTCP_FEEDBACK_H
#define SOTTO_PROTO_RTCP_FEEDBACK_H

#include "proto/rtcp.h"

// Generic NACK, RFC 4585 section 6.2.1.
struct sotto_rtcp_nack {
    uint32_t sender_ssrc;
    uint32_t media_ssrc; // the stream that misses packets
    const uint8_t *items; // pairs of packet id (PID) and bitmask of following lost packets (BLP)
    size_t items_size;
    uint16_t item_sequence; // of the item being expanded
    uint32_t item_bits;     // bit n: item_sequence + n is still to be given out
};

SOTTO_MUST_USE bool sotto_rtcp_parse_nack(const struct sotto_rtcp_packet *packet,
                                          struct sotto_rtcp_nack *nack);

// The next sequence number asked for; false, with 0, at the end. One item expands to up to 17, and
// a hostile peer may repeat them.
SOTTO_MUST_USE bool sotto_rtcp_nack_next(struct sotto_rtcp_nack *nack, uint16_t *sequence);

// `sequences` are packed in their order: ascending ones share items. At least one.
void sotto_rtcp_write_nack(struct sotto_writer *writer, uint32_t sender_ssrc, uint32_t media_ssrc,
                           const uint16_t *sequences, size_t sequence_count);

// Picture loss indication, RFC 4585 section 6.3.1.
struct sotto_rtcp_pli {
    uint32_t sender_ssrc;
    uint32_t media_ssrc;
};

SOTTO_MUST_USE bool sotto_rtcp_parse_pli(const struct sotto_rtcp_packet *packet,
                                         struct sotto_rtcp_pli *pli);
void sotto_rtcp_write_pli(struct sotto_writer *writer, const struct sotto_rtcp_pli *pli);

// Full intra request, RFC 5104 section 4.3.1: a list of streams, each with a command number that
// stays the same when the request is repeated.
struct sotto_rtcp_fir {
    uint32_t sender_ssrc;
    const uint8_t *items;
    size_t items_size;
};

struct sotto_rtcp_fir_item {
    uint32_t media_ssrc;
    uint8_t command_sequence;
};

SOTTO_MUST_USE bool sotto_rtcp_parse_fir(const struct sotto_rtcp_packet *packet,
                                         struct sotto_rtcp_fir *fir);
// False, with `item` all zero, at the end.
SOTTO_MUST_USE bool sotto_rtcp_fir_next(struct sotto_rtcp_fir *fir,
                                        struct sotto_rtcp_fir_item *item);
void sotto_rtcp_write_fir(struct sotto_writer *writer, uint32_t sender_ssrc,
                          const struct sotto_rtcp_fir_item *items, size_t item_count);

// Receiver estimated maximum bitrate.
struct sotto_rtcp_remb {
    uint32_t sender_ssrc;
    uint64_t bitrate_bps; // clamped to SOTTO_RTCP_REMB_BITRATE_BPS_MAX (limits.h)
    const uint8_t *ssrcs; // the streams it is about, 4 bytes each
    size_t ssrcs_size;
};

SOTTO_MUST_USE bool sotto_rtcp_parse_remb(const struct sotto_rtcp_packet *packet,
                                          struct sotto_rtcp_remb *remb);
// False, with 0, at the end.
SOTTO_MUST_USE bool sotto_rtcp_remb_next(struct sotto_rtcp_remb *remb, uint32_t *ssrc);
// The bitrate loses what does not fit 18 significant bits, rounded down. At most 255 SSRCs.
void sotto_rtcp_write_remb(struct sotto_writer *writer, uint32_t sender_ssrc, uint64_t bitrate_bps,
                           const uint32_t *ssrcs, size_t ssrc_count);

#endif
