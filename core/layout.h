// How a sealed frame lies on the wire in the format "sotto": front, SFrame, mark
// (docs/frame-format.md). The front is what packetizers and servers must still read.
#ifndef SOTTO_CORE_LAYOUT_H
#define SOTTO_CORE_LAYOUT_H

#include "core/bytes.h"
#include "core/result.h"
#include "core/sframe.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The values are those of the mark. H.264, H.265 and AV1 are named, not spoken yet.
enum sotto_layout {
    SOTTO_LAYOUT_WHOLE = 0,
    SOTTO_LAYOUT_VP8 = 1,
    SOTTO_LAYOUT_H264 = 2,
    SOTTO_LAYOUT_H265 = 3,
    SOTTO_LAYOUT_AV1 = 4,
};

enum sotto_codec {
    SOTTO_CODEC_OTHER, // anything whose packetizer does not look into the frame
    SOTTO_CODEC_OPUS,
    SOTTO_CODEC_RED, // the whole payload is one frame
    SOTTO_CODEC_VP8,
    SOTTO_CODEC_VP9,
    SOTTO_CODEC_H264,
    SOTTO_CODEC_H265,
    SOTTO_CODEC_AV1,
};

// The layout in which a frame of this codec is sealed. SOTTO_INVALID for a codec whose layout is
// not spoken yet.
SOTTO_MUST_USE enum sotto_result sotto_layout_choose(enum sotto_codec codec,
                                                     struct sotto_bytes frame,
                                                     enum sotto_layout *layout);

// Bytes at the start of the frame (or of the wire: they are the same bytes) that stay readable.
// More than there are if `bytes` is too short for its layout.
size_t sotto_layout_front_size(enum sotto_layout layout, struct sotto_bytes bytes);

// The last byte on the wire.
uint8_t sotto_layout_mark(enum sotto_layout layout, enum sotto_suite suite);

// A received wire frame, taken apart; every part is borrowed from the received bytes.
struct sotto_wire_frame {
    enum sotto_layout layout;
    enum sotto_suite suite;
    struct sotto_bytes front;
    struct sotto_sframe sframe;
    struct sotto_bytes mark; // one byte
};

// False, and all zero, for bytes that no sealer writes: an unknown mark, a layout not spoken yet,
// an SFrame header not in shortest form, a KID that names no room secret (four bytes, the top bit
// set), a counter above what a stream may seal, or a frame of another size than fits.
SOTTO_MUST_USE bool sotto_layout_parse(struct sotto_wire_frame *parts, struct sotto_bytes wire);

#endif
