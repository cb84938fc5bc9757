#include "wasm/aes.h"

#include "core/assert.h"
#include "core/memory.h"
#include "core/wipe.h"
#include "wasm/aes_sbox.h"

enum { WORD_SIZE = 4 };

// FIPS 197, section 5.2: SubWord. Four bytes lie in four lanes; every bit of a lane computes the
// same.
static void substitute_word(uint8_t word[WORD_SIZE]) {
    sotto_lane lanes[SOTTO_SLICE_LANE_COUNT] = {0};
    for (unsigned i = 0; i < WORD_SIZE; i++)
        lanes[i] = word[i];
    const sotto_slice bytes = sotto_slice_load(lanes);
    sotto_slice plane[8];
    for (unsigned i = 0; i < 8; i++)
        plane[i] = sotto_slice_spread(bytes, i);
    sotto_aes_sbox(plane);
    sotto_slice result = sotto_slice_fill(0x63);
    for (unsigned i = 0; i < 8; i++)
        result ^= plane[i] & sotto_slice_fill((uint8_t)(1 << i));
    memcpy(lanes, &result, sizeof lanes);
    for (unsigned i = 0; i < WORD_SIZE; i++)
        word[i] = (uint8_t)lanes[i];
    sotto_wipe(lanes, sizeof lanes);
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
