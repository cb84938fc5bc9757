// What peers may ask for and report in RTCP, and what it may cost.
#include "proto/rtx.h"
#include "tests/sfu/meeting_harness.h"

enum { MS = 1000 };

TEST(nobody_reports_or_asks_in_somebody_elses_name) {
    harness_begin();
    struct sotto_handle alice = add_peer();
    struct sotto_handle bob = add_peer();
    struct sotto_handle mallory = add_peer();
    struct sotto_handle video = publish_video(alice, 100);
    struct sotto_handle down = subscribe(bob, video, 1000);
    feed_video(alice, 100, 1);
    pull();
    struct sotto_rtp_packet packet = only_rtp(bob);
    now_us += 400 * MS;
    feed_pli(mallory, 1000);
    feed_pli(mallory, 100);
    feed_nack(mallory, 1000, packet.sequence, 1);
    feed_sender_report(mallory, 100, 1, 1);
    pull();
    CHECK_EQ(count_rtcp(alice, true, SOTTO_RTCP_PLI), 0);
    CHECK_EQ(count_rtp(bob, 0) + count_rtp(mallory, 0), 0);
    struct sotto_track_down_counters counters;
    CHECK_EQ(sotto_meeting_count_track_down(&meeting, down, &counters), SOTTO_MEETING_OK);
    CHECK_EQ(counters.nack_count + counters.key_frame_request_count, 0);
}

TEST(goodbye_and_unknown_reports_change_nothing) {
    harness_begin();
    struct sotto_handle alice = add_peer();
    struct sotto_handle bob = add_peer();
    (void)subscribe(bob, publish_video(alice, 100), 1000);
    pull();
    static const uint8_t goodbye[] = {0x82, 203, 0, 2, 0, 0, 0, 100, 0, 0, 0x03, 0xE8};
    static const uint8_t app[] = {0x80, 204, 0, 2, 0, 0, 0, 1, 'n', 'a', 'm', 'e'};
    static const uint8_t remb[] = {0x8F, 206, 0, 5,    0,   0, 0, 1,   0, 0, 0,    0,
                                   'R',  'E', 'M', 'B', 1, 0, 0, 100, 0, 0, 0x03, 0xE8};
    sotto_meeting_handle_rtcp(&meeting, now_us, alice, goodbye, sizeof goodbye);
    sotto_meeting_handle_rtcp(&meeting, now_us, bob, goodbye, sizeof goodbye);
    sotto_meeting_handle_rtcp(&meeting, now_us, bob, app, sizeof app);
    sotto_meeting_handle_rtcp(&meeting, now_us, bob, remb, sizeof remb);
    CHECK_EQ(meeting.counters.malformed_count, 0);
    feed_video(alice, 100, 1);
    pull();
    CHECK_EQ(count_rtp(bob, 1000), 1);
}

TEST(a_nack_is_answered_from_the_cache) {
    harness_begin();
    struct sotto_handle alice = add_peer();
    struct sotto_handle bob = add_peer();
    (void)subscribe(bob, publish_video(alice, 100), 1000);
    pull();
    for (uint16_t i = 0; i < 10; i++)
        feed_video(alice, 100, i);
    pull();
    struct sotto_rtp_packet packet;
    CHECK(sotto_rtp_parse(&packet, sent[4].bytes, sent[4].transmit.size));
    uint16_t wanted = packet.sequence;
    feed_nack(bob, 1000, wanted, 1);
    pull();
    packet = only_rtp(bob);
    CHECK_EQ(packet.ssrc, 1001);
    CHECK_EQ(packet.payload_type, ROUTER_RTX_PT);
    CHECK(sotto_rtx_unwrap(&packet, ROUTER_VIDEO_PT, 1000));
    CHECK_EQ(packet.sequence, wanted);
    CHECK_EQ(packet.payload_size, 3);
}

// What a packet takes on the wire, behind SRTP's tag and IPv4 and UDP headers.
static size_t wire_size(const struct harness_sent *packet) {
    return packet->transmit.size + 16 + 28;
}

// The whole cache asked for, a thousand times a second: what comes out stays below a fifth of what
// went in, and others see nothing of it.
static void storm(const uint8_t *payload, size_t payload_size) {
    harness_begin();
    struct sotto_handle alice = add_peer();
    struct sotto_handle bob = add_peer();
    struct sotto_handle mallory = add_peer();
    struct sotto_handle video = publish_video(alice, 100);
    (void)subscribe(bob, video, 1000);
    (void)subscribe(mallory, video, 2000);
    size_t resent_size = 0;
    size_t sent_size = 0;
    uint16_t newest = 0;
    for (uint16_t i = 0; i < 10000; i++) {
        now_us += 1 * MS;
        if (i % 5 == 0) {
            struct packet packet = packet_begin(PUBLISHED_VIDEO_PT, 100, i / 5);
            packet.payload = payload;
            packet.payload_size = payload_size;
            feed(alice, &packet);
        }
        feed_nack(mallory, 2000, (uint16_t)(newest - 600), 600);
        pull();
        CHECK_EQ(count_rtp(bob, 0), i % 5 == 0);
        for (size_t j = 0; j < sent_count; j++) {
            struct sotto_rtp_packet packet;
            if (sent[j].transmit.rtcp || !sotto_handle_equal(sent[j].transmit.peer, mallory))
                continue;
            CHECK(sotto_rtp_parse(&packet, sent[j].bytes, sent[j].transmit.size));
            // Without the original number, by which a retransmission is larger.
            resent_size += packet.ssrc == 2001 ? wire_size(&sent[j]) - 2 : 0;
            sent_size += packet.ssrc == 2000 ? wire_size(&sent[j]) : 0;
            newest = packet.ssrc == 2000 ? packet.sequence : newest;
        }
    }
    CHECK(sent_size > 2000 * payload_size);
    CHECK(resent_size <= SOTTO_RESEND_CREDIT_SIZE_FIRST + sent_size / 5);
    CHECK(resent_size > sent_size / 10);
}

TEST(a_storm_of_nacks_is_bounded) {
    static const uint8_t payload[1000] = {0x10, 0x00};
    storm(payload, sizeof payload);
    storm(payload, 24);
}

// All of a datagram's NACKs together, also if nothing that they name was ever sent.
TEST(of_one_datagram_no_more_than_256_numbers_are_looked_up) {
    harness_begin();
    struct sotto_handle alice = add_peer();
    struct sotto_handle bob = add_peer();
    struct sotto_handle down = subscribe(bob, publish_video(alice, 100), 1000);
    static uint16_t sequences[200];
    uint8_t bytes[1200];
    struct sotto_writer writer;
    for (uint16_t i = 0; i < 200; i++)
        sequences[i] = i;
    sotto_writer_init(&writer, bytes, sizeof bytes);
    for (int i = 0; i < 3; i++)
        sotto_rtcp_write_nack(&writer, 1, 1000, sequences, 200);
    for (uint64_t datagrams = 1; datagrams <= 2; datagrams++) {
        feed_rtcp(bob, &writer);
        struct sotto_track_down_counters counters;
        CHECK_EQ(sotto_meeting_count_track_down(&meeting, down, &counters), SOTTO_MEETING_OK);
        CHECK_EQ(counters.nack_count, datagrams * SOTTO_NACK_HANDLED_COUNT_MAX);
        CHECK_EQ(counters.refused_count, counters.nack_count);
    }
}

TEST(who_paused_gets_nothing_again_and_asks_the_publisher_for_nothing) {
    harness_begin();
    struct sotto_handle alice = add_peer();
    struct sotto_handle bob = add_peer();
    struct sotto_handle down = subscribe(bob, publish_video(alice, 100), 1000);
    feed_video(alice, 100, 1);
    pull();
    uint16_t sequence = only_rtp(bob).sequence;
    CHECK_EQ(sotto_meeting_pause_track_down(&meeting, down), SOTTO_MEETING_OK);
    now_us += 500 * MS;
    feed_nack(bob, 1000, sequence, 1);
    feed_pli(bob, 1000);
    pull();
    CHECK_EQ(count_rtp(bob, 0), 0);
    CHECK_EQ(count_rtcp(alice, true, SOTTO_RTCP_PLI), 0);
    struct sotto_track_down_counters counters;
    CHECK_EQ(sotto_meeting_count_track_down(&meeting, down, &counters), SOTTO_MEETING_OK);
    CHECK_EQ(counters.refused_count, 1);
    CHECK_EQ(counters.key_frame_request_count, 0);
}

TEST(more_granted_retransmissions_than_can_wait_are_left_for_later) {
    harness_begin();
    struct sotto_handle alice = add_peer();
    struct sotto_handle bob = add_peer();
    struct sotto_handle carol = add_peer();
    struct sotto_handle video = publish_video(alice, 100);
    (void)subscribe(bob, video, 1000);
    (void)subscribe(carol, video, 2000);
    pull();
    for (uint16_t i = 0; i < 250; i++)
        feed_video(alice, 100, i);
    pull();
    uint16_t newest[2] = {0};
    for (size_t i = 0; i < sent_count; i++)
        newest[sotto_handle_equal(sent[i].transmit.peer, carol)] =
            (uint16_t)(sent[i].bytes[2] << 8 | sent[i].bytes[3]);
    feed_nack(bob, 1000, (uint16_t)(newest[0] - 249), 250);
    feed_nack(carol, 2000, (uint16_t)(newest[1] - 249), 250);
    CHECK_EQ(meeting.counters.resend_full_count, 1);
    pull();
    CHECK_EQ(count_rtp(bob, 1001), 250);
    CHECK_EQ(count_rtp(carol, 2001), SOTTO_RESEND_QUEUE_COUNT_MAX - 250);
    // Those that found no room were not booked: asked for again, they come at once.
    feed_nack(carol, 2000, (uint16_t)(newest[1] - 249), 250);
    pull();
    CHECK_EQ(count_rtp(carol, 2001), 500 - SOTTO_RESEND_QUEUE_COUNT_MAX);
}

TEST(a_thousand_requests_a_second_are_one_every_300_ms) {
    harness_begin();
    struct sotto_handle alice = add_peer();
    struct sotto_handle video = publish_video(alice, 100);
    struct sotto_handle receivers[3];
    for (uint32_t i = 0; i < 3; i++) {
        receivers[i] = add_peer();
        (void)subscribe(receivers[i], video, 1000 * (i + 1));
    }
    pull();
    CHECK_EQ(count_rtcp(alice, true, SOTTO_RTCP_PLI), 1); // at once
    uint64_t last_us = now_us;
    uint64_t begun_us = now_us;
    size_t count = 0;
    while (now_us < begun_us + 10000 * MS) {
        now_us += 1 * MS;
        for (uint32_t i = 0; i < 3; i++)
            feed_pli(receivers[i], 1000 * (i + 1));
        pull();
        size_t requests = count_rtcp(alice, true, SOTTO_RTCP_PLI);
        CHECK(requests <= 1);
        if (requests == 1) {
            CHECK(now_us - last_us >= 300 * MS);
            last_us = now_us;
            count++;
        }
    }
    CHECK(count >= 30 && count <= 33);
    struct sotto_track_up_counters counters;
    CHECK_EQ(sotto_meeting_count_track_up(&meeting, video, &counters), SOTTO_MEETING_OK);
    CHECK_EQ(counters.key_frame_request_count, count + 1);
}

TEST(full_intra_requests_count_as_well) {
    harness_begin();
    struct sotto_handle alice = add_peer();
    struct sotto_handle bob = add_peer();
    (void)subscribe(bob, publish_video(alice, 100), 1000);
    pull();
    now_us += 500 * MS;
    uint8_t bytes[64];
    struct sotto_writer writer;
    struct sotto_rtcp_fir_item items[] = {{.media_ssrc = 77}, {.media_ssrc = 1000}};
    sotto_writer_init(&writer, bytes, sizeof bytes);
    sotto_rtcp_write_fir(&writer, 1, items, 2);
    feed_rtcp(bob, &writer);
    pull();
    CHECK_EQ(count_rtcp(alice, true, SOTTO_RTCP_PLI), 1);
}

int main(void) {
    RUN(nobody_reports_or_asks_in_somebody_elses_name);
    RUN(goodbye_and_unknown_reports_change_nothing);
    RUN(a_nack_is_answered_from_the_cache);
    RUN(a_storm_of_nacks_is_bounded);
    RUN(of_one_datagram_no_more_than_256_numbers_are_looked_up);
    RUN(who_paused_gets_nothing_again_and_asks_the_publisher_for_nothing);
    RUN(more_granted_retransmissions_than_can_wait_are_left_for_later);
    RUN(a_thousand_requests_a_second_are_one_every_300_ms);
    RUN(full_intra_requests_count_as_well);
    harness_end();
    return 0;
}
