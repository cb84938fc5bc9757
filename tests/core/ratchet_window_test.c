// The window of a key store: steps of the ratchet that open before they were taken here.
#include "core/key_store.h"

#include "tests/core/streams.h"

static struct sotto_key_store store;

static void begin(size_t steps) {
    sotto_key_store_init(&store);
    CHECK(sotto_key_store_set_ratchet_window(&store, steps));
}

// The secret `steps` steps after the one with this number.
static struct sotto_room_secret make_step(uint32_t number, size_t steps) {
    struct sotto_room_secret secret = make_secret(number);
    for (size_t i = 0; i < steps; i++)
        CHECK_EQ(sotto_key_schedule_derive_next(&secret, &secret), SOTTO_OK);
    return secret;
}

static bool opens(uint32_t number, size_t steps) {
    struct sotto_room_secret secret = make_step(number, steps);
    const struct sotto_room_secret *found = sotto_key_store_find(&store, kid_of(secret));
    return found && memcmp(found->bytes, secret.bytes, sizeof secret.bytes) == 0;
}

static void check_opens_only(uint32_t number, size_t first, size_t last) {
    for (size_t steps = 0; steps < 14; steps++)
        CHECK_EQ(opens(number, steps), steps >= first && steps <= last);
}

static void check_newest(uint32_t number, size_t steps) {
    const struct sotto_key_store_entry *entry = sotto_key_store_newest(&store);
    CHECK(entry);
    CHECK_EQ(entry->kid, kid_of(make_step(number, steps)));
}

static void check_current(uint32_t number, size_t steps) {
    CHECK_EQ(store.current_kid, kid_of(make_step(number, steps)));
}

static void end_older(void) {
    sotto_key_store_handle_timeout(&store, 1000);
    sotto_key_store_handle_timeout(&store, 1000 + SOTTO_OLD_SECRET_MS);
}

TEST(without_a_window_a_step_that_was_not_taken_does_not_open) {
    begin(0);
    CHECK_EQ(sotto_key_store_ratchet(&store), SOTTO_MISSING_KEY);
    set_secret(&store, 1);
    check_opens_only(1, 0, 0);
    CHECK_EQ(sotto_key_store_ratchet(&store), SOTTO_OK);
    check_opens_only(1, 0, 1);
    check_newest(1, 1);
    check_current(1, 0); // it seals when the caller says so
    end_older();
    check_opens_only(1, 1, 1);
}

TEST(a_window_opens_as_many_steps_ahead_as_it_is_wide) {
    for (size_t steps = 0; steps <= SOTTO_RATCHET_WINDOW_MAX; steps++) {
        begin(steps);
        set_secret(&store, 1);
        check_opens_only(1, 0, steps);
        check_newest(1, 0);
        CHECK(steps == 0 || !sotto_key_store_use(&store, kid_of(make_step(1, 1))));
    }
    CHECK(!sotto_key_store_set_ratchet_window(&store, SOTTO_RATCHET_WINDOW_MAX + 1));
}

TEST(a_step_moves_the_window_forward_and_never_back) {
    begin(3);
    set_secret(&store, 1);
    CHECK_EQ(sotto_key_store_ratchet(&store), SOTTO_OK);
    check_newest(1, 1);
    check_opens_only(1, 0, 4);
    end_older();
    check_opens_only(1, 1, 4);
    CHECK(!sotto_key_store_advance(&store, kid_of(make_step(1, 0))));
    CHECK(!sotto_key_store_advance(&store, kid_of(make_step(1, 1))));
    CHECK(!sotto_key_store_advance(&store, kid_of(make_step(1, 5))));
    check_newest(1, 1);
}

TEST(whoever_follows_several_steps_at_once_opens_those_between_until_they_end) {
    begin(4);
    set_secret(&store, 1);
    uint64_t generation = store.generation;
    CHECK(sotto_key_store_advance(&store, kid_of(make_step(1, 3))));
    CHECK(store.generation > generation);
    check_newest(1, 3);
    check_current(1, 0);
    check_opens_only(1, 0, 7);
    CHECK(sotto_key_store_use(&store, kid_of(make_step(1, 3))));
    end_older();
    check_opens_only(1, 3, 7);
    check_current(1, 3);
}

TEST(a_step_that_is_set_as_a_secret_counts_as_taken) {
    begin(4);
    set_secret(&store, 1);
    const struct sotto_room_secret handed_on = make_step(1, 2);
    CHECK_EQ(sotto_key_store_add(&store, &handed_on), SOTTO_OK);
    check_newest(1, 2);
    check_opens_only(1, 0, 6);
}

TEST(another_secret_ends_the_window_of_the_one_before_at_once) {
    begin(4);
    set_secret(&store, 1);
    set_secret(&store, 2);
    check_opens_only(1, 0, 0);
    check_opens_only(2, 0, 4);
    // Back again, one that is older opens what lies ahead of it.
    set_secret(&store, 1);
    check_opens_only(1, 0, 4);
    check_opens_only(2, 0, 0);
}

TEST(a_secret_before_those_that_are_here_has_them_ahead) {
    begin(2);
    struct sotto_room_secret later = make_step(1, 1);
    CHECK_EQ(sotto_key_store_add(&store, &later), SOTTO_OK);
    const struct sotto_room_secret earlier = make_secret(1);
    CHECK_EQ(sotto_key_store_add(&store, &earlier), SOTTO_OK);
    check_newest(1, 0);
    check_current(1, 1);
    check_opens_only(1, 0, 2);
    CHECK(sotto_key_store_advance(&store, kid_of(later)));
    check_opens_only(1, 0, 3);

    // The one that seals does not end with the window that it came to lie in.
    CHECK_EQ(sotto_key_store_add(&store, &earlier), SOTTO_OK);
    const struct sotto_room_secret other = make_secret(2);
    CHECK_EQ(sotto_key_store_add(&store, &other), SOTTO_OK);
    check_current(1, 1);
    check_opens_only(1, 0, 1);
    CHECK(sotto_key_store_use(&store, kid_of(other)));
    end_older();
    check_opens_only(1, 1, 0);
}

TEST(a_step_that_is_removed_closes_the_window_until_the_next) {
    begin(4);
    set_secret(&store, 1);
    CHECK(sotto_key_store_remove(&store, kid_of(make_step(1, 2))));
    check_opens_only(1, 0, 0);
    CHECK_EQ(sotto_key_store_ratchet(&store), SOTTO_OK);
    check_opens_only(1, 0, 5);
}

TEST(the_newest_secret_takes_its_window_with_it) {
    begin(4);
    set_secret(&store, 2);
    set_secret(&store, 1);
    CHECK(sotto_key_store_remove(&store, kid_of(make_secret(1))));
    check_opens_only(1, 1, 0);
    check_opens_only(2, 0, 0);
    CHECK(!sotto_key_store_newest(&store));
    CHECK_EQ(sotto_key_store_ratchet(&store), SOTTO_MISSING_KEY);
    end_older();
    check_opens_only(2, 1, 0);
}

// Whether a secret that should be gone lies in the store.
static bool lies_here(struct sotto_room_secret secret) {
    return memmem(&store, sizeof store, secret.bytes, sizeof secret.bytes) != NULL;
}

TEST(steps_ahead_are_wiped_like_others) {
    begin(8);
    set_secret(&store, 1);
    for (size_t steps = 0; steps <= 8; steps++)
        CHECK(lies_here(make_step(1, steps)));
    set_secret(&store, 2);
    for (size_t steps = 1; steps <= 8; steps++)
        CHECK(!lies_here(make_step(1, steps)));
    end_older();
    CHECK(!lies_here(make_step(1, 0)));
    sotto_key_store_wipe(&store);
    for (size_t steps = 0; steps <= 8; steps++)
        CHECK(!lies_here(make_step(2, steps)));
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

// A secret, and another one whose next step has the same key id: among 2^17 times 2^17 and 2^31
// key ids some 8 are expected.
static void find_collision(uint32_t *taken, uint32_t *before) {
    enum { COUNT = 1 << 17 };
    struct numbered *all = malloc(COUNT * sizeof *all);
    CHECK(all);
    for (uint32_t number = 0; number < COUNT; number++)
        all[number] = (struct numbered){kid_of(make_secret(number)), number};
    qsort(all, COUNT, sizeof *all, compare_kids);
    const struct numbered *found = NULL;
    for (*before = 0; !found; ++*before) {
        CHECK(*before < COUNT);
        const struct numbered wanted = {kid_of(make_step(*before, 1)), 0};
        found = bsearch(&wanted, all, COUNT, sizeof *all, compare_kids);
    }
    --*before;
    *taken = found->number;
    free(all);
}

TEST(a_step_whose_kid_is_taken_ends_the_window_and_is_refused) {
    uint32_t taken, before;
    find_collision(&taken, &before);
    begin(4);
    set_secret(&store, taken);
    set_secret(&store, before);
    check_opens_only(before, 0, 0);
    CHECK(opens(taken, 0));
    uint64_t generation = store.generation;
    CHECK_EQ(sotto_key_store_ratchet(&store), SOTTO_KID_TAKEN);
    CHECK_EQ(store.generation, generation);
    check_newest(before, 0);

    // Once the other one is gone the step can be taken.
    CHECK(sotto_key_store_remove(&store, kid_of(make_secret(taken))));
    CHECK_EQ(sotto_key_store_ratchet(&store), SOTTO_OK);
    check_opens_only(before, 0, 5);
}

// What must hold of a store at any time.
static void check_sound(void) {
    size_t ahead = 0;
    for (size_t i = 0; i < SOTTO_ROOM_SECRETS_MAX; i++) {
        const struct sotto_key_store_entry *entry = &store.entries[i];
        if (entry->kid == 0)
            continue;
        CHECK_EQ(entry->kid, kid_of(entry->secret));
        CHECK_EQ(sotto_key_store_set_at(&store, entry->kid), entry->set_at);
        for (size_t j = 0; j < i; j++)
            CHECK(store.entries[j].kid != entry->kid && store.entries[j].set_at != entry->set_at);
        ahead += sotto_key_store_is_ahead(&store, entry);
    }
    CHECK(ahead <= store.ratchet_window);
    CHECK(store.current_kid == 0 || sotto_key_store_current(&store));
}

TEST(a_thousand_random_changes_leave_a_sound_store_of_16_secrets_at_most) {
    uint32_t random = 1;
    for (size_t steps = 0; steps <= SOTTO_RATCHET_WINDOW_MAX; steps += 2) {
        begin(steps);
        for (uint32_t i = 0; i < 1000; i++) {
            random = random * 1664525 + 1013904223;
            const uint32_t number = (random >> 8) % 30;
            const struct sotto_room_secret secret = make_step(number % 20, number / 10);
            switch (random >> 29) {
            case 0:
            case 1: CHECK_EQ(sotto_key_store_add(&store, &secret), SOTTO_OK); break;
            case 2: CHECK_EQ(sotto_key_store_set_current(&store, &secret), SOTTO_OK); break;
            case 3: (void)!sotto_key_store_ratchet(&store); break;
            case 4: sotto_key_store_advance(&store, kid_of(secret)); break;
            case 5: sotto_key_store_use(&store, kid_of(secret)); break;
            case 6: sotto_key_store_remove(&store, kid_of(secret)); break;
            case 7: sotto_key_store_handle_timeout(&store, i * 10000); break;
            }
            check_sound();
        }
    }
}

int main(void) {
    RUN(without_a_window_a_step_that_was_not_taken_does_not_open);
    RUN(a_window_opens_as_many_steps_ahead_as_it_is_wide);
    RUN(a_step_moves_the_window_forward_and_never_back);
    RUN(whoever_follows_several_steps_at_once_opens_those_between_until_they_end);
    RUN(a_step_that_is_set_as_a_secret_counts_as_taken);
    RUN(another_secret_ends_the_window_of_the_one_before_at_once);
    RUN(a_secret_before_those_that_are_here_has_them_ahead);
    RUN(a_step_that_is_removed_closes_the_window_until_the_next);
    RUN(the_newest_secret_takes_its_window_with_it);
    RUN(steps_ahead_are_wiped_like_others);
    RUN(a_step_whose_kid_is_taken_ends_the_window_and_is_refused);
    RUN(a_thousand_random_changes_leave_a_sound_store_of_16_secrets_at_most);
    return 0;
}
