#include "server/deadlines.h"

#include "tests/check.h"

static uint64_t next_random(uint64_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

TEST(the_first_is_always_the_earliest) {
    enum { COUNT = 200 };
    static struct sotto_deadline all[COUNT];
    struct sotto_deadlines deadlines = {0};
    uint64_t random = 1;
    CHECK(sotto_deadlines_reserve(&deadlines, COUNT));
    for (int step = 0; step < 50000; step++) {
        struct sotto_deadline *deadline = &all[next_random(&random) % COUNT];
        bool takes_out = next_random(&random) % 4 == 0;
        sotto_deadlines_set(&deadlines, deadline,
                            takes_out ? UINT64_MAX : next_random(&random) % 1000);
        CHECK((deadline->place == 0) == takes_out);
        uint64_t earliest = UINT64_MAX;
        size_t count = 0;
        for (size_t i = 0; i < COUNT; i++) {
            if (all[i].place == 0)
                continue;
            count++;
            earliest = all[i].due_us < earliest ? all[i].due_us : earliest;
            CHECK(deadlines.heap[all[i].place - 1] == &all[i]);
        }
        struct sotto_deadline *first = sotto_deadlines_first(&deadlines);
        CHECK_EQ(count, deadlines.count);
        CHECK(count == 0 ? first == NULL : first->due_us == earliest);
    }
    sotto_deadlines_destroy(&deadlines);
}

int main(void) {
    RUN(the_first_is_always_the_earliest);
    return 0;
}
