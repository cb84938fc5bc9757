// The keys of a meeting: those that all members share, and those of participants who have a key of
// their own. An empty participant id stands for the shared keys.
//
// The calls that set a key say SOTTO_NOT_READY before sotto_meeting_init, and SOTTO_TOO_SMALL if
// there is no room for another participant.
#ifndef SOTTO_WASM_MEETING_KEYS_H
#define SOTTO_WASM_MEETING_KEYS_H

#include "wasm/meeting.h"
#include "wasm/records.h"

// How many steps of the ratchet ahead open too, for the keys that are set from now on.
// SOTTO_INVALID for more than SOTTO_RATCHET_WINDOW_MAX.
SOTTO_MUST_USE enum sotto_result sotto_meeting_keys_set_window(struct sotto_meeting *meeting,
                                                               size_t steps);

// As sotto_key_store_add: it opens from now on, and seals once `use` says so or if nothing else
// does. The core's errors: SOTTO_INVALID, SOTTO_KID_TAKEN, SOTTO_INTERNAL.
SOTTO_MUST_USE enum sotto_result sotto_meeting_keys_set(struct sotto_meeting *meeting,
                                                        struct sotto_bytes participant_id,
                                                        const struct sotto_room_secret *secret);

// Begins to derive a secret from a text. One text is derived at a time: a new one takes the place
// of an unfinished one.
SOTTO_MUST_USE enum sotto_result sotto_meeting_keys_begin_text(struct sotto_meeting *meeting,
                                                               struct sotto_bytes participant_id,
                                                               struct sotto_bytes text_key);

// Goes on by at most `rounds_max` rounds and, at the end, sets the secret. `rounds_left` is 0 then,
// and on failure. SOTTO_NOT_READY if none was begun.
SOTTO_MUST_USE enum sotto_result sotto_meeting_keys_step_text(struct sotto_meeting *meeting,
                                                              uint32_t rounds_max,
                                                              uint32_t *rounds_left);

// NULL for a participant without a key of its own. Borrowed until the keys change.
const struct sotto_key_store *sotto_meeting_keys_find(const struct sotto_meeting *meeting,
                                                      struct sotto_bytes participant_id);

// Describes one of them. SOTTO_INTERNAL if the safety code cannot be derived.
SOTTO_MUST_USE enum sotto_result
sotto_meeting_keys_describe(const struct sotto_key_store *keys,
                            const struct sotto_key_store_entry *entry,
                            struct sotto_meeting_key *key);

// As sotto_key_store_ratchet.
SOTTO_MUST_USE enum sotto_result sotto_meeting_keys_ratchet(struct sotto_meeting *meeting,
                                                            struct sotto_bytes participant_id);

// Makes a secret that is here the one to seal with. SOTTO_MISSING_KEY if it is not here.
SOTTO_MUST_USE enum sotto_result sotto_meeting_keys_use(struct sotto_meeting *meeting,
                                                        struct sotto_bytes participant_id,
                                                        uint32_t kid);

// Erases all secrets that an id names. A participant's streams have the shared ones from now on;
// without shared ones nothing opens or seals until one is set. SOTTO_MISSING_KEY for a participant
// without a key of its own.
SOTTO_MUST_USE enum sotto_result sotto_meeting_keys_forget(struct sotto_meeting *meeting,
                                                           struct sotto_bytes participant_id);

// For sotto_meeting_handle_timeout: follows a step of the ratchet that the sender of this opener
// took first. Whether it took one.
bool sotto_meeting_keys_advance(struct sotto_meeting *meeting, uint32_t participant,
                                const struct sotto_opener *opener);

// For the same: erases what has ended.
void sotto_meeting_keys_handle_timeout(struct sotto_meeting *meeting, uint64_t now_ms);

// For sotto_meeting_wipe: erases every key, also one that is being derived.
void sotto_meeting_keys_wipe(struct sotto_meeting *meeting);

#endif
