// Opens the frames of one incoming stream in the format "livekit" (docs/livekit.md).
#ifndef SOTTO_CORE_LIVEKIT_OPENER_H
#define SOTTO_CORE_LIVEKIT_OPENER_H

#include "core/aead.h"
#include "core/limits.h"
#include "core/livekit_frame.h"
#include "core/livekit_replay.h"
#include "core/livekit_ring.h"
#include "core/result.h"
#include "core/stream_name.h"
#include "core/stream_state.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sotto_livekit_ready_key {
    uint64_t id; // 0: free
    uint64_t used_at;
    struct sotto_aead aead;
};

// Owned by the caller, neither copied nor moved; ends with wipe. All zero is an opener that is not
// ready.
struct sotto_livekit_opener {
    struct sotto_livekit_ring *ring;     // borrowed from the caller
    struct sotto_livekit_replay *replay; // borrowed from the caller
    enum sotto_kind kind;
    int failure_tolerance;
    size_t trailer_size;
    uint8_t trailer[SOTTO_LIVEKIT_TRAILER_SIZE_MAX];
    uint64_t uses;
    struct sotto_livekit_ready_key keys[SOTTO_READY_KEYS_MAX];
    struct sotto_stream_state state; // its totals may be read
};

// `failure_tolerance` is LiveKit's option: frames in a row that may fail before the key counts as
// wrong; a negative number for the default, 10. LiveKit then drops every frame unread until another
// key is set, so a few forged frames end a stream. Here every frame is tried with the key in use,
// always; beyond the tolerance only the ratchet window is tried less often, with one frame in 16.
// False for a kind that is none.
SOTTO_MUST_USE bool sotto_livekit_opener_init(struct sotto_livekit_opener *opener,
                                              struct sotto_livekit_ring *ring,
                                              struct sotto_livekit_replay *replay,
                                              enum sotto_kind kind, int failure_tolerance);

// LiveKit's servers send frames of their own in clear (silence, a blank picture), and tell clients
// what those end with. They are dropped here, whatever is in them. The trailer is copied; no bytes
// mean none. False for more than SOTTO_LIVEKIT_TRAILER_SIZE_MAX.
SOTTO_MUST_USE bool sotto_livekit_opener_set_trailer(struct sotto_livekit_opener *opener,
                                                     struct sotto_bytes trailer);

// Opens one frame. `codec` and `is_key_frame` are what the browser says of it, OTHER and false for
// not knowing: they say where to look, and save attempts. `frame` does not overlap `wire`, and
// wire.size bytes are always enough. No bytes are padding: they stay so and are not counted.
//   SOTTO_NOT_READY    the opener was not initialised, or wiped
//   SOTTO_NOT_SEALED   bytes that no sealer writes, or that end in the server's trailer
//   SOTTO_MISSING_KEY  nothing in the place of the ring that the frame names
//   SOTTO_REPLAYED     opened before, by any opener with this memory, or too old to tell
//   SOTTO_TAMPERED     the tag does not verify: another key, another codec or altered bytes
//   SOTTO_TOO_SMALL    `capacity`
//   SOTTO_INVALID      AV1
//   SOTTO_INTERNAL     the cryptographic library
// On failure the first min(wire.size, capacity) bytes are zero, and nothing counts as opened.
SOTTO_MUST_USE enum sotto_result
sotto_livekit_opener_open(struct sotto_livekit_opener *opener, enum sotto_codec codec,
                          bool is_key_frame, struct sotto_bytes wire, uint8_t *frame,
                          size_t capacity, size_t *frame_size);

// As sotto_stream_state_poll_event; a kid is a key index plus one.
bool sotto_livekit_opener_poll_event(struct sotto_livekit_opener *opener, uint64_t now_ms,
                                     struct sotto_stream_event *event);

// Lets go of keys that the ring has not any more; a silent stream would keep them.
void sotto_livekit_opener_handle_key_change(struct sotto_livekit_opener *opener);

// The opener is not ready then. An all-zero opener is wiped already.
void sotto_livekit_opener_wipe(struct sotto_livekit_opener *opener);

#endif
