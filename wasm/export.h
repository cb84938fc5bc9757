// Marks a function that JavaScript may call. Product code uses it in the lists of the modules
// alone: exports.c and livekit_exports.c.
#ifndef SOTTO_WASM_EXPORT_H
#define SOTTO_WASM_EXPORT_H

#include <stdint.h>

#ifdef __wasm__
#define SOTTO_EXPORT_NAME(name) __attribute__((export_name(#name)))
#else
#define SOTTO_EXPORT_NAME(name)
#endif

#define SOTTO_EXPORT(name, ...)                                                                    \
    int32_t sotto_export_##name(__VA_ARGS__);                                                      \
    SOTTO_EXPORT_NAME(name) int32_t sotto_export_##name(__VA_ARGS__)

#endif
