// A planted leak, in no program: a comparison that ends at the first difference. The tests of
// constant time must find it.
#include "core/equal.h"

#include <stdint.h>

__attribute__((noinline)) static bool leak_by_branch(const uint8_t *a, const uint8_t *b,
                                                     size_t size) {
    for (size_t i = 0; i < size; i++) {
        __asm__ volatile(""); // keeps it a loop
        if (a[i] != b[i])
            return false;
    }
    return true;
}

bool sotto_equal(const void *a, const void *b, size_t size) {
    return leak_by_branch(a, b, size);
}
