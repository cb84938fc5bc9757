#include "core/sealer.h"

#include "core/key_schedule.h"
#include "core/memory.h"
#include "core/wipe.h"

// A generation that no key store reaches.
#define NO_GENERATION UINT64_MAX

bool sotto_sealer_init(struct sotto_sealer *sealer, const struct sotto_key_store *key_store,
                       const struct sotto_stream_name *name, enum sotto_suite suite) {
    *sealer = (struct sotto_sealer){0};
    if (name->size == 0 || !sotto_sframe_has_suite(suite))
        return false;
    sealer->key_store = key_store;
    sealer->name = *name;
    sealer->suite = suite;
    sealer->generation = NO_GENERATION;
    return true;
}

static void drop_key(struct sotto_sealer *sealer) {
    sotto_sframe_key_wipe(&sealer->key);
    sealer->has_key = false;
    sealer->generation = NO_GENERATION;
}

// Takes up a change of the key store. A derivation that failed is tried again at the next frame.
static enum sotto_result follow_key_store(struct sotto_sealer *sealer) {
    drop_key(sealer);
    const struct sotto_key_store_entry *entry = sotto_key_store_current(sealer->key_store);
    enum sotto_result result = SOTTO_OK;
    if (entry)
        result = sotto_key_schedule_init_sframe_key(&sealer->key, sealer->suite, entry->kid,
                                                    &entry->secret, &sealer->name);
    if (result == SOTTO_OK) {
        sealer->has_key = entry != NULL;
        sealer->generation = sealer->key_store->generation;
    }
    return result;
}

static enum sotto_result prepare_key(struct sotto_sealer *sealer) {
    if (!sealer->key_store)
        return SOTTO_NOT_READY;
    enum sotto_result result = SOTTO_OK;
    if (sealer->generation != sealer->key_store->generation)
        result = follow_key_store(sealer);
    if (result == SOTTO_OK && !sealer->has_key)
        result = SOTTO_MISSING_KEY;
    return result;
}

static enum sotto_result seal(struct sotto_sealer *sealer, enum sotto_layout layout,
                              struct sotto_bytes frame, uint8_t *wire, size_t capacity,
                              size_t *wire_size) {
    size_t front_size = sotto_layout_front_size(layout, frame);
    if (capacity < front_size + SOTTO_MARK_SIZE)
        return SOTTO_TOO_SMALL;
    uint8_t mark = sotto_layout_mark(layout, sealer->suite);
    struct sotto_bytes metadata[] = {{frame.data, front_size}, {&mark, SOTTO_MARK_SIZE}};
    struct sotto_bytes rest = {frame.data + front_size, frame.size - front_size};
    size_t sframe_size;
    enum sotto_result result =
        sotto_sframe_seal(&sealer->key, sealer->counter, metadata, 2, rest, wire + front_size,
                          capacity - front_size - SOTTO_MARK_SIZE, &sframe_size);
    if (result == SOTTO_OK || result == SOTTO_INTERNAL)
        sealer->counter++; // the library may have used the nonce before it failed
    if (result != SOTTO_OK)
        return result;

    memcpy(wire, frame.data, front_size);
    wire[front_size + sframe_size] = mark;
    *wire_size = front_size + sframe_size + SOTTO_MARK_SIZE;
    return SOTTO_OK;
}

static enum sotto_result prepare_and_seal(struct sotto_sealer *sealer, enum sotto_codec codec,
                                          struct sotto_bytes frame, uint8_t *wire, size_t capacity,
                                          size_t *wire_size) {
    enum sotto_result result = prepare_key(sealer);
    if (result != SOTTO_OK)
        return result;
    if (sealer->counter >= SOTTO_FRAMES_MAX)
        return SOTTO_EXHAUSTED;
    enum sotto_layout layout;
    if (frame.size > SOTTO_FRAME_SIZE_MAX)
        return SOTTO_INVALID;
    result = sotto_layout_choose(codec, frame, &layout);
    if (result != SOTTO_OK)
        return result;
    return seal(sealer, layout, frame, wire, capacity, wire_size);
}

enum sotto_result sotto_sealer_seal(struct sotto_sealer *sealer, enum sotto_codec codec,
                                    struct sotto_bytes frame, uint8_t *wire, size_t capacity,
                                    size_t *wire_size) {
    *wire_size = 0;
    if (frame.size == 0)
        return SOTTO_OK;
    enum sotto_result result = prepare_and_seal(sealer, codec, frame, wire, capacity, wire_size);
    sotto_stream_state_count(&sealer->state, result, sealer->key.kid);
    if (result == SOTTO_OK)
        return SOTTO_OK;

    bool holds_all = capacity >= SOTTO_OVERHEAD_MAX && capacity - SOTTO_OVERHEAD_MAX >= frame.size;
    size_t touched = holds_all ? frame.size + SOTTO_OVERHEAD_MAX : capacity;
    if (touched > 0)
        memset(wire, 0, touched);
    return result;
}

bool sotto_sealer_poll_event(struct sotto_sealer *sealer, uint64_t now_ms,
                             struct sotto_stream_event *event) {
    return sotto_stream_state_poll_event(&sealer->state, SOTTO_SEALING, sealer->name.kind, now_ms,
                                         event);
}

void sotto_sealer_handle_key_change(struct sotto_sealer *sealer) {
    if (sealer->key_store && sealer->generation != sealer->key_store->generation)
        drop_key(sealer);
}

void sotto_sealer_wipe(struct sotto_sealer *sealer) {
    sotto_sframe_key_wipe(&sealer->key);
    sotto_wipe(sealer, sizeof *sealer);
}
