#include "core/sframe.h"

#include "core/hkdf.h"
#include "core/memory.h"
#include "core/wipe.h"

bool sotto_sframe_has_suite(enum sotto_suite suite) {
    return suite == SOTTO_AES_128_GCM_SHA256_128 || suite == SOTTO_AES_256_GCM_SHA512_128;
}

// Bytes of a number in the shortest form, at least 1.
static size_t width_of(uint64_t value) {
    int bits = 64 - __builtin_clzll(value | 1);
    return (size_t)(bits + 7) / 8;
}

// KID and counter each have four bits in the configuration byte: the value itself below 8, else 8
// and the number of bytes that follow, less one.
static uint8_t field_bits(uint64_t value) {
    return (uint8_t)(value < 8 ? value : 8 | (width_of(value) - 1));
}

static void write_field(struct sotto_writer *writer, uint64_t value) {
    if (value >= 8)
        sotto_writer_write_uint(writer, value, width_of(value));
}

static uint64_t parse_field(struct sotto_reader *reader, uint8_t bits) {
    if (bits < 8)
        return bits;
    size_t width = (size_t)(bits & 7) + 1;
    uint64_t value = sotto_reader_read_uint(reader, width);
    if (value < 8 || width_of(value) != width)
        sotto_reader_fail(reader);
    return value;
}

void sotto_sframe_write_header(struct sotto_writer *writer,
                               const struct sotto_sframe_header *header) {
    sotto_writer_write_u8(writer,
                          (uint8_t)(field_bits(header->kid) << 4 | field_bits(header->counter)));
    write_field(writer, header->kid);
    write_field(writer, header->counter);
}

void sotto_sframe_parse_header(struct sotto_reader *reader, struct sotto_sframe_header *header) {
    uint8_t configuration = sotto_reader_read_u8(reader);
    header->kid = parse_field(reader, configuration >> 4);
    header->counter = parse_field(reader, configuration & 15);
    if (reader->failed)
        *header = (struct sotto_sframe_header){0};
}

bool sotto_sframe_parse(struct sotto_sframe *sframe, struct sotto_bytes data) {
    struct sotto_reader reader;
    sotto_reader_init(&reader, data.data, data.size);
    sotto_sframe_parse_header(&reader, &sframe->header);
    size_t header_size = reader.offset;
    size_t rest = sotto_reader_remaining(&reader);
    if (rest < SOTTO_AEAD_TAG_SIZE) {
        *sframe = (struct sotto_sframe){0};
        return false;
    }
    size_t ciphertext_size = rest - SOTTO_AEAD_TAG_SIZE;
    sframe->header_bytes = (struct sotto_bytes){data.data, header_size};
    sframe->ciphertext = (struct sotto_bytes){data.data + header_size, ciphertext_size};
    sframe->tag = data.data + header_size + ciphertext_size;
    return true;
}

// RFC 9605, section 4.4.2: HKDF-Expand over the label, the KID in 8 bytes and the suite in 2.
static enum sotto_result expand(const struct sotto_sframe_key *key, enum sotto_hash hash,
                                struct sotto_bytes secret, struct sotto_bytes label,
                                uint8_t *output, size_t size) {
    uint8_t numbers[10];
    struct sotto_writer writer;
    sotto_writer_init(&writer, numbers, sizeof numbers);
    sotto_writer_write_u64(&writer, key->kid);
    sotto_writer_write_u16(&writer, (uint16_t)key->suite);
    struct sotto_bytes info[] = {label, {numbers, sizeof numbers}};
    return sotto_hkdf_expand(hash, secret, info, 2, output, size);
}

static enum sotto_result derive_key(struct sotto_sframe_key *key, enum sotto_hash hash,
                                    size_t key_size, struct sotto_bytes base_key) {
    uint8_t secret_bytes[SOTTO_HASH_SIZE_MAX];
    uint8_t aead_key[SOTTO_AEAD_KEY_SIZE_MAX];
    struct sotto_bytes no_salt = {NULL, 0};
    struct sotto_bytes secret = {secret_bytes, sotto_hash_size(hash)};
    enum sotto_result result = sotto_hkdf_extract(hash, no_salt, base_key, secret_bytes);
    if (result == SOTTO_OK)
        result = expand(key, hash, secret, SOTTO_BYTES("SFrame 1.0 Secret salt "), key->salt,
                        sizeof key->salt);
    if (result == SOTTO_OK)
        result = expand(key, hash, secret, SOTTO_BYTES("SFrame 1.0 Secret key "), aead_key,
                        key_size);
    if (result == SOTTO_OK)
        result = sotto_aead_init(&key->aead, aead_key, key_size);
    sotto_wipe(secret_bytes, sizeof secret_bytes);
    sotto_wipe(aead_key, sizeof aead_key);
    return result;
}

enum sotto_result sotto_sframe_key_init(struct sotto_sframe_key *key, enum sotto_suite suite,
                                        uint64_t kid, struct sotto_bytes base_key) {
    *key = (struct sotto_sframe_key){.kid = kid, .suite = suite};
    enum sotto_result result = SOTTO_INVALID;
    if (suite == SOTTO_AES_128_GCM_SHA256_128)
        result = derive_key(key, SOTTO_SHA256, 16, base_key);
    else if (suite == SOTTO_AES_256_GCM_SHA512_128)
        result = derive_key(key, SOTTO_SHA512, 32, base_key);
    if (result != SOTTO_OK)
        sotto_sframe_key_wipe(key);
    return result;
}

void sotto_sframe_key_wipe(struct sotto_sframe_key *key) {
    sotto_aead_wipe(&key->aead);
    sotto_wipe(key, sizeof *key);
}

enum { AAD_SIZE_MAX = SOTTO_SFRAME_HEADER_SIZE_MAX + SOTTO_METADATA_SIZE_MAX };

static void write_metadata(struct sotto_writer *writer, const struct sotto_bytes *metadata,
                         size_t metadata_count) {
    for (size_t i = 0; i < metadata_count; i++)
        sotto_writer_write_bytes(writer, metadata[i].data, metadata[i].size);
}

// The salt with the counter, as a number of 12 bytes, added without carry.
static void make_nonce(const struct sotto_sframe_key *key, uint64_t counter,
                       uint8_t nonce[SOTTO_AEAD_NONCE_SIZE]) {
    memcpy(nonce, key->salt, SOTTO_AEAD_NONCE_SIZE);
    for (size_t i = SOTTO_AEAD_NONCE_SIZE; counter > 0; counter >>= 8)
        nonce[--i] ^= (uint8_t)counter;
}

enum sotto_result sotto_sframe_seal(struct sotto_sframe_key *key, uint64_t counter,
                                    const struct sotto_bytes *metadata, size_t metadata_count,
                                    struct sotto_bytes plaintext, uint8_t *output, size_t capacity,
                                    size_t *output_size) {
    *output_size = 0;
    uint8_t aad[AAD_SIZE_MAX];
    struct sotto_writer writer;
    sotto_writer_init(&writer, aad, sizeof aad);
    sotto_sframe_write_header(&writer, &(struct sotto_sframe_header){key->kid, counter});
    size_t header_size = writer.offset;
    write_metadata(&writer, metadata, metadata_count);
    if (writer.failed || plaintext.size > SOTTO_FRAME_SIZE_MAX)
        return SOTTO_INVALID;

    size_t size = header_size + plaintext.size + SOTTO_AEAD_TAG_SIZE;
    if (size > capacity)
        return SOTTO_TOO_SMALL;
    uint8_t nonce[SOTTO_AEAD_NONCE_SIZE];
    make_nonce(key, counter, nonce);
    memcpy(output, aad, header_size);
    uint8_t *ciphertext = output + header_size;
    enum sotto_result result =
        sotto_aead_seal(&key->aead, nonce, aad, writer.offset, plaintext.data, plaintext.size,
                        ciphertext, ciphertext + plaintext.size);
    if (result == SOTTO_OK)
        *output_size = size;
    else
        memset(output, 0, size);
    return result;
}

enum sotto_result sotto_sframe_open(struct sotto_sframe_key *key,
                                    const struct sotto_sframe *sframe,
                                    const struct sotto_bytes *metadata, size_t metadata_count,
                                    uint8_t *output, size_t capacity) {
    uint8_t aad[AAD_SIZE_MAX];
    struct sotto_writer writer;
    sotto_writer_init(&writer, aad, sizeof aad);
    sotto_writer_write_bytes(&writer, sframe->header_bytes.data, sframe->header_bytes.size);
    write_metadata(&writer, metadata, metadata_count);
    if (writer.failed)
        return SOTTO_INVALID;
    if (sframe->ciphertext.size > capacity)
        return SOTTO_TOO_SMALL;

    uint8_t nonce[SOTTO_AEAD_NONCE_SIZE];
    make_nonce(key, sframe->header.counter, nonce);
    return sotto_aead_open(&key->aead, nonce, aad, writer.offset, sframe->ciphertext.data,
                           sframe->ciphertext.size, output, sframe->tag);
}
