// A bounded cursor over received bytes. After the first read past the end every further read fails
// too and yields zero, so a parser is straight-line code with one check of `failed` at its end.
#ifndef SOTTO_CORE_READER_H
#define SOTTO_CORE_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sotto_reader {
    const uint8_t *data; // borrowed from the caller
    size_t size;
    size_t offset;
    bool failed;
};

// `data` may be NULL when `size` is 0.
void sotto_reader_init(struct sotto_reader *reader, const uint8_t *data, size_t size);

size_t sotto_reader_remaining(const struct sotto_reader *reader); // 0 once failed

// Big-endian numbers (network byte order).
uint8_t sotto_reader_read_u8(struct sotto_reader *reader);
uint16_t sotto_reader_read_u16(struct sotto_reader *reader);
uint32_t sotto_reader_read_u24(struct sotto_reader *reader);
uint32_t sotto_reader_read_u32(struct sotto_reader *reader);
uint64_t sotto_reader_read_u64(struct sotto_reader *reader);
// `width` is 1 to 8 bytes.
uint64_t sotto_reader_read_uint(struct sotto_reader *reader, size_t width);

// The next `size` bytes, borrowed from the reader's data; NULL on failure.
const uint8_t *sotto_reader_read_bytes(struct sotto_reader *reader, size_t size);

void sotto_reader_skip(struct sotto_reader *reader, size_t size);

// Marks the input as bad, for a parser that finds a value it does not allow.
void sotto_reader_fail(struct sotto_reader *reader);

#endif
