// What programs compiled against libsotto.so.0 rely on without asking: the values of its enums and
// the shapes of its structs. A change here needs another soname.
#include "sotto/sotto.h"
#include "tests/check.h"

#include <stddef.h>

TEST(results) {
    CHECK_EQ(SOTTO_OK, 0);
    CHECK_EQ(SOTTO_MISSING_KEY, 1);
    CHECK_EQ(SOTTO_NOT_READY, 2);
    CHECK_EQ(SOTTO_EXHAUSTED, 3);
    CHECK_EQ(SOTTO_TAMPERED, 4);
    CHECK_EQ(SOTTO_NOT_SEALED, 5);
    CHECK_EQ(SOTTO_NOT_LIVE, 6);
    CHECK_EQ(SOTTO_REPLAYED, 7);
    CHECK_EQ(SOTTO_KID_TAKEN, 8);
    CHECK_EQ(SOTTO_TOO_SMALL, 9);
    CHECK_EQ(SOTTO_INVALID, 10);
    CHECK_EQ(SOTTO_INTERNAL, 11);
}

TEST(streams) {
    CHECK_EQ(SOTTO_KIND_AUDIO, 1);
    CHECK_EQ(SOTTO_KIND_VIDEO, 2);
    CHECK_EQ(SOTTO_KIND_SHARE, 3);
    CHECK_EQ(SOTTO_KIND_SHARE_AUDIO, 4);
    CHECK_EQ(SOTTO_KIND_DATA, 5);
    CHECK_EQ(SOTTO_CODEC_OTHER, 0);
    CHECK_EQ(SOTTO_CODEC_OPUS, 1);
    CHECK_EQ(SOTTO_CODEC_RED, 2);
    CHECK_EQ(SOTTO_CODEC_VP8, 3);
    CHECK_EQ(SOTTO_CODEC_VP9, 4);
    CHECK_EQ(SOTTO_CODEC_H264, 5);
    CHECK_EQ(SOTTO_CODEC_H265, 6);
    CHECK_EQ(SOTTO_CODEC_AV1, 7);
    CHECK_EQ(SOTTO_LIVENESS_NEEDED, 0);
    CHECK_EQ(SOTTO_LIVENESS_NOT_NEEDED, 1);
    CHECK_EQ(SOTTO_AES_128_CTR_HMAC_SHA256_80, 1);
    CHECK_EQ(SOTTO_AES_128_CTR_HMAC_SHA256_64, 2);
    CHECK_EQ(SOTTO_AES_128_CTR_HMAC_SHA256_32, 3);
    CHECK_EQ(SOTTO_AES_128_GCM_SHA256_128, 4);
    CHECK_EQ(SOTTO_AES_256_GCM_SHA512_128, 5);
}

TEST(events) {
    CHECK_EQ(SOTTO_STATE_ENCRYPTION_SUCCESS, 1);
    CHECK_EQ(SOTTO_STATE_ENCRYPTION_FAILED, 2);
    CHECK_EQ(SOTTO_STATE_DECRYPTION_SUCCESS, 3);
    CHECK_EQ(SOTTO_STATE_DECRYPTION_FAILED, 4);
    CHECK_EQ(SOTTO_STATE_INTERNAL_ERROR, 5);
    CHECK_EQ(sizeof(struct sotto_stream_event), 40);
    CHECK_EQ(offsetof(struct sotto_stream_event, kind), 4);
    CHECK_EQ(offsetof(struct sotto_stream_event, reason), 8);
    CHECK_EQ(offsetof(struct sotto_stream_event, kid), 16);
    CHECK_EQ(offsetof(struct sotto_stream_event, count), 24);
    CHECK_EQ(offsetof(struct sotto_stream_event, since_ms), 32);
}

// With 64-bit pointers.
TEST(structs_and_sizes) {
    CHECK_EQ(sizeof(enum sotto_result), 4);
    CHECK_EQ(sizeof(struct sotto_bytes), 16);
    CHECK_EQ(offsetof(struct sotto_bytes, size), 8);
    CHECK_EQ(sizeof(struct sotto_room_secret), 32);
    CHECK_EQ(sizeof(struct sotto_stream), 56);
    CHECK_EQ(offsetof(struct sotto_stream, participant_id), 16);
    CHECK_EQ(offsetof(struct sotto_stream, stream_id), 32);
    CHECK_EQ(offsetof(struct sotto_stream, kind), 48);
    CHECK_EQ(sizeof(struct sotto_livekit_options), 40);
    CHECK_EQ(sizeof(struct sotto_livekit_frame_info), 16);
    CHECK_EQ(SOTTO_LIVEKIT_PBKDF2, 0);
    CHECK_EQ(SOTTO_LIVEKIT_HKDF, 1);
    CHECK_EQ(sizeof(struct sotto_data_label), 48);
    CHECK_EQ(sizeof(struct sotto_data_author), 40);
    CHECK_EQ(sizeof(struct sotto_data_origin), 24);
    CHECK_EQ(sizeof(struct sotto_live_stream), 32);
    CHECK_EQ(sizeof(struct sotto_live_streams), 8 + 64 * 32);
    CHECK_EQ(sizeof(struct sotto_sframe_sender_kid), 16);
    CHECK_EQ(sizeof(struct sotto_sframe_mls_kid), 24);
    CHECK_EQ(sizeof(struct sotto_sframe_mls_layout), 8);
    CHECK_EQ(SOTTO_ID_SIZE_MAX, 255);
    CHECK_EQ(SOTTO_STREAM_ID_SIZE, 16);
    CHECK_EQ(SOTTO_ROOM_SECRET_SIZE, 32);
    CHECK_EQ(SOTTO_RAW_KEY_SIZE_MIN, 16);
    CHECK_EQ(SOTTO_SAFETY_CODE_SIZE, 15);
    CHECK_EQ(SOTTO_ROOM_SECRETS_MAX, 16);
    CHECK_EQ(SOTTO_FRAME_SIZE_MAX, 16777216);
}

int main(void) {
    RUN(results);
    RUN(streams);
    RUN(events);
    RUN(structs_and_sizes);
    return 0;
}
