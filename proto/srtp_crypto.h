// The primitives under SRTP (RFC 3711, RFC 7714). Declared here, implemented by
// crypto/srtp_crypto_openssl.c, chosen when the program is linked. Nothing allocates after init.
// The states belong to the caller; their content belongs to the backend, so they are neither copied
// nor moved. An initialised state ends with its wipe; an all-zero state is wiped already.
// False means that the library failed, unless a function says more.
#ifndef SOTTO_PROTO_SRTP_CRYPTO_H
#define SOTTO_PROTO_SRTP_CRYPTO_H

#include "core/result.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SOTTO_SRTP_GCM_NONCE_SIZE = 12,
    SOTTO_SRTP_GCM_TAG_SIZE = 16,
    SOTTO_SRTP_CTR_IV_SIZE = 16,
    SOTTO_SRTP_HMAC_SIZE = 20,
    SOTTO_SRTP_HMAC_KEY_SIZE = 20, // RFC 3711 section 5.2: n_a
    // Room for a pointer into the library.
    SOTTO_SRTP_CIPHER_STATE_SIZE = 16,
    // Room for the two digests of HMAC (RFC 2104), each after its padded key.
    SOTTO_SRTP_HMAC_STATE_SIZE = 192,
};

// AES-GCM (NIST SP 800-38D) with a 96-bit nonce and a 128-bit tag.
struct sotto_srtp_gcm {
    _Alignas(16) uint8_t state[SOTTO_SRTP_CIPHER_STATE_SIZE];
};

// `key_size` is 16 or 32. The key is copied.
SOTTO_MUST_USE bool sotto_srtp_gcm_init(struct sotto_srtp_gcm *gcm, const uint8_t *key,
                                        size_t key_size);

// Encrypts `size` bytes in place and writes the tag.
SOTTO_MUST_USE bool sotto_srtp_gcm_seal(struct sotto_srtp_gcm *gcm,
                                        const uint8_t nonce[SOTTO_SRTP_GCM_NONCE_SIZE],
                                        const uint8_t *aad, size_t aad_size, uint8_t *data,
                                        size_t size, uint8_t tag[SOTTO_SRTP_GCM_TAG_SIZE]);

// Decrypts in place and verifies. False, with `data` zeroed, if the tag does not verify.
SOTTO_MUST_USE bool sotto_srtp_gcm_open(struct sotto_srtp_gcm *gcm,
                                        const uint8_t nonce[SOTTO_SRTP_GCM_NONCE_SIZE],
                                        const uint8_t *aad, size_t aad_size, uint8_t *data,
                                        size_t size, const uint8_t tag[SOTTO_SRTP_GCM_TAG_SIZE]);

void sotto_srtp_gcm_wipe(struct sotto_srtp_gcm *gcm);

// AES in counter mode: the keystream of RFC 3711 section 4.1.1, and of its key derivation.
struct sotto_srtp_ctr {
    _Alignas(16) uint8_t state[SOTTO_SRTP_CIPHER_STATE_SIZE];
};

// `key_size` is 16 or 32. The key is copied.
SOTTO_MUST_USE bool sotto_srtp_ctr_init(struct sotto_srtp_ctr *ctr, const uint8_t *key,
                                        size_t key_size);

// Adds the keystream that starts at counter block `iv` to `size` bytes in place.
SOTTO_MUST_USE bool sotto_srtp_ctr_apply(struct sotto_srtp_ctr *ctr,
                                         const uint8_t iv[SOTTO_SRTP_CTR_IV_SIZE], uint8_t *data,
                                         size_t size);

void sotto_srtp_ctr_wipe(struct sotto_srtp_ctr *ctr);

// HMAC-SHA1 (RFC 2104) under a key of 20 bytes.
struct sotto_srtp_hmac {
    _Alignas(16) uint8_t state[SOTTO_SRTP_HMAC_STATE_SIZE];
};

// The key is copied.
SOTTO_MUST_USE bool sotto_srtp_hmac_init(struct sotto_srtp_hmac *hmac,
                                         const uint8_t key[SOTTO_SRTP_HMAC_KEY_SIZE]);

// The code over `data` followed by `tail`, the roll-over counter that does not travel.
SOTTO_MUST_USE bool sotto_srtp_hmac_write(struct sotto_srtp_hmac *hmac, const uint8_t *data,
                                          size_t size, const uint8_t *tail, size_t tail_size,
                                          uint8_t mac[SOTTO_SRTP_HMAC_SIZE]);

void sotto_srtp_hmac_wipe(struct sotto_srtp_hmac *hmac);

#endif
