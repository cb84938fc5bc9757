#include "core/memory.h"

#include <stdint.h>

// The WebAssembly module has no C library. Above this size the bulk-memory instructions do the
// work; every browser that can transform encoded frames has them. Engines leave the compiled code
// for them, so what is small, nearly all that the core copies, is done here.
// The build turns built-in functions off: otherwise the compiler makes these loops into calls to
// the functions they are in.
enum { BULK_SIZE_MIN = 256 };

typedef uint64_t __attribute__((aligned(1), may_alias)) word;

void *memcpy(void *restrict to, const void *restrict from, size_t size) {
    if (size >= BULK_SIZE_MIN)
        return __builtin_memcpy(to, from, size);
    uint8_t *target = to;
    const uint8_t *source = from;
    for (; size >= sizeof(word); size -= sizeof(word)) {
        *(word *)target = *(const word *)source;
        target += sizeof(word);
        source += sizeof(word);
    }
    while (size-- > 0)
        *target++ = *source++;
    return to;
}

void *memmove(void *to, const void *from, size_t size) {
    if (size >= BULK_SIZE_MIN)
        return __builtin_memmove(to, from, size);
    uint8_t *target = to;
    const uint8_t *source = from;
    if ((uintptr_t)target <= (uintptr_t)source) {
        for (size_t i = 0; i < size; i++)
            target[i] = source[i];
    } else {
        for (size_t i = size; i-- > 0;)
            target[i] = source[i];
    }
    return to;
}

void *memset(void *to, int value, size_t size) {
    if (size >= BULK_SIZE_MIN)
        return __builtin_memset(to, value, size);
    uint8_t *target = to;
    const word pattern = (uint8_t)value * UINT64_C(0x0101010101010101);
    for (; size >= sizeof(word); size -= sizeof(word)) {
        *(word *)target = pattern;
        target += sizeof(word);
    }
    while (size-- > 0)
        *target++ = (uint8_t)value;
    return to;
}

int memcmp(const void *a, const void *b, size_t size) {
    const uint8_t *left = a;
    const uint8_t *right = b;
    for (size_t i = 0; i < size; i++)
        if (left[i] != right[i])
            return left[i] < right[i] ? -1 : 1;
    return 0;
}
