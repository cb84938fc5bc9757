#include "sotto/sframe_kid.h"

enum { KID_BITS = 64 };

// The last `count` bits, 0 to 63.
static uint64_t last_bits(uint64_t value, unsigned count) {
    return value & ((UINT64_C(1) << count) - 1);
}

// A shift by 64 would be undefined, so at least one bit is left to the part on top.
static bool leaves_a_bit(unsigned count) {
    return count < KID_BITS;
}

static bool fits(uint64_t value, unsigned count) {
    return last_bits(value, count) == value;
}

// Whether `value` can stand above the last `count` bits.
static bool fits_above(uint64_t value, unsigned count) {
    return value << count >> count == value;
}

bool sotto_sframe_kid_compose_sender(uint64_t *kid, const struct sotto_sframe_sender_kid *parts,
                                     unsigned step_bits) {
    *kid = 0;
    if (!leaves_a_bit(step_bits) || !fits_above(parts->generation, step_bits))
        return false;
    *kid = parts->generation << step_bits | last_bits(parts->step, step_bits);
    return true;
}

bool sotto_sframe_kid_parse_sender(struct sotto_sframe_sender_kid *parts, uint64_t kid,
                                   unsigned step_bits) {
    *parts = (struct sotto_sframe_sender_kid){0};
    if (!leaves_a_bit(step_bits))
        return false;
    parts->generation = kid >> step_bits;
    parts->step = last_bits(kid, step_bits);
    return true;
}

enum sotto_result sotto_sframe_kid_count_steps(const struct sotto_sframe_sender_kid *current,
                                               uint64_t kid, unsigned step_bits, unsigned *steps) {
    struct sotto_sframe_sender_kid wanted;
    *steps = 0;
    if (!sotto_sframe_kid_parse_sender(&wanted, kid, step_bits))
        return SOTTO_INVALID;
    uint64_t ahead = last_bits(wanted.step - current->step, step_bits);
    if (wanted.generation != current->generation || ahead > SOTTO_SFRAME_STEPS_MAX)
        return SOTTO_MISSING_KEY;
    *steps = (unsigned)ahead;
    return SOTTO_OK;
}

unsigned sotto_sframe_kid_index_bits(uint32_t group_size) {
    return group_size > 1 ? 32 - (unsigned)__builtin_clz(group_size - 1) : 0;
}

static bool is_layout(struct sotto_sframe_mls_layout layout) {
    return leaves_a_bit(layout.epoch_bits) && leaves_a_bit(layout.index_bits) &&
           leaves_a_bit(layout.epoch_bits + layout.index_bits);
}

bool sotto_sframe_kid_compose_mls(uint64_t *kid, const struct sotto_sframe_mls_kid *parts,
                                  struct sotto_sframe_mls_layout layout) {
    *kid = 0;
    unsigned below_context = layout.epoch_bits + layout.index_bits;
    if (!is_layout(layout) || !fits(parts->index, layout.index_bits) ||
        !fits_above(parts->context, below_context))
        return false;
    *kid = parts->context << below_context | parts->index << layout.epoch_bits |
           last_bits(parts->epoch, layout.epoch_bits);
    return true;
}

bool sotto_sframe_kid_parse_mls(struct sotto_sframe_mls_kid *parts, uint64_t kid,
                                struct sotto_sframe_mls_layout layout) {
    *parts = (struct sotto_sframe_mls_kid){0};
    if (!is_layout(layout))
        return false;
    parts->context = kid >> (layout.epoch_bits + layout.index_bits);
    parts->index = last_bits(kid >> layout.epoch_bits, layout.index_bits);
    parts->epoch = last_bits(kid, layout.epoch_bits);
    return true;
}
