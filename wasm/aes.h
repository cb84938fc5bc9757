// AES-128 and AES-256 in counter mode as GCM uses it (FIPS 197; NIST SP 800-38D), bitsliced: a
// batch of blocks at a time, without tables and without a branch or an address that depends on key
// or data.
#ifndef SOTTO_WASM_AES_H
#define SOTTO_WASM_AES_H

#include "wasm/slice.h"

#include <stddef.h>
#include <stdint.h>

enum {
    SOTTO_AES_BLOCK_SIZE = 16,
    SOTTO_AES_NONCE_SIZE = 12,
    SOTTO_AES_BATCH_COUNT = SOTTO_SLICE_BLOCK_COUNT,
    SOTTO_AES_BATCH_SIZE = SOTTO_AES_BATCH_COUNT * SOTTO_AES_BLOCK_SIZE,
    SOTTO_AES_ROUND_COUNT_MAX = 14, // FIPS 197, figure 4: 10, 12, 14 rounds
};

// Round keys, one byte in each lane, row by row of the state. All but the first carry the constant
// 0x63 that the S-box circuit leaves out. Owned by the caller, who wipes it.
struct sotto_aes {
    _Alignas(16) sotto_lane round_keys[SOTTO_AES_ROUND_COUNT_MAX + 1][SOTTO_AES_BLOCK_SIZE];
    uint32_t round_count;
};

// `key_size` is 16 or 32.
void sotto_aes_init(struct sotto_aes *aes, const uint8_t *key, size_t key_size);

// Encrypts the blocks nonce ‖ counter, big-endian, of a batch: counters `first` and up, modulo
// 2^32.
void sotto_aes_write_keystream(const struct sotto_aes *aes,
                               const uint8_t nonce[SOTTO_AES_NONCE_SIZE], uint32_t first,
                               uint8_t keystream[SOTTO_AES_BATCH_SIZE]);

#endif
