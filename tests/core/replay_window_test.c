#include "core/replay_window.h"

#include "tests/check.h"

// Accepts and adds in one go, as a verified frame does.
static bool take(struct sotto_replay_window *window, uint64_t counter) {
    if (!sotto_replay_window_accepts(window, counter))
        return false;
    sotto_replay_window_add(window, counter);
    return true;
}

TEST(accepts_each_counter_once_in_order) {
    struct sotto_replay_window window = {0};
    for (uint64_t counter = 0; counter < 5000; counter++) {
        CHECK(take(&window, counter));
        CHECK(!take(&window, counter));
    }
}

TEST(asking_changes_nothing) {
    struct sotto_replay_window window = {0};
    CHECK(sotto_replay_window_accepts(&window, 1000000));
    CHECK(sotto_replay_window_accepts(&window, 1000000));
    CHECK(take(&window, 0));
    CHECK(!sotto_replay_window_accepts(&window, 0));
}

TEST(the_window_is_1024_wide_to_the_counter) {
    static const uint64_t tops[] = {1023, 1024, 1025, 5000, UINT64_C(1) << 32, UINT64_MAX - 1};
    for (size_t i = 0; i < sizeof tops / sizeof *tops; i++) {
        struct sotto_replay_window window = {0};
        uint64_t top = tops[i];
        CHECK(take(&window, top));
        CHECK(take(&window, top - 1023));
        CHECK(!take(&window, top - 1023));
        if (top >= 1024)
            CHECK(!take(&window, top - 1024));
        CHECK(take(&window, top - 1022));
        CHECK(take(&window, top - 1));
        CHECK(!take(&window, top));
    }
}

// Every row asks and, where the counter is accepted, adds.
TEST(the_numbered_table_of_its_edges) {
    static const struct {
        int number;
        uint64_t counter;
        bool is_accepted;
    } rows[] = {
        {1, 0, true},
        {2, 0, false},      // the same
        {3, 1023, true},    // 0 is the lowest in the window now
        {4, 0, false},
        {5, 1, true},       // late
        {6, 1, false},
        {7, 1024, true},    // 0 left the window
        {8, 0, false},
        {9, 1, false},      // the lowest
        {10, 2, true},
        {11, 1026, true},   // 2 left; 3 is the lowest
        {12, 2, false},
        {13, 3, true},
        {14, 3, false},
        {15, 1025, true},   // was skipped
        {16, 1025, false},
        {17, 2049, true},   // 1,023 further: 1026 is the lowest
        {18, 1026, false},
        {19, 1027, true},
        {20, 1025, false},
        {21, 3073, true},   // 1,024 further: 2050 is the lowest
        {22, 2049, false},
        {23, 2050, true},
        {24, 5000, true},   // beyond all of it
        {25, 3976, false},
        {26, 3977, true},   // the lowest
        {27, 3977, false},
        {28, UINT64_C(0xffffffff), true}, // the last counter of a stream
        {29, UINT64_C(0xffffffff), false},
        {30, UINT64_C(0xfffffc00), true},
        {31, UINT64_C(0xfffffbff), false},
        {32, 5000, false},
    };
    struct sotto_replay_window window = {0};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        CHECK_EQ(rows[i].number, i + 1);
        if (take(&window, rows[i].counter) != rows[i].is_accepted) {
            fprintf(stderr, "row %d\n", rows[i].number);
            exit(1);
        }
    }
}

TEST(a_window_that_begins_later_has_seen_all_below) {
    static const uint64_t nexts[] = {0, 1, 63, 64, 1000, 1024, 100000};
    for (size_t i = 0; i < sizeof nexts / sizeof *nexts; i++) {
        const uint64_t next = nexts[i];
        struct sotto_replay_window window;
        sotto_replay_window_begin(&window, next);
        for (uint64_t counter = 0; counter < next; counter++)
            CHECK(!sotto_replay_window_accepts(&window, counter));
        CHECK(take(&window, next + 700));
        for (uint64_t counter = 0; counter < next + 700; counter++)
            CHECK_EQ(sotto_replay_window_accepts(&window, counter), counter >= next);
    }
}

TEST(a_jump_keeps_what_is_still_inside_and_forgets_nothing_else) {
    static const uint64_t jumps[] = {1, 2, 63, 64, 65, 1022, 1023, 1024, 1025, 2047, 2048, 100000};
    for (size_t i = 0; i < sizeof jumps / sizeof *jumps; i++) {
        struct sotto_replay_window window = {0};
        for (uint64_t counter = 0; counter < 2000; counter += 2) // the odd ones are missing
            CHECK(take(&window, counter));
        uint64_t top = 1998 + jumps[i];
        CHECK(take(&window, top));
        for (uint64_t counter = 0; counter < top; counter++) {
            bool inside = top - counter < 1024;
            bool seen = counter < 2000 && counter % 2 == 0;
            CHECK_EQ(sotto_replay_window_accepts(&window, counter), inside && !seen);
        }
    }
}

TEST(the_highest_number_there_is_is_never_accepted) {
    struct sotto_replay_window window = {0};
    CHECK(!sotto_replay_window_accepts(&window, UINT64_MAX));
    CHECK(take(&window, UINT64_MAX - 1));
    CHECK(!sotto_replay_window_accepts(&window, UINT64_MAX));
    CHECK(!sotto_replay_window_accepts(&window, 0));
}

// Compares with a table that remembers every counter.
TEST(agrees_with_a_simple_model_over_a_million_random_counters) {
    enum { COUNTERS = 1 << 16 };
    static bool seen[COUNTERS];
    uint64_t random = 88172645463325252u;
    for (int run = 0; run < 100; run++) {
        struct sotto_replay_window window = {0};
        memset(seen, 0, sizeof seen);
        uint64_t next = 0;
        for (int i = 0; i < 10000; i++) {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            // Mostly near the top, sometimes far.
            uint64_t spread = random % 8 == 0 ? 3000 : 40;
            uint64_t base = next > spread / 2 ? next - spread / 2 : 0;
            uint64_t counter = (base + (random >> 20) % spread) % COUNTERS;
            bool expected = counter >= next || (next - counter <= 1024 && !seen[counter]);
            CHECK_EQ(take(&window, counter), expected);
            seen[counter] = true;
            next = counter >= next ? counter + 1 : next;
        }
    }
}

int main(void) {
    RUN(accepts_each_counter_once_in_order);
    RUN(asking_changes_nothing);
    RUN(the_window_is_1024_wide_to_the_counter);
    RUN(the_numbered_table_of_its_edges);
    RUN(a_window_that_begins_later_has_seen_all_below);
    RUN(a_jump_keeps_what_is_still_inside_and_forgets_nothing_else);
    RUN(the_highest_number_there_is_is_never_accepted);
    RUN(agrees_with_a_simple_model_over_a_million_random_counters);
    return 0;
}
