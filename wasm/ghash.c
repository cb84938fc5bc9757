#include "wasm/ghash.h"

#include "core/memory.h"
#include "core/wipe.h"

void sotto_ghash_key_init(struct sotto_ghash_key *key, const uint8_t h[SOTTO_GHASH_BLOCK_SIZE]) {
    // A group with this block alone, at its end, makes the block times H: the higher powers, not
    // there yet, meet zeros.
    _Alignas(16) uint8_t group[SOTTO_GHASH_GROUP_SIZE] = {0};
    uint8_t *power = group + SOTTO_GHASH_GROUP_SIZE - SOTTO_GHASH_BLOCK_SIZE;
    uint8_t product[SOTTO_GHASH_BLOCK_SIZE];
    memset(key, 0, sizeof *key);
    memcpy(power, h, SOTTO_GHASH_BLOCK_SIZE);
    for (size_t exponent = 1; exponent <= SOTTO_GHASH_GROUP_COUNT; exponent++) {
        sotto_ghash_key_load_power(key, exponent, power);
        memset(product, 0, sizeof product);
        sotto_ghash_multiply(key, product, group);
        memcpy(power, product, sizeof product);
    }
    sotto_wipe(group, sizeof group);
    sotto_wipe(product, sizeof product);
}

void sotto_ghash_init(struct sotto_ghash *hash, const struct sotto_ghash_key *key) {
    hash->key = key;
    hash->pending_count = 0;
    memset(hash->y, 0, sizeof hash->y);
}

// Adds up to one block, filled up with zeros.
static void add_block(struct sotto_ghash *hash, const uint8_t *data, size_t size) {
    uint8_t *block = hash->pending + hash->pending_count * SOTTO_GHASH_BLOCK_SIZE;
    if (size < SOTTO_GHASH_BLOCK_SIZE) {
        memset(block, 0, SOTTO_GHASH_BLOCK_SIZE);
        memcpy(block, data, size);
    } else {
        __builtin_memcpy(block, data, SOTTO_GHASH_BLOCK_SIZE);
    }
    if (++hash->pending_count < SOTTO_GHASH_GROUP_COUNT)
        return;
    sotto_ghash_multiply(hash->key, hash->y, hash->pending);
    hash->pending_count = 0;
}

void sotto_ghash_update(struct sotto_ghash *hash, const uint8_t *data, size_t size) {
    while (size > 0) {
        size_t taken = size < SOTTO_GHASH_BLOCK_SIZE ? size : SOTTO_GHASH_BLOCK_SIZE;
        if (hash->pending_count == 0 && size >= SOTTO_GHASH_GROUP_SIZE) {
            taken = SOTTO_GHASH_GROUP_SIZE;
            sotto_ghash_multiply(hash->key, hash->y, data);
        } else {
            add_block(hash, data, taken);
        }
        data += taken;
        size -= taken;
    }
}

void sotto_ghash_finish(struct sotto_ghash *hash, uint8_t digest[SOTTO_GHASH_BLOCK_SIZE]) {
    if (hash->pending_count > 0) {
        // The last group is filled up in front; y belongs to its first block that is not filling.
        const size_t size = hash->pending_count * SOTTO_GHASH_BLOCK_SIZE;
        for (size_t i = 0; i < SOTTO_GHASH_BLOCK_SIZE; i++)
            hash->pending[i] ^= hash->y[i];
        memset(hash->y, 0, sizeof hash->y);
        memmove(hash->pending + SOTTO_GHASH_GROUP_SIZE - size, hash->pending, size);
        memset(hash->pending, 0, SOTTO_GHASH_GROUP_SIZE - size);
        sotto_ghash_multiply(hash->key, hash->y, hash->pending);
        hash->pending_count = 0;
    }
    memcpy(digest, hash->y, SOTTO_GHASH_BLOCK_SIZE);
}
