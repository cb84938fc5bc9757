#include "core/equal.h"

#include <stdint.h>

bool sotto_equal(const void *a, const void *b, size_t size) {
    const volatile uint8_t *left = a;
    const volatile uint8_t *right = b;
    uint32_t difference = 0;
    for (size_t i = 0; i < size; i++)
        difference |= (uint32_t)left[i] ^ (uint32_t)right[i];
    // 0 becomes 1, every other value of a byte becomes 0, without a branch.
    return (bool)((difference - 1) >> 31);
}
