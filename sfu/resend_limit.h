// What a subscriber's NACKs may cost: a packet goes out again at most once per round trip, and all
// retransmissions of a track together stay below a share of what the track sends
// (SOTTO_RESEND_SHARE_PERCENT), so that NACKs are no amplifier.
#ifndef SOTTO_SFU_RESEND_LIMIT_H
#define SOTTO_SFU_RESEND_LIMIT_H

#include "sfu/limits.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Owned by the caller; its fields are private.
struct sotto_resend_limit {
    uint32_t credit_size;
    // When a packet with these low bits of its number went out again, in ms. A number that finds
    // its slot taken by another waits its turn, so the rule holds without remembering which it was.
    uint32_t resent_ms[SOTTO_RESEND_SLOT_COUNT];
};

void sotto_resend_limit_init(struct sotto_resend_limit *limit, uint64_t now_us);

// Accounts for a payload of `size` bytes sent for the first time. What goes around it on the wire
// counts too, here and below.
void sotto_resend_limit_add(struct sotto_resend_limit *limit, size_t size);

// Whether packet `sequence`, with `size` bytes of payload, may go out again now; true books it.
bool sotto_resend_limit_take(struct sotto_resend_limit *limit, uint64_t now_us,
                             uint32_t round_trip_ms, uint64_t sequence, size_t size);

#endif
