// What this backend adds to the contract of core/hash.h, which tests/crypto/hash_openssl_test.c
// checks for every backend: its own SHA-2 agrees with another implementation around every boundary
// of its blocks, in whatever pieces a message comes.
#include "core/hash.h"

#include "tests/check.h"

#include <openssl/hmac.h>

static uint32_t random_state = 1;

static uint32_t draw(uint32_t limit) {
    random_state = random_state * 1664525 + 1013904223;
    return (random_state >> 8) % limit;
}

static uint8_t *make_bytes(size_t size) {
    uint8_t *bytes = malloc(size ? size : 1);
    CHECK(bytes);
    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)draw(256);
    return bytes;
}

static void check_message(struct sotto_hmac *hmac, enum sotto_hash hash, const uint8_t *key,
                          size_t key_size, size_t size) {
    uint8_t *message = make_bytes(size);
    uint8_t mac[SOTTO_HASH_SIZE_MAX], expected[SOTTO_HASH_SIZE_MAX];
    for (size_t offset = 0; offset < size;) {
        const size_t piece = 1 + draw((uint32_t)(size - offset));
        sotto_hmac_update(hmac, message + offset, piece);
        offset += piece;
    }
    CHECK_EQ(sotto_hmac_finish(hmac, mac), SOTTO_OK);
    CHECK(HMAC(hash == SOTTO_SHA512 ? EVP_sha512() : EVP_sha256(), key, (int)key_size, message,
               size, expected, NULL));
    CHECK_BYTES(mac, expected, sotto_hash_size(hash));
    free(message);
}

TEST(agrees_with_openssl_at_every_size_in_random_pieces) {
    for (int hash = SOTTO_SHA256; hash <= SOTTO_SHA512; hash++) {
        for (size_t key_size = 0; key_size <= 260; key_size += 13) {
            uint8_t *key = make_bytes(key_size);
            struct sotto_hmac hmac;
            CHECK_EQ(sotto_hmac_init(&hmac, (enum sotto_hash)hash, key, key_size), SOTTO_OK);
            for (size_t size = 0; size <= 400; size++)
                check_message(&hmac, (enum sotto_hash)hash, key, key_size, size);
            check_message(&hmac, (enum sotto_hash)hash, key, key_size, 100001);
            sotto_hmac_wipe(&hmac);
            free(key);
        }
    }
}

TEST(a_wiped_hmac_is_zeros_and_makes_none) {
    static const uint8_t key[40] = {1, 2, 3};
    static const uint8_t zeros[32];
    for (int hash = SOTTO_SHA256; hash <= SOTTO_SHA512; hash++) {
        struct sotto_hmac hmac;
        uint8_t mac[SOTTO_HASH_SIZE_MAX];
        memset(mac, 0xa5, sizeof mac);
        CHECK_EQ(sotto_hmac_init(&hmac, (enum sotto_hash)hash, key, sizeof key), SOTTO_OK);
        sotto_hmac_update(&hmac, key, sizeof key);
        sotto_hmac_wipe(&hmac);
        for (size_t i = 0; i < sizeof hmac.state; i++)
            CHECK_EQ(hmac.state[i], 0);
        sotto_hmac_update(&hmac, key, sizeof key);
        CHECK_EQ(sotto_hmac_finish(&hmac, mac), SOTTO_INTERNAL);
        CHECK_BYTES(mac, zeros, sizeof zeros);
    }
}

int main(void) {
    RUN(agrees_with_openssl_at_every_size_in_random_pieces);
    RUN(a_wiped_hmac_is_zeros_and_makes_none);
    return 0;
}
