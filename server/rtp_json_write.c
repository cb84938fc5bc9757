#include "server/rtp_json.h"

// Every function here takes over the references that it is given, and yields NULL as soon as memory
// ran out somewhere, so that values are put together without looking in between.

static json_t *with(json_t *object, const char *name, json_t *value) {
    if (object && json_object_set_new(object, name, value) == 0)
        return object;
    if (!object)
        json_decref(value);
    json_decref(object);
    return NULL;
}

static json_t *with_text(json_t *object, const char *name, const char *text) {
    return text[0] == '\0' ? object : with(object, name, json_string(text));
}

static json_t *with_number(json_t *object, const char *name, uint32_t number) {
    return number == 0 ? object : with(object, name, json_integer(number));
}

static json_t *and_entry(json_t *list, json_t *value) {
    if (list && json_array_append_new(list, value) == 0)
        return list;
    if (!list)
        json_decref(value);
    json_decref(list);
    return NULL;
}

const char *sotto_rtp_json_kind_text(enum sotto_media_kind kind) {
    return kind == SOTTO_MEDIA_AUDIO ? "audio" : "video";
}

static json_t *write_formats(const struct sotto_rtp_codec *codec) {
    json_t *formats = json_object();
    for (size_t i = 0; i < codec->format_count; i++) {
        const struct sotto_format_parameter *format = &codec->formats[i];
        json_t *value =
            format->is_text ? json_string(format->text) : json_integer(format->number);
        formats = with(formats, format->name, value);
    }
    return formats;
}

static json_t *write_feedback(const struct sotto_rtp_codec *codec) {
    json_t *list = json_array();
    for (size_t i = 0; i < codec->feedback_count; i++) {
        json_t *entry = json_object();
        entry = with(entry, "type",
                     json_string(sotto_rtp_parameters_feedback_type(codec->feedback[i])));
        entry = with(entry, "parameter",
                     json_string(sotto_rtp_parameters_feedback_parameter(codec->feedback[i])));
        list = and_entry(list, entry);
    }
    return list;
}

// `payload_type_name` is what tells a codec capability from codec parameters.
static json_t *write_codec(json_t *object, const struct sotto_rtp_codec *codec,
                           const char *payload_type_name) {
    object = with(object, "mimeType", json_string(codec->mime_text));
    object = with(object, payload_type_name, json_integer(codec->payload_type));
    object = with(object, "clockRate", json_integer(codec->clock_rate_hz));
    object = with_number(object, "channels", codec->channels);
    object = with(object, "parameters", write_formats(codec));
    return with(object, "rtcpFeedback", write_feedback(codec));
}

static json_t *write_extension_parameters(const struct sotto_rtp_parameters *parameters) {
    json_t *list = json_array();
    for (size_t i = 0; i < parameters->extension_count; i++) {
        const struct sotto_extension_parameter *extension = &parameters->extensions[i];
        json_t *entry = json_object();
        entry = with(entry, "uri",
                     json_string(sotto_rtp_parameters_extension_uri(extension->extension)));
        entry = with(entry, "id", json_integer(extension->id));
        entry = with(entry, "encrypt", json_false());
        list = and_entry(list, with(entry, "parameters", json_object()));
    }
    return list;
}

static json_t *write_encoding(const struct sotto_rtp_encoding *encoding) {
    json_t *object = with_number(json_object(), "ssrc", encoding->ssrc);
    object = with_text(object, "rid", encoding->rid);
    if (encoding->rtx_ssrc != 0)
        object = with(object, "rtx", with_number(json_object(), "ssrc", encoding->rtx_ssrc));
    if (encoding->has_active)
        object = with(object, "active", json_boolean(encoding->active));
    object = with_text(object, "scalabilityMode", encoding->scalability_mode);
    object = with_number(object, "maxBitrate", encoding->max_bitrate_bps);
    if (encoding->has_dtx)
        object = with(object, "dtx", json_boolean(encoding->dtx));
    return object;
}

json_t *sotto_rtp_json_write_parameters(const struct sotto_rtp_parameters *parameters) {
    json_t *codecs = json_array();
    for (size_t i = 0; i < parameters->codec_count; i++)
        codecs = and_entry(codecs,
                           write_codec(json_object(), &parameters->codecs[i], "payloadType"));
    json_t *encodings = json_array();
    for (size_t i = 0; i < parameters->encoding_count; i++)
        encodings = and_entry(encodings, write_encoding(&parameters->encodings[i]));
    json_t *rtcp = with_text(json_object(), "cname", parameters->cname);
    rtcp = with(rtcp, "reducedSize", json_boolean(parameters->reduced_size));
    json_t *object = with_text(json_object(), "mid", parameters->mid);
    object = with(object, "codecs", codecs);
    object = with(object, "headerExtensions", write_extension_parameters(parameters));
    object = with(object, "encodings", encodings);
    object = with(object, "rtcp", rtcp);
    return with_text(object, "msid", parameters->msid);
}

static json_t *write_extension_capability(const struct sotto_extension_capability *extension) {
    json_t *object =
        with(json_object(), "kind", json_string(sotto_rtp_json_kind_text(extension->kind)));
    object = with(object, "uri",
                  json_string(sotto_rtp_parameters_extension_uri(extension->extension)));
    object = with(object, "preferredId", json_integer(extension->id));
    object = with(object, "preferredEncrypt", json_false());
    return with(object, "direction",
                json_string(sotto_rtp_parameters_direction_text(extension->direction)));
}

json_t *sotto_rtp_json_write_capabilities(const struct sotto_rtp_capabilities *capabilities) {
    json_t *codecs = json_array();
    for (size_t i = 0; i < capabilities->codec_count; i++) {
        const struct sotto_rtp_codec *codec = &capabilities->codecs[i];
        json_t *object =
            with(json_object(), "kind", json_string(sotto_rtp_json_kind_text(codec->kind)));
        codecs = and_entry(codecs, write_codec(object, codec, "preferredPayloadType"));
    }
    json_t *extensions = json_array();
    for (size_t i = 0; i < capabilities->extension_count; i++)
        extensions =
            and_entry(extensions, write_extension_capability(&capabilities->extensions[i]));
    json_t *object = with(json_object(), "codecs", codecs);
    return with(object, "headerExtensions", extensions);
}
