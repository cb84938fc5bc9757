#include "wasm/pool.h"

#include "core/wipe.h"
#include "wasm/arena.h"

// A handle is pool number, generation and slot, from the highest bits to the lowest. Generations
// run from 1, so that a handle outlives its object without naming the next one.
enum {
    SLOT_BITS = 12,
    GENERATION_BITS = 16,
    NUMBER_SHIFT = SLOT_BITS + GENERATION_BITS,
};

_Static_assert(SOTTO_POOL_CAPACITY_MAX == 1 << SLOT_BITS, "every slot has a number");

uint32_t sotto_pool_handle_at(const struct sotto_pool *pool, size_t index) {
    const struct sotto_pool_slot *slot = &pool->slots[index];
    if (!slot->is_used)
        return 0;
    return pool->number << NUMBER_SHIFT | (uint32_t)slot->generation << SLOT_BITS |
           (uint32_t)index;
}

static struct sotto_pool_slot *find_slot(const struct sotto_pool *pool, uint32_t handle) {
    const size_t index = handle % SOTTO_POOL_CAPACITY_MAX;
    if (handle == 0 || index >= pool->capacity || sotto_pool_handle_at(pool, index) != handle)
        return NULL;
    return &pool->slots[index];
}

uint32_t sotto_pool_add(struct sotto_pool *pool) {
    size_t index = 0;
    while (index < pool->capacity && pool->slots[index].is_used)
        index++;
    if (index == pool->capacity)
        return 0;
    struct sotto_pool_slot *slot = &pool->slots[index];
    if (!slot->object)
        slot->object = sotto_arena_take(pool->object_size);
    if (!slot->object)
        return 0;
    if (++slot->generation == 0)
        slot->generation = 1;
    slot->is_used = true;
    return sotto_pool_handle_at(pool, index);
}

void *sotto_pool_find(const struct sotto_pool *pool, uint32_t handle) {
    const struct sotto_pool_slot *slot = find_slot(pool, handle);
    return slot ? slot->object : NULL;
}

bool sotto_pool_remove(struct sotto_pool *pool, uint32_t handle) {
    struct sotto_pool_slot *slot = find_slot(pool, handle);
    if (!slot)
        return false;
    sotto_wipe(slot->object, pool->object_size);
    slot->is_used = false;
    return true;
}
