// A wire frame as tests hold it, whatever its format.
#ifndef SOTTO_TESTS_CORE_WIRE_H
#define SOTTO_TESTS_CORE_WIRE_H

#include "tests/check.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

// In memory of exactly its size, so that a sanitizer sees a read past its end.
struct wire {
    uint8_t *data;
    size_t size;
};

static inline struct wire copy_wire(const uint8_t *data, size_t size) {
    struct wire wire = {malloc(size ? size : 1), size};
    CHECK(wire.data);
    if (size > 0)
        memcpy(wire.data, data, size);
    return wire;
}

#endif
