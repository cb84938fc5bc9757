#include "sfu/report.h"

#include "proto/rtcp_feedback.h"
#include "tests/sfu/packets.h"

enum { MS = 1000, OURS = 0x50FF0, TRACKS = SOTTO_PEER_TRACK_UP_COUNT_MAX, DOWNS = 100 };

static struct sotto_peer peer;
static struct sotto_track_up ups[TRACKS];
static struct sotto_track_down downs[DOWNS];
static void *memory[TRACKS];
static uint8_t out[SOTTO_RTP_PACKET_SIZE_MAX];
static size_t out_size;

static void begin(bool reduced_size, size_t up_count) {
    struct sotto_peer_setup setup = {
        .rtcp_ssrc = OURS, .reduced_size = reduced_size, .cname = "server"};
    sotto_peer_init(&peer, &setup);
    memset(ups, 0, sizeof ups);
    memset(downs, 0, sizeof downs);
    for (size_t i = 0; i < up_count; i++) {
        if (!memory[i])
            memory[i] = malloc(sotto_track_up_memory_size(SOTTO_MEDIA_VIDEO));
        CHECK(memory[i]);
        struct sotto_track_up_setup track = video_setup(1000 + (uint32_t)i, 2000 + (uint32_t)i);
        sotto_track_up_init(&ups[i], &track, memory[i]);
        ups[i].peer = &peer;
        sotto_list_add(&peer.track_ups, &ups[i].of_peer);
    }
}

static void receive(size_t track, uint16_t sequence) {
    struct packet packet = packet_begin(PUBLISHED_VIDEO_PT, 1000 + (uint32_t)track, sequence);
    packet.payload = (const uint8_t *)"\x10\x00x";
    packet.payload_size = 3;
    packet_finish(&packet);
    struct sotto_rtp_packet parsed;
    uint64_t extended;
    struct sotto_packet_extensions extensions;
    CHECK(sotto_rtp_parse(&parsed, packet.bytes, packet.size));
    CHECK(sotto_track_up_handle_packet(&ups[track], 0, &parsed, false, &extended, &extensions));
}

// The kinds of packets in the compound, as letters; R receiver report, S sender report, D source
// description, N NACK, P PLI.
static const char *kinds(void) {
    static char letters[128];
    struct sotto_rtcp_compound compound;
    struct sotto_rtcp_packet packet;
    size_t count = 0;
    sotto_rtcp_compound_init(&compound, out, out_size);
    while (sotto_rtcp_compound_next(&compound, &packet)) {
        char letter = '?';
        if (packet.kind == SOTTO_RTCP_RECEIVER_REPORT)
            letter = 'R';
        else if (packet.kind == SOTTO_RTCP_SENDER_REPORT)
            letter = 'S';
        else if (packet.kind == SOTTO_RTCP_SOURCE_DESCRIPTION)
            letter = 'D';
        else if (packet.kind == SOTTO_RTCP_NACK)
            letter = 'N';
        else if (packet.kind == SOTTO_RTCP_PLI)
            letter = 'P';
        letters[count++] = letter;
    }
    CHECK(!compound.malformed);
    letters[count] = 0;
    return letters;
}

static bool write_up(uint64_t now_us) {
    struct sotto_writer writer;
    sotto_writer_init(&writer, out, sizeof out);
    bool written = sotto_report_write_to_publisher(&peer, now_us, &writer);
    out_size = writer.offset;
    CHECK_EQ(written, out_size > 0);
    CHECK(out_size <= SOTTO_RTCP_PACKET_SIZE_MAX);
    return written;
}

static bool write_down(uint64_t ntp_now) {
    struct sotto_writer writer;
    sotto_writer_init(&writer, out, sizeof out);
    bool written = sotto_report_write_to_subscriber(&peer, ntp_now, &writer);
    out_size = writer.offset;
    CHECK_EQ(written, out_size > 0);
    CHECK(out_size <= SOTTO_RTCP_PACKET_SIZE_MAX);
    return written;
}

// The bitrate of the REMB behind the report, 0 if there is none; `count` gets its streams.
static uint64_t read_bandwidth(size_t *count) {
    struct sotto_rtcp_compound compound;
    struct sotto_rtcp_packet packet;
    struct sotto_rtcp_remb remb;
    uint32_t ssrc;
    *count = 0;
    sotto_rtcp_compound_init(&compound, out, out_size);
    while (sotto_rtcp_compound_next(&compound, &packet)) {
        if (!sotto_rtcp_parse_remb(&packet, &remb))
            continue;
        CHECK_EQ(remb.sender_ssrc, OURS);
        uint64_t bitrate_bps = remb.bitrate_bps;
        while (sotto_rtcp_remb_next(&remb, &ssrc))
            CHECK_EQ(ssrc, 1000 + (*count)++);
        return bitrate_bps;
    }
    return 0;
}

static uint64_t bandwidth_at(uint64_t now_us, size_t *count) {
    sotto_peer_begin_reports(&peer);
    CHECK(write_up(now_us));
    return read_bandwidth(count);
}

TEST(a_publisher_is_told_what_its_videos_may_send_together) {
    size_t count;
    begin(true, 3);
    ups[0].setup.remb = ups[1].setup.remb = true; // the third is a voice
    CHECK_EQ(bandwidth_at(1000 * MS, &count), 0);
    for (size_t i = 0; i < 3; i++)
        receive(i, 100);
    CHECK_EQ(bandwidth_at(2999 * MS, &count), 2 * SOTTO_REMB_START_BPS);
    CHECK_EQ(count, 2);
    CHECK_EQ(bandwidth_at(3000 * MS, &count), 2 * SOTTO_REMB_BPS);
}

TEST(a_full_report_has_room_for_the_bandwidth) {
    size_t count;
    begin(true, TRACKS);
    for (size_t i = 0; i < TRACKS; i++) {
        ups[i].setup.remb = true;
        receive(i, 100);
    }
    CHECK_EQ(bandwidth_at(4000 * MS, &count) / 1000000,
             (uint64_t)SOTTO_REMB_BPS * TRACKS / 1000000);
    CHECK_EQ(count, TRACKS);
}

TEST(a_publisher_gets_one_report_about_all_its_tracks) {
    begin(true, TRACKS);
    for (size_t i = 0; i < TRACKS; i++)
        receive(i, (uint16_t)(100 + i));
    sotto_peer_begin_reports(&peer);
    CHECK(write_up(1000 * MS));
    CHECK_TEXT(kinds(), "RD");
    struct sotto_rtcp_compound compound;
    struct sotto_rtcp_packet packet;
    struct sotto_rtcp_report report;
    sotto_rtcp_compound_init(&compound, out, out_size);
    CHECK(sotto_rtcp_compound_next(&compound, &packet));
    CHECK(sotto_rtcp_parse_report(&packet, &report));
    CHECK_EQ(report.ssrc, OURS);
    CHECK_EQ(report.block_count, TRACKS);
    for (uint32_t i = 0; i < TRACKS; i++) {
        CHECK_EQ(report.blocks[i].ssrc, 1000 + i);
        CHECK_EQ((uint16_t)report.blocks[i].extended_highest_sequence, 100 + i);
    }
    CHECK(!write_up(1000 * MS));
}

TEST(feedback_stands_alone_where_reduced_size_was_negotiated) {
    begin(true, 1);
    receive(0, 100);
    receive(0, 102);
    sotto_track_up_request_key_frame(&ups[0]);
    peer.feedback_due = true;
    CHECK(write_up(10 * MS));
    CHECK_TEXT(kinds(), "PN");
    struct sotto_rtcp_compound compound;
    struct sotto_rtcp_packet packet;
    struct sotto_rtcp_pli pli;
    struct sotto_rtcp_nack nack;
    uint16_t sequence;
    sotto_rtcp_compound_init(&compound, out, out_size);
    CHECK(sotto_rtcp_compound_next(&compound, &packet));
    CHECK(sotto_rtcp_parse_pli(&packet, &pli));
    CHECK_EQ(pli.sender_ssrc, OURS);
    CHECK_EQ(pli.media_ssrc, 1000);
    CHECK(sotto_rtcp_compound_next(&compound, &packet));
    CHECK(sotto_rtcp_parse_nack(&packet, &nack));
    CHECK_EQ(nack.media_ssrc, 1000);
    CHECK(sotto_rtcp_nack_next(&nack, &sequence));
    CHECK_EQ(sequence, 101);
    CHECK(!sotto_rtcp_nack_next(&nack, &sequence));
    CHECK(!write_up(10 * MS));
}

TEST(otherwise_a_report_goes_in_front_of_it) {
    begin(false, 1);
    receive(0, 100);
    peer.feedback_due = true;
    CHECK(!write_up(10 * MS)); // nothing is due: nothing is sent
    sotto_track_up_request_key_frame(&ups[0]);
    peer.feedback_due = true;
    CHECK(write_up(10 * MS));
    CHECK_TEXT(kinds(), "RDP");
}

TEST(what_does_not_fit_one_packet_goes_into_the_next) {
    begin(true, TRACKS);
    size_t missing = 0;
    for (size_t i = 0; i < TRACKS; i++) {
        for (uint16_t sequence = 0; sequence < 200; sequence = (uint16_t)(sequence + 20)) {
            receive(i, (uint16_t)(1000 + sequence));
            missing += sequence > 0 ? 19 : 0;
        }
        sotto_track_up_request_key_frame(&ups[i]);
    }
    peer.feedback_due = true;
    size_t asked = 0;
    size_t plis = 0;
    int packets = 0;
    while (write_up(10 * MS)) {
        struct sotto_rtcp_compound compound;
        struct sotto_rtcp_packet packet;
        sotto_rtcp_compound_init(&compound, out, out_size);
        while (sotto_rtcp_compound_next(&compound, &packet)) {
            struct sotto_rtcp_nack nack;
            uint16_t sequence;
            plis += packet.kind == SOTTO_RTCP_PLI;
            if (sotto_rtcp_parse_nack(&packet, &nack))
                while (sotto_rtcp_nack_next(&nack, &sequence))
                    asked++;
        }
        CHECK(!compound.malformed);
        CHECK(++packets < 200);
    }
    CHECK(packets > 1);
    CHECK_EQ(asked, missing);
    CHECK_EQ(plis, TRACKS);
}

TEST(a_subscriber_gets_a_report_with_the_negotiated_cname_for_each_track) {
    begin(true, 1);
    uint64_t second = UINT64_C(1) << 32;
    receive(0, 100);
    sotto_lip_sync_handle_report(&peer.clock, &ups[0].lip_sync, second, second, 0);
    struct sotto_packet packet;
    CHECK(sotto_packet_cache_find(&ups[0].cache, 65536 + 100, &packet));
    for (uint32_t i = 0; i < DOWNS; i++) {
        struct sotto_track_down_setup setup = {.ssrc = 3000 + i};
        snprintf(setup.cname, sizeof setup.cname, "publisher-%u", i);
        sotto_track_down_init(&downs[i], &setup, VIDEO_CLOCK_RATE, 0);
        downs[i].up = &ups[0];
        sotto_track_down_resume(&downs[i]);
        struct sotto_writer writer;
        sotto_writer_init(&writer, out, sizeof out);
        if (i != 7) // this one has sent nothing
            CHECK(sotto_track_down_write(&downs[i], 0, &packet, &writer));
        sotto_list_add(&peer.track_downs, &downs[i].of_peer);
    }
    sotto_peer_begin_reports(&peer);
    uint32_t next = 0;
    while (write_down(2 * second)) {
        struct sotto_rtcp_compound compound;
        struct sotto_rtcp_packet part;
        sotto_rtcp_compound_init(&compound, out, out_size);
        while (sotto_rtcp_compound_next(&compound, &part)) {
            struct sotto_rtcp_report report;
            struct sotto_rtcp_sdes sdes;
            next += next == 7;
            CHECK(sotto_rtcp_parse_report(&part, &report));
            CHECK_EQ(report.ssrc, 3000 + next);
            CHECK(sotto_rtcp_compound_next(&compound, &part));
            CHECK(sotto_rtcp_parse_sdes(&part, &sdes));
            CHECK_EQ(sdes.chunks[0].ssrc, 3000 + next);
            char cname[32];
            snprintf(cname, sizeof cname, "publisher-%u", next);
            CHECK_EQ(sdes.chunks[0].cname_size, strlen(cname));
            CHECK_BYTES(sdes.chunks[0].cname, cname, strlen(cname));
            next++;
        }
        CHECK(!compound.malformed);
    }
    CHECK_EQ(next, DOWNS);
    CHECK(!peer.sender_reports_due);
}

int main(void) {
    RUN(a_publisher_is_told_what_its_videos_may_send_together);
    RUN(a_full_report_has_room_for_the_bandwidth);
    RUN(a_publisher_gets_one_report_about_all_its_tracks);
    RUN(feedback_stands_alone_where_reduced_size_was_negotiated);
    RUN(otherwise_a_report_goes_in_front_of_it);
    RUN(what_does_not_fit_one_packet_goes_into_the_next);
    RUN(a_subscriber_gets_a_report_with_the_negotiated_cname_for_each_track);
    for (size_t i = 0; i < TRACKS; i++)
        free(memory[i]);
    return 0;
}
