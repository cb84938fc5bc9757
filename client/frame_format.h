// One frame sealed or opened, by the options of `sotto frame`: a function for each format. The
// counters and nonces are the caller's, which only a tool for looking at frames may have: whoever
// sends frames uses a sealer, which counts by itself.
#ifndef SOTTO_CLIENT_FRAME_FORMAT_H
#define SOTTO_CLIENT_FRAME_FORMAT_H

#include "client/frame_options.h"
#include "client/key_input.h"
#include "core/bytes.h"
#include "core/result.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sotto_frame_job {
    bool seals;
    const struct sotto_option_value *values; // SOTTO_FRAME_OPTION_COUNT, that were accepted
    const struct sotto_key_input *key;
    struct sotto_bytes input;
    uint8_t *output;
    size_t capacity;
    size_t size; // of what was written to `output`
};

SOTTO_MUST_USE enum sotto_result sotto_frame_sotto_run(struct sotto_frame_job *job);
SOTTO_MUST_USE enum sotto_result sotto_frame_sframe_run(struct sotto_frame_job *job);
SOTTO_MUST_USE enum sotto_result sotto_frame_livekit_run(struct sotto_frame_job *job);

#endif
