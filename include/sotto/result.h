// The outcomes of sealing and opening, and a text for people for each.
#ifndef SOTTO_INCLUDE_SOTTO_RESULT_H
#define SOTTO_INCLUDE_SOTTO_RESULT_H

#include "sotto/api.h"

#ifdef __cplusplus
extern "C" {
#endif

// On anything but SOTTO_OK the outputs of the call are zero. Later versions may add outcomes at the
// end: whoever meets an unknown one takes it for a failure.
enum sotto_result {
    SOTTO_OK,
    SOTTO_MISSING_KEY, // no secret here for this frame; when sealing: no secret was set
    SOTTO_NOT_READY,   // the stream has no cryptor yet
    SOTTO_EXHAUSTED,   // 2^32 frames were sealed: the stream needs a new stream id
    SOTTO_TAMPERED,    // the tag does not verify: wrong key, or the frame was altered
    SOTTO_NOT_SEALED,  // the bytes are not a frame of the meeting's format
    SOTTO_NOT_LIVE,    // the stream has not answered this receiver's challenge
    SOTTO_REPLAYED,    // opened before, or too old to tell
    SOTTO_KID_TAKEN,   // another secret has this key id
    SOTTO_TOO_SMALL,   // the destination is too small
    SOTTO_INVALID,     // an argument, such as a frame, is outside what the header allows
    SOTTO_INTERNAL,    // the cryptographic library failed
};

// A sentence fragment in English, without a full stop, for any number; valid for ever.
SOTTO_API const char *sotto_result_text(enum sotto_result result);

// A word for logs and programs: "missing-key", "not-ready", "exhausted", "tampered", "not-sealed",
// "not-live", "replayed", "kid-taken", "destination-too-small", "invalid-argument",
// "cryptographic-library". "" for SOTTO_OK; NULL for a number that is no result.
SOTTO_API const char *sotto_reason_text(enum sotto_result reason);

#ifdef __cplusplus
}
#endif

#endif
