// Which frames of the format "livekit" were opened already, in one meeting. The format has no
// counter that only rises, so what is remembered are the nonces themselves, each of which a sender
// uses once under one key: by key and SSRC the last SOTTO_REPLAY_WINDOW_SIZE of them, and of all
// before those the latest timestamp.
//
// It is one memory for all streams, because nothing in a frame says whose it is: a server that
// shows a frame once more, as another stream or as another participant's, finds it remembered too.
//
// Timestamps are compared modulo 2^32, as RFC 3550 does with sequence numbers. So a frame that is
// more than 2^31 ticks old (6.6 hours of video, 12.4 hours of audio) passes for a new one.
#ifndef SOTTO_CORE_LIVEKIT_REPLAY_H
#define SOTTO_CORE_LIVEKIT_REPLAY_H

#include "core/limits.h"
#include "core/livekit_frame.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Nonces of one SSRC under one key: the timestamp, continued beyond 32 bits, and the count, as one
// number. In rising order.
struct sotto_livekit_window {
    uint64_t used_at;
    struct sotto_livekit_stream *owner; // NULL: free
    size_t first; // the lowest; behind it they go round
    size_t count;
    uint64_t nonces[SOTTO_REPLAY_WINDOW_SIZE];
};

struct sotto_livekit_stream {
    uint64_t key_id; // 0: free
    uint32_t ssrc;
    uint64_t used_at;
    uint64_t newest; // the highest timestamp, continued
    uint64_t floor;  // up to here every frame counts as opened, unless the window says otherwise
    struct sotto_livekit_window *window; // NULL: given up for another stream's
};

// Owned by the caller, neither copied nor moved. All zero is a memory of nothing. About 2.3 MB.
struct sotto_livekit_replay {
    uint64_t uses;
    size_t stream_count;
    struct sotto_livekit_stream streams[SOTTO_LIVEKIT_STREAMS_MAX];
    struct sotto_livekit_window windows[SOTTO_LIVEKIT_WINDOWS_MAX];
};

// Only for a frame that was verified: true, and the nonce is remembered, if no frame with it was
// admitted under this key before. Of more SSRCs and keys than the memory has room for, the one used
// longest ago is forgotten; of more that send at a time than there are windows, late frames count
// as opened.
SOTTO_MUST_USE bool sotto_livekit_replay_admit(struct sotto_livekit_replay *replay,
                                               uint64_t key_id,
                                               const struct sotto_livekit_iv *iv);

#endif
