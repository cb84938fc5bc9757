#include "sfu/ssrc_table.h"

#include "tests/check.h"

enum { COUNT = 64, KEYS = 40 };

static struct sotto_ssrc_entry memory[COUNT];
static struct sotto_ssrc_table table;

static bool add(uint32_t owner, uint32_t ssrc, uint32_t track) {
    struct sotto_ssrc_entry entry = {
        .use = SOTTO_SSRC_TRACK_UP, .owner = owner, .ssrc = ssrc, .track = track};
    return sotto_ssrc_table_add(&table, &entry);
}

static long long find(uint32_t owner, uint32_t ssrc) {
    struct sotto_ssrc_entry entry = sotto_ssrc_table_find(&table, owner, ssrc);
    return entry.use == SOTTO_SSRC_UNKNOWN ? -1 : (long long)entry.track;
}

TEST(an_ssrc_belongs_to_the_peer_that_it_was_added_for) {
    sotto_ssrc_table_init(&table, memory, COUNT, 1);
    CHECK(add(1, 1000, 5));
    CHECK(add(2, 1000, 6));
    CHECK_EQ(find(1, 1000), 5);
    CHECK_EQ(find(2, 1000), 6);
    CHECK_EQ(find(3, 1000), -1);
    CHECK_EQ(find(1, 1001), -1);
    CHECK(!add(1, 1000, 7));
    CHECK_EQ(find(1, 1000), 5);
}

TEST(at_most_half_of_the_table_is_used) {
    sotto_ssrc_table_init(&table, memory, COUNT, 1);
    for (uint32_t i = 0; i < COUNT / 2; i++)
        CHECK(add(1, i, i));
    CHECK(!add(1, 1000, 0));
    sotto_ssrc_table_remove(&table, 1, 3);
    CHECK(add(1, 1000, 0));
}

TEST(removing_what_is_not_there_changes_nothing) {
    sotto_ssrc_table_init(&table, memory, COUNT, 1);
    CHECK(add(1, 5, 5));
    sotto_ssrc_table_remove(&table, 1, 6);
    sotto_ssrc_table_remove(&table, 2, 5);
    CHECK_EQ(find(1, 5), 5);
    CHECK_EQ(table.used_count, 1);
}

// Few places, so that entries displace each other all the time; against a plain array.
TEST(after_any_history_the_table_knows_what_was_added_and_not_removed) {
    uint32_t random = 3;
    for (uint64_t seed = 0; seed < 50; seed++) {
        bool there[KEYS] = {false};
        sotto_ssrc_table_init(&table, memory, COUNT, seed * UINT64_C(0x123456789ABCDEF));
        for (int i = 0; i < 400; i++) {
            random = random * 1664525 + 1013904223;
            uint32_t key = (random >> 8) % KEYS;
            if (random >> 31) {
                bool expected = !there[key] && table.used_count < COUNT / 2;
                CHECK_EQ(add(key % 3, key, key), expected);
                there[key] = there[key] || expected;
            } else {
                sotto_ssrc_table_remove(&table, key % 3, key);
                there[key] = false;
            }
            for (uint32_t other = 0; other < KEYS; other++)
                CHECK_EQ(find(other % 3, other), there[other] ? (long long)other : -1);
        }
    }
}

int main(void) {
    RUN(an_ssrc_belongs_to_the_peer_that_it_was_added_for);
    RUN(at_most_half_of_the_table_is_used);
    RUN(removing_what_is_not_there_changes_nothing);
    RUN(after_any_history_the_table_knows_what_was_added_and_not_removed);
    return 0;
}
