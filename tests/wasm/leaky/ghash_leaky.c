// A planted leak, in no program: GHASH's multiplication (wasm/ghash.h) bit by bit, with a branch on
// each. The tests of constant time must find it.
#include "core/memory.h"
#include "wasm/ghash.h"

#include <stdbool.h>

enum { BLOCK_SIZE = SOTTO_GHASH_BLOCK_SIZE };

// H alone is kept.
void sotto_ghash_key_load_power(struct sotto_ghash_key *key, size_t exponent,
                                const uint8_t power[BLOCK_SIZE]) {
    if (exponent == 1)
        memcpy(key->powers, power, BLOCK_SIZE);
}

// NIST SP 800-38D, section 6.3: a * x.
static void step(uint8_t a[BLOCK_SIZE]) {
    const bool is_reduced = a[BLOCK_SIZE - 1] & 1;
    for (size_t i = BLOCK_SIZE; i-- > 0;)
        a[i] = (uint8_t)(a[i] >> 1 | (i > 0 ? a[i - 1] << 7 : 0));
    if (is_reduced)
        a[0] ^= 0xe1;
}

// Not inlined, so that valgrind names it; the empty assembler keeps the branch a branch.
__attribute__((noinline)) static void leak_by_branch(const struct sotto_ghash_key *key,
                                                     uint8_t y[BLOCK_SIZE]) {
    uint8_t power[BLOCK_SIZE], product[BLOCK_SIZE] = {0};
    memcpy(power, key->powers, BLOCK_SIZE);
    for (size_t bit = 0; bit < 8 * BLOCK_SIZE; bit++) {
        if (y[bit / 8] & 0x80 >> bit % 8) {
            __asm__ volatile("");
            for (size_t i = 0; i < BLOCK_SIZE; i++)
                product[i] ^= power[i];
        }
        step(power);
    }
    memcpy(y, product, BLOCK_SIZE);
}

void sotto_ghash_multiply(const struct sotto_ghash_key *key, uint8_t y[BLOCK_SIZE],
                          const uint8_t *blocks, size_t count) {
    for (; count > 0; count--, blocks += BLOCK_SIZE) {
        for (size_t i = 0; i < BLOCK_SIZE; i++)
            y[i] ^= blocks[i];
        leak_by_branch(key, y);
    }
}
