// The four functions that the pure layers take from the platform. A freestanding compiler brings no
// <string.h>, so they are declared here; compilers emit calls to them in any case.
#ifndef SOTTO_CORE_MEMORY_H
#define SOTTO_CORE_MEMORY_H

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *to, int value, size_t size);
// Not for secrets: sotto_equal compares those.
int memcmp(const void *a, const void *b, size_t size);

// What a call that fails leaves of its output: the first min(size, capacity) bytes are zero.
// `output` may be NULL if those are none.
static inline void sotto_blank_output(void *output, size_t size, size_t capacity) {
    const size_t blanked = size < capacity ? size : capacity;
    if (blanked > 0)
        memset(output, 0, blanked);
}

#endif

