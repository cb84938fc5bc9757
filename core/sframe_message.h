// All of sealing and opening an SFrame but the cipher (RFC 9605, sections 4.4.3 and 4.4.4): sizes,
// the nonce, and what is authenticated. For core/sframe.c and core/sframe_any.c; inline, as there
// is one caller in each and a call would show in what a frame costs.
#ifndef SOTTO_CORE_SFRAME_MESSAGE_H
#define SOTTO_CORE_SFRAME_MESSAGE_H

#include "core/memory.h"
#include "core/sframe.h"

struct sotto_sframe_message {
    uint8_t nonce[SOTTO_SFRAME_NONCE_SIZE];
    uint8_t aad[SOTTO_SFRAME_HEADER_SIZE_MAX + SOTTO_METADATA_SIZE_MAX];
    size_t aad_size;
    uint8_t *ciphertext; // where it comes to lie, when sealing
    size_t size;         // of the whole SFrame, when sealing
};

// The salt with the counter, as a number of 12 bytes, added without carry.
static inline void sotto_sframe_message_set_nonce(struct sotto_sframe_message *message,
                                                  const uint8_t salt[SOTTO_SFRAME_NONCE_SIZE],
                                                  uint64_t counter) {
    memcpy(message->nonce, salt, SOTTO_SFRAME_NONCE_SIZE);
    for (size_t i = SOTTO_SFRAME_NONCE_SIZE; counter > 0; counter >>= 8)
        message->nonce[--i] ^= (uint8_t)counter;
}

// What a short header leaves free in the buffer is not for metadata: with a longer one there would
// be no room for as much.
static inline void sotto_sframe_message_write_metadata(struct sotto_writer *writer,
                                                       const struct sotto_bytes *metadata,
                                                       size_t metadata_count) {
    const size_t header_size = writer->offset;
    for (size_t i = 0; i < metadata_count; i++)
        sotto_writer_write_bytes(writer, metadata[i].data, metadata[i].size);
    if (writer->offset - header_size > SOTTO_METADATA_SIZE_MAX)
        writer->failed = true;
}

// Checks what is to be sealed and writes the header to `output`.
static inline enum sotto_result sotto_sframe_message_begin_seal(
    struct sotto_sframe_message *message, const struct sotto_sframe_header *header,
    const uint8_t salt[SOTTO_SFRAME_NONCE_SIZE], size_t tag_size,
    const struct sotto_bytes *metadata, size_t metadata_count, size_t plaintext_size,
    uint8_t *output, size_t capacity) {
    struct sotto_writer writer;
    sotto_writer_init(&writer, message->aad, sizeof message->aad);
    sotto_sframe_header_write(&writer, header);
    size_t header_size = writer.offset;
    sotto_sframe_message_write_metadata(&writer, metadata, metadata_count);
    if (writer.failed || plaintext_size > SOTTO_FRAME_SIZE_MAX)
        return SOTTO_INVALID;

    message->aad_size = writer.offset;
    message->size = header_size + plaintext_size + tag_size;
    if (message->size > capacity)
        return SOTTO_TOO_SMALL;
    message->ciphertext = output + header_size;
    memcpy(output, message->aad, header_size);
    sotto_sframe_message_set_nonce(message, salt, header->counter);
    return SOTTO_OK;
}

// `result` is that of the cipher.
static inline enum sotto_result
sotto_sframe_message_end_seal(const struct sotto_sframe_message *message, enum sotto_result result,
                              uint8_t *output, size_t *output_size) {
    if (result == SOTTO_OK)
        *output_size = message->size;
    else
        memset(output, 0, message->size);
    return result;
}

// Checks what is to be opened.
static inline enum sotto_result
sotto_sframe_message_begin_open(struct sotto_sframe_message *message,
                                const struct sotto_sframe *sframe,
                                const uint8_t salt[SOTTO_SFRAME_NONCE_SIZE], size_t tag_size,
                                const struct sotto_bytes *metadata, size_t metadata_count,
                                size_t capacity) {
    struct sotto_writer writer;
    sotto_writer_init(&writer, message->aad, sizeof message->aad);
    sotto_writer_write_bytes(&writer, sframe->header_bytes.data, sframe->header_bytes.size);
    sotto_sframe_message_write_metadata(&writer, metadata, metadata_count);
    if (writer.failed || sframe->tag_size != tag_size ||
        sframe->ciphertext.size > SOTTO_FRAME_SIZE_MAX)
        return SOTTO_INVALID;
    if (sframe->ciphertext.size > capacity)
        return SOTTO_TOO_SMALL;
    message->aad_size = writer.offset;
    sotto_sframe_message_set_nonce(message, salt, sframe->header.counter);
    return SOTTO_OK;
}

#endif
