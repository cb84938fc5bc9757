// What a KID says under the two ways of managing keys that RFC 9605 describes: sender keys with a
// ratchet (section 5.1) and MLS (section 5.2). Numbers only; the base key of the next step comes
// from sotto/sframe.h, and where the first one comes from is the application's business.
#ifndef SOTTO_INCLUDE_SOTTO_SFRAME_KID_H
#define SOTTO_INCLUDE_SOTTO_SFRAME_KID_H

#include "sotto/limits.h"
#include "sotto/result.h"

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Sender keys, section 5.1: KID = (generation << R) + (step mod 2^R). A sender draws a new base key
// when somebody has left, which is a new generation, and takes a step when somebody has joined.
struct sotto_sframe_sender_kid {
    uint64_t generation; // from 0
    uint64_t step;       // from 0 with each generation; of a received KID only its last R bits
};

// `step_bits` is R, 0 to 63, chosen by each sender and known to its receivers; 2^R steps can be in
// use at once. False, and zero, if the generation takes more than the other 64 - R bits.
SOTTO_API SOTTO_MUST_USE bool
sotto_sframe_kid_compose_sender(uint64_t *kid, const struct sotto_sframe_sender_kid *parts,
                                unsigned step_bits);

// False, and all zero, for another R.
SOTTO_API SOTTO_MUST_USE bool
sotto_sframe_kid_parse_sender(struct sotto_sframe_sender_kid *parts, uint64_t kid,
                              unsigned step_bits);

// How many steps a receiver whose base key is that of `current` takes to the key of a frame with
// this KID: 0 to SOTTO_SFRAME_STEPS_MAX. It looks first among the keys that it has ready, as those
// of earlier steps may still come. A KID is anybody's word until a frame under it has opened: steps
// are taken with a copy of the base key, which replaces it after that.
//   SOTTO_MISSING_KEY  another generation, or more steps than the limit: no step leads there. A
//                      step before the current one looks like one far ahead; with an R of 4 or less
//                      it is within the limit, and the frame does not open
//   SOTTO_INVALID      another R
SOTTO_API SOTTO_MUST_USE enum sotto_result
sotto_sframe_kid_count_steps(const struct sotto_sframe_sender_kid *current, uint64_t kid,
                             unsigned step_bits, unsigned *steps);

// MLS, section 5.2: KID = (context << (S + E)) + (index << E) + (epoch mod 2^E). One base key for
// each epoch, and in it KIDs of its own for each member. A receiver removes the keys of an old
// epoch when a new one has the same last E bits.
struct sotto_sframe_mls_kid {
    uint64_t context; // tells apart the streams of one sender that do not share a counter; from 0
    uint64_t index;   // of the member
    uint64_t epoch;   // of a received KID only its last E bits
};

// E and S: the application chooses E, the size of the group gives S. Together at most 63.
struct sotto_sframe_mls_layout {
    unsigned epoch_bits;
    unsigned index_bits;
};

// The least S that holds the index of every member: 0 for one member. `group_size` is at least 1.
SOTTO_API unsigned sotto_sframe_kid_index_bits(uint32_t group_size);

// False, and zero, if a part takes more bits than it has.
SOTTO_API SOTTO_MUST_USE bool
sotto_sframe_kid_compose_mls(uint64_t *kid, const struct sotto_sframe_mls_kid *parts,
                             struct sotto_sframe_mls_layout layout);

// False, and all zero, if E and S are together more than 63. Whether there is such a member is for
// the caller to see.
SOTTO_API SOTTO_MUST_USE bool
sotto_sframe_kid_parse_mls(struct sotto_sframe_mls_kid *parts, uint64_t kid,
                           struct sotto_sframe_mls_layout layout);

#ifdef __cplusplus
}
#endif

#endif
