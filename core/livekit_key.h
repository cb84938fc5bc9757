// One key of the format "livekit" (docs/livekit.md): from a passphrase or from bytes, and from key
// to key by LiveKit's ratchet. All three are the same derivation, so one result of 32 bytes serves
// twice: its first bytes are the AES key, and the whole is what the next step of the ratchet starts
// from. That the two are not kept apart is a weakness of the format.
#ifndef SOTTO_CORE_LIVEKIT_KEY_H
#define SOTTO_CORE_LIVEKIT_KEY_H

#include "core/bytes.h"
#include "core/pbkdf2.h"
#include "core/result.h"
#include "sotto/livekit.h"

#include <stdint.h>

enum { SOTTO_LIVEKIT_KEY_SIZE = 32 };

// Owned by the caller, who wipes it with sotto_wipe.
struct sotto_livekit_key {
    uint64_t id; // stands for the key where keys are compared, never 0; people may see it
    uint8_t bytes[SOTTO_LIVEKIT_KEY_SIZE];
};

// HKDF over SHA-256 with LiveKit's info of 128 zeros. SOTTO_INVALID for empty material or a salt of
// more than SOTTO_LIVEKIT_SALT_SIZE_MAX bytes.
SOTTO_MUST_USE enum sotto_result sotto_livekit_key_derive_hkdf(struct sotto_livekit_key *key,
                                                               struct sotto_bytes material,
                                                               struct sotto_bytes salt);

// PBKDF2 with SOTTO_LIVEKIT_ROUNDS rounds, in steps: after this sotto_pbkdf2_step until it is done,
// then the function below, and sotto_pbkdf2_wipe. SOTTO_INVALID as above.
SOTTO_MUST_USE enum sotto_result sotto_livekit_key_init_pbkdf2(struct sotto_pbkdf2 *pbkdf2,
                                                               struct sotto_bytes material,
                                                               struct sotto_bytes salt);
SOTTO_MUST_USE enum sotto_result sotto_livekit_key_finish_pbkdf2(struct sotto_livekit_key *key,
                                                                 const struct sotto_pbkdf2 *pbkdf2);

// Either in one call; PBKDF2 takes a twentieth of a second.
SOTTO_MUST_USE enum sotto_result sotto_livekit_key_derive(struct sotto_livekit_key *key,
                                                          enum sotto_livekit_kdf kdf,
                                                          struct sotto_bytes material,
                                                          struct sotto_bytes salt);

#endif
