// AES-128-CTR with HMAC-SHA256 as an AEAD with short tags (RFC 9605, section 4.5.1): suites 1 to 3
// of SFrame.
#ifndef SOTTO_CORE_CTR_HMAC_H
#define SOTTO_CORE_CTR_HMAC_H

#include "core/aes_ctr.h"
#include "core/hash.h"
#include "core/result.h"

#include <stddef.h>
#include <stdint.h>

enum {
    // Nka and Nh of the RFC: the AES key and behind it the HMAC key.
    SOTTO_CTR_HMAC_KEY_SIZE = SOTTO_AES_CTR_KEY_SIZE + 32,
    SOTTO_CTR_HMAC_NONCE_SIZE = SOTTO_AES_CTR_NONCE_SIZE,
};

// One key, ready for use. Owned by the caller, neither copied nor moved.
struct sotto_ctr_hmac {
    struct sotto_aes_ctr ctr;
    struct sotto_hmac hmac;
    size_t tag_size;
};

// The key is copied. `tag_size` is 4, 8 or 10 bytes, else SOTTO_INVALID; it is authenticated, so
// that a longer tag is of no use where a shorter one is expected.
// An initialised sotto_ctr_hmac ends with sotto_ctr_hmac_wipe.
SOTTO_MUST_USE enum sotto_result sotto_ctr_hmac_init(struct sotto_ctr_hmac *ctr_hmac,
                                                     const uint8_t key[SOTTO_CTR_HMAC_KEY_SIZE],
                                                     size_t tag_size);

// Encrypts `size` bytes from `input` to `output` (the same place, or not overlapping) and writes
// `tag_size` bytes of tag. SOTTO_INTERNAL, with both zeroed, if a backend fails or the key was
// wiped.
SOTTO_MUST_USE enum sotto_result
sotto_ctr_hmac_seal(struct sotto_ctr_hmac *ctr_hmac, const uint8_t nonce[SOTTO_CTR_HMAC_NONCE_SIZE],
                    const uint8_t *aad, size_t aad_size, const uint8_t *input, size_t size,
                    uint8_t *output, uint8_t *tag);

// Verifies, then decrypts. SOTTO_TAMPERED, with `output` zeroed, if the tag does not verify.
SOTTO_MUST_USE enum sotto_result
sotto_ctr_hmac_open(struct sotto_ctr_hmac *ctr_hmac, const uint8_t nonce[SOTTO_CTR_HMAC_NONCE_SIZE],
                    const uint8_t *aad, size_t aad_size, const uint8_t *input, size_t size,
                    uint8_t *output, const uint8_t *tag);

// Erases the keys. An all-zero sotto_ctr_hmac is wiped already.
void sotto_ctr_hmac_wipe(struct sotto_ctr_hmac *ctr_hmac);

#endif
