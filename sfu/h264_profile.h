// The profile-level-id of H.264 (RFC 6184, section 8.1): whether two ends use the same profile, and
// which level they agree on (RFC 6184, section 8.2.2).
#ifndef SOTTO_SFU_H264_PROFILE_H
#define SOTTO_SFU_H264_PROFILE_H

#include "sfu/rtp_parameters.h"

enum { SOTTO_H264_PROFILE_LEVEL_ID_SIZE = 6 }; // "42e01f"

// What two codecs agree on: the profile of both; of the levels the local one if both allow level
// asymmetry, otherwise the lower. Written as six hexadecimal digits in the usual spelling of the
// profile. Empty if neither codec names a profile-level-id; one that names none has constrained
// baseline at level 3.1, as libwebrtc assumes. False, with an empty text, if the profiles differ or
// one is unknown.
SOTTO_MUST_USE bool
sotto_h264_profile_agree(const struct sotto_rtp_codec *local, const struct sotto_rtp_codec *remote,
                         char profile_level_id[SOTTO_H264_PROFILE_LEVEL_ID_SIZE + 1]);

#endif
