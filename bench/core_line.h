// A stream in both directions by the core itself, for bench/core_bench.c.
#ifndef SOTTO_BENCH_CORE_LINE_H
#define SOTTO_BENCH_CORE_LINE_H

#include "core/key_store.h"
#include "core/opener.h"
#include "core/sealer.h"
#include "core/stream_name.h"

struct line {
    struct sotto_key_store store;
    struct sotto_sealer sealer;
    struct sotto_opener opener;
};

static inline bool line_set_up(struct line *line, const struct sotto_room_secret *secret,
                               const struct sotto_stream *stream, enum sotto_suite suite) {
    struct sotto_stream_name name;
    sotto_key_store_init(&line->store);
    return sotto_key_store_set_current(&line->store, secret) == SOTTO_OK &&
           sotto_stream_name_init(&name, stream->room_id, stream->participant_id,
                                  stream->stream_id, stream->kind) &&
           sotto_sealer_init(&line->sealer, &line->store, &name, suite) &&
           sotto_opener_init(&line->opener, &line->store, &name, suite,
                             SOTTO_LIVENESS_NOT_NEEDED);
}

static inline enum sotto_result line_seal(struct line *line, enum sotto_codec codec,
                                          struct sotto_bytes frame, uint8_t *wire, size_t capacity,
                                          size_t *wire_size) {
    return sotto_sealer_seal(&line->sealer, codec, false, frame, wire, capacity, wire_size);
}

static inline enum sotto_result line_open(struct line *line, struct sotto_bytes wire,
                                          uint8_t *frame, size_t capacity, size_t *frame_size) {
    return sotto_opener_open(&line->opener, wire, frame, capacity, frame_size);
}

static inline void line_tear_down(struct line *line) {
    sotto_sealer_wipe(&line->sealer);
    sotto_opener_wipe(&line->opener);
    sotto_key_store_wipe(&line->store);
}

#endif
