// Names, secrets and frames that several tests of the core use.
#ifndef SOTTO_TESTS_CORE_STREAMS_H
#define SOTTO_TESTS_CORE_STREAMS_H

#include "core/key_store.h"
#include "core/opener.h"
#include "core/sealer.h"
#include "tests/core/wire.h"

static const enum sotto_suite SUITE_4 = SOTTO_AES_128_GCM_SHA256_128;
static const enum sotto_suite SUITE_5 = SOTTO_AES_256_GCM_SHA512_128;

// SOTTO_BYTES where something static is initialised.
#define STATIC_BYTES(text) {(const uint8_t *)(text), sizeof(text) - 1}

static inline struct sotto_bytes bytes_of_text(const char *text) {
    return (struct sotto_bytes){(const uint8_t *)text, strlen(text)};
}

// A stream id whose bytes are all `id`.
static inline struct sotto_stream_name make_name(const char *room_id, const char *participant_id,
                                                 uint8_t id, enum sotto_kind kind) {
    uint8_t stream_id[SOTTO_STREAM_ID_SIZE];
    struct sotto_stream_name name;
    memset(stream_id, id, sizeof stream_id);
    CHECK(sotto_stream_name_init(&name, bytes_of_text(room_id), bytes_of_text(participant_id),
                                 (struct sotto_bytes){stream_id, sizeof stream_id}, kind));
    return name;
}

// The name that most tests use.
static inline struct sotto_stream_name alice(void) {
    return make_name("2kyv-gzay-64pg", "alice", 1, SOTTO_KIND_VIDEO);
}

static inline struct sotto_room_secret make_secret(uint32_t number) {
    struct sotto_room_secret secret = {{0x5e, 0xc4, 0xe7}};
    memcpy(secret.bytes + 4, &number, sizeof number);
    return secret;
}

static inline uint32_t kid_of(struct sotto_room_secret secret) {
    uint32_t kid;
    CHECK_EQ(sotto_key_schedule_derive_kid(&secret, &kid), SOTTO_OK);
    return kid;
}

static inline void set_secret(struct sotto_key_store *store, uint32_t number) {
    struct sotto_room_secret secret = make_secret(number);
    CHECK_EQ(sotto_key_store_set_current(store, &secret), SOTTO_OK);
}

static inline struct wire seal_frame_as(struct sotto_sealer *sealer, enum sotto_codec codec,
                                        bool is_key_frame, const uint8_t *frame, size_t size) {
    const size_t capacity = sotto_layout_wire_size_max(codec, size);
    struct wire wire = {malloc(capacity), 0};
    CHECK(wire.data);
    CHECK_EQ(sotto_sealer_seal(sealer, codec, is_key_frame, (struct sotto_bytes){frame, size},
                               wire.data, capacity, &wire.size),
             SOTTO_OK);
    struct wire exact = copy_wire(wire.data, wire.size);
    free(wire.data);
    return exact;
}

static inline struct wire seal_frame(struct sotto_sealer *sealer, enum sotto_codec codec,
                                     const uint8_t *frame, size_t size) {
    return seal_frame_as(sealer, codec, false, frame, size);
}

// Opens into a buffer of exactly the wire's size, filled with rubbish before; on failure all of it
// must be zero.
static inline enum sotto_result open_wire(struct sotto_opener *opener, struct wire wire,
                                          uint8_t *frame, size_t *frame_size) {
    struct wire opened = copy_wire(wire.data, wire.size);
    memset(opened.data, 0xA5, wire.size);
    enum sotto_result result = sotto_opener_open(
        opener, (struct sotto_bytes){wire.data, wire.size}, opened.data, opened.size, frame_size);
    if (result == SOTTO_OK && frame && *frame_size > 0)
        memcpy(frame, opened.data, *frame_size);
    for (size_t i = 0; result != SOTTO_OK && i < opened.size; i++)
        CHECK_EQ(opened.data[i], 0);
    if (result != SOTTO_OK)
        CHECK_EQ(*frame_size, 0);
    free(opened.data);
    return result;
}

static inline enum sotto_result open_result(struct sotto_opener *opener, struct wire wire) {
    size_t frame_size;
    return open_wire(opener, wire, NULL, &frame_size);
}

static inline void check_opens(struct sotto_opener *opener, struct wire wire,
                               const uint8_t *frame, size_t size) {
    uint8_t *opened = malloc(wire.size + 1);
    CHECK(opened);
    size_t opened_size;
    CHECK_EQ(open_wire(opener, wire, opened, &opened_size), SOTTO_OK);
    CHECK_EQ(opened_size, size);
    CHECK_BYTES(opened, frame, size);
    free(opened);
}

#endif
