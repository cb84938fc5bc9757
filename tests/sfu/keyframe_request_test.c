#include "sfu/keyframe_request.h"

#include "tests/check.h"

enum { MS = 1000 };

static struct sotto_keyframe_request request;

TEST(the_first_request_goes_out_at_once) {
    sotto_keyframe_request_init(&request, true);
    CHECK_EQ(sotto_keyframe_request_poll_timeout(&request), UINT64_MAX);
    CHECK(!sotto_keyframe_request_poll(&request, 5 * MS));
    sotto_keyframe_request_add(&request);
    CHECK(sotto_keyframe_request_poll_timeout(&request) <= 5 * MS);
    CHECK(sotto_keyframe_request_poll(&request, 5 * MS));
    CHECK(!sotto_keyframe_request_poll(&request, 5 * MS));
}

TEST(a_thousand_askers_a_second_cost_one_request_per_interval) {
    sotto_keyframe_request_init(&request, false);
    uint64_t last_us = 0;
    int count = 0;
    for (uint64_t now_us = 1 * MS; now_us <= 3001 * MS; now_us += MS) {
        sotto_keyframe_request_add(&request);
        if (!sotto_keyframe_request_poll(&request, now_us))
            continue;
        if (count > 0)
            CHECK(now_us - last_us >= SOTTO_KEYFRAME_REQUEST_INTERVAL_MS * MS);
        else
            CHECK_EQ(now_us, 1 * MS);
        last_us = now_us;
        count++;
    }
    CHECK_EQ(count, 11); // at 1 ms, 301 ms, … 3001 ms
}

TEST(a_request_within_the_interval_waits_and_is_not_lost) {
    sotto_keyframe_request_init(&request, false);
    sotto_keyframe_request_add(&request);
    CHECK(sotto_keyframe_request_poll(&request, 1000 * MS));
    sotto_keyframe_request_add(&request);
    CHECK(!sotto_keyframe_request_poll(&request, 1299 * MS));
    CHECK_EQ(sotto_keyframe_request_poll_timeout(&request), 1300 * MS);
    CHECK(sotto_keyframe_request_poll(&request, 1300 * MS));
}

TEST(a_key_frame_answers_everybody_who_asked_before_it) {
    sotto_keyframe_request_init(&request, true);
    sotto_keyframe_request_add(&request);
    CHECK(sotto_keyframe_request_poll(&request, 0));
    sotto_keyframe_request_add(&request);
    sotto_keyframe_request_handle_key_frame(&request);
    CHECK_EQ(sotto_keyframe_request_poll_timeout(&request), UINT64_MAX);
    CHECK(!sotto_keyframe_request_poll(&request, 10000 * MS));
}

TEST(a_lost_request_is_repeated_until_the_answer_is_seen) {
    sotto_keyframe_request_init(&request, true);
    sotto_keyframe_request_add(&request);
    CHECK(sotto_keyframe_request_poll(&request, 0));
    CHECK(!sotto_keyframe_request_poll(&request, 999 * MS));
    CHECK(sotto_keyframe_request_poll(&request, 1000 * MS));
    sotto_keyframe_request_handle_key_frame(&request);
    CHECK_EQ(sotto_keyframe_request_poll_timeout(&request), UINT64_MAX);
}

TEST(a_publisher_that_never_answers_is_left_alone_after_some_tries) {
    sotto_keyframe_request_init(&request, true);
    sotto_keyframe_request_add(&request);
    int count = 0;
    for (uint64_t now_us = 0; now_us < 60000 * MS; now_us += 10 * MS)
        count += sotto_keyframe_request_poll(&request, now_us);
    CHECK_EQ(count, 1 + SOTTO_KEYFRAME_REQUEST_RETRY_COUNT_MAX);
    sotto_keyframe_request_add(&request);
    CHECK(sotto_keyframe_request_poll(&request, 60000 * MS));
}

TEST(where_key_frames_cannot_be_seen_nothing_is_repeated) {
    sotto_keyframe_request_init(&request, false);
    sotto_keyframe_request_add(&request);
    CHECK(sotto_keyframe_request_poll(&request, 0));
    CHECK_EQ(sotto_keyframe_request_poll_timeout(&request), UINT64_MAX);
}

int main(void) {
    RUN(the_first_request_goes_out_at_once);
    RUN(a_thousand_askers_a_second_cost_one_request_per_interval);
    RUN(a_request_within_the_interval_waits_and_is_not_lost);
    RUN(a_key_frame_answers_everybody_who_asked_before_it);
    RUN(a_lost_request_is_repeated_until_the_answer_is_seen);
    RUN(a_publisher_that_never_answers_is_left_alone_after_some_tries);
    RUN(where_key_frames_cannot_be_seen_nothing_is_repeated);
    return 0;
}
