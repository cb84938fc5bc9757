// The keys of SFrame (RFC 9605, sections 4.4.2 and 5.1): what a suite's cipher gets from a base
// key, the base key after the next step of a ratchet, and a key of AES-GCM ready for use.
//
// Sealing under a base key is for one sender alone, and a base key is for sealing or for opening,
// never for both (section 4.4.1): the caller sees to it.
#ifndef SOTTO_CORE_SFRAME_KEY_H
#define SOTTO_CORE_SFRAME_KEY_H

#include "core/aead.h"
#include "core/bytes.h"
#include "core/result.h"
#include "core/sframe_suite.h"
#include "sotto/sframe.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    SOTTO_SFRAME_NONCE_SIZE = 12,          // Nn of every suite
    SOTTO_SFRAME_CIPHER_KEY_SIZE_MAX = 48, // Nk of suites 1 to 3
};

// Section 4.4.2, for every suite: the salt, and key_size bytes of the suite. Both are secrets that
// the caller wipes. SOTTO_INVALID for an empty base key or a suite that is none.
SOTTO_MUST_USE enum sotto_result
sotto_sframe_key_derive(enum sotto_suite suite, uint64_t kid, struct sotto_bytes base_key,
                        uint8_t salt[SOTTO_SFRAME_NONCE_SIZE],
                        uint8_t cipher_key[SOTTO_SFRAME_CIPHER_KEY_SIZE_MAX]);

// One key of suite 4 or 5 ready for use. Owned by the caller, neither copied nor moved; ends with
// sotto_sframe_key_wipe.
struct sotto_sframe_key {
    uint64_t kid;
    enum sotto_suite suite;
    uint8_t salt[SOTTO_SFRAME_NONCE_SIZE];
    struct sotto_aead aead;
};

// Whether a suite is one of AES-GCM, 4 or 5. Those of the format "sotto" are these and no others.
bool sotto_sframe_has_suite(enum sotto_suite suite);

// The base key is copied. Errors as above, and SOTTO_INVALID for suites 1 to 3.
SOTTO_MUST_USE enum sotto_result sotto_sframe_key_init(struct sotto_sframe_key *key,
                                                       enum sotto_suite suite, uint64_t kid,
                                                       struct sotto_bytes base_key);

// An all-zero key is wiped already.
void sotto_sframe_key_wipe(struct sotto_sframe_key *key);

#endif
