#include "lib/frame_opener.h"

#include "core/stream_name.h"
#include "lib/handle.h"

static bool init(struct sotto_frame_opener *opener, const struct sotto_stream *stream,
                 enum sotto_suite suite_min, enum sotto_liveness_rule liveness) {
    struct sotto_stream_name name;
    return sotto_stream_name_init(&name, stream->room_id, stream->participant_id,
                                  stream->stream_id, stream->kind) &&
           sotto_opener_init(&opener->opener, &opener->store, &name, suite_min, liveness);
}

struct sotto_frame_opener *sotto_frame_opener_create(struct sotto_keys *keys,
                                                     const struct sotto_stream *stream,
                                                     enum sotto_suite suite_min,
                                                     enum sotto_liveness_rule liveness) {
    struct sotto_frame_opener *opener = sotto_handle_create(sizeof *opener);
    if (!opener)
        return NULL;
    if (!init(opener, stream, suite_min, liveness) || !sotto_keys_share(keys)) {
        sotto_handle_destroy(opener, sizeof *opener);
        return NULL;
    }
    opener->keys = keys;
    return opener;
}

void sotto_frame_opener_destroy(struct sotto_frame_opener *opener) {
    if (!opener)
        return;
    sotto_opener_wipe(&opener->opener);
    sotto_keys_destroy(opener->keys);
    sotto_handle_destroy(opener, sizeof *opener);
}

static void follow_keys(struct sotto_frame_opener *opener) {
    if (opener->keys)
        sotto_keys_follow(opener->keys, &opener->store);
}

enum sotto_result sotto_frame_opener_open(struct sotto_frame_opener *opener,
                                          struct sotto_bytes wire, uint8_t *frame, size_t capacity,
                                          size_t *frame_size) {
    follow_keys(opener);
    return sotto_opener_open(&opener->opener, wire, frame, capacity, frame_size);
}

bool sotto_frame_opener_poll_event(struct sotto_frame_opener *opener, uint64_t now_ms,
                                   struct sotto_stream_event *event) {
    if (opener->keys)
        sotto_keys_pass_time(opener->keys, now_ms, opener->opener.state.passed_kid);
    follow_keys(opener);
    sotto_opener_handle_key_change(&opener->opener);
    sotto_opener_handle_timeout(&opener->opener, now_ms);
    return sotto_opener_poll_event(&opener->opener, now_ms, event);
}

uint64_t sotto_frame_opener_count(const struct sotto_frame_opener *opener,
                                  enum sotto_result result) {
    return sotto_stream_state_total(&opener->opener.state, result);
}
