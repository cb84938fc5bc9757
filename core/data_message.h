// Messages that are not media, sealed by a participant's stream of kind data and bound to what they
// are for (docs/frame-format.md, "Data messages"). Signalling carries them.
#ifndef SOTTO_CORE_DATA_MESSAGE_H
#define SOTTO_CORE_DATA_MESSAGE_H

#include "core/bytes.h"
#include "core/key_store.h"
#include "core/limits.h"
#include "core/result.h"
#include "core/sealer.h"
#include "sotto/data_message.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Seals one message; SOTTO_DATA_OVERHEAD_MAX more bytes than it has are always enough. `message`
// and `wire` do not overlap. Errors as sotto_sealer_seal's; SOTTO_INVALID also for a label outside
// the sizes above and a sealer whose kind is not data. On failure everything that was written is
// zero.
SOTTO_MUST_USE enum sotto_result sotto_data_message_seal(struct sotto_sealer *sealer,
                                                         const struct sotto_data_label *label,
                                                         struct sotto_bytes message, uint8_t *wire,
                                                         size_t capacity, size_t *wire_size);

// Whose message the receiver takes it for; nothing of it is believed because a server said so.
struct sotto_data_sender {
    const struct sotto_key_store *key_store; // borrowed, as the ids
    struct sotto_bytes room_id;
    struct sotto_bytes participant_id;
    enum sotto_suite suite_min; // messages of a lower suite are refused
};

// Opens one message; wire.size bytes are always enough. It remembers nothing: whoever minds copies
// compares origins.
//   SOTTO_NOT_SEALED   bytes that no sealer writes, or a suite below the least
//   SOTTO_MISSING_KEY  the store has no secret with the message's key id
//   SOTTO_TAMPERED     another key, sender, room or label, or altered bytes
//   SOTTO_TOO_SMALL    `capacity`
//   SOTTO_INVALID      the sender's ids or the label are outside what is allowed
//   SOTTO_INTERNAL     the cryptographic library
// On failure the first min(wire.size, capacity) bytes are zero, and the origin is.
SOTTO_MUST_USE enum sotto_result sotto_data_message_open(const struct sotto_data_sender *sender,
                                                         const struct sotto_data_label *label,
                                                         struct sotto_bytes wire, uint8_t *message,
                                                         size_t capacity, size_t *message_size,
                                                         struct sotto_data_origin *origin);

#endif
