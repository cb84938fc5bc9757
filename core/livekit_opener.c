#include "core/livekit_opener.h"

#include "core/annex_b.h"
#include "core/memory.h"
#include "core/wipe.h"

enum { FAILURE_TOLERANCE_DEFAULT = 10, WINDOW_INTERVAL = 16 };

bool sotto_livekit_opener_init(struct sotto_livekit_opener *opener,
                               struct sotto_livekit_ring *ring,
                               struct sotto_livekit_replay *replay, enum sotto_kind kind,
                               int failure_tolerance) {
    *opener = (struct sotto_livekit_opener){0};
    if (!sotto_kind_text(kind))
        return false;
    opener->ring = ring;
    opener->replay = replay;
    opener->kind = kind;
    opener->failure_tolerance =
        failure_tolerance < 0 ? FAILURE_TOLERANCE_DEFAULT : failure_tolerance;
    return true;
}

bool sotto_livekit_opener_set_trailer(struct sotto_livekit_opener *opener,
                                      struct sotto_bytes trailer) {
    if (trailer.size > sizeof opener->trailer)
        return false;
    opener->trailer_size = trailer.size;
    if (trailer.size > 0)
        memcpy(opener->trailer, trailer.data, trailer.size);
    return true;
}

static bool is_injected(const struct sotto_livekit_opener *opener, struct sotto_bytes wire) {
    const size_t size = opener->trailer_size;
    return size > 0 && wire.size >= size &&
           memcmp(wire.data + wire.size - size, opener->trailer, size) == 0;
}

static void drop_key(struct sotto_livekit_ready_key *key) {
    sotto_aead_wipe(&key->aead);
    *key = (struct sotto_livekit_ready_key){0};
}

// Made ready if need be, in place of the one used longest ago.
static enum sotto_result ready_key(struct sotto_livekit_opener *opener,
                                   const struct sotto_livekit_key *key,
                                   struct sotto_livekit_ready_key **found) {
    struct sotto_livekit_ready_key *oldest = &opener->keys[0];
    opener->uses++;
    for (size_t i = 0; i < SOTTO_READY_KEYS_MAX; i++) {
        *found = &opener->keys[i];
        if ((*found)->id == key->id) {
            (*found)->used_at = opener->uses;
            return SOTTO_OK;
        }
        if ((*found)->used_at < oldest->used_at)
            oldest = *found;
    }
    drop_key(oldest);
    const enum sotto_result result =
        sotto_aead_init(&oldest->aead, key->bytes, opener->ring->key_size);
    if (result == SOTTO_OK) {
        oldest->id = key->id;
        oldest->used_at = opener->uses;
    }
    *found = oldest;
    return result;
}

// One attempt to open a frame: how it is split, and where it goes.
struct attempt {
    struct sotto_livekit_split split;
    struct sotto_bytes wire;
    uint8_t *frame;
    size_t *frame_size;
};

// What stands behind the header, unescaped in its place in the frame if there is anything to
// unescape, and taken apart.
static bool parse(const struct attempt *attempt, struct sotto_livekit_sealed *sealed) {
    const size_t header_size = attempt->split.header_size;
    struct sotto_bytes parts = {attempt->wire.data + header_size,
                                attempt->wire.size - header_size};
    if (attempt->split.is_escaped && sotto_annex_b_find_escape(parts, 0) < parts.size) {
        uint8_t *place = attempt->frame + header_size;
        if (!sotto_annex_b_unescape(parts, 0, place, &parts.size))
            return false;
        parts.data = place;
    }
    return sotto_livekit_frame_parse(sealed, parts);
}

static enum sotto_result open_with(struct sotto_livekit_opener *opener,
                                   const struct attempt *attempt,
                                   const struct sotto_livekit_key *key) {
    const size_t header_size = attempt->split.header_size;
    struct sotto_livekit_sealed sealed;
    if (!parse(attempt, &sealed))
        return SOTTO_NOT_SEALED;
    struct sotto_livekit_ready_key *ready;
    enum sotto_result result = ready_key(opener, key, &ready);
    if (result == SOTTO_OK)
        result = sotto_aead_open(&ready->aead, sealed.nonce, attempt->wire.data, header_size,
                                 sealed.ciphertext.data, sealed.ciphertext.size,
                                 attempt->frame + header_size, sealed.tag);
    if (result != SOTTO_OK)
        return result;
    // Only now: until the tag verified, the nonce is anybody's word.
    if (!sotto_livekit_replay_admit(opener->replay, key->id, &sealed.iv))
        return SOTTO_REPLAYED;
    if (header_size > 0)
        memcpy(attempt->frame, attempt->wire.data, header_size);
    *attempt->frame_size = header_size + sealed.ciphertext.size;
    return SOTTO_OK;
}

// A frame that fails costs a try for every key of the window. Whoever forges frames is to get that
// from one in 16; a sender who went ahead is still found.
static bool may_try_window(const struct sotto_livekit_opener *opener) {
    const uint64_t failed = opener->state.failed_in_a_row;
    return failed <= (uint64_t)opener->failure_tolerance || failed % WINDOW_INTERVAL == 0;
}

// The key in use, the one before it, then those ahead. No answer but "tampered" is worth another.
static enum sotto_result open_split(struct sotto_livekit_opener *opener,
                                    const struct attempt *attempt, size_t index) {
    const struct sotto_livekit_place *place = sotto_livekit_ring_find(opener->ring, index);
    enum sotto_result result = open_with(opener, attempt, &place->keys[0]);
    if (result == SOTTO_TAMPERED && place->previous.id != 0)
        result = open_with(opener, attempt, &place->previous);
    if (result != SOTTO_TAMPERED || !may_try_window(opener))
        return result;
    for (size_t step = 1; step < place->ready_count; step++) {
        result = open_with(opener, attempt, &place->keys[step]);
        if (result == SOTTO_OK)
            sotto_livekit_ring_advance(opener->ring, index, step);
        if (result != SOTTO_TAMPERED)
            break;
    }
    return result;
}

static enum sotto_result open_any(struct sotto_livekit_opener *opener, enum sotto_codec codec,
                                  bool is_key_frame, size_t index, struct attempt *attempt) {
    struct sotto_livekit_split splits[SOTTO_LIVEKIT_SPLITS_MAX];
    const size_t count =
        sotto_livekit_frame_list_splits(codec, is_key_frame, attempt->wire, splits);
    enum sotto_result result = SOTTO_NOT_SEALED;
    for (size_t i = 0; i < count; i++) {
        attempt->split = splits[i];
        const enum sotto_result attempted = open_split(opener, attempt, index);
        if (attempted != SOTTO_TAMPERED && attempted != SOTTO_NOT_SEALED)
            return attempted;
        if (attempted == SOTTO_TAMPERED)
            result = SOTTO_TAMPERED;
    }
    return result;
}

static enum sotto_result prepare_and_open(struct sotto_livekit_opener *opener,
                                          enum sotto_codec codec, bool is_key_frame,
                                          struct attempt *attempt, size_t capacity,
                                          uint64_t *kid) {
    uint8_t index;
    if (!opener->ring)
        return SOTTO_NOT_READY;
    if (codec == SOTTO_CODEC_AV1)
        return SOTTO_INVALID;
    if (is_injected(opener, attempt->wire) ||
        !sotto_livekit_frame_read_index(attempt->wire, &index))
        return SOTTO_NOT_SEALED;
    *kid = (uint64_t)index + 1;
    if (!sotto_livekit_ring_find(opener->ring, index))
        return SOTTO_MISSING_KEY;
    if (capacity < attempt->wire.size)
        return SOTTO_TOO_SMALL;
    return open_any(opener, codec, is_key_frame, index, attempt);
}

enum sotto_result sotto_livekit_opener_open(struct sotto_livekit_opener *opener,
                                            enum sotto_codec codec, bool is_key_frame,
                                            struct sotto_bytes wire, uint8_t *frame,
                                            size_t capacity, size_t *frame_size) {
    *frame_size = 0;
    if (wire.size == 0)
        return opener->ring ? SOTTO_OK : SOTTO_NOT_READY;
    struct attempt attempt = {.wire = wire, .frame = frame, .frame_size = frame_size};
    uint64_t kid = 0;
    const enum sotto_result result =
        prepare_and_open(opener, codec, is_key_frame, &attempt, capacity, &kid);
    sotto_stream_state_count(&opener->state, result, kid);
    if (result != SOTTO_OK)
        sotto_blank_output(frame, wire.size, capacity);
    return result;
}

bool sotto_livekit_opener_poll_event(struct sotto_livekit_opener *opener, uint64_t now_ms,
                                     struct sotto_stream_event *event) {
    return sotto_stream_state_poll_event(&opener->state, SOTTO_OPENING, opener->kind, now_ms,
                                         event);
}

void sotto_livekit_opener_handle_key_change(struct sotto_livekit_opener *opener) {
    for (size_t i = 0; i < SOTTO_READY_KEYS_MAX; i++)
        if (opener->keys[i].id != 0 && !sotto_livekit_ring_holds(opener->ring, opener->keys[i].id))
            drop_key(&opener->keys[i]);
}

void sotto_livekit_opener_wipe(struct sotto_livekit_opener *opener) {
    for (size_t i = 0; i < SOTTO_READY_KEYS_MAX; i++)
        sotto_aead_wipe(&opener->keys[i].aead);
    sotto_wipe(opener, sizeof *opener);
}
