#include "sfu/resend_queue.h"

#include "core/assert.h"

bool sotto_resend_queue_is_full(const struct sotto_resend_queue *queue) {
    return queue->entry_count == SOTTO_RESEND_QUEUE_COUNT_MAX;
}

void sotto_resend_queue_add(struct sotto_resend_queue *queue,
                            const struct sotto_resend_entry *entry) {
    SOTTO_ASSERT(!sotto_resend_queue_is_full(queue));
    uint32_t index = (queue->first + queue->entry_count) % SOTTO_RESEND_QUEUE_COUNT_MAX;
    queue->entries[index] = *entry;
    queue->entry_count++;
}

bool sotto_resend_queue_next(struct sotto_resend_queue *queue, struct sotto_resend_entry *entry) {
    while (queue->entry_count > 0) {
        *entry = queue->entries[queue->first];
        queue->first = (queue->first + 1) % SOTTO_RESEND_QUEUE_COUNT_MAX;
        queue->entry_count--;
        if (entry->track)
            return true;
    }
    *entry = (struct sotto_resend_entry){0};
    return false;
}

void sotto_resend_queue_remove_track(struct sotto_resend_queue *queue,
                                     const struct sotto_track_down *track) {
    for (uint32_t i = 0; i < queue->entry_count; i++) {
        uint32_t index = (queue->first + i) % SOTTO_RESEND_QUEUE_COUNT_MAX;
        if (queue->entries[index].track == track)
            queue->entries[index].track = NULL;
    }
}
