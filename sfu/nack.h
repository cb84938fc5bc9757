// The packets that one up track misses, and when to ask the publisher for them (generic NACK,
// RFC 4585, section 6.2.1). A gap may be reordering, so the first NACK waits a moment; further ones
// wait a round trip. What does not come is given up: then only a key frame helps.
#ifndef SOTTO_SFU_NACK_H
#define SOTTO_SFU_NACK_H

#include "sfu/limits.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sotto_nack_entry {
    uint64_t sequence;
    uint64_t missed_us; // when the gap appeared
    uint64_t due_us;    // when to ask (again)
    uint32_t try_count;
};

// Owned by the caller; its fields are private.
struct sotto_nack {
    uint64_t highest; // 0 before the first packet
    uint64_t due_us;  // not later than that of any entry
    uint32_t entry_count;
    bool gave_up;
    struct sotto_nack_entry entries[SOTTO_NACK_MISSING_MAX]; // ascending
};

// Also for a stream that begins anew with other numbers.
void sotto_nack_init(struct sotto_nack *nack);

// A packet arrived, directly or as a retransmission. `sequence` is extended and not 0.
void sotto_nack_handle_packet(struct sotto_nack *nack, uint64_t now_us, uint64_t sequence);

// When sotto_nack_poll may have something, UINT64_MAX while nothing is missing.
uint64_t sotto_nack_poll_timeout(const struct sotto_nack *nack);

// Writes the numbers to ask for now, ascending, and books them as asked for; call again while it
// fills the capacity. Returns their count.
size_t sotto_nack_poll(struct sotto_nack *nack, uint64_t now_us, uint32_t round_trip_ms,
                       uint16_t *sequences, size_t capacity);

// True, once, after packets were given up.
bool sotto_nack_poll_gave_up(struct sotto_nack *nack);

#endif
