#define OPENSSL_SUPPRESS_DEPRECATED // the comment below says why

#include "core/hash.h"

#include "core/memory.h"
#include "core/wipe.h"

#include <openssl/sha.h>
#include <stdbool.h>

// HMAC over the digests' own functions, which are deprecated. EVP allocates whenever a digest is
// copied, so twice for each message: each frame in suites 1 to 3 of SFrame, and each of the 600 000
// rounds of PBKDF2.
union digest {
    SHA256_CTX sha256;
    SHA512_CTX sha512;
};

// The states after the two padded keys are made once and copied for every message.
struct __attribute__((may_alias)) backend {
    union digest inner; // after key ^ ipad
    union digest outer; // after key ^ opad
    union digest work;  // the message so far
    enum sotto_hash hash;
    bool is_usable; // false once wiped, and after a failure
};

_Static_assert(sizeof(struct backend) <= SOTTO_HMAC_STATE_SIZE, "the state holds the backend");

enum { BLOCK_SIZE_MAX = SHA512_CBLOCK };

static struct backend *backend_of(struct sotto_hmac *hmac) {
    return (struct backend *)hmac->state;
}

size_t sotto_hash_size(enum sotto_hash hash) {
    return hash == SOTTO_SHA512 ? SHA512_DIGEST_LENGTH : SHA256_DIGEST_LENGTH;
}

static size_t block_size_of(enum sotto_hash hash) {
    return hash == SOTTO_SHA512 ? SHA512_CBLOCK : SHA256_CBLOCK;
}

static bool start(union digest *digest, enum sotto_hash hash) {
    return (hash == SOTTO_SHA512 ? SHA512_Init(&digest->sha512) : SHA256_Init(&digest->sha256)) ==
           1;
}

static bool update(union digest *digest, enum sotto_hash hash, const uint8_t *data, size_t size) {
    return (hash == SOTTO_SHA512 ? SHA512_Update(&digest->sha512, data, size)
                                 : SHA256_Update(&digest->sha256, data, size)) == 1;
}

static bool finish(union digest *digest, enum sotto_hash hash, uint8_t *output) {
    return (hash == SOTTO_SHA512 ? SHA512_Final(output, &digest->sha512)
                                 : SHA256_Final(output, &digest->sha256)) == 1;
}

// RFC 2104: a key longer than a block is replaced by its hash.
static bool shorten_key(struct backend *backend, const uint8_t *key, size_t key_size,
                        uint8_t block[BLOCK_SIZE_MAX]) {
    memset(block, 0, BLOCK_SIZE_MAX);
    if (key_size > block_size_of(backend->hash))
        return start(&backend->work, backend->hash) &&
               update(&backend->work, backend->hash, key, key_size) &&
               finish(&backend->work, backend->hash, block);
    if (key_size > 0)
        memcpy(block, key, key_size);
    return true;
}

static bool start_padded(union digest *digest, enum sotto_hash hash,
                         const uint8_t block[BLOCK_SIZE_MAX], uint8_t pad) {
    uint8_t padded[BLOCK_SIZE_MAX];
    size_t block_size = block_size_of(hash);
    for (size_t i = 0; i < block_size; i++)
        padded[i] = block[i] ^ pad;
    bool done = start(digest, hash) && update(digest, hash, padded, block_size);
    sotto_wipe(padded, sizeof padded);
    return done;
}

enum sotto_result sotto_hmac_init(struct sotto_hmac *hmac, enum sotto_hash hash, const uint8_t *key,
                                  size_t key_size) {
    struct backend *backend = backend_of(hmac);
    uint8_t block[BLOCK_SIZE_MAX];
    memset(hmac, 0, sizeof *hmac);
    backend->hash = hash;
    backend->is_usable = shorten_key(backend, key, key_size, block) &&
                         start_padded(&backend->inner, hash, block, 0x36) &&
                         start_padded(&backend->outer, hash, block, 0x5c);
    backend->work = backend->inner;
    sotto_wipe(block, sizeof block);
    if (backend->is_usable)
        return SOTTO_OK;
    sotto_hmac_wipe(hmac);
    return SOTTO_INTERNAL;
}

void sotto_hmac_update(struct sotto_hmac *hmac, const uint8_t *data, size_t size) {
    struct backend *backend = backend_of(hmac);
    if (backend->is_usable && size > 0)
        backend->is_usable = update(&backend->work, backend->hash, data, size);
}

enum sotto_result sotto_hmac_finish(struct sotto_hmac *hmac, uint8_t *mac) {
    struct backend *backend = backend_of(hmac);
    enum sotto_hash hash = backend->hash;
    backend->is_usable = backend->is_usable && finish(&backend->work, hash, mac);
    backend->work = backend->outer;
    backend->is_usable = backend->is_usable &&
                         update(&backend->work, hash, mac, sotto_hash_size(hash)) &&
                         finish(&backend->work, hash, mac);
    backend->work = backend->inner;
    if (backend->is_usable)
        return SOTTO_OK;
    sotto_wipe(mac, sotto_hash_size(hash));
    return SOTTO_INTERNAL;
}

void sotto_hmac_wipe(struct sotto_hmac *hmac) {
    sotto_wipe(hmac, sizeof *hmac);
}
