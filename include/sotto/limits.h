// The sizes and limits that a user of libsotto meets. Sizes are bytes.
#ifndef SOTTO_INCLUDE_SOTTO_LIMITS_H
#define SOTTO_INCLUDE_SOTTO_LIMITS_H

#include <stdint.h>

enum {
    // Room and participant ids, in UTF-8. 255 holds an e-mail address (254, RFC 5321), a UUID and
    // any name an app is likely to choose, and lets the structs be of fixed size.
    SOTTO_ID_SIZE_MAX = 255,

    // A stream id is random: 16 bytes never meet by chance.
    SOTTO_STREAM_ID_SIZE = 16,

    SOTTO_ROOM_SECRET_SIZE = 32,

    // A raw key must hold the 128 bits that suite 4 promises.
    SOTTO_RAW_KEY_SIZE_MIN = 16,

    // PBKDF2 rounds for a key that a person typed: OWASP's number for HMAC-SHA256.
    SOTTO_TEXT_KEY_ROUNDS = 600000,

    // Room secrets that are held at a time: the current one, those before it that late frames may
    // still use, and those that other participants already use.
    SOTTO_ROOM_SECRETS_MAX = 16,

    // Steps of the ratchet that are held ahead of the newest secret: half of the places. Older
    // secrets have the other half.
    SOTTO_RATCHET_WINDOW_MAX = 8,

    // Callers tell the time at least this often.
    SOTTO_TICK_MS_MAX = 200,

    // A frame before sealing. Far above any real one, and small enough for the `int` in which
    // libraries count and for the memory of a browser tab.
    SOTTO_FRAME_SIZE_MAX = 1 << 24,

    // Type and name of a data message. 255 holds any topic, store key or file id.
    SOTTO_DATA_TEXT_SIZE_MAX = 255,

    // What a data message adds: its stream id and what sealing adds, 26.
    SOTTO_DATA_OVERHEAD_MAX = SOTTO_STREAM_ID_SIZE + 26,

    // Random bytes that no sender can have answered before.
    SOTTO_CHALLENGE_SIZE = 16,

    // Challenges in one answer: a whole room that joins at once. More go into another answer.
    SOTTO_CHALLENGES_MAX = 256,

    // Streams that one participant has at a time: a few of each kind, or in a call without a server
    // all of them once for each of the others.
    SOTTO_LIVE_STREAMS_MAX = 64,

    // What is authenticated with a frame beside its SFrame header: front (10 bytes in VP8) and
    // mark, and for data also its type, name and position (523 bytes with both names at their
    // longest).
    SOTTO_METADATA_SIZE_MAX = 576,

    // What an SFrame is longer than its plaintext: a header of at most 17 bytes and a tag of at
    // most 16.
    SOTTO_SFRAME_OVERHEAD_MAX = 33,

    // Steps of the ratchet of sender keys that one received KID may ask for: each costs a receiver
    // a derivation, and anybody can write a KID.
    SOTTO_SFRAME_STEPS_MAX = 16,
};

// The limits of the format "livekit". Those that LiveKit itself has say so.
enum {
    // LiveKit's salts are names of 20 and 29 characters.
    SOTTO_LIVEKIT_SALT_SIZE_MAX = 256,

    // LiveKit's: the key index is one byte.
    SOTTO_LIVEKIT_RING_SIZE_MAX = 256,

    // Keys ahead of the one in use that a receiver keeps ready. A forged frame costs that many
    // attempts more; LiveKit's own defaults are 0, 8 and 16.
    SOTTO_LIVEKIT_RATCHET_WINDOW_MAX = 16,

    // SSRCs that one sealer counts for: three layers of simulcast, and what a browser may change.
    SOTTO_LIVEKIT_SEALER_SSRCS_MAX = 8,

    // LiveKit's trailer of frames that a server injects is about 20 bytes.
    SOTTO_LIVEKIT_TRAILER_SIZE_MAX = 64,
};

// Frames that one stream seals: the counter then fits 4 bytes on the wire, and a key stays within
// the 2^32 invocations that NIST SP 800-38D, section 8.3, allows however nonces are made.
#define SOTTO_FRAMES_MAX (UINT64_C(1) << 32)

#endif
