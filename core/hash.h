// HMAC over SHA-256 and SHA-512 (RFC 2104, FIPS 180-4), as the core needs it.
// Declared here, implemented once per backend (crypto/hash_openssl.c, wasm/hash_wasm.c), chosen
// when the program is linked.
#ifndef SOTTO_CORE_HASH_H
#define SOTTO_CORE_HASH_H

#include "core/result.h"

#include <stddef.h>
#include <stdint.h>

enum sotto_hash {
    SOTTO_SHA256,
    SOTTO_SHA512,
};

enum {
    SOTTO_HASH_SIZE_MAX = 64,
    // Room for the largest backend: three times state, counter and block of SHA-512.
    SOTTO_HMAC_STATE_SIZE = 672,
};

// Bytes of output: 32 or 64.
size_t sotto_hash_size(enum sotto_hash hash);

// A keyed HMAC. Owned by the caller; the content belongs to the backend, so it is neither copied
// nor moved.
struct sotto_hmac {
    _Alignas(16) uint8_t state[SOTTO_HMAC_STATE_SIZE];
};

// A key of any size, also 0 (`key` may then be NULL). The key is not kept.
// An initialised sotto_hmac ends with sotto_hmac_wipe.
SOTTO_MUST_USE enum sotto_result sotto_hmac_init(struct sotto_hmac *hmac, enum sotto_hash hash,
                                                 const uint8_t *key, size_t key_size);

// A failure of the backend is remembered and comes out of sotto_hmac_finish.
void sotto_hmac_update(struct sotto_hmac *hmac, const uint8_t *data, size_t size);

// Writes sotto_hash_size() bytes and makes the HMAC ready for another message under the same key.
SOTTO_MUST_USE enum sotto_result sotto_hmac_finish(struct sotto_hmac *hmac, uint8_t *mac);

// Erases the key and frees what the backend holds. An all-zero sotto_hmac is wiped already.
void sotto_hmac_wipe(struct sotto_hmac *hmac);

#endif
