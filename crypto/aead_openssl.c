#include "core/aead.h"

#include "core/memory.h"
#include "core/wipe.h"

#include <limits.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

// The state is one EVP context that has the key; a call sets only the nonce. The mode counts with
// the encrypting key schedule in both directions, so one context seals and opens.
static EVP_CIPHER_CTX *load(const struct sotto_aead *aead) {
    EVP_CIPHER_CTX *context;
    memcpy(&context, aead->state, sizeof context);
    return context;
}

enum sotto_result sotto_aead_init(struct sotto_aead *aead, const uint8_t *key, size_t key_size) {
    *aead = (struct sotto_aead){0};
    if (key_size != 16 && key_size != 32)
        return SOTTO_INVALID;

    const EVP_CIPHER *cipher = key_size == 16 ? EVP_aes_128_gcm() : EVP_aes_256_gcm();
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    if (!context || EVP_EncryptInit_ex(context, cipher, NULL, key, NULL) != 1) {
        EVP_CIPHER_CTX_free(context);
        return SOTTO_INTERNAL;
    }
    memcpy(aead->state, &context, sizeof context);
    return SOTTO_OK;
}

// Additional data if `output` is NULL. An empty part is left out.
static bool update(EVP_CIPHER_CTX *context, const uint8_t *input, size_t size, uint8_t *output) {
    int written;
    return size == 0 || EVP_CipherUpdate(context, output, &written, input, (int)size) == 1;
}

static bool fits_int(size_t aad_size, size_t size) {
    return aad_size <= INT_MAX && size <= INT_MAX;
}

// The tag goes in and comes out as a parameter of its own. EVP_CIPHER_CTX_ctrl ends up at the same
// place some 20 ns later; handed in together with the nonce, the parameters are searched twice.
static OSSL_PARAM tag_parameter(uint8_t tag[SOTTO_AEAD_TAG_SIZE]) {
    return OSSL_PARAM_construct_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, tag, SOTTO_AEAD_TAG_SIZE);
}

enum sotto_result sotto_aead_seal(struct sotto_aead *aead,
                                  const uint8_t nonce[SOTTO_AEAD_NONCE_SIZE], const uint8_t *aad,
                                  size_t aad_size, const uint8_t *input, size_t size,
                                  uint8_t *output, uint8_t tag[SOTTO_AEAD_TAG_SIZE]) {
    EVP_CIPHER_CTX *context = load(aead);
    OSSL_PARAM parameters[] = {tag_parameter(tag), OSSL_PARAM_construct_end()};
    int rest;
    if (context && fits_int(aad_size, size) &&
        EVP_EncryptInit_ex2(context, NULL, NULL, nonce, NULL) == 1 &&
        update(context, aad, aad_size, NULL) && update(context, input, size, output) &&
        EVP_EncryptFinal_ex(context, tag, &rest) == 1 &&
        EVP_CIPHER_CTX_get_params(context, parameters) == 1)
        return SOTTO_OK;

    if (size > 0)
        memset(output, 0, size);
    memset(tag, 0, SOTTO_AEAD_TAG_SIZE);
    return SOTTO_INTERNAL;
}

enum sotto_result sotto_aead_open(struct sotto_aead *aead,
                                  const uint8_t nonce[SOTTO_AEAD_NONCE_SIZE], const uint8_t *aad,
                                  size_t aad_size, const uint8_t *input, size_t size,
                                  uint8_t *output, const uint8_t tag[SOTTO_AEAD_TAG_SIZE]) {
    EVP_CIPHER_CTX *context = load(aead);
    enum sotto_result result = SOTTO_INTERNAL;
    uint8_t expected[SOTTO_AEAD_TAG_SIZE]; // a parameter is not const
    memcpy(expected, tag, sizeof expected);
    OSSL_PARAM parameters[] = {tag_parameter(expected), OSSL_PARAM_construct_end()};
    uint8_t rest_of_block[16];
    int rest;
    if (context && fits_int(aad_size, size) &&
        EVP_DecryptInit_ex2(context, NULL, NULL, nonce, NULL) == 1 &&
        EVP_CIPHER_CTX_set_params(context, parameters) == 1 &&
        update(context, aad, aad_size, NULL) && update(context, input, size, output))
        result =
            EVP_DecryptFinal_ex(context, rest_of_block, &rest) == 1 ? SOTTO_OK : SOTTO_TAMPERED;

    if (result != SOTTO_OK && size > 0)
        memset(output, 0, size);
    return result;
}

void sotto_aead_wipe(struct sotto_aead *aead) {
    // EVP_CIPHER_CTX_free erases the key schedule, and takes NULL.
    EVP_CIPHER_CTX_free(load(aead));
    sotto_wipe(aead, sizeof *aead);
}
