// Peers and tracks that come, pause, change and go, by command.
#include "tests/sfu/meeting_harness.h"

enum { MS = 1000 };

TEST(a_subscription_begins_paused_and_a_pause_leaves_no_gap) {
    harness_begin();
    struct sotto_handle alice = add_peer();
    struct sotto_handle bob = add_peer();
    struct sotto_handle video = publish_video(alice, 100);
    struct sotto_handle down = subscribe_paused(bob, video, 1000);
    feed_video(alice, 100, 1);
    pull();
    CHECK_EQ(sent_count, 0);
    CHECK_EQ(sotto_meeting_resume_track_down(&meeting, now_us, down), SOTTO_MEETING_OK);
    pull();
    CHECK_EQ(count_rtcp(alice, true, SOTTO_RTCP_PLI), 1);
    feed_video(alice, 100, 2);
    pull();
    struct sotto_rtp_packet before = only_rtp(bob);
    CHECK_EQ(sotto_meeting_pause_track_down(&meeting, down), SOTTO_MEETING_OK);
    for (uint16_t i = 3; i < 500; i++)
        feed_video(alice, 100, i);
    pull();
    CHECK_EQ(count_rtp(bob, 0), 0);
    now_us += 500 * MS;
    CHECK_EQ(sotto_meeting_resume_track_down(&meeting, now_us, down), SOTTO_MEETING_OK);
    pull();
    CHECK_EQ(count_rtcp(alice, true, SOTTO_RTCP_PLI), 1);
    feed_video(alice, 100, 500);
    pull();
    struct sotto_rtp_packet after = only_rtp(bob);
    CHECK_EQ(after.sequence, (uint16_t)(before.sequence + 1));
    CHECK_EQ(after.timestamp - before.timestamp, 498 * 3000);
}

TEST(another_source_continues_the_stream) {
    harness_begin();
    struct sotto_handle alice = add_peer();
    struct sotto_handle bob = add_peer();
    struct sotto_handle camera = publish_video(alice, 100);
    struct sotto_handle share = publish_video(alice, 200);
    struct sotto_handle down = subscribe(bob, camera, 1000);
    pull();
    feed_video(alice, 100, 10);
    pull();
    struct sotto_rtp_packet before = only_rtp(bob);
    now_us += 100 * MS;
    CHECK_EQ(sotto_meeting_switch_track_down(&meeting, now_us, down, share), SOTTO_MEETING_OK);
    pull();
    CHECK_EQ(count_rtcp(alice, true, SOTTO_RTCP_PLI), 1);
    feed_video(alice, 100, 11);
    feed_video(alice, 200, 50000);
    pull();
    struct sotto_rtp_packet after = only_rtp(bob);
    CHECK_EQ(after.sequence, (uint16_t)(before.sequence + 1));
    CHECK_EQ(after.timestamp - before.timestamp, 9000);
    CHECK_EQ(after.ssrc, 1000);
    // Neither another kind nor another clock rate fits.
    struct sotto_track_up_setup setup = audio_setup(300);
    setup.clock_rate_hz = VIDEO_CLOCK_RATE;
    CHECK_EQ(sotto_meeting_switch_track_down(&meeting, now_us, down, publish(alice, &setup)),
             SOTTO_MEETING_CONFLICT);
    setup = video_setup(400, 401);
    setup.clock_rate_hz = AUDIO_CLOCK_RATE;
    CHECK_EQ(sotto_meeting_switch_track_down(&meeting, now_us, down, publish(alice, &setup)),
             SOTTO_MEETING_CONFLICT);
}

// Both tracks count alike, so that the old one's numbers are all in the cache of the new one.
TEST(after_a_switch_nothing_of_the_new_source_goes_out_as_a_packet_of_the_old_one) {
    harness_begin();
    struct sotto_handle alice = add_peer();
    struct sotto_handle bob = add_peer();
    struct sotto_handle camera = publish_video(alice, 100);
    struct sotto_handle share = publish_video(alice, 200);
    struct sotto_handle down = subscribe(bob, camera, 1000);
    pull();
    for (uint16_t i = 10; i < 20; i++) {
        feed_video(alice, 100, i);
        feed_video(alice, 200, i);
    }
    pull();
    CHECK_EQ(count_rtp(bob, 1000), 10);
    uint16_t oldest = (uint16_t)(sent[0].bytes[2] << 8 | sent[0].bytes[3]);
    CHECK_EQ(sotto_meeting_switch_track_down(&meeting, now_us, down, share), SOTTO_MEETING_OK);
    // Asked for in the moment before the new source begins.
    feed_nack(bob, 1000, oldest, 10);
    feed_video(alice, 200, 20);
    pull();
    CHECK_EQ(count_rtp(bob, 1000), 1);
    CHECK_EQ(count_rtp(bob, 1001), 0);
}

TEST(a_held_track_reaches_nobody_and_goes_on_without_a_gap) {
    harness_begin();
    struct sotto_handle alice = add_peer();
    struct sotto_handle bob = add_peer();
    struct sotto_handle audio = publish_audio(alice, 100);
    (void)subscribe(bob, audio, 1000);
    feed_audio(alice, 100, 10, 60);
    pull();
    uint16_t before = only_rtp(bob).sequence;
    CHECK_EQ(sotto_meeting_pause_track_up(&meeting, audio), SOTTO_MEETING_OK);
    for (uint16_t i = 11; i < 60; i++)
        feed_audio(alice, 100, i, 5);
    pull();
    CHECK_EQ(count_rtp(bob, 0), 0);
    CHECK_EQ(sotto_meeting_resume_track_up(&meeting, now_us, audio), SOTTO_MEETING_OK);
    feed_audio(alice, 100, 60, 60);
    pull();
    CHECK_EQ(only_rtp(bob).sequence, (uint16_t)(before + 1));
}

TEST(a_peer_that_leaves_takes_its_tracks_along) {
    harness_begin();
    struct sotto_handle alice = add_peer();
    struct sotto_handle bob = add_peer();
    struct sotto_handle video = publish_video(alice, 100);
    struct sotto_handle bobs = publish_video(bob, 100);
    struct sotto_handle down = subscribe(bob, video, 1000);
    struct sotto_handle own = subscribe(alice, bobs, 1000);
    pull();
    while (sotto_meeting_poll_event(&meeting, &(struct sotto_meeting_event){0}))
        continue;
    feed_video(alice, 100, 1);
    feed_video(bob, 100, 1);
    CHECK_EQ(sotto_meeting_remove_peer(&meeting, alice), SOTTO_MEETING_OK);
    pull();
    CHECK_EQ(count_rtp(bob, 0), 0);
    CHECK_EQ(count_rtp(alice, 0), 0);
    struct sotto_meeting_event event = next_event();
    CHECK_EQ(event.kind, SOTTO_MEETING_TRACK_UP_ENDED);
    CHECK(sotto_handle_equal(event.track, video));
    CHECK(sotto_handle_equal(event.peer, alice));
    harness_give_back(event.memory);
    event = next_event();
    CHECK_EQ(event.kind, SOTTO_MEETING_TRACK_DOWN_ENDED);
    CHECK(sotto_handle_equal(event.track, down));
    CHECK(sotto_handle_equal(event.peer, bob));
    CHECK_EQ(event.ssrc, 1000);
    check_no_event();
    CHECK_EQ(harness_cache_count(), 1); // bob's own
    CHECK_EQ(sotto_meeting_pause_track_down(&meeting, down), SOTTO_MEETING_STALE);
    CHECK_EQ(sotto_meeting_pause_track_down(&meeting, own), SOTTO_MEETING_STALE);
    // The number is free again.
    (void)subscribe(bob, bobs, 1000);
}

TEST(packets_of_a_track_that_ended_do_not_come_out_of_the_next_in_its_place) {
    harness_begin();
    struct sotto_handle alice = add_peer();
    struct sotto_handle bob = add_peer();
    struct sotto_handle video = publish_video(alice, 100);
    (void)subscribe(bob, video, 1000);
    pull();
    feed_video(alice, 100, 1);
    feed_video(alice, 100, 2);
    pull();
    uint16_t newest = 0;
    for (size_t i = 0; i < sent_count; i++)
        newest = (uint16_t)(sent[i].bytes[2] << 8 | sent[i].bytes[3]);
    // All of this waits when the track ends.
    feed_video(alice, 100, 3);
    feed_nack(bob, 1000, newest, 1);
    CHECK_EQ(sotto_meeting_remove_track_up(&meeting, video), SOTTO_MEETING_OK);
    struct sotto_meeting_event event;
    while (sotto_meeting_poll_event(&meeting, &event))
        if (event.memory)
            harness_give_back(event.memory);
    struct sotto_handle next = publish_video(alice, 100);
    CHECK_EQ(next.slot, video.slot);
    (void)subscribe(bob, next, 2000);
    for (uint16_t i = 1; i <= 3; i++)
        feed_video(alice, 100, i);
    pull();
    CHECK_EQ(count_rtp(bob, 2000), 3);
    CHECK_EQ(count_rtp(bob, 0), 3);
}

TEST(stale_handles_are_refused_and_change_nothing) {
    harness_begin();
    struct sotto_handle alice = add_peer();
    struct sotto_handle video = publish_video(alice, 100);
    struct sotto_handle down = subscribe(alice, video, 1000);
    CHECK_EQ(sotto_meeting_remove_peer(&meeting, alice), SOTTO_MEETING_OK);
    struct sotto_meeting_event event = next_event();
    harness_give_back(event.memory);
    // The same slots, somebody else's.
    struct sotto_handle bob = add_peer();
    struct sotto_handle bobs = publish_video(bob, 200);
    struct sotto_handle bobs_down = subscribe_paused(bob, bobs, 2000);
    CHECK_EQ(bob.slot, alice.slot);
    CHECK_EQ(bobs.slot, video.slot);
    CHECK_EQ(bobs_down.slot, down.slot);
    struct sotto_handle handle;
    struct sotto_track_up_setup up_setup = video_setup(1, 2);
    struct sotto_track_down_setup setup = down_setup(3000);
    struct sotto_track_up_counters up_counters;
    struct sotto_track_down_counters down_counters;
    CHECK_EQ(sotto_meeting_remove_peer(&meeting, alice), SOTTO_MEETING_STALE);
    CHECK_EQ(sotto_meeting_add_track_up(&meeting, alice, &up_setup, NULL, &handle),
             SOTTO_MEETING_STALE);
    CHECK_EQ(handle.generation, 0);
    CHECK_EQ(sotto_meeting_remove_track_up(&meeting, video), SOTTO_MEETING_STALE);
    CHECK_EQ(sotto_meeting_pause_track_up(&meeting, video), SOTTO_MEETING_STALE);
    CHECK_EQ(sotto_meeting_resume_track_up(&meeting, now_us, video), SOTTO_MEETING_STALE);
    CHECK_EQ(sotto_meeting_add_track_down(&meeting, now_us, alice, bobs, &setup, &handle),
             SOTTO_MEETING_STALE);
    CHECK_EQ(sotto_meeting_add_track_down(&meeting, now_us, bob, video, &setup, &handle),
             SOTTO_MEETING_STALE);
    CHECK_EQ(sotto_meeting_remove_track_down(&meeting, down), SOTTO_MEETING_STALE);
    CHECK_EQ(sotto_meeting_resume_track_down(&meeting, now_us, down), SOTTO_MEETING_STALE);
    CHECK_EQ(sotto_meeting_switch_track_down(&meeting, now_us, down, bobs), SOTTO_MEETING_STALE);
    CHECK_EQ(sotto_meeting_switch_track_down(&meeting, now_us, bobs_down, video),
             SOTTO_MEETING_STALE);
    CHECK_EQ(sotto_meeting_request_key_frame(&meeting, now_us, video), SOTTO_MEETING_STALE);
    CHECK_EQ(sotto_meeting_count_track_up(&meeting, video, &up_counters), SOTTO_MEETING_STALE);
    CHECK_EQ(sotto_meeting_count_track_down(&meeting, down, &down_counters), SOTTO_MEETING_STALE);
    feed_video(alice, 200, 1);
    feed_pli(alice, 2000);
    CHECK_EQ(meeting.counters.stale_count, 2);
    pull();
    CHECK_EQ(sent_count, 0);
    check_no_event();
}

TEST(full_tables_say_so_and_recover) {
    harness_begin();
    struct sotto_handle peers[HARNESS_PEERS];
    struct sotto_handle handle;
    for (int i = 0; i < HARNESS_PEERS; i++)
        peers[i] = add_peer();
    struct sotto_peer_setup peer = {.rtcp_ssrc = 1, .cname = "server"};
    CHECK_EQ(sotto_meeting_add_peer(&meeting, now_us, &peer, &handle), SOTTO_MEETING_FULL);
    CHECK_EQ(handle.generation, 0);
    struct sotto_handle ups[HARNESS_UPS];
    for (uint32_t i = 0; i < HARNESS_UPS; i++)
        ups[i] = publish_video(peers[i % HARNESS_PEERS], 100 + 2 * i);
    struct sotto_track_up_setup up = video_setup(1, 2);
    CHECK_EQ(sotto_meeting_add_track_up(&meeting, peers[0], &up, NULL, &handle),
             SOTTO_MEETING_FULL);
    for (uint32_t i = 0; i < HARNESS_DOWNS; i++)
        (void)subscribe(peers[i % HARNESS_PEERS], ups[i % HARNESS_UPS], 1000 + 2 * i);
    struct sotto_track_down_setup down = down_setup(5000);
    CHECK_EQ(sotto_meeting_add_track_down(&meeting, now_us, peers[0], ups[0], &down, &handle),
             SOTTO_MEETING_FULL);
    // Two subscriptions end with the track; their slots come back with the events.
    CHECK_EQ(sotto_meeting_remove_track_up(&meeting, ups[0]), SOTTO_MEETING_OK);
    CHECK_EQ(sotto_meeting_add_track_down(&meeting, now_us, peers[0], ups[1], &down, &handle),
             SOTTO_MEETING_FULL);
    struct sotto_meeting_event event;
    int ended = 0;
    while (sotto_meeting_poll_event(&meeting, &event)) {
        ended += event.kind == SOTTO_MEETING_TRACK_DOWN_ENDED;
        if (event.kind == SOTTO_MEETING_TRACK_UP_ENDED)
            harness_give_back(event.memory);
    }
    CHECK_EQ(ended, 2);
    (void)subscribe(peers[0], ups[1], 5000);
    (void)publish_video(peers[0], 1);
}

TEST(an_ssrc_that_a_peer_has_already_is_refused) {
    harness_begin();
    struct sotto_handle alice = add_peer();
    struct sotto_handle bob = add_peer();
    struct sotto_handle video = publish_video(alice, 100);
    (void)subscribe(bob, video, 1000);
    struct sotto_handle handle;
    static const uint32_t pairs[][2] = {{100, 7}, {7, 100}, {101, 7}, {7, 7}};
    for (size_t i = 0; i < 4; i++) {
        struct sotto_track_up_setup up = video_setup(pairs[i][0], pairs[i][1]);
        CHECK_EQ(sotto_meeting_add_track_up(&meeting, alice, &up, NULL, &handle),
                 SOTTO_MEETING_CONFLICT);
        CHECK_EQ(handle.generation, 0);
    }
    struct sotto_track_down_setup down = down_setup(999); // its RTX is 1000
    CHECK_EQ(sotto_meeting_add_track_down(&meeting, now_us, bob, video, &down, &handle),
             SOTTO_MEETING_CONFLICT);
    // Nothing of the refused ones stayed behind.
    (void)publish_video(alice, 7);
    down = down_setup(998);
    CHECK_EQ(sotto_meeting_add_track_down(&meeting, now_us, bob, video, &down, &handle),
             SOTTO_MEETING_OK);
    // What others have, and what the peer has in the other direction, is no conflict.
    (void)publish_video(bob, 100);
    (void)subscribe(alice, video, 100);
}

TEST(a_peer_publishes_at_most_as_many_tracks_as_a_report_has_room_for) {
    harness_end();
    struct sotto_meeting_setup setup = {
        .peer_count_max = 1, .track_up_count_max = 100, .track_down_count_max = 1};
    meeting_memory = malloc(sotto_meeting_memory_size(&setup));
    CHECK(meeting_memory);
    sotto_meeting_init(&meeting, &setup, meeting_memory);
    struct sotto_handle alice = add_peer();
    for (uint32_t i = 0; i < SOTTO_PEER_TRACK_UP_COUNT_MAX; i++)
        (void)publish_audio(alice, 100 + i);
    struct sotto_track_up_setup up = audio_setup(5);
    struct sotto_handle handle;
    CHECK_EQ(sotto_meeting_add_track_up(&meeting, alice, &up, NULL, &handle), SOTTO_MEETING_FULL);
}

int main(void) {
    RUN(a_subscription_begins_paused_and_a_pause_leaves_no_gap);
    RUN(another_source_continues_the_stream);
    RUN(after_a_switch_nothing_of_the_new_source_goes_out_as_a_packet_of_the_old_one);
    RUN(a_held_track_reaches_nobody_and_goes_on_without_a_gap);
    RUN(a_peer_that_leaves_takes_its_tracks_along);
    RUN(packets_of_a_track_that_ended_do_not_come_out_of_the_next_in_its_place);
    RUN(stale_handles_are_refused_and_change_nothing);
    RUN(full_tables_say_so_and_recover);
    RUN(an_ssrc_that_a_peer_has_already_is_refused);
    RUN(a_peer_publishes_at_most_as_many_tracks_as_a_report_has_room_for);
    harness_end();
    return 0;
}
