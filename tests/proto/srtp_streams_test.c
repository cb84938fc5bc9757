#include "proto/srtp_streams.h"

#include "tests/check.h"

static struct sotto_srtp_stream started(uint64_t index) {
    struct sotto_srtp_stream stream = {.ssrc = 1, .used = true};
    sotto_srtp_stream_accept(&stream, index);
    return stream;
}

static enum sotto_srtp_index guess(const struct sotto_srtp_stream *stream, uint16_t sequence,
                                   uint64_t expected) {
    uint64_t index = 1;
    enum sotto_srtp_index result = sotto_srtp_stream_guess(stream, sequence, &index);
    CHECK_EQ(index, result == SOTTO_SRTP_INDEX_FRESH ? expected : 0);
    return result;
}

TEST(the_first_packet_starts_with_roll_over_counter_0) {
    struct sotto_srtp_stream stream = {.ssrc = 1, .used = true};
    CHECK_EQ(guess(&stream, 0, 0), SOTTO_SRTP_INDEX_FRESH);
    CHECK_EQ(guess(&stream, 65535, 65535), SOTTO_SRTP_INDEX_FRESH);
}

// Every pair of highest and received sequence number, against RFC 3711 section 3.3.1 word by word.
TEST(the_guess_is_that_of_rfc_3711_section_3_3_1) {
    const int64_t roll_over = 7;
    for (int64_t highest = 0; highest < 65536; highest += 127) {
        struct sotto_srtp_stream stream = started((uint64_t)(roll_over << 16 | highest));
        for (int64_t sequence = 0; sequence < 65536; sequence += 61) {
            int64_t v = roll_over;
            if (highest < 32768) {
                if (sequence - highest > 32768)
                    v = roll_over - 1;
            } else if (highest - 32768 > sequence) {
                v = roll_over + 1;
            }
            int64_t expected = v << 16 | sequence;
            bool too_old = expected + SOTTO_REPLAY_WINDOW_SIZE <= (roll_over << 16 | highest);
            bool used = too_old || sequence == highest;
            CHECK_EQ(guess(&stream, (uint16_t)sequence, (uint64_t)expected),
                     used ? SOTTO_SRTP_INDEX_USED : SOTTO_SRTP_INDEX_FRESH);
        }
    }
}

TEST(an_index_is_used_once_and_the_window_is_1024_wide) {
    struct sotto_srtp_stream stream = started(5000);
    CHECK_EQ(guess(&stream, 5000, 0), SOTTO_SRTP_INDEX_USED);
    CHECK_EQ(guess(&stream, 4999, 4999), SOTTO_SRTP_INDEX_FRESH);
    CHECK_EQ(guess(&stream, 5000 - 1023, 5000 - 1023), SOTTO_SRTP_INDEX_FRESH);
    CHECK_EQ(guess(&stream, 5000 - 1024, 0), SOTTO_SRTP_INDEX_USED);
    sotto_srtp_stream_accept(&stream, 5000 - 1023);
    CHECK_EQ(stream.window.next, 5001);
    CHECK_EQ(guess(&stream, 5000 - 1023, 0), SOTTO_SRTP_INDEX_USED);
    CHECK_EQ(guess(&stream, 5000, 0), SOTTO_SRTP_INDEX_USED);
}

TEST(moving_on_frees_exactly_the_skipped_places) {
    static const uint64_t steps[] = {1, 2, 63, 64, 65, 1022, 1023, 1024, 1025, 5000};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        struct sotto_srtp_stream stream = {.ssrc = 1, .used = true};
        for (uint64_t index = 10000; index < 12000; index++)
            sotto_srtp_stream_accept(&stream, index);
        uint64_t highest = 11999 + steps[i];
        sotto_srtp_stream_accept(&stream, highest);
        for (uint64_t index = highest - 1023; index <= highest; index++) {
            bool used = index <= 11999 || index == highest;
            CHECK_EQ(guess(&stream, (uint16_t)index, index),
                     used ? SOTTO_SRTP_INDEX_USED : SOTTO_SRTP_INDEX_FRESH);
        }
    }
}

TEST(before_the_first_counter_there_is_nothing) {
    struct sotto_srtp_stream stream = started(3);
    for (uint32_t sequence = 65535; sequence > 3 + 0x8000; sequence--)
        CHECK_EQ(guess(&stream, (uint16_t)sequence, 0), SOTTO_SRTP_INDEX_USED);
    CHECK_EQ(guess(&stream, 3 + 0x8000, 3 + 0x8000), SOTTO_SRTP_INDEX_FRESH);
    CHECK_EQ(guess(&stream, 0, 0), SOTTO_SRTP_INDEX_FRESH);
}

TEST(a_start_just_before_the_wrap_rolls_over) {
    struct sotto_srtp_stream stream = started(65535);
    CHECK_EQ(guess(&stream, 0, 0x10000), SOTTO_SRTP_INDEX_FRESH);
    sotto_srtp_stream_accept(&stream, 0x10000);
    CHECK_EQ(guess(&stream, 65534, 65534), SOTTO_SRTP_INDEX_FRESH);
    CHECK_EQ(guess(&stream, 65535, 0), SOTTO_SRTP_INDEX_USED);
}

TEST(after_2_to_the_48_indexes_comes_nothing) {
    struct sotto_srtp_stream stream = started((UINT64_C(1) << 48) - 2);
    CHECK_EQ(guess(&stream, 65535, (UINT64_C(1) << 48) - 1), SOTTO_SRTP_INDEX_FRESH);
    CHECK_EQ(guess(&stream, 0, 0), SOTTO_SRTP_INDEX_END);
    sotto_srtp_stream_accept(&stream, (UINT64_C(1) << 48) - 1);
    CHECK_EQ(guess(&stream, 0, 0), SOTTO_SRTP_INDEX_END);
    CHECK_EQ(guess(&stream, 65535, 0), SOTTO_SRTP_INDEX_USED);
    CHECK_EQ(guess(&stream, 65000, (UINT64_C(1) << 48) - 536), SOTTO_SRTP_INDEX_FRESH);
}

// A set of all indexes ever accepted, against the window, under random reordering and loss.
TEST(the_window_agrees_with_a_plain_set) {
    enum { COUNT = 400000 };
    uint8_t *accepted = calloc(1, COUNT + 4096);
    struct sotto_srtp_stream stream = started(0);
    accepted[0] = 1;
    uint32_t seed = 5;
    uint64_t highest = 0;
    for (uint64_t i = 1; i < COUNT; i++) {
        seed = seed * 1664525 + 1013904223;
        uint64_t index = i + (seed >> 20); // up to 4095 ahead: most are late by then
        if (index >= COUNT)
            continue;
        uint64_t guessed;
        enum sotto_srtp_index result =
            sotto_srtp_stream_guess(&stream, (uint16_t)index, &guessed);
        bool fresh = index > highest || (highest - index < 1024 && !accepted[index]);
        CHECK_EQ(result, fresh ? SOTTO_SRTP_INDEX_FRESH : SOTTO_SRTP_INDEX_USED);
        if (!fresh)
            continue;
        CHECK_EQ(guessed, index);
        sotto_srtp_stream_accept(&stream, guessed);
        accepted[index] = 1;
        highest = index > highest ? index : highest;
    }
    free(accepted);
}

enum { SLOTS = 64 };

static struct sotto_srtp_streams table(struct sotto_srtp_stream *slots) {
    struct sotto_srtp_streams streams;
    memset(slots, 0xA5, SLOTS * sizeof *slots);
    sotto_srtp_streams_init(&streams, slots, SLOTS);
    return streams;
}

TEST(an_ssrc_is_found_once_added_and_not_twice) {
    struct sotto_srtp_stream slots[SLOTS];
    struct sotto_srtp_streams streams = table(slots);
    CHECK(!sotto_srtp_streams_find(&streams, 0));
    CHECK(sotto_srtp_streams_add(&streams, 0));
    CHECK(!sotto_srtp_streams_add(&streams, 0));
    CHECK(sotto_srtp_streams_find(&streams, 0));
    CHECK(!sotto_srtp_streams_find(&streams, 1));
    sotto_srtp_streams_remove(&streams, 1);
    CHECK_EQ(streams.stream_count, 1);
    sotto_srtp_streams_remove(&streams, 0);
    CHECK_EQ(streams.stream_count, 0);
    CHECK(!sotto_srtp_streams_find(&streams, 0));
}

TEST(three_quarters_of_the_slots_can_be_in_use) {
    struct sotto_srtp_stream slots[SLOTS];
    struct sotto_srtp_streams streams = table(slots);
    for (uint32_t ssrc = 0; ssrc < SLOTS * 3 / 4; ssrc++)
        CHECK(sotto_srtp_streams_add(&streams, ssrc * 977));
    CHECK(!sotto_srtp_streams_add(&streams, 1));
    CHECK_EQ(streams.stream_count, SLOTS * 3 / 4);
    sotto_srtp_streams_remove(&streams, 977);
    CHECK(sotto_srtp_streams_add(&streams, 1));
}

// Adds and removes at random, with few enough SSRCs that they collide, against a plain list.
TEST(the_table_agrees_with_a_plain_list) {
    struct sotto_srtp_stream slots[SLOTS];
    struct sotto_srtp_streams streams = table(slots);
    enum { SSRCS = 80 };
    bool present[SSRCS] = {0};
    size_t count = 0;
    uint32_t seed = 11;
    for (int round = 0; round < 200000; round++) {
        seed = seed * 1664525 + 1013904223;
        uint32_t which = (seed >> 16) % SSRCS;
        uint32_t ssrc = which * UINT32_C(0x01000193);
        if (seed & 0x8000) {
            bool fits = !present[which] && count < SLOTS * 3 / 4;
            CHECK_EQ(sotto_srtp_streams_add(&streams, ssrc), fits);
            if (fits) {
                sotto_srtp_streams_find(&streams, ssrc)->window.next = ssrc;
                present[which] = true;
                count++;
            }
        } else {
            sotto_srtp_streams_remove(&streams, ssrc);
            count -= present[which];
            present[which] = false;
        }
        CHECK_EQ(streams.stream_count, count);
        uint32_t probe = (seed >> 8) % SSRCS;
        struct sotto_srtp_stream *found =
            sotto_srtp_streams_find(&streams, probe * UINT32_C(0x01000193));
        CHECK_EQ(found != NULL, present[probe]);
        if (found)
            CHECK_EQ(found->window.next, probe * UINT32_C(0x01000193));
    }
}

int main(void) {
    RUN(the_first_packet_starts_with_roll_over_counter_0);
    RUN(the_guess_is_that_of_rfc_3711_section_3_3_1);
    RUN(an_index_is_used_once_and_the_window_is_1024_wide);
    RUN(moving_on_frees_exactly_the_skipped_places);
    RUN(before_the_first_counter_there_is_nothing);
    RUN(a_start_just_before_the_wrap_rolls_over);
    RUN(after_2_to_the_48_indexes_comes_nothing);
    RUN(the_window_agrees_with_a_plain_set);
    RUN(an_ssrc_is_found_once_added_and_not_twice);
    RUN(three_quarters_of_the_slots_can_be_in_use);
    RUN(the_table_agrees_with_a_plain_list);
    return 0;
}
