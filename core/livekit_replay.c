#include "core/livekit_replay.h"

#include "core/assert.h"

enum { WIDTH = SOTTO_REPLAY_WINDOW_SIZE };

// Where the timestamps of a stream begin: far enough above 0 to go back from there.
#define FIRST_ROUND (UINT64_C(1) << 32)

// Above every timestamp: 99 years of video. Whoever has the key could climb there.
#define TIMESTAMP_MAX (UINT64_C(1) << 47)

static struct sotto_livekit_stream *find(struct sotto_livekit_replay *replay, uint64_t key_id,
                                         uint32_t ssrc) {
    for (size_t i = 0; i < replay->stream_count; i++) {
        struct sotto_livekit_stream *stream = &replay->streams[i];
        if (stream->ssrc == ssrc && stream->key_id == key_id)
            return stream;
    }
    return NULL;
}

// The timestamp that is nearest to the newest one, of all that are the same modulo 2^32.
static uint64_t continue_timestamp(const struct sotto_livekit_stream *stream, uint32_t timestamp) {
    if (!stream)
        return FIRST_ROUND + timestamp;
    const uint32_t ahead = timestamp - (uint32_t)stream->newest;
    return stream->newest + ahead - (ahead >> 31 ? FIRST_ROUND : 0);
}

static uint64_t join(uint64_t timestamp, uint16_t count) {
    return timestamp << 16 | count;
}

static size_t place_of(const struct sotto_livekit_window *window, size_t index) {
    return (window->first + index) % WIDTH;
}

static bool has_nonce(const struct sotto_livekit_window *window, uint64_t nonce) {
    for (size_t i = window->count; i-- > 0;) {
        const uint64_t other = window->nonces[place_of(window, i)];
        if (other <= nonce)
            return other == nonce;
    }
    return false;
}

// A free place, or that of the stream used longest ago, which is forgotten.
static struct sotto_livekit_stream *claim_stream(struct sotto_livekit_replay *replay,
                                                 uint64_t key_id, uint32_t ssrc) {
    struct sotto_livekit_stream *chosen = &replay->streams[0];
    if (replay->stream_count < SOTTO_LIVEKIT_STREAMS_MAX)
        chosen = &replay->streams[replay->stream_count++];
    else
        for (size_t i = 1; i < SOTTO_LIVEKIT_STREAMS_MAX; i++)
            if (replay->streams[i].used_at < chosen->used_at)
                chosen = &replay->streams[i];
    if (chosen->window)
        chosen->window->owner = NULL;
    *chosen = (struct sotto_livekit_stream){.key_id = key_id, .ssrc = ssrc};
    return chosen;
}

// A free window, or that of the stream used longest ago: of that one all frames up to its newest
// count as opened from here on.
static void claim_window(struct sotto_livekit_replay *replay,
                         struct sotto_livekit_stream *stream) {
    struct sotto_livekit_window *chosen = &replay->windows[0];
    for (size_t i = 0; i < SOTTO_LIVEKIT_WINDOWS_MAX && chosen->owner; i++) {
        struct sotto_livekit_window *window = &replay->windows[i];
        if (!window->owner || window->used_at < chosen->used_at)
            chosen = window;
    }
    if (chosen->owner) {
        chosen->owner->floor = chosen->owner->newest;
        chosen->owner->window = NULL;
    }
    chosen->owner = stream;
    chosen->first = 0;
    chosen->count = 0;
    stream->window = chosen;
}

// In a full window the lowest makes room, and with it every nonce of its timestamp and below.
static void insert(struct sotto_livekit_stream *stream, uint64_t nonce) {
    struct sotto_livekit_window *window = stream->window;
    if (window->count == WIDTH) {
        const uint64_t lowest = window->nonces[window->first];
        stream->floor = (nonce < lowest ? nonce : lowest) >> 16;
        if (nonce < lowest)
            return;
        window->first = place_of(window, 1);
        window->count--;
    }
    size_t i = window->count++;
    for (; i > 0 && window->nonces[place_of(window, i - 1)] > nonce; i--)
        window->nonces[place_of(window, i)] = window->nonces[place_of(window, i - 1)];
    window->nonces[place_of(window, i)] = nonce;
}

bool sotto_livekit_replay_admit(struct sotto_livekit_replay *replay, uint64_t key_id,
                                const struct sotto_livekit_iv *iv) {
    SOTTO_ASSERT(key_id != 0);
    struct sotto_livekit_stream *stream = find(replay, key_id, iv->ssrc);
    const uint64_t timestamp = continue_timestamp(stream, iv->timestamp);
    const uint64_t nonce = join(timestamp, iv->count);
    if (stream && (timestamp <= stream->floor || timestamp >= TIMESTAMP_MAX ||
                   (stream->window && has_nonce(stream->window, nonce))))
        return false;

    if (!stream)
        stream = claim_stream(replay, key_id, iv->ssrc);
    if (!stream->window)
        claim_window(replay, stream);
    if (timestamp > stream->newest)
        stream->newest = timestamp;
    stream->used_at = stream->window->used_at = ++replay->uses;
    insert(stream, nonce);
    return true;
}
