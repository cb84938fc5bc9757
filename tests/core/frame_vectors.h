// The rows of tests/vectors/sotto_frames.json as the core takes them.
#ifndef SOTTO_TESTS_CORE_FRAME_VECTORS_H
#define SOTTO_TESTS_CORE_FRAME_VECTORS_H

#include "core/key_schedule.h"
#include "core/layout.h"
#include "tests/vectors.h"

enum { FRAME_VECTOR_COUNT = 14 };

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

static inline enum sotto_kind row_kind(const json_t *row) {
    for (int kind = SOTTO_KIND_AUDIO; kind <= SOTTO_KIND_DATA; kind++)
        if (strcmp(sotto_kind_text((enum sotto_kind)kind), row_text(row, "kind")) == 0)
            return (enum sotto_kind)kind;
    check_fail(__FILE__, __LINE__, "the row has a kind");
}

static inline enum sotto_codec row_codec(const json_t *row) {
    static const char *const names[] = {
        [SOTTO_CODEC_OPUS] = "opus", [SOTTO_CODEC_VP8] = "vp8",   [SOTTO_CODEC_VP9] = "vp9",
        [SOTTO_CODEC_H264] = "h264", [SOTTO_CODEC_H265] = "h265", [SOTTO_CODEC_AV1] = "av1"};
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

#endif
