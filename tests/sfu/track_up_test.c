#include "sfu/track_up.h"

#include "tests/sfu/packets.h"

enum { MS = 1000, SSRC = 0x11111111, RTX_SSRC = 0x22222222 };

static struct sotto_track_up track;
static void *memory;

static const uint8_t delta_frame[] = {0x10, 0x01, 'd', 'e', 'l', 't', 'a'};
static const uint8_t key_frame[] = {0x10, 0x00, 'k', 'e', 'y'};

static void begin_with(const struct sotto_track_up_setup *setup) {
    free(memory);
    memory = malloc(sotto_track_up_memory_size(setup->kind));
    CHECK(memory);
    sotto_track_up_init(&track, setup, memory);
}

static void begin(void) {
    struct sotto_track_up_setup setup = video_setup(SSRC, RTX_SSRC);
    begin_with(&setup);
}

// Somebody subscribes.
static void watch(void) {
    static struct sotto_list_node watcher;
    watcher = (struct sotto_list_node){0};
    sotto_list_add(&track.track_downs, &watcher);
}

// The extended number under which the packet was accepted, 0 if it was not.
static uint64_t handle_packet(struct packet *packet, bool rtx, uint64_t now_us) {
    packet_finish(packet);
    struct sotto_rtp_packet parsed;
    CHECK(sotto_rtp_parse(&parsed, packet->bytes, packet->size));
    uint64_t sequence;
    struct sotto_packet_extensions extensions;
    bool fresh = sotto_track_up_handle_packet(&track, now_us, &parsed, rtx, &sequence, &extensions);
    CHECK_EQ(fresh, sequence != 0);
    return sequence;
}

static uint64_t handle_at(uint64_t now_us, uint16_t sequence) {
    struct packet packet = packet_begin(PUBLISHED_VIDEO_PT, SSRC, sequence);
    packet.payload = delta_frame;
    packet.payload_size = sizeof delta_frame;
    return handle_packet(&packet, false, now_us);
}

static uint64_t handle(uint16_t sequence) {
    return handle_at(0, sequence);
}

static uint64_t handle_rtx(uint16_t original) {
    static uint16_t sequence = 900;
    struct packet packet = packet_begin(PUBLISHED_RTX_PT, RTX_SSRC, sequence++);
    packet.timestamp = original * 3000U;
    packet.original_sequence = original;
    packet.payload = delta_frame;
    packet.payload_size = sizeof delta_frame;
    return handle_packet(&packet, true, 0);
}

TEST(a_packet_lies_in_the_cache_with_the_routers_payload_type) {
    begin();
    uint64_t sequence = handle(65535);
    CHECK(sequence != 0);
    struct sotto_packet packet;
    CHECK(sotto_packet_cache_find(&track.cache, sequence, &packet));
    CHECK_EQ(packet.payload_type, ROUTER_VIDEO_PT);
    CHECK_EQ(packet.payload_size, sizeof delta_frame);
    CHECK_BYTES(packet.payload, delta_frame, sizeof delta_frame);
    CHECK_EQ(handle(0), sequence + 1);
    CHECK_EQ(handle(65535), 0);
    CHECK_EQ(track.counters.packet_count, 2);
    CHECK_EQ(track.counters.duplicate_count, 1);
}

TEST(a_retransmission_is_the_original_if_that_was_missing) {
    begin();
    uint64_t first = handle(100);
    CHECK_EQ(handle(102), first + 2);
    CHECK_EQ(handle_rtx(101), first + 1);
    struct sotto_packet packet;
    CHECK(sotto_packet_cache_find(&track.cache, first + 1, &packet));
    CHECK_EQ(packet.payload_type, ROUTER_VIDEO_PT);
    CHECK_EQ(packet.timestamp, 101 * 3000U);
    CHECK_BYTES(packet.payload, delta_frame, sizeof delta_frame);
    CHECK_EQ(track.counters.repaired_count, 1);
    // Both ways, in either order, it counts once.
    CHECK_EQ(handle_rtx(101), 0);
    CHECK_EQ(handle(101), 0);
    CHECK_EQ(handle_rtx(102), 0);
}

TEST(payload_types_that_were_not_negotiated_are_refused) {
    begin();
    struct packet packet = packet_begin(ROUTER_VIDEO_PT, SSRC, 1);
    packet.payload = delta_frame;
    packet.payload_size = sizeof delta_frame;
    CHECK_EQ(handle_packet(&packet, false, 0), 0);
    packet.payload_type = PUBLISHED_RTX_PT;
    CHECK_EQ(handle_packet(&packet, false, 0), 0);
    packet.payload_type = PUBLISHED_VIDEO_PT;
    CHECK_EQ(handle_packet(&packet, true, 0), 0);
    CHECK_EQ(track.counters.refused_count, 3);
}

TEST(probes_of_padding_take_part_in_the_numbering) {
    begin();
    uint64_t first = handle(100);
    struct packet packet = packet_begin(PUBLISHED_VIDEO_PT, SSRC, 101);
    packet.padding_size = 200;
    CHECK_EQ(handle_packet(&packet, false, 0), first + 1);
    CHECK_EQ(handle(102), first + 2);
    CHECK_EQ(sotto_track_up_poll_timeout(&track), UINT64_MAX); // nothing is missing
    // On the retransmission's SSRC there is no number to take part in.
    packet = packet_begin(PUBLISHED_RTX_PT, RTX_SSRC, 5);
    packet.padding_size = 200;
    CHECK_EQ(handle_packet(&packet, true, 0), 0);
}

TEST(a_packet_too_large_to_forward_is_refused) {
    begin();
    static uint8_t large[SOTTO_RTP_PAYLOAD_SIZE_MAX + 1];
    struct packet packet = packet_begin(PUBLISHED_VIDEO_PT, SSRC, 101);
    packet.payload = large;
    packet.payload_size = sizeof large;
    CHECK_EQ(handle_packet(&packet, false, 0), 0);
    packet.payload_size = sizeof large - 1;
    CHECK(handle_packet(&packet, false, 0) != 0);
}

TEST(a_stray_number_is_refused_and_a_restart_is_followed) {
    begin();
    uint64_t first = handle(100);
    CHECK_EQ(handle(101), first + 1);
    CHECK_EQ(handle(30000), 0);
    CHECK_EQ(handle(102), first + 2);
    // The same jump with a successor: the stream went on there.
    CHECK_EQ(handle(30000), 0);
    uint64_t restarted = handle(30001);
    CHECK(restarted > first + 2 + 65536);
    CHECK_EQ(track.source_first, restarted);
    CHECK_EQ(handle(30002), restarted + 1);
    CHECK_EQ(sotto_track_up_poll_timeout(&track), UINT64_MAX);
}

TEST(what_was_missing_before_a_restart_is_not_asked_for_any_more) {
    begin();
    watch();
    (void)handle(100);
    (void)handle(103);
    CHECK(sotto_track_up_poll_timeout(&track) != UINT64_MAX); // 101 and 102
    CHECK_EQ(handle(30000), 0);
    CHECK(handle(30001) != 0);
    CHECK_EQ(sotto_track_up_poll_timeout(&track), UINT64_MAX);
    // Nor is the jump a hole: nothing is given up, no key frame is needed for it.
    uint16_t asked[8];
    CHECK_EQ(sotto_track_up_poll_nack(&track, 100 * MS, 100, asked, 8), 0);
    CHECK(!sotto_track_up_poll_key_frame_request(&track, 100 * MS));
}

TEST(no_number_ever_means_two_packets) {
    begin();
    uint64_t highest = 0;
    uint16_t starts[] = {100, 40000, 100, 65535 - 4000, 30000};
    for (size_t i = 0; i < 5; i++) {
        (void)handle(starts[i]);
        for (uint16_t j = 1; j < 50; j++) {
            uint64_t sequence = handle((uint16_t)(starts[i] + j));
            CHECK(sequence > highest);
            highest = sequence;
        }
    }
    sotto_track_up_bind(&track, SSRC + 1, false);
    CHECK(handle(30000) > highest);
}

TEST(a_gap_is_reported_and_a_key_frame_asked_for_when_it_stays) {
    begin();
    (void)handle(65535);
    (void)handle(2);
    CHECK_EQ(sotto_track_up_poll_timeout(&track), SOTTO_NACK_REORDER_MS * MS);
    uint16_t asked[8];
    CHECK_EQ(sotto_track_up_poll_nack(&track, 10 * MS, 100, asked, 8), 2);
    CHECK_EQ(asked[0], 0);
    CHECK_EQ(asked[1], 1);
    CHECK_EQ(track.counters.nack_count, 2);
    CHECK(!sotto_track_up_poll_key_frame_request(&track, 10 * MS));
    for (uint64_t now_us = 10 * MS; now_us < 3000 * MS; now_us += 10 * MS)
        (void)sotto_track_up_poll_nack(&track, now_us, 100, asked, 8);
    CHECK(!sotto_track_up_poll_key_frame_request(&track, 3000 * MS)); // nobody watches
    watch();
    (void)handle_at(3000 * MS, 4);
    for (uint64_t now_us = 3000 * MS; now_us < 6000 * MS; now_us += 10 * MS)
        (void)sotto_track_up_poll_nack(&track, now_us, 100, asked, 8);
    CHECK(sotto_track_up_poll_key_frame_request(&track, 6000 * MS));
}

TEST(a_key_frame_that_is_seen_ends_the_asking) {
    begin();
    (void)handle(1);
    sotto_track_up_request_key_frame(&track);
    CHECK(sotto_track_up_poll_key_frame_request(&track, 0));
    sotto_track_up_request_key_frame(&track);
    struct packet packet = packet_begin(PUBLISHED_VIDEO_PT, SSRC, 2);
    packet.payload = key_frame;
    packet.payload_size = sizeof key_frame;
    CHECK(handle_packet(&packet, false, 50 * MS) != 0);
    CHECK_EQ(sotto_track_up_poll_timeout(&track), UINT64_MAX);
}

TEST(audio_and_publishers_without_feedback_are_not_asked) {
    struct sotto_track_up_setup setup = video_setup(SSRC, RTX_SSRC);
    setup.nack = false;
    setup.pli = false;
    begin_with(&setup);
    (void)handle(1);
    (void)handle(5);
    sotto_track_up_request_key_frame(&track);
    CHECK_EQ(sotto_track_up_poll_timeout(&track), UINT64_MAX);
    setup = audio_setup(SSRC);
    setup.pli = true;
    begin_with(&setup);
    sotto_track_up_request_key_frame(&track);
    CHECK_EQ(sotto_track_up_poll_timeout(&track), UINT64_MAX);
}

TEST(before_an_ssrc_is_known_there_is_nobody_to_ask) {
    struct sotto_track_up_setup setup = video_setup(0, 0);
    begin_with(&setup);
    sotto_track_up_request_key_frame(&track);
    CHECK_EQ(sotto_track_up_poll_timeout(&track), UINT64_MAX);
    CHECK(!sotto_track_up_poll_key_frame_request(&track, 0));
    sotto_track_up_bind(&track, SSRC, false);
    CHECK(sotto_track_up_poll_key_frame_request(&track, 0));
}

TEST(a_paused_track_takes_nothing_and_goes_on_as_a_new_source) {
    begin();
    watch();
    (void)handle(100);
    uint64_t before = handle(101);
    sotto_track_up_pause(&track);
    for (uint16_t i = 102; i < 150; i++)
        CHECK_EQ(handle(i), 0);
    CHECK_EQ(sotto_track_up_poll_timeout(&track), UINT64_MAX);
    sotto_track_up_resume(&track);
    CHECK_EQ(sotto_track_up_poll_timeout(&track), 0); // a key frame is wanted
    uint64_t after = handle(150);
    CHECK(after > before + 65536);
    CHECK_EQ(track.source_first, after);
    // The publisher learns that nothing was lost on its way.
    struct sotto_rtcp_report_block block;
    CHECK(sotto_rtp_receive_stats_poll_block(&track.stats, 0, &block));
    CHECK_EQ(block.cumulative_lost, 0);
}

int main(void) {
    RUN(a_packet_lies_in_the_cache_with_the_routers_payload_type);
    RUN(a_retransmission_is_the_original_if_that_was_missing);
    RUN(payload_types_that_were_not_negotiated_are_refused);
    RUN(probes_of_padding_take_part_in_the_numbering);
    RUN(a_packet_too_large_to_forward_is_refused);
    RUN(a_stray_number_is_refused_and_a_restart_is_followed);
    RUN(what_was_missing_before_a_restart_is_not_asked_for_any_more);
    RUN(no_number_ever_means_two_packets);
    RUN(a_gap_is_reported_and_a_key_frame_asked_for_when_it_stays);
    RUN(a_key_frame_that_is_seen_ends_the_asking);
    RUN(audio_and_publishers_without_feedback_are_not_asked);
    RUN(before_an_ssrc_is_known_there_is_nobody_to_ask);
    RUN(a_paused_track_takes_nothing_and_goes_on_as_a_new_source);
    free(memory);
    return 0;
}
