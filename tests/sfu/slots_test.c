#include "sfu/slots.h"

#include "tests/check.h"

enum { COUNT = 5 };

static struct sotto_slot memory[COUNT];
static struct sotto_slots slots;

static struct sotto_handle take(void) {
    struct sotto_handle handle;
    CHECK(sotto_slots_take(&slots, &handle));
    CHECK(handle.slot < COUNT);
    return handle;
}

static void give_up(struct sotto_handle handle) {
    sotto_slots_retire(&slots, handle);
    sotto_slots_free(&slots, handle);
}

TEST(each_slot_is_given_out_once_and_then_the_table_is_full) {
    sotto_slots_init(&slots, memory, COUNT);
    bool taken[COUNT] = {false};
    for (int i = 0; i < COUNT; i++) {
        struct sotto_handle handle = take();
        CHECK(!taken[handle.slot]);
        taken[handle.slot] = true;
    }
    struct sotto_handle handle = {.slot = 3, .generation = 3};
    CHECK(!sotto_slots_take(&slots, &handle));
    CHECK_EQ(handle.slot, 0);
    CHECK_EQ(handle.generation, 0);
    CHECK_EQ(slots.used_count, COUNT);
}

TEST(a_handle_goes_stale_at_once_and_its_slot_comes_back_later) {
    sotto_slots_init(&slots, memory, 1);
    struct sotto_handle first = take();
    CHECK(sotto_slots_is_live(&slots, first));
    sotto_slots_retire(&slots, first);
    CHECK(!sotto_slots_is_live(&slots, first));
    struct sotto_handle second;
    CHECK(!sotto_slots_take(&slots, &second));
    sotto_slots_free(&slots, first);
    second = take();
    CHECK_EQ(second.slot, first.slot);
    CHECK(!sotto_handle_equal(first, second));
    CHECK(!sotto_slots_is_live(&slots, first));
    CHECK(sotto_slots_is_live(&slots, second));
}

TEST(no_invented_handle_is_live) {
    sotto_slots_init(&slots, memory, COUNT);
    struct sotto_handle taken = take();
    give_up(take());
    for (uint32_t slot = 0; slot < COUNT + 2; slot++)
        for (uint32_t generation = 0; generation < 6; generation++) {
            struct sotto_handle handle = {.slot = slot, .generation = generation};
            CHECK_EQ(sotto_slots_is_live(&slots, handle), sotto_handle_equal(handle, taken));
        }
    CHECK(!sotto_slots_is_live(&slots, (struct sotto_handle){.slot = UINT32_MAX, .generation = 1}));
}

TEST(after_any_history_live_handles_are_those_not_given_up) {
    enum { HISTORY = 3000 };
    static struct sotto_handle all[HISTORY];
    static bool live[HISTORY];
    sotto_slots_init(&slots, memory, COUNT);
    uint32_t random = 1;
    size_t count = 0;
    for (int i = 0; i < HISTORY; i++) {
        random = random * 1664525 + 1013904223;
        struct sotto_handle handle;
        if (random >> 31 && sotto_slots_take(&slots, &handle)) {
            all[count] = handle;
            live[count++] = true;
        } else if (count > 0) {
            size_t j = count - 1 - (random >> 8) % (count < 8 ? count : 8);
            if (live[j])
                give_up(all[j]);
            live[j] = false;
        }
        for (size_t j = count > 40 ? count - 40 : 0; j < count; j++)
            CHECK_EQ(sotto_slots_is_live(&slots, all[j]), live[j]);
    }
}

int main(void) {
    RUN(each_slot_is_given_out_once_and_then_the_table_is_full);
    RUN(a_handle_goes_stale_at_once_and_its_slot_comes_back_later);
    RUN(no_invented_handle_is_live);
    RUN(after_any_history_live_handles_are_those_not_given_up);
    return 0;
}
