#include "wasm/ghash.h"

#include "core/wipe.h"

#ifndef SOTTO_VECTOR

// Polynomials over GF(2) are multiplied by the integer multiplier: with only every fourth bit of
// the factors present, up to 15 ones may meet in a bit of the product before they disturb the next
// one that counts. (In the highest four bits 16 meet, and their carry falls out of the word.)
// The multiplier keeps the low half of a product alone; the high half is the low half of the
// product of the factors with their bits in reverse order.

enum { LOW, HIGH, MIDDLE, FACTOR_COUNT }; // of a Karatsuba multiplication of 128 bits
enum {
    FORWARD, // the lowest bit is the lowest power
    REVERSE, // the highest bit is: a big-endian number in GCM's order of bits
    ORDER_COUNT,
};
enum { PART_COUNT = 4 }; // part i has the bits whose number is i modulo 4

struct factors {
    uint64_t word[FACTOR_COUNT][ORDER_COUNT];
};

static uint64_t part(uint64_t word, unsigned i) {
    return word & UINT64_C(0x1111111111111111) << i;
}

static uint64_t swap_bits(uint64_t word, unsigned distance, uint64_t mask) {
    return (word >> distance & mask) | (word & mask) << distance;
}

static uint64_t reverse_bits_in_bytes(uint64_t word) {
    word = swap_bits(word, 1, UINT64_C(0x5555555555555555));
    word = swap_bits(word, 2, UINT64_C(0x3333333333333333));
    return swap_bits(word, 4, UINT64_C(0x0f0f0f0f0f0f0f0f));
}

static uint64_t reverse_bytes(uint64_t word) {
    word = swap_bits(word, 8, UINT64_C(0x00ff00ff00ff00ff));
    word = swap_bits(word, 16, UINT64_C(0x0000ffff0000ffff));
    return word >> 32 | word << 32;
}

// Not inlined: that would be larger, and no faster.
__attribute__((noinline)) static struct factors
load_factors(const uint8_t block[SOTTO_GHASH_BLOCK_SIZE],
             const uint8_t added[SOTTO_GHASH_BLOCK_SIZE]) {
    struct factors factors;
    for (unsigned i = LOW; i <= HIGH; i++) {
        uint64_t word, added_word;
        __builtin_memcpy(&word, block + 8 * i, sizeof word);
        __builtin_memcpy(&added_word, added + 8 * i, sizeof added_word);
        word ^= added_word;
        factors.word[i][FORWARD] = reverse_bits_in_bytes(word);
        factors.word[i][REVERSE] = reverse_bytes(word);
    }
    for (unsigned order = 0; order < ORDER_COUNT; order++)
        factors.word[MIDDLE][order] = factors.word[LOW][order] ^ factors.word[HIGH][order];
    return factors;
}

// Adds a * b. Bits of sum[i] other than those of part i are noise.
static void add_product(uint64_t sum[PART_COUNT], uint64_t a, const uint64_t b[PART_COUNT]) {
    const uint64_t a0 = part(a, 0), a1 = part(a, 1), a2 = part(a, 2), a3 = part(a, 3);
    sum[0] ^= a0 * b[0] ^ a1 * b[3] ^ a2 * b[2] ^ a3 * b[1];
    sum[1] ^= a0 * b[1] ^ a1 * b[0] ^ a2 * b[3] ^ a3 * b[2];
    sum[2] ^= a0 * b[2] ^ a1 * b[1] ^ a2 * b[0] ^ a3 * b[3];
    sum[3] ^= a0 * b[3] ^ a1 * b[2] ^ a2 * b[1] ^ a3 * b[0];
}

static uint64_t join(const uint64_t sum[PART_COUNT]) {
    return part(sum[0], 0) | part(sum[1], 1) | part(sum[2], 2) | part(sum[3], 3);
}

// What x^0, x^1, x^2 and x^7 times a word in reverse order push out of it.
static uint64_t pushed_out(uint64_t word) {
    return word << 63 ^ word << 62 ^ word << 57;
}

static uint64_t folded(uint64_t word) {
    return word ^ word >> 1 ^ word >> 2 ^ word >> 7;
}

// The remainder by x^128 + x^7 + x^2 + x + 1 of the product that the sums make.
static void store_remainder(uint8_t y[SOTTO_GHASH_BLOCK_SIZE],
                            uint64_t sums[FACTOR_COUNT][ORDER_COUNT][PART_COUNT]) {
    uint64_t product[FACTOR_COUNT][2]; // in reverse order: powers 0 to 63, then 64 to 127
    for (unsigned factor = 0; factor < FACTOR_COUNT; factor++) {
        product[factor][0] = reverse_bytes(reverse_bits_in_bytes(join(sums[factor][FORWARD])));
        product[factor][1] = join(sums[factor][REVERSE]) << 1;
    }
    for (unsigned i = 0; i < 2; i++)
        product[MIDDLE][i] ^= product[LOW][i] ^ product[HIGH][i];
    const uint64_t beyond = product[HIGH][1];
    const uint64_t above = product[HIGH][0] ^ product[MIDDLE][1] ^ pushed_out(beyond);
    const uint64_t result[2] = {
        reverse_bytes(product[LOW][0] ^ folded(above)),
        reverse_bytes(product[LOW][1] ^ product[MIDDLE][0] ^ folded(beyond) ^ pushed_out(above)),
    };
    __builtin_memcpy(y, result, SOTTO_GHASH_BLOCK_SIZE);
}

void sotto_ghash_multiply(const struct sotto_ghash_key *key, uint8_t y[SOTTO_GHASH_BLOCK_SIZE],
                          const uint8_t *blocks, size_t count) {
    static const uint8_t zero[SOTTO_GHASH_BLOCK_SIZE] = {0};
    uint64_t sums[FACTOR_COUNT][ORDER_COUNT][PART_COUNT] = {0};
    for (size_t i = 0; i < count; i++) {
        const struct factors factors =
            load_factors(blocks + i * SOTTO_GHASH_BLOCK_SIZE, i == 0 ? y : zero);
        for (unsigned factor = 0; factor < FACTOR_COUNT; factor++)
            for (unsigned order = 0; order < ORDER_COUNT; order++)
                add_product(sums[factor][order], factors.word[factor][order],
                            key->powers[count - 1 - i][factor][order]);
    }
    store_remainder(y, sums);
}

void sotto_ghash_key_load_power(struct sotto_ghash_key *key, size_t exponent,
                                const uint8_t power[SOTTO_GHASH_BLOCK_SIZE]) {
    static const uint8_t zero[SOTTO_GHASH_BLOCK_SIZE] = {0};
    struct factors factors = load_factors(power, zero);
#pragma GCC unroll 1
    for (unsigned factor = 0; factor < FACTOR_COUNT; factor++)
#pragma GCC unroll 1
        for (unsigned order = 0; order < ORDER_COUNT; order++)
            for (unsigned i = 0; i < PART_COUNT; i++)
                key->powers[exponent - 1][factor][order][i] =
                    part(factors.word[factor][order], i);
    sotto_wipe(&factors, sizeof factors);
}

#endif
