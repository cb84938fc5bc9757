// Emulation prevention on its whole way, at every place of a sealed frame of H.264 and H.265 that
// needs it.
#include "tests/core/samples.h"

static size_t check_shaped(enum sotto_codec codec, struct sotto_bytes front, size_t size,
                           const uint8_t *ciphertext) {
    uint8_t *frame = malloc(size);
    CHECK(frame);
    const struct sample sample = {codec, false, {frame, size}, front, 0};
    sealer.counter %= 8;
    shape_ciphertext(&sample, front.size, frame, ciphertext);
    struct wire expected = lay_out(&sample, sealer.counter);
    struct wire wire = seal_sample(&sample);
    CHECK_EQ(wire.size, expected.size);
    CHECK_BYTES(wire.data, expected.data, expected.size);
    CHECK_BYTES(wire.data, front.data, front.size);
    size_t opened_size;
    uint8_t *opened = malloc(wire.size);
    CHECK(opened);
    CHECK_EQ(open_anew(wire, opened, &opened_size), SOTTO_OK);
    CHECK_EQ(opened_size, size);
    CHECK_BYTES(opened, frame, size);
    const size_t escapes = wire.size - front.size - size - SOTTO_OVERHEAD_MIN;
    free(opened);
    free(expected.data);
    free(wire.data);
    free(frame);
    return escapes;
}

// Every place of a run of zeros in the ciphertext, and every byte of interest behind it; also
// behind fronts that end in zeros, and where the tag begins.
TEST(zeros_in_the_ciphertext_are_escaped_at_every_place) {
    enum { SIZE = 40 };
    static const struct {
        enum sotto_codec codec;
        struct sotto_bytes front;
    } rows[] = {
        {SOTTO_CODEC_H264, STATIC_BYTES("\0\0\0\1\x65\x88")},
        {SOTTO_CODEC_H264, STATIC_BYTES("\0\0\0\1\x41\0")},
        {SOTTO_CODEC_H265, STATIC_BYTES("\0\0\0\1\0\0")},
        {SOTTO_CODEC_H265, STATIC_BYTES("\0\0\0\1\x40\1\0\0\0\1\x26\1")},
    };
    static const uint8_t behind[] = {1, 2, 3, 4, 0x80};
    begin(SUITE_4);
    size_t escapes = 0;
    for (size_t row = 0; row < sizeof rows / sizeof *rows; row++) {
        for (size_t at = rows[row].front.size; at < SIZE; at++) {
            for (size_t run = 1; run <= 5 && at + run <= SIZE; run++) {
                uint8_t ciphertext[SIZE + 1];
                memset(ciphertext, 0x55, sizeof ciphertext);
                memset(ciphertext + at, 0, run);
                ciphertext[at + run] = behind[(at + run) % sizeof behind];
                escapes += check_shaped(rows[row].codec, rows[row].front, SIZE, ciphertext);
            }
        }
    }
    CHECK(escapes > 500);
    end();
}

// A frame whose bytes before its first start code are free: its ciphertext may begin as it likes.
TEST(a_ciphertext_that_begins_with_zeros_is_escaped) {
    enum { SIZE = 24, SLICE_AT = 12, HEADER_SIZE = 5 };
    static const uint8_t slice[] = {0, 0, 1, 0x41, 0x9a, 0x10};
    begin(SUITE_4);
    for (uint8_t third = 0; third < 5; third++) {
        uint8_t frame[SIZE] = {0};
        const struct sample zeros = {SOTTO_CODEC_OTHER, false, {frame, SIZE}, {NULL, 0}, 0};
        sealer.counter = third;
        struct wire key_stream = seal_sample(&zeros);
        sealer.counter = third;
        memset(frame, 0x77, sizeof frame);
        memcpy(frame, key_stream.data + HEADER_SIZE, 3);
        frame[2] ^= third;
        memcpy(frame + SLICE_AT, slice, sizeof slice);
        const struct sample sample = {SOTTO_CODEC_H264, false, {frame, SIZE},
                                      STATIC_BYTES("\0\0\0\1\x41\x9a"), 0};
        struct wire expected = lay_out(&sample, third);
        struct wire wire = seal_sample(&sample);
        CHECK_EQ(wire.size, expected.size);
        CHECK_BYTES(wire.data, expected.data, expected.size);
        CHECK_EQ(wire.data[11], 0);
        CHECK_EQ(wire.data[12], 0);
        CHECK_EQ(wire.data[13], third <= 3 ? 3 : 4);
        check_opens(&opener, wire, frame, SIZE);
        free(key_stream.data);
        free(expected.data);
        free(wire.data);
    }
    end();
}

// Tags cannot be chosen: counters are tried until one begins, holds or ends as wanted.
TEST(escapes_inside_the_tag_and_before_the_mark) {
    enum { SIZE = 12, TRIES = 1 << 18 };
    const struct sample *sample = &samples[9];
    begin(SUITE_4);
    size_t with_escape = 0, before_mark = 0;
    for (size_t i = 0; i < TRIES; i++) {
        const uint64_t counter = sealer.counter;
        struct wire wire = seal_sample(sample);
        const bool ends_in_zeros = wire.data[wire.size - 2] == 0 && wire.data[wire.size - 3] == 0;
        const size_t header_size = counter < 8 ? 5 : counter < 256 ? 6 : counter < 65536 ? 7 : 8;
        const size_t plain_size = sample->front.size + header_size + sample->frame.size + 17;
        before_mark += ends_in_zeros;
        with_escape += wire.size > plain_size;
        if (ends_in_zeros || wire.size > plain_size) {
            struct wire expected = lay_out(sample, counter);
            CHECK_EQ(wire.size, expected.size);
            CHECK_BYTES(wire.data, expected.data, expected.size);
            check_opens(&opener, wire, sample->frame.data, sample->frame.size);
            free(expected.data);
        }
        free(wire.data);
    }
    CHECK(with_escape > 0 && before_mark > 0);
    end();
}

// KIDs and counters may hold zeros too: the header is escaped like the rest.
TEST(escapes_inside_the_header) {
    static const uint64_t counters[] = {0x10000, 0x10001, 0x20000, 0x1000003, 0x3000000, 0x1010000};
    begin(SUITE_4);
    for (size_t i = 0; i < sizeof counters / sizeof *counters; i++) {
        sealer.counter = counters[i];
        struct wire expected = lay_out(&samples[10], counters[i]);
        struct wire wire = seal_sample(&samples[10]);
        CHECK_EQ(wire.size, expected.size);
        CHECK_BYTES(wire.data, expected.data, expected.size);
        size_t size;
        uint8_t opened[128];
        CHECK_EQ(open_anew(wire, opened, &size), SOTTO_OK);
        CHECK_EQ(size, samples[10].frame.size);
        CHECK_BYTES(opened, samples[10].frame.data, size);
        free(expected.data);
        free(wire.data);
    }
    end();
}

// One escape is taken out, put in or moved: none of it is what a sealer writes, key or no key.
TEST(an_escape_that_no_escaper_writes_is_not_sealed) {
    enum { SIZE = 40, AT = 20 };
    static const struct sotto_bytes front = STATIC_BYTES("\0\0\0\1\x65\x88");
    static const struct {
        struct sotto_bytes written; // in place of 00 00 03 00
        enum sotto_result result;
    } rows[] = {
        {STATIC_BYTES("\0\0\3\0"), SOTTO_OK},
        {STATIC_BYTES("\0\0\0"), SOTTO_NOT_SEALED},
        {STATIC_BYTES("\0\0\1"), SOTTO_NOT_SEALED},
        {STATIC_BYTES("\0\0\2"), SOTTO_NOT_SEALED},
        {STATIC_BYTES("\0\0\3\4"), SOTTO_NOT_SEALED},
        {STATIC_BYTES("\0\0\3\x80"), SOTTO_NOT_SEALED},
        {STATIC_BYTES("\0\0\3\3\0"), SOTTO_TAMPERED}, // well formed, and one byte more
        {STATIC_BYTES("\0\0\3\1"), SOTTO_TAMPERED},
        {STATIC_BYTES("\0\1\0"), SOTTO_TAMPERED},
    };
    begin(SUITE_4);
    uint8_t frame[SIZE], ciphertext[SIZE];
    const struct sample sample = {SOTTO_CODEC_H264, false, {frame, SIZE}, front, 0};
    memset(ciphertext, 0x55, sizeof ciphertext);
    memset(ciphertext + AT, 0, 3);
    shape_ciphertext(&sample, front.size, frame, ciphertext);
    struct wire wire = seal_sample(&sample);
    const size_t place = front.size + 5 + AT;
    CHECK_BYTES(wire.data + place, "\0\0\3\0", 4);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct sotto_bytes written = rows[i].written;
        const size_t size = wire.size - 4 + written.size;
        struct wire altered = copy_wire(wire.data, size > wire.size ? wire.size : size);
        altered.data = realloc(altered.data, size);
        altered.size = size;
        CHECK(altered.data);
        memcpy(altered.data + place, written.data, written.size);
        memcpy(altered.data + place + written.size, wire.data + place + 4, wire.size - place - 4);
        size_t opened_size;
        CHECK_EQ(open_anew(altered, NULL, &opened_size), rows[i].result);
        free(altered.data);
    }
    free(wire.data);
    end();
}

int main(void) {
    RUN(zeros_in_the_ciphertext_are_escaped_at_every_place);
    RUN(a_ciphertext_that_begins_with_zeros_is_escaped);
    RUN(escapes_inside_the_tag_and_before_the_mark);
    RUN(escapes_inside_the_header);
    RUN(an_escape_that_no_escaper_writes_is_not_sealed);
    return 0;
}
