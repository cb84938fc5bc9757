#include "server/rate_limit.h"
#include "tests/check.h"

static struct sotto_rate_limit limit;
static uint64_t wait_ms;

static int count_allowed(uint64_t network, uint64_t now_ms, int tries) {
    int allowed = 0;
    for (int i = 0; i < tries; i++)
        allowed += sotto_rate_limit_allow(&limit, network, now_ms, &wait_ms);
    return allowed;
}

TEST(a_network_gets_its_share_at_once_and_then_evenly) {
    sotto_rate_limit_init(&limit, 3, 60000, 1);
    CHECK_EQ(count_allowed(7, 1000, 10), 3);
    CHECK_EQ(wait_ms, 20000);
    CHECK_EQ(count_allowed(7, 20999, 1), 0);
    CHECK_EQ(wait_ms, 1);
    CHECK_EQ(count_allowed(7, 21000, 2), 1);
    CHECK_EQ(count_allowed(7, 1000000, 10), 3);
}

TEST(the_wait_is_long_enough) {
    sotto_rate_limit_init(&limit, 7, 1000, 1);
    uint64_t now_ms = 5;
    for (int i = 0; i < 1000; i++) {
        if (sotto_rate_limit_allow(&limit, 1, now_ms, &wait_ms))
            continue;
        CHECK(wait_ms >= 1 && wait_ms <= 143);
        now_ms += wait_ms;
        CHECK(sotto_rate_limit_allow(&limit, 1, now_ms, &wait_ms));
    }
    // 7 at once, then 7 a second: 1000 tries took their time.
    CHECK(now_ms > 70000);
}

TEST(networks_do_not_share) {
    sotto_rate_limit_init(&limit, 1, 1000, 99);
    for (uint64_t network = 0; network < 200; network++)
        CHECK_EQ(count_allowed(network, 5, 2), 1);
}

TEST(a_crowd_of_others_does_not_break_it) {
    sotto_rate_limit_init(&limit, 2, 1000, 99);
    for (uint64_t network = 0; network < 100000; network++)
        CHECK(sotto_rate_limit_allow(&limit, network, network, &wait_ms));
}

int main(void) {
    RUN(a_network_gets_its_share_at_once_and_then_evenly);
    RUN(the_wait_is_long_enough);
    RUN(networks_do_not_share);
    RUN(a_crowd_of_others_does_not_break_it);
    return 0;
}
