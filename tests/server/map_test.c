#include "server/map.h"

#include "tests/check.h"

static uint64_t next_random(uint64_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

// A plain table beside the map says what it must answer.
TEST(the_map_agrees_with_a_plain_table_over_a_hundred_thousand_steps) {
    static void *plain[512];
    static char values[512][2];
    struct sotto_map map;
    uint64_t random = 42;
    CHECK(sotto_map_create(&map, sizeof(uint64_t), 7));
    for (int step = 0; step < 100000; step++) {
        uint64_t key = next_random(&random) % 512;
        void *value = values[key] + next_random(&random) % 2;
        if (next_random(&random) % 2) {
            CHECK(sotto_map_set(&map, &key, value));
            plain[key] = value;
        } else {
            sotto_map_remove(&map, &key, value);
            if (plain[key] == value)
                plain[key] = NULL;
        }
        uint64_t looked_up = next_random(&random) % 600;
        CHECK(sotto_map_find(&map, &looked_up) == (looked_up < 512 ? plain[looked_up] : NULL));
    }
    size_t count = 0;
    for (size_t i = 0; i < 512; i++)
        count += plain[i] != NULL;
    CHECK_EQ(map.count, count);
    sotto_map_destroy(&map);
}

TEST(a_newer_owner_of_a_key_keeps_it) {
    struct sotto_map map;
    char first, second;
    CHECK(sotto_map_create(&map, 4, 1));
    CHECK(sotto_map_set(&map, "abcd", &first));
    CHECK(sotto_map_set(&map, "abcd", &second));
    sotto_map_remove(&map, "abcd", &first);
    CHECK(sotto_map_find(&map, "abcd") == &second);
    sotto_map_remove(&map, "abcd", &second);
    CHECK(sotto_map_find(&map, "abcd") == NULL);
    sotto_map_destroy(&map);
}

int main(void) {
    RUN(the_map_agrees_with_a_plain_table_over_a_hundred_thousand_steps);
    RUN(a_newer_owner_of_a_key_keeps_it);
    return 0;
}
