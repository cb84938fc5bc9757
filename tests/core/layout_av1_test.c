#include "core/layout_av1.h"

#include "tests/core/streams.h"

enum { FRONT_CAPACITY = 8 };

static size_t write_front(bool is_key_frame, size_t rest_size, uint8_t *front) {
    struct sotto_writer writer;
    sotto_writer_init(&writer, front, FRONT_CAPACITY);
    sotto_layout_av1_write_front(&writer, is_key_frame, rest_size);
    CHECK(!writer.failed);
    return writer.offset;
}

TEST(the_front_says_key_or_delta_and_the_size_of_the_rest) {
    static const struct {
        size_t rest_size;
        uint8_t leb128[4];
        size_t width;
    } rows[] = {
        {0, {0}, 1},
        {1, {1}, 1},
        {127, {0x7F}, 1},
        {128, {0x80, 1}, 2},
        {300, {0xAC, 2}, 2},
        {16383, {0xFF, 0x7F}, 2},
        {16384, {0x80, 0x80, 1}, 3},
        {2097151, {0xFF, 0xFF, 0x7F}, 3},
        {2097152, {0x80, 0x80, 0x80, 1}, 4},
        {SOTTO_FRAME_SIZE_MAX + SOTTO_OVERHEAD_MAX, {0x9A, 0x80, 0x80, 8}, 4},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (int is_key_frame = 0; is_key_frame <= 1; is_key_frame++) {
            uint8_t front[FRONT_CAPACITY];
            CHECK_EQ(write_front(is_key_frame, rows[i].rest_size, front), 1 + rows[i].width);
            CHECK_EQ(front[0], is_key_frame ? 0x0A : 0x32);
            CHECK_BYTES(front + 1, rows[i].leb128, rows[i].width);
        }
    }
}

// With one byte more or less behind it, the front is refused.
TEST(a_front_is_taken_with_exactly_its_rest) {
    static const size_t sizes[] = {1, 22, 126, 127, 128, 129, 16383, 16384, 16385, 2097152};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        uint8_t *wire = calloc(1, FRONT_CAPACITY + sizes[i] + 1);
        CHECK(wire);
        const size_t size = write_front(i % 2, sizes[i], wire);
        CHECK_EQ(sotto_layout_av1_parse_front((struct sotto_bytes){wire, size + sizes[i]}), size);
        CHECK_EQ(sotto_layout_av1_parse_front((struct sotto_bytes){wire, size + sizes[i] - 1}), 0);
        CHECK_EQ(sotto_layout_av1_parse_front((struct sotto_bytes){wire, size + sizes[i] + 1}), 0);
        free(wire);
    }
}

// 30 bytes with the given first ones.
static size_t parse_start(const char *start, size_t start_size) {
    uint8_t wire[30] = {0};
    memcpy(wire, start, start_size);
    return sotto_layout_av1_parse_front((struct sotto_bytes){wire, sizeof wire});
}

#define PARSE(start) parse_start(start, sizeof start - 1)

TEST(what_no_sealer_writes_is_refused) {
    CHECK_EQ(PARSE("\x0a\x1c"), 2);
    CHECK_EQ(PARSE("\x32\x1c"), 2);
    CHECK_EQ(PARSE("\x0a\x9b\x00"), 0);                 // 27 in two bytes
    CHECK_EQ(PARSE("\x0a\x9a\x80\x00"), 0);             // 26 in three
    CHECK_EQ(PARSE("\x0a\x98\x80\x80\x80\x00"), 0);     // 24 in five
    CHECK_EQ(PARSE("\x0a\x98\x80\x80\x80\x80\x80\x00"), 0);
    CHECK_EQ(PARSE("\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff"), 0);
    CHECK_EQ(sotto_layout_av1_parse_front((struct sotto_bytes){(const uint8_t *)"\x0a", 1}), 0);
    CHECK_EQ(sotto_layout_av1_parse_front((struct sotto_bytes){NULL, 0}), 0);
    for (unsigned obu = 0; obu < 256; obu++) {
        const char start[] = {(char)obu, 0x1c};
        CHECK_EQ(parse_start(start, sizeof start), obu == 0x0A || obu == 0x32 ? 2 : 0);
    }
}

int main(void) {
    RUN(the_front_says_key_or_delta_and_the_size_of_the_rest);
    RUN(a_front_is_taken_with_exactly_its_rest);
    RUN(what_no_sealer_writes_is_refused);
    return 0;
}
