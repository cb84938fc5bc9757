#include "core/sframe_any.h"

#include "core/sframe_message.h"
#include "core/wipe.h"

static enum sotto_result init_ctr_hmac(struct sotto_sframe_any *key, enum sotto_suite suite,
                                       uint64_t kid, struct sotto_bytes base_key) {
    const struct sotto_sframe_suite *found = sotto_sframe_suite_find(suite);
    uint8_t cipher_key[SOTTO_SFRAME_CIPHER_KEY_SIZE_MAX];
    if (!found)
        return SOTTO_INVALID;
    key->ctr_hmac.kid = kid;
    enum sotto_result result =
        sotto_sframe_key_derive(suite, kid, base_key, key->ctr_hmac.salt, cipher_key);
    if (result == SOTTO_OK)
        result = sotto_ctr_hmac_init(&key->ctr_hmac.cipher, cipher_key, found->tag_size);
    sotto_wipe(cipher_key, sizeof cipher_key);
    return result;
}

enum sotto_result sotto_sframe_any_init(struct sotto_sframe_any *key, enum sotto_suite suite,
                                        uint64_t kid, struct sotto_bytes base_key) {
    memset(key, 0, sizeof *key);
    key->suite = suite;
    enum sotto_result result = sotto_sframe_has_suite(suite)
                                   ? sotto_sframe_key_init(&key->gcm, suite, kid, base_key)
                                   : init_ctr_hmac(key, suite, kid, base_key);
    if (result != SOTTO_OK)
        sotto_sframe_any_wipe(key);
    return result;
}

bool sotto_sframe_any_parse(struct sotto_sframe *sframe, enum sotto_suite suite,
                            struct sotto_bytes data) {
    const struct sotto_sframe_suite *found = sotto_sframe_suite_find(suite);
    *sframe = (struct sotto_sframe){0};
    return found && sotto_sframe_parse_with_tag(sframe, found->tag_size, data);
}

static enum sotto_result seal_ctr_hmac(struct sotto_sframe_any *key, uint64_t counter,
                                       const struct sotto_bytes *metadata, size_t metadata_count,
                                       struct sotto_bytes plaintext, uint8_t *output,
                                       size_t capacity, size_t *output_size) {
    struct sotto_ctr_hmac *cipher = &key->ctr_hmac.cipher;
    struct sotto_sframe_message message;
    const struct sotto_sframe_header header = {key->ctr_hmac.kid, counter};
    enum sotto_result result = sotto_sframe_message_begin_seal(
        &message, &header, key->ctr_hmac.salt, cipher->tag_size, metadata, metadata_count,
        plaintext.size, output, capacity);
    if (result != SOTTO_OK)
        return result;
    result = sotto_ctr_hmac_seal(cipher, message.nonce, message.aad, message.aad_size,
                                 plaintext.data, plaintext.size, message.ciphertext,
                                 message.ciphertext + plaintext.size);
    return sotto_sframe_message_end_seal(&message, result, output, output_size);
}

enum sotto_result sotto_sframe_any_seal(struct sotto_sframe_any *key, uint64_t counter,
                                        const struct sotto_bytes *metadata, size_t metadata_count,
                                        struct sotto_bytes plaintext, uint8_t *output,
                                        size_t capacity, size_t *output_size) {
    *output_size = 0;
    if (key->suite == 0)
        return SOTTO_INVALID;
    if (sotto_sframe_has_suite(key->suite))
        return sotto_sframe_seal(&key->gcm, counter, metadata, metadata_count, plaintext, output,
                                 capacity, output_size);
    return seal_ctr_hmac(key, counter, metadata, metadata_count, plaintext, output, capacity,
                         output_size);
}

static enum sotto_result open_ctr_hmac(struct sotto_sframe_any *key,
                                       const struct sotto_sframe *sframe,
                                       const struct sotto_bytes *metadata, size_t metadata_count,
                                       uint8_t *output, size_t capacity) {
    struct sotto_ctr_hmac *cipher = &key->ctr_hmac.cipher;
    struct sotto_sframe_message message;
    enum sotto_result result =
        sotto_sframe_message_begin_open(&message, sframe, key->ctr_hmac.salt, cipher->tag_size,
                                        metadata, metadata_count, capacity);
    if (result != SOTTO_OK)
        return result;
    return sotto_ctr_hmac_open(cipher, message.nonce, message.aad, message.aad_size,
                               sframe->ciphertext.data, sframe->ciphertext.size, output,
                               sframe->tag);
}

enum sotto_result sotto_sframe_any_open(struct sotto_sframe_any *key,
                                        const struct sotto_sframe *sframe,
                                        const struct sotto_bytes *metadata, size_t metadata_count,
                                        uint8_t *output, size_t capacity) {
    if (key->suite == 0)
        return SOTTO_INVALID;
    if (sotto_sframe_has_suite(key->suite))
        return sotto_sframe_open(&key->gcm, sframe, metadata, metadata_count, output, capacity);
    return open_ctr_hmac(key, sframe, metadata, metadata_count, output, capacity);
}

void sotto_sframe_any_wipe(struct sotto_sframe_any *key) {
    if (sotto_sframe_has_suite(key->suite))
        sotto_sframe_key_wipe(&key->gcm);
    else
        sotto_ctr_hmac_wipe(&key->ctr_hmac.cipher);
    sotto_wipe(key, sizeof *key);
}
