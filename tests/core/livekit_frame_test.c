#include "core/livekit_frame.h"

#include "core/limits.h"
#include "tests/core/livekit_streams.h"

#define ROW(text) text, sizeof(text) - 1

TEST(a_header_is_what_codec_and_frame_say) {
    static const struct {
        enum sotto_codec codec;
        bool is_key_frame;
        size_t size;
        int header_size; // -1: refused
    } rows[] = {
        {SOTTO_CODEC_OPUS, false, 1, 1},     {SOTTO_CODEC_OPUS, true, 80, 1},
        {SOTTO_CODEC_RED, false, 40, 1},     {SOTTO_CODEC_VP8, true, 11, 10},
        {SOTTO_CODEC_VP8, true, 10, 10},     {SOTTO_CODEC_VP8, true, 9, -1},
        {SOTTO_CODEC_VP8, false, 3, 3},      {SOTTO_CODEC_VP8, false, 2, -1},
        {SOTTO_CODEC_VP8, false, 1, -1},     {SOTTO_CODEC_VP9, true, 1, 0},
        {SOTTO_CODEC_VP9, false, 50, 0},     {SOTTO_CODEC_AV1, true, 50, -1},
        {SOTTO_CODEC_H264, true, 9, -1},     {SOTTO_CODEC_H264, false, 3, 3},
        {SOTTO_CODEC_H265, false, 50, 3},    {SOTTO_CODEC_H265, true, 50, 10},
        {SOTTO_CODEC_OTHER, true, 50, 10},   {SOTTO_CODEC_OTHER, false, 50, 3},
        {(enum sotto_codec)99, true, 50, -1}, {(enum sotto_codec)-1, true, 50, -1},
    };
    static const uint8_t frame[80] = {0x10, 2};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct sotto_livekit_split split = {99, true};
        const enum sotto_result result = sotto_livekit_frame_split(
            rows[i].codec, rows[i].is_key_frame, (struct sotto_bytes){frame, rows[i].size},
            &split);
        CHECK_EQ(result, rows[i].header_size < 0 ? SOTTO_INVALID : SOTTO_OK);
        CHECK_EQ(split.header_size, rows[i].header_size < 0 ? 0 : rows[i].header_size);
        CHECK(!split.is_escaped);
    }
}

// By hand from the rule; what LiveKit's own code says of random frames is tested in web/packages.
TEST(pictures_in_nal_units_keep_all_before_the_first_slice) {
    static const struct {
        const char *frame;
        size_t size;
        size_t header_size; // 0: no slice, as VP8
    } rows[] = {
        {ROW("\0\0\0\1\x67\x42\xc0\0\0\0\1\x68\x87\0\0\0\1\x65\x88\x84\x0a"), 19},
        {ROW("\0\0\1\x67\x42\xc0\0\0\1\x68\x87\0\0\1\x65\x88\x84\x0a"), 16},
        {ROW("\0\0\0\1\x41\x9a\x01\x02"), 6},
        {ROW("\0\0\1\x41\x9a\x01\x02"), 5},
        {ROW("\0\0\0\0\0\1\x41\x9a\x01\x02"), 8},               // zeros before the first
        {ROW("\x09\0\0\0\1\x41\x9a\x01\x02"), 0},               // anything else before it
        {ROW("\0\0\0\1\x41\x9a\x01"), 0},                       // in the last three bytes
        {ROW("\0\0\0\1\x67\x42\0\0\0\1\x65\x88\x84"), 0},       // the slice in the last three
        {ROW("\0\0\0\1\x67\x42\0\0\0\1\x65\x88\x84\x0a"), 12},
        {ROW("\0\0\0\1\x67\x42\xc0\0\0\0\1\x68\x87\x11\x22"), 0}, // no slice
        {ROW("\0\0\0\1\x09\xf0\0\0\0\1\x41\x9a\x01\x02"), 12},  // 9 reads as H.265's STSA_N
        {ROW("\0\0\0\1\x06\x05\x01\0\0\0\1\x25\x9a\x01\x02"), 13},
        {ROW("\0\0\0\1\x06\x05\x01\x02"), 6},                   // SEI alone: H.265's TSA_R
        {ROW("\0\0\0\1\x40\x01\0\0\0\1\x42\x01\0\0\0\1\x26\x01\xaf\x02"), 18},
        {ROW("\0\0\0\1\x02\x01\xaf\x02"), 6},
        {ROW("\0\0\0\1\x12\x01\xaf\x02"), 6},                   // type 9
        {ROW("\0\0\0\1\x14\x01\xaf\x02"), 0},                   // type 10
        {ROW("\0\0\0\1\x20\x01\xaf\x02"), 6},                   // type 16
        {ROW("\0\0\0\1\x2a\x01\xaf\x02"), 6},                   // type 21
        {ROW("\0\0\0\1\x2c\x01\xaf\x02"), 0},                   // type 22
        {ROW("\0\0\1\0\0\1\x67\x42\xc0\x01"), 5},               // an empty unit: H.265's TRAIL_N
        {ROW("\0\0\1\0\0\1\x41\x42\xc0\x01"), 8},
        {ROW("\0\0\0\0\0\0\0\0\0\0\0"), 0},
        {ROW("\0\0\0\0\0\0\0\0\0\0\1"), 0},
    };
    static const enum sotto_codec codecs[] = {SOTTO_CODEC_H264, SOTTO_CODEC_H265,
                                              SOTTO_CODEC_OTHER};
    for (size_t i = 0; i < 3 * sizeof rows / sizeof *rows; i++) {
        struct wire frame =
            copy_wire((const uint8_t *)rows[i / 3].frame, rows[i / 3].size);
        struct sotto_livekit_split split;
        CHECK_EQ(sotto_livekit_frame_split(codecs[i % 3], false,
                                           (struct sotto_bytes){frame.data, frame.size}, &split),
                 SOTTO_OK);
        CHECK_EQ(split.is_escaped, rows[i / 3].header_size > 0);
        CHECK_EQ(split.header_size, split.is_escaped ? rows[i / 3].header_size : 3);
        free(frame.data);
    }
}

TEST(a_receiver_knows_every_split_that_a_sender_may_have_taken) {
    static const uint8_t slice[40] = {0, 0, 0, 1, 0x41, 0x9a, 1, 2};
    static const uint8_t both[40] = {0, 0, 0, 1, 2, 1, 7, 0, 0, 1, 0x41, 0x9a};
    static const uint8_t other[40] = {0x10, 2};
    static const struct {
        enum sotto_codec codec;
        const uint8_t *wire;
        size_t count;
        size_t header_sizes[SOTTO_LIVEKIT_SPLITS_MAX];
        size_t escaped_count;
    } rows[] = {
        {SOTTO_CODEC_OPUS, other, 1, {1}, 0},
        {SOTTO_CODEC_RED, other, 1, {1}, 0},
        {SOTTO_CODEC_VP9, other, 1, {0}, 0},
        {SOTTO_CODEC_VP8, other, 2, {10, 3}, 0},
        {SOTTO_CODEC_H264, slice, 2, {6, 10}, 1},
        {SOTTO_CODEC_H264, other, 1, {10}, 0},
        {SOTTO_CODEC_H264, both, 3, {12, 6, 10}, 2},
        {SOTTO_CODEC_H265, slice, 2, {6, 10}, 1},
        {SOTTO_CODEC_OTHER, slice, 5, {6, 10, 3, 1, 0}, 1},
        {SOTTO_CODEC_OTHER, both, 6, {12, 6, 10, 3, 1, 0}, 2},
        {SOTTO_CODEC_OTHER, other, 4, {10, 3, 1, 0}, 0},
        {SOTTO_CODEC_AV1, other, 0, {0}, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct sotto_livekit_split splits[SOTTO_LIVEKIT_SPLITS_MAX];
        const size_t count = sotto_livekit_frame_list_splits(
            rows[i].codec, true, (struct sotto_bytes){rows[i].wire, 40}, splits);
        CHECK_EQ(count, rows[i].count);
        for (size_t j = 0; j < count; j++) {
            CHECK_EQ(splits[j].header_size, rows[i].header_sizes[j]);
            CHECK_EQ(splits[j].is_escaped, j < rows[i].escaped_count);
        }
    }
}

TEST(start_codes_of_three_bytes_become_four) {
    static const struct {
        const char *header;
        size_t size;
        const char *written;
        size_t written_size;
    } rows[] = {
        {ROW(""), ROW("")},
        {ROW("\0\0\1\x41\x9a"), ROW("\0\0\0\1\x41\x9a")},
        {ROW("\0\0\0\1\x41\x9a"), ROW("\0\0\0\1\x41\x9a")},
        {ROW("\0\0\0\0\1\x41\x9a"), ROW("\0\0\0\0\1\x41\x9a")},
        {ROW("\0\0\1\x67\x42\0\0\1\x65\x88"), ROW("\0\0\0\1\x67\x42\0\0\0\1\x65\x88")},
        {ROW("\0\0\0\1\x67\x42\0\0\1\x65\x88"), ROW("\0\0\0\1\x67\x42\0\0\0\1\x65\x88")},
        {ROW("\0\0\1\0\0\1\0\0\1"), ROW("\0\0\0\1\0\0\0\1\0\0\0\1")},
        {ROW("\x67\0\0\x03\x01\0\0\2\1"), ROW("\x67\0\0\x03\x01\0\0\2\1")},
        {ROW("\0\0"), ROW("\0\0")},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct sotto_bytes header = {(const uint8_t *)rows[i].header, rows[i].size};
        for (size_t capacity = 0; capacity <= rows[i].written_size; capacity++) {
            struct wire output = copy_wire(NULL, 0);
            output.data = realloc(output.data, capacity + 1);
            CHECK(output.data);
            size_t size;
            const bool fits =
                sotto_livekit_frame_write_header(header, output.data, capacity, &size);
            CHECK_EQ(fits, capacity == rows[i].written_size);
            CHECK_EQ(size, fits ? rows[i].written_size : 0);
            if (fits)
                CHECK_BYTES(output.data, (const uint8_t *)rows[i].written, size);
            free(output.data);
        }
    }
}

TEST(the_nonce_is_ssrc_timestamp_and_count) {
    static const struct {
        struct sotto_livekit_iv iv;
        const char *bytes;
    } rows[] = {
        {{0x11223344, 960, 16383}, "\x11\x22\x33\x44\0\0\x03\xc0\xff\xff\xc3\xc1"},
        {{1, 2, 0}, "\0\0\0\1\0\0\0\2\0\0\0\2"},
        {{0xffffffff, 0, 65534}, "\xff\xff\xff\xff\0\0\0\0\xff\xff\0\2"},
    };
    uint8_t bytes[30] = {0};
    bytes[28] = 12;
    bytes[29] = 15;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        sotto_livekit_frame_write_iv(&rows[i].iv, bytes + 16);
        CHECK_BYTES(bytes + 16, (const uint8_t *)rows[i].bytes, SOTTO_AEAD_NONCE_SIZE);
        struct sotto_livekit_sealed sealed;
        CHECK(sotto_livekit_frame_parse(&sealed, (struct sotto_bytes){bytes, sizeof bytes}));
        CHECK_EQ(sealed.iv.ssrc, rows[i].iv.ssrc);
        CHECK_EQ(sealed.iv.timestamp, rows[i].iv.timestamp);
        CHECK_EQ(sealed.iv.count, rows[i].iv.count);
        CHECK_EQ(sealed.key_index, 15);
        CHECK_EQ(sealed.ciphertext.size, 0);
        CHECK(sealed.tag == bytes && sealed.nonce == bytes + 16);
    }
    // A count of 65,535 or more is nobody's.
    memset(bytes + 16, 0, 12);
    for (unsigned count = 65533; count <= 65537; count++) {
        const uint32_t word = 0 - count;
        for (size_t i = 0; i < 4; i++)
            bytes[24 + i] = (uint8_t)(word >> (24 - 8 * i));
        struct sotto_livekit_sealed sealed;
        CHECK_EQ(sotto_livekit_frame_parse(&sealed, (struct sotto_bytes){bytes, sizeof bytes}),
                 count <= 65534);
    }
}

TEST(takes_nothing_apart_that_is_cut) {
    uint8_t bytes[40] = {0};
    bytes[38] = 12;
    const uint8_t *end = bytes + sizeof bytes;
    for (size_t size = 0; size <= sizeof bytes; size++) {
        struct wire part = copy_wire(end - size, size);
        struct sotto_livekit_sealed sealed;
        uint8_t index = 99;
        const struct sotto_bytes data = {part.data, size};
        const bool is_whole = sotto_livekit_frame_parse(&sealed, data);
        CHECK_EQ(is_whole, size >= SOTTO_LIVEKIT_OVERHEAD);
        CHECK_EQ(sealed.ciphertext.size, is_whole ? size - SOTTO_LIVEKIT_OVERHEAD : 0);
        CHECK_EQ(sealed.tag != NULL, is_whole);
        CHECK_EQ(sotto_livekit_frame_read_index(data, &index), is_whole);
        CHECK_EQ(index, 0);
        free(part.data);
    }
    for (unsigned value = 0; value < 256; value++) {
        uint8_t index;
        struct sotto_livekit_sealed sealed;
        bytes[38] = (uint8_t)value;
        bytes[39] = (uint8_t)value;
        const struct sotto_bytes data = {bytes, sizeof bytes};
        CHECK_EQ(sotto_livekit_frame_parse(&sealed, data), value == 12);
        CHECK_EQ(sotto_livekit_frame_read_index(data, &index), value == 12);
        CHECK_EQ(index, value == 12 ? 12 : 0);
    }
}

int main(void) {
    RUN(a_header_is_what_codec_and_frame_say);
    RUN(pictures_in_nal_units_keep_all_before_the_first_slice);
    RUN(a_receiver_knows_every_split_that_a_sender_may_have_taken);
    RUN(start_codes_of_three_bytes_become_four);
    RUN(the_nonce_is_ssrc_timestamp_and_count);
    RUN(takes_nothing_apart_that_is_cut);
    return 0;
}
