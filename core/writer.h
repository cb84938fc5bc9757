// A bounded cursor over a destination. After the first write past the end every further write
// does nothing, so a writer of packets is straight-line code with one check of `failed` at its end.
#ifndef SOTTO_CORE_WRITER_H
#define SOTTO_CORE_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sotto_writer {
    uint8_t *data; // borrowed from the caller
    size_t capacity;
    size_t offset; // bytes written so far
    bool failed;
};

void sotto_writer_init(struct sotto_writer *writer, uint8_t *data, size_t capacity);

// Big-endian numbers (network byte order).
void sotto_writer_write_u8(struct sotto_writer *writer, uint8_t value);
void sotto_writer_write_u16(struct sotto_writer *writer, uint16_t value);
void sotto_writer_write_u24(struct sotto_writer *writer, uint32_t value);
void sotto_writer_write_u32(struct sotto_writer *writer, uint32_t value);
void sotto_writer_write_u64(struct sotto_writer *writer, uint64_t value);
// `width` is 1 to 8 bytes; higher bytes of `value` are dropped.
void sotto_writer_write_uint(struct sotto_writer *writer, uint64_t value, size_t width);
void sotto_writer_write_bytes(struct sotto_writer *writer, const void *data, size_t size);
void sotto_writer_write_zeros(struct sotto_writer *writer, size_t size);

// Overwrites two bytes written earlier, for a length that is known only later.
void sotto_writer_patch_u16(struct sotto_writer *writer, size_t offset, uint16_t value);

#endif
