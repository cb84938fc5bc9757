// The rows of tests/vectors/sotto_frames.json and sotto_more.json as the core takes them.
#ifndef SOTTO_TESTS_CORE_FRAME_VECTORS_H
#define SOTTO_TESTS_CORE_FRAME_VECTORS_H

#include "core/data_message.h"
#include "core/key_schedule.h"
#include "core/key_store.h"
#include "core/layout.h"
#include "tests/core/streams.h"
#include "tests/vectors.h"

// How many there are in both files.
enum {
    FRAME_VECTOR_COUNT = 30,
    REFUSED_FRAME_VECTOR_COUNT = 20,
    MESSAGE_VECTOR_COUNT = 4,
    REFUSED_MESSAGE_VECTOR_COUNT = 5,
    ANSWER_VECTOR_COUNT = 3,
    REFUSED_ANSWER_VECTOR_COUNT = 3,
};

static inline const char *row_text(const json_t *row, const char *field) {
    return json_string_value(json_object_get(row, field));
}

static inline struct sotto_bytes row_text_bytes(const json_t *row, const char *field) {
    const char *text = row_text(row, field);
    CHECK(text);
    return (struct sotto_bytes){(const uint8_t *)text, strlen(text)};
}

static inline uint64_t row_number(const json_t *row, const char *field) {
    return (uint64_t)json_integer_value(json_object_get(row, field));
}

// The room secret as an app arrives at it: from the text or the raw key, then the ratchet steps.
static inline struct sotto_room_secret row_secret(const json_t *row) {
    struct sotto_room_secret secret;
    struct sotto_bytes room_id = row_text_bytes(row, "room_id");
    if (row_text(row, "key_text")) {
        struct sotto_bytes key = row_text_bytes(row, "key_text");
        CHECK_EQ(sotto_key_schedule_derive_from_text(&secret, key, room_id), SOTTO_OK);
    } else {
        size_t size;
        uint8_t *key = vectors_bytes(row, "key_hex", &size);
        CHECK_EQ(sotto_key_schedule_derive_from_raw(&secret, (struct sotto_bytes){key, size},
                                                    room_id),
                 SOTTO_OK);
        free(key);
    }
    for (uint64_t step = 0; step < row_number(row, "ratchet_steps"); step++)
        CHECK_EQ(sotto_key_schedule_derive_next(&secret, &secret), SOTTO_OK);
    return secret;
}

// A store that holds it alone.
static inline void row_key_store(const json_t *row, struct sotto_key_store *store) {
    struct sotto_room_secret secret = row_secret(row);
    sotto_key_store_init(store);
    CHECK_EQ(sotto_key_store_set_current(store, &secret), SOTTO_OK);
}

static inline enum sotto_suite row_suite(const json_t *row) {
    return (enum sotto_suite)row_number(row, "suite");
}

static inline enum sotto_kind row_kind(const json_t *row) {
    for (int kind = SOTTO_KIND_AUDIO; kind <= SOTTO_KIND_DATA; kind++)
        if (strcmp(sotto_kind_text((enum sotto_kind)kind), row_text(row, "kind")) == 0)
            return (enum sotto_kind)kind;
    check_fail(__FILE__, __LINE__, "the row has a kind");
}

static inline enum sotto_codec row_codec(const json_t *row) {
    static const char *const names[] = {
        [SOTTO_CODEC_OPUS] = "opus", [SOTTO_CODEC_RED] = "red",   [SOTTO_CODEC_VP8] = "vp8",
        [SOTTO_CODEC_VP9] = "vp9",   [SOTTO_CODEC_H264] = "h264", [SOTTO_CODEC_H265] = "h265",
        [SOTTO_CODEC_AV1] = "av1"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i] && strcmp(names[i], row_text(row, "codec")) == 0)
            return (enum sotto_codec)i;
    check_fail(__FILE__, __LINE__, "the row has a codec");
}

static inline bool row_is_key_frame(const json_t *row) {
    return json_is_true(json_object_get(row, "is_key_frame"));
}

static inline struct sotto_stream_name row_name(const json_t *row) {
    struct sotto_stream_name name;
    size_t size;
    uint8_t *stream_id = vectors_bytes(row, "stream_id_hex", &size);
    CHECK(sotto_stream_name_init(&name, row_text_bytes(row, "room_id"),
                                 row_text_bytes(row, "participant_id"),
                                 (struct sotto_bytes){stream_id, size}, row_kind(row)));
    free(stream_id);
    return name;
}

static inline struct wire row_wire(const json_t *row, const char *field) {
    struct wire wire;
    wire.data = vectors_bytes(row, field, &wire.size);
    return wire;
}

// Of a data message or an answer; `store` is borrowed.
static inline struct sotto_data_sender row_sender(const json_t *row,
                                                  const struct sotto_key_store *store) {
    return (struct sotto_data_sender){store, row_text_bytes(row, "room_id"),
                                      row_text_bytes(row, "participant_id"), row_suite(row)};
}

// The sealer of a data message or an answer, about to seal it.
static inline void row_data_sealer(const json_t *row, const struct sotto_key_store *store,
                                   struct sotto_sealer *sealer) {
    struct sotto_stream_name name = row_name(row);
    CHECK(sotto_sealer_init(sealer, store, &name, row_suite(row)));
    sealer->counter = row_number(row, "ctr");
}

#endif
