// Liveness: what a server recorded yesterday does not open today (docs/frame-format.md,
// "Liveness"). Who joins sends a challenge of random bytes. Every sender answers with a data
// message that repeats it and names its streams, each with the counter of its next frame. A
// receiver opens no frame of a stream that such an answer has not named, and none with a lower
// counter.
#ifndef SOTTO_CORE_LIVENESS_H
#define SOTTO_CORE_LIVENESS_H

#include "core/bytes.h"
#include "core/data_message.h"
#include "core/limits.h"
#include "core/reader.h"
#include "core/result.h"
#include "core/sealer.h"
#include "core/stream_name.h"
#include "core/writer.h"
#include "sotto/liveness.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Adds the stream of a sealer. False if there is no room.
SOTTO_MUST_USE bool sotto_live_streams_add(struct sotto_live_streams *streams,
                                           const struct sotto_sealer *sealer);

// The message inside an answer:
//   2-byte count of challenges, 1 to SOTTO_CHALLENGES_MAX ‖ the challenges ‖
//   1-byte count of streams, 1 to SOTTO_LIVE_STREAMS_MAX ‖ streams
//   stream = stream id ‖ kind, one byte ‖ counter, 8 bytes
// `challenges` are one behind the other.
enum {
    SOTTO_LIVE_STREAM_SIZE = SOTTO_STREAM_ID_SIZE + 1 + 8,
    SOTTO_ANSWER_SIZE_MAX = 2 + SOTTO_CHALLENGES_MAX * SOTTO_CHALLENGE_SIZE + 1 +
                            SOTTO_LIVE_STREAMS_MAX * SOTTO_LIVE_STREAM_SIZE,
};

// Fails the writer if a count is outside that or `challenges` ends within one.
void sotto_liveness_write_answer(struct sotto_writer *writer, struct sotto_bytes challenges,
                                 const struct sotto_live_streams *streams);

// Exactly one answer, up to the reader's end; else the reader fails, and all is zero.
// `challenges` is borrowed from the reader.
void sotto_liveness_parse_answer(struct sotto_reader *reader, struct sotto_bytes *challenges,
                                 struct sotto_live_streams *streams);

// Answers challenges with a message of the data stream `sealer`; all streams of one participant.
// SOTTO_ANSWER_SIZE_MAX + SOTTO_DATA_OVERHEAD_MAX bytes are always enough. Errors as
// sotto_data_message_seal's; SOTTO_INVALID for counts outside the above.
SOTTO_MUST_USE enum sotto_result
sotto_liveness_seal_answer(struct sotto_sealer *sealer, struct sotto_bytes challenges,
                           const struct sotto_live_streams *streams, uint8_t *message,
                           size_t capacity, size_t *message_size);

// Opens an answer of `sender`, who must have repeated `challenge`. The same answer may come again:
// what it says stays true. Errors as sotto_data_message_open's;
//   SOTTO_NOT_SEALED   also for more bytes than an answer has, or for what is none inside
//   SOTTO_NOT_LIVE     it answers other challenges
// On failure there are no streams.
SOTTO_MUST_USE enum sotto_result
sotto_liveness_open_answer(const struct sotto_data_sender *sender,
                           const uint8_t challenge[SOTTO_CHALLENGE_SIZE],
                           struct sotto_bytes message, struct sotto_live_streams *streams);

#endif
