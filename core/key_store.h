// The room secrets that a client holds, found by key id, never tried one after another. Sealers and
// openers borrow a store and look at its generation to notice a change. A participant with a key of
// its own has a store of its own.
//
// One secret seals. The newest is the one set last: it opens at once, and seals when the caller
// says so. Older ones end SOTTO_OLD_SECRET_MS after a newer one was set. With a ratchet window the
// next steps of the newest secret open too, so that others may take them first.
#ifndef SOTTO_CORE_KEY_STORE_H
#define SOTTO_CORE_KEY_STORE_H

#include "core/key_schedule.h"
#include "core/limits.h"
#include "core/result.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sotto_key_store_entry {
    uint32_t kid;     // 0: the place is free
    bool is_kept;     // stays for stored data at its end
    bool has_ended;   // and opens no media any more
    uint64_t set_at;  // a later one is newer; beyond the store's `newest_at` it lies ahead
    uint64_t ends_ms; // 0: has no end, or it is not reckoned yet
    struct sotto_room_secret secret;
};

// Owned by the caller; must outlive the sealers and openers that borrow it. Ends with wipe.
struct sotto_key_store {
    struct sotto_key_store_entry entries[SOTTO_ROOM_SECRETS_MAX];
    uint32_t current_kid; // of the secret that seals; 0: none
    uint64_t newest_at;   // `set_at` of the newest secret
    size_t ratchet_window;
    uint64_t generation; // grows with every change and never falls, also not in wipe
};

// Without a ratchet window.
void sotto_key_store_init(struct sotto_key_store *store);

// How many steps ahead of the newest secret are to open; takes effect when the next one is set.
// False, without effect, for more than SOTTO_RATCHET_WINDOW_MAX.
SOTTO_MUST_USE bool sotto_key_store_set_ratchet_window(struct sotto_key_store *store, size_t steps);

// Copies the secret and makes it the newest, also if it is known already; it opens from now on, and
// seals if nothing else does. Steps that lie ahead of another secret are wiped. In a full store the
// secret set longest ago gives way, but never the one that seals. SOTTO_KID_TAKEN, without effect,
// if another secret has its key id; a step ahead whose key id is taken ends the window before it.
SOTTO_MUST_USE enum sotto_result sotto_key_store_add(struct sotto_key_store *store,
                                                     const struct sotto_room_secret *secret);

// The same, and it seals from now on.
SOTTO_MUST_USE enum sotto_result sotto_key_store_set_current(
    struct sotto_key_store *store, const struct sotto_room_secret *secret);

// Adds the secret one step ahead of the newest one. SOTTO_MISSING_KEY if there is no newest one.
SOTTO_MUST_USE enum sotto_result sotto_key_store_ratchet(struct sotto_key_store *store);

// Somebody else took one or more steps first: the secret ahead with this key id becomes the newest.
// False, without effect, if none of those ahead has it.
bool sotto_key_store_advance(struct sotto_key_store *store, uint32_t kid);

// Makes a secret that is here the one to seal with. False, without effect, if it is not here, has
// ended or lies ahead.
bool sotto_key_store_use(struct sotto_key_store *store, uint32_t kid);

// The secret to seal with, and the newest one; NULL if there is none. Borrowed from the store until
// it changes.
const struct sotto_key_store_entry *sotto_key_store_current(const struct sotto_key_store *store);
const struct sotto_key_store_entry *sotto_key_store_newest(const struct sotto_key_store *store);

// NULL if there is no secret with this key id that opens media. Borrowed from the store until it
// changes.
const struct sotto_room_secret *sotto_key_store_find(const struct sotto_key_store *store,
                                                     uint64_t kid);

// The same for stored data, for which kept secrets open after their end too.
const struct sotto_room_secret *sotto_key_store_find_stored(const struct sotto_key_store *store,
                                                            uint64_t kid);

// When the secret was set, as a number that grows from one to the next; 0 if it is not here.
uint64_t sotto_key_store_set_at(const struct sotto_key_store *store, uint64_t kid);

// Whether it is one of the steps that lie ahead.
bool sotto_key_store_is_ahead(const struct sotto_key_store *store,
                              const struct sotto_key_store_entry *entry);

// The app's own choice: at its end this secret stays for stored data alone, until it is removed or
// gives way in a full store. False if it is not here.
bool sotto_key_store_keep(struct sotto_key_store *store, uint32_t kid);

// Wipes, or keeps for stored data alone, what has ended, and says whether anything has. To be
// called at least every SOTTO_TICK_MS_MAX on a monotonic clock: ends are reckoned from the first
// call after a newer secret was set. The secret that seals may be among them: nothing seals then.
bool sotto_key_store_handle_timeout(struct sotto_key_store *store, uint64_t now_ms);

// Wipes one secret, and with the newest one or a step ahead of it all steps ahead. False if it is
// not here. Without its current secret a store has none until one is set: sealing never falls back
// to an older key by itself.
bool sotto_key_store_remove(struct sotto_key_store *store, uint32_t kid);

// Wipes every secret. The store is empty then and may be used again.
void sotto_key_store_wipe(struct sotto_key_store *store);

#endif
