#include "core/sframe.h"

#include "core/sframe_message.h"

static inline bool parse(struct sotto_sframe *sframe, size_t tag_size, struct sotto_bytes data) {
    struct sotto_reader reader;
    sotto_reader_init(&reader, data.data, data.size);
    sotto_sframe_header_parse(&reader, &sframe->header);
    size_t header_size = reader.offset;
    size_t rest = sotto_reader_remaining(&reader);
    if (rest < tag_size) {
        *sframe = (struct sotto_sframe){0};
        return false;
    }
    size_t ciphertext_size = rest - tag_size;
    const uint8_t *ciphertext = data.data + header_size;
    sframe->header_bytes = (struct sotto_bytes){data.data, header_size};
    sframe->ciphertext = (struct sotto_bytes){ciphertext, ciphertext_size};
    sframe->tag = ciphertext + ciphertext_size;
    sframe->tag_size = tag_size;
    return true;
}

bool sotto_sframe_parse(struct sotto_sframe *sframe, struct sotto_bytes data) {
    return parse(sframe, SOTTO_AEAD_TAG_SIZE, data);
}

bool sotto_sframe_parse_with_tag(struct sotto_sframe *sframe, size_t tag_size,
                                 struct sotto_bytes data) {
    return parse(sframe, tag_size, data);
}

enum sotto_result sotto_sframe_seal(struct sotto_sframe_key *key, uint64_t counter,
                                    const struct sotto_bytes *metadata, size_t metadata_count,
                                    struct sotto_bytes plaintext, uint8_t *output, size_t capacity,
                                    size_t *output_size) {
    struct sotto_sframe_message message;
    const struct sotto_sframe_header header = {key->kid, counter};
    *output_size = 0;
    enum sotto_result result = sotto_sframe_message_begin_seal(
        &message, &header, key->salt, SOTTO_AEAD_TAG_SIZE, metadata, metadata_count, plaintext.size,
        output, capacity);
    if (result != SOTTO_OK)
        return result;
    result = sotto_aead_seal(&key->aead, message.nonce, message.aad, message.aad_size,
                             plaintext.data, plaintext.size, message.ciphertext,
                             message.ciphertext + plaintext.size);
    return sotto_sframe_message_end_seal(&message, result, output, output_size);
}

enum sotto_result sotto_sframe_open(struct sotto_sframe_key *key,
                                    const struct sotto_sframe *sframe,
                                    const struct sotto_bytes *metadata, size_t metadata_count,
                                    uint8_t *output, size_t capacity) {
    struct sotto_sframe_message message;
    enum sotto_result result =
        sotto_sframe_message_begin_open(&message, sframe, key->salt, SOTTO_AEAD_TAG_SIZE, metadata,
                                        metadata_count, capacity);
    if (result != SOTTO_OK)
        return result;
    return sotto_aead_open(&key->aead, message.nonce, message.aad, message.aad_size,
                           sframe->ciphertext.data, sframe->ciphertext.size, output,
                           sframe->tag);
}
