// The keys of the format "livekit" that a client holds: a ring of up to 256 places, found by the
// key index that every frame names, each with the ratchet window ahead of it. Sealers and openers
// borrow a ring. A participant with a key of its own has a ring of its own.
//
// PBKDF2 takes 100,000 rounds for every key and for every step of the ratchet, so it is never done
// where frames pass: sotto_livekit_ring_work does all of it beforehand, in slices.
#ifndef SOTTO_CORE_LIVEKIT_RING_H
#define SOTTO_CORE_LIVEKIT_RING_H

#include "core/bytes.h"
#include "core/limits.h"
#include "core/livekit_key.h"
#include "core/pbkdf2.h"
#include "core/result.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sotto_livekit_place {
    enum sotto_livekit_kdf kdf;
    size_t ready_count;  // of `keys`: the one in use and, of its window, those derived already
    size_t ratchets_due; // steps asked for whose key is not there yet
    bool was_ratcheted;  // since the last poll
    struct sotto_livekit_key keys[1 + SOTTO_LIVEKIT_RATCHET_WINDOW_MAX];
    struct sotto_livekit_key previous; // id 0: none; before the last step, for frames on their way
};

// Owned by the caller, neither copied nor moved; ends with wipe.
struct sotto_livekit_ring {
    uint8_t salt[SOTTO_LIVEKIT_SALT_SIZE_MAX];
    size_t salt_size;
    size_t key_size;
    size_t size;
    size_t ratchet_window;
    size_t current; // the key index to seal with, `size` if none was ever made that
    struct sotto_livekit_place *places; // `size` of them, borrowed from the caller

    // PBKDF2 under way: for a new key of a place, or for the one behind its last.
    bool is_working;
    bool is_for_new_key;
    bool makes_current;
    size_t working_on;
    struct sotto_pbkdf2 pbkdf2;
};

// `places` are as many as options->ring_size says; they need not be zero, and wipe erases them.
// False if an option is outside the above; the ring holds nothing then and never will.
SOTTO_MUST_USE bool sotto_livekit_ring_init(struct sotto_livekit_ring *ring,
                                            const struct sotto_livekit_options *options,
                                            struct sotto_livekit_place *places);

// Puts a key derived with HKDF in place `index`, modulo the ring's size as in LiveKit; the one that
// was there ends. `makes_current`: it seals from now on. SOTTO_INVALID for no bytes.
SOTTO_MUST_USE enum sotto_result sotto_livekit_ring_set_raw(struct sotto_livekit_ring *ring,
                                                            size_t index,
                                                            struct sotto_bytes material,
                                                            bool makes_current);

// The same with PBKDF2: sotto_livekit_ring_work does it. One at a time: a new one takes the place
// of an unfinished one. Until it is there the old one stays.
SOTTO_MUST_USE enum sotto_result sotto_livekit_ring_begin_text(struct sotto_livekit_ring *ring,
                                                               size_t index,
                                                               struct sotto_bytes text,
                                                               bool makes_current);

// Whether there is anything to derive.
bool sotto_livekit_ring_has_work(const struct sotto_livekit_ring *ring);

// Goes on with whatever is to be derived: a key that was begun, then ratchet steps, then windows.
// At most `rounds_max` rounds of PBKDF2, or one key of HKDF. True once nothing is left, and on
// failure: SOTTO_INTERNAL in `result` if the cryptographic library failed; no key is set then.
bool sotto_livekit_ring_work(struct sotto_livekit_ring *ring, uint32_t rounds_max,
                             enum sotto_result *result);

// Whether a key that was begun is not in its place yet.
bool sotto_livekit_ring_is_setting(const struct sotto_livekit_ring *ring);

// Whether somebody waits for what is to be derived: such a key, or a step of the ratchet. Windows
// wait.
bool sotto_livekit_ring_is_awaited(const struct sotto_livekit_ring *ring);

// Takes a place one step of the ratchet forward; forward only. At once if the next key is there,
// otherwise as soon as the work has come to it. SOTTO_MISSING_KEY for an empty place,
// SOTTO_TOO_SMALL with as many steps waiting as a window has at most.
SOTTO_MUST_USE enum sotto_result sotto_livekit_ring_ratchet(struct sotto_livekit_ring *ring,
                                                            size_t index);

// For openers: a frame opened with the key `steps` ahead of the one in use, which ends here.
void sotto_livekit_ring_advance(struct sotto_livekit_ring *ring, size_t index, size_t steps);

// A place that went forward, by either way, since it was last told. False if there is none.
bool sotto_livekit_ring_poll_ratcheted(struct sotto_livekit_ring *ring, size_t *index);

// Wipes the keys before the last step of every place. To be called a few seconds after a step:
// until then frames that were on their way still open.
void sotto_livekit_ring_end_previous(struct sotto_livekit_ring *ring);

// Seals from now on with the key of another place. False, without effect, if that is empty.
SOTTO_MUST_USE bool sotto_livekit_ring_use(struct sotto_livekit_ring *ring, size_t index);

// NULL for a place that is empty or not in the ring. Borrowed from the ring until it changes.
const struct sotto_livekit_place *sotto_livekit_ring_find(const struct sotto_livekit_ring *ring,
                                                          size_t index);

// Whether any place has this key, in use, before or ahead.
bool sotto_livekit_ring_holds(const struct sotto_livekit_ring *ring, uint64_t id);

// Wipes every key, and the options stay: the ring is as after init.
void sotto_livekit_ring_clear(struct sotto_livekit_ring *ring);

// Wipes every key and the options. An all-zero ring is wiped already.
void sotto_livekit_ring_wipe(struct sotto_livekit_ring *ring);

#endif
