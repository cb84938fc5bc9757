// Comparison of secrets in constant time.
#ifndef SOTTO_CORE_EQUAL_H
#define SOTTO_CORE_EQUAL_H

#include <stdbool.h>
#include <stddef.h>

// True if the `size` bytes are the same. The time depends on `size` alone.
bool sotto_equal(const void *a, const void *b, size_t size);

#endif
