// The few operations on 16-byte vectors that the SIMD versions of AES and GHASH need. They are
// WebAssembly SIMD128 where the module is compiled with -msimd128; x86 with -mssse3 has the same
// operations, so that the same code also runs natively under sanitizers and valgrind.
// Without either of them SOTTO_VECTOR is undefined and the scalar versions are compiled.
// Lane 0 is the first in memory: both machines are little-endian.
#ifndef SOTTO_WASM_VECTOR_H
#define SOTTO_WASM_VECTOR_H

#include <stdint.h>

#if defined(__wasm_simd128__)
#define SOTTO_VECTOR 1
#include <wasm_simd128.h>
#elif defined(__SSSE3__)
#define SOTTO_VECTOR 1
#include <tmmintrin.h>
#endif

#ifdef SOTTO_VECTOR

// Operators ^ & | << >> work lane by lane on these types, under gcc and clang.
typedef uint8_t sotto_u8x16 __attribute__((vector_size(16)));
typedef uint16_t sotto_u16x8 __attribute__((vector_size(16)));
typedef uint32_t sotto_u32x4 __attribute__((vector_size(16)));
typedef uint64_t sotto_u64x2 __attribute__((vector_size(16)));

static inline sotto_u8x16 sotto_vector_load(const void *from) {
    sotto_u8x16 vector;
    __builtin_memcpy(&vector, from, sizeof vector);
    return vector;
}

static inline void sotto_vector_store(void *to, sotto_u8x16 vector) {
    __builtin_memcpy(to, &vector, sizeof vector);
}

// Entry `index[i]` of `table` in lane i, for indices 0 to 15. The table lies in a register: no
// address depends on an index.
static inline sotto_u8x16 sotto_vector_look_up(sotto_u8x16 table, sotto_u8x16 index) {
#ifdef __wasm_simd128__
    return (sotto_u8x16)wasm_i8x16_swizzle((v128_t)table, (v128_t)index);
#else
    return (sotto_u8x16)_mm_shuffle_epi8((__m128i)table, (__m128i)index);
#endif
}

#endif
#endif
