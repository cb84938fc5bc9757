#include "sfu/track_down.h"

#include "proto/rtx.h"
#include "tests/sfu/packets.h"

enum { MS = 1000, SSRC = 5000, RTX_SSRC = 5001, FIRST = 700, RTX_FIRST = 40, ROUND_TRIP = 50 };

static struct sotto_track_up up;
static struct sotto_track_down down;
static void *memory;
static uint8_t out[SOTTO_RTP_PACKET_SIZE_MAX];
static struct sotto_rtp_packet sent; // what was written last
static uint64_t now_us;

static void begin(void) {
    free(memory);
    memory = malloc(sotto_track_up_memory_size(SOTTO_MEDIA_VIDEO));
    CHECK(memory);
    struct sotto_track_up_setup setup = video_setup(9, 10);
    sotto_track_up_init(&up, &setup, memory);
    struct sotto_track_down_setup down_setup = {
        .ssrc = SSRC,
        .rtx_ssrc = RTX_SSRC,
        .rtx_payload_type = ROUTER_RTX_PT,
        .first_sequence = FIRST,
        .rtx_first_sequence = RTX_FIRST,
        .first_timestamp = 1000000,
        .extension_ids = router_ids(),
        .mid = "7",
        .cname = "publisher",
    };
    now_us = 0;
    sotto_track_down_init(&down, &down_setup, VIDEO_CLOCK_RATE, now_us);
    down.up = &up;
}

// The publisher's packet goes into the cache; its extended number.
static uint64_t receive_payload(uint16_t sequence, const uint8_t *payload, size_t payload_size) {
    struct packet packet = packet_begin(PUBLISHED_VIDEO_PT, 9, sequence);
    packet.payload = payload;
    packet.payload_size = payload_size;
    packet.padding_size = payload_size == 0 ? 10 : 0;
    packet.marker = sequence % 2 == 0;
    packet_finish(&packet);
    struct sotto_rtp_packet parsed;
    uint64_t extended;
    struct sotto_packet_extensions extensions;
    CHECK(sotto_rtp_parse(&parsed, packet.bytes, packet.size));
    CHECK(sotto_track_up_handle_packet(&up, now_us, &parsed, false, &extended, &extensions));
    return extended;
}

// VP8, as the setup says: the middle of some frame.
static uint64_t receive(uint16_t sequence, size_t payload_size) {
    uint8_t payload[SOTTO_RTP_PAYLOAD_SIZE_MAX];
    memset(payload, sequence & 0x0F, sizeof payload);
    return receive_payload(sequence, payload, payload_size);
}

static uint64_t receive_key(uint16_t sequence) {
    uint8_t payload[100] = {0x10, 0x00};
    memset(payload + 2, sequence & 0x0F, sizeof payload - 2);
    return receive_payload(sequence, payload, sizeof payload);
}

static bool write(uint64_t extended) {
    struct sotto_packet packet;
    struct sotto_writer writer;
    CHECK(sotto_packet_cache_find(&up.cache, extended, &packet));
    sotto_writer_init(&writer, out, sizeof out);
    if (!sotto_track_down_write(&down, now_us, &packet, &writer)) {
        CHECK_EQ(writer.offset, 0);
        return false;
    }
    CHECK(sotto_rtp_parse(&sent, out, writer.offset));
    return true;
}

static bool pass(uint16_t sequence) {
    return write(receive(sequence, 100));
}

static bool pass_key(uint16_t sequence) {
    return write(receive_key(sequence));
}

TEST(a_subscription_begins_paused_and_resuming_asks_for_a_key_frame) {
    begin();
    CHECK(!pass(100));
    CHECK_EQ(sotto_track_up_poll_timeout(&up), UINT64_MAX);
    sotto_track_down_resume(&down);
    CHECK(sotto_track_up_poll_key_frame_request(&up, 0));
    CHECK(pass_key(101));
    CHECK_EQ(sent.sequence, FIRST);
    // Resuming what is not paused asks for nothing and holds nothing back.
    sotto_track_down_resume(&down);
    CHECK_EQ(sotto_track_up_poll_timeout(&up), UINT64_MAX);
    CHECK(pass(102));
}

TEST(a_packet_goes_out_under_the_subscribers_numbers) {
    begin();
    sotto_track_down_resume(&down);
    CHECK(pass_key(100));
    CHECK(pass(101));
    CHECK_EQ(sent.ssrc, SSRC);
    CHECK_EQ(sent.payload_type, ROUTER_VIDEO_PT);
    CHECK_EQ(sent.sequence, FIRST + 1);
    CHECK_EQ(sent.timestamp, 1000000 + 3000);
    CHECK(!sent.marker);
    CHECK_EQ(sent.payload_size, 100);
    CHECK_EQ(sent.payload[99], 101 & 0x0F);
    struct sotto_rtp_extension mid;
    CHECK(sotto_rtp_find_extension(&sent, ROUTER_MID_ID, &mid));
    CHECK(mid.size == 1 && mid.data[0] == '7');
    CHECK(pass(102));
    CHECK(sent.marker);
    CHECK_EQ(down.counters.packet_count, 3);
    CHECK_EQ(down.counters.payload_size, 300);
}

TEST(the_first_sequence_number_lies_in_the_lower_half) {
    begin();
    struct sotto_track_down_setup setup = {
        .ssrc = SSRC, .first_sequence = 0xFFFF, .cname = "publisher"};
    sotto_track_down_init(&down, &setup, VIDEO_CLOCK_RATE, 0);
    down.up = &up;
    sotto_track_down_resume(&down);
    CHECK(pass_key(1));
    CHECK_EQ(sent.sequence, 0x7FFF);
}

TEST(padding_leaves_no_gap) {
    begin();
    sotto_track_down_resume(&down);
    CHECK(pass_key(100));
    CHECK(!write(receive(101, 0)));
    CHECK(pass(102));
    CHECK_EQ(sent.sequence, FIRST + 1);
}

TEST(a_pause_leaves_no_gap) {
    begin();
    sotto_track_down_resume(&down);
    CHECK(pass_key(100));
    sotto_track_down_pause(&down);
    CHECK(!pass(101));
    sotto_track_down_resume(&down);
    CHECK(!pass(102));
    CHECK(pass_key(103));
    CHECK_EQ(sent.sequence, FIRST + 1);
    CHECK_EQ(sent.timestamp, 1000000 + 3 * 3000);
}

TEST(what_comes_before_the_key_frame_is_left_out_and_takes_no_numbers) {
    begin();
    sotto_track_down_resume(&down);
    CHECK(!pass(100));
    CHECK(!write(receive(101, 0)));
    CHECK(!pass(102));
    CHECK(pass_key(103));
    CHECK_EQ(sent.sequence, FIRST);
    CHECK(pass(104));
    CHECK_EQ(sent.sequence, FIRST + 1);
    // One from before it that was overtaken has no place any more.
    CHECK(!write(receive(99, 100)));
    CHECK_EQ(down.counters.packet_count, 2);
}

TEST(without_a_key_frame_everything_goes_out_two_seconds_after_the_first_packet) {
    begin();
    sotto_track_down_resume(&down);
    now_us = 60000 * MS; // the publisher was silent
    CHECK(!pass(100));
    now_us += SOTTO_KEYFRAME_WAIT_MS * MS - 1;
    CHECK(!pass(101));
    now_us += 1;
    CHECK(pass(102));
    CHECK_EQ(sent.sequence, FIRST);
    // The next pause ends as the first one did.
    sotto_track_down_pause(&down);
    sotto_track_down_resume(&down);
    CHECK(!pass(103));
}

TEST(nothing_is_held_back_where_no_key_frame_would_come_or_show) {
    for (int i = 0; i < 2; i++) {
        begin();
        if (i == 0)
            up.setup.pli = false;
        else
            up.setup.codec = SOTTO_MIME_OPUS;
        sotto_track_down_resume(&down);
        CHECK(pass(100));
    }
}

TEST(a_restarted_publisher_is_followed_and_its_late_packets_are_not) {
    begin();
    sotto_track_down_resume(&down);
    now_us = 1000 * MS;
    CHECK(pass_key(100));
    uint64_t old = receive(101, 100);
    sotto_track_up_bind(&up, 99, false);
    now_us = 1100 * MS;
    CHECK(pass(40000));
    CHECK_EQ(sent.sequence, FIRST + 1);
    CHECK_EQ(sent.timestamp, 1000000 + 9000); // 100 ms at 90 kHz
    CHECK(!write(old));
    CHECK(pass(40001));
    CHECK_EQ(sent.sequence, FIRST + 2);
}

TEST(a_late_packet_of_the_old_source_does_not_begin_the_new_one) {
    begin();
    sotto_track_down_resume(&down);
    CHECK(pass_key(100));
    uint64_t old = receive(101, 100);
    sotto_track_up_bind(&up, 99, false);
    CHECK(!write(receive(40000, 0))); // the new source begins with padding
    CHECK(!write(old));
    CHECK(pass(40001));
    CHECK_EQ(sent.sequence, FIRST + 1);
}

static bool resend(uint16_t sequence) {
    uint64_t incoming;
    if (!sotto_track_down_take_nack(&down, now_us, ROUND_TRIP, sequence, &incoming)) {
        CHECK_EQ(incoming, 0);
        return false;
    }
    struct sotto_packet packet;
    struct sotto_writer writer;
    CHECK(sotto_packet_cache_find(&up.cache, incoming, &packet));
    sotto_writer_init(&writer, out, sizeof out);
    CHECK(sotto_track_down_write_rtx(&down, now_us, &packet, sequence, &writer));
    CHECK(sotto_rtp_parse(&sent, out, writer.offset));
    return true;
}

TEST(a_missing_packet_is_sent_again_as_rtx_in_numbers_of_its_own) {
    begin();
    sotto_track_down_resume(&down);
    CHECK(pass_key(100));
    CHECK(!write(receive(101, 0))); // so that the numbers differ by more than a constant
    CHECK(pass(102));
    CHECK(pass(103));
    CHECK(resend(FIRST + 1));
    CHECK_EQ(sent.ssrc, RTX_SSRC);
    CHECK_EQ(sent.payload_type, ROUTER_RTX_PT);
    CHECK_EQ(sent.sequence, RTX_FIRST);
    CHECK_EQ(sent.timestamp, 1000000 + 2 * 3000);
    CHECK(sotto_rtx_unwrap(&sent, ROUTER_VIDEO_PT, SSRC));
    CHECK_EQ(sent.sequence, FIRST + 1);
    CHECK_EQ(sent.payload_size, 100);
    CHECK_EQ(sent.payload[0], 102 & 0x0F);
    now_us += 1 * MS;
    CHECK(resend(FIRST));
    CHECK_EQ(sent.sequence, RTX_FIRST + 1);
    CHECK_EQ(down.counters.resent_count, 2);
    CHECK_EQ(down.counters.packet_count, 3);
}

TEST(what_was_held_back_behind_the_first_packet_of_a_key_frame_is_there_to_be_asked_for) {
    begin();
    sotto_track_down_resume(&down);
    CHECK(!pass(99));
    CHECK(!pass(101)); // 100, which begins the key frame, is late
    CHECK(pass_key(100));
    CHECK_EQ(sent.sequence, FIRST);
    CHECK(pass(102));
    CHECK_EQ(sent.sequence, FIRST + 2);
    CHECK(resend(FIRST + 1));
    CHECK_EQ(sent.payload[2], 101 & 0x0F); // behind the original number
    CHECK(!resend(FIRST - 1));
}

TEST(not_again_within_a_round_trip_and_not_what_was_never_sent) {
    begin();
    sotto_track_down_resume(&down);
    CHECK(pass_key(100));
    CHECK(resend(FIRST));
    CHECK(!resend(FIRST));
    now_us += (ROUND_TRIP - 1) * MS;
    CHECK(!resend(FIRST));
    now_us += 1 * MS;
    CHECK(resend(FIRST));
    CHECK(!resend(FIRST + 1));
    CHECK(!resend(FIRST - 1));
    CHECK_EQ(down.counters.nack_count, 6);
    CHECK_EQ(down.counters.refused_count, 4);
}

TEST(without_an_rtx_ssrc_nothing_is_sent_again) {
    begin();
    down.rtx_ssrc = 0;
    sotto_track_down_resume(&down);
    CHECK(pass_key(100));
    CHECK(!resend(FIRST));
}

TEST(a_retransmission_granted_before_the_source_changed_is_dropped) {
    begin();
    sotto_track_down_resume(&down);
    CHECK(pass_key(100));
    uint64_t incoming;
    CHECK(sotto_track_down_take_nack(&down, 0, ROUND_TRIP, FIRST, &incoming));
    sotto_track_up_bind(&up, 99, false);
    CHECK(pass(40000));
    struct sotto_packet packet;
    struct sotto_writer writer;
    CHECK(sotto_packet_cache_find(&up.cache, incoming, &packet));
    sotto_writer_init(&writer, out, sizeof out);
    CHECK(!sotto_track_down_write_rtx(&down, 0, &packet, FIRST, &writer));
    CHECK_EQ(writer.offset, 0);
}

TEST(a_sender_report_speaks_of_the_subscribers_time_line) {
    begin();
    struct sotto_lip_sync_clock clock = {0};
    struct sotto_rtcp_report report;
    uint64_t second = UINT64_C(1) << 32;
    sotto_track_down_resume(&down);
    CHECK(pass_key(100)); // publisher's timestamp 300000, subscriber's 1000000
    CHECK(!sotto_track_down_poll_report(&down, &clock, 50 * second, &report));
    CHECK_EQ(report.ssrc, 0);
    // The publisher: 303000 was 10 s ago on the clock we share.
    sotto_lip_sync_handle_report(&clock, &up.lip_sync, 40 * second, 777 * second, 303000);
    CHECK(sotto_track_down_poll_report(&down, &clock, 50 * second, &report));
    CHECK(report.has_sender_info);
    CHECK_EQ(report.ssrc, SSRC);
    CHECK_EQ(report.sender_info.ntp_time, 50 * second);
    CHECK_EQ(report.sender_info.rtp_timestamp, 1000000 + 3000 + 10 * 90000);
    CHECK_EQ(report.sender_info.packet_count, 1);
    CHECK_EQ(report.sender_info.octet_count, 100);
    CHECK_EQ(report.block_count, 0);
    // Nothing new since: no report.
    CHECK(!sotto_track_down_poll_report(&down, &clock, 51 * second, &report));
    CHECK(pass(101));
    CHECK(sotto_track_down_poll_report(&down, &clock, 51 * second, &report));
}

TEST(between_two_sources_there_is_no_report) {
    begin();
    struct sotto_lip_sync_clock clock = {0};
    struct sotto_rtcp_report report;
    uint64_t second = UINT64_C(1) << 32;
    sotto_track_down_resume(&down);
    CHECK(pass_key(100));
    sotto_lip_sync_handle_report(&clock, &up.lip_sync, 40 * second, 777 * second, 303000);
    sotto_track_up_bind(&up, 99, false);
    uint64_t first = receive(50000, 100);
    sotto_lip_sync_handle_report(&clock, &up.lip_sync, 41 * second, 778 * second, 5);
    CHECK(!sotto_track_down_poll_report(&down, &clock, 50 * second, &report));
    CHECK(write(first));
    CHECK(sotto_track_down_poll_report(&down, &clock, 50 * second, &report));
}

int main(void) {
    RUN(a_subscription_begins_paused_and_resuming_asks_for_a_key_frame);
    RUN(a_packet_goes_out_under_the_subscribers_numbers);
    RUN(the_first_sequence_number_lies_in_the_lower_half);
    RUN(padding_leaves_no_gap);
    RUN(a_pause_leaves_no_gap);
    RUN(what_comes_before_the_key_frame_is_left_out_and_takes_no_numbers);
    RUN(without_a_key_frame_everything_goes_out_two_seconds_after_the_first_packet);
    RUN(nothing_is_held_back_where_no_key_frame_would_come_or_show);
    RUN(a_restarted_publisher_is_followed_and_its_late_packets_are_not);
    RUN(a_late_packet_of_the_old_source_does_not_begin_the_new_one);
    RUN(a_missing_packet_is_sent_again_as_rtx_in_numbers_of_its_own);
    RUN(what_was_held_back_behind_the_first_packet_of_a_key_frame_is_there_to_be_asked_for);
    RUN(not_again_within_a_round_trip_and_not_what_was_never_sent);
    RUN(without_an_rtx_ssrc_nothing_is_sent_again);
    RUN(a_retransmission_granted_before_the_source_changed_is_dropped);
    RUN(a_sender_report_speaks_of_the_subscribers_time_line);
    RUN(between_two_sources_there_is_no_report);
    free(memory);
    return 0;
}
