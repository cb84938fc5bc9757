#include "core/hash.h"

#include "tests/check.h"
#include "tests/vectors.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdbool.h>
#include <time.h>

static void make_mac(enum sotto_hash hash, const uint8_t *key, size_t key_size, const uint8_t *data,
                     size_t size, uint8_t *mac) {
    struct sotto_hmac hmac;
    CHECK_EQ(sotto_hmac_init(&hmac, hash, key, key_size), SOTTO_OK);
    sotto_hmac_update(&hmac, data, size);
    CHECK_EQ(sotto_hmac_finish(&hmac, mac), SOTTO_OK);
    sotto_hmac_wipe(&hmac);
}

// Tags of 128 bits are the first half of ours. A row that is not valid has a tag that differs.
static void check_row(const json_t *row) {
    size_t key_size, size, tag_size;
    uint8_t *key = vectors_bytes(row, "key", &key_size);
    uint8_t *message = vectors_bytes(row, "msg", &size);
    uint8_t *tag = vectors_bytes(row, "tag", &tag_size);
    uint8_t mac[SOTTO_HASH_SIZE_MAX];
    make_mac(SOTTO_SHA256, key, key_size, message, size, mac);
    bool valid = strcmp(json_string_value(json_object_get(row, "result")), "valid") == 0;
    CHECK_EQ(memcmp(mac, tag, tag_size) == 0, valid);
    free(key);
    free(message);
    free(tag);
}

TEST(makes_every_row_of_wycheproof_for_hmac_sha256) {
    json_t *root = vectors_load("wycheproof_hmac_sha256.json");
    size_t rows = 0;
    size_t group_index;
    json_t *group;
    json_array_foreach(json_object_get(root, "testGroups"), group_index, group) {
        size_t index;
        json_t *row;
        json_array_foreach(json_object_get(group, "tests"), index, row) {
            check_row(row);
            rows++;
        }
    }
    CHECK_EQ(rows, 174);
    json_decref(root);
}

static void check_sha512(const uint8_t *key, size_t key_size, const char *text, const char *hex) {
    size_t size;
    uint8_t mac[SOTTO_HASH_SIZE_MAX];
    uint8_t *expected = vectors_unhex(hex, &size);
    make_mac(SOTTO_SHA512, key, key_size, (const uint8_t *)text, strlen(text), mac);
    CHECK_EQ(size, sizeof mac);
    CHECK_BYTES(mac, expected, size);
    free(expected);
}

TEST(makes_the_sha512_vectors_of_rfc_4231) {
    // Section 4.2, and 4.7 with a key longer than a block.
    uint8_t key[131];
    memset(key, 0x0b, sizeof key);
    check_sha512(key, 20, "Hi There",
                 "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
                 "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854");
    memset(key, 0xaa, sizeof key);
    check_sha512(key, 131, "Test Using Larger Than Block-Size Key - Hash Key First",
                 "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352"
                 "6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598");
}

TEST(agrees_with_the_library_for_every_size_of_key_and_message) {
    static uint8_t bytes[300];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 131 + 7);
    for (int hash = SOTTO_SHA256; hash <= SOTTO_SHA512; hash++) {
        const EVP_MD *digest = hash == SOTTO_SHA512 ? EVP_sha512() : EVP_sha256();
        size_t mac_size = sotto_hash_size((enum sotto_hash)hash);
        for (size_t key_size = 0; key_size <= 140; key_size++) {
            size_t size = key_size * 2;
            uint8_t mac[SOTTO_HASH_SIZE_MAX];
            uint8_t expected[SOTTO_HASH_SIZE_MAX];
            make_mac((enum sotto_hash)hash, bytes, key_size, bytes, size, mac);
            CHECK(HMAC(digest, bytes, (int)key_size, bytes, size, expected, NULL));
            CHECK_BYTES(mac, expected, mac_size);
        }
    }
    CHECK_EQ(sotto_hash_size(SOTTO_SHA256), 32);
    CHECK_EQ(sotto_hash_size(SOTTO_SHA512), 64);
}

TEST(serves_many_messages_under_one_key_and_takes_them_in_pieces) {
    static const uint8_t key[40] = {3};
    static const uint8_t message[200] = {5};
    struct sotto_hmac hmac;
    uint8_t expected[32];
    uint8_t mac[32];
    make_mac(SOTTO_SHA256, key, sizeof key, message, sizeof message, expected);
    CHECK_EQ(sotto_hmac_init(&hmac, SOTTO_SHA256, key, sizeof key), SOTTO_OK);
    for (size_t piece = 1; piece <= sizeof message; piece++) {
        for (size_t at = 0; at < sizeof message; at += piece) {
            size_t rest = sizeof message - at;
            sotto_hmac_update(&hmac, message + at, piece < rest ? piece : rest);
            sotto_hmac_update(&hmac, NULL, 0);
        }
        CHECK_EQ(sotto_hmac_finish(&hmac, mac), SOTTO_OK);
        CHECK_BYTES(mac, expected, sizeof mac);
    }
    sotto_hmac_wipe(&hmac);
    sotto_hmac_wipe(&hmac);
}

TEST(a_wiped_key_makes_nothing) {
    static const uint8_t zeros[32];
    uint8_t mac[SOTTO_HASH_SIZE_MAX];
    struct sotto_hmac hmac;
    CHECK_EQ(sotto_hmac_init(&hmac, SOTTO_SHA256, zeros, 32), SOTTO_OK);
    sotto_hmac_wipe(&hmac);
    memset(mac, 0xA5, sizeof mac);
    sotto_hmac_update(&hmac, zeros, 32);
    CHECK_EQ(sotto_hmac_finish(&hmac, mac), SOTTO_INTERNAL);
    CHECK_BYTES(mac, zeros, 32);
}

TEST(an_empty_key_may_be_null) {
    uint8_t mac[32];
    uint8_t expected[32];
    make_mac(SOTTO_SHA256, NULL, 0, NULL, 0, mac);
    CHECK(HMAC(EVP_sha256(), "", 0, (const uint8_t *)"", 0, expected, NULL));
    CHECK_BYTES(mac, expected, sizeof mac);
}

// PBKDF2 asks for 600 000 of these; 10 µs each would be far off, whatever else the machine does.
TEST(a_short_message_takes_less_than_ten_microseconds) {
    enum { COUNT = 20000 };
    static const uint8_t key[10] = {3};
    struct sotto_hmac hmac;
    uint8_t mac[32] = {0};
    CHECK_EQ(sotto_hmac_init(&hmac, SOTTO_SHA256, key, sizeof key), SOTTO_OK);
    clock_t start = clock();
    for (int i = 0; i < COUNT; i++) {
        sotto_hmac_update(&hmac, mac, sizeof mac);
        CHECK_EQ(sotto_hmac_finish(&hmac, mac), SOTTO_OK);
    }
    double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
    sotto_hmac_wipe(&hmac);
    CHECK(seconds < 10e-6 * (double)COUNT);
}

int main(void) {
    RUN(makes_every_row_of_wycheproof_for_hmac_sha256);
    RUN(makes_the_sha512_vectors_of_rfc_4231);
    RUN(agrees_with_the_library_for_every_size_of_key_and_message);
    RUN(serves_many_messages_under_one_key_and_takes_them_in_pieces);
    RUN(a_wiped_key_makes_nothing);
    RUN(an_empty_key_may_be_null);
    RUN(a_short_message_takes_less_than_ten_microseconds);
    return 0;
}
