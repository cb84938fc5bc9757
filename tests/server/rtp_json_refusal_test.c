// A value that is right, and one field of it changed: refused with a text for people, or tolerated.
#include "server/rtp_json.h"

#include "tests/mediasoup_examples.h"

// The slot that a path such as "codecs[1].parameters.apt" names: its container and its key or
// index.
struct slot {
    json_t *container;
    char key[64];
    size_t index;
};

static struct slot find_slot(json_t *root, const char *path) {
    struct slot slot = {.container = root};
    for (;;) {
        size_t size = strcspn(path, ".[]");
        memcpy(slot.key, path, size);
        slot.key[size] = '\0';
        slot.index = (size_t)atoi(slot.key);
        path += size;
        path += strspn(path, ".[]");
        if (*path == '\0')
            return slot;
        slot.container = json_is_array(slot.container)
                             ? json_array_get(slot.container, slot.index)
                             : json_object_get(slot.container, slot.key);
        CHECK(slot.container);
    }
}

// Takes over the reference to `value`; NULL removes what is there.
static void set_slot(struct slot slot, json_t *value) {
    if (json_is_array(slot.container))
        CHECK_EQ(value ? json_array_set_new(slot.container, slot.index, value)
                       : json_array_remove(slot.container, slot.index),
                 0);
    else if (value)
        CHECK_EQ(json_object_set_new(slot.container, slot.key, value), 0);
    else
        json_object_del(slot.container, slot.key);
}

struct change {
    const char *path;
    const char *value; // JSON; NULL removes the field
    const char *fault; // NULL: tolerated
};

#define INTEGER(from, to) "must be a whole number from " #from " to " #to
#define CHARACTER "has a character that is not allowed here"

static void check_change(const json_t *original, bool is_capabilities,
                         const struct change *change) {
    const char *root = is_capabilities ? "rtpCapabilities" : "rtpParameters";
    json_t *json = json_deep_copy(original);
    json_t *value = change->value ? json_loads(change->value, JSON_DECODE_ANY, NULL) : NULL;
    CHECK(value || !change->value);
    set_slot(find_slot(json, change->path), value);
    struct sotto_json_fault fault;
    struct sotto_rtp_parameters parameters;
    struct sotto_rtp_capabilities capabilities;
    bool parsed = is_capabilities
                      ? sotto_rtp_json_parse_capabilities(json, &capabilities, &fault)
                      : sotto_rtp_json_parse_parameters(json, &parameters, &fault);
    char expected[320] = "";
    if (change->fault)
        snprintf(expected, sizeof expected, "%s.%s: %s", root, change->path, change->fault);
    CHECK_TEXT(fault.text, expected);
    CHECK_EQ(parsed, change->fault == NULL);
    static const struct sotto_rtp_parameters no_parameters;
    static const struct sotto_rtp_capabilities no_capabilities;
    if (!parsed && is_capabilities)
        CHECK_BYTES(&capabilities, &no_capabilities, sizeof capabilities);
    else if (!parsed)
        CHECK_BYTES(&parameters, &no_parameters, sizeof parameters);
    json_decref(json);
}

#define LONG_16 "\"aaaaaaaaaaaaaaaa\""
#define LONG_17 "\"aaaaaaaaaaaaaaaaa\""
#define LONG_32 "\"video/aaaaaaaaaaaaaaaaaaaaaaaaaa\""

static const struct change parameter_changes[] = {
    {"mid", NULL, NULL},
    {"mid", "null", NULL},
    {"mid", "\"\"", NULL},
    {"mid", LONG_16, NULL},
    {"mid", LONG_17, "must be text of 0 to 16 bytes"},
    {"mid", "0", "must be text of 0 to 16 bytes"},
    {"mid", "\"a b\"", CHARACTER},
    {"codecs", NULL, "is missing"},
    {"codecs", "null", "is missing"},
    {"codecs", "{}", "must be a list of at most 4 entries"},
    {"codecs", "[1,2,3,4,5]", "must be a list of at most 4 entries"},
    {"codecs[1]", "7", "must be an object"},
    {"codecs[0].mimeType", NULL, "is missing"},
    {"codecs[0].mimeType", "\"\"", "must be text of 1 to 31 bytes"},
    {"codecs[0].mimeType", LONG_32, "must be text of 1 to 31 bytes"},
    {"codecs[0].mimeType", "\"text/VP8\"", "must begin with audio/ or video/"},
    {"codecs[0].mimeType", "\"VIDEO/unheard-of\"", NULL},
    {"codecs[0].mimeType", "\"video/VP8 \"", CHARACTER},
    {"codecs[0].payloadType", NULL, "is missing"},
    {"codecs[0].payloadType", "-1", INTEGER(0, 127)},
    {"codecs[0].payloadType", "128", INTEGER(0, 127)},
    {"codecs[0].payloadType", "96.0", INTEGER(0, 127)},
    {"codecs[0].payloadType", "\"96\"", INTEGER(0, 127)},
    {"codecs[0].clockRate", NULL, "is missing"},
    {"codecs[0].clockRate", "0", INTEGER(1, 1000000)},
    {"codecs[0].clockRate", "4294967297", INTEGER(1, 1000000)},
    {"codecs[0].channels", "\"left alone for video\"", NULL},
    {"codecs[0].parameters", "null", NULL},
    {"codecs[0].parameters", "[]", "must be an object"},
    {"codecs[0].parameters.x", "1", NULL},
    {"codecs[0].parameters.x", "-9007199254740991", NULL},
    {"codecs[0].parameters.x", "9007199254740992",
     INTEGER(-9007199254740991, 9007199254740991)},
    {"codecs[0].parameters.x", "1.5", "must be a whole number or text"},
    {"codecs[0].parameters.x", "true", "must be a whole number or text"},
    {"codecs[0].parameters.x", "null", "must be a whole number or text"},
    {"codecs[0].parameters.x", "\"a;b\"", CHARACTER},
    {"codecs[0].parameters.x", "\"1\\r\\na=sendonly\"", CHARACTER},
    {"codecs[0].parameters", "{\"a=b\": 1}", "has an entry whose name is not allowed"},
    {"codecs[0].parameters", "{\"\": 1}", "has an entry whose name is not allowed"},
    {"codecs[0].parameters", "{\"a\\r\\n\": 1}", "has an entry whose name is not allowed"},
    {"codecs[0].parameters", "{\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\": 1}",
     "has an entry whose name is not allowed"},
    {"codecs[0].parameters",
     "{\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":1,\"f\":1,\"g\":1,\"h\":1,\"i\":1,\"j\":1,\"k\":1,"
     "\"l\":1}",
     NULL},
    {"codecs[0].parameters",
     "{\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":1,\"f\":1,\"g\":1,\"h\":1,\"i\":1,\"j\":1,\"k\":1,"
     "\"l\":1,\"m\":1}",
     "must have fewer entries"},
    {"codecs[1].parameters.apt", "\"96\"", INTEGER(0, 127)},
    {"codecs[1].parameters.apt", "128", INTEGER(0, 127)},
    {"codecs[1].parameters.apt", "null", "is missing"},
    {"codecs[0].rtcpFeedback", "null", NULL},
    {"codecs[0].rtcpFeedback", "\"nack\"", "must be a list of at most 16 entries"},
    {"codecs[0].rtcpFeedback", "[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]",
     "must be a list of at most 16 entries"},
    {"codecs[0].rtcpFeedback[0]", "\"nack\"", "must be an object"},
    {"codecs[0].rtcpFeedback[0].type", NULL, "is missing"},
    {"codecs[0].rtcpFeedback[0].type", "\"unheard-of\"", NULL},
    {"codecs[0].rtcpFeedback[0].type", "5", "must be text of 1 to 31 bytes"},
    {"codecs[0].rtcpFeedback[0].parameter", NULL, NULL},
    {"codecs[0].rtcpFeedback[0].parameter", "null", NULL},
    {"codecs[0].rtcpFeedback[0].parameter", "0", "must be text of 0 to 31 bytes"},
    {"headerExtensions", NULL, NULL},
    {"headerExtensions", "{}", "must be a list of at most 48 entries"},
    {"headerExtensions[0]", "null", "must be an object"},
    {"headerExtensions[0].uri", NULL, "is missing"},
    {"headerExtensions[0].uri", "\"urn:unheard-of\"", NULL},
    {"headerExtensions[0].uri", "\"urn:ietf:params:rtp-hdrext:ssrc-audio-level\"", NULL},
    {"headerExtensions[1].uri", "\"urn:ietf:params:rtp-hdrext:sdes:mid\"", "is listed twice"},
    {"headerExtensions[0].id", NULL, "is missing"},
    {"headerExtensions[0].id", "0", INTEGER(1, 255)},
    {"headerExtensions[0].id", "255", NULL},
    {"headerExtensions[0].id", "256", INTEGER(1, 255)},
    {"headerExtensions[0].encrypt", NULL, NULL},
    {"headerExtensions[0].encrypt", "true", "must be false: RFC 6904 is not supported"},
    {"headerExtensions[0].encrypt", "0", "must be true or false"},
    {"headerExtensions[0].parameters", NULL, NULL},
    {"headerExtensions[0].parameters", "[]", "must be an object"},
    {"encodings", NULL, NULL},
    {"encodings", "[]", NULL},
    {"encodings", "[{},{},{},{}]", NULL},
    {"encodings", "[{},{},{},{},{}]", "must be a list of at most 4 entries"},
    {"encodings[0]", "[]", "must be an object"},
    {"encodings[0].ssrc", NULL, NULL},
    {"encodings[0].ssrc", "0", INTEGER(1, 4294967295)},
    {"encodings[0].ssrc", "4294967295", NULL},
    {"encodings[0].ssrc", "4294967296", INTEGER(1, 4294967295)},
    {"encodings[0].ssrc", "-1", INTEGER(1, 4294967295)},
    {"encodings[0].rtx", "null", NULL},
    {"encodings[0].rtx", "5", "must be an object"},
    {"encodings[0].rtx.ssrc", NULL, "is missing"},
    {"encodings[0].rtx.ssrc", "\"5\"", INTEGER(1, 4294967295)},
    {"encodings[0].rid", LONG_16, NULL},
    {"encodings[0].rid", LONG_17, "must be text of 0 to 16 bytes"},
    {"encodings[0].rid", "\"r 0\"", CHARACTER},
    {"encodings[0].scalabilityMode", "\"L3T3_KEY_SHIFT\"", NULL},
    {"encodings[0].scalabilityMode", "\"L1T3;\"", CHARACTER},
    {"encodings[0].scalabilityMode", LONG_16, "must be text of 0 to 15 bytes"},
    {"encodings[0].maxBitrate", "null", NULL},
    {"encodings[0].maxBitrate", "-1", INTEGER(0, 4294967295)},
    {"encodings[0].maxBitrate", "1500000.5", INTEGER(0, 4294967295)},
    {"encodings[0].active", "1", "must be true or false"},
    {"encodings[0].dtx", "\"yes\"", "must be true or false"},
    {"rtcp", NULL, NULL},
    {"rtcp", "null", NULL},
    {"rtcp", "[]", "must be an object"},
    {"rtcp.cname", NULL, NULL},
    {"rtcp.cname", "\"\"", NULL},
    {"rtcp.cname", "7", "must be text of 0 to 63 bytes"},
    {"rtcp.cname", "\"a\\r\\na=candidate:1\"", CHARACTER},
    {"rtcp.cname", "\"a b\"", CHARACTER},
    {"rtcp.reducedSize", NULL, NULL},
    {"rtcp.reducedSize", "0", "must be true or false"},
    {"rtcp.mux", "true", NULL},
    {"msid", NULL, NULL},
    {"msid", "\"-\"", NULL},
    {"msid", "\"a b\"", NULL},
    {"msid", "\" b\"", "must be a stream id, a blank, a track id"},
    {"msid", "\"a \"", "must be a stream id, a blank, a track id"},
    {"msid", "\"a b c\"", "must be a stream id, a blank, a track id"},
    {"msid", "\"a\\r\\na=x b\"", CHARACTER},
    {"unheard-of", "{\"a\": [1]}", NULL},
};

TEST(parameters_are_refused_with_the_place_and_the_reason) {
    json_t *event = examples_load("produce-event.", "video-vp8-single-noencodings.chromium156");
    const json_t *json = json_object_get(event, "rtpParameters");
    for (size_t i = 0; i < sizeof parameter_changes / sizeof parameter_changes[0]; i++)
        check_change(json, false, &parameter_changes[i]);
    json_decref(event);
}

static const struct change capability_changes[] = {
    {"codecs", NULL, NULL},
    {"codecs", "null", NULL},
    {"codecs", "5", "must be a list of at most 64 entries"},
    {"codecs[0].mimeType", "\"audio/unheard-of\"", NULL},
    {"codecs[0].kind", NULL, NULL},
    {"codecs[0].preferredPayloadType", NULL, "is missing"},
    {"codecs[0].preferredPayloadType", "200", INTEGER(0, 127)},
    {"codecs[0].channels", NULL, NULL},
    {"codecs[0].channels", "0", INTEGER(1, 8)},
    {"codecs[0].channels", "9", INTEGER(1, 8)},
    {"codecs[2].parameters.apt", "\"101\"", INTEGER(0, 127)},
    {"headerExtensions", "null", NULL},
    {"headerExtensions[0].kind", NULL, "is missing"},
    {"headerExtensions[0].kind", "\"text\"", "must be audio or video"},
    {"headerExtensions[0].kind", "\"audio\"", NULL},
    {"headerExtensions[0].uri", "\"\"", "must be text of 1 to 255 bytes"},
    {"headerExtensions[0].uri", "\"urn:unheard-of\"", NULL},
    {"headerExtensions[4].uri", "\"urn:ietf:params:rtp-hdrext:sdes:mid\"",
     "is listed twice for this kind"},
    {"headerExtensions[0].preferredId", NULL, "is missing"},
    {"headerExtensions[0].preferredId", "0", INTEGER(1, 255)},
    {"headerExtensions[0].preferredEncrypt", "true", "must be false: RFC 6904 is not supported"},
    {"headerExtensions[0].direction", NULL, NULL},
    {"headerExtensions[0].direction", "\"inactive\"", NULL},
    {"headerExtensions[0].direction", "\"both\"",
     "must be sendrecv, sendonly, recvonly or inactive"},
};

TEST(capabilities_are_refused_with_the_place_and_the_reason) {
    json_t *json = examples_load("device-recv-rtp-capabilities.", "chromium156");
    for (size_t i = 0; i < sizeof capability_changes / sizeof capability_changes[0]; i++)
        check_change(json, true, &capability_changes[i]);
    json_decref(json);
}

int main(void) {
    RUN(parameters_are_refused_with_the_place_and_the_reason);
    RUN(capabilities_are_refused_with_the_place_and_the_reason);
    return 0;
}
