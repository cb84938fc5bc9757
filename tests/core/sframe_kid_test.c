#include "sotto/sframe_kid.h"

#include "tests/check.h"

TEST(sender_kids_are_generation_and_step) {
    static const struct {
        uint64_t generation, step;
        unsigned step_bits;
        uint64_t kid;
    } rows[] = {
        {0, 0, 4, 0},
        {1, 0, 4, 0x10},
        {7, 3, 4, 0x73},
        {7, 0x13, 4, 0x73}, // only the last bits of a step are sent
        {0x1234, 0x56, 8, 0x123456},
        {5, 9, 0, 5}, // no bit for steps
        {1, 1, 63, UINT64_C(0x8000000000000001)},
        {UINT64_MAX, 3, 0, UINT64_MAX},
        {UINT64_MAX >> 4, UINT64_MAX, 4, UINT64_MAX},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct sotto_sframe_sender_kid parts = {rows[i].generation, rows[i].step};
        struct sotto_sframe_sender_kid parsed;
        uint64_t kid;
        CHECK(sotto_sframe_kid_compose_sender(&kid, &parts, rows[i].step_bits));
        CHECK(kid == rows[i].kid);
        CHECK(sotto_sframe_kid_parse_sender(&parsed, kid, rows[i].step_bits));
        CHECK(parsed.generation == rows[i].generation);
        CHECK(parsed.step == (rows[i].step & ((UINT64_C(1) << rows[i].step_bits) - 1)));
    }
}

TEST(a_generation_that_does_not_fit_and_another_r_are_refused) {
    for (unsigned step_bits = 1; step_bits < 64; step_bits++) {
        const struct sotto_sframe_sender_kid largest = {UINT64_MAX >> step_bits, 0};
        const struct sotto_sframe_sender_kid too_large = {(UINT64_MAX >> step_bits) + 1, 0};
        uint64_t kid = 1;
        CHECK(sotto_sframe_kid_compose_sender(&kid, &largest, step_bits));
        CHECK(kid == UINT64_MAX << step_bits);
        CHECK(!sotto_sframe_kid_compose_sender(&kid, &too_large, step_bits));
        CHECK(kid == 0);
    }
    static const unsigned others[] = {64, 65, 128, 0x80000000, UINT32_MAX};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        const struct sotto_sframe_sender_kid current = {0, 0};
        struct sotto_sframe_sender_kid parsed = {1, 1};
        uint64_t kid = 1;
        unsigned steps = 1;
        CHECK(!sotto_sframe_kid_compose_sender(&kid, &current, others[i]));
        CHECK(!sotto_sframe_kid_parse_sender(&parsed, 7, others[i]));
        CHECK(kid == 0 && parsed.generation == 0 && parsed.step == 0);
        CHECK_EQ(sotto_sframe_kid_count_steps(&current, 0, others[i], &steps), SOTTO_INVALID);
        CHECK_EQ(steps, 0);
    }
}

TEST(a_receiver_counts_the_steps_to_a_kid_up_to_the_limit) {
    enum { NONE = -1 };
    static const struct {
        uint64_t generation, step; // of the receiver
        uint64_t kid;
        unsigned step_bits;
        int steps;
    } rows[] = {
        {2, 5, 0x205, 8, 0},
        {2, 5, 0x206, 8, 1},
        {2, 5, 0x215, 8, 16},
        {2, 5, 0x216, 8, NONE}, // 17
        {2, 5, 0x204, 8, NONE}, // one before, or 255 ahead
        {2, 5, 0x305, 8, NONE}, // other generations
        {2, 5, 0x105, 8, NONE},
        {2, 255, 0x200, 8, 1}, // the last bits begin anew
        {2, 0x1fe, 0x20e, 8, 16},
        {2, 0x1fe, 0x20f, 8, NONE},
        {2, 256, 0x200, 8, 0},
        {0, 0, 1, 1, 1},
        {0, 1, 0, 1, 1},
        {0, 0, 3, 1, NONE},
        {3, 0, 3, 0, 0},
        {3, 0, 4, 0, NONE},
        {0, 6, 5, 4, 15}, // a small R tells nothing before from ahead
        {0, UINT64_MAX, 4, 5, 5},
        {1, UINT64_C(1) << 40, UINT64_C(0x8000000000000010), 63, NONE},
        {1, UINT64_C(1) << 40, UINT64_C(0x8000010000000010), 63, 16},
        {0, 0, UINT64_MAX, 8, NONE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct sotto_sframe_sender_kid current = {rows[i].generation, rows[i].step};
        unsigned steps = 99;
        enum sotto_result result =
            sotto_sframe_kid_count_steps(&current, rows[i].kid, rows[i].step_bits, &steps);
        CHECK_EQ(result, rows[i].steps == NONE ? SOTTO_MISSING_KEY : SOTTO_OK);
        CHECK_EQ(steps, rows[i].steps == NONE ? 0 : rows[i].steps);
    }
}

// The two ends agree: a receiver takes as many steps as the sender did.
TEST(steps_counted_are_steps_taken) {
    for (unsigned step_bits = 5; step_bits < 64; step_bits++) {
        for (uint64_t first = 0; first < 70; first++) {
            for (uint64_t taken = 0; taken <= SOTTO_SFRAME_STEPS_MAX; taken++) {
                const struct sotto_sframe_sender_kid receiver = {1, first};
                const struct sotto_sframe_sender_kid sender = {1, first + taken};
                uint64_t kid;
                unsigned steps;
                CHECK(sotto_sframe_kid_compose_sender(&kid, &sender, step_bits));
                CHECK_EQ(sotto_sframe_kid_count_steps(&receiver, kid, step_bits, &steps),
                         SOTTO_OK);
                CHECK_EQ(steps, taken);
            }
        }
    }
}

// Section 5.2: the smallest S with group_size <= 2^S.
TEST(index_bits_hold_every_member) {
    static const struct {
        uint32_t group_size;
        unsigned bits;
    } rows[] = {{1, 0},  {2, 1},  {3, 2},           {4, 2},           {5, 3},
                {64, 6}, {65, 7}, {0x80000000, 31}, {0x80000001, 32}, {UINT32_MAX, 32}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        CHECK_EQ(sotto_sframe_kid_index_bits(rows[i].group_size), rows[i].bits);
    for (uint32_t size = 2; size < 100000; size++) {
        unsigned bits = sotto_sframe_kid_index_bits(size);
        CHECK(size <= UINT32_C(1) << bits && size > UINT32_C(1) << (bits - 1));
    }
}

// The example in section 5.2 of RFC 9605: E = 4, and S = 6 for 64 members.
TEST(mls_kids_are_those_of_the_rfc) {
    static const struct sotto_sframe_mls_layout layout = {.epoch_bits = 4, .index_bits = 6};
    static const struct {
        struct sotto_sframe_mls_kid parts;
        uint64_t kid;
    } rows[] = {
        {{.epoch = 14, .index = 3}, 0x3e},
        {{.epoch = 14, .index = 7}, 0x7e},
        {{.epoch = 14, .index = 20}, 0x14e},
        {{.epoch = 15, .index = 3}, 0x3f},
        {{.epoch = 15, .index = 5}, 0x5f},
        {{.epoch = 16, .index = 2, .context = 2}, 0x820},
        {{.epoch = 16, .index = 2, .context = 3}, 0xc20},
        {{.epoch = 17, .index = 33}, 0x211},
        {{.epoch = 17, .index = 51}, 0x331},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct sotto_sframe_mls_kid parsed;
        uint64_t kid;
        CHECK(sotto_sframe_kid_compose_mls(&kid, &rows[i].parts, layout));
        CHECK(kid == rows[i].kid);
        CHECK(sotto_sframe_kid_parse_mls(&parsed, kid, layout));
        CHECK(parsed.context == rows[i].parts.context);
        CHECK(parsed.index == rows[i].parts.index);
        CHECK(parsed.epoch == rows[i].parts.epoch % 16);
    }
}

static void check_layout(struct sotto_sframe_mls_layout layout) {
    unsigned below = layout.epoch_bits + layout.index_bits;
    struct sotto_sframe_mls_kid largest = {UINT64_MAX >> below,
                                           (UINT64_C(1) << layout.index_bits) - 1, UINT64_MAX};
    uint64_t kid;
    CHECK(sotto_sframe_kid_compose_mls(&kid, &largest, layout));
    CHECK(kid == UINT64_MAX);
    struct sotto_sframe_mls_kid index_too_large = largest;
    index_too_large.index++;
    CHECK(!sotto_sframe_kid_compose_mls(&kid, &index_too_large, layout));
    CHECK(kid == 0);
    if (below == 0)
        return; // every context fits
    struct sotto_sframe_mls_kid context_too_large = largest;
    context_too_large.context++;
    CHECK(!sotto_sframe_kid_compose_mls(&kid, &context_too_large, layout));
    CHECK(kid == 0);
}

TEST(mls_parts_that_do_not_fit_are_refused_in_every_layout) {
    for (unsigned epoch_bits = 0; epoch_bits < 70; epoch_bits++) {
        for (unsigned index_bits = 0; index_bits < 70; index_bits++) {
            const struct sotto_sframe_mls_layout layout = {epoch_bits, index_bits};
            const struct sotto_sframe_mls_kid nothing = {0};
            struct sotto_sframe_mls_kid parsed = {1, 1, 1};
            uint64_t kid = 1;
            bool is_layout = epoch_bits + index_bits <= 63;
            CHECK_EQ(sotto_sframe_kid_compose_mls(&kid, &nothing, layout), is_layout);
            CHECK(kid == 0);
            CHECK_EQ(sotto_sframe_kid_parse_mls(&parsed, UINT64_MAX, layout), is_layout);
            if (is_layout)
                check_layout(layout);
            else
                CHECK(parsed.context == 0 && parsed.index == 0 && parsed.epoch == 0);
        }
    }
    // Sums that come out small again.
    const struct sotto_sframe_mls_layout wrapping = {UINT32_MAX, 2};
    struct sotto_sframe_mls_kid parsed;
    CHECK(!sotto_sframe_kid_parse_mls(&parsed, 1, wrapping));
}

int main(void) {
    RUN(sender_kids_are_generation_and_step);
    RUN(a_generation_that_does_not_fit_and_another_r_are_refused);
    RUN(a_receiver_counts_the_steps_to_a_kid_up_to_the_limit);
    RUN(steps_counted_are_steps_taken);
    RUN(index_bits_hold_every_member);
    RUN(mls_kids_are_those_of_the_rfc);
    RUN(mls_parts_that_do_not_fit_are_refused_in_every_layout);
    return 0;
}
