// How one stream fares in one direction: counted per frame, told as events on change. Whoever shows
// the events to people polls; nothing is called back.
//
// A stream has at most one event per second. A failure is told when nothing went well for a second,
// or, but for "not-live", at once while nothing has ever gone well; single failures in a running
// stream only count.
// Reasons are for diagnosis: a hostile server has a hand in them.
#ifndef SOTTO_CORE_STREAM_STATE_H
#define SOTTO_CORE_STREAM_STATE_H

#include "core/result.h"
#include "core/stream_name.h"

#include <stdbool.h>
#include <stdint.h>

enum sotto_stream_direction {
    SOTTO_SEALING,
    SOTTO_OPENING,
};

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

// What a poll found: nothing yet, or how the stream fares and since when.
struct sotto_stream_verdict {
    bool is_known;
    enum sotto_result result; // SOTTO_OK or the reason of a failure
    uint64_t since_ms;
};

// All zero is a stream that has had no frame.
struct sotto_stream_state {
    // May be read at any time.
    uint64_t passed; // sealed or opened
    uint64_t failed;
    uint64_t replayed;
    uint64_t failed_as[SOTTO_RESULT_COUNT]; // `failed` by reason

    // Of the latest frames; the rest belongs to poll_event.
    uint64_t passed_kid;
    uint64_t failed_kid;
    enum sotto_result failure;
    uint64_t failed_in_a_row;

    uint64_t passed_at_poll;
    uint64_t passed_before; // the present success
    bool is_failing;
    uint64_t failing_since_ms;
    struct sotto_stream_verdict found;
    struct sotto_stream_verdict told;
    uint64_t told_at_ms;
};

// Counts what became of one frame. `kid` is 0 where the frame or the sealer has none.
void sotto_stream_state_count(struct sotto_stream_state *state, enum sotto_result result,
                              uint64_t kid);

// True if there is something to tell at `now_ms` (monotonic). Between two polls no time passes, so
// they should be at most a few hundred milliseconds apart. `kind` is handed through.
bool sotto_stream_state_poll_event(struct sotto_stream_state *state,
                                   enum sotto_stream_direction direction, enum sotto_kind kind,
                                   uint64_t now_ms, struct sotto_stream_event *event);

// "EncryptionSuccess", "EncryptionFailed", "DecryptionSuccess", "DecryptionFailed" or
// "InternalError".
const char *sotto_state_text(enum sotto_state state);

// "missing-key", "not-ready", "exhausted", "tampered", "not-sealed", "not-live", "replayed"; for an
// internal error what failed: "destination-too-small", "invalid-argument", "cryptographic-library".
// "" for SOTTO_OK.
const char *sotto_reason_text(enum sotto_result reason);

#endif
