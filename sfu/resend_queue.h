// The retransmissions that subscribers were granted and that have not gone out yet.
#ifndef SOTTO_SFU_RESEND_QUEUE_H
#define SOTTO_SFU_RESEND_QUEUE_H

#include "core/result.h"
#include "sfu/limits.h"
#include "sfu/track_down.h"

#include <stdbool.h>
#include <stdint.h>

struct sotto_resend_entry {
    struct sotto_track_down *track; // borrowed; NULL if it ended
    uint64_t incoming_sequence;     // where the packet lies in the up track's cache
    uint16_t sequence;              // what the subscriber calls it
};

// Owned by the caller; its fields are private. All zero is empty.
struct sotto_resend_queue {
    uint32_t first;
    uint32_t entry_count;
    struct sotto_resend_entry entries[SOTTO_RESEND_QUEUE_COUNT_MAX]; // a ring
};

bool sotto_resend_queue_is_full(const struct sotto_resend_queue *queue);

// The queue is not full. The entry is copied.
void sotto_resend_queue_add(struct sotto_resend_queue *queue,
                            const struct sotto_resend_entry *entry);

// False, with `entry` all zero, if there is none.
SOTTO_MUST_USE bool sotto_resend_queue_next(struct sotto_resend_queue *queue,
                                            struct sotto_resend_entry *entry);

// Before a track ends or changes its source.
void sotto_resend_queue_remove_track(struct sotto_resend_queue *queue,
                                     const struct sotto_track_down *track);

#endif
