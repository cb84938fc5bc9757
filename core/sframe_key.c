#include "core/sframe_key.h"

#include "core/hkdf.h"
#include "core/memory.h"
#include "core/wipe.h"
#include "core/writer.h"

// The secret of a base key, from which all else is expanded.
struct secret {
    uint8_t bytes[SOTTO_HASH_SIZE_MAX];
    enum sotto_hash hash;
};

static enum sotto_result extract(struct secret *secret, const struct sotto_sframe_suite *suite,
                                 struct sotto_bytes base_key) {
    struct sotto_bytes no_salt = {NULL, 0};
    if (!suite || base_key.size == 0)
        return SOTTO_INVALID;
    secret->hash = suite->hash;
    return sotto_hkdf_extract(suite->hash, no_salt, base_key, secret->bytes);
}

static enum sotto_result expand(const struct secret *secret, const struct sotto_bytes *info,
                                size_t info_count, uint8_t *output, size_t size) {
    struct sotto_bytes key = {secret->bytes, sotto_hash_size(secret->hash)};
    return sotto_hkdf_expand(secret->hash, key, info, info_count, output, size);
}

// Section 4.4.2: both labels are followed by the KID in 8 bytes and the suite in 2.
static enum sotto_result expand_both(const struct secret *secret, enum sotto_suite suite,
                                     uint64_t kid, uint8_t *salt, uint8_t *cipher_key,
                                     size_t key_size) {
    uint8_t numbers[10];
    struct sotto_writer writer;
    sotto_writer_init(&writer, numbers, sizeof numbers);
    sotto_writer_write_u64(&writer, kid);
    sotto_writer_write_u16(&writer, (uint16_t)suite);
    const struct sotto_bytes end = {numbers, sizeof numbers};
    const struct sotto_bytes salt_info[] = {SOTTO_BYTES("SFrame 1.0 Secret salt "), end};
    const struct sotto_bytes key_info[] = {SOTTO_BYTES("SFrame 1.0 Secret key "), end};
    enum sotto_result result = expand(secret, salt_info, 2, salt, SOTTO_SFRAME_NONCE_SIZE);
    if (result == SOTTO_OK)
        result = expand(secret, key_info, 2, cipher_key, key_size);
    return result;
}

enum sotto_result
sotto_sframe_key_derive(enum sotto_suite suite, uint64_t kid, struct sotto_bytes base_key,
                        uint8_t salt[SOTTO_SFRAME_NONCE_SIZE],
                        uint8_t cipher_key[SOTTO_SFRAME_CIPHER_KEY_SIZE_MAX]) {
    const struct sotto_sframe_suite *found = sotto_sframe_suite_find(suite);
    struct secret secret;
    enum sotto_result result = extract(&secret, found, base_key);
    if (result == SOTTO_OK)
        result = expand_both(&secret, suite, kid, salt, cipher_key, found->key_size);
    if (result != SOTTO_OK) {
        sotto_wipe(salt, SOTTO_SFRAME_NONCE_SIZE);
        sotto_wipe(cipher_key, SOTTO_SFRAME_CIPHER_KEY_SIZE_MAX);
    }
    sotto_wipe(&secret, sizeof secret);
    return result;
}

enum sotto_result sotto_sframe_key_derive_next(enum sotto_suite suite, struct sotto_bytes base_key,
                                               uint8_t next[SOTTO_HASH_SIZE_MAX]) {
    const struct sotto_bytes label = SOTTO_BYTES("SFrame 1.0 Ratchet");
    struct secret secret;
    enum sotto_result result = extract(&secret, sotto_sframe_suite_find(suite), base_key);
    if (result == SOTTO_OK)
        result = expand(&secret, &label, 1, next, sotto_hash_size(secret.hash));
    if (result != SOTTO_OK)
        sotto_wipe(next, SOTTO_HASH_SIZE_MAX);
    sotto_wipe(&secret, sizeof secret);
    return result;
}

bool sotto_sframe_has_suite(enum sotto_suite suite) {
    return suite == SOTTO_AES_128_GCM_SHA256_128 || suite == SOTTO_AES_256_GCM_SHA512_128;
}

enum sotto_result sotto_sframe_key_init(struct sotto_sframe_key *key, enum sotto_suite suite,
                                        uint64_t kid, struct sotto_bytes base_key) {
    uint8_t cipher_key[SOTTO_SFRAME_CIPHER_KEY_SIZE_MAX];
    *key = (struct sotto_sframe_key){0};
    if (!sotto_sframe_has_suite(suite))
        return SOTTO_INVALID;
    enum sotto_result result = sotto_sframe_key_derive(suite, kid, base_key, key->salt, cipher_key);
    if (result == SOTTO_OK)
        result = sotto_aead_init(&key->aead, cipher_key, sotto_sframe_suite_find(suite)->key_size);
    sotto_wipe(cipher_key, sizeof cipher_key);
    if (result != SOTTO_OK) {
        sotto_sframe_key_wipe(key);
        return result;
    }
    key->kid = kid;
    key->suite = suite;
    return SOTTO_OK;
}

void sotto_sframe_key_wipe(struct sotto_sframe_key *key) {
    sotto_aead_wipe(&key->aead);
    sotto_wipe(key, sizeof *key);
}
