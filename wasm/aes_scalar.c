#include "wasm/aes.h"

#include "wasm/aes_counters.h"
#include "wasm/aes_sbox.h"
#include "wasm/wipe_words.h"

#include <stdbool.h>

#ifndef SOTTO_VECTOR

enum { ROW_COUNT = 4 };

// The state of 16 blocks: for each row eight bit planes with a lane for each column. So a step to
// the next row is another word, and ShiftRows turns a word.
struct state {
    sotto_slice row[ROW_COUNT][8];
};

static void add_round_key(struct state *state, const sotto_lane *round_key) {
#pragma GCC unroll 1
    for (unsigned row = 0; row < ROW_COUNT; row++) {
        const sotto_slice key = sotto_slice_load(round_key + row * SOTTO_SLICE_LANE_COUNT);
        for (unsigned i = 0; i < 8; i++)
            state->row[row][i] ^= sotto_slice_spread(key, i);
    }
}

// The byte of a row that a counter has, in its lane.
static sotto_slice counter_byte(uint32_t counter, unsigned row) {
    return (sotto_slice)(uint8_t)(counter >> (24 - 8 * row)) << 48;
}

// nonce ‖ counter, in planes.
static void load_counters(struct state *state, const uint8_t nonce[SOTTO_AES_NONCE_SIZE],
                          uint32_t first) {
    const struct sotto_aes_counters counters = sotto_aes_count(first);
    const sotto_slice carried = (sotto_slice)counters.carried << 48;
#pragma GCC unroll 1
    for (unsigned row = 0; row < ROW_COUNT; row++) {
        const sotto_slice bytes = (sotto_slice)nonce[row] | (sotto_slice)nonce[4 + row] << 16 |
                                  (sotto_slice)nonce[8 + row] << 32 |
                                  counter_byte(counters.base, row);
        const sotto_slice change = counter_byte(counters.change, row);
        for (unsigned i = 0; i < 8; i++)
            state->row[row][i] =
                sotto_slice_spread(bytes, i) ^ (sotto_slice_spread(change, i) & carried);
    }
    for (unsigned i = 0; i < SOTTO_AES_NUMBER_BITS; i++)
        state->row[3][i] ^= (sotto_slice)counters.number[i] << 48;
}

// Row r turns left by r columns.
static void substitute_and_shift(struct state *state) {
    for (unsigned row = 0; row < ROW_COUNT; row++) {
        sotto_aes_sbox(state->row[row]);
        for (unsigned i = 0; i < 8; i++) {
            const sotto_slice plane = state->row[row][i];
            state->row[row][i] = plane >> 16 * row | plane << (64 - 16 * row) % 64;
        }
    }
}

// FIPS 197, section 5.1.3: row r becomes 2 (a[r] ^ a[r+1]) ^ a[r+1] ^ a[r+2] ^ a[r+3].
static void mix_columns(struct state *state) {
    sotto_slice carried[ROW_COUNT]; // bit i - 1 of a[r] ^ a[r+1], bit 7 for i = 0
    sotto_slice highest[ROW_COUNT];
    for (unsigned row = 0; row < ROW_COUNT; row++)
        carried[row] = highest[row] = state->row[row][7] ^ state->row[(row + 1) % ROW_COUNT][7];
    for (unsigned i = 0; i < 8; i++) {
        const sotto_slice a0 = state->row[0][i], a1 = state->row[1][i];
        const sotto_slice a2 = state->row[2][i], a3 = state->row[3][i];
        const sotto_slice sum[ROW_COUNT] = {a0 ^ a1, a1 ^ a2, a2 ^ a3, a3 ^ a0};
        // Doubling reduces by x^8 = x^4 + x^3 + x + 1; `carried` starts with the 1.
        const bool reduced = i == 1 || i == 3 || i == 4;
        state->row[0][i] = carried[0] ^ a1 ^ sum[2] ^ (reduced ? highest[0] : 0);
        state->row[1][i] = carried[1] ^ a2 ^ sum[3] ^ (reduced ? highest[1] : 0);
        state->row[2][i] = carried[2] ^ a3 ^ sum[0] ^ (reduced ? highest[2] : 0);
        state->row[3][i] = carried[3] ^ a0 ^ sum[1] ^ (reduced ? highest[3] : 0);
        for (unsigned row = 0; row < ROW_COUNT; row++)
            carried[row] = sum[row];
    }
}

// Lanes 0 and 1 of `slice`, moved to lanes 0 and 2.
static sotto_slice part_lanes(sotto_slice slice) {
    return (slice | slice << 16) & UINT64_C(0x0000ffff0000ffff);
}

// One block from four words with a column's byte in the low half of each lane.
static void write_block(const sotto_slice row[ROW_COUNT], uint8_t output[SOTTO_AES_BLOCK_SIZE]) {
    const uint64_t low_bytes = UINT64_C(0x00ff00ff00ff00ff);
    const uint64_t rows_01 = (row[0] & low_bytes) | (row[1] & low_bytes) << 8;
    const uint64_t rows_23 = (row[2] & low_bytes) | (row[3] & low_bytes) << 8;
    const uint64_t columns_01 =
        part_lanes(rows_01 & UINT32_MAX) | part_lanes(rows_23 & UINT32_MAX) << 16;
    const uint64_t columns_23 = part_lanes(rows_01 >> 32) | part_lanes(rows_23 >> 32) << 16;
    __builtin_memcpy(output, &columns_01, sizeof columns_01);
    __builtin_memcpy(output + 8, &columns_23, sizeof columns_23);
}

static void write_blocks(struct state *state, uint8_t *output) {
#pragma GCC unroll 1
    for (unsigned row = 0; row < ROW_COUNT; row++)
        sotto_slice_transpose(state->row[row]);
    for (unsigned i = 0; i < SOTTO_AES_BATCH_COUNT; i++) {
        sotto_slice row[ROW_COUNT];
        for (unsigned r = 0; r < ROW_COUNT; r++)
            row[r] = state->row[r][i % 8] >> (i / 8 * 8);
        write_block(row, output + i * SOTTO_AES_BLOCK_SIZE);
    }
}

void sotto_aes_write_keystream(const struct sotto_aes *aes,
                               const uint8_t nonce[SOTTO_AES_NONCE_SIZE], uint32_t first,
                               uint8_t keystream[SOTTO_AES_BATCH_SIZE]) {
    struct state state;
    load_counters(&state, nonce, first);
    add_round_key(&state, aes->round_keys[0]);
    for (uint32_t round = 1; round <= aes->round_count; round++) {
        substitute_and_shift(&state);
        if (round < aes->round_count)
            mix_columns(&state);
        add_round_key(&state, aes->round_keys[round]);
    }
    write_blocks(&state, keystream);
    sotto_wipe_words(&state, sizeof state);
}

#endif
