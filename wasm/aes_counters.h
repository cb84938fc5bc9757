// The counters of a batch of blocks in counter mode (aes.h), in bit planes.
#ifndef SOTTO_WASM_AES_COUNTERS_H
#define SOTTO_WASM_AES_COUNTERS_H

#include "wasm/slice.h"

#include <stdint.h>

#ifdef SOTTO_VECTOR
enum { SOTTO_AES_NUMBER_BITS = 3 }; // that number the blocks of a batch
#else
enum { SOTTO_AES_NUMBER_BITS = 4 };
#endif

// Counter `first` + k belongs to block k, which is bit k of a lane. Without its lowest bits it is
// `base`, or `base` ^ `change` in the blocks that `carried` names.
struct sotto_aes_counters {
    uint32_t base, change;
    sotto_lane carried;
    sotto_lane number[SOTTO_AES_NUMBER_BITS]; // the lowest bits of all counters
};

// Nothing here is secret.
static inline struct sotto_aes_counters sotto_aes_count(uint32_t first) {
    static const uint16_t from_zero[] = {0xaaaa, 0xcccc, 0xf0f0, 0xff00};
    const unsigned count = SOTTO_SLICE_BLOCK_COUNT;
    const unsigned start = first % count;
    struct sotto_aes_counters counters = {.base = first - start};
    counters.change = counters.base ^ (counters.base + count);
    counters.carried = (sotto_lane)(((1U << count) - 1) << (count - start));
    for (unsigned i = 0; i < SOTTO_AES_NUMBER_BITS; i++) {
        const unsigned bits = (sotto_lane)from_zero[i];
        counters.number[i] = (sotto_lane)(bits >> start | bits << (count - start));
    }
    return counters;
}

#endif
