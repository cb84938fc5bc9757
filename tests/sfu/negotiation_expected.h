// What negotiation must yield, computed a second time: on the JSON itself, by the written rules,
// with nothing of sfu/. The test holds this against mediasoup's own results first, and then uses it
// for the cases that mediasoup was not asked about.
#ifndef SOTTO_TESTS_SFU_NEGOTIATION_EXPECTED_H
#define SOTTO_TESTS_SFU_NEGOTIATION_EXPECTED_H

#include "tests/check.h"

#include <jansson.h>
#include <strings.h>

#define EXPECTED_PACKET_ID "urn:mediasoup:params:rtp-hdrext:packet-id"
#define EXPECTED_CAPTURE_TIME "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time"
#define EXPECTED_TRANSPORT_CC                                                                      \
    "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
#define EXPECTED_ABS_SEND_TIME "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"

static inline const char *expected_text(const json_t *object, const char *name) {
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "";
}

static inline bool expected_is_rtx(const json_t *codec) {
    return strcasecmp(expected_text(codec, "mimeType"), "video/rtx") == 0;
}

static inline json_int_t expected_number(const json_t *codec, const char *parameter) {
    return json_integer_value(json_object_get(json_object_get(codec, "parameters"), parameter));
}

static inline const json_t *expected_find_codec(const json_t *codecs, const json_t *codec) {
    size_t i;
    const json_t *entry;
    json_array_foreach((json_t *)codecs, i, entry)
        if (strcasecmp(expected_text(entry, "mimeType"), expected_text(codec, "mimeType")) == 0 &&
            expected_number(entry, "profile-id") == expected_number(codec, "profile-id"))
            return entry;
    return NULL;
}

static inline const json_t *expected_find_rtx(const json_t *codecs, json_int_t apt) {
    size_t i;
    const json_t *entry;
    json_array_foreach((json_t *)codecs, i, entry)
        if (expected_is_rtx(entry) && expected_number(entry, "apt") == apt)
            return entry;
    return NULL;
}

static inline bool expected_has_uri(const json_t *extensions, const char *uri) {
    size_t i;
    const json_t *entry;
    json_array_foreach((json_t *)extensions, i, entry)
        if (strcmp(expected_text(entry, "uri"), uri) == 0)
            return true;
    return false;
}

// Codec parameters in the router's numbers, with `formats` and `feedback` (both borrowed).
static inline json_t *expected_codec(const json_t *router_codec, const json_t *formats,
                                     const json_t *feedback) {
    json_t *codec = json_object();
    json_object_set(codec, "mimeType", json_object_get(router_codec, "mimeType"));
    json_object_set(codec, "payloadType", json_object_get(router_codec, "preferredPayloadType"));
    json_object_set(codec, "clockRate", json_object_get(router_codec, "clockRate"));
    if (json_object_get(router_codec, "channels"))
        json_object_set(codec, "channels", json_object_get(router_codec, "channels"));
    json_object_set_new(codec, "parameters", json_deep_copy(formats));
    json_object_set_new(codec, "rtcpFeedback", json_deep_copy(feedback));
    return codec;
}

static inline json_t *expected_extension(const json_t *uri, const json_t *id) {
    return json_pack("{s:O,s:O,s:b,s:{}}", "uri", uri, "id", id, "encrypt", 0, "parameters");
}

static inline json_t *expected_consumable_codecs(const json_t *router, const json_t *parameters) {
    json_t *list = json_array();
    const json_t *router_codecs = json_object_get(router, "codecs");
    size_t i;
    const json_t *codec;
    json_array_foreach(json_object_get(parameters, "codecs"), i, codec) {
        if (expected_is_rtx(codec))
            continue;
        const json_t *own = expected_find_codec(router_codecs, codec);
        CHECK(own);
        json_array_append_new(list, expected_codec(own, json_object_get(codec, "parameters"),
                                                   json_object_get(own, "rtcpFeedback")));
        const json_t *rtx = expected_find_rtx(
            router_codecs, json_integer_value(json_object_get(own, "preferredPayloadType")));
        if (rtx)
            json_array_append_new(list, expected_codec(rtx, json_object_get(rtx, "parameters"),
                                                       json_object_get(rtx, "rtcpFeedback")));
    }
    return list;
}

static inline json_t *expected_consumable_extensions(const json_t *router, const char *kind,
                                                     const json_t *parameters) {
    json_t *list = json_array();
    const json_t *negotiated = json_object_get(parameters, "headerExtensions");
    size_t i;
    const json_t *entry;
    json_array_foreach(json_object_get(router, "headerExtensions"), i, entry) {
        const char *uri = expected_text(entry, "uri");
        const char *direction = expected_text(entry, "direction");
        bool sent = strcmp(direction, "sendrecv") == 0 || strcmp(direction, "sendonly") == 0;
        bool missing =
            strcmp(uri, EXPECTED_CAPTURE_TIME) == 0 && !expected_has_uri(negotiated, uri);
        if (strcmp(expected_text(entry, "kind"), kind) == 0 && sent && !missing &&
            strcmp(uri, EXPECTED_PACKET_ID) != 0)
            json_array_append_new(list, expected_extension(json_object_get(entry, "uri"),
                                                           json_object_get(entry, "preferredId")));
    }
    return list;
}

// Rule B of the reference: the consumable parameters of a produce event. What this server does not
// have is left out: mediasoup's own packet-id, and scaleResolutionDownBy.
static inline json_t *expected_consumable(const json_t *router, const json_t *event,
                                          json_int_t mapped_ssrc, const char *cname) {
    const json_t *parameters = json_object_get(event, "rtpParameters");
    json_t *encodings = json_deep_copy(json_object_get(parameters, "encodings"));
    size_t i;
    json_t *encoding;
    json_array_foreach(encodings, i, encoding) {
        json_object_del(encoding, "rid");
        json_object_del(encoding, "rtx");
        json_object_del(encoding, "scaleResolutionDownBy");
        json_object_set_new(encoding, "ssrc", json_integer(mapped_ssrc + (json_int_t)i));
    }
    return json_pack("{s:o,s:o,s:o,s:{s:s,s:b},s:O}", "codecs",
                     expected_consumable_codecs(router, parameters), "headerExtensions",
                     expected_consumable_extensions(router, expected_text(event, "kind"),
                                                    parameters),
                     "encodings", encodings, "rtcp", "cname", cname, "reducedSize", 1, "msid",
                     json_object_get(parameters, "msid"));
}

static inline bool expected_keeps_feedback(const json_t *feedback, bool is_audio,
                                           const json_t *extensions) {
    const char *type = expected_text(feedback, "type");
    bool transport_cc = expected_has_uri(extensions, EXPECTED_TRANSPORT_CC);
    if (strcmp(type, "transport-cc") == 0)
        return transport_cc;
    if (strcmp(type, "goog-remb") == 0)
        return !transport_cc && expected_has_uri(extensions, EXPECTED_ABS_SEND_TIME);
    return !(is_audio && strcmp(type, "nack") == 0 &&
             expected_text(feedback, "parameter")[0] == '\0');
}

static inline json_t *expected_consumer_extensions(const json_t *consumable,
                                                   const json_t *device) {
    json_t *list = json_array();
    size_t i;
    size_t j;
    const json_t *extension;
    const json_t *known;
    json_array_foreach(json_object_get(consumable, "headerExtensions"), i, extension)
        json_array_foreach(json_object_get(device, "headerExtensions"), j, known)
            if (json_equal(json_object_get(extension, "uri"), json_object_get(known, "uri")) &&
                json_equal(json_object_get(extension, "id"),
                           json_object_get(known, "preferredId"))) {
                json_array_append_new(list, json_deep_copy(extension));
                break;
            }
    return list;
}

static inline json_t *expected_consumer_codecs(const json_t *consumable, const json_t *device,
                                               const json_t *extensions) {
    json_t *list = json_array();
    const json_t *codecs = json_object_get(consumable, "codecs");
    const json_t *known_codecs = json_object_get(device, "codecs");
    size_t i;
    size_t j;
    const json_t *codec;
    const json_t *feedback;
    json_array_foreach((json_t *)codecs, i, codec) {
        const json_t *known = expected_find_codec(known_codecs, codec);
        if (expected_is_rtx(codec) || !known)
            continue;
        bool is_audio = strncmp(expected_text(codec, "mimeType"), "audio/", 6) == 0;
        json_t *kept = json_array();
        json_array_foreach(json_object_get(known, "rtcpFeedback"), j, feedback)
            if (expected_keeps_feedback(feedback, is_audio, extensions))
                json_array_append_new(kept, json_deep_copy(feedback));
        json_t *copy = json_deep_copy(codec);
        json_object_set_new(copy, "rtcpFeedback", kept);
        json_array_append_new(list, copy);
        const json_t *rtx =
            expected_find_rtx(codecs, json_integer_value(json_object_get(codec, "payloadType")));
        if (rtx && !is_audio)
            json_array_append_new(list, json_deep_copy(rtx));
    }
    return list;
}

static inline json_t *expected_consumer_encoding(const json_t *consumable, json_int_t ssrc,
                                                 bool has_rtx) {
    const json_t *encodings = json_object_get(consumable, "encodings");
    json_t *encoding = json_pack("{s:I}", "ssrc", ssrc);
    json_int_t max_bitrate = 0;
    const char *mode = "";
    size_t i;
    const json_t *entry;
    json_array_foreach((json_t *)encodings, i, entry) {
        json_int_t bitrate = json_integer_value(json_object_get(entry, "maxBitrate"));
        max_bitrate = bitrate > max_bitrate ? bitrate : max_bitrate;
        if (mode[0] == '\0')
            mode = expected_text(entry, "scalabilityMode");
    }
    char simulcast[16];
    if (json_array_size(encodings) > 1) {
        const char *temporal = strchr(mode, 'T');
        snprintf(simulcast, sizeof simulcast, "L%zuT%c", json_array_size(encodings),
                 temporal ? temporal[1] : '1');
        mode = simulcast;
    }
    if (has_rtx)
        json_object_set_new(encoding, "rtx", json_pack("{s:I}", "ssrc", ssrc + 1));
    if (mode[0] != '\0')
        json_object_set_new(encoding, "scalabilityMode", json_string(mode));
    if (max_bitrate > 0)
        json_object_set_new(encoding, "maxBitrate", json_integer(max_bitrate));
    return encoding;
}

// Rule D of the reference: the parameters of a consumer on a device.
static inline json_t *expected_consumer(const json_t *consumable, const json_t *device,
                                        json_int_t ssrc, const char *mid) {
    json_t *extensions = expected_consumer_extensions(consumable, device);
    json_t *codecs = expected_consumer_codecs(consumable, device, extensions);
    bool has_rtx = expected_is_rtx(json_array_get(codecs, 1));
    return json_pack("{s:o,s:o,s:[o],s:O,s:O,s:s}", "codecs", codecs, "headerExtensions",
                     extensions, "encodings", expected_consumer_encoding(consumable, ssrc, has_rtx),
                     "rtcp", json_object_get(consumable, "rtcp"), "msid",
                     json_object_get(consumable, "msid"), "mid", mid);
}

#endif
