// Rings and frames that several tests of the format "livekit" use.
#ifndef SOTTO_TESTS_CORE_LIVEKIT_STREAMS_H
#define SOTTO_TESTS_CORE_LIVEKIT_STREAMS_H

#include "core/livekit_opener.h"
#include "core/livekit_sealer.h"
#include "tests/core/wire.h"

#define LIVEKIT_SALT SOTTO_BYTES("LKFrameEncryptionKey")

// Of every ring that a test has, places of its own.
static inline struct sotto_livekit_place *livekit_places(const struct sotto_livekit_ring *ring) {
    static struct {
        const struct sotto_livekit_ring *ring;
        struct sotto_livekit_place places[SOTTO_LIVEKIT_RING_SIZE_MAX];
    } owned[3];
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++) {
        if (owned[i].ring && owned[i].ring != ring)
            continue;
        owned[i].ring = ring;
        return owned[i].places;
    }
    check_fail(__FILE__, __LINE__, "there are places for another ring");
}

static inline bool livekit_init_options(struct sotto_livekit_ring *ring,
                                        const struct sotto_livekit_options *options) {
    return sotto_livekit_ring_init(ring, options, livekit_places(ring));
}

static inline void livekit_init_ring(struct sotto_livekit_ring *ring, size_t window) {
    const struct sotto_livekit_options options = {LIVEKIT_SALT, 16, 16, window};
    CHECK(livekit_init_options(ring, &options));
}

// A key of its own for every number; always with HKDF.
static inline void livekit_set_key(struct sotto_livekit_ring *ring, size_t index, uint8_t number) {
    const uint8_t material[16] = {0x5e, 0xc4, 0xe7, number};
    CHECK_EQ(sotto_livekit_ring_set_raw(ring, index, (struct sotto_bytes){material, 16}, true),
             SOTTO_OK);
}

static inline void livekit_work(struct sotto_livekit_ring *ring) {
    enum sotto_result result;
    while (!sotto_livekit_ring_work(ring, 10000, &result))
        CHECK_EQ(result, SOTTO_OK);
    CHECK_EQ(result, SOTTO_OK);
}

static inline void livekit_init_sealer(struct sotto_livekit_sealer *sealer,
                                       const struct sotto_livekit_ring *ring, uint16_t count) {
    uint16_t first_counts[SOTTO_LIVEKIT_SEALER_SSRCS_MAX];
    for (size_t i = 0; i < SOTTO_LIVEKIT_SEALER_SSRCS_MAX; i++)
        first_counts[i] = count;
    CHECK(sotto_livekit_sealer_init(sealer, ring, SOTTO_KIND_VIDEO, first_counts));
}

static inline struct wire livekit_seal(struct sotto_livekit_sealer *sealer,
                                               const struct sotto_livekit_frame_info *info,
                                               const uint8_t *frame, size_t size) {
    const size_t capacity = SOTTO_LIVEKIT_SEALED_SIZE_MAX(size);
    struct wire source = copy_wire(frame, size);
    struct wire wire = {malloc(capacity), 0};
    CHECK(wire.data);
    CHECK_EQ(sotto_livekit_sealer_seal(sealer, info, (struct sotto_bytes){source.data, size},
                                       wire.data, capacity, &wire.size),
             SOTTO_OK);
    struct wire exact = copy_wire(wire.data, wire.size);
    free(source.data);
    free(wire.data);
    return exact;
}

// Opens into a buffer of exactly the wire's size, filled with rubbish before; on failure all of it
// must be zero. `frame`, if not NULL, has room for the wire's size.
static inline enum sotto_result livekit_open(struct sotto_livekit_opener *opener,
                                             enum sotto_codec codec, bool is_key_frame,
                                             struct wire wire, uint8_t *frame,
                                             size_t *frame_size) {
    struct wire opened = copy_wire(wire.data, wire.size);
    if (wire.size > 0)
        memset(opened.data, 0xA5, wire.size);
    const enum sotto_result result =
        sotto_livekit_opener_open(opener, codec, is_key_frame,
                                  (struct sotto_bytes){wire.data, wire.size}, opened.data,
                                  opened.size, frame_size);
    if (result == SOTTO_OK && frame && *frame_size > 0)
        memcpy(frame, opened.data, *frame_size);
    for (size_t i = 0; result != SOTTO_OK && i < opened.size; i++)
        CHECK_EQ(opened.data[i], 0);
    if (result != SOTTO_OK)
        CHECK_EQ(*frame_size, 0);
    free(opened.data);
    return result;
}

static inline enum sotto_result livekit_result(struct sotto_livekit_opener *opener,
                                               enum sotto_codec codec, bool is_key_frame,
                                               struct wire wire) {
    size_t size;
    return livekit_open(opener, codec, is_key_frame, wire, NULL, &size);
}

static inline void livekit_check_opens(struct sotto_livekit_opener *opener, enum sotto_codec codec,
                                       bool is_key_frame, struct wire wire,
                                       const uint8_t *frame, size_t size) {
    uint8_t *opened = malloc(wire.size + 1);
    CHECK(opened);
    size_t opened_size;
    CHECK_EQ(livekit_open(opener, codec, is_key_frame, wire, opened, &opened_size), SOTTO_OK);
    CHECK_EQ(opened_size, size);
    CHECK_BYTES(opened, frame, size);
    free(opened);
}

#endif
