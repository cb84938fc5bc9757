// RTP capabilities and RTP parameters as mediasoup-client knows them, modelled on those of ORTC:
// which codecs and header extensions an endpoint has, and which of them one stream uses. Plain
// values in fixed arrays; labels are zero-terminated and the bytes behind them are zero, so that
// two structs filled by the same calls compare equal with memcmp. An empty label means absent.
#ifndef SOTTO_SFU_RTP_PARAMETERS_H
#define SOTTO_SFU_RTP_PARAMETERS_H

#include "core/result.h"
#include "sfu/limits.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum sotto_media_kind {
    SOTTO_MEDIA_AUDIO,
    SOTTO_MEDIA_VIDEO,
};

// The codecs that have rules of their own. To be named here is not to be supported: that is for
// the table in sfu/capabilities.c to say.
enum sotto_mime_type {
    SOTTO_MIME_OTHER, // matches nothing, not even another SOTTO_MIME_OTHER
    SOTTO_MIME_OPUS,
    SOTTO_MIME_VP8,
    SOTTO_MIME_VP9,
    SOTTO_MIME_H264,
    SOTTO_MIME_AV1,
    SOTTO_MIME_RTX, // RFC 4588: the codec that carries retransmissions of another
};

// RTCP feedback (RFC 4585, section 4.2) by type and parameter.
enum sotto_rtcp_feedback {
    SOTTO_FEEDBACK_NACK,
    SOTTO_FEEDBACK_NACK_PLI,
    SOTTO_FEEDBACK_CCM_FIR,
    SOTTO_FEEDBACK_GOOG_REMB,
    SOTTO_FEEDBACK_TRANSPORT_CC,
    SOTTO_FEEDBACK_COUNT, // also: feedback that is unknown here
};

// RTP header extensions by URI.
enum sotto_extension {
    SOTTO_EXTENSION_MID,
    SOTTO_EXTENSION_RTP_STREAM_ID,
    SOTTO_EXTENSION_REPAIRED_RTP_STREAM_ID,
    SOTTO_EXTENSION_ABS_SEND_TIME,
    SOTTO_EXTENSION_TRANSPORT_CC,
    SOTTO_EXTENSION_AUDIO_LEVEL,
    SOTTO_EXTENSION_DEPENDENCY_DESCRIPTOR,
    SOTTO_EXTENSION_VIDEO_ORIENTATION,
    SOTTO_EXTENSION_TRANSMISSION_OFFSET,
    SOTTO_EXTENSION_ABS_CAPTURE_TIME,
    SOTTO_EXTENSION_PLAYOUT_DELAY,
    SOTTO_EXTENSION_COUNT, // also: an extension that is unknown here
};

// As the owner of the capabilities sees it: the router receives what is RECVONLY.
enum sotto_direction {
    SOTTO_DIRECTION_SENDRECV,
    SOTTO_DIRECTION_SENDONLY,
    SOTTO_DIRECTION_RECVONLY,
    SOTTO_DIRECTION_INACTIVE,
    SOTTO_DIRECTION_COUNT,
};

// One name=value of "a=fmtp".
struct sotto_format_parameter {
    char name[SOTTO_FORMAT_NAME_SIZE_MAX + 1];
    bool is_text;
    char text[SOTTO_FORMAT_TEXT_SIZE_MAX + 1]; // if is_text
    int64_t number;                            // otherwise; at most SOTTO_FORMAT_NUMBER_MAX
};

// A codec as somebody has it (payload_type is then the preferred one) or uses it.
struct sotto_rtp_codec {
    enum sotto_mime_type mime_type;
    char mime_text[SOTTO_MIME_TEXT_SIZE_MAX + 1]; // as its owner spells it
    enum sotto_media_kind kind;
    uint8_t payload_type;
    uint32_t clock_rate_hz;
    uint8_t channels; // 0 for video
    size_t format_count;
    struct sotto_format_parameter formats[SOTTO_FORMAT_PARAMETERS_MAX];
    size_t feedback_count;
    enum sotto_rtcp_feedback feedback[SOTTO_FEEDBACK_COUNT]; // each at most once
};

struct sotto_extension_capability {
    enum sotto_media_kind kind;
    enum sotto_extension extension;
    uint8_t id;
    enum sotto_direction direction;
};

struct sotto_rtp_capabilities {
    size_t codec_count;
    struct sotto_rtp_codec codecs[SOTTO_CAPABILITY_CODECS_MAX]; // in order of preference
    size_t extension_count;
    struct sotto_extension_capability extensions[2 * SOTTO_EXTENSION_COUNT]; // once for each kind
};

struct sotto_extension_parameter {
    enum sotto_extension extension;
    uint8_t id;
};

// One layer of simulcast, or the whole stream.
struct sotto_rtp_encoding {
    uint32_t ssrc;     // 0 if absent
    uint32_t rtx_ssrc; // 0 if absent
    char rid[SOTTO_RID_SIZE_MAX + 1];
    char scalability_mode[SOTTO_SCALABILITY_MODE_SIZE_MAX + 1];
    uint32_t max_bitrate_bps; // 0 if absent
    bool has_active;
    bool active;
    bool has_dtx;
    bool dtx; // silence is no sign of a dead stream
};

struct sotto_rtp_parameters {
    char mid[SOTTO_MID_SIZE_MAX + 1];
    size_t codec_count;
    struct sotto_rtp_codec codecs[SOTTO_PARAMETER_CODECS_MAX];
    size_t extension_count;
    struct sotto_extension_parameter extensions[SOTTO_EXTENSION_COUNT]; // each at most once
    size_t encoding_count;
    struct sotto_rtp_encoding encodings[SOTTO_ENCODINGS_MAX];
    char cname[SOTTO_CNAME_SIZE_MAX + 1]; // RTCP, RFC 3550, section 6.5.1
    bool reduced_size;                    // RTCP, RFC 5506
    char msid[SOTTO_MSID_SIZE_MAX + 1];   // RFC 8830: stream id, a space, track id
};

// "video/VP8" in any case; SOTTO_MIME_OTHER for what is not in the list.
enum sotto_mime_type sotto_rtp_parameters_find_mime_type(const char *text);
// The usual spelling. Not for SOTTO_MIME_OTHER.
const char *sotto_rtp_parameters_mime_text(enum sotto_mime_type type, enum sotto_media_kind kind);

// SOTTO_FEEDBACK_COUNT for what is not in the list. `parameter` is empty where there is none.
enum sotto_rtcp_feedback sotto_rtp_parameters_find_feedback(const char *type,
                                                            const char *parameter);
const char *sotto_rtp_parameters_feedback_type(enum sotto_rtcp_feedback feedback);
const char *sotto_rtp_parameters_feedback_parameter(enum sotto_rtcp_feedback feedback);

// SOTTO_EXTENSION_COUNT for what is not in the list.
enum sotto_extension sotto_rtp_parameters_find_extension(const char *uri);
const char *sotto_rtp_parameters_extension_uri(enum sotto_extension extension);

// SOTTO_DIRECTION_COUNT for what is not in the list.
enum sotto_direction sotto_rtp_parameters_find_direction(const char *text);
const char *sotto_rtp_parameters_direction_text(enum sotto_direction direction);

// Sets a format parameter, in place of an earlier one of that name. False, with nothing changed, if
// there is no room for another.
SOTTO_MUST_USE bool sotto_rtp_parameters_set_number(struct sotto_rtp_codec *codec, const char *name,
                                                    int64_t number);
SOTTO_MUST_USE bool sotto_rtp_parameters_set_text(struct sotto_rtp_codec *codec, const char *name,
                                                  const char *text);

// NULL if the codec has no format parameter of that name; borrowed from the codec.
const struct sotto_format_parameter *
sotto_rtp_parameters_find_format(const struct sotto_rtp_codec *codec, const char *name);

// The number, or `fallback` if it is absent. False, with 0, if the parameter is a text.
SOTTO_MUST_USE bool sotto_rtp_parameters_get_number(const struct sotto_rtp_codec *codec,
                                                    const char *name, int64_t fallback,
                                                    int64_t *number);

bool sotto_rtp_parameters_has_feedback(const struct sotto_rtp_codec *codec,
                                       enum sotto_rtcp_feedback feedback);
// Does nothing if the codec has it already.
void sotto_rtp_parameters_add_feedback(struct sotto_rtp_codec *codec,
                                       enum sotto_rtcp_feedback feedback);
void sotto_rtp_parameters_remove_feedback(struct sotto_rtp_codec *codec,
                                          enum sotto_rtcp_feedback feedback);

// The id under which these parameters carry the extension, 0 if they do not.
uint8_t sotto_rtp_parameters_extension_id(const struct sotto_rtp_parameters *parameters,
                                          enum sotto_extension extension);

// The RTX codec whose apt (RFC 4588, section 8.1) is `payload_type`; NULL if there is none.
const struct sotto_rtp_codec *sotto_rtp_parameters_find_rtx(const struct sotto_rtp_codec *codecs,
                                                            size_t codec_count,
                                                            uint8_t payload_type);

#endif
