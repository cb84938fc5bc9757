#include "server/rtp_json.h"

#include "tests/mediasoup_examples.h"

static const char *const events[] = {
    "audio-opus-default.chromium156",
    "audio-opus-nack.chromium156",
    "audio-opus.chromium156",
    "audio-opus.firefox153",
    "screen-vp8-simulcast2.chromium156",
    "screen-vp9-L1T3.chromium156",
    "screen-vp9-L1T3.firefox153",
    "video-av1-svc.chromium156",
    "video-av1.chromium156",
    "video-av1.firefox153",
    "video-h264-simulcast2.chromium156",
    "video-h264.chromium156",
    "video-vp8-simulcast3-nomode.chromium156",
    "video-vp8-simulcast3.chromium156",
    "video-vp8-simulcast3.firefox153",
    "video-vp8-single-noencodings.chromium156",
    "video-vp8-single-noencodings.firefox153",
    "video-vp9-simulcast3.chromium156",
    "video-vp9-svc-L3T3_KEY.chromium156",
    "video-vp9-svc-L3T3_KEY.firefox153",
};

enum { EVENT_COUNT = sizeof events / sizeof events[0] };

static json_t *load_parameters(const char *event) {
    json_t *json = examples_load("produce-event.", event);
    json_t *parameters = json_incref(json_object_get(json, "rtpParameters"));
    json_decref(json);
    return parameters;
}

static void check_same(const char *what, const json_t *actual, const json_t *expected) {
    if (json_equal(actual, expected))
        return;
    fprintf(stderr, "%s differs:\n", what);
    json_dumpf(actual, stderr, JSON_INDENT(1) | JSON_SORT_KEYS);
    CHECK(false);
}

TEST(every_event_comes_back_as_it_was) {
    for (size_t i = 0; i < EVENT_COUNT; i++) {
        json_t *json = load_parameters(events[i]);
        struct sotto_rtp_parameters parameters;
        struct sotto_rtp_parameters again;
        examples_parse_parameters(json, &parameters);
        json_t *written = sotto_rtp_json_write_parameters(&parameters);
        examples_parse_parameters(written, &again);
        CHECK_BYTES(&again, &parameters, sizeof parameters);

        size_t k;
        json_t *encoding; // what is unknown here is lost, and an empty cname is none
        json_array_foreach(json_object_get(json, "encodings"), k, encoding)
            json_object_del(encoding, "scaleResolutionDownBy");
        json_t *rtcp = json_object_get(json, "rtcp");
        if (json_string_length(json_object_get(rtcp, "cname")) == 0)
            json_object_del(rtcp, "cname");
        check_same(events[i], written, json);
        json_decref(written);
        json_decref(json);
    }
}

TEST(capabilities_of_devices_come_back_as_they_were) {
    static const char *const browsers[] = {"chromium156", "firefox153"};
    for (size_t i = 0; i < 2; i++) {
        json_t *json = examples_load("device-recv-rtp-capabilities.", browsers[i]);
        struct sotto_rtp_capabilities capabilities;
        examples_parse_capabilities(json, &capabilities);
        json_t *written = sotto_rtp_json_write_capabilities(&capabilities);
        check_same(browsers[i], written, json);
        json_decref(written);
        json_decref(json);
    }
}

TEST(capabilities_of_a_router_come_back_without_what_is_unknown_here) {
    json_t *json = examples_load("", "router-rtp-capabilities");
    struct sotto_rtp_capabilities capabilities;
    examples_parse_capabilities(json, &capabilities);
    json_t *written = sotto_rtp_json_write_capabilities(&capabilities);
    json_t *extensions = json_object_get(json, "headerExtensions");
    size_t before = json_array_size(extensions);
    for (size_t i = before; i-- > 0;)
        if (strstr(json_string_value(json_object_get(json_array_get(extensions, i), "uri")),
                   "packet-id"))
            json_array_remove(extensions, i);
    CHECK_EQ(json_array_size(extensions), before - 2);
    check_same("router", written, json);
    json_decref(written);
    json_decref(json);
}

TEST(capabilities_that_nobody_selected_among_lose_what_is_unknown_here) {
    json_t *json = examples_load("native-capabilities.", "firefox153");
    struct sotto_rtp_capabilities capabilities;
    examples_parse_capabilities(json_object_get(json, "recvonly"), &capabilities);
    CHECK_EQ(json_array_size(json_object_get(json_object_get(json, "recvonly"), "codecs")), 14);
    CHECK_EQ(capabilities.codec_count, 8); // three video codecs with RTX, RTX for red, and Opus
    json_decref(json);

    json = examples_load("native-capabilities.", "chromium156");
    struct sotto_json_fault fault;
    CHECK(!sotto_rtp_json_parse_capabilities(json_object_get(json, "recvonly"), &capabilities,
                                             &fault));
    CHECK_TEXT(fault.text, "rtpCapabilities.codecs[23]: is one codec too many");
    json_decref(json);
}

TEST(absent_values_have_the_defaults_of_mediasoup) {
    struct sotto_rtp_parameters parameters;
    json_t *json = json_loads("{\"codecs\": [{\"mimeType\": \"audio/opus\", \"payloadType\": 1, "
                              "\"clockRate\": 48000}]}",
                              0, NULL);
    examples_parse_parameters(json, &parameters);
    CHECK_EQ(parameters.codecs[0].channels, 1);
    CHECK_EQ(parameters.codecs[0].format_count, 0);
    CHECK(parameters.reduced_size);
    CHECK_EQ(parameters.encoding_count, 0);
    CHECK_TEXT(parameters.mid, "");
    CHECK_TEXT(parameters.cname, "");
    json_decref(json);

    json = json_loads("{}", 0, NULL);
    struct sotto_rtp_capabilities capabilities;
    examples_parse_capabilities(json, &capabilities);
    CHECK_EQ(capabilities.codec_count, 0);
    json_decref(json);
}

TEST(what_is_no_object_is_refused_as_a_whole) {
    static const char *const values[] = {"null", "[]", "5", "\"x\"", "true"};
    for (size_t i = 0; i < 5; i++) {
        json_t *json = json_loads(values[i], JSON_DECODE_ANY, NULL);
        struct sotto_json_fault fault;
        struct sotto_rtp_parameters parameters;
        struct sotto_rtp_capabilities capabilities;
        CHECK(!sotto_rtp_json_parse_parameters(json, &parameters, &fault));
        CHECK_TEXT(fault.text, "rtpParameters: must be an object");
        CHECK(!sotto_rtp_json_parse_capabilities(json, &capabilities, &fault));
        CHECK_TEXT(fault.text, "rtpCapabilities: must be an object");
        json_decref(json);
    }
}

TEST(kinds_are_audio_and_video) {
    struct sotto_json_fault fault;
    enum sotto_media_kind kind;
    json_t *audio = json_string("audio");
    json_t *video = json_string("video");
    json_t *other = json_string("Audio");
    CHECK(sotto_rtp_json_parse_kind(audio, &kind, &fault) && kind == SOTTO_MEDIA_AUDIO);
    CHECK(sotto_rtp_json_parse_kind(video, &kind, &fault) && kind == SOTTO_MEDIA_VIDEO);
    CHECK_TEXT(fault.text, "");
    CHECK(!sotto_rtp_json_parse_kind(other, &kind, &fault));
    CHECK_TEXT(fault.text, "kind: must be audio or video");
    CHECK(!sotto_rtp_json_parse_kind(NULL, &kind, &fault));
    CHECK_TEXT(sotto_rtp_json_kind_text(SOTTO_MEDIA_VIDEO), "video");
    json_decref(audio);
    json_decref(video);
    json_decref(other);
}

// Parses a copy in which one value was replaced, and expects a fault that names a place, or a value
// that comes back the same when it is written and parsed again.
static void check_holds(const json_t *json) {
    struct sotto_json_fault fault;
    struct sotto_rtp_parameters parameters;
    struct sotto_rtp_parameters again;
    if (!sotto_rtp_json_parse_parameters(json, &parameters, &fault)) {
        CHECK(strncmp(fault.text, "rtpParameters", 13) == 0 && strstr(fault.text, ": "));
        return;
    }
    json_t *written = sotto_rtp_json_write_parameters(&parameters);
    examples_parse_parameters(written, &again);
    CHECK_BYTES(&again, &parameters, sizeof parameters);
    json_decref(written);
}

static void replace_each(const json_t *root, json_t *value, const json_t *replacement,
                         size_t *count) {
    size_t i;
    const char *name;
    json_t *child;
    void *next;
    json_object_foreach_safe(value, next, name, child) {
        json_incref(child);
        replace_each(root, child, replacement, count);
        json_object_set(value, name, (json_t *)replacement);
        check_holds(root);
        json_object_set_new(value, name, child);
        (*count)++;
    }
    json_array_foreach(value, i, child) {
        json_incref(child);
        replace_each(root, child, replacement, count);
        json_array_set(value, i, (json_t *)replacement);
        check_holds(root);
        json_array_set_new(value, i, child);
        (*count)++;
    }
}

TEST(any_value_may_be_replaced_by_any_other) {
    static const char *const replacements[] = {"null", "true",     "0",  "-1", "1e300",
                                               "\"\"", "\"text\"", "[]", "{}", "[[[]]]"};
    size_t count = 0;
    json_t *json = load_parameters("video-vp8-simulcast3.firefox153");
    for (size_t i = 0; i < sizeof replacements / sizeof replacements[0]; i++) {
        json_t *replacement = json_loads(replacements[i], JSON_DECODE_ANY, NULL);
        replace_each(json, json, replacement, &count);
        json_decref(replacement);
    }
    CHECK_EQ(count, 990);
    json_decref(json);
}

TEST(text_that_ends_early_is_refused) {
    json_t *json = load_parameters("audio-opus.chromium156");
    char *text = json_dumps(json, JSON_COMPACT);
    size_t size = strlen(text);
    for (size_t n = 0; n < size; n++) {
        char *part = malloc(n ? n : 1);
        CHECK(part);
        memcpy(part, text, n);
        json_t *value = json_loadb(part, n, JSON_DECODE_ANY, NULL);
        struct sotto_json_fault fault;
        struct sotto_rtp_parameters parameters;
        CHECK(!sotto_rtp_json_parse_parameters(value, &parameters, &fault));
        CHECK_TEXT(fault.text, "rtpParameters: must be an object");
        json_decref(value);
        free(part);
    }
    free(text);
    json_decref(json);
}

// ---- Memory ----

static size_t allocations_left;

static void *allocate_some(size_t size) {
    if (allocations_left == 0)
        return NULL;
    allocations_left--;
    return malloc(size);
}

TEST(writing_without_memory_yields_nothing_and_loses_nothing) {
    struct sotto_rtp_parameters parameters;
    struct sotto_router_capabilities router;
    json_t *json = load_parameters("video-vp8-simulcast3.firefox153");
    examples_parse_parameters(json, &parameters);
    json_decref(json);
    sotto_capabilities_init(&router);
    json_set_alloc_funcs(allocate_some, free);
    size_t failures = 0;
    for (int i = 0; i < 2; i++)
        for (size_t count = 0;; count++) {
            allocations_left = count;
            json_t *written = i == 0 ? sotto_rtp_json_write_parameters(&parameters)
                                     : sotto_rtp_json_write_capabilities(&router.rtp);
            json_decref(written);
            if (written)
                break;
            failures++;
        }
    json_set_alloc_funcs(malloc, free);
    CHECK(failures > 200);
}

int main(void) {
    RUN(every_event_comes_back_as_it_was);
    RUN(capabilities_of_devices_come_back_as_they_were);
    RUN(capabilities_of_a_router_come_back_without_what_is_unknown_here);
    RUN(capabilities_that_nobody_selected_among_lose_what_is_unknown_here);
    RUN(absent_values_have_the_defaults_of_mediasoup);
    RUN(what_is_no_object_is_refused_as_a_whole);
    RUN(kinds_are_audio_and_video);
    RUN(any_value_may_be_replaced_by_any_other);
    RUN(text_that_ends_early_is_refused);
    RUN(writing_without_memory_yields_nothing_and_loses_nothing);
    return 0;
}
