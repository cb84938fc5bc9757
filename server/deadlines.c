#include "server/deadlines.h"

#include <assert.h>
#include <stdlib.h>

bool sotto_deadlines_reserve(struct sotto_deadlines *deadlines, size_t count) {
    if (count <= deadlines->capacity)
        return true;
    size_t capacity = deadlines->capacity * 2 > count ? deadlines->capacity * 2 : count;
    struct sotto_deadline **heap = realloc(deadlines->heap, capacity * sizeof *heap);
    if (!heap)
        return false;
    deadlines->heap = heap;
    deadlines->capacity = capacity;
    return true;
}

void sotto_deadlines_destroy(struct sotto_deadlines *deadlines) {
    free(deadlines->heap);
    *deadlines = (struct sotto_deadlines){0};
}

static void put(struct sotto_deadlines *deadlines, size_t index, struct sotto_deadline *deadline) {
    deadlines->heap[index] = deadline;
    deadline->place = index + 1;
}

static void sift_up(struct sotto_deadlines *deadlines, size_t index) {
    struct sotto_deadline *moved = deadlines->heap[index];
    while (index > 0 && deadlines->heap[(index - 1) / 2]->due_us > moved->due_us) {
        put(deadlines, index, deadlines->heap[(index - 1) / 2]);
        index = (index - 1) / 2;
    }
    put(deadlines, index, moved);
}

static void sift_down(struct sotto_deadlines *deadlines, size_t index) {
    struct sotto_deadline *moved = deadlines->heap[index];
    for (size_t child; (child = 2 * index + 1) < deadlines->count; index = child) {
        if (child + 1 < deadlines->count &&
            deadlines->heap[child + 1]->due_us < deadlines->heap[child]->due_us)
            child++;
        if (deadlines->heap[child]->due_us >= moved->due_us)
            break;
        put(deadlines, index, deadlines->heap[child]);
    }
    put(deadlines, index, moved);
}

static void take_out(struct sotto_deadlines *deadlines, struct sotto_deadline *deadline) {
    size_t index = deadline->place - 1;
    struct sotto_deadline *last = deadlines->heap[--deadlines->count];
    deadline->place = 0;
    if (last == deadline)
        return;
    put(deadlines, index, last);
    sift_up(deadlines, index);
    sift_down(deadlines, last->place - 1);
}

void sotto_deadlines_set(struct sotto_deadlines *deadlines, struct sotto_deadline *deadline,
                         uint64_t due_us) {
    if (due_us == UINT64_MAX) {
        if (deadline->place > 0)
            take_out(deadlines, deadline);
        return;
    }
    if (deadline->place == 0) {
        assert(deadlines->count < deadlines->capacity);
        put(deadlines, deadlines->count++, deadline);
    }
    deadline->due_us = due_us;
    sift_up(deadlines, deadline->place - 1);
    sift_down(deadlines, deadline->place - 1);
}

struct sotto_deadline *sotto_deadlines_first(const struct sotto_deadlines *deadlines) {
    return deadlines->count > 0 ? deadlines->heap[0] : NULL;
}
