// The arena of native tests (wasm/arena.h): every object is its own allocation, so that a sanitizer
// sees a step outside it. An allowance makes it run out.
#ifndef SOTTO_TESTS_WASM_ARENA_TEST_HEAP_H
#define SOTTO_TESTS_WASM_ARENA_TEST_HEAP_H

#include "tests/check.h"
#include "wasm/arena.h"

enum { ARENA_TAKEN_MAX = 4096 };
static void *arena_taken[ARENA_TAKEN_MAX];
static size_t arena_taken_count;
static size_t arena_allowance = SIZE_MAX;

void *sotto_arena_take(size_t size) {
    if (arena_allowance < size)
        return NULL;
    arena_allowance -= size;
    CHECK(arena_taken_count < ARENA_TAKEN_MAX);
    void *memory = aligned_alloc(16, (size + 15) / 16 * 16);
    CHECK(memory);
    memset(memory, 0, size);
    arena_taken[arena_taken_count++] = memory;
    return memory;
}

static void arena_free_all(void) {
    while (arena_taken_count > 0)
        free(arena_taken[--arena_taken_count]);
    arena_allowance = SIZE_MAX;
}

#endif
