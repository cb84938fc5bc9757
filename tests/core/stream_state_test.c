#include "core/stream_state.h"

#include "tests/check.h"

static struct sotto_stream_state state;
static struct sotto_stream_event event;

static void begin(void) {
    state = (struct sotto_stream_state){0};
}

static void count(enum sotto_result result, int times) {
    for (int i = 0; i < times; i++)
        sotto_stream_state_count(&state, result, 0x80000000 + result);
}

static bool poll(uint64_t now_ms) {
    return sotto_stream_state_poll_event(&state, SOTTO_OPENING, SOTTO_KIND_VIDEO, now_ms, &event);
}

static void check_silent(uint64_t now_ms) {
    CHECK(!poll(now_ms));
    CHECK_EQ(event.state, 0);
}

static void check_event(uint64_t now_ms, enum sotto_state expected, enum sotto_result reason,
                        uint64_t frames, uint64_t since_ms) {
    CHECK(poll(now_ms));
    CHECK_EQ(event.state, expected);
    CHECK_EQ(event.reason, reason);
    CHECK_EQ(event.count, frames);
    CHECK_EQ(event.since_ms, since_ms);
    CHECK_EQ(event.kid, 0x80000000 + reason);
    CHECK_EQ(event.kind, SOTTO_KIND_VIDEO);
}

TEST(a_stream_without_frames_has_nothing_to_tell) {
    begin();
    for (uint64_t now_ms = 0; now_ms < 10000; now_ms += 100)
        check_silent(now_ms);
}

TEST(the_first_frame_that_passes_is_told_at_once_and_once) {
    begin();
    check_silent(5000);
    count(SOTTO_OK, 3);
    check_event(5100, SOTTO_STATE_DECRYPTION_SUCCESS, SOTTO_OK, 3, 5100);
    for (uint64_t now_ms = 5200; now_ms < 20000; now_ms += 100) {
        count(SOTTO_OK, 3);
        check_silent(now_ms);
    }
}

TEST(a_wrong_key_from_the_start_is_told_at_once_and_once) {
    begin();
    count(SOTTO_TAMPERED, 2);
    check_event(100, SOTTO_STATE_DECRYPTION_FAILED, SOTTO_TAMPERED, 2, 100);
    for (uint64_t now_ms = 200; now_ms < 20000; now_ms += 100) {
        count(SOTTO_TAMPERED, 3);
        check_silent(now_ms);
    }
    CHECK_EQ(state.failed, 2 + 198 * 3);
}

TEST(media_that_overtakes_its_answer_is_no_failure_until_a_second_is_over) {
    begin();
    for (uint64_t now_ms = 100; now_ms < 1100; now_ms += 100) {
        count(SOTTO_NOT_LIVE, 3);
        check_silent(now_ms);
    }
    count(SOTTO_OK, 1);
    check_event(1100, SOTTO_STATE_DECRYPTION_SUCCESS, SOTTO_OK, 1, 1100);
    begin();
    for (uint64_t now_ms = 100; now_ms < 1100; now_ms += 100) {
        count(SOTTO_NOT_LIVE, 3);
        check_silent(now_ms);
    }
    count(SOTTO_NOT_LIVE, 3);
    check_event(1100, SOTTO_STATE_DECRYPTION_FAILED, SOTTO_NOT_LIVE, 33, 100);
}

TEST(single_failures_in_a_running_stream_only_count) {
    begin();
    count(SOTTO_OK, 1);
    CHECK(poll(0));
    for (uint64_t now_ms = 100; now_ms < 20000; now_ms += 100) {
        count(SOTTO_TAMPERED, 29);
        if (now_ms % 900 == 0) // one frame in nine tenths of a second
            count(SOTTO_OK, 1);
        check_silent(now_ms);
    }
    CHECK_EQ(state.failed, 199 * 29);
}

TEST(a_second_in_which_nothing_opened_is_told) {
    begin();
    count(SOTTO_OK, 1);
    CHECK(poll(0));
    count(SOTTO_OK, 1);
    check_silent(4900);
    for (uint64_t now_ms = 5000; now_ms < 6000; now_ms += 100) {
        count(SOTTO_MISSING_KEY, 3);
        check_silent(now_ms);
    }
    count(SOTTO_MISSING_KEY, 3);
    check_event(6000, SOTTO_STATE_DECRYPTION_FAILED, SOTTO_MISSING_KEY, 33, 5000);
    count(SOTTO_MISSING_KEY, 3);
    check_silent(9000);
}

TEST(the_second_starts_anew_after_each_frame_that_opened) {
    begin();
    count(SOTTO_OK, 1);
    CHECK(poll(0));
    count(SOTTO_TAMPERED, 1);
    check_silent(2000);
    count(SOTTO_OK, 1);
    count(SOTTO_TAMPERED, 1);
    check_silent(2900);
    count(SOTTO_TAMPERED, 1);
    check_silent(3899);
    check_event(3900, SOTTO_STATE_DECRYPTION_FAILED, SOTTO_TAMPERED, 2, 2900);
}

TEST(recovery_is_told_at_once_but_never_two_events_in_a_second) {
    begin();
    count(SOTTO_MISSING_KEY, 1);
    check_event(0, SOTTO_STATE_DECRYPTION_FAILED, SOTTO_MISSING_KEY, 1, 0);
    count(SOTTO_OK, 5);
    check_silent(300); // found, and told when its second is over
    count(SOTTO_OK, 5);
    check_silent(999);
    check_event(1000, SOTTO_STATE_DECRYPTION_SUCCESS, SOTTO_OK, 10, 300);

    count(SOTTO_TAMPERED, 1);
    check_silent(3000);
    check_event(4000, SOTTO_STATE_DECRYPTION_FAILED, SOTTO_TAMPERED, 1, 3000);
    count(SOTTO_OK, 1);
    check_event(6000, SOTTO_STATE_DECRYPTION_SUCCESS, SOTTO_OK, 1, 6000);
}

TEST(a_success_that_did_not_last_until_its_second_was_over_is_told_all_the_same) {
    begin();
    count(SOTTO_TAMPERED, 1);
    CHECK(poll(0));
    count(SOTTO_OK, 1);
    check_silent(100);
    count(SOTTO_TAMPERED, 9);
    check_silent(200);
    check_event(1000, SOTTO_STATE_DECRYPTION_SUCCESS, SOTTO_OK, 1, 100);
    check_silent(1999);
    check_event(2000, SOTTO_STATE_DECRYPTION_FAILED, SOTTO_TAMPERED, 9, 200);
}

TEST(another_reason_is_another_event) {
    begin();
    count(SOTTO_MISSING_KEY, 1);
    CHECK(poll(0));
    count(SOTTO_TAMPERED, 1);
    check_silent(500);
    check_event(1000, SOTTO_STATE_DECRYPTION_FAILED, SOTTO_TAMPERED, 2, 0);
}

TEST(at_most_one_event_a_second_whatever_comes) {
    static const enum sotto_result results[] = {SOTTO_OK,         SOTTO_MISSING_KEY,
                                                SOTTO_TAMPERED,   SOTTO_NOT_SEALED,
                                                SOTTO_REPLAYED,   SOTTO_INTERNAL};
    begin();
    uint64_t random = 1;
    uint64_t told_ms = 0;
    int events = 0;
    for (uint64_t now_ms = 0; now_ms < 1000000; now_ms += 10) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        // Long stretches of one outcome, so that every change occurs.
        count(results[now_ms / 1700 % 2 ? (random >> 33) % 6 : 1 + now_ms / 3400 % 5], 1);
        if (!poll(now_ms))
            continue;
        CHECK(events == 0 || now_ms - told_ms >= 1000);
        told_ms = now_ms;
        events++;
    }
    CHECK(events > 300);
}

TEST(replays_are_counted_and_never_told) {
    begin();
    count(SOTTO_REPLAYED, 5);
    check_silent(0);
    count(SOTTO_OK, 1);
    CHECK(poll(100));
    for (uint64_t now_ms = 200; now_ms < 5000; now_ms += 100) {
        count(SOTTO_REPLAYED, 5);
        check_silent(now_ms);
    }
    CHECK_EQ(state.replayed, 5 + 48 * 5);
    CHECK_EQ(state.failed, 0);
    CHECK_EQ(state.passed, 1);
}

TEST(failures_are_counted_by_reason) {
    begin();
    for (int result = SOTTO_OK; result < SOTTO_RESULT_COUNT; result++)
        count((enum sotto_result)result, result + 1);
    uint64_t sum = 0;
    for (int result = SOTTO_OK; result < SOTTO_RESULT_COUNT; result++) {
        bool fails = result != SOTTO_OK && result != SOTTO_REPLAYED;
        CHECK_EQ(state.failed_as[result], fails ? result + 1 : 0);
        sum += state.failed_as[result];
    }
    CHECK_EQ(state.failed, sum);
    CHECK_EQ(state.passed, SOTTO_OK + 1);
    CHECK_EQ(state.replayed, SOTTO_REPLAYED + 1);
}

TEST(states_follow_direction_and_reason) {
    static const struct {
        enum sotto_result result;
        const char *sealing;
        const char *opening;
        const char *reason;
    } rows[] = {
        {SOTTO_OK, "EncryptionSuccess", "DecryptionSuccess", ""},
        {SOTTO_MISSING_KEY, "EncryptionFailed", "DecryptionFailed", "missing-key"},
        {SOTTO_NOT_READY, "EncryptionFailed", "DecryptionFailed", "not-ready"},
        {SOTTO_EXHAUSTED, "EncryptionFailed", "DecryptionFailed", "exhausted"},
        {SOTTO_TAMPERED, "EncryptionFailed", "DecryptionFailed", "tampered"},
        {SOTTO_NOT_SEALED, "EncryptionFailed", "DecryptionFailed", "not-sealed"},
        {SOTTO_NOT_LIVE, "EncryptionFailed", "DecryptionFailed", "not-live"},
        {SOTTO_TOO_SMALL, "InternalError", "InternalError", "destination-too-small"},
        {SOTTO_INVALID, "InternalError", "InternalError", "invalid-argument"},
        {SOTTO_INTERNAL, "InternalError", "InternalError", "cryptographic-library"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        begin();
        count(rows[i].result, 1);
        for (uint64_t now_ms = 0; now_ms <= 1000; now_ms += 1000)
            if (sotto_stream_state_poll_event(&state, SOTTO_SEALING, SOTTO_KIND_AUDIO, now_ms,
                                              &event))
                break;
        CHECK_TEXT(sotto_state_text(event.state), rows[i].sealing);
        CHECK_TEXT(sotto_reason_text(event.reason), rows[i].reason);
        begin();
        count(rows[i].result, 1);
        CHECK(poll(0) || (rows[i].result == SOTTO_NOT_LIVE && poll(1000)));
        CHECK_TEXT(sotto_state_text(event.state), rows[i].opening);
    }
    CHECK(!sotto_state_text((enum sotto_state)0));
    CHECK_TEXT(sotto_reason_text(SOTTO_REPLAYED), "replayed");
    CHECK_TEXT(sotto_reason_text(SOTTO_KID_TAKEN), "kid-taken");
    CHECK(!sotto_reason_text((enum sotto_result)99));
}

int main(void) {
    RUN(a_stream_without_frames_has_nothing_to_tell);
    RUN(the_first_frame_that_passes_is_told_at_once_and_once);
    RUN(a_wrong_key_from_the_start_is_told_at_once_and_once);
    RUN(media_that_overtakes_its_answer_is_no_failure_until_a_second_is_over);
    RUN(single_failures_in_a_running_stream_only_count);
    RUN(a_second_in_which_nothing_opened_is_told);
    RUN(the_second_starts_anew_after_each_frame_that_opened);
    RUN(recovery_is_told_at_once_but_never_two_events_in_a_second);
    RUN(a_success_that_did_not_last_until_its_second_was_over_is_told_all_the_same);
    RUN(another_reason_is_another_event);
    RUN(at_most_one_event_a_second_whatever_comes);
    RUN(replays_are_counted_and_never_told);
    RUN(failures_are_counted_by_reason);
    RUN(states_follow_direction_and_reason);
    return 0;
}
