// The room secret of the format "sotto": what every member of a room shares, made from a text, from
// random bytes, or handed on (docs/frame-format.md). HKDF and PBKDF2 over SHA-256 throughout.
#ifndef SOTTO_INCLUDE_SOTTO_KEY_SCHEDULE_H
#define SOTTO_INCLUDE_SOTTO_KEY_SCHEDULE_H

#include "sotto/bytes.h"
#include "sotto/limits.h"
#include "sotto/result.h"

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Owned by the caller, who erases it with sotto_key_schedule_wipe_secret.
struct sotto_room_secret {
    uint8_t bytes[SOTTO_ROOM_SECRET_SIZE];
};

// From a text that people share, in UTF-8 and not empty; the room id is its salt. Takes a good
// part of a second: a thread that also carries media uses a sotto_text_key.
// SOTTO_INVALID for an empty text or a room id that is empty or too long.
SOTTO_API SOTTO_MUST_USE enum sotto_result
sotto_key_schedule_derive_from_text(struct sotto_room_secret *secret, struct sotto_bytes text_key,
                                    struct sotto_bytes room_id);

// From random bytes, at least SOTTO_RAW_KEY_SIZE_MIN of them, else SOTTO_INVALID.
SOTTO_API SOTTO_MUST_USE enum sotto_result sotto_key_schedule_derive_from_raw(
    struct sotto_room_secret *secret, struct sotto_bytes raw_key, struct sotto_bytes room_id);

// From the bytes of a room secret, the form in which a ratcheted one is handed on. False unless
// they are exactly SOTTO_ROOM_SECRET_SIZE.
SOTTO_API SOTTO_MUST_USE bool sotto_key_schedule_read_secret(struct sotto_room_secret *secret,
                                                             struct sotto_bytes bytes);

// The key id: public, and always with its top bit set, so never 0.
SOTTO_API SOTTO_MUST_USE enum sotto_result sotto_key_schedule_derive_kid(
    const struct sotto_room_secret *secret, uint32_t *kid);

// One step of the ratchet, forward only. `next` may be `secret`.
SOTTO_API SOTTO_MUST_USE enum sotto_result sotto_key_schedule_derive_next(
    const struct sotto_room_secret *secret, struct sotto_room_secret *next);

// Twelve digits for people to compare, such as "5777 5773 6685".
enum { SOTTO_SAFETY_CODE_SIZE = 15 }; // with the final zero
SOTTO_API SOTTO_MUST_USE enum sotto_result sotto_key_schedule_derive_safety_code(
    const struct sotto_room_secret *secret, char code[SOTTO_SAFETY_CODE_SIZE]);

// Erases a secret.
SOTTO_API void sotto_key_schedule_wipe_secret(struct sotto_room_secret *secret);

#ifdef __cplusplus
}
#endif

#endif
