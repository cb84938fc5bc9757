#include "core/sframe_header.h"

#include <stddef.h>

// Bytes of a number in the shortest form, at least 1.
static size_t width_of(uint64_t value) {
    int bits = 64 - __builtin_clzll(value | 1);
    return (size_t)(bits + 7) / 8;
}

// KID and counter each have four bits in the configuration byte: the value itself below 8, else 8
// and the number of bytes that follow, less one.
static uint8_t field_bits(uint64_t value) {
    return (uint8_t)(value < 8 ? value : 8 | (width_of(value) - 1));
}

static void write_field(struct sotto_writer *writer, uint64_t value) {
    if (value >= 8)
        sotto_writer_write_uint(writer, value, width_of(value));
}

static uint64_t parse_field(struct sotto_reader *reader, uint8_t bits) {
    if (bits < 8)
        return bits;
    size_t width = (size_t)(bits & 7) + 1;
    uint64_t value = sotto_reader_read_uint(reader, width);
    if (value < 8 || width_of(value) != width)
        sotto_reader_fail(reader);
    return value;
}

void sotto_sframe_header_write(struct sotto_writer *writer,
                               const struct sotto_sframe_header *header) {
    sotto_writer_write_u8(writer,
                          (uint8_t)(field_bits(header->kid) << 4 | field_bits(header->counter)));
    write_field(writer, header->kid);
    write_field(writer, header->counter);
}

void sotto_sframe_header_parse(struct sotto_reader *reader, struct sotto_sframe_header *header) {
    uint8_t configuration = sotto_reader_read_u8(reader);
    header->kid = parse_field(reader, configuration >> 4);
    header->counter = parse_field(reader, configuration & 15);
    if (reader->failed)
        *header = (struct sotto_sframe_header){0};
}
