// The cipher suites of SFrame and their sizes (RFC 9605, sections 4.5 and 8.1).
#ifndef SOTTO_CORE_SFRAME_SUITE_H
#define SOTTO_CORE_SFRAME_SUITE_H

#include "core/hash.h"
#include "sotto/stream.h"

#include <stddef.h>

// Table 1 of the RFC. Nn, the size of a nonce, is 12 for all of them.
struct sotto_sframe_suite {
    enum sotto_hash hash; // for deriving keys; its size is Nh
    size_t key_size;      // Nk, of the AEAD; in suites 1 to 3 the keys of AES and of HMAC
    size_t tag_size;      // Nt
};

// NULL for a number that is not one of the enum.
const struct sotto_sframe_suite *sotto_sframe_suite_find(enum sotto_suite suite);

#endif
