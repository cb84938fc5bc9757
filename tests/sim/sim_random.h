// The only randomness of a simulation: a seed gives the same run again (SplitMix64).
#ifndef SOTTO_TESTS_SIM_RANDOM_H
#define SOTTO_TESTS_SIM_RANDOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sim_random {
    uint64_t state; // the seed
};

static inline uint64_t sim_random_next(struct sim_random *random) {
    uint64_t z = random->state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

// 0 to `bound` - 1; 0 for a bound of 0.
static inline uint32_t sim_random_below(struct sim_random *random, uint32_t bound) {
    return (uint32_t)((sim_random_next(random) >> 32) * bound >> 32);
}

static inline bool sim_random_chance(struct sim_random *random, uint32_t permille) {
    return sim_random_below(random, 1000) < permille;
}

static inline void sim_random_fill(struct sim_random *random, void *data, size_t size) {
    uint8_t *bytes = data;
    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)(sim_random_next(random) >> 56);
}

#endif
