// Seals the frames of one outgoing stream in the format "livekit" (docs/livekit.md).
//
// All senders share one key and tell their nonces apart by SSRC, timestamp and a count: what the
// format has to offer. A sealer sees to it that it repeats none itself. It is not copied, not
// stored and not taken through fork().
#ifndef SOTTO_CORE_LIVEKIT_SEALER_H
#define SOTTO_CORE_LIVEKIT_SEALER_H

#include "core/aead.h"
#include "core/limits.h"
#include "core/livekit_frame.h"
#include "core/livekit_ring.h"
#include "core/result.h"
#include "core/stream_name.h"
#include "core/stream_state.h"
#include "sotto/livekit.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// What was sealed under one SSRC. Timestamps are continued beyond 32 bits.
struct sotto_livekit_counter {
    uint32_t ssrc;
    uint16_t count; // of the next frame
    uint32_t frames_in_epoch;
    uint64_t lowest;
    uint64_t newest;
    uint64_t newest_before;        // of all epochs before the present one
    uint64_t newest_before_before; // of all epochs before that
};

// Owned by the caller, neither copied nor moved; ends with wipe. All zero is a sealer that is not
// ready.
struct sotto_livekit_sealer {
    const struct sotto_livekit_ring *ring; // borrowed from the caller
    enum sotto_kind kind;
    size_t counter_count;
    struct sotto_livekit_counter counters[SOTTO_LIVEKIT_SEALER_SSRCS_MAX];
    uint64_t key_id; // of `aead`, 0: none
    struct sotto_aead aead;
    struct sotto_stream_state state; // its totals may be read
};

// `first_counts` are drawn at random for this sealer: where the count of each SSRC begins, modulo
// SOTTO_LIVEKIT_COUNT_MODULUS. False for a kind that is none.
SOTTO_MUST_USE bool
sotto_livekit_sealer_init(struct sotto_livekit_sealer *sealer,
                          const struct sotto_livekit_ring *ring, enum sotto_kind kind,
                          const uint16_t first_counts[SOTTO_LIVEKIT_SEALER_SSRCS_MAX]);

// Seals one frame under the ring's current key. `wire` does not overlap `frame`, and
// SOTTO_LIVEKIT_SEALED_SIZE_MAX(frame.size) bytes are always enough. A frame of no bytes is
// padding: it stays empty and is not counted.
//   SOTTO_NOT_READY    the sealer was not initialised, or wiped
//   SOTTO_MISSING_KEY  the ring has no current key
//   SOTTO_EXHAUSTED    a nonce might come twice: the SSRC has been through all 2^32 timestamps, or
//                      goes back to one of 32,767 frames ago or earlier; or one SSRC too many
//   SOTTO_TOO_SMALL    `capacity`
//   SOTTO_INVALID      a frame that the format cannot carry, or more than SOTTO_FRAME_SIZE_MAX
//   SOTTO_INTERNAL     the cryptographic library
// On failure `wire` is zero, as far as it may have been written.
SOTTO_MUST_USE enum sotto_result
sotto_livekit_sealer_seal(struct sotto_livekit_sealer *sealer,
                          const struct sotto_livekit_frame_info *info, struct sotto_bytes frame,
                          uint8_t *wire, size_t capacity, size_t *wire_size);

// As sotto_stream_state_poll_event; a kid is a key index plus one.
bool sotto_livekit_sealer_poll_event(struct sotto_livekit_sealer *sealer, uint64_t now_ms,
                                     struct sotto_stream_event *event);

// Lets go of a key that the ring has not any more; a paused stream would keep it.
void sotto_livekit_sealer_handle_key_change(struct sotto_livekit_sealer *sealer);

// The sealer is not ready then. An all-zero sealer is wiped already.
void sotto_livekit_sealer_wipe(struct sotto_livekit_sealer *sealer);

#endif
