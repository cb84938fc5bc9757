// SFrame (RFC 9605) as a plain call, in all of its five suites: for those who have key management
// of their own, such as MLS or the RFC's sender keys (sotto/sframe_kid.h). The format "sotto" is
// another one, with keys of its own (sotto/frame_sealer.h).
//
// The RFC leaves to the caller: which base key belongs to which KID and when keys change (section
// 9.2), and replays, for which an opener tells the counter (section 9.3). A base key has one
// sender, and is for sealing or for opening, never both (section 4.4.1). With the short tags of
// suites 2 and 3 forgeries get through in time (section 7.5).
#ifndef SOTTO_INCLUDE_SOTTO_SFRAME_H
#define SOTTO_INCLUDE_SOTTO_SFRAME_H

#include "sotto/bytes.h"
#include "sotto/limits.h"
#include "sotto/result.h"
#include "sotto/stream.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct sotto_sframe_sealer;
struct sotto_sframe_opener;

// The base key, of any size but 0, is copied. `counter` is that of the first frame: 0 for a base
// key that has sealed nothing under this KID. Whoever goes on with one after a restart gives a
// counter above all that were used: a second frame under the same one betrays both, and in suites 4
// and 5 lets anybody forge others.
// NULL for an empty base key or a suite that is none, without memory, and if the cryptographic
// library fails.
SOTTO_API SOTTO_MUST_USE struct sotto_sframe_sealer *
sotto_sframe_sealer_create(enum sotto_suite suite, uint64_t kid, struct sotto_bytes base_key,
                           uint64_t counter);

// NULL is fine.
SOTTO_API void sotto_sframe_sealer_destroy(struct sotto_sframe_sealer *sealer);

// The counter of the next frame: what to store to go on later, before that frame is sealed.
SOTTO_API uint64_t sotto_sframe_sealer_counter(const struct sotto_sframe_sealer *sealer);

// Writes header, ciphertext and tag: SOTTO_SFRAME_OVERHEAD_MAX bytes more than the frame are always
// enough. The metadata, at most SOTTO_METADATA_SIZE_MAX bytes, is authenticated and not written.
//   SOTTO_INVALID    more than SOTTO_FRAME_SIZE_MAX bytes, or too much metadata
//   SOTTO_TOO_SMALL  `capacity`
//   SOTTO_EXHAUSTED  all 2^64 counters were used
//   SOTTO_NOT_READY  after fork()
//   SOTTO_INTERNAL   the cryptographic library
SOTTO_API SOTTO_MUST_USE enum sotto_result sotto_sframe_sealer_seal(
    struct sotto_sframe_sealer *sealer, struct sotto_bytes metadata, struct sotto_bytes frame,
    uint8_t *wire, size_t capacity, size_t *wire_size);

// Arguments and errors as of sotto_sframe_sealer_create.
SOTTO_API SOTTO_MUST_USE struct sotto_sframe_opener *
sotto_sframe_opener_create(enum sotto_suite suite, uint64_t kid, struct sotto_bytes base_key);

// NULL is fine.
SOTTO_API void sotto_sframe_opener_destroy(struct sotto_sframe_opener *opener);

// Verifies and opens; wire.size bytes are always enough. `counter` may be NULL: a frame opens as
// often as it comes.
//   SOTTO_NOT_SEALED   not an SFrame of this suite
//   SOTTO_MISSING_KEY  an SFrame of another KID
//   SOTTO_TAMPERED     the tag does not verify
//   SOTTO_INVALID      too much metadata, or a frame above SOTTO_FRAME_SIZE_MAX
//   SOTTO_TOO_SMALL    `capacity`
//   SOTTO_NOT_READY    after fork()
//   SOTTO_INTERNAL     the cryptographic library
SOTTO_API SOTTO_MUST_USE enum sotto_result sotto_sframe_opener_open(
    struct sotto_sframe_opener *opener, struct sotto_bytes metadata, struct sotto_bytes wire,
    uint8_t *frame, size_t capacity, size_t *frame_size, uint64_t *counter);

// What a received frame says its KID and counter are: to find the opener. Anybody's word, until it
// has opened. False, and zeros, for bytes that do not begin with an SFrame header.
SOTTO_API SOTTO_MUST_USE bool sotto_sframe_read_header(struct sotto_bytes wire, uint64_t *kid,
                                                       uint64_t *counter);

// One step of the ratchet of sender keys (section 5.1): the next base key, which says nothing about
// those before it. Writes 32 bytes, in suite 5 64, to `next`, which may be where `base_key` is, and
// which the caller erases. SOTTO_INVALID for an empty base key or a suite that is none.
enum { SOTTO_SFRAME_NEXT_KEY_SIZE_MAX = 64 };
SOTTO_API SOTTO_MUST_USE enum sotto_result
sotto_sframe_key_derive_next(enum sotto_suite suite, struct sotto_bytes base_key,
                             uint8_t next[SOTTO_SFRAME_NEXT_KEY_SIZE_MAX]);

#ifdef __cplusplus
}
#endif

#endif
