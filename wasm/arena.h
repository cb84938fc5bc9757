// Memory that is taken once and kept until the module ends: the pools and the frame regions grow
// into it. There is no malloc.
#ifndef SOTTO_WASM_ARENA_H
#define SOTTO_WASM_ARENA_H

#include <stddef.h>
#include <stdint.h>

// `size` bytes of zeros, aligned to 16; NULL if the module gets no more memory. Taking may detach
// the ArrayBuffer through which JavaScript sees the memory.
void *sotto_arena_take(size_t size);

#endif
