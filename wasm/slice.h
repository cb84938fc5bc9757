// The word in which bitsliced AES computes: lanes of 16 bits, one lane for each byte of the
// cipher's state that the word covers, one bit of the lane for each of 16 blocks.
#ifndef SOTTO_WASM_SLICE_H
#define SOTTO_WASM_SLICE_H

#include "wasm/vector.h"

#include <stdint.h>

#ifdef SOTTO_VECTOR
typedef sotto_u16x8 sotto_slice;
#else
typedef uint64_t sotto_slice;
#endif

enum { SOTTO_SLICE_LANE_COUNT = sizeof(sotto_slice) / 2 };

static inline sotto_slice sotto_slice_load(const uint16_t lanes[SOTTO_SLICE_LANE_COUNT]) {
    sotto_slice slice;
    __builtin_memcpy(&slice, lanes, sizeof slice);
    return slice;
}

// Every lane becomes all ones or all zeros, as bit `bit` (0 to 7) of the byte in the lane says.
static inline sotto_slice sotto_slice_spread(sotto_slice bytes, unsigned bit) {
#ifdef SOTTO_VECTOR
    return (sotto_slice)((sotto_i16x8)(bytes << (uint16_t)(15 - bit)) >> 15);
#else
    const uint64_t lowest = (bytes >> bit) & UINT64_C(0x0001000100010001);
    return (lowest << 16) - lowest;
#endif
}

// The same `lane` in every lane.
static inline sotto_slice sotto_slice_fill(uint16_t lane) {
#ifdef SOTTO_VECTOR
    return (sotto_slice){lane, lane, lane, lane, lane, lane, lane, lane};
#else
    return lane * UINT64_C(0x0001000100010001);
#endif
}

// Moves bits between two planes: the bits of `high` chosen by `mask` change places with those of
// `low` that stand `shift` higher. Three layers of these turn bit planes into bytes.
static inline void sotto_slice_swap(sotto_slice *low, sotto_slice *high, unsigned shift,
                                    uint16_t mask) {
    const sotto_slice difference = ((*low >> shift) ^ *high) & sotto_slice_fill(mask);
    *high ^= difference;
    *low ^= difference << shift;
}

// Planes to bytes: afterwards bit i of byte k in a lane of plane[j] is what bit 8k + j of the same
// lane of plane[i] was.
static inline void sotto_slice_transpose(sotto_slice plane[8]) {
    for (unsigned i = 0; i < 8; i += 2)
        sotto_slice_swap(&plane[i], &plane[i + 1], 1, 0x5555);
    for (unsigned i = 0; i < 8; i += 4) {
        sotto_slice_swap(&plane[i], &plane[i + 2], 2, 0x3333);
        sotto_slice_swap(&plane[i + 1], &plane[i + 3], 2, 0x3333);
    }
    for (unsigned i = 0; i < 4; i++)
        sotto_slice_swap(&plane[i], &plane[i + 4], 4, 0x0f0f);
}

#endif
