// What the two halves of a meeting share: meeting.c has its streams, meeting_keys.c its keys.
#ifndef SOTTO_WASM_MEETING_PARTS_H
#define SOTTO_WASM_MEETING_PARTS_H

#include "wasm/meeting.h"

struct sotto_meeting_participant {
    struct sotto_meeting_id id;
    size_t stream_count; // sealers and openers that borrow the key store
    bool has_own_key;
    // The key store's own count of changes goes on when a key of its own is given up: the shared
    // secrets are set anew for it, after all that it had before.
    uint64_t set_at_offset;
    struct sotto_key_store keys;
};

static inline struct sotto_bytes sotto_meeting_id_bytes(const struct sotto_meeting_id *id) {
    return (struct sotto_bytes){id->bytes, id->size};
}

// False, without effect, for more than SOTTO_ID_SIZE_MAX bytes.
bool sotto_meeting_copy_id(struct sotto_meeting_id *id, struct sotto_bytes bytes);

// NULL if slot `index` of the pool holds nobody.
struct sotto_meeting_participant *sotto_meeting_participant_at(const struct sotto_meeting *meeting,
                                                               size_t index);

// 0 if nobody here has this id.
uint32_t sotto_meeting_find_participant(const struct sotto_meeting *meeting,
                                        struct sotto_bytes id);

// The participant with this id, made if it is not here yet; it follows the shared keys then.
// SOTTO_INVALID for an id that the core does not allow, SOTTO_TOO_SMALL without room.
SOTTO_MUST_USE enum sotto_result
sotto_meeting_claim_participant(struct sotto_meeting *meeting, struct sotto_bytes id,
                                uint32_t *handle);

// A participant without streams and without a key of its own needs no place.
void sotto_meeting_release_participant(struct sotto_meeting *meeting, uint32_t handle);

// Every stream takes up a change of its keys now, not at its next frame.
void sotto_meeting_tell_streams(struct sotto_meeting *meeting);

#endif
