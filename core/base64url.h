// Binary values as text that fits URLs and JSON: base64url without padding (RFC 4648 section 5).
#ifndef SOTTO_CORE_BASE64URL_H
#define SOTTO_CORE_BASE64URL_H

#include "core/result.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Characters for `size` bytes, without a final zero.
#define SOTTO_BASE64URL_SIZE(size) (((size) * 4 + 2) / 3)

// Writes the text and a final zero. False, with an empty text where there is room for one, if
// `capacity` is less than SOTTO_BASE64URL_SIZE(size) + 1. Constant time with regard to the bytes.
SOTTO_MUST_USE bool sotto_base64url_write(const uint8_t *bytes, size_t size, char *text,
                                          size_t capacity);

// Reads text of exactly the one form that the function above writes: no padding, no white space, no
// stray bits in the last character. False, with the bytes and `size` zero, for anything else and
// for more than `capacity` bytes. The time depends on the number of characters alone.
SOTTO_MUST_USE bool sotto_base64url_read(const char *text, size_t text_size, uint8_t *bytes,
                                         size_t capacity, size_t *size);

#endif
