#include "core/layout_av1.h"

#include "core/reader.h"

// An OBU header without extension, with a size field: a sequence header (type 1), with which only
// key frames begin, and a frame (type 6).
enum { KEY_OBU = 0x0A, DELTA_OBU = 0x32 };

// LEB128: seven bits a byte, the lowest first; the top bit says that another byte follows.
enum { MORE = 0x80, WIDTH_MAX = 4 };

void sotto_layout_av1_write_front(struct sotto_writer *writer, bool is_key_frame,
                                  size_t rest_size) {
    sotto_writer_write_u8(writer, is_key_frame ? KEY_OBU : DELTA_OBU);
    for (; rest_size >= MORE; rest_size >>= 7)
        sotto_writer_write_u8(writer, (uint8_t)(rest_size | MORE));
    sotto_writer_write_u8(writer, (uint8_t)rest_size);
}

size_t sotto_layout_av1_parse_front(struct sotto_bytes wire) {
    struct sotto_reader reader;
    sotto_reader_init(&reader, wire.data, wire.size);
    const uint8_t obu = sotto_reader_read_u8(&reader);
    size_t rest_size = 0, width = 0;
    uint8_t byte;
    do {
        byte = sotto_reader_read_u8(&reader);
        rest_size |= (size_t)(byte & ~MORE) << 7 * width++;
    } while (byte & MORE && width < WIDTH_MAX);
    const bool is_shortest = byte < MORE && (byte > 0 || width == 1);
    const bool is_known = obu == KEY_OBU || obu == DELTA_OBU;
    if (reader.failed || !is_known || !is_shortest || rest_size != sotto_reader_remaining(&reader))
        return 0;
    return reader.offset;
}
