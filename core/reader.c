#include "core/reader.h"

#include "core/assert.h"

void sotto_reader_init(struct sotto_reader *reader, const uint8_t *data, size_t size) {
    *reader = (struct sotto_reader){.data = data, .size = size};
}

size_t sotto_reader_remaining(const struct sotto_reader *reader) {
    return reader->failed ? 0 : reader->size - reader->offset;
}

const uint8_t *sotto_reader_read_bytes(struct sotto_reader *reader, size_t size) {
    if (reader->failed || size > reader->size - reader->offset) {
        reader->failed = true;
        return NULL;
    }
    const uint8_t *bytes = reader->data + reader->offset;
    reader->offset += size;
    return bytes;
}

uint64_t sotto_reader_read_uint(struct sotto_reader *reader, size_t width) {
    SOTTO_ASSERT(width >= 1 && width <= 8);
    const uint8_t *bytes = sotto_reader_read_bytes(reader, width);
    if (!bytes)
        return 0;
    uint64_t value = 0;
    for (size_t i = 0; i < width; i++)
        value = value << 8 | bytes[i];
    return value;
}

uint8_t sotto_reader_read_u8(struct sotto_reader *reader) {
    return (uint8_t)sotto_reader_read_uint(reader, 1);
}

uint16_t sotto_reader_read_u16(struct sotto_reader *reader) {
    return (uint16_t)sotto_reader_read_uint(reader, 2);
}

uint32_t sotto_reader_read_u24(struct sotto_reader *reader) {
    return (uint32_t)sotto_reader_read_uint(reader, 3);
}

uint32_t sotto_reader_read_u32(struct sotto_reader *reader) {
    return (uint32_t)sotto_reader_read_uint(reader, 4);
}

uint64_t sotto_reader_read_u64(struct sotto_reader *reader) {
    return sotto_reader_read_uint(reader, 8);
}

void sotto_reader_skip(struct sotto_reader *reader, size_t size) {
    (void)sotto_reader_read_bytes(reader, size);
}

void sotto_reader_fail(struct sotto_reader *reader) {
    reader->failed = true;
}
