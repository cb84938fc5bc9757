// Data messages and liveness of libsotto, against the shared library.
#include "tests/lib/room.h"

#include <stdbool.h>

static struct sotto_frame_sealer *make_data_sealer(struct sotto_keys *keys) {
    struct sotto_stream stream = alice();
    stream.kind = SOTTO_KIND_DATA;
    struct sotto_frame_sealer *sealer = sotto_frame_sealer_create(keys, &stream, SUITE_4);
    CHECK(sealer);
    return sealer;
}

static struct sotto_data_author author_named(const char *participant_id) {
    return (struct sotto_data_author){.room_id = sotto_bytes_of_text("2kyv-gzay-64pg"),
                                      .participant_id = sotto_bytes_of_text(participant_id),
                                      .suite_min = SUITE_4};
}

static struct sotto_data_label label_named(const char *name) {
    return (struct sotto_data_label){.type = sotto_bytes_of_text("chat"),
                                     .name = sotto_bytes_of_text(name),
                                     .is_last = true};
}

static enum sotto_result open_data(struct sotto_keys *keys, const char *participant_id,
                                   const char *name, struct sotto_bytes wire,
                                   struct sotto_data_origin *origin) {
    struct sotto_data_author author = author_named(participant_id);
    struct sotto_data_label label = label_named(name);
    uint8_t message[WIRE_CAPACITY];
    size_t size;
    enum sotto_result result = sotto_keys_open_data(keys, &author, &label, wire, message,
                                                    sizeof message, &size, origin);
    CHECK_EQ(size, result == SOTTO_OK ? 5 : 0);
    CHECK(result != SOTTO_OK || memcmp(message, "hello", 5) == 0);
    return result;
}

TEST(a_message_opens_for_its_author_and_label_alone) {
    struct sotto_keys *keys = make_keys(1);
    struct sotto_frame_sealer *sealer = make_data_sealer(keys);
    struct sotto_data_label label = label_named("lobby");
    uint8_t wire[WIRE_CAPACITY], stream_id[SOTTO_STREAM_ID_SIZE];
    size_t size;
    struct sotto_data_origin origin;
    for (uint64_t counter = 0; counter < 2; counter++) {
        CHECK_EQ(sotto_frame_sealer_seal_data(sealer, &label, sotto_bytes_of_text("hello"), wire,
                                              5 + SOTTO_DATA_OVERHEAD_MAX, &size),
                 SOTTO_OK);
        struct sotto_bytes sealed = {wire, size};
        CHECK_EQ(open_data(keys, "alice", "lobby", sealed, &origin), SOTTO_OK);
        CHECK_EQ(origin.counter, counter);
        sotto_frame_sealer_stream_id(sealer, stream_id);
        CHECK_BYTES(origin.stream_id, stream_id, sizeof stream_id);
        CHECK_EQ(open_data(keys, "alice", "lobby", sealed, NULL), SOTTO_OK); // remembers nothing
        CHECK_EQ(open_data(keys, "bob", "lobby", sealed, &origin), SOTTO_TAMPERED);
        CHECK_EQ(open_data(keys, "alice", "kitchen", sealed, &origin), SOTTO_TAMPERED);
        CHECK_EQ(open_data(keys, "", "lobby", sealed, &origin), SOTTO_INVALID);
    }
    CHECK_EQ(sotto_frame_sealer_count(sealer, SOTTO_OK), 2);
    set_secret(keys, 2);
    CHECK_EQ(sotto_frame_sealer_seal_data(sealer, &label, sotto_bytes_of_text("hello"), wire,
                                          sizeof wire, &size),
             SOTTO_OK);
    struct sotto_keys *others = make_keys(1);
    CHECK_EQ(open_data(others, "alice", "lobby", (struct sotto_bytes){wire, size}, &origin),
             SOTTO_MISSING_KEY);
    sotto_keys_destroy(others);
    sotto_frame_sealer_destroy(sealer);
    sotto_keys_destroy(keys);
}

TEST(a_sealer_of_another_kind_seals_no_message) {
    struct sotto_keys *keys = make_keys(1);
    struct line line = make_line(keys);
    struct sotto_data_label label = label_named("lobby");
    uint8_t wire[WIRE_CAPACITY];
    size_t size;
    CHECK_EQ(sotto_frame_sealer_seal_data(line.sealer, &label, sotto_bytes_of_text("hello"), wire,
                                          sizeof wire, &size),
             SOTTO_INVALID);
    CHECK_EQ(size, 0);
    end_line(line);
    sotto_keys_destroy(keys);
}

// What Bob, who joins, and Alice, who sends, have between them.
struct join {
    struct sotto_keys *keys;
    struct sotto_frame_sealer *data, *video;
    struct sotto_frame_opener *opener;
    uint8_t challenge[SOTTO_CHALLENGE_SIZE];
    uint8_t answer[SOTTO_ANSWER_WIRE_SIZE_MAX];
    size_t answer_size;
};

static void begin(struct join *join) {
    struct sotto_stream stream = alice();
    uint8_t stream_id[SOTTO_STREAM_ID_SIZE];
    join->keys = make_keys(1);
    join->data = make_data_sealer(join->keys);
    join->video = sotto_frame_sealer_create(join->keys, &stream, SUITE_4);
    sotto_frame_sealer_stream_id(join->video, stream_id);
    stream.stream_id = (struct sotto_bytes){stream_id, sizeof stream_id};
    join->opener =
        sotto_frame_opener_create(join->keys, &stream, SUITE_4, SOTTO_LIVENESS_NEEDED);
    CHECK(join->opener);
    sotto_liveness_draw_challenge(join->challenge);
}

static void end(struct join *join) {
    sotto_frame_sealer_destroy(join->data);
    sotto_frame_sealer_destroy(join->video);
    sotto_frame_opener_destroy(join->opener);
    sotto_keys_destroy(join->keys);
}

static void answer(struct join *join) {
    struct sotto_live_streams streams = {0};
    CHECK_EQ(sotto_frame_sealer_add_live(join->data, &streams), SOTTO_OK);
    CHECK_EQ(sotto_frame_sealer_add_live(join->video, &streams), SOTTO_OK);
    struct sotto_bytes challenges = {join->challenge, sizeof join->challenge};
    CHECK_EQ(sotto_frame_sealer_seal_answer(join->data, challenges, &streams, join->answer,
                                            sizeof join->answer, &join->answer_size),
             SOTTO_OK);
}

static enum sotto_result open_answer(struct join *join, const char *participant_id,
                                     struct sotto_live_streams *streams) {
    struct sotto_data_author author = author_named(participant_id);
    return sotto_keys_open_answer(join->keys, &author, join->challenge,
                                  (struct sotto_bytes){join->answer, join->answer_size}, streams);
}

TEST(nothing_opens_before_an_answer_and_nothing_from_before_it) {
    struct join join;
    begin(&join);
    struct wire recorded = seal(join.video, 1);
    CHECK_EQ(open_wire(join.opener, &recorded), SOTTO_NOT_LIVE);
    answer(&join);
    struct wire after = seal(join.video, 2);
    struct sotto_live_streams streams;
    CHECK_EQ(open_answer(&join, "alice", &streams), SOTTO_OK);
    CHECK_EQ(streams.count, 2);
    CHECK_EQ(streams.streams[1].kind, SOTTO_KIND_VIDEO);
    CHECK_EQ(streams.streams[1].counter, 1);
    CHECK(sotto_frame_opener_handle_answer(join.opener, &streams));
    CHECK_EQ(open_wire(join.opener, &recorded), SOTTO_NOT_LIVE);
    CHECK_EQ(open_wire(join.opener, &after), SOTTO_OK);
    CHECK_EQ(sotto_frame_opener_count(join.opener, SOTTO_NOT_LIVE), 2);
    end(&join);
}

TEST(an_answer_to_another_challenge_or_of_somebody_else_counts_for_nothing) {
    struct join join;
    begin(&join);
    answer(&join);
    struct sotto_live_streams streams;
    CHECK_EQ(open_answer(&join, "bob", &streams), SOTTO_TAMPERED);
    CHECK_EQ(streams.count, 0);
    sotto_liveness_draw_challenge(join.challenge);
    CHECK_EQ(open_answer(&join, "alice", &streams), SOTTO_NOT_LIVE);
    CHECK_EQ(streams.count, 0);
    CHECK(!sotto_frame_opener_handle_answer(join.opener, &streams));

    // One that names other streams only.
    CHECK_EQ(sotto_frame_sealer_add_live(join.data, &streams), SOTTO_OK);
    CHECK(!sotto_frame_opener_handle_answer(join.opener, &streams));
    struct wire wire = seal(join.video, 1);
    CHECK_EQ(open_wire(join.opener, &wire), SOTTO_NOT_LIVE);
    end(&join);
}

TEST(an_answer_has_bounds) {
    struct join join;
    begin(&join);
    struct sotto_live_streams streams = {0};
    for (size_t i = 0; i < SOTTO_LIVE_STREAMS_MAX; i++)
        CHECK_EQ(sotto_frame_sealer_add_live(join.data, &streams), SOTTO_OK);
    CHECK_EQ(sotto_frame_sealer_add_live(join.data, &streams), SOTTO_TOO_SMALL);
    static uint8_t challenges[(SOTTO_CHALLENGES_MAX + 1) * SOTTO_CHALLENGE_SIZE];
    static uint8_t wire[SOTTO_ANSWER_WIRE_SIZE_MAX + 100];
    size_t size;
    struct sotto_bytes all = {challenges, SOTTO_CHALLENGES_MAX * SOTTO_CHALLENGE_SIZE};
    CHECK_EQ(sotto_frame_sealer_seal_answer(join.data, all, &streams, wire,
                                            SOTTO_ANSWER_WIRE_SIZE_MAX, &size),
             SOTTO_OK);
    all.size = sizeof challenges;
    CHECK_EQ(sotto_frame_sealer_seal_answer(join.data, all, &streams, wire, sizeof wire, &size),
             SOTTO_INVALID);
    CHECK_EQ(size, 0);
    end(&join);
}

int main(void) {
    RUN(a_message_opens_for_its_author_and_label_alone);
    RUN(a_sealer_of_another_kind_seals_no_message);
    RUN(nothing_opens_before_an_answer_and_nothing_from_before_it);
    RUN(an_answer_to_another_challenge_or_of_somebody_else_counts_for_nothing);
    RUN(an_answer_has_bounds);
    return 0;
}
