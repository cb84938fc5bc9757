// A stream in both directions by the shared library, for bench/core_bench.c.
#ifndef SOTTO_BENCH_LIBRARY_LINE_H
#define SOTTO_BENCH_LIBRARY_LINE_H

#include "sotto/sotto.h"

struct line {
    struct sotto_keys *keys;
    struct sotto_frame_sealer *sealer;
    struct sotto_frame_opener *opener;
};

static inline bool line_set_up(struct line *line, const struct sotto_room_secret *secret,
                               const struct sotto_stream *stream, enum sotto_suite suite) {
    line->keys = sotto_keys_create();
    if (!line->keys || sotto_keys_set(line->keys, secret, NULL) != SOTTO_OK)
        return false;
    line->sealer = sotto_frame_sealer_create(line->keys, stream, suite);
    line->opener =
        sotto_frame_opener_create(line->keys, stream, suite, SOTTO_LIVENESS_NOT_NEEDED);
    return line->sealer && line->opener;
}

static inline enum sotto_result line_seal(struct line *line, enum sotto_codec codec,
                                          struct sotto_bytes frame, uint8_t *wire, size_t capacity,
                                          size_t *wire_size) {
    return sotto_frame_sealer_seal(line->sealer, codec, false, frame, wire, capacity, wire_size);
}

static inline enum sotto_result line_open(struct line *line, struct sotto_bytes wire,
                                          uint8_t *frame, size_t capacity, size_t *frame_size) {
    return sotto_frame_opener_open(line->opener, wire, frame, capacity, frame_size);
}

static inline void line_tear_down(struct line *line) {
    sotto_frame_sealer_destroy(line->sealer);
    sotto_frame_opener_destroy(line->opener);
    sotto_keys_destroy(line->keys);
}

#endif
