// AES-128 and AES-256 in counter mode as GCM uses it (FIPS 197; NIST SP 800-38D), bitsliced: 16
// blocks at a time, without tables and without a branch or an address that depends on key or data.
#ifndef SOTTO_WASM_AES_H
#define SOTTO_WASM_AES_H

#include <stddef.h>
#include <stdint.h>

enum {
    SOTTO_AES_BLOCK_SIZE = 16,
    SOTTO_AES_NONCE_SIZE = 12,
    SOTTO_AES_BATCH_COUNT = 16, // blocks
    SOTTO_AES_BATCH_SIZE = SOTTO_AES_BATCH_COUNT * SOTTO_AES_BLOCK_SIZE,
    SOTTO_AES_ROUND_COUNT_MAX = 14, // FIPS 197, figure 4: 10, 12, 14 rounds
};

// Round keys, one byte in each 16-bit lane: rows 0 and 2 of the state by columns, then rows 1 and
// 3. All but the first carry the constant 0x63 that the S-box circuit leaves out.
// Owned by the caller, who wipes it.
struct sotto_aes {
    _Alignas(16) uint16_t round_keys[SOTTO_AES_ROUND_COUNT_MAX + 1][SOTTO_AES_BLOCK_SIZE];
    uint32_t round_count;
};

// `key_size` is 16 or 32.
void sotto_aes_init(struct sotto_aes *aes, const uint8_t *key, size_t key_size);

// Encrypts the 16 blocks nonce ‖ counter with counters 16 * `batch` and up, big-endian.
void sotto_aes_write_keystream(const struct sotto_aes *aes,
                               const uint8_t nonce[SOTTO_AES_NONCE_SIZE], uint32_t batch,
                               uint8_t keystream[SOTTO_AES_BATCH_SIZE]);

#endif
