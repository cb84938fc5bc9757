#include "proto/ice_check_list.h"

#include "tests/check.h"

static struct sotto_ice_check_list list;

static struct sotto_address numbered(unsigned number) {
    const uint8_t bytes[4] = {10, 0, 0, 1};
    return sotto_address_from_ipv4(bytes, (uint16_t)(5000 + number));
}

// Locals 0 to 2 and remotes 100 to 101, the smaller number the better; six pairs, in state `state`.
static void begin(enum sotto_ice_pair_state state) {
    sotto_ice_check_list_init(&list);
    for (unsigned i = 0; i < 3; i++) {
        struct sotto_address address = numbered(i);
        CHECK(sotto_ice_check_list_add_local(&list, &address, 126u << 24 | (10 - i) << 8 | 255));
    }
    for (unsigned i = 0; i < 2; i++) {
        struct sotto_address address = numbered(100 + i);
        CHECK(sotto_ice_check_list_add_remote(&list, &address, 1000 - i));
    }
    CHECK_EQ(list.pair_count, 6);
    sotto_ice_check_list_reset(&list, state, 1000);
}

static size_t find(unsigned local, unsigned remote) {
    struct sotto_address local_address = numbered(local);
    struct sotto_address remote_address = numbered(100 + remote);
    size_t index = sotto_ice_check_list_find(&list, &local_address, &remote_address);
    CHECK(index < list.pair_count);
    return index;
}

// RFC 8445 section 6.1.2.3: 2^32 * MIN(G, D) + 2 * MAX(G, D) + (G > D ? 1 : 0).
TEST(pairs_have_the_priority_of_the_rfc) {
    static const struct {
        uint32_t local, remote;
        uint64_t priority;
    } cases[] = {
        {1, 2, 0x100000004}, {2, 1, 0x100000005}, {7, 7, 0x70000000e},
        {0x7e0064ff, 0xffffffff, 0x7e0064ff00000000 + 0x1fffffffe},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct sotto_address local = numbered(0);
        struct sotto_address remote = numbered(1);
        sotto_ice_check_list_init(&list);
        CHECK(sotto_ice_check_list_add_local(&list, &local, cases[i].local));
        CHECK(sotto_ice_check_list_add_remote(&list, &remote, cases[i].remote));
        CHECK_EQ(list.pair_count, 1);
        CHECK(list.pairs[0].priority == cases[i].priority);
    }
}

TEST(pairs_are_found_by_their_addresses) {
    begin(SOTTO_ICE_PAIR_IDLE);
    for (unsigned local = 0; local < 3; local++) {
        for (unsigned remote = 0; remote < 2; remote++) {
            const struct sotto_ice_pair *pair = &list.pairs[find(local, remote)];
            CHECK_EQ(pair->local.port, 5000 + local);
            CHECK_EQ(pair->remote.port, 5100 + remote);
        }
    }
    struct sotto_address local = numbered(0);
    CHECK_EQ(sotto_ice_check_list_find(&list, &local, &local), SOTTO_ICE_NO_PAIR);
}

TEST(the_pair_that_waits_longest_is_due_next) {
    begin(SOTTO_ICE_PAIR_WAITING);
    CHECK_EQ(sotto_ice_check_list_next_due(&list), find(0, 0));
    list.pairs[find(0, 0)].due_ms = 1001;
    CHECK_EQ(sotto_ice_check_list_next_due(&list), find(1, 0));
    list.pairs[find(2, 1)].due_ms = 999;
    CHECK_EQ(sotto_ice_check_list_next_due(&list), find(2, 1));
    sotto_ice_check_list_reset(&list, SOTTO_ICE_PAIR_SUCCEEDED, 0);
    CHECK_EQ(sotto_ice_check_list_next_due(&list), SOTTO_ICE_NO_PAIR);
}

TEST(the_best_pair_is_one_that_succeeded) {
    begin(SOTTO_ICE_PAIR_WAITING);
    CHECK_EQ(sotto_ice_check_list_best(&list), SOTTO_ICE_NO_PAIR);
    list.pairs[find(2, 1)].state = SOTTO_ICE_PAIR_SUCCEEDED;
    list.pairs[find(1, 1)].state = SOTTO_ICE_PAIR_SUCCEEDED;
    list.pairs[find(0, 0)].state = SOTTO_ICE_PAIR_FAILED;
    CHECK_EQ(sotto_ice_check_list_best(&list), find(1, 1));
    CHECK_EQ(sotto_ice_check_list_open_count(&list), 3);
    CHECK(sotto_ice_check_list_better_is_open(&list, find(1, 1)));
    list.pairs[find(0, 1)].state = SOTTO_ICE_PAIR_FAILED;
    list.pairs[find(1, 0)].state = SOTTO_ICE_PAIR_IN_PROGRESS;
    CHECK(sotto_ice_check_list_better_is_open(&list, find(1, 1)));
    list.pairs[find(1, 0)].state = SOTTO_ICE_PAIR_FAILED;
    list.pairs[find(2, 0)].state = SOTTO_ICE_PAIR_IDLE;
    CHECK(!sotto_ice_check_list_better_is_open(&list, find(1, 1)));
}

TEST(removing_a_local_address_keeps_the_places_of_the_others) {
    for (unsigned removed = 0; removed < 3; removed++) {
        for (unsigned selected = 0; selected < 3; selected++) {
            begin(SOTTO_ICE_PAIR_WAITING);
            list.selected = find(selected, 1);
            list.nominated = find((selected + 1) % 3, 0);
            struct sotto_address address = numbered(removed);
            sotto_ice_check_list_remove_local(&list, &address);
            CHECK_EQ(list.pair_count, 4);
            CHECK_EQ(list.local_count, 2);
            size_t kept = selected == removed ? (size_t)SOTTO_ICE_NO_PAIR : find(selected, 1);
            CHECK_EQ(list.selected, kept);
            unsigned nominated = (selected + 1) % 3;
            kept = nominated == removed ? (size_t)SOTTO_ICE_NO_PAIR : find(nominated, 0);
            CHECK_EQ(list.nominated, kept);
            CHECK(sotto_ice_check_list_add_local(&list, &address, 1));
            CHECK_EQ(list.pair_count, 6);
        }
    }
}

int main(void) {
    RUN(pairs_have_the_priority_of_the_rfc);
    RUN(pairs_are_found_by_their_addresses);
    RUN(the_pair_that_waits_longest_is_due_next);
    RUN(the_best_pair_is_one_that_succeeded);
    RUN(removing_a_local_address_keeps_the_places_of_the_others);
    return 0;
}
