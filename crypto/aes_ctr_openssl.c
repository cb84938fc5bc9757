#include "core/aes_ctr.h"

#include "core/memory.h"
#include "core/wipe.h"

#include <limits.h>
#include <openssl/evp.h>
#include <stdbool.h>

// The state is one EVP context that has the key; a call sets only the counter block.
static EVP_CIPHER_CTX *load(const struct sotto_aes_ctr *ctr) {
    EVP_CIPHER_CTX *context;
    memcpy(&context, ctr->state, sizeof context);
    return context;
}

enum sotto_result sotto_aes_ctr_init(struct sotto_aes_ctr *ctr,
                                     const uint8_t key[SOTTO_AES_CTR_KEY_SIZE]) {
    *ctr = (struct sotto_aes_ctr){0};
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    if (!context || EVP_EncryptInit_ex(context, EVP_aes_128_ctr(), NULL, key, NULL) != 1) {
        EVP_CIPHER_CTX_free(context);
        return SOTTO_INTERNAL;
    }
    memcpy(ctr->state, &context, sizeof context);
    return SOTTO_OK;
}

static bool apply(EVP_CIPHER_CTX *context, const uint8_t *nonce, const uint8_t *input, size_t size,
                  uint8_t *output) {
    uint8_t counter_block[16] = {0};
    int written;
    memcpy(counter_block, nonce, SOTTO_AES_CTR_NONCE_SIZE);
    return context && size <= INT_MAX &&
           EVP_EncryptInit_ex2(context, NULL, NULL, counter_block, NULL) == 1 &&
           (size == 0 || EVP_EncryptUpdate(context, output, &written, input, (int)size) == 1);
}

enum sotto_result sotto_aes_ctr_apply(struct sotto_aes_ctr *ctr,
                                      const uint8_t nonce[SOTTO_AES_CTR_NONCE_SIZE],
                                      const uint8_t *input, size_t size, uint8_t *output) {
    if (apply(load(ctr), nonce, input, size, output))
        return SOTTO_OK;
    if (size > 0)
        memset(output, 0, size);
    return SOTTO_INTERNAL;
}

void sotto_aes_ctr_wipe(struct sotto_aes_ctr *ctr) {
    // EVP_CIPHER_CTX_free erases the key schedule and what is left of a block, and takes NULL.
    EVP_CIPHER_CTX_free(load(ctr));
    sotto_wipe(ctr, sizeof *ctr);
}
