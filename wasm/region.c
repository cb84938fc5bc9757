#include "wasm/region.h"

#include "core/wipe.h"
#include "wasm/arena.h"
#include "wasm/limits.h"

// A region that was outgrown stays unused: regions double, so all of them are less than the last.
bool sotto_region_grow(struct sotto_region *region, size_t capacity) {
    if (region->data && region->capacity >= capacity)
        return true;
    size_t doubled = SOTTO_REGION_SIZE_MIN;
    while (doubled < capacity)
        doubled *= 2;
    uint8_t *data = sotto_arena_take(doubled);
    if (!data)
        return false;
    sotto_region_wipe(region);
    *region = (struct sotto_region){data, doubled};
    return true;
}

bool sotto_region_read(const struct sotto_region *region, size_t first_size, size_t second_size,
                       struct sotto_bytes *first, struct sotto_bytes *second) {
    if (first_size > region->capacity || second_size > region->capacity - first_size)
        return false;
    *first = (struct sotto_bytes){region->data, first_size};
    *second = (struct sotto_bytes){region->data + first_size, second_size};
    return true;
}

void sotto_region_wipe(struct sotto_region *region) {
    sotto_wipe(region->data, region->capacity);
}

void sotto_stack_wipe(void) {
    // The linker puts the stack first in memory (wasm/build). Address 0 would be a null pointer.
    uint8_t here;
    sotto_wipe((void *)(uintptr_t)1, (uintptr_t)&here - 1);
}
