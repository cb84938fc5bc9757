// Opens the frames of one incoming stream in the format "sotto" (docs/frame-format.md): one
// participant, one stream id, one kind. It lives as long as the meeting, not as one subscription to
// the stream, because it remembers what was opened. It needs no knowledge of the codec.
#ifndef SOTTO_INCLUDE_SOTTO_FRAME_OPENER_H
#define SOTTO_INCLUDE_SOTTO_FRAME_OPENER_H

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

struct sotto_frame_opener;

// An opener for the stream of this name, copied; its participant id is the one that the receiver
// believes to hear. Frames of a suite below `suite_min` are refused. With SOTTO_LIVENESS_NEEDED
// nothing opens before the first answer (sotto/liveness.h). NULL for a name or suite outside what
// sotto/stream.h allows (here suites 4 and 5), without memory, and for keys of a process that
// fork() left.
SOTTO_API SOTTO_MUST_USE struct sotto_frame_opener *sotto_frame_opener_create(
    struct sotto_keys *keys, const struct sotto_stream *stream, enum sotto_suite suite_min,
    enum sotto_liveness_rule liveness);

// NULL is fine.
SOTTO_API void sotto_frame_opener_destroy(struct sotto_frame_opener *opener);

// Opens one frame. wire.size bytes are always enough for it. No bytes are padding: they stay no
// bytes and are not counted.
//   SOTTO_NOT_SEALED   bytes that no sealer writes, or a suite below the least
//   SOTTO_MISSING_KEY  no secret with the frame's key id is here, or the stream moved on to a newer
//                      one more than 3 s ago
//   SOTTO_NOT_LIVE     the stream is not live yet, or the frame is from before it was
//   SOTTO_REPLAYED     opened before, or too old to tell: drop it without complaint, networks do it
//   SOTTO_TAMPERED     the tag does not verify: another key, another stream or altered bytes
//   SOTTO_TOO_SMALL    `capacity`
//   SOTTO_NOT_READY    after fork()
//   SOTTO_INTERNAL     the cryptographic library
// Whoever drops a video frame for any of these but SOTTO_REPLAYED should ask for a key frame.
SOTTO_API SOTTO_MUST_USE enum sotto_result sotto_frame_opener_open(
    struct sotto_frame_opener *opener, struct sotto_bytes wire, uint8_t *frame, size_t capacity,
    size_t *frame_size);

// As sotto_frame_sealer_poll_event.
SOTTO_API bool sotto_frame_opener_poll_event(struct sotto_frame_opener *opener, uint64_t now_ms,
                                             struct sotto_stream_event *event);

// How many frames had this outcome: opened (SOTTO_OK), or dropped for this reason.
SOTTO_API uint64_t sotto_frame_opener_count(const struct sotto_frame_opener *opener,
                                            enum sotto_result result);

#ifdef __cplusplus
}
#endif

#endif
