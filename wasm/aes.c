#include "wasm/aes.h"

#include "core/assert.h"
#include "core/memory.h"
#include "core/wipe.h"

enum { WORD_SIZE = 4 };

// Four elements of GF(2^8) times four others, modulo x^8 + x^4 + x^3 + x + 1.
static uint32_t multiply(uint32_t a, uint32_t b) {
    uint32_t product = 0;
    for (unsigned i = 0; i < 8; i++) {
        product ^= a & (b >> i & 0x01010101) * 0xff;
        a = (a & 0x7f7f7f7f) << 1 ^ (a >> 7 & 0x01010101) * 0x1b;
    }
    return product;
}

static uint32_t turn_bytes(uint32_t a, unsigned bits) {
    const uint32_t kept = 0x01010101 * (0xffU >> bits);
    return (a & kept) << bits | (a & ~kept) >> (8 - bits);
}

// FIPS 197, section 5.2: SubWord, from the definition of the S-box in section 5.1.1. The circuit of
// aes_sbox.h would be faster, and a thirtieth of the module once more.
static void substitute_word(uint8_t word[WORD_SIZE]) {
    uint32_t power, inverse = 0x01010101;
    memcpy(&power, word, WORD_SIZE);
    // a^254 = a^2 a^4 a^8 … a^128
    for (unsigned i = 0; i < 7; i++) {
        power = multiply(power, power);
        inverse = multiply(inverse, power);
    }
    uint32_t result = inverse ^ 0x63636363;
    for (unsigned bits = 1; bits <= 4; bits++)
        result ^= turn_bytes(inverse, bits);
    memcpy(word, &result, WORD_SIZE);
}

static sotto_lane *round_key_lane(struct sotto_aes *aes, size_t word, size_t row) {
    return &aes->round_keys[word / 4][4 * row + word % 4];
}

// FIPS 197, section 5.2: KeyExpansion.
void sotto_aes_init(struct sotto_aes *aes, const uint8_t *key, size_t key_size) {
    SOTTO_ASSERT(key_size == 16 || key_size == 32);
    const size_t key_words = key_size / WORD_SIZE;
    *aes = (struct sotto_aes){.round_count = (uint32_t)key_words + 6};
    uint8_t recent[8][WORD_SIZE]; // the last `key_words` words, in a ring
    uint8_t word[WORD_SIZE];
    uint8_t round_constant = 1;
    for (size_t i = 0; i < 4 * (aes->round_count + (size_t)1); i++) {
        uint8_t *oldest = recent[i % key_words];
        if (i < key_words) {
            memcpy(oldest, key + i * WORD_SIZE, WORD_SIZE);
        } else {
            memcpy(word, recent[(i - 1) % key_words], WORD_SIZE);
            if (i % key_words == 0) {
                const uint8_t first = word[0];
                memmove(word, word + 1, WORD_SIZE - 1);
                word[WORD_SIZE - 1] = first;
            }
            if (i % key_words == 0 || (key_words == 8 && i % key_words == 4))
                substitute_word(word);
            if (i % key_words == 0) {
                word[0] ^= round_constant;
                round_constant = (uint8_t)(round_constant << 1 ^ (round_constant >> 7) * 0x11b);
            }
            for (size_t row = 0; row < WORD_SIZE; row++)
                oldest[row] ^= word[row];
        }
        for (size_t row = 0; row < WORD_SIZE; row++)
            *round_key_lane(aes, i, row) = (sotto_lane)(oldest[row] ^ (i < 4 ? 0 : 0x63));
    }
    sotto_wipe(recent, sizeof recent);
    sotto_wipe(word, sizeof word);
}
