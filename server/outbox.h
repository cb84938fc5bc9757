// What a session has said to its client: numbered messages, the newest of which are kept so that a
// client that comes back on a new connection gets what it missed (docs/signalling.md, "A lost
// connection").
#ifndef SOTTO_SERVER_OUTBOX_H
#define SOTTO_SERVER_OUTBOX_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SOTTO_OUTBOX_COUNT = 256,
    SOTTO_OUTBOX_SIZE_MAX = 1024 * 1024,
};

// One message as it goes over the wire. Owned by the outbox until it is pushed out.
struct sotto_outbox_message {
    char *text;
    size_t size;
};

// All zero is an outbox that has said nothing.
struct sotto_outbox {
    uint64_t last_seq;
    size_t count; // of the newest messages that are kept
    size_t size;  // their bytes
    struct sotto_outbox_message messages[SOTTO_OUTBOX_COUNT];
};

// Gives `message` (an object, borrowed) its `seq` and keeps its text. The result stays valid until
// the next call; NULL if there is no memory.
const struct sotto_outbox_message *sotto_outbox_add(struct sotto_outbox *outbox, json_t *message);

// Whether every message after `seq` is still here. False also for a `seq` that was never said.
bool sotto_outbox_can_resume(const struct sotto_outbox *outbox, uint64_t seq);

// The message with this number, which must be one of those kept.
const struct sotto_outbox_message *sotto_outbox_get(const struct sotto_outbox *outbox,
                                                    uint64_t seq);

// Frees the messages; the outbox has said nothing then.
void sotto_outbox_clear(struct sotto_outbox *outbox);

#endif
