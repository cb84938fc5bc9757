#include "wasm/pool.h"

#include "tests/wasm/arena_test_heap.h"

enum { OBJECT_SIZE = 40, CAPACITY = 5 };

static struct sotto_pool_slot slots[CAPACITY];
static struct sotto_pool pool;

static void begin(uint32_t number) {
    memset(slots, 0, sizeof slots);
    pool = (struct sotto_pool){number, OBJECT_SIZE, CAPACITY, slots};
}

TEST(objects_are_zero_and_found_under_their_handles) {
    uint8_t *objects[CAPACITY];
    uint32_t handles[CAPACITY];
    begin(7);
    for (uint8_t i = 0; i < CAPACITY; i++) {
        handles[i] = sotto_pool_add(&pool);
        CHECK((int32_t)handles[i] > 0);
        objects[i] = sotto_pool_find(&pool, handles[i]);
        for (size_t j = 0; j < OBJECT_SIZE; j++)
            CHECK_EQ(objects[i][j], 0);
        memset(objects[i], i + 1, OBJECT_SIZE);
    }
    for (uint8_t i = 0; i < CAPACITY; i++) {
        CHECK(sotto_pool_find(&pool, handles[i]) == objects[i]);
        CHECK_EQ(objects[i][OBJECT_SIZE - 1], i + 1);
        CHECK_EQ(sotto_pool_handle_at(&pool, i), handles[i]);
    }
    arena_free_all();
}

TEST(a_full_pool_refuses_until_something_is_removed) {
    uint32_t first;
    begin(1);
    first = sotto_pool_add(&pool);
    for (size_t i = 1; i < CAPACITY; i++)
        CHECK(sotto_pool_add(&pool) != 0);
    CHECK_EQ(sotto_pool_add(&pool), 0);
    CHECK(sotto_pool_remove(&pool, first));
    CHECK(sotto_pool_add(&pool) != 0);
    CHECK_EQ(sotto_pool_add(&pool), 0);
    CHECK_EQ(arena_taken_count, CAPACITY);
    arena_free_all();
}

TEST(a_pool_without_memory_refuses_and_is_as_before) {
    begin(1);
    arena_allowance = 2 * OBJECT_SIZE;
    const uint32_t first = sotto_pool_add(&pool);
    CHECK(first != 0 && sotto_pool_add(&pool) != 0);
    CHECK_EQ(sotto_pool_add(&pool), 0);
    CHECK_EQ(sotto_pool_handle_at(&pool, 2), 0);
    CHECK(sotto_pool_remove(&pool, first));
    CHECK(sotto_pool_add(&pool) != 0);
    arena_free_all();
}

TEST(a_removed_object_is_erased_and_its_handle_never_names_the_next) {
    begin(1);
    const uint32_t first = sotto_pool_add(&pool);
    uint8_t *object = sotto_pool_find(&pool, first);
    memset(object, 0xa5, OBJECT_SIZE);
    CHECK(sotto_pool_remove(&pool, first));
    CHECK(!sotto_pool_remove(&pool, first));
    for (size_t i = 0; i < OBJECT_SIZE; i++)
        CHECK_EQ(object[i], 0);
    // The generation wraps after 2^16 objects, and leaves out 0.
    for (size_t i = 0; i < 65534; i++) {
        const uint32_t next = sotto_pool_add(&pool);
        CHECK(next != 0 && next != first);
        CHECK(!sotto_pool_find(&pool, first));
        CHECK(sotto_pool_remove(&pool, next));
    }
    CHECK_EQ(sotto_pool_add(&pool), first);
    arena_free_all();
}

TEST(no_other_number_finds_anything) {
    begin(2);
    uint32_t handles[2] = {sotto_pool_add(&pool), sotto_pool_add(&pool)};
    CHECK(sotto_pool_remove(&pool, handles[0]));
    uint32_t handle = 1;
    for (size_t i = 0; i < 1000000; i++) {
        handle = handle * 1664525 + 1013904223;
        CHECK(handle == handles[1] || !sotto_pool_find(&pool, handle));
    }
    for (uint32_t bit = 0; bit < 32; bit++) {
        CHECK(!sotto_pool_find(&pool, handles[1] ^ (uint32_t)1 << bit));
        CHECK(!sotto_pool_remove(&pool, handles[1] ^ (uint32_t)1 << bit));
    }
    CHECK(!sotto_pool_find(&pool, 0));
    CHECK(sotto_pool_find(&pool, handles[1]));
    arena_free_all();
}

int main(void) {
    RUN(objects_are_zero_and_found_under_their_handles);
    RUN(a_full_pool_refuses_until_something_is_removed);
    RUN(a_pool_without_memory_refuses_and_is_as_before);
    RUN(a_removed_object_is_erased_and_its_handle_never_names_the_next);
    RUN(no_other_number_finds_anything);
    return 0;
}
