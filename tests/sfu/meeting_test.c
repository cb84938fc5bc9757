#include "sfu/meeting.h"

#include "tests/sfu/meeting_harness.h"

enum { MS = 1000 };

TEST(a_packet_goes_to_those_who_subscribed_and_to_nobody_else) {
    harness_begin();
    struct sotto_handle alice = add_peer();
    struct sotto_handle bob = add_peer();
    struct sotto_handle carol = add_peer();
    struct sotto_handle video = publish_video(alice, 100);
    struct sotto_handle audio = publish_audio(alice, 300);
    (void)subscribe(bob, video, 1000);
    (void)subscribe(bob, audio, 1002);
    (void)subscribe(carol, audio, 1000);
    feed_video(alice, 100, 7);
    pull();
    CHECK_EQ(count_rtp(bob, 1000), 1);
    CHECK_EQ(count_rtp(bob, 0), 1);
    CHECK_EQ(count_rtp(carol, 0) + count_rtp(alice, 0), 0);
    feed_audio(alice, 300, 7, 50);
    pull();
    CHECK_EQ(count_rtp(bob, 1002), 1);
    CHECK_EQ(count_rtp(carol, 1000), 1);
    CHECK_EQ(count_rtp(alice, 0), 0);
    struct sotto_rtp_packet packet = only_rtp(carol);
    CHECK_EQ(packet.payload_type, ROUTER_AUDIO_PT);
    CHECK_BYTES(packet.payload, "opus", 4);
    struct sotto_rtp_extension level;
    CHECK(sotto_rtp_find_extension(&packet, ROUTER_AUDIO_LEVEL_ID, &level));
    CHECK_EQ(level.data[0], 50);
}

TEST(a_batch_reaches_one_subscriber_after_the_other) {
    harness_begin();
    struct sotto_handle alice = add_peer();
    struct sotto_handle bob = add_peer();
    struct sotto_handle carol = add_peer();
    struct sotto_handle video = publish_video(alice, 100);
    (void)subscribe(bob, video, 1000);
    (void)subscribe(carol, video, 2000);
    pull(); // the request for a key frame
    for (uint16_t i = 0; i < 5; i++)
        feed_video(alice, 100, i);
    pull();
    CHECK_EQ(sent_count, 10);
    for (size_t i = 0; i < 10; i++)
        CHECK(sotto_handle_equal(sent[i].transmit.peer, i < 5 ? bob : carol));
}

TEST(nobody_sends_in_somebody_elses_name) {
    harness_begin();
    struct sotto_handle alice = add_peer();
    struct sotto_handle mallory = add_peer();
    struct sotto_handle bob = add_peer();
    struct sotto_handle video = publish_video(alice, 100);
    (void)publish_audio(mallory, 300);
    (void)subscribe(bob, video, 1000);
    pull();
    uint64_t dropped = meeting.counters.unknown_ssrc_count;
    feed_video(mallory, 100, 7);
    struct packet named = packet_begin(PUBLISHED_VIDEO_PT, 100, 8);
    named.mid = "1"; // alice's
    named.payload = (const uint8_t *)"\x10\x01x";
    named.payload_size = 3;
    feed(mallory, &named);
    named.ssrc = 999;
    feed(mallory, &named);
    pull();
    CHECK_EQ(sent_count, 0);
    CHECK_EQ(meeting.counters.unknown_ssrc_count, dropped + 3);
    // Nor under the number that a subscriber knows the track by.
    feed_video(mallory, 1000, 7);
    feed_video(bob, 1000, 7);
    pull();
    CHECK_EQ(sent_count, 0);
    feed_video(alice, 100, 7);
    pull();
    CHECK_EQ(count_rtp(bob, 1000), 1);
    // The same SSRC, published by both, makes two streams.
    struct sotto_handle other = publish_video(mallory, 100);
    (void)subscribe(bob, other, 2000);
    feed_video(mallory, 100, 8);
    pull();
    CHECK_EQ(count_rtp(bob, 2000), 1);
    CHECK_EQ(count_rtp(bob, 1000), 0);
}

TEST(an_ssrc_is_learned_from_the_mid) {
    harness_begin();
    struct sotto_handle alice = add_peer();
    struct sotto_handle bob = add_peer();
    struct sotto_handle video = publish_video(alice, 0);
    (void)subscribe(bob, video, 1000);
    pull();
    CHECK_EQ(count_rtcp(alice, true, SOTTO_RTCP_PLI), 0); // there is no SSRC to name
    struct packet packet = packet_begin(PUBLISHED_VIDEO_PT, 555, 10);
    packet.mid = "1";
    packet.payload = (const uint8_t *)"\x10\x01x";
    packet.payload_size = 3;
    packet_finish(&packet);
    CHECK(sotto_meeting_expects(&meeting, alice, packet.bytes, packet.size));
    CHECK(!sotto_meeting_expects(&meeting, bob, packet.bytes, packet.size));
    feed(alice, &packet);
    pull();
    CHECK_EQ(count_rtp(bob, 1000), 0); // before the key frame that is asked for now
    CHECK_EQ(count_rtcp(alice, true, SOTTO_RTCP_PLI), 1);
    struct sotto_meeting_event event = next_event();
    CHECK_EQ(event.kind, SOTTO_MEETING_TRACK_UP_BOUND);
    CHECK(sotto_handle_equal(event.track, video));
    CHECK(sotto_handle_equal(event.peer, alice));
    CHECK_EQ(event.ssrc, 555);
    CHECK_EQ(event.rtx_ssrc, 0);
    CHECK_EQ(next_event().kind, SOTTO_MEETING_KEY_FRAME_REQUESTED);
    check_no_event();
    // From then on without MID.
    feed_video(alice, 555, 11);
    pull();
    CHECK_EQ(count_rtp(bob, 1000), 1);
}

static struct packet video_with_mid(uint32_t ssrc, uint16_t sequence) {
    struct packet packet = packet_begin(PUBLISHED_VIDEO_PT, ssrc, sequence);
    packet.mid = "1";
    packet.payload = (const uint8_t *)"\x10\x00x";
    packet.payload_size = 3;
    return packet;
}

TEST(a_publisher_with_a_new_ssrc_is_followed_without_a_gap_but_not_too_often) {
    harness_begin();
    struct sotto_handle alice = add_peer();
    struct sotto_handle bob = add_peer();
    (void)subscribe(bob, publish_video(alice, 0), 1000);
    struct packet packet = video_with_mid(555, 10);
    feed(alice, &packet);
    pull();
    struct sotto_rtp_packet first = only_rtp(bob);
    // Another SSRC at once is refused.
    packet = video_with_mid(556, 40000);
    feed(alice, &packet);
    pull();
    CHECK_EQ(count_rtp(bob, 0), 0);
    now_us += SOTTO_LEARN_INTERVAL_MS * MS;
    feed(alice, &packet);
    pull();
    struct sotto_rtp_packet second = only_rtp(bob);
    CHECK_EQ(second.sequence, (uint16_t)(first.sequence + 1));
    CHECK_EQ(second.timestamp - first.timestamp, SOTTO_LEARN_INTERVAL_MS * 90);
    // The old one is unknown now.
    feed_video(alice, 555, 11);
    pull();
    CHECK_EQ(count_rtp(bob, 0), 0);
}

TEST(a_publishers_retransmission_goes_out_once_as_the_original) {
    harness_begin();
    struct sotto_handle alice = add_peer();
    struct sotto_handle bob = add_peer();
    (void)subscribe(bob, publish_video(alice, 100), 1000);
    pull();
    feed_video(alice, 100, 10);
    pull();
    uint16_t first = only_rtp(bob).sequence;
    feed_video(alice, 100, 12);
    struct packet rtx = packet_begin(PUBLISHED_RTX_PT, 101, 3000);
    rtx.original_sequence = 11;
    rtx.timestamp = 11 * 3000;
    rtx.payload = (const uint8_t *)"\x10\x01again";
    rtx.payload_size = 7;
    feed(alice, &rtx);
    rtx.sequence++;
    feed(alice, &rtx);
    feed_video(alice, 100, 11);
    pull();
    CHECK_EQ(count_rtp(bob, 1000), 2);
    struct sotto_rtp_packet late;
    CHECK(sotto_rtp_parse(&late, sent[1].bytes, sent[1].transmit.size));
    CHECK_EQ(late.sequence, (uint16_t)(first + 1));
    CHECK_EQ(late.payload_type, ROUTER_VIDEO_PT);
    CHECK_EQ(late.payload_size, 7);
}

TEST(whoever_is_loudest_is_announced) {
    harness_begin();
    struct sotto_handle alice = add_peer();
    struct sotto_handle bob = add_peer();
    struct sotto_handle alices = publish_audio(alice, 100);
    struct sotto_handle bobs = publish_audio(bob, 100);
    for (uint16_t i = 0; i < 100; i++) {
        feed_audio(alice, 100, i, 80);
        feed_audio(bob, 100, i, 128 | 20); // with voice activity
        now_us += 20 * MS;
        pull();
    }
    struct sotto_meeting_event event = next_event();
    CHECK_EQ(event.kind, SOTTO_MEETING_SPEAKER_CHANGED);
    CHECK(sotto_handle_equal(event.track, bobs));
    CHECK(sotto_handle_equal(event.peer, bob));
    check_no_event();
    for (uint16_t i = 100; i < 200; i++) {
        feed_audio(alice, 100, i, 20);
        now_us += 20 * MS;
        pull();
    }
    event = next_event();
    CHECK(sotto_handle_equal(event.track, alices));
    CHECK_EQ(sotto_meeting_remove_peer(&meeting, alice), SOTTO_MEETING_OK);
    event = next_event();
    CHECK_EQ(event.kind, SOTTO_MEETING_TRACK_UP_ENDED);
    harness_give_back(event.memory);
    event = next_event();
    CHECK_EQ(event.kind, SOTTO_MEETING_SPEAKER_CHANGED);
    CHECK_EQ(event.track.generation, 0);
    check_no_event();
}

// Video may carry the header extension too; who is loud by that alone does not speak.
TEST(levels_on_a_video_announce_nobody) {
    harness_begin();
    struct sotto_handle alice = add_peer();
    (void)publish_video(alice, 100);
    for (uint16_t i = 0; i < 100; i++) {
        struct packet packet = video_with_mid(100, i);
        packet.audio_level = 20;
        feed(alice, &packet);
        now_us += 20 * MS;
        pull();
    }
    check_no_event();
}

TEST(garbage_is_counted_and_dropped) {
    harness_begin();
    struct sotto_handle alice = add_peer();
    (void)publish_video(alice, 100);
    static const uint8_t garbage[2000] = {0x80, 96};
    sotto_meeting_handle_rtp(&meeting, now_us, alice, garbage, 0);
    sotto_meeting_handle_rtp(&meeting, now_us, alice, garbage, 11);
    sotto_meeting_handle_rtp(&meeting, now_us, alice, garbage, SOTTO_RTP_PACKET_SIZE_MAX + 1);
    sotto_meeting_handle_rtcp(&meeting, now_us, alice, garbage + 5, 100);
    CHECK_EQ(meeting.counters.malformed_count, 4);
    sotto_meeting_handle_rtp(&meeting, now_us, alice, garbage, SOTTO_RTP_PACKET_SIZE_MAX);
    CHECK_EQ(meeting.counters.unknown_ssrc_count, 1);
}

TEST(a_caller_that_does_not_pull_loses_packets_and_nothing_else) {
    harness_begin();
    struct sotto_handle alice = add_peer();
    struct sotto_handle bob = add_peer();
    (void)subscribe(bob, publish_video(alice, 100), 1000);
    pull();
    for (uint16_t i = 0; i < SOTTO_FAN_OUT_COUNT_MAX + 50; i++)
        feed_video(alice, 100, i);
    CHECK_EQ(meeting.counters.fan_out_full_count, 50);
    pull();
    CHECK_EQ(count_rtp(bob, 1000), SOTTO_FAN_OUT_COUNT_MAX);
    feed_video(alice, 100, SOTTO_FAN_OUT_COUNT_MAX + 50);
    pull();
    // The numbers of those that were lost stay free, and the subscriber can ask for them.
    struct sotto_rtp_packet packet = only_rtp(bob);
    feed_nack(bob, 1000, (uint16_t)(packet.sequence - 50), 50);
    pull();
    CHECK_EQ(count_rtp(bob, 1001), 50);
}

int main(void) {
    RUN(a_packet_goes_to_those_who_subscribed_and_to_nobody_else);
    RUN(a_batch_reaches_one_subscriber_after_the_other);
    RUN(nobody_sends_in_somebody_elses_name);
    RUN(an_ssrc_is_learned_from_the_mid);
    RUN(a_publisher_with_a_new_ssrc_is_followed_without_a_gap_but_not_too_often);
    RUN(a_publishers_retransmission_goes_out_once_as_the_original);
    RUN(whoever_is_loudest_is_announced);
    RUN(levels_on_a_video_announce_nobody);
    RUN(garbage_is_counted_and_dropped);
    RUN(a_caller_that_does_not_pull_loses_packets_and_nothing_else);
    harness_end();
    return 0;
}
