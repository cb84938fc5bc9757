#include "core/layout_h26x.h"

#include "tests/core/streams.h"

enum { CAPACITY = 256 };

static const enum sotto_layout H264 = SOTTO_LAYOUT_H264;
static const enum sotto_layout H265 = SOTTO_LAYOUT_H265;

static void check_front(enum sotto_layout layout, struct sotto_bytes frame,
                        struct sotto_bytes expected) {
    uint8_t front[CAPACITY];
    struct sotto_writer writer;
    sotto_writer_init(&writer, front, sizeof front);
    CHECK(sotto_layout_h26x_write_front(layout, frame, &writer));
    CHECK_EQ(writer.offset, expected.size);
    CHECK_BYTES(front, expected.data, expected.size);
}

static bool has_front(enum sotto_layout layout, struct sotto_bytes frame) {
    uint8_t front[CAPACITY];
    struct sotto_writer writer;
    sotto_writer_init(&writer, front, sizeof front);
    return sotto_layout_h26x_write_front(layout, frame, &writer);
}

TEST(the_front_is_the_parameter_sets_and_two_bytes_of_the_first_slice) {
    // Start codes of three and four bytes, trailing zeros, one slice and several.
    check_front(H264, SOTTO_BYTES("\0\0\1\x41\x9a\xee\xfd"), SOTTO_BYTES("\0\0\0\1\x41\x9a"));
    check_front(H264,
                SOTTO_BYTES("\0\0\0\1\x67\x42\xc0\0\0\0\0\1\x68\xce\0\0\1\x65\x88\1"
                            "\0\0\1\x65\x40"),
                SOTTO_BYTES("\0\0\0\1\x67\x42\xc0\0\0\0\1\x68\xce\0\0\0\1\x65\x88"));
    check_front(H264, SOTTO_BYTES("\0\0\1\x65\x88\xff\0\0\1\x65\xc0\xff\0\0\1\x65\xd0\xff"),
                SOTTO_BYTES("\0\0\0\1\x65\x88"));
    // A delimiter, SEI, filler and bytes before the first start code stay behind.
    check_front(H264,
                SOTTO_BYTES("\x7f\0\0\1\x09\xf0\0\0\1\6\5\1\0\0\1\x67\x42\0\0\1\x0c\xff"
                            "\0\0\1\x41\x9a"),
                SOTTO_BYTES("\0\0\0\1\x67\x42\0\0\0\1\x41\x9a"));
    // So do parameter sets behind the slice.
    check_front(H264, SOTTO_BYTES("\0\0\1\x65\x88\xff\0\0\1\x68\xce"),
                SOTTO_BYTES("\0\0\0\1\x65\x88"));
    // The importance of a unit and the forbidden bit make no other type of it.
    check_front(H264, SOTTO_BYTES("\0\0\1\xe1\x9a"), SOTTO_BYTES("\0\0\0\1\xe1\x9a"));
    check_front(H264, SOTTO_BYTES("\0\0\1\x41\0\x69"), SOTTO_BYTES("\0\0\0\1\x41\0"));
    check_front(H265,
                SOTTO_BYTES("\0\0\0\1\x40\1\x0c\0\0\1\x42\1\0\0\1\x44\1\xc0\0\0\0\1\x26\1\xeb"),
                SOTTO_BYTES("\0\0\0\1\x40\1\x0c\0\0\0\1\x42\1\0\0\0\1\x44\1\xc0"
                            "\0\0\0\1\x26\1"));
    check_front(H265, SOTTO_BYTES("\0\0\1\x4e\1\5\0\0\1\2\1\xd0"), SOTTO_BYTES("\0\0\0\1\2\1"));
    check_front(H265, SOTTO_BYTES("\0\0\1\0\1\x80"), SOTTO_BYTES("\0\0\0\1\0\1"));
    // No encoder writes this header of two zeros.
    check_front(H265, SOTTO_BYTES("\0\0\1\0\0\5"), SOTTO_BYTES("\0\0\0\1\0\0"));
}

TEST(of_all_types_these_are_slices_and_parameter_sets) {
    for (unsigned type = 0; type < 64; type++) {
        const uint8_t h264[] = {0, 0, 1, (uint8_t)(0x60 | (type & 31)), 0x88, 0x10};
        const bool is_h264_slice = (type & 31) == 1 || (type & 31) == 5;
        CHECK_EQ(has_front(H264, (struct sotto_bytes){h264, sizeof h264}), is_h264_slice);
        const uint8_t h265[] = {0, 0, 1, (uint8_t)(type << 1), 1, 0x10};
        const bool is_h265_slice = type <= 9 || (type >= 16 && type <= 21);
        CHECK_EQ(has_front(H265, (struct sotto_bytes){h265, sizeof h265}), is_h265_slice);

        // Before a slice: parameter sets are copied, the rest is not.
        uint8_t frame[] = {0, 0, 1, (uint8_t)(type & 31), 0x42, 0, 0, 1, 0x65, 0x88};
        struct sotto_writer writer;
        uint8_t front[CAPACITY];
        sotto_writer_init(&writer, front, sizeof front);
        CHECK(sotto_layout_h26x_write_front(H264, (struct sotto_bytes){frame, sizeof frame},
                                            &writer));
        CHECK_EQ(writer.offset, (type & 31) == 7 || (type & 31) == 8 ? 12 : 6);
        uint8_t frame5[] = {0, 0, 1, (uint8_t)(type << 1), 1, 0, 0, 1, 0x26, 1};
        sotto_writer_init(&writer, front, sizeof front);
        CHECK(sotto_layout_h26x_write_front(H265, (struct sotto_bytes){frame5, sizeof frame5},
                                            &writer));
        CHECK_EQ(writer.offset, type >= 32 && type <= 34 ? 12 : 6);
    }
}

TEST(without_a_slice_of_two_bytes_there_is_no_front) {
    CHECK(!has_front(H264, SOTTO_BYTES("")));
    CHECK(!has_front(H264, SOTTO_BYTES("\x65\x88\x10")));
    CHECK(!has_front(H264, SOTTO_BYTES("\0\0\1")));
    CHECK(!has_front(H264, SOTTO_BYTES("\0\0\1\x65")));
    CHECK(!has_front(H264, SOTTO_BYTES("\0\0\1\x65\0\0")));
    CHECK(!has_front(H264, SOTTO_BYTES("\0\0\1\x67\x42\0\0\0\1\x68\xce")));
    CHECK(!has_front(H264, SOTTO_BYTES("\0\0\1\x41\0\0\1\x65\x88")));
    CHECK(!has_front(H264, SOTTO_BYTES("\0\0\1\x41\0\0\0\1\x65\x88")));
    CHECK(has_front(H264, SOTTO_BYTES("\0\0\1\x41\0\0\2")));
    CHECK(!has_front(H265, SOTTO_BYTES("\0\0\1\x26")));
    CHECK(!has_front(H265, SOTTO_BYTES("\0\0\1\x40\1\0\0\1\x42\1")));
    CHECK(!has_front(H265, SOTTO_BYTES("\0\0\1\0\0\1\x46\1")));
}

// Parameter sets of one byte, each behind a start code of three bytes, are the worst case.
TEST(the_front_is_at_most_a_quarter_larger_than_the_frame) {
    for (size_t units = 0; units < 30; units++) {
        uint8_t frame[CAPACITY], front[CAPACITY];
        for (size_t i = 0; i < units; i++)
            memcpy(frame + 4 * i, "\0\0\1\x67", 4);
        memcpy(frame + 4 * units, "\0\0\1\x65\x88", 5);
        const size_t size = 4 * units + 5;
        struct sotto_writer writer;
        sotto_writer_init(&writer, front, size + size / 4);
        CHECK(sotto_layout_h26x_write_front(H264, (struct sotto_bytes){frame, size}, &writer));
        CHECK(!writer.failed);
        CHECK_EQ(writer.offset, size + size / 4);
    }
}

// Whatever is written is taken, and no beginning of it is.
TEST(what_is_written_is_parsed) {
    static const struct {
        enum sotto_layout layout;
        struct sotto_bytes front;
    } rows[] = {
        {SOTTO_LAYOUT_H264, STATIC_BYTES("\0\0\0\1\x65\x88")},
        {SOTTO_LAYOUT_H264, STATIC_BYTES("\0\0\0\1\x41\0")},
        {SOTTO_LAYOUT_H264, STATIC_BYTES("\0\0\0\1\x67\0\0\0\1\x68\0\0\3\1\0\0\0\1\x65\x88")},
        {SOTTO_LAYOUT_H265, STATIC_BYTES("\0\0\0\1\0\0")},
        {SOTTO_LAYOUT_H265,
         STATIC_BYTES("\0\0\0\1\x40\1\x0c\0\0\0\1\x42\1\0\0\0\1\x44\1\xc0\0\0\0\1\x26\1")},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t wire[CAPACITY];
        const size_t size = rows[i].front.size;
        memset(wire, 0xB8, sizeof wire);
        memcpy(wire, rows[i].front.data, size);
        for (size_t cut = 0; cut < sizeof wire; cut++) {
            const struct sotto_bytes cut_wire = {wire, cut};
            if (cut != size)
                CHECK_EQ(sotto_layout_h26x_parse_front(rows[i].layout, cut_wire),
                         cut < size ? 0 : size);
        }
    }
}

#define REFUSED(layout, literal)                                                                   \
    CHECK_EQ(sotto_layout_h26x_parse_front(layout, SOTTO_BYTES(literal)), 0)

TEST(a_front_that_no_sealer_writes_is_refused) {
    REFUSED(H264, "");
    REFUSED(H264, "\xb8\xb8\xb8");
    REFUSED(H264, "\0\0\1\x65\x88\xb8");                          // a start code of three bytes
    REFUSED(H264, "\0\0\0\0\1\x65\x88\xb8");                      // of five
    REFUSED(H264, "\1\0\0\1\x65\x88\xb8");                        // of another first byte
    REFUSED(H264, "\xff\0\0\0\1\x65\x88\xb8");                    // a byte before it
    REFUSED(H264, "\0\0\0\1\x67\x42\0\0\1\x65\x88\xb8");          // the second of three bytes
    REFUSED(H264, "\0\0\0\1\x67\x42\0\0\0\0\1\x65\x88\xb8");      // zeros behind a unit
    REFUSED(H264, "\0\0\0\1\0\0\0\1\x65\x88\xb8");                // nothing between start codes
    REFUSED(H264, "\0\0\0\1\x09\xf0\0\0\0\1\x65\x88\xb8");        // a delimiter
    REFUSED(H264, "\0\0\0\1\6\5\1\0\0\0\1\x65\x88\xb8");          // SEI
    REFUSED(H264, "\0\0\0\1\x67\x42\0\0\0\1\x0c\xff\0\0\0\1\x65\x88\xb8"); // filler
    REFUSED(H264, "\0\0\0\1\x67\x42\xb8");                        // no slice
    REFUSED(H264, "\0\0\0\1\x65");                                // of one byte
    REFUSED(H264, "\0\0\0\1\x65\0\0\0\1\x65\x88\xb8");
    REFUSED(H264, "\0\0\0\1\x26\1\xb8");                          // H.265's
    REFUSED(H265, "\0\0\0\1\x65\x88\xb8");                        // H.264's, type 50
    REFUSED(H265, "\0\0\0\1\x46\1\x50\0\0\0\1\x26\1\xb8");        // a delimiter
}

int main(void) {
    RUN(the_front_is_the_parameter_sets_and_two_bytes_of_the_first_slice);
    RUN(of_all_types_these_are_slices_and_parameter_sets);
    RUN(without_a_slice_of_two_bytes_there_is_no_front);
    RUN(the_front_is_at_most_a_quarter_larger_than_the_frame);
    RUN(what_is_written_is_parsed);
    RUN(a_front_that_no_sealer_writes_is_refused);
    return 0;
}
