// Telling STUN, DTLS, RTP and RTCP apart on one port by their first bytes (RFC 7983 section 7, and
// RFC 5761 section 4 for RTP and RTCP).
//
// The kind is a guess from at most two bytes: each protocol's own parser still refuses what only
// looks like it. ZRTP and TURN channels, which RFC 7983 also places, are not spoken here.
#ifndef SOTTO_PROTO_DEMUX_H
#define SOTTO_PROTO_DEMUX_H

#include <stddef.h>
#include <stdint.h>

enum sotto_demux_kind {
    SOTTO_DEMUX_UNKNOWN, // to be dropped
    SOTTO_DEMUX_STUN,
    SOTTO_DEMUX_DTLS,
    SOTTO_DEMUX_RTP,
    SOTTO_DEMUX_RTCP,
    SOTTO_DEMUX_KIND_COUNT,
};

// Datagrams seen, by kind. All zero at the start.
struct sotto_demux {
    uint64_t counts[SOTTO_DEMUX_KIND_COUNT];
};

// Says what a datagram is, and counts it. Datagrams too short for a header of their kind are
// unknown.
enum sotto_demux_kind sotto_demux_classify(struct sotto_demux *demux, const uint8_t *data,
                                           size_t size);

#endif
