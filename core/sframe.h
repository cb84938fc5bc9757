// SFrame (RFC 9605) under a key of suite 4 or 5: what the format "sotto" is made of. The plain call
// for every suite, and what the RFC leaves to its caller, is in core/sframe_any.h.
#ifndef SOTTO_CORE_SFRAME_H
#define SOTTO_CORE_SFRAME_H

#include "core/bytes.h"
#include "core/limits.h"
#include "core/result.h"
#include "core/sframe_header.h"
#include "core/sframe_key.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// A received SFrame, taken apart; every part is borrowed from the received bytes. Nothing of it is
// verified until it was opened.
struct sotto_sframe {
    struct sotto_sframe_header header;
    struct sotto_bytes header_bytes;
    struct sotto_bytes ciphertext; // perhaps empty
    const uint8_t *tag;
    size_t tag_size;
};

// `data` is exactly one SFrame. False, and all zero, if it is not one.
SOTTO_MUST_USE bool sotto_sframe_parse(struct sotto_sframe *sframe, struct sotto_bytes data);

// The same with a tag of another size.
SOTTO_MUST_USE bool sotto_sframe_parse_with_tag(struct sotto_sframe *sframe, size_t tag_size,
                                                struct sotto_bytes data);

// Section 4.4.3. Writes header, ciphertext and tag, one behind the other, to `output` and their
// size to `output_size`: SOTTO_SFRAME_OVERHEAD_MAX bytes more than the plaintext are always enough.
// The metadata, one piece behind the other, is authenticated and not written. `plaintext` and
// `output` do not overlap.
//   SOTTO_INVALID    more than SOTTO_FRAME_SIZE_MAX bytes, or SOTTO_METADATA_SIZE_MAX of metadata
//   SOTTO_TOO_SMALL  `capacity`
//   SOTTO_INTERNAL   the cryptographic library
// SOTTO_INVALID and SOTTO_TOO_SMALL leave the counter unused; anything else uses it up, and a
// counter is never used twice.
SOTTO_MUST_USE enum sotto_result
sotto_sframe_seal(struct sotto_sframe_key *key, uint64_t counter,
                  const struct sotto_bytes *metadata, size_t metadata_count,
                  struct sotto_bytes plaintext, uint8_t *output, size_t capacity,
                  size_t *output_size);

// Section 4.4.4. Writes as many bytes as the ciphertext has to `output`: the same place, or not
// overlapping it.
//   SOTTO_TAMPERED   the tag does not verify; those bytes are zero then
//   SOTTO_INVALID    as above, or a tag of another size than the suite's
//   SOTTO_TOO_SMALL  `capacity`
//   SOTTO_INTERNAL   the cryptographic library
SOTTO_MUST_USE enum sotto_result sotto_sframe_open(struct sotto_sframe_key *key,
                                                   const struct sotto_sframe *sframe,
                                                   const struct sotto_bytes *metadata,
                                                   size_t metadata_count, uint8_t *output,
                                                   size_t capacity);

#endif
