// SFrame (RFC 9605): the header, the keys of suites 4 and 5, and sealing and opening under one of
// them. Which key, which counter and what metadata is the caller's business.
#ifndef SOTTO_CORE_SFRAME_H
#define SOTTO_CORE_SFRAME_H

#include "core/aead.h"
#include "core/bytes.h"
#include "core/limits.h"
#include "core/reader.h"
#include "core/result.h"
#include "core/writer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// RFC 9605, section 8.1: the registered numbers.
enum sotto_suite {
    SOTTO_AES_128_GCM_SHA256_128 = 4,
    SOTTO_AES_256_GCM_SHA512_128 = 5,
};

// Whether the number is one of the enum.
bool sotto_sframe_has_suite(enum sotto_suite suite);

// RFC 9605, section 4.3.
struct sotto_sframe_header {
    uint64_t kid;
    uint64_t counter;
};

// At most SOTTO_SFRAME_HEADER_SIZE_MAX bytes, in the shortest form.
void sotto_sframe_write_header(struct sotto_writer *writer,
                               const struct sotto_sframe_header *header);

// Fails the reader if the bytes end early or the form is not the shortest one.
void sotto_sframe_parse_header(struct sotto_reader *reader, struct sotto_sframe_header *header);

// A received SFrame, taken apart; every part is borrowed from the received bytes.
struct sotto_sframe {
    struct sotto_sframe_header header;
    struct sotto_bytes header_bytes;
    struct sotto_bytes ciphertext; // perhaps empty
    const uint8_t *tag;            // SOTTO_AEAD_TAG_SIZE bytes
};

// `data` is exactly one SFrame. False, and all zero, if it is not one.
SOTTO_MUST_USE bool sotto_sframe_parse(struct sotto_sframe *sframe, struct sotto_bytes data);

// One key ready for use. Owned by the caller, neither copied nor moved; ends with
// sotto_sframe_key_wipe.
struct sotto_sframe_key {
    uint64_t kid;
    enum sotto_suite suite;
    uint8_t salt[SOTTO_AEAD_NONCE_SIZE];
    struct sotto_aead aead;
};

// RFC 9605, section 4.4.2. The base key is copied; sealing under it is for one sender alone.
// SOTTO_INVALID for a suite that sotto_sframe_has_suite denies.
SOTTO_MUST_USE enum sotto_result sotto_sframe_key_init(struct sotto_sframe_key *key,
                                                       enum sotto_suite suite, uint64_t kid,
                                                       struct sotto_bytes base_key);

// An all-zero key is wiped already.
void sotto_sframe_key_wipe(struct sotto_sframe_key *key);

// RFC 9605, section 4.4.3. Writes header, ciphertext and tag, one behind the other, to `output` and
// their size to `output_size`. The metadata, one piece behind the other, is authenticated and not
// written: at most SOTTO_METADATA_SIZE_MAX bytes, else SOTTO_INVALID. `plaintext` and `output` do
// not overlap. SOTTO_TOO_SMALL and SOTTO_INVALID leave the counter unused; anything else uses it
// up, and a counter is never used twice.
SOTTO_MUST_USE enum sotto_result
sotto_sframe_seal(struct sotto_sframe_key *key, uint64_t counter,
                  const struct sotto_bytes *metadata, size_t metadata_count,
                  struct sotto_bytes plaintext, uint8_t *output, size_t capacity,
                  size_t *output_size);

// RFC 9605, section 4.4.4. Writes as many bytes as the ciphertext has to `output`: the same
// place, or not overlapping it. SOTTO_TAMPERED, with those bytes zero, if the tag does not verify.
SOTTO_MUST_USE enum sotto_result sotto_sframe_open(struct sotto_sframe_key *key,
                                                   const struct sotto_sframe *sframe,
                                                   const struct sotto_bytes *metadata,
                                                   size_t metadata_count, uint8_t *output,
                                                   size_t capacity);

#endif
