// A room of the public library that several tests use. Only public headers.
#ifndef SOTTO_TESTS_LIB_ROOM_H
#define SOTTO_TESTS_LIB_ROOM_H

#include "sotto/sotto.h"
#include "tests/check.h"

static const enum sotto_suite SUITE_4 = SOTTO_AES_128_GCM_SHA256_128;
static const enum sotto_suite SUITE_5 = SOTTO_AES_256_GCM_SHA512_128;

static inline struct sotto_room_secret make_secret(uint32_t number) {
    struct sotto_room_secret secret = {{0x5e, 0xc4, 0xe7}};
    memcpy(secret.bytes + 4, &number, sizeof number);
    return secret;
}

static inline uint32_t set_secret(struct sotto_keys *keys, uint32_t number) {
    struct sotto_room_secret secret = make_secret(number);
    uint32_t kid;
    CHECK_EQ(sotto_keys_set(keys, &secret, &kid), SOTTO_OK);
    CHECK(kid != 0);
    return kid;
}

static inline struct sotto_keys *make_keys(uint32_t number) {
    struct sotto_keys *keys = sotto_keys_create();
    CHECK(keys);
    set_secret(keys, number);
    return keys;
}

// Alice's camera; the stream id is left to the library.
static inline struct sotto_stream alice(void) {
    return (struct sotto_stream){.room_id = sotto_bytes_of_text("2kyv-gzay-64pg"),
                                 .participant_id = sotto_bytes_of_text("alice"),
                                 .kind = SOTTO_KIND_VIDEO};
}

// An opener that hears a sealer.
static inline struct sotto_frame_opener *make_opener(struct sotto_keys *keys,
                                                     const struct sotto_frame_sealer *sealer) {
    struct sotto_stream stream = alice();
    uint8_t stream_id[SOTTO_STREAM_ID_SIZE];
    sotto_frame_sealer_stream_id(sealer, stream_id);
    stream.stream_id = (struct sotto_bytes){stream_id, sizeof stream_id};
    struct sotto_frame_opener *opener =
        sotto_frame_opener_create(keys, &stream, SUITE_4, SOTTO_LIVENESS_NOT_NEEDED);
    CHECK(opener);
    return opener;
}

struct line {
    struct sotto_frame_sealer *sealer;
    struct sotto_frame_opener *opener;
};

static inline struct line make_line(struct sotto_keys *keys) {
    struct sotto_stream stream = alice();
    struct line line = {.sealer = sotto_frame_sealer_create(keys, &stream, SUITE_4)};
    CHECK(line.sealer);
    line.opener = make_opener(keys, line.sealer);
    return line;
}

static inline void end_line(struct line line) {
    sotto_frame_sealer_destroy(line.sealer);
    sotto_frame_opener_destroy(line.opener);
}

enum { FRAME_SIZE = 100, WIRE_CAPACITY = 400 };

struct wire {
    uint8_t data[WIRE_CAPACITY];
    size_t size;
};

// A frame whose bytes are all `value`, as Opus.
static inline enum sotto_result seal_into(struct sotto_frame_sealer *sealer, uint8_t value,
                                          struct wire *wire) {
    uint8_t frame[FRAME_SIZE];
    memset(frame, value, sizeof frame);
    return sotto_frame_sealer_seal(sealer, SOTTO_CODEC_OPUS, false,
                                   (struct sotto_bytes){frame, sizeof frame}, wire->data,
                                   sizeof wire->data, &wire->size);
}

static inline struct wire seal(struct sotto_frame_sealer *sealer, uint8_t value) {
    struct wire wire;
    CHECK_EQ(seal_into(sealer, value, &wire), SOTTO_OK);
    return wire;
}

// What opening came to; an opened frame is one that `seal` sealed.
static inline enum sotto_result open_wire(struct sotto_frame_opener *opener,
                                          const struct wire *wire) {
    uint8_t frame[WIRE_CAPACITY];
    size_t size;
    enum sotto_result result = sotto_frame_opener_open(
        opener, (struct sotto_bytes){wire->data, wire->size}, frame, sizeof frame, &size);
    CHECK_EQ(size, result == SOTTO_OK ? FRAME_SIZE : 0);
    for (size_t i = 0; i < size; i++)
        CHECK_EQ(frame[i], frame[0]);
    return result;
}

#endif
