// Marks a function that JavaScript may call. Product code uses it in exports.c alone.
#ifndef SOTTO_WASM_EXPORT_H
#define SOTTO_WASM_EXPORT_H

#include <stdint.h>

#define SOTTO_EXPORT(name, ...)                                                                    \
    int32_t sotto_export_##name(__VA_ARGS__);                                                      \
    __attribute__((export_name(#name))) int32_t sotto_export_##name(__VA_ARGS__)

#endif
