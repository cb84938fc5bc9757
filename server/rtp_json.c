// Parsing; writing is in rtp_json_write.c.
#include "server/rtp_json.h"

#include <string.h>
#include <strings.h>

enum {
    FEEDBACK_SIZE_MAX = 31,
    URI_SIZE_MAX = 255,
    DIRECTION_SIZE_MAX = 8, // "sendrecv"
    KIND_SIZE_MAX = 5,
    CLOCK_RATE_HZ_MAX = 1000000,
    CHANNELS_MAX = 8, // of any Opus layout that browsers know
};

// ---- Characters that may stand in SDP without changing its meaning ----

static bool is_visible(char c) {
    return c > ' ' && c <= '~';
}

static bool is_word(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           c == '_' || c == '-';
}

// RFC 8866, section 9: token-char.
static bool is_token(char c) {
    return is_visible(c) && !strchr("\"(),/:;<=>?@[\\]", c);
}

static bool is_mime(char c) {
    return is_token(c) || c == '/';
}

static bool is_visible_or_blank(char c) {
    return is_visible(c) || c == ' ';
}

// Names and values of format parameters stand between ';' and '='.
static bool is_format_name(char c) {
    return is_visible(c) && c != ';' && c != '=';
}

static bool is_format_text(char c) {
    return is_visible(c) && c != ';';
}

// ---- Codecs ----

static void parse_format(struct sotto_json_fields *fields, const json_t *formats, const char *name,
                         struct sotto_rtp_codec *codec) {
    const json_t *value = json_object_get(formats, name);
    bool kept = true;
    if (json_is_string(value) && strcmp(name, "apt") != 0) {
        char text[SOTTO_FORMAT_TEXT_SIZE_MAX + 1];
        sotto_json_fields_get_text(fields, formats, name, is_format_text, text, sizeof text,
                                   SOTTO_JSON_OPTIONAL);
        kept = sotto_rtp_parameters_set_text(codec, name, text);
    } else if (json_is_integer(value) || strcmp(name, "apt") == 0) {
        bool is_apt = strcmp(name, "apt") == 0;
        int64_t max = is_apt ? SOTTO_PAYLOAD_TYPE_MAX : SOTTO_FORMAT_NUMBER_MAX;
        int64_t min = is_apt ? 0 : -SOTTO_FORMAT_NUMBER_MAX;
        int64_t number = sotto_json_fields_get_integer(fields, formats, name, min, max,
                                                       SOTTO_JSON_REQUIRED);
        kept = sotto_rtp_parameters_set_number(codec, name, number);
    } else {
        sotto_json_fields_fail_field(fields, name, "must be a whole number or text");
    }
    if (!kept)
        sotto_json_fields_fail(fields, "must have fewer entries");
}

static bool is_format_name_text(const char *name) {
    size_t size = strlen(name);
    for (size_t i = 0; i < size; i++)
        if (!is_format_name(name[i]))
            return false;
    return size >= 1 && size <= SOTTO_FORMAT_NAME_SIZE_MAX;
}

static void parse_formats(struct sotto_json_fields *fields, const json_t *object,
                          struct sotto_rtp_codec *codec) {
    const json_t *formats =
        sotto_json_fields_get_object(fields, object, "parameters", SOTTO_JSON_OPTIONAL);
    size_t mark = sotto_json_fields_enter(fields, "parameters");
    const char *name;
    json_t *value;
    // The cast is for jansson, which iterates through a pointer to what is not const.
    json_object_foreach((json_t *)formats, name, value) {
        if (fields->failed)
            break;
        if (is_format_name_text(name))
            parse_format(fields, formats, name, codec);
        else
            sotto_json_fields_fail(fields, "has an entry whose name is not allowed");
    }
    sotto_json_fields_leave(fields, mark);
}

static void parse_feedback(struct sotto_json_fields *fields, const json_t *object, void *into) {
    char type[FEEDBACK_SIZE_MAX + 1];
    char parameter[FEEDBACK_SIZE_MAX + 1];
    sotto_json_fields_get_text(fields, object, "type", is_visible, type, sizeof type,
                               SOTTO_JSON_REQUIRED);
    sotto_json_fields_get_text(fields, object, "parameter", is_visible_or_blank, parameter,
                               sizeof parameter, SOTTO_JSON_OPTIONAL);
    enum sotto_rtcp_feedback feedback = sotto_rtp_parameters_find_feedback(type, parameter);
    if (feedback != SOTTO_FEEDBACK_COUNT)
        sotto_rtp_parameters_add_feedback(into, feedback);
}

static void parse_mime_type(struct sotto_json_fields *fields, const json_t *object,
                            struct sotto_rtp_codec *codec) {
    sotto_json_fields_get_text(fields, object, "mimeType", is_mime, codec->mime_text,
                               sizeof codec->mime_text, SOTTO_JSON_REQUIRED);
    if (strncasecmp(codec->mime_text, "audio/", 6) == 0)
        codec->kind = SOTTO_MEDIA_AUDIO;
    else if (strncasecmp(codec->mime_text, "video/", 6) == 0)
        codec->kind = SOTTO_MEDIA_VIDEO;
    else
        sotto_json_fields_fail_field(fields, "mimeType", "must begin with audio/ or video/");
    codec->mime_type = sotto_rtp_parameters_find_mime_type(codec->mime_text);
}

// `payload_type_name` is what tells a codec capability from codec parameters.
static void parse_codec(struct sotto_json_fields *fields, const json_t *object,
                        const char *payload_type_name, struct sotto_rtp_codec *codec) {
    parse_mime_type(fields, object, codec);
    codec->payload_type = (uint8_t)sotto_json_fields_get_integer(
        fields, object, payload_type_name, 0, SOTTO_PAYLOAD_TYPE_MAX, SOTTO_JSON_REQUIRED);
    codec->clock_rate_hz = (uint32_t)sotto_json_fields_get_integer(
        fields, object, "clockRate", 1, CLOCK_RATE_HZ_MAX, SOTTO_JSON_REQUIRED);
    if (codec->kind == SOTTO_MEDIA_AUDIO) {
        codec->channels = (uint8_t)sotto_json_fields_get_integer(
            fields, object, "channels", 1, CHANNELS_MAX, SOTTO_JSON_OPTIONAL);
        if (codec->channels == 0)
            codec->channels = 1;
    }
    parse_formats(fields, object, codec);
    sotto_json_fields_get_list(fields, object, "rtcpFeedback", SOTTO_LISTED_FEEDBACK_MAX,
                               SOTTO_JSON_OPTIONAL, parse_feedback, codec);
}

static void parse_codec_parameters(struct sotto_json_fields *fields, const json_t *object,
                                   void *into) {
    struct sotto_rtp_parameters *parameters = into;
    parse_codec(fields, object, "payloadType", &parameters->codecs[parameters->codec_count++]);
}

static void parse_codec_capability(struct sotto_json_fields *fields, const json_t *object,
                                   void *into) {
    struct sotto_rtp_capabilities *capabilities = into;
    struct sotto_rtp_codec codec;
    memset(&codec, 0, sizeof codec);
    parse_codec(fields, object, "preferredPayloadType", &codec);
    if (fields->failed || codec.mime_type == SOTTO_MIME_OTHER)
        return;
    if (capabilities->codec_count == SOTTO_CAPABILITY_CODECS_MAX)
        sotto_json_fields_fail(fields, "is one codec too many");
    else
        memcpy(&capabilities->codecs[capabilities->codec_count++], &codec, sizeof codec);
}

// ---- Header extensions ----

// SOTTO_EXTENSION_COUNT for one that is unknown here.
static enum sotto_extension parse_uri(struct sotto_json_fields *fields, const json_t *object) {
    char uri[URI_SIZE_MAX + 1];
    sotto_json_fields_get_text(fields, object, "uri", is_visible, uri, sizeof uri,
                               SOTTO_JSON_REQUIRED);
    return sotto_rtp_parameters_find_extension(uri);
}

static void refuse_encryption(struct sotto_json_fields *fields, const json_t *object,
                              const char *name) {
    bool present;
    if (sotto_json_fields_get_flag(fields, object, name, &present))
        sotto_json_fields_fail_field(fields, name, "must be false: RFC 6904 is not supported");
}

static void parse_extension_parameter(struct sotto_json_fields *fields, const json_t *object,
                                      void *into) {
    struct sotto_rtp_parameters *parameters = into;
    enum sotto_extension extension = parse_uri(fields, object);
    uint8_t id = (uint8_t)sotto_json_fields_get_integer(
        fields, object, "id", 1, SOTTO_EXTENSION_ID_MAX, SOTTO_JSON_REQUIRED);
    refuse_encryption(fields, object, "encrypt");
    sotto_json_fields_get_object(fields, object, "parameters", SOTTO_JSON_OPTIONAL);
    if (fields->failed || extension == SOTTO_EXTENSION_COUNT)
        return;
    if (sotto_rtp_parameters_extension_id(parameters, extension) != 0) {
        sotto_json_fields_fail_field(fields, "uri", "is listed twice");
        return;
    }
    struct sotto_extension_parameter *added =
        &parameters->extensions[parameters->extension_count++];
    added->extension = extension;
    added->id = id;
}

static enum sotto_media_kind parse_kind_field(struct sotto_json_fields *fields,
                                              const json_t *object) {
    char text[KIND_SIZE_MAX + 1];
    sotto_json_fields_get_text(fields, object, "kind", is_visible, text, sizeof text,
                               SOTTO_JSON_REQUIRED);
    if (strcmp(text, "audio") == 0)
        return SOTTO_MEDIA_AUDIO;
    if (strcmp(text, "video") != 0)
        sotto_json_fields_fail_field(fields, "kind", "must be audio or video");
    return SOTTO_MEDIA_VIDEO;
}

static enum sotto_direction parse_direction(struct sotto_json_fields *fields,
                                            const json_t *object) {
    char text[DIRECTION_SIZE_MAX + 1];
    sotto_json_fields_get_text(fields, object, "direction", is_visible, text, sizeof text,
                               SOTTO_JSON_OPTIONAL);
    if (text[0] == '\0')
        return SOTTO_DIRECTION_SENDRECV;
    enum sotto_direction direction = sotto_rtp_parameters_find_direction(text);
    if (direction == SOTTO_DIRECTION_COUNT)
        sotto_json_fields_fail_field(fields, "direction",
                                     "must be sendrecv, sendonly, recvonly or inactive");
    return direction;
}

static bool is_listed(const struct sotto_rtp_capabilities *capabilities,
                      enum sotto_media_kind kind, enum sotto_extension extension) {
    for (size_t i = 0; i < capabilities->extension_count; i++)
        if (capabilities->extensions[i].kind == kind &&
            capabilities->extensions[i].extension == extension)
            return true;
    return false;
}

static void parse_extension_capability(struct sotto_json_fields *fields, const json_t *object,
                                       void *into) {
    struct sotto_rtp_capabilities *capabilities = into;
    enum sotto_media_kind kind = parse_kind_field(fields, object);
    enum sotto_extension extension = parse_uri(fields, object);
    uint8_t id = (uint8_t)sotto_json_fields_get_integer(
        fields, object, "preferredId", 1, SOTTO_EXTENSION_ID_MAX, SOTTO_JSON_REQUIRED);
    refuse_encryption(fields, object, "preferredEncrypt");
    enum sotto_direction direction = parse_direction(fields, object);
    if (fields->failed || extension == SOTTO_EXTENSION_COUNT)
        return;
    if (is_listed(capabilities, kind, extension)) {
        sotto_json_fields_fail_field(fields, "uri", "is listed twice for this kind");
        return;
    }
    struct sotto_extension_capability *added =
        &capabilities->extensions[capabilities->extension_count++];
    added->kind = kind;
    added->extension = extension;
    added->id = id;
    added->direction = direction;
}

// ---- Encodings and RTCP ----

static void parse_encoding(struct sotto_json_fields *fields, const json_t *object, void *into) {
    struct sotto_rtp_parameters *parameters = into;
    struct sotto_rtp_encoding *encoding = &parameters->encodings[parameters->encoding_count++];
    encoding->ssrc = (uint32_t)sotto_json_fields_get_integer(fields, object, "ssrc", 1, UINT32_MAX,
                                                             SOTTO_JSON_OPTIONAL);
    sotto_json_fields_get_text(fields, object, "rid", is_word, encoding->rid, sizeof encoding->rid,
                               SOTTO_JSON_OPTIONAL);
    const json_t *rtx = sotto_json_fields_get_object(fields, object, "rtx", SOTTO_JSON_OPTIONAL);
    if (rtx) {
        size_t mark = sotto_json_fields_enter(fields, "rtx");
        encoding->rtx_ssrc = (uint32_t)sotto_json_fields_get_integer(
            fields, rtx, "ssrc", 1, UINT32_MAX, SOTTO_JSON_REQUIRED);
        sotto_json_fields_leave(fields, mark);
    }
    sotto_json_fields_get_text(fields, object, "scalabilityMode", is_word,
                               encoding->scalability_mode, sizeof encoding->scalability_mode,
                               SOTTO_JSON_OPTIONAL);
    encoding->max_bitrate_bps = (uint32_t)sotto_json_fields_get_integer(
        fields, object, "maxBitrate", 0, UINT32_MAX, SOTTO_JSON_OPTIONAL);
    encoding->active =
        sotto_json_fields_get_flag(fields, object, "active", &encoding->has_active);
    encoding->dtx = sotto_json_fields_get_flag(fields, object, "dtx", &encoding->has_dtx);
}

static void parse_rtcp(struct sotto_json_fields *fields, const json_t *object,
                       struct sotto_rtp_parameters *parameters) {
    const json_t *rtcp = sotto_json_fields_get_object(fields, object, "rtcp", SOTTO_JSON_OPTIONAL);
    size_t mark = sotto_json_fields_enter(fields, "rtcp");
    bool present;
    bool reduced_size = sotto_json_fields_get_flag(fields, rtcp, "reducedSize", &present);
    parameters->reduced_size = reduced_size || !present;
    sotto_json_fields_get_text(fields, rtcp, "cname", is_visible, parameters->cname,
                               sizeof parameters->cname, SOTTO_JSON_OPTIONAL);
    sotto_json_fields_leave(fields, mark);
}

static void parse_msid(struct sotto_json_fields *fields, const json_t *object,
                       struct sotto_rtp_parameters *parameters) {
    char *msid = parameters->msid;
    sotto_json_fields_get_text(fields, object, "msid", is_visible_or_blank, msid,
                               sizeof parameters->msid, SOTTO_JSON_OPTIONAL);
    const char *blank = strchr(msid, ' ');
    if (blank && (blank == msid || blank[1] == '\0' || strchr(blank + 1, ' ')))
        sotto_json_fields_fail_field(fields, "msid", "must be a stream id, a blank, a track id");
}

// ---- Whole values ----

bool sotto_rtp_json_parse_kind(const json_t *json, enum sotto_media_kind *kind,
                               struct sotto_json_fault *fault) {
    struct sotto_json_fields fields;
    sotto_json_fields_init(&fields, "kind", fault);
    const char *text = json_string_value(json);
    *kind = SOTTO_MEDIA_AUDIO;
    if (text && strcmp(text, "video") == 0)
        *kind = SOTTO_MEDIA_VIDEO;
    else if (!text || strcmp(text, "audio") != 0)
        sotto_json_fields_fail(&fields, "must be audio or video");
    return !fields.failed;
}

bool sotto_rtp_json_parse_parameters(const json_t *json, struct sotto_rtp_parameters *parameters,
                                     struct sotto_json_fault *fault) {
    struct sotto_json_fields fields;
    sotto_json_fields_init(&fields, "rtpParameters", fault);
    memset(parameters, 0, sizeof *parameters);
    sotto_json_fields_check_object(&fields, json);
    sotto_json_fields_get_text(&fields, json, "mid", is_token, parameters->mid,
                               sizeof parameters->mid, SOTTO_JSON_OPTIONAL);
    sotto_json_fields_get_list(&fields, json, "codecs", SOTTO_PARAMETER_CODECS_MAX,
                               SOTTO_JSON_REQUIRED, parse_codec_parameters, parameters);
    sotto_json_fields_get_list(&fields, json, "headerExtensions", SOTTO_LISTED_EXTENSIONS_MAX,
                               SOTTO_JSON_OPTIONAL, parse_extension_parameter, parameters);
    sotto_json_fields_get_list(&fields, json, "encodings", SOTTO_ENCODINGS_MAX,
                               SOTTO_JSON_OPTIONAL, parse_encoding, parameters);
    parse_rtcp(&fields, json, parameters);
    parse_msid(&fields, json, parameters);
    if (fields.failed)
        memset(parameters, 0, sizeof *parameters);
    return !fields.failed;
}

bool sotto_rtp_json_parse_capabilities(const json_t *json,
                                       struct sotto_rtp_capabilities *capabilities,
                                       struct sotto_json_fault *fault) {
    struct sotto_json_fields fields;
    sotto_json_fields_init(&fields, "rtpCapabilities", fault);
    memset(capabilities, 0, sizeof *capabilities);
    sotto_json_fields_check_object(&fields, json);
    sotto_json_fields_get_list(&fields, json, "codecs", SOTTO_LISTED_CODECS_MAX,
                               SOTTO_JSON_OPTIONAL, parse_codec_capability, capabilities);
    sotto_json_fields_get_list(&fields, json, "headerExtensions", SOTTO_LISTED_EXTENSIONS_MAX,
                               SOTTO_JSON_OPTIONAL, parse_extension_capability, capabilities);
    if (fields.failed)
        memset(capabilities, 0, sizeof *capabilities);
    return !fields.failed;
}
