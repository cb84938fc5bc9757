#include "core/livekit_replay.h"

#include "tests/check.h"

static struct sotto_livekit_replay replay;

static void begin(void) {
    memset(&replay, 0, sizeof replay);
}

static bool admit(uint64_t key_id, uint32_t ssrc, uint32_t timestamp, uint16_t count) {
    const struct sotto_livekit_iv iv = {ssrc, timestamp, count};
    return sotto_livekit_replay_admit(&replay, key_id, &iv);
}

// Every row is one frame of the same SSRC under the same key, in order.
TEST(the_numbered_table) {
    static const struct {
        int number;
        uint32_t timestamp;
        uint16_t count;
        bool is_admitted;
    } rows[] = {
        {1, 90000, 65533, true},
        {2, 90000, 65533, false},      // the same
        {3, 90000, 65534, true},       // the same timestamp: another spatial layer
        {4, 93000, 0, true},           // the count begins anew
        {5, 90000, 65534, false},
        {6, 99000, 2, true},           // one is missing
        {7, 96000, 1, true},           // and comes late
        {8, 96000, 1, false},
        {9, 96000, 0, true},           // no such count was seen with this timestamp
        {10, 87000, 65532, true},      // before the first that was seen
        {11, 87000, 65532, false},
        {12, 0x7fffffff, 3, true},     // far ahead
        {13, 0xfffffffe, 4, true},     // and again
        {14, 10, 5, true},             // over the end of 32 bits
        {15, 0xfffffffe, 4, false},
        {16, 10, 5, false},
        {17, 0xfffffffd, 4, true},     // late, from before the end
        {18, 0xfffffffd, 4, false},
        // From here on the rows of the first round pass for new ones: they are 2^32 ticks old.
        {19, 90000, 65533, true},
    };
    begin();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        CHECK_EQ(rows[i].number, i + 1);
        if (admit(7, 1, rows[i].timestamp, rows[i].count) != rows[i].is_admitted) {
            fprintf(stderr, "row %d\n", rows[i].number);
            exit(1);
        }
    }
}

TEST(ssrcs_and_keys_have_their_own) {
    begin();
    for (uint64_t key_id = 1; key_id <= 3; key_id++)
        for (uint32_t ssrc = 0; ssrc <= 3; ssrc++)
            CHECK(admit(key_id, ssrc, 1000, 5));
    for (uint64_t key_id = 1; key_id <= 3; key_id++)
        for (uint32_t ssrc = 0; ssrc <= 3; ssrc++)
            CHECK(!admit(key_id, ssrc, 1000, 5));
}

// Sound of 20 ms, as long as a frame's count needs to come round: 65,535 frames, 22 minutes.
enum { FRAME_TICKS = 960, FRAMES = 70000 };

TEST(a_frame_does_not_come_again_when_its_count_does) {
    begin();
    for (uint32_t i = 0; i < FRAMES; i++) {
        CHECK(admit(7, 1, i * FRAME_TICKS, (uint16_t)(i % 65535)));
        CHECK(!admit(7, 1, i * FRAME_TICKS, (uint16_t)(i % 65535)));
    }
    for (uint32_t i = 0; i < FRAMES; i++)
        CHECK(!admit(7, 1, i * FRAME_TICKS, (uint16_t)(i % 65535)));
}

TEST(the_window_is_1024_frames_wide) {
    begin();
    for (uint32_t i = 0; i < 5000; i++)
        if (i % 2 == 0)
            CHECK(admit(7, 1, i * FRAME_TICKS, (uint16_t)i));
    // The odd ones were lost. The 1,024 that are remembered are 2,952 to 4,998; up to 2,950 all
    // count as opened.
    CHECK(!admit(7, 1, 2949 * FRAME_TICKS, 2949));
    CHECK(admit(7, 1, 2951 * FRAME_TICKS, 2951));
    CHECK(admit(7, 1, 4999 * FRAME_TICKS, 4999));
    CHECK(!admit(7, 1, 2951 * FRAME_TICKS, 2951));
}

// A late frame that is below all that are remembered is not remembered itself: all up to it counts
// as opened instead, and nothing that was opened comes back.
TEST(a_late_frame_below_a_full_window_does_not_lower_the_floor) {
    begin();
    for (uint32_t i = 0; i < 1025; i++)
        CHECK(admit(7, 1, 1000 + 10 * i, (uint16_t)i));
    CHECK(!admit(7, 1, 1000, 0)); // made room
    CHECK(admit(7, 1, 1005, 3000));
    CHECK(!admit(7, 1, 1005, 3000));
    CHECK(admit(7, 1, 1006, 3001)); // the next above it
    CHECK(admit(7, 1, 1000 + 10 * 1025, 1025));
    for (uint32_t i = 0; i < 1026; i++)
        CHECK(!admit(7, 1, 1000 + 10 * i, (uint16_t)i));
}

TEST(with_too_many_at_a_time_late_frames_count_as_opened) {
    begin();
    for (uint32_t ssrc = 0; ssrc < SOTTO_LIVEKIT_WINDOWS_MAX + 1; ssrc++) {
        CHECK(admit(7, ssrc, 1000, 1));
        CHECK(admit(7, ssrc, 3000, 3));
    }
    // The first gave up its window.
    CHECK(!admit(7, 0, 1000, 1));
    CHECK(!admit(7, 0, 3000, 3));
    CHECK(!admit(7, 0, 2000, 2));
    CHECK(admit(7, 0, 4000, 4)); // and takes the second's
    CHECK(!admit(7, 0, 4000, 4));
    CHECK(!admit(7, 1, 2000, 2));
    CHECK(admit(7, 2, 2000, 2));
    for (uint32_t ssrc = 0; ssrc < SOTTO_LIVEKIT_WINDOWS_MAX + 1; ssrc++)
        CHECK(!admit(7, ssrc, 3000, 3));
}

TEST(of_too_many_the_one_used_longest_ago_is_forgotten) {
    begin();
    for (uint32_t ssrc = 0; ssrc < SOTTO_LIVEKIT_STREAMS_MAX; ssrc++)
        CHECK(admit(7, ssrc, 1000, 1));
    CHECK(admit(7, 0, 2000, 2));
    CHECK(admit(7, SOTTO_LIVEKIT_STREAMS_MAX, 1000, 1));
    for (uint32_t ssrc = 0; ssrc <= SOTTO_LIVEKIT_STREAMS_MAX; ssrc++)
        if (ssrc != 1)
            CHECK(!admit(7, ssrc, 1000, 1));
    CHECK(admit(7, 1, 1000, 1));
}

// Against a memory that forgets nothing: whatever the order, nothing is admitted twice.
TEST(nothing_comes_twice_in_any_order) {
    enum { COUNT = 30000 };
    static uint8_t admitted[COUNT];
    uint32_t random = 1;
    begin();
    memset(admitted, 0, sizeof admitted);
    for (uint32_t now = 0; now < 200000; now++) {
        random = random * 1664525 + 1013904223;
        // Around a place that moves on, seldom far back or ahead.
        const uint32_t spread = random >> 28 == 0 ? COUNT : 1500;
        const uint32_t frame = (now / 8 + (random >> 8) % spread) % COUNT;
        const bool is_admitted = admit(7, 1, frame / 3 * 3000, (uint16_t)(frame % 65535));
        CHECK(!is_admitted || !admitted[frame]);
        admitted[frame] |= is_admitted;
    }
}

// Whoever has the key can send any timestamp; the numbers in the memory stay numbers.
TEST(leaps_end_somewhere) {
    begin();
    uint32_t timestamp = 0, leaps = 0;
    while (admit(7, 1, timestamp, 0) && leaps++ < 200000)
        timestamp += 0x7fffffff;
    CHECK(leaps > 60000 && leaps < 200000);
    CHECK(!admit(7, 1, timestamp, 1));
}

int main(void) {
    RUN(the_numbered_table);
    RUN(ssrcs_and_keys_have_their_own);
    RUN(a_frame_does_not_come_again_when_its_count_does);
    RUN(the_window_is_1024_frames_wide);
    RUN(a_late_frame_below_a_full_window_does_not_lower_the_floor);
    RUN(with_too_many_at_a_time_late_frames_count_as_opened);
    RUN(of_too_many_the_one_used_longest_ago_is_forgotten);
    RUN(nothing_comes_twice_in_any_order);
    RUN(leaps_end_somewhere);
    return 0;
}
