// CRC-32 of ISO 3309 and ITU-T V.42, which FINGERPRINT takes from there (RFC 8489 section 14.7):
// generator polynomial 0x04c11db7, bits reflected, start and end inverted.
#ifndef SOTTO_PROTO_CRC32_H
#define SOTTO_PROTO_CRC32_H

#include <stddef.h>
#include <stdint.h>

// `data` may be NULL when `size` is 0.
uint32_t sotto_crc32(const uint8_t *data, size_t size);

#endif
