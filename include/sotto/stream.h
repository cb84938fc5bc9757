// What a stream of frames is: its name, kind, codec, and the cipher suite that seals it.
#ifndef SOTTO_INCLUDE_SOTTO_STREAM_H
#define SOTTO_INCLUDE_SOTTO_STREAM_H

#include "sotto/bytes.h"
#include "sotto/limits.h"

#ifdef __cplusplus
extern "C" {
#endif

// The values are part of the key derivation.
enum sotto_kind {
    SOTTO_KIND_AUDIO = 1,
    SOTTO_KIND_VIDEO = 2,
    SOTTO_KIND_SHARE = 3,
    SOTTO_KIND_SHARE_AUDIO = 4,
    SOTTO_KIND_DATA = 5,
};

// "audio", "video", "share", "shareAudio", "data"; NULL for anything else.
SOTTO_API const char *sotto_kind_text(enum sotto_kind kind);

enum sotto_codec {
    SOTTO_CODEC_OTHER, // anything whose packetizer does not look into the frame
    SOTTO_CODEC_OPUS,
    SOTTO_CODEC_RED, // the whole payload is one frame
    SOTTO_CODEC_VP8,
    SOTTO_CODEC_VP9,
    SOTTO_CODEC_H264,
    SOTTO_CODEC_H265,
    SOTTO_CODEC_AV1,
};

// RFC 9605, section 8.1: the registered numbers. The last number of a name is the size of the tag
// in bits. The format "sotto" has suites 4 and 5.
enum sotto_suite {
    SOTTO_AES_128_CTR_HMAC_SHA256_80 = 1,
    SOTTO_AES_128_CTR_HMAC_SHA256_64 = 2,
    SOTTO_AES_128_CTR_HMAC_SHA256_32 = 3,
    SOTTO_AES_128_GCM_SHA256_128 = 4,
    SOTTO_AES_256_GCM_SHA512_128 = 5,
};

// Whether a stream must be live before anything of it opens: its sender must have answered this
// receiver's challenge. Else a server that recorded a call can play it again. Not needed where
// nobody can ask for answers, such as for what was stored: there old frames open as new ones do.
enum sotto_liveness_rule {
    SOTTO_LIVENESS_NEEDED,
    SOTTO_LIVENESS_NOT_NEEDED,
};

// The full name of one stream. It enters the derivation of the stream's key, so whoever hands a
// stream on under another name hands on noise.
struct sotto_stream {
    // The ids are UTF-8, 1 to SOTTO_ID_SIZE_MAX bytes: those that the client itself chose and not
    // what a server says.
    struct sotto_bytes room_id;
    struct sotto_bytes participant_id; // the sender's
    // SOTTO_STREAM_ID_SIZE random bytes, which the sender draws and the receiver is told.
    struct sotto_bytes stream_id;
    enum sotto_kind kind;
};

#ifdef __cplusplus
}
#endif

#endif
