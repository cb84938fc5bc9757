// The keys of the format "sotto": from what an app gives to one key per stream
// (docs/frame-format.md). HKDF and PBKDF2 over SHA-256 throughout.
#ifndef SOTTO_CORE_KEY_SCHEDULE_H
#define SOTTO_CORE_KEY_SCHEDULE_H

#include "core/bytes.h"
#include "core/limits.h"
#include "core/pbkdf2.h"
#include "core/result.h"
#include "core/sframe.h"
#include "core/stream_name.h"

#include <stdbool.h>
#include <stdint.h>

// What every member of a room shares. Owned by the caller, who wipes it with sotto_wipe.
struct sotto_room_secret {
    uint8_t bytes[SOTTO_ROOM_SECRET_SIZE];
};

// From a text that people share, in UTF-8 and not empty; the room id is its salt. Takes a good
// part of a second: a thread that also carries media uses the form in steps below.
// SOTTO_INVALID for an empty text or a room id that is empty or too long.
SOTTO_MUST_USE enum sotto_result
sotto_key_schedule_derive_from_text(struct sotto_room_secret *secret, struct sotto_bytes text_key,
                                    struct sotto_bytes room_id);

// The same in steps: after this sotto_pbkdf2_step until it is done, then sotto_pbkdf2_finish into
// the bytes of a room secret, and sotto_pbkdf2_wipe.
SOTTO_MUST_USE enum sotto_result sotto_key_schedule_init_text(struct sotto_pbkdf2 *pbkdf2,
                                                              struct sotto_bytes text_key,
                                                              struct sotto_bytes room_id);

// From random bytes, at least SOTTO_RAW_KEY_SIZE_MIN of them, else SOTTO_INVALID.
SOTTO_MUST_USE enum sotto_result sotto_key_schedule_derive_from_raw(
    struct sotto_room_secret *secret, struct sotto_bytes raw_key, struct sotto_bytes room_id);

// From the bytes of a room secret, the form in which a ratcheted one is handed on. False unless
// they are exactly SOTTO_ROOM_SECRET_SIZE.
SOTTO_MUST_USE bool sotto_key_schedule_read_secret(struct sotto_room_secret *secret,
                                                   struct sotto_bytes bytes);

// The key id: public, and always with its top bit set, so never 0.
SOTTO_MUST_USE enum sotto_result sotto_key_schedule_derive_kid(
    const struct sotto_room_secret *secret, uint32_t *kid);

// The SFrame base key of one stream. SOTTO_INVALID for a name whose init failed.
SOTTO_MUST_USE enum sotto_result sotto_key_schedule_derive_stream_key(
    const struct sotto_room_secret *secret, const struct sotto_stream_name *name,
    uint8_t key[SOTTO_STREAM_KEY_SIZE]);

// The same, made ready for use under a suite; `kid` is that of the secret. `key` ends with
// sotto_sframe_key_wipe.
SOTTO_MUST_USE enum sotto_result sotto_key_schedule_init_sframe_key(
    struct sotto_sframe_key *key, enum sotto_suite suite, uint32_t kid,
    const struct sotto_room_secret *secret, const struct sotto_stream_name *name);

// One step of the ratchet, forward only. `next` may be `secret`.
SOTTO_MUST_USE enum sotto_result sotto_key_schedule_derive_next(
    const struct sotto_room_secret *secret, struct sotto_room_secret *next);

// Twelve digits for people to compare, such as "5777 5773 6685".
enum { SOTTO_SAFETY_CODE_SIZE = 15 }; // with the final zero
SOTTO_MUST_USE enum sotto_result sotto_key_schedule_derive_safety_code(
    const struct sotto_room_secret *secret, char code[SOTTO_SAFETY_CODE_SIZE]);

#endif
