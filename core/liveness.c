#include "core/liveness.h"

#include "core/memory.h"

static const struct sotto_data_label answer_label = {
    .type = {(const uint8_t *)"liveness", sizeof "liveness" - 1},
    .is_last = true,
};

bool sotto_live_streams_add(struct sotto_live_streams *streams,
                            const struct sotto_sealer *sealer) {
    if (streams->count >= SOTTO_LIVE_STREAMS_MAX)
        return false;
    struct sotto_live_stream *stream = &streams->streams[streams->count++];
    memcpy(stream->stream_id, sotto_stream_name_stream_id(&sealer->name), SOTTO_STREAM_ID_SIZE);
    stream->kind = sealer->name.kind;
    stream->counter = sealer->counter;
    return true;
}

void sotto_liveness_write_answer(struct sotto_writer *writer, struct sotto_bytes challenges,
                                 const struct sotto_live_streams *streams) {
    const size_t challenge_count = challenges.size / SOTTO_CHALLENGE_SIZE;
    if (challenge_count < 1 || challenge_count > SOTTO_CHALLENGES_MAX ||
        challenges.size % SOTTO_CHALLENGE_SIZE != 0 || streams->count < 1 ||
        streams->count > SOTTO_LIVE_STREAMS_MAX) {
        writer->failed = true;
        return;
    }
    sotto_writer_write_u16(writer, (uint16_t)challenge_count);
    sotto_writer_write_bytes(writer, challenges.data, challenges.size);
    sotto_writer_write_u8(writer, (uint8_t)streams->count);
    for (size_t i = 0; i < streams->count; i++) {
        const struct sotto_live_stream *stream = &streams->streams[i];
        sotto_writer_write_bytes(writer, stream->stream_id, SOTTO_STREAM_ID_SIZE);
        sotto_writer_write_u8(writer, (uint8_t)stream->kind);
        sotto_writer_write_u64(writer, stream->counter);
    }
}

// A count that must be from 1 to `count_max`; 0 otherwise, and the reader has failed.
static size_t read_count(struct sotto_reader *reader, size_t width, size_t count_max) {
    const uint64_t count = sotto_reader_read_uint(reader, width);
    if (count < 1 || count > count_max)
        sotto_reader_fail(reader);
    return reader->failed ? 0 : (size_t)count;
}

static void parse_stream(struct sotto_reader *reader, struct sotto_live_stream *stream) {
    const uint8_t *id = sotto_reader_read_bytes(reader, SOTTO_STREAM_ID_SIZE);
    if (id)
        memcpy(stream->stream_id, id, SOTTO_STREAM_ID_SIZE);
    stream->kind = (enum sotto_kind)sotto_reader_read_u8(reader);
    stream->counter = sotto_reader_read_u64(reader);
    if (!sotto_kind_text(stream->kind) || stream->counter > SOTTO_FRAMES_MAX)
        sotto_reader_fail(reader);
}

void sotto_liveness_parse_answer(struct sotto_reader *reader, struct sotto_bytes *challenges,
                                 struct sotto_live_streams *streams) {
    *streams = (struct sotto_live_streams){0};
    challenges->size = read_count(reader, 2, SOTTO_CHALLENGES_MAX) * SOTTO_CHALLENGE_SIZE;
    challenges->data = sotto_reader_read_bytes(reader, challenges->size);
    streams->count = read_count(reader, 1, SOTTO_LIVE_STREAMS_MAX);
    for (size_t i = 0; i < streams->count; i++)
        parse_stream(reader, &streams->streams[i]);
    if (sotto_reader_remaining(reader) > 0)
        sotto_reader_fail(reader);
    if (!reader->failed)
        return;
    *challenges = (struct sotto_bytes){0};
    *streams = (struct sotto_live_streams){0};
}

enum sotto_result sotto_liveness_seal_answer(struct sotto_sealer *sealer,
                                             struct sotto_bytes challenges,
                                             const struct sotto_live_streams *streams,
                                             uint8_t *message, size_t capacity,
                                             size_t *message_size) {
    uint8_t answer[SOTTO_ANSWER_SIZE_MAX];
    struct sotto_writer writer;
    *message_size = 0;
    sotto_writer_init(&writer, answer, sizeof answer);
    sotto_liveness_write_answer(&writer, challenges, streams);
    if (writer.failed)
        return SOTTO_INVALID;
    return sotto_data_message_seal(sealer, &answer_label,
                                   (struct sotto_bytes){answer, writer.offset}, message, capacity,
                                   message_size);
}

// Challenges are public: their comparison may take as long as it likes.
static bool repeats(struct sotto_bytes challenges, const uint8_t challenge[SOTTO_CHALLENGE_SIZE]) {
    for (size_t at = 0; at < challenges.size; at += SOTTO_CHALLENGE_SIZE)
        if (memcmp(challenges.data + at, challenge, SOTTO_CHALLENGE_SIZE) == 0)
            return true;
    return false;
}

enum sotto_result sotto_liveness_open_answer(const struct sotto_data_sender *sender,
                                             const uint8_t challenge[SOTTO_CHALLENGE_SIZE],
                                             struct sotto_bytes message,
                                             struct sotto_live_streams *streams) {
    uint8_t answer[SOTTO_ANSWER_SIZE_MAX];
    size_t answer_size;
    struct sotto_data_origin origin;
    streams->count = 0;
    if (message.size > SOTTO_ANSWER_SIZE_MAX + SOTTO_DATA_OVERHEAD_MAX)
        return SOTTO_NOT_SEALED;
    enum sotto_result result = sotto_data_message_open(sender, &answer_label, message, answer,
                                                       sizeof answer, &answer_size, &origin);
    if (result != SOTTO_OK)
        return result == SOTTO_TOO_SMALL ? SOTTO_NOT_SEALED : result;
    struct sotto_reader reader;
    struct sotto_bytes challenges;
    sotto_reader_init(&reader, answer, answer_size);
    sotto_liveness_parse_answer(&reader, &challenges, streams);
    if (reader.failed)
        return SOTTO_NOT_SEALED;
    if (repeats(challenges, challenge))
        return SOTTO_OK;
    *streams = (struct sotto_live_streams){0};
    return SOTTO_NOT_LIVE;
}
