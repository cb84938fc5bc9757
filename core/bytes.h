// Borrowed bytes with their size (sotto/bytes.h), and those of a string literal.
#ifndef SOTTO_CORE_BYTES_H
#define SOTTO_CORE_BYTES_H

#include "sotto/bytes.h"

// The characters of a string literal without its final zero.
#define SOTTO_BYTES(text) ((struct sotto_bytes){(const uint8_t *)(text), sizeof(text) - 1})

#endif
