#include "sfu/capabilities.h"

#include "tests/check.h"

static struct sotto_router_capabilities router;

TEST(the_codecs_are_opus_vp8_vp9_h264_and_av1_in_that_order) {
    static const enum sotto_mime_type expected[] = {
        SOTTO_MIME_OPUS, SOTTO_MIME_VP8, SOTTO_MIME_RTX, SOTTO_MIME_VP9, SOTTO_MIME_RTX,
        SOTTO_MIME_H264, SOTTO_MIME_RTX, SOTTO_MIME_AV1, SOTTO_MIME_RTX};
    CHECK_EQ(router.rtp.codec_count, sizeof expected / sizeof *expected);
    for (size_t i = 0; i < router.rtp.codec_count; i++) {
        CHECK_EQ(router.rtp.codecs[i].mime_type, expected[i]);
        CHECK_EQ(router.rtp.codecs[i].payload_type, 100 + i);
    }
    CHECK_TEXT(router.rtp.codecs[0].mime_text, "audio/opus");
    CHECK_EQ(router.rtp.codecs[0].clock_rate_hz, 48000);
    CHECK_EQ(router.rtp.codecs[0].channels, 2);
    CHECK_TEXT(router.rtp.codecs[4].mime_text, "video/rtx");
    CHECK_EQ(router.rtp.codecs[4].clock_rate_hz, 90000);
    CHECK_EQ(router.rtp.codecs[4].channels, 0);
}

// In any other packetization mode nothing of a sealed frame arrives.
TEST(h264_is_the_profile_of_all_browsers_in_fragments) {
    const struct sotto_rtp_codec *h264 = &router.rtp.codecs[5];
    int64_t number;
    CHECK(sotto_rtp_parameters_get_number(h264, "packetization-mode", 0, &number) && number == 1);
    CHECK(sotto_rtp_parameters_get_number(h264, "level-asymmetry-allowed", 0, &number));
    CHECK_EQ(number, 1);
    CHECK_TEXT(sotto_rtp_parameters_find_format(h264, "profile-level-id")->text, "42e01f");
}

TEST(payload_types_are_dynamic_different_and_not_the_probators) {
    for (size_t i = 0; i < router.rtp.codec_count; i++) {
        uint8_t payload_type = router.rtp.codecs[i].payload_type;
        CHECK(payload_type >= 96 && payload_type < SOTTO_PROBATOR_PAYLOAD_TYPE);
        for (size_t j = 0; j < i; j++)
            CHECK(router.rtp.codecs[j].payload_type != payload_type);
    }
}

TEST(every_video_codec_has_rtx_behind_it) {
    for (size_t i = 0; i < router.rtp.codec_count; i++) {
        const struct sotto_rtp_codec *codec = &router.rtp.codecs[i];
        const struct sotto_rtp_codec *rtx = sotto_rtp_parameters_find_rtx(
            router.rtp.codecs, router.rtp.codec_count, codec->payload_type);
        if (codec->mime_type == SOTTO_MIME_RTX || codec->kind == SOTTO_MEDIA_AUDIO)
            CHECK(!rtx);
        else
            CHECK(rtx == codec + 1);
    }
}

TEST(feedback_that_the_server_does_not_answer_is_not_offered) {
    for (size_t i = 0; i < router.rtp.codec_count; i++) {
        const struct sotto_rtp_codec *codec = &router.rtp.codecs[i];
        CHECK(!sotto_rtp_parameters_has_feedback(codec, SOTTO_FEEDBACK_TRANSPORT_CC));
        CHECK(!sotto_rtp_parameters_has_feedback(codec, SOTTO_FEEDBACK_CCM_FIR));
        bool is_media = codec->kind == SOTTO_MEDIA_VIDEO && codec->mime_type != SOTTO_MIME_RTX;
        CHECK_EQ(codec->feedback_count, is_media ? 3 : 0);
    }
}

TEST(extension_ids_fit_one_byte_and_are_one_per_uri) {
    for (size_t i = 0; i < router.rtp.extension_count; i++) {
        const struct sotto_extension_capability *a = &router.rtp.extensions[i];
        CHECK(a->id >= 1 && a->id <= SOTTO_EXTENSION_ONE_BYTE_ID_MAX);
        CHECK(a->extension != SOTTO_EXTENSION_TRANSPORT_CC);
        CHECK(a->extension != SOTTO_EXTENSION_DEPENDENCY_DESCRIPTOR);
        for (size_t j = 0; j < i; j++) {
            const struct sotto_extension_capability *b = &router.rtp.extensions[j];
            CHECK_EQ(a->id == b->id, a->extension == b->extension);
            CHECK(a->extension != b->extension || a->kind != b->kind);
        }
    }
}

// mediasoup-client takes goog-remb out of what a browser sends unless abs-send-time is there too,
// and this server has no use for REMB from receivers.
TEST(send_times_are_received_and_never_sent) {
    size_t found = 0;
    for (size_t i = 0; i < router.rtp.extension_count; i++)
        if (router.rtp.extensions[i].extension == SOTTO_EXTENSION_ABS_SEND_TIME) {
            CHECK_EQ(router.rtp.extensions[i].kind, SOTTO_MEDIA_VIDEO);
            CHECK_EQ(router.rtp.extensions[i].direction, SOTTO_DIRECTION_RECVONLY);
            found++;
        }
    CHECK_EQ(found, 1);
}

TEST(simulcast_is_not_taken) {
    CHECK_EQ(router.encoding_count_max, 1);
}

int main(void) {
    memset(&router, 0xEE, sizeof router);
    sotto_capabilities_init(&router);
    RUN(the_codecs_are_opus_vp8_vp9_h264_and_av1_in_that_order);
    RUN(h264_is_the_profile_of_all_browsers_in_fragments);
    RUN(payload_types_are_dynamic_different_and_not_the_probators);
    RUN(every_video_codec_has_rtx_behind_it);
    RUN(feedback_that_the_server_does_not_answer_is_not_offered);
    RUN(extension_ids_fit_one_byte_and_are_one_per_uri);
    RUN(send_times_are_received_and_never_sent);
    RUN(simulcast_is_not_taken);
    return 0;
}
