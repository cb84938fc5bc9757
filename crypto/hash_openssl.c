#include "core/hash.h"

#include "core/memory.h"
#include "core/wipe.h"

#include <openssl/evp.h>
#include <stdbool.h>

// HMAC straight over EVP digests: the states after the two padded keys are made once and copied for
// every message. EVP_MAC does the same in twice the time, and PBKDF2 asks 600 000 times.
struct backend {
    EVP_MD_CTX *inner; // after key ^ ipad
    EVP_MD_CTX *outer; // after key ^ opad
    EVP_MD_CTX *work;  // the message so far
    size_t hash_size;
    bool failed;
};

_Static_assert(sizeof(struct backend) <= SOTTO_HMAC_STATE_SIZE, "the state holds the backend");

enum { BLOCK_SIZE_MAX = 128 }; // of SHA-512, FIPS 180-4, figure 1

static struct backend load(const struct sotto_hmac *hmac) {
    struct backend backend;
    memcpy(&backend, hmac->state, sizeof backend);
    return backend;
}

static void store(struct sotto_hmac *hmac, const struct backend *backend) {
    memcpy(hmac->state, backend, sizeof *backend);
}

static void release(struct backend *backend) {
    // EVP_MD_CTX_free erases what it frees, and takes NULL.
    EVP_MD_CTX_free(backend->inner);
    EVP_MD_CTX_free(backend->outer);
    EVP_MD_CTX_free(backend->work);
}

size_t sotto_hash_size(enum sotto_hash hash) {
    return hash == SOTTO_SHA512 ? 64 : 32;
}

// RFC 2104: a key longer than a block is replaced by its hash.
static bool shorten_key(const EVP_MD *digest, const uint8_t *key, size_t key_size,
                        size_t block_size, uint8_t block[BLOCK_SIZE_MAX]) {
    memset(block, 0, BLOCK_SIZE_MAX);
    if (key_size > block_size)
        return EVP_Digest(key, key_size, block, NULL, digest, NULL) == 1;
    if (key_size > 0)
        memcpy(block, key, key_size);
    return true;
}

static bool begin_padded(EVP_MD_CTX *context, const EVP_MD *digest,
                         const uint8_t key_block[BLOCK_SIZE_MAX], size_t block_size, uint8_t pad) {
    uint8_t padded[BLOCK_SIZE_MAX];
    for (size_t i = 0; i < block_size; i++)
        padded[i] = key_block[i] ^ pad;
    bool done = EVP_DigestInit_ex(context, digest, NULL) == 1 &&
                EVP_DigestUpdate(context, padded, block_size) == 1;
    sotto_wipe(padded, sizeof padded);
    return done;
}

static bool begin(struct backend *backend, const EVP_MD *digest, const uint8_t *key,
                  size_t key_size) {
    backend->inner = EVP_MD_CTX_new();
    backend->outer = EVP_MD_CTX_new();
    backend->work = EVP_MD_CTX_new();
    if (!backend->inner || !backend->outer || !backend->work)
        return false;

    uint8_t block[BLOCK_SIZE_MAX];
    size_t block_size = (size_t)EVP_MD_get_block_size(digest);
    bool done = shorten_key(digest, key, key_size, block_size, block) &&
                begin_padded(backend->inner, digest, block, block_size, 0x36) &&
                begin_padded(backend->outer, digest, block, block_size, 0x5c) &&
                EVP_MD_CTX_copy_ex(backend->work, backend->inner) == 1;
    sotto_wipe(block, sizeof block);
    return done;
}

enum sotto_result sotto_hmac_init(struct sotto_hmac *hmac, enum sotto_hash hash, const uint8_t *key,
                                  size_t key_size) {
    *hmac = (struct sotto_hmac){0};
    struct backend backend = {.hash_size = sotto_hash_size(hash)};
    if (!begin(&backend, hash == SOTTO_SHA512 ? EVP_sha512() : EVP_sha256(), key, key_size)) {
        release(&backend);
        return SOTTO_INTERNAL;
    }
    store(hmac, &backend);
    return SOTTO_OK;
}

void sotto_hmac_update(struct sotto_hmac *hmac, const uint8_t *data, size_t size) {
    struct backend backend = load(hmac);
    if (backend.failed || size == 0)
        return;
    if (EVP_DigestUpdate(backend.work, data, size) != 1) {
        backend.failed = true;
        store(hmac, &backend);
    }
}

enum sotto_result sotto_hmac_finish(struct sotto_hmac *hmac, uint8_t *mac) {
    struct backend backend = load(hmac);
    uint8_t inner_hash[SOTTO_HASH_SIZE_MAX];
    bool done = !backend.failed && EVP_DigestFinal_ex(backend.work, inner_hash, NULL) == 1 &&
                EVP_MD_CTX_copy_ex(backend.work, backend.outer) == 1 &&
                EVP_DigestUpdate(backend.work, inner_hash, backend.hash_size) == 1 &&
                EVP_DigestFinal_ex(backend.work, mac, NULL) == 1 &&
                EVP_MD_CTX_copy_ex(backend.work, backend.inner) == 1;
    sotto_wipe(inner_hash, sizeof inner_hash);
    if (done)
        return SOTTO_OK;

    backend.failed = true;
    store(hmac, &backend);
    sotto_wipe(mac, backend.hash_size);
    return SOTTO_INTERNAL;
}

void sotto_hmac_wipe(struct sotto_hmac *hmac) {
    struct backend backend = load(hmac);
    release(&backend);
    sotto_wipe(hmac, sizeof *hmac);
}
