#include "wasm/ghash.h"

#ifdef SOTTO_VECTOR

// GCM writes polynomials with the lowest power first: the highest bit of byte 0 is the coefficient
// of 1, and a product with x moves bits to the right. So the two nibbles of a byte are polynomials
// too, and a block is the sum of 32 nibbles times powers of x^4.

// 256 bits: the product of two blocks, before reduction.
struct product {
    sotto_u8x16 low;  // powers 0 to 127
    sotto_u8x16 high; // powers 128 to 255
};

// One byte to the right, `before` coming in from the left.
static inline sotto_u8x16 step_byte(sotto_u8x16 before, sotto_u8x16 vector) {
    return __builtin_shufflevector(before, vector, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26,
                                   27, 28, 29, 30);
}

// product * x^8 ^ vector
static inline void step_product(struct product *product, sotto_u8x16 vector) {
    product->high = step_byte(product->low, product->high);
    product->low = step_byte((sotto_u8x16){0}, product->low) ^ vector;
}

static inline sotto_u8x16 high_nibbles(sotto_u8x16 bytes) {
    return (sotto_u8x16)(((sotto_u16x8)bytes >> 4) & 0x0f0f);
}

static inline sotto_u8x16 low_nibbles_up(sotto_u8x16 bytes) {
    return (sotto_u8x16)(((sotto_u16x8)bytes << 4) & 0xf0f0);
}

// a ^ b * x^4
static inline struct product add_nibble_step(struct product a, struct product b) {
    const sotto_u8x16 low = low_nibbles_up(b.low);
    const sotto_u8x16 high = low_nibbles_up(b.high);
    return (struct product){
        .low = a.low ^ high_nibbles(b.low) ^ step_byte((sotto_u8x16){0}, low),
        .high = a.high ^ high_nibbles(b.high) ^ step_byte(low, high),
    };
}

// Between memory order and two 64-bit numbers whose highest bit is the lowest power.
static inline sotto_u64x2 swap_bytes(sotto_u8x16 a) {
    return (sotto_u64x2)__builtin_shufflevector(a, a, 7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11,
                                                10, 9, 8);
}

// What x^0, x^1, x^2 and x^7 times a lane push out of it to the right.
static inline sotto_u64x2 pushed_out(sotto_u64x2 lanes) {
    return lanes << 63 ^ lanes << 62 ^ lanes << 57;
}

// The remainder by x^128 + x^7 + x^2 + x + 1.
static inline sotto_u8x16 reduce(struct product product) {
    sotto_u64x2 high = swap_bytes(product.high);
    const sotto_u64x2 zero = {0};
    // Bits beyond x^255 belong to x^128 again.
    high ^= __builtin_shufflevector(pushed_out(high), zero, 1, 2);
    const sotto_u64x2 carried = __builtin_shufflevector(pushed_out(high), zero, 2, 0);
    const sotto_u64x2 folded = high ^ high >> 1 ^ high >> 2 ^ high >> 7 ^ carried;
    return product.low ^ (sotto_u8x16)swap_bytes((sotto_u8x16)folded);
}

// The sum of nibbles[i], one of each byte of block i, times H^(count - i).
// Always inlined: only then do the nibbles stay in registers.
__attribute__((always_inline)) static inline struct product
multiply_nibbles(const struct sotto_ghash_key *key, const sotto_u8x16 *nibbles, size_t count) {
    struct product product = {0};
    for (size_t byte = SOTTO_GHASH_PRODUCT_SIZE; byte-- > 0;) {
        sotto_u8x16 sum = {0};
        for (size_t i = 0; i < count; i++)
            sum ^= sotto_vector_look_up(key->powers[count - 1 - i][byte], nibbles[i]);
        step_product(&product, sum);
    }
    return product;
}

// The two halves of the nibbles go one after the other: together they need too many registers.
__attribute__((always_inline)) static inline void
multiply(const struct sotto_ghash_key *key, uint8_t y[SOTTO_GHASH_BLOCK_SIZE],
         const uint8_t *blocks, size_t count) {
    sotto_u8x16 lower_powers[SOTTO_GHASH_GROUP_COUNT];
    sotto_u8x16 higher_powers[SOTTO_GHASH_GROUP_COUNT];
    for (size_t i = 0; i < count; i++) {
        sotto_u8x16 block = sotto_vector_load(blocks + i * SOTTO_GHASH_BLOCK_SIZE);
        if (i == 0)
            block ^= sotto_vector_load(y);
        lower_powers[i] = high_nibbles(block);
        higher_powers[i] = block & 0x0f;
    }
    const struct product lower = multiply_nibbles(key, lower_powers, count);
#ifndef __wasm__
    // A compiler that keeps tables for the other half puts them on the stack, where they stay.
    __asm__ volatile("" : : "r"(key) : "memory");
#endif
    const struct product higher = multiply_nibbles(key, higher_powers, count);
    sotto_vector_store(y, reduce(add_nibble_step(lower, higher)));
}

// Unrolled for each count, which is no secret.
void sotto_ghash_multiply(const struct sotto_ghash_key *key, uint8_t y[SOTTO_GHASH_BLOCK_SIZE],
                          const uint8_t *blocks, size_t count) {
    switch (count) {
    case 1: multiply(key, y, blocks, 1); return;
    case 2: multiply(key, y, blocks, 2); return;
    case 3: multiply(key, y, blocks, 3); return;
    case 4: multiply(key, y, blocks, 4); return;
    case 5: multiply(key, y, blocks, 5); return;
    default: multiply(key, y, blocks, SOTTO_GHASH_GROUP_COUNT);
    }
}

// Byte `index` of power * x^shift, which has 17 bytes.
static uint8_t shifted_byte(const uint8_t power[SOTTO_GHASH_BLOCK_SIZE], size_t index,
                            unsigned shift) {
    const unsigned here = index < SOTTO_GHASH_BLOCK_SIZE ? power[index] : 0;
    const unsigned before = index > 0 ? power[index - 1] : 0;
    return (uint8_t)((before << 8 | here) >> shift);
}

void sotto_ghash_key_load_power(struct sotto_ghash_key *key, size_t exponent,
                                const uint8_t power[SOTTO_GHASH_BLOCK_SIZE]) {
    sotto_u8x16 *tables = key->powers[exponent - 1];
    // Lane n is all ones where the nibble n has the coefficient of x^i, i being the first index.
    static const sotto_u8x16 has_coefficient[4] = {
        {0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255},
        {0, 0, 0, 0, 255, 255, 255, 255, 0, 0, 0, 0, 255, 255, 255, 255},
        {0, 0, 255, 255, 0, 0, 255, 255, 0, 0, 255, 255, 0, 0, 255, 255},
        {0, 255, 0, 255, 0, 255, 0, 255, 0, 255, 0, 255, 0, 255, 0, 255},
    };
    for (size_t byte = 0; byte < SOTTO_GHASH_PRODUCT_SIZE; byte++) {
        tables[byte] = (sotto_u8x16){0};
        for (unsigned i = 0; i < 4; i++)
            tables[byte] ^= has_coefficient[i] & shifted_byte(power, byte, i);
    }
}

#endif
