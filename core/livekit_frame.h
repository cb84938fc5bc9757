// How a sealed frame lies on the wire in the format "livekit" (docs/livekit.md):
//
//   header | ciphertext | tag, 16 | IV, 12 | 0x0C | key index
//
// The header stays readable and is the additional data of AES-GCM. For H.264 and H.265 everything
// behind it goes through emulation prevention as one stream. What the header is follows from codec
// and frame, not from anything written, so the receiver has to know the codec, or to try.
#ifndef SOTTO_CORE_LIVEKIT_FRAME_H
#define SOTTO_CORE_LIVEKIT_FRAME_H

#include "core/aead.h"
#include "core/bytes.h"
#include "core/layout.h"
#include "core/result.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SOTTO_LIVEKIT_TRAILER_SIZE = 2,
    // Tag, IV and trailer.
    SOTTO_LIVEKIT_OVERHEAD =
        SOTTO_AEAD_TAG_SIZE + SOTTO_AEAD_NONCE_SIZE + SOTTO_LIVEKIT_TRAILER_SIZE,
};

// The most that sealing makes of a frame: a zero more for every start code of three bytes in its
// header, a byte more for every two behind it.
#define SOTTO_LIVEKIT_SEALED_SIZE_MAX(size)                                                        \
    ((size) + (size) / 2 + SOTTO_LIVEKIT_OVERHEAD + SOTTO_LIVEKIT_OVERHEAD / 2 + 1)

struct sotto_livekit_split {
    size_t header_size;
    bool is_escaped;
};

// Of a frame that is to be sealed. `codec` OTHER is a picture of unknown codec; sound of every
// codec is taken for OPUS. SOTTO_INVALID for AV1, which LiveKit does not seal either, and for a
// picture shorter than its header, on which LiveKit's stream breaks.
SOTTO_MUST_USE enum sotto_result sotto_livekit_frame_split(enum sotto_codec codec,
                                                           bool is_key_frame,
                                                           struct sotto_bytes frame,
                                                           struct sotto_livekit_split *split);

enum { SOTTO_LIVEKIT_SPLITS_MAX = 6 };

// Of a wire frame: every way in which a sender may have split it, the likeliest first; none is
// longer than the frame if that has SOTTO_LIVEKIT_OVERHEAD bytes. One for Opus and VP9; two or
// three where the receiver cannot know; all for OTHER, which stands for not knowing even whether it
// is sound; none for AV1. Only one verifies.
size_t sotto_livekit_frame_list_splits(enum sotto_codec codec, bool is_key_frame,
                                       struct sotto_bytes wire,
                                       struct sotto_livekit_split splits[SOTTO_LIVEKIT_SPLITS_MAX]);

// Copies a header, with every start code of three bytes made one of four: depacketizers write them
// so, whatever the encoder wrote. Nothing else changes. False if it does not fit.
SOTTO_MUST_USE bool sotto_livekit_frame_write_header(struct sotto_bytes header, uint8_t *output,
                                                     size_t capacity, size_t *size);

// What a nonce is made of. `count` is the send count modulo SOTTO_LIVEKIT_COUNT_MODULUS.
struct sotto_livekit_iv {
    uint32_t ssrc;
    uint32_t timestamp;
    uint16_t count;
};

void sotto_livekit_frame_write_iv(const struct sotto_livekit_iv *iv,
                                  uint8_t bytes[SOTTO_AEAD_NONCE_SIZE]);

// What stands behind the header, unescaped and taken apart; borrowed from the received bytes.
struct sotto_livekit_sealed {
    struct sotto_bytes ciphertext;
    const uint8_t *tag;   // SOTTO_AEAD_TAG_SIZE bytes
    const uint8_t *nonce; // SOTTO_AEAD_NONCE_SIZE bytes
    struct sotto_livekit_iv iv;
    uint8_t key_index;
};

// False, and all zero, for bytes that no sealer writes.
SOTTO_MUST_USE bool sotto_livekit_frame_parse(struct sotto_livekit_sealed *sealed,
                                              struct sotto_bytes bytes);

// Whether the wire may be a sealed frame at all, by its size and its end; then `key_index` is its
// last byte.
SOTTO_MUST_USE bool sotto_livekit_frame_read_index(struct sotto_bytes wire, uint8_t *key_index);

#endif
