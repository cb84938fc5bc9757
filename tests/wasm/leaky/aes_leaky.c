// A planted leak, in no program: AES (wasm/aes.h) as textbooks write it. The S-box looks inverses
// up in one of two tables, so that a branch and addresses depend on secrets. The tests of constant
// time must find both.
#include "core/memory.h"
#include "wasm/aes.h"

enum { COLUMN_SIZE = 4, BLOCK_SIZE = SOTTO_AES_BLOCK_SIZE };

static uint8_t inverses[256];

static uint8_t twice(uint8_t a) {
    return (uint8_t)(a << 1 ^ (a >> 7) * 0x11b);
}

// The powers of 3 one way round, and the other.
static void make_inverses(void) {
    uint8_t powers[255], power = 1;
    for (size_t i = 0; i < 255; i++) {
        powers[i] = power;
        power ^= twice(power);
    }
    for (size_t i = 0; i < 255; i++)
        inverses[powers[i]] = powers[(255 - i) % 255];
}

// Neither inlined, so that valgrind names them; the empty assembler keeps the branch a branch.
__attribute__((noinline)) static const uint8_t *leak_by_branch(uint8_t a) {
    if (a < 128) {
        __asm__ volatile("");
        return inverses;
    }
    return inverses + 128;
}

__attribute__((noinline)) static uint8_t leak_by_address(const uint8_t *half, uint8_t a) {
    return half[a % 128];
}

// FIPS 197, section 5.1.1.
static uint8_t substitute(uint8_t a) {
    const uint8_t inverse = leak_by_address(leak_by_branch(a), a);
    uint8_t result = 0x63;
    for (unsigned i = 0; i < 5; i++)
        result ^= (uint8_t)(inverse << i | inverse >> (8 - i));
    return result;
}

// Byte `row` of word `i` of the expanded key.
static sotto_lane *key_byte(struct sotto_aes *aes, size_t i, size_t row) {
    return &aes->round_keys[i / COLUMN_SIZE][i % COLUMN_SIZE * COLUMN_SIZE + row];
}

void sotto_aes_init(struct sotto_aes *aes, const uint8_t *key, size_t key_size) {
    make_inverses();
    const size_t key_words = key_size / COLUMN_SIZE;
    uint8_t round_constant = 1;
    aes->round_count = (uint32_t)key_words + 6;
    for (size_t i = 0; i < COLUMN_SIZE * (aes->round_count + (size_t)1); i++) {
        const size_t step = i % key_words;
        for (size_t row = 0; row < COLUMN_SIZE; row++) {
            if (i < key_words) {
                *key_byte(aes, i, row) = key[i * COLUMN_SIZE + row];
                continue;
            }
            uint8_t byte = (uint8_t)*key_byte(aes, i - 1, step == 0 ? (row + 1) % 4 : row);
            if (step == 0 || (key_words == 8 && step == 4))
                byte = substitute(byte);
            if (step == 0 && row == 0)
                byte ^= round_constant;
            *key_byte(aes, i, row) = *key_byte(aes, i - key_words, row) ^ byte;
        }
        if (i >= key_words && step == 0)
            round_constant = twice(round_constant);
    }
}

static void mix_column(uint8_t column[COLUMN_SIZE]) {
    const uint8_t all = column[0] ^ column[1] ^ column[2] ^ column[3], first = column[0];
    for (size_t row = 0; row < COLUMN_SIZE; row++) {
        const uint8_t next = row == 3 ? first : column[row + 1];
        column[row] ^= all ^ twice(column[row] ^ next);
    }
}

static void encrypt(const struct sotto_aes *aes, uint8_t block[BLOCK_SIZE]) {
    for (size_t round = 0; round <= aes->round_count; round++) {
        uint8_t old[BLOCK_SIZE];
        memcpy(old, block, sizeof old);
        for (size_t i = 0; i < BLOCK_SIZE && round > 0; i++)
            block[i] = substitute(old[(i + i % COLUMN_SIZE * COLUMN_SIZE) % BLOCK_SIZE]);
        if (round > 0 && round < aes->round_count)
            for (size_t i = 0; i < BLOCK_SIZE; i += COLUMN_SIZE)
                mix_column(block + i);
        for (size_t i = 0; i < BLOCK_SIZE; i++)
            block[i] ^= (uint8_t)aes->round_keys[round][i];
    }
}

void sotto_aes_write_keystream(const struct sotto_aes *aes,
                               const uint8_t nonce[SOTTO_AES_NONCE_SIZE], uint32_t first,
                               uint8_t keystream[SOTTO_AES_BATCH_SIZE]) {
    for (uint32_t i = 0; i < SOTTO_AES_BATCH_COUNT; i++) {
        uint8_t *block = keystream + i * BLOCK_SIZE;
        memcpy(block, nonce, SOTTO_AES_NONCE_SIZE);
        for (unsigned byte = 0; byte < 4; byte++)
            block[SOTTO_AES_NONCE_SIZE + byte] = (uint8_t)((first + i) >> (24 - 8 * byte));
        encrypt(aes, block);
    }
}
