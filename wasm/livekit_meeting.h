// What one client holds of one meeting in the format "livekit": rings of keys, the memory of what
// was opened, and its streams in both directions. The streams of a participant borrow the shared
// ring until the participant gets a key of its own; from then on nothing else opens or seals them.
#ifndef SOTTO_WASM_LIVEKIT_MEETING_H
#define SOTTO_WASM_LIVEKIT_MEETING_H

#include "core/livekit_opener.h"
#include "core/livekit_ring.h"
#include "core/livekit_sealer.h"
#include "wasm/limits.h"
#include "wasm/pool.h"

// Owned by the caller, neither copied nor moved; ends with wipe. All zero is no meeting.
struct sotto_livekit_meeting {
    bool is_open;
    int failure_tolerance;
    size_t trailer_size;
    uint8_t trailer[SOTTO_LIVEKIT_TRAILER_SIZE_MAX];
    struct sotto_livekit_ring shared;
    struct sotto_livekit_place shared_places[SOTTO_LIVEKIT_RING_SIZE_MAX];
    struct sotto_livekit_replay *replay; // of the arena, once a meeting began

    struct sotto_pool rings; // of participants with keys of their own
    struct sotto_pool sealers;
    struct sotto_pool openers;
    struct sotto_pool_slot ring_slots[SOTTO_PARTICIPANTS_MAX];
    struct sotto_pool_slot sealer_slots[SOTTO_SEALERS_MAX];
    struct sotto_pool_slot opener_slots[SOTTO_OPENERS_MAX];
    size_t polled_count; // slots that the present round of polls has passed
};

// For a wiped meeting or one of zeros. SOTTO_INVALID for options outside what the core allows,
// SOTTO_TOO_SMALL without memory.
SOTTO_MUST_USE enum sotto_result
sotto_livekit_meeting_init(struct sotto_livekit_meeting *meeting,
                           const struct sotto_livekit_options *options, int failure_tolerance);

// What frames end with that the server injects, for all openers. False if it is too long.
SOTTO_MUST_USE bool sotto_livekit_meeting_set_trailer(struct sotto_livekit_meeting *meeting,
                                                      struct sotto_bytes trailer);

// The ring that an id names: the shared one without an id, or the participant's own, made if
// `creates` and it is not here yet. NULL without a meeting, ring or memory.
struct sotto_livekit_ring *sotto_livekit_meeting_ring(struct sotto_livekit_meeting *meeting,
                                                      struct sotto_bytes participant_id,
                                                      bool creates);

// Wipes the keys that an id names. A participant's own ring ends: its streams have the shared one.
// SOTTO_MISSING_KEY if there is no such ring.
SOTTO_MUST_USE enum sotto_result
sotto_livekit_meeting_forget_keys(struct sotto_livekit_meeting *meeting,
                                  struct sotto_bytes participant_id);

// A slice of whatever is to be derived, in any ring. True once nothing is left.
bool sotto_livekit_meeting_work(struct sotto_livekit_meeting *meeting, uint32_t rounds_max,
                                enum sotto_result *result);

// Ends the keys before the last step of the ratchet, in all rings.
void sotto_livekit_meeting_end_previous(struct sotto_livekit_meeting *meeting);

// A place that went a step forward, and whose it is: no id for the shared ring's. False if there is
// none left to tell.
bool sotto_livekit_meeting_poll_ratcheted(struct sotto_livekit_meeting *meeting,
                                          struct sotto_bytes *participant_id, size_t *index);

// Streams let go of keys that are in no ring any more. After every change of keys.
void sotto_livekit_meeting_handle_key_change(struct sotto_livekit_meeting *meeting);

// `random` is where the sealer's counts begin. SOTTO_INVALID for an empty or too long id or a kind
// that is none, SOTTO_TOO_SMALL without room.
SOTTO_MUST_USE enum sotto_result sotto_livekit_meeting_add_sealer(
    struct sotto_livekit_meeting *meeting, struct sotto_bytes participant_id,
    const uint16_t random[SOTTO_LIVEKIT_SEALER_SSRCS_MAX], enum sotto_kind kind, uint32_t *handle);
SOTTO_MUST_USE enum sotto_result
sotto_livekit_meeting_add_opener(struct sotto_livekit_meeting *meeting,
                                 struct sotto_bytes participant_id, enum sotto_kind kind,
                                 uint32_t *handle);

// NULL for a handle that names no sealer, or no opener, of this meeting.
struct sotto_livekit_sealer *
sotto_livekit_meeting_sealer(const struct sotto_livekit_meeting *meeting, uint32_t handle);
struct sotto_livekit_opener *
sotto_livekit_meeting_opener(const struct sotto_livekit_meeting *meeting, uint32_t handle);

// Wipes a sealer or an opener. What was opened stays remembered. False for a handle of neither.
bool sotto_livekit_meeting_remove_stream(struct sotto_livekit_meeting *meeting, uint32_t handle);

// Polls one stream after the other, until one has something to tell (then `handle` is its) or all
// were polled: false, and the next call starts another round.
bool sotto_livekit_meeting_poll_event(struct sotto_livekit_meeting *meeting, uint64_t now_ms,
                                      uint32_t *handle, struct sotto_stream_event *event);

// Wipes every key and stream; the memory stays for the next meeting.
void sotto_livekit_meeting_wipe(struct sotto_livekit_meeting *meeting);

#endif
