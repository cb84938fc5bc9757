#include "sfu/nack.h"

#include "core/memory.h"

enum {
    US_PER_MS = 1000,
    REORDER_US = SOTTO_NACK_REORDER_MS * US_PER_MS,
    AGE_US_MAX = SOTTO_NACK_AGE_MS_MAX * US_PER_MS,
};

void sotto_nack_init(struct sotto_nack *nack) {
    nack->highest = 0;
    nack->due_us = UINT64_MAX;
    nack->entry_count = 0;
    nack->gave_up = false;
}

static void give_up_all(struct sotto_nack *nack) {
    nack->entry_count = 0;
    nack->due_us = UINT64_MAX;
    nack->gave_up = true;
}

static void add_gap(struct sotto_nack *nack, uint64_t now_us, uint64_t first, uint64_t end) {
    if (end - first > SOTTO_NACK_MISSING_MAX - nack->entry_count) {
        give_up_all(nack);
        return;
    }
    uint64_t due_us = now_us + REORDER_US;
    for (uint64_t sequence = first; sequence < end; sequence++)
        nack->entries[nack->entry_count++] = (struct sotto_nack_entry){
            .sequence = sequence, .missed_us = now_us, .due_us = due_us};
    if (due_us < nack->due_us)
        nack->due_us = due_us;
}

static void remove_entry(struct sotto_nack *nack, uint64_t sequence) {
    uint32_t low = 0;
    uint32_t high = nack->entry_count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (nack->entries[middle].sequence < sequence)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == nack->entry_count || nack->entries[low].sequence != sequence)
        return;
    nack->entry_count--;
    memmove(&nack->entries[low], &nack->entries[low + 1],
            (nack->entry_count - low) * sizeof nack->entries[0]);
    if (nack->entry_count == 0)
        nack->due_us = UINT64_MAX;
}

void sotto_nack_handle_packet(struct sotto_nack *nack, uint64_t now_us, uint64_t sequence) {
    if (nack->highest != 0 && sequence <= nack->highest) {
        remove_entry(nack, sequence);
        return;
    }
    if (nack->highest != 0 && sequence > nack->highest + 1)
        add_gap(nack, now_us, nack->highest + 1, sequence);
    nack->highest = sequence;
}

uint64_t sotto_nack_poll_timeout(const struct sotto_nack *nack) {
    return nack->due_us;
}

static bool is_hopeless(const struct sotto_nack_entry *entry, uint64_t now_us) {
    return entry->try_count >= SOTTO_NACK_TRY_COUNT_MAX || now_us - entry->missed_us > AGE_US_MAX;
}

size_t sotto_nack_poll(struct sotto_nack *nack, uint64_t now_us, uint32_t round_trip_ms,
                       uint16_t *sequences, size_t capacity) {
    if (now_us < nack->due_us)
        return 0;
    uint64_t interval_ms = round_trip_ms;
    if (interval_ms < SOTTO_NACK_INTERVAL_MS_MIN)
        interval_ms = SOTTO_NACK_INTERVAL_MS_MIN;
    size_t count = 0;
    uint32_t kept = 0;
    nack->due_us = UINT64_MAX;
    for (uint32_t i = 0; i < nack->entry_count; i++) {
        struct sotto_nack_entry entry = nack->entries[i];
        bool due = entry.due_us <= now_us;
        if (due && is_hopeless(&entry, now_us)) {
            nack->gave_up = true;
            continue;
        }
        if (due && count < capacity) {
            sequences[count++] = (uint16_t)entry.sequence;
            entry.try_count++;
            entry.due_us = now_us + interval_ms * US_PER_MS;
        }
        if (entry.due_us < nack->due_us)
            nack->due_us = entry.due_us;
        nack->entries[kept++] = entry;
    }
    nack->entry_count = kept;
    return count;
}

bool sotto_nack_poll_gave_up(struct sotto_nack *nack) {
    bool gave_up = nack->gave_up;
    nack->gave_up = false;
    return gave_up;
}
