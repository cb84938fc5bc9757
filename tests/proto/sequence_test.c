#include "proto/sequence.h"

#include "tests/check.h"

TEST(newer_means_less_than_half_the_circle_ahead) {
    CHECK(sotto_sequence_newer(1, 0));
    CHECK(!sotto_sequence_newer(0, 1));
    CHECK(!sotto_sequence_newer(7, 7));
    CHECK(sotto_sequence_newer(0, 65535));
    CHECK(!sotto_sequence_newer(65535, 0));
    CHECK(sotto_sequence_newer(32767, 0));
    CHECK(!sotto_sequence_newer(32768, 0));
    CHECK(!sotto_sequence_newer(0, 32768));
}

TEST(of_any_two_numbers_exactly_one_is_newer_unless_they_are_opposite) {
    for (uint32_t a = 0; a < 65536; a += 257) {
        for (uint32_t b = 0; b < 65536; b++) {
            bool forward = sotto_sequence_newer((uint16_t)a, (uint16_t)b);
            bool backward = sotto_sequence_newer((uint16_t)b, (uint16_t)a);
            bool tie = a == b || ((a - b) & 0xFFFF) == 0x8000;
            CHECK_EQ(forward + backward, tie ? 0 : 1);
        }
    }
}

TEST(distances_wrap) {
    CHECK_EQ(sotto_sequence_distance(65535, 2), 3);
    CHECK_EQ(sotto_sequence_distance(2, 65535), -3);
    CHECK_EQ(sotto_sequence_distance(0, 32768), -32768);
    CHECK_EQ(sotto_sequence_distance(5, 5), 0);
}

TEST(an_extender_counts_wraps_and_keeps_late_packets_in_their_cycle) {
    struct sotto_sequence_extender extender = {0};
    CHECK_EQ(sotto_sequence_advance(&extender, 65534), 0x1FFFE);
    CHECK_EQ(sotto_sequence_advance(&extender, 1), 0x20001);
    CHECK_EQ(sotto_sequence_advance(&extender, 65535), 0x1FFFF);
    CHECK_EQ(extender.highest, 0x20001);
    CHECK_EQ(sotto_sequence_extend(&extender, 2), 0x20002);
    CHECK_EQ(extender.highest, 0x20001);
    CHECK_EQ(sotto_sequence_advance(&extender, 40000), 0x19C40);
}

TEST(packets_from_before_the_first_have_smaller_numbers) {
    struct sotto_sequence_extender extender = {0};
    CHECK_EQ(sotto_sequence_advance(&extender, 3), 0x10003);
    CHECK_EQ(sotto_sequence_advance(&extender, 65530), 0xFFFA);
    CHECK_EQ(extender.highest, 0x10003);
}

TEST(an_extender_never_goes_below_zero) {
    struct sotto_sequence_extender extender = {.highest = 5, .started = true};
    CHECK_EQ(sotto_sequence_extend(&extender, 65530), 65530);
    CHECK_EQ(sotto_sequence_extend(&extender, 4), 4);
}

TEST(a_million_packets_out_of_order_extend_to_what_was_sent) {
    struct sotto_sequence_extender extender = {0};
    uint32_t seed = 1;
    (void)sotto_sequence_advance(&extender, 100);
    for (uint64_t sent = 0x10000 + 100; sent < 1000000; sent++) {
        seed = seed * 1664525 + 1013904223;
        uint64_t late = sent - (seed >> 24);
        uint64_t extended = sotto_sequence_advance(&extender, (uint16_t)late);
        CHECK_EQ(extended, late);
    }
}

int main(void) {
    RUN(newer_means_less_than_half_the_circle_ahead);
    RUN(of_any_two_numbers_exactly_one_is_newer_unless_they_are_opposite);
    RUN(distances_wrap);
    RUN(an_extender_counts_wraps_and_keeps_late_packets_in_their_cycle);
    RUN(packets_from_before_the_first_have_smaller_numbers);
    RUN(an_extender_never_goes_below_zero);
    RUN(a_million_packets_out_of_order_extend_to_what_was_sent);
    return 0;
}
