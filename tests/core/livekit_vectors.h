// The rows of tests/vectors/livekit_frames.json as the core takes them.
#ifndef SOTTO_TESTS_CORE_LIVEKIT_VECTORS_H
#define SOTTO_TESTS_CORE_LIVEKIT_VECTORS_H

#include "tests/core/livekit_streams.h"
#include "tests/vectors.h"

enum { LIVEKIT_VECTOR_COUNT = 17 };

static inline struct sotto_bytes livekit_text(const char *text) {
    return (struct sotto_bytes){(const uint8_t *)text, strlen(text)};
}

static inline const char *livekit_row_text(const json_t *row, const char *field) {
    return json_string_value(json_object_get(row, field));
}

static inline uint32_t livekit_row_number(const json_t *row, const char *field) {
    return (uint32_t)json_integer_value(json_object_get(row, field));
}

static inline enum sotto_codec livekit_row_codec(const json_t *row) {
    const char *mime = livekit_row_text(row, "codec_mime");
    const char *kind = livekit_row_text(row, "media_kind");
    static const struct {
        const char *mime;
        enum sotto_codec codec;
    } codecs[] = {{"video/VP8", SOTTO_CODEC_VP8},
                  {"video/VP9", SOTTO_CODEC_VP9},
                  {"video/H264", SOTTO_CODEC_H264},
                  {"video/H265", SOTTO_CODEC_H265}};
    for (size_t i = 0; mime && i < sizeof codecs / sizeof *codecs; i++)
        if (strcmp(codecs[i].mime, mime) == 0)
            return codecs[i].codec;
    return (kind && strcmp(kind, "audio") == 0) || (mime && strcmp(mime, "audio/opus") == 0)
               ? SOTTO_CODEC_OPUS
               : SOTTO_CODEC_OTHER;
}

static inline bool livekit_row_is_key_frame(const json_t *row) {
    const char *type = livekit_row_text(row, "frame_type");
    return type && strcmp(type, "key") == 0;
}

static inline struct sotto_livekit_frame_info livekit_row_info(const json_t *row) {
    return (struct sotto_livekit_frame_info){
        livekit_row_codec(row), livekit_row_is_key_frame(row), livekit_row_number(row, "ssrc"),
        livekit_row_number(row, "rtp_timestamp")};
}

// A ring that holds the row's key, as an app sets it, in the row's place and as many steps ahead.
static inline void livekit_row_ring(const json_t *row, struct sotto_livekit_ring *ring) {
    const uint32_t bits = livekit_row_number(row, "key_size_bits");
    const size_t index = livekit_row_number(row, "key_index");
    const struct sotto_livekit_options options = {
        livekit_text(livekit_row_text(row, "salt_utf8")), bits == 256 ? 32 : 16, 16, 0};
    CHECK(livekit_init_options(ring, &options));
    if (strcmp(livekit_row_text(row, "kdf"), "PBKDF2") == 0) {
        CHECK_EQ(sotto_livekit_ring_begin_text(
                     ring, index, livekit_text(livekit_row_text(row, "key_utf8")), true),
                 SOTTO_OK);
    } else {
        size_t size;
        uint8_t *material = vectors_bytes(row, "key_hex", &size);
        CHECK_EQ(sotto_livekit_ring_set_raw(ring, index, (struct sotto_bytes){material, size},
                                            true),
                 SOTTO_OK);
        free(material);
    }
    livekit_work(ring);
    for (uint32_t i = 0; i < livekit_row_number(row, "ratchet_steps"); i++)
        CHECK_EQ(sotto_livekit_ring_ratchet(ring, index), SOTTO_OK);
    livekit_work(ring);
}

// Runs over all rows, and over VideoSDK's frame, which has the same fields or leaves them out.
static inline void livekit_each_row(void (*check)(const json_t *row)) {
    json_t *root = vectors_load("livekit_frames.json");
    const json_t *vectors = json_object_get(root, "vectors");
    CHECK_EQ(json_array_size(vectors), LIVEKIT_VECTOR_COUNT);
    size_t i;
    json_t *row;
    json_array_foreach(vectors, i, row) check(row);
    const json_t *videosdk = json_object_get(root, "videosdk_frames");
    CHECK_EQ(json_array_size(videosdk), 1);
    check(json_array_get(videosdk, 0));
    json_decref(root);
}

#endif
