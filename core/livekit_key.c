#include "core/livekit_key.h"

#include "core/hkdf.h"
#include "core/limits.h"
#include "core/wipe.h"

static bool is_valid(struct sotto_bytes material, struct sotto_bytes salt) {
    return material.size > 0 && salt.size <= SOTTO_LIVEKIT_SALT_SIZE_MAX;
}

// Known to whoever has the key, and to nobody else.
static enum sotto_result name_key(struct sotto_livekit_key *key) {
    const struct sotto_bytes secret = {key->bytes, sizeof key->bytes};
    const struct sotto_bytes label = SOTTO_BYTES("sotto livekit key id");
    uint8_t bytes[8];
    const enum sotto_result result =
        sotto_hkdf_expand(SOTTO_SHA256, secret, &label, 1, bytes, sizeof bytes);
    key->id = 0;
    for (size_t i = 0; i < sizeof bytes; i++)
        key->id = key->id << 8 | bytes[i];
    key->id |= UINT64_C(1) << 63;
    if (result != SOTTO_OK)
        sotto_wipe(key, sizeof *key);
    return result;
}

enum sotto_result sotto_livekit_key_derive_hkdf(struct sotto_livekit_key *key,
                                                struct sotto_bytes material,
                                                struct sotto_bytes salt) {
    static const uint8_t zeros[128];
    const struct sotto_bytes info = {zeros, sizeof zeros};
    uint8_t extracted[SOTTO_HASH_SIZE_MAX];
    enum sotto_result result = SOTTO_INVALID;
    if (is_valid(material, salt))
        result = sotto_hkdf_extract(SOTTO_SHA256, salt, material, extracted);
    if (result == SOTTO_OK)
        result = sotto_hkdf_expand(SOTTO_SHA256,
                                   (struct sotto_bytes){extracted, sotto_hash_size(SOTTO_SHA256)},
                                   &info, 1, key->bytes, sizeof key->bytes);
    if (result == SOTTO_OK)
        result = name_key(key);
    else
        sotto_wipe(key, sizeof *key);
    sotto_wipe(extracted, sizeof extracted);
    return result;
}

enum sotto_result sotto_livekit_key_init_pbkdf2(struct sotto_pbkdf2 *pbkdf2,
                                                struct sotto_bytes material,
                                                struct sotto_bytes salt) {
    if (!is_valid(material, salt)) {
        *pbkdf2 = (struct sotto_pbkdf2){.result = SOTTO_INVALID};
        return SOTTO_INVALID;
    }
    return sotto_pbkdf2_init(pbkdf2, material, &salt, 1, SOTTO_LIVEKIT_ROUNDS);
}

enum sotto_result sotto_livekit_key_finish_pbkdf2(struct sotto_livekit_key *key,
                                                  const struct sotto_pbkdf2 *pbkdf2) {
    enum sotto_result result = sotto_pbkdf2_finish(pbkdf2, key->bytes);
    if (result == SOTTO_OK)
        result = name_key(key);
    else
        sotto_wipe(key, sizeof *key);
    return result;
}

enum sotto_result sotto_livekit_key_derive(struct sotto_livekit_key *key,
                                           enum sotto_livekit_kdf kdf,
                                           struct sotto_bytes material, struct sotto_bytes salt) {
    if (kdf == SOTTO_LIVEKIT_HKDF)
        return sotto_livekit_key_derive_hkdf(key, material, salt);
    struct sotto_pbkdf2 pbkdf2;
    // A failed init is remembered: finish repeats it and leaves zeros.
    if (sotto_livekit_key_init_pbkdf2(&pbkdf2, material, salt) == SOTTO_OK)
        (void)sotto_pbkdf2_step(&pbkdf2, SOTTO_LIVEKIT_ROUNDS);
    const enum sotto_result result = sotto_livekit_key_finish_pbkdf2(key, &pbkdf2);
    sotto_pbkdf2_wipe(&pbkdf2);
    return result;
}
