// What can only be seen natively: memory under sanitizers, memory that runs out, and secrets that
// stay behind. The rest is in livekit.test.mjs.
#include "wasm/livekit_meeting.h"

#include "tests/core/livekit_streams.h"
#include "tests/wasm/arena_test_heap.h"

static struct sotto_livekit_meeting meeting;
static const struct sotto_bytes shared = {NULL, 0};

static enum sotto_result init_ring_size(size_t ring_size) {
    const struct sotto_livekit_options options = {LIVEKIT_SALT, 16, ring_size, 1};
    return sotto_livekit_meeting_init(&meeting, &options, -1);
}

static void begin(void) {
    memset(&meeting, 0, sizeof meeting);
    CHECK_EQ(init_ring_size(4), SOTTO_OK);
}

static void end(void) {
    sotto_livekit_meeting_wipe(&meeting);
    arena_free_all();
}

static struct sotto_bytes id_of(unsigned number) {
    static char text[16];
    snprintf(text, sizeof text, "%u", number);
    return (struct sotto_bytes){(const uint8_t *)text, strlen(text)};
}

// False without room.
static bool set_own_key(unsigned participant, uint8_t number) {
    struct sotto_livekit_ring *ring =
        sotto_livekit_meeting_ring(&meeting, id_of(participant), true);
    if (ring)
        livekit_set_key(ring, 1, number);
    return ring != NULL;
}

static uint32_t add_opener(unsigned participant) {
    uint32_t handle;
    CHECK_EQ(sotto_livekit_meeting_add_opener(&meeting, id_of(participant), SOTTO_KIND_AUDIO,
                                              &handle),
             SOTTO_OK);
    return handle;
}

static void work(void) {
    enum sotto_result result;
    while (!sotto_livekit_meeting_work(&meeting, 10000, &result))
        CHECK_EQ(result, SOTTO_OK);
    CHECK_EQ(result, SOTTO_OK);
}

// Whether the key with this number lies anywhere in the meeting or its pools.
static bool holds(uint8_t number) {
    const uint8_t material[16] = {0x5e, 0xc4, 0xe7, number};
    struct sotto_livekit_key key;
    CHECK_EQ(sotto_livekit_key_derive_hkdf(&key, (struct sotto_bytes){material, 16}, LIVEKIT_SALT),
             SOTTO_OK);
    bool found = memmem(&meeting, sizeof meeting, key.bytes, 16) != NULL;
    const struct sotto_pool *pools[] = {&meeting.rings, &meeting.sealers, &meeting.openers};
    for (size_t i = 0; i < 3; i++)
        for (size_t j = 0; j < pools[i]->capacity; j++)
            if (pools[i]->slots[j].object &&
                memmem(pools[i]->slots[j].object, pools[i]->object_size, key.bytes, 16))
                found = true;
    return found;
}

TEST(every_participant_may_have_keys_and_places_are_used_again) {
    begin();
    for (unsigned i = 0; i < SOTTO_PARTICIPANTS_MAX; i++)
        CHECK(set_own_key(i, (uint8_t)i));
    CHECK(!set_own_key(SOTTO_PARTICIPANTS_MAX, 1));
    CHECK(set_own_key(3, 77)); // its own, once more
    work();
    const size_t taken_count = arena_taken_count;
    for (unsigned i = 0; i < 1000; i++) {
        CHECK_EQ(sotto_livekit_meeting_forget_keys(&meeting, id_of(i % SOTTO_PARTICIPANTS_MAX)),
                 SOTTO_OK);
        CHECK(set_own_key(i % SOTTO_PARTICIPANTS_MAX, (uint8_t)i));
    }
    CHECK_EQ(arena_taken_count, taken_count);
    const uint8_t long_id[SOTTO_ID_SIZE_MAX + 1] = {0};
    CHECK(!sotto_livekit_meeting_ring(&meeting, (struct sotto_bytes){long_id, sizeof long_id},
                                      true));
    end();
}

TEST(a_key_that_is_waited_for_comes_before_others_windows) {
    enum sotto_result result;
    begin();
    CHECK_EQ(sotto_livekit_ring_begin_text(&meeting.shared, 0, SOTTO_BYTES("shared"), true),
             SOTTO_OK);
    CHECK(!sotto_livekit_meeting_work(&meeting, SOTTO_LIVEKIT_ROUNDS, &result));
    CHECK(!sotto_livekit_meeting_work(&meeting, SOTTO_LIVEKIT_ROUNDS / 2, &result)); // its window
    struct sotto_livekit_ring *own = sotto_livekit_meeting_ring(&meeting, id_of(1), true);
    CHECK_EQ(sotto_livekit_ring_begin_text(own, 3, SOTTO_BYTES("own"), true), SOTTO_OK);
    CHECK(sotto_livekit_ring_is_awaited(own) && !sotto_livekit_ring_is_awaited(&meeting.shared));
    CHECK(!sotto_livekit_meeting_work(&meeting, SOTTO_LIVEKIT_ROUNDS, &result));
    CHECK(sotto_livekit_ring_find(own, 3));
    work();
    CHECK(!sotto_livekit_ring_has_work(own) && !sotto_livekit_ring_has_work(&meeting.shared));
    end();
}

// A paused stream would keep a forgotten key, ready for use.
TEST(streams_keep_no_key_that_was_forgotten) {
    static const uint16_t counts[SOTTO_LIVEKIT_SEALER_SSRCS_MAX];
    static const uint8_t frame[] = {0x78, 1, 2, 3};
    const struct sotto_livekit_frame_info info = {SOTTO_CODEC_OPUS, false, 1, 0};
    uint32_t handle;
    begin();
    CHECK(set_own_key(1, 2));
    CHECK_EQ(sotto_livekit_meeting_add_sealer(&meeting, id_of(1), counts, SOTTO_KIND_AUDIO,
                                              &handle),
             SOTTO_OK);
    struct sotto_livekit_sealer *sealer = sotto_livekit_meeting_sealer(&meeting, handle);
    struct sotto_livekit_opener *opener = sotto_livekit_meeting_opener(&meeting, add_opener(1));
    struct wire wire = livekit_seal(sealer, &info, frame, sizeof frame);
    livekit_check_opens(opener, SOTTO_CODEC_OPUS, false, wire, frame, sizeof frame);
    CHECK(sealer->key_id != 0 && sealer->key_id == opener->keys[0].id);
    CHECK_EQ(sotto_livekit_meeting_forget_keys(&meeting, id_of(1)), SOTTO_OK);
    CHECK(sealer->key_id == 0 && opener->keys[0].id == 0);
    free(wire.data);
    end();
}

TEST(a_key_lies_nowhere_once_forgotten) {
    begin();
    const uint32_t opener = add_opener(1);
    livekit_set_key(&meeting.shared, 0, 1);
    CHECK(set_own_key(1, 2));
    CHECK(sotto_livekit_meeting_opener(&meeting, opener)->ring != &meeting.shared);
    CHECK(holds(1) && holds(2));
    CHECK_EQ(sotto_livekit_meeting_forget_keys(&meeting, id_of(1)), SOTTO_OK);
    CHECK(sotto_livekit_meeting_opener(&meeting, opener)->ring == &meeting.shared);
    CHECK(holds(1) && !holds(2));
    CHECK_EQ(sotto_livekit_meeting_forget_keys(&meeting, shared), SOTTO_OK);
    CHECK(!holds(1));
    livekit_set_key(&meeting.shared, 3, 3);
    work();
    CHECK_EQ(sotto_livekit_ring_ratchet(&meeting.shared, 3), SOTTO_OK);
    CHECK(holds(3));
    sotto_livekit_meeting_end_previous(&meeting);
    CHECK(!holds(3));
    end();
}

TEST(streams_that_come_after_a_key_of_ones_own_have_it) {
    uint32_t sealer;
    const uint16_t counts[SOTTO_LIVEKIT_SEALER_SSRCS_MAX] = {0};
    begin();
    CHECK(set_own_key(1, 2));
    const uint32_t opener = add_opener(1);
    CHECK_EQ(sotto_livekit_meeting_add_sealer(&meeting, id_of(1), counts, SOTTO_KIND_AUDIO,
                                              &sealer),
             SOTTO_OK);
    CHECK(sotto_livekit_meeting_opener(&meeting, opener)->ring ==
          sotto_livekit_meeting_sealer(&meeting, sealer)->ring);
    CHECK(sotto_livekit_meeting_opener(&meeting, add_opener(2))->ring == &meeting.shared);
    CHECK(sotto_livekit_meeting_remove_stream(&meeting, sealer));
    CHECK(sotto_livekit_meeting_remove_stream(&meeting, opener));
    CHECK(!sotto_livekit_meeting_remove_stream(&meeting, opener));
    CHECK(!sotto_livekit_meeting_remove_stream(&meeting, 0));
    end();
}

TEST(memory_that_runs_out_changes_nothing) {
    memset(&meeting, 0, sizeof meeting);
    arena_allowance = 1000;
    CHECK_EQ(init_ring_size(4), SOTTO_TOO_SMALL);
    arena_allowance = sizeof *meeting.replay;
    CHECK_EQ(init_ring_size(4), SOTTO_OK);
    uint32_t handle;
    const uint16_t counts[SOTTO_LIVEKIT_SEALER_SSRCS_MAX] = {0};
    CHECK_EQ(sotto_livekit_meeting_add_opener(&meeting, id_of(1), SOTTO_KIND_AUDIO, &handle),
             SOTTO_TOO_SMALL);
    CHECK_EQ(handle, 0);
    CHECK_EQ(sotto_livekit_meeting_add_sealer(&meeting, id_of(1), counts, SOTTO_KIND_AUDIO,
                                              &handle),
             SOTTO_TOO_SMALL);
    CHECK(!set_own_key(1, 1));
    end();
}

// A ring of more places in the same memory does not run over those that an earlier one had.
TEST(a_later_meeting_may_have_a_larger_ring) {
    begin();
    CHECK(set_own_key(1, 1));
    sotto_livekit_meeting_wipe(&meeting);
    CHECK_EQ(init_ring_size(256), SOTTO_OK);
    struct sotto_livekit_ring *ring = sotto_livekit_meeting_ring(&meeting, id_of(1), true);
    CHECK(ring);
    for (size_t i = 0; i < 256; i++)
        livekit_set_key(ring, i, (uint8_t)i);
    work();
    sotto_livekit_meeting_wipe(&meeting);
    CHECK_EQ(init_ring_size(1), SOTTO_OK);
    CHECK(set_own_key(1, 1));
    end();
}

int main(void) {
    RUN(every_participant_may_have_keys_and_places_are_used_again);
    RUN(a_key_that_is_waited_for_comes_before_others_windows);
    RUN(streams_keep_no_key_that_was_forgotten);
    RUN(a_key_lies_nowhere_once_forgotten);
    RUN(streams_that_come_after_a_key_of_ones_own_have_it);
    RUN(memory_that_runs_out_changes_nothing);
    RUN(a_later_meeting_may_have_a_larger_ring);
    return 0;
}
