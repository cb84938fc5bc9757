#include "server/rate_limit.h"

#include "core/assert.h"

#include <string.h>

void sotto_rate_limit_init(struct sotto_rate_limit *limit, uint32_t count, uint32_t period_ms,
                           uint64_t seed) {
    SOTTO_ASSERT(count > 0 && period_ms > 0);
    memset(limit, 0, sizeof *limit);
    limit->seed = seed;
    limit->count = count;
    limit->period_ms = period_ms;
}

// The finalizer of splitmix64: every bit of the input moves every bit of the output.
static uint64_t mix(uint64_t value) {
    value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9u;
    value = (value ^ value >> 27) * 0x94d049bb133111ebu;
    return value ^ value >> 31;
}

static struct sotto_rate_limit_entry *find_entry(struct sotto_rate_limit *limit, uint64_t network) {
    struct sotto_rate_limit_entry *set =
        limit->entries[mix(network ^ limit->seed) % SOTTO_RATE_LIMIT_SETS];
    struct sotto_rate_limit_entry *oldest = &set[0];
    for (int i = 0; i < SOTTO_RATE_LIMIT_WAYS; i++) {
        if (set[i].used && set[i].network == network)
            return &set[i];
        if (!set[i].used || (oldest->used && set[i].full_at < oldest->full_at))
            oldest = &set[i];
    }
    *oldest = (struct sotto_rate_limit_entry){.network = network, .used = true};
    return oldest;
}

bool sotto_rate_limit_allow(struct sotto_rate_limit *limit, uint64_t network, uint64_t now_ms,
                            uint64_t *wait_ms) {
    // A bucket is one number: each event moves the time at which it is full again by one share.
    // Shares are counted in ms times `count`, so that they are whole.
    struct sotto_rate_limit_entry *entry = find_entry(limit, network);
    uint64_t now = now_ms * limit->count;
    uint64_t full = (uint64_t)limit->period_ms * limit->count;
    uint64_t free_at = entry->full_at > now ? entry->full_at : now;
    uint64_t after = free_at + limit->period_ms;
    *wait_ms = 0;
    if (after > now + full) {
        *wait_ms = (after - now - full + limit->count - 1) / limit->count;
        return false;
    }
    entry->full_at = after;
    return true;
}
