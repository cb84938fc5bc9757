#include "sfu/speaker.h"

#include "tests/check.h"

enum {
    MS = 1000,
    COUNT = 4,
    PACKET_MS = 20,
    LOUD = 25, // dB below full scale: speech close to a microphone
    QUIET = 70,
    MUTED = 127,
    NOTHING = -1,
};

static struct sotto_speaker_source sources[COUNT];
static struct sotto_speaker speaker;
static uint64_t now_us;
static int changes;

static void begin(void) {
    sotto_speaker_init(&speaker, sources, COUNT);
    now_us = 500 * MS;
    changes = 0;
}

// Who speaks by the events so far.
static uint32_t shown = SOTTO_SPEAKER_NOBODY;

static void pull(void) {
    if (sotto_speaker_poll_timeout(&speaker) <= now_us)
        sotto_speaker_handle_timeout(&speaker, now_us);
    uint32_t source;
    while (sotto_speaker_poll_event(&speaker, &source)) {
        CHECK(source != shown);
        shown = source;
        changes++;
    }
}

// Everybody sends packets at these levels for a while; NOTHING sends none.
static void talk(uint64_t ms, int a, int b, int c) {
    int levels[] = {a, b, c};
    for (uint64_t passed = 0; passed < ms; passed += PACKET_MS) {
        for (uint32_t i = 0; i < 3; i++)
            if (levels[i] != NOTHING)
                sotto_speaker_handle_level(&speaker, now_us, i, (uint8_t)levels[i]);
        now_us += PACKET_MS * MS;
        pull();
    }
}

TEST(somebody_who_speaks_becomes_the_speaker_within_a_second) {
    begin();
    shown = SOTTO_SPEAKER_NOBODY;
    talk(200, QUIET, LOUD, QUIET);
    CHECK_EQ(shown, SOTTO_SPEAKER_NOBODY);
    talk(800, QUIET, LOUD, QUIET);
    CHECK_EQ(shown, 1);
    CHECK_EQ(changes, 1);
}

TEST(background_noise_makes_nobody_the_speaker) {
    begin();
    shown = SOTTO_SPEAKER_NOBODY;
    talk(5000, QUIET, QUIET, 55);
    CHECK_EQ(shown, SOTTO_SPEAKER_NOBODY);
}

TEST(a_short_noise_does_not_take_the_screen) {
    begin();
    shown = SOTTO_SPEAKER_NOBODY;
    talk(2000, 35, QUIET, QUIET);
    CHECK_EQ(shown, 0);
    talk(200, 35, 5, QUIET); // a door
    talk(2000, 35, QUIET, QUIET);
    CHECK_EQ(shown, 0);
    // Not even when the speaker is soft and the door is clearly louder for a moment.
    talk(2000, 48, QUIET, QUIET);
    talk(200, 48, 2, QUIET);
    talk(2000, 48, QUIET, QUIET);
    CHECK_EQ(shown, 0);
    CHECK_EQ(changes, 1);
}

TEST(two_who_speak_alike_do_not_take_turns) {
    begin();
    shown = SOTTO_SPEAKER_NOBODY;
    talk(2000, 32, QUIET, QUIET);
    for (int i = 0; i < 20; i++) {
        talk(500, 32, 29, QUIET);
        talk(500, 29, 32, QUIET);
    }
    CHECK_EQ(shown, 0);
    CHECK_EQ(changes, 1);
}

TEST(when_one_stops_the_other_takes_over) {
    begin();
    shown = SOTTO_SPEAKER_NOBODY;
    talk(2000, LOUD, QUIET, QUIET);
    talk(1500, QUIET, LOUD, QUIET);
    CHECK_EQ(shown, 1);
    CHECK_EQ(changes, 2);
}

TEST(a_pause_within_speech_changes_nothing_and_silence_does) {
    begin();
    shown = SOTTO_SPEAKER_NOBODY;
    talk(2000, LOUD, MUTED, MUTED);
    talk(1000, MUTED, MUTED, MUTED);
    CHECK_EQ(shown, 0);
    talk(SOTTO_SPEAKER_SILENCE_MS + 1000, MUTED, MUTED, MUTED);
    CHECK_EQ(shown, SOTTO_SPEAKER_NOBODY);
    CHECK_EQ(changes, 2);
}

TEST(a_publisher_that_stops_sending_falls_silent) {
    begin();
    shown = SOTTO_SPEAKER_NOBODY;
    talk(2000, LOUD, NOTHING, NOTHING);
    CHECK_EQ(shown, 0);
    talk(SOTTO_SPEAKER_SILENCE_MS + 2000, NOTHING, NOTHING, NOTHING);
    CHECK_EQ(shown, SOTTO_SPEAKER_NOBODY);
    // And nothing is left to do.
    CHECK_EQ(sotto_speaker_poll_timeout(&speaker), UINT64_MAX);
}

TEST(a_silent_meeting_needs_no_timer) {
    begin();
    talk(100, MUTED, MUTED, MUTED);
    CHECK_EQ(sotto_speaker_poll_timeout(&speaker), UINT64_MAX);
    sotto_speaker_handle_level(&speaker, now_us, 0, QUIET);
    CHECK_EQ(sotto_speaker_poll_timeout(&speaker), now_us + SOTTO_SPEAKER_INTERVAL_MS * MS);
}

TEST(a_speaker_that_leaves_is_not_shown_any_more) {
    begin();
    shown = SOTTO_SPEAKER_NOBODY;
    talk(2000, LOUD, QUIET, QUIET);
    CHECK_EQ(shown, 0);
    sotto_speaker_remove(&speaker, 0);
    pull();
    CHECK_EQ(shown, SOTTO_SPEAKER_NOBODY);
    // The next one in its place begins from silence.
    talk(200, QUIET, QUIET, QUIET);
    CHECK_EQ(shown, SOTTO_SPEAKER_NOBODY);
}

TEST(levels_beyond_the_scale_are_silence) {
    begin();
    shown = SOTTO_SPEAKER_NOBODY;
    talk(2000, 255, 128, MUTED);
    CHECK_EQ(shown, SOTTO_SPEAKER_NOBODY);
}

TEST(a_change_that_was_taken_back_is_no_event) {
    begin();
    shown = SOTTO_SPEAKER_NOBODY;
    uint32_t source;
    for (int i = 0; i < 20; i++) {
        sotto_speaker_handle_level(&speaker, now_us, 2, LOUD);
        now_us += SOTTO_SPEAKER_INTERVAL_MS * MS;
        sotto_speaker_handle_timeout(&speaker, now_us);
    }
    sotto_speaker_remove(&speaker, 2);
    CHECK(!sotto_speaker_poll_event(&speaker, &source));
    CHECK_EQ(source, SOTTO_SPEAKER_NOBODY);
}

int main(void) {
    RUN(somebody_who_speaks_becomes_the_speaker_within_a_second);
    RUN(background_noise_makes_nobody_the_speaker);
    RUN(a_short_noise_does_not_take_the_screen);
    RUN(two_who_speak_alike_do_not_take_turns);
    RUN(when_one_stops_the_other_takes_over);
    RUN(a_pause_within_speech_changes_nothing_and_silence_does);
    RUN(a_publisher_that_stops_sending_falls_silent);
    RUN(a_silent_meeting_needs_no_timer);
    RUN(a_speaker_that_leaves_is_not_shown_any_more);
    RUN(levels_beyond_the_scale_are_silence);
    RUN(a_change_that_was_taken_back_is_no_event);
    return 0;
}
