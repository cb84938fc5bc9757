#include "proto/demux.h"

enum {
    STUN_HEADER_SIZE = 20,
    DTLS_RECORD_HEADER_SIZE = 13,
    RTP_HEADER_SIZE = 12,
    RTCP_HEADER_SIZE = 8, // of the shortest packet that any profile sends: header and sender SSRC
};

// RFC 5761 section 4: a second byte from 192 to 223 is an RTCP packet type; RTP payload types 64 to
// 95 with the marker set would look the same, and are therefore not used.
static enum sotto_demux_kind rtp_or_rtcp(const uint8_t *data, size_t size) {
    if (size < RTCP_HEADER_SIZE)
        return SOTTO_DEMUX_UNKNOWN;
    if (data[1] >= 192 && data[1] <= 223)
        return SOTTO_DEMUX_RTCP;
    return size < RTP_HEADER_SIZE ? SOTTO_DEMUX_UNKNOWN : SOTTO_DEMUX_RTP;
}

static enum sotto_demux_kind kind_of(const uint8_t *data, size_t size) {
    if (size == 0)
        return SOTTO_DEMUX_UNKNOWN;
    uint8_t first = data[0];
    if (first <= 3)
        return size < STUN_HEADER_SIZE ? SOTTO_DEMUX_UNKNOWN : SOTTO_DEMUX_STUN;
    if (first >= 20 && first <= 63)
        return size < DTLS_RECORD_HEADER_SIZE ? SOTTO_DEMUX_UNKNOWN : SOTTO_DEMUX_DTLS;
    if (first >= 128 && first <= 191)
        return rtp_or_rtcp(data, size);
    return SOTTO_DEMUX_UNKNOWN;
}

enum sotto_demux_kind sotto_demux_classify(struct sotto_demux *demux, const uint8_t *data,
                                           size_t size) {
    enum sotto_demux_kind kind = kind_of(data, size);
    demux->counts[kind]++;
    return kind;
}
