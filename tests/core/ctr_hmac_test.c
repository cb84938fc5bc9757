#include "core/ctr_hmac.h"

#include "tests/core/sframe_vectors.h"
#include "tests/make_bytes.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

enum { TAG_SIZE_MAX = 10 };

static size_t tag_size_of(uint64_t suite) {
    static const size_t sizes[] = {10, 8, 4};
    CHECK(suite >= 1 && suite <= 3);
    return sizes[suite - 1];
}

static void check_row(const json_t *row) {
    struct sotto_bytes key = bytes_of(row, "key");
    struct sotto_bytes nonce = bytes_of(row, "nonce");
    struct sotto_bytes aad = bytes_of(row, "aad");
    struct sotto_bytes plaintext = bytes_of(row, "pt");
    struct sotto_bytes sealed = bytes_of(row, "ct");
    size_t tag_size = tag_size_of(number_of(row, "cipher_suite"));
    CHECK_EQ(key.size, SOTTO_CTR_HMAC_KEY_SIZE);
    CHECK_EQ(nonce.size, SOTTO_CTR_HMAC_NONCE_SIZE);
    CHECK_EQ(sealed.size, plaintext.size + tag_size);

    struct sotto_ctr_hmac ctr_hmac;
    uint8_t output[64];
    memset(output, 0xA5, sizeof output);
    CHECK_EQ(sotto_ctr_hmac_init(&ctr_hmac, key.data, tag_size), SOTTO_OK);
    CHECK_EQ(sotto_ctr_hmac_seal(&ctr_hmac, nonce.data, aad.data, aad.size, plaintext.data,
                                 plaintext.size, output, output + plaintext.size),
             SOTTO_OK);
    CHECK_BYTES(output, sealed.data, sealed.size);
    CHECK_EQ(output[sealed.size], 0xA5);

    memset(output, 0xA5, sizeof output);
    CHECK_EQ(sotto_ctr_hmac_open(&ctr_hmac, nonce.data, aad.data, aad.size, sealed.data,
                                 plaintext.size, output, sealed.data + plaintext.size),
             SOTTO_OK);
    CHECK_BYTES(output, plaintext.data, plaintext.size);
    CHECK_EQ(output[plaintext.size], 0xA5);
    sotto_ctr_hmac_wipe(&ctr_hmac);
    release(key);
    release(nonce);
    release(aad);
    release(plaintext);
    release(sealed);
}

TEST(seals_and_opens_the_vectors_of_rfc_9605) {
    for_each_row("aes_ctr_hmac", CTR_HMAC_VECTOR_COUNT, check_row);
}

// The construction of section 4.5.1 straight from OpenSSL's own CTR mode and HMAC.
static void seal_with_openssl(const uint8_t *key, size_t tag_size, const uint8_t *nonce,
                              struct sotto_bytes aad, struct sotto_bytes plaintext,
                              uint8_t *output) {
    uint8_t counter_block[16] = {0};
    int written;
    memcpy(counter_block, nonce, 12);
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    CHECK(EVP_EncryptInit_ex(context, EVP_aes_128_ctr(), NULL, key, counter_block) == 1);
    CHECK(EVP_EncryptUpdate(context, output, &written, plaintext.data, (int)plaintext.size) == 1);
    EVP_CIPHER_CTX_free(context);

    size_t size = 36 + aad.size + plaintext.size;
    uint8_t *authenticated = calloc(1, size);
    uint8_t mac[32];
    CHECK(authenticated);
    const size_t numbers[] = {aad.size, plaintext.size, tag_size};
    for (size_t i = 0; i < 3; i++)
        for (size_t byte = 0; byte < 8; byte++)
            authenticated[8 * i + byte] = (uint8_t)(numbers[i] >> (56 - 8 * byte));
    memcpy(authenticated + 24, nonce, 12);
    memcpy(authenticated + 36, aad.data, aad.size);
    memcpy(authenticated + 36 + aad.size, output, plaintext.size);
    CHECK(HMAC(EVP_sha256(), key + 16, 32, authenticated, size, mac, NULL));
    memcpy(output + plaintext.size, mac, tag_size);
    free(authenticated);
}

static void check_message(size_t tag_size, size_t aad_size, size_t size, uint32_t seed) {
    uint8_t *key = make_bytes(SOTTO_CTR_HMAC_KEY_SIZE, seed);
    uint8_t *nonce = make_bytes(SOTTO_CTR_HMAC_NONCE_SIZE, seed + 1);
    uint8_t *aad = make_bytes(aad_size, seed + 2);
    uint8_t *plaintext = make_bytes(size, seed + 3);
    uint8_t *expected = make_bytes(size + tag_size, 0);
    uint8_t *sealed = make_bytes(size + tag_size, 0);
    struct sotto_ctr_hmac ctr_hmac;
    seal_with_openssl(key, tag_size, nonce, (struct sotto_bytes){aad, aad_size},
                      (struct sotto_bytes){plaintext, size}, expected);
    CHECK_EQ(sotto_ctr_hmac_init(&ctr_hmac, key, tag_size), SOTTO_OK);
    CHECK_EQ(sotto_ctr_hmac_seal(&ctr_hmac, nonce, aad, aad_size, plaintext, size, sealed,
                                 sealed + size),
             SOTTO_OK);
    CHECK_BYTES(sealed, expected, size + tag_size);
    // In place.
    CHECK_EQ(sotto_ctr_hmac_open(&ctr_hmac, nonce, aad, aad_size, sealed, size, sealed,
                                 expected + size),
             SOTTO_OK);
    CHECK_BYTES(sealed, plaintext, size);
    sotto_ctr_hmac_wipe(&ctr_hmac);
    free(key);
    free(nonce);
    free(aad);
    free(plaintext);
    free(expected);
    free(sealed);
}

TEST(agrees_with_openssl_at_every_size_of_data_and_additional_data) {
    for (uint64_t suite = 1; suite <= 3; suite++) {
        for (size_t size = 0; size <= 600; size++)
            check_message(tag_size_of(suite), size % 40, size, (uint32_t)size);
        for (size_t aad_size = 0; aad_size <= 600; aad_size++)
            check_message(tag_size_of(suite), aad_size, aad_size % 37, (uint32_t)aad_size);
    }
    check_message(10, 15, 4 << 20, 1);
}

TEST(takes_tags_of_the_three_suites_only) {
    static const uint8_t key[SOTTO_CTR_HMAC_KEY_SIZE] = {1};
    for (size_t size = 0; size <= 33; size++) {
        struct sotto_ctr_hmac ctr_hmac;
        CHECK_EQ(sotto_ctr_hmac_init(&ctr_hmac, key, size),
                 size == 4 || size == 8 || size == 10 ? SOTTO_OK : SOTTO_INVALID);
        sotto_ctr_hmac_wipe(&ctr_hmac);
    }
}

TEST(a_wrong_bit_anywhere_is_tampering_and_leaves_zeros) {
    static const uint8_t key[SOTTO_CTR_HMAC_KEY_SIZE] = {7};
    static const uint8_t zeros[40];
    for (uint64_t suite = 1; suite <= 3; suite++) {
        size_t tag_size = tag_size_of(suite);
        struct sotto_ctr_hmac ctr_hmac;
        // Nonce, additional data, ciphertext and tag, one behind the other.
        uint8_t all[12 + 5 + 40 + TAG_SIZE_MAX] = {1, 2, 3};
        uint8_t *nonce = all, *aad = all + 12, *data = all + 17, *tag = all + 57;
        uint8_t output[40];
        CHECK_EQ(sotto_ctr_hmac_init(&ctr_hmac, key, tag_size), SOTTO_OK);
        CHECK_EQ(sotto_ctr_hmac_seal(&ctr_hmac, nonce, aad, 5, data, 40, data, tag), SOTTO_OK);
        for (size_t bit = 0; bit < 8 * (57 + tag_size); bit++) {
            all[bit / 8] ^= (uint8_t)(1 << bit % 8);
            memset(output, 0xA5, sizeof output);
            CHECK_EQ(sotto_ctr_hmac_open(&ctr_hmac, nonce, aad, 5, data, 40, output, tag),
                     SOTTO_TAMPERED);
            CHECK_BYTES(output, zeros, sizeof output);
            all[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        // A byte that goes from the additional data to the ciphertext.
        CHECK_EQ(sotto_ctr_hmac_open(&ctr_hmac, nonce, aad, 4, aad + 4, 40, output, tag),
                 SOTTO_TAMPERED);
        CHECK_EQ(sotto_ctr_hmac_open(&ctr_hmac, nonce, aad, 5, data, 40, output, tag), SOTTO_OK);
        CHECK_BYTES(output, zeros, sizeof output);
        sotto_ctr_hmac_wipe(&ctr_hmac);
    }
}

// The size of the tag is authenticated: the start of a longer one is not a shorter one.
TEST(a_longer_tag_cut_short_does_not_verify) {
    static const uint8_t key[SOTTO_CTR_HMAC_KEY_SIZE] = {7};
    static const uint8_t nonce[SOTTO_CTR_HMAC_NONCE_SIZE] = {1};
    struct sotto_ctr_hmac ten, four;
    uint8_t data[16] = {2}, tag[TAG_SIZE_MAX];
    CHECK_EQ(sotto_ctr_hmac_init(&ten, key, 10), SOTTO_OK);
    CHECK_EQ(sotto_ctr_hmac_init(&four, key, 4), SOTTO_OK);
    CHECK_EQ(sotto_ctr_hmac_seal(&ten, nonce, NULL, 0, data, 16, data, tag), SOTTO_OK);
    CHECK_EQ(sotto_ctr_hmac_open(&four, nonce, NULL, 0, data, 16, data, tag), SOTTO_TAMPERED);
    sotto_ctr_hmac_wipe(&ten);
    sotto_ctr_hmac_wipe(&four);
}

TEST(a_wiped_key_seals_and_opens_nothing) {
    static const uint8_t key[SOTTO_CTR_HMAC_KEY_SIZE] = {7};
    static const uint8_t zeros[sizeof(struct sotto_ctr_hmac)];
    uint8_t data[16];
    struct sotto_ctr_hmac ctr_hmac;
    CHECK_EQ(sotto_ctr_hmac_init(&ctr_hmac, key, 8), SOTTO_OK);
    sotto_ctr_hmac_wipe(&ctr_hmac);
    sotto_ctr_hmac_wipe(&ctr_hmac);
    CHECK_BYTES(&ctr_hmac, zeros, sizeof ctr_hmac);
    memset(data, 0xA5, sizeof data);
    CHECK_EQ(sotto_ctr_hmac_seal(&ctr_hmac, key, NULL, 0, key, 16, data, data), SOTTO_INTERNAL);
    CHECK_BYTES(data, zeros, 16);
    memset(data, 0xA5, sizeof data);
    CHECK_EQ(sotto_ctr_hmac_open(&ctr_hmac, key, NULL, 0, key, 16, data, key), SOTTO_INTERNAL);
    CHECK_BYTES(data, zeros, 16);
}

// A failure between the two halves leaves neither ciphertext nor tag, and a key without its HMAC
// verifies nothing.
TEST(a_failing_half_leaves_nothing) {
    static const uint8_t key[SOTTO_CTR_HMAC_KEY_SIZE] = {7};
    static const uint8_t zeros[16];
    uint8_t data[16], tag[8];
    struct sotto_ctr_hmac ctr_hmac;
    CHECK_EQ(sotto_ctr_hmac_init(&ctr_hmac, key, 8), SOTTO_OK);
    CHECK_EQ(sotto_ctr_hmac_seal(&ctr_hmac, key, NULL, 0, key, 16, data, tag), SOTTO_OK);
    sotto_aes_ctr_wipe(&ctr_hmac.ctr);
    CHECK_EQ(sotto_ctr_hmac_open(&ctr_hmac, key, NULL, 0, data, 16, data, tag), SOTTO_INTERNAL);
    CHECK_BYTES(data, zeros, 16);
    memset(data, 0xA5, sizeof data);
    CHECK_EQ(sotto_ctr_hmac_seal(&ctr_hmac, key, NULL, 0, key, 16, data, tag), SOTTO_INTERNAL);
    CHECK_BYTES(data, zeros, 16);
    CHECK_BYTES(tag, zeros, 8);
    sotto_ctr_hmac_wipe(&ctr_hmac);
}

int main(void) {
    RUN(seals_and_opens_the_vectors_of_rfc_9605);
    RUN(agrees_with_openssl_at_every_size_of_data_and_additional_data);
    RUN(takes_tags_of_the_three_suites_only);
    RUN(a_wrong_bit_anywhere_is_tampering_and_leaves_zeros);
    RUN(a_longer_tag_cut_short_does_not_verify);
    RUN(a_wiped_key_seals_and_opens_nothing);
    RUN(a_failing_half_leaves_nothing);
    return 0;
}
