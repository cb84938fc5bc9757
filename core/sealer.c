#include "core/sealer.h"

#include "core/key_schedule.h"
#include "core/layout_h26x.h"
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
    uint32_t kid = sealer->held_kid;
    const struct sotto_room_secret *secret = sotto_key_store_find(sealer->key_store, kid);
    if (!secret) {
        sealer->held_kid = 0;
        kid = sealer->key_store->current_kid;
        secret = sotto_key_store_find(sealer->key_store, kid);
    }
    enum sotto_result result = SOTTO_OK;
    if (secret)
        result = sotto_key_schedule_init_sframe_key(&sealer->key, sealer->suite, kid, secret,
                                                    &sealer->name);
    if (result == SOTTO_OK) {
        sealer->has_key = secret != NULL;
        sealer->generation = sealer->key_store->generation;
    }
    return result;
}

void sotto_sealer_hold_key(struct sotto_sealer *sealer, bool holds) {
    if (!sealer->key_store || (holds && sealer->held_kid != 0))
        return;
    sealer->held_kid = 0;
    if (holds && sealer->has_key)
        sealer->held_kid = (uint32_t)sealer->key.kid;
    else if (holds)
        sealer->held_kid = sealer->key_store->current_kid;
    sealer->generation = NO_GENERATION;
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

// Writes an SFrame and its mark to the writer. The one place where a counter is used, and used up.
static enum sotto_result seal_sframe(struct sotto_sealer *sealer,
                                     const struct sotto_bytes *metadata, size_t metadata_count,
                                     struct sotto_bytes plaintext, uint8_t mark,
                                     struct sotto_writer *wire) {
    const size_t room = wire->capacity - wire->offset;
    if (room < SOTTO_MARK_SIZE)
        return SOTTO_TOO_SMALL;
    size_t size;
    const enum sotto_result result =
        sotto_sframe_seal(&sealer->key, sealer->counter, metadata, metadata_count, plaintext,
                          wire->data + wire->offset, room - SOTTO_MARK_SIZE, &size);
    if (result == SOTTO_OK || result == SOTTO_INTERNAL)
        sealer->counter++; // the library may have used the nonce before it failed
    if (result != SOTTO_OK)
        return result;
    wire->offset += size;
    wire->data[wire->offset++] = mark;
    return SOTTO_OK;
}

static enum sotto_result seal(struct sotto_sealer *sealer, enum sotto_codec codec,
                              bool is_key_frame, struct sotto_bytes frame,
                              struct sotto_writer *wire) {
    const struct sotto_sframe_header header = {sealer->key.kid, sealer->counter};
    enum sotto_layout layout;
    enum sotto_result result =
        sotto_layout_write_front(codec, is_key_frame, frame, &header, wire, &layout);
    if (result != SOTTO_OK)
        return result;
    const struct sotto_bytes front = {wire->data, wire->offset};
    const uint8_t mark = sotto_layout_mark(layout, sealer->suite);
    const struct sotto_bytes metadata[] = {sotto_layout_authenticated(layout, front),
                                           {&mark, SOTTO_MARK_SIZE}};
    const size_t kept_size = sotto_layout_kept_size(layout, front);
    const struct sotto_bytes rest = {frame.data + kept_size, frame.size - kept_size};
    result = seal_sframe(sealer, metadata, 2, rest, mark, wire);
    if (result != SOTTO_OK)
        return result;
    if (sotto_layout_has_escapes(layout) && !sotto_layout_h26x_escape(front.size, wire))
        return SOTTO_TOO_SMALL;
    return SOTTO_OK;
}

// Whether so many bytes can be sealed now.
static enum sotto_result prepare(struct sotto_sealer *sealer, size_t size) {
    enum sotto_result result = prepare_key(sealer);
    if (result != SOTTO_OK)
        return result;
    if (sealer->counter >= SOTTO_FRAMES_MAX)
        return SOTTO_EXHAUSTED;
    return size > SOTTO_FRAME_SIZE_MAX ? SOTTO_INVALID : SOTTO_OK;
}

// Counts, and leaves nothing behind of what was not sealed.
static enum sotto_result finish(struct sotto_sealer *sealer, enum sotto_result result,
                                const struct sotto_writer *wire, size_t most,
                                size_t *wire_size) {
    sotto_stream_state_count(&sealer->state, result, sealer->key.kid);
    if (result == SOTTO_OK) {
        *wire_size = wire->offset;
        return SOTTO_OK;
    }
    sotto_blank_output(wire->data, most, wire->capacity);
    return result;
}

static enum sotto_result prepare_and_seal(struct sotto_sealer *sealer, enum sotto_codec codec,
                                          bool is_key_frame, struct sotto_bytes frame,
                                          struct sotto_writer *wire) {
    const enum sotto_result result = prepare(sealer, frame.size);
    return result == SOTTO_OK ? seal(sealer, codec, is_key_frame, frame, wire) : result;
}

enum sotto_result sotto_sealer_seal(struct sotto_sealer *sealer, enum sotto_codec codec,
                                    bool is_key_frame, struct sotto_bytes frame, uint8_t *wire,
                                    size_t capacity, size_t *wire_size) {
    *wire_size = 0;
    if (frame.size == 0)
        return sealer->key_store ? SOTTO_OK : SOTTO_NOT_READY;
    struct sotto_writer writer;
    sotto_writer_init(&writer, wire, capacity);
    const enum sotto_result result =
        prepare_and_seal(sealer, codec, is_key_frame, frame, &writer);
    return finish(sealer, result, &writer, sotto_layout_wire_size_max(codec, frame.size),
                  wire_size);
}

static enum sotto_result prepare_and_seal_data(struct sotto_sealer *sealer,
                                               struct sotto_bytes label,
                                               struct sotto_bytes message,
                                               struct sotto_writer *wire) {
    const enum sotto_result result = prepare(sealer, message.size);
    if (result != SOTTO_OK)
        return result;
    if (sealer->name.kind != SOTTO_KIND_DATA || label.size > SOTTO_DATA_LABEL_SIZE_MAX)
        return SOTTO_INVALID;
    const uint8_t mark = sotto_layout_mark(SOTTO_LAYOUT_WHOLE, sealer->suite);
    const struct sotto_bytes metadata[] = {{&mark, SOTTO_MARK_SIZE}, label};
    return seal_sframe(sealer, metadata, 2, message, mark, wire);
}

enum sotto_result sotto_sealer_seal_data(struct sotto_sealer *sealer, struct sotto_bytes label,
                                         struct sotto_bytes message, uint8_t *wire,
                                         size_t capacity, size_t *wire_size) {
    struct sotto_writer writer;
    *wire_size = 0;
    sotto_writer_init(&writer, wire, capacity);
    const enum sotto_result result = prepare_and_seal_data(sealer, label, message, &writer);
    return finish(sealer, result, &writer,
                  sotto_layout_wire_size_max(SOTTO_CODEC_OTHER, message.size), wire_size);
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
