#include "core/reader.h"

#include "tests/check.h"

static const uint8_t data[] = {0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 0xfe, 0xdc};

static struct sotto_reader begin(size_t size) {
    struct sotto_reader reader;
    sotto_reader_init(&reader, data, size);
    return reader;
}

TEST(reads_big_endian_numbers_of_every_width) {
    for (size_t width = 1; width <= 8; width++) {
        struct sotto_reader reader = begin(sizeof data);
        CHECK_EQ(sotto_reader_read_uint(&reader, width),
                 UINT64_C(0x0123456789abcdef) >> (64 - 8 * width));
        CHECK_EQ(reader.offset, width);
        CHECK_EQ(sotto_reader_remaining(&reader), sizeof data - width);
    }
    struct sotto_reader reader = begin(sizeof data);
    CHECK_EQ(sotto_reader_read_u8(&reader), 0x01);
    CHECK_EQ(sotto_reader_read_u16(&reader), 0x2345);
    CHECK_EQ(sotto_reader_read_u24(&reader), 0x6789ab);
    CHECK_EQ(sotto_reader_read_u32(&reader), 0xcdeffedc);
    CHECK(!reader.failed);
    reader = begin(8);
    CHECK(sotto_reader_read_u64(&reader) == UINT64_C(0x0123456789abcdef));
}

TEST(a_read_past_the_end_fails_and_all_after_it) {
    for (size_t size = 0; size < 8; size++) {
        uint8_t *copy = malloc(size ? size : 1); // of its size, for the sanitizer
        CHECK(copy);
        memcpy(copy, data, size);
        struct sotto_reader reader;
        sotto_reader_init(&reader, copy, size);
        CHECK_EQ(sotto_reader_read_u64(&reader), 0);
        CHECK(reader.failed);
        CHECK_EQ(sotto_reader_remaining(&reader), 0);
        CHECK_EQ(sotto_reader_read_u8(&reader), 0);
        CHECK(!sotto_reader_read_bytes(&reader, 0));
        CHECK_EQ(reader.offset, 0);
        free(copy);
    }
}

TEST(bytes_are_borrowed_and_skipped) {
    struct sotto_reader reader = begin(sizeof data);
    sotto_reader_skip(&reader, 3);
    CHECK(sotto_reader_read_bytes(&reader, 7) == data + 3);
    CHECK(!reader.failed);
    CHECK(sotto_reader_read_bytes(&reader, 0) == data + 10);
    CHECK(!sotto_reader_read_bytes(&reader, 1));
    reader = begin(sizeof data);
    CHECK(!sotto_reader_read_bytes(&reader, SIZE_MAX));
    reader = begin(sizeof data);
    sotto_reader_skip(&reader, sizeof data + 1);
    CHECK(reader.failed);
}

TEST(a_parser_can_fail_the_reader) {
    struct sotto_reader reader = begin(sizeof data);
    sotto_reader_fail(&reader);
    CHECK_EQ(sotto_reader_remaining(&reader), 0);
    CHECK_EQ(sotto_reader_read_u8(&reader), 0);
}

TEST(no_data_may_be_null) {
    struct sotto_reader reader;
    sotto_reader_init(&reader, NULL, 0);
    CHECK_EQ(sotto_reader_remaining(&reader), 0);
    CHECK_EQ(sotto_reader_read_u8(&reader), 0);
    CHECK(reader.failed);
}

int main(void) {
    RUN(reads_big_endian_numbers_of_every_width);
    RUN(a_read_past_the_end_fails_and_all_after_it);
    RUN(bytes_are_borrowed_and_skipped);
    RUN(a_parser_can_fail_the_reader);
    RUN(no_data_may_be_null);
    return 0;
}
