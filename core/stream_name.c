#include "core/stream_name.h"

#include "core/writer.h"

// A length in two bytes and the bytes, so that no two names read the same.
static void write_prefixed(struct sotto_writer *writer, struct sotto_bytes part) {
    sotto_writer_write_u16(writer, (uint16_t)part.size);
    sotto_writer_write_bytes(writer, part.data, part.size);
}

bool sotto_stream_name_is_id(struct sotto_bytes id) {
    return id.size >= 1 && id.size <= SOTTO_ID_SIZE_MAX;
}

bool sotto_stream_name_init(struct sotto_stream_name *name, struct sotto_bytes room_id,
                            struct sotto_bytes participant_id, struct sotto_bytes stream_id,
                            enum sotto_kind kind) {
    *name = (struct sotto_stream_name){0};
    if (!sotto_stream_name_is_id(room_id) || !sotto_stream_name_is_id(participant_id) ||
        stream_id.size != SOTTO_STREAM_ID_SIZE || !sotto_kind_text(kind))
        return false;

    struct sotto_writer writer;
    sotto_writer_init(&writer, name->bytes, sizeof name->bytes);
    write_prefixed(&writer, room_id);
    write_prefixed(&writer, participant_id);
    write_prefixed(&writer, stream_id);
    sotto_writer_write_u8(&writer, (uint8_t)kind);
    name->size = writer.offset;
    name->kind = kind;
    return true;
}

const uint8_t *sotto_stream_name_stream_id(const struct sotto_stream_name *name) {
    return name->bytes + name->size - 1 - SOTTO_STREAM_ID_SIZE; // the kind is one byte
}

const char *sotto_kind_text(enum sotto_kind kind) {
    switch (kind) {
    case SOTTO_KIND_AUDIO: return "audio";
    case SOTTO_KIND_VIDEO: return "video";
    case SOTTO_KIND_SHARE: return "share";
    case SOTTO_KIND_SHARE_AUDIO: return "shareAudio";
    case SOTTO_KIND_DATA: return "data";
    }
    return NULL;
}
