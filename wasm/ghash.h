// GHASH, the universal hash of GCM (NIST SP 800-38D, section 6.4), without tables in memory that a
// secret indexes and without a branch on a secret. Blocks are multiplied in groups: one reduction
// serves SOTTO_GHASH_GROUP_COUNT of them.
#ifndef SOTTO_WASM_GHASH_H
#define SOTTO_WASM_GHASH_H

#include "wasm/vector.h"

#include <stddef.h>
#include <stdint.h>

enum {
    SOTTO_GHASH_BLOCK_SIZE = 16,
#ifdef SOTTO_VECTOR
    SOTTO_GHASH_GROUP_COUNT = 6,
    SOTTO_GHASH_PRODUCT_SIZE = 17, // a field element times a polynomial of four bits
#else
    SOTTO_GHASH_GROUP_COUNT = 4,
#endif
    SOTTO_GHASH_GROUP_SIZE = SOTTO_GHASH_GROUP_COUNT * SOTTO_GHASH_BLOCK_SIZE,
};

// What is precomputed from the hash key H for each of its powers H^1, H^2, … Owned by the caller,
// who wipes it.
struct sotto_ghash_key {
#ifdef SOTTO_VECTOR
    // Entry n of powers[p][i] is byte i of H^(p+1) times the nibble n.
    sotto_u8x16 powers[SOTTO_GHASH_GROUP_COUNT][SOTTO_GHASH_PRODUCT_SIZE];
#else
    // The three 64-bit factors of a Karatsuba multiplication, in both orders of bits, in four
    // parts.
    uint64_t powers[SOTTO_GHASH_GROUP_COUNT][3][2][4];
#endif
};

void sotto_ghash_key_init(struct sotto_ghash_key *key, const uint8_t h[SOTTO_GHASH_BLOCK_SIZE]);

// The two functions that differ between ghash_simd.c and ghash_scalar.c.

// Takes in the power of H with this exponent, 1 to SOTTO_GHASH_GROUP_COUNT.
void sotto_ghash_key_load_power(struct sotto_ghash_key *key, size_t exponent,
                                const uint8_t power[SOTTO_GHASH_BLOCK_SIZE]);

// `y` becomes (y ^ block 0) H^n ^ block 1 H^(n-1) ^ … ^ block n-1 H, n being `count`, 1 to
// SOTTO_GHASH_GROUP_COUNT.
void sotto_ghash_multiply(const struct sotto_ghash_key *key, uint8_t y[SOTTO_GHASH_BLOCK_SIZE],
                          const uint8_t *blocks, size_t count);

// One hash under way. Owned by the caller, who wipes it.
struct sotto_ghash {
    const struct sotto_ghash_key *key; // borrowed from the caller
    size_t group_count;                // blocks that the group under way will have
    size_t pending_count;              // blocks that it has
    _Alignas(16) uint8_t y[SOTTO_GHASH_BLOCK_SIZE];
    uint8_t pending[SOTTO_GHASH_GROUP_SIZE];
};

// `block_count` is what all updates together will take in, at least 1: the first group is the one
// that may be smaller.
void sotto_ghash_init(struct sotto_ghash *hash, const struct sotto_ghash_key *key,
                      uint64_t block_count);

// Takes in `size` bytes, then zeros up to the end of a block.
void sotto_ghash_update(struct sotto_ghash *hash, const uint8_t *data, size_t size);

// Writes the hash of what was taken in.
void sotto_ghash_finish(const struct sotto_ghash *hash, uint8_t digest[SOTTO_GHASH_BLOCK_SIZE]);

#endif
