#include "proto/rtp_extension.h"

#include "core/memory.h"

static bool is_alphanumeric(uint8_t c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool is_rid_character(uint8_t c) {
    return is_alphanumeric(c) || c == '-' || c == '_';
}

// RFC 8866 section 9, token-char: visible ASCII without " ( ) , / : ; < = > ? @ [ \ ].
static bool is_token_character(uint8_t c) {
    bool mark = c == '!' || (c >= '#' && c <= '\'') || c == '*' || c == '+' || c == '-' || c == '.';
    return is_alphanumeric(c) || mark || (c >= '^' && c <= '`') || (c >= '{' && c <= '~');
}

static bool parse_name(const struct sotto_rtp_extension *extension, bool (*allowed)(uint8_t),
                       struct sotto_rtp_name *name) {
    *name = (struct sotto_rtp_name){0};
    if (extension->size < 1 || extension->size > sizeof name->text)
        return false;
    for (size_t i = 0; i < extension->size; i++)
        if (!allowed(extension->data[i]))
            return false;
    memcpy(name->text, extension->data, extension->size);
    name->size = extension->size;
    return true;
}

bool sotto_rtp_parse_mid(const struct sotto_rtp_extension *extension, struct sotto_rtp_name *mid) {
    return parse_name(extension, is_token_character, mid);
}

bool sotto_rtp_parse_rid(const struct sotto_rtp_extension *extension, struct sotto_rtp_name *rid) {
    return parse_name(extension, is_rid_character, rid);
}

bool sotto_rtp_name_equal(const struct sotto_rtp_name *name, const char *text, size_t size) {
    return name->size == size && (size == 0 || memcmp(name->text, text, size) == 0);
}

bool sotto_rtp_parse_abs_send_time(const struct sotto_rtp_extension *extension,
                                   uint32_t *send_time) {
    *send_time = 0;
    if (extension->size != SOTTO_RTP_ABS_SEND_TIME_SIZE)
        return false;
    const uint8_t *data = extension->data;
    *send_time = (uint32_t)data[0] << 16 | (uint32_t)data[1] << 8 | data[2];
    return true;
}

void sotto_rtp_write_abs_send_time(uint8_t data[SOTTO_RTP_ABS_SEND_TIME_SIZE], uint64_t now_us) {
    // The value wraps every 64 s; taking those away first keeps the shift within 64 bits.
    uint64_t send_time = ((now_us % 64000000) << 18) / 1000000;
    data[0] = (uint8_t)(send_time >> 16);
    data[1] = (uint8_t)(send_time >> 8);
    data[2] = (uint8_t)send_time;
}

bool sotto_rtp_parse_transport_sequence(const struct sotto_rtp_extension *extension,
                                        uint16_t *sequence) {
    *sequence = 0;
    if (extension->size != SOTTO_RTP_TRANSPORT_SEQUENCE_SIZE)
        return false;
    *sequence = (uint16_t)(extension->data[0] << 8 | extension->data[1]);
    return true;
}

void sotto_rtp_write_transport_sequence(uint8_t data[SOTTO_RTP_TRANSPORT_SEQUENCE_SIZE],
                                        uint16_t sequence) {
    data[0] = (uint8_t)(sequence >> 8);
    data[1] = (uint8_t)sequence;
}

bool sotto_rtp_parse_audio_level(const struct sotto_rtp_extension *extension,
                                 struct sotto_rtp_audio_level *audio_level) {
    *audio_level = (struct sotto_rtp_audio_level){0};
    // RFC 6464 section 3: in two-byte form a padding byte may follow the one of the value.
    if (extension->size < SOTTO_RTP_AUDIO_LEVEL_SIZE || extension->size > 2)
        return false;
    audio_level->voice = extension->data[0] >> 7;
    audio_level->level = extension->data[0] & 0x7F;
    return true;
}

void sotto_rtp_write_audio_level(uint8_t data[SOTTO_RTP_AUDIO_LEVEL_SIZE],
                                 const struct sotto_rtp_audio_level *audio_level) {
    data[0] = (uint8_t)((uint32_t)audio_level->voice << 7 | (audio_level->level & 0x7F));
}

bool sotto_rtp_parse_video_orientation(const struct sotto_rtp_extension *extension,
                                       struct sotto_rtp_video_orientation *orientation) {
    *orientation = (struct sotto_rtp_video_orientation){0};
    if (extension->size != SOTTO_RTP_VIDEO_ORIENTATION_SIZE)
        return false;
    uint8_t value = extension->data[0];
    orientation->back_camera = value & 0x08;
    orientation->flip = value & 0x04;
    orientation->rotation_degrees = (uint16_t)((value & 0x03) * 90);
    return true;
}

bool sotto_rtp_parse_playout_delay(const struct sotto_rtp_extension *extension,
                                   struct sotto_rtp_playout_delay *delay) {
    *delay = (struct sotto_rtp_playout_delay){0};
    if (extension->size != SOTTO_RTP_PLAYOUT_DELAY_SIZE)
        return false;
    const uint8_t *data = extension->data;
    uint32_t value = (uint32_t)data[0] << 16 | (uint32_t)data[1] << 8 | data[2];
    uint32_t min_ms = (value >> 12) * 10; // 12 bits each, in units of 10 ms
    uint32_t max_ms = (value & 0xFFF) * 10;
    if (min_ms > max_ms)
        return false;
    *delay = (struct sotto_rtp_playout_delay){.min_ms = min_ms, .max_ms = max_ms};
    return true;
}
