// Seals the frames of one outgoing stream in the format "sotto" (docs/frame-format.md).
//
// A sealer belongs to one stream id, drawn at random when the sealer is made. Its counter starts at
// 0 and lives exactly as long: no change of key, no ratchet step and no return to an old key resets
// it, and with it no nonce ever comes twice. For the same reason a sealer is not copied, not stored
// and not taken through fork(): a copy gets a new stream id and starts anew.
#ifndef SOTTO_CORE_SEALER_H
#define SOTTO_CORE_SEALER_H

#include "core/key_store.h"
#include "core/layout.h"
#include "core/limits.h"
#include "core/result.h"
#include "core/sframe.h"
#include "core/stream_name.h"
#include "core/stream_state.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Owned by the caller, neither copied nor moved; ends with wipe. All zero is a sealer that is not
// ready.
struct sotto_sealer {
    const struct sotto_key_store *key_store; // borrowed from the caller
    struct sotto_stream_name name;
    enum sotto_suite suite;
    uint64_t counter;    // of the next frame
    uint64_t generation; // of the key store when `key` was derived
    uint32_t held_kid;   // to go on with while the store has it; 0: follow the store
    bool has_key;
    struct sotto_sframe_key key;
    struct sotto_stream_state state; // its totals may be read
};

// The name is copied. False if it is not a valid one or the suite is not 4 or 5; the sealer is not
// ready then.
SOTTO_MUST_USE bool sotto_sealer_init(struct sotto_sealer *sealer,
                                      const struct sotto_key_store *key_store,
                                      const struct sotto_stream_name *name,
                                      enum sotto_suite suite);

// Goes on with the key of now, whatever becomes the current secret, until `holds` is false: so a
// video stream changes its key at a key frame. Without that secret it follows the store at once.
void sotto_sealer_hold_key(struct sotto_sealer *sealer, bool holds);

// Seals one frame under the current room secret, or the one held. `is_key_frame` is what the
// encoder says of it; only AV1 shows it by that, others by the bytes that stay readable or not at
// all. `wire` does not overlap `frame`; sotto_layout_wire_size_max bytes are always enough. A frame
// of no bytes is padding: it stays empty and is not counted.
//   SOTTO_NOT_READY    the sealer was not initialised, or wiped
//   SOTTO_MISSING_KEY  the store has no current secret
//   SOTTO_EXHAUSTED    SOTTO_FRAMES_MAX frames were sealed
//   SOTTO_TOO_SMALL    `capacity`. It uses a counter up only if escapes alone did not fit
//   SOTTO_INVALID      no codec; more than SOTTO_FRAME_SIZE_MAX; or H.264 or H.265 without a slice,
//                      or whose first one is a single byte: nothing carries such a frame
//   SOTTO_INTERNAL     the cryptographic library
// On failure the first min(sotto_layout_wire_size_max, capacity) bytes are zero.
SOTTO_MUST_USE enum sotto_result sotto_sealer_seal(struct sotto_sealer *sealer,
                                                   enum sotto_codec codec, bool is_key_frame,
                                                   struct sotto_bytes frame, uint8_t *wire,
                                                   size_t capacity, size_t *wire_size);

// Seals the message of a stream of kind data in layout 0, with `label`, at most
// SOTTO_DATA_LABEL_SIZE_MAX bytes, authenticated behind the mark: for core/data_message.h, which
// knows labels. message.size + SOTTO_OVERHEAD_MAX bytes are always enough. Errors as above;
// SOTTO_INVALID for a stream of another kind. A message of no bytes is a message.
SOTTO_MUST_USE enum sotto_result sotto_sealer_seal_data(struct sotto_sealer *sealer,
                                                        struct sotto_bytes label,
                                                        struct sotto_bytes message, uint8_t *wire,
                                                        size_t capacity, size_t *wire_size);

// As sotto_stream_state_poll_event.
bool sotto_sealer_poll_event(struct sotto_sealer *sealer, uint64_t now_ms,
                             struct sotto_stream_event *event);

// Takes up a change of the key store now, not at the next frame: a paused stream would keep a key
// whose secret is gone.
void sotto_sealer_handle_key_change(struct sotto_sealer *sealer);

// The sealer is not ready then. An all-zero sealer is wiped already.
void sotto_sealer_wipe(struct sotto_sealer *sealer);

#endif
