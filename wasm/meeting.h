// What one client holds of one meeting: its keys (wasm/meeting_keys.h) and its streams in both
// directions. The streams of a participant borrow that participant's key store, which follows the
// shared keys until the participant gets a key of its own; from then on nothing else opens or seals
// its streams.
#ifndef SOTTO_WASM_MEETING_H
#define SOTTO_WASM_MEETING_H

#include "core/key_store.h"
#include "core/opener.h"
#include "core/pbkdf2.h"
#include "core/sealer.h"
#include "wasm/limits.h"
#include "wasm/pool.h"

struct sotto_meeting_id {
    size_t size;
    uint8_t bytes[SOTTO_ID_SIZE_MAX];
};

// Owned by the caller, neither copied nor moved; ends with wipe. All zero is no meeting.
struct sotto_meeting {
    struct sotto_meeting_id room_id;
    enum sotto_suite suite;
    struct sotto_key_store shared_keys;

    // A text key under way, and whose it is: no id for a shared one.
    bool is_deriving;
    struct sotto_pbkdf2 text_key;
    struct sotto_meeting_id text_key_participant_id;

    struct sotto_pool participants;
    struct sotto_pool sealers;
    struct sotto_pool openers;
    struct sotto_pool_slot participant_slots[SOTTO_PARTICIPANTS_MAX];
    struct sotto_pool_slot sealer_slots[SOTTO_SEALERS_MAX];
    struct sotto_pool_slot opener_slots[SOTTO_OPENERS_MAX];
    size_t polled_count; // slots that the present round of polls has passed
};

// For a wiped meeting or one of zeros. Sealers use the suite, openers refuse a lower one.
// SOTTO_INVALID for a room id or suite outside what the core allows.
SOTTO_MUST_USE enum sotto_result sotto_meeting_init(struct sotto_meeting *meeting,
                                                    struct sotto_bytes room_id,
                                                    enum sotto_suite suite);

// `stream_id` was drawn at random for this sealer. SOTTO_INVALID if a part of the name is outside
// what the core allows, or if a sealer of this name is here; SOTTO_TOO_SMALL without room.
SOTTO_MUST_USE enum sotto_result sotto_meeting_add_sealer(struct sotto_meeting *meeting,
                                                          struct sotto_bytes participant_id,
                                                          struct sotto_bytes stream_id,
                                                          enum sotto_kind kind, uint32_t *handle);

// As above, but the opener that has this name already is found again, with what it remembers.
SOTTO_MUST_USE enum sotto_result sotto_meeting_add_opener(struct sotto_meeting *meeting,
                                                          struct sotto_bytes participant_id,
                                                          struct sotto_bytes stream_id,
                                                          enum sotto_kind kind, uint32_t *handle);

// NULL for a handle that names no sealer, or no opener, of this meeting.
struct sotto_sealer *sotto_meeting_sealer(const struct sotto_meeting *meeting, uint32_t handle);
struct sotto_opener *sotto_meeting_opener(const struct sotto_meeting *meeting, uint32_t handle);

// Wipes a sealer or an opener. An opener's memory of what was opened ends here.
// False for a handle that names neither.
bool sotto_meeting_remove_stream(struct sotto_meeting *meeting, uint32_t handle);

// Follows steps of the ratchet that others took first, and ends older secrets: in the key stores
// and for each stream. To be called at least every SOTTO_TICK_MS_MAX on the clock of poll_event.
// Returns how many steps were followed; one may be of several at once.
size_t sotto_meeting_handle_timeout(struct sotto_meeting *meeting, uint64_t now_ms);

// Polls one stream after the other, until one has something to tell (then `handle` is its) or all
// were polled: false, and the next call starts another round.
bool sotto_meeting_poll_event(struct sotto_meeting *meeting, uint64_t now_ms, uint32_t *handle,
                              struct sotto_stream_event *event);

// Wipes every key and stream; the memory stays for the next meeting.
void sotto_meeting_wipe(struct sotto_meeting *meeting);

#endif
