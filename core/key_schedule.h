// The keys of the format "sotto": from what an app gives to one key per stream
// (docs/frame-format.md). How a room secret comes about stands in sotto/key_schedule.h; here what
// follows from it for a stream.
#ifndef SOTTO_CORE_KEY_SCHEDULE_H
#define SOTTO_CORE_KEY_SCHEDULE_H

#include "core/bytes.h"
#include "core/limits.h"
#include "core/pbkdf2.h"
#include "core/result.h"
#include "core/sframe.h"
#include "core/stream_name.h"
#include "sotto/key_schedule.h"

#include <stdbool.h>
#include <stdint.h>

// sotto_key_schedule_derive_from_text in steps: after this sotto_pbkdf2_step until it is done, then
// sotto_pbkdf2_finish into the bytes of a room secret, and sotto_pbkdf2_wipe.
SOTTO_MUST_USE enum sotto_result sotto_key_schedule_init_text(struct sotto_pbkdf2 *pbkdf2,
                                                              struct sotto_bytes text_key,
                                                              struct sotto_bytes room_id);

// The SFrame base key of one stream. SOTTO_INVALID for a name whose init failed.
SOTTO_MUST_USE enum sotto_result sotto_key_schedule_derive_stream_key(
    const struct sotto_room_secret *secret, const struct sotto_stream_name *name,
    uint8_t key[SOTTO_STREAM_KEY_SIZE]);

// The same, made ready for use under a suite; `kid` is that of the secret. `key` ends with
// sotto_sframe_key_wipe.
SOTTO_MUST_USE enum sotto_result sotto_key_schedule_init_sframe_key(
    struct sotto_sframe_key *key, enum sotto_suite suite, uint32_t kid,
    const struct sotto_room_secret *secret, const struct sotto_stream_name *name);

// A number, modulo 10^12, written as a safety code.
void sotto_key_schedule_write_safety_code(uint64_t number, char code[SOTTO_SAFETY_CODE_SIZE]);

#endif
