// What this backend adds to the contract of core/aead.h, which tests/crypto/aead_openssl_test.c
// checks for every backend: its own AES and GHASH agree with another implementation at every size.
#include "core/aead.h"

#include "tests/make_bytes.h"
#include "wasm/aes.h"

#include <openssl/evp.h>

struct message {
    size_t key_size, aad_size, size;
    uint8_t *key, *nonce, *aad, *plaintext;
};

static struct message make_message(size_t key_size, size_t aad_size, size_t size, uint32_t seed) {
    return (struct message){
        key_size, aad_size, size, make_bytes(key_size, seed), make_bytes(12, seed + 1),
        make_bytes(aad_size, seed + 2), make_bytes(size, seed + 3),
    };
}

static void release(struct message *message) {
    free(message->key);
    free(message->nonce);
    free(message->aad);
    free(message->plaintext);
}

static void seal_with_openssl(const struct message *message, uint8_t *output, uint8_t tag[16]) {
    const EVP_CIPHER *cipher = message->key_size == 16 ? EVP_aes_128_gcm() : EVP_aes_256_gcm();
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    int written;
    CHECK(EVP_EncryptInit_ex(context, cipher, NULL, message->key, message->nonce) == 1);
    CHECK(EVP_EncryptUpdate(context, NULL, &written, message->aad, (int)message->aad_size) == 1);
    CHECK(EVP_EncryptUpdate(context, output, &written, message->plaintext, (int)message->size) ==
          1);
    CHECK(EVP_EncryptFinal_ex(context, output + written, &written) == 1);
    CHECK(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, 16, tag) == 1);
    EVP_CIPHER_CTX_free(context);
}

static void check_message(size_t key_size, size_t aad_size, size_t size, uint32_t seed) {
    struct message message = make_message(key_size, aad_size, size, seed);
    uint8_t *expected = make_bytes(size + 16, 0);
    uint8_t *sealed = make_bytes(size, 0);
    uint8_t *opened = make_bytes(size, 0);
    uint8_t expected_tag[16], tag[16];
    struct sotto_aead aead;
    seal_with_openssl(&message, expected, expected_tag);
    CHECK_EQ(sotto_aead_init(&aead, message.key, key_size), SOTTO_OK);
    CHECK_EQ(sotto_aead_seal(&aead, message.nonce, message.aad, aad_size, message.plaintext, size,
                             sealed, tag),
             SOTTO_OK);
    CHECK_BYTES(sealed, expected, size);
    CHECK_BYTES(tag, expected_tag, 16);
    CHECK_EQ(sotto_aead_open(&aead, message.nonce, message.aad, aad_size, sealed, size, opened,
                             tag),
             SOTTO_OK);
    CHECK_BYTES(opened, message.plaintext, size);
    sotto_aead_wipe(&aead);
    free(expected);
    free(sealed);
    free(opened);
    release(&message);
}

TEST(agrees_with_openssl_at_every_size_of_data_and_additional_data) {
    for (size_t key_size = 16; key_size <= 32; key_size += 16) {
        for (size_t size = 0; size <= 1100; size++)
            check_message(key_size, size % 40, size, (uint32_t)size);
        for (size_t aad_size = 0; aad_size <= 600; aad_size++)
            check_message(key_size, aad_size, aad_size % 37, (uint32_t)aad_size);
    }
    check_message(16, 15, 1000003, 1);
}

static void encrypt_block_with_openssl(const uint8_t *key, size_t key_size, const uint8_t *input,
                                       uint8_t *output) {
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    int written;
    CHECK(EVP_EncryptInit_ex(context, key_size == 16 ? EVP_aes_128_ecb() : EVP_aes_256_ecb(), NULL,
                             key, NULL) == 1);
    CHECK(EVP_CIPHER_CTX_set_padding(context, 0) == 1);
    CHECK(EVP_EncryptUpdate(context, output, &written, input, SOTTO_AES_BLOCK_SIZE) == 1);
    EVP_CIPHER_CTX_free(context);
}

// A batch that ends at a carry, one that has it inside at every place, and the last of all.
TEST(counts_blocks_up_to_the_last_counter) {
    static const uint32_t firsts[] = {0, 1, 15, 0xf0, 0xffff0, 0xfffff0, 0xfffffff0, 0xffffffff};
    uint8_t *key = make_bytes(32, 7);
    uint8_t block[SOTTO_AES_BLOCK_SIZE] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    for (size_t i = 0; i < 2 * 16 * sizeof firsts / sizeof firsts[0]; i++) {
        const size_t key_size = i % 2 ? 16 : 32;
        const uint32_t first = firsts[i / 32] + (uint32_t)i / 2 % 16;
        struct sotto_aes aes;
        uint8_t keystream[SOTTO_AES_BATCH_SIZE];
        sotto_aes_init(&aes, key, key_size);
        sotto_aes_write_keystream(&aes, block, first, keystream);
        for (uint32_t j = 0; j < SOTTO_AES_BATCH_COUNT; j++) {
            uint8_t expected[SOTTO_AES_BLOCK_SIZE];
            for (unsigned byte = 0; byte < 4; byte++)
                block[12 + byte] = (uint8_t)((first + j) >> (24 - 8 * byte));
            encrypt_block_with_openssl(key, key_size, block, expected);
            CHECK_BYTES(keystream + j * SOTTO_AES_BLOCK_SIZE, expected, sizeof expected);
        }
    }
    free(key);
}

// Every byte value passes the S-box here in every place of the state.
TEST(agrees_with_openssl_for_every_byte_in_every_place_of_a_key) {
    uint8_t nonce[SOTTO_AES_NONCE_SIZE] = {0};
    uint8_t block[SOTTO_AES_BLOCK_SIZE] = {0};
    for (size_t place = 0; place < 32; place++) {
        for (unsigned value = 0; value < 256; value++) {
            uint8_t key[32] = {0};
            uint8_t keystream[SOTTO_AES_BATCH_SIZE], expected[SOTTO_AES_BLOCK_SIZE];
            struct sotto_aes aes;
            key[place] = (uint8_t)value;
            for (size_t key_size = place < 16 ? 16 : 32; key_size <= 32; key_size += 16) {
                sotto_aes_init(&aes, key, key_size);
                sotto_aes_write_keystream(&aes, nonce, 0, keystream);
                encrypt_block_with_openssl(key, key_size, block, expected);
                CHECK_BYTES(keystream, expected, sizeof expected);
            }
        }
    }
}

TEST(wiping_leaves_zeros) {
    static const uint8_t key[32] = {1, 2, 3};
    struct sotto_aead aead;
    CHECK_EQ(sotto_aead_init(&aead, key, sizeof key), SOTTO_OK);
    sotto_aead_wipe(&aead);
    for (size_t i = 0; i < sizeof aead.state; i++)
        CHECK_EQ(aead.state[i], 0);
}

int main(void) {
    RUN(agrees_with_openssl_at_every_size_of_data_and_additional_data);
    RUN(counts_blocks_up_to_the_last_counter);
    RUN(agrees_with_openssl_for_every_byte_in_every_place_of_a_key);
    RUN(wiping_leaves_zeros);
    return 0;
}
