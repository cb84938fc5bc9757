#include "sfu/codec_match.h"

#include "tests/check.h"

static struct sotto_rtp_codec make_codec(enum sotto_mime_type type) {
    return (struct sotto_rtp_codec){
        .mime_type = type, .kind = SOTTO_MEDIA_VIDEO, .payload_type = 96, .clock_rate_hz = 90000};
}

TEST(payload_type_and_feedback_do_not_matter) {
    struct sotto_rtp_codec a = make_codec(SOTTO_MIME_VP8);
    struct sotto_rtp_codec b = make_codec(SOTTO_MIME_VP8);
    b.payload_type = 120;
    sotto_rtp_parameters_add_feedback(&b, SOTTO_FEEDBACK_NACK);
    CHECK(sotto_rtp_parameters_set_number(&b, "max-fs", 12288));
    CHECK(sotto_codec_match(&a, &b));
}

TEST(type_kind_clock_rate_and_channels_matter) {
    struct sotto_rtp_codec a = make_codec(SOTTO_MIME_OPUS);
    struct sotto_rtp_codec b = a;
    b.channels = 2;
    CHECK(!sotto_codec_match(&a, &b));
    b = a;
    b.clock_rate_hz = 48000;
    CHECK(!sotto_codec_match(&a, &b));
    b = a;
    b.kind = SOTTO_MEDIA_AUDIO;
    CHECK(!sotto_codec_match(&a, &b));
    b = a;
    b.mime_type = SOTTO_MIME_VP8;
    CHECK(!sotto_codec_match(&a, &b));
}

TEST(an_unknown_codec_matches_nothing) {
    struct sotto_rtp_codec a = make_codec(SOTTO_MIME_OTHER);
    CHECK(!sotto_codec_match(&a, &a));
}

TEST(vp9_matches_by_profile_and_profile_0_may_be_left_out) {
    struct sotto_rtp_codec a = make_codec(SOTTO_MIME_VP9);
    struct sotto_rtp_codec b = make_codec(SOTTO_MIME_VP9);
    CHECK(sotto_rtp_parameters_set_number(&b, "profile-id", 0));
    CHECK(sotto_codec_match(&a, &b));
    CHECK(sotto_rtp_parameters_set_number(&b, "profile-id", 2));
    CHECK(!sotto_codec_match(&a, &b));
    CHECK(sotto_rtp_parameters_set_text(&b, "profile-id", "0"));
    CHECK(!sotto_codec_match(&a, &b));
}

TEST(h264_matches_by_packetization_mode_and_profile) {
    struct sotto_rtp_codec a = make_codec(SOTTO_MIME_H264);
    struct sotto_rtp_codec b = make_codec(SOTTO_MIME_H264);
    CHECK(sotto_codec_match(&a, &b));
    CHECK(sotto_rtp_parameters_set_number(&b, "packetization-mode", 1));
    CHECK(!sotto_codec_match(&a, &b));
    CHECK(sotto_rtp_parameters_set_number(&a, "packetization-mode", 1));
    CHECK(sotto_codec_match(&a, &b));
    CHECK(sotto_rtp_parameters_set_text(&a, "profile-level-id", "42e034"));
    CHECK(sotto_codec_match(&a, &b));
    CHECK(sotto_rtp_parameters_set_text(&a, "profile-level-id", "42001f"));
    CHECK(!sotto_codec_match(&a, &b));
}

TEST(the_first_match_is_found) {
    struct sotto_rtp_codec codecs[3] = {make_codec(SOTTO_MIME_VP9), make_codec(SOTTO_MIME_VP8),
                                        make_codec(SOTTO_MIME_VP8)};
    struct sotto_rtp_codec wanted = make_codec(SOTTO_MIME_VP8);
    CHECK(sotto_codec_match_find(codecs, 3, &wanted) == &codecs[1]);
    CHECK(!sotto_codec_match_find(codecs, 1, &wanted));
}

int main(void) {
    RUN(payload_type_and_feedback_do_not_matter);
    RUN(type_kind_clock_rate_and_channels_matter);
    RUN(an_unknown_codec_matches_nothing);
    RUN(vp9_matches_by_profile_and_profile_0_may_be_left_out);
    RUN(h264_matches_by_packetization_mode_and_profile);
    RUN(the_first_match_is_found);
    return 0;
}
