#include "server/connection_limit.h"

#include "core/assert.h"

#include <stdlib.h>

bool sotto_connection_limit_create(struct sotto_connection_limit *limit, uint32_t total_max,
                                   uint32_t network_max, uint64_t seed) {
    size_t capacity = 16;
    while (capacity < (size_t)total_max * 2)
        capacity *= 2;
    *limit = (struct sotto_connection_limit){.capacity = capacity,
                                             .seed = seed,
                                             .total_max = total_max,
                                             .network_max = network_max};
    limit->entries = calloc(capacity, sizeof *limit->entries);
    return limit->entries != NULL;
}

void sotto_connection_limit_destroy(struct sotto_connection_limit *limit) {
    free(limit->entries);
    *limit = (struct sotto_connection_limit){0};
}

static size_t home(const struct sotto_connection_limit *limit, uint64_t network) {
    uint64_t value = (network ^ limit->seed) * 0x9e3779b97f4a7c15u;
    return (size_t)(value ^ value >> 32) & (limit->capacity - 1);
}

// The place of the network, or the free place where it would go.
static size_t find(const struct sotto_connection_limit *limit, uint64_t network) {
    size_t place = home(limit, network);
    while (limit->entries[place].count > 0 && limit->entries[place].network != network)
        place = (place + 1) & (limit->capacity - 1);
    return place;
}

bool sotto_connection_limit_has_room(const struct sotto_connection_limit *limit,
                                     uint64_t network) {
    return limit->total < limit->total_max &&
           limit->entries[find(limit, network)].count < limit->network_max;
}

bool sotto_connection_limit_add(struct sotto_connection_limit *limit, uint64_t network) {
    if (!sotto_connection_limit_has_room(limit, network))
        return false;
    struct sotto_connection_limit_entry *entry = &limit->entries[find(limit, network)];
    entry->network = network;
    entry->count++;
    limit->total++;
    return true;
}

// Moves later entries of the same run forward, so that no search stops at the hole.
static void close_gap(struct sotto_connection_limit *limit, size_t hole) {
    size_t mask = limit->capacity - 1;
    for (size_t next = (hole + 1) & mask; limit->entries[next].count > 0;
         next = (next + 1) & mask) {
        size_t distance = (next - home(limit, limit->entries[next].network)) & mask;
        if (distance < ((next - hole) & mask))
            continue;
        limit->entries[hole] = limit->entries[next];
        limit->entries[next].count = 0;
        hole = next;
    }
}

void sotto_connection_limit_remove(struct sotto_connection_limit *limit, uint64_t network) {
    size_t place = find(limit, network);
    SOTTO_ASSERT(limit->entries[place].count > 0 && limit->total > 0);
    limit->total--;
    if (--limit->entries[place].count == 0)
        close_gap(limit, place);
}
