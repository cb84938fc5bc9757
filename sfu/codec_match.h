// When two codecs are the same codec (the matching rule of mediasoup-client and of RFC 3264 as
// browsers apply it).
#ifndef SOTTO_SFU_CODEC_MATCH_H
#define SOTTO_SFU_CODEC_MATCH_H

#include "sfu/rtp_parameters.h"

// The same MIME type, clock rate and channels; for H.264 also packetization mode and profile, for
// VP9 the profile. Feedback and all other format parameters may differ. Any two RTX codecs of a
// kind match: what they belong to is said by their apt.
bool sotto_codec_match(const struct sotto_rtp_codec *a, const struct sotto_rtp_codec *b);

// The first of `codecs` that matches; borrowed from the list, NULL if there is none.
const struct sotto_rtp_codec *sotto_codec_match_find(const struct sotto_rtp_codec *codecs,
                                                     size_t codec_count,
                                                     const struct sotto_rtp_codec *codec);

#endif
