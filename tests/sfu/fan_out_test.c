#include "sfu/fan_out.h"

#include "tests/check.h"

enum { UPS = 3, DOWNS = 6 };

static struct sotto_fan_out fan_out;
static struct sotto_track_up ups[UPS];
static struct sotto_track_down downs[DOWNS];

// Subscriptions 0 and 1 follow track 0, 2 and 3 track 1; track 2 has none.
static void begin(void) {
    memset(&fan_out, 0, sizeof fan_out);
    memset(ups, 0, sizeof ups);
    memset(downs, 0, sizeof downs);
    for (int i = 0; i < 4; i++)
        sotto_list_add(&ups[i / 2].track_downs, &downs[i].of_up);
}

static void add(int up, uint64_t sequence) {
    CHECK(sotto_fan_out_add(&fan_out, &ups[up], sequence));
}

static void check_next(int down, uint64_t sequence) {
    struct sotto_track_down *track;
    uint64_t actual;
    CHECK(sotto_fan_out_next(&fan_out, &track, &actual));
    CHECK_EQ(track - downs, down);
    CHECK_EQ(actual, sequence);
}

static void check_end(void) {
    struct sotto_track_down *track = downs;
    uint64_t sequence = 1;
    CHECK(!sotto_fan_out_next(&fan_out, &track, &sequence));
    CHECK(!track);
    CHECK_EQ(sequence, 0);
}

TEST(packets_in_a_row_go_to_one_subscriber_after_the_other) {
    begin();
    check_end();
    add(0, 10);
    add(0, 11);
    add(1, 50);
    add(0, 12);
    check_next(0, 10);
    check_next(0, 11);
    check_next(1, 10);
    check_next(1, 11);
    check_next(2, 50);
    check_next(3, 50);
    check_next(0, 12);
    check_next(1, 12);
    check_end();
}

TEST(paused_subscriptions_and_tracks_without_any_are_passed_over) {
    begin();
    downs[0].paused = true;
    downs[3].paused = true;
    add(0, 10);
    add(2, 70);
    add(1, 50);
    check_next(1, 10);
    check_next(2, 50);
    check_end();
}

TEST(packets_that_come_while_a_row_goes_out_wait_for_the_next) {
    begin();
    add(0, 10);
    check_next(0, 10);
    add(0, 11);
    check_next(1, 10);
    check_next(0, 11);
    check_next(1, 11);
    check_end();
}

static void end_down(int down, int up) {
    sotto_fan_out_remove_track_down(&fan_out, &downs[down]);
    sotto_list_remove(&ups[up].track_downs, &downs[down].of_up);
}

TEST(a_subscription_that_ends_gets_nothing_more_and_the_others_all) {
    begin();
    add(0, 10);
    add(0, 11);
    check_next(0, 10);
    end_down(0, 0);
    check_next(1, 10);
    end_down(1, 0);
    check_end();
    add(0, 12);
    check_end();
    add(1, 50);
    check_next(2, 50);
    end_down(3, 1);
    check_end();
}

TEST(a_track_that_ends_takes_its_packets_along) {
    begin();
    add(0, 10);
    add(1, 50);
    add(0, 11);
    add(1, 51);
    check_next(0, 10);
    sotto_fan_out_remove_track_up(&fan_out, &ups[0]);
    check_next(2, 50);
    check_next(3, 50);
    check_next(2, 51);
    check_next(3, 51);
    check_end();
}

TEST(there_is_room_for_so_many_and_then_for_none) {
    begin();
    for (int round = 0; round < 3; round++) {
        for (uint64_t i = 0; i < SOTTO_FAN_OUT_COUNT_MAX; i++)
            add(0, i);
        CHECK(!sotto_fan_out_add(&fan_out, &ups[1], 99));
        for (int down = 0; down < 2; down++)
            for (uint64_t i = 0; i < SOTTO_FAN_OUT_COUNT_MAX; i++)
                check_next(down, i);
        check_end();
        add(1, 7); // so that the next round begins elsewhere in the ring
        check_next(2, 7);
        check_next(3, 7);
        check_end();
    }
}

int main(void) {
    RUN(packets_in_a_row_go_to_one_subscriber_after_the_other);
    RUN(paused_subscriptions_and_tracks_without_any_are_passed_over);
    RUN(packets_that_come_while_a_row_goes_out_wait_for_the_next);
    RUN(a_subscription_that_ends_gets_nothing_more_and_the_others_all);
    RUN(a_track_that_ends_takes_its_packets_along);
    RUN(there_is_room_for_so_many_and_then_for_none);
    return 0;
}
