// Sealers and openers of libsotto, against the shared library.
#include "tests/lib/room.h"
#include "tests/vectors.h"

#include <stdbool.h>

static const char *text_of(const json_t *row, const char *field) {
    return json_string_value(json_object_get(row, field));
}

static struct sotto_keys *row_keys(const json_t *row) {
    size_t size;
    uint8_t *bytes = vectors_bytes(row, "room_secret_hex", &size);
    struct sotto_room_secret secret;
    CHECK(sotto_key_schedule_read_secret(&secret, (struct sotto_bytes){bytes, size}));
    free(bytes);
    struct sotto_keys *keys = sotto_keys_create();
    uint32_t kid;
    CHECK_EQ(sotto_keys_set(keys, &secret, &kid), SOTTO_OK);
    CHECK_EQ(kid, json_integer_value(json_object_get(row, "kid")));
    char code[SOTTO_SAFETY_CODE_SIZE];
    CHECK_EQ(sotto_keys_safety_code(keys, kid, code), SOTTO_OK);
    CHECK_TEXT(code, text_of(row, "safety_code"));
    return keys;
}

static enum sotto_kind row_kind(const json_t *row) {
    for (int kind = SOTTO_KIND_AUDIO; kind <= SOTTO_KIND_DATA; kind++)
        if (strcmp(sotto_kind_text((enum sotto_kind)kind), text_of(row, "kind")) == 0)
            return (enum sotto_kind)kind;
    check_fail(__FILE__, __LINE__, "the row has a kind");
}

static void open_row(const json_t *row) {
    struct sotto_keys *keys = row_keys(row);
    size_t id_size, frame_size, wire_size, opened_size;
    uint8_t *stream_id = vectors_bytes(row, "stream_id_hex", &id_size);
    uint8_t *frame = vectors_bytes(row, "frame_hex", &frame_size);
    uint8_t *wire = vectors_bytes(row, "wire_hex", &wire_size);
    uint8_t *opened = malloc(wire_size + 1);
    struct sotto_stream stream = {.room_id = sotto_bytes_of_text(text_of(row, "room_id")),
                                  .participant_id =
                                      sotto_bytes_of_text(text_of(row, "participant_id")),
                                  .stream_id = {stream_id, id_size},
                                  .kind = row_kind(row)};
    struct sotto_frame_opener *opener =
        sotto_frame_opener_create(keys, &stream, SUITE_4, SOTTO_LIVENESS_NOT_NEEDED);
    CHECK_EQ(sotto_frame_opener_open(opener, (struct sotto_bytes){wire, wire_size}, opened,
                                     wire_size, &opened_size),
             SOTTO_OK);
    CHECK_EQ(opened_size, frame_size);
    CHECK_BYTES(opened, frame, frame_size);
    sotto_frame_opener_destroy(opener);
    free(stream_id);
    free(frame);
    free(wire);
    free(opened);
    sotto_keys_destroy(keys);
}

TEST(opens_the_rows_of_the_vectors) {
    CHECK_EQ(vectors_each("vectors", open_row), 30);
}

TEST(every_sealer_draws_a_stream_id_unless_it_is_given_one) {
    struct sotto_keys *keys = make_keys(1);
    struct sotto_stream stream = alice();
    uint8_t ids[3][SOTTO_STREAM_ID_SIZE], given[SOTTO_STREAM_ID_SIZE];
    memset(given, 9, sizeof given);
    for (size_t i = 0; i < 3; i++) {
        if (i == 2)
            stream.stream_id = (struct sotto_bytes){given, sizeof given};
        struct sotto_frame_sealer *sealer = sotto_frame_sealer_create(keys, &stream, SUITE_4);
        CHECK(sealer);
        sotto_frame_sealer_stream_id(sealer, ids[i]);
        sotto_frame_sealer_destroy(sealer);
    }
    CHECK(memcmp(ids[0], ids[1], sizeof ids[0]) != 0);
    CHECK_BYTES(ids[2], given, sizeof given);
    sotto_keys_destroy(keys);
}

// What create refuses, by a change to arguments that it takes.
static void refuses(struct sotto_stream stream, enum sotto_suite suite) {
    struct sotto_keys *keys = make_keys(1);
    CHECK(!sotto_frame_sealer_create(keys, &stream, suite));
    CHECK(!sotto_frame_opener_create(keys, &stream, suite, SOTTO_LIVENESS_NOT_NEEDED));
    sotto_keys_destroy(keys);
}

TEST(names_and_suites_outside_the_header_are_refused) {
    uint8_t bytes[SOTTO_ID_SIZE_MAX + 1] = {0};
    struct sotto_stream good = alice();
    good.stream_id = (struct sotto_bytes){bytes, SOTTO_STREAM_ID_SIZE};
    struct sotto_stream bad = good;
    bad.room_id.size = 0;
    refuses(bad, SUITE_4);
    bad.room_id = (struct sotto_bytes){bytes, sizeof bytes};
    refuses(bad, SUITE_4);
    bad = good;
    bad.participant_id.size = 0;
    refuses(bad, SUITE_4);
    bad = good;
    bad.stream_id.size = SOTTO_STREAM_ID_SIZE - 1;
    refuses(bad, SUITE_4);
    bad = good;
    bad.kind = (enum sotto_kind)6;
    refuses(bad, SUITE_4);
    for (int suite = 0; suite <= 8; suite++)
        if (suite != SUITE_4 && suite != SUITE_5)
            refuses(good, (enum sotto_suite)suite);
    struct sotto_keys *keys = make_keys(1);
    struct sotto_stream no_id = alice();
    CHECK(!sotto_frame_opener_create(keys, &no_id, SUITE_4, SOTTO_LIVENESS_NOT_NEEDED));
    sotto_keys_destroy(keys);
}

TEST(keys_may_be_destroyed_before_their_streams) {
    struct sotto_keys *keys = make_keys(1);
    struct line line = make_line(keys);
    sotto_keys_destroy(keys);
    struct wire wire = seal(line.sealer, 1);
    CHECK_EQ(open_wire(line.opener, &wire), SOTTO_OK);
    end_line(line);
    sotto_frame_sealer_destroy(NULL);
    sotto_frame_opener_destroy(NULL);
}

TEST(outcomes_are_counted) {
    struct sotto_keys *keys = make_keys(1);
    struct line line = make_line(keys);
    struct wire wire = seal(line.sealer, 1), other = seal(line.sealer, 2);
    CHECK_EQ(open_wire(line.opener, &wire), SOTTO_OK);
    CHECK_EQ(open_wire(line.opener, &wire), SOTTO_REPLAYED);
    other.data[8] ^= 1;
    CHECK_EQ(open_wire(line.opener, &other), SOTTO_TAMPERED);
    CHECK_EQ(open_wire(line.opener, &other), SOTTO_TAMPERED);
    other.data[other.size - 1] = 0;
    CHECK_EQ(open_wire(line.opener, &other), SOTTO_NOT_SEALED);
    CHECK_EQ(sotto_frame_opener_count(line.opener, SOTTO_OK), 1);
    CHECK_EQ(sotto_frame_opener_count(line.opener, SOTTO_REPLAYED), 1);
    CHECK_EQ(sotto_frame_opener_count(line.opener, SOTTO_TAMPERED), 2);
    CHECK_EQ(sotto_frame_opener_count(line.opener, SOTTO_NOT_SEALED), 1);
    CHECK_EQ(sotto_frame_opener_count(line.opener, SOTTO_MISSING_KEY), 0);
    CHECK_EQ(sotto_frame_opener_count(line.opener, (enum sotto_result)12), 0);
    CHECK_EQ(sotto_frame_opener_count(line.opener, (enum sotto_result)-1), 0);
    CHECK_EQ(sotto_frame_sealer_count(line.sealer, SOTTO_OK), 2);
    CHECK_EQ(sotto_keys_remove(keys, sotto_keys_current(keys)), SOTTO_OK);
    CHECK_EQ(seal_into(line.sealer, 3, &wire), SOTTO_MISSING_KEY);
    CHECK_EQ(sotto_frame_sealer_count(line.sealer, SOTTO_MISSING_KEY), 1);
    end_line(line);
    sotto_keys_destroy(keys);
}

TEST(events_are_polled) {
    struct sotto_keys *keys = make_keys(1);
    struct line line = make_line(keys);
    struct sotto_stream_event event;
    CHECK(!sotto_frame_sealer_poll_event(line.sealer, 10, &event));
    struct wire wire = seal(line.sealer, 1);
    CHECK(sotto_frame_sealer_poll_event(line.sealer, 20, &event));
    CHECK_EQ(event.state, SOTTO_STATE_ENCRYPTION_SUCCESS);
    CHECK_EQ(event.kid, sotto_keys_current(keys));
    wire.data[wire.size - 2] ^= 1;
    CHECK_EQ(open_wire(line.opener, &wire), SOTTO_TAMPERED);
    CHECK(sotto_frame_opener_poll_event(line.opener, 30, &event));
    CHECK_EQ(event.state, SOTTO_STATE_DECRYPTION_FAILED);
    CHECK_EQ(event.reason, SOTTO_TAMPERED);
    CHECK_EQ(event.kind, SOTTO_KIND_VIDEO);
    CHECK_EQ(event.count, 1);
    CHECK(!sotto_frame_opener_poll_event(line.opener, 40, &event));
    end_line(line);
    sotto_keys_destroy(keys);
}

static const enum sotto_codec codecs[] = {
    SOTTO_CODEC_OTHER, SOTTO_CODEC_OPUS, SOTTO_CODEC_RED,  SOTTO_CODEC_VP8,
    SOTTO_CODEC_VP9,   SOTTO_CODEC_H264, SOTTO_CODEC_H265, SOTTO_CODEC_AV1};

static bool has_escapes(enum sotto_codec codec) {
    return codec == SOTTO_CODEC_H264 || codec == SOTTO_CODEC_H265;
}

// A frame of one slice, where the codec has such.
static void make_frame(enum sotto_codec codec, uint8_t *frame, size_t size) {
    static const uint8_t slices[][6] = {{0, 0, 0, 1, 0x65, 0x88}, {0, 0, 0, 1, 0x26, 0x01}};
    memset(frame, (int)size, size);
    if (has_escapes(codec))
        memcpy(frame, slices[codec == SOTTO_CODEC_H265], sizeof slices[0]);
}

static void round_trip(struct line line, enum sotto_codec codec, bool is_key_frame, size_t size) {
    static uint8_t frame[20000], wire[60000], opened[60000];
    struct sotto_bytes sent = {frame, size};
    size_t wire_size, opened_size;
    make_frame(codec, frame, size);
    CHECK_EQ(sotto_frame_sealer_seal(line.sealer, codec, is_key_frame, sent, wire,
                                     sotto_frame_sealer_size_max(codec, size), &wire_size),
             SOTTO_OK);
    struct sotto_bytes received = {wire, wire_size};
    CHECK_EQ(sotto_frame_opener_open(line.opener, received, opened, wire_size, &opened_size),
             SOTTO_OK);
    CHECK_EQ(opened_size, size);
    CHECK_BYTES(opened, frame, size);
    if (has_escapes(codec)) // the next one may need an escape less
        return;
    CHECK_EQ(sotto_frame_sealer_seal(line.sealer, codec, is_key_frame, sent, wire, wire_size - 1,
                                     &wire_size),
             SOTTO_TOO_SMALL);
}

TEST(every_codec_goes_round_within_the_size_that_was_said) {
    struct sotto_keys *keys = make_keys(1);
    struct line line = make_line(keys);
    for (size_t i = 0; i < sizeof codecs / sizeof codecs[0]; i++)
        for (size_t size = has_escapes(codecs[i]) ? 6 : 1; size < 20000; size = size * 3 + 1)
            round_trip(line, codecs[i], size % 2 == 0, size);
    end_line(line);
    sotto_keys_destroy(keys);
}

TEST(a_frame_that_nothing_carries_is_refused) {
    struct sotto_keys *keys = make_keys(1);
    struct line line = make_line(keys);
    static const uint8_t parameter_set[] = {0, 0, 0, 1, 0x67, 0x42};
    uint8_t wire[100];
    size_t size;
    struct sotto_bytes frame = {parameter_set, sizeof parameter_set};
    CHECK_EQ(sotto_frame_sealer_seal(line.sealer, SOTTO_CODEC_H264, true, frame, wire, sizeof wire,
                                     &size),
             SOTTO_INVALID);
    CHECK_EQ(size, 0);
    CHECK_EQ(sotto_frame_sealer_seal(line.sealer, (enum sotto_codec)8, true, frame, wire,
                                     sizeof wire, &size),
             SOTTO_INVALID);
    end_line(line);
    sotto_keys_destroy(keys);
}

int main(void) {
    RUN(opens_the_rows_of_the_vectors);
    RUN(every_sealer_draws_a_stream_id_unless_it_is_given_one);
    RUN(names_and_suites_outside_the_header_are_refused);
    RUN(keys_may_be_destroyed_before_their_streams);
    RUN(outcomes_are_counted);
    RUN(events_are_polled);
    RUN(every_codec_goes_round_within_the_size_that_was_said);
    RUN(a_frame_that_nothing_carries_is_refused);
    return 0;
}
