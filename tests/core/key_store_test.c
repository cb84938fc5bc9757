#include "core/key_store.h"

#include "tests/core/streams.h"

static uint32_t current_kid(const struct sotto_key_store *store) {
    const struct sotto_key_store_entry *entry = sotto_key_store_current(store);
    return entry ? entry->kid : 0;
}

static uint32_t newest_kid(const struct sotto_key_store *store) {
    const struct sotto_key_store_entry *entry = sotto_key_store_newest(store);
    return entry ? entry->kid : 0;
}

static size_t count_secrets(const struct sotto_key_store *store) {
    size_t count = 0;
    for (size_t i = 0; i < SOTTO_ROOM_SECRETS_MAX; i++)
        count += store->entries[i].kid != 0;
    return count;
}

static bool holds(const struct sotto_key_store *store, uint32_t number) {
    struct sotto_room_secret secret = make_secret(number);
    const struct sotto_room_secret *found = sotto_key_store_find(store, kid_of(secret));
    return found && memcmp(found->bytes, secret.bytes, sizeof secret.bytes) == 0;
}

TEST(an_empty_store_has_no_secret_at_all) {
    struct sotto_key_store store;
    sotto_key_store_init(&store);
    CHECK(!sotto_key_store_current(&store));
    CHECK(!sotto_key_store_find(&store, 0));
    CHECK(!sotto_key_store_remove(&store, 0));
}

TEST(the_secret_set_last_is_the_current_one) {
    struct sotto_key_store store;
    sotto_key_store_init(&store);
    for (uint32_t number = 0; number < 3; number++) {
        set_secret(&store, number);
        CHECK_EQ(current_kid(&store), kid_of(make_secret(number)));
    }
    CHECK(holds(&store, 0) && holds(&store, 1) && holds(&store, 2));
}

TEST(setting_a_known_secret_again_makes_it_current_without_a_second_place) {
    struct sotto_key_store store;
    sotto_key_store_init(&store);
    set_secret(&store, 0);
    set_secret(&store, 1);
    set_secret(&store, 0);
    CHECK_EQ(current_kid(&store), kid_of(make_secret(0)));
    CHECK_EQ(count_secrets(&store), 2);
}

TEST(the_17th_secret_takes_the_place_of_the_one_set_longest_ago) {
    struct sotto_key_store store;
    sotto_key_store_init(&store);
    for (uint32_t number = 0; number < 16; number++)
        set_secret(&store, number);
    set_secret(&store, 0); // now 1 is the oldest
    set_secret(&store, 16);
    CHECK(!holds(&store, 1));
    for (uint32_t number = 0; number <= 16; number++)
        CHECK_EQ(holds(&store, number), number != 1);
    set_secret(&store, 17);
    CHECK(!holds(&store, 2));
    CHECK_EQ(current_kid(&store), kid_of(make_secret(17)));
}

TEST(a_removed_place_is_filled_before_another_secret_gives_way) {
    struct sotto_key_store store;
    sotto_key_store_init(&store);
    for (uint32_t number = 0; number < 16; number++)
        set_secret(&store, number);
    CHECK(sotto_key_store_remove(&store, kid_of(make_secret(9))));
    set_secret(&store, 16);
    for (uint32_t number = 0; number <= 16; number++)
        CHECK_EQ(holds(&store, number), number != 9);
}

TEST(without_its_current_secret_a_store_falls_back_to_none) {
    struct sotto_key_store store;
    sotto_key_store_init(&store);
    set_secret(&store, 0);
    set_secret(&store, 1);
    CHECK(sotto_key_store_remove(&store, kid_of(make_secret(1))));
    CHECK(!sotto_key_store_remove(&store, kid_of(make_secret(1))));
    CHECK(!sotto_key_store_current(&store));
    CHECK(holds(&store, 0));
    set_secret(&store, 0);
    CHECK_EQ(current_kid(&store), kid_of(make_secret(0)));
}

TEST(a_known_secret_can_be_used_again_and_stays_as_old_as_it_is) {
    struct sotto_key_store store;
    sotto_key_store_init(&store);
    CHECK(!sotto_key_store_use(&store, 0));
    for (uint32_t number = 0; number < 16; number++)
        set_secret(&store, number);
    uint64_t generation = store.generation;
    CHECK(!sotto_key_store_use(&store, kid_of(make_secret(16))));
    CHECK(sotto_key_store_use(&store, kid_of(make_secret(15))));
    CHECK_EQ(store.generation, generation);
    CHECK(sotto_key_store_use(&store, kid_of(make_secret(0))));
    CHECK(store.generation > generation);
    CHECK_EQ(current_kid(&store), kid_of(make_secret(0)));
    CHECK_EQ(newest_kid(&store), kid_of(make_secret(15)));

    // The oldest one, but the one that seals does not give way.
    struct sotto_room_secret another = make_secret(16);
    CHECK_EQ(sotto_key_store_add(&store, &another), SOTTO_OK);
    CHECK(holds(&store, 0));
    CHECK(!holds(&store, 1));
    CHECK_EQ(current_kid(&store), kid_of(make_secret(0)));
}

TEST(a_secret_that_is_added_opens_and_seals_only_if_nothing_else_does) {
    struct sotto_key_store store;
    sotto_key_store_init(&store);
    for (uint32_t number = 0; number < 2; number++) {
        struct sotto_room_secret secret = make_secret(number);
        CHECK_EQ(sotto_key_store_add(&store, &secret), SOTTO_OK);
        CHECK(holds(&store, number));
        CHECK_EQ(newest_kid(&store), kid_of(secret));
        CHECK_EQ(current_kid(&store), kid_of(make_secret(0)));
    }
    CHECK(sotto_key_store_use(&store, kid_of(make_secret(1))));
    CHECK_EQ(current_kid(&store), kid_of(make_secret(1)));
}

TEST(removing_an_old_secret_leaves_the_current_one) {
    struct sotto_key_store store;
    sotto_key_store_init(&store);
    set_secret(&store, 0);
    set_secret(&store, 1);
    CHECK(sotto_key_store_remove(&store, kid_of(make_secret(0))));
    CHECK(!holds(&store, 0));
    CHECK_EQ(current_kid(&store), kid_of(make_secret(1)));
}

static void tell_time(struct sotto_key_store *store, uint64_t from_ms, uint64_t to_ms) {
    for (uint64_t now_ms = from_ms; now_ms <= to_ms; now_ms += SOTTO_TICK_MS_MAX)
        sotto_key_store_handle_timeout(store, now_ms);
}

TEST(an_older_secret_ends_within_a_minute_and_the_newest_never) {
    struct sotto_key_store store;
    sotto_key_store_init(&store);
    set_secret(&store, 0);
    tell_time(&store, 1000, 200000);
    CHECK(holds(&store, 0));
    set_secret(&store, 1); // at 200 s
    tell_time(&store, 200200, 259400);
    CHECK(holds(&store, 0));
    uint64_t generation = store.generation;
    CHECK(!sotto_key_store_handle_timeout(&store, 259600));
    CHECK(sotto_key_store_handle_timeout(&store, 260000));
    CHECK(!holds(&store, 0) && holds(&store, 1));
    CHECK(store.generation > generation);
    CHECK_EQ(count_secrets(&store), 1);
    tell_time(&store, 260200, 900000);
    CHECK(holds(&store, 1));
}

TEST(a_secret_that_is_set_again_is_the_newest_and_has_no_end) {
    struct sotto_key_store store;
    sotto_key_store_init(&store);
    set_secret(&store, 0);
    set_secret(&store, 1);
    tell_time(&store, 0, 59000);
    set_secret(&store, 0);
    tell_time(&store, 59000, 118000);
    CHECK(holds(&store, 0) && holds(&store, 1));
    tell_time(&store, 118200, 200000);
    CHECK(holds(&store, 0) && !holds(&store, 1));
    set_secret(&store, 2); // only now its minute begins
    tell_time(&store, 200000, 259000);
    CHECK(holds(&store, 0));
}

TEST(a_secret_that_ends_while_it_seals_leaves_nothing_to_seal_with) {
    struct sotto_key_store store;
    sotto_key_store_init(&store);
    struct sotto_room_secret secrets[] = {make_secret(0), make_secret(1)};
    for (size_t i = 0; i < 2; i++)
        CHECK_EQ(sotto_key_store_add(&store, &secrets[i]), SOTTO_OK);
    CHECK_EQ(current_kid(&store), kid_of(secrets[0]));
    tell_time(&store, 0, 60000);
    CHECK_EQ(current_kid(&store), 0);
    CHECK_EQ(newest_kid(&store), kid_of(secrets[1]));
}

TEST(a_secret_kept_for_stored_data_opens_no_media_after_its_end) {
    struct sotto_key_store store;
    sotto_key_store_init(&store);
    set_secret(&store, 0);
    const uint32_t kid = kid_of(make_secret(0));
    CHECK(sotto_key_store_keep(&store, kid));
    CHECK(!sotto_key_store_keep(&store, kid_of(make_secret(7))));
    set_secret(&store, 1);
    CHECK(sotto_key_store_find(&store, kid) && sotto_key_store_find_stored(&store, kid));
    tell_time(&store, 0, 60000);
    CHECK(!sotto_key_store_find(&store, kid) && sotto_key_store_find_stored(&store, kid));
    CHECK(!sotto_key_store_find_stored(&store, kid_of(make_secret(7))));
    CHECK(!sotto_key_store_use(&store, kid));

    // Set again it is a key like any other; it is the first to give way.
    set_secret(&store, 0);
    CHECK(holds(&store, 0));
    set_secret(&store, 1);
    tell_time(&store, 60000, 120000);
    for (uint32_t number = 2; number <= 16; number++)
        set_secret(&store, number);
    CHECK(!sotto_key_store_find_stored(&store, kid));
    CHECK(sotto_key_store_remove(&store, kid_of(make_secret(3))));
    CHECK(!sotto_key_store_find_stored(&store, kid_of(make_secret(3))));
}

struct numbered {
    uint32_t kid;
    uint32_t number;
};

static int compare_kids(const void *left, const void *right) {
    uint32_t a = ((const struct numbered *)left)->kid;
    uint32_t b = ((const struct numbered *)right)->kid;
    return (a > b) - (a < b);
}

// Two secrets with the same key id: among 2^18 secrets and 2^31 key ids some 16 pairs are expected.
static void find_collision(struct numbered pair[2]) {
    enum { COUNT = 1 << 18 };
    struct numbered *all = malloc(COUNT * sizeof *all);
    CHECK(all);
    for (uint32_t number = 0; number < COUNT; number++)
        all[number] = (struct numbered){kid_of(make_secret(number)), number};
    qsort(all, COUNT, sizeof *all, compare_kids);
    size_t i = 1;
    while (i < COUNT && all[i].kid != all[i - 1].kid)
        i++;
    CHECK(i < COUNT);
    pair[0] = all[i - 1];
    pair[1] = all[i];
    free(all);
}

TEST(a_secret_whose_kid_is_taken_by_another_is_refused) {
    struct numbered pair[2];
    find_collision(pair);
    struct sotto_key_store store;
    sotto_key_store_init(&store);
    set_secret(&store, pair[0].number);
    set_secret(&store, 1 << 20);
    uint64_t generation = store.generation;
    struct sotto_room_secret other = make_secret(pair[1].number);
    CHECK_EQ(sotto_key_store_set_current(&store, &other), SOTTO_KID_TAKEN);
    CHECK(holds(&store, pair[0].number));
    CHECK_EQ(current_kid(&store), kid_of(make_secret(1 << 20)));
    CHECK_EQ(store.generation, generation);

    // Once the first is gone there is room for the second.
    CHECK(sotto_key_store_remove(&store, pair[0].kid));
    CHECK_EQ(sotto_key_store_set_current(&store, &other), SOTTO_OK);
    CHECK(holds(&store, pair[1].number));
}

TEST(every_change_and_nothing_else_moves_the_generation) {
    struct sotto_key_store store;
    sotto_key_store_init(&store);
    uint64_t generation = store.generation;
    set_secret(&store, 0);
    CHECK(store.generation > generation);
    generation = store.generation;
    set_secret(&store, 0); // current already
    CHECK_EQ(store.generation, generation);
    CHECK(!sotto_key_store_remove(&store, 5));
    CHECK_EQ(store.generation, generation);
    set_secret(&store, 1);
    CHECK(store.generation > generation);
    generation = store.generation;
    set_secret(&store, 0);
    CHECK(store.generation > generation);
    generation = store.generation;
    CHECK(sotto_key_store_remove(&store, kid_of(make_secret(1))));
    CHECK(store.generation > generation);
    generation = store.generation;
    sotto_key_store_wipe(&store);
    CHECK(store.generation > generation);
}

TEST(a_wiped_store_is_empty_and_can_be_used_again) {
    struct sotto_key_store store;
    sotto_key_store_init(&store);
    for (uint32_t number = 0; number < 16; number++)
        set_secret(&store, number);
    sotto_key_store_wipe(&store);
    CHECK(!sotto_key_store_current(&store));
    for (uint32_t number = 0; number < 16; number++)
        CHECK(!holds(&store, number));
    set_secret(&store, 3);
    CHECK(holds(&store, 3));
}

TEST(finds_no_kid_that_only_its_low_bits_match) {
    struct sotto_key_store store;
    sotto_key_store_init(&store);
    set_secret(&store, 0);
    uint64_t kid = kid_of(make_secret(0));
    CHECK(sotto_key_store_find(&store, kid));
    CHECK(!sotto_key_store_find(&store, kid | UINT64_C(1) << 32));
}

int main(void) {
    RUN(an_empty_store_has_no_secret_at_all);
    RUN(the_secret_set_last_is_the_current_one);
    RUN(setting_a_known_secret_again_makes_it_current_without_a_second_place);
    RUN(the_17th_secret_takes_the_place_of_the_one_set_longest_ago);
    RUN(a_removed_place_is_filled_before_another_secret_gives_way);
    RUN(without_its_current_secret_a_store_falls_back_to_none);
    RUN(a_known_secret_can_be_used_again_and_stays_as_old_as_it_is);
    RUN(a_secret_that_is_added_opens_and_seals_only_if_nothing_else_does);
    RUN(removing_an_old_secret_leaves_the_current_one);
    RUN(an_older_secret_ends_within_a_minute_and_the_newest_never);
    RUN(a_secret_that_is_set_again_is_the_newest_and_has_no_end);
    RUN(a_secret_that_ends_while_it_seals_leaves_nothing_to_seal_with);
    RUN(a_secret_kept_for_stored_data_opens_no_media_after_its_end);
    RUN(a_secret_whose_kid_is_taken_by_another_is_refused);
    RUN(every_change_and_nothing_else_moves_the_generation);
    RUN(a_wiped_store_is_empty_and_can_be_used_again);
    RUN(finds_no_kid_that_only_its_low_bits_match);
    return 0;
}
