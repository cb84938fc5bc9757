#include "core/ctr_hmac.h"

#include "core/equal.h"
#include "core/memory.h"
#include "core/wipe.h"
#include "core/writer.h"

enum { MAC_SIZE = 32 };

enum sotto_result sotto_ctr_hmac_init(struct sotto_ctr_hmac *ctr_hmac,
                                      const uint8_t key[SOTTO_CTR_HMAC_KEY_SIZE],
                                      size_t tag_size) {
    memset(ctr_hmac, 0, sizeof *ctr_hmac);
    if (tag_size != 4 && tag_size != 8 && tag_size != 10)
        return SOTTO_INVALID;
    enum sotto_result result = sotto_aes_ctr_init(&ctr_hmac->ctr, key);
    if (result == SOTTO_OK)
        result = sotto_hmac_init(&ctr_hmac->hmac, SOTTO_SHA256, key + SOTTO_AES_CTR_KEY_SIZE,
                                 SOTTO_CTR_HMAC_KEY_SIZE - SOTTO_AES_CTR_KEY_SIZE);
    if (result == SOTTO_OK)
        ctr_hmac->tag_size = tag_size;
    else
        sotto_ctr_hmac_wipe(ctr_hmac);
    return result;
}

// compute_tag of the RFC, before it is cut: the three sizes in 8 bytes each, the nonce, then what
// is authenticated.
static enum sotto_result compute_mac(struct sotto_ctr_hmac *ctr_hmac, const uint8_t *nonce,
                                     const uint8_t *aad, size_t aad_size, const uint8_t *ciphertext,
                                     size_t size, uint8_t mac[MAC_SIZE]) {
    uint8_t start[3 * 8 + SOTTO_CTR_HMAC_NONCE_SIZE];
    struct sotto_writer writer;
    sotto_writer_init(&writer, start, sizeof start);
    sotto_writer_write_u64(&writer, aad_size);
    sotto_writer_write_u64(&writer, size);
    sotto_writer_write_u64(&writer, ctr_hmac->tag_size);
    sotto_writer_write_bytes(&writer, nonce, SOTTO_CTR_HMAC_NONCE_SIZE);
    sotto_hmac_update(&ctr_hmac->hmac, start, sizeof start);
    sotto_hmac_update(&ctr_hmac->hmac, aad, aad_size);
    sotto_hmac_update(&ctr_hmac->hmac, ciphertext, size);
    return sotto_hmac_finish(&ctr_hmac->hmac, mac);
}

enum sotto_result sotto_ctr_hmac_seal(struct sotto_ctr_hmac *ctr_hmac,
                                      const uint8_t nonce[SOTTO_CTR_HMAC_NONCE_SIZE],
                                      const uint8_t *aad, size_t aad_size, const uint8_t *input,
                                      size_t size, uint8_t *output, uint8_t *tag) {
    uint8_t mac[MAC_SIZE];
    enum sotto_result result = sotto_aes_ctr_apply(&ctr_hmac->ctr, nonce, input, size, output);
    if (result == SOTTO_OK)
        result = compute_mac(ctr_hmac, nonce, aad, aad_size, output, size, mac);
    if (result == SOTTO_OK) {
        memcpy(tag, mac, ctr_hmac->tag_size);
    } else {
        if (size > 0)
            memset(output, 0, size);
        memset(tag, 0, ctr_hmac->tag_size);
    }
    sotto_wipe(mac, sizeof mac);
    return result;
}

enum sotto_result sotto_ctr_hmac_open(struct sotto_ctr_hmac *ctr_hmac,
                                      const uint8_t nonce[SOTTO_CTR_HMAC_NONCE_SIZE],
                                      const uint8_t *aad, size_t aad_size, const uint8_t *input,
                                      size_t size, uint8_t *output, const uint8_t *tag) {
    uint8_t mac[MAC_SIZE];
    enum sotto_result result = SOTTO_INTERNAL;
    if (ctr_hmac->tag_size > 0)
        result = compute_mac(ctr_hmac, nonce, aad, aad_size, input, size, mac);
    if (result == SOTTO_OK && !sotto_equal(mac, tag, ctr_hmac->tag_size))
        result = SOTTO_TAMPERED;
    if (result == SOTTO_OK)
        result = sotto_aes_ctr_apply(&ctr_hmac->ctr, nonce, input, size, output);
    else if (size > 0)
        memset(output, 0, size);
    sotto_wipe(mac, sizeof mac); // of a forged frame it is what the forger looks for
    return result;
}

void sotto_ctr_hmac_wipe(struct sotto_ctr_hmac *ctr_hmac) {
    sotto_aes_ctr_wipe(&ctr_hmac->ctr);
    sotto_hmac_wipe(&ctr_hmac->hmac);
    sotto_wipe(ctr_hmac, sizeof *ctr_hmac);
}
