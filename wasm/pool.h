// Objects of one type under handles that JavaScript may hold. A handle that was never given out,
// was removed or belongs to another pool finds nothing.
#ifndef SOTTO_WASM_POOL_H
#define SOTTO_WASM_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SOTTO_POOL_CAPACITY_MAX = 4096 };

struct sotto_pool_slot {
    void *object; // of the arena, once the slot was used; stays with the slot
    uint16_t generation;
    bool is_used;
};

// The first four are set by the owner, once.
struct sotto_pool {
    uint32_t number; // 1 to 7, tells pools apart
    size_t object_size;
    size_t capacity;               // at most SOTTO_POOL_CAPACITY_MAX
    struct sotto_pool_slot *slots; // `capacity` of them, all zero; owned by the pool's owner
};

// The handle of a new object, all zero; always positive as an int32_t. 0 if there is no room.
uint32_t sotto_pool_add(struct sotto_pool *pool);

// NULL for a handle that names nothing here. Borrowed from the pool until the object is removed.
void *sotto_pool_find(const struct sotto_pool *pool, uint32_t handle);

// Erases the object. False for a handle that names nothing here.
bool sotto_pool_remove(struct sotto_pool *pool, uint32_t handle);

// For walking through a pool: 0 if slot `index`, below capacity, holds nothing.
uint32_t sotto_pool_handle_at(const struct sotto_pool *pool, size_t index);

#endif
