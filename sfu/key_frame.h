// Whether a packet begins a key frame, told from what stays in clear in an end-to-end encrypted
// frame: the RTP payload descriptors of VP8 (RFC 7741, section 4.2) and VP9 (RFC 9628, section
// 4.2), the AV1 aggregation header, NAL unit types of H.264 (RFC 6184, section 5.2), and the bytes
// that the frame format leaves in front. The publisher writes all of them and may lie, and a format
// may seal more: the answer speeds things up and decides nothing that must be right.
#ifndef SOTTO_SFU_KEY_FRAME_H
#define SOTTO_SFU_KEY_FRAME_H

#include "sfu/rtp_parameters.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// False for a codec whose key frames cannot be told from others.
bool sotto_key_frame_is_visible(enum sotto_mime_type codec);

// `payload` is the RTP payload. Truncated or senseless input is no key frame.
bool sotto_key_frame_begins(enum sotto_mime_type codec, const uint8_t *payload, size_t size);

#endif
