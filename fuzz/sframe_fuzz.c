// Any bytes that parse as an SFrame are taken apart without loss, and the header is written back
// byte for byte: there is one form only.
#include "core/assert.h"
#include "core/sframe.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct sotto_sframe sframe;
    if (!sotto_sframe_parse(&sframe, (struct sotto_bytes){data, size})) {
        SOTTO_ASSERT(!sframe.tag && sframe.header.kid == 0 && sframe.header.counter == 0);
        return 0;
    }
    SOTTO_ASSERT(sframe.header_bytes.data == data);
    SOTTO_ASSERT(sframe.ciphertext.data == data + sframe.header_bytes.size);
    SOTTO_ASSERT(sframe.tag == sframe.ciphertext.data + sframe.ciphertext.size);
    SOTTO_ASSERT(sframe.tag + SOTTO_AEAD_TAG_SIZE == data + size);

    uint8_t written[SOTTO_SFRAME_HEADER_SIZE_MAX];
    struct sotto_writer writer;
    sotto_writer_init(&writer, written, sizeof written);
    sotto_sframe_write_header(&writer, &sframe.header);
    SOTTO_ASSERT(!writer.failed && writer.offset == sframe.header_bytes.size);
    SOTTO_ASSERT(memcmp(written, data, writer.offset) == 0);

    // It does not open under a key that has nothing to do with it, whatever it is.
    static const uint8_t base_key[32] = {1};
    struct sotto_sframe_key key;
    SOTTO_ASSERT(sotto_sframe_key_init(&key, SOTTO_AES_128_GCM_SHA256_128, sframe.header.kid,
                                       (struct sotto_bytes){base_key, sizeof base_key}) ==
                 SOTTO_OK);
    uint8_t *opened = malloc(sframe.ciphertext.size + 1);
    SOTTO_ASSERT(opened);
    SOTTO_ASSERT(sotto_sframe_open(&key, &sframe, NULL, 0, opened, sframe.ciphertext.size) ==
                 SOTTO_TAMPERED);
    free(opened);
    sotto_sframe_key_wipe(&key);
    return 0;
}
