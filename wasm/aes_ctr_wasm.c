#include "core/aes_ctr.h"

#include "core/memory.h"
#include "core/wipe.h"
#include "wasm/aes.h"
#include "wasm/wipe_words.h"
#include "wasm/xor_bytes.h"

enum { INPUT_SIZE_MAX = 0x7fffffff }; // as the contract says; the counter would go on to 2^36

// What sotto_aes_ctr.state holds.
struct __attribute__((may_alias)) ctr {
    struct sotto_aes aes;
};

_Static_assert(sizeof(struct ctr) <= SOTTO_AES_CTR_STATE_SIZE, "the core keeps room for it");
_Static_assert((int)SOTTO_AES_NONCE_SIZE == SOTTO_AES_CTR_NONCE_SIZE, "both count in 32 bits");

enum sotto_result sotto_aes_ctr_init(struct sotto_aes_ctr *ctr,
                                     const uint8_t key[SOTTO_AES_CTR_KEY_SIZE]) {
    memset(ctr, 0, sizeof *ctr);
    sotto_aes_init(&((struct ctr *)ctr->state)->aes, key, SOTTO_AES_CTR_KEY_SIZE);
    return SOTTO_OK;
}

enum sotto_result sotto_aes_ctr_apply(struct sotto_aes_ctr *ctr,
                                      const uint8_t nonce[SOTTO_AES_CTR_NONCE_SIZE],
                                      const uint8_t *input, size_t size, uint8_t *output) {
    const struct sotto_aes *aes = &((const struct ctr *)ctr->state)->aes;
    // A wiped key has no rounds.
    if (aes->round_count == 0 || size > INPUT_SIZE_MAX) {
        sotto_wipe(output, size);
        return SOTTO_INTERNAL;
    }
    _Alignas(16) uint8_t keystream[SOTTO_AES_BATCH_SIZE];
    for (size_t offset = 0; offset < size; offset += SOTTO_AES_BATCH_SIZE) {
        const size_t rest = size - offset;
        sotto_aes_write_keystream(aes, nonce, (uint32_t)(offset / SOTTO_AES_BLOCK_SIZE), keystream);
        sotto_xor_bytes(output + offset, input + offset, keystream,
                        rest < SOTTO_AES_BATCH_SIZE ? rest : SOTTO_AES_BATCH_SIZE);
    }
    sotto_wipe_words(keystream, sizeof keystream);
    return SOTTO_OK;
}

void sotto_aes_ctr_wipe(struct sotto_aes_ctr *ctr) {
    sotto_wipe(ctr, sizeof *ctr);
}
