#define OPENSSL_SUPPRESS_DEPRECATED // the comment below says why

#include "proto/stun_crypto.h"

#include "core/wipe.h"

#include <openssl/sha.h>
#include <string.h>

// HMAC by hand over the digest's own functions, which are deprecated. EVP allocates whenever a
// digest begins, HMAC() and EVP_MAC look it up for every message besides: three allocations and up
// to four times as long, for whoever sends a check and before anything is authenticated.

// RFC 2104: a key longer than a block is replaced by its hash.
static bool load_key(const uint8_t *key, size_t key_size, uint8_t block[SHA_CBLOCK]) {
    SHA_CTX digest;
    memset(block, 0, SHA_CBLOCK);
    if (key_size <= SHA_CBLOCK) {
        if (key_size > 0)
            memcpy(block, key, key_size);
        return true;
    }
    bool done = SHA1_Init(&digest) == 1 && SHA1_Update(&digest, key, key_size) == 1 &&
                SHA1_Final(block, &digest) == 1;
    sotto_wipe(&digest, sizeof digest);
    return done;
}

static bool begin(SHA_CTX *digest, const uint8_t block[SHA_CBLOCK], uint8_t pad) {
    uint8_t padded[SHA_CBLOCK];
    for (size_t i = 0; i < SHA_CBLOCK; i++)
        padded[i] = block[i] ^ pad;
    bool done = SHA1_Init(digest) == 1 && SHA1_Update(digest, padded, SHA_CBLOCK) == 1;
    sotto_wipe(padded, sizeof padded);
    return done;
}

static bool compute(SHA_CTX *digest, const uint8_t block[SHA_CBLOCK],
                    const struct sotto_stun_piece *pieces, size_t count,
                    uint8_t mac[SOTTO_STUN_MAC_SIZE]) {
    bool done = begin(digest, block, 0x36);
    for (size_t i = 0; done && i < count; i++)
        done = SHA1_Update(digest, pieces[i].data, pieces[i].size) == 1;
    return done && SHA1_Final(mac, digest) == 1 && begin(digest, block, 0x5C) &&
           SHA1_Update(digest, mac, SOTTO_STUN_MAC_SIZE) == 1 && SHA1_Final(mac, digest) == 1;
}

bool sotto_stun_hmac_sha1(const uint8_t *key, size_t key_size,
                          const struct sotto_stun_piece *pieces, size_t count,
                          uint8_t mac[SOTTO_STUN_MAC_SIZE]) {
    uint8_t block[SHA_CBLOCK];
    SHA_CTX digest;
    bool done =
        load_key(key, key_size, block) && compute(&digest, block, pieces, count, mac);
    sotto_wipe(&digest, sizeof digest);
    sotto_wipe(block, sizeof block);
    if (!done)
        memset(mac, 0, SOTTO_STUN_MAC_SIZE);
    return done;
}
