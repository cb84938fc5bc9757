// AES-128 in counter mode (NIST SP 800-38A, section 6.5), its first counter block being a nonce of
// 96 bits and 32 zero bits as RFC 9605, section 4.5.1, has it. It authenticates nothing: that is
// for core/ctr_hmac.h.
// Declared here, implemented once per backend (crypto/aes_ctr_openssl.c, wasm/aes_ctr_wasm.c),
// chosen when the program is linked. Every backend works in constant time with regard to key and
// data.
#ifndef SOTTO_CORE_AES_CTR_H
#define SOTTO_CORE_AES_CTR_H

#include "core/result.h"

#include <stddef.h>
#include <stdint.h>

enum {
    SOTTO_AES_CTR_KEY_SIZE = 16,
    SOTTO_AES_CTR_NONCE_SIZE = 12,
    // Room for the largest backend, as in core/aead.h: 11 bitsliced round keys of 128 bytes.
    SOTTO_AES_CTR_STATE_SIZE = 1536,
};

// One key, ready for use. Owned by the caller; the content belongs to the backend.
// It may hold pointers into a library, so it is neither copied nor moved.
struct sotto_aes_ctr {
    _Alignas(16) uint8_t state[SOTTO_AES_CTR_STATE_SIZE];
};

// The key is copied. SOTTO_INTERNAL if the backend fails.
// An initialised sotto_aes_ctr ends with sotto_aes_ctr_wipe.
SOTTO_MUST_USE enum sotto_result sotto_aes_ctr_init(struct sotto_aes_ctr *ctr,
                                                    const uint8_t key[SOTTO_AES_CTR_KEY_SIZE]);

// Encrypts or decrypts, which is the same, `size` bytes from `input` to `output` (the same place,
// or not overlapping). SOTTO_INTERNAL, with `output` zeroed, if the backend fails, was wiped or is
// given 2^31 bytes or more.
SOTTO_MUST_USE enum sotto_result sotto_aes_ctr_apply(struct sotto_aes_ctr *ctr,
                                                     const uint8_t nonce[SOTTO_AES_CTR_NONCE_SIZE],
                                                     const uint8_t *input, size_t size,
                                                     uint8_t *output);

// Erases the key and frees what the backend holds. An all-zero sotto_aes_ctr is wiped already.
void sotto_aes_ctr_wipe(struct sotto_aes_ctr *ctr);

#endif
