// The compression functions of SHA-256 and SHA-512 (FIPS 180-4).
#ifndef SOTTO_WASM_SHA2_H
#define SOTTO_WASM_SHA2_H

#include <stdint.h>

enum {
    SOTTO_SHA256_BLOCK_SIZE = 64,
    SOTTO_SHA512_BLOCK_SIZE = 128,
};

// FIPS 180-4, sections 5.3.3 and 5.3.5: the state before the first block.
void sotto_sha256_init(uint32_t state[8]);
void sotto_sha512_init(uint64_t state[8]);

void sotto_sha256_compress(uint32_t state[8], const uint8_t block[SOTTO_SHA256_BLOCK_SIZE]);
void sotto_sha512_compress(uint64_t state[8], const uint8_t block[SOTTO_SHA512_BLOCK_SIZE]);

#endif
