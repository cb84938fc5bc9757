// What an opener remembers of the frames that it opened, key by key: its replay windows.
#include "tests/core/opening.h"

TEST(both_suites_of_a_stream_share_one_window) {
    begin();
    struct sotto_stream_name name = alice();
    struct sotto_sealer strong;
    CHECK(sotto_sealer_init(&strong, &store, &name, SUITE_5));
    struct wire wire = seal_frame(&strong, SOTTO_CODEC_OPUS, opus, sizeof opus);
    check_result_at(0, SOTTO_OK);
    CHECK_EQ(open_result(&opener, wire), SOTTO_REPLAYED);
    free(wire.data);
    wire = seal_frame(&strong, SOTTO_CODEC_OPUS, opus, sizeof opus);
    CHECK_EQ(open_result(&opener, wire), SOTTO_OK);
    check_result_at(1, SOTTO_REPLAYED);
    free(wire.data);
    sotto_sealer_wipe(&strong);
    end();
}

TEST(a_frame_opens_once_and_the_window_is_1024_wide) {
    begin();
    check_result_at(5000, SOTTO_OK);
    check_result_at(5000, SOTTO_REPLAYED);
    check_result_at(5000 - 1023, SOTTO_OK);
    check_result_at(5000 - 1023, SOTTO_REPLAYED);
    check_result_at(5000 - 1024, SOTTO_REPLAYED); // too old to tell
    check_result_at(4999, SOTTO_OK);
    check_result_at(SOTTO_FRAMES_MAX - 1, SOTTO_OK);
    check_result_at(5001, SOTTO_REPLAYED);
    CHECK_EQ(opener.state.replayed, 4);
    end();
}

TEST(a_forged_frame_does_not_move_the_window) {
    begin();
    check_result_at(10, SOTTO_OK);
    struct wire wire = seal_at(1000000);
    wire.data[wire.size - 2] ^= 1;
    CHECK_EQ(open_result(&opener, wire), SOTTO_TAMPERED);
    check_result_at(11, SOTTO_OK);
    wire.data[wire.size - 2] ^= 1;
    CHECK_EQ(open_result(&opener, wire), SOTTO_OK); // nor does it count as received
    free(wire.data);
    end();
}

// The counter of a frame that does not open says nothing: a server that puts another stream's
// frame, or an altered one, in a good one's place must not have it pass for a replay.
TEST(only_a_frame_that_opens_can_be_a_replay) {
    begin();
    check_result_at(9, SOTTO_OK);
    check_result_at(9, SOTTO_REPLAYED);
    struct wire wire = seal_at(9);
    wire.data[wire.size - 5] ^= 1;
    CHECK_EQ(open_result(&opener, wire), SOTTO_TAMPERED);
    free(wire.data);
    struct sotto_stream_name name = make_name("2kyv-gzay-64pg", "bob", 2, SOTTO_KIND_VIDEO);
    struct sotto_sealer others;
    CHECK(sotto_sealer_init(&others, &store, &name, SUITE_4));
    wire = seal_frame(&others, SOTTO_CODEC_OPUS, opus, sizeof opus);
    CHECK_EQ(open_result(&opener, wire), SOTTO_TAMPERED);
    free(wire.data);
    sotto_sealer_wipe(&others);
    CHECK_EQ(opener.state.replayed, 1);
    CHECK_EQ(opener.state.failed_as[SOTTO_TAMPERED], 2);
    end();
}

TEST(each_key_has_a_window_of_its_own) {
    begin();
    check_result_at(100000, SOTTO_OK);
    set_secret(&store, 1);
    check_result_at(5, SOTTO_OK); // which an honest sender does not do
    check_result_at(100001, SOTTO_OK);
    check_result_at(100001, SOTTO_REPLAYED);
    set_secret(&store, 0);
    check_result_at(100001, SOTTO_OK);
    check_result_at(100000, SOTTO_REPLAYED);
    end();
}

TEST(sixteen_keys_in_turn_open_and_are_remembered) {
    begin();
    struct wire wires[16];
    for (uint32_t number = 0; number < 16; number++) {
        set_secret(&store, number);
        wires[number] = seal_at(7);
    }
    // More keys than are kept ready, twice over.
    for (uint32_t number = 0; number < 16; number++)
        CHECK_EQ(open_result(&opener, wires[number]), SOTTO_OK);
    for (uint32_t number = 0; number < 16; number++)
        CHECK_EQ(open_result(&opener, wires[number]), SOTTO_REPLAYED);

    // A 17th takes the window of a secret that is gone, never of one that is here.
    set_secret(&store, 16); // 0 gave way
    check_result_at(8, SOTTO_OK);
    for (uint32_t number = 1; number < 16; number++)
        CHECK_EQ(open_result(&opener, wires[number]), SOTTO_REPLAYED);
    CHECK_EQ(open_result(&opener, wires[0]), SOTTO_MISSING_KEY);
    for (uint32_t number = 0; number < 16; number++)
        free(wires[number].data);
    end();
}

TEST(the_window_of_a_removed_secret_lasts_until_its_place_is_needed) {
    begin();
    struct wire wires[16];
    for (uint32_t number = 0; number < 16; number++) {
        set_secret(&store, number);
        wires[number] = seal_at(7);
        CHECK_EQ(open_result(&opener, wires[number]), SOTTO_OK);
    }
    // Two secrets leave; of their windows the one used longest ago, that of 3, is given away.
    CHECK(sotto_key_store_remove(&store, kid_of(make_secret(9))));
    CHECK(sotto_key_store_remove(&store, kid_of(make_secret(3))));
    set_secret(&store, 16);
    check_result_at(8, SOTTO_OK);
    set_secret(&store, 9);
    for (uint32_t number = 0; number < 16; number++) {
        CHECK_EQ(open_result(&opener, wires[number]),
                 number == 3 ? SOTTO_MISSING_KEY : SOTTO_REPLAYED);
        free(wires[number].data);
    }
    end();
}

// Whose window was given away may have opened anything below its highest counter.
TEST(a_secret_that_comes_back_after_its_window_is_gone_opens_only_what_is_new) {
    begin();
    struct wire wires[3];
    for (uint64_t counter = 100; counter < 103; counter++)
        wires[counter - 100] = seal_at(counter);
    CHECK_EQ(open_result(&opener, wires[0]), SOTTO_OK);
    CHECK_EQ(open_result(&opener, wires[2]), SOTTO_OK);
    for (uint32_t number = 1; number <= 17; number++) {
        set_secret(&store, number);
        check_result_at(200 + number, SOTTO_OK);
    }
    CHECK_EQ(open_result(&opener, wires[0]), SOTTO_MISSING_KEY);
    set_secret(&store, 0);
    for (size_t i = 0; i < 3; i++) {
        CHECK_EQ(open_result(&opener, wires[i]), SOTTO_REPLAYED);
        free(wires[i].data);
    }
    check_result_at(300, SOTTO_OK);
    check_result_at(300, SOTTO_REPLAYED);
    check_result_at(299, SOTTO_OK); // late, and new
    end();
}

// A frame below what was given away for its own window is refused, and asserts nothing.
TEST(a_new_window_begins_above_the_one_it_took) {
    begin();
    check_result_at(1000, SOTTO_OK);
    for (uint32_t number = 1; number <= 15; number++) {
        set_secret(&store, number);
        check_result_at(number, SOTTO_OK);
    }
    set_secret(&store, 16);
    check_result_at(16, SOTTO_REPLAYED);
    check_result_at(1000, SOTTO_REPLAYED);
    check_result_at(1001, SOTTO_OK);
    end();
}

TEST(tampered_frames_under_every_key_take_no_window) {
    begin();
    check_result_at(7, SOTTO_OK);
    CHECK(sotto_key_store_remove(&store, kid_of(make_secret(0))));
    for (uint32_t number = 1; number < 40; number++) {
        set_secret(&store, number);
        struct wire wire = seal_at(7);
        wire.data[wire.size - 2] ^= 1;
        CHECK_EQ(open_result(&opener, wire), SOTTO_TAMPERED);
        free(wire.data);
    }
    set_secret(&store, 0);
    check_result_at(7, SOTTO_REPLAYED);
    end();
}

int main(void) {
    RUN(both_suites_of_a_stream_share_one_window);
    RUN(a_frame_opens_once_and_the_window_is_1024_wide);
    RUN(a_forged_frame_does_not_move_the_window);
    RUN(only_a_frame_that_opens_can_be_a_replay);
    RUN(each_key_has_a_window_of_its_own);
    RUN(sixteen_keys_in_turn_open_and_are_remembered);
    RUN(the_window_of_a_removed_secret_lasts_until_its_place_is_needed);
    RUN(a_secret_that_comes_back_after_its_window_is_gone_opens_only_what_is_new);
    RUN(a_new_window_begins_above_the_one_it_took);
    RUN(tampered_frames_under_every_key_take_no_window);
    return 0;
}
