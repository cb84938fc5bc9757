#include "sfu/keyframe_request.h"

enum {
    US_PER_MS = 1000,
    INTERVAL_US = SOTTO_KEYFRAME_REQUEST_INTERVAL_MS * US_PER_MS,
    RETRY_US = SOTTO_KEYFRAME_REQUEST_RETRY_MS * US_PER_MS,
};

void sotto_keyframe_request_init(struct sotto_keyframe_request *request, bool visible) {
    *request = (struct sotto_keyframe_request){.visible = visible};
}

void sotto_keyframe_request_add(struct sotto_keyframe_request *request) {
    request->wanted = true;
    request->retry_count = 0;
}

void sotto_keyframe_request_handle_key_frame(struct sotto_keyframe_request *request) {
    request->wanted = false;
    request->awaited = false;
}

uint64_t sotto_keyframe_request_poll_timeout(const struct sotto_keyframe_request *request) {
    if (request->wanted)
        return request->sent ? request->sent_us + INTERVAL_US : 0;
    return request->awaited ? request->sent_us + RETRY_US : UINT64_MAX;
}

bool sotto_keyframe_request_poll(struct sotto_keyframe_request *request, uint64_t now_us) {
    if (now_us < sotto_keyframe_request_poll_timeout(request))
        return false;
    if (!request->wanted)
        request->retry_count++;
    request->wanted = false;
    request->awaited =
        request->visible && request->retry_count < SOTTO_KEYFRAME_REQUEST_RETRY_COUNT_MAX;
    request->sent = true;
    request->sent_us = now_us;
    return true;
}
