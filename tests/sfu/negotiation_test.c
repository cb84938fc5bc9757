#include "sfu/negotiation.h"

#include "tests/mediasoup_examples.h"
#include "tests/sfu/negotiation_expected.h"

#define CNAME "cname-of-transport"

// Every produce event that was measured, and for six of them what mediasoup makes of it.
struct example {
    const char *event;
    const char *result; // of server.* and consume-options.*, NULL if mediasoup was not asked
    bool is_here;       // this server takes as many encodings
};

static const struct example examples[] = {
    {"audio-opus-default.chromium156", NULL, true},
    {"audio-opus-nack.chromium156", NULL, true},
    {"audio-opus.chromium156", "audio-opus", true},
    {"audio-opus.firefox153", NULL, true},
    {"screen-vp8-simulcast2.chromium156", NULL, false},
    {"screen-vp9-L1T3.chromium156", "screen-vp9-L1T3", true},
    {"screen-vp9-L1T3.firefox153", NULL, true},
    {"video-av1-svc.chromium156", NULL, true},
    {"video-av1.chromium156", "video-av1", true},
    {"video-av1.firefox153", NULL, true},
    {"video-h264-simulcast2.chromium156", NULL, false},
    {"video-h264.chromium156", "video-h264", true},
    {"video-vp8-simulcast3-nomode.chromium156", NULL, false},
    {"video-vp8-simulcast3.chromium156", "video-vp8-simulcast3", false},
    {"video-vp8-simulcast3.firefox153", NULL, false},
    {"video-vp8-single-noencodings.chromium156", NULL, true},
    {"video-vp8-single-noencodings.firefox153", NULL, true},
    {"video-vp9-simulcast3.chromium156", NULL, false},
    {"video-vp9-svc-L3T3_KEY.chromium156", "video-vp9-svc-L3T3_KEY", true},
    {"video-vp9-svc-L3T3_KEY.firefox153", NULL, true},
};

enum { EXAMPLE_COUNT = sizeof examples / sizeof examples[0], RANDOM = 0x12345678 };

static const char *const browsers[] = {"chromium156", "firefox153"};

static void check_same(const char *what, const json_t *actual, const json_t *expected) {
    if (json_equal(actual, expected))
        return;
    fprintf(stderr, "%s differs\nactual:\n", what);
    json_dumpf(actual, stderr, JSON_INDENT(1) | JSON_SORT_KEYS);
    fprintf(stderr, "\nexpected:\n");
    json_dumpf(expected, stderr, JSON_INDENT(1) | JSON_SORT_KEYS);
    CHECK(false);
}

// What mediasoup's results have and this server has not.
static void strip_mediasoup(json_t *parameters) {
    json_t *extensions = json_object_get(parameters, "headerExtensions");
    for (size_t i = json_array_size(extensions); i-- > 0;)
        if (strcmp(expected_text(json_array_get(extensions, i), "uri"), EXPECTED_PACKET_ID) == 0)
            json_array_remove(extensions, i);
    size_t i;
    json_t *encoding;
    json_array_foreach(json_object_get(parameters, "encodings"), i, encoding)
        json_object_del(encoding, "scaleResolutionDownBy");
}

static enum sotto_media_kind kind_of(const char *event) {
    return strncmp(event, "audio-", 6) == 0 ? SOTTO_MEDIA_AUDIO : SOTTO_MEDIA_VIDEO;
}

// A producer that has gone through the first two rules.
struct negotiated {
    struct sotto_rtp_parameters producer;
    struct sotto_producer_mapping mapping;
    struct sotto_rtp_parameters consumable;
};

static void negotiate(const struct sotto_router_capabilities *router, const char *event,
                      struct negotiated *negotiated) {
    enum sotto_media_kind kind = kind_of(event);
    examples_load_producer(event, &negotiated->producer);
    enum sotto_negotiation result = sotto_negotiation_map_producer(
        router, kind, &negotiated->producer, RANDOM, &negotiated->mapping);
    CHECK_TEXT(sotto_negotiation_text(result), "it worked");
    sotto_negotiation_make_consumable(router, kind, &negotiated->producer, &negotiated->mapping,
                                      CNAME, &negotiated->consumable);
}

static json_t *write_mapping(const struct sotto_producer_mapping *mapping) {
    json_t *codecs = json_array();
    for (size_t i = 0; i < mapping->codec_count; i++) {
        const struct sotto_mapped_codec *codec = &mapping->codecs[i];
        json_array_append_new(codecs, json_pack("{s:i,s:i}", "payloadType", codec->payload_type,
                                                "mappedPayloadType", codec->mapped_payload_type));
        if (codec->rtx_payload_type)
            json_array_append_new(codecs,
                                  json_pack("{s:i,s:i}", "payloadType", codec->rtx_payload_type,
                                            "mappedPayloadType", codec->mapped_rtx_payload_type));
    }
    json_t *encodings = json_array();
    for (size_t i = 0; i < mapping->encoding_count; i++) {
        const struct sotto_mapped_encoding *encoding = &mapping->encodings[i];
        json_t *entry = json_pack("{s:I}", "mappedSsrc", (json_int_t)encoding->mapped_ssrc);
        if (encoding->ssrc)
            json_object_set_new(entry, "ssrc", json_integer(encoding->ssrc));
        if (encoding->rid[0])
            json_object_set_new(entry, "rid", json_string(encoding->rid));
        json_array_append_new(encodings, entry);
    }
    return json_pack("{s:o,s:o}", "codecs", codecs, "encodings", encodings);
}

// mediasoup's result of that name, with the SSRCs that this run drew.
static json_t *load_server_result(const char *name, const struct sotto_producer_mapping *mapping) {
    json_t *server = examples_load("server.", name);
    json_t *consumable = json_object_get(server, "consumableRtpParameters");
    json_t *mapped = json_object_get(json_object_get(server, "rtpMapping"), "encodings");
    for (size_t i = 0; i < json_array_size(mapped); i++) {
        json_int_t ssrc = mapping->encodings[i].mapped_ssrc;
        json_object_set_new(json_array_get(mapped, i), "mappedSsrc", json_integer(ssrc));
        json_object_set_new(json_array_get(json_object_get(consumable, "encodings"), i), "ssrc",
                            json_integer(ssrc));
    }
    strip_mediasoup(consumable);
    return server;
}

TEST(the_expected_results_are_those_of_mediasoup) {
    json_t *router = examples_load("", "router-rtp-capabilities");
    json_t *device = examples_load("device-recv-rtp-capabilities.", "chromium156");
    for (size_t i = 0; i < EXAMPLE_COUNT; i++) {
        if (!examples[i].result)
            continue;
        json_t *server = examples_load("server.", examples[i].result);
        json_t *consumable = json_object_get(server, "consumableRtpParameters");
        json_int_t mapped_ssrc = json_integer_value(json_object_get(
            json_array_get(json_object_get(consumable, "encodings"), 0), "ssrc"));
        strip_mediasoup(consumable);
        json_t *event = examples_load("produce-event.", examples[i].event);
        json_t *expected = expected_consumable(router, event, mapped_ssrc, CNAME);
        check_same(examples[i].event, expected, consumable);

        json_t *options = examples_load("consume-options.", examples[i].result);
        const json_t *parameters = json_object_get(options, "rtpParameters");
        json_int_t ssrc = json_integer_value(json_object_get(
            json_array_get(json_object_get(parameters, "encodings"), 0), "ssrc"));
        json_t *consumer = expected_consumer(expected, device, ssrc, "0");
        check_same(examples[i].event, consumer, parameters);
        json_decref(consumer);
        json_decref(options);
        json_decref(expected);
        json_decref(event);
        json_decref(server);
    }
    json_decref(device);
    json_decref(router);
}

TEST(mappings_and_consumable_parameters_are_those_of_mediasoup) {
    struct sotto_router_capabilities router;
    examples_load_router(&router);
    for (size_t i = 0; i < EXAMPLE_COUNT; i++) {
        if (!examples[i].result)
            continue;
        struct negotiated negotiated;
        negotiate(&router, examples[i].event, &negotiated);
        json_t *server = load_server_result(examples[i].result, &negotiated.mapping);
        json_t *mapping = write_mapping(&negotiated.mapping);
        check_same(examples[i].event, mapping, json_object_get(server, "rtpMapping"));
        json_t *consumable = sotto_rtp_json_write_parameters(&negotiated.consumable);
        check_same(examples[i].event, consumable,
                   json_object_get(server, "consumableRtpParameters"));
        json_decref(consumable);
        json_decref(mapping);
        json_decref(server);
    }
}

// Holds one event on one router against the rules, for consumers on both browsers.
static void check_by_rule(const struct sotto_router_capabilities *router, const json_t *router_json,
                          const char *event_name) {
    struct negotiated negotiated;
    negotiate(router, event_name, &negotiated);
    json_t *event = examples_load("produce-event.", event_name);
    json_t *expected = expected_consumable(
        router_json, event, negotiated.mapping.encodings[0].mapped_ssrc, CNAME);
    json_t *consumable = sotto_rtp_json_write_parameters(&negotiated.consumable);
    check_same(event_name, consumable, expected);
    for (size_t i = 0; i < 2; i++) {
        struct sotto_rtp_capabilities device;
        struct sotto_rtp_parameters consumer;
        examples_load_device(browsers[i], &device);
        struct sotto_consumer_setup setup = {.device = &device, .mid_number = 7, .random = RANDOM};
        bool can = sotto_negotiation_can_consume(&negotiated.consumable, &device);
        enum sotto_negotiation result =
            sotto_negotiation_make_consumer(&negotiated.consumable, &setup, &consumer);
        CHECK_EQ(can, result == SOTTO_NEGOTIATION_OK);
        if (!can) { // Firefox was measured without its H.264 plugin
            CHECK(strstr(event_name, "h264") && strcmp(browsers[i], "firefox153") == 0);
            continue;
        }
        json_t *device_json = examples_load("device-recv-rtp-capabilities.", browsers[i]);
        json_t *expected_here =
            expected_consumer(expected, device_json, consumer.encodings[0].ssrc, "7");
        json_t *actual = sotto_rtp_json_write_parameters(&consumer);
        check_same(event_name, actual, expected_here);
        json_decref(actual);
        json_decref(expected_here);
        json_decref(device_json);
    }
    json_decref(consumable);
    json_decref(expected);
    json_decref(event);
}

TEST(every_event_reaches_both_browsers_as_the_rules_say) {
    struct sotto_router_capabilities router;
    examples_load_router(&router);
    json_t *router_json = examples_load("", "router-rtp-capabilities");
    for (size_t i = 0; i < EXAMPLE_COUNT; i++)
        check_by_rule(&router, router_json, examples[i].event);
    json_decref(router_json);
}

// The browsers were measured with mediasoup's router; what they say to this one has fewer feedback
// types and extensions, which the rules take away on the server's side as well.
TEST(this_server_takes_every_event_whose_codec_it_has) {
    struct sotto_router_capabilities router;
    sotto_capabilities_init(&router);
    for (size_t i = 0; i < EXAMPLE_COUNT; i++) {
        struct sotto_rtp_parameters producer;
        struct sotto_producer_mapping mapping;
        examples_load_producer(examples[i].event, &producer);
        enum sotto_negotiation result = sotto_negotiation_map_producer(
            &router, kind_of(examples[i].event), &producer, RANDOM, &mapping);
        CHECK_EQ(result, examples[i].is_here ? SOTTO_NEGOTIATION_OK
                                             : SOTTO_NEGOTIATION_TOO_MANY_ENCODINGS);
    }
}

TEST(extensions_of_a_producer_are_mapped_to_the_routers_ids) {
    struct sotto_router_capabilities router;
    struct negotiated negotiated;
    sotto_capabilities_init(&router);
    negotiate(&router, "video-vp8-single-noencodings.chromium156", &negotiated);
    static const struct sotto_mapped_extension expected[] = {
        {SOTTO_EXTENSION_MID, 9, 1},
        {SOTTO_EXTENSION_RTP_STREAM_ID, 10, 2},
        {SOTTO_EXTENSION_REPAIRED_RTP_STREAM_ID, 11, 3},
        {SOTTO_EXTENSION_ABS_SEND_TIME, 2, 4},
        {SOTTO_EXTENSION_VIDEO_ORIENTATION, 3, 8},
        {SOTTO_EXTENSION_PLAYOUT_DELAY, 5, 11},
    };
    CHECK_EQ(negotiated.mapping.extension_count, sizeof expected / sizeof expected[0]);
    for (size_t i = 0; i < negotiated.mapping.extension_count; i++) {
        CHECK_EQ(negotiated.mapping.extensions[i].extension, expected[i].extension);
        CHECK_EQ(negotiated.mapping.extensions[i].id, expected[i].id);
        CHECK_EQ(negotiated.mapping.extensions[i].mapped_id, expected[i].mapped_id);
    }
    CHECK_EQ(negotiated.mapping.codecs[0].mime_type, SOTTO_MIME_VP8);
    CHECK_EQ(negotiated.mapping.encodings[0].ssrc, 2817063705);
    CHECK_EQ(negotiated.mapping.encodings[0].rtx_ssrc, 407008894);
}

TEST(a_producer_without_encodings_has_one) {
    struct sotto_router_capabilities router;
    struct sotto_rtp_parameters producer;
    struct sotto_rtp_parameters consumable;
    struct sotto_producer_mapping mapping;
    sotto_capabilities_init(&router);
    examples_load_producer("audio-opus.chromium156", &producer);
    producer.encoding_count = 0;
    CHECK_EQ(sotto_negotiation_map_producer(&router, SOTTO_MEDIA_AUDIO, &producer, RANDOM,
                                            &mapping),
             SOTTO_NEGOTIATION_OK);
    CHECK_EQ(mapping.encoding_count, 1);
    CHECK_EQ(mapping.encodings[0].ssrc, 0);
    sotto_negotiation_make_consumable(&router, SOTTO_MEDIA_AUDIO, &producer, &mapping, CNAME,
                                      &consumable);
    CHECK_EQ(consumable.encoding_count, 1);
    CHECK_EQ(consumable.encodings[0].ssrc, mapping.encodings[0].mapped_ssrc);
    CHECK(!consumable.encodings[0].has_dtx);
}

TEST(capture_times_are_promised_only_if_the_producer_sends_them) {
    struct sotto_router_capabilities router;
    struct sotto_rtp_parameters producer;
    struct sotto_rtp_parameters consumable;
    struct sotto_producer_mapping mapping;
    examples_load_router(&router);
    examples_load_producer("audio-opus.chromium156", &producer);
    for (uint8_t id = 0; id <= 13; id = (uint8_t)(id + 13)) {
        if (id > 0)
            producer.extensions[producer.extension_count++] = (struct sotto_extension_parameter){
                .extension = SOTTO_EXTENSION_ABS_CAPTURE_TIME, .id = id};
        CHECK_EQ(sotto_negotiation_map_producer(&router, SOTTO_MEDIA_AUDIO, &producer, RANDOM,
                                                &mapping),
                 SOTTO_NEGOTIATION_OK);
        sotto_negotiation_make_consumable(&router, SOTTO_MEDIA_AUDIO, &producer, &mapping, CNAME,
                                          &consumable);
        CHECK_EQ(sotto_rtp_parameters_extension_id(&consumable, SOTTO_EXTENSION_ABS_CAPTURE_TIME),
                 id > 0 ? 10 : 0);
    }
}

TEST(a_cname_is_that_of_the_first_producer_and_never_empty) {
    static const uint8_t random[SOTTO_CNAME_RANDOM_SIZE] = {0xAB, 0x01, 0x2C};
    struct sotto_rtp_parameters simulcast;
    struct sotto_rtp_parameters firefox;
    char cname[SOTTO_CNAME_SIZE_MAX + 1] = "";
    examples_load_producer("video-vp8-simulcast3.chromium156", &simulcast);
    examples_load_producer("audio-opus.firefox153", &firefox);
    CHECK_TEXT(simulcast.cname, "");

    sotto_negotiation_choose_cname(&simulcast, random, cname);
    CHECK_TEXT(cname, "ab012c00000000000000000000000000");
    sotto_negotiation_choose_cname(&firefox, random, cname);
    CHECK_TEXT(cname, "ab012c00000000000000000000000000");

    cname[0] = '\0';
    sotto_negotiation_choose_cname(&firefox, random, cname);
    CHECK_TEXT(cname, "{7383c63e-abc4-49e9-ba20-ff6baf78e8bf}");
}

int main(void) {
    RUN(the_expected_results_are_those_of_mediasoup);
    RUN(mappings_and_consumable_parameters_are_those_of_mediasoup);
    RUN(every_event_reaches_both_browsers_as_the_rules_say);
    RUN(this_server_takes_every_event_whose_codec_it_has);
    RUN(extensions_of_a_producer_are_mapped_to_the_routers_ids);
    RUN(a_producer_without_encodings_has_one);
    RUN(capture_times_are_promised_only_if_the_producer_sends_them);
    RUN(a_cname_is_that_of_the_first_producer_and_never_empty);
    return 0;
}
