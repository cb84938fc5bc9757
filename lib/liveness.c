#include "sotto/liveness.h"

#include "core/liveness.h"
#include "crypto/random.h"
#include "lib/data_author.h"
#include "lib/frame_opener.h"
#include "lib/frame_sealer.h"

#include <string.h>

_Static_assert(SOTTO_ANSWER_WIRE_SIZE_MAX == SOTTO_ANSWER_SIZE_MAX + SOTTO_DATA_OVERHEAD_MAX,
               "the public size is that of the core");

void sotto_liveness_draw_challenge(uint8_t challenge[SOTTO_CHALLENGE_SIZE]) {
    sotto_random_fill(challenge, SOTTO_CHALLENGE_SIZE);
}

enum sotto_result sotto_frame_sealer_add_live(const struct sotto_frame_sealer *sealer,
                                              struct sotto_live_streams *streams) {
    if (!sealer->keys)
        return SOTTO_NOT_READY;
    return sotto_live_streams_add(streams, &sealer->sealer) ? SOTTO_OK : SOTTO_TOO_SMALL;
}

enum sotto_result sotto_frame_sealer_seal_answer(struct sotto_frame_sealer *sealer,
                                                 struct sotto_bytes challenges,
                                                 const struct sotto_live_streams *streams,
                                                 uint8_t *wire, size_t capacity,
                                                 size_t *wire_size) {
    sotto_frame_sealer_follow_keys(sealer);
    return sotto_liveness_seal_answer(&sealer->sealer, challenges, streams, wire, capacity,
                                      wire_size);
}

enum sotto_result sotto_keys_open_answer(struct sotto_keys *keys,
                                         const struct sotto_data_author *author,
                                         const uint8_t challenge[SOTTO_CHALLENGE_SIZE],
                                         struct sotto_bytes wire,
                                         struct sotto_live_streams *streams) {
    *streams = (struct sotto_live_streams){0};
    if (!sotto_keys_lock(keys))
        return SOTTO_NOT_READY;
    struct sotto_data_sender sender = sotto_data_author_sender(author, keys);
    enum sotto_result result = sotto_liveness_open_answer(&sender, challenge, wire, streams);
    sotto_keys_unlock(keys);
    return result;
}

static bool is_named(const struct sotto_live_stream *stream,
                     const struct sotto_stream_name *name) {
    return stream->kind == name->kind &&
           memcmp(stream->stream_id, sotto_stream_name_stream_id(name), SOTTO_STREAM_ID_SIZE) == 0;
}

bool sotto_frame_opener_handle_answer(struct sotto_frame_opener *opener,
                                      const struct sotto_live_streams *streams) {
    if (!opener->keys)
        return false;
    for (size_t i = 0; i < streams->count && i < SOTTO_LIVE_STREAMS_MAX; i++) {
        if (!is_named(&streams->streams[i], &opener->opener.name))
            continue;
        sotto_opener_set_live(&opener->opener, streams->streams[i].counter);
        return true;
    }
    return false;
}
