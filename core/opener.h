// Opens the frames of one incoming stream in the format "sotto" (docs/frame-format.md): one
// participant, one stream id, one kind. It lives as long as the meeting, not as one subscription to
// the stream, because it remembers what was opened. It needs no knowledge of the codec.
#ifndef SOTTO_CORE_OPENER_H
#define SOTTO_CORE_OPENER_H

#include "core/key_store.h"
#include "core/limits.h"
#include "core/replay_window.h"
#include "core/result.h"
#include "core/sframe.h"
#include "core/stream_name.h"
#include "core/stream_state.h"
#include "sotto/stream.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sotto_opener_window {
    uint64_t kid; // 0: free
    uint64_t used_at;
    struct sotto_replay_window window;
};

struct sotto_opener_key {
    uint64_t used_at;
    uint64_t set_at;                    // of its secret, in the key store
    struct sotto_opener_window *window; // in the opener; NULL until a frame under the KID opened
    struct sotto_sframe_key key;        // KID 0: free
};

// A frame opened under a newer secret than any before.
struct sotto_opener_move {
    uint64_t set_at;  // of that secret, in the key store
    uint64_t ends_ms; // when those older than it end for this stream; 0: not reckoned yet
};

// Owned by the caller, neither copied nor moved; ends with wipe. All zero is an opener that is not
// ready.
struct sotto_opener {
    const struct sotto_key_store *key_store; // borrowed from the caller
    struct sotto_stream_name name;
    enum sotto_suite suite_min;
    bool is_live;
    uint64_t counter_min; // once live
    uint64_t generation; // of the key store when `keys` were derived
    uint64_t uses;       // counts calls, to know what was used last
    struct sotto_opener_key keys[SOTTO_READY_KEYS_MAX];
    struct sotto_opener_window windows[SOTTO_ROOM_SECRETS_MAX];
    uint64_t given_away; // where new windows begin: above all that were given away
    uint64_t newest_at; // `set_at` of the newest secret under which a frame opened; 0: none
    uint64_t least_at;  // secrets set before it have ended for this stream
    size_t move_count;
    struct sotto_opener_move moves[SOTTO_MOVES_MAX]; // the earliest first
    struct sotto_stream_state state;                 // its totals may be read
};

// The name is copied; its participant id is the one that the receiver believes to hear. Frames of a
// suite below `suite_min` are refused. False if the name is not a valid one or the suite is not 4
// or 5; the opener is not ready then.
SOTTO_MUST_USE bool sotto_opener_init(struct sotto_opener *opener,
                                      const struct sotto_key_store *key_store,
                                      const struct sotto_stream_name *name,
                                      enum sotto_suite suite_min,
                                      enum sotto_liveness_rule liveness);

// The sender's answer to this receiver's challenge named the stream: frames from `counter_min` on
// open. Only the first call counts: what a later answer names as past may be still on its way.
void sotto_opener_set_live(struct sotto_opener *opener, uint64_t counter_min);

// Opens one frame. `frame` does not overlap `wire`; wire.size bytes are always enough. No bytes are
// padding: they stay no bytes and are not counted.
//   SOTTO_NOT_READY    the opener was not initialised, or wiped
//   SOTTO_NOT_SEALED   bytes that no sealer writes, or a suite below the least
//   SOTTO_MISSING_KEY  the store has no secret with the frame's key id, or the stream moved on to a
//                      newer one and this one has ended for it
//   SOTTO_NOT_LIVE     the frame is from before the stream was live; or it is not live yet: then
//                      the frame may be anybody's, for its tag is not looked at
//   SOTTO_REPLAYED     opened before, or too old to tell. Once SOTTO_ROOM_SECRETS_MAX other key ids
//                      were in use after one whose secret left the store, all that may have opened
//                      under it counts as opened
//   SOTTO_TAMPERED     the tag does not verify: another key, another stream or altered bytes
//   SOTTO_TOO_SMALL    `capacity`
//   SOTTO_INTERNAL     the cryptographic library
// On failure the first min(wire.size, capacity) bytes are zero, and no counter counts as seen.
SOTTO_MUST_USE enum sotto_result sotto_opener_open(struct sotto_opener *opener,
                                                   struct sotto_bytes wire, uint8_t *frame,
                                                   size_t capacity, size_t *frame_size);

// As sotto_stream_state_poll_event.
bool sotto_opener_poll_event(struct sotto_opener *opener, uint64_t now_ms,
                             struct sotto_stream_event *event);

// Takes up a change of the key store now, not at the next frame: a silent stream would keep a key
// whose secret is gone.
void sotto_opener_handle_key_change(struct sotto_opener *opener);

// Ends older secrets for this stream SOTTO_OLD_SECRET_STREAM_MS after it moved on, and wipes what
// was derived from them. To be called at least every SOTTO_TICK_MS_MAX on a monotonic clock.
void sotto_opener_handle_timeout(struct sotto_opener *opener, uint64_t now_ms);

// The opener is not ready then. An all-zero opener is wiped already.
void sotto_opener_wipe(struct sotto_opener *opener);

#endif
