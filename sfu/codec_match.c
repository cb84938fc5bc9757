#include "sfu/codec_match.h"

#include "sfu/h264_profile.h"

// Both name the same number, or leave it at its default of 0.
static bool numbers_match(const struct sotto_rtp_codec *a, const struct sotto_rtp_codec *b,
                          const char *name) {
    int64_t a_number;
    int64_t b_number;
    return sotto_rtp_parameters_get_number(a, name, 0, &a_number) &&
           sotto_rtp_parameters_get_number(b, name, 0, &b_number) && a_number == b_number;
}

static bool h264_matches(const struct sotto_rtp_codec *a, const struct sotto_rtp_codec *b) {
    char profile_level_id[SOTTO_H264_PROFILE_LEVEL_ID_SIZE + 1];
    return numbers_match(a, b, "packetization-mode") &&
           sotto_h264_profile_agree(a, b, profile_level_id);
}

bool sotto_codec_match(const struct sotto_rtp_codec *a, const struct sotto_rtp_codec *b) {
    if (a->mime_type == SOTTO_MIME_OTHER || a->mime_type != b->mime_type || a->kind != b->kind ||
        a->clock_rate_hz != b->clock_rate_hz || a->channels != b->channels)
        return false;
    if (a->mime_type == SOTTO_MIME_VP9)
        return numbers_match(a, b, "profile-id");
    if (a->mime_type == SOTTO_MIME_H264)
        return h264_matches(a, b);
    return true;
}

const struct sotto_rtp_codec *sotto_codec_match_find(const struct sotto_rtp_codec *codecs,
                                                     size_t codec_count,
                                                     const struct sotto_rtp_codec *codec) {
    for (size_t i = 0; i < codec_count; i++)
        if (sotto_codec_match(&codecs[i], codec))
            return &codecs[i];
    return NULL;
}
