// HMAC-SHA1 (RFC 2104, FIPS 180-4), which MESSAGE-INTEGRITY asks for (RFC 8489 section 14.5).
// Declared here, implemented in crypto/stun_crypto_openssl.c.
#ifndef SOTTO_PROTO_STUN_CRYPTO_H
#define SOTTO_PROTO_STUN_CRYPTO_H

#include "core/result.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SOTTO_STUN_MAC_SIZE = 20 };

// Bytes borrowed from the caller. A message is authenticated in pieces because the length in its
// header is another one while the MAC is computed.
struct sotto_stun_piece {
    const uint8_t *data;
    size_t size;
};

// The MAC over `count` pieces as if they were one. A key of any size. Callable from any thread.
// False, with `mac` zeroed, if the library fails.
SOTTO_MUST_USE bool sotto_stun_hmac_sha1(const uint8_t *key, size_t key_size,
                                         const struct sotto_stun_piece *pieces, size_t count,
                                         uint8_t mac[SOTTO_STUN_MAC_SIZE]);

#endif
