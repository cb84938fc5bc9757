// Loss and jitter of one received RTP stream, for the report block about it
// (RFC 3550 section 6.4.1, appendix A.1, A.3 and A.8).
#ifndef SOTTO_PROTO_RTP_RECEIVE_STATS_H
#define SOTTO_PROTO_RTP_RECEIVE_STATS_H

#include "proto/rtcp.h"

struct sotto_rtp_receive_stats {
    uint32_t ssrc;
    uint32_t clock_rate; // of the RTP timestamp, per second
    bool started;
    uint16_t highest_sequence;
    uint32_t cycles;        // wraps of the sequence number, times 2^16
    uint32_t base_sequence; // first extended sequence number
    uint32_t bad_sequence;  // what would follow the last packet that jumped too far
    uint32_t received_count;
    uint32_t expected_count_reported; // both as of the previous report
    uint32_t received_count_reported;
    uint32_t transit;    // arrival minus timestamp of the last packet, in timestamp units
    uint64_t jitter_x16; // the estimate, times 16
    uint32_t sender_report; // middle 32 bits of the last one's NTP time, 0 if none
    uint64_t sender_report_us;
};

// `clock_rate` is above 0.
void sotto_rtp_receive_stats_init(struct sotto_rtp_receive_stats *stats, uint32_t ssrc,
                                  uint32_t clock_rate);

// One packet of the stream that was authenticated and is no replay; retransmissions count under
// their own SSRC. `now_us` is monotonic.
// After a jump of more than 3000 forward or 100 back the packet is not counted; when a second one
// follows it in sequence, the stream has restarted and so do the statistics.
void sotto_rtp_receive_stats_handle_packet(struct sotto_rtp_receive_stats *stats, uint16_t sequence,
                                           uint32_t timestamp, uint64_t now_us);

// A sender report of this stream's source.
void sotto_rtp_receive_stats_handle_sender_report(struct sotto_rtp_receive_stats *stats,
                                                  uint64_t ntp_time, uint64_t now_us);

// The block for a report that is sent now; the loss fraction of the next one starts here. False,
// with `block` all zero, before the first packet.
SOTTO_MUST_USE bool sotto_rtp_receive_stats_poll_block(struct sotto_rtp_receive_stats *stats,
                                                       uint64_t now_us,
                                                       struct sotto_rtcp_report_block *block);

#endif
