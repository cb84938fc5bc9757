// What modules write for JavaScript about keys and streams. Numbers that may pass 2^32 are doubles.
#ifndef SOTTO_WASM_RECORDS_H
#define SOTTO_WASM_RECORDS_H

#include "core/memory.h"
#include "core/stream_state.h"
#include "wasm/region.h"

// What people may see of a key.
struct sotto_meeting_key {
    uint32_t kid;    // 0   or, in the format "livekit", the key index
    uint32_t is;     // 4   SOTTO_KEY_SEALS, SOTTO_KEY_NEWEST and SOTTO_KEY_AHEAD, added
    char code[14];   // 8   safety code: "5777 5773 6685"
    uint16_t unused; // 22  0
};
_Static_assert(sizeof(struct sotto_meeting_key) == 24, "JavaScript reads it");

enum {
    SOTTO_KEY_SEALS = 1,  // of its owner's keys the one to seal with
    SOTTO_KEY_NEWEST = 2, // set last
    SOTTO_KEY_AHEAD = 4,  // a step of the ratchet that nobody is known to have taken
};

struct sotto_event_record {
    uint32_t handle; // 0   of the sealer or opener
    uint32_t state;  // 4   enum sotto_state: EncryptionSuccess 1, EncryptionFailed 2,
                     //     DecryptionSuccess 3, DecryptionFailed 4, InternalError 5
    uint32_t kind;   // 8   as in add_sealer
    uint32_t reason; // 12  enum sotto_result of the latest failure, 0 on success
    uint32_t kid;    // 16  of the latest such frame, 0 if it did not say
    uint32_t unused; // 20  0
    double count;    // 24  frames that went this way since then
    double since_ms; // 32  on the clock of poll_event
};
_Static_assert(offsetof(struct sotto_event_record, count) == 24, "documented");
_Static_assert(sizeof(struct sotto_event_record) == 40, "documented");

// Of performance.now().
static inline bool sotto_records_is_time(double now_ms) {
    return now_ms >= 0 && now_ms < 0x1p53;
}

static inline void sotto_records_write_event(const struct sotto_region *output, uint32_t handle,
                                             const struct sotto_stream_event *event) {
    const struct sotto_event_record record = {
        .handle = handle,
        .state = event->state,
        .kind = event->kind,
        .reason = event->reason,
        .kid = (uint32_t)event->kid, // a frame's is 4 bytes
        .count = (double)event->count,
        .since_ms = (double)event->since_ms,
    };
    memcpy(output->data, &record, sizeof record);
}

// A double for each enum sotto_result, for SOTTO_OK the frames that were sealed or opened, and one
// for the key id of the last of those, 0 if there is none. Returns their size.
static inline int32_t sotto_records_write_totals(const struct sotto_region *output,
                                                 const struct sotto_stream_state *state) {
    double totals[SOTTO_RESULT_COUNT + 1];
    for (size_t i = 0; i < SOTTO_RESULT_COUNT; i++)
        totals[i] = (double)state->failed_as[i];
    totals[SOTTO_OK] = (double)state->passed;
    totals[SOTTO_REPLAYED] = (double)state->replayed;
    totals[SOTTO_RESULT_COUNT] = (double)state->passed_kid;
    _Static_assert(sizeof totals == 104, "documented");
    memcpy(output->data, totals, sizeof totals);
    return sizeof totals;
}

#endif
