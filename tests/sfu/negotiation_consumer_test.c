#include "sfu/negotiation.h"

#include "tests/mediasoup_examples.h"

enum { RANDOM = 0x12345678 };

static const char *const browsers[] = {"chromium156", "firefox153"};

static void make_consumable(const struct sotto_router_capabilities *router,
                            enum sotto_media_kind kind, const char *event,
                            struct sotto_rtp_parameters *consumable) {
    struct sotto_rtp_parameters producer;
    struct sotto_producer_mapping mapping;
    examples_load_producer(event, &producer);
    CHECK_EQ(sotto_negotiation_map_producer(router, kind, &producer, RANDOM, &mapping),
             SOTTO_NEGOTIATION_OK);
    sotto_negotiation_make_consumable(router, kind, &producer, &mapping, "a-cname", consumable);
}

// VP8 on mediasoup's router, as Chromium produces it and Chromium can receive it.
struct trial {
    struct sotto_rtp_parameters consumable;
    struct sotto_rtp_capabilities device;
    struct sotto_consumer_setup setup;
    struct sotto_rtp_parameters consumer;
};

static void begin_trial(struct trial *trial) {
    struct sotto_router_capabilities router;
    examples_load_router(&router);
    make_consumable(&router, SOTTO_MEDIA_VIDEO, "video-vp8-single-noencodings.chromium156",
                    &trial->consumable);
    examples_load_device("chromium156", &trial->device);
    trial->setup = (struct sotto_consumer_setup){
        .device = &trial->device, .mid_number = 0, .random = RANDOM};
}

static enum sotto_negotiation consume(struct trial *trial) {
    memset(&trial->consumer, 0xEE, sizeof trial->consumer);
    return sotto_negotiation_make_consumer(&trial->consumable, &trial->setup, &trial->consumer);
}

static void check_refused(struct trial *trial, enum sotto_negotiation expected) {
    static const struct sotto_rtp_parameters nothing;
    enum sotto_negotiation result = consume(trial);
    CHECK_TEXT(sotto_negotiation_text(result), sotto_negotiation_text(expected));
    CHECK_BYTES(&trial->consumer, &nothing, sizeof nothing);
}

static bool feedback_is(const struct sotto_rtp_codec *codec, unsigned expected) {
    unsigned actual = 0;
    for (size_t i = 0; i < codec->feedback_count; i++)
        actual |= 1u << codec->feedback[i];
    return actual == expected;
}

static void remove_mime_type(struct sotto_rtp_capabilities *device, enum sotto_mime_type type) {
    for (size_t i = 0; i < device->codec_count; i++)
        if (device->codecs[i].mime_type == type)
            device->codecs[i].mime_type = SOTTO_MIME_OTHER;
}

static void remove_extension(struct sotto_rtp_capabilities *device,
                             enum sotto_extension extension) {
    for (size_t i = 0; i < device->extension_count; i++)
        if (device->extensions[i].extension == extension)
            device->extensions[i].id = 200;
}

static void consume_here(enum sotto_media_kind kind, const char *event, const char *browser,
                         struct sotto_rtp_parameters *consumer) {
    struct sotto_router_capabilities router;
    struct sotto_rtp_parameters consumable;
    struct sotto_rtp_capabilities device;
    sotto_capabilities_init(&router);
    make_consumable(&router, kind, event, &consumable);
    examples_load_device(browser, &device);
    struct sotto_consumer_setup setup = {.device = &device, .mid_number = 0, .random = RANDOM};
    CHECK_EQ(sotto_negotiation_make_consumer(&consumable, &setup, consumer), SOTTO_NEGOTIATION_OK);
}

TEST(consumers_of_this_server_hear_of_nothing_that_it_does_not_do) {
    struct sotto_rtp_parameters consumer;
    for (size_t i = 0; i < 2; i++) {
        consume_here(SOTTO_MEDIA_VIDEO, "video-vp8-single-noencodings.firefox153", browsers[i],
                     &consumer);
        CHECK(feedback_is(&consumer.codecs[0],
                          1u << SOTTO_FEEDBACK_NACK | 1u << SOTTO_FEEDBACK_NACK_PLI));
        CHECK_EQ(consumer.codec_count, 2);
        CHECK_EQ(sotto_rtp_parameters_extension_id(&consumer, SOTTO_EXTENSION_ABS_SEND_TIME), 0);
        CHECK_EQ(sotto_rtp_parameters_extension_id(&consumer, SOTTO_EXTENSION_MID), 1);
    }
}

TEST(audio_keeps_the_extensions_that_browsers_list_for_video_alone) {
    struct sotto_rtp_parameters consumer;
    for (size_t i = 0; i < 2; i++) {
        consume_here(SOTTO_MEDIA_AUDIO, "audio-opus.chromium156", browsers[i], &consumer);
        CHECK(feedback_is(&consumer.codecs[0], 0));
        CHECK_EQ(consumer.codec_count, 1);
        CHECK_EQ(consumer.extension_count, 2);
        CHECK_EQ(sotto_rtp_parameters_extension_id(&consumer, SOTTO_EXTENSION_MID), 1);
        CHECK_EQ(sotto_rtp_parameters_extension_id(&consumer, SOTTO_EXTENSION_AUDIO_LEVEL), 6);
    }
}

TEST(stereo_reaches_the_consumer) {
    struct sotto_rtp_parameters consumer;
    int64_t stereo;
    consume_here(SOTTO_MEDIA_AUDIO, "audio-opus.firefox153", "chromium156", &consumer);
    CHECK(sotto_rtp_parameters_get_number(&consumer.codecs[0], "sprop-stereo", 0, &stereo));
    CHECK_EQ(stereo, 1);
    CHECK_EQ(consumer.codecs[0].channels, 2);
}

TEST(ssrcs_are_never_0_or_the_probators_and_rtx_has_the_next) {
    static const uint32_t draws[] = {0, 1, 1232, 1233, 1234, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE,
                                     0xFFFFFFFF, 0x9ABCDEF1};
    struct trial trial;
    begin_trial(&trial);
    for (size_t i = 0; i < sizeof draws / sizeof draws[0]; i++) {
        trial.setup.random = draws[i];
        CHECK_EQ(consume(&trial), SOTTO_NEGOTIATION_OK);
        uint32_t ssrc = trial.consumer.encodings[0].ssrc;
        uint32_t rtx_ssrc = trial.consumer.encodings[0].rtx_ssrc;
        CHECK_EQ(rtx_ssrc, (uint64_t)ssrc + 1);
        CHECK(ssrc > SOTTO_PROBATOR_SSRC);
    }
    // The draw decides: other bits, another SSRC.
    trial.setup.random = 0x00001000;
    CHECK_EQ(consume(&trial), SOTTO_NEGOTIATION_OK);
    uint32_t first = trial.consumer.encodings[0].ssrc;
    trial.setup.random = 0x00002000;
    CHECK_EQ(consume(&trial), SOTTO_NEGOTIATION_OK);
    CHECK(trial.consumer.encodings[0].ssrc != first);
}

TEST(mids_count_up_to_eight_digits_and_then_end) {
    struct trial trial;
    begin_trial(&trial);
    trial.setup.mid_number = 41;
    CHECK_EQ(consume(&trial), SOTTO_NEGOTIATION_OK);
    CHECK_TEXT(trial.consumer.mid, "41");
    trial.setup.mid_number = SOTTO_CONSUMER_MIDS_MAX - 1;
    CHECK_EQ(consume(&trial), SOTTO_NEGOTIATION_OK);
    CHECK_TEXT(trial.consumer.mid, "99999999");
    trial.setup.mid_number = SOTTO_CONSUMER_MIDS_MAX;
    check_refused(&trial, SOTTO_NEGOTIATION_MIDS_USED_UP);
}

TEST(a_device_without_the_codec_cannot_consume) {
    struct trial trial;
    begin_trial(&trial);
    CHECK(sotto_negotiation_can_consume(&trial.consumable, &trial.device));
    remove_mime_type(&trial.device, SOTTO_MIME_VP8);
    CHECK(!sotto_negotiation_can_consume(&trial.consumable, &trial.device));
    check_refused(&trial, SOTTO_NEGOTIATION_CANNOT_CONSUME);

    trial.device.codec_count = 0;
    CHECK(!sotto_negotiation_can_consume(&trial.consumable, &trial.device));
    check_refused(&trial, SOTTO_NEGOTIATION_CANNOT_CONSUME);
}

TEST(a_device_takes_the_second_codec_if_it_lacks_the_first) {
    struct trial trial;
    struct sotto_rtp_parameters vp9;
    struct sotto_router_capabilities router;
    begin_trial(&trial);
    examples_load_router(&router);
    make_consumable(&router, SOTTO_MEDIA_VIDEO, "screen-vp9-L1T3.chromium156", &vp9);
    trial.consumable.codecs[2] = vp9.codecs[0];
    trial.consumable.codecs[3] = vp9.codecs[1];
    trial.consumable.codec_count = 4;
    CHECK_EQ(consume(&trial), SOTTO_NEGOTIATION_OK);
    CHECK_EQ(trial.consumer.codec_count, 4);

    remove_mime_type(&trial.device, SOTTO_MIME_VP8);
    CHECK(sotto_negotiation_can_consume(&trial.consumable, &trial.device));
    CHECK_EQ(consume(&trial), SOTTO_NEGOTIATION_OK);
    CHECK_EQ(trial.consumer.codec_count, 2);
    CHECK_EQ(trial.consumer.codecs[0].mime_type, SOTTO_MIME_VP9);
    CHECK_EQ(trial.consumer.codecs[1].mime_type, SOTTO_MIME_RTX);
}

TEST(a_device_without_rtx_for_the_codec_gets_none) {
    struct trial trial;
    begin_trial(&trial);
    for (size_t i = 0; i < trial.device.codec_count; i++) {
        int64_t apt;
        struct sotto_rtp_codec *codec = &trial.device.codecs[i];
        CHECK(sotto_rtp_parameters_get_number(codec, "apt", 0, &apt));
        if (codec->mime_type == SOTTO_MIME_RTX && apt == 101) // the RTX of other codecs stays
            codec->mime_type = SOTTO_MIME_OTHER;
    }
    CHECK_EQ(consume(&trial), SOTTO_NEGOTIATION_OK);
    CHECK_EQ(trial.consumer.codec_count, 1);
    CHECK_EQ(trial.consumer.encodings[0].rtx_ssrc, 0);
    CHECK(sotto_rtp_parameters_has_feedback(&trial.consumer.codecs[0], SOTTO_FEEDBACK_NACK));
}

TEST(one_way_of_congestion_control_is_left) {
    struct trial trial;
    begin_trial(&trial);
    unsigned basic = 1u << SOTTO_FEEDBACK_NACK | 1u << SOTTO_FEEDBACK_NACK_PLI |
                     1u << SOTTO_FEEDBACK_CCM_FIR;
    CHECK_EQ(consume(&trial), SOTTO_NEGOTIATION_OK);
    CHECK(feedback_is(&trial.consumer.codecs[0], basic | 1u << SOTTO_FEEDBACK_TRANSPORT_CC));

    remove_extension(&trial.device, SOTTO_EXTENSION_TRANSPORT_CC);
    CHECK_EQ(consume(&trial), SOTTO_NEGOTIATION_OK);
    CHECK(feedback_is(&trial.consumer.codecs[0], basic | 1u << SOTTO_FEEDBACK_GOOG_REMB));

    remove_extension(&trial.device, SOTTO_EXTENSION_ABS_SEND_TIME);
    CHECK_EQ(consume(&trial), SOTTO_NEGOTIATION_OK);
    CHECK(feedback_is(&trial.consumer.codecs[0], basic));
}

TEST(a_device_cannot_have_feedback_that_the_router_lacks) {
    struct trial trial;
    begin_trial(&trial);
    sotto_rtp_parameters_remove_feedback(&trial.consumable.codecs[0], SOTTO_FEEDBACK_TRANSPORT_CC);
    sotto_rtp_parameters_remove_feedback(&trial.consumable.codecs[0], SOTTO_FEEDBACK_CCM_FIR);
    CHECK_EQ(consume(&trial), SOTTO_NEGOTIATION_OK);
    CHECK(feedback_is(&trial.consumer.codecs[0],
                      1u << SOTTO_FEEDBACK_NACK | 1u << SOTTO_FEEDBACK_NACK_PLI));
}

TEST(an_extension_under_another_id_is_not_the_same) {
    struct trial trial;
    begin_trial(&trial);
    remove_extension(&trial.device, SOTTO_EXTENSION_VIDEO_ORIENTATION);
    CHECK_EQ(consume(&trial), SOTTO_NEGOTIATION_OK);
    CHECK_EQ(
        sotto_rtp_parameters_extension_id(&trial.consumer, SOTTO_EXTENSION_VIDEO_ORIENTATION), 0);
    CHECK_EQ(sotto_rtp_parameters_extension_id(&trial.consumer, SOTTO_EXTENSION_PLAYOUT_DELAY), 11);
}

TEST(layers_of_simulcast_become_one_mode) {
    static const char *const modes[][2] = {
        {"L1T3", "L3T3"}, {"L1T1", "L3T1"},     {"", "L3T1"},     {"S1T12", "L3T12"},
        {"L0T3", "L3T1"}, {"L1T2_KEY", "L3T2"}, {"T3", "L3T1"},   {"L123T3", "L3T1"},
        {"L1", "L3T1"},   {"L1T", "L3T1"},      {"L1T0", "L3T1"}, {"L", "L3T1"},
    };
    struct trial trial;
    begin_trial(&trial);
    struct sotto_router_capabilities router;
    examples_load_router(&router);
    make_consumable(&router, SOTTO_MEDIA_VIDEO, "video-vp8-simulcast3.chromium156",
                    &trial.consumable);
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        for (size_t layer = 0; layer < 3; layer++)
            snprintf(trial.consumable.encodings[layer].scalability_mode,
                     sizeof trial.consumable.encodings[layer].scalability_mode, "%s", modes[i][0]);
        CHECK_EQ(consume(&trial), SOTTO_NEGOTIATION_OK);
        CHECK_TEXT(trial.consumer.encodings[0].scalability_mode, modes[i][1]);
        CHECK_EQ(trial.consumer.encoding_count, 1);
        CHECK_EQ(trial.consumer.encodings[0].max_bitrate_bps, 1500000);
    }
}

int main(void) {
    RUN(consumers_of_this_server_hear_of_nothing_that_it_does_not_do);
    RUN(audio_keeps_the_extensions_that_browsers_list_for_video_alone);
    RUN(stereo_reaches_the_consumer);
    RUN(ssrcs_are_never_0_or_the_probators_and_rtx_has_the_next);
    RUN(mids_count_up_to_eight_digits_and_then_end);
    RUN(a_device_without_the_codec_cannot_consume);
    RUN(a_device_takes_the_second_codec_if_it_lacks_the_first);
    RUN(a_device_without_rtx_for_the_codec_gets_none);
    RUN(one_way_of_congestion_control_is_left);
    RUN(a_device_cannot_have_feedback_that_the_router_lacks);
    RUN(an_extension_under_another_id_is_not_the_same);
    RUN(layers_of_simulcast_become_one_mode);
    return 0;
}
