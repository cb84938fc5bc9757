#include "core/livekit_sealer.h"

#include "core/annex_b.h"
#include "core/memory.h"
#include "core/wipe.h"

// Half of the count's modulus: two frames with the same count are at least two epochs apart.
enum { EPOCH_FRAMES = SOTTO_LIVEKIT_COUNT_MODULUS / 2 };

// The range of timestamps, and where those of an SSRC begin: far enough above 0 to go back.
#define ROUND (UINT64_C(1) << 32)

bool sotto_livekit_sealer_init(struct sotto_livekit_sealer *sealer,
                               const struct sotto_livekit_ring *ring, enum sotto_kind kind,
                               const uint16_t first_counts[SOTTO_LIVEKIT_SEALER_SSRCS_MAX]) {
    *sealer = (struct sotto_livekit_sealer){0};
    if (!sotto_kind_text(kind))
        return false;
    sealer->ring = ring;
    sealer->kind = kind;
    for (size_t i = 0; i < SOTTO_LIVEKIT_SEALER_SSRCS_MAX; i++)
        sealer->counters[i].count = first_counts[i] % SOTTO_LIVEKIT_COUNT_MODULUS;
    return true;
}

static void drop_key(struct sotto_livekit_sealer *sealer) {
    sotto_aead_wipe(&sealer->aead);
    sealer->key_id = 0;
}

static enum sotto_result prepare_key(struct sotto_livekit_sealer *sealer) {
    if (!sealer->ring)
        return SOTTO_NOT_READY;
    const struct sotto_livekit_place *place =
        sotto_livekit_ring_find(sealer->ring, sealer->ring->current);
    if (!place)
        return SOTTO_MISSING_KEY;
    const struct sotto_livekit_key *key = &place->keys[0];
    if (sealer->key_id == key->id)
        return SOTTO_OK;
    drop_key(sealer);
    const enum sotto_result result =
        sotto_aead_init(&sealer->aead, key->bytes, sealer->ring->key_size);
    if (result == SOTTO_OK)
        sealer->key_id = key->id;
    return result;
}

// NULL without room for another SSRC.
static struct sotto_livekit_counter *find_counter(struct sotto_livekit_sealer *sealer,
                                                  uint32_t ssrc, uint32_t timestamp) {
    for (size_t i = 0; i < sealer->counter_count; i++)
        if (sealer->counters[i].ssrc == ssrc)
            return &sealer->counters[i];
    if (sealer->counter_count == SOTTO_LIVEKIT_SEALER_SSRCS_MAX)
        return NULL;
    struct sotto_livekit_counter *counter = &sealer->counters[sealer->counter_count++];
    counter->ssrc = ssrc;
    counter->lowest = counter->newest = ROUND + timestamp;
    return counter;
}

// A nonce comes twice if timestamp and count do. The count does every 65,535 frames, so never
// within two epochs; what an older frame had is not above `newest_before_before`. Less than a round
// apart, different timestamps stay different modulo 2^32.
static enum sotto_result take_nonce(struct sotto_livekit_counter *counter, uint32_t timestamp,
                                    uint16_t *count) {
    const uint32_t ahead = timestamp - (uint32_t)counter->newest;
    const uint64_t continued = counter->newest + ahead - (ahead >> 31 ? ROUND : 0);
    const uint64_t lowest = continued < counter->lowest ? continued : counter->lowest;
    const uint64_t newest = continued > counter->newest ? continued : counter->newest;
    if (newest - lowest >= ROUND || continued <= counter->newest_before_before)
        return SOTTO_EXHAUSTED;

    *count = counter->count;
    counter->count = (uint16_t)((counter->count + 1) % SOTTO_LIVEKIT_COUNT_MODULUS);
    counter->lowest = lowest;
    counter->newest = newest;
    if (++counter->frames_in_epoch == EPOCH_FRAMES) {
        counter->frames_in_epoch = 0;
        counter->newest_before_before = counter->newest_before;
        counter->newest_before = newest;
    }
    return SOTTO_OK;
}

// `parts` is what lies behind the header on the wire, `rest` what lies there in the frame.
static enum sotto_result seal_rest(struct sotto_livekit_sealer *sealer,
                                   const struct sotto_livekit_iv *iv, struct sotto_bytes header,
                                   struct sotto_bytes rest, uint8_t *parts) {
    uint8_t *tag = parts + rest.size;
    uint8_t *nonce = tag + SOTTO_AEAD_TAG_SIZE;
    uint8_t *trailer = nonce + SOTTO_AEAD_NONCE_SIZE;
    sotto_livekit_frame_write_iv(iv, nonce);
    trailer[0] = SOTTO_AEAD_NONCE_SIZE;
    trailer[1] = (uint8_t)sealer->ring->current;
    return sotto_aead_seal(&sealer->aead, nonce, header.data, header.size, rest.data, rest.size,
                           parts, tag);
}

static enum sotto_result seal(struct sotto_livekit_sealer *sealer,
                              const struct sotto_livekit_iv *iv,
                              const struct sotto_livekit_split *split, struct sotto_bytes frame,
                              uint8_t *wire, size_t capacity, size_t *wire_size) {
    const struct sotto_bytes clear = {frame.data, split->header_size};
    const struct sotto_bytes rest = {frame.data + clear.size, frame.size - clear.size};
    struct sotto_bytes header = {wire, clear.size};
    if (split->is_escaped) {
        if (!sotto_livekit_frame_write_header(clear, wire, capacity, &header.size))
            return SOTTO_TOO_SMALL;
    } else if (clear.size > capacity) {
        return SOTTO_TOO_SMALL;
    } else if (clear.size > 0) {
        memcpy(wire, clear.data, clear.size);
    }
    size_t parts_size = rest.size + SOTTO_LIVEKIT_OVERHEAD;
    if (parts_size > capacity - header.size)
        return SOTTO_TOO_SMALL;
    uint8_t *parts = wire + header.size;
    const enum sotto_result result = seal_rest(sealer, iv, header, rest, parts);
    if (result != SOTTO_OK)
        return result;
    if (split->is_escaped &&
        !sotto_annex_b_escape(parts, &parts_size, capacity - header.size, 0))
        return SOTTO_TOO_SMALL;
    *wire_size = header.size + parts_size;
    return SOTTO_OK;
}

static enum sotto_result prepare_and_seal(struct sotto_livekit_sealer *sealer,
                                          const struct sotto_livekit_frame_info *info,
                                          struct sotto_bytes frame, uint8_t *wire, size_t capacity,
                                          size_t *wire_size) {
    struct sotto_livekit_split split;
    enum sotto_result result = prepare_key(sealer);
    if (result == SOTTO_OK && frame.size > SOTTO_FRAME_SIZE_MAX)
        result = SOTTO_INVALID;
    if (result == SOTTO_OK)
        result = sotto_livekit_frame_split(info->codec, info->is_key_frame, frame, &split);
    if (result != SOTTO_OK)
        return result;

    struct sotto_livekit_counter *counter = find_counter(sealer, info->ssrc, info->timestamp);
    if (!counter)
        return SOTTO_EXHAUSTED;
    struct sotto_livekit_iv iv = {.ssrc = info->ssrc, .timestamp = info->timestamp};
    result = take_nonce(counter, info->timestamp, &iv.count);
    if (result != SOTTO_OK)
        return result;
    return seal(sealer, &iv, &split, frame, wire, capacity, wire_size);
}

enum sotto_result sotto_livekit_sealer_seal(struct sotto_livekit_sealer *sealer,
                                            const struct sotto_livekit_frame_info *info,
                                            struct sotto_bytes frame, uint8_t *wire,
                                            size_t capacity, size_t *wire_size) {
    *wire_size = 0;
    if (frame.size == 0)
        return sealer->ring ? SOTTO_OK : SOTTO_NOT_READY;
    const enum sotto_result result =
        prepare_and_seal(sealer, info, frame, wire, capacity, wire_size);
    sotto_stream_state_count(&sealer->state, result,
                             sealer->key_id == 0 ? 0 : sealer->ring->current + 1);
    if (result == SOTTO_OK)
        return SOTTO_OK;

    *wire_size = 0;
    sotto_blank_output(wire, SOTTO_LIVEKIT_SEALED_SIZE_MAX(frame.size), capacity);
    return result;
}

bool sotto_livekit_sealer_poll_event(struct sotto_livekit_sealer *sealer, uint64_t now_ms,
                                     struct sotto_stream_event *event) {
    return sotto_stream_state_poll_event(&sealer->state, SOTTO_SEALING, sealer->kind, now_ms,
                                         event);
}

void sotto_livekit_sealer_handle_key_change(struct sotto_livekit_sealer *sealer) {
    if (sealer->key_id != 0 && !sotto_livekit_ring_holds(sealer->ring, sealer->key_id))
        drop_key(sealer);
}

void sotto_livekit_sealer_wipe(struct sotto_livekit_sealer *sealer) {
    sotto_aead_wipe(&sealer->aead);
    sotto_wipe(sealer, sizeof *sealer);
}
