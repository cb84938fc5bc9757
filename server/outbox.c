#include "server/outbox.h"

#include "core/wipe.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static struct sotto_outbox_message *slot(struct sotto_outbox *outbox, uint64_t seq) {
    return &outbox->messages[seq % SOTTO_OUTBOX_COUNT];
}

static uint64_t first_seq(const struct sotto_outbox *outbox) {
    return outbox->last_seq - outbox->count + 1;
}

static void drop_oldest(struct sotto_outbox *outbox) {
    struct sotto_outbox_message *message = slot(outbox, first_seq(outbox));
    outbox->size -= message->size;
    outbox->count--;
    sotto_wipe(message->text, message->size); // the answer of a join holds secrets
    free(message->text);
    *message = (struct sotto_outbox_message){0};
}

const struct sotto_outbox_message *sotto_outbox_add(struct sotto_outbox *outbox, json_t *message) {
    uint64_t seq = outbox->last_seq + 1;
    if (json_object_set_new(message, "seq", json_integer((json_int_t)seq)) != 0)
        return NULL;
    char *text = json_dumps(message, JSON_COMPACT);
    if (!text)
        return NULL;
    size_t size = strlen(text);
    while (outbox->count > 0 && (outbox->count == SOTTO_OUTBOX_COUNT ||
                                 outbox->size + size > SOTTO_OUTBOX_SIZE_MAX))
        drop_oldest(outbox);
    outbox->last_seq = seq;
    outbox->count++;
    outbox->size += size;
    *slot(outbox, seq) = (struct sotto_outbox_message){text, size};
    return slot(outbox, seq);
}

bool sotto_outbox_can_resume(const struct sotto_outbox *outbox, uint64_t seq) {
    return seq <= outbox->last_seq && outbox->last_seq - seq <= outbox->count;
}

const struct sotto_outbox_message *sotto_outbox_get(const struct sotto_outbox *outbox,
                                                    uint64_t seq) {
    assert(seq <= outbox->last_seq && seq >= first_seq(outbox));
    return &outbox->messages[seq % SOTTO_OUTBOX_COUNT];
}

void sotto_outbox_clear(struct sotto_outbox *outbox) {
    while (outbox->count > 0)
        drop_oldest(outbox);
    outbox->last_seq = 0;
}
