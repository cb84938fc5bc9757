#include "wasm/arena.h"

enum { PAGE_SIZE = 65536 };

// Set by the linker: where its own data ends.
extern uint8_t __heap_base;

static size_t used_size; // of what lies behind the linker's data

void *sotto_arena_take(size_t size) {
    const size_t base = ((size_t)&__heap_base + 15) / 16 * 16;
    const size_t end = __builtin_wasm_memory_size(0) * PAGE_SIZE;
    if (size > SIZE_MAX - 15 - PAGE_SIZE - base - used_size)
        return NULL;
    const size_t needed = (size + 15) / 16 * 16;
    const size_t begin = base + used_size;
    if (begin + needed > end) {
        const size_t missing = begin + needed - end;
        if (__builtin_wasm_memory_grow(0, (missing + PAGE_SIZE - 1) / PAGE_SIZE) == SIZE_MAX)
            return NULL;
    }
    used_size += needed;
    return (void *)begin; // never used before, so still zero
}
