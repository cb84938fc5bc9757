// Any bytes that parse as an SFrame are taken apart without loss, and open only if they are what
// sealing their plaintext gives.
#include "core/assert.h"
#include "core/sframe.h"

#include <stdlib.h>
#include <string.h>

static const struct sotto_bytes metadata = {(const uint8_t *)"IETF SFrame WG", 14};

static void check_parts(const struct sotto_sframe *sframe, const uint8_t *data, size_t size) {
    SOTTO_ASSERT(sframe->header_bytes.data == data);
    SOTTO_ASSERT(sframe->ciphertext.data == data + sframe->header_bytes.size);
    SOTTO_ASSERT(sframe->tag == sframe->ciphertext.data + sframe->ciphertext.size);
    SOTTO_ASSERT(sframe->tag_size == SOTTO_AEAD_TAG_SIZE);
    SOTTO_ASSERT(sframe->tag + SOTTO_AEAD_TAG_SIZE == data + size);
}

static void check_sealed_again(struct sotto_sframe_key *key, uint64_t counter,
                               struct sotto_bytes plaintext, const uint8_t *data, size_t size) {
    uint8_t *sealed = malloc(size);
    size_t sealed_size;
    SOTTO_ASSERT(sealed);
    SOTTO_ASSERT(sotto_sframe_seal(key, counter, &metadata, 1, plaintext, sealed, size,
                                   &sealed_size) == SOTTO_OK);
    SOTTO_ASSERT(sealed_size == size && memcmp(sealed, data, size) == 0);
    free(sealed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct sotto_sframe sframe;
    if (!sotto_sframe_parse(&sframe, (struct sotto_bytes){data, size})) {
        SOTTO_ASSERT(!sframe.tag && sframe.header.kid == 0 && sframe.header.counter == 0);
        return 0;
    }
    check_parts(&sframe, data, size);

    // Those of the vectors of RFC 9605; the one of suite 4 is in the corpus.
    static const uint8_t base_key[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    struct sotto_sframe_key key;
    SOTTO_ASSERT(sotto_sframe_key_init(&key, SOTTO_AES_128_GCM_SHA256_128, sframe.header.kid,
                                       (struct sotto_bytes){base_key, sizeof base_key}) ==
                 SOTTO_OK);
    uint8_t *opened = malloc(sframe.ciphertext.size + 1);
    SOTTO_ASSERT(opened);
    enum sotto_result result =
        sotto_sframe_open(&key, &sframe, &metadata, 1, opened, sframe.ciphertext.size);
    SOTTO_ASSERT(result == SOTTO_OK || result == SOTTO_TAMPERED);
    if (result == SOTTO_OK)
        check_sealed_again(&key, sframe.header.counter,
                           (struct sotto_bytes){opened, sframe.ciphertext.size}, data, size);
    free(opened);
    sotto_sframe_key_wipe(&key);
    return 0;
}
