#include "wasm/aes.h"

#include "wasm/aes_counters.h"
#include "wasm/aes_sbox.h"
#include "wasm/wipe_words.h"

#ifdef SOTTO_VECTOR

// The state of 8 blocks is eight bit planes; lane 4r + c of a plane is row r, column c. So a step
// to the next row turns a plane by four lanes, and ShiftRows turns the four lanes of a row.

// Between the order of a block's bytes, column by column, and that of the lanes.
static inline sotto_u8x16 transpose_bytes(sotto_u8x16 a) {
    return __builtin_shufflevector(a, a, 0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
}

static inline sotto_u8x16 big_endian(uint32_t counter) {
    const uint32_t swapped = __builtin_bswap32(counter);
    return (sotto_u8x16)(sotto_u32x4){0, 0, 0, swapped};
}

// nonce ‖ counter ^ first round key.
static inline void load_counters(sotto_slice plane[8], const struct sotto_aes *aes,
                                 const uint8_t nonce[SOTTO_AES_NONCE_SIZE], uint32_t first) {
    const struct sotto_aes_counters counters = sotto_aes_count(first);
    sotto_u8x16 block = {0};
    __builtin_memcpy(&block, nonce, SOTTO_AES_NONCE_SIZE);
    const sotto_slice bytes = transpose_bytes(block ^ big_endian(counters.base)) ^
                              sotto_slice_load(aes->round_keys[0]);
    const sotto_slice change = transpose_bytes(big_endian(counters.change));
    for (unsigned i = 0; i < 8; i++)
        plane[i] = sotto_slice_spread(bytes, i) ^
                   (sotto_slice_spread(change, i) & sotto_slice_fill(counters.carried));
    for (unsigned i = 0; i < SOTTO_AES_NUMBER_BITS; i++)
        plane[i][15] ^= counters.number[i];
}

static inline void add_round_key(sotto_slice plane[8], const sotto_lane *round_key) {
    const sotto_slice key = sotto_slice_load(round_key);
    for (unsigned i = 0; i < 8; i++)
        plane[i] ^= sotto_slice_spread(key, i);
}

// Row r turns left by r columns. Not by a shuffle: engines make its constant anew each time, and
// keep this one (an eighth of the whole).
static inline void shift_rows(sotto_slice plane[8]) {
    const sotto_u8x16 from = {0, 1, 2, 3, 5, 6, 7, 4, 10, 11, 8, 9, 15, 12, 13, 14};
    for (unsigned i = 0; i < 8; i++)
        plane[i] = sotto_vector_look_up(plane[i], from);
}

static inline sotto_slice next_row(sotto_slice a) {
    return (sotto_slice)__builtin_shufflevector((sotto_u32x4)a, (sotto_u32x4)a, 1, 2, 3, 0);
}

static inline sotto_slice swap_halves(sotto_slice a) {
    return (sotto_slice)__builtin_shufflevector((sotto_u32x4)a, (sotto_u32x4)a, 2, 3, 0, 1);
}

// FIPS 197, section 5.1.3: row r becomes 2 (a[r] ^ a[r+1]) ^ a[r+1] ^ a[r+2] ^ a[r+3].
static inline void mix_columns(sotto_slice plane[8]) {
    sotto_slice sum[8]; // a[r] ^ a[r+1], to be doubled
    for (unsigned i = 0; i < 8; i++) {
        const sotto_slice next = next_row(plane[i]);
        sum[i] = plane[i] ^ next;
        plane[i] = next ^ swap_halves(sum[i]);
    }
    for (unsigned i = 0; i < 8; i++)
        plane[i] ^= sum[(i + 7) % 8];
    // Doubling reduces by x^8 = x^4 + x^3 + x + 1; the loop above did the 1.
    plane[1] ^= sum[7];
    plane[3] ^= sum[7];
    plane[4] ^= sum[7];
}

void sotto_aes_write_keystream(const struct sotto_aes *aes,
                               const uint8_t nonce[SOTTO_AES_NONCE_SIZE], uint32_t first,
                               uint8_t keystream[SOTTO_AES_BATCH_SIZE]) {
    sotto_slice plane[8];
    load_counters(plane, aes, nonce, first);
    for (uint32_t round = 1; round <= aes->round_count; round++) {
        sotto_aes_sbox(plane);
        shift_rows(plane);
        if (round < aes->round_count)
            mix_columns(plane);
        add_round_key(plane, aes->round_keys[round]);
    }
    sotto_slice_transpose(plane);
    for (unsigned i = 0; i < SOTTO_AES_BATCH_COUNT; i++)
        sotto_vector_store(keystream + i * SOTTO_AES_BLOCK_SIZE, transpose_bytes(plane[i]));
}

#endif
