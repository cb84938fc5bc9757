#include "wasm/ghash.h"

#include "core/assert.h"
#include "core/memory.h"
#include "core/wipe.h"

void sotto_ghash_key_init(struct sotto_ghash_key *key, const uint8_t h[SOTTO_GHASH_BLOCK_SIZE]) {
    static const uint8_t zero[SOTTO_GHASH_BLOCK_SIZE] = {0};
    _Alignas(16) uint8_t power[SOTTO_GHASH_BLOCK_SIZE];
    memcpy(power, h, sizeof power);
    sotto_ghash_key_load_power(key, 1, power);
    for (size_t exponent = 2; exponent <= SOTTO_GHASH_GROUP_COUNT; exponent++) {
        sotto_ghash_multiply(key, power, zero, 1);
        sotto_ghash_key_load_power(key, exponent, power);
    }
    sotto_wipe(power, sizeof power);
}

void sotto_ghash_init(struct sotto_ghash *hash, const struct sotto_ghash_key *key,
                      uint64_t block_count) {
    hash->key = key;
    hash->group_count = (size_t)((block_count - 1) % SOTTO_GHASH_GROUP_COUNT) + 1;
    hash->pending_count = 0;
    memset(hash->y, 0, sizeof hash->y);
}

static void multiply(struct sotto_ghash *hash, const uint8_t *blocks) {
    sotto_ghash_multiply(hash->key, hash->y, blocks, hash->group_count);
    hash->group_count = SOTTO_GHASH_GROUP_COUNT;
    hash->pending_count = 0;
}

// Adds up to one block, filled up with zeros.
static void add_block(struct sotto_ghash *hash, const uint8_t *data, size_t size) {
    uint8_t *block = hash->pending + hash->pending_count * SOTTO_GHASH_BLOCK_SIZE;
    if (size < SOTTO_GHASH_BLOCK_SIZE) {
        __builtin_memset(block, 0, SOTTO_GHASH_BLOCK_SIZE);
        memcpy(block, data, size);
    } else {
        __builtin_memcpy(block, data, SOTTO_GHASH_BLOCK_SIZE);
    }
    if (++hash->pending_count == hash->group_count)
        multiply(hash, hash->pending);
}

void sotto_ghash_update(struct sotto_ghash *hash, const uint8_t *data, size_t size) {
    while (size > 0) {
        const size_t group_size = hash->group_count * SOTTO_GHASH_BLOCK_SIZE;
        size_t taken = size < SOTTO_GHASH_BLOCK_SIZE ? size : SOTTO_GHASH_BLOCK_SIZE;
        if (hash->pending_count == 0 && size >= group_size) {
            taken = group_size;
            multiply(hash, data);
        } else {
            add_block(hash, data, taken);
        }
        data += taken;
        size -= taken;
    }
}

void sotto_ghash_finish(const struct sotto_ghash *hash, uint8_t digest[SOTTO_GHASH_BLOCK_SIZE]) {
    SOTTO_ASSERT(hash->pending_count == 0);
    memcpy(digest, hash->y, SOTTO_GHASH_BLOCK_SIZE);
}
