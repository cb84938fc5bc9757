// A room secret derived from a text in steps, so that a thread which also carries media can do it
// between frames, or show how far it is.
#ifndef SOTTO_INCLUDE_SOTTO_TEXT_KEY_H
#define SOTTO_INCLUDE_SOTTO_TEXT_KEY_H

#include "sotto/key_schedule.h"

#ifdef __cplusplus
extern "C" {
#endif

// A derivation under way.
struct sotto_text_key;

// The arguments of sotto_key_schedule_derive_from_text, both copied. NULL if they are outside what
// it allows, without memory, or if the cryptographic library fails.
SOTTO_API SOTTO_MUST_USE struct sotto_text_key *sotto_text_key_create(struct sotto_bytes text_key,
                                                                      struct sotto_bytes room_id);

// Does at most `rounds_max` of the SOTTO_TEXT_KEY_ROUNDS and says how many are left: 0 once it is
// done. A thousand take about a quarter of a millisecond.
SOTTO_API uint32_t sotto_text_key_step(struct sotto_text_key *text_key, uint32_t rounds_max);

// Writes the secret. SOTTO_NOT_READY while rounds are left; SOTTO_INTERNAL if the cryptographic
// library failed in one of them.
SOTTO_API SOTTO_MUST_USE enum sotto_result sotto_text_key_finish(
    const struct sotto_text_key *text_key, struct sotto_room_secret *secret);

// Also in the middle of the work.
SOTTO_API void sotto_text_key_destroy(struct sotto_text_key *text_key);

#ifdef __cplusplus
}
#endif

#endif
