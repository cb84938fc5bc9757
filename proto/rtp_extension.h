// The values of the header extensions that an SFU reads or writes. Which id an extension has is
// negotiated and known to the caller; here are the bytes of one element.
// Every parse function returns false, with its output all zero, if the element has another size
// than the extension's definition says or a value it forbids.
#ifndef SOTTO_PROTO_RTP_EXTENSION_H
#define SOTTO_PROTO_RTP_EXTENSION_H

#include "proto/rtp.h"

enum {
    SOTTO_RTP_ABS_SEND_TIME_SIZE = 3,
    SOTTO_RTP_TRANSPORT_SEQUENCE_SIZE = 2,
    SOTTO_RTP_AUDIO_LEVEL_SIZE = 1,
    SOTTO_RTP_VIDEO_ORIENTATION_SIZE = 1,
    SOTTO_RTP_PLAYOUT_DELAY_SIZE = 3,
    // RFC 6464 section 3: 127 is silence, 0 the loudest.
    SOTTO_RTP_AUDIO_LEVEL_SILENCE = 127,
};

// A media identification (urn:ietf:params:rtp-hdrext:sdes:mid, RFC 9143 section 15) or the name of
// a simulcast layer (…:rtp-stream-id and …:repaired-rtp-stream-id, RFC 8852). 1 to 16 bytes: longer
// ones do not fit one-byte form. Copied, not terminated by a zero.
struct sotto_rtp_name {
    char text[SOTTO_RTP_EXTENSION_SIZE_MAX];
    size_t size;
};

// A mid is a token (RFC 8866 section 9); other characters are refused.
SOTTO_MUST_USE bool sotto_rtp_parse_mid(const struct sotto_rtp_extension *extension,
                                        struct sotto_rtp_name *mid);

// A rid, also a repaired one, consists of letters, digits, '-' and '_' (RFC 8851 section 10).
SOTTO_MUST_USE bool sotto_rtp_parse_rid(const struct sotto_rtp_extension *extension,
                                        struct sotto_rtp_name *rid);

bool sotto_rtp_name_equal(const struct sotto_rtp_name *name, const char *text, size_t size);

// Send time in units of 2^-18 s, modulo 64 s
// (http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time).
SOTTO_MUST_USE bool sotto_rtp_parse_abs_send_time(const struct sotto_rtp_extension *extension,
                                                  uint32_t *send_time);
// `now_us` is monotonic: only differences between packets of one transport matter.
void sotto_rtp_write_abs_send_time(uint8_t data[SOTTO_RTP_ABS_SEND_TIME_SIZE], uint64_t now_us);

// The transport-wide sequence number (draft-holmer-rmcat-transport-wide-cc-extensions-01).
SOTTO_MUST_USE bool sotto_rtp_parse_transport_sequence(const struct sotto_rtp_extension *extension,
                                                       uint16_t *sequence);
void sotto_rtp_write_transport_sequence(uint8_t data[SOTTO_RTP_TRANSPORT_SEQUENCE_SIZE],
                                        uint16_t sequence);

// Client-to-mixer audio level (RFC 6464). `level` is in -dBov: 0 is the loudest, 127 silence.
struct sotto_rtp_audio_level {
    uint8_t level;
    bool voice; // the sender says that it contains speech
};

SOTTO_MUST_USE bool sotto_rtp_parse_audio_level(const struct sotto_rtp_extension *extension,
                                                struct sotto_rtp_audio_level *audio_level);
void sotto_rtp_write_audio_level(uint8_t data[SOTTO_RTP_AUDIO_LEVEL_SIZE],
                                 const struct sotto_rtp_audio_level *audio_level);

// Coordination of video orientation (urn:3gpp:video-orientation, 3GPP TS 26.114 section 7.4.5).
struct sotto_rtp_video_orientation {
    uint16_t rotation_degrees; // 0, 90, 180 or 270
    bool flip;
    bool back_camera;
};

SOTTO_MUST_USE bool sotto_rtp_parse_video_orientation(
    const struct sotto_rtp_extension *extension, struct sotto_rtp_video_orientation *orientation);

// Bounds of the receiver's playout delay
// (http://www.webrtc.org/experiments/rtp-hdrext/playout-delay). An SFU copies the element as it is;
// the values are for tests and for receivers. A minimum above the maximum is refused.
struct sotto_rtp_playout_delay {
    uint32_t min_ms;
    uint32_t max_ms;
};

SOTTO_MUST_USE bool sotto_rtp_parse_playout_delay(const struct sotto_rtp_extension *extension,
                                                  struct sotto_rtp_playout_delay *delay);

#endif
