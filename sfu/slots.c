#include "sfu/slots.h"

#include "core/assert.h"

void sotto_slots_init(struct sotto_slots *slots, struct sotto_slot *memory, uint32_t slot_count) {
    *slots = (struct sotto_slots){.slots = memory, .slot_count = slot_count};
    for (uint32_t i = 0; i < slot_count; i++)
        memory[i] = (struct sotto_slot){.next_free = i + 1};
}

static bool is_odd(uint32_t generation) {
    return generation % 2 == 1;
}

bool sotto_slots_take(struct sotto_slots *slots, struct sotto_handle *handle) {
    *handle = (struct sotto_handle){0};
    if (slots->first_free == slots->slot_count)
        return false;
    struct sotto_slot *slot = &slots->slots[slots->first_free];
    slot->generation++;
    *handle = (struct sotto_handle){.slot = slots->first_free, .generation = slot->generation};
    slots->first_free = slot->next_free;
    slot->next_free = slots->slot_count;
    slots->used_count++;
    return true;
}

bool sotto_slots_is_live(const struct sotto_slots *slots, struct sotto_handle handle) {
    return handle.slot < slots->slot_count && is_odd(handle.generation) &&
           slots->slots[handle.slot].generation == handle.generation;
}

void sotto_slots_retire(struct sotto_slots *slots, struct sotto_handle handle) {
    SOTTO_ASSERT(sotto_slots_is_live(slots, handle));
    slots->slots[handle.slot].generation++;
}

void sotto_slots_free(struct sotto_slots *slots, struct sotto_handle handle) {
    SOTTO_ASSERT(handle.slot < slots->slot_count && slots->used_count > 0);
    SOTTO_ASSERT(!sotto_slots_is_live(slots, handle));
    slots->slots[handle.slot].next_free = slots->first_free;
    slots->first_free = handle.slot;
    slots->used_count--;
}
