#include "client/frame_options.h"

#include "core/limits.h"
#include "sotto/stream.h"

#include <stdio.h>

// In the order of the enums whose values they stand for.
static const char *const formats[] = {"sotto", "sframe", "livekit", NULL};
static const char *const kinds[] = {"audio", "video", "share", "shareAudio", "data", NULL};
static const char *const codecs[] = {"other", "opus", "red", "vp8", "vp9", "h264", "h265", "av1",
                                     NULL};
static const char *const kdfs[] = {"pbkdf2", "hkdf", NULL};
static const char *const key_bits[] = {"128", "256", NULL};

static const struct sotto_option options[SOTTO_FRAME_OPTION_COUNT] = {
    SOTTO_KEY_OPTIONS,
    {"--format", SOTTO_OPTION_CHOICE, 0, 0, formats},
    {"--ratchet", SOTTO_OPTION_NUMBER, 0, SOTTO_RATCHET_STEPS_MAX, NULL},
    {"--suite", SOTTO_OPTION_NUMBER, 1, 5, NULL},
    {"--room", SOTTO_OPTION_TEXT, 1, SOTTO_ID_SIZE_MAX, NULL},
    {"--participant", SOTTO_OPTION_TEXT, 1, SOTTO_ID_SIZE_MAX, NULL},
    {"--stream", SOTTO_OPTION_HEX, SOTTO_STREAM_ID_SIZE, SOTTO_STREAM_ID_SIZE, NULL},
    {"--kind", SOTTO_OPTION_CHOICE, 0, 0, kinds},
    {"--codec", SOTTO_OPTION_CHOICE, 0, 0, codecs},
    {"--key-frame", SOTTO_OPTION_FLAG, 0, 0, NULL},
    {"--ctr", SOTTO_OPTION_NUMBER, 0, UINT64_MAX, NULL},
    {"--base-key-hex", SOTTO_OPTION_HEX, 1, SOTTO_KEY_LINE_SIZE_MAX, NULL},
    {"--kid", SOTTO_OPTION_NUMBER, 0, UINT64_MAX, NULL},
    {"--metadata-hex", SOTTO_OPTION_HEX, 0, SOTTO_METADATA_SIZE_MAX, NULL},
    {"--kdf", SOTTO_OPTION_CHOICE, 0, 0, kdfs},
    {"--salt", SOTTO_OPTION_TEXT, 0, SOTTO_LIVEKIT_SALT_SIZE_MAX, NULL},
    {"--key-bits", SOTTO_OPTION_CHOICE, 0, 0, key_bits},
    {"--key-index", SOTTO_OPTION_NUMBER, 0, 255, NULL},
    {"--ssrc", SOTTO_OPTION_NUMBER, 0, UINT32_MAX, NULL},
    {"--rtp-timestamp", SOTTO_OPTION_NUMBER, 0, UINT32_MAX, NULL},
    {"--send-count", SOTTO_OPTION_NUMBER, 0, UINT64_MAX, NULL},
};

#define BIT(option) (UINT64_C(1) << (SOTTO_FRAME_##option))
#define KEYS (BIT(KEY_TEXT) | BIT(KEY_HEX) | BIT(KEY_FILE))
#define STREAM (BIT(ROOM) | BIT(PARTICIPANT) | BIT(STREAM) | BIT(KIND))
#define COUNT (BIT(SSRC) | BIT(RTP_TIMESTAMP) | BIT(SEND_COUNT))

// What a format knows beside --format, and what it needs: always, and for sealing. How many keys it
// needs is looked at apart.
static const struct {
    uint64_t known;
    uint64_t needed;
    uint64_t needed_to_seal;
} rules[] = {
    [SOTTO_FRAME_SOTTO] = {KEYS | BIT(ROOM_SECRET_HEX) | BIT(RATCHET) | BIT(SUITE) | STREAM |
                               BIT(CODEC) | BIT(KEY_FRAME) | BIT(CTR),
                           STREAM, BIT(CODEC) | BIT(CTR)},
    [SOTTO_FRAME_SFRAME] = {BIT(BASE_KEY_HEX) | BIT(RATCHET) | BIT(SUITE) | BIT(KID) | BIT(CTR) |
                                BIT(METADATA_HEX),
                            BIT(BASE_KEY_HEX), BIT(KID) | BIT(CTR)},
    [SOTTO_FRAME_LIVEKIT] = {KEYS | BIT(RATCHET) | BIT(CODEC) | BIT(KEY_FRAME) | BIT(KDF) |
                                 BIT(SALT) | BIT(KEY_BITS) | BIT(KEY_INDEX) | COUNT,
                             0, BIT(CODEC) | COUNT},
};

static bool refuse(const char *command, size_t option, const char *what, uint64_t format) {
    fprintf(stderr, "%s: %s %s the format %s\n", command, options[option].name, what,
            formats[format]);
    return false;
}

static bool fits_format(const char *command, bool seals, const struct sotto_option_value *values) {
    uint64_t format = values[SOTTO_FRAME_FORMAT].number;
    uint64_t needed = rules[format].needed | (seals ? rules[format].needed_to_seal : 0);
    for (size_t i = 0; i < SOTTO_FRAME_OPTION_COUNT; i++) {
        if (values[i].is_given && !((rules[format].known | BIT(FORMAT)) >> i & 1))
            return refuse(command, i, "is no option of", format);
        if (!values[i].is_given && (needed >> i & 1))
            return refuse(command, i, seals ? "is needed to seal in" : "is needed to open in",
                          format);
    }
    return true;
}

static bool has_one_key(const char *command, const struct sotto_option_value *values) {
    uint64_t format = values[SOTTO_FRAME_FORMAT].number;
    if (format == SOTTO_FRAME_SFRAME || sotto_key_input_count(values) == 1)
        return true;
    fprintf(stderr, "%s: the format %s needs one key: --key-text, --key-hex, %s--key-file\n",
            command, formats[format],
            format == SOTTO_FRAME_SOTTO ? "--room-secret-hex or " : "or ");
    return false;
}

// LiveKit seals no AV1, and red as what it is in: Opus.
static bool is_codec_of_livekit(uint64_t codec) {
    return codec == SOTTO_CODEC_OPUS || codec == SOTTO_CODEC_VP8 || codec == SOTTO_CODEC_VP9 ||
           codec == SOTTO_CODEC_H264 || codec == SOTTO_CODEC_H265;
}

// What depends on more than one option.
static bool is_sound(const char *command, const struct sotto_option_value *values) {
    bool is_sotto = values[SOTTO_FRAME_FORMAT].number == SOTTO_FRAME_SOTTO;
    const struct sotto_option_value *codec = &values[SOTTO_FRAME_CODEC];
    if (values[SOTTO_FRAME_FORMAT].number == SOTTO_FRAME_LIVEKIT && codec->is_given &&
        !is_codec_of_livekit(codec->number)) {
        fprintf(stderr, "%s: --codec must be one of opus, vp8, vp9, h264, h265 in the format %s\n",
                command, formats[SOTTO_FRAME_LIVEKIT]);
        return false;
    }
    const struct sotto_option_value *suite = &values[SOTTO_FRAME_SUITE];
    if (is_sotto && suite->is_given && suite->number < 4) {
        fprintf(stderr, "%s: --suite must be 4 or 5 in the format sotto\n", command);
        return false;
    }
    return !is_sotto || sotto_key_input_is_long_enough(command, values);
}

bool sotto_frame_options_read(bool seals, int argument_count, char **arguments,
                              struct sotto_option_value *values) {
    const char *command = seals ? "sotto frame seal" : "sotto frame open";
    return sotto_options_read(command, options, SOTTO_FRAME_OPTION_COUNT, values, argument_count,
                              arguments) &&
           fits_format(command, seals, values) && has_one_key(command, values) &&
           is_sound(command, values);
}
