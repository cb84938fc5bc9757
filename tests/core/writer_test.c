#include "core/writer.h"

#include "tests/check.h"

TEST(writes_big_endian_numbers_bytes_and_zeros) {
    static const uint8_t expected[] = {0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 0xfe, 0xdc,
                                       0,    1,    2,    3,    4,    5,    6,    7,    'h',  'i',
                                       0,    0,    0,    0x33, 0x44, 0x55};
    uint8_t data[sizeof expected];
    struct sotto_writer writer;
    memset(data, 0xA5, sizeof data);
    sotto_writer_init(&writer, data, sizeof data);
    sotto_writer_write_u8(&writer, 0x01);
    sotto_writer_write_u16(&writer, 0x2345);
    sotto_writer_write_u24(&writer, 0xff6789ab); // the top byte is dropped
    sotto_writer_write_u32(&writer, 0xcdeffedc);
    sotto_writer_write_u64(&writer, 0x0001020304050607);
    sotto_writer_write_bytes(&writer, "hi", 2);
    sotto_writer_write_bytes(&writer, NULL, 0);
    sotto_writer_write_zeros(&writer, 3);
    sotto_writer_write_uint(&writer, 0x1122334455, 3);
    CHECK(!writer.failed);
    CHECK_EQ(writer.offset, sizeof expected);
    CHECK_BYTES(data, expected, sizeof expected);
}

TEST(a_write_past_the_end_writes_nothing_and_stops_all_after_it) {
    for (size_t capacity = 0; capacity < 8; capacity++) {
        uint8_t *data = malloc(capacity ? capacity : 1); // of its size, for the sanitizer
        CHECK(data);
        memset(data, 0xA5, capacity);
        struct sotto_writer writer;
        sotto_writer_init(&writer, data, capacity);
        sotto_writer_write_u64(&writer, 0);
        sotto_writer_write_u8(&writer, 0);
        sotto_writer_write_zeros(&writer, 0);
        sotto_writer_patch_u16(&writer, 0, 0);
        CHECK(writer.failed);
        CHECK_EQ(writer.offset, 0);
        for (size_t i = 0; i < capacity; i++)
            CHECK_EQ(data[i], 0xA5);
        free(data);
    }
    struct sotto_writer writer;
    uint8_t byte;
    sotto_writer_init(&writer, &byte, 1);
    sotto_writer_write_zeros(&writer, SIZE_MAX);
    CHECK(writer.failed);
}

TEST(two_bytes_written_earlier_can_be_changed) {
    uint8_t data[4];
    struct sotto_writer writer;
    sotto_writer_init(&writer, data, sizeof data);
    sotto_writer_write_zeros(&writer, 4);
    sotto_writer_patch_u16(&writer, 2, 0x1234);
    CHECK_BYTES(data, "\0\0\x12\x34", 4);
    CHECK_EQ(writer.offset, 4);
}

int main(void) {
    RUN(writes_big_endian_numbers_bytes_and_zeros);
    RUN(a_write_past_the_end_writes_nothing_and_stops_all_after_it);
    RUN(two_bytes_written_earlier_can_be_changed);
    return 0;
}
