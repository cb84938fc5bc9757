// The contract of core/aes_ctr.h, for every backend.
#include "core/aes_ctr.h"

#include "tests/vectors.h"

// RFC 3686, section 6, test vectors 1 to 3: AES-128 in counter mode. There the counter of the first
// block is 1, here 0: one block goes before.
TEST(makes_the_keystream_of_rfc_3686) {
    static const struct {
        const char *key, *nonce, *plaintext, *ciphertext;
    } rows[] = {
        {"ae6852f8121067cc4bf7a5765577f39e", "000000300000000000000000",
         "53696e676c6520626c6f636b206d7367", "e4095d4fb7a7b3792d6175a3261311b8"},
        {"7e24067817fae0d743d6ce1f32539163", "006cb6dbc0543b59da48d90b",
         "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
         "5104a106168a72d9790d41ee8edad388eb2e1efc46da57c8fce630df9141be28"},
        {"7691be035e5020a8ac6e618529f9a0dc", "00e0017b27777f3f4a1786f0",
         "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20212223",
         "c1cf48a89f2ffdd9cf4652e9efdb72d74540a42bde6d7836d59a5ceaaef3105325b2072f"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t key_size, nonce_size, size, expected_size;
        uint8_t *key = vectors_unhex(rows[i].key, &key_size);
        uint8_t *nonce = vectors_unhex(rows[i].nonce, &nonce_size);
        uint8_t *plaintext = vectors_unhex(rows[i].plaintext, &size);
        uint8_t *expected = vectors_unhex(rows[i].ciphertext, &expected_size);
        uint8_t data[16 + 36] = {0};
        struct sotto_aes_ctr ctr;
        CHECK(key_size == SOTTO_AES_CTR_KEY_SIZE && nonce_size == SOTTO_AES_CTR_NONCE_SIZE);
        CHECK_EQ(expected_size, size);
        memcpy(data + 16, plaintext, size);
        CHECK_EQ(sotto_aes_ctr_init(&ctr, key), SOTTO_OK);
        CHECK_EQ(sotto_aes_ctr_apply(&ctr, nonce, data, 16 + size, data), SOTTO_OK);
        CHECK_BYTES(data + 16, expected, size);
        sotto_aes_ctr_wipe(&ctr);
        free(key);
        free(nonce);
        free(plaintext);
        free(expected);
    }
}

// Each size alone, whatever came before it under the same key, in place and not.
TEST(every_size_is_the_start_of_the_longest) {
    enum { SIZE_MAX_HERE = 700 };
    static const uint8_t key[SOTTO_AES_CTR_KEY_SIZE] = {7};
    static const uint8_t nonce[SOTTO_AES_CTR_NONCE_SIZE] = {1, 2};
    static const uint8_t zeros[SIZE_MAX_HERE];
    uint8_t whole[SIZE_MAX_HERE];
    struct sotto_aes_ctr ctr;
    CHECK_EQ(sotto_aes_ctr_init(&ctr, key), SOTTO_OK);
    CHECK_EQ(sotto_aes_ctr_apply(&ctr, nonce, zeros, sizeof whole, whole), SOTTO_OK);
    for (size_t size = 0; size <= SIZE_MAX_HERE; size++) {
        uint8_t *data = malloc(size + 1);
        CHECK(data);
        memset(data, 0xA5, size + 1);
        CHECK_EQ(sotto_aes_ctr_apply(&ctr, nonce, zeros, size, data), SOTTO_OK);
        CHECK_BYTES(data, whole, size);
        CHECK_EQ(sotto_aes_ctr_apply(&ctr, nonce, data, size, data), SOTTO_OK);
        CHECK_BYTES(data, zeros, size);
        CHECK_EQ(data[size], 0xA5);
        free(data);
    }
    sotto_aes_ctr_wipe(&ctr);
}

TEST(no_two_blocks_and_no_two_nonces_have_the_same_keystream) {
    enum { BLOCKS = 1 << 13 };
    static const uint8_t key[SOTTO_AES_CTR_KEY_SIZE] = {9};
    static uint8_t first[16 * BLOCKS], second[16 * BLOCKS];
    uint8_t nonce[SOTTO_AES_CTR_NONCE_SIZE] = {0};
    struct sotto_aes_ctr ctr;
    CHECK_EQ(sotto_aes_ctr_init(&ctr, key), SOTTO_OK);
    CHECK_EQ(sotto_aes_ctr_apply(&ctr, nonce, first, sizeof first, first), SOTTO_OK);
    nonce[11] = 1;
    CHECK_EQ(sotto_aes_ctr_apply(&ctr, nonce, second, sizeof second, second), SOTTO_OK);
    for (size_t i = 0; i < BLOCKS; i++) {
        CHECK(memcmp(first, second + 16 * i, 16) != 0);
        CHECK(i == 0 || memcmp(first, first + 16 * i, 16) != 0);
    }
    sotto_aes_ctr_wipe(&ctr);
}

TEST(a_wiped_key_gives_zeros) {
    static const uint8_t key[SOTTO_AES_CTR_KEY_SIZE] = {7};
    static const uint8_t zeros[sizeof(struct sotto_aes_ctr)];
    uint8_t data[16];
    struct sotto_aes_ctr ctr;
    CHECK_EQ(sotto_aes_ctr_init(&ctr, key), SOTTO_OK);
    sotto_aes_ctr_wipe(&ctr);
    sotto_aes_ctr_wipe(&ctr);
    CHECK_BYTES(&ctr, zeros, sizeof ctr);
    memset(data, 0xA5, sizeof data);
    CHECK_EQ(sotto_aes_ctr_apply(&ctr, key, key, sizeof data, data), SOTTO_INTERNAL);
    CHECK_BYTES(data, zeros, sizeof data);
}

int main(void) {
    RUN(makes_the_keystream_of_rfc_3686);
    RUN(every_size_is_the_start_of_the_longest);
    RUN(no_two_blocks_and_no_two_nonces_have_the_same_keystream);
    RUN(a_wiped_key_gives_zeros);
    return 0;
}
