#include "core/opener.h"

#include "tests/core/frame_vectors.h"
#include "tests/core/opening.h"

static const uint8_t vp8_key[] = {0x10, 2, 0, 0x9d, 1, 0x2a, 0x80, 2, 0xe0, 1, 0x0e, 0xd3, 0x2d};
static const uint8_t vp8_delta[] = {0xb1, 5, 0, 0xc1, 7, 0xdf};

TEST(opens_what_was_sealed_in_every_layout_and_suite) {
    for (int suite = 4; suite <= 5; suite++) {
        begin_suites((enum sotto_suite)suite, SUITE_4);
        const struct {
            enum sotto_codec codec;
            const uint8_t *frame;
            size_t size;
        } rows[] = {
            {SOTTO_CODEC_OPUS, opus, sizeof opus},   {SOTTO_CODEC_VP9, opus, 1},
            {SOTTO_CODEC_VP8, vp8_key, 13},          {SOTTO_CODEC_VP8, vp8_key, 10},
            {SOTTO_CODEC_VP8, vp8_key, 9},           {SOTTO_CODEC_VP8, vp8_delta, 6},
            {SOTTO_CODEC_VP8, vp8_delta, 3},         {SOTTO_CODEC_VP8, vp8_delta, 2},
            {SOTTO_CODEC_RED, vp8_key, 5},           {SOTTO_CODEC_OTHER, vp8_key, 5},
        };
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
            struct wire wire = seal_frame(&sealer, rows[i].codec, rows[i].frame, rows[i].size);
            check_opens(&opener, wire, rows[i].frame, rows[i].size);
            free(wire.data);
        }
        end();
    }
}

// Cut at every place and with every single bit flipped, the frame never opens, and opens still
// after all that.
static void check_damaged(enum sotto_codec codec, const uint8_t *frame, size_t size) {
    begin();
    struct wire wire = seal_frame(&sealer, codec, frame, size);
    for (size_t cut = 1; cut < wire.size; cut++) {
        struct wire shorter = copy_wire(wire.data, cut);
        enum sotto_result result = open_result(&opener, shorter);
        CHECK(result == SOTTO_NOT_SEALED || result == SOTTO_TAMPERED ||
              result == SOTTO_MISSING_KEY);
        free(shorter.data);
    }
    for (size_t bit = 0; bit < 8 * wire.size; bit++) {
        wire.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        enum sotto_result result = open_result(&opener, wire);
        CHECK(result == SOTTO_NOT_SEALED || result == SOTTO_TAMPERED ||
              result == SOTTO_MISSING_KEY);
        wire.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    check_opens(&opener, wire, frame, size);
    free(wire.data);
    end();
}

TEST(no_cut_and_no_flipped_bit_opens) {
    check_damaged(SOTTO_CODEC_OPUS, opus, sizeof opus);
    check_damaged(SOTTO_CODEC_VP8, vp8_key, sizeof vp8_key);
    check_damaged(SOTTO_CODEC_VP8, vp8_delta, sizeof vp8_delta);
    check_damaged(SOTTO_CODEC_VP8, vp8_delta, 3);
}

TEST(each_part_of_the_wire_has_its_own_refusal) {
    begin();
    struct wire wire = seal_frame(&sealer, SOTTO_CODEC_VP8, vp8_delta, sizeof vp8_delta);
    const struct {
        size_t offset;
        uint8_t flip;
        enum sotto_result result;
    } rows[] = {
        {1, 1, SOTTO_TAMPERED},                    // the front, in clear but authenticated
        {3, 0x80, SOTTO_NOT_SEALED},               // the KID's form
        {4, 0x80, SOTTO_NOT_SEALED},               // the KID's top bit
        {7, 1, SOTTO_MISSING_KEY},                 // another KID
        {3, 1, SOTTO_TAMPERED},                    // another counter
        {8, 1, SOTTO_TAMPERED},                    // the ciphertext
        {wire.size - 2, 1, SOTTO_TAMPERED},        // the tag
        {wire.size - 1, 8, SOTTO_TAMPERED},        // the mark, of the other suite
        {wire.size - 1, 2, SOTTO_NOT_SEALED},      // of another layout
        {wire.size - 1, 0x80, SOTTO_NOT_SEALED},   // no mark
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        wire.data[rows[i].offset] ^= rows[i].flip;
        CHECK_EQ(open_result(&opener, wire), rows[i].result);
        wire.data[rows[i].offset] ^= rows[i].flip;
    }
    CHECK_EQ(open_result(&opener, wire), SOTTO_OK);
    free(wire.data);
    end();
}

static void check_refused_row(const json_t *row) {
    struct sotto_stream_name name = row_name(row);
    struct wire wire = row_wire(row, "wire_hex");
    row_key_store(row, &store);
    CHECK(sotto_opener_init(&opener, &store, &name, row_suite(row), SOTTO_LIVENESS_NOT_NEEDED));
    CHECK_TEXT(sotto_reason_text(open_result(&opener, wire)), row_text(row, "result"));
    free(wire.data);
    sotto_opener_wipe(&opener);
    sotto_key_store_wipe(&store);
}

TEST(the_vectors_that_must_be_refused_are_for_the_documented_reason) {
    CHECK_EQ(vectors_each("refused", check_refused_row), REFUSED_FRAME_VECTOR_COUNT);
}

TEST(frames_of_another_room_participant_stream_or_kind_do_not_open) {
    begin();
    struct wire wire = seal_opus();
    const struct sotto_stream_name others[] = {
        make_name("2kyv-gzay-64ph", "alice", 1, SOTTO_KIND_VIDEO),
        make_name("2kyv-gzay-64pg", "bob", 1, SOTTO_KIND_VIDEO),
        make_name("2kyv-gzay-64pg", "alice", 2, SOTTO_KIND_VIDEO),
        make_name("2kyv-gzay-64pg", "alice", 1, SOTTO_KIND_SHARE),
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        struct sotto_opener other;
        CHECK(sotto_opener_init(&other, &store, &others[i], SUITE_4, SOTTO_LIVENESS_NOT_NEEDED));
        CHECK_EQ(open_result(&other, wire), SOTTO_TAMPERED);
        sotto_opener_wipe(&other);
    }
    CHECK_EQ(open_result(&opener, wire), SOTTO_OK);
    free(wire.data);
    end();
}

TEST(a_key_that_is_not_here_is_missing_and_opens_once_it_comes) {
    begin();
    struct sotto_key_store receiver;
    struct sotto_stream_name name = alice();
    struct sotto_opener late;
    sotto_key_store_init(&receiver);
    CHECK(sotto_opener_init(&late, &receiver, &name, SUITE_4, SOTTO_LIVENESS_NOT_NEEDED));
    struct wire wire = seal_opus();
    CHECK_EQ(open_result(&late, wire), SOTTO_MISSING_KEY);
    set_secret(&receiver, 1);
    CHECK_EQ(open_result(&late, wire), SOTTO_MISSING_KEY);
    set_secret(&receiver, 0);
    set_secret(&receiver, 1); // current or not makes no difference to opening
    CHECK_EQ(open_result(&late, wire), SOTTO_OK);
    CHECK_EQ(open_result(&late, wire), SOTTO_REPLAYED);
    sotto_opener_wipe(&late);
    sotto_key_store_wipe(&receiver);
    free(wire.data);
    end();
}

TEST(a_removed_secret_opens_nothing_more) {
    begin();
    struct wire first = seal_opus();
    struct wire second = seal_opus();
    CHECK_EQ(open_result(&opener, first), SOTTO_OK);
    CHECK(sotto_key_store_remove(&store, kid_of(make_secret(0))));
    CHECK_EQ(open_result(&opener, second), SOTTO_MISSING_KEY);
    CHECK_EQ(open_result(&opener, first), SOTTO_MISSING_KEY);
    set_secret(&store, 0);
    CHECK_EQ(open_result(&opener, first), SOTTO_REPLAYED); // the window outlives the secret
    CHECK_EQ(open_result(&opener, second), SOTTO_OK);
    free(first.data);
    free(second.data);
    end();
}

TEST(a_receiver_set_to_suite_5_refuses_suite_4_and_not_the_reverse) {
    begin_suites(SUITE_4, SUITE_5);
    check_result_at(0, SOTTO_NOT_SEALED);
    end();
    begin_suites(SUITE_5, SUITE_5);
    check_result_at(0, SOTTO_OK);
    end();
    begin_suites(SUITE_5, SUITE_4);
    check_result_at(0, SOTTO_OK);
    end();
}

static void begin_not_live(void) {
    struct sotto_stream_name name = alice();
    begin();
    CHECK(sotto_opener_init(&opener, &store, &name, SUITE_4, SOTTO_LIVENESS_NEEDED));
}

TEST(nothing_of_a_stream_opens_before_it_is_live) {
    begin_not_live();
    for (uint64_t counter = 0; counter < 10; counter++)
        check_result_at(counter, SOTTO_NOT_LIVE);
    check_result_at(SOTTO_FRAMES_MAX - 1, SOTTO_NOT_LIVE);
    CHECK_EQ(opener.state.passed, 0);
    CHECK_EQ(opener.state.failed_as[SOTTO_NOT_LIVE], 11);
    // Neither a key was derived nor a window touched.
    CHECK_EQ(opener.uses, 0);
    CHECK_EQ(opener.keys[0].key.kid, 0);
    CHECK_EQ(opener.windows[0].kid, 0);
    sotto_opener_set_live(&opener, 3);
    for (uint64_t counter = 0; counter < 10; counter++)
        check_result_at(counter, counter < 3 ? SOTTO_NOT_LIVE : SOTTO_OK);
    check_result_at(5, SOTTO_REPLAYED);
    check_result_at(2, SOTTO_NOT_LIVE);
    check_result_at(SOTTO_FRAMES_MAX - 1, SOTTO_OK);
    end();
}

TEST(only_the_first_answer_says_from_which_counter_on) {
    begin_not_live();
    sotto_opener_set_live(&opener, 100);
    sotto_opener_set_live(&opener, 200);
    check_result_at(150, SOTTO_OK);
    sotto_opener_set_live(&opener, 0);
    check_result_at(99, SOTTO_NOT_LIVE);
    check_result_at(100, SOTTO_OK);
    end();
    begin();
    sotto_opener_set_live(&opener, 100); // where no answer is needed, none takes anything away
    check_result_at(1, SOTTO_OK);
    end();
}

TEST(a_stream_stays_live_over_changes_of_key) {
    begin_not_live();
    sotto_opener_set_live(&opener, 10);
    check_result_at(10, SOTTO_OK);
    set_secret(&store, 1);
    check_result_at(9, SOTTO_NOT_LIVE);
    check_result_at(11, SOTTO_OK);
    end();
}

// As with replays: the counter of a frame that does not open says nothing.
TEST(only_a_frame_that_opens_can_be_too_old) {
    begin_not_live();
    sotto_opener_set_live(&opener, 10);
    struct wire wire = seal_at(9);
    wire.data[wire.size - 5] ^= 1;
    CHECK_EQ(open_result(&opener, wire), SOTTO_TAMPERED);
    wire.data[wire.size - 5] ^= 1;
    CHECK_EQ(open_result(&opener, wire), SOTTO_NOT_LIVE);
    free(wire.data);
    end();
}

TEST(what_is_not_sealed_or_lacks_its_key_says_so_also_before_the_stream_is_live) {
    begin_not_live();
    struct wire wire = seal_opus();
    wire.data[wire.size - 1] = 0;
    CHECK_EQ(open_result(&opener, wire), SOTTO_NOT_SEALED);
    wire.data[wire.size - 1] = 0xE0;
    wire.data[1] ^= 1;
    CHECK_EQ(open_result(&opener, wire), SOTTO_MISSING_KEY);
    wire.data[1] ^= 1;
    wire.data[wire.size - 2] ^= 1;
    CHECK_EQ(open_result(&opener, wire), SOTTO_NOT_LIVE);
    free(wire.data);
    sotto_opener_wipe(&opener);
    sotto_opener_set_live(&opener, 0);
    check_result_at(0, SOTTO_NOT_READY);
    end();
}

TEST(padding_stays_empty_and_is_not_counted) {
    begin();
    size_t size = 9;
    CHECK_EQ(sotto_opener_open(&opener, (struct sotto_bytes){NULL, 0}, NULL, 0, &size), SOTTO_OK);
    CHECK_EQ(size, 0);
    CHECK_EQ(opener.state.passed + opener.state.failed, 0);
    end();
}

TEST(a_destination_one_byte_too_small_is_refused_and_the_frame_opens_later) {
    begin();
    struct wire wire = seal_frame(&sealer, SOTTO_CODEC_VP8, vp8_key, sizeof vp8_key);
    for (size_t capacity = 0; capacity <= sizeof vp8_key; capacity++) {
        uint8_t *frame = malloc(capacity ? capacity : 1);
        CHECK(frame);
        memset(frame, 0xA5, capacity);
        size_t size;
        enum sotto_result result = sotto_opener_open(
            &opener, (struct sotto_bytes){wire.data, wire.size}, frame, capacity, &size);
        CHECK_EQ(result, capacity < sizeof vp8_key ? SOTTO_TOO_SMALL : SOTTO_OK);
        for (size_t i = 0; result != SOTTO_OK && i < capacity; i++)
            CHECK_EQ(frame[i], 0);
        free(frame);
    }
    free(wire.data);
    end();
}

TEST(an_opener_without_init_opens_nothing) {
    begin();
    struct wire wire = seal_opus();
    sotto_opener_wipe(&opener);
    CHECK_EQ(open_result(&opener, wire), SOTTO_NOT_READY);
    sotto_opener_handle_key_change(&opener);
    opener = (struct sotto_opener){0};
    CHECK_EQ(open_result(&opener, wire), SOTTO_NOT_READY);
    struct sotto_stream_event event;
    CHECK(sotto_opener_poll_event(&opener, 0, &event));
    CHECK_TEXT(sotto_state_text(event.state), "DecryptionFailed");
    CHECK_TEXT(sotto_reason_text(event.reason), "not-ready");

    struct sotto_stream_name name = alice();
    struct sotto_stream_name bad_name = {0};
    CHECK(!sotto_opener_init(&opener, &store, &bad_name, SUITE_4, SOTTO_LIVENESS_NOT_NEEDED));
    for (int suite = -1; suite < 10; suite++)
        CHECK_EQ(sotto_opener_init(&opener, &store, &name, (enum sotto_suite)suite,
                                   SOTTO_LIVENESS_NOT_NEEDED),
                 suite == 4 || suite == 5);
    CHECK_EQ(open_result(&opener, wire), SOTTO_NOT_READY);
    free(wire.data);
    end();
}

TEST(clear_frames_are_not_sealed) {
    begin();
    uint8_t clear[100];
    for (size_t size = 1; size <= sizeof clear; size++) {
        for (size_t i = 0; i < size; i++)
            clear[i] = (uint8_t)(i * 7 + size);
        struct wire wire = copy_wire(clear, size);
        CHECK_EQ(open_result(&opener, wire), SOTTO_NOT_SEALED);
        free(wire.data);
    }
    end();
}

TEST(dropped_keys_are_derived_again) {
    begin();
    check_result_at(0, SOTTO_OK);
    sotto_opener_handle_key_change(&opener);
    CHECK(opener.keys[0].key.kid != 0);
    set_secret(&store, 1);
    sotto_opener_handle_key_change(&opener);
    for (size_t i = 0; i < SOTTO_READY_KEYS_MAX; i++)
        CHECK_EQ(opener.keys[i].key.kid, 0);
    set_secret(&store, 0);
    check_result_at(0, SOTTO_REPLAYED);
    check_result_at(1, SOTTO_OK);
    end();
}

TEST(events_tell_the_missing_kid_and_the_recovery) {
    begin();
    struct sotto_key_store receiver;
    struct sotto_stream_name name = alice();
    struct sotto_stream_event event;
    sotto_key_store_init(&receiver);
    sotto_opener_wipe(&opener);
    CHECK(sotto_opener_init(&opener, &receiver, &name, SUITE_4, SOTTO_LIVENESS_NOT_NEEDED));
    check_result_at(0, SOTTO_MISSING_KEY);
    CHECK(sotto_opener_poll_event(&opener, 50, &event));
    CHECK_TEXT(sotto_state_text(event.state), "DecryptionFailed");
    CHECK_TEXT(sotto_reason_text(event.reason), "missing-key");
    CHECK_EQ(event.kid, kid_of(make_secret(0)));
    CHECK_EQ(event.kind, SOTTO_KIND_VIDEO);
    set_secret(&receiver, 0);
    check_result_at(1, SOTTO_OK);
    CHECK(!sotto_opener_poll_event(&opener, 60, &event));
    CHECK(sotto_opener_poll_event(&opener, 1050, &event));
    CHECK_TEXT(sotto_state_text(event.state), "DecryptionSuccess");
    sotto_key_store_wipe(&receiver);
    end();
}

int main(void) {
    RUN(opens_what_was_sealed_in_every_layout_and_suite);
    RUN(no_cut_and_no_flipped_bit_opens);
    RUN(each_part_of_the_wire_has_its_own_refusal);
    RUN(the_vectors_that_must_be_refused_are_for_the_documented_reason);
    RUN(frames_of_another_room_participant_stream_or_kind_do_not_open);
    RUN(a_key_that_is_not_here_is_missing_and_opens_once_it_comes);
    RUN(a_removed_secret_opens_nothing_more);
    RUN(a_receiver_set_to_suite_5_refuses_suite_4_and_not_the_reverse);
    RUN(nothing_of_a_stream_opens_before_it_is_live);
    RUN(only_the_first_answer_says_from_which_counter_on);
    RUN(a_stream_stays_live_over_changes_of_key);
    RUN(only_a_frame_that_opens_can_be_too_old);
    RUN(what_is_not_sealed_or_lacks_its_key_says_so_also_before_the_stream_is_live);
    RUN(padding_stays_empty_and_is_not_counted);
    RUN(a_destination_one_byte_too_small_is_refused_and_the_frame_opens_later);
    RUN(an_opener_without_init_opens_nothing);
    RUN(clear_frames_are_not_sealed);
    RUN(dropped_keys_are_derived_again);
    RUN(events_tell_the_missing_kid_and_the_recovery);
    return 0;
}
