#include "core/aead.h"

#include "core/equal.h"
#include "core/memory.h"
#include "core/wipe.h"
#include "wasm/aes.h"
#include "wasm/ghash.h"
#include "wasm/wipe_words.h"
#include "wasm/xor_bytes.h"

// NIST SP 800-38D, section 5.2.1.1: at most 2^39 - 256 bits of plaintext under one nonce.
static const uint64_t input_size_max = (UINT64_C(1) << 36) - 32;

// What sotto_aead.state holds.
struct __attribute__((may_alias)) gcm {
    struct sotto_aes aes;
    struct sotto_ghash_key hash_key;
};

_Static_assert(sizeof(struct gcm) <= SOTTO_AEAD_STATE_SIZE, "the core keeps room for it");

// Section 7.1: with a nonce of 96 bits counter 0 is not used, counter 1 makes the mask of the tag
// and counter 2 begins the data.
enum { MASK_COUNTER = 1 };

// One message under way; wiped at its end.
struct message {
    _Alignas(16) uint8_t keystream[SOTTO_AES_BATCH_SIZE];
    _Alignas(16) uint8_t mask[SOTTO_AEAD_TAG_SIZE]; // of the tag
    struct sotto_ghash hash;
    const struct gcm *gcm; // borrowed, as the nonce is
    const uint8_t *nonce;
};

static void write_keystream(struct message *message, uint32_t first) {
    sotto_aes_write_keystream(&message->gcm->aes, message->nonce, first, message->keystream);
}

static void begin(struct message *message, const struct sotto_aead *aead, const uint8_t *nonce) {
    message->gcm = (const struct gcm *)aead->state;
    message->nonce = nonce;
    write_keystream(message, MASK_COUNTER);
    memcpy(message->mask, message->keystream, sizeof message->mask);
}

// Encrypts or decrypts. The keystream that begins with the mask is there already.
static void apply_keystream(struct message *message, const uint8_t *input, size_t size,
                            uint8_t *output) {
    size_t offset = SOTTO_AEAD_TAG_SIZE;
    for (uint32_t counter = MASK_COUNTER;;) {
        const size_t available = SOTTO_AES_BATCH_SIZE - offset;
        const size_t taken = size < available ? size : available;
        sotto_xor_bytes(output, input, message->keystream + offset, taken);
        size -= taken;
        if (size == 0)
            return;
        input += taken;
        output += taken;
        offset = 0;
        counter += SOTTO_AES_BATCH_COUNT;
        write_keystream(message, counter);
    }
}

static void store_bit_count(uint8_t bytes[8], uint64_t byte_count) {
    uint64_t bits = byte_count * 8;
    for (size_t i = 8; i-- > 0; bits >>= 8)
        bytes[i] = (uint8_t)bits;
}

static uint64_t blocks_of(uint64_t size) {
    return (size + SOTTO_GHASH_BLOCK_SIZE - 1) / SOTTO_GHASH_BLOCK_SIZE;
}

// Section 7.1, steps 4 to 6.
static void write_tag(struct message *message, const uint8_t *aad, size_t aad_size,
                      const uint8_t *ciphertext, size_t size, uint8_t tag[SOTTO_AEAD_TAG_SIZE]) {
    uint8_t lengths[SOTTO_GHASH_BLOCK_SIZE];
    store_bit_count(lengths, aad_size);
    store_bit_count(lengths + 8, size);
    sotto_ghash_init(&message->hash, &message->gcm->hash_key,
                     blocks_of(aad_size) + blocks_of(size) + blocks_of(sizeof lengths));
    sotto_ghash_update(&message->hash, aad, aad_size);
    sotto_ghash_update(&message->hash, ciphertext, size);
    sotto_ghash_update(&message->hash, lengths, sizeof lengths);
    sotto_ghash_finish(&message->hash, tag);
    sotto_xor_bytes(tag, tag, message->mask, SOTTO_AEAD_TAG_SIZE);
}

enum sotto_result sotto_aead_init(struct sotto_aead *aead, const uint8_t *key, size_t key_size) {
    memset(aead, 0, sizeof *aead);
    if (key_size != 16 && key_size != 32)
        return SOTTO_INVALID;
    struct gcm *gcm = (struct gcm *)aead->state;
    sotto_aes_init(&gcm->aes, key, key_size);
    // Section 7.1, step 1: the hash key is the zero block encrypted, which is nonce 0, counter 0.
    static const uint8_t zero_nonce[SOTTO_AEAD_NONCE_SIZE] = {0};
    _Alignas(16) uint8_t keystream[SOTTO_AES_BATCH_SIZE];
    sotto_aes_write_keystream(&gcm->aes, zero_nonce, 0, keystream);
    sotto_ghash_key_init(&gcm->hash_key, keystream);
    sotto_wipe_words(keystream, sizeof keystream);
    return SOTTO_OK;
}

// A wiped key has no rounds.
static bool is_usable(const struct sotto_aead *aead, uint64_t size) {
    return ((const struct gcm *)aead->state)->aes.round_count > 0 && size <= input_size_max;
}

enum sotto_result sotto_aead_seal(struct sotto_aead *aead,
                                  const uint8_t nonce[SOTTO_AEAD_NONCE_SIZE], const uint8_t *aad,
                                  size_t aad_size, const uint8_t *input, size_t size,
                                  uint8_t *output, uint8_t tag[SOTTO_AEAD_TAG_SIZE]) {
    if (!is_usable(aead, size)) {
        sotto_wipe(output, size);
        sotto_wipe(tag, SOTTO_AEAD_TAG_SIZE);
        return SOTTO_INTERNAL;
    }
    struct message message;
    begin(&message, aead, nonce);
    apply_keystream(&message, input, size, output);
    write_tag(&message, aad, aad_size, output, size, tag);
    sotto_wipe_words(&message, sizeof message);
    return SOTTO_OK;
}

enum sotto_result sotto_aead_open(struct sotto_aead *aead,
                                  const uint8_t nonce[SOTTO_AEAD_NONCE_SIZE], const uint8_t *aad,
                                  size_t aad_size, const uint8_t *input, size_t size,
                                  uint8_t *output, const uint8_t tag[SOTTO_AEAD_TAG_SIZE]) {
    if (!is_usable(aead, size)) {
        sotto_wipe(output, size);
        return SOTTO_INTERNAL;
    }
    struct message message;
    begin(&message, aead, nonce);
    uint8_t expected[SOTTO_AEAD_TAG_SIZE];
    write_tag(&message, aad, aad_size, input, size, expected);
    enum sotto_result result;
    if (sotto_equal(expected, tag, sizeof expected)) {
        apply_keystream(&message, input, size, output);
        result = SOTTO_OK;
    } else {
        if (size > 0)
            memset(output, 0, size);
        result = SOTTO_TAMPERED;
    }
    sotto_wipe(expected, sizeof expected);
    sotto_wipe_words(&message, sizeof message);
    return result;
}

void sotto_aead_wipe(struct sotto_aead *aead) {
    sotto_wipe(aead, sizeof *aead);
}
