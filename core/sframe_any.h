// SFrame (RFC 9605) as a plain call: one frame sealed and opened under one key of any suite. It is
// a format of its own beside "sotto", which knows suites 4 and 5 only (core/sframe.h) and cannot
// hold a key of this kind. docs/sframe.md has an example.
//
// The RFC leaves to the caller:
//   - No (base key, KID, counter) is sealed with twice (section 9.1). Count up; who stores a
//     counter to go on later stores the next one before it is used. Two frames under one counter
//     betray both, and in suites 4 and 5 let anybody forge others.
//   - A base key has one sender, and is for sealing or for opening, never both (section 4.4.1).
//   - Which suite, which base key for which KID, when keys change (section 9.2).
//   - Replays: a frame opens as often as it comes (section 9.3).
//   - A frame that does not open is dropped, and what its header and metadata say not believed
//     (sections 4.4.4 and 9.4); one whose KID has no key yet may wait.
//   - With a tag of n bits one forgery in 2^n succeeds: in suite 3, at 10,000 tries a second, one
//     in five days.
#ifndef SOTTO_CORE_SFRAME_ANY_H
#define SOTTO_CORE_SFRAME_ANY_H

#include "core/ctr_hmac.h"
#include "core/sframe.h"

// One key ready for use. Owned by the caller, neither copied nor moved; ends with
// sotto_sframe_any_wipe.
struct sotto_sframe_any {
    enum sotto_suite suite; // 0 once wiped
    union {
        struct sotto_sframe_key gcm; // suites 4 and 5
        struct {
            uint64_t kid;
            uint8_t salt[SOTTO_SFRAME_NONCE_SIZE];
            struct sotto_ctr_hmac cipher;
        } ctr_hmac; // suites 1 to 3
    };
};

// Section 4.4.2. The base key, of any size but 0, is copied; the KID is any number. SOTTO_INVALID
// for an empty base key or a suite that is none.
SOTTO_MUST_USE enum sotto_result sotto_sframe_any_init(struct sotto_sframe_any *key,
                                                       enum sotto_suite suite, uint64_t kid,
                                                       struct sotto_bytes base_key);

// As sotto_sframe_parse. The suite says how long the tag is and is agreed on elsewhere; a number
// that is none parses nothing.
SOTTO_MUST_USE bool sotto_sframe_any_parse(struct sotto_sframe *sframe, enum sotto_suite suite,
                                           struct sotto_bytes data);

// As sotto_sframe_seal, and SOTTO_INVALID for a wiped key. The counter is any number.
SOTTO_MUST_USE enum sotto_result
sotto_sframe_any_seal(struct sotto_sframe_any *key, uint64_t counter,
                      const struct sotto_bytes *metadata, size_t metadata_count,
                      struct sotto_bytes plaintext, uint8_t *output, size_t capacity,
                      size_t *output_size);

// As sotto_sframe_open, and SOTTO_INVALID for a wiped key. The key is that of the frame's KID, and
// the frame was parsed for the key's suite.
SOTTO_MUST_USE enum sotto_result
sotto_sframe_any_open(struct sotto_sframe_any *key, const struct sotto_sframe *sframe,
                      const struct sotto_bytes *metadata, size_t metadata_count, uint8_t *output,
                      size_t capacity);

// An all-zero key is wiped already.
void sotto_sframe_any_wipe(struct sotto_sframe_any *key);

#endif
