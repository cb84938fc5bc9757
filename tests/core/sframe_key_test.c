#include "core/sframe_key.h"

#include "tests/core/sframe_vectors.h"

static void check_row(const json_t *row) {
    enum sotto_suite suite = (enum sotto_suite)number_of(row, "cipher_suite");
    struct sotto_bytes base_key = bytes_of(row, "base_key");
    struct sotto_bytes expected_salt = bytes_of(row, "sframe_salt");
    struct sotto_bytes expected_key = bytes_of(row, "sframe_key");
    uint8_t salt[SOTTO_SFRAME_NONCE_SIZE];
    uint8_t cipher_key[SOTTO_SFRAME_CIPHER_KEY_SIZE_MAX + 1];
    memset(cipher_key, 0xA5, sizeof cipher_key);
    CHECK_EQ(sotto_sframe_key_derive(suite, number_of(row, "kid"), base_key, salt, cipher_key),
             SOTTO_OK);
    CHECK_EQ(expected_salt.size, sizeof salt);
    CHECK_BYTES(salt, expected_salt.data, sizeof salt);
    CHECK_EQ(expected_key.size, sotto_sframe_suite_find(suite)->key_size);
    CHECK_BYTES(cipher_key, expected_key.data, expected_key.size);
    CHECK_EQ(cipher_key[expected_key.size], 0xA5);
    release(base_key);
    release(expected_salt);
    release(expected_key);
}

TEST(derives_key_and_salt_of_every_suite_as_rfc_9605_does) {
    for_each_row("sframe", SFRAME_VECTOR_COUNT, check_row);
}

TEST(suite_kid_and_base_key_each_give_another_key) {
    static const struct {
        int suite;
        uint64_t kid;
        const char *base_key;
    } rows[] = {
        {1, 1, "base key"}, {2, 1, "base key"}, {3, 1, "base key"}, {1, 2, "base key"},
        {1, 0, "base key"}, {1, UINT64_MAX, "base key"}, {1, 1, "base keY"}, {1, 1, "base ke"},
    };
    enum { COUNT = sizeof rows / sizeof *rows };
    uint8_t salts[COUNT][SOTTO_SFRAME_NONCE_SIZE];
    uint8_t keys[COUNT][SOTTO_SFRAME_CIPHER_KEY_SIZE_MAX];
    for (size_t i = 0; i < COUNT; i++) {
        struct sotto_bytes base_key = {(const uint8_t *)rows[i].base_key, strlen(rows[i].base_key)};
        CHECK_EQ(sotto_sframe_key_derive((enum sotto_suite)rows[i].suite, rows[i].kid, base_key,
                                         salts[i], keys[i]),
                 SOTTO_OK);
        for (size_t j = 0; j < i; j++) {
            CHECK(memcmp(salts[i], salts[j], sizeof *salts) != 0);
            CHECK(memcmp(keys[i], keys[j], sizeof *keys) != 0);
        }
    }
}

TEST(an_empty_base_key_and_an_unknown_suite_give_zeros) {
    static const uint8_t zeros[SOTTO_HASH_SIZE_MAX];
    for (int suite = -1; suite < 300; suite++) {
        for (size_t size = 0; size < 2; size++) {
            struct sotto_bytes base_key = {(const uint8_t *)"k", size};
            enum sotto_result expected =
                suite >= 1 && suite <= 5 && size > 0 ? SOTTO_OK : SOTTO_INVALID;
            uint8_t salt[SOTTO_SFRAME_NONCE_SIZE];
            uint8_t key[SOTTO_SFRAME_CIPHER_KEY_SIZE_MAX];
            uint8_t next[SOTTO_HASH_SIZE_MAX];
            memset(salt, 0xA5, sizeof salt);
            memset(key, 0xA5, sizeof key);
            memset(next, 0xA5, sizeof next);
            enum sotto_suite number = (enum sotto_suite)suite;
            CHECK_EQ(sotto_sframe_key_derive(number, 1, base_key, salt, key), expected);
            CHECK_EQ(sotto_sframe_key_derive_next(number, base_key, next), expected);
            if (expected == SOTTO_OK)
                continue;
            CHECK_BYTES(salt, zeros, sizeof salt);
            CHECK_BYTES(key, zeros, sizeof key);
            CHECK_BYTES(next, zeros, sizeof next);
        }
    }
}

// From the bytes 0 to 15, computed with Python's hmac and hashlib after section 5.1.
static const char *const steps_of_sha256[] = {
    "fb75d8d5782da6c6cbf18ac43eca5da9e47f7e6ac7926a78e486226bd2af0f87",
    "e24577b569963f5222734f2f57c43927c10dd36180e6124cf9f10cd43ab4598e",
    "b791038937f6176e569a04e6ac99e8591d4d969a54ca059dd1405751d7e40059",
};
static const char *const steps_of_sha512[] = {
    "895fe5603750295ccbe0d5ed9745617b46e9cf9b428179b8f29f3147492bb08f"
    "aa190560720ee0e4570760b64e7d5931120c391b7c7becc429ea35a9d07475aa",
    "9e1d8cbe51504d0b940985abd6c33137027a3299388bc4d9f74fddb2c5145f74"
    "6edac8eb7c6217fe71efe5bfbd9ed0ec77a39539b518d8d6109b529384bb10c4",
    "7381664f166955fb42aca83ba7d7cb0eb8a81d49466ee4d9e70a38d6250a9ed1"
    "4e99b319df93968d158631825898f147c4226d303070467e03e965c37ac22a77",
};

TEST(the_ratchet_steps_as_section_5_1_says_also_in_place) {
    for (int suite = 1; suite <= 5; suite++) {
        const char *const *steps = suite == 5 ? steps_of_sha512 : steps_of_sha256;
        uint8_t base_key[SOTTO_HASH_SIZE_MAX + 1];
        size_t size = 16;
        memset(base_key, 0xA5, sizeof base_key);
        for (size_t i = 0; i < size; i++)
            base_key[i] = (uint8_t)i;
        for (size_t step = 0; step < 3; step++) {
            struct sotto_bytes current = {base_key, size};
            CHECK_EQ(sotto_sframe_key_derive_next((enum sotto_suite)suite, current, base_key),
                     SOTTO_OK);
            uint8_t *expected = vectors_unhex(steps[step], &size);
            CHECK_EQ(size, suite == 5 ? 64 : 32);
            CHECK_BYTES(base_key, expected, size);
            CHECK_EQ(base_key[size], 0xA5);
            free(expected);
        }
    }
}

// Keys of the format "sotto" are of this type, so that it cannot hold one of another suite.
TEST(a_ready_key_is_of_suite_4_or_5) {
    static const uint8_t zeros[sizeof(struct sotto_sframe_key)];
    for (int suite = -1; suite < 300; suite++) {
        struct sotto_sframe_key key;
        bool is_gcm = suite == 4 || suite == 5;
        memset(&key, 0xA5, sizeof key);
        CHECK_EQ(sotto_sframe_has_suite((enum sotto_suite)suite), is_gcm);
        CHECK_EQ(
            sotto_sframe_key_init(&key, (enum sotto_suite)suite, 1, SOTTO_BYTES("base key")),
            is_gcm ? SOTTO_OK : SOTTO_INVALID);
        CHECK(is_gcm || memcmp(&key, zeros, sizeof key) == 0);
        sotto_sframe_key_wipe(&key);
        CHECK_BYTES(&key, zeros, sizeof key);
        CHECK_EQ(sotto_sframe_key_init(&key, (enum sotto_suite)suite, 1, SOTTO_BYTES("")),
                 SOTTO_INVALID);
        CHECK_BYTES(&key, zeros, sizeof key);
    }
}

int main(void) {
    RUN(derives_key_and_salt_of_every_suite_as_rfc_9605_does);
    RUN(suite_kid_and_base_key_each_give_another_key);
    RUN(an_empty_base_key_and_an_unknown_suite_give_zeros);
    RUN(the_ratchet_steps_as_section_5_1_says_also_in_place);
    RUN(a_ready_key_is_of_suite_4_or_5);
    return 0;
}
