#include "core/layout.h"

#include "core/limits.h"
#include "tests/core/streams.h"

#include <sys/wait.h>
#include <unistd.h>

static const uint8_t vp8_key[] = {0x10, 2, 0, 0x9d, 1, 0x2a, 0x80, 2, 0xe0, 1, 0x0e};
static const uint8_t vp8_delta[] = {0xb1, 5, 0, 0xc1};

// The front of a frame as it is written, and its layout.
static size_t front_of(enum sotto_codec codec, struct sotto_bytes frame, uint8_t *front,
                       enum sotto_layout *layout) {
    const struct sotto_sframe_header header = {0x80000001, 0};
    struct sotto_writer writer;
    sotto_writer_init(&writer, front, 64);
    CHECK_EQ(sotto_layout_write_front(codec, true, frame, &header, &writer, layout), SOTTO_OK);
    return writer.offset;
}

TEST(of_codecs_without_nal_units_vp8_and_av1_have_a_front) {
    static const struct {
        enum sotto_codec codec;
        const uint8_t *frame;
        size_t size;
        enum sotto_layout layout;
        size_t front_size;
        size_t kept_size;
        size_t authenticated_size;
    } rows[] = {
        {SOTTO_CODEC_OTHER, vp8_key, sizeof vp8_key, SOTTO_LAYOUT_WHOLE, 0, 0, 0},
        {SOTTO_CODEC_OPUS, vp8_key, sizeof vp8_key, SOTTO_LAYOUT_WHOLE, 0, 0, 0},
        {SOTTO_CODEC_RED, vp8_key, sizeof vp8_key, SOTTO_LAYOUT_WHOLE, 0, 0, 0},
        {SOTTO_CODEC_VP9, vp8_key, sizeof vp8_key, SOTTO_LAYOUT_WHOLE, 0, 0, 0},
        {SOTTO_CODEC_VP8, vp8_key, 11, SOTTO_LAYOUT_VP8, 10, 10, 10},
        {SOTTO_CODEC_VP8, vp8_key, 10, SOTTO_LAYOUT_VP8, 10, 10, 10},
        {SOTTO_CODEC_VP8, vp8_key, 9, SOTTO_LAYOUT_WHOLE, 0, 0, 0},
        {SOTTO_CODEC_VP8, vp8_key, 1, SOTTO_LAYOUT_WHOLE, 0, 0, 0},
        {SOTTO_CODEC_VP8, vp8_delta, 4, SOTTO_LAYOUT_VP8, 3, 3, 3},
        {SOTTO_CODEC_VP8, vp8_delta, 3, SOTTO_LAYOUT_VP8, 3, 3, 3},
        {SOTTO_CODEC_VP8, vp8_delta, 2, SOTTO_LAYOUT_WHOLE, 0, 0, 0},
        {SOTTO_CODEC_VP8, NULL, 0, SOTTO_LAYOUT_WHOLE, 0, 0, 0},
        {SOTTO_CODEC_AV1, vp8_key, 1, SOTTO_LAYOUT_AV1, 2, 0, 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        enum sotto_layout layout;
        uint8_t bytes[64];
        const struct sotto_bytes frame = {rows[i].frame, rows[i].size};
        const struct sotto_bytes front = {bytes, front_of(rows[i].codec, frame, bytes, &layout)};
        CHECK_EQ(layout, rows[i].layout);
        CHECK_EQ(front.size, rows[i].front_size);
        CHECK_EQ(sotto_layout_kept_size(layout, front), rows[i].kept_size);
        CHECK_BYTES(front.data, frame.data, rows[i].kept_size);
        CHECK_EQ(sotto_layout_authenticated(layout, front).size, rows[i].authenticated_size);
        CHECK(sotto_layout_authenticated(layout, front).data == bytes);
    }
}

TEST(a_front_that_does_not_fit_is_told) {
    static const uint8_t slice[] = {0, 0, 1, 0x65, 0x88, 0x10};
    static const struct {
        enum sotto_codec codec;
        struct sotto_bytes frame;
        size_t front_size;
    } rows[] = {
        {SOTTO_CODEC_VP8, {vp8_key, sizeof vp8_key}, 10},
        {SOTTO_CODEC_VP8, {vp8_delta, sizeof vp8_delta}, 3},
        {SOTTO_CODEC_AV1, {vp8_key, sizeof vp8_key}, 2},
        {SOTTO_CODEC_H264, {slice, sizeof slice}, 6},
    };
    const struct sotto_sframe_header header = {0x80000001, 0};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (size_t capacity = 0; capacity <= rows[i].front_size; capacity++) {
            uint8_t front[16];
            enum sotto_layout layout;
            struct sotto_writer writer;
            sotto_writer_init(&writer, front, capacity);
            CHECK_EQ(sotto_layout_write_front(rows[i].codec, true, rows[i].frame, &header,
                                              &writer, &layout),
                     capacity < rows[i].front_size ? SOTTO_TOO_SMALL : SOTTO_OK);
        }
    }
}

TEST(the_most_that_sealing_makes_of_a_frame) {
    static const struct {
        enum sotto_codec codec;
        size_t frame_size;
        size_t most;
    } rows[] = {
        {SOTTO_CODEC_OPUS, 100, 126},
        {SOTTO_CODEC_VP8, 100, 126},
        {SOTTO_CODEC_VP9, 0, 26},
        {SOTTO_CODEC_AV1, 100, 131},
        {SOTTO_CODEC_H264, 100, 100 + 25 + 126 + 63},
        {SOTTO_CODEC_H265, 101, 101 + 25 + 127 + 63},
        {SOTTO_CODEC_VP9, SOTTO_FRAME_SIZE_MAX, SOTTO_FRAME_SIZE_MAX + 26},
        {SOTTO_CODEC_VP9, SOTTO_FRAME_SIZE_MAX + 1, SOTTO_FRAME_SIZE_MAX + 26},
        {SOTTO_CODEC_H264, SIZE_MAX, 46137383},
        {(enum sotto_codec)99, 100, 126},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        CHECK_EQ(sotto_layout_wire_size_max(rows[i].codec, rows[i].frame_size), rows[i].most);
}

TEST(the_mark_says_layout_and_suite) {
    CHECK_EQ(sotto_layout_mark(SOTTO_LAYOUT_WHOLE, SUITE_4), 0xE0);
    CHECK_EQ(sotto_layout_mark(SOTTO_LAYOUT_VP8, SUITE_4), 0xE1);
    CHECK_EQ(sotto_layout_mark(SOTTO_LAYOUT_AV1, SUITE_4), 0xE4);
    CHECK_EQ(sotto_layout_mark(SOTTO_LAYOUT_WHOLE, SUITE_5), 0xE8);
    CHECK_EQ(sotto_layout_mark(SOTTO_LAYOUT_VP8, SUITE_5), 0xE9);
    CHECK_EQ(sotto_layout_mark(SOTTO_LAYOUT_AV1, SUITE_5), 0xEC);
    // Suites 1 to 3 would look like 4: the program ends first.
    for (int suite = 0; suite < 8; suite++) {
        int status;
        pid_t child = fork();
        CHECK(child >= 0);
        if (child == 0)
            _exit(sotto_layout_mark(SOTTO_LAYOUT_WHOLE, (enum sotto_suite)suite) == 0);
        CHECK(waitpid(child, &status, 0) == child);
        CHECK_EQ(status == 0, suite == 4 || suite == 5);
    }
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

TEST(each_layout_is_known_by_its_mark_alone) {
    static const struct {
        const char *start;
        size_t size;
        unsigned layout;
    } rows[] = {
        {"\xb0\x80\0\0\1", 5, 0},
        {"\x01\0\0\xb0\x80\0\0\1", 8, 1},
        {"\0\0\0\1\x65\x88\xb0\x80\1\1\1", 11, 2},
        {"\0\0\0\1\x26\1\xb0\x80\1\1\1", 11, 3},
        {"\x0a\x2e\xb0\x80\0\0\1", 7, 4},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t data[48];
        for (unsigned mark = 0; mark < 256; mark++) {
            struct sotto_wire_frame parts;
            memset(data, 0x5A, sizeof data);
            memcpy(data, rows[i].start, rows[i].size);
            data[sizeof data - 1] = (uint8_t)mark;
            CHECK_EQ(sotto_layout_parse(&parts, (struct sotto_bytes){data, sizeof data}),
                     (mark & 0xF7) == (0xE0 | rows[i].layout));
        }
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
    size_t most = (size_t)SOTTO_FRAME_SIZE_MAX + SOTTO_OVERHEAD_MIN; // under a counter below 8
    uint8_t *data = malloc(most + 4);
    CHECK(data);
    CHECK(parses("\xb0\x80\0\0\1", 5, SOTTO_OVERHEAD_MIN, 0xE0, &parts, data));
    CHECK(!parses("\xb0\x80\0\0\1", 5, SOTTO_OVERHEAD_MIN - 1, 0xE0, &parts, data));
    CHECK(parses("\xb0\x80\0\0\1", 5, most, 0xE0, &parts, data));
    CHECK(!parses("\xb0\x80\0\0\1", 5, most + 1, 0xE0, &parts, data));
    // What VP8 keeps in clear counts.
    CHECK(parses("\x01\0\0\xb0\x80\0\0\1", 8, most, 0xE1, &parts, data));
    CHECK(!parses("\x01\0\0\xb0\x80\0\0\1", 8, most + 1, 0xE1, &parts, data));
    CHECK(!sotto_layout_parse(&parts, (struct sotto_bytes){NULL, 0}));
    free(data);
}

int main(void) {
    RUN(of_codecs_without_nal_units_vp8_and_av1_have_a_front);
    RUN(a_front_that_does_not_fit_is_told);
    RUN(the_most_that_sealing_makes_of_a_frame);
    RUN(the_mark_says_layout_and_suite);
    RUN(takes_a_whole_frame_apart);
    RUN(takes_vp8_frames_apart_by_their_first_bit);
    RUN(each_layout_is_known_by_its_mark_alone);
    RUN(refuses_headers_that_no_sealer_writes);
    RUN(refuses_frames_of_impossible_sizes);
    return 0;
}
