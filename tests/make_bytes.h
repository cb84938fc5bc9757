// Bytes that are different for each seed, in memory of exactly their size, so that a sanitizer sees
// a read past the end.
#ifndef SOTTO_TESTS_MAKE_BYTES_H
#define SOTTO_TESTS_MAKE_BYTES_H

#include "tests/check.h"

// Freed by the caller.
static inline uint8_t *make_bytes(size_t size, uint32_t seed) {
    uint8_t *bytes = malloc(size ? size : 1);
    CHECK(bytes);
    for (size_t i = 0; i < size; i++) {
        seed = seed * 1664525 + 1013904223;
        bytes[i] = (uint8_t)(seed >> 24);
    }
    return bytes;
}

#endif
