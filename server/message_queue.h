// Messages that wait to be sent on one WebSocket, up to a limit of bytes: the memory that a slow
// peer may hold.
#ifndef SOTTO_SERVER_MESSAGE_QUEUE_H
#define SOTTO_SERVER_MESSAGE_QUEUE_H

#include "core/result.h"

#include <stdbool.h>
#include <stddef.h>

struct sotto_message {
    struct sotto_message *next;
    size_t size;
    // libwebsockets writes the frame's header into the room in front of the text.
    unsigned char room_and_text[];
};

struct sotto_message_queue {
    struct sotto_message *first; // owned, oldest first
    struct sotto_message *last;
    size_t size; // bytes of text, plus a fixed share for each message
    size_t size_max;
};

void sotto_message_queue_init(struct sotto_message_queue *queue, size_t size_max);
void sotto_message_queue_wipe(struct sotto_message_queue *queue);

// Copies the text; false if the limit or the memory does not allow it.
SOTTO_MUST_USE bool sotto_message_queue_add(struct sotto_message_queue *queue, const char *text,
                                            size_t size);

// The text of the oldest message, with LWS_PRE bytes of room in front; NULL when nothing waits.
unsigned char *sotto_message_queue_front(struct sotto_message_queue *queue, size_t *size);
void sotto_message_queue_remove(struct sotto_message_queue *queue);

#endif
