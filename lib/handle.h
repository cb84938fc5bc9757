// Memory of a handle: pages of its own that the kernel leaves out of core dumps and empties in the
// child of a fork, so that neither keys nor counters get into other hands.
#ifndef SOTTO_LIB_HANDLE_H
#define SOTTO_LIB_HANDLE_H

#include <stddef.h>

// All zero. NULL without memory. A kernel that cannot empty pages (before Linux 4.14) keeps them
// from the child altogether; with one that can do neither there are no handles.
void *sotto_handle_create(size_t size);

// Erases and frees. NULL is fine.
void sotto_handle_destroy(void *handle, size_t size);

#endif
