// PBKDF2-HMAC-SHA256 (RFC 8018, section 5.2), in steps, so that a thread which also carries media
// can derive a key between frames. The output is one block, 32 bytes: all that is ever asked for
// here, and more would only double the work of an honest user.
#ifndef SOTTO_CORE_PBKDF2_H
#define SOTTO_CORE_PBKDF2_H

#include "core/bytes.h"
#include "core/hash.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SOTTO_PBKDF2_KEY_SIZE = 32 };

// Owned by the caller, neither copied nor moved; ends with sotto_pbkdf2_wipe.
struct sotto_pbkdf2 {
    struct sotto_hmac hmac;
    uint8_t last[SOTTO_PBKDF2_KEY_SIZE]; // U_i of the RFC
    uint8_t key[SOTTO_PBKDF2_KEY_SIZE];  // U_1 ^ ... ^ U_i
    uint32_t rounds;
    uint32_t rounds_done;
    enum sotto_result result;
};

// The salt is the `salt_count` pieces, one behind the other. Does the first of `rounds` rounds.
// SOTTO_INVALID if `rounds` is 0.
SOTTO_MUST_USE enum sotto_result sotto_pbkdf2_init(struct sotto_pbkdf2 *pbkdf2,
                                                   struct sotto_bytes password,
                                                   const struct sotto_bytes *salt,
                                                   size_t salt_count, uint32_t rounds);

// Does at most `rounds_max` rounds more. True once nothing is left to do; a failure of the backend
// also ends the work and comes out of sotto_pbkdf2_finish.
bool sotto_pbkdf2_step(struct sotto_pbkdf2 *pbkdf2, uint32_t rounds_max);

// Writes the key. SOTTO_NOT_READY until sotto_pbkdf2_step has said that it is done, and once wiped.
SOTTO_MUST_USE enum sotto_result sotto_pbkdf2_finish(const struct sotto_pbkdf2 *pbkdf2,
                                                     uint8_t key[SOTTO_PBKDF2_KEY_SIZE]);

// Also in the middle of the work. An all-zero sotto_pbkdf2 is wiped already.
void sotto_pbkdf2_wipe(struct sotto_pbkdf2 *pbkdf2);

// All of it in one call.
SOTTO_MUST_USE enum sotto_result sotto_pbkdf2_derive(struct sotto_bytes password,
                                                     const struct sotto_bytes *salt,
                                                     size_t salt_count, uint32_t rounds,
                                                     uint8_t key[SOTTO_PBKDF2_KEY_SIZE]);

#endif
