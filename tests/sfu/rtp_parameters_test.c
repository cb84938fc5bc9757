#include "sfu/rtp_parameters.h"

#include "tests/check.h"

TEST(mime_types_are_found_in_any_case) {
    CHECK_EQ(sotto_rtp_parameters_find_mime_type("audio/opus"), SOTTO_MIME_OPUS);
    CHECK_EQ(sotto_rtp_parameters_find_mime_type("Video/vp8"), SOTTO_MIME_VP8);
    CHECK_EQ(sotto_rtp_parameters_find_mime_type("video/RTX"), SOTTO_MIME_RTX);
    CHECK_EQ(sotto_rtp_parameters_find_mime_type("audio/rtx"), SOTTO_MIME_RTX);
    CHECK_EQ(sotto_rtp_parameters_find_mime_type("audio/VP8"), SOTTO_MIME_OTHER);
    CHECK_EQ(sotto_rtp_parameters_find_mime_type("video/VP80"), SOTTO_MIME_OTHER);
    CHECK_EQ(sotto_rtp_parameters_find_mime_type(""), SOTTO_MIME_OTHER);
}

TEST(names_and_numbers_go_both_ways) {
    CHECK_TEXT(sotto_rtp_parameters_mime_text(SOTTO_MIME_AV1, SOTTO_MEDIA_VIDEO), "video/AV1");
    CHECK_TEXT(sotto_rtp_parameters_mime_text(SOTTO_MIME_RTX, SOTTO_MEDIA_AUDIO), "audio/rtx");
    for (int i = 0; i < SOTTO_FEEDBACK_COUNT; i++) {
        enum sotto_rtcp_feedback feedback = (enum sotto_rtcp_feedback)i;
        CHECK_EQ(sotto_rtp_parameters_find_feedback(
                     sotto_rtp_parameters_feedback_type(feedback),
                     sotto_rtp_parameters_feedback_parameter(feedback)),
                 feedback);
    }
    for (int i = 0; i < SOTTO_EXTENSION_COUNT; i++) {
        enum sotto_extension extension = (enum sotto_extension)i;
        CHECK_EQ(sotto_rtp_parameters_find_extension(sotto_rtp_parameters_extension_uri(extension)),
                 extension);
    }
    for (int i = 0; i < SOTTO_DIRECTION_COUNT; i++) {
        enum sotto_direction direction = (enum sotto_direction)i;
        CHECK_EQ(
            sotto_rtp_parameters_find_direction(sotto_rtp_parameters_direction_text(direction)),
            direction);
    }
}

TEST(what_is_unknown_has_no_number) {
    CHECK_EQ(sotto_rtp_parameters_find_feedback("nack", "rpsi"), SOTTO_FEEDBACK_COUNT);
    CHECK_EQ(sotto_rtp_parameters_find_feedback("ccm", ""), SOTTO_FEEDBACK_COUNT);
    CHECK_EQ(sotto_rtp_parameters_find_extension("urn:mediasoup:params:rtp-hdrext:packet-id"),
             SOTTO_EXTENSION_COUNT);
    CHECK_EQ(sotto_rtp_parameters_find_direction("both"), SOTTO_DIRECTION_COUNT);
}

TEST(a_format_parameter_replaces_one_of_its_name) {
    struct sotto_rtp_codec codec = {0};
    int64_t number;
    CHECK(sotto_rtp_parameters_set_text(&codec, "a", "text"));
    CHECK(sotto_rtp_parameters_set_number(&codec, "b", 7));
    CHECK(!sotto_rtp_parameters_get_number(&codec, "a", 1, &number));
    CHECK_EQ(number, 0);
    CHECK(sotto_rtp_parameters_set_number(&codec, "a", -5));
    CHECK_EQ(codec.format_count, 2);
    CHECK_TEXT(codec.formats[0].text, "");
    CHECK(sotto_rtp_parameters_get_number(&codec, "a", 1, &number));
    CHECK_EQ(number, -5);
    CHECK(sotto_rtp_parameters_get_number(&codec, "c", 1, &number));
    CHECK_EQ(number, 1);
    CHECK(!sotto_rtp_parameters_find_format(&codec, "c"));
}

TEST(a_full_list_of_format_parameters_takes_no_more) {
    struct sotto_rtp_codec codec = {0};
    char name[] = "a";
    for (size_t i = 0; i < SOTTO_FORMAT_PARAMETERS_MAX; i++, name[0]++)
        CHECK(sotto_rtp_parameters_set_number(&codec, name, 1));
    struct sotto_rtp_codec before = codec;
    CHECK(!sotto_rtp_parameters_set_number(&codec, "zz", 1));
    CHECK(!sotto_rtp_parameters_set_text(&codec, "zz", "1"));
    CHECK_BYTES(&codec, &before, sizeof codec);
    CHECK(sotto_rtp_parameters_set_text(&codec, "a", "replaced"));
}

TEST(feedback_is_a_set_that_keeps_its_order) {
    struct sotto_rtp_codec codec = {0};
    sotto_rtp_parameters_add_feedback(&codec, SOTTO_FEEDBACK_TRANSPORT_CC);
    sotto_rtp_parameters_add_feedback(&codec, SOTTO_FEEDBACK_NACK);
    sotto_rtp_parameters_add_feedback(&codec, SOTTO_FEEDBACK_TRANSPORT_CC);
    sotto_rtp_parameters_add_feedback(&codec, SOTTO_FEEDBACK_NACK_PLI);
    CHECK_EQ(codec.feedback_count, 3);
    sotto_rtp_parameters_remove_feedback(&codec, SOTTO_FEEDBACK_NACK);
    CHECK_EQ(codec.feedback_count, 2);
    CHECK_EQ(codec.feedback[0], SOTTO_FEEDBACK_TRANSPORT_CC);
    CHECK_EQ(codec.feedback[1], SOTTO_FEEDBACK_NACK_PLI);
    CHECK_EQ(codec.feedback[2], 0);
    CHECK(!sotto_rtp_parameters_has_feedback(&codec, SOTTO_FEEDBACK_NACK));
    sotto_rtp_parameters_remove_feedback(&codec, SOTTO_FEEDBACK_NACK);
    CHECK_EQ(codec.feedback_count, 2);
}

TEST(rtx_is_found_by_its_apt) {
    struct sotto_rtp_codec codecs[3] = {{0}};
    codecs[0].mime_type = SOTTO_MIME_VP8;
    codecs[0].payload_type = 101;
    CHECK(sotto_rtp_parameters_set_number(&codecs[0], "apt", 101)); // means nothing here
    codecs[1].mime_type = SOTTO_MIME_RTX;
    CHECK(sotto_rtp_parameters_set_number(&codecs[1], "apt", 103));
    codecs[2].mime_type = SOTTO_MIME_RTX;
    CHECK(sotto_rtp_parameters_set_number(&codecs[2], "apt", 101));
    CHECK(sotto_rtp_parameters_find_rtx(codecs, 3, 101) == &codecs[2]);
    CHECK(!sotto_rtp_parameters_find_rtx(codecs, 2, 101));
    CHECK(!sotto_rtp_parameters_find_rtx(codecs, 3, 0));
}

int main(void) {
    RUN(mime_types_are_found_in_any_case);
    RUN(names_and_numbers_go_both_ways);
    RUN(what_is_unknown_has_no_number);
    RUN(a_format_parameter_replaces_one_of_its_name);
    RUN(a_full_list_of_format_parameters_takes_no_more);
    RUN(feedback_is_a_set_that_keeps_its_order);
    RUN(rtx_is_found_by_its_apt);
    return 0;
}
