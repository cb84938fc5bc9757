// Seals the frames of one outgoing stream in the format "sotto" (docs/frame-format.md).
//
// A sealer belongs to one stream id, drawn at random when the sealer is made. Its counter starts at
// 0 and lives exactly as long: no change of key, no ratchet step and no return to an old key resets
// it, and with it no nonce ever comes twice.
#ifndef SOTTO_INCLUDE_SOTTO_FRAME_SEALER_H
#define SOTTO_INCLUDE_SOTTO_FRAME_SEALER_H

#include "sotto/event.h"
#include "sotto/keys.h"
#include "sotto/result.h"
#include "sotto/stream.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct sotto_frame_sealer;

// A sealer for a stream of this name, copied. An empty `stream_id` is the usual case: the library
// draws one, which sotto_frame_sealer_stream_id tells. An id of the caller's must be random and
// never have been used by any sealer of this room, participant and kind, in this or an earlier run:
// a second time is a second use of the same nonces, and breaks the encryption of both.
// NULL for a name or suite outside what sotto/stream.h allows (here suites 4 and 5), without
// memory, and for keys of a process that fork() left.
SOTTO_API SOTTO_MUST_USE struct sotto_frame_sealer *sotto_frame_sealer_create(
    struct sotto_keys *keys, const struct sotto_stream *stream, enum sotto_suite suite);

// NULL is fine.
SOTTO_API void sotto_frame_sealer_destroy(struct sotto_frame_sealer *sealer);

// The stream id, for the receivers: it is public, and travels over signalling.
SOTTO_API void sotto_frame_sealer_stream_id(const struct sotto_frame_sealer *sealer,
                                            uint8_t stream_id[SOTTO_STREAM_ID_SIZE]);

// Seals one frame under the current secret. `is_key_frame` is what the encoder says of it. As many
// bytes as sotto_frame_sealer_size_max says are always enough. A frame of no bytes is padding: it
// stays empty and is not counted.
//   SOTTO_MISSING_KEY  the keys have no current secret
//   SOTTO_EXHAUSTED    SOTTO_FRAMES_MAX frames were sealed: make a new sealer
//   SOTTO_TOO_SMALL    `capacity`
//   SOTTO_INVALID      more than SOTTO_FRAME_SIZE_MAX bytes, an unknown codec, or H.264 or H.265
//                      without a slice: nothing carries such a frame
//   SOTTO_NOT_READY    after fork()
//   SOTTO_INTERNAL     the cryptographic library
SOTTO_API SOTTO_MUST_USE enum sotto_result sotto_frame_sealer_seal(
    struct sotto_frame_sealer *sealer, enum sotto_codec codec, bool is_key_frame,
    struct sotto_bytes frame, uint8_t *wire, size_t capacity, size_t *wire_size);

// Bytes on the wire that a frame of this size takes at most. In H.264 and H.265 that is far more
// than real frames take, as every other byte might have to be escaped.
SOTTO_API size_t sotto_frame_sealer_size_max(enum sotto_codec codec, size_t frame_size);

// Goes on with the secret of now, whatever becomes the current one, until `holds` is false: so a
// video stream changes its key at a key frame. Without that secret it follows the keys at once.
SOTTO_API void sotto_frame_sealer_hold_key(struct sotto_frame_sealer *sealer, bool holds);

// Takes out what there is to tell at `now_ms`: false if nothing. To be called at least every
// SOTTO_TICK_MS_MAX, for the sake of old secrets too (sotto/sotto.h): a paused stream would keep
// one that has ended or was removed.
SOTTO_API bool sotto_frame_sealer_poll_event(struct sotto_frame_sealer *sealer, uint64_t now_ms,
                                             struct sotto_stream_event *event);

// How many frames had this outcome: sealed (SOTTO_OK), or failed for this reason.
SOTTO_API uint64_t sotto_frame_sealer_count(const struct sotto_frame_sealer *sealer,
                                            enum sotto_result result);

#ifdef __cplusplus
}
#endif

#endif
