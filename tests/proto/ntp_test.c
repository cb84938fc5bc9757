#include "proto/ntp.h"

#include "proto/limits.h"
#include "tests/check.h"

static const uint64_t second = UINT64_C(1) << 32;

TEST(the_unix_epoch_is_2208988800_s_after_1900) {
    CHECK_EQ(sotto_ntp_from_us(0, 0), 2208988800u * second);
    CHECK_EQ(sotto_ntp_from_us(500000, 0), 2208988800u * second + second / 2);
    CHECK_EQ(sotto_ntp_from_us(0, 1500000), 2208988801u * second + second / 2);
    CHECK_EQ(sotto_ntp_from_us(3000000, -1000000), 2208988802u * second);
}

TEST(the_era_wraps_in_2036) {
    // 2036-02-07 06:28:16 UTC.
    CHECK_EQ(sotto_ntp_from_us(UINT64_C(2085978496) * 1000000, 0), 0);
    CHECK_EQ(sotto_ntp_from_us(UINT64_C(2085978497) * 1000000, 0), second);
}

TEST(the_middle_is_16_bits_of_seconds_and_16_of_fraction) {
    CHECK_EQ(sotto_ntp_middle(0x0123456789ABCDEF), 0x456789AB);
}

TEST(spans_convert_and_saturate) {
    CHECK_EQ(sotto_ntp_span_from_us(0), 0);
    CHECK_EQ(sotto_ntp_span_from_us(1000000), 65536);
    CHECK_EQ(sotto_ntp_span_from_us(UINT64_C(65535999985)), 0xFFFFFFFF);
    CHECK_EQ(sotto_ntp_span_from_us(UINT64_C(65536000000)), 0xFFFFFFFF);
    CHECK_EQ(sotto_ntp_span_from_us(UINT64_MAX), 0xFFFFFFFF);
    CHECK_EQ(sotto_ntp_span_to_us(65536), 1000000);
    CHECK_EQ(sotto_ntp_span_to_us(32768), 500000);
}

// RFC 3550 figure 2: a sender report of 46853.125 s, answered 5.250 s after it came, and the answer
// back at 46864.500 s: a round trip of 6.125 s.
TEST(the_example_of_rfc_3550_figure_2_comes_out) {
    uint64_t arrival = UINT64_C(0xB44DB710) << 32 | 0x80000000;
    uint64_t sent = UINT64_C(0xB44DB705) << 32 | 0x20000000;
    CHECK_EQ(sotto_ntp_middle(sent), 0xB7052000);
    uint64_t round_trip_us;
    CHECK(sotto_ntp_round_trip(arrival, 0xB7052000, 0x00054000, &round_trip_us));
    CHECK_EQ(round_trip_us, 6125000);
}

TEST(a_report_before_the_first_sender_report_measures_nothing) {
    uint64_t round_trip_us = 1;
    CHECK(!sotto_ntp_round_trip(second * 100, 0, 0, &round_trip_us));
    CHECK_EQ(round_trip_us, 0);
}

TEST(clocks_that_run_apart_give_zero) {
    uint64_t round_trip_us = 1;
    CHECK(sotto_ntp_round_trip(second * 100, 100 << 16, 1, &round_trip_us));
    CHECK_EQ(round_trip_us, 0);
}

TEST(a_wrong_report_measures_nothing) {
    uint64_t round_trip_us = 1;
    uint32_t limit_s = SOTTO_ROUND_TRIP_US_MAX / 1000000;
    CHECK(sotto_ntp_round_trip(second * 100, (100 - limit_s) << 16, 0, &round_trip_us));
    CHECK_EQ(round_trip_us, SOTTO_ROUND_TRIP_US_MAX);
    CHECK(!sotto_ntp_round_trip(second * 100, (99 - limit_s) << 16, 0, &round_trip_us));
    CHECK_EQ(round_trip_us, 0);
}

int main(void) {
    RUN(the_unix_epoch_is_2208988800_s_after_1900);
    RUN(the_era_wraps_in_2036);
    RUN(the_middle_is_16_bits_of_seconds_and_16_of_fraction);
    RUN(spans_convert_and_saturate);
    RUN(the_example_of_rfc_3550_figure_2_comes_out);
    RUN(a_report_before_the_first_sender_report_measures_nothing);
    RUN(clocks_that_run_apart_give_zero);
    RUN(a_wrong_report_measures_nothing);
    return 0;
}
