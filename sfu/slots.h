// Places in a table of fixed size, named by handles that go stale when the place is given up: a
// message that is late refers to nothing, instead of to whoever came after.
#ifndef SOTTO_SFU_SLOTS_H
#define SOTTO_SFU_SLOTS_H

#include <stdbool.h>
#include <stdint.h>

// Copied freely, also between threads. All zero names nothing, for ever.
struct sotto_handle {
    uint32_t slot;       // index into the table
    uint32_t generation; // odd; repeats after 2^31 uses of one slot
};

struct sotto_slot {
    uint32_t generation; // odd while a handle names it
    uint32_t next_free;
};

// Owned by the caller; its fields are private.
struct sotto_slots {
    struct sotto_slot *slots; // borrowed from the caller
    uint32_t slot_count;
    uint32_t first_free; // slot_count if none is
    uint32_t used_count;
};

static inline bool sotto_handle_equal(struct sotto_handle a, struct sotto_handle b) {
    return a.slot == b.slot && a.generation == b.generation;
}

// `memory` has room for `slot_count` slots and is borrowed.
void sotto_slots_init(struct sotto_slots *slots, struct sotto_slot *memory, uint32_t slot_count);

// False, with `handle` all zero, if the table is full.
bool sotto_slots_take(struct sotto_slots *slots, struct sotto_handle *handle);

// True while the handle names what it was given out for. Any value is allowed.
bool sotto_slots_is_live(const struct sotto_slots *slots, struct sotto_handle handle);

// Makes a live handle stale. The slot is not used again before sotto_slots_free.
void sotto_slots_retire(struct sotto_slots *slots, struct sotto_handle handle);

// Gives up the slot of a retired handle.
void sotto_slots_free(struct sotto_slots *slots, struct sotto_handle handle);

#endif
