// How a sealed frame lies on the wire in the format "sotto": front, SFrame, mark
// (docs/frame-format.md). The front is what packetizers and servers must still read.
#ifndef SOTTO_CORE_LAYOUT_H
#define SOTTO_CORE_LAYOUT_H

#include "core/bytes.h"
#include "core/result.h"
#include "core/sframe.h"
#include "core/writer.h"
#include "sotto/stream.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The values are those of the mark.
enum sotto_layout {
    SOTTO_LAYOUT_WHOLE = 0,
    SOTTO_LAYOUT_VP8 = 1,
    SOTTO_LAYOUT_H264 = 2,
    SOTTO_LAYOUT_H265 = 3,
    SOTTO_LAYOUT_AV1 = 4,
};

// The most that sealing makes of a frame. With n = frame_size:
//   AV1             n + SOTTO_OVERHEAD_MAX + 5
//   H.264, H.265    n + n / 4 for the front, and one and a half times n + SOTTO_OVERHEAD_MAX: every
//                   second byte is escaped then. With real frames the front is a few dozen bytes,
//                   and one byte in four millions is escaped
//   others          n + SOTTO_OVERHEAD_MAX
// No frame above SOTTO_FRAME_SIZE_MAX is sealed; for one this is the most of the largest.
size_t sotto_layout_wire_size_max(enum sotto_codec codec, size_t frame_size);

// Writes the front of a frame to be sealed under `header` and says in which layout it is sealed.
//   SOTTO_INVALID    an unknown codec; H.264 or H.265 without a slice, or with one of a single byte
//   SOTTO_TOO_SMALL  the writer's capacity
SOTTO_MUST_USE enum sotto_result
sotto_layout_write_front(enum sotto_codec codec, bool is_key_frame, struct sotto_bytes frame,
                         const struct sotto_sframe_header *header, struct sotto_writer *writer,
                         enum sotto_layout *layout);

// Whether SFrame and mark are escaped (core/layout_h26x.h).
static inline bool sotto_layout_has_escapes(enum sotto_layout layout) {
    return layout == SOTTO_LAYOUT_H264 || layout == SOTTO_LAYOUT_H265;
}

// How much of the front is the beginning of the frame, which is not sealed then.
static inline size_t sotto_layout_kept_size(enum sotto_layout layout, struct sotto_bytes front) {
    return layout == SOTTO_LAYOUT_VP8 ? front.size : 0;
}

// What of the front is authenticated with the frame. Of AV1's the size is not: it follows from the
// rest. Of H.264's and H.265's nothing is.
static inline struct sotto_bytes sotto_layout_authenticated(enum sotto_layout layout,
                                                            struct sotto_bytes front) {
    if (layout != SOTTO_LAYOUT_VP8)
        front.size = layout == SOTTO_LAYOUT_AV1 ? 1 : 0;
    return front;
}

// The last byte on the wire. Suites other than 4 and 5 have none: sealers refuse them.
uint8_t sotto_layout_mark(enum sotto_layout layout, enum sotto_suite suite);

// A received wire frame, taken apart; every part is borrowed from the received bytes. If SFrame and
// mark were escaped, of the parts of the SFrame only the sizes are there until
// sotto_layout_h26x_unescape.
struct sotto_wire_frame {
    enum sotto_layout layout;
    enum sotto_suite suite;
    struct sotto_bytes front;
    struct sotto_sframe sframe;
    struct sotto_bytes mark;    // one byte
    struct sotto_bytes escaped; // SFrame and mark; no bytes if nothing was escaped
};

// False, and all zero, for bytes that no sealer writes: an unknown mark, another front than the
// layout has, an escape too many or too few, an SFrame header not in shortest form, a KID that
// names no room secret (four bytes, the top bit set), a counter above what a stream may seal, or a
// frame of another size than fits. What nobody vouches for in a front is taken as it comes.
SOTTO_MUST_USE bool sotto_layout_parse(struct sotto_wire_frame *parts, struct sotto_bytes wire);

#endif
