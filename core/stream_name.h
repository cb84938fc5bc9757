// The full name of one stream of frames: room, participant, run and kind. It enters the derivation
// of the stream's key, so whoever hands a stream on under another name hands on noise.
#ifndef SOTTO_CORE_STREAM_NAME_H
#define SOTTO_CORE_STREAM_NAME_H

#include "core/bytes.h"
#include "core/limits.h"
#include "core/result.h"
#include "sotto/stream.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Two ids and the stream id, each behind its 2-byte length, and the kind.
enum {
    SOTTO_STREAM_NAME_SIZE_MAX =
        2 + SOTTO_ID_SIZE_MAX + 2 + SOTTO_ID_SIZE_MAX + 2 + SOTTO_STREAM_ID_SIZE + 1,
};

// Whether a room or participant id has 1 to SOTTO_ID_SIZE_MAX bytes.
bool sotto_stream_name_is_id(struct sotto_bytes id);

struct sotto_stream_name {
    enum sotto_kind kind;
    size_t size;
    uint8_t bytes[SOTTO_STREAM_NAME_SIZE_MAX]; // as the key derivation takes them
};

// Copies all it is given. The ids are UTF-8, those that the client itself chose and not what a
// server says; `stream_id` is SOTTO_STREAM_ID_SIZE random bytes, drawn anew by the sender for every
// sealer. False, and a name that nothing accepts, if a size or the kind is outside that.
SOTTO_MUST_USE bool sotto_stream_name_init(struct sotto_stream_name *name,
                                           struct sotto_bytes room_id,
                                           struct sotto_bytes participant_id,
                                           struct sotto_bytes stream_id, enum sotto_kind kind);

// SOTTO_STREAM_ID_SIZE bytes, borrowed from a name whose init succeeded.
const uint8_t *sotto_stream_name_stream_id(const struct sotto_stream_name *name);

#endif
