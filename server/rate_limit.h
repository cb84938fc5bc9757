// A rate limit per peer network: `count` events at once, refilled evenly over `period_ms`. It knows
// a bounded number of networks; when the table is full, the one that was quiet longest is
// forgotten.
#ifndef SOTTO_SERVER_RATE_LIMIT_H
#define SOTTO_SERVER_RATE_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

enum { SOTTO_RATE_LIMIT_SETS = 64, SOTTO_RATE_LIMIT_WAYS = 8 };

struct sotto_rate_limit_entry {
    uint64_t network;
    uint64_t full_at; // when the bucket is full again, in ms times the limit's count
    bool used;
};

struct sotto_rate_limit {
    uint64_t seed; // keeps peers from choosing whom they push out
    uint32_t count;
    uint32_t period_ms;
    struct sotto_rate_limit_entry entries[SOTTO_RATE_LIMIT_SETS][SOTTO_RATE_LIMIT_WAYS];
};

// `count` and `period_ms` are at least 1; `seed` is random.
void sotto_rate_limit_init(struct sotto_rate_limit *limit, uint32_t count, uint32_t period_ms,
                           uint64_t seed);

// True if the event may happen now. Otherwise `wait_ms` says when one may.
bool sotto_rate_limit_allow(struct sotto_rate_limit *limit, uint64_t network, uint64_t now_ms,
                            uint64_t *wait_ms);

#endif
