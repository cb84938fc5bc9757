#include "proto/stun_crypto.h"

#include "core/wipe.h"

#include <openssl/evp.h>
#include <string.h>
#include <threads.h>

// HMAC by hand over a digest that is fetched once: HMAC() and EVP_MAC look the digest up again for
// every message and take four times as long, which would be the server's price for every check.
static once_flag fetch_once = ONCE_FLAG_INIT;
static EVP_MD *sha1; // NULL if this OpenSSL offers no SHA-1; kept until the process ends

enum { BLOCK_SIZE = 64 }; // FIPS 180-4, figure 1

static void fetch(void) {
    sha1 = EVP_MD_fetch(NULL, "SHA1", NULL);
}

// RFC 2104: a key longer than a block is replaced by its hash.
static bool load_key(const uint8_t *key, size_t key_size, uint8_t block[BLOCK_SIZE]) {
    memset(block, 0, BLOCK_SIZE);
    if (key_size > BLOCK_SIZE)
        return EVP_Digest(key, key_size, block, NULL, sha1, NULL) == 1;
    if (key_size > 0)
        memcpy(block, key, key_size);
    return true;
}

static bool begin(EVP_MD_CTX *context, const uint8_t block[BLOCK_SIZE], uint8_t pad) {
    uint8_t padded[BLOCK_SIZE];
    for (size_t i = 0; i < BLOCK_SIZE; i++)
        padded[i] = block[i] ^ pad;
    bool done = EVP_DigestInit_ex(context, sha1, NULL) == 1 &&
                EVP_DigestUpdate(context, padded, BLOCK_SIZE) == 1;
    sotto_wipe(padded, sizeof padded);
    return done;
}

static bool compute(EVP_MD_CTX *context, const uint8_t block[BLOCK_SIZE],
                    const struct sotto_stun_piece *pieces, size_t count,
                    uint8_t mac[SOTTO_STUN_MAC_SIZE]) {
    bool done = begin(context, block, 0x36);
    for (size_t i = 0; done && i < count; i++)
        done = EVP_DigestUpdate(context, pieces[i].data, pieces[i].size) == 1;
    return done && EVP_DigestFinal_ex(context, mac, NULL) == 1 && begin(context, block, 0x5c) &&
           EVP_DigestUpdate(context, mac, SOTTO_STUN_MAC_SIZE) == 1 &&
           EVP_DigestFinal_ex(context, mac, NULL) == 1;
}

bool sotto_stun_hmac_sha1(const uint8_t *key, size_t key_size,
                          const struct sotto_stun_piece *pieces, size_t count,
                          uint8_t mac[SOTTO_STUN_MAC_SIZE]) {
    call_once(&fetch_once, fetch);
    uint8_t block[BLOCK_SIZE];
    // EVP_MD_CTX_free erases what it frees, and takes NULL.
    EVP_MD_CTX *context = sha1 ? EVP_MD_CTX_new() : NULL;
    bool done = context && load_key(key, key_size, block) &&
                compute(context, block, pieces, count, mac);
    EVP_MD_CTX_free(context);
    sotto_wipe(block, sizeof block);
    if (!done)
        memset(mac, 0, SOTTO_STUN_MAC_SIZE);
    return done;
}
