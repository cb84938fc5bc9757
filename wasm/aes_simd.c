#include "wasm/aes.h"

#include "wasm/aes_sbox.h"
#include "wasm/wipe_words.h"

#ifdef SOTTO_VECTOR

// The state of 16 blocks: eight bit planes of rows 0 and 2, and eight of rows 1 and 3. A plane has
// eight lanes: four columns of the one row, four of the other. So a step to the next row swaps the
// halves of a plane at most, and ShiftRows turns lanes within a half.
struct state {
    sotto_slice even[8]; // rows 0 and 2
    sotto_slice odd[8];  // rows 1 and 3
};

static inline sotto_slice swap_halves(sotto_slice a) {
    return __builtin_shufflevector(a, a, 4, 5, 6, 7, 0, 1, 2, 3);
}

// nonce ‖ counter ^ first round key, in planes. The lowest four bits of the counter number the
// blocks of the batch.
static inline void load_counters(struct state *state, const struct sotto_aes *aes,
                                 const uint8_t nonce[SOTTO_AES_NONCE_SIZE], uint32_t batch) {
    static const uint16_t block_number_bits[4] = {0xaaaa, 0xcccc, 0xf0f0, 0xff00};
    const uint32_t counter = batch * SOTTO_AES_BATCH_COUNT;
    const sotto_slice even = {nonce[0], nonce[4], nonce[8],  (uint8_t)(counter >> 24),
                              nonce[2], nonce[6], nonce[10], (uint8_t)(counter >> 8)};
    const sotto_slice odd = {nonce[1], nonce[5], nonce[9],  (uint8_t)(counter >> 16),
                             nonce[3], nonce[7], nonce[11], (uint8_t)counter};
    const sotto_slice even_key = sotto_slice_load(aes->round_keys[0]);
    const sotto_slice odd_key = sotto_slice_load(aes->round_keys[0] + SOTTO_SLICE_LANE_COUNT);
    for (unsigned i = 0; i < 8; i++) {
        state->even[i] = sotto_slice_spread(even ^ even_key, i);
        state->odd[i] = sotto_slice_spread(odd ^ odd_key, i);
    }
    for (unsigned i = 0; i < 4; i++)
        state->odd[i] ^= (sotto_slice){0, 0, 0, 0, 0, 0, 0, block_number_bits[i]};
}

static inline void add_round_key(struct state *state, const uint16_t *round_key) {
    const sotto_slice even = sotto_slice_load(round_key);
    const sotto_slice odd = sotto_slice_load(round_key + SOTTO_SLICE_LANE_COUNT);
    for (unsigned i = 0; i < 8; i++) {
        state->even[i] ^= sotto_slice_spread(even, i);
        state->odd[i] ^= sotto_slice_spread(odd, i);
    }
}

// Row r turns left by r columns.
static inline void shift_rows(struct state *state) {
    for (unsigned i = 0; i < 8; i++) {
        const sotto_slice even = state->even[i];
        const sotto_slice odd = state->odd[i];
        state->even[i] = __builtin_shufflevector(even, even, 0, 1, 2, 3, 6, 7, 4, 5);
        state->odd[i] = __builtin_shufflevector(odd, odd, 1, 2, 3, 0, 7, 4, 5, 6);
    }
}

// FIPS 197, section 5.1.3: row r becomes 2 (a[r] ^ a[r+1]) ^ a[r+1] ^ a[r+2] ^ a[r+3].
static inline void mix_columns(struct state *state) {
    sotto_slice even_sum[8]; // a[r] ^ a[r+1], to be doubled
    sotto_slice odd_sum[8];
    for (unsigned i = 0; i < 8; i++) {
        const sotto_slice even = state->even[i];
        const sotto_slice odd = state->odd[i];
        const sotto_slice even_swapped = swap_halves(even);
        const sotto_slice far = even_swapped ^ swap_halves(odd);
        even_sum[i] = even ^ odd;
        odd_sum[i] = odd ^ even_swapped;
        state->even[i] = far ^ odd;
        state->odd[i] = far ^ even;
    }
    for (unsigned i = 0; i < 8; i++) {
        state->even[i] ^= even_sum[(i + 7) % 8];
        state->odd[i] ^= odd_sum[(i + 7) % 8];
    }
    // Doubling reduces by x^8 = x^4 + x^3 + x + 1; the loop above did the 1.
    static const unsigned reduced[3] = {1, 3, 4};
    for (unsigned i = 0; i < 3; i++) {
        state->even[reduced[i]] ^= even_sum[7];
        state->odd[reduced[i]] ^= odd_sum[7];
    }
}

// Between the two S-boxes the state goes through memory: the circuit needs more registers than
// there are, and a compiler that keeps the other half in them spills in its middle (a fifth
// slower).
static inline void substitute(struct state *state) {
    sotto_aes_sbox(state->even);
    __asm__ volatile("" : : "r"(state) : "memory");
    sotto_aes_sbox(state->odd);
}

static inline void write_blocks(struct state *state, uint8_t *output) {
    sotto_slice_transpose(state->even);
    sotto_slice_transpose(state->odd);
    for (unsigned i = 0; i < 8; i++) {
        const sotto_slice even = state->even[i];
        const sotto_slice odd = state->odd[i];
        const sotto_u32x4 rows_01 =
            (sotto_u32x4)__builtin_shufflevector(even, odd, 0, 8, 1, 9, 2, 10, 3, 11);
        const sotto_u32x4 rows_23 =
            (sotto_u32x4)__builtin_shufflevector(even, odd, 4, 12, 5, 13, 6, 14, 7, 15);
        const sotto_slice columns_01 =
            (sotto_slice)__builtin_shufflevector(rows_01, rows_23, 0, 4, 1, 5);
        const sotto_slice columns_23 =
            (sotto_slice)__builtin_shufflevector(rows_01, rows_23, 2, 6, 3, 7);
        const sotto_slice low_byte = sotto_slice_fill(0xff);
        sotto_vector_store(output + i * SOTTO_AES_BLOCK_SIZE,
                           sotto_vector_narrow(columns_01 & low_byte, columns_23 & low_byte));
        sotto_vector_store(output + (8 + i) * SOTTO_AES_BLOCK_SIZE,
                           sotto_vector_narrow(columns_01 >> 8, columns_23 >> 8));
    }
}

void sotto_aes_write_keystream(const struct sotto_aes *aes,
                               const uint8_t nonce[SOTTO_AES_NONCE_SIZE], uint32_t batch,
                               uint8_t keystream[SOTTO_AES_BATCH_SIZE]) {
    struct state state;
    load_counters(&state, aes, nonce, batch);
    for (uint32_t round = 1; round <= aes->round_count; round++) {
        substitute(&state);
        shift_rows(&state);
        if (round < aes->round_count)
            mix_columns(&state);
        add_round_key(&state, aes->round_keys[round]);
    }
    write_blocks(&state, keystream);
    sotto_wipe_words(&state, sizeof state);
}

#endif
