#include "lib/keys.h"

#include "core/assert.h"
#include "core/wipe.h"
#include "lib/handle.h"

#include <string.h>

struct sotto_keys *sotto_keys_create(void) {
    struct sotto_keys *keys = sotto_handle_create(sizeof *keys);
    if (!keys)
        return NULL;
    atomic_init(&keys->user_count, 1);
    int failure = pthread_mutex_init(&keys->lock, NULL);
    SOTTO_ASSERT(failure == 0); // cannot be without attributes
    sotto_key_store_init(&keys->store);
    return keys;
}

static bool is_here(struct sotto_keys *keys) {
    return atomic_load_explicit(&keys->user_count, memory_order_relaxed) != 0;
}

bool sotto_keys_share(struct sotto_keys *keys) {
    if (!is_here(keys))
        return false;
    atomic_fetch_add_explicit(&keys->user_count, 1, memory_order_relaxed);
    return true;
}

void sotto_keys_destroy(struct sotto_keys *keys) {
    if (!keys)
        return;
    // Keys that fork() emptied have no other user: the streams were emptied with them.
    bool is_last = !is_here(keys) ||
                   atomic_fetch_sub_explicit(&keys->user_count, 1, memory_order_acq_rel) == 1;
    if (is_last)
        sotto_handle_destroy(keys, sizeof *keys);
}

bool sotto_keys_lock(struct sotto_keys *keys) {
    if (!is_here(keys))
        return false;
    int failure = pthread_mutex_lock(&keys->lock);
    SOTTO_ASSERT(failure == 0);
    return true;
}

void sotto_keys_unlock(struct sotto_keys *keys) {
    atomic_store_explicit(&keys->generation, keys->store.generation, memory_order_release);
    int failure = pthread_mutex_unlock(&keys->lock);
    SOTTO_ASSERT(failure == 0);
}

void sotto_keys_copy(struct sotto_keys *keys, struct sotto_key_store *copy) {
    if (!sotto_keys_lock(keys))
        return;
    memcpy(copy, &keys->store, sizeof *copy);
    sotto_keys_unlock(keys);
}

void sotto_keys_pass_time(struct sotto_keys *keys, uint64_t now_ms, uint64_t kid) {
    if (!sotto_keys_lock(keys))
        return;
    // Another thread may have been told the time later and come first.
    if (now_ms > keys->now_ms)
        keys->now_ms = now_ms;
    (void)sotto_key_store_advance(&keys->store, (uint32_t)kid);
    (void)sotto_key_store_handle_timeout(&keys->store, keys->now_ms);
    sotto_keys_unlock(keys);
}

static uint32_t newest_kid(const struct sotto_key_store *store) {
    const struct sotto_key_store_entry *newest = sotto_key_store_newest(store);
    return newest ? newest->kid : 0;
}

static void tell(uint32_t *kid, uint32_t value) {
    if (kid)
        *kid = value;
}

enum sotto_result sotto_keys_set(struct sotto_keys *keys, const struct sotto_room_secret *secret,
                                 uint32_t *kid) {
    tell(kid, 0);
    if (!sotto_keys_lock(keys))
        return SOTTO_NOT_READY;
    enum sotto_result result = sotto_key_store_set_current(&keys->store, secret);
    if (result == SOTTO_OK)
        tell(kid, keys->store.current_kid);
    sotto_keys_unlock(keys);
    return result;
}

enum sotto_result sotto_keys_add(struct sotto_keys *keys, const struct sotto_room_secret *secret,
                                 uint32_t *kid) {
    tell(kid, 0);
    if (!sotto_keys_lock(keys))
        return SOTTO_NOT_READY;
    enum sotto_result result = sotto_key_store_add(&keys->store, secret);
    if (result == SOTTO_OK)
        tell(kid, newest_kid(&keys->store));
    sotto_keys_unlock(keys);
    return result;
}

enum sotto_result sotto_keys_ratchet(struct sotto_keys *keys, uint32_t *kid) {
    tell(kid, 0);
    if (!sotto_keys_lock(keys))
        return SOTTO_NOT_READY;
    enum sotto_result result = sotto_key_store_ratchet(&keys->store);
    if (result == SOTTO_OK)
        tell(kid, newest_kid(&keys->store));
    sotto_keys_unlock(keys);
    return result;
}

enum sotto_result sotto_keys_set_ratchet_window(struct sotto_keys *keys, size_t steps) {
    if (!sotto_keys_lock(keys))
        return SOTTO_NOT_READY;
    bool is_set = sotto_key_store_set_ratchet_window(&keys->store, steps);
    sotto_keys_unlock(keys);
    return is_set ? SOTTO_OK : SOTTO_INVALID;
}

enum sotto_result sotto_keys_use(struct sotto_keys *keys, uint32_t kid) {
    if (!sotto_keys_lock(keys))
        return SOTTO_NOT_READY;
    bool is_used = sotto_key_store_use(&keys->store, kid);
    sotto_keys_unlock(keys);
    return is_used ? SOTTO_OK : SOTTO_MISSING_KEY;
}

enum sotto_result sotto_keys_remove(struct sotto_keys *keys, uint32_t kid) {
    if (!sotto_keys_lock(keys))
        return SOTTO_NOT_READY;
    bool is_removed = sotto_key_store_remove(&keys->store, kid);
    sotto_keys_unlock(keys);
    return is_removed ? SOTTO_OK : SOTTO_MISSING_KEY;
}

// A ratchet window is nobody's business but the openers'.
static bool is_shown(const struct sotto_key_store *store,
                     const struct sotto_key_store_entry *entry) {
    return entry->kid != 0 && !entry->has_ended && !sotto_key_store_is_ahead(store, entry);
}

static const struct sotto_key_store_entry *find_shown(const struct sotto_key_store *store,
                                                      uint32_t kid) {
    for (size_t i = 0; i < SOTTO_ROOM_SECRETS_MAX; i++)
        if (store->entries[i].kid == kid && is_shown(store, &store->entries[i]))
            return &store->entries[i];
    return NULL;
}

enum sotto_result sotto_keys_export(struct sotto_keys *keys, uint32_t kid,
                                    struct sotto_room_secret *secret) {
    sotto_key_schedule_wipe_secret(secret);
    if (!sotto_keys_lock(keys))
        return SOTTO_NOT_READY;
    const struct sotto_key_store_entry *found = find_shown(&keys->store, kid);
    if (found)
        memcpy(secret, &found->secret, sizeof *secret);
    sotto_keys_unlock(keys);
    return found ? SOTTO_OK : SOTTO_MISSING_KEY;
}

uint32_t sotto_keys_current(struct sotto_keys *keys) {
    if (!sotto_keys_lock(keys))
        return 0;
    uint32_t kid = keys->store.current_kid;
    sotto_keys_unlock(keys);
    return kid;
}

uint32_t sotto_keys_newest(struct sotto_keys *keys) {
    if (!sotto_keys_lock(keys))
        return 0;
    uint32_t kid = newest_kid(&keys->store);
    sotto_keys_unlock(keys);
    return kid;
}

size_t sotto_keys_list(struct sotto_keys *keys, uint32_t *kids, size_t capacity) {
    size_t count = 0;
    if (!sotto_keys_lock(keys))
        return 0;
    for (size_t i = 0; i < SOTTO_ROOM_SECRETS_MAX; i++) {
        if (!is_shown(&keys->store, &keys->store.entries[i]))
            continue;
        if (count < capacity)
            kids[count] = keys->store.entries[i].kid;
        count++;
    }
    sotto_keys_unlock(keys);
    return count;
}

enum sotto_result sotto_keys_safety_code(struct sotto_keys *keys, uint32_t kid,
                                         char code[SOTTO_SAFETY_CODE_SIZE]) {
    struct sotto_room_secret secret;
    enum sotto_result result = sotto_keys_export(keys, kid, &secret);
    memset(code, 0, SOTTO_SAFETY_CODE_SIZE);
    if (result == SOTTO_OK)
        result = sotto_key_schedule_derive_safety_code(&secret, code);
    sotto_key_schedule_wipe_secret(&secret);
    return result;
}
