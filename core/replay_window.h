// Which counters of one stream under one key were already opened. The shape is that of IPsec's
// anti-replay window (RFC 4303, section 3.4.3), the ring of words that of RFC 6479.
#ifndef SOTTO_CORE_REPLAY_WINDOW_H
#define SOTTO_CORE_REPLAY_WINDOW_H

#include "core/limits.h"

#include <stdbool.h>
#include <stdint.h>

// All zero is a window that has seen nothing.
struct sotto_replay_window {
    uint64_t next; // one above the highest counter added, 0 before the first
    uint64_t seen[SOTTO_REPLAY_WINDOW_SIZE / 64]; // bit `counter % SOTTO_REPLAY_WINDOW_SIZE`
};

// Begins with all below `next` seen; with 0 it is as all zero.
void sotto_replay_window_begin(struct sotto_replay_window *window, uint64_t next);

// True if the counter is neither in the window nor below it: the highest counter added and the
// SOTTO_REPLAY_WINDOW_SIZE - 1 before it are told apart, all older ones count as seen.
bool sotto_replay_window_accepts(const struct sotto_replay_window *window, uint64_t counter);

// Marks a counter as seen, only after its frame was verified: a forged frame must not move the
// window. The counter is one that the window accepts.
void sotto_replay_window_add(struct sotto_replay_window *window, uint64_t counter);

#endif
