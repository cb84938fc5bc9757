#include "core/writer.h"

#include "core/assert.h"
#include "core/memory.h"

void sotto_writer_init(struct sotto_writer *writer, uint8_t *data, size_t capacity) {
    *writer = (struct sotto_writer){.data = data, .capacity = capacity};
}

// The place for the next `size` bytes, or NULL.
static uint8_t *advance(struct sotto_writer *writer, size_t size) {
    if (writer->failed || size > writer->capacity - writer->offset) {
        writer->failed = true;
        return NULL;
    }
    uint8_t *place = writer->data + writer->offset;
    writer->offset += size;
    return place;
}

void sotto_writer_write_uint(struct sotto_writer *writer, uint64_t value, size_t width) {
    SOTTO_ASSERT(width >= 1 && width <= 8);
    uint8_t *place = advance(writer, width);
    if (!place)
        return;
    for (size_t i = width; i-- > 0; value >>= 8)
        place[i] = (uint8_t)value;
}

void sotto_writer_write_u8(struct sotto_writer *writer, uint8_t value) {
    sotto_writer_write_uint(writer, value, 1);
}

void sotto_writer_write_u16(struct sotto_writer *writer, uint16_t value) {
    sotto_writer_write_uint(writer, value, 2);
}

void sotto_writer_write_u24(struct sotto_writer *writer, uint32_t value) {
    sotto_writer_write_uint(writer, value, 3);
}

void sotto_writer_write_u32(struct sotto_writer *writer, uint32_t value) {
    sotto_writer_write_uint(writer, value, 4);
}

void sotto_writer_write_u64(struct sotto_writer *writer, uint64_t value) {
    sotto_writer_write_uint(writer, value, 8);
}

void sotto_writer_write_bytes(struct sotto_writer *writer, const void *data, size_t size) {
    uint8_t *place = advance(writer, size);
    if (place && size > 0)
        memcpy(place, data, size);
}

void sotto_writer_write_zeros(struct sotto_writer *writer, size_t size) {
    uint8_t *place = advance(writer, size);
    if (place && size > 0)
        memset(place, 0, size);
}

void sotto_writer_patch_u16(struct sotto_writer *writer, size_t offset, uint16_t value) {
    if (writer->failed)
        return;
    SOTTO_ASSERT(offset + 2 <= writer->offset);
    writer->data[offset] = (uint8_t)(value >> 8);
    writer->data[offset + 1] = (uint8_t)value;
}
