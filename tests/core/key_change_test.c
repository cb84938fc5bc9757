// A change of key as streams live through it, in virtual time: who opens what until when, also
// against a server that holds frames back, and against somebody who left with the old key.
#include "core/key_store.h"
#include "core/opener.h"
#include "core/sealer.h"

#include "tests/core/streams.h"

static const uint8_t opus[] = {0x80, 0x7e, 0x4f, 0x3c, 0xb2, 0x0e, 0x3d, 0x88};

// Alice sends, bob receives; both begin under secret 1.
static struct sotto_key_store alices;
static struct sotto_key_store bobs;
static struct sotto_sealer sealer;
static struct sotto_opener opener;
static uint64_t now_ms;

static void begin(void) {
    const struct sotto_stream_name name = alice();
    now_ms = 5000;
    sotto_key_store_init(&alices);
    sotto_key_store_init(&bobs);
    set_secret(&alices, 1);
    set_secret(&bobs, 1);
    CHECK(sotto_sealer_init(&sealer, &alices, &name, SUITE_4));
    CHECK(sotto_opener_init(&opener, &bobs, &name, SUITE_4, SOTTO_LIVENESS_NOT_NEEDED));
}

static void end(void) {
    sotto_sealer_wipe(&sealer);
    sotto_opener_wipe(&opener);
    sotto_key_store_wipe(&alices);
    sotto_key_store_wipe(&bobs);
}

// Bob's clock goes on in the usual steps.
static void pass(uint64_t duration_ms) {
    for (uint64_t end_ms = now_ms + duration_ms; now_ms < end_ms;) {
        now_ms += SOTTO_TICK_MS_MAX;
        sotto_key_store_handle_timeout(&bobs, now_ms);
        sotto_opener_handle_key_change(&opener);
        sotto_opener_handle_timeout(&opener, now_ms);
    }
}

static struct wire seal(void) {
    return seal_frame(&sealer, SOTTO_CODEC_OPUS, opus, sizeof opus);
}

static void check_wire(struct wire wire, enum sotto_result expected) {
    CHECK_EQ(open_result(&opener, wire), expected);
    free(wire.data);
}

// A frame under a secret, as whoever holds it can seal one in alice's name.
static struct wire seal_as_alice(struct sotto_room_secret secret, uint64_t counter) {
    const struct sotto_stream_name name = alice();
    struct sotto_key_store store;
    struct sotto_sealer other;
    sotto_key_store_init(&store);
    CHECK_EQ(sotto_key_store_add(&store, &secret), SOTTO_OK);
    CHECK(sotto_sealer_init(&other, &store, &name, SUITE_4));
    other.counter = counter;
    struct wire wire = seal_frame(&other, SOTTO_CODEC_OPUS, opus, sizeof opus);
    sotto_sealer_wipe(&other);
    sotto_key_store_wipe(&store);
    return wire;
}

static void check_forged(uint32_t number, uint64_t counter, enum sotto_result expected) {
    check_wire(seal_as_alice(make_secret(number), counter), expected);
}

TEST(an_old_secret_opens_for_a_minute_while_the_stream_stays_under_it) {
    begin();
    set_secret(&bobs, 2);
    for (uint64_t elapsed = 0; elapsed < 59000; elapsed += 1000) {
        check_wire(seal(), SOTTO_OK);
        pass(1000);
    }
    pass(1000); // 60 s
    check_wire(seal(), SOTTO_MISSING_KEY);
    set_secret(&alices, 2);
    check_wire(seal(), SOTTO_OK);
    end();
}

TEST(frames_on_their_way_open_until_three_seconds_after_the_stream_moved_on) {
    begin();
    struct wire late[4];
    for (size_t i = 0; i < 4; i++)
        late[i] = seal();
    set_secret(&alices, 2);
    set_secret(&bobs, 2);
    check_wire(late[0], SOTTO_OK);
    check_wire(seal(), SOTTO_OK); // it moves on
    check_wire(late[1], SOTTO_OK);
    pass(2400);
    check_wire(late[2], SOTTO_OK);
    pass(600);
    check_wire(late[3], SOTTO_MISSING_KEY);
    check_wire(seal(), SOTTO_OK);
    CHECK_EQ(opener.state.failed_as[SOTTO_MISSING_KEY], 1);
    end();
}

TEST(a_stream_leaves_its_old_secret_to_the_millisecond) {
    begin();
    struct wire early = seal(), late = seal();
    set_secret(&alices, 2);
    set_secret(&bobs, 2);
    check_wire(seal(), SOTTO_OK);
    sotto_opener_handle_timeout(&opener, 7000); // the first that tells when it moved on
    sotto_opener_handle_timeout(&opener, 7000 + 2599);
    check_wire(early, SOTTO_OK);
    sotto_opener_handle_timeout(&opener, 7000 + 2600);
    check_wire(late, SOTTO_MISSING_KEY);
    end();
}

TEST(what_was_derived_from_an_ended_secret_is_wiped) {
    begin();
    check_wire(seal(), SOTTO_OK);
    const uint32_t old_kid = kid_of(make_secret(1));
    set_secret(&bobs, 2);
    set_secret(&alices, 2);
    check_forged(1, 1, SOTTO_OK);
    check_wire(seal(), SOTTO_OK);
    bool is_ready = false;
    for (size_t i = 0; i < SOTTO_READY_KEYS_MAX; i++)
        is_ready = is_ready || opener.keys[i].key.kid == old_kid;
    CHECK(is_ready);
    pass(3000);
    for (size_t i = 0; i < SOTTO_READY_KEYS_MAX; i++)
        CHECK(opener.keys[i].key.kid != old_kid);
    end();
}

TEST(a_stream_that_begins_under_the_new_secret_ends_the_old_one_too) {
    begin();
    set_secret(&bobs, 2);
    check_forged(2, 0, SOTTO_OK);
    check_forged(1, 1, SOTTO_OK);
    pass(3000);
    check_forged(1, 2, SOTTO_MISSING_KEY);
    check_forged(2, 3, SOTTO_OK);
    end();
}

TEST(only_a_frame_that_opens_moves_a_stream_on) {
    begin();
    check_wire(seal(), SOTTO_OK);
    set_secret(&bobs, 2);
    struct wire forged = seal_as_alice(make_secret(2), 5);
    forged.data[forged.size - 2] ^= 1;
    check_wire(forged, SOTTO_TAMPERED);
    pass(10000);
    check_wire(seal(), SOTTO_OK);
    end();
}

TEST(who_left_injects_nothing_under_the_old_secret_once_it_has_ended) {
    begin();
    check_wire(seal(), SOTTO_OK);
    struct wire recorded = seal(); // which the server holds back
    set_secret(&bobs, 2);
    set_secret(&alices, 2);
    check_forged(1, 100, SOTTO_OK); // until then it can
    check_wire(seal(), SOTTO_OK);
    pass(3000);
    check_wire(recorded, SOTTO_MISSING_KEY);
    check_forged(1, 101, SOTTO_MISSING_KEY);
    // The server forwards nothing of the new secret's for a second stream: a minute, and not more.
    const struct sotto_stream_name name = alice();
    sotto_opener_wipe(&opener);
    CHECK(sotto_opener_init(&opener, &bobs, &name, SUITE_4, SOTTO_LIVENESS_NOT_NEEDED));
    pass(55000);
    check_forged(1, 102, SOTTO_OK);
    pass(2000);
    check_forged(1, 103, SOTTO_MISSING_KEY);
    end();
}

TEST(who_left_before_a_new_secret_was_set_opens_nothing_of_what_follows) {
    begin();
    set_secret(&alices, 2);
    struct wire wire = seal();
    struct sotto_room_secret known = make_secret(1);
    for (size_t step = 0; step < 20; step++) {
        CHECK_EQ(sotto_key_store_set_current(&bobs, &known), SOTTO_OK);
        CHECK_EQ(open_result(&opener, wire), SOTTO_MISSING_KEY);
        CHECK_EQ(sotto_key_schedule_derive_next(&known, &known), SOTTO_OK);
    }
    free(wire.data);
    end();
}

TEST(who_joins_with_a_ratcheted_secret_opens_what_follows_and_nothing_before) {
    begin();
    struct wire before = seal();
    CHECK_EQ(sotto_key_store_ratchet(&alices), SOTTO_OK);
    const struct sotto_key_store_entry *newest = sotto_key_store_newest(&alices);
    CHECK(sotto_key_store_use(&alices, newest->kid));
    struct wire after = seal();

    struct sotto_key_store joiners;
    struct sotto_opener late;
    const struct sotto_stream_name name = alice();
    struct sotto_room_secret handed_on = newest->secret;
    sotto_key_store_init(&joiners);
    CHECK(sotto_key_store_set_ratchet_window(&joiners, SOTTO_RATCHET_WINDOW_MAX));
    CHECK(sotto_opener_init(&late, &joiners, &name, SUITE_4, SOTTO_LIVENESS_NOT_NEEDED));
    CHECK_EQ(sotto_key_store_add(&joiners, &handed_on), SOTTO_OK);
    CHECK_EQ(open_result(&late, after), SOTTO_OK);
    for (size_t step = 0; step < 20; step++) {
        CHECK_EQ(open_result(&late, before), SOTTO_MISSING_KEY);
        CHECK_EQ(sotto_key_store_ratchet(&joiners), SOTTO_OK);
    }
    CHECK_EQ(open_result(&opener, before), SOTTO_OK); // bob was there
    free(before.data);
    free(after.data);
    sotto_opener_wipe(&late);
    sotto_key_store_wipe(&joiners);
    end();
}

TEST(back_to_an_earlier_secret_the_one_between_ends_and_counters_go_on) {
    begin();
    check_wire(seal(), SOTTO_OK);
    set_secret(&alices, 2);
    set_secret(&bobs, 2);
    check_wire(seal(), SOTTO_OK);
    pass(1000);
    set_secret(&bobs, 1); // alice a little later: she still seals under 2
    pass(2000);
    check_wire(seal(), SOTTO_OK);
    set_secret(&alices, 1);
    struct wire wire = seal();
    check_wire(wire, SOTTO_OK);
    check_forged(2, 50, SOTTO_OK);
    pass(3000);
    check_forged(2, 51, SOTTO_MISSING_KEY);
    check_wire(seal(), SOTTO_OK);
    CHECK_EQ(sealer.counter, 5);
    end();
}

TEST(many_changes_in_a_moment_lose_no_frame_on_its_way) {
    begin();
    struct wire late[12];
    for (uint32_t number = 2; number < 14; number++) {
        late[number - 2] = seal();
        set_secret(&alices, number);
        set_secret(&bobs, number);
        check_wire(seal(), SOTTO_OK);
    }
    pass(2000);
    for (size_t i = 0; i < 12; i++)
        check_wire(late[i], SOTTO_OK);
    pass(1000);
    check_forged(12, 50, SOTTO_MISSING_KEY);
    check_wire(seal(), SOTTO_OK);
    end();
}

static uint32_t sealed_kid(void) {
    free(seal().data);
    return (uint32_t)sealer.key.kid;
}

TEST(a_sealer_that_holds_its_key_changes_it_when_it_is_let_go) {
    begin();
    const uint32_t kids[] = {kid_of(make_secret(1)), kid_of(make_secret(2))};
    CHECK_EQ(sealed_kid(), kids[0]);
    sotto_sealer_hold_key(&sealer, true);
    set_secret(&alices, 2);
    sotto_sealer_handle_key_change(&sealer);
    sotto_sealer_hold_key(&sealer, true); // as it is held already
    CHECK_EQ(sealed_kid(), kids[0]);
    sotto_sealer_hold_key(&sealer, false);
    CHECK_EQ(sealed_kid(), kids[1]);
    CHECK_EQ(sealer.counter, 3);
    end();
}

TEST(a_sealer_that_has_sealed_nothing_yet_holds_the_key_of_now) {
    begin();
    sotto_sealer_hold_key(&sealer, true);
    set_secret(&alices, 2);
    CHECK_EQ(sealed_kid(), kid_of(make_secret(1)));
    end();
}

TEST(a_held_key_that_is_gone_or_has_ended_seals_nothing_more) {
    begin();
    (void)sealed_kid();
    sotto_sealer_hold_key(&sealer, true);
    set_secret(&alices, 2);
    CHECK(sotto_key_store_remove(&alices, kid_of(make_secret(1))));
    CHECK_EQ(sealed_kid(), kid_of(make_secret(2)));
    set_secret(&alices, 1); // back, and no longer held
    set_secret(&alices, 3);
    CHECK_EQ(sealed_kid(), kid_of(make_secret(3)));

    sotto_sealer_hold_key(&sealer, true);
    CHECK(sotto_key_store_keep(&alices, kid_of(make_secret(3))));
    set_secret(&alices, 4);
    CHECK_EQ(sealed_kid(), kid_of(make_secret(3)));
    sotto_key_store_handle_timeout(&alices, 1);
    sotto_key_store_handle_timeout(&alices, 60000);
    CHECK_EQ(sealed_kid(), kid_of(make_secret(4)));
    end();
    sotto_sealer_hold_key(&sealer, true); // nothing to hold
}

int main(void) {
    RUN(an_old_secret_opens_for_a_minute_while_the_stream_stays_under_it);
    RUN(frames_on_their_way_open_until_three_seconds_after_the_stream_moved_on);
    RUN(a_stream_leaves_its_old_secret_to_the_millisecond);
    RUN(what_was_derived_from_an_ended_secret_is_wiped);
    RUN(a_stream_that_begins_under_the_new_secret_ends_the_old_one_too);
    RUN(only_a_frame_that_opens_moves_a_stream_on);
    RUN(who_left_injects_nothing_under_the_old_secret_once_it_has_ended);
    RUN(who_left_before_a_new_secret_was_set_opens_nothing_of_what_follows);
    RUN(who_joins_with_a_ratcheted_secret_opens_what_follows_and_nothing_before);
    RUN(back_to_an_earlier_secret_the_one_between_ends_and_counters_go_on);
    RUN(many_changes_in_a_moment_lose_no_frame_on_its_way);
    RUN(a_sealer_that_holds_its_key_changes_it_when_it_is_let_go);
    RUN(a_sealer_that_has_sealed_nothing_yet_holds_the_key_of_now);
    RUN(a_held_key_that_is_gone_or_has_ended_seals_nothing_more);
    return 0;
}
