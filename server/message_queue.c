#include "server/message_queue.h"

#include "core/wipe.h"

#include <libwebsockets.h>
#include <stdlib.h>
#include <string.h>

// What a message costs beside its text, so that many empty ones are bounded too.
static const size_t overhead = sizeof(struct sotto_message) + LWS_PRE;

void sotto_message_queue_init(struct sotto_message_queue *queue, size_t size_max) {
    *queue = (struct sotto_message_queue){.size_max = size_max};
}

void sotto_message_queue_wipe(struct sotto_message_queue *queue) {
    while (queue->first)
        sotto_message_queue_remove(queue);
}

bool sotto_message_queue_add(struct sotto_message_queue *queue, const char *text, size_t size) {
    if (size > queue->size_max || queue->size + size + overhead > queue->size_max)
        return false;
    struct sotto_message *message = malloc(overhead + size);
    if (!message)
        return false;
    message->next = NULL;
    message->size = size;
    memset(message->room_and_text, 0, LWS_PRE);
    if (size > 0)
        memcpy(message->room_and_text + LWS_PRE, text, size);
    if (queue->last)
        queue->last->next = message;
    else
        queue->first = message;
    queue->last = message;
    queue->size += size + overhead;
    return true;
}

unsigned char *sotto_message_queue_front(struct sotto_message_queue *queue, size_t *size) {
    *size = queue->first ? queue->first->size : 0;
    return queue->first ? queue->first->room_and_text + LWS_PRE : NULL;
}

void sotto_message_queue_remove(struct sotto_message_queue *queue) {
    struct sotto_message *message = queue->first;
    queue->first = message->next;
    if (!queue->first)
        queue->last = NULL;
    queue->size -= message->size + overhead;
    sotto_wipe(message->room_and_text, LWS_PRE + message->size); // answers carry resume tokens
    free(message);
}
