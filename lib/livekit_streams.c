#include "core/livekit_opener.h"
#include "core/livekit_sealer.h"
#include "crypto/random.h"
#include "lib/handle.h"
#include "lib/livekit_keys.h"

#include <string.h>

struct sotto_livekit_frame_sealer {
    struct sotto_livekit_keys *keys; // NULL: emptied by fork()
    struct sotto_livekit_sealer sealer;
};

struct sotto_livekit_frame_opener {
    struct sotto_livekit_keys *keys; // NULL: emptied by fork()
    struct sotto_livekit_opener opener;
};

struct sotto_livekit_frame_sealer *
sotto_livekit_frame_sealer_create(struct sotto_livekit_keys *keys, enum sotto_kind kind) {
    struct sotto_livekit_frame_sealer *sealer = sotto_handle_create(sizeof *sealer);
    if (!sealer)
        return NULL;
    if (!sotto_livekit_keys_share(keys)) {
        sotto_handle_destroy(sealer, sizeof *sealer);
        return NULL;
    }
    sealer->keys = keys;
    uint16_t counts[SOTTO_LIVEKIT_SEALER_SSRCS_MAX];
    sotto_random_fill(counts, sizeof counts);
    for (size_t i = 0; i < SOTTO_LIVEKIT_SEALER_SSRCS_MAX; i++)
        counts[i] %= SOTTO_LIVEKIT_COUNT_MODULUS;
    if (sotto_livekit_sealer_init(&sealer->sealer, &keys->ring, kind, counts))
        return sealer;
    sotto_livekit_frame_sealer_destroy(sealer);
    return NULL;
}

void sotto_livekit_frame_sealer_destroy(struct sotto_livekit_frame_sealer *sealer) {
    if (!sealer)
        return;
    sotto_livekit_sealer_wipe(&sealer->sealer);
    sotto_livekit_keys_destroy(sealer->keys);
    sotto_handle_destroy(sealer, sizeof *sealer);
}

size_t sotto_livekit_frame_sealer_size_max(size_t frame_size) {
    return SOTTO_LIVEKIT_SEALED_SIZE_MAX(frame_size);
}

// An emptied stream is one that was never made ready: the core refuses it.
enum sotto_result sotto_livekit_frame_sealer_seal(struct sotto_livekit_frame_sealer *sealer,
                                                  const struct sotto_livekit_frame_info *info,
                                                  struct sotto_bytes frame, uint8_t *wire,
                                                  size_t capacity, size_t *wire_size) {
    bool is_locked = sotto_livekit_keys_lock(sealer->keys);
    enum sotto_result result =
        sotto_livekit_sealer_seal(&sealer->sealer, info, frame, wire, capacity, wire_size);
    if (is_locked)
        sotto_livekit_keys_unlock(sealer->keys);
    return result;
}

bool sotto_livekit_frame_sealer_poll_event(struct sotto_livekit_frame_sealer *sealer,
                                           uint64_t now_ms, struct sotto_stream_event *event) {
    if (sotto_livekit_keys_lock(sealer->keys)) {
        sotto_livekit_sealer_handle_key_change(&sealer->sealer);
        sotto_livekit_keys_unlock(sealer->keys);
    }
    return sotto_livekit_sealer_poll_event(&sealer->sealer, now_ms, event);
}

uint64_t sotto_livekit_frame_sealer_count(const struct sotto_livekit_frame_sealer *sealer,
                                          enum sotto_result result) {
    return sotto_stream_state_total(&sealer->sealer.state, result);
}

struct sotto_livekit_frame_opener *
sotto_livekit_frame_opener_create(struct sotto_livekit_keys *keys, enum sotto_kind kind,
                                  int failure_tolerance) {
    struct sotto_livekit_frame_opener *opener = sotto_handle_create(sizeof *opener);
    if (!opener)
        return NULL;
    if (!sotto_livekit_keys_share(keys)) {
        sotto_handle_destroy(opener, sizeof *opener);
        return NULL;
    }
    opener->keys = keys;
    if (sotto_livekit_opener_init(&opener->opener, &keys->ring, &keys->memory->replay, kind,
                                  failure_tolerance))
        return opener;
    sotto_livekit_frame_opener_destroy(opener);
    return NULL;
}

void sotto_livekit_frame_opener_destroy(struct sotto_livekit_frame_opener *opener) {
    if (!opener)
        return;
    sotto_livekit_opener_wipe(&opener->opener);
    sotto_livekit_keys_destroy(opener->keys);
    sotto_handle_destroy(opener, sizeof *opener);
}

enum sotto_result
sotto_livekit_frame_opener_set_trailer(struct sotto_livekit_frame_opener *opener,
                                       struct sotto_bytes trailer) {
    if (!opener->keys)
        return SOTTO_NOT_READY;
    return sotto_livekit_opener_set_trailer(&opener->opener, trailer) ? SOTTO_OK : SOTTO_INVALID;
}

enum sotto_result sotto_livekit_frame_opener_open(struct sotto_livekit_frame_opener *opener,
                                                  enum sotto_codec codec, bool is_key_frame,
                                                  struct sotto_bytes wire, uint8_t *frame,
                                                  size_t capacity, size_t *frame_size) {
    bool is_locked = sotto_livekit_keys_lock(opener->keys);
    enum sotto_result result = sotto_livekit_opener_open(&opener->opener, codec, is_key_frame,
                                                         wire, frame, capacity, frame_size);
    if (is_locked)
        sotto_livekit_keys_unlock(opener->keys);
    return result;
}

bool sotto_livekit_frame_opener_poll_event(struct sotto_livekit_frame_opener *opener,
                                           uint64_t now_ms, struct sotto_stream_event *event) {
    if (sotto_livekit_keys_lock(opener->keys)) {
        sotto_livekit_opener_handle_key_change(&opener->opener);
        sotto_livekit_keys_unlock(opener->keys);
    }
    return sotto_livekit_opener_poll_event(&opener->opener, now_ms, event);
}

uint64_t sotto_livekit_frame_opener_count(const struct sotto_livekit_frame_opener *opener,
                                          enum sotto_result result) {
    return sotto_stream_state_total(&opener->opener.state, result);
}
