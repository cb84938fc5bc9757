// How a stream fares, told as events on change. Whoever shows them to people polls; nothing is
// called back.
//
// A stream has at most one event per second. A failure is told when nothing went well for a second,
// or, but for "not-live", at once while nothing has ever gone well; single failures in a running
// stream only count.
// Reasons are for diagnosis: a hostile server has a hand in them.
#ifndef SOTTO_INCLUDE_SOTTO_EVENT_H
#define SOTTO_INCLUDE_SOTTO_EVENT_H

#include "sotto/result.h"
#include "sotto/stream.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum sotto_state {
    SOTTO_STATE_ENCRYPTION_SUCCESS = 1,
    SOTTO_STATE_ENCRYPTION_FAILED,
    SOTTO_STATE_DECRYPTION_SUCCESS,
    SOTTO_STATE_DECRYPTION_FAILED,
    SOTTO_STATE_INTERNAL_ERROR,
};

struct sotto_stream_event {
    enum sotto_state state;
    enum sotto_kind kind;
    enum sotto_result reason; // of the latest failure; SOTTO_OK on success
    uint64_t kid;             // of the latest such frame, 0 if it did not say
    uint64_t count;           // frames that went this way since `since_ms`
    uint64_t since_ms;        // when a poll first saw it so
};

// "EncryptionSuccess", "EncryptionFailed", "DecryptionSuccess", "DecryptionFailed" or
// "InternalError"; NULL for a number that is no state.
SOTTO_API const char *sotto_state_text(enum sotto_state state);

#ifdef __cplusplus
}
#endif

#endif
