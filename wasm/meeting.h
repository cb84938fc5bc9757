// What one client holds of one meeting: its keys (wasm/meeting_keys.h) and its streams in both
// directions. The streams of a participant borrow that participant's key store, which follows the
// shared keys until the participant gets a key of its own; from then on nothing else opens or seals
// its streams.
#ifndef SOTTO_WASM_MEETING_H
#define SOTTO_WASM_MEETING_H

#include "core/key_store.h"
#include "core/liveness.h"
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
    enum sotto_liveness_rule liveness; // of openers that are added from now on
    bool has_challenge;                // this client's own, of the latest joining
    uint8_t challenge[SOTTO_CHALLENGE_SIZE];
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

// Makes `challenge` (SOTTO_CHALLENGE_SIZE bytes) the one that others' answers must repeat.
void sotto_meeting_set_challenge(struct sotto_meeting *meeting, const uint8_t *challenge);

// Answers others' challenges, one behind the other, for all sealers of the meeting. `handle` is
// that of a data sealer. As sotto_liveness_seal_answer; SOTTO_NOT_READY for another handle.
SOTTO_MUST_USE enum sotto_result sotto_meeting_seal_answer(const struct sotto_meeting *meeting,
                                                           uint32_t handle,
                                                           struct sotto_bytes challenges,
                                                           uint8_t *message, size_t capacity,
                                                           size_t *message_size);

// Which streams of a participant an answer makes live; their openers are told by the caller, as
// they may come later. As sotto_liveness_open_answer; SOTTO_NOT_READY before there is a meeting,
// SOTTO_NOT_LIVE before there is a challenge.
SOTTO_MUST_USE enum sotto_result sotto_meeting_open_answer(const struct sotto_meeting *meeting,
                                                           struct sotto_bytes participant_id,
                                                           struct sotto_bytes message,
                                                           struct sotto_live_streams *streams);

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
