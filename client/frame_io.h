// One frame on standard input, one on standard output.
#ifndef SOTTO_CLIENT_FRAME_IO_H
#define SOTTO_CLIENT_FRAME_IO_H

#include "core/result.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// All of standard input, but at most `capacity` bytes. False, and errno says why.
SOTTO_MUST_USE bool sotto_frame_io_read(uint8_t *data, size_t capacity, size_t *size);

// All of it to standard output. False, and errno says why.
SOTTO_MUST_USE bool sotto_frame_io_write(const uint8_t *data, size_t size);

#endif
