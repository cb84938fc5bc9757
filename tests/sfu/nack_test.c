#include "sfu/nack.h"

#include "tests/check.h"

enum { MS = 1000, ROUND_TRIP = 100, CAPACITY = 1000 };

static struct sotto_nack nack;
static uint16_t asked[CAPACITY];

static void begin(void) {
    sotto_nack_init(&nack);
}

static size_t poll(uint64_t now_us) {
    return sotto_nack_poll(&nack, now_us, ROUND_TRIP, asked, CAPACITY);
}

TEST(a_stream_without_gaps_asks_for_nothing) {
    begin();
    for (uint64_t i = 0; i < 1000; i++)
        sotto_nack_handle_packet(&nack, i * MS, 65530 + i);
    CHECK_EQ(sotto_nack_poll_timeout(&nack), UINT64_MAX);
    CHECK_EQ(poll(5000 * MS), 0);
    CHECK(!sotto_nack_poll_gave_up(&nack));
}

TEST(a_gap_is_asked_for_after_the_reordering_tolerance) {
    begin();
    sotto_nack_handle_packet(&nack, 0, 65534);
    sotto_nack_handle_packet(&nack, 1 * MS, 65538);
    CHECK_EQ(sotto_nack_poll_timeout(&nack), (1 + SOTTO_NACK_REORDER_MS) * MS);
    CHECK_EQ(poll((SOTTO_NACK_REORDER_MS)*MS), 0);
    CHECK_EQ(poll((1 + SOTTO_NACK_REORDER_MS) * MS), 3);
    CHECK_EQ(asked[0], 65535);
    CHECK_EQ(asked[1], 0); // numbers on the wire wrap
    CHECK_EQ(asked[2], 1);
}

TEST(reordered_packets_are_not_asked_for) {
    begin();
    sotto_nack_handle_packet(&nack, 0, 70000);
    sotto_nack_handle_packet(&nack, 1 * MS, 70002);
    sotto_nack_handle_packet(&nack, 2 * MS, 70001);
    CHECK_EQ(sotto_nack_poll_timeout(&nack), UINT64_MAX);
    CHECK_EQ(poll(100 * MS), 0);
}

TEST(a_packet_is_asked_for_again_after_a_round_trip) {
    begin();
    sotto_nack_handle_packet(&nack, 0, 70000);
    sotto_nack_handle_packet(&nack, 0, 70002);
    CHECK_EQ(poll(10 * MS), 1);
    CHECK_EQ(poll(109 * MS), 0);
    CHECK_EQ(sotto_nack_poll_timeout(&nack), 110 * MS);
    CHECK_EQ(poll(110 * MS), 1);
    // It came at last.
    sotto_nack_handle_packet(&nack, 115 * MS, 70001);
    CHECK_EQ(poll(1000 * MS), 0);
    CHECK(!sotto_nack_poll_gave_up(&nack));
}

TEST(a_tiny_round_trip_does_not_make_a_storm) {
    begin();
    sotto_nack_handle_packet(&nack, 0, 70000);
    sotto_nack_handle_packet(&nack, 0, 70002);
    size_t count = 0;
    for (uint64_t now_us = 0; now_us < 110 * MS; now_us += 1 * MS)
        count += sotto_nack_poll(&nack, now_us, 0, asked, CAPACITY);
    CHECK_EQ(count, 5); // at 10, 30, 50, 70 and 90 ms
}

TEST(after_ten_tries_the_packet_is_given_up) {
    begin();
    sotto_nack_handle_packet(&nack, 0, 70000);
    sotto_nack_handle_packet(&nack, 0, 70002);
    size_t count = 0;
    for (uint64_t now_us = 0; now_us < 1400 * MS; now_us += 1 * MS) {
        count += poll(now_us);
        if (now_us < 1010 * MS)
            CHECK(!sotto_nack_poll_gave_up(&nack));
    }
    CHECK_EQ(count, SOTTO_NACK_TRY_COUNT_MAX);
    CHECK(sotto_nack_poll_gave_up(&nack));
    CHECK(!sotto_nack_poll_gave_up(&nack));
    CHECK_EQ(sotto_nack_poll_timeout(&nack), UINT64_MAX);
}

TEST(with_a_long_round_trip_age_ends_it) {
    begin();
    sotto_nack_handle_packet(&nack, 0, 70000);
    sotto_nack_handle_packet(&nack, 0, 70002);
    size_t count = 0;
    for (uint64_t now_us = 0; now_us < 5000 * MS; now_us += 1 * MS)
        count += sotto_nack_poll(&nack, now_us, 900, asked, CAPACITY);
    CHECK_EQ(count, 2); // at 10 and 910 ms; at 1810 ms it is too old
    CHECK(sotto_nack_poll_gave_up(&nack));
}

TEST(a_hole_too_large_to_repair_is_given_up_at_once) {
    begin();
    sotto_nack_handle_packet(&nack, 0, 70000);
    sotto_nack_handle_packet(&nack, 0, 70001 + SOTTO_NACK_MISSING_MAX);
    CHECK(!sotto_nack_poll_gave_up(&nack));
    CHECK_EQ(poll(10 * MS), SOTTO_NACK_MISSING_MAX);
    sotto_nack_handle_packet(&nack, 10 * MS, 70003 + SOTTO_NACK_MISSING_MAX);
    CHECK(sotto_nack_poll_gave_up(&nack));
    CHECK_EQ(poll(1000 * MS), 0);
    // What comes afterwards is watched again.
    sotto_nack_handle_packet(&nack, 1000 * MS, 70005 + SOTTO_NACK_MISSING_MAX);
    CHECK_EQ(poll(1010 * MS), 1);
}

TEST(what_does_not_fit_is_asked_for_by_the_next_call) {
    begin();
    sotto_nack_handle_packet(&nack, 0, 70000);
    sotto_nack_handle_packet(&nack, 0, 70011);
    CHECK_EQ(sotto_nack_poll(&nack, 10 * MS, ROUND_TRIP, asked, 4), 4);
    CHECK_EQ(asked[3], (uint16_t)70004);
    CHECK_EQ(sotto_nack_poll_timeout(&nack), 10 * MS);
    CHECK_EQ(sotto_nack_poll(&nack, 10 * MS, ROUND_TRIP, asked, 4), 4);
    CHECK_EQ(asked[0], (uint16_t)70005);
    CHECK_EQ(sotto_nack_poll(&nack, 10 * MS, ROUND_TRIP, asked, 4), 2);
    CHECK_EQ(sotto_nack_poll(&nack, 10 * MS, ROUND_TRIP, asked, 4), 0);
}

// Against a plain list: after any history the missing ones are those that a set says.
TEST(after_any_history_exactly_the_missing_ones_are_asked_for) {
    static bool arrived[600];
    uint32_t random = 5;
    for (int round = 0; round < 200; round++) {
        begin();
        memset(arrived, 0, sizeof arrived);
        uint64_t highest = 0;
        for (int i = 0; i < 300; i++) {
            random = random * 1664525 + 1013904223;
            uint64_t sequence = (uint64_t)i + (random >> 8) % 20;
            if (i == 0)
                sequence = 0;
            arrived[sequence] = true;
            if (sequence > highest)
                highest = sequence;
            sotto_nack_handle_packet(&nack, 0, 70000 + sequence);
        }
        size_t count = poll(10 * MS);
        size_t expected = 0;
        for (uint64_t sequence = 1; sequence < highest; sequence++)
            if (!arrived[sequence]) {
                CHECK(expected < count);
                CHECK_EQ(asked[expected], (uint16_t)(70000 + sequence));
                expected++;
            }
        CHECK_EQ(count, expected);
    }
}

int main(void) {
    RUN(a_stream_without_gaps_asks_for_nothing);
    RUN(a_gap_is_asked_for_after_the_reordering_tolerance);
    RUN(reordered_packets_are_not_asked_for);
    RUN(a_packet_is_asked_for_again_after_a_round_trip);
    RUN(a_tiny_round_trip_does_not_make_a_storm);
    RUN(after_ten_tries_the_packet_is_given_up);
    RUN(with_a_long_round_trip_age_ends_it);
    RUN(a_hole_too_large_to_repair_is_given_up_at_once);
    RUN(what_does_not_fit_is_asked_for_by_the_next_call);
    RUN(after_any_history_exactly_the_missing_ones_are_asked_for);
    return 0;
}
