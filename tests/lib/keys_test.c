// The keys of libsotto, against the shared library.
#include "tests/lib/room.h"

TEST(the_secret_set_last_seals_and_all_open) {
    struct sotto_keys *keys = make_keys(1);
    struct line line = make_line(keys);
    struct wire first = seal(line.sealer, 1);
    set_secret(keys, 2);
    struct wire second = seal(line.sealer, 2);
    CHECK(memcmp(first.data + 1, second.data + 1, 4) != 0); // the KID
    CHECK_EQ(open_wire(line.opener, &second), SOTTO_OK);
    CHECK_EQ(open_wire(line.opener, &first), SOTTO_OK);
    end_line(line);
    sotto_keys_destroy(keys);
}

TEST(an_added_secret_opens_but_does_not_seal) {
    struct sotto_keys *theirs = make_keys(1);
    struct sotto_keys *ours = make_keys(1);
    uint32_t first = sotto_keys_current(ours);
    struct line line = make_line(theirs);
    set_secret(theirs, 2);
    struct wire wire = seal(line.sealer, 1);

    struct sotto_frame_opener *opener = make_opener(ours, line.sealer);
    CHECK_EQ(open_wire(opener, &wire), SOTTO_MISSING_KEY);
    struct sotto_room_secret second = make_secret(2);
    uint32_t kid;
    CHECK_EQ(sotto_keys_add(ours, &second, &kid), SOTTO_OK);
    CHECK_EQ(open_wire(opener, &wire), SOTTO_OK);
    CHECK_EQ(sotto_keys_current(ours), first);
    CHECK(kid != first);
    CHECK_EQ(sotto_keys_use(ours, kid), SOTTO_OK);
    CHECK_EQ(sotto_keys_current(ours), kid);
    CHECK_EQ(sotto_keys_current(theirs), kid);

    sotto_frame_opener_destroy(opener);
    end_line(line);
    sotto_keys_destroy(ours);
    sotto_keys_destroy(theirs);
}

TEST(what_is_added_to_no_secret_seals) {
    struct sotto_keys *keys = sotto_keys_create();
    struct line line = make_line(keys);
    struct sotto_room_secret secret = make_secret(1);
    struct wire wire;
    uint32_t kid;
    CHECK_EQ(sotto_keys_current(keys), 0);
    CHECK_EQ(sotto_keys_newest(keys), 0);
    CHECK_EQ(seal_into(line.sealer, 1, &wire), SOTTO_MISSING_KEY);
    CHECK_EQ(wire.size, 0);
    CHECK_EQ(sotto_keys_add(keys, &secret, &kid), SOTTO_OK);
    CHECK_EQ(sotto_keys_current(keys), kid);
    CHECK_EQ(seal_into(line.sealer, 1, &wire), SOTTO_OK);
    end_line(line);
    sotto_keys_destroy(keys);
}

TEST(a_held_key_seals_until_it_is_let_go) {
    struct sotto_keys *keys = make_keys(1);
    struct line line = make_line(keys);
    struct wire first = seal(line.sealer, 1);
    sotto_frame_sealer_hold_key(line.sealer, true);
    set_secret(keys, 2);
    struct wire held = seal(line.sealer, 2);
    CHECK_BYTES(held.data + 1, first.data + 1, 4); // the KID
    sotto_frame_sealer_hold_key(line.sealer, false);
    struct wire second = seal(line.sealer, 3);
    CHECK(memcmp(second.data + 1, first.data + 1, 4) != 0);
    end_line(line);
    sotto_keys_destroy(keys);
}

// Polls of any stream bring the time.
TEST(old_secrets_end) {
    struct sotto_keys *keys = make_keys(1);
    uint32_t first = sotto_keys_current(keys);
    struct line line = make_line(keys), other = make_line(keys);
    struct sotto_stream_event event;
    struct wire late = seal(line.sealer, 1), later = seal(line.sealer, 2);
    struct wire of_other = seal(other.sealer, 1), again = seal(other.sealer, 2);
    set_secret(keys, 2);
    struct wire second = seal(line.sealer, 3);
    CHECK_EQ(open_wire(line.opener, &second), SOTTO_OK);
    uint64_t now_ms = 1000;
    for (; now_ms <= 5000; now_ms += SOTTO_TICK_MS_MAX) {
        if (now_ms == 2000)
            CHECK_EQ(open_wire(line.opener, &late), SOTTO_OK);
        (void)sotto_frame_opener_poll_event(line.opener, now_ms, &event);
    }
    CHECK_EQ(open_wire(line.opener, &later), SOTTO_MISSING_KEY); // the stream moved on 3 s ago
    CHECK_EQ(open_wire(other.opener, &of_other), SOTTO_OK);      // this one did not
    for (; now_ms <= 62000; now_ms += SOTTO_TICK_MS_MAX)
        (void)sotto_frame_sealer_poll_event(line.sealer, now_ms, &event);
    CHECK_EQ(open_wire(other.opener, &again), SOTTO_MISSING_KEY);
    CHECK_EQ(sotto_keys_use(keys, first), SOTTO_MISSING_KEY);
    CHECK_EQ(sotto_keys_list(keys, NULL, 0), 1);
    end_line(line);
    end_line(other);
    sotto_keys_destroy(keys);
}

// Threads look at the clock before they take the lock: one that was told the time earlier may come
// later, and no secret ends sooner for it.
TEST(a_time_that_comes_late_ends_nothing) {
    struct sotto_keys *keys = make_keys(1);
    struct line line = make_line(keys);
    struct sotto_stream_event event;
    struct wire wire = seal(line.sealer, 1);
    (void)sotto_frame_sealer_poll_event(line.sealer, 100000, &event);
    set_secret(keys, 2);
    (void)sotto_frame_sealer_poll_event(line.sealer, 0, &event);
    (void)sotto_frame_sealer_poll_event(line.sealer, 100000 + SOTTO_TICK_MS_MAX, &event);
    CHECK_EQ(sotto_keys_list(keys, NULL, 0), 2);
    CHECK_EQ(open_wire(line.opener, &wire), SOTTO_OK);
    end_line(line);
    sotto_keys_destroy(keys);
}

// One member takes the steps, the others follow.
TEST(a_ratchet_window_follows_others) {
    struct sotto_keys *theirs = make_keys(1);
    struct sotto_keys *ours = sotto_keys_create();
    CHECK_EQ(sotto_keys_set_ratchet_window(ours, SOTTO_RATCHET_WINDOW_MAX + 1), SOTTO_INVALID);
    CHECK_EQ(sotto_keys_set_ratchet_window(ours, 2), SOTTO_OK);
    uint32_t first = set_secret(ours, 1), second;
    struct line line = make_line(theirs);
    struct sotto_frame_opener *opener = make_opener(ours, line.sealer);
    struct sotto_stream_event event;
    CHECK_EQ(sotto_keys_list(ours, NULL, 0), 1);

    CHECK_EQ(sotto_keys_ratchet(theirs, &second), SOTTO_OK);
    CHECK_EQ(sotto_keys_use(theirs, second), SOTTO_OK);
    struct sotto_room_secret ahead;
    CHECK_EQ(sotto_keys_export(ours, second, &ahead), SOTTO_MISSING_KEY);
    struct wire wire = seal(line.sealer, 1);
    CHECK_EQ(open_wire(opener, &wire), SOTTO_OK);
    CHECK_EQ(sotto_keys_newest(ours), first);
    (void)sotto_frame_opener_poll_event(opener, 1, &event);
    CHECK_EQ(sotto_keys_newest(ours), second);
    CHECK_EQ(sotto_keys_export(ours, second, &ahead), SOTTO_OK);
    CHECK_EQ(sotto_keys_current(ours), first);
    sotto_frame_opener_destroy(opener);
    end_line(line);
    sotto_keys_destroy(ours);
    sotto_keys_destroy(theirs);
}

TEST(a_removed_secret_neither_opens_nor_seals) {
    struct sotto_keys *keys = make_keys(1);
    uint32_t kid = sotto_keys_current(keys);
    struct line line = make_line(keys);
    struct wire wire = seal(line.sealer, 1);
    CHECK_EQ(sotto_keys_remove(keys, kid), SOTTO_OK);
    CHECK_EQ(open_wire(line.opener, &wire), SOTTO_MISSING_KEY);
    CHECK_EQ(seal_into(line.sealer, 2, &wire), SOTTO_MISSING_KEY);
    CHECK_EQ(sotto_keys_remove(keys, kid), SOTTO_MISSING_KEY);
    CHECK_EQ(sotto_keys_use(keys, kid), SOTTO_MISSING_KEY);
    CHECK_EQ(sotto_keys_list(keys, NULL, 0), 0);
    end_line(line);
    sotto_keys_destroy(keys);
}

TEST(a_ratcheted_secret_is_handed_on_and_opens_nothing_older) {
    struct sotto_keys *keys = make_keys(1);
    uint32_t first = sotto_keys_current(keys);
    struct line line = make_line(keys);
    struct wire before = seal(line.sealer, 1);
    uint32_t second;
    CHECK_EQ(sotto_keys_ratchet(keys, &second), SOTTO_OK);
    CHECK(second != first);
    CHECK_EQ(sotto_keys_newest(keys), second);
    CHECK_EQ(sotto_keys_current(keys), first);
    CHECK_EQ(sotto_keys_use(keys, second), SOTTO_OK);
    struct wire after = seal(line.sealer, 2);

    struct sotto_room_secret exported, expected, start = make_secret(1);
    CHECK_EQ(sotto_keys_export(keys, second, &exported), SOTTO_OK);
    CHECK_EQ(sotto_key_schedule_derive_next(&start, &expected), SOTTO_OK);
    CHECK_BYTES(exported.bytes, expected.bytes, sizeof exported.bytes);

    struct sotto_keys *joiner = sotto_keys_create();
    CHECK_EQ(sotto_keys_set(joiner, &exported, NULL), SOTTO_OK);
    struct sotto_frame_opener *opener = make_opener(joiner, line.sealer);
    CHECK_EQ(open_wire(opener, &after), SOTTO_OK);
    CHECK_EQ(open_wire(opener, &before), SOTTO_MISSING_KEY);
    CHECK_EQ(open_wire(line.opener, &before), SOTTO_OK);

    sotto_frame_opener_destroy(opener);
    sotto_keys_destroy(joiner);
    end_line(line);
    sotto_keys_destroy(keys);
}

TEST(without_a_secret_there_is_nothing_to_ratchet_or_to_export) {
    struct sotto_keys *keys = sotto_keys_create();
    uint32_t kid = 7;
    struct sotto_room_secret secret = make_secret(1), none = {{0}};
    char code[SOTTO_SAFETY_CODE_SIZE] = "rubbish";
    CHECK_EQ(sotto_keys_ratchet(keys, &kid), SOTTO_MISSING_KEY);
    CHECK_EQ(kid, 0);
    CHECK_EQ(sotto_keys_export(keys, 5, &secret), SOTTO_MISSING_KEY);
    CHECK_BYTES(secret.bytes, none.bytes, sizeof none.bytes);
    CHECK_EQ(sotto_keys_safety_code(keys, 0, code), SOTTO_MISSING_KEY);
    CHECK_TEXT(code, "");
    sotto_keys_destroy(keys);
}

// From tests/vectors/sotto_frames.json: the code of its text key.
TEST(lists_kids_and_safety_codes) {
    struct sotto_keys *keys = make_keys(1);
    struct sotto_room_secret secret;
    CHECK_EQ(sotto_key_schedule_derive_from_text(&secret, sotto_bytes_of_text("<Secret_Key>"),
                                                 sotto_bytes_of_text("2kyv-gzay-64pg")),
             SOTTO_OK);
    uint32_t kid, first = sotto_keys_current(keys), kids[3] = {0};
    CHECK_EQ(sotto_keys_add(keys, &secret, &kid), SOTTO_OK);
    CHECK_EQ(kid, 4125260461);
    char code[SOTTO_SAFETY_CODE_SIZE];
    CHECK_EQ(sotto_keys_safety_code(keys, kid, code), SOTTO_OK);
    CHECK_TEXT(code, "5777 5773 6685");
    CHECK_EQ(sotto_keys_list(keys, kids, 3), 2);
    CHECK(kids[0] == first || kids[1] == first);
    CHECK(kids[0] == kid || kids[1] == kid);
    CHECK_EQ(kids[2], 0);
    kids[1] = 0;
    CHECK_EQ(sotto_keys_list(keys, kids, 1), 2);
    CHECK_EQ(kids[1], 0);
    sotto_keys_destroy(keys);
}

TEST(keeps_the_current_one_of_more_secrets_than_fit) {
    struct sotto_keys *keys = make_keys(0);
    uint32_t current = sotto_keys_current(keys);
    for (uint32_t number = 1; number <= 40; number++) {
        struct sotto_room_secret secret = make_secret(number);
        CHECK_EQ(sotto_keys_add(keys, &secret, NULL), SOTTO_OK);
        CHECK_EQ(sotto_keys_current(keys), current);
    }
    uint32_t kids[SOTTO_ROOM_SECRETS_MAX];
    CHECK_EQ(sotto_keys_list(keys, kids, SOTTO_ROOM_SECRETS_MAX), SOTTO_ROOM_SECRETS_MAX);
    CHECK_EQ(sotto_keys_use(keys, current), SOTTO_OK);
    sotto_keys_destroy(keys);
}

TEST(a_text_key_in_steps_is_that_in_one_call) {
    struct sotto_bytes text = sotto_bytes_of_text("<Secret_Key>");
    struct sotto_bytes room_id = sotto_bytes_of_text("2kyv-gzay-64pg");
    struct sotto_room_secret secret, stepped;
    CHECK_EQ(sotto_key_schedule_derive_from_text(&secret, text, room_id), SOTTO_OK);
    struct sotto_text_key *key = sotto_text_key_create(text, room_id);
    CHECK(key);
    CHECK_EQ(sotto_text_key_finish(key, &stepped), SOTTO_NOT_READY);
    uint32_t left = SOTTO_TEXT_KEY_ROUNDS, count = 0;
    while (left > 0) {
        uint32_t now_left = sotto_text_key_step(key, 100000);
        CHECK(now_left < left);
        left = now_left;
        count++;
    }
    CHECK_EQ(count, 6);
    CHECK_EQ(sotto_text_key_finish(key, &stepped), SOTTO_OK);
    CHECK_BYTES(stepped.bytes, secret.bytes, sizeof secret.bytes);
    sotto_text_key_destroy(key);

    key = sotto_text_key_create(text, room_id); // given up in the middle
    CHECK(sotto_text_key_step(key, 10) > 0);
    sotto_text_key_destroy(key);
    CHECK(!sotto_text_key_create(sotto_bytes_of_text(""), room_id));
    CHECK(!sotto_text_key_create(text, sotto_bytes_of_text("")));
    sotto_text_key_destroy(NULL);
}

TEST(a_wiped_secret_is_zero) {
    struct sotto_room_secret secret = make_secret(5), none = {{0}};
    sotto_key_schedule_wipe_secret(&secret);
    CHECK_BYTES(secret.bytes, none.bytes, sizeof none.bytes);
    sotto_keys_destroy(NULL);
}

int main(void) {
    RUN(the_secret_set_last_seals_and_all_open);
    RUN(an_added_secret_opens_but_does_not_seal);
    RUN(what_is_added_to_no_secret_seals);
    RUN(a_held_key_seals_until_it_is_let_go);
    RUN(old_secrets_end);
    RUN(a_time_that_comes_late_ends_nothing);
    RUN(a_ratchet_window_follows_others);
    RUN(a_removed_secret_neither_opens_nor_seals);
    RUN(a_ratcheted_secret_is_handed_on_and_opens_nothing_older);
    RUN(without_a_secret_there_is_nothing_to_ratchet_or_to_export);
    RUN(lists_kids_and_safety_codes);
    RUN(keeps_the_current_one_of_more_secrets_than_fit);
    RUN(a_text_key_in_steps_is_that_in_one_call);
    RUN(a_wiped_secret_is_zero);
    return 0;
}
