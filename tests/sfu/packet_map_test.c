#include "sfu/packet_map.h"

#include "tests/sfu/draw.h"

enum {
    FIRST_SEQUENCE = 500,
    FIRST_TIMESTAMP = 7000,
    CLOCK_RATE = 90000,
    NONE = -1,
};

static struct sotto_packet_map map;

static void begin(void) {
    sotto_packet_map_init(&map, FIRST_SEQUENCE, FIRST_TIMESTAMP, CLOCK_RATE);
}

// The outgoing 16-bit number, NONE if there is none. Timestamps are 100 per number.
static int forward_at(uint64_t now_us, uint64_t sequence) {
    struct sotto_packet_map_numbers in = {.sequence = sequence,
                                          .timestamp = (uint32_t)(sequence * 100)};
    struct sotto_packet_map_numbers out;
    if (sotto_packet_map_forward(&map, now_us, &in, &out))
        return (uint16_t)out.sequence;
    CHECK_EQ(out.sequence, 0);
    CHECK_EQ(out.timestamp, 0);
    return NONE;
}

static int forward(uint64_t sequence) {
    return forward_at(0, sequence);
}

static long long back(int outgoing) {
    uint64_t incoming;
    if (sotto_packet_map_back(&map, (uint16_t)outgoing, &incoming))
        return (long long)incoming;
    CHECK_EQ(incoming, 0);
    return NONE;
}

static uint32_t timestamp_at(uint64_t now_us, uint64_t sequence, uint32_t timestamp) {
    struct sotto_packet_map_numbers in = {.sequence = sequence, .timestamp = timestamp};
    struct sotto_packet_map_numbers out;
    CHECK(sotto_packet_map_forward(&map, now_us, &in, &out));
    return out.timestamp;
}

TEST(the_first_packet_gets_the_first_numbers_and_the_next_follow) {
    begin();
    struct sotto_packet_map_numbers in = {.sequence = 90000, .timestamp = 123456};
    struct sotto_packet_map_numbers out;
    CHECK(sotto_packet_map_forward(&map, 0, &in, &out));
    CHECK_EQ((uint16_t)out.sequence, FIRST_SEQUENCE);
    CHECK_EQ(out.timestamp, FIRST_TIMESTAMP);
    in = (struct sotto_packet_map_numbers){.sequence = 90001, .timestamp = 123456 + 3000};
    CHECK(sotto_packet_map_forward(&map, 0, &in, &out));
    CHECK_EQ((uint16_t)out.sequence, FIRST_SEQUENCE + 1);
    CHECK_EQ(out.timestamp, FIRST_TIMESTAMP + 3000);
}

TEST(a_missing_packet_keeps_its_place) {
    begin();
    CHECK_EQ(forward(1000), 500);
    CHECK_EQ(forward(1003), 503);
    CHECK_EQ(forward(1001), 501);
    CHECK_EQ(forward(1004), 504);
    CHECK_EQ(forward(1002), 502);
}

TEST(a_packet_left_out_closes_the_gap) {
    begin();
    CHECK_EQ(forward(1000), 500);
    sotto_packet_map_drop(&map, 1001);
    CHECK_EQ(forward(1002), 501);
    sotto_packet_map_drop(&map, 1003);
    sotto_packet_map_drop(&map, 1004);
    CHECK_EQ(forward(1005), 502);
    CHECK_EQ(forward(1001), NONE);
    CHECK_EQ(forward(1003), NONE);
    CHECK_EQ(back(500), 1000);
    CHECK_EQ(back(501), 1002);
    CHECK_EQ(back(502), 1005);
    CHECK_EQ(back(503), NONE);
    CHECK_EQ(back(499), NONE);
}

TEST(what_is_missing_before_a_packet_left_out_keeps_its_place) {
    begin();
    CHECK_EQ(forward(1000), 500);
    sotto_packet_map_drop(&map, 1003); // 1001 and 1002 have not come yet
    CHECK_EQ(forward(1004), 503);
    CHECK_EQ(forward(1002), 502);
    CHECK_EQ(forward(1001), 501);
    CHECK_EQ(back(502), 1002);
}

TEST(leaving_out_a_late_packet_does_not_move_those_that_went_out) {
    begin();
    CHECK_EQ(forward(1000), 500);
    CHECK_EQ(forward(1002), 502);
    sotto_packet_map_drop(&map, 1001);
    CHECK_EQ(forward(1003), 503);
}

TEST(leaving_out_the_first_packets_changes_nothing) {
    begin();
    sotto_packet_map_drop(&map, 1000);
    CHECK_EQ(forward(1001), 500);
}

TEST(a_pause_leaves_no_gap_and_keeps_the_time_line) {
    begin();
    uint32_t before = timestamp_at(0, 1000, 50000);
    sotto_packet_map_pause(&map);
    uint32_t after = timestamp_at(9000000, 4000, 950000);
    CHECK_EQ(after - before, 900000);
    CHECK_EQ(forward(4001), 502);
    CHECK_EQ(back(501), 4000);
    CHECK_EQ(back(500), 1000);
    // From within the pause.
    CHECK_EQ(forward(3999), NONE);
    CHECK_EQ(forward(1001), NONE);
}

TEST(a_packet_from_before_the_pause_keeps_its_place_after_it) {
    begin();
    CHECK_EQ(forward(1000), 500);
    CHECK_EQ(forward(1002), 502);
    sotto_packet_map_pause(&map);
    CHECK_EQ(forward(1001), 501);
    CHECK_EQ(forward(1010), 503);
}

TEST(another_source_follows_without_a_gap_and_later_by_the_time_that_passed) {
    begin();
    uint32_t before = timestamp_at(1000000, 1000, 50000);
    sotto_packet_map_change_source(&map);
    uint32_t after = timestamp_at(1500000, 77777, 4000000000);
    CHECK_EQ(after - before, 45000); // half a second at 90 kHz
    CHECK_EQ(forward_at(1500000, 77778), 502);
    CHECK_EQ(back(501), 77777);
    CHECK_EQ(back(500), NONE);
}

TEST(another_source_may_come_much_later) {
    begin();
    uint32_t before = timestamp_at(1000000, 1000, 50000);
    sotto_packet_map_change_source(&map);
    CHECK_EQ(timestamp_at(4500000, 5, 0) - before, 315000); // 3.5 s
    before += 315000;
    sotto_packet_map_change_source(&map);
    // Fourteen hours: more ticks than a timestamp has room for, so it wraps.
    CHECK_EQ(timestamp_at(4500000 + 50000 * UINT64_C(1000000), 5, 0) - before,
             (uint32_t)(50000 * UINT64_C(90000)));
}

TEST(another_source_at_the_same_moment_still_gets_a_later_timestamp) {
    begin();
    uint32_t before = timestamp_at(1000, 1000, 50000);
    sotto_packet_map_change_source(&map);
    CHECK_EQ(timestamp_at(1000, 5, 0) - before, 1);
}

TEST(between_packets_the_time_line_of_the_current_source_holds) {
    begin();
    uint32_t outgoing;
    CHECK(!sotto_packet_map_timestamp(&map, 1, &outgoing));
    CHECK_EQ(outgoing, 0);
    uint32_t known = timestamp_at(0, 1000, 50000);
    CHECK(sotto_packet_map_timestamp(&map, 50000 - 200, &outgoing));
    CHECK_EQ(outgoing, known - 200);
    sotto_packet_map_change_source(&map);
    CHECK(!sotto_packet_map_timestamp(&map, 50000, &outgoing));
}

TEST(sequence_numbers_and_timestamps_wrap) {
    sotto_packet_map_init(&map, 0x7FFF, UINT32_MAX - 10, CLOCK_RATE);
    for (uint64_t i = 0; i < 200000; i++)
        CHECK_EQ(forward(65530 + i), (uint16_t)(0x7FFF + i));
    CHECK_EQ(back((uint16_t)(0x7FFF + 199990)), 65530 + 199990);
    uint32_t outgoing;
    CHECK(sotto_packet_map_timestamp(&map, 65530U * 100 + 20, &outgoing));
    CHECK_EQ(outgoing, 9);
}

TEST(a_gap_beyond_repair_closes) {
    begin();
    CHECK_EQ(forward(1000), 500);
    CHECK_EQ(forward(1000 + SOTTO_PACKET_MAP_GAP_MAX), 500 + SOTTO_PACKET_MAP_GAP_MAX);
    begin();
    CHECK_EQ(forward(1000), 500);
    CHECK_EQ(forward(1001 + SOTTO_PACKET_MAP_GAP_MAX), 501);
    CHECK_EQ(forward(1500), NONE);
    begin();
    CHECK_EQ(forward(1000), 500);
    sotto_packet_map_drop(&map, 1001 + SOTTO_PACKET_MAP_GAP_MAX);
    CHECK_EQ(forward(1002 + SOTTO_PACKET_MAP_GAP_MAX), 501);
}

TEST(places_kept_before_packets_left_out_add_up_to_no_more) {
    begin();
    CHECK_EQ(forward(1000), 500);
    uint64_t sequence = 1000;
    for (int i = 0; i < 200; i++) {
        sequence += SOTTO_PACKET_MAP_GAP_MAX / 2;
        sotto_packet_map_drop(&map, sequence);
    }
    int next = forward(sequence + 1);
    CHECK(next > 500 && next <= 500 + SOTTO_PACKET_MAP_GAP_MAX);
    CHECK_EQ(back(next), (long long)sequence + 1);
}

TEST(the_oldest_segments_are_forgotten) {
    begin();
    for (uint64_t i = 0; i < 4 * SOTTO_PACKET_MAP_SEGMENT_COUNT; i++) {
        CHECK_EQ(forward(1000 + 2 * i), (int)(500 + i));
        sotto_packet_map_drop(&map, 1001 + 2 * i);
    }
    int last = 500 + 4 * SOTTO_PACKET_MAP_SEGMENT_COUNT - 1;
    CHECK_EQ(back(last), 1000 + 2 * (last - 500));
    CHECK_EQ(back(last - SOTTO_PACKET_MAP_SEGMENT_COUNT / 2),
             1000 + 2 * (last - 500 - SOTTO_PACKET_MAP_SEGMENT_COUNT / 2));
    CHECK_EQ(back(500), NONE);
}

// Reference: in order, the outgoing number is the count of those before it that were not left out.
TEST(whatever_is_left_out_every_number_is_used_once_and_leads_back) {
    enum { COUNT = 3000 };
    for (uint32_t seed = 1; seed <= 20; seed++) {
        draw_seed(seed);
        begin();
        uint64_t expected = FIRST_SEQUENCE;
        for (uint64_t i = 0; i < COUNT; i++) {
            uint64_t sequence = 70000 + i;
            if (i > 0 && draw(4) == 0) {
                sotto_packet_map_drop(&map, sequence);
                continue;
            }
            if (i > 0 && draw(200) == 0)
                sotto_packet_map_pause(&map);
            CHECK_EQ(forward(sequence), (uint16_t)expected);
            CHECK_EQ(back((int)expected), (long long)sequence);
            expected++;
        }
    }
}

int main(void) {
    RUN(the_first_packet_gets_the_first_numbers_and_the_next_follow);
    RUN(a_missing_packet_keeps_its_place);
    RUN(a_packet_left_out_closes_the_gap);
    RUN(what_is_missing_before_a_packet_left_out_keeps_its_place);
    RUN(leaving_out_a_late_packet_does_not_move_those_that_went_out);
    RUN(leaving_out_the_first_packets_changes_nothing);
    RUN(a_pause_leaves_no_gap_and_keeps_the_time_line);
    RUN(a_packet_from_before_the_pause_keeps_its_place_after_it);
    RUN(another_source_follows_without_a_gap_and_later_by_the_time_that_passed);
    RUN(another_source_may_come_much_later);
    RUN(another_source_at_the_same_moment_still_gets_a_later_timestamp);
    RUN(between_packets_the_time_line_of_the_current_source_holds);
    RUN(sequence_numbers_and_timestamps_wrap);
    RUN(a_gap_beyond_repair_closes);
    RUN(places_kept_before_packets_left_out_add_up_to_no_more);
    RUN(the_oldest_segments_are_forgotten);
    RUN(whatever_is_left_out_every_number_is_used_once_and_leads_back);
    return 0;
}
