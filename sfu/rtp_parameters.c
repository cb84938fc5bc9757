#include "sfu/rtp_parameters.h"

#include "core/assert.h"
#include "core/memory.h"
#include "sfu/label.h"

struct mime_row {
    enum sotto_mime_type type;
    enum sotto_media_kind kind;
    const char *text;
};

static const struct mime_row mime_rows[] = {
    {SOTTO_MIME_OPUS, SOTTO_MEDIA_AUDIO, "audio/opus"},
    {SOTTO_MIME_VP8, SOTTO_MEDIA_VIDEO, "video/VP8"},
    {SOTTO_MIME_VP9, SOTTO_MEDIA_VIDEO, "video/VP9"},
    {SOTTO_MIME_H264, SOTTO_MEDIA_VIDEO, "video/H264"},
    {SOTTO_MIME_AV1, SOTTO_MEDIA_VIDEO, "video/AV1"},
    {SOTTO_MIME_RTX, SOTTO_MEDIA_VIDEO, "video/rtx"},
    {SOTTO_MIME_RTX, SOTTO_MEDIA_AUDIO, "audio/rtx"},
};

enum { MIME_ROW_COUNT = sizeof mime_rows / sizeof mime_rows[0] };

struct feedback_row {
    const char *type;
    const char *parameter;
};

static const struct feedback_row feedback_rows[SOTTO_FEEDBACK_COUNT] = {
    [SOTTO_FEEDBACK_NACK] = {"nack", ""},
    [SOTTO_FEEDBACK_NACK_PLI] = {"nack", "pli"},
    [SOTTO_FEEDBACK_CCM_FIR] = {"ccm", "fir"},
    [SOTTO_FEEDBACK_GOOG_REMB] = {"goog-remb", ""},
    [SOTTO_FEEDBACK_TRANSPORT_CC] = {"transport-cc", ""},
};

static const char *const extension_uris[SOTTO_EXTENSION_COUNT] = {
    [SOTTO_EXTENSION_MID] = "urn:ietf:params:rtp-hdrext:sdes:mid",
    [SOTTO_EXTENSION_RTP_STREAM_ID] = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id",
    [SOTTO_EXTENSION_REPAIRED_RTP_STREAM_ID] =
        "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id",
    [SOTTO_EXTENSION_ABS_SEND_TIME] =
        "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
    [SOTTO_EXTENSION_TRANSPORT_CC] =
        "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
    [SOTTO_EXTENSION_AUDIO_LEVEL] = "urn:ietf:params:rtp-hdrext:ssrc-audio-level",
    [SOTTO_EXTENSION_DEPENDENCY_DESCRIPTOR] =
        "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension",
    [SOTTO_EXTENSION_VIDEO_ORIENTATION] = "urn:3gpp:video-orientation",
    [SOTTO_EXTENSION_TRANSMISSION_OFFSET] = "urn:ietf:params:rtp-hdrext:toffset",
    [SOTTO_EXTENSION_ABS_CAPTURE_TIME] =
        "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time",
    [SOTTO_EXTENSION_PLAYOUT_DELAY] = "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay",
};

static const char *const direction_texts[SOTTO_DIRECTION_COUNT] = {
    [SOTTO_DIRECTION_SENDRECV] = "sendrecv",
    [SOTTO_DIRECTION_SENDONLY] = "sendonly",
    [SOTTO_DIRECTION_RECVONLY] = "recvonly",
    [SOTTO_DIRECTION_INACTIVE] = "inactive",
};

enum sotto_mime_type sotto_rtp_parameters_find_mime_type(const char *text) {
    for (size_t i = 0; i < MIME_ROW_COUNT; i++)
        if (sotto_label_equal_ignoring_case(mime_rows[i].text, text))
            return mime_rows[i].type;
    return SOTTO_MIME_OTHER;
}

const char *sotto_rtp_parameters_mime_text(enum sotto_mime_type type, enum sotto_media_kind kind) {
    size_t i = 0;
    while (i < MIME_ROW_COUNT && (mime_rows[i].type != type || mime_rows[i].kind != kind))
        i++;
    SOTTO_ASSERT(i < MIME_ROW_COUNT);
    return mime_rows[i].text;
}

enum sotto_rtcp_feedback sotto_rtp_parameters_find_feedback(const char *type,
                                                            const char *parameter) {
    unsigned i = 0;
    while (i < SOTTO_FEEDBACK_COUNT && !(sotto_label_equal(feedback_rows[i].type, type) &&
                                         sotto_label_equal(feedback_rows[i].parameter, parameter)))
        i++;
    return (enum sotto_rtcp_feedback)i;
}

const char *sotto_rtp_parameters_feedback_type(enum sotto_rtcp_feedback feedback) {
    SOTTO_ASSERT(feedback < SOTTO_FEEDBACK_COUNT);
    return feedback_rows[feedback].type;
}

const char *sotto_rtp_parameters_feedback_parameter(enum sotto_rtcp_feedback feedback) {
    SOTTO_ASSERT(feedback < SOTTO_FEEDBACK_COUNT);
    return feedback_rows[feedback].parameter;
}

enum sotto_extension sotto_rtp_parameters_find_extension(const char *uri) {
    unsigned i = 0;
    while (i < SOTTO_EXTENSION_COUNT && !sotto_label_equal(extension_uris[i], uri))
        i++;
    return (enum sotto_extension)i;
}

const char *sotto_rtp_parameters_extension_uri(enum sotto_extension extension) {
    SOTTO_ASSERT(extension < SOTTO_EXTENSION_COUNT);
    return extension_uris[extension];
}

enum sotto_direction sotto_rtp_parameters_find_direction(const char *text) {
    unsigned i = 0;
    while (i < SOTTO_DIRECTION_COUNT && !sotto_label_equal(direction_texts[i], text))
        i++;
    return (enum sotto_direction)i;
}

const char *sotto_rtp_parameters_direction_text(enum sotto_direction direction) {
    SOTTO_ASSERT(direction < SOTTO_DIRECTION_COUNT);
    return direction_texts[direction];
}

// The parameter of that name, or a new one without a value.
static struct sotto_format_parameter *enter_format(struct sotto_rtp_codec *codec,
                                                   const char *name) {
    for (size_t i = 0; i < codec->format_count; i++)
        if (sotto_label_equal(codec->formats[i].name, name))
            return &codec->formats[i];
    if (codec->format_count == SOTTO_FORMAT_PARAMETERS_MAX)
        return NULL;
    struct sotto_format_parameter *format = &codec->formats[codec->format_count++];
    sotto_label_copy(format->name, sizeof format->name, name);
    return format;
}

bool sotto_rtp_parameters_set_number(struct sotto_rtp_codec *codec, const char *name,
                                     int64_t number) {
    struct sotto_format_parameter *format = enter_format(codec, name);
    if (!format)
        return false;
    format->is_text = false;
    memset(format->text, 0, sizeof format->text);
    format->number = number;
    return true;
}

bool sotto_rtp_parameters_set_text(struct sotto_rtp_codec *codec, const char *name,
                                   const char *text) {
    struct sotto_format_parameter *format = enter_format(codec, name);
    if (!format)
        return false;
    format->is_text = true;
    sotto_label_copy(format->text, sizeof format->text, text);
    format->number = 0;
    return true;
}

const struct sotto_format_parameter *
sotto_rtp_parameters_find_format(const struct sotto_rtp_codec *codec, const char *name) {
    for (size_t i = 0; i < codec->format_count; i++)
        if (sotto_label_equal(codec->formats[i].name, name))
            return &codec->formats[i];
    return NULL;
}

bool sotto_rtp_parameters_get_number(const struct sotto_rtp_codec *codec, const char *name,
                                     int64_t fallback, int64_t *number) {
    const struct sotto_format_parameter *format = sotto_rtp_parameters_find_format(codec, name);
    *number = 0;
    if (format && format->is_text)
        return false;
    *number = format ? format->number : fallback;
    return true;
}

bool sotto_rtp_parameters_has_feedback(const struct sotto_rtp_codec *codec,
                                       enum sotto_rtcp_feedback feedback) {
    for (size_t i = 0; i < codec->feedback_count; i++)
        if (codec->feedback[i] == feedback)
            return true;
    return false;
}

void sotto_rtp_parameters_add_feedback(struct sotto_rtp_codec *codec,
                                       enum sotto_rtcp_feedback feedback) {
    SOTTO_ASSERT(feedback < SOTTO_FEEDBACK_COUNT);
    if (!sotto_rtp_parameters_has_feedback(codec, feedback))
        codec->feedback[codec->feedback_count++] = feedback;
}

void sotto_rtp_parameters_remove_feedback(struct sotto_rtp_codec *codec,
                                          enum sotto_rtcp_feedback feedback) {
    size_t kept = 0;
    for (size_t i = 0; i < codec->feedback_count; i++)
        if (codec->feedback[i] != feedback)
            codec->feedback[kept++] = codec->feedback[i];
    for (size_t i = kept; i < codec->feedback_count; i++)
        codec->feedback[i] = (enum sotto_rtcp_feedback)0;
    codec->feedback_count = kept;
}

uint8_t sotto_rtp_parameters_extension_id(const struct sotto_rtp_parameters *parameters,
                                          enum sotto_extension extension) {
    for (size_t i = 0; i < parameters->extension_count; i++)
        if (parameters->extensions[i].extension == extension)
            return parameters->extensions[i].id;
    return 0;
}

const struct sotto_rtp_codec *sotto_rtp_parameters_find_rtx(const struct sotto_rtp_codec *codecs,
                                                            size_t codec_count,
                                                            uint8_t payload_type) {
    for (size_t i = 0; i < codec_count; i++) {
        int64_t apt;
        if (codecs[i].mime_type == SOTTO_MIME_RTX &&
            sotto_rtp_parameters_get_number(&codecs[i], "apt", -1, &apt) && apt == payload_type)
            return &codecs[i];
    }
    return NULL;
}
