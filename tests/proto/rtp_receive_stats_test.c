#include "proto/rtp_receive_stats.h"

#include "proto/ntp.h"
#include "tests/check.h"

enum { SSRC = 0x1234, RATE = 90000, STEP = 3000, STEP_US = 33333 };

static struct sotto_rtp_receive_stats fresh(void) {
    struct sotto_rtp_receive_stats stats;
    sotto_rtp_receive_stats_init(&stats, SSRC, RATE);
    return stats;
}

// Packets in perfect time, from `first` on, of which `lost` says which are missing.
static void receive(struct sotto_rtp_receive_stats *stats, uint16_t first, unsigned count,
                    bool (*lost)(unsigned)) {
    for (unsigned i = 0; i < count; i++)
        if (!lost || !lost(i))
            sotto_rtp_receive_stats_handle_packet(stats, (uint16_t)(first + i), i * STEP,
                                                  (uint64_t)i * STEP_US);
}

static struct sotto_rtcp_report_block poll(struct sotto_rtp_receive_stats *stats, uint64_t now_us) {
    struct sotto_rtcp_report_block block;
    CHECK(sotto_rtp_receive_stats_poll_block(stats, now_us, &block));
    CHECK_EQ(block.ssrc, SSRC);
    return block;
}

TEST(before_the_first_packet_there_is_no_block) {
    struct sotto_rtp_receive_stats stats = fresh();
    struct sotto_rtcp_report_block block = {.ssrc = 1};
    CHECK(!sotto_rtp_receive_stats_poll_block(&stats, 0, &block));
    CHECK_EQ(block.ssrc, 0);
}

TEST(a_stream_without_loss_reports_none) {
    struct sotto_rtp_receive_stats stats = fresh();
    receive(&stats, 10, 100, NULL);
    struct sotto_rtcp_report_block block = poll(&stats, 0);
    CHECK_EQ(block.fraction_lost, 0);
    CHECK_EQ(block.cumulative_lost, 0);
    CHECK_EQ(block.extended_highest_sequence, 109);
    CHECK_EQ(block.last_sender_report, 0);
    CHECK_EQ(block.delay_since_last_sender_report, 0);
    CHECK(block.jitter <= 1); // 33333 µs are not quite 3000 units
}

static bool every_fourth(unsigned i) {
    return i % 4 == 1;
}

TEST(loss_is_reported_as_a_share_of_256_since_the_previous_report) {
    struct sotto_rtp_receive_stats stats = fresh();
    receive(&stats, 0, 100, every_fourth);
    struct sotto_rtcp_report_block block = poll(&stats, 0);
    CHECK_EQ(block.fraction_lost, 64);
    CHECK_EQ(block.cumulative_lost, 25);
    block = poll(&stats, 0);
    CHECK_EQ(block.fraction_lost, 0);
    CHECK_EQ(block.cumulative_lost, 25);
    receive(&stats, 100, 100, NULL);
    block = poll(&stats, 0);
    CHECK_EQ(block.fraction_lost, 0);
    CHECK_EQ(block.cumulative_lost, 25);
}

TEST(the_extended_sequence_counts_wraps) {
    struct sotto_rtp_receive_stats stats = fresh();
    receive(&stats, 65500, 100, NULL);
    struct sotto_rtcp_report_block block = poll(&stats, 0);
    CHECK_EQ(block.extended_highest_sequence, 0x10000 + 63);
    CHECK_EQ(block.cumulative_lost, 0);
}

TEST(loss_around_the_wrap_is_counted) {
    struct sotto_rtp_receive_stats stats = fresh();
    sotto_rtp_receive_stats_handle_packet(&stats, 65530, 0, 0);
    sotto_rtp_receive_stats_handle_packet(&stats, 9, 0, 0);
    struct sotto_rtcp_report_block block = poll(&stats, 0);
    CHECK_EQ(block.extended_highest_sequence, 0x10009);
    CHECK_EQ(block.cumulative_lost, 14);
    CHECK_EQ(block.fraction_lost, 14 * 256 / 16);
}

TEST(late_packets_and_duplicates_make_up_for_loss) {
    struct sotto_rtp_receive_stats stats = fresh();
    static const uint16_t order[] = {1, 2, 5, 3, 4, 6, 6, 6};
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++)
        sotto_rtp_receive_stats_handle_packet(&stats, order[i], 0, 0);
    struct sotto_rtcp_report_block block = poll(&stats, 0);
    CHECK_EQ(block.extended_highest_sequence, 6);
    CHECK_EQ(block.cumulative_lost, -2); // RFC 3550: "may be negative if there are duplicates"
    CHECK_EQ(block.fraction_lost, 0);
}

TEST(total_loss_saturates_the_fraction) {
    struct sotto_rtp_receive_stats stats = fresh();
    sotto_rtp_receive_stats_handle_packet(&stats, 0, 0, 0);
    poll(&stats, 0);
    sotto_rtp_receive_stats_handle_packet(&stats, 2999, 0, 0);
    struct sotto_rtcp_report_block block = poll(&stats, 0);
    CHECK_EQ(block.fraction_lost, 255);
    CHECK_EQ(block.cumulative_lost, 2998);
}

TEST(one_packet_from_far_away_is_ignored) {
    struct sotto_rtp_receive_stats stats = fresh();
    receive(&stats, 10, 5, NULL);
    sotto_rtp_receive_stats_handle_packet(&stats, 14 + 3000, 0, 0);
    sotto_rtp_receive_stats_handle_packet(&stats, 40000, 0, 0);
    sotto_rtp_receive_stats_handle_packet(&stats, 15, 5 * STEP, 5 * STEP_US);
    struct sotto_rtcp_report_block block = poll(&stats, 0);
    CHECK_EQ(block.extended_highest_sequence, 15);
    CHECK_EQ(block.cumulative_lost, 0);
}

TEST(two_packets_in_sequence_from_far_away_restart_the_stream) {
    struct sotto_rtp_receive_stats stats = fresh();
    receive(&stats, 10, 5, NULL);
    sotto_rtp_receive_stats_handle_packet(&stats, 40000, 7, 0);
    sotto_rtp_receive_stats_handle_packet(&stats, 40001, 7, 0);
    struct sotto_rtcp_report_block block = poll(&stats, 0);
    CHECK_EQ(block.extended_highest_sequence, 40001);
    CHECK_EQ(block.cumulative_lost, 0);
    CHECK_EQ(block.fraction_lost, 0);
    CHECK_EQ(block.jitter, 0);
}

// Arrival times alternate 10 ms early and late: every transit time differs from the one before by
// 20 ms, which is 1800 units, and the estimate of RFC 3550 section 6.4.1 converges to it.
TEST(jitter_converges_to_the_mean_deviation) {
    struct sotto_rtp_receive_stats stats = fresh();
    for (unsigned i = 0; i < 300; i++)
        sotto_rtp_receive_stats_handle_packet(&stats, (uint16_t)i, i * 1800,
                                              i * UINT64_C(20000) + i % 2 * 20000);
    struct sotto_rtcp_report_block block = poll(&stats, 0);
    CHECK(block.jitter >= 1795 && block.jitter <= 1800);
}

// The first steps by hand: J += (|D| - J) / 16, in the rounding of appendix A.8.
TEST(jitter_follows_appendix_a_8) {
    struct sotto_rtp_receive_stats stats;
    sotto_rtp_receive_stats_init(&stats, SSRC, 1000); // one unit is a millisecond
    sotto_rtp_receive_stats_handle_packet(&stats, 0, 0, 0);
    sotto_rtp_receive_stats_handle_packet(&stats, 1, 20, 180000); // D = 160
    CHECK_EQ(poll(&stats, 0).jitter, 10);
    sotto_rtp_receive_stats_handle_packet(&stats, 2, 40, 200000); // D = 0
    CHECK_EQ(stats.jitter_x16, 160 - ((160 + 8) >> 4));
    sotto_rtp_receive_stats_handle_packet(&stats, 3, 60, 204000); // D = -16
    CHECK_EQ(stats.jitter_x16, 150 + 16 - ((150 + 8) >> 4));
}

TEST(hostile_timestamps_do_not_overflow_the_jitter) {
    struct sotto_rtp_receive_stats stats = fresh();
    for (unsigned i = 0; i < 100000; i++)
        sotto_rtp_receive_stats_handle_packet(&stats, (uint16_t)i, i % 2 ? 0x80000000 : 0,
                                              UINT64_MAX - i);
    CHECK(stats.jitter_x16 <= UINT64_C(16) << 31);
    CHECK(poll(&stats, 0).jitter >= 0x7FFFFF00);
}

TEST(a_sender_report_is_echoed_with_its_age) {
    struct sotto_rtp_receive_stats stats = fresh();
    sotto_rtp_receive_stats_handle_packet(&stats, 0, 0, 0);
    sotto_rtp_receive_stats_handle_sender_report(&stats, 0x0123456789ABCDEF, 1000000);
    struct sotto_rtcp_report_block block = poll(&stats, 6250000);
    CHECK_EQ(block.last_sender_report, 0x456789AB);
    CHECK_EQ(block.delay_since_last_sender_report, 0x00054000);
}

// Both ends together: what the sender computes from the block is the path's round trip.
TEST(the_block_gives_the_sender_its_round_trip_time) {
    struct sotto_rtp_receive_stats stats = fresh();
    sotto_rtp_receive_stats_handle_packet(&stats, 0, 0, 0);
    uint64_t sent_us = 50000000;
    int64_t offset_us = 1700000000000000;
    sotto_rtp_receive_stats_handle_sender_report(&stats, sotto_ntp_from_us(sent_us, offset_us),
                                                 sent_us + 40000);
    struct sotto_rtcp_report_block block = poll(&stats, sent_us + 2040000);
    uint64_t round_trip_us;
    CHECK(sotto_ntp_round_trip(sotto_ntp_from_us(sent_us + 2100000, offset_us),
                               block.last_sender_report, block.delay_since_last_sender_report,
                               &round_trip_us));
    CHECK(round_trip_us >= 99900 && round_trip_us <= 100100);
}

TEST(loss_from_a_random_path_matches_what_was_dropped) {
    struct sotto_rtp_receive_stats stats = fresh();
    uint32_t seed = 3;
    int32_t dropped = 0;
    for (uint32_t i = 0; i < 300000; i++) {
        seed = seed * 1664525 + 1013904223;
        bool last = i == 299999;
        if (seed >> 24 < 26 && i > 0 && !last) // a tenth
            dropped++;
        else
            sotto_rtp_receive_stats_handle_packet(&stats, (uint16_t)(i + 65000), 0, 0);
    }
    struct sotto_rtcp_report_block block = poll(&stats, 0);
    CHECK_EQ(block.cumulative_lost, dropped);
    CHECK_EQ(block.extended_highest_sequence, 65000 + 299999);
    CHECK(block.fraction_lost >= 24 && block.fraction_lost <= 28);
}

int main(void) {
    RUN(before_the_first_packet_there_is_no_block);
    RUN(a_stream_without_loss_reports_none);
    RUN(loss_is_reported_as_a_share_of_256_since_the_previous_report);
    RUN(the_extended_sequence_counts_wraps);
    RUN(loss_around_the_wrap_is_counted);
    RUN(late_packets_and_duplicates_make_up_for_loss);
    RUN(total_loss_saturates_the_fraction);
    RUN(one_packet_from_far_away_is_ignored);
    RUN(two_packets_in_sequence_from_far_away_restart_the_stream);
    RUN(jitter_converges_to_the_mean_deviation);
    RUN(jitter_follows_appendix_a_8);
    RUN(hostile_timestamps_do_not_overflow_the_jitter);
    RUN(a_sender_report_is_echoed_with_its_age);
    RUN(the_block_gives_the_sender_its_round_trip_time);
    RUN(loss_from_a_random_path_matches_what_was_dropped);
    return 0;
}
