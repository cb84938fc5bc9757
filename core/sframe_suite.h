// The cipher suites of SFrame and their sizes (RFC 9605, sections 4.5 and 8.1).
#ifndef SOTTO_CORE_SFRAME_SUITE_H
#define SOTTO_CORE_SFRAME_SUITE_H

#include "core/hash.h"

#include <stddef.h>

// The registered numbers. The last number of a name is the size of the tag in bits.
enum sotto_suite {
    SOTTO_AES_128_CTR_HMAC_SHA256_80 = 1,
    SOTTO_AES_128_CTR_HMAC_SHA256_64 = 2,
    SOTTO_AES_128_CTR_HMAC_SHA256_32 = 3,
    SOTTO_AES_128_GCM_SHA256_128 = 4,
    SOTTO_AES_256_GCM_SHA512_128 = 5,
};

// Table 1 of the RFC. Nn, the size of a nonce, is 12 for all of them.
struct sotto_sframe_suite {
    enum sotto_hash hash; // for deriving keys; its size is Nh
    size_t key_size;      // Nk, of the AEAD; in suites 1 to 3 the keys of AES and of HMAC
    size_t tag_size;      // Nt
};

// NULL for a number that is not one of the enum.
const struct sotto_sframe_suite *sotto_sframe_suite_find(enum sotto_suite suite);

#endif
