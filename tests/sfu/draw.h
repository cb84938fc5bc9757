// Random numbers for tests, the same ones from the same seed on every machine.
#ifndef SOTTO_TESTS_SFU_DRAW_H
#define SOTTO_TESTS_SFU_DRAW_H

#include "tests/check.h"

static uint32_t draw_state;

static inline void draw_seed(uint32_t seed) {
    draw_state = seed;
}

// 0 to `below` - 1.
static inline uint32_t draw(uint32_t below) {
    draw_state = draw_state * 1664525 + 1013904223;
    return (draw_state >> 8) % below;
}

#endif
