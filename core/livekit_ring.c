#include "core/livekit_ring.h"

#include "core/assert.h"
#include "core/memory.h"
#include "core/wipe.h"

bool sotto_livekit_ring_init(struct sotto_livekit_ring *ring,
                             const struct sotto_livekit_options *options,
                             struct sotto_livekit_place *places) {
    *ring = (struct sotto_livekit_ring){0};
    if (options->salt.size > sizeof ring->salt ||
        (options->key_size != 16 && options->key_size != 32) || options->ring_size == 0 ||
        options->ring_size > SOTTO_LIVEKIT_RING_SIZE_MAX ||
        options->ratchet_window > SOTTO_LIVEKIT_RATCHET_WINDOW_MAX)
        return false;
    if (options->salt.size > 0)
        memcpy(ring->salt, options->salt.data, options->salt.size);
    ring->salt_size = options->salt.size;
    ring->key_size = options->key_size;
    ring->size = ring->current = options->ring_size;
    ring->places = places;
    memset(places, 0, ring->size * sizeof *places);
    ring->ratchet_window = options->ratchet_window;
    return true;
}

static struct sotto_bytes salt_of(const struct sotto_livekit_ring *ring) {
    return (struct sotto_bytes){ring->salt, ring->salt_size};
}

static void stop_work(struct sotto_livekit_ring *ring) {
    sotto_pbkdf2_wipe(&ring->pbkdf2);
    ring->is_working = false;
    ring->is_for_new_key = false;
}

// What is under way for a key of this place that is to end, or for all it leads to.
static void stop_work_on(struct sotto_livekit_ring *ring, size_t index) {
    if (ring->is_working && !ring->is_for_new_key && ring->working_on == index)
        stop_work(ring);
}

// Wipes `key`.
static void put_key(struct sotto_livekit_ring *ring, size_t index, enum sotto_livekit_kdf kdf,
                    struct sotto_livekit_key *key, bool makes_current) {
    struct sotto_livekit_place *place = &ring->places[index];
    stop_work_on(ring, index);
    sotto_wipe(place, sizeof *place);
    place->kdf = kdf;
    place->keys[0] = *key;
    place->ready_count = 1;
    if (makes_current)
        ring->current = index;
    sotto_wipe(key, sizeof *key);
}

enum sotto_result sotto_livekit_ring_set_raw(struct sotto_livekit_ring *ring, size_t index,
                                             struct sotto_bytes material, bool makes_current) {
    if (ring->size == 0)
        return SOTTO_NOT_READY;
    struct sotto_livekit_key key;
    const enum sotto_result result =
        sotto_livekit_key_derive_hkdf(&key, material, salt_of(ring));
    if (result == SOTTO_OK)
        put_key(ring, index % ring->size, SOTTO_LIVEKIT_HKDF, &key, makes_current);
    return result;
}

// The password is not kept: what of it is needed is in the state of the HMAC.
static enum sotto_result begin_pbkdf2(struct sotto_livekit_ring *ring, size_t index,
                                      struct sotto_bytes material) {
    stop_work(ring);
    const enum sotto_result result =
        sotto_livekit_key_init_pbkdf2(&ring->pbkdf2, material, salt_of(ring));
    ring->is_working = result == SOTTO_OK;
    ring->working_on = index;
    return result;
}

enum sotto_result sotto_livekit_ring_begin_text(struct sotto_livekit_ring *ring, size_t index,
                                                struct sotto_bytes text, bool makes_current) {
    if (ring->size == 0)
        return SOTTO_NOT_READY;
    const enum sotto_result result = begin_pbkdf2(ring, index % ring->size, text);
    ring->is_for_new_key = ring->is_working;
    ring->makes_current = makes_current;
    return result;
}

bool sotto_livekit_ring_is_setting(const struct sotto_livekit_ring *ring) {
    return ring->is_working && ring->is_for_new_key;
}

void sotto_livekit_ring_advance(struct sotto_livekit_ring *ring, size_t index, size_t steps) {
    struct sotto_livekit_place *place = &ring->places[index];
    SOTTO_ASSERT(steps > 0 && steps < place->ready_count);
    place->previous = place->keys[0];
    place->ready_count -= steps;
    memmove(place->keys, place->keys + steps, place->ready_count * sizeof place->keys[0]);
    sotto_wipe(place->keys + place->ready_count, steps * sizeof place->keys[0]);
    place->was_ratcheted = true;
}

// Does the steps that wait, as far as keys are there.
static void do_due_ratchets(struct sotto_livekit_ring *ring, size_t index) {
    struct sotto_livekit_place *place = &ring->places[index];
    while (place->ratchets_due > 0 && place->ready_count > 1) {
        sotto_livekit_ring_advance(ring, index, 1);
        place->ratchets_due--;
    }
}

enum sotto_result sotto_livekit_ring_ratchet(struct sotto_livekit_ring *ring, size_t index) {
    if (!sotto_livekit_ring_find(ring, index))
        return SOTTO_MISSING_KEY;
    if (ring->places[index].ratchets_due >= SOTTO_LIVEKIT_RATCHET_WINDOW_MAX)
        return SOTTO_TOO_SMALL;
    ring->places[index].ratchets_due++;
    do_due_ratchets(ring, index);
    return SOTTO_OK;
}

static bool wants_key(const struct sotto_livekit_ring *ring, size_t index, bool for_ratchets) {
    const struct sotto_livekit_place *place = &ring->places[index];
    if (place->ready_count == 0)
        return false;
    return for_ratchets ? place->ratchets_due > 0
                        : place->ready_count < 1 + ring->ratchet_window;
}

// The place whose next key comes first: one with a step waiting, then the one that seals, then any.
// The ring's size if no place wants one.
static size_t find_wanting(const struct sotto_livekit_ring *ring) {
    for (size_t i = 0; i < ring->size; i++)
        if (wants_key(ring, i, true))
            return i;
    if (ring->current < ring->size && wants_key(ring, ring->current, false))
        return ring->current;
    for (size_t i = 0; i < ring->size; i++)
        if (wants_key(ring, i, false))
            return i;
    return ring->size;
}

// Wipes `key`.
static void append_key(struct sotto_livekit_ring *ring, size_t index,
                       struct sotto_livekit_key *key) {
    struct sotto_livekit_place *place = &ring->places[index];
    place->keys[place->ready_count++] = *key;
    sotto_wipe(key, sizeof *key);
    do_due_ratchets(ring, index);
}

static enum sotto_result begin_next(struct sotto_livekit_ring *ring, size_t index) {
    const struct sotto_livekit_place *place = &ring->places[index];
    const struct sotto_livekit_key *last = &place->keys[place->ready_count - 1];
    const struct sotto_bytes material = {last->bytes, sizeof last->bytes};
    if (place->kdf == SOTTO_LIVEKIT_PBKDF2)
        return begin_pbkdf2(ring, index, material);
    struct sotto_livekit_key key;
    const enum sotto_result result =
        sotto_livekit_key_derive_hkdf(&key, material, salt_of(ring));
    if (result == SOTTO_OK)
        append_key(ring, index, &key);
    return result;
}

static enum sotto_result finish_pbkdf2(struct sotto_livekit_ring *ring) {
    struct sotto_livekit_key key;
    const enum sotto_result result = sotto_livekit_key_finish_pbkdf2(&key, &ring->pbkdf2);
    const bool is_for_new_key = ring->is_for_new_key;
    stop_work(ring);
    if (result != SOTTO_OK)
        return result;
    if (is_for_new_key)
        put_key(ring, ring->working_on, SOTTO_LIVEKIT_PBKDF2, &key, ring->makes_current);
    else
        append_key(ring, ring->working_on, &key);
    return SOTTO_OK;
}

bool sotto_livekit_ring_is_awaited(const struct sotto_livekit_ring *ring) {
    bool is_awaited = sotto_livekit_ring_is_setting(ring);
    for (size_t i = 0; i < ring->size; i++)
        is_awaited = is_awaited || wants_key(ring, i, true);
    return is_awaited;
}

bool sotto_livekit_ring_has_work(const struct sotto_livekit_ring *ring) {
    return ring->is_working || find_wanting(ring) != ring->size;
}

bool sotto_livekit_ring_work(struct sotto_livekit_ring *ring, uint32_t rounds_max,
                             enum sotto_result *result) {
    *result = SOTTO_OK;
    if (!ring->is_working) {
        const size_t index = find_wanting(ring);
        if (index == ring->size)
            return true;
        *result = begin_next(ring, index);
    } else if (sotto_pbkdf2_step(&ring->pbkdf2, rounds_max)) {
        *result = finish_pbkdf2(ring);
    }
    // A library that fails is not asked again and again.
    return *result != SOTTO_OK || !sotto_livekit_ring_has_work(ring);
}

bool sotto_livekit_ring_poll_ratcheted(struct sotto_livekit_ring *ring, size_t *index) {
    for (*index = 0; *index < ring->size; (*index)++) {
        if (!ring->places[*index].was_ratcheted)
            continue;
        ring->places[*index].was_ratcheted = false;
        return true;
    }
    *index = 0;
    return false;
}

void sotto_livekit_ring_end_previous(struct sotto_livekit_ring *ring) {
    for (size_t i = 0; i < ring->size; i++)
        sotto_wipe(&ring->places[i].previous, sizeof ring->places[i].previous);
}

bool sotto_livekit_ring_use(struct sotto_livekit_ring *ring, size_t index) {
    if (!sotto_livekit_ring_find(ring, index))
        return false;
    ring->current = index;
    return true;
}

const struct sotto_livekit_place *sotto_livekit_ring_find(const struct sotto_livekit_ring *ring,
                                                          size_t index) {
    return index < ring->size && ring->places[index].ready_count > 0 ? &ring->places[index] : NULL;
}

bool sotto_livekit_ring_holds(const struct sotto_livekit_ring *ring, uint64_t id) {
    for (size_t i = 0; i < ring->size; i++) {
        const struct sotto_livekit_place *place = &ring->places[i];
        if (place->ready_count > 0 && place->previous.id == id)
            return true;
        for (size_t step = 0; step < place->ready_count; step++)
            if (place->keys[step].id == id)
                return true;
    }
    return false;
}

void sotto_livekit_ring_clear(struct sotto_livekit_ring *ring) {
    stop_work(ring);
    sotto_wipe(ring->places, ring->size * sizeof *ring->places);
    ring->current = ring->size;
}

void sotto_livekit_ring_wipe(struct sotto_livekit_ring *ring) {
    sotto_livekit_ring_clear(ring);
    sotto_wipe(ring, sizeof *ring);
}
