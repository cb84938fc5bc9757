// The word in which bitsliced AES computes: a lane for each byte of the cipher's state that the
// word covers, in each lane one bit for each block of a batch.
#ifndef SOTTO_WASM_SLICE_H
#define SOTTO_WASM_SLICE_H

#include "wasm/vector.h"

#include <stdint.h>

#ifdef SOTTO_VECTOR
// All 16 bytes of the state, of 8 blocks.
typedef uint8_t sotto_lane;
typedef sotto_u8x16 sotto_slice;
#else
// Four bytes of the state, of 16 blocks.
typedef uint16_t sotto_lane;
typedef uint64_t sotto_slice;
#endif

enum {
    SOTTO_SLICE_LANE_COUNT = sizeof(sotto_slice) / sizeof(sotto_lane),
    SOTTO_SLICE_BLOCK_COUNT = 8 * sizeof(sotto_lane),
};

static inline sotto_slice sotto_slice_load(const sotto_lane lanes[SOTTO_SLICE_LANE_COUNT]) {
    sotto_slice slice;
    __builtin_memcpy(&slice, lanes, sizeof slice);
    return slice;
}

// Every lane becomes all ones or all zeros, as bit `bit` (0 to 7) of the byte in the lane says.
static inline sotto_slice sotto_slice_spread(sotto_slice bytes, unsigned bit) {
#ifdef SOTTO_VECTOR
    // x86 does not shift bytes, and of a comparison with zero clang makes such a shift.
    const sotto_u16x8 lowest = ((sotto_u16x8)bytes >> (uint16_t)bit) & 0x0101;
    return (sotto_slice){0} - (sotto_slice)lowest;
#else
    const uint64_t lowest = (bytes >> bit) & UINT64_C(0x0001000100010001);
    return (lowest << 16) - lowest;
#endif
}

// The same `byte` in every byte of the word.
static inline sotto_slice sotto_slice_fill(uint8_t byte) {
#ifdef SOTTO_VECTOR
    return (sotto_slice){byte, byte, byte, byte, byte, byte, byte, byte,
                         byte, byte, byte, byte, byte, byte, byte, byte};
#else
    return byte * UINT64_C(0x0101010101010101);
#endif
}

// Moves bits between two planes: the bits of `high` chosen by the `mask` of each byte change places
// with those of `low` that stand `shift` higher. Three layers of these turn bit planes into bytes.
static inline void sotto_slice_swap(sotto_slice *low, sotto_slice *high, unsigned shift,
                                    uint8_t mask) {
#ifdef SOTTO_VECTOR
    // Bits that a shift takes to the next byte are not in the mask.
    const sotto_u64x2 chosen = (sotto_u64x2)sotto_slice_fill(mask);
    const sotto_u64x2 difference =
        (((sotto_u64x2)*low >> shift) ^ (sotto_u64x2)*high) & chosen;
    *high ^= (sotto_slice)difference;
    *low ^= (sotto_slice)(difference << shift);
#else
    const sotto_slice difference = ((*low >> shift) ^ *high) & sotto_slice_fill(mask);
    *high ^= difference;
    *low ^= difference << shift;
#endif
}

// Planes to bytes: afterwards bit i of byte k in a lane of plane[j] is what bit 8k + j of the same
// lane of plane[i] was.
static inline void sotto_slice_transpose(sotto_slice plane[8]) {
    for (unsigned i = 0; i < 8; i += 2)
        sotto_slice_swap(&plane[i], &plane[i + 1], 1, 0x55);
    for (unsigned i = 0; i < 8; i += 4) {
        sotto_slice_swap(&plane[i], &plane[i + 2], 2, 0x33);
        sotto_slice_swap(&plane[i + 1], &plane[i + 3], 2, 0x33);
    }
    for (unsigned i = 0; i < 4; i++)
        sotto_slice_swap(&plane[i], &plane[i + 4], 4, 0x0f);
}

#endif
