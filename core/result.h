// The outcomes of the frame-encryption core, and a text for people for each.
#ifndef SOTTO_CORE_RESULT_H
#define SOTTO_CORE_RESULT_H

// Every function that returns this must have its result looked at.
// On anything but SOTTO_OK the outputs of the call are zero.
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

enum { SOTTO_RESULT_COUNT = SOTTO_INTERNAL + 1 };

// A sentence fragment in English, without a full stop; valid for ever.
const char *sotto_result_text(enum sotto_result result);

#define SOTTO_MUST_USE __attribute__((warn_unused_result))

#endif
