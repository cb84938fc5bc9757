// Who is due next: a heap of deadlines, embedded in what they belong to.
#ifndef SOTTO_SERVER_DEADLINES_H
#define SOTTO_SERVER_DEADLINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// All zero is one that is in no heap.
struct sotto_deadline {
    uint64_t due_us;
    size_t place; // in the heap, from 1; 0 if it is in none
    void *owner;  // for whoever takes it out; not looked at here
};

struct sotto_deadlines {
    struct sotto_deadline **heap; // owned; the deadlines are borrowed
    size_t count;
    size_t capacity;
};

// Makes room for one more deadline, so that setting it cannot fail. False if there is no memory.
bool sotto_deadlines_reserve(struct sotto_deadlines *deadlines, size_t count);
void sotto_deadlines_destroy(struct sotto_deadlines *deadlines);

// Sets, moves or, with UINT64_MAX, takes out a deadline.
void sotto_deadlines_set(struct sotto_deadlines *deadlines, struct sotto_deadline *deadline,
                         uint64_t due_us);

// The earliest; NULL if there is none.
struct sotto_deadline *sotto_deadlines_first(const struct sotto_deadlines *deadlines);

#endif
