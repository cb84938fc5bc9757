// One stream of Opus from a sealer to an opener, under secret 0 of one key store.
#ifndef SOTTO_TESTS_CORE_OPENING_H
#define SOTTO_TESTS_CORE_OPENING_H

#include "tests/core/streams.h"

static const uint8_t opus[] = {0x80, 0x7e, 0x4f, 0x3c, 0xb2, 0x0e, 0x3d, 0x88};

static struct sotto_key_store store;
static struct sotto_sealer sealer;
static struct sotto_opener opener;

static inline void begin_suites(enum sotto_suite suite, enum sotto_suite suite_min) {
    struct sotto_stream_name name = alice();
    sotto_key_store_init(&store);
    set_secret(&store, 0);
    CHECK(sotto_sealer_init(&sealer, &store, &name, suite));
    CHECK(sotto_opener_init(&opener, &store, &name, suite_min, SOTTO_LIVENESS_NOT_NEEDED));
}

static inline void begin(void) {
    begin_suites(SUITE_4, SUITE_4);
}

static inline void end(void) {
    sotto_sealer_wipe(&sealer);
    sotto_opener_wipe(&opener);
    sotto_key_store_wipe(&store);
}

static inline struct wire seal_opus(void) {
    return seal_frame(&sealer, SOTTO_CODEC_OPUS, opus, sizeof opus);
}

static inline struct wire seal_at(uint64_t counter) {
    sealer.counter = counter;
    return seal_opus();
}

static inline void check_result_at(uint64_t counter, enum sotto_result expected) {
    struct wire wire = seal_at(counter);
    CHECK_EQ(open_result(&opener, wire), expected);
    free(wire.data);
}

#endif
