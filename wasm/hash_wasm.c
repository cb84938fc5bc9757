#include "core/hash.h"

#include "core/memory.h"
#include "core/wipe.h"
#include "wasm/sha2.h"
#include "wasm/wipe_words.h"

union chain {
    uint32_t sha256[8];
    uint64_t sha512[8];
};

// What sotto_hmac.state holds. The states after the two padded keys are kept: a message then costs
// its own blocks and one more, which is what PBKDF2 asks for over and over.
struct __attribute__((may_alias)) hmac {
    union chain inner;
    union chain outer;
    union chain chain; // of the message so far
    uint64_t size;     // bytes hashed so far, the padded key included
    size_t block_size; // 0 once wiped
    enum sotto_hash hash;
    uint8_t block[SOTTO_SHA512_BLOCK_SIZE]; // the part of a block that is there
};

_Static_assert(sizeof(struct hmac) <= SOTTO_HMAC_STATE_SIZE, "the core keeps room for it");

size_t sotto_hash_size(enum sotto_hash hash) {
    return hash == SOTTO_SHA512 ? 64 : 32;
}

static void begin(struct hmac *hmac) {
    hmac->size = 0;
    if (hmac->hash == SOTTO_SHA512)
        sotto_sha512_init(hmac->chain.sha512);
    else
        sotto_sha256_init(hmac->chain.sha256);
}

static void compress(struct hmac *hmac, const uint8_t *block) {
    if (hmac->hash == SOTTO_SHA512)
        sotto_sha512_compress(hmac->chain.sha512, block);
    else
        sotto_sha256_compress(hmac->chain.sha256, block);
}

static void update(struct hmac *hmac, const uint8_t *data, size_t size) {
    const size_t whole = hmac->block_size;
    while (size > 0) {
        const size_t filled = (size_t)(hmac->size % whole);
        const size_t room = whole - filled;
        const size_t taken = size < room ? size : room;
        if (taken == whole) {
            compress(hmac, data);
        } else {
            memcpy(hmac->block + filled, data, taken);
            if (taken == room)
                compress(hmac, hmac->block);
        }
        hmac->size += taken;
        data += taken;
        size -= taken;
    }
}

static void store_big_endian(uint8_t *bytes, uint64_t number, size_t size) {
    for (size_t i = size; i-- > 0; number >>= 8)
        bytes[i] = (uint8_t)number;
}

// FIPS 180-4, section 5.1: a one bit, zeros, and the length in bits at the end of a block.
static void finish(struct hmac *hmac, uint8_t *digest) {
    const size_t whole = hmac->block_size;
    const size_t length_size = whole / 8;
    size_t filled = (size_t)(hmac->size % whole);
    hmac->block[filled++] = 0x80;
    if (filled > whole - length_size) {
        memset(hmac->block + filled, 0, whole - filled);
        compress(hmac, hmac->block);
        filled = 0;
    }
    memset(hmac->block + filled, 0, whole - filled);
    store_big_endian(hmac->block + whole - 8, hmac->size * 8, 8);
    compress(hmac, hmac->block);
    for (size_t i = 0; i < 8; i++) {
        if (hmac->hash == SOTTO_SHA512)
            store_big_endian(digest + 8 * i, hmac->chain.sha512[i], 8);
        else
            store_big_endian(digest + 4 * i, hmac->chain.sha256[i], 4);
    }
}

// The hash goes on from `chain`, which has taken in one block.
static void go_on_from(struct hmac *hmac, const union chain *chain) {
    hmac->chain = *chain;
    hmac->size = hmac->block_size;
}

static void take_in_padded_key(struct hmac *hmac, const uint8_t *key, uint8_t pad,
                               union chain *chain) {
    for (size_t i = 0; i < hmac->block_size; i++)
        hmac->block[i] = key[i] ^ pad;
    begin(hmac);
    compress(hmac, hmac->block);
    *chain = hmac->chain;
}

enum sotto_result sotto_hmac_init(struct sotto_hmac *state, enum sotto_hash hash,
                                  const uint8_t *key, size_t key_size) {
    memset(state, 0, sizeof *state);
    if (hash != SOTTO_SHA256 && hash != SOTTO_SHA512)
        return SOTTO_INVALID;
    struct hmac *hmac = (struct hmac *)state->state;
    hmac->hash = hash;
    hmac->block_size = hash == SOTTO_SHA512 ? SOTTO_SHA512_BLOCK_SIZE : SOTTO_SHA256_BLOCK_SIZE;

    // RFC 2104, section 2: a key longer than a block is replaced by its hash.
    _Alignas(8) uint8_t key_block[SOTTO_SHA512_BLOCK_SIZE] = {0};
    if (key_size > hmac->block_size) {
        begin(hmac);
        update(hmac, key, key_size);
        finish(hmac, key_block);
    } else if (key_size > 0) {
        memcpy(key_block, key, key_size);
    }
    take_in_padded_key(hmac, key_block, 0x36, &hmac->inner);
    take_in_padded_key(hmac, key_block, 0x5c, &hmac->outer);
    go_on_from(hmac, &hmac->inner);
    sotto_wipe_words(key_block, sizeof key_block);
    sotto_wipe(hmac->block, sizeof hmac->block);
    return SOTTO_OK;
}

void sotto_hmac_update(struct sotto_hmac *state, const uint8_t *data, size_t size) {
    struct hmac *hmac = (struct hmac *)state->state;
    if (hmac->block_size > 0)
        update(hmac, data, size);
}

enum sotto_result sotto_hmac_finish(struct sotto_hmac *state, uint8_t *mac) {
    struct hmac *hmac = (struct hmac *)state->state;
    if (hmac->block_size == 0) {
        sotto_wipe(mac, sotto_hash_size(hmac->hash));
        return SOTTO_INTERNAL;
    }
    finish(hmac, mac);
    go_on_from(hmac, &hmac->outer);
    update(hmac, mac, sotto_hash_size(hmac->hash));
    finish(hmac, mac);
    go_on_from(hmac, &hmac->inner);
    return SOTTO_OK;
}

void sotto_hmac_wipe(struct sotto_hmac *state) {
    sotto_wipe(state, sizeof *state);
}
