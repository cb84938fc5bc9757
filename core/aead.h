// AES-GCM with a 96-bit nonce and a 128-bit tag (NIST SP 800-38D), as the core needs it.
// Declared here, implemented once per backend (crypto/aead_openssl.c, wasm/aead_wasm.c), chosen
// when the program is linked. Every backend works in constant time with regard to key and data.
#ifndef SOTTO_CORE_AEAD_H
#define SOTTO_CORE_AEAD_H

#include "core/result.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SOTTO_AEAD_NONCE_SIZE = 12,
    SOTTO_AEAD_TAG_SIZE = 16,
    SOTTO_AEAD_KEY_SIZE_MAX = 32,
    // Room for the largest backend: 15 bitsliced round keys of 128 bytes and the hash key.
    SOTTO_AEAD_STATE_SIZE = 2304,
};

// One key, ready for use. Owned by the caller; the content belongs to the backend.
// It may hold pointers into a library, so it is neither copied nor moved.
struct sotto_aead {
    _Alignas(16) uint8_t state[SOTTO_AEAD_STATE_SIZE];
};

// `key_size` is 16 or 32 bytes; anything else is SOTTO_INVALID. The key is copied.
// An initialised sotto_aead ends with sotto_aead_wipe.
SOTTO_MUST_USE enum sotto_result sotto_aead_init(struct sotto_aead *aead, const uint8_t *key,
                                                 size_t key_size);

// Encrypts `size` bytes from `input` to `output` (the same place, or not overlapping) and writes
// the tag. SOTTO_INTERNAL if the backend fails.
SOTTO_MUST_USE enum sotto_result sotto_aead_seal(struct sotto_aead *aead,
                                                 const uint8_t nonce[SOTTO_AEAD_NONCE_SIZE],
                                                 const uint8_t *aad, size_t aad_size,
                                                 const uint8_t *input, size_t size, uint8_t *output,
                                                 uint8_t tag[SOTTO_AEAD_TAG_SIZE]);

// Decrypts and verifies. SOTTO_TAMPERED, with `output` zeroed, if the tag does not verify.
SOTTO_MUST_USE enum sotto_result sotto_aead_open(struct sotto_aead *aead,
                                                 const uint8_t nonce[SOTTO_AEAD_NONCE_SIZE],
                                                 const uint8_t *aad, size_t aad_size,
                                                 const uint8_t *input, size_t size, uint8_t *output,
                                                 const uint8_t tag[SOTTO_AEAD_TAG_SIZE]);

// Erases the key and frees what the backend holds. An all-zero sotto_aead is wiped already.
void sotto_aead_wipe(struct sotto_aead *aead);

#endif
