#include "core/layout.h"

#include "core/assert.h"
#include "core/layout_av1.h"
#include "core/layout_h26x.h"
#include "core/limits.h"

// VP8 frames start with a tag of 3 bytes whose first bit is 0 in a key frame; a key frame goes on
// with a start code and its dimensions, 7 bytes (RFC 6386, section 9.1).
enum { VP8_DELTA_FRONT_SIZE = 3, VP8_KEY_FRONT_SIZE = 10 };

enum { MARK_BASE = 0xE0, MARK_SUITE_5 = 8, MARK_LAYOUT = 7 };

// False for a codec that is none of the enum.
static bool find_layout(enum sotto_codec codec, enum sotto_layout *layout) {
    *layout = SOTTO_LAYOUT_WHOLE;
    switch (codec) {
    case SOTTO_CODEC_OTHER:
    case SOTTO_CODEC_OPUS:
    case SOTTO_CODEC_RED:
    case SOTTO_CODEC_VP9: return true;
    case SOTTO_CODEC_VP8: *layout = SOTTO_LAYOUT_VP8; return true;
    case SOTTO_CODEC_H264: *layout = SOTTO_LAYOUT_H264; return true;
    case SOTTO_CODEC_H265: *layout = SOTTO_LAYOUT_H265; return true;
    case SOTTO_CODEC_AV1: *layout = SOTTO_LAYOUT_AV1; return true;
    }
    return false;
}

// Of a parameter set of one byte behind a start code of three the front makes one of four: a
// quarter more than the frame, and no unit is shorter.
size_t sotto_layout_wire_size_max(enum sotto_codec codec, size_t frame_size) {
    const size_t size = frame_size < SOTTO_FRAME_SIZE_MAX ? frame_size : SOTTO_FRAME_SIZE_MAX;
    const size_t sealed_size = size + SOTTO_OVERHEAD_MAX;
    enum sotto_layout layout;
    if (find_layout(codec, &layout) && sotto_layout_has_escapes(layout))
        return size + size / 4 + sealed_size + sealed_size / 2;
    return layout == SOTTO_LAYOUT_AV1 ? sealed_size + SOTTO_AV1_FRONT_SIZE_MAX : sealed_size;
}

static size_t vp8_front_size(struct sotto_bytes bytes) {
    const bool is_delta = bytes.size > 0 && (bytes.data[0] & 1) != 0;
    return is_delta ? VP8_DELTA_FRONT_SIZE : VP8_KEY_FRONT_SIZE;
}

// A frame too short for its front is sealed whole.
static void write_vp8_front(struct sotto_bytes frame, struct sotto_writer *writer,
                            enum sotto_layout *layout) {
    const size_t size = vp8_front_size(frame);
    if (frame.size < size)
        *layout = SOTTO_LAYOUT_WHOLE;
    else
        sotto_writer_write_bytes(writer, frame.data, size);
}

static void write_av1_front(struct sotto_bytes frame, bool is_key_frame,
                            const struct sotto_sframe_header *header,
                            struct sotto_writer *writer) {
    uint8_t bytes[SOTTO_SFRAME_HEADER_SIZE_MAX];
    struct sotto_writer header_writer;
    sotto_writer_init(&header_writer, bytes, sizeof bytes);
    sotto_sframe_header_write(&header_writer, header);
    sotto_layout_av1_write_front(writer, is_key_frame,
                                 header_writer.offset + frame.size + SOTTO_AEAD_TAG_SIZE +
                                     SOTTO_MARK_SIZE);
}

enum sotto_result sotto_layout_write_front(enum sotto_codec codec, bool is_key_frame,
                                           struct sotto_bytes frame,
                                           const struct sotto_sframe_header *header,
                                           struct sotto_writer *writer,
                                           enum sotto_layout *layout) {
    if (!find_layout(codec, layout))
        return SOTTO_INVALID;
    if (sotto_layout_has_escapes(*layout)) {
        if (!sotto_layout_h26x_write_front(*layout, frame, writer))
            return SOTTO_INVALID;
    } else if (*layout == SOTTO_LAYOUT_VP8) {
        write_vp8_front(frame, writer, layout);
    } else if (*layout == SOTTO_LAYOUT_AV1) {
        write_av1_front(frame, is_key_frame, header, writer);
    }
    return writer->failed ? SOTTO_TOO_SMALL : SOTTO_OK;
}

uint8_t sotto_layout_mark(enum sotto_layout layout, enum sotto_suite suite) {
    SOTTO_ASSERT(suite == SOTTO_AES_128_GCM_SHA256_128 || suite == SOTTO_AES_256_GCM_SHA512_128);
    uint8_t suite_bit = suite == SOTTO_AES_256_GCM_SHA512_128 ? MARK_SUITE_5 : 0;
    return (uint8_t)(MARK_BASE | suite_bit | layout);
}

static bool parse_mark(struct sotto_wire_frame *parts, uint8_t mark) {
    if ((mark & ~(MARK_SUITE_5 | MARK_LAYOUT)) != MARK_BASE)
        return false;
    parts->suite =
        mark & MARK_SUITE_5 ? SOTTO_AES_256_GCM_SHA512_128 : SOTTO_AES_128_GCM_SHA256_128;
    parts->layout = (enum sotto_layout)(mark & MARK_LAYOUT);
    return parts->layout <= SOTTO_LAYOUT_AV1;
}

// False where a layout with a front has none.
static bool parse_front(struct sotto_wire_frame *parts, struct sotto_bytes wire) {
    size_t size = 0;
    if (sotto_layout_has_escapes(parts->layout))
        size = sotto_layout_h26x_parse_front(parts->layout, wire);
    else if (parts->layout == SOTTO_LAYOUT_AV1)
        size = sotto_layout_av1_parse_front(wire);
    else if (parts->layout == SOTTO_LAYOUT_VP8)
        size = vp8_front_size(wire);
    parts->front = (struct sotto_bytes){wire.data, size};
    return size > 0 || parts->layout == SOTTO_LAYOUT_WHOLE;
}

static bool parse_sframe(struct sotto_wire_frame *parts, struct sotto_bytes sealed) {
    if (sotto_layout_has_escapes(parts->layout))
        return sotto_layout_h26x_parse_sealed(parts, sealed);
    sealed.size -= SOTTO_MARK_SIZE;
    return sotto_sframe_parse(&parts->sframe, sealed);
}

// Whether a header is one that a sealer of this format writes.
static bool is_ours(const struct sotto_sframe_header *header) {
    return header->kid >> 31 == 1 && header->counter < SOTTO_FRAMES_MAX;
}

static bool parse(struct sotto_wire_frame *parts, struct sotto_bytes wire) {
    if (wire.size < SOTTO_OVERHEAD_MIN)
        return false;
    parts->escaped = (struct sotto_bytes){NULL, 0};
    parts->mark = (struct sotto_bytes){wire.data + wire.size - SOTTO_MARK_SIZE, SOTTO_MARK_SIZE};
    if (!parse_mark(parts, parts->mark.data[0]) || !parse_front(parts, wire) ||
        wire.size - parts->front.size < SOTTO_OVERHEAD_MIN)
        return false;
    const struct sotto_bytes sealed = {wire.data + parts->front.size,
                                       wire.size - parts->front.size};
    if (!parse_sframe(parts, sealed) || !is_ours(&parts->sframe.header))
        return false;
    const size_t kept_size = sotto_layout_kept_size(parts->layout, parts->front);
    return parts->sframe.ciphertext.size <= SOTTO_FRAME_SIZE_MAX - kept_size;
}

bool sotto_layout_parse(struct sotto_wire_frame *parts, struct sotto_bytes wire) {
    if (parse(parts, wire))
        return true;
    *parts = (struct sotto_wire_frame){0};
    return false;
}

