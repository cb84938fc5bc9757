#define OPENSSL_SUPPRESS_DEPRECATED // SHA-1 below says why

#include "proto/srtp_crypto.h"

#include "core/assert.h"
#include "core/memory.h"
#include "core/wipe.h"

#include <limits.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

// What the opaque states hold. Contexts are made once and keep their key; a packet only sets its
// nonce, which allocates nothing.
struct cipher_state {
    EVP_CIPHER_CTX *context;
};

_Static_assert(sizeof(struct cipher_state) <= SOTTO_SRTP_CIPHER_STATE_SIZE, "cipher state");

static struct cipher_state *cipher_of(uint8_t *state) {
    return (struct cipher_state *)(void *)state;
}

static bool init_cipher(uint8_t *state, const EVP_CIPHER *cipher, const uint8_t *key) {
    struct cipher_state *self = cipher_of(state);
    *self = (struct cipher_state){.context = EVP_CIPHER_CTX_new()};
    if (self->context && EVP_EncryptInit_ex(self->context, cipher, NULL, key, NULL) == 1)
        return true;
    EVP_CIPHER_CTX_free(self->context);
    self->context = NULL;
    return false;
}

static void wipe_cipher(uint8_t *state) {
    EVP_CIPHER_CTX_free(cipher_of(state)->context); // which erases the key
    sotto_wipe(state, SOTTO_SRTP_CIPHER_STATE_SIZE);
}

bool sotto_srtp_gcm_init(struct sotto_srtp_gcm *gcm, const uint8_t *key, size_t key_size) {
    SOTTO_ASSERT(key_size == 16 || key_size == 32);
    return init_cipher(gcm->state, key_size == 16 ? EVP_aes_128_gcm() : EVP_aes_256_gcm(), key);
}

// `data` may be NULL or empty: then nothing is fed.
static bool update(EVP_CIPHER_CTX *context, uint8_t *output, const uint8_t *data, size_t size) {
    SOTTO_ASSERT(size <= INT_MAX);
    int written;
    return size == 0 || EVP_CipherUpdate(context, output, &written, data, (int)size) == 1;
}

bool sotto_srtp_gcm_seal(struct sotto_srtp_gcm *gcm, const uint8_t nonce[SOTTO_SRTP_GCM_NONCE_SIZE],
                         const uint8_t *aad, size_t aad_size, uint8_t *data, size_t size,
                         uint8_t tag[SOTTO_SRTP_GCM_TAG_SIZE]) {
    EVP_CIPHER_CTX *context = cipher_of(gcm->state)->context;
    int written;
    return EVP_EncryptInit_ex(context, NULL, NULL, NULL, nonce) == 1 &&
           update(context, NULL, aad, aad_size) && update(context, data, data, size) &&
           EVP_EncryptFinal_ex(context, tag, &written) == 1 &&
           EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, SOTTO_SRTP_GCM_TAG_SIZE, tag) == 1;
}

bool sotto_srtp_gcm_open(struct sotto_srtp_gcm *gcm, const uint8_t nonce[SOTTO_SRTP_GCM_NONCE_SIZE],
                         const uint8_t *aad, size_t aad_size, uint8_t *data, size_t size,
                         const uint8_t tag[SOTTO_SRTP_GCM_TAG_SIZE]) {
    EVP_CIPHER_CTX *context = cipher_of(gcm->state)->context;
    uint8_t unused[EVP_MAX_BLOCK_LENGTH];
    int written;
    // The library takes the tag through a pointer that is not const, and only reads it.
    bool verified =
        EVP_DecryptInit_ex(context, NULL, NULL, NULL, nonce) == 1 &&
        EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, SOTTO_SRTP_GCM_TAG_SIZE,
                            (void *)(uintptr_t)tag) == 1 &&
        update(context, NULL, aad, aad_size) && update(context, data, data, size) &&
        EVP_DecryptFinal_ex(context, unused, &written) == 1;
    if (!verified)
        sotto_wipe(data, size); // the library decrypts before it knows
    return verified;
}

void sotto_srtp_gcm_wipe(struct sotto_srtp_gcm *gcm) {
    wipe_cipher(gcm->state);
}

bool sotto_srtp_ctr_init(struct sotto_srtp_ctr *ctr, const uint8_t *key, size_t key_size) {
    SOTTO_ASSERT(key_size == 16 || key_size == 32);
    return init_cipher(ctr->state, key_size == 16 ? EVP_aes_128_ctr() : EVP_aes_256_ctr(), key);
}

bool sotto_srtp_ctr_apply(struct sotto_srtp_ctr *ctr, const uint8_t iv[SOTTO_SRTP_CTR_IV_SIZE],
                          uint8_t *data, size_t size) {
    EVP_CIPHER_CTX *context = cipher_of(ctr->state)->context;
    return EVP_EncryptInit_ex(context, NULL, NULL, NULL, iv) == 1 &&
           update(context, data, data, size);
}

void sotto_srtp_ctr_wipe(struct sotto_srtp_ctr *ctr) {
    wipe_cipher(ctr->state);
}

// HMAC over the digest's own functions, which are deprecated. EVP allocates whenever a digest
// begins or is copied, so twice per packet, and takes twice as long for a packet of audio.
struct hmac_state {
    SHA_CTX inner; // after the first block, key XOR ipad
    SHA_CTX outer; // after the first block, key XOR opad
};

_Static_assert(sizeof(struct hmac_state) <= SOTTO_SRTP_HMAC_STATE_SIZE, "HMAC state");

static bool begin_digest(SHA_CTX *digest, const uint8_t *key, uint8_t pad) {
    uint8_t block[SHA_CBLOCK];
    memset(block, pad, sizeof block);
    for (size_t i = 0; i < SOTTO_SRTP_HMAC_KEY_SIZE; i++)
        block[i] ^= key[i];
    bool done = SHA1_Init(digest) == 1 && SHA1_Update(digest, block, sizeof block) == 1;
    sotto_wipe(block, sizeof block);
    return done;
}

bool sotto_srtp_hmac_init(struct sotto_srtp_hmac *hmac,
                          const uint8_t key[SOTTO_SRTP_HMAC_KEY_SIZE]) {
    struct hmac_state state;
    bool done = begin_digest(&state.inner, key, 0x36) && begin_digest(&state.outer, key, 0x5C);
    if (done)
        memcpy(hmac->state, &state, sizeof state);
    else
        sotto_srtp_hmac_wipe(hmac);
    sotto_wipe(&state, sizeof state);
    return done;
}

bool sotto_srtp_hmac_write(struct sotto_srtp_hmac *hmac, const uint8_t *data, size_t size,
                           const uint8_t *tail, size_t tail_size,
                           uint8_t mac[SOTTO_SRTP_HMAC_SIZE]) {
    // What a finished digest leaves on the stack is its result, no longer the key.
    struct hmac_state state;
    memcpy(&state, hmac->state, sizeof state);
    uint8_t inner[SHA_DIGEST_LENGTH];
    return SHA1_Update(&state.inner, data, size) == 1 &&
           SHA1_Update(&state.inner, tail, tail_size) == 1 &&
           SHA1_Final(inner, &state.inner) == 1 &&
           SHA1_Update(&state.outer, inner, sizeof inner) == 1 &&
           SHA1_Final(mac, &state.outer) == 1;
}

void sotto_srtp_hmac_wipe(struct sotto_srtp_hmac *hmac) {
    sotto_wipe(hmac->state, sizeof hmac->state);
}
