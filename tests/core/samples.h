// A sealer and an opener of one stream, and small frames of every codec. What their wire should be
// is put together here a second time, from the SFrame call alone and slowly.
#ifndef SOTTO_TESTS_CORE_SAMPLES_H
#define SOTTO_TESTS_CORE_SAMPLES_H

#include "core/key_schedule.h"
#include "tests/core/streams.h"

static struct sotto_key_store store;
static struct sotto_sealer sealer;
static struct sotto_opener opener;

static inline void begin(enum sotto_suite suite) {
    struct sotto_stream_name name = alice();
    sotto_key_store_init(&store);
    set_secret(&store, 0);
    CHECK(sotto_sealer_init(&sealer, &store, &name, suite));
    CHECK(sotto_opener_init(&opener, &store, &name, suite, SOTTO_LIVENESS_NOT_NEEDED));
}

static inline void end(void) {
    sotto_sealer_wipe(&sealer);
    sotto_opener_wipe(&opener);
    sotto_key_store_wipe(&store);
}

static inline enum sotto_result open_anew(struct wire wire, uint8_t *frame, size_t *frame_size) {
    struct sotto_stream_name name = alice();
    struct sotto_opener fresh;
    CHECK(sotto_opener_init(&fresh, &store, &name, SUITE_4, SOTTO_LIVENESS_NOT_NEEDED));
    enum sotto_result result = open_wire(&fresh, wire, frame, frame_size);
    sotto_opener_wipe(&fresh);
    return result;
}

static inline bool is_h26x(enum sotto_codec codec) {
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

static inline struct wire seal_sample(const struct sample *sample) {
    return seal_frame_as(&sealer, sample->codec, sample->is_key_frame, sample->frame.data,
                         sample->frame.size);
}

// H.264, section 7.3.1, read byte by byte; `size` bytes at `data` become as many as are returned.
static inline size_t escape_slowly(uint8_t *data, size_t size, size_t zero_run) {
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

static inline unsigned layout_of(const struct sample *sample) {
    switch (sample->codec) {
    case SOTTO_CODEC_VP8: return sample->kept_size > 0 ? 1 : 0;
    case SOTTO_CODEC_H264: return 2;
    case SOTTO_CODEC_H265: return 3;
    case SOTTO_CODEC_AV1: return 4;
    default: return 0;
    }
}

// docs/frame-format.md once more: front, SFrame, mark.
static inline struct wire lay_out(const struct sample *sample, uint64_t counter) {
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

// Frames of which the ciphertext is known beforehand: GCM adds a key stream that depends on key and
// counter alone, so a frame of zeros shows it.
static inline void shape_ciphertext(const struct sample *sample, size_t start_size, uint8_t *frame,
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

#endif
