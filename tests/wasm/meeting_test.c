// What can only be seen natively: memory under sanitizers, memory that runs out, and secrets that
// stay behind. The rest is in exports.test.mjs.
#include "wasm/meeting_keys.h"

#include "tests/core/streams.h"
#include "tests/wasm/arena_test_heap.h"

static struct sotto_meeting meeting;
static const struct sotto_bytes shared = {NULL, 0};

static void begin(void) {
    memset(&meeting, 0, sizeof meeting);
    CHECK_EQ(sotto_meeting_init(&meeting, bytes_of_text("room"), SUITE_4), SOTTO_OK);
}

static void end(void) {
    sotto_meeting_wipe(&meeting);
    arena_free_all();
}

static struct sotto_bytes stream_id(uint8_t id) {
    static uint8_t bytes[SOTTO_STREAM_ID_SIZE];
    memset(bytes, id, sizeof bytes);
    return (struct sotto_bytes){bytes, sizeof bytes};
}

static uint32_t add_opener(const char *participant, uint8_t id) {
    uint32_t handle;
    CHECK_EQ(sotto_meeting_add_opener(&meeting, bytes_of_text(participant), stream_id(id),
                                      SOTTO_KIND_VIDEO, &handle),
             SOTTO_OK);
    return handle;
}

static void set_meeting_secret(struct sotto_bytes participant, uint32_t number) {
    const struct sotto_room_secret secret = make_secret(number);
    CHECK_EQ(sotto_meeting_keys_set(&meeting, participant, &secret), SOTTO_OK);
}

// Whether the secret lies anywhere in the meeting or its pools.
static bool holds_bytes(const struct sotto_room_secret *secret) {
    bool found = memmem(&meeting, sizeof meeting, secret->bytes, sizeof secret->bytes) != NULL;
    const struct sotto_pool *pools[] = {&meeting.participants, &meeting.sealers, &meeting.openers};
    for (size_t i = 0; i < 3; i++)
        for (size_t j = 0; j < pools[i]->capacity; j++)
            if (pools[i]->slots[j].object &&
                memmem(pools[i]->slots[j].object, pools[i]->object_size, secret->bytes,
                       sizeof secret->bytes))
                found = true;
    return found;
}

static bool holds(uint32_t number) {
    const struct sotto_room_secret secret = make_secret(number);
    return holds_bytes(&secret);
}

TEST(a_participant_leaves_with_its_last_stream_unless_it_has_a_key_of_its_own) {
    begin();
    const uint32_t first = add_opener("alice", 1);
    const uint32_t second = add_opener("alice", 2);
    const uint32_t bob = add_opener("bob", 3);
    set_meeting_secret(bytes_of_text("bob"), 7);
    CHECK(sotto_pool_handle_at(&meeting.participants, 0) != 0);
    CHECK(sotto_meeting_remove_stream(&meeting, first));
    CHECK(sotto_pool_handle_at(&meeting.participants, 0) != 0);
    CHECK(sotto_meeting_remove_stream(&meeting, second));
    CHECK_EQ(sotto_pool_handle_at(&meeting.participants, 0), 0);
    CHECK(sotto_meeting_remove_stream(&meeting, bob));
    CHECK(sotto_meeting_keys_find(&meeting, bytes_of_text("bob")) != NULL);
    end();
}

TEST(a_secret_lies_nowhere_once_removed) {
    begin();
    (void)add_opener("alice", 1);
    (void)add_opener("bob", 2);
    set_meeting_secret(shared, 1);
    set_meeting_secret(shared, 2);
    set_meeting_secret(bytes_of_text("bob"), 3);
    CHECK(holds(1) && holds(2) && holds(3));
    CHECK_EQ(sotto_meeting_keys_forget(&meeting, shared), SOTTO_OK);
    CHECK(!holds(1) && !holds(2) && holds(3));
    CHECK_EQ(sotto_meeting_keys_forget(&meeting, bytes_of_text("bob")), SOTTO_OK);
    CHECK(!holds(3));
    set_meeting_secret(shared, 4);
    CHECK(holds(4));
    sotto_meeting_wipe(&meeting);
    CHECK(!holds(4));
    end();
}

TEST(a_secret_lies_nowhere_once_it_has_ended_and_no_step_ahead_of_it) {
    begin();
    CHECK_EQ(sotto_meeting_keys_set_window(&meeting, 2), SOTTO_OK);
    (void)add_opener("alice", 1);
    set_meeting_secret(bytes_of_text("bob"), 3);
    set_meeting_secret(shared, 1);
    struct sotto_room_secret step;
    const struct sotto_room_secret first = make_secret(1);
    CHECK_EQ(sotto_key_schedule_derive_next(&first, &step), SOTTO_OK);
    CHECK(holds_bytes(&step));
    set_meeting_secret(shared, 2);
    set_meeting_secret(bytes_of_text("bob"), 4);
    CHECK(holds(1) && holds(2) && holds(3) && holds(4));
    CHECK(!holds_bytes(&step));
    CHECK_EQ(sotto_meeting_handle_timeout(&meeting, 1000), 0);
    CHECK_EQ(sotto_meeting_handle_timeout(&meeting, 61000), 0);
    CHECK(!holds(1) && holds(2) && !holds(3) && holds(4));
    CHECK_EQ(sotto_meeting_keys_forget(&meeting, bytes_of_text("bob")), SOTTO_OK);
    CHECK(!holds(4));
    end();
}

TEST(without_memory_nothing_is_added_and_nothing_is_lost) {
    uint32_t handle;
    begin();
    set_meeting_secret(shared, 1);
    const uint32_t alice = add_opener("alice", 1);
    arena_allowance = meeting.participants.object_size;
    // There is room for bob, and none for his stream: he is not kept either.
    CHECK_EQ(sotto_meeting_add_opener(&meeting, bytes_of_text("bob"), stream_id(2),
                                      SOTTO_KIND_VIDEO, &handle),
             SOTTO_TOO_SMALL);
    CHECK_EQ(handle, 0);
    CHECK_EQ(sotto_pool_handle_at(&meeting.participants, 1), 0);
    CHECK_EQ(arena_allowance, 0);
    CHECK_EQ(sotto_meeting_add_sealer(&meeting, bytes_of_text("alice"), stream_id(3),
                                      SOTTO_KIND_VIDEO, &handle),
             SOTTO_TOO_SMALL);
    const struct sotto_room_secret secret = make_secret(2);
    CHECK_EQ(sotto_meeting_keys_set(&meeting, bytes_of_text("bob"), &secret), SOTTO_OK);
    CHECK_EQ(sotto_meeting_keys_set(&meeting, bytes_of_text("carol"), &secret), SOTTO_TOO_SMALL);
    CHECK(sotto_meeting_opener(&meeting, alice) != NULL);
    end();
}

TEST(shared_keys_reach_every_participant_without_a_key_of_its_own) {
    begin();
    set_meeting_secret(shared, 1);
    (void)add_opener("alice", 1);
    set_meeting_secret(bytes_of_text("bob"), 9);
    const uint32_t bob = add_opener("bob", 2);
    set_meeting_secret(shared, 2);
    const uint32_t alice = add_opener("alice", 3);
    const struct sotto_key_store *alices = sotto_meeting_opener(&meeting, alice)->key_store;
    const struct sotto_key_store *bobs = sotto_meeting_opener(&meeting, bob)->key_store;
    for (uint32_t number = 1; number <= 2; number++) {
        CHECK(sotto_key_store_find(alices, kid_of(make_secret(number))));
        CHECK(!sotto_key_store_find(bobs, kid_of(make_secret(number))));
    }
    CHECK_EQ(sotto_key_store_newest(alices)->kid, kid_of(make_secret(2)));
    CHECK_EQ(sotto_key_store_newest(bobs)->kid, kid_of(make_secret(9)));
    end();
}

TEST(a_long_meeting_of_many_streams_keeps_its_counts) {
    uint32_t handles[SOTTO_OPENERS_MAX] = {0};
    uint32_t state = 1;
    begin();
    set_meeting_secret(shared, 1);
    for (size_t i = 0; i < 4000; i++) {
        char participant[16];
        state = state * 1664525 + 1013904223;
        const size_t index = (state >> 8) % 40;
        if (handles[index] != 0)
            CHECK(sotto_meeting_remove_stream(&meeting, handles[index]));
        CHECK(!sotto_meeting_opener(&meeting, handles[index]));
        snprintf(participant, sizeof participant, "p%u", (state >> 20) % 8);
        handles[index] = add_opener(participant, (uint8_t)index);
        if (i % 100 == 0)
            set_meeting_secret(i % 200 ? shared : bytes_of_text("p3"), (uint32_t)i);
    }
    for (size_t i = 0; i < 40; i++)
        if (handles[i] != 0)
            CHECK(sotto_meeting_remove_stream(&meeting, handles[i]));
    for (size_t i = 1; i < meeting.participants.capacity; i++)
        CHECK(sotto_pool_handle_at(&meeting.participants, i) == 0 || i < 8);
    end();
}

int main(void) {
    RUN(a_participant_leaves_with_its_last_stream_unless_it_has_a_key_of_its_own);
    RUN(a_secret_lies_nowhere_once_removed);
    RUN(a_secret_lies_nowhere_once_it_has_ended_and_no_step_ahead_of_it);
    RUN(without_memory_nothing_is_added_and_nothing_is_lost);
    RUN(shared_keys_reach_every_participant_without_a_key_of_its_own);
    RUN(a_long_meeting_of_many_streams_keeps_its_counts);
    return 0;
}
