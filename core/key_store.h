// The room secrets that a client holds, found by key id, never tried one after another. Sealers and
// openers borrow a store and look at its generation to notice a change. A participant with a key of
// its own has a store of its own.
#ifndef SOTTO_CORE_KEY_STORE_H
#define SOTTO_CORE_KEY_STORE_H

#include "core/key_schedule.h"
#include "core/limits.h"
#include "core/result.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sotto_key_store_entry {
    uint32_t kid;    // 0: the place is free
    uint64_t set_at; // the generation in which it was last set
    struct sotto_room_secret secret;
};

// Owned by the caller; must outlive the sealers and openers that borrow it. Ends with wipe.
struct sotto_key_store {
    struct sotto_key_store_entry entries[SOTTO_ROOM_SECRETS_MAX];
    uint32_t current_kid; // 0: none
    uint64_t generation;  // grows with every change and never falls, also not in wipe
};

void sotto_key_store_init(struct sotto_key_store *store);

// Copies the secret and makes it the one to seal with, also if it is known already. In a full store
// the secret set longest ago gives way. SOTTO_KID_TAKEN if another secret has its key id.
SOTTO_MUST_USE enum sotto_result sotto_key_store_set_current(
    struct sotto_key_store *store, const struct sotto_room_secret *secret);

// Makes a secret that is here the one to seal with. False, without effect, if it is not here.
SOTTO_MUST_USE bool sotto_key_store_use(struct sotto_key_store *store, uint32_t kid);

// The secret to seal with; NULL if there is none. Borrowed from the store until it changes.
const struct sotto_key_store_entry *sotto_key_store_current(const struct sotto_key_store *store);

// NULL if there is no secret with this key id. Borrowed from the store until it changes.
const struct sotto_room_secret *sotto_key_store_find(const struct sotto_key_store *store,
                                                     uint64_t kid);

// Wipes one secret. False if it is not here. Without its current secret a store has none until one
// is set: sealing never falls back to an older key by itself.
bool sotto_key_store_remove(struct sotto_key_store *store, uint32_t kid);

// Wipes every secret. The store is empty then and may be used again.
void sotto_key_store_wipe(struct sotto_key_store *store);

#endif
