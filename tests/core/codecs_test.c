// Frames of every codec on their whole way: sealed, laid out, taken apart, opened. The opener is
// never told the codec. What the wire should be is put together here a second time, from the
// SFrame call alone and slowly.
#include "core/key_schedule.h"
#include "tests/core/streams.h"

static struct sotto_key_store store;
static struct sotto_sealer sealer;
static struct sotto_opener opener;

static void begin(enum sotto_suite suite) {
    struct sotto_stream_name name = alice();
    sotto_key_store_init(&store);
    set_secret(&store, 0);
    CHECK(sotto_sealer_init(&sealer, &store, &name, suite));
    CHECK(sotto_opener_init(&opener, &store, &name, suite, SOTTO_LIVENESS_NOT_NEEDED));
}

static void end(void) {
    sotto_sealer_wipe(&sealer);
    sotto_opener_wipe(&opener);
    sotto_key_store_wipe(&store);
}

static enum sotto_result open_anew(struct wire wire, uint8_t *frame, size_t *frame_size) {
    struct sotto_stream_name name = alice();
    struct sotto_opener fresh;
    CHECK(sotto_opener_init(&fresh, &store, &name, SUITE_4, SOTTO_LIVENESS_NOT_NEEDED));
    enum sotto_result result = open_wire(&fresh, wire, frame, frame_size);
    sotto_opener_wipe(&fresh);
    return result;
}

static bool is_h26x(enum sotto_codec codec) {
    return codec == SOTTO_CODEC_H264 || codec == SOTTO_CODEC_H265;
}

// A frame and what of its wire form stands before the SFrame: for H.26x as it is here, for VP8 the
// first bytes of the frame.
struct sample {
    enum sotto_codec codec;
    bool is_key_frame;
    struct sotto_bytes frame;
    struct sotto_bytes front;
    size_t kept_size;
};

static const struct sample samples[] = {
    {SOTTO_CODEC_OTHER, 0, STATIC_BYTES("\1\2\3\4"), STATIC_BYTES(""), 0},
    {SOTTO_CODEC_OPUS, 0, STATIC_BYTES("\xf8"), STATIC_BYTES(""), 0},
    {SOTTO_CODEC_RED, 0, STATIC_BYTES("\x6f\0\x10\2\x6f..."), STATIC_BYTES(""), 0},
    {SOTTO_CODEC_VP8, 1, STATIC_BYTES("\x10\2\0\x9d\1\x2a\x80\2\xe0\1\x0e\xd3"),
     STATIC_BYTES("\x10\2\0\x9d\1\x2a\x80\2\xe0\1"), 10},
    {SOTTO_CODEC_VP8, 1, STATIC_BYTES("\xb1\5\0\xc1\7"), STATIC_BYTES("\xb1\5\0"), 3},
    {SOTTO_CODEC_VP8, 0, STATIC_BYTES("\xb1\5"), STATIC_BYTES(""), 0},
    {SOTTO_CODEC_VP9, 1, STATIC_BYTES("\x82\x49\x83\x42\0\0\0\1"), STATIC_BYTES(""), 0},
    {SOTTO_CODEC_AV1, 1, STATIC_BYTES("\x0a\x0b\0\0\0\x24"), STATIC_BYTES("\x0a?"), 0},
    {SOTTO_CODEC_AV1, 0, STATIC_BYTES("\x32"), STATIC_BYTES("\x32?"), 0},
    {SOTTO_CODEC_H264, 0, STATIC_BYTES("\0\0\1\x41\x9a"), STATIC_BYTES("\0\0\0\1\x41\x9a"), 0},
    {SOTTO_CODEC_H264, 1,
     STATIC_BYTES("\0\0\0\1\x09\xf0\0\0\0\1\x67\x42\xc0\0\0\1\x68\xce\0\0\1\6\5\1"
                  "\0\0\1\x65\x88\0\0\3\1\x41\0\0\1\x65\x10\0\0\0"),
     STATIC_BYTES("\0\0\0\1\x67\x42\xc0\0\0\0\1\x68\xce\0\0\0\1\x65\x88"), 0},
    {SOTTO_CODEC_H264, 0, STATIC_BYTES("..\0\0\1\x61\0\x69"), STATIC_BYTES("\0\0\0\1\x61\0"), 0},
    {SOTTO_CODEC_H265, 1, STATIC_BYTES("\0\0\0\1\x40\1\x0c\0\0\1\x26\1\xeb\0"),
     STATIC_BYTES("\0\0\0\1\x40\1\x0c\0\0\0\1\x26\1"), 0},
    {SOTTO_CODEC_H265, 0, STATIC_BYTES("\0\0\1\0\0\5"), STATIC_BYTES("\0\0\0\1\0\0"), 0},
};
enum { SAMPLE_COUNT = sizeof samples / sizeof *samples };

static struct wire seal_sample(const struct sample *sample) {
    return seal_frame_as(&sealer, sample->codec, sample->is_key_frame, sample->frame.data,
                         sample->frame.size);
}

// H.264, section 7.3.1, read byte by byte; `size` bytes at `data` become as many as are returned.
static size_t escape_slowly(uint8_t *data, size_t size, size_t zero_run) {
    uint8_t *plain = malloc(size);
    CHECK(plain);
    memcpy(plain, data, size);
    size_t written = 0;
    for (size_t i = 0; i < size; i++) {
        if (zero_run >= 2 && plain[i] <= 3) {
            data[written++] = 3;
            zero_run = 0;
        }
        data[written++] = plain[i];
        zero_run = plain[i] == 0 ? zero_run + 1 : 0;
    }
    free(plain);
    return written;
}

static unsigned layout_of(const struct sample *sample) {
    switch (sample->codec) {
    case SOTTO_CODEC_VP8: return sample->kept_size > 0 ? 1 : 0;
    case SOTTO_CODEC_H264: return 2;
    case SOTTO_CODEC_H265: return 3;
    case SOTTO_CODEC_AV1: return 4;
    default: return 0;
    }
}

// docs/frame-format.md once more: front, SFrame, mark.
static struct wire lay_out(const struct sample *sample, uint64_t counter) {
    struct sotto_room_secret secret = make_secret(0);
    struct sotto_stream_name name = alice();
    struct sotto_sframe_key key;
    CHECK_EQ(sotto_key_schedule_init_sframe_key(&key, sealer.suite, kid_of(secret), &secret, &name),
             SOTTO_OK);
    const size_t capacity = 3 * sample->frame.size + 64;
    struct wire wire = {malloc(capacity), 0};
    CHECK(wire.data);
    memcpy(wire.data, sample->front.data, sample->front.size);
    const uint8_t mark = (uint8_t)(0xE0 | (sealer.suite == SUITE_5 ? 8 : 0) | layout_of(sample));
    const size_t authenticated_size =
        sample->codec == SOTTO_CODEC_AV1 ? 1 : sample->kept_size;
    const struct sotto_bytes metadata[] = {{sample->front.data, authenticated_size}, {&mark, 1}};
    const struct sotto_bytes rest = {sample->frame.data + sample->kept_size,
                                     sample->frame.size - sample->kept_size};
    uint8_t *sframe = wire.data + sample->front.size;
    size_t size;
    CHECK_EQ(sotto_sframe_seal(&key, counter, metadata, 2, rest, sframe,
                               capacity - sample->front.size, &size),
             SOTTO_OK);
    sframe[size++] = mark;
    if (sample->codec == SOTTO_CODEC_AV1)
        wire.data[1] = (uint8_t)size; // below 128 in all samples
    if (is_h26x(sample->codec)) {
        size_t zero_run = 0;
        for (size_t i = sample->front.size; i > 0 && sample->front.data[i - 1] == 0; i--)
            zero_run++;
        size = escape_slowly(sframe, size, zero_run);
    }
    wire.size = sample->front.size + size;
    sotto_sframe_key_wipe(&key);
    return wire;
}

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

// Frames of which the ciphertext is known beforehand: GCM adds a key stream that depends on key and
// counter alone, so a frame of zeros shows it.
static void shape_ciphertext(const struct sample *sample, size_t start_size, uint8_t *frame,
                             const uint8_t *ciphertext) {
    enum { SFRAME_HEADER_SIZE = 5 };
    CHECK(sealer.counter < 8);
    const uint64_t counter = sealer.counter;
    memset(frame, 0, sample->frame.size);
    struct wire wire = seal_frame(&sealer, SOTTO_CODEC_OTHER, frame, sample->frame.size);
    sealer.counter = counter;
    memcpy(frame, sample->front.data, start_size);
    for (size_t i = start_size; i < sample->frame.size; i++)
        frame[i] = wire.data[SFRAME_HEADER_SIZE + i] ^ ciphertext[i];
    free(wire.data);
}

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
    RUN(zeros_in_the_ciphertext_are_escaped_at_every_place);
    RUN(a_ciphertext_that_begins_with_zeros_is_escaped);
    RUN(escapes_inside_the_tag_and_before_the_mark);
    RUN(escapes_inside_the_header);
    RUN(an_escape_that_no_escaper_writes_is_not_sealed);
    RUN(a_destination_one_byte_too_small_is_refused_in_every_layout);
    RUN(an_h264_or_h265_frame_without_a_slice_is_not_sealed);
    RUN(no_frame_is_larger_than_the_stated_most);
    RUN(frames_of_four_mebibytes_and_of_the_largest_size_open);
    RUN(parameter_sets_longer_than_the_picture_open);
    RUN(the_last_counters_of_every_codec);
    RUN(padding_is_padding_in_every_codec);
    return 0;
}
