#include "sfu/resend_limit.h"

#include "tests/check.h"

enum { MS = 1000, ROUND_TRIP = 80 };

static struct sotto_resend_limit limit;

static bool take(uint64_t now_us, uint64_t sequence, size_t size) {
    return sotto_resend_limit_take(&limit, now_us, ROUND_TRIP, sequence, size);
}

TEST(a_packet_goes_out_again_at_most_once_per_round_trip) {
    sotto_resend_limit_init(&limit, 0);
    CHECK(take(0, 7, 100));
    CHECK(!take(1 * MS, 7, 100));
    CHECK(!take(79 * MS, 7, 100));
    CHECK(take(80 * MS, 7, 100));
    CHECK(!take(81 * MS, 7, 100));
    CHECK(take(81 * MS, 8, 100));
}

TEST(a_number_in_a_taken_slot_waits_too) {
    sotto_resend_limit_init(&limit, 0);
    CHECK(take(0, 7, 100));
    CHECK(!take(1 * MS, 7 + SOTTO_RESEND_SLOT_COUNT, 100));
    CHECK(take(80 * MS, 7 + SOTTO_RESEND_SLOT_COUNT, 100));
}

TEST(the_first_call_is_granted_at_any_time) {
    static const uint64_t times[] = {0, 1, 4294967295U * UINT64_C(1000), UINT64_C(1) << 60};
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        sotto_resend_limit_init(&limit, times[i]);
        CHECK(take(times[i], 7, 100));
    }
}

// Bytes on the wire of ten seconds of packets, each asked for again at once and for ever.
static void check_share(size_t payload_size) {
    sotto_resend_limit_init(&limit, 0);
    size_t wire_size = payload_size + SOTTO_RESEND_OVERHEAD_SIZE;
    size_t sent = 0;
    size_t resent = 0;
    for (uint64_t i = 0; i < 10000; i++) {
        sotto_resend_limit_add(&limit, payload_size);
        sent += wire_size;
        for (int tries = 0; tries < 5; tries++)
            if (take(i * MS, i * 5 + (uint64_t)tries, payload_size))
                resent += wire_size;
    }
    CHECK(resent <= SOTTO_RESEND_CREDIT_SIZE_FIRST + sent * SOTTO_RESEND_SHARE_PERCENT / 100);
    CHECK(resent > sent * (SOTTO_RESEND_SHARE_PERCENT - 5) / 100);
}

TEST(retransmissions_stay_below_their_share_on_the_wire_however_small_they_are) {
    static const size_t sizes[] = {1, 4, 24, 200, 1000, SOTTO_RTP_PAYLOAD_SIZE_MAX};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        check_share(sizes[i]);
}

TEST(unused_credit_is_saved_up_to_a_bound) {
    sotto_resend_limit_init(&limit, 0);
    for (int i = 0; i < 100000; i++)
        sotto_resend_limit_add(&limit, 1000);
    size_t burst = 0;
    for (uint64_t i = 0; take(0, i, 1000); i++)
        burst += 1000;
    CHECK_EQ(burst / 1000, SOTTO_RESEND_CREDIT_SIZE_MAX / (1000 + SOTTO_RESEND_OVERHEAD_SIZE));
}

TEST(what_is_refused_is_not_booked) {
    sotto_resend_limit_init(&limit, 0);
    CHECK(take(0, 1, SOTTO_RESEND_CREDIT_SIZE_FIRST - 2 * SOTTO_RESEND_OVERHEAD_SIZE - 10));
    CHECK(!take(0, 2, 11));
    CHECK(take(0, 2, 10));
}

int main(void) {
    RUN(a_packet_goes_out_again_at_most_once_per_round_trip);
    RUN(a_number_in_a_taken_slot_waits_too);
    RUN(the_first_call_is_granted_at_any_time);
    RUN(retransmissions_stay_below_their_share_on_the_wire_however_small_they_are);
    RUN(unused_credit_is_saved_up_to_a_bound);
    RUN(what_is_refused_is_not_booked);
    return 0;
}
