// Borrowed bytes with their size: an argument, or one piece of a message put together later.
#ifndef SOTTO_CORE_BYTES_H
#define SOTTO_CORE_BYTES_H

#include <stddef.h>
#include <stdint.h>

struct sotto_bytes {
    const uint8_t *data; // borrowed from the caller; may be NULL when `size` is 0
    size_t size;
};

// The characters of a string literal without its final zero.
#define SOTTO_BYTES(text) ((struct sotto_bytes){(const uint8_t *)(text), sizeof(text) - 1})

#endif
