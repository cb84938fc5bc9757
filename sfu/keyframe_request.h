// When to ask a publisher for a key frame (PLI, RFC 4585, section 6.3.1): at once for the first
// that needs one, then at most every SOTTO_KEYFRAME_REQUEST_INTERVAL_MS, however many ask.
// Where key frames can be seen in what is not sealed (sfu/key_frame.h), a request is repeated until
// one comes. That is a help and never needed: a subscriber that cannot decode keeps asking itself.
#ifndef SOTTO_SFU_KEYFRAME_REQUEST_H
#define SOTTO_SFU_KEYFRAME_REQUEST_H

#include "sfu/limits.h"

#include <stdbool.h>
#include <stdint.h>

// One per up track. Owned by the caller; its fields are private.
struct sotto_keyframe_request {
    uint64_t sent_us;
    bool sent;    // sent_us is valid
    bool wanted;  // somebody asked since the last request
    bool visible; // the answer can be seen
    bool awaited; // the answer has not been seen
    uint8_t retry_count;
};

// `visible`: sotto_keyframe_request_handle_key_frame will be called when a key frame begins.
void sotto_keyframe_request_init(struct sotto_keyframe_request *request, bool visible);

// Somebody needs a key frame.
void sotto_keyframe_request_add(struct sotto_keyframe_request *request);

// A key frame began: everybody who asked so far gets it.
void sotto_keyframe_request_handle_key_frame(struct sotto_keyframe_request *request);

// When sotto_keyframe_request_poll returns true next, UINT64_MAX if nobody waits.
uint64_t sotto_keyframe_request_poll_timeout(const struct sotto_keyframe_request *request);

// True if a request is to be sent now, and books it as sent.
bool sotto_keyframe_request_poll(struct sotto_keyframe_request *request, uint64_t now_us);

#endif
