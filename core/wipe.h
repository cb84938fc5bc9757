// Erasure of secrets that the compiler may not remove.
#ifndef SOTTO_CORE_WIPE_H
#define SOTTO_CORE_WIPE_H

#include <stddef.h>

// Overwrites `size` bytes with zeros. `data` may be NULL when `size` is 0.
void sotto_wipe(void *data, size_t size);

#endif
