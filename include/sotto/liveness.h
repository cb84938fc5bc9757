// Liveness: what a server recorded yesterday does not open today (docs/frame-format.md,
// "Liveness"). Who joins sends a challenge of random bytes to everybody. Every sender answers with
// a message that repeats it and names its streams, each with the counter of its next frame. An
// opener made with SOTTO_LIVENESS_NEEDED opens nothing before such an answer named its stream, and
// nothing with a lower counter.
//
// The receiver: sotto_liveness_draw_challenge once for each joining; sotto_keys_open_answer for
// each answer, and with what it gives sotto_frame_opener_handle_answer for the openers of that
// participant. The sender, whenever challenges came or a stream began: sotto_frame_sealer_add_live
// for each of its streams, then sotto_frame_sealer_seal_answer with its stream of kind data.
#ifndef SOTTO_INCLUDE_SOTTO_LIVENESS_H
#define SOTTO_INCLUDE_SOTTO_LIVENESS_H

#include "sotto/data_message.h"
#include "sotto/frame_opener.h"
#include "sotto/frame_sealer.h"
#include "sotto/keys.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sotto_live_stream {
    uint8_t stream_id[SOTTO_STREAM_ID_SIZE];
    enum sotto_kind kind;
    uint64_t counter; // of the next frame, up to SOTTO_FRAMES_MAX: then there is none
};

// All zero is a list without any.
struct sotto_live_streams {
    size_t count;
    struct sotto_live_stream streams[SOTTO_LIVE_STREAMS_MAX];
};

// Random bytes that nobody can have answered before.
SOTTO_API void sotto_liveness_draw_challenge(uint8_t challenge[SOTTO_CHALLENGE_SIZE]);

// Adds the sealer's stream to what an answer will name. SOTTO_TOO_SMALL if there is no room;
// SOTTO_NOT_READY after fork().
SOTTO_API SOTTO_MUST_USE enum sotto_result sotto_frame_sealer_add_live(
    const struct sotto_frame_sealer *sealer, struct sotto_live_streams *streams);

// The largest answer, sealed.
enum {
    SOTTO_ANSWER_WIRE_SIZE_MAX = 2 + SOTTO_CHALLENGES_MAX * SOTTO_CHALLENGE_SIZE + 1 +
                                 SOTTO_LIVE_STREAMS_MAX * (SOTTO_STREAM_ID_SIZE + 1 + 8) +
                                 SOTTO_DATA_OVERHEAD_MAX,
};

// Answers challenges, one behind the other in `challenges`, with a sealer of kind data; the streams
// are all those of one participant. SOTTO_ANSWER_WIRE_SIZE_MAX bytes are always enough. Errors as
// sotto_frame_sealer_seal_data's; SOTTO_INVALID also for no challenge or stream, for more than
// there may be, and for challenges of another size.
SOTTO_API SOTTO_MUST_USE enum sotto_result sotto_frame_sealer_seal_answer(
    struct sotto_frame_sealer *sealer, struct sotto_bytes challenges,
    const struct sotto_live_streams *streams, uint8_t *wire, size_t capacity, size_t *wire_size);

// Opens an answer of `author`, who must have repeated `challenge`. The same answer may come again:
// what it says stays true. Errors as sotto_keys_open_data's;
//   SOTTO_NOT_SEALED  also for what is no answer inside
//   SOTTO_NOT_LIVE    it answers other challenges
// On failure there are no streams.
SOTTO_API SOTTO_MUST_USE enum sotto_result sotto_keys_open_answer(
    struct sotto_keys *keys, const struct sotto_data_author *author,
    const uint8_t challenge[SOTTO_CHALLENGE_SIZE], struct sotto_bytes wire,
    struct sotto_live_streams *streams);

// What an answer of the participant of this opener's stream says: true if it names the stream,
// which is live then. Only the first such answer counts, as what a later one calls past may still
// be on its way.
SOTTO_API bool sotto_frame_opener_handle_answer(struct sotto_frame_opener *opener,
                                                const struct sotto_live_streams *streams);

#ifdef __cplusplus
}
#endif

#endif
