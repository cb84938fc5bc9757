#include "proto/rtp_receive_stats.h"

#include "core/assert.h"
#include "proto/limits.h"
#include "proto/ntp.h"

enum {
    SEQUENCE_COUNT = 1 << 16,
    NO_BAD_SEQUENCE = SEQUENCE_COUNT + 1, // RFC 3550 appendix A.1: no sequence number equals it
};

void sotto_rtp_receive_stats_init(struct sotto_rtp_receive_stats *stats, uint32_t ssrc,
                                  uint32_t clock_rate) {
    SOTTO_ASSERT(clock_rate > 0);
    *stats = (struct sotto_rtp_receive_stats){.ssrc = ssrc, .clock_rate = clock_rate};
}

// The stream starts here, for the first time or again. Sender reports stay: they are not counted.
static void start(struct sotto_rtp_receive_stats *stats, uint16_t sequence) {
    stats->base_sequence = sequence;
    stats->highest_sequence = sequence;
    stats->bad_sequence = NO_BAD_SEQUENCE;
    stats->cycles = 0;
    stats->received_count = 0;
    stats->expected_count_reported = 0;
    stats->received_count_reported = 0;
    stats->jitter_x16 = 0;
}

enum step { STEP_COUNT, STEP_RESTART, STEP_IGNORE };

// RFC 3550 appendix A.1 without its probation: an authenticated sender needs none.
static enum step judge(struct sotto_rtp_receive_stats *stats, uint16_t sequence) {
    uint16_t distance = (uint16_t)(sequence - stats->highest_sequence);
    if (distance < SOTTO_RTP_DROPOUT_MAX) {
        if (sequence < stats->highest_sequence)
            stats->cycles += SEQUENCE_COUNT;
        stats->highest_sequence = sequence;
        return STEP_COUNT;
    }
    if (distance > SEQUENCE_COUNT - SOTTO_RTP_MISORDER_MAX)
        return STEP_COUNT; // late or twice
    if (sequence == stats->bad_sequence)
        return STEP_RESTART;
    stats->bad_sequence = (uint16_t)(sequence + 1);
    return STEP_IGNORE;
}

// Arrival in units of the RTP clock; only differences matter, so it wraps like the timestamp.
static uint32_t arrival(const struct sotto_rtp_receive_stats *stats, uint64_t now_us) {
    uint64_t seconds = now_us / 1000000;
    uint64_t rest_us = now_us % 1000000;
    return (uint32_t)(seconds * stats->clock_rate + rest_us * stats->clock_rate / 1000000);
}

// RFC 3550 appendix A.8.
static void update_jitter(struct sotto_rtp_receive_stats *stats, uint32_t transit) {
    uint32_t change = transit - stats->transit;
    if (change >= 0x80000000)
        change = 0 - change;
    stats->jitter_x16 += change;
    stats->jitter_x16 -= (stats->jitter_x16 - change + 8) >> 4;
}

void sotto_rtp_receive_stats_handle_packet(struct sotto_rtp_receive_stats *stats, uint16_t sequence,
                                           uint32_t timestamp, uint64_t now_us) {
    uint32_t transit = arrival(stats, now_us) - timestamp;
    enum step step = stats->started ? judge(stats, sequence) : STEP_RESTART;
    if (step == STEP_IGNORE)
        return;
    if (step == STEP_RESTART)
        start(stats, sequence);
    else
        update_jitter(stats, transit);
    stats->started = true;
    stats->transit = transit;
    stats->received_count++;
}

void sotto_rtp_receive_stats_handle_sender_report(struct sotto_rtp_receive_stats *stats,
                                                  uint64_t ntp_time, uint64_t now_us) {
    stats->sender_report = sotto_ntp_middle(ntp_time);
    stats->sender_report_us = now_us;
}

// RFC 3550 appendix A.3: the share of packets lost since the previous report, of 256.
static uint8_t fraction_lost(uint32_t expected_count, uint32_t received_count) {
    int64_t lost = (int64_t)expected_count - received_count;
    if (expected_count == 0 || lost <= 0)
        return 0;
    int64_t fraction = (lost << 8) / expected_count;
    return (uint8_t)(fraction > 255 ? 255 : fraction);
}

static int32_t cumulative_lost(uint32_t expected_count, uint32_t received_count) {
    int64_t lost = (int64_t)expected_count - received_count;
    if (lost > 0x7FFFFF)
        return 0x7FFFFF;
    return (int32_t)(lost < -0x800000 ? -0x800000 : lost);
}

bool sotto_rtp_receive_stats_poll_block(struct sotto_rtp_receive_stats *stats, uint64_t now_us,
                                        struct sotto_rtcp_report_block *block) {
    *block = (struct sotto_rtcp_report_block){0};
    if (!stats->started)
        return false;
    uint32_t extended_highest = stats->cycles + stats->highest_sequence;
    uint32_t expected_count = extended_highest - stats->base_sequence + 1;
    uint64_t jitter = stats->jitter_x16 >> 4;
    block->ssrc = stats->ssrc;
    block->fraction_lost = fraction_lost(expected_count - stats->expected_count_reported,
                                         stats->received_count - stats->received_count_reported);
    block->cumulative_lost = cumulative_lost(expected_count, stats->received_count);
    block->extended_highest_sequence = extended_highest;
    block->jitter = (uint32_t)(jitter > UINT32_MAX ? UINT32_MAX : jitter);
    block->last_sender_report = stats->sender_report;
    if (stats->sender_report != 0)
        block->delay_since_last_sender_report =
            sotto_ntp_span_from_us(now_us - stats->sender_report_us);
    stats->expected_count_reported = expected_count;
    stats->received_count_reported = stats->received_count;
    return true;
}
