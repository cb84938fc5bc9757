// The format "livekit" (docs/livekit.md): frames that LiveKit's and VideoSDK's clients seal and
// open. For meetings whose every participant uses it. All senders share one key and tell their
// nonces apart by SSRC, RTP timestamp and a count; one passphrase must not serve the format "sotto"
// too.
//
// Keys and streams of one meeting may be used by different threads; they take turns. PBKDF2 takes
// 100,000 rounds for every key and for every step of its ratchet, so it is never done where frames
// pass: sotto_livekit_keys_work does all of it.
#ifndef SOTTO_INCLUDE_SOTTO_LIVEKIT_H
#define SOTTO_INCLUDE_SOTTO_LIVEKIT_H

#include "sotto/event.h"
#include "sotto/key_schedule.h"
#include "sotto/limits.h"
#include "sotto/result.h"
#include "sotto/stream.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// LiveKit's options of a key provider. All participants have the same.
struct sotto_livekit_options {
    struct sotto_bytes salt; // "LKFrameEncryptionKey", "VideoSDKEncryptionRatchetSalt" or another
    size_t key_size;         // 16 or 32
    size_t ring_size;        // 1 to SOTTO_LIVEKIT_RING_SIZE_MAX
    size_t ratchet_window;   // 0 to SOTTO_LIVEKIT_RATCHET_WINDOW_MAX steps
};

// LiveKit's browser client takes PBKDF2 for a text and HKDF for bytes; its native clients take
// PBKDF2 for both unless told otherwise.
enum sotto_livekit_kdf {
    SOTTO_LIVEKIT_PBKDF2,
    SOTTO_LIVEKIT_HKDF,
};

// A ring of keys, found by the key index that every frame names.
struct sotto_livekit_keys;

// Without any key. `meeting` is NULL for the first ring of a meeting; a further one, for a
// participant with keys of its own, names any before it, because which frames were opened already
// is remembered for the whole meeting: nothing in a frame says whose it is.
// NULL for an option outside the above and without memory, of which the first takes 2.5 MB.
SOTTO_API SOTTO_MUST_USE struct sotto_livekit_keys *
sotto_livekit_keys_create(const struct sotto_livekit_options *options,
                          struct sotto_livekit_keys *meeting);

// Erases the keys once no stream made with them is left. NULL is fine.
SOTTO_API void sotto_livekit_keys_destroy(struct sotto_livekit_keys *keys);

// Puts a key in place `index`, modulo the ring's size as in LiveKit; the one that was there ends.
// `makes_current`: it seals from now on. With HKDF at once, with PBKDF2 when the work is done: one
// at a time, a new one takes the place of an unfinished one. SOTTO_INVALID for no bytes.
SOTTO_API SOTTO_MUST_USE enum sotto_result
sotto_livekit_keys_set(struct sotto_livekit_keys *keys, size_t index, enum sotto_livekit_kdf kdf,
                       struct sotto_bytes material, bool makes_current);

// Goes on with whatever is to be derived: keys that were set, ratchet steps, windows. At most
// `rounds_max` rounds of PBKDF2; a key of HKDF counts as 1,000. Frames of other threads come in
// between: one waits for 1,000 rounds at most, a quarter of a millisecond. `is_done` once nothing
// is left, and on failure. SOTTO_INTERNAL if the cryptographic library failed; no key is set then.
SOTTO_API SOTTO_MUST_USE enum sotto_result sotto_livekit_keys_work(struct sotto_livekit_keys *keys,
                                                                   uint32_t rounds_max,
                                                                   bool *is_done);

// Takes a place one step of the ratchet forward: at once if the next key is there, otherwise as
// soon as the work has come to it. SOTTO_MISSING_KEY for an empty place, SOTTO_TOO_SMALL with as
// many steps waiting as a window has at most.
SOTTO_API SOTTO_MUST_USE enum sotto_result
sotto_livekit_keys_ratchet(struct sotto_livekit_keys *keys, size_t index);

// A place that went a step forward, by the function above or by a frame, since it was last told.
// False if there is none.
SOTTO_API bool sotto_livekit_keys_poll_ratcheted(struct sotto_livekit_keys *keys, size_t *index);

// Erases the keys before the last step of every place. To be called a few seconds after a step:
// until then frames that were on their way still open.
SOTTO_API void sotto_livekit_keys_end_previous(struct sotto_livekit_keys *keys);

// Seals from now on with the key of another place. SOTTO_MISSING_KEY, without effect, if it is
// empty.
SOTTO_API SOTTO_MUST_USE enum sotto_result sotto_livekit_keys_use(struct sotto_livekit_keys *keys,
                                                                  size_t index);

// Twelve digits for people to compare. SOTTO_MISSING_KEY, with an empty text, for an empty place.
SOTTO_API SOTTO_MUST_USE enum sotto_result sotto_livekit_keys_safety_code(
    struct sotto_livekit_keys *keys, size_t index, char code[SOTTO_SAFETY_CODE_SIZE]);

struct sotto_livekit_frame_info {
    enum sotto_codec codec; // OTHER: a picture of unknown codec; sound of every codec is OPUS
    bool is_key_frame;
    uint32_t ssrc;
    uint32_t timestamp; // of RTP
};

struct sotto_livekit_frame_sealer;

// NULL for a kind that is none, and without memory.
SOTTO_API SOTTO_MUST_USE struct sotto_livekit_frame_sealer *
sotto_livekit_frame_sealer_create(struct sotto_livekit_keys *keys, enum sotto_kind kind);

// NULL is fine.
SOTTO_API void sotto_livekit_frame_sealer_destroy(struct sotto_livekit_frame_sealer *sealer);

// Seals one frame under the current key. Bytes of sotto_livekit_frame_sealer_size_max are always
// enough. A frame of no bytes is padding: it stays empty and is not counted.
//   SOTTO_MISSING_KEY  no current key
//   SOTTO_EXHAUSTED    a nonce might come twice: the SSRC has been through all 2^32 timestamps, or
//                      goes back to one of 32,767 frames ago or earlier; or one SSRC more than
//                      SOTTO_LIVEKIT_SEALER_SSRCS_MAX
//   SOTTO_TOO_SMALL    `capacity`
//   SOTTO_INVALID      a frame that the format cannot carry, or more than SOTTO_FRAME_SIZE_MAX
//   SOTTO_NOT_READY    after fork()
//   SOTTO_INTERNAL     the cryptographic library
SOTTO_API SOTTO_MUST_USE enum sotto_result
sotto_livekit_frame_sealer_seal(struct sotto_livekit_frame_sealer *sealer,
                                const struct sotto_livekit_frame_info *info,
                                struct sotto_bytes frame, uint8_t *wire, size_t capacity,
                                size_t *wire_size);

// Bytes on the wire that a frame of this size takes at most.
SOTTO_API size_t sotto_livekit_frame_sealer_size_max(size_t frame_size);

// As sotto_frame_sealer_poll_event; a kid is a key index plus one.
SOTTO_API bool
sotto_livekit_frame_sealer_poll_event(struct sotto_livekit_frame_sealer *sealer, uint64_t now_ms,
                                      struct sotto_stream_event *event);

// As sotto_frame_sealer_count.
SOTTO_API uint64_t sotto_livekit_frame_sealer_count(
    const struct sotto_livekit_frame_sealer *sealer, enum sotto_result result);

struct sotto_livekit_frame_opener;

// `failure_tolerance` is LiveKit's option: frames in a row that may fail before the key counts as
// wrong; a negative number for the default, 10. Every frame is tried with the key in use, always;
// beyond the tolerance the ratchet window is tried less often. NULL for a kind that is none, and
// without memory.
SOTTO_API SOTTO_MUST_USE struct sotto_livekit_frame_opener *sotto_livekit_frame_opener_create(
    struct sotto_livekit_keys *keys, enum sotto_kind kind, int failure_tolerance);

// NULL is fine.
SOTTO_API void sotto_livekit_frame_opener_destroy(struct sotto_livekit_frame_opener *opener);

// LiveKit's servers send frames of their own in clear, and tell clients what those end with. They
// are dropped, whatever is in them. The trailer is copied; no bytes mean none. SOTTO_INVALID for
// more than SOTTO_LIVEKIT_TRAILER_SIZE_MAX.
SOTTO_API SOTTO_MUST_USE enum sotto_result sotto_livekit_frame_opener_set_trailer(
    struct sotto_livekit_frame_opener *opener, struct sotto_bytes trailer);

// Opens one frame. `codec` and `is_key_frame` are what is known of it, OTHER and false for nothing:
// they say where to look, and save attempts. wire.size bytes are always enough. No bytes are
// padding: they stay so and are not counted.
//   SOTTO_NOT_SEALED   bytes that no sealer writes, or that end in the server's trailer
//   SOTTO_MISSING_KEY  nothing in the place that the frame names
//   SOTTO_REPLAYED     opened before, by any opener of the meeting, or too old to tell
//   SOTTO_TAMPERED     the tag does not verify: another key, another codec or altered bytes
//   SOTTO_TOO_SMALL    `capacity`
//   SOTTO_INVALID      AV1
//   SOTTO_NOT_READY    after fork()
//   SOTTO_INTERNAL     the cryptographic library
SOTTO_API SOTTO_MUST_USE enum sotto_result sotto_livekit_frame_opener_open(
    struct sotto_livekit_frame_opener *opener, enum sotto_codec codec, bool is_key_frame,
    struct sotto_bytes wire, uint8_t *frame, size_t capacity, size_t *frame_size);

// As sotto_frame_opener_poll_event; a kid is a key index plus one.
SOTTO_API bool
sotto_livekit_frame_opener_poll_event(struct sotto_livekit_frame_opener *opener, uint64_t now_ms,
                                      struct sotto_stream_event *event);

// As sotto_frame_opener_count.
SOTTO_API uint64_t sotto_livekit_frame_opener_count(
    const struct sotto_livekit_frame_opener *opener, enum sotto_result result);

#ifdef __cplusplus
}
#endif

#endif
