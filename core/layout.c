#include "core/layout.h"

#include "core/limits.h"

// VP8 frames start with a tag of 3 bytes whose first bit is 0 in a key frame; a key frame goes on
// with a start code and its dimensions, 7 bytes (RFC 6386, section 9.1).
enum { VP8_DELTA_FRONT_SIZE = 3, VP8_KEY_FRONT_SIZE = 10 };

enum { MARK_BASE = 0xE0, MARK_SUITE_5 = 8, MARK_LAYOUT = 7 };

size_t sotto_layout_front_size(enum sotto_layout layout, struct sotto_bytes bytes) {
    if (layout != SOTTO_LAYOUT_VP8)
        return 0;
    bool is_delta = bytes.size > 0 && (bytes.data[0] & 1) != 0;
    return is_delta ? VP8_DELTA_FRONT_SIZE : VP8_KEY_FRONT_SIZE;
}

enum sotto_result sotto_layout_choose(enum sotto_codec codec, struct sotto_bytes frame,
                                      enum sotto_layout *layout) {
    *layout = SOTTO_LAYOUT_WHOLE;
    switch (codec) {
    case SOTTO_CODEC_OTHER:
    case SOTTO_CODEC_OPUS:
    case SOTTO_CODEC_RED:
    case SOTTO_CODEC_VP9: return SOTTO_OK;
    case SOTTO_CODEC_VP8:
        if (frame.size >= sotto_layout_front_size(SOTTO_LAYOUT_VP8, frame))
            *layout = SOTTO_LAYOUT_VP8;
        return SOTTO_OK;
    case SOTTO_CODEC_H264:
    case SOTTO_CODEC_H265:
    case SOTTO_CODEC_AV1: return SOTTO_INVALID;
    }
    return SOTTO_INVALID;
}

uint8_t sotto_layout_mark(enum sotto_layout layout, enum sotto_suite suite) {
    uint8_t suite_bit = suite == SOTTO_AES_256_GCM_SHA512_128 ? MARK_SUITE_5 : 0;
    return (uint8_t)(MARK_BASE | suite_bit | layout);
}

static bool parse_mark(struct sotto_wire_frame *parts, uint8_t mark) {
    if ((mark & ~(MARK_SUITE_5 | MARK_LAYOUT)) != MARK_BASE)
        return false;
    parts->suite =
        mark & MARK_SUITE_5 ? SOTTO_AES_256_GCM_SHA512_128 : SOTTO_AES_128_GCM_SHA256_128;
    parts->layout = (enum sotto_layout)(mark & MARK_LAYOUT);
    return parts->layout == SOTTO_LAYOUT_WHOLE || parts->layout == SOTTO_LAYOUT_VP8;
}

// Whether a header is one that a sealer of this format writes.
static bool is_ours(const struct sotto_sframe_header *header) {
    return header->kid >> 31 == 1 && header->counter < SOTTO_FRAMES_MAX;
}

// The least size leaves room for a front and the mark, so that no subtraction falls below zero.
static bool parse(struct sotto_wire_frame *parts, struct sotto_bytes wire) {
    if (wire.size < SOTTO_OVERHEAD_MIN ||
        wire.size > SOTTO_FRAME_SIZE_MAX + SOTTO_OVERHEAD_MAX)
        return false;
    size_t mark_offset = wire.size - SOTTO_MARK_SIZE;
    parts->mark = (struct sotto_bytes){wire.data + mark_offset, SOTTO_MARK_SIZE};
    if (!parse_mark(parts, wire.data[mark_offset]))
        return false;
    parts->front = (struct sotto_bytes){wire.data, sotto_layout_front_size(parts->layout, wire)};
    struct sotto_bytes sframe = {wire.data + parts->front.size, mark_offset - parts->front.size};
    return sotto_sframe_parse(&parts->sframe, sframe) && is_ours(&parts->sframe.header);
}

bool sotto_layout_parse(struct sotto_wire_frame *parts, struct sotto_bytes wire) {
    if (parse(parts, wire))
        return true;
    *parts = (struct sotto_wire_frame){0};
    return false;
}
