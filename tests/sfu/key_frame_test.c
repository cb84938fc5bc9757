#include "sfu/key_frame.h"

#include "tests/check.h"
#include "tests/proto/exact_copy.h"

#define BEGINS(codec, ...)                                                                         \
    begins(codec, (const uint8_t[]){__VA_ARGS__}, sizeof(const uint8_t[]){__VA_ARGS__})

static bool begins(enum sotto_mime_type codec, const uint8_t *payload, size_t size) {
    uint8_t *copy = exact_copy(payload, size);
    bool result = sotto_key_frame_begins(codec, copy, size);
    free(copy);
    return result;
}

TEST(vp8_key_frames_are_told_by_descriptor_and_first_bit) {
    // Without extension; S set, partition 0, then P.
    CHECK(BEGINS(SOTTO_MIME_VP8, 0x10, 0x50));
    CHECK(!BEGINS(SOTTO_MIME_VP8, 0x10, 0x51));
    // Not the start of a partition, or not the first.
    CHECK(!BEGINS(SOTTO_MIME_VP8, 0x00, 0x50));
    CHECK(!BEGINS(SOTTO_MIME_VP8, 0x11, 0x50));
    // As Chromium sends it: X; I, L, T, K; 15-bit picture id; TL0PICIDX; TID and KEYIDX.
    CHECK(BEGINS(SOTTO_MIME_VP8, 0x90, 0xF0, 0x91, 0x23, 0x01, 0x20, 0x10));
    CHECK(!BEGINS(SOTTO_MIME_VP8, 0x90, 0xF0, 0x91, 0x23, 0x01, 0x20, 0x11));
    // 7-bit picture id alone.
    CHECK(BEGINS(SOTTO_MIME_VP8, 0x90, 0x80, 0x11, 0x10));
}

TEST(vp9_key_frames_are_told_by_the_descriptor) {
    // I, B, E with a 15-bit picture id; then the same with P.
    CHECK(BEGINS(SOTTO_MIME_VP9, 0x8C, 0x81, 0x23, 0x99));
    CHECK(!BEGINS(SOTTO_MIME_VP9, 0xCC, 0x81, 0x23, 0x99));
    // Not the beginning of the frame.
    CHECK(!BEGINS(SOTTO_MIME_VP9, 0x84, 0x81, 0x23, 0x99));
    // With layers: spatial layer 0 counts, layer 1 of the same picture does not.
    CHECK(BEGINS(SOTTO_MIME_VP9, 0xA8, 0x81, 0x23, 0x00, 0x05));
    CHECK(!BEGINS(SOTTO_MIME_VP9, 0xA8, 0x81, 0x23, 0x03, 0x05));
}

TEST(h264_key_frames_are_told_by_nal_unit_types) {
    CHECK(BEGINS(SOTTO_MIME_H264, 0x67, 0x42)); // SPS
    CHECK(BEGINS(SOTTO_MIME_H264, 0x65, 0x88)); // IDR slice
    CHECK(!BEGINS(SOTTO_MIME_H264, 0x61, 0x88));
    CHECK(!BEGINS(SOTTO_MIME_H264, 0x68, 0xCE)); // PPS alone
    // STAP-A of PPS and SPS, and of two slices.
    CHECK(BEGINS(SOTTO_MIME_H264, 0x78, 0, 2, 0x68, 0xCE, 0, 2, 0x67, 0x42));
    CHECK(!BEGINS(SOTTO_MIME_H264, 0x78, 0, 2, 0x61, 0xCE, 0, 2, 0x61, 0x42));
    CHECK(!BEGINS(SOTTO_MIME_H264, 0x78, 0, 0, 0, 0, 0));
    // FU-A: start and middle of an IDR slice, start of another.
    CHECK(BEGINS(SOTTO_MIME_H264, 0x7C, 0x85, 0x88));
    CHECK(!BEGINS(SOTTO_MIME_H264, 0x7C, 0x05, 0x88));
    CHECK(!BEGINS(SOTTO_MIME_H264, 0x7C, 0x81, 0x88));
}

TEST(av1_key_frames_are_told_by_the_aggregation_header) {
    CHECK(BEGINS(SOTTO_MIME_AV1, 0x18, 0x0A));
    CHECK(!BEGINS(SOTTO_MIME_AV1, 0x10, 0x32));
    CHECK(!BEGINS(SOTTO_MIME_AV1, 0x98, 0x0A));
}

TEST(other_codecs_have_none_that_can_be_seen) {
    CHECK(!sotto_key_frame_is_visible(SOTTO_MIME_OPUS));
    CHECK(!sotto_key_frame_is_visible(SOTTO_MIME_OTHER));
    CHECK(sotto_key_frame_is_visible(SOTTO_MIME_VP8));
    CHECK(!BEGINS(SOTTO_MIME_OPUS, 0x10, 0x50));
}

TEST(truncated_payloads_are_none_and_are_not_read_past_their_end) {
    static const uint8_t vp8[] = {0x90, 0xF0, 0x91, 0x23, 0x01, 0x20, 0x10};
    static const uint8_t vp9[] = {0xA8, 0x81, 0x23, 0x00};
    static const uint8_t h264[] = {0x78, 0, 2, 0x68, 0xCE, 0, 2, 0x67, 0x42};
    for (size_t n = 0; n < sizeof vp8; n++)
        CHECK(!begins(SOTTO_MIME_VP8, vp8, n));
    for (size_t n = 0; n < sizeof vp9; n++)
        CHECK(!begins(SOTTO_MIME_VP9, vp9, n));
    for (size_t n = 0; n < sizeof h264; n++)
        CHECK(!begins(SOTTO_MIME_H264, h264, n));
    CHECK(!begins(SOTTO_MIME_AV1, vp8, 0));
}

int main(void) {
    RUN(vp8_key_frames_are_told_by_descriptor_and_first_bit);
    RUN(vp9_key_frames_are_told_by_the_descriptor);
    RUN(h264_key_frames_are_told_by_nal_unit_types);
    RUN(av1_key_frames_are_told_by_the_aggregation_header);
    RUN(other_codecs_have_none_that_can_be_seen);
    RUN(truncated_payloads_are_none_and_are_not_read_past_their_end);
    return 0;
}
