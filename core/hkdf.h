// HKDF (RFC 5869) over SHA-256 and SHA-512.
#ifndef SOTTO_CORE_HKDF_H
#define SOTTO_CORE_HKDF_H

#include "core/bytes.h"
#include "core/hash.h"

#include <stddef.h>
#include <stdint.h>

// RFC 5869, section 2.2. Writes sotto_hash_size() bytes, the pseudorandom key. An empty salt stands
// for a salt of zeros, as the RFC says.
SOTTO_MUST_USE enum sotto_result sotto_hkdf_extract(enum sotto_hash hash, struct sotto_bytes salt,
                                                    struct sotto_bytes key_material, uint8_t *key);

// RFC 5869, section 2.3. `info` is the `info_count` pieces, one behind the other.
// SOTTO_INVALID if `size` is more than 255 * sotto_hash_size().
SOTTO_MUST_USE enum sotto_result sotto_hkdf_expand(enum sotto_hash hash, struct sotto_bytes key,
                                                   const struct sotto_bytes *info,
                                                   size_t info_count, uint8_t *output, size_t size);

#endif
