// Messages that are not media (chat, metadata, files), sealed by a participant's stream of kind
// data and bound to what they are for (docs/frame-format.md, "Data messages"). Signalling carries
// them.
#ifndef SOTTO_INCLUDE_SOTTO_DATA_MESSAGE_H
#define SOTTO_INCLUDE_SOTTO_DATA_MESSAGE_H

#include "sotto/frame_sealer.h"
#include "sotto/keys.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// What a message is for. It does not travel: both ends know it, and a message opens under no other.
struct sotto_data_label {
    struct sotto_bytes type; // 1 to SOTTO_DATA_TEXT_SIZE_MAX bytes
    struct sotto_bytes name; // a topic, a key or a file; up to SOTTO_DATA_TEXT_SIZE_MAX bytes
    uint64_t index;          // of a piece of something longer
    bool is_last;            // piece of it
};

// Whose message the receiver takes it for; nothing of it is believed because a server said so.
struct sotto_data_author {
    struct sotto_bytes room_id;
    struct sotto_bytes participant_id;
    enum sotto_suite suite_min; // messages of a lower suite are refused
};

// Which message of its author it was: what tells it from a copy.
struct sotto_data_origin {
    uint8_t stream_id[SOTTO_STREAM_ID_SIZE];
    uint64_t counter;
};

// Seals one message with a sealer of kind data; SOTTO_DATA_OVERHEAD_MAX more bytes than it has are
// always enough. Errors as sotto_frame_sealer_seal's; SOTTO_INVALID also for a label outside the
// sizes above and a sealer of another kind.
SOTTO_API SOTTO_MUST_USE enum sotto_result sotto_frame_sealer_seal_data(
    struct sotto_frame_sealer *sealer, const struct sotto_data_label *label,
    struct sotto_bytes message, uint8_t *wire, size_t capacity, size_t *wire_size);

// Opens one message; wire.size bytes are always enough. It remembers nothing: whoever minds copies
// compares origins. `origin` may be NULL.
//   SOTTO_NOT_SEALED   bytes that no sealer writes, or a suite below the least
//   SOTTO_MISSING_KEY  no secret with the message's key id is here
//   SOTTO_TAMPERED     another key, author, room or label, or altered bytes
//   SOTTO_TOO_SMALL    `capacity`
//   SOTTO_INVALID      the author's ids or the label are outside what is allowed
//   SOTTO_NOT_READY    after fork()
//   SOTTO_INTERNAL     the cryptographic library
SOTTO_API SOTTO_MUST_USE enum sotto_result sotto_keys_open_data(
    struct sotto_keys *keys, const struct sotto_data_author *author,
    const struct sotto_data_label *label, struct sotto_bytes wire, uint8_t *message,
    size_t capacity, size_t *message_size, struct sotto_data_origin *origin);

#ifdef __cplusplus
}
#endif

#endif
