#include "core/hkdf.h"

#include "core/memory.h"
#include "core/wipe.h"

enum sotto_result sotto_hkdf_extract(enum sotto_hash hash, struct sotto_bytes salt,
                                     struct sotto_bytes key_material, uint8_t *key) {
    struct sotto_hmac hmac = {0};
    enum sotto_result result = sotto_hmac_init(&hmac, hash, salt.data, salt.size);
    if (result == SOTTO_OK) {
        sotto_hmac_update(&hmac, key_material.data, key_material.size);
        result = sotto_hmac_finish(&hmac, key);
    }
    if (result != SOTTO_OK)
        sotto_wipe(key, sotto_hash_size(hash));
    sotto_hmac_wipe(&hmac);
    return result;
}

// T(1) | T(2) | ... of the RFC, cut to `size` bytes.
static enum sotto_result expand(struct sotto_hmac *hmac, size_t block_size,
                                const struct sotto_bytes *info, size_t info_count, uint8_t *output,
                                size_t size) {
    uint8_t block[SOTTO_HASH_SIZE_MAX];
    enum sotto_result result = SOTTO_OK;
    for (uint8_t counter = 1; size > 0 && result == SOTTO_OK; counter++) {
        if (counter > 1)
            sotto_hmac_update(hmac, block, block_size);
        for (size_t i = 0; i < info_count; i++)
            sotto_hmac_update(hmac, info[i].data, info[i].size);
        sotto_hmac_update(hmac, &counter, 1);
        result = sotto_hmac_finish(hmac, block);

        size_t part = size < block_size ? size : block_size;
        memcpy(output, block, part);
        output += part;
        size -= part;
    }
    sotto_wipe(block, sizeof block);
    return result;
}

enum sotto_result sotto_hkdf_expand(enum sotto_hash hash, struct sotto_bytes key,
                                    const struct sotto_bytes *info, size_t info_count,
                                    uint8_t *output, size_t size) {
    size_t block_size = sotto_hash_size(hash);
    struct sotto_hmac hmac = {0};
    enum sotto_result result = SOTTO_INVALID;
    if (size <= 255 * block_size)
        result = sotto_hmac_init(&hmac, hash, key.data, key.size);
    if (result == SOTTO_OK)
        result = expand(&hmac, block_size, info, info_count, output, size);
    if (result != SOTTO_OK)
        sotto_wipe(output, size);
    sotto_hmac_wipe(&hmac);
    return result;
}
