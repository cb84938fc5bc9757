// What the tests of the WebAssembly module call beside the product's exports: the primitives by
// themselves. Arguments lie behind one another at the start of the input region, in the order of
// the comments; the tests keep them inside it. Results are 0 or a size, or minus an enum
// sotto_result.
#include "core/aead.h"
#include "core/hkdf.h"
#include "core/memory.h"
#include "core/sframe_any.h"
#include "wasm/export.h"

enum { REGION_SIZE = 1 << 18 };

static uint8_t input[REGION_SIZE];
static uint8_t output[REGION_SIZE];
static struct sotto_aead aead;

SOTTO_EXPORT(input, void) {
    return (int32_t)(uintptr_t)input;
}

SOTTO_EXPORT(output, void) {
    return (int32_t)(uintptr_t)output;
}

// Key.
SOTTO_EXPORT(aead_init, uint32_t key_size) {
    return -(int32_t)sotto_aead_init(&aead, input, key_size);
}

// Nonce, additional data, plaintext; ciphertext and tag come out.
SOTTO_EXPORT(aead_seal, uint32_t aad_size, uint32_t size) {
    const uint8_t *aad = input + SOTTO_AEAD_NONCE_SIZE;
    return -(int32_t)sotto_aead_seal(&aead, input, aad, aad_size, aad + aad_size, size, output,
                                     output + size);
}

// Nonce, additional data, ciphertext of `size` bytes, tag; plaintext comes out.
SOTTO_EXPORT(aead_open, uint32_t aad_size, uint32_t size) {
    const uint8_t *aad = input + SOTTO_AEAD_NONCE_SIZE;
    const uint8_t *ciphertext = aad + aad_size;
    return -(int32_t)sotto_aead_open(&aead, input, aad, aad_size, ciphertext, size, output,
                                     ciphertext + size);
}

SOTTO_EXPORT(aead_wipe, void) {
    sotto_aead_wipe(&aead);
    return 0;
}

// Key, message; `piece_size` bytes of it at a time. Done twice with one key: the second must not
// depend on the first.
SOTTO_EXPORT(hmac, uint32_t hash, uint32_t key_size, uint32_t size, uint32_t piece_size) {
    struct sotto_hmac hmac;
    enum sotto_result result =
        sotto_hmac_init(&hmac, (enum sotto_hash)hash, input, key_size);
    for (int time = 0; time < 2 && result == SOTTO_OK; time++) {
        for (uint32_t offset = 0; offset < size; offset += piece_size)
            sotto_hmac_update(&hmac, input + key_size + offset,
                              size - offset < piece_size ? size - offset : piece_size);
        result = sotto_hmac_finish(&hmac, output);
    }
    sotto_hmac_wipe(&hmac);
    return result == SOTTO_OK ? (int32_t)sotto_hash_size((enum sotto_hash)hash) : -(int32_t)result;
}

// Key. What is left of it afterwards was left by sotto_hmac_init: nothing ran over it since.
SOTTO_EXPORT(hmac_init_and_wipe, uint32_t hash, uint32_t key_size) {
    static struct sotto_hmac hmac;
    const enum sotto_result result =
        sotto_hmac_init(&hmac, (enum sotto_hash)hash, input, key_size);
    sotto_hmac_wipe(&hmac);
    return -(int32_t)result;
}

// Key material, salt, info.
SOTTO_EXPORT(hkdf, uint32_t hash, uint32_t material_size, uint32_t salt_size, uint32_t info_size,
             uint32_t size) {
    const struct sotto_bytes material = {input, material_size};
    const struct sotto_bytes salt = {input + material_size, salt_size};
    const struct sotto_bytes info = {salt.data + salt_size, info_size};
    uint8_t bytes[SOTTO_HASH_SIZE_MAX];
    const struct sotto_bytes key = {bytes, sotto_hash_size((enum sotto_hash)hash)};
    enum sotto_result result = sotto_hkdf_extract((enum sotto_hash)hash, salt, material, bytes);
    if (result == SOTTO_OK)
        result = sotto_hkdf_expand((enum sotto_hash)hash, key, &info, 1, output, size);
    return -(int32_t)result;
}

// Key id and counter, 8 bytes each; the header comes out. Returns its size.
SOTTO_EXPORT(sframe_write_header, void) {
    struct sotto_sframe_header header;
    memcpy(&header.kid, input, 8);
    memcpy(&header.counter, input + 8, 8);
    struct sotto_writer writer;
    sotto_writer_init(&writer, output, SOTTO_SFRAME_HEADER_SIZE_MAX);
    sotto_sframe_header_write(&writer, &header);
    return (int32_t)writer.offset;
}

// A header; key id and counter come out, 8 bytes each.
SOTTO_EXPORT(sframe_parse_header, uint32_t size) {
    struct sotto_sframe_header header;
    struct sotto_reader reader;
    sotto_reader_init(&reader, input, size);
    sotto_sframe_header_parse(&reader, &header);
    memcpy(output, &header.kid, 8);
    memcpy(output + 8, &header.counter, 8);
    return reader.failed || sotto_reader_remaining(&reader) > 0 ? -(int32_t)SOTTO_INVALID : 0;
}

// Key id and counter, 8 bytes each; base key, metadata, plaintext. Returns the size of the SFrame.
SOTTO_EXPORT(sframe_seal, uint32_t suite, uint32_t base_key_size, uint32_t metadata_size,
             uint32_t size) {
    uint64_t kid, counter;
    memcpy(&kid, input, 8);
    memcpy(&counter, input + 8, 8);
    const struct sotto_bytes base_key = {input + 16, base_key_size};
    const struct sotto_bytes metadata = {base_key.data + base_key_size, metadata_size};
    const struct sotto_bytes plaintext = {metadata.data + metadata_size, size};
    struct sotto_sframe_any key;
    size_t sframe_size = 0;
    enum sotto_result result =
        sotto_sframe_any_init(&key, (enum sotto_suite)suite, kid, base_key);
    if (result == SOTTO_OK)
        result = sotto_sframe_any_seal(&key, counter, &metadata, 1, plaintext, output,
                                       sizeof output, &sframe_size);
    sotto_sframe_any_wipe(&key);
    return result == SOTTO_OK ? (int32_t)sframe_size : -(int32_t)result;
}

// Base key, metadata, SFrame of `size` bytes. Returns the size of the plaintext.
SOTTO_EXPORT(sframe_open, uint32_t suite, uint32_t base_key_size, uint32_t metadata_size,
             uint32_t size) {
    const struct sotto_bytes base_key = {input, base_key_size};
    const struct sotto_bytes metadata = {input + base_key_size, metadata_size};
    const struct sotto_bytes wire = {metadata.data + metadata_size, size};
    struct sotto_sframe sframe;
    if (!sotto_sframe_any_parse(&sframe, (enum sotto_suite)suite, wire))
        return -(int32_t)SOTTO_NOT_SEALED;
    struct sotto_sframe_any key;
    enum sotto_result result =
        sotto_sframe_any_init(&key, (enum sotto_suite)suite, sframe.header.kid, base_key);
    if (result == SOTTO_OK)
        result = sotto_sframe_any_open(&key, &sframe, &metadata, 1, output, sizeof output);
    sotto_sframe_any_wipe(&key);
    return result == SOTTO_OK ? (int32_t)sframe.ciphertext.size : -(int32_t)result;
}
