// Handshakes over networks that lose, double and reorder, in virtual time: OpenSSL's timers follow
// the test's clock, and the figures printed are seconds on that clock.
#include "tests/crypto/dtls_pair.h"

enum { HANDSHAKE_COUNT = 200 };

static uint64_t flights_us[16];
static size_t flights;

static bool note_client_flight(struct pair *pair, struct pair_datagram *datagram) {
    if (datagram->to == PAIR_SERVER && flights < 16)
        flights_us[flights++] = pair->now_us;
    return datagram->to != PAIR_SERVER;
}

TEST(a_flight_is_repeated_when_virtual_time_says_so_and_ends_at_the_deadline) {
    static const uint64_t expected_us[] = {0,       100000,  300000,  700000,  1500000, 2500000,
                                           3500000, 4500000, 5500000, 6500000, 7500000, 8500000,
                                           9500000};
    struct pair *pair = pair_create(1);
    uint64_t queries = virtual_time_query_count();
    pair->tap = note_client_flight;
    flights = 0;
    pair_connect(pair);
    pair_run(pair, 20000000);
    CHECK(virtual_time_query_count() > queries);
    CHECK_EQ(flights, sizeof expected_us / sizeof expected_us[0]);
    for (size_t i = 0; i < flights; i++) {
        uint64_t after_us = flights_us[i] - 1000000;
        // OpenSSL takes a timer for expired when less than 15 ms are left.
        CHECK(after_us <= expected_us[i] && after_us + 15000 * i >= expected_us[i]);
    }
    CHECK_EQ(pair->sides[PAIR_CLIENT].failed, 1);
    CHECK_EQ(pair->sides[PAIR_CLIENT].failure, SOTTO_DTLS_FAILURE_DEADLINE);
    CHECK_EQ(pair->sides[PAIR_SERVER].failed, 0); // it never heard of anyone
    CHECK_EQ(sotto_dtls_poll_timeout(&pair->sides[PAIR_CLIENT].dtls), UINT64_MAX);
    pair_destroy(pair);
}

TEST(a_timeout_that_comes_too_early_does_nothing) {
    struct pair *pair = pair_create(1);
    pair_connect(pair);
    struct sotto_dtls *client = &pair->sides[PAIR_CLIENT].dtls;
    uint64_t timeout_us = sotto_dtls_poll_timeout(client);
    CHECK_EQ(timeout_us, 1100000);
    for (uint64_t now_us = 1000000; now_us < 1080000; now_us += 10000) {
        pair_set_time(pair, now_us);
        sotto_dtls_handle_timeout(client, now_us);
        sotto_dtls_handle_timeout(&pair->sides[PAIR_SERVER].dtls, now_us);
        CHECK_EQ(sotto_dtls_poll_timeout(client), timeout_us);
    }
    pair_pull(pair, PAIR_CLIENT);
    CHECK_EQ(pair->sides[PAIR_CLIENT].sent, 1);
    pair_destroy(pair);
}

static int compare(const void *a, const void *b) {
    const uint64_t *left = a;
    const uint64_t *right = b;
    return (*left > *right) - (*left < *right);
}

// Runs until both sides are connected, or one has given up; the time that took, or 0.
static uint64_t connect_once(struct pair *pair) {
    pair_set_time(pair, 1000000);
    pair_connect(pair);
    for (uint64_t end_us = 1001000; end_us < 25000000; end_us += 1000) {
        pair_run(pair, end_us);
        if (pair->sides[PAIR_SERVER].connected && pair->sides[PAIR_CLIENT].connected)
            return end_us - 1000000;
        if (pair->sides[PAIR_CLIENT].failed)
            break;
    }
    return 0;
}

// The only way not to connect is the deadline.
static void check_deadline(const struct pair *pair) {
    for (int i = 0; i < PAIR_SIDES; i++) {
        if (pair->sides[i].failed)
            CHECK_EQ(pair->sides[i].failure, SOTTO_DTLS_FAILURE_DEADLINE);
    }
}

static size_t connect_many(unsigned loss_percent, unsigned duplicate_percent, uint64_t delay_us_min,
                           uint64_t delay_us_max) {
    static uint64_t times_us[HANDSHAKE_COUNT];
    size_t count = 0;
    int datagrams_max = 0;
    struct pair *pair = pair_create(0);
    pair->loss_percent = loss_percent;
    pair->duplicate_percent = duplicate_percent;
    pair->delay_us_min = delay_us_min;
    pair->delay_us_max = delay_us_max;
    for (uint64_t seed = 0; seed < HANDSHAKE_COUNT; seed++) {
        pair->random = seed * 7919 + loss_percent;
        uint64_t time_us = connect_once(pair);
        int datagrams = pair->sides[PAIR_SERVER].dtls.prefilter.budget_datagrams;
        datagrams_max = datagrams > datagrams_max ? datagrams : datagrams_max;
        CHECK_EQ(pair->sides[PAIR_SERVER].dtls.prefilter.dropped[SOTTO_DTLS_DROP_BUDGET], 0);
        check_deadline(pair);
        if (time_us > 0) {
            pair_check_connected(pair);
            times_us[count++] = time_us;
        }
        pair_disconnect(pair);
    }
    pair_destroy(pair);
    CHECK(count > 0);
    qsort(times_us, count, sizeof times_us[0], compare);
    printf("   %2u %% loss, %2u %% doubled, %3u to %3u ms: %zu of %d connect, median %.2f s, "
           "95 %% %.2f s, slowest %.2f s, budget %d datagrams\n",
           loss_percent, duplicate_percent, (unsigned)delay_us_min / 1000,
           (unsigned)delay_us_max / 1000, count, HANDSHAKE_COUNT, (double)times_us[count / 2] / 1e6,
           (double)times_us[count * 95 / 100] / 1e6, (double)times_us[count - 1] / 1e6,
           datagrams_max);
    return count;
}

TEST(handshakes_complete_on_a_network_that_loses_nothing) {
    CHECK_EQ(connect_many(0, 0, 20000, 20000), HANDSHAKE_COUNT);
}

TEST(handshakes_complete_when_datagrams_are_doubled_and_reordered) {
    CHECK_EQ(connect_many(0, 50, 1000, 150000), HANDSHAKE_COUNT);
}

TEST(handshakes_complete_with_10_percent_loss) {
    CHECK_EQ(connect_many(10, 2, 20000, 60000), HANDSHAKE_COUNT);
}

TEST(handshakes_complete_with_30_percent_loss) {
    CHECK_EQ(connect_many(30, 2, 20000, 60000), HANDSHAKE_COUNT);
}

// With half of both directions lost, one repetition in four comes through, and about twelve fit
// before the deadline.
TEST(nine_of_ten_handshakes_complete_with_50_percent_loss) {
    CHECK(connect_many(50, 2, 20000, 60000) >= HANDSHAKE_COUNT * 9 / 10);
}

TEST(handshakes_complete_over_a_path_of_600_milliseconds_and_10_percent_loss) {
    CHECK_EQ(connect_many(10, 2, 250000, 350000), HANDSHAKE_COUNT);
}

int main(void) {
    RUN(a_flight_is_repeated_when_virtual_time_says_so_and_ends_at_the_deadline);
    RUN(a_timeout_that_comes_too_early_does_nothing);
    RUN(handshakes_complete_on_a_network_that_loses_nothing);
    RUN(handshakes_complete_when_datagrams_are_doubled_and_reordered);
    RUN(handshakes_complete_with_10_percent_loss);
    RUN(handshakes_complete_with_30_percent_loss);
    RUN(nine_of_ten_handshakes_complete_with_50_percent_loss);
    RUN(handshakes_complete_over_a_path_of_600_milliseconds_and_10_percent_loss);
    return 0;
}
