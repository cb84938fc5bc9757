// The room secrets that a client holds, found by key id (KID), never tried one after another. One
// of them is the current one: sealers seal with it. The newest is the one set or added last; older
// ones end within a minute of it, on the clock that polls of streams bring (sotto/sotto.h).
// Participants with keys of their own have a sotto_keys of their own.
//
// May be used by any number of threads at the same time. A change reaches a sealer or an opener at
// its next call.
#ifndef SOTTO_INCLUDE_SOTTO_KEYS_H
#define SOTTO_INCLUDE_SOTTO_KEYS_H

#include "sotto/key_schedule.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct sotto_keys;

// Without any secret. NULL without memory.
SOTTO_API SOTTO_MUST_USE struct sotto_keys *sotto_keys_create(void);

// Erases the secrets once no sealer and no opener made with these keys is left. NULL is fine.
SOTTO_API void sotto_keys_destroy(struct sotto_keys *keys);

// The functions below that give a result say SOTTO_NOT_READY in a child after fork().

// Copies the secret and makes it the newest and the current one, also if it is here already. Where
// SOTTO_ROOM_SECRETS_MAX are here, the one set longest ago gives way, but not the one before as the
// current one. `kid` may be NULL.
//   SOTTO_KID_TAKEN  another secret has its key id: nothing was changed
//   SOTTO_INTERNAL   the cryptographic library failed
SOTTO_API SOTTO_MUST_USE enum sotto_result sotto_keys_set(struct sotto_keys *keys,
                                                          const struct sotto_room_secret *secret,
                                                          uint32_t *kid);

// The same, but what is the current secret stays it, if there is one: so that receivers open what
// others seal with the new one before they seal with it themselves.
SOTTO_API SOTTO_MUST_USE enum sotto_result sotto_keys_add(struct sotto_keys *keys,
                                                          const struct sotto_room_secret *secret,
                                                          uint32_t *kid);

// One step of the ratchet: adds what follows from the newest secret. Whoever has the older one
// makes the newer one too, not the other way round. SOTTO_MISSING_KEY without a secret; else as
// sotto_keys_set.
SOTTO_API SOTTO_MUST_USE enum sotto_result sotto_keys_ratchet(struct sotto_keys *keys,
                                                              uint32_t *kid);

// How many steps ahead of the newest secret open too, so that others may take them first: 0 unless
// set. The first frame that opens under one of them makes that the newest, at the next poll of its
// opener. Takes effect when the next secret is set. SOTTO_INVALID for more than
// SOTTO_RATCHET_WINDOW_MAX.
SOTTO_API SOTTO_MUST_USE enum sotto_result sotto_keys_set_ratchet_window(struct sotto_keys *keys,
                                                                         size_t steps);

// Makes a secret that is here the current one. SOTTO_MISSING_KEY, without effect, if it is not.
SOTTO_API SOTTO_MUST_USE enum sotto_result sotto_keys_use(struct sotto_keys *keys, uint32_t kid);

// Erases one secret. SOTTO_MISSING_KEY if it is not here. Without its current secret the keys have
// none until one is set or used: sealing never falls back to an older one by itself. A stream drops
// what it derived at its next call.
SOTTO_API SOTTO_MUST_USE enum sotto_result sotto_keys_remove(struct sotto_keys *keys, uint32_t kid);

// Copies a secret, to hand a ratcheted one on to who joins later. SOTTO_MISSING_KEY if it is not
// here.
SOTTO_API SOTTO_MUST_USE enum sotto_result sotto_keys_export(struct sotto_keys *keys, uint32_t kid,
                                                             struct sotto_room_secret *secret);

// The current secret's key id; 0 if there is none.
SOTTO_API uint32_t sotto_keys_current(struct sotto_keys *keys);

// The newest secret's key id; 0 if there is none.
SOTTO_API uint32_t sotto_keys_newest(struct sotto_keys *keys);

// The key ids of the secrets that are here, in no order and without those of a ratchet window: at
// most `capacity` of them are written, and how many there are is returned, at most
// SOTTO_ROOM_SECRETS_MAX.
SOTTO_API size_t sotto_keys_list(struct sotto_keys *keys, uint32_t *kids, size_t capacity);

// The safety code of one of them. SOTTO_MISSING_KEY, with an empty text, if it is not here.
SOTTO_API SOTTO_MUST_USE enum sotto_result sotto_keys_safety_code(
    struct sotto_keys *keys, uint32_t kid, char code[SOTTO_SAFETY_CODE_SIZE]);

#ifdef __cplusplus
}
#endif

#endif
