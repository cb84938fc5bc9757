#include "core/livekit_ring.h"

#include "tests/core/livekit_streams.h"

static struct sotto_livekit_ring ring;

static const struct sotto_bytes salt = {(const uint8_t *)"LKFrameEncryptionKey", 20};

// The key that a number stands for, some steps ahead, by the derivation alone.
static struct sotto_livekit_key key_of(uint8_t number, size_t steps) {
    const uint8_t material[16] = {0x5e, 0xc4, 0xe7, number};
    struct sotto_livekit_key key;
    CHECK_EQ(sotto_livekit_key_derive_hkdf(&key, (struct sotto_bytes){material, 16}, salt),
             SOTTO_OK);
    for (size_t i = 0; i < steps; i++) {
        const struct sotto_livekit_key before = key;
        CHECK_EQ(sotto_livekit_key_derive_hkdf(
                     &key, (struct sotto_bytes){before.bytes, sizeof before.bytes}, salt),
                 SOTTO_OK);
    }
    return key;
}

static void check_in_use(size_t index, uint8_t number, size_t steps) {
    const struct sotto_livekit_place *place = sotto_livekit_ring_find(&ring, index);
    const struct sotto_livekit_key expected = key_of(number, steps);
    CHECK(place);
    CHECK_BYTES(place->keys[0].bytes, expected.bytes, sizeof expected.bytes);
    CHECK(place->keys[0].id == expected.id);
}

TEST(options_outside_the_limits_are_refused) {
    static const uint8_t text[SOTTO_LIVEKIT_SALT_SIZE_MAX + 1];
    static const struct {
        size_t salt_size, key_size, ring_size, window;
        bool is_valid;
    } rows[] = {
        {20, 16, 16, 0, true},   {0, 32, 1, 16, true},   {256, 16, 256, 8, true},
        {257, 16, 16, 0, false}, {20, 24, 16, 0, false}, {20, 0, 16, 0, false},
        {20, 16, 0, 0, false},   {20, 16, 257, 0, false}, {20, 16, 16, 17, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct sotto_livekit_options options = {
            {text, rows[i].salt_size}, rows[i].key_size, rows[i].ring_size, rows[i].window};
        CHECK_EQ(livekit_init_options(&ring, &options), rows[i].is_valid);
        const struct sotto_bytes key = SOTTO_BYTES("key");
        CHECK_EQ(sotto_livekit_ring_set_raw(&ring, 0, key, true),
                 rows[i].is_valid ? SOTTO_OK : SOTTO_NOT_READY);
        CHECK_EQ(sotto_livekit_ring_begin_text(&ring, 0, key, true),
                 rows[i].is_valid ? SOTTO_OK : SOTTO_NOT_READY);
        sotto_livekit_ring_wipe(&ring);
    }
}

TEST(a_key_goes_to_its_place_modulo_the_size) {
    livekit_init_ring(&ring, 0);
    CHECK(!sotto_livekit_ring_find(&ring, 0));
    for (size_t index = 0; index < 256; index++) {
        livekit_set_key(&ring, index, (uint8_t)index);
        CHECK_EQ(ring.current, index % 16);
        check_in_use(index % 16, (uint8_t)index, 0);
    }
    // LiveKit looks for what a frame names without taking it modulo the size.
    for (size_t index = 0; index < 256; index++)
        CHECK_EQ(sotto_livekit_ring_find(&ring, index) != NULL, index < 16);
    sotto_livekit_ring_wipe(&ring);
}

TEST(a_key_may_be_set_without_sealing_with_it) {
    livekit_init_ring(&ring, 0);
    livekit_set_key(&ring, 3, 1);
    const uint8_t other[16] = {2};
    CHECK_EQ(sotto_livekit_ring_set_raw(&ring, 4, (struct sotto_bytes){other, 16}, false),
             SOTTO_OK);
    CHECK_EQ(ring.current, 3);
    CHECK(!sotto_livekit_ring_use(&ring, 5));
    CHECK(!sotto_livekit_ring_use(&ring, 20));
    CHECK_EQ(ring.current, 3);
    CHECK(sotto_livekit_ring_use(&ring, 4));
    CHECK_EQ(ring.current, 4);
    CHECK_EQ(sotto_livekit_ring_set_raw(&ring, 3, (struct sotto_bytes){NULL, 0}, true),
             SOTTO_INVALID);
    check_in_use(3, 1, 0);
    sotto_livekit_ring_wipe(&ring);
}

TEST(a_text_key_is_there_after_all_its_rounds_and_not_before) {
    livekit_init_ring(&ring, 0);
    livekit_set_key(&ring, 2, 1);
    enum sotto_result result;
    CHECK(sotto_livekit_ring_work(&ring, 1, &result));
    CHECK(!sotto_livekit_ring_is_setting(&ring));
    CHECK_EQ(sotto_livekit_ring_begin_text(&ring, 2, SOTTO_BYTES("unfinished"), true), SOTTO_OK);
    CHECK(!sotto_livekit_ring_work(&ring, 50000, &result));
    CHECK_EQ(sotto_livekit_ring_begin_text(&ring, 18, SOTTO_BYTES("passphrase"), true), SOTTO_OK);
    size_t calls = 0;
    while (!sotto_livekit_ring_work(&ring, 10000, &result)) {
        CHECK(sotto_livekit_ring_is_setting(&ring));
        check_in_use(2, 1, 0);
        calls++;
    }
    CHECK_EQ(result, SOTTO_OK);
    CHECK_EQ(calls, 9); // the tenth ends it
    CHECK(!sotto_livekit_ring_is_setting(&ring));
    struct sotto_livekit_key expected;
    CHECK_EQ(sotto_livekit_key_derive(&expected, SOTTO_LIVEKIT_PBKDF2, SOTTO_BYTES("passphrase"),
                                      salt),
             SOTTO_OK);
    CHECK_BYTES(sotto_livekit_ring_find(&ring, 2)->keys[0].bytes, expected.bytes, 32);
    CHECK_EQ(sotto_livekit_ring_begin_text(&ring, 0, (struct sotto_bytes){NULL, 0}, true),
             SOTTO_INVALID);
    CHECK(!sotto_livekit_ring_is_setting(&ring));
    sotto_livekit_ring_wipe(&ring);
}

TEST(the_window_is_made_ready_for_every_place) {
    livekit_init_ring(&ring, 3);
    livekit_set_key(&ring, 0, 1);
    livekit_set_key(&ring, 9, 2);
    CHECK_EQ(sotto_livekit_ring_find(&ring, 9)->ready_count, 1);
    livekit_work(&ring);
    for (size_t i = 0; i < 2; i++) {
        const struct sotto_livekit_place *place = sotto_livekit_ring_find(&ring, 9 * i);
        CHECK_EQ(place->ready_count, 4);
        for (size_t step = 0; step < 4; step++) {
            const struct sotto_livekit_key expected = key_of((uint8_t)(i + 1), step);
            CHECK_BYTES(place->keys[step].bytes, expected.bytes, 32);
            CHECK(sotto_livekit_ring_holds(&ring, expected.id));
        }
        CHECK(!sotto_livekit_ring_holds(&ring, key_of((uint8_t)(i + 1), 4).id));
    }
    sotto_livekit_ring_wipe(&ring);
}

TEST(a_step_keeps_the_key_before_until_it_is_ended) {
    livekit_init_ring(&ring, 4);
    livekit_set_key(&ring, 0, 1);
    livekit_work(&ring);
    sotto_livekit_ring_advance(&ring, 0, 3);
    check_in_use(0, 1, 3);
    const struct sotto_livekit_place *place = sotto_livekit_ring_find(&ring, 0);
    CHECK(place->previous.id == key_of(1, 0).id);
    CHECK_EQ(place->ready_count, 2);
    CHECK(sotto_livekit_ring_holds(&ring, key_of(1, 0).id));
    CHECK(!sotto_livekit_ring_holds(&ring, key_of(1, 1).id));
    livekit_work(&ring);
    CHECK_EQ(place->ready_count, 5);
    CHECK(place->keys[4].id == key_of(1, 7).id);

    CHECK_EQ(sotto_livekit_ring_ratchet(&ring, 0), SOTTO_OK);
    check_in_use(0, 1, 4);
    CHECK(place->previous.id == key_of(1, 3).id);
    CHECK(!sotto_livekit_ring_holds(&ring, key_of(1, 0).id));
    sotto_livekit_ring_end_previous(&ring);
    CHECK(place->previous.id == 0);
    CHECK(!sotto_livekit_ring_holds(&ring, key_of(1, 3).id));
    check_in_use(0, 1, 4);
    sotto_livekit_ring_wipe(&ring);
}

TEST(steps_wait_for_their_keys) {
    livekit_init_ring(&ring, 0);
    CHECK_EQ(sotto_livekit_ring_ratchet(&ring, 0), SOTTO_MISSING_KEY);
    CHECK_EQ(sotto_livekit_ring_ratchet(&ring, 99), SOTTO_MISSING_KEY);
    livekit_set_key(&ring, 7, 1);
    for (size_t i = 0; i < SOTTO_LIVEKIT_RATCHET_WINDOW_MAX; i++)
        CHECK_EQ(sotto_livekit_ring_ratchet(&ring, 7), SOTTO_OK);
    CHECK_EQ(sotto_livekit_ring_ratchet(&ring, 7), SOTTO_TOO_SMALL);
    check_in_use(7, 1, 0);
    livekit_work(&ring);
    check_in_use(7, 1, SOTTO_LIVEKIT_RATCHET_WINDOW_MAX);
    CHECK_EQ(sotto_livekit_ring_find(&ring, 7)->ready_count, 1);
    sotto_livekit_ring_wipe(&ring);
}

// A new key in the middle of the work for the old one's window is not mixed with it.
TEST(work_for_a_key_ends_with_it) {
    const struct sotto_livekit_options options = {salt, 16, 16, 1};
    enum sotto_result result;
    CHECK(livekit_init_options(&ring, &options));
    CHECK_EQ(sotto_livekit_ring_begin_text(&ring, 0, SOTTO_BYTES("one"), true), SOTTO_OK);
    while (sotto_livekit_ring_is_setting(&ring))
        (void)sotto_livekit_ring_work(&ring, 50000, &result);
    CHECK(!sotto_livekit_ring_work(&ring, 50000, &result)); // begins the window
    CHECK(!sotto_livekit_ring_work(&ring, 50000, &result)); // half of it
    livekit_set_key(&ring, 0, 1);
    livekit_work(&ring);
    const struct sotto_livekit_place *place = sotto_livekit_ring_find(&ring, 0);
    CHECK_EQ(place->ready_count, 2);
    CHECK(place->keys[0].id == key_of(1, 0).id);
    CHECK(place->keys[1].id == key_of(1, 1).id);
    sotto_livekit_ring_wipe(&ring);
}

TEST(every_step_is_told_once) {
    size_t index;
    livekit_init_ring(&ring, 2);
    CHECK(!sotto_livekit_ring_poll_ratcheted(&ring, &index));
    livekit_set_key(&ring, 2, 1);
    livekit_set_key(&ring, 5, 2);
    livekit_work(&ring);
    CHECK(!sotto_livekit_ring_poll_ratcheted(&ring, &index));
    sotto_livekit_ring_advance(&ring, 5, 2);
    CHECK_EQ(sotto_livekit_ring_ratchet(&ring, 2), SOTTO_OK);
    CHECK(sotto_livekit_ring_poll_ratcheted(&ring, &index));
    CHECK_EQ(index, 2);
    CHECK(sotto_livekit_ring_poll_ratcheted(&ring, &index));
    CHECK_EQ(index, 5);
    CHECK(!sotto_livekit_ring_poll_ratcheted(&ring, &index));
    sotto_livekit_ring_wipe(&ring);
}

TEST(a_cleared_ring_takes_keys_again) {
    livekit_init_ring(&ring, 2);
    livekit_set_key(&ring, 9, 1);
    CHECK_EQ(sotto_livekit_ring_begin_text(&ring, 1, SOTTO_BYTES("text"), true), SOTTO_OK);
    sotto_livekit_ring_clear(&ring);
    CHECK(!sotto_livekit_ring_find(&ring, 9));
    CHECK(!sotto_livekit_ring_holds(&ring, key_of(1, 0).id));
    CHECK(!sotto_livekit_ring_is_setting(&ring));
    CHECK(!sotto_livekit_ring_find(&ring, ring.current));
    livekit_set_key(&ring, 9, 1);
    livekit_work(&ring);
    check_in_use(9, 1, 0);
    sotto_livekit_ring_wipe(&ring);
}

TEST(wiping_leaves_nothing) {
    static const struct sotto_livekit_ring zero;
    livekit_init_ring(&ring, 2);
    livekit_set_key(&ring, 0, 1);
    CHECK_EQ(sotto_livekit_ring_begin_text(&ring, 1, SOTTO_BYTES("text"), true), SOTTO_OK);
    sotto_livekit_ring_wipe(&ring);
    CHECK_BYTES((const uint8_t *)&ring, (const uint8_t *)&zero, sizeof ring);
    static const struct sotto_livekit_place no_places[16];
    CHECK_BYTES((const uint8_t *)livekit_places(&ring), (const uint8_t *)no_places,
                sizeof no_places);
    enum sotto_result result;
    CHECK(sotto_livekit_ring_work(&ring, 1000, &result));
    CHECK_EQ(result, SOTTO_OK);
    sotto_livekit_ring_wipe(&ring);
}

int main(void) {
    RUN(options_outside_the_limits_are_refused);
    RUN(a_key_goes_to_its_place_modulo_the_size);
    RUN(a_key_may_be_set_without_sealing_with_it);
    RUN(a_text_key_is_there_after_all_its_rounds_and_not_before);
    RUN(the_window_is_made_ready_for_every_place);
    RUN(a_step_keeps_the_key_before_until_it_is_ended);
    RUN(steps_wait_for_their_keys);
    RUN(work_for_a_key_ends_with_it);
    RUN(every_step_is_told_once);
    RUN(a_cleared_ring_takes_keys_again);
    RUN(wiping_leaves_nothing);
    return 0;
}
