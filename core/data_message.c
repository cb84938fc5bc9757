#include "core/data_message.h"

#include "core/key_schedule.h"
#include "core/layout.h"
#include "core/memory.h"
#include "core/writer.h"

// The label as it is authenticated; `bytes` has SOTTO_DATA_LABEL_SIZE_MAX of them. False for texts
// outside what is allowed.
static bool write_label(const struct sotto_data_label *label, uint8_t *bytes, size_t *size) {
    *size = 0;
    if (label->type.size < 1 || label->type.size > SOTTO_DATA_TEXT_SIZE_MAX ||
        label->name.size > SOTTO_DATA_TEXT_SIZE_MAX)
        return false;
    struct sotto_writer writer;
    sotto_writer_init(&writer, bytes, SOTTO_DATA_LABEL_SIZE_MAX);
    sotto_writer_write_u16(&writer, (uint16_t)label->type.size);
    sotto_writer_write_bytes(&writer, label->type.data, label->type.size);
    sotto_writer_write_u16(&writer, (uint16_t)label->name.size);
    sotto_writer_write_bytes(&writer, label->name.data, label->name.size);
    sotto_writer_write_u64(&writer, label->index);
    sotto_writer_write_u8(&writer, label->is_last);
    *size = writer.offset;
    return true;
}

enum sotto_result sotto_data_message_seal(struct sotto_sealer *sealer,
                                          const struct sotto_data_label *label,
                                          struct sotto_bytes message, uint8_t *wire,
                                          size_t capacity, size_t *wire_size) {
    uint8_t label_bytes[SOTTO_DATA_LABEL_SIZE_MAX];
    size_t label_size, sealed_size;
    *wire_size = 0;
    if (!write_label(label, label_bytes, &label_size))
        return SOTTO_INVALID;
    if (capacity < SOTTO_STREAM_ID_SIZE)
        return SOTTO_TOO_SMALL;
    enum sotto_result result = sotto_sealer_seal_data(
        sealer, (struct sotto_bytes){label_bytes, label_size}, message,
        wire + SOTTO_STREAM_ID_SIZE, capacity - SOTTO_STREAM_ID_SIZE, &sealed_size);
    if (result != SOTTO_OK)
        return result;
    memcpy(wire, sotto_stream_name_stream_id(&sealer->name), SOTTO_STREAM_ID_SIZE);
    *wire_size = SOTTO_STREAM_ID_SIZE + sealed_size;
    return SOTTO_OK;
}

// A received message, taken apart; borrowed from the received bytes.
struct parts {
    struct sotto_bytes stream_id;
    struct sotto_wire_frame frame;
};

static bool parse(struct parts *parts, struct sotto_bytes wire) {
    if (wire.size < SOTTO_STREAM_ID_SIZE)
        return false;
    struct sotto_bytes sealed = {wire.data + SOTTO_STREAM_ID_SIZE,
                                 wire.size - SOTTO_STREAM_ID_SIZE};
    parts->stream_id = (struct sotto_bytes){wire.data, SOTTO_STREAM_ID_SIZE};
    return sotto_layout_parse(&parts->frame, sealed) &&
           parts->frame.layout == SOTTO_LAYOUT_WHOLE;
}

static enum sotto_result open_parts(const struct sotto_data_sender *sender,
                                    const struct parts *parts, struct sotto_bytes label,
                                    uint8_t *message, size_t capacity) {
    const struct sotto_sframe *sframe = &parts->frame.sframe;
    const struct sotto_room_secret *secret =
        sotto_key_store_find(sender->key_store, sframe->header.kid);
    struct sotto_stream_name name;
    struct sotto_sframe_key key;
    if (!sotto_stream_name_init(&name, sender->room_id, sender->participant_id, parts->stream_id,
                                SOTTO_KIND_DATA))
        return SOTTO_INVALID;
    if (!secret)
        return SOTTO_MISSING_KEY;
    enum sotto_result result = sotto_key_schedule_init_sframe_key(
        &key, parts->frame.suite, (uint32_t)sframe->header.kid, secret, &name);
    if (result != SOTTO_OK)
        return result;
    struct sotto_bytes metadata[] = {parts->frame.mark, label};
    result = sotto_sframe_open(&key, sframe, metadata, 2, message, capacity);
    sotto_sframe_key_wipe(&key);
    return result;
}

static enum sotto_result parse_and_open(const struct sotto_data_sender *sender,
                                        const struct sotto_data_label *label,
                                        struct sotto_bytes wire, struct parts *parts,
                                        uint8_t *message, size_t capacity) {
    uint8_t label_bytes[SOTTO_DATA_LABEL_SIZE_MAX];
    size_t label_size;
    if (!write_label(label, label_bytes, &label_size))
        return SOTTO_INVALID;
    if (!parse(parts, wire) || parts->frame.suite < sender->suite_min)
        return SOTTO_NOT_SEALED;
    return open_parts(sender, parts, (struct sotto_bytes){label_bytes, label_size}, message,
                      capacity);
}

enum sotto_result sotto_data_message_open(const struct sotto_data_sender *sender,
                                          const struct sotto_data_label *label,
                                          struct sotto_bytes wire, uint8_t *message,
                                          size_t capacity, size_t *message_size,
                                          struct sotto_data_origin *origin) {
    struct parts parts;
    *message_size = 0;
    *origin = (struct sotto_data_origin){0};
    enum sotto_result result = parse_and_open(sender, label, wire, &parts, message, capacity);
    if (result == SOTTO_OK) {
        *message_size = parts.frame.sframe.ciphertext.size;
        memcpy(origin->stream_id, parts.stream_id.data, SOTTO_STREAM_ID_SIZE);
        origin->counter = parts.frame.sframe.header.counter;
        return SOTTO_OK;
    }
    sotto_blank_output(message, wire.size, capacity);
    return result;
}
