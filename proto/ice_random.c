#include "proto/ice_random.h"

#include "core/assert.h"
#include "core/memory.h"
#include "core/reader.h"
#include "core/writer.h"
#include "proto/stun_crypto.h"

_Static_assert((size_t)SOTTO_ICE_DRAW_SIZE_MAX == (size_t)SOTTO_STUN_MAC_SIZE,
               "one MAC is one draw");

void sotto_ice_random_init(struct sotto_ice_random *random,
                           const uint8_t seed[SOTTO_ICE_SEED_SIZE]) {
    *random = (struct sotto_ice_random){0};
    memcpy(random->seed, seed, SOTTO_ICE_SEED_SIZE);
}

bool sotto_ice_random_draw(struct sotto_ice_random *random, uint8_t *bytes, size_t size) {
    SOTTO_ASSERT(size <= SOTTO_ICE_DRAW_SIZE_MAX);
    uint8_t counter[8];
    struct sotto_writer writer;
    sotto_writer_init(&writer, counter, sizeof counter);
    sotto_writer_write_u64(&writer, random->count++);

    const struct sotto_stun_piece piece = {counter, sizeof counter};
    uint8_t mac[SOTTO_STUN_MAC_SIZE];
    bool drawn = sotto_stun_hmac_sha1(random->seed, sizeof random->seed, &piece, 1, mac);
    memcpy(bytes, mac, size);
    return drawn;
}

uint64_t sotto_ice_random_draw_number(struct sotto_ice_random *random) {
    uint8_t bytes[8];
    (void)sotto_ice_random_draw(random, bytes, sizeof bytes);
    struct sotto_reader reader;
    sotto_reader_init(&reader, bytes, sizeof bytes);
    return sotto_reader_read_u64(&reader);
}
