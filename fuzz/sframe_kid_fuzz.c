// A KID taken apart and put together is the same KID, parts put together and taken apart are the
// same parts, and the steps that a receiver counts lead to the KID, within the limit. The input is
// two numbers of bits, a KID and three parts.
#include "core/assert.h"
#include "core/reader.h"
#include "sotto/sframe_kid.h"

static uint64_t last_bits(uint64_t value, unsigned count) {
    return count < 64 ? value & ((UINT64_C(1) << count) - 1) : value;
}

static void check_sender(uint64_t kid, const struct sotto_sframe_sender_kid *parts,
                         unsigned step_bits) {
    struct sotto_sframe_sender_kid parsed;
    uint64_t composed;
    bool is_valid = step_bits < 64;
    SOTTO_ASSERT(sotto_sframe_kid_parse_sender(&parsed, kid, step_bits) == is_valid);
    SOTTO_ASSERT(sotto_sframe_kid_compose_sender(&composed, &parsed, step_bits) == is_valid);
    SOTTO_ASSERT(composed == (is_valid ? kid : 0));
    if (!sotto_sframe_kid_compose_sender(&composed, parts, step_bits)) {
        SOTTO_ASSERT(composed == 0);
        return;
    }
    SOTTO_ASSERT(sotto_sframe_kid_parse_sender(&parsed, composed, step_bits));
    SOTTO_ASSERT(parsed.generation == parts->generation);
    SOTTO_ASSERT(parsed.step == last_bits(parts->step, step_bits));
}

static void check_steps(uint64_t kid, const struct sotto_sframe_sender_kid *current,
                        unsigned step_bits) {
    unsigned steps;
    uint64_t reached;
    enum sotto_result result = sotto_sframe_kid_count_steps(current, kid, step_bits, &steps);
    SOTTO_ASSERT(steps <= SOTTO_SFRAME_STEPS_MAX);
    const struct sotto_sframe_sender_kid then = {current->generation, current->step + steps};
    if (result == SOTTO_OK)
        SOTTO_ASSERT(sotto_sframe_kid_compose_sender(&reached, &then, step_bits) && reached == kid);
    else
        SOTTO_ASSERT(steps == 0 &&
                     result == (step_bits < 64 ? SOTTO_MISSING_KEY : SOTTO_INVALID));
}

static void check_mls(uint64_t kid, const struct sotto_sframe_mls_kid *parts,
                      struct sotto_sframe_mls_layout layout) {
    struct sotto_sframe_mls_kid parsed;
    uint64_t composed;
    bool is_valid = (uint64_t)layout.epoch_bits + layout.index_bits < 64;
    SOTTO_ASSERT(sotto_sframe_kid_parse_mls(&parsed, kid, layout) == is_valid);
    SOTTO_ASSERT(sotto_sframe_kid_compose_mls(&composed, &parsed, layout) == is_valid);
    SOTTO_ASSERT(composed == (is_valid ? kid : 0));
    if (!sotto_sframe_kid_compose_mls(&composed, parts, layout)) {
        SOTTO_ASSERT(composed == 0);
        return;
    }
    SOTTO_ASSERT(sotto_sframe_kid_parse_mls(&parsed, composed, layout));
    SOTTO_ASSERT(parsed.context == parts->context && parsed.index == parts->index);
    SOTTO_ASSERT(parsed.epoch == last_bits(parts->epoch, layout.epoch_bits));
}

// A number of bits: as a rule a small one.
static unsigned read_bits(struct sotto_reader *reader) {
    uint8_t byte = sotto_reader_read_u8(reader);
    return byte == 0xFF ? UINT32_MAX : byte;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct sotto_reader reader;
    sotto_reader_init(&reader, data, size);
    struct sotto_sframe_mls_layout layout;
    struct sotto_sframe_mls_kid mls;
    layout.epoch_bits = read_bits(&reader);
    layout.index_bits = read_bits(&reader);
    uint64_t kid = sotto_reader_read_u64(&reader);
    mls.context = sotto_reader_read_u64(&reader);
    mls.index = sotto_reader_read_u64(&reader);
    mls.epoch = sotto_reader_read_u64(&reader);
    const struct sotto_sframe_sender_kid sender = {mls.context, mls.epoch};
    check_sender(kid, &sender, layout.epoch_bits);
    check_steps(kid, &sender, layout.epoch_bits);
    check_mls(kid, &mls, layout);

    uint32_t group_size = (uint32_t)mls.index | 1;
    unsigned bits = sotto_sframe_kid_index_bits(group_size);
    SOTTO_ASSERT(bits <= 32 && (uint64_t)group_size <= UINT64_C(1) << bits);
    SOTTO_ASSERT(bits == 0 || group_size > UINT64_C(1) << (bits - 1));
    return 0;
}
