// The front of layouts 2 and 3, H.264 and H.265, and the escapes in what follows it
// (docs/frame-format.md). The front is a copy of what depacketizers look for: the parameter sets
// before the first slice, and the first two bytes of that slice, of which the sealed frame then
// seems to be the rest. Every NAL unit of the front stands behind a start code of four bytes.
//
// Nobody vouches for the front: libwebrtc's receiver rewrites parameter sets and adds those that
// were announced otherwise. It is thrown away; what opens is the sealed frame with its own.
//
// `layout` is SOTTO_LAYOUT_H264 or SOTTO_LAYOUT_H265.
#ifndef SOTTO_CORE_LAYOUT_H26X_H
#define SOTTO_CORE_LAYOUT_H26X_H

#include "core/bytes.h"
#include "core/layout.h"
#include "core/result.h"
#include "core/writer.h"

#include <stdbool.h>
#include <stddef.h>

// False if the frame has no slice, or the first has a single byte: nothing carries such a frame.
SOTTO_MUST_USE bool sotto_layout_h26x_write_front(enum sotto_layout layout,
                                                  struct sotto_bytes frame,
                                                  struct sotto_writer *writer);

// The size of the front of a wire frame. 0 for bytes that do not begin with exactly one: parameter
// sets, none or more, then a slice; no other NAL unit, no other start code, no other zeros.
size_t sotto_layout_h26x_parse_front(enum sotto_layout layout, struct sotto_bytes wire);

// Escapes everything behind the front. False, with nothing changed, if the capacity is too small.
SOTTO_MUST_USE bool sotto_layout_h26x_escape(size_t front_size, struct sotto_writer *writer);

// Takes apart what follows a front that was parsed: SFrame and mark. Usually nothing was escaped,
// and the parts lie in the received bytes. False for an escape that no escaping makes, for zeros
// without one, and for what is no SFrame.
SOTTO_MUST_USE bool sotto_layout_h26x_parse_sealed(struct sotto_wire_frame *parts,
                                                   struct sotto_bytes sealed);

// Those parts of an SFrame that was escaped that are not opened in place.
struct sotto_layout_h26x_rest {
    uint8_t header[SOTTO_SFRAME_HEADER_SIZE_MAX];
    uint8_t tag[SOTTO_AEAD_TAG_SIZE];
};

// If something was escaped, writes the ciphertext to `ciphertext`, which has room for it, and the
// other parts to `rest`; the SFrame borrows them from there, and is opened in place.
void sotto_layout_h26x_unescape(struct sotto_wire_frame *parts, uint8_t *ciphertext,
                                struct sotto_layout_h26x_rest *rest);

#endif
