// Every limit of the frame-encryption core, with its reason: here those that only the core itself
// knows, in sotto/limits.h those that its users meet. Sizes are bytes.
#ifndef SOTTO_CORE_LIMITS_H
#define SOTTO_CORE_LIMITS_H

#include "sotto/limits.h"

enum {
    SOTTO_STREAM_KEY_SIZE = 32,

    // An older secret opens media for at most 60 s after a newer one was set, and for at most 3 s
    // after the stream moved on to a newer one. Both are reckoned between two calls that tell the
    // time, hence less two of their intervals.
    SOTTO_OLD_SECRET_MS = 60000 - 2 * SOTTO_TICK_MS_MAX,
    SOTTO_OLD_SECRET_STREAM_MS = 3000 - 2 * SOTTO_TICK_MS_MAX,

    // Changes of key of one stream whose time an opener keeps for SOTTO_OLD_SECRET_STREAM_MS. With
    // one more the secrets before the first of them end early.
    SOTTO_MOVES_MAX = SOTTO_ROOM_SECRETS_MAX,

    // Derived keys that an opener keeps ready: the current one, its neighbours before and after a
    // change, and one more. A fifth costs a derivation, not a frame.
    SOTTO_READY_KEYS_MAX = 4,

    // Frames that one window tells apart. Media arrives up to 3 frames late in practice; 1024 is
    // half a minute of video or 20 s of audio.
    SOTTO_REPLAY_WINDOW_SIZE = 1024,

    // RFC 9605, section 4.3: one configuration byte, then up to 8 bytes each of KID and counter.
    SOTTO_SFRAME_HEADER_SIZE_MAX = 17,

    SOTTO_MARK_SIZE = 1,

    // The header of an OBU, and its size in four bytes of LEB128: as much as a frame makes it.
    SOTTO_AV1_FRONT_SIZE_MAX = 5,

    // What sealing adds, without a front that is no part of the frame and without escapes: an
    // SFrame header with a 4-byte KID and a counter of 0 to 4 further bytes, the tag and the mark.
    SOTTO_OVERHEAD_MIN = 22,
    SOTTO_OVERHEAD_MAX = 26,

    // Both behind their 2-byte lengths, the index and the last flag.
    SOTTO_DATA_LABEL_SIZE_MAX = 2 * (2 + SOTTO_DATA_TEXT_SIZE_MAX) + 8 + 1,
};

// The limits of the format "livekit" (docs/livekit.md). Those that LiveKit itself has say so.
enum {
    // LiveKit's rounds of PBKDF2.
    SOTTO_LIVEKIT_ROUNDS = 100000,

    // LiveKit's: the send count enters the nonce modulo this.
    SOTTO_LIVEKIT_COUNT_MODULUS = 65535,

    // SSRCs under one key that a receiver remembers in a meeting: 80 participants with three
    // streams, through a whole ring of 16 keys. 160 kB.
    SOTTO_LIVEKIT_STREAMS_MAX = 4096,

    // Those of them whose frames it tells apart one by one: all that send at a time. 2 MB.
    SOTTO_LIVEKIT_WINDOWS_MAX = 256,
};

#endif
