#include "lib/frame_sealer.h"

#include "core/layout.h"
#include "core/stream_name.h"
#include "crypto/random.h"
#include "lib/handle.h"

#include <string.h>

static bool init(struct sotto_frame_sealer *sealer, const struct sotto_stream *stream,
                 enum sotto_suite suite) {
    struct sotto_bytes stream_id = stream->stream_id;
    if (stream_id.size == 0) {
        sotto_random_fill(sealer->stream_id, sizeof sealer->stream_id);
        stream_id = (struct sotto_bytes){sealer->stream_id, sizeof sealer->stream_id};
    }
    struct sotto_stream_name name;
    if (!sotto_stream_name_init(&name, stream->room_id, stream->participant_id, stream_id,
                                stream->kind) ||
        !sotto_sealer_init(&sealer->sealer, &sealer->store, &name, suite))
        return false;
    memmove(sealer->stream_id, stream_id.data, sizeof sealer->stream_id);
    return true;
}

struct sotto_frame_sealer *sotto_frame_sealer_create(struct sotto_keys *keys,
                                                     const struct sotto_stream *stream,
                                                     enum sotto_suite suite) {
    struct sotto_frame_sealer *sealer = sotto_handle_create(sizeof *sealer);
    if (!sealer)
        return NULL;
    if (!init(sealer, stream, suite) || !sotto_keys_share(keys)) {
        sotto_handle_destroy(sealer, sizeof *sealer);
        return NULL;
    }
    sealer->keys = keys;
    return sealer;
}

void sotto_frame_sealer_destroy(struct sotto_frame_sealer *sealer) {
    if (!sealer)
        return;
    sotto_sealer_wipe(&sealer->sealer);
    sotto_keys_destroy(sealer->keys);
    sotto_handle_destroy(sealer, sizeof *sealer);
}

void sotto_frame_sealer_stream_id(const struct sotto_frame_sealer *sealer,
                                  uint8_t stream_id[SOTTO_STREAM_ID_SIZE]) {
    memcpy(stream_id, sealer->stream_id, sizeof sealer->stream_id);
}

enum sotto_result sotto_frame_sealer_seal(struct sotto_frame_sealer *sealer, enum sotto_codec codec,
                                          bool is_key_frame, struct sotto_bytes frame,
                                          uint8_t *wire, size_t capacity, size_t *wire_size) {
    sotto_frame_sealer_follow_keys(sealer);
    return sotto_sealer_seal(&sealer->sealer, codec, is_key_frame, frame, wire, capacity,
                             wire_size);
}

void sotto_frame_sealer_hold_key(struct sotto_frame_sealer *sealer, bool holds) {
    sotto_frame_sealer_follow_keys(sealer);
    sotto_sealer_hold_key(&sealer->sealer, holds);
}

size_t sotto_frame_sealer_size_max(enum sotto_codec codec, size_t frame_size) {
    return sotto_layout_wire_size_max(codec, frame_size);
}

bool sotto_frame_sealer_poll_event(struct sotto_frame_sealer *sealer, uint64_t now_ms,
                                   struct sotto_stream_event *event) {
    if (sealer->keys)
        sotto_keys_pass_time(sealer->keys, now_ms, 0);
    sotto_frame_sealer_follow_keys(sealer);
    sotto_sealer_handle_key_change(&sealer->sealer);
    return sotto_sealer_poll_event(&sealer->sealer, now_ms, event);
}

uint64_t sotto_frame_sealer_count(const struct sotto_frame_sealer *sealer,
                                  enum sotto_result result) {
    return sotto_stream_state_total(&sealer->sealer.state, result);
}
