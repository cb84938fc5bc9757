// Reports through a whole meeting: what goes over the wire, read as a receiver reads it and
// compared with what the moments of capture say.
#include "proto/ntp.h"
#include "tests/sfu/meeting_harness.h"

enum { MS = 1000 };

// NTP from seconds, through long double: not how the modules compute.
static uint64_t ntp(long double seconds) {
    return (uint64_t)(seconds * 4294967296.0L);
}

static long double seconds(uint64_t ntp_time) {
    return (long double)ntp_time / 4294967296.0L;
}

// The first report that was collected for a peer, of one SSRC or of any (0).
static bool find_report(struct sotto_handle peer, bool to_publisher, uint32_t ssrc,
                        struct sotto_rtcp_report *report) {
    for (size_t i = 0; i < sent_count; i++) {
        const struct sotto_meeting_transmit *transmit = &sent[i].transmit;
        if (!transmit->rtcp || transmit->to_publisher != to_publisher ||
            !sotto_handle_equal(transmit->peer, peer))
            continue;
        struct sotto_rtcp_compound compound;
        struct sotto_rtcp_packet packet;
        sotto_rtcp_compound_init(&compound, sent[i].bytes, transmit->size);
        while (sotto_rtcp_compound_next(&compound, &packet))
            if (sotto_rtcp_parse_report(&packet, report) && (ssrc == 0 || report->ssrc == ssrc))
                return true;
    }
    return false;
}

// A publisher captured flashes and clicks at the same moments. Its clock is not the server's, its
// network holds audio and video up differently, and the subscriber pauses one track and sees the
// source of the other change. From the wire alone both must meet within a millisecond.
struct capture {
    long double clock_ahead_s; // publisher's clock against the server's
    uint32_t audio_offset;     // timestamp at publisher's time 0
    uint32_t video_offset;
    uint16_t audio_sequence;
    uint16_t video_sequence;
    uint32_t video_ssrc;
};

static struct capture capture;
static struct sotto_handle alice;
static struct sotto_handle bob;

static long double publisher_s(uint64_t at_us) {
    return (long double)at_us / 1000000 + capture.clock_ahead_s;
}

static uint32_t stamp(uint64_t captured_us, uint32_t clock_rate, uint32_t offset) {
    return offset + (uint32_t)(uint64_t)(publisher_s(captured_us) * clock_rate);
}

static void send_audio(uint64_t captured_us) {
    struct packet packet = packet_begin(PUBLISHED_AUDIO_PT, 300, capture.audio_sequence++);
    packet.timestamp = stamp(captured_us, AUDIO_CLOCK_RATE, capture.audio_offset);
    packet.payload = (const uint8_t *)&captured_us;
    packet.payload_size = sizeof captured_us;
    feed(alice, &packet);
}

static void send_video(uint64_t captured_us) {
    uint8_t payload[2 + sizeof captured_us] = {0x10, 0x00};
    memcpy(payload + 2, &captured_us, sizeof captured_us);
    struct packet packet =
        packet_begin(PUBLISHED_VIDEO_PT, capture.video_ssrc, capture.video_sequence++);
    packet.timestamp = stamp(captured_us, VIDEO_CLOCK_RATE, capture.video_offset);
    packet.payload = payload;
    packet.payload_size = sizeof payload;
    feed(alice, &packet);
}

// A receiver's view of one track: which moment of which clock its timestamps mean.
struct view {
    uint32_t ssrc;
    uint32_t clock_rate;
    bool reported;
    uint64_t ntp_time;
    uint32_t timestamp;
    bool seen;
    uint64_t captured_us; // of the newest packet, out of its payload
    uint32_t packet_timestamp;
};

static void look(struct view *view, size_t skip) {
    struct sotto_rtcp_report report;
    if (find_report(bob, false, view->ssrc, &report)) {
        view->reported = true;
        view->ntp_time = report.sender_info.ntp_time;
        view->timestamp = report.sender_info.rtp_timestamp;
    }
    for (size_t i = 0; i < sent_count; i++) {
        struct sotto_rtp_packet packet;
        if (sent[i].transmit.rtcp)
            continue;
        CHECK(sotto_rtp_parse(&packet, sent[i].bytes, sent[i].transmit.size));
        if (packet.ssrc != view->ssrc)
            continue;
        view->seen = true;
        view->packet_timestamp = packet.timestamp;
        memcpy(&view->captured_us, packet.payload + skip, sizeof view->captured_us);
    }
}

// When the packet was captured, on the clock of the reports.
static long double moment_s(const struct view *view) {
    int32_t ticks = (int32_t)(view->packet_timestamp - view->timestamp);
    return seconds(view->ntp_time) + (long double)ticks / view->clock_rate;
}

// The difference between the moments at which audio and video say they were captured, beyond what
// it truly is.
static long double skew_ms(const struct view *audio, const struct view *video) {
    CHECK(audio->reported && video->reported && audio->seen && video->seen);
    long double true_s = (long double)(int64_t)(audio->captured_us - video->captured_us) / 1000000;
    return (moment_s(audio) - moment_s(video) - true_s) * 1000;
}

enum { AUDIO_DELAY = 20 * MS, VIDEO_DELAY = 180 * MS };

// One step of 10 ms: packets and reports arrive that were sent a while ago.
static void step(struct view *audio, struct view *video) {
    now_us += 10 * MS;
    if (now_us % (20 * MS) == 0)
        send_audio(now_us - AUDIO_DELAY);
    if (now_us % (30 * MS) == 0)
        send_video(now_us - VIDEO_DELAY);
    if (now_us % (1000 * MS) == 0)
        feed_sender_report(alice, 300, ntp(publisher_s(now_us - AUDIO_DELAY)),
                           stamp(now_us - AUDIO_DELAY, AUDIO_CLOCK_RATE, capture.audio_offset));
    if (now_us % (1000 * MS) == 500 * MS)
        feed_sender_report(alice, capture.video_ssrc, ntp(publisher_s(now_us - VIDEO_DELAY)),
                           stamp(now_us - VIDEO_DELAY, VIDEO_CLOCK_RATE, capture.video_offset));
    pull();
    look(audio, 0);
    look(video, 2);
}

TEST(audio_and_video_of_a_publisher_stay_in_step_at_a_subscriber) {
    harness_begin();
    capture = (struct capture){.clock_ahead_s = 3900000123.456L,
                               .audio_offset = 0xFFFF0000,
                               .video_offset = 0x12345678,
                               .audio_sequence = 65500,
                               .video_sequence = 7,
                               .video_ssrc = 100};
    alice = add_peer();
    bob = add_peer();
    struct sotto_handle audio_up = publish_audio(alice, 300);
    struct sotto_handle video_up = publish_video(alice, 100);
    struct sotto_handle audio_down = subscribe(bob, audio_up, 2000);
    struct sotto_handle video_down = subscribe(bob, video_up, 1000);
    struct view audio = {.ssrc = 2000, .clock_rate = AUDIO_CLOCK_RATE};
    struct view video = {.ssrc = 1000, .clock_rate = VIDEO_CLOCK_RATE};
    for (int i = 0; i < 500; i++)
        step(&audio, &video);
    long double skew = skew_ms(&audio, &video);
    CHECK(skew > -1 && skew < 1);
    // A pause of one of them.
    CHECK_EQ(sotto_meeting_pause_track_down(&meeting, audio_down), SOTTO_MEETING_OK);
    for (int i = 0; i < 300; i++)
        step(&audio, &video);
    CHECK_EQ(sotto_meeting_resume_track_down(&meeting, now_us, audio_down), SOTTO_MEETING_OK);
    for (int i = 0; i < 300; i++)
        step(&audio, &video);
    skew = skew_ms(&audio, &video);
    CHECK(skew > -1 && skew < 1);
    // Another source for the other: the time line jumps, and the report says so at once.
    struct sotto_handle share = publish_video(alice, 500);
    capture.video_ssrc = 500;
    capture.video_offset = 0x9ABCDEF0;
    capture.video_sequence = 33333;
    CHECK_EQ(sotto_meeting_switch_track_down(&meeting, now_us, video_down, share),
             SOTTO_MEETING_OK);
    video.reported = false;
    for (int i = 0; i < 200; i++)
        step(&audio, &video);
    skew = skew_ms(&audio, &video);
    CHECK(skew > -1 && skew < 1);
}

TEST(a_subscriber_hears_of_the_time_line_soon_after_the_first_packet) {
    harness_begin();
    alice = add_peer();
    bob = add_peer();
    struct sotto_handle video = publish_video(alice, 100);
    feed_video(alice, 100, 1);
    feed_sender_report(alice, 100, ntp(5), 3000);
    now_us += 3000 * MS;
    (void)subscribe(bob, video, 1000);
    pull(); // the reports that were due, without anything to say; the next are due in a second
    now_us += 5 * MS;
    feed_video(alice, 100, 2);
    uint64_t first_us = now_us;
    struct sotto_rtcp_report report;
    pull();
    while (!find_report(bob, false, 1000, &report)) {
        now_us += 5 * MS;
        CHECK(now_us <= first_us + 2 * SOTTO_REPORT_SOON_MS * MS);
        pull();
    }
    CHECK_EQ(report.sender_info.packet_count, 1);
}

// Those who receive already have had their first packet, and wait for the report alone.
TEST(the_first_report_of_a_publisher_reaches_its_subscribers_soon) {
    harness_begin();
    alice = add_peer();
    bob = add_peer();
    (void)subscribe(bob, publish_video(alice, 100), 1000);
    struct sotto_rtcp_report report;
    uint16_t sequence = 1;
    for (; sequence <= 130; sequence++) { // some way into the interval of a second
        feed_video(alice, 100, sequence);
        pull();
        CHECK(!find_report(bob, false, 1000, &report));
        now_us += 10 * MS;
    }
    feed_sender_report(alice, 100, ntp(5), sequence * 3000U);
    feed_video(alice, 100, sequence);
    uint64_t first_us = now_us;
    for (pull(); !find_report(bob, false, 1000, &report); pull()) {
        now_us += 5 * MS;
        CHECK(now_us <= first_us + 2 * SOTTO_REPORT_SOON_MS * MS);
    }
    CHECK_EQ(report.sender_info.packet_count, sequence);
}

TEST(without_a_report_from_the_publisher_there_is_none_to_the_subscriber) {
    harness_begin();
    alice = add_peer();
    bob = add_peer();
    (void)subscribe(bob, publish_video(alice, 100), 1000);
    for (uint16_t i = 0; i < 300; i++) {
        feed_video(alice, 100, i);
        now_us += 10 * MS;
        pull();
        CHECK_EQ(count_rtcp(bob, false, SOTTO_RTCP_SENDER_REPORT), 0);
    }
}

TEST(a_publisher_hears_once_a_second_what_arrived) {
    harness_begin();
    alice = add_peer();
    (void)publish_video(alice, 100);
    size_t reports = 0;
    struct sotto_rtcp_report report = {0};
    uint64_t sender_report_us = 0;
    for (uint16_t i = 0; i < 1000; i++) {
        now_us += 10 * MS;
        if (i % 10 != 9) // every tenth is lost
            feed_video(alice, 100, i);
        if (i % 100 == 50) {
            feed_sender_report(alice, 100, ntp(1000 + i), 0);
            sender_report_us = now_us;
        }
        pull();
        if (!find_report(alice, true, 0, &report) || report.block_count == 0)
            continue;
        reports++;
        if (reports < 3)
            continue;
        CHECK_EQ(report.blocks[0].ssrc, 100);
        CHECK(report.blocks[0].fraction_lost >= 23 && report.blocks[0].fraction_lost <= 28);
        CHECK_EQ((uint16_t)report.blocks[0].extended_highest_sequence, i % 10 == 9 ? i - 1 : i);
        uint64_t delay_us = now_us - sender_report_us;
        uint32_t delay = (uint32_t)(delay_us * 65536 / 1000000);
        CHECK(report.blocks[0].delay_since_last_sender_report - delay <= 1);
        CHECK_EQ(report.blocks[0].last_sender_report >> 16, 1000 + i - delay_us / 10000);
    }
    CHECK(reports >= 9 && reports <= 11);
}

TEST(the_round_trip_is_taken_from_a_subscribers_report) {
    harness_begin();
    alice = add_peer();
    bob = add_peer();
    (void)subscribe(bob, publish_video(alice, 100), 1000);
    feed_video(alice, 100, 1);
    feed_sender_report(alice, 100, ntp(5), 3000);
    struct sotto_rtcp_report received;
    for (pull(); !find_report(bob, false, 1000, &received); pull())
        now_us += 10 * MS;
    // Bob answers 250 ms after it arrived; both ways together take 64 ms.
    now_us += (250 + 64) * MS;
    struct sotto_rtcp_report report = {.ssrc = 1, .block_count = 1};
    report.blocks[0] = (struct sotto_rtcp_report_block){
        .ssrc = 1000,
        .fraction_lost = 12,
        .cumulative_lost = -3,
        .jitter = 45,
        .last_sender_report = sotto_ntp_middle(received.sender_info.ntp_time),
        .delay_since_last_sender_report = 65536 / 4,
    };
    uint8_t bytes[64];
    struct sotto_writer writer;
    sotto_writer_init(&writer, bytes, sizeof bytes);
    sotto_rtcp_write_report(&writer, &report);
    feed_rtcp(bob, &writer);
    uint32_t round_trip_ms = sotto_peer_round_trip_ms(&meeting.peers[bob.slot]);
    CHECK(round_trip_ms >= 63 && round_trip_ms <= 65);
    struct sotto_track_down_counters counters;
    struct sotto_handle down = meeting.track_downs[0].handle;
    CHECK_EQ(sotto_meeting_count_track_down(&meeting, down, &counters), SOTTO_MEETING_OK);
    CHECK_EQ(counters.fraction_lost, 12);
    CHECK_EQ(counters.cumulative_lost, -3);
    CHECK_EQ(counters.jitter, 45);
}

int main(void) {
    RUN(audio_and_video_of_a_publisher_stay_in_step_at_a_subscriber);
    RUN(a_subscriber_hears_of_the_time_line_soon_after_the_first_packet);
    RUN(the_first_report_of_a_publisher_reaches_its_subscribers_soon);
    RUN(without_a_report_from_the_publisher_there_is_none_to_the_subscriber);
    RUN(a_publisher_hears_once_a_second_what_arrived);
    RUN(the_round_trip_is_taken_from_a_subscribers_report);
    harness_end();
    return 0;
}
