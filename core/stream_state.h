// How one stream fares in one direction: counted per frame, told as events on change
// (sotto/event.h).
#ifndef SOTTO_CORE_STREAM_STATE_H
#define SOTTO_CORE_STREAM_STATE_H

#include "core/result.h"
#include "sotto/event.h"

#include <stdbool.h>
#include <stdint.h>

enum sotto_stream_direction {
    SOTTO_SEALING,
    SOTTO_OPENING,
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

// How many frames had this outcome; 0 for a number that is no result.
uint64_t sotto_stream_state_total(const struct sotto_stream_state *state,
                                  enum sotto_result result);

// True if there is something to tell at `now_ms` (monotonic). Between two polls no time passes, so
// they should be at most a few hundred milliseconds apart. `kind` is handed through.
bool sotto_stream_state_poll_event(struct sotto_stream_state *state,
                                   enum sotto_stream_direction direction, enum sotto_kind kind,
                                   uint64_t now_ms, struct sotto_stream_event *event);

#endif
