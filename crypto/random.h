// Random bytes for keys, identifiers and nonces, from the kernel (getrandom(2)).
#ifndef SOTTO_CRYPTO_RANDOM_H
#define SOTTO_CRYPTO_RANDOM_H

#include <stddef.h>

// Fills `size` bytes. Waits, once after the machine's start, until the kernel's generator is ready.
// It cannot fail: a system without random bytes stops the program here.
void sotto_random_fill(void *data, size_t size);

#endif
