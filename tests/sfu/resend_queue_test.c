#include "sfu/resend_queue.h"

#include "tests/check.h"

static struct sotto_resend_queue queue;
static struct sotto_track_down tracks[2];

static void add(int track, uint16_t sequence) {
    struct sotto_resend_entry entry = {
        .track = &tracks[track], .incoming_sequence = sequence + 1000U, .sequence = sequence};
    sotto_resend_queue_add(&queue, &entry);
}

static void check_next(int track, uint16_t sequence) {
    struct sotto_resend_entry entry;
    CHECK(sotto_resend_queue_next(&queue, &entry));
    CHECK_EQ(entry.track - tracks, track);
    CHECK_EQ(entry.sequence, sequence);
    CHECK_EQ(entry.incoming_sequence, sequence + 1000U);
}

static void check_end(void) {
    struct sotto_resend_entry entry;
    memset(&entry, 0xA5, sizeof entry);
    CHECK(!sotto_resend_queue_next(&queue, &entry));
    CHECK(!entry.track);
    CHECK_EQ(entry.sequence, 0);
}

TEST(what_was_added_first_goes_first) {
    queue = (struct sotto_resend_queue){0};
    check_end();
    for (uint16_t round = 0; round < 5; round++) {
        for (uint16_t i = 0; i < 100; i++)
            add(i % 2, (uint16_t)(round * 100 + i));
        for (uint16_t i = 0; i < 100; i++)
            check_next(i % 2, (uint16_t)(round * 100 + i));
        check_end();
    }
}

TEST(the_queue_is_full_after_so_many) {
    queue = (struct sotto_resend_queue){0};
    for (uint16_t i = 0; i < SOTTO_RESEND_QUEUE_COUNT_MAX; i++) {
        CHECK(!sotto_resend_queue_is_full(&queue));
        add(0, i);
    }
    CHECK(sotto_resend_queue_is_full(&queue));
    check_next(0, 0);
    CHECK(!sotto_resend_queue_is_full(&queue));
}

TEST(a_track_that_ends_takes_its_entries_along) {
    queue = (struct sotto_resend_queue){0};
    add(0, 1);
    add(1, 2);
    add(0, 3);
    add(1, 4);
    sotto_resend_queue_remove_track(&queue, &tracks[0]);
    check_next(1, 2);
    check_next(1, 4);
    check_end();
}

int main(void) {
    RUN(what_was_added_first_goes_first);
    RUN(the_queue_is_full_after_so_many);
    RUN(a_track_that_ends_takes_its_entries_along);
    return 0;
}
