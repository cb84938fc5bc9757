#include "core/liveness.h"

#include "core/memory.h"
#include "tests/core/frame_vectors.h"

static struct sotto_key_store store;
static struct sotto_sealer data_sealer, video_sealer;
static uint8_t own_challenge[SOTTO_CHALLENGE_SIZE];

static void begin(void) {
    struct sotto_stream_name data = make_name("room", "alice", 1, SOTTO_KIND_DATA);
    struct sotto_stream_name video = make_name("room", "alice", 2, SOTTO_KIND_VIDEO);
    sotto_key_store_init(&store);
    set_secret(&store, 0);
    CHECK(sotto_sealer_init(&data_sealer, &store, &data, SUITE_4));
    CHECK(sotto_sealer_init(&video_sealer, &store, &video, SUITE_4));
    memset(own_challenge, 0xC0, sizeof own_challenge);
}

static void end(void) {
    sotto_sealer_wipe(&data_sealer);
    sotto_sealer_wipe(&video_sealer);
    sotto_key_store_wipe(&store);
}

static struct sotto_data_sender alices(void) {
    return (struct sotto_data_sender){&store, bytes_of_text("room"), bytes_of_text("alice"),
                                      SUITE_4};
}

// Alice's streams: data, and video before its frame with the number 1000.
static struct sotto_live_streams both_streams(void) {
    struct sotto_live_streams streams = {0};
    video_sealer.counter = 1000;
    CHECK(sotto_live_streams_add(&streams, &data_sealer));
    CHECK(sotto_live_streams_add(&streams, &video_sealer));
    return streams;
}

static struct wire seal_answer(const uint8_t *challenges, size_t count) {
    struct sotto_live_streams streams = both_streams();
    uint8_t *message = malloc(SOTTO_ANSWER_SIZE_MAX + SOTTO_DATA_OVERHEAD_MAX);
    size_t size;
    CHECK(message);
    CHECK_EQ(sotto_liveness_seal_answer(
                 &data_sealer, (struct sotto_bytes){challenges, count * SOTTO_CHALLENGE_SIZE},
                 &streams, message, SOTTO_ANSWER_SIZE_MAX + SOTTO_DATA_OVERHEAD_MAX, &size),
             SOTTO_OK);
    struct wire exact = copy_wire(message, size);
    free(message);
    return exact;
}

static enum sotto_result open_answer(const struct sotto_data_sender *sender, struct wire wire,
                                     struct sotto_live_streams *streams) {
    streams->count = 99;
    enum sotto_result result = sotto_liveness_open_answer(
        sender, own_challenge, (struct sotto_bytes){wire.data, wire.size}, streams);
    if (result != SOTTO_OK)
        CHECK_EQ(streams->count, 0);
    return result;
}

static enum sotto_result open_alices(struct wire wire) {
    struct sotto_data_sender sender = alices();
    struct sotto_live_streams streams;
    return open_answer(&sender, wire, &streams);
}

TEST(an_answer_names_the_streams_and_their_next_frames) {
    begin();
    struct wire wire = seal_answer(own_challenge, 1);
    CHECK_EQ(wire.size, 2 + 16 + 1 + 2 * 25 + 16 + 22);
    struct sotto_data_sender sender = alices();
    struct sotto_live_streams streams;
    for (int times = 0; times < 2; times++) {
        CHECK_EQ(open_answer(&sender, wire, &streams), SOTTO_OK);
        CHECK_EQ(streams.count, 2);
        CHECK_EQ(streams.streams[0].kind, SOTTO_KIND_DATA);
        CHECK_EQ(streams.streams[0].counter, 0);
        CHECK_EQ(streams.streams[0].stream_id[15], 1);
        CHECK_EQ(streams.streams[1].kind, SOTTO_KIND_VIDEO);
        CHECK_EQ(streams.streams[1].counter, 1000);
        CHECK_EQ(streams.streams[1].stream_id[0], 2);
    }
    free(wire.data);
    end();
}

static struct sotto_live_streams row_streams(const json_t *row) {
    struct sotto_live_streams streams = {0};
    size_t index;
    const json_t *stream;
    json_array_foreach(json_object_get(row, "streams"), index, stream) {
        struct wire id = row_wire(stream, "stream_id_hex");
        struct sotto_live_stream *live = &streams.streams[streams.count++];
        CHECK_EQ(id.size, sizeof live->stream_id);
        memcpy(live->stream_id, id.data, id.size);
        live->kind = row_kind(stream);
        live->counter = row_number(stream, "counter");
        free(id.data);
    }
    return streams;
}

// The challenges of a row, one behind the other.
static struct wire row_challenges(const json_t *row) {
    const json_t *list = json_object_get(row, "challenges_hex");
    struct wire all = copy_wire(NULL, 0);
    size_t index, size;
    const json_t *text;
    json_array_foreach(list, index, text) {
        uint8_t *challenge = vectors_unhex(json_string_value(text), &size);
        CHECK_EQ(size, SOTTO_CHALLENGE_SIZE);
        all.data = realloc(all.data, all.size + size);
        CHECK(all.data);
        memcpy(all.data + all.size, challenge, size);
        all.size += size;
        free(challenge);
    }
    return all;
}

static void check_same(const struct sotto_live_streams *streams,
                       const struct sotto_live_streams *expected) {
    CHECK_EQ(streams->count, expected->count);
    for (size_t i = 0; i < expected->count; i++) {
        CHECK_BYTES(streams->streams[i].stream_id, expected->streams[i].stream_id, 16);
        CHECK_EQ(streams->streams[i].kind, expected->streams[i].kind);
        CHECK_EQ(streams->streams[i].counter, expected->streams[i].counter);
    }
}

static void check_row_opens(const json_t *row, struct wire challenges,
                            const struct sotto_live_streams *expected) {
    const struct sotto_data_sender sender = row_sender(row, &store);
    struct wire wire = row_wire(row, "wire_hex");
    struct sotto_live_streams streams;
    for (size_t i = 0; i < challenges.size; i += SOTTO_CHALLENGE_SIZE) {
        memcpy(own_challenge, challenges.data + i, sizeof own_challenge);
        CHECK_EQ(open_answer(&sender, wire, &streams), SOTTO_OK);
        check_same(&streams, expected);
    }
    own_challenge[0] ^= 1;
    CHECK_EQ(open_answer(&sender, wire, &streams), SOTTO_NOT_LIVE);
    free(wire.data);
}

static void check_row(const json_t *row) {
    uint8_t message[1000];
    size_t size;
    row_key_store(row, &store);
    row_data_sealer(row, &store, &data_sealer);
    struct wire challenges = row_challenges(row), expected = row_wire(row, "wire_hex");
    const struct sotto_live_streams streams = row_streams(row);
    CHECK_EQ(sotto_liveness_seal_answer(&data_sealer,
                                        (struct sotto_bytes){challenges.data, challenges.size},
                                        &streams, message, sizeof message, &size),
             SOTTO_OK);
    CHECK_EQ(size, expected.size);
    CHECK_BYTES(message, expected.data, size);
    check_row_opens(row, challenges, &streams);
    free(challenges.data);
    free(expected.data);
    sotto_sealer_wipe(&data_sealer);
    sotto_key_store_wipe(&store);
}

static void check_refused_row(const json_t *row) {
    row_key_store(row, &store);
    const struct sotto_data_sender sender = row_sender(row, &store);
    struct wire challenge = row_challenges(row), wire = row_wire(row, "wire_hex");
    struct sotto_live_streams streams;
    memcpy(own_challenge, challenge.data, sizeof own_challenge);
    CHECK_EQ(open_answer(&sender, wire, &streams), SOTTO_NOT_SEALED);
    free(challenge.data);
    free(wire.data);
    sotto_key_store_wipe(&store);
}

TEST(the_rows_of_the_vectors_are_sealed_opened_and_refused) {
    CHECK_EQ(vectors_each("answers", check_row), ANSWER_VECTOR_COUNT);
    CHECK_EQ(vectors_each("refused_answers", check_refused_row), REFUSED_ANSWER_VECTOR_COUNT);
}

TEST(an_answer_to_many_is_an_answer_to_each_and_to_nobody_else) {
    begin();
    static uint8_t challenges[SOTTO_CHALLENGES_MAX][SOTTO_CHALLENGE_SIZE];
    for (size_t i = 0; i < SOTTO_CHALLENGES_MAX; i++)
        challenges[i][15] = (uint8_t)i;
    struct wire wire = seal_answer(challenges[0], SOTTO_CHALLENGES_MAX);
    for (size_t i = 0; i < SOTTO_CHALLENGES_MAX; i++) {
        memcpy(own_challenge, challenges[i], sizeof own_challenge);
        CHECK_EQ(open_alices(wire), SOTTO_OK);
        own_challenge[0] ^= 1;
        CHECK_EQ(open_alices(wire), SOTTO_NOT_LIVE);
    }
    // Half of one and half of the next is no challenge.
    memcpy(own_challenge, challenges[3] + 8, 8);
    memcpy(own_challenge + 8, challenges[4], 8);
    CHECK_EQ(open_alices(wire), SOTTO_NOT_LIVE);
    free(wire.data);
    end();
}

TEST(an_answer_to_yesterdays_challenge_does_not_count) {
    begin();
    struct wire wire = seal_answer(own_challenge, 1);
    memset(own_challenge, 0xC1, sizeof own_challenge);
    CHECK_EQ(open_alices(wire), SOTTO_NOT_LIVE);
    free(wire.data);
    end();
}

TEST(an_answer_counts_as_nobody_elses) {
    begin();
    struct wire wire = seal_answer(own_challenge, 1);
    struct sotto_data_sender sender = alices();
    struct sotto_live_streams streams;
    sender.participant_id = bytes_of_text("bob");
    CHECK_EQ(open_answer(&sender, wire, &streams), SOTTO_TAMPERED);
    sender = alices();
    sender.room_id = bytes_of_text("another room");
    CHECK_EQ(open_answer(&sender, wire, &streams), SOTTO_TAMPERED);
    struct sotto_key_store other;
    sotto_key_store_init(&other);
    sender = alices();
    sender.key_store = &other;
    CHECK_EQ(open_answer(&sender, wire, &streams), SOTTO_MISSING_KEY);
    free(wire.data);
    end();
}

TEST(an_answer_has_the_documented_bytes) {
    static const uint8_t expected[] = {
        0,    1,                                                       // challenges
        0xC0, 0xC0, 0xC0, 0xC0, 0xC0, 0xC0, 0xC0, 0xC0,                //
        0xC0, 0xC0, 0xC0, 0xC0, 0xC0, 0xC0, 0xC0, 0xC0,                //
        2,                                                             // streams
        1,    1,    1,    1,    1,    1,    1,    1,                   //
        1,    1,    1,    1,    1,    1,    1,    1,                   //
        5,    0,    0,    0,    0,    0,    0,    0,    0,             //
        2,    2,    2,    2,    2,    2,    2,    2,                   //
        2,    2,    2,    2,    2,    2,    2,    2,                   //
        2,    0,    0,    0,    0,    0,    0,    0x03, 0xE8,
    };
    const struct sotto_data_label label = {.type = SOTTO_BYTES("liveness"), .is_last = true};
    begin();
    struct wire wire = seal_answer(own_challenge, 1);
    struct sotto_data_sender sender = alices();
    struct sotto_data_origin origin;
    uint8_t answer[sizeof expected];
    size_t size;
    CHECK_EQ(sotto_data_message_open(&sender, &label, (struct sotto_bytes){wire.data, wire.size},
                                     answer, sizeof answer, &size, &origin),
             SOTTO_OK);
    CHECK_EQ(size, sizeof expected);
    CHECK_BYTES(answer, expected, sizeof expected);
    free(wire.data);
    end();
}

// Writes what may be no answer, and parses it in memory of exactly its size.
static bool parses(const uint8_t *answer, size_t size) {
    struct wire exact = copy_wire(answer, size);
    struct sotto_reader reader;
    struct sotto_bytes challenges;
    struct sotto_live_streams streams;
    sotto_reader_init(&reader, exact.data, exact.size);
    sotto_liveness_parse_answer(&reader, &challenges, &streams);
    CHECK_EQ(challenges.size == 0, reader.failed);
    CHECK_EQ(streams.count == 0, reader.failed);
    free(exact.data);
    return !reader.failed;
}

static size_t write_both(uint8_t answer[SOTTO_ANSWER_SIZE_MAX]) {
    struct sotto_live_streams streams = both_streams();
    struct sotto_writer writer;
    sotto_writer_init(&writer, answer, SOTTO_ANSWER_SIZE_MAX);
    sotto_liveness_write_answer(&writer, (struct sotto_bytes){own_challenge, sizeof own_challenge},
                                &streams);
    CHECK(!writer.failed);
    return writer.offset;
}

TEST(every_truncation_and_every_longer_answer_is_refused) {
    begin();
    uint8_t answer[SOTTO_ANSWER_SIZE_MAX + 1] = {0};
    const size_t size = write_both(answer);
    for (size_t cut = 0; cut < size; cut++)
        CHECK(!parses(answer, cut));
    CHECK(parses(answer, size));
    CHECK(!parses(answer, size + 1));
    end();
}

TEST(counts_kinds_and_counters_outside_what_is_allowed_are_refused) {
    begin();
    static const struct {
        size_t offset;
        uint8_t value;
    } rows[] = {
        {1, 0},      // no challenge
        {1, 2},      // one that is not there
        {0, 1},      // 257
        {18, 0},     // no stream
        {18, 1},     // one more than named
        {18, 3},     // one that is not there
        {18, 65},    // too many
        {35, 0},     // no kind
        {35, 6},     // an unknown kind
        {36, 1},     // a counter above 2^32
        {39, 1},     //
    };
    uint8_t answer[SOTTO_ANSWER_SIZE_MAX];
    const size_t size = write_both(answer);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const uint8_t before = answer[rows[i].offset];
        answer[rows[i].offset] = rows[i].value;
        if (rows[i].offset == 39)
            answer[43] = 1; // 2^32 is the end of a stream, one more is none
        CHECK(!parses(answer, size));
        answer[43] = 0;
        CHECK_EQ(parses(answer, size), rows[i].offset == 39);
        answer[rows[i].offset] = before;
    }
    CHECK(parses(answer, size));
    end();
}

// Of the size that they would have.
TEST(answers_without_challenges_or_streams_are_refused) {
    begin();
    uint8_t answer[SOTTO_ANSWER_SIZE_MAX];
    size_t size = write_both(answer);
    answer[18] = 0;
    CHECK(!parses(answer, 19));
    size = write_both(answer);
    answer[1] = 0;
    memmove(answer + 2, answer + 18, size - 18);
    CHECK(!parses(answer, size - 16));
    end();
}

TEST(the_largest_answer_fits_and_a_larger_one_is_not_sealed) {
    begin();
    static uint8_t challenges[(SOTTO_CHALLENGES_MAX + 1) * SOTTO_CHALLENGE_SIZE];
    static uint8_t message[SOTTO_ANSWER_SIZE_MAX + SOTTO_DATA_OVERHEAD_MAX + 1];
    struct sotto_live_streams streams = {0};
    size_t size;
    for (size_t i = 0; i < SOTTO_LIVE_STREAMS_MAX; i++)
        CHECK(sotto_live_streams_add(&streams, &video_sealer));
    CHECK(!sotto_live_streams_add(&streams, &video_sealer));
    streams.count = SIZE_MAX; // as in a struct that nobody set to zero
    CHECK(!sotto_live_streams_add(&streams, &video_sealer));
    CHECK_EQ(streams.count, SIZE_MAX);
    streams.count = SOTTO_LIVE_STREAMS_MAX;
    data_sealer.counter = SOTTO_FRAMES_MAX - 1;
    struct sotto_bytes most = {challenges, SOTTO_CHALLENGES_MAX * SOTTO_CHALLENGE_SIZE};
    CHECK_EQ(sotto_liveness_seal_answer(&data_sealer, most, &streams, message,
                                        SOTTO_ANSWER_SIZE_MAX + SOTTO_DATA_OVERHEAD_MAX, &size),
             SOTTO_OK);
    CHECK_EQ(size, SOTTO_ANSWER_SIZE_MAX + SOTTO_DATA_OVERHEAD_MAX);
    memset(own_challenge, 0, sizeof own_challenge);
    CHECK_EQ(open_alices((struct wire){message, size}), SOTTO_OK);
    CHECK_EQ(open_alices((struct wire){message, size + 1}), SOTTO_NOT_SEALED);

    struct sotto_bytes bad[] = {{challenges, sizeof challenges},
                                {challenges, 0},
                                {challenges, SOTTO_CHALLENGE_SIZE + 1}};
    data_sealer.counter = 0;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK_EQ(sotto_liveness_seal_answer(&data_sealer, bad[i], &streams, message, sizeof message,
                                            &size),
                 SOTTO_INVALID);
    streams.count = 0;
    CHECK_EQ(sotto_liveness_seal_answer(&data_sealer, most, &streams, message, sizeof message,
                                        &size),
             SOTTO_INVALID);
    CHECK_EQ(data_sealer.counter, 0);
    end();
}

TEST(what_opens_and_is_no_answer_is_refused) {
    const struct sotto_data_label label = {.type = SOTTO_BYTES("liveness"), .is_last = true};
    const struct sotto_data_label chat = {.type = SOTTO_BYTES("chat"), .is_last = true};
    static const uint8_t large[SOTTO_ANSWER_SIZE_MAX + 1];
    static uint8_t message[sizeof large + SOTTO_DATA_OVERHEAD_MAX];
    uint8_t answer[SOTTO_ANSWER_SIZE_MAX];
    size_t size;
    begin();
    const size_t sizes[] = {0, 1, SOTTO_ANSWER_SIZE_MAX, SOTTO_ANSWER_SIZE_MAX + 1};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        CHECK_EQ(sotto_data_message_seal(&data_sealer, &label,
                                         (struct sotto_bytes){large, sizes[i]}, message,
                                         sizeof message, &size),
                 SOTTO_OK);
        CHECK_EQ(open_alices((struct wire){message, size}), SOTTO_NOT_SEALED);
    }
    const size_t answer_size = write_both(answer);
    CHECK_EQ(sotto_data_message_seal(&data_sealer, &chat,
                                     (struct sotto_bytes){answer, answer_size}, message,
                                     sizeof message, &size),
             SOTTO_OK);
    CHECK_EQ(open_alices((struct wire){message, size}), SOTTO_TAMPERED);
    end();
}

int main(void) {
    RUN(an_answer_names_the_streams_and_their_next_frames);
    RUN(the_rows_of_the_vectors_are_sealed_opened_and_refused);
    RUN(an_answer_to_many_is_an_answer_to_each_and_to_nobody_else);
    RUN(an_answer_to_yesterdays_challenge_does_not_count);
    RUN(an_answer_counts_as_nobody_elses);
    RUN(an_answer_has_the_documented_bytes);
    RUN(every_truncation_and_every_longer_answer_is_refused);
    RUN(counts_kinds_and_counters_outside_what_is_allowed_are_refused);
    RUN(answers_without_challenges_or_streams_are_refused);
    RUN(the_largest_answer_fits_and_a_larger_one_is_not_sealed);
    RUN(what_opens_and_is_no_answer_is_refused);
    return 0;
}
