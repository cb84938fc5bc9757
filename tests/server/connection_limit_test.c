#include "server/connection_limit.h"
#include "tests/check.h"

static struct sotto_connection_limit limit;

TEST(a_network_and_all_together_are_bounded) {
    CHECK(sotto_connection_limit_create(&limit, 5, 3, 1));
    for (int i = 0; i < 3; i++)
        CHECK(sotto_connection_limit_add(&limit, 10));
    CHECK(!sotto_connection_limit_has_room(&limit, 10));
    CHECK(!sotto_connection_limit_add(&limit, 10));
    CHECK(sotto_connection_limit_add(&limit, 11));
    CHECK(sotto_connection_limit_add(&limit, 12));
    CHECK(!sotto_connection_limit_add(&limit, 13));
    sotto_connection_limit_remove(&limit, 10);
    CHECK(sotto_connection_limit_has_room(&limit, 10));
    CHECK(sotto_connection_limit_add(&limit, 13));
    sotto_connection_limit_destroy(&limit);
}

// Against a plain array of counts, with so few places that runs of neighbours form and break.
TEST(it_counts_like_a_plain_table_over_many_random_steps) {
    enum { NETWORKS = 40, STEPS = 200000 };
    uint32_t counts[NETWORKS] = {0}, total = 0;
    uint64_t random = 12345;
    CHECK(sotto_connection_limit_create(&limit, 24, 4, 77));
    for (int step = 0; step < STEPS; step++) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        size_t network = (random >> 33) % NETWORKS;
        bool add = random >> 63 || total == 0;
        if (add) {
            bool expected = total < 24 && counts[network] < 4;
            CHECK_EQ(sotto_connection_limit_add(&limit, network), expected);
            counts[network] += expected;
            total += expected;
        } else if (counts[network] > 0) {
            sotto_connection_limit_remove(&limit, network);
            counts[network]--;
            total--;
        }
        CHECK_EQ(limit.total, total);
    }
    for (size_t network = 0; network < NETWORKS; network++)
        for (; counts[network] > 0; counts[network]--)
            sotto_connection_limit_remove(&limit, network);
    for (size_t i = 0; i < limit.capacity; i++)
        CHECK_EQ(limit.entries[i].count, 0);
    sotto_connection_limit_destroy(&limit);
}

int main(void) {
    RUN(a_network_and_all_together_are_bounded);
    RUN(it_counts_like_a_plain_table_over_many_random_steps);
    return 0;
}
