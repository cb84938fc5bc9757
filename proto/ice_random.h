// A generator of unpredictable bytes from a secret seed, so that transaction ids, tie-breakers and
// jitter of an ICE agent follow from its arguments alone: HMAC-SHA1 under the seed over a counter.
#ifndef SOTTO_PROTO_ICE_RANDOM_H
#define SOTTO_PROTO_ICE_RANDOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SOTTO_ICE_SEED_SIZE = 32,
    SOTTO_ICE_DRAW_SIZE_MAX = 20,
};

// Neither copied nor shared once it is used: two copies draw the same. Wiped by its owner.
struct sotto_ice_random {
    uint8_t seed[SOTTO_ICE_SEED_SIZE];
    uint64_t count;
};

void sotto_ice_random_init(struct sotto_ice_random *random,
                           const uint8_t seed[SOTTO_ICE_SEED_SIZE]);

// The next `size` bytes, at most SOTTO_ICE_DRAW_SIZE_MAX. False, with zeros, if the library fails.
bool sotto_ice_random_draw(struct sotto_ice_random *random, uint8_t *bytes, size_t size);

// The next number, of 64 random bits; 0 if the library fails.
uint64_t sotto_ice_random_draw_number(struct sotto_ice_random *random);

#endif
