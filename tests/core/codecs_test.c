// Frames of every codec on their whole way: sealed, laid out, taken apart, opened. The opener is
// never told the codec.
#include "tests/core/samples.h"

TEST(every_codec_lies_on_the_wire_as_documented_and_opens_without_being_named) {
    for (int suite = 4; suite <= 5; suite++) {
        begin((enum sotto_suite)suite);
        for (size_t i = 0; i < SAMPLE_COUNT; i++) {
            const struct sample *sample = &samples[i];
            struct wire expected = lay_out(sample, sealer.counter);
            struct wire wire = seal_sample(sample);
            CHECK_EQ(wire.size, expected.size);
            CHECK_BYTES(wire.data, expected.data, expected.size);
            check_opens(&opener, wire, sample->frame.data, sample->frame.size);
            CHECK_EQ(open_result(&opener, wire), SOTTO_REPLAYED);
            free(expected.data);
            free(wire.data);
        }
        end();
    }
}

static bool is_refusal(enum sotto_result result) {
    return result == SOTTO_NOT_SEALED || result == SOTTO_TAMPERED || result == SOTTO_MISSING_KEY;
}

// Nothing else than the frame itself opens, and that only if the `difference` is in the front of
// H.26x, for which nobody vouches. Whether it opened.
static bool opens_as_itself(const struct sample *sample, struct wire altered, size_t difference) {
    uint8_t *frame = malloc(altered.size);
    size_t size;
    CHECK(frame);
    const enum sotto_result result = open_anew(altered, frame, &size);
    if (result == SOTTO_OK) {
        CHECK(is_h26x(sample->codec) && difference < sample->front.size);
        CHECK_EQ(size, sample->frame.size);
        CHECK_BYTES(frame, sample->frame.data, size);
    } else {
        CHECK(is_refusal(result));
    }
    free(frame);
    return result == SOTTO_OK;
}

TEST(no_cut_opens) {
    begin(SUITE_4);
    size_t passed = 0;
    for (size_t i = 0; i < SAMPLE_COUNT; i++) {
        struct wire wire = seal_sample(&samples[i]);
        for (size_t cut = 1; cut < wire.size; cut++) {
            struct wire shorter = copy_wire(wire.data, cut);
            struct wire rest = copy_wire(wire.data + cut, wire.size - cut);
            CHECK(is_refusal(open_result(&opener, shorter)));
            passed += opens_as_itself(&samples[i], rest, cut);
            free(shorter.data);
            free(rest.data);
        }
        check_opens(&opener, wire, samples[i].frame.data, samples[i].frame.size);
        free(wire.data);
    }
    CHECK_EQ(passed, 3); // whole parameter sets cut off
    end();
}

TEST(no_flipped_bit_opens_another_frame) {
    begin(SUITE_4);
    size_t passed = 0;
    for (size_t i = 0; i < SAMPLE_COUNT; i++) {
        struct wire wire = seal_sample(&samples[i]);
        for (size_t bit = 0; bit < 8 * wire.size; bit++) {
            wire.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
            passed += opens_as_itself(&samples[i], wire, bit / 8);
            wire.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        free(wire.data);
    }
    CHECK(passed > 50); // in parameter sets and beginnings of slices
    end();
}

TEST(of_many_encodings_of_an_h264_frame_one_opens) {
    static const struct sotto_bytes fronts[] = {
        STATIC_BYTES("\0\0\0\1\x65\x88"),
        STATIC_BYTES("\0\0\0\1\x67\x42\0\0\0\1\x41\x9a"),
        STATIC_BYTES("\0\0\0\1\x67\x42\0\0\0\1\x67\x4d\1\2\3\0\0\0\1\x68\0\0\0\1\x41\x9a"),
    };
    begin(SUITE_4);
    for (size_t first = 0; first < 3; first++) {
        struct wire wire = seal_sample(&samples[9]);
        const size_t firm_size = wire.size - samples[9].front.size;
        for (size_t i = 0; i < 3; i++) {
            const struct sotto_bytes front = fronts[(first + i) % 3];
            struct wire other = {malloc(front.size + firm_size), front.size + firm_size};
            CHECK(other.data);
            memcpy(other.data, front.data, front.size);
            memcpy(other.data + front.size, wire.data + samples[9].front.size, firm_size);
            if (i == 0)
                check_opens(&opener, other, samples[9].frame.data, samples[9].frame.size);
            else
                CHECK_EQ(open_result(&opener, other), SOTTO_REPLAYED);
            free(other.data);
        }
        CHECK_EQ(open_result(&opener, wire), SOTTO_REPLAYED);
        free(wire.data);
    }
    end();
}

TEST(a_frame_of_one_layout_is_none_of_another) {
    begin(SUITE_4);
    for (size_t i = 0; i < SAMPLE_COUNT; i++) {
        struct wire wire = seal_sample(&samples[i]);
        for (unsigned layout = 0; layout < 8; layout++) {
            if (layout == layout_of(&samples[i]))
                continue;
            wire.data[wire.size - 1] = (uint8_t)(0xE0 | layout);
            CHECK(is_refusal(open_result(&opener, wire)));
        }
        free(wire.data);
    }
    end();
}

TEST(an_av1_key_frame_does_not_open_as_a_delta_frame) {
    static const uint8_t frame[] = {0x32, 1, 2};
    begin(SUITE_4);
    struct wire wire = seal_frame_as(&sealer, SOTTO_CODEC_AV1, true, frame, sizeof frame);
    wire.data[0] = 0x32;
    CHECK_EQ(open_result(&opener, wire), SOTTO_TAMPERED);
    wire.data[0] = 0x0A;
    check_opens(&opener, wire, frame, sizeof frame);
    free(wire.data);
    end();
}

TEST(a_destination_one_byte_too_small_is_refused_in_every_layout) {
    enum { SIZE = 40 };
    static const struct sotto_bytes front = STATIC_BYTES("\0\0\0\1\x65\x88");
    begin(SUITE_4);
    uint8_t shaped[SIZE], ciphertext[SIZE] = {0};
    struct sample escaped = {SOTTO_CODEC_H264, false, {shaped, SIZE}, front, 0};
    shape_ciphertext(&escaped, front.size, shaped, ciphertext);
    size_t used = 0;
    for (size_t i = 0; i <= SAMPLE_COUNT; i++) {
        const struct sample *sample = i < SAMPLE_COUNT ? &samples[i] : &escaped;
        sealer.counter = 0;
        struct wire wire = seal_sample(sample);
        for (size_t capacity = 0; capacity < wire.size; capacity++) {
            struct wire smaller = {malloc(capacity + 1), 9};
            CHECK(smaller.data);
            memset(smaller.data, 0xA5, capacity + 1);
            sealer.counter = 0;
            CHECK_EQ(sotto_sealer_seal(&sealer, sample->codec, sample->is_key_frame, sample->frame,
                                       smaller.data, capacity, &smaller.size),
                     SOTTO_TOO_SMALL);
            CHECK_EQ(smaller.size, 0);
            // Where all fits but the escapes, the frame was encrypted: its counter is gone.
            const size_t plain_size = front.size + SIZE + SOTTO_OVERHEAD_MIN;
            const bool is_used = sample == &escaped && capacity >= plain_size;
            used += is_used;
            CHECK_EQ(sealer.counter, is_used ? 1 : 0);
            for (size_t byte = 0; byte < capacity; byte++)
                CHECK_EQ(smaller.data[byte], 0);
            CHECK_EQ(smaller.data[capacity], 0xA5);
            free(smaller.data);
        }
        for (size_t capacity = 0; capacity <= sample->frame.size; capacity++) {
            uint8_t *frame = malloc(capacity + 1);
            CHECK(frame);
            memset(frame, 0xA5, capacity + 1);
            size_t size;
            struct sotto_stream_name name = alice();
            struct sotto_opener fresh;
            CHECK(sotto_opener_init(&fresh, &store, &name, SUITE_4, SOTTO_LIVENESS_NOT_NEEDED));
            const bool fits = capacity == sample->frame.size;
            CHECK_EQ(sotto_opener_open(&fresh, (struct sotto_bytes){wire.data, wire.size}, frame,
                                       capacity, &size),
                     fits ? SOTTO_OK : SOTTO_TOO_SMALL);
            CHECK_EQ(frame[capacity], 0xA5);
            for (size_t byte = 0; !fits && byte < capacity; byte++)
                CHECK_EQ(frame[byte], 0);
            sotto_opener_wipe(&fresh);
            free(frame);
        }
        free(wire.data);
    }
    CHECK(used > 10);
    end();
}

TEST(an_h264_or_h265_frame_without_a_slice_is_not_sealed) {
    static const struct {
        enum sotto_codec codec;
        struct sotto_bytes frame;
    } rows[] = {
        {SOTTO_CODEC_H264, STATIC_BYTES("\x65\x88\x10")},
        {SOTTO_CODEC_H264, STATIC_BYTES("\0\0\0\1\x67\x42\0\0\0\1\x68\xce")},
        {SOTTO_CODEC_H264, STATIC_BYTES("\0\0\1\x65")},
        {SOTTO_CODEC_H265, STATIC_BYTES("\0\0\0\1\x40\1\0\0\1\x42\1\0\0\1\x44\1")},
        {SOTTO_CODEC_H265, STATIC_BYTES("\0")},
    };
    struct sotto_stream_event event;
    begin(SUITE_4);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t wire[128];
        size_t size = 9;
        memset(wire, 0xA5, sizeof wire);
        CHECK_EQ(sotto_sealer_seal(&sealer, rows[i].codec, true, rows[i].frame, wire, sizeof wire,
                                   &size),
                 SOTTO_INVALID);
        CHECK_EQ(size, 0);
        CHECK_EQ(sealer.counter, 0);
        const size_t most = sotto_layout_wire_size_max(rows[i].codec, rows[i].frame.size);
        for (size_t byte = 0; byte < most; byte++)
            CHECK_EQ(wire[byte], 0);
    }
    CHECK(sotto_sealer_poll_event(&sealer, 10, &event));
    CHECK_TEXT(sotto_state_text(event.state), "InternalError");
    end();
}

// Parameter sets of one byte in front of a slice, and a ciphertext of zeros: as much as there can
// be. Of the front every fourth byte is one more, of the rest every second.
TEST(no_frame_is_larger_than_the_stated_most) {
    enum { UNITS = 500, START_SIZE = UNITS * 4 + 5, SIZE = START_SIZE + 4000 };
    begin(SUITE_4);
    uint8_t *start = malloc(START_SIZE), *front = malloc(UNITS * 5 + 6);
    uint8_t *frame = malloc(SIZE), *ciphertext = calloc(1, SIZE);
    CHECK(start && front && frame && ciphertext);
    for (size_t i = 0; i < UNITS; i++) {
        memcpy(start + 4 * i, "\0\0\1\x67", 4);
        memcpy(front + 5 * i, "\0\0\0\1\x67", 5);
    }
    memcpy(start + 4 * UNITS, "\0\0\1\x65\x88", 5);
    memcpy(front + 5 * UNITS, "\0\0\0\1\x65\x88", 6);
    const struct sample shape = {SOTTO_CODEC_H264, false, {frame, SIZE}, {start, START_SIZE}, 0};
    shape_ciphertext(&shape, START_SIZE, frame, ciphertext);
    const struct sample sample = {SOTTO_CODEC_H264, false, {frame, SIZE}, {front, UNITS * 5 + 6},
                                  0};
    struct wire expected = lay_out(&sample, sealer.counter);
    struct wire wire = seal_sample(&sample);
    CHECK_EQ(wire.size, expected.size);
    CHECK_BYTES(wire.data, expected.data, expected.size);
    check_opens(&opener, wire, frame, SIZE);
    const size_t most = sotto_layout_wire_size_max(SOTTO_CODEC_H264, SIZE);
    CHECK(wire.size <= most);
    CHECK(wire.size > SIZE + UNITS * 5 + 4000 / 2);
    free(expected.data);
    free(wire.data);
    free(start);
    free(front);
    free(frame);
    free(ciphertext);
    end();
}

// Of the frame's own bytes everything comes back, whatever its start codes were, at every size.
static void check_large(enum sotto_codec codec, size_t size) {
    static const uint8_t start[] = {0x11, 0, 0, 0, 1, 0x26, 1, 0, 0, 1, 0x65, 0x88};
    uint8_t *frame = calloc(1, size);
    CHECK(frame);
    memcpy(frame, start, sizeof start);
    for (size_t i = sizeof start; i < size; i += 1 + i % 7)
        frame[i] = (uint8_t)i;
    begin(SUITE_4);
    struct wire wire = seal_frame(&sealer, codec, frame, size);
    CHECK(wire.size <= sotto_layout_wire_size_max(codec, size));
    check_opens(&opener, wire, frame, size);
    CHECK_EQ(open_result(&opener, wire), SOTTO_REPLAYED);
    free(wire.data);
    free(frame);
    end();
}

TEST(frames_of_four_mebibytes_and_of_the_largest_size_open) {
    for (int codec = SOTTO_CODEC_OTHER; codec <= SOTTO_CODEC_AV1; codec++) {
        check_large((enum sotto_codec)codec, 4 << 20);
        check_large((enum sotto_codec)codec, SOTTO_FRAME_SIZE_MAX);
    }
}

TEST(parameter_sets_longer_than_the_picture_open) {
    enum { PICTURE_SIZE = 40 };
    static const size_t sizes[] = {255, 256, 257, 65535, 65536, 1 << 20};
    begin(SUITE_4);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        const size_t size = sizes[i] + PICTURE_SIZE;
        uint8_t *frame = malloc(size);
        CHECK(frame);
        memset(frame, 0x5A, size);
        memcpy(frame, "\0\0\1\x67", 4);
        memcpy(frame + sizes[i], "\0\0\0\1\x65\x88", 6);
        struct wire wire = seal_frame(&sealer, SOTTO_CODEC_H264, frame, size);
        CHECK(wire.size >= size + sizes[i] + 7 + SOTTO_OVERHEAD_MIN);
        check_opens(&opener, wire, frame, size);
        free(wire.data);
        free(frame);
    }
    end();
}

TEST(the_last_counters_of_every_codec) {
    begin(SUITE_5);
    for (size_t i = 0; i < SAMPLE_COUNT; i++) {
        const struct sample *sample = &samples[i];
        sealer.counter = SOTTO_FRAMES_MAX - 1;
        // The widest header makes the size in AV1's front four more.
        struct wire wire = seal_sample(sample);
        size_t size = 9;
        uint8_t opened[128], rest[256];
        CHECK_EQ(sotto_sealer_seal(&sealer, sample->codec, false, sample->frame, rest, sizeof rest,
                                   &size),
                 SOTTO_EXHAUSTED);
        CHECK_EQ(size, 0);
        CHECK_EQ(open_anew(wire, opened, &size), SOTTO_OK);
        CHECK_EQ(size, sample->frame.size);
        CHECK_BYTES(opened, sample->frame.data, size);
        free(wire.data);
    }
    end();
}

TEST(padding_is_padding_in_every_codec) {
    begin(SUITE_4);
    for (int codec = SOTTO_CODEC_OTHER; codec <= SOTTO_CODEC_AV1; codec++) {
        size_t size = 9;
        CHECK_EQ(sotto_sealer_seal(&sealer, (enum sotto_codec)codec, true,
                                   (struct sotto_bytes){NULL, 0}, NULL, 0, &size),
                 SOTTO_OK);
        CHECK_EQ(size, 0);
    }
    CHECK_EQ(sealer.state.passed + sealer.state.failed, 0);
    end();
}

int main(void) {
    RUN(every_codec_lies_on_the_wire_as_documented_and_opens_without_being_named);
    RUN(no_cut_opens);
    RUN(no_flipped_bit_opens_another_frame);
    RUN(of_many_encodings_of_an_h264_frame_one_opens);
    RUN(a_frame_of_one_layout_is_none_of_another);
    RUN(an_av1_key_frame_does_not_open_as_a_delta_frame);
    RUN(a_destination_one_byte_too_small_is_refused_in_every_layout);
    RUN(an_h264_or_h265_frame_without_a_slice_is_not_sealed);
    RUN(no_frame_is_larger_than_the_stated_most);
    RUN(frames_of_four_mebibytes_and_of_the_largest_size_open);
    RUN(parameter_sets_longer_than_the_picture_open);
    RUN(the_last_counters_of_every_codec);
    RUN(padding_is_padding_in_every_codec);
    return 0;
}
