// Copies of packets in memory of exactly their size, so that AddressSanitizer sees every read or
// write past the end.
#ifndef SOTTO_TESTS_PROTO_EXACT_COPY_H
#define SOTTO_TESTS_PROTO_EXACT_COPY_H

#include "tests/check.h"

// Freed by the caller. A size of 0 gives a byte that may not be touched for a pointer.
static inline uint8_t *exact_copy(const uint8_t *data, size_t size) {
    uint8_t *copy = malloc(size ? size : 1);
    CHECK(copy);
    if (size > 0)
        memcpy(copy, data, size);
    return copy;
}

#endif
