// Borrowed bytes with their size: an argument, or one piece of a message put together later.
#ifndef SOTTO_INCLUDE_SOTTO_BYTES_H
#define SOTTO_INCLUDE_SOTTO_BYTES_H

#include "sotto/api.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct sotto_bytes {
    const uint8_t *data; // borrowed from the caller; may be NULL when `size` is 0
    size_t size;
};

// The characters of a text without its final zero, borrowed: for ids and text keys.
SOTTO_API struct sotto_bytes sotto_bytes_of_text(const char *text);

#ifdef __cplusplus
}
#endif

#endif
