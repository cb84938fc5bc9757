// Bytes with their keystream, sixteen at a time.
#ifndef SOTTO_WASM_XOR_BYTES_H
#define SOTTO_WASM_XOR_BYTES_H

#include <stddef.h>
#include <stdint.h>

// `output` may be `input`.
static inline void sotto_xor_bytes(uint8_t *output, const uint8_t *input, const uint8_t *keystream,
                                   size_t size) {
    typedef uint64_t pair __attribute__((vector_size(16)));
    size_t i = 0;
    for (; size - i >= sizeof(pair); i += sizeof(pair)) {
        pair a, b;
        __builtin_memcpy(&a, input + i, sizeof a);
        __builtin_memcpy(&b, keystream + i, sizeof b);
        a ^= b;
        __builtin_memcpy(output + i, &a, sizeof a);
    }
    for (; i < size; i++)
        output[i] = input[i] ^ keystream[i];
}

#endif
