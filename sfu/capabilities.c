#include "sfu/capabilities.h"

#include "core/assert.h"
#include "core/memory.h"
#include "sfu/label.h"

enum {
    // Simulcast needs a choice of layer per receiver, which this version does not make.
    ENCODING_COUNT_MAX = 1,
    NONE = 0,
};

// Sets of feedback, one bit each.
#define FEEDBACK(name) (1u << SOTTO_FEEDBACK_##name)

enum {
    // Lost audio is concealed, not sent again.
    AUDIO_FEEDBACK = 0,
    // No "ccm fir": browsers ask for key frames with PLI, and obey it.
    VIDEO_FEEDBACK = FEEDBACK(NACK) | FEEDBACK(NACK_PLI) | FEEDBACK(GOOG_REMB),
};

enum { FORMATS_MAX = 4 };

// A format parameter: its text, or its number.
struct format {
    const char *name;
    const char *text; // NULL for a number
    int64_t number;
};

// A codec and its RTX. In order of preference: the first that a browser has too is what it sends.
struct codec_row {
    enum sotto_mime_type mime_type;
    enum sotto_media_kind kind;
    uint32_t clock_rate_hz;
    uint8_t channels;
    uint8_t payload_type;
    uint8_t rtx_payload_type; // NONE without RTX
    unsigned feedback;
    struct format formats[FORMATS_MAX]; // those that tell variants apart; NULL ends them
};

// VP8 before VP9: every browser must have it (RFC 7742, section 5), it takes less time to encode,
// and what VP9 gains comes with layers, which this version does not choose among. H.264 in the
// profile that every browser with H.264 has (RFC 7742, section 6.2), and in the packetization mode
// that sealed frames need (docs/frame-format.md). Opus always says two channels (RFC 7587,
// section 7).
static const struct codec_row codec_rows[] = {
    {SOTTO_MIME_OPUS, SOTTO_MEDIA_AUDIO, 48000, 2, 100, NONE, AUDIO_FEEDBACK, {{0}}},
    {SOTTO_MIME_VP8, SOTTO_MEDIA_VIDEO, 90000, 0, 101, 102, VIDEO_FEEDBACK, {{0}}},
    {SOTTO_MIME_VP9, SOTTO_MEDIA_VIDEO, 90000, 0, 103, 104, VIDEO_FEEDBACK,
     {{"profile-id", NULL, 0}}},
    {SOTTO_MIME_H264, SOTTO_MEDIA_VIDEO, 90000, 0, 105, 106, VIDEO_FEEDBACK,
     {{"packetization-mode", NULL, 1},
      {"level-asymmetry-allowed", NULL, 1},
      {"profile-level-id", "42e01f", 0}}},
    {SOTTO_MIME_AV1, SOTTO_MEDIA_VIDEO, 90000, 0, 107, 108, VIDEO_FEEDBACK, {{0}}},
};

enum { CODEC_ROW_COUNT = sizeof codec_rows / sizeof codec_rows[0] };

// The ids of mediasoup's table, so that a capture of either is read alike. What the server only
// reads is RECVONLY: rid and repaired rid to tell streams apart, abs-send-time because
// mediasoup-client negotiates goog-remb only beside it.
static const struct sotto_extension_capability extension_rows[] = {
    {SOTTO_MEDIA_AUDIO, SOTTO_EXTENSION_MID, 1, SOTTO_DIRECTION_SENDRECV},
    {SOTTO_MEDIA_VIDEO, SOTTO_EXTENSION_MID, 1, SOTTO_DIRECTION_SENDRECV},
    {SOTTO_MEDIA_VIDEO, SOTTO_EXTENSION_RTP_STREAM_ID, 2, SOTTO_DIRECTION_RECVONLY},
    {SOTTO_MEDIA_VIDEO, SOTTO_EXTENSION_REPAIRED_RTP_STREAM_ID, 3, SOTTO_DIRECTION_RECVONLY},
    {SOTTO_MEDIA_VIDEO, SOTTO_EXTENSION_ABS_SEND_TIME, 4, SOTTO_DIRECTION_RECVONLY},
    {SOTTO_MEDIA_AUDIO, SOTTO_EXTENSION_AUDIO_LEVEL, 6, SOTTO_DIRECTION_SENDRECV},
    {SOTTO_MEDIA_VIDEO, SOTTO_EXTENSION_VIDEO_ORIENTATION, 8, SOTTO_DIRECTION_SENDRECV},
    {SOTTO_MEDIA_VIDEO, SOTTO_EXTENSION_PLAYOUT_DELAY, 11, SOTTO_DIRECTION_SENDRECV},
};

enum { EXTENSION_ROW_COUNT = sizeof extension_rows / sizeof extension_rows[0] };

static struct sotto_rtp_codec *add_codec(struct sotto_rtp_capabilities *rtp,
                                         enum sotto_mime_type mime_type,
                                         const struct codec_row *row, uint8_t payload_type) {
    SOTTO_ASSERT(rtp->codec_count < SOTTO_CAPABILITY_CODECS_MAX);
    struct sotto_rtp_codec *codec = &rtp->codecs[rtp->codec_count++];
    codec->mime_type = mime_type;
    sotto_label_copy(codec->mime_text, sizeof codec->mime_text,
                     sotto_rtp_parameters_mime_text(mime_type, row->kind));
    codec->kind = row->kind;
    codec->payload_type = payload_type;
    codec->clock_rate_hz = row->clock_rate_hz;
    codec->channels = row->channels;
    return codec;
}

static void set_format(struct sotto_rtp_codec *codec, const struct format *format) {
    bool set = format->text
                   ? sotto_rtp_parameters_set_text(codec, format->name, format->text)
                   : sotto_rtp_parameters_set_number(codec, format->name, format->number);
    SOTTO_ASSERT(set);
}

static void add_row(struct sotto_rtp_capabilities *rtp, const struct codec_row *row) {
    struct sotto_rtp_codec *codec = add_codec(rtp, row->mime_type, row, row->payload_type);
    for (size_t i = 0; i < FORMATS_MAX && row->formats[i].name; i++)
        set_format(codec, &row->formats[i]);
    for (unsigned i = 0; i < SOTTO_FEEDBACK_COUNT; i++)
        if (row->feedback >> i & 1)
            sotto_rtp_parameters_add_feedback(codec, (enum sotto_rtcp_feedback)i);
    if (row->rtx_payload_type == NONE)
        return;
    struct sotto_rtp_codec *rtx = add_codec(rtp, SOTTO_MIME_RTX, row, row->rtx_payload_type);
    set_format(rtx, &(struct format){"apt", NULL, row->payload_type});
}

void sotto_capabilities_init(struct sotto_router_capabilities *router) {
    memset(router, 0, sizeof *router);
    router->encoding_count_max = ENCODING_COUNT_MAX;
    for (size_t i = 0; i < CODEC_ROW_COUNT; i++)
        add_row(&router->rtp, &codec_rows[i]);
    for (size_t i = 0; i < EXTENSION_ROW_COUNT; i++)
        router->rtp.extensions[router->rtp.extension_count++] = extension_rows[i];
}
