#include "lib/livekit_keys.h"

#include "core/assert.h"
#include "core/key_schedule.h"
#include "lib/handle.h"

#include <string.h>

// Rounds of PBKDF2 for which frames may wait: a quarter of a millisecond.
enum { ROUNDS_PER_TURN = 1000 };

static void take(pthread_mutex_t *mutex) {
    int failure = pthread_mutex_lock(mutex);
    SOTTO_ASSERT(failure == 0);
}

static void give(pthread_mutex_t *mutex) {
    int failure = pthread_mutex_unlock(mutex);
    SOTTO_ASSERT(failure == 0);
}

static void lock(struct sotto_livekit_memory *memory) {
    take(&memory->turn);
    take(&memory->lock);
    give(&memory->turn);
}

static void unlock(struct sotto_livekit_memory *memory) {
    give(&memory->lock);
}

static struct sotto_livekit_memory *create_memory(void) {
    struct sotto_livekit_memory *memory = sotto_handle_create(sizeof *memory);
    if (!memory)
        return NULL;
    int failure = pthread_mutex_init(&memory->turn, NULL);
    failure |= pthread_mutex_init(&memory->lock, NULL);
    SOTTO_ASSERT(failure == 0); // cannot be without attributes
    memory->user_count = 1;
    return memory;
}

static struct sotto_livekit_memory *share_memory(struct sotto_livekit_keys *meeting) {
    if (!sotto_livekit_keys_lock(meeting))
        return NULL;
    meeting->memory->user_count++;
    sotto_livekit_keys_unlock(meeting);
    return meeting->memory;
}

static void leave_memory(struct sotto_livekit_memory *memory) {
    lock(memory);
    bool is_last = --memory->user_count == 0;
    unlock(memory);
    if (is_last)
        sotto_handle_destroy(memory, sizeof *memory);
}

struct sotto_livekit_keys *sotto_livekit_keys_create(const struct sotto_livekit_options *options,
                                                     struct sotto_livekit_keys *meeting) {
    struct sotto_livekit_keys *keys = sotto_handle_create(sizeof *keys);
    if (!keys)
        return NULL;
    keys->user_count = 1;
    if (sotto_livekit_ring_init(&keys->ring, options, keys->places))
        keys->memory = meeting ? share_memory(meeting) : create_memory();
    if (keys->memory)
        return keys;
    sotto_livekit_ring_wipe(&keys->ring);
    sotto_handle_destroy(keys, sizeof *keys);
    return NULL;
}

bool sotto_livekit_keys_lock(struct sotto_livekit_keys *keys) {
    if (!keys || !keys->memory)
        return false;
    lock(keys->memory);
    return true;
}

void sotto_livekit_keys_unlock(struct sotto_livekit_keys *keys) {
    unlock(keys->memory);
}

bool sotto_livekit_keys_share(struct sotto_livekit_keys *keys) {
    if (!sotto_livekit_keys_lock(keys))
        return false;
    keys->user_count++;
    sotto_livekit_keys_unlock(keys);
    return true;
}

void sotto_livekit_keys_destroy(struct sotto_livekit_keys *keys) {
    if (!keys)
        return;
    struct sotto_livekit_memory *memory = keys->memory;
    bool is_last = !memory; // keys that fork() emptied have no other user
    if (memory) {
        lock(memory);
        is_last = --keys->user_count == 0;
        unlock(memory);
    }
    if (!is_last)
        return;
    sotto_livekit_ring_wipe(&keys->ring);
    sotto_handle_destroy(keys, sizeof *keys);
    if (memory)
        leave_memory(memory);
}

enum sotto_result sotto_livekit_keys_set(struct sotto_livekit_keys *keys, size_t index,
                                         enum sotto_livekit_kdf kdf, struct sotto_bytes material,
                                         bool makes_current) {
    if (!sotto_livekit_keys_lock(keys))
        return SOTTO_NOT_READY;
    enum sotto_result result = SOTTO_INVALID;
    if (kdf == SOTTO_LIVEKIT_HKDF)
        result = sotto_livekit_ring_set_raw(&keys->ring, index, material, makes_current);
    else if (kdf == SOTTO_LIVEKIT_PBKDF2)
        result = sotto_livekit_ring_begin_text(&keys->ring, index, material, makes_current);
    sotto_livekit_keys_unlock(keys);
    return result;
}

enum sotto_result sotto_livekit_keys_work(struct sotto_livekit_keys *keys, uint32_t rounds_max,
                                          bool *is_done) {
    enum sotto_result result = SOTTO_OK;
    uint32_t left = rounds_max;
    *is_done = true;
    do {
        uint32_t rounds = left < ROUNDS_PER_TURN ? left : ROUNDS_PER_TURN;
        if (!sotto_livekit_keys_lock(keys))
            return SOTTO_NOT_READY;
        *is_done = sotto_livekit_ring_work(&keys->ring, rounds, &result);
        sotto_livekit_keys_unlock(keys);
        left -= rounds;
    } while (left > 0 && !*is_done);
    return result;
}

enum sotto_result sotto_livekit_keys_ratchet(struct sotto_livekit_keys *keys, size_t index) {
    if (!sotto_livekit_keys_lock(keys))
        return SOTTO_NOT_READY;
    enum sotto_result result = sotto_livekit_ring_ratchet(&keys->ring, index);
    sotto_livekit_keys_unlock(keys);
    return result;
}

bool sotto_livekit_keys_poll_ratcheted(struct sotto_livekit_keys *keys, size_t *index) {
    *index = 0;
    if (!sotto_livekit_keys_lock(keys))
        return false;
    bool is_told = sotto_livekit_ring_poll_ratcheted(&keys->ring, index);
    sotto_livekit_keys_unlock(keys);
    return is_told;
}

void sotto_livekit_keys_end_previous(struct sotto_livekit_keys *keys) {
    if (!sotto_livekit_keys_lock(keys))
        return;
    sotto_livekit_ring_end_previous(&keys->ring);
    sotto_livekit_keys_unlock(keys);
}

enum sotto_result sotto_livekit_keys_use(struct sotto_livekit_keys *keys, size_t index) {
    if (!sotto_livekit_keys_lock(keys))
        return SOTTO_NOT_READY;
    bool is_used = sotto_livekit_ring_use(&keys->ring, index);
    sotto_livekit_keys_unlock(keys);
    return is_used ? SOTTO_OK : SOTTO_MISSING_KEY;
}

enum sotto_result sotto_livekit_keys_safety_code(struct sotto_livekit_keys *keys, size_t index,
                                                 char code[SOTTO_SAFETY_CODE_SIZE]) {
    memset(code, 0, SOTTO_SAFETY_CODE_SIZE);
    if (!sotto_livekit_keys_lock(keys))
        return SOTTO_NOT_READY;
    const struct sotto_livekit_place *place = sotto_livekit_ring_find(&keys->ring, index);
    if (place)
        sotto_key_schedule_write_safety_code(place->keys[0].id, code);
    sotto_livekit_keys_unlock(keys);
    return place ? SOTTO_OK : SOTTO_MISSING_KEY;
}
