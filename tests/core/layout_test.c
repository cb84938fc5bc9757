#include "core/layout.h"

#include "core/limits.h"
#include "tests/core/streams.h"

static const uint8_t vp8_key[] = {0x10, 2, 0, 0x9d, 1, 0x2a, 0x80, 2, 0xe0, 1, 0x0e};
static const uint8_t vp8_delta[] = {0xb1, 5, 0, 0xc1};

TEST(only_vp8_frames_long_enough_have_a_front) {
    static const struct {
        enum sotto_codec codec;
        const uint8_t *frame;
        size_t size;
        enum sotto_layout layout;
    } rows[] = {
        {SOTTO_CODEC_OTHER, vp8_key, sizeof vp8_key, SOTTO_LAYOUT_WHOLE},
        {SOTTO_CODEC_OPUS, vp8_key, sizeof vp8_key, SOTTO_LAYOUT_WHOLE},
        {SOTTO_CODEC_RED, vp8_key, sizeof vp8_key, SOTTO_LAYOUT_WHOLE},
        {SOTTO_CODEC_VP9, vp8_key, sizeof vp8_key, SOTTO_LAYOUT_WHOLE},
        {SOTTO_CODEC_VP8, vp8_key, 11, SOTTO_LAYOUT_VP8},
        {SOTTO_CODEC_VP8, vp8_key, 10, SOTTO_LAYOUT_VP8},
        {SOTTO_CODEC_VP8, vp8_key, 9, SOTTO_LAYOUT_WHOLE},
        {SOTTO_CODEC_VP8, vp8_key, 1, SOTTO_LAYOUT_WHOLE},
        {SOTTO_CODEC_VP8, vp8_delta, 4, SOTTO_LAYOUT_VP8},
        {SOTTO_CODEC_VP8, vp8_delta, 3, SOTTO_LAYOUT_VP8},
        {SOTTO_CODEC_VP8, vp8_delta, 2, SOTTO_LAYOUT_WHOLE},
        {SOTTO_CODEC_VP8, NULL, 0, SOTTO_LAYOUT_WHOLE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        enum sotto_layout layout = SOTTO_LAYOUT_AV1;
        struct sotto_bytes frame = {rows[i].frame, rows[i].size};
        CHECK_EQ(sotto_layout_choose(rows[i].codec, frame, &layout), SOTTO_OK);
        CHECK_EQ(layout, rows[i].layout);
    }
    CHECK_EQ(sotto_layout_front_size(SOTTO_LAYOUT_VP8, (struct sotto_bytes){vp8_key, 11}), 10);
    CHECK_EQ(sotto_layout_front_size(SOTTO_LAYOUT_VP8, (struct sotto_bytes){vp8_delta, 4}), 3);
    CHECK_EQ(sotto_layout_front_size(SOTTO_LAYOUT_WHOLE, (struct sotto_bytes){vp8_key, 11}), 0);
}

TEST(codecs_whose_layout_is_not_spoken_are_refused) {
    static const int codecs[] = {SOTTO_CODEC_H264, SOTTO_CODEC_H265, SOTTO_CODEC_AV1, -1, 99};
    for (size_t i = 0; i < sizeof codecs / sizeof *codecs; i++) {
        enum sotto_layout layout;
        CHECK_EQ(sotto_layout_choose((enum sotto_codec)codecs[i],
                                     (struct sotto_bytes){vp8_key, sizeof vp8_key}, &layout),
                 SOTTO_INVALID);
    }
}

TEST(the_mark_says_layout_and_suite) {
    CHECK_EQ(sotto_layout_mark(SOTTO_LAYOUT_WHOLE, SUITE_4), 0xE0);
    CHECK_EQ(sotto_layout_mark(SOTTO_LAYOUT_VP8, SUITE_4), 0xE1);
    CHECK_EQ(sotto_layout_mark(SOTTO_LAYOUT_AV1, SUITE_4), 0xE4);
    CHECK_EQ(sotto_layout_mark(SOTTO_LAYOUT_WHOLE, SUITE_5), 0xE8);
    CHECK_EQ(sotto_layout_mark(SOTTO_LAYOUT_VP8, SUITE_5), 0xE9);
    CHECK_EQ(sotto_layout_mark(SOTTO_LAYOUT_AV1, SUITE_5), 0xEC);
}

// A frame with the given first bytes, zeros up to `size`, and the mark.
static bool parses(const char *start, size_t start_size, size_t size, uint8_t mark,
                   struct sotto_wire_frame *parts, uint8_t *data) {
    memset(data, 0, size);
    memcpy(data, start, start_size);
    data[size - 1] = mark;
    return sotto_layout_parse(parts, (struct sotto_bytes){data, size});
}

TEST(takes_a_whole_frame_apart) {
    struct sotto_wire_frame parts;
    uint8_t data[64];
    CHECK(parses("\xb9\x80\0\0\1\1\x2c", 7, 30, 0xE8, &parts, data));
    CHECK_EQ(parts.layout, SOTTO_LAYOUT_WHOLE);
    CHECK_EQ(parts.suite, SUITE_5);
    CHECK_EQ(parts.front.size, 0);
    CHECK_EQ(parts.sframe.header.kid, 0x80000001);
    CHECK_EQ(parts.sframe.header.counter, 300);
    CHECK_EQ(parts.sframe.header_bytes.size, 7);
    CHECK_EQ(parts.sframe.ciphertext.size, 6);
    CHECK(parts.sframe.ciphertext.data == data + 7);
    CHECK(parts.sframe.tag == data + 13);
    CHECK(parts.mark.data == data + 29);
    CHECK_EQ(parts.mark.size, 1);
}

TEST(takes_vp8_frames_apart_by_their_first_bit) {
    struct sotto_wire_frame parts;
    uint8_t data[64];
    CHECK(parses("\x11..\xb0\x80\0\0\1", 8, 25, 0xE1, &parts, data));
    CHECK_EQ(parts.layout, SOTTO_LAYOUT_VP8);
    CHECK_EQ(parts.suite, SUITE_4);
    CHECK_EQ(parts.front.size, 3);
    CHECK_EQ(parts.sframe.ciphertext.size, 0);
    CHECK(!parses("\x11..\xb0\x80\0\0\1", 8, 24, 0xE1, &parts, data)); // the tag is cut
    CHECK(parses("\x10.........\xb0\x80\0\0\1", 15, 32, 0xE1, &parts, data));
    CHECK_EQ(parts.front.size, 10);
    CHECK(!parses("\x10.........\xb0\x80\0\0\1", 15, 31, 0xE1, &parts, data));
    CHECK(parts.front.data == NULL && parts.sframe.tag == NULL);
}

TEST(only_the_marks_of_spoken_layouts_are_known) {
    struct sotto_wire_frame parts;
    uint8_t data[64];
    for (int mark = 0; mark < 256; mark++) {
        // Both readings of these bytes are framed well: an odd first byte, the header twice.
        bool spoken = mark == 0xE0 || mark == 0xE1 || mark == 0xE8 || mark == 0xE9;
        bool whole = parses("\xb0\x80\0\0\1", 5, 40, (uint8_t)mark, &parts, data);
        CHECK_EQ(whole, spoken && (mark & 7) == 0);
        bool vp8 = parses("\x01\0\0\xb0\x80\0\0\1", 8, 40, (uint8_t)mark, &parts, data);
        CHECK_EQ(vp8, spoken && (mark & 7) == 1);
    }
}

TEST(refuses_headers_that_no_sealer_writes) {
    static const struct {
        const char *start;
        size_t size;
        bool accepted;
    } rows[] = {
        {"\xb0\x80\0\0\1", 5, true},
        {"\xb0\xff\xff\xff\xff", 5, true},
        {"\xbb\x80\0\0\1\xff\xff\xff\xff", 9, true},      // the last counter
        {"\xbc\x80\0\0\1\1\0\0\0\0", 10, false},          // 2^32
        {"\xb0\x7f\xff\xff\xff", 5, false},               // the top bit of the KID is missing
        {"\x70", 1, false},                               // a KID of three bits
        {"\xa0\x80\0\1", 4, false},                       // of three bytes
        {"\xc0\1\x80\0\0\1", 6, false},                   // of five bytes
        {"\xc0\0\x80\0\0\1", 6, false},                   // of four in five
        {"\xb8\x80\0\0\1\7", 6, false},                   // a counter below 8 in its own byte
        {"\xb9\x80\0\0\1\0\x2c", 7, false},               // a leading zero
        {"\xff\0\0\0\0\x80\0\0\1\0\0\0\0\0\0\0\1", 17, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct sotto_wire_frame parts;
        uint8_t data[64];
        CHECK_EQ(parses(rows[i].start, rows[i].size, 50, 0xE0, &parts, data), rows[i].accepted);
    }
}

TEST(refuses_frames_of_impossible_sizes) {
    struct sotto_wire_frame parts;
    size_t most = (size_t)SOTTO_FRAME_SIZE_MAX + SOTTO_OVERHEAD_MAX;
    uint8_t *data = malloc(most + 1);
    CHECK(data);
    CHECK(parses("\xb0\x80\0\0\1", 5, SOTTO_OVERHEAD_MIN, 0xE0, &parts, data));
    CHECK(!parses("\xb0\x80\0\0\1", 5, SOTTO_OVERHEAD_MIN - 1, 0xE0, &parts, data));
    CHECK(parses("\xb0\x80\0\0\1", 5, most, 0xE0, &parts, data));
    CHECK(!parses("\xb0\x80\0\0\1", 5, most + 1, 0xE0, &parts, data));
    CHECK(!sotto_layout_parse(&parts, (struct sotto_bytes){NULL, 0}));
    free(data);
}

int main(void) {
    RUN(only_vp8_frames_long_enough_have_a_front);
    RUN(codecs_whose_layout_is_not_spoken_are_refused);
    RUN(the_mark_says_layout_and_suite);
    RUN(takes_a_whole_frame_apart);
    RUN(takes_vp8_frames_apart_by_their_first_bit);
    RUN(only_the_marks_of_spoken_layouts_are_known);
    RUN(refuses_headers_that_no_sealer_writes);
    RUN(refuses_frames_of_impossible_sizes);
    return 0;
}
