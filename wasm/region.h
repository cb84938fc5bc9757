// One of the two regions of memory through which bytes travel between JavaScript and a module.
#ifndef SOTTO_WASM_REGION_H
#define SOTTO_WASM_REGION_H

#include "core/bytes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// All zero is a region that nothing was reserved for. Its memory is of the arena and stays.
struct sotto_region {
    uint8_t *data;
    size_t capacity;
};

// Makes room for `capacity` bytes; what was in the region is erased if it moves. False without
// memory.
bool sotto_region_grow(struct sotto_region *region, size_t capacity);

// Two arguments, one behind the other from the start; false if they are not inside the region.
bool sotto_region_read(const struct sotto_region *region, size_t first_size, size_t second_size,
                       struct sotto_bytes *first, struct sotto_bytes *second);

void sotto_region_wipe(struct sotto_region *region);

// Erases what calls left behind below the stack's present end.
void sotto_stack_wipe(void);

#endif
