#include "sfu/peer.h"

#include "tests/sfu/packets.h"

enum { TRACKS = 4 };

static struct sotto_peer peer;
static struct sotto_track_up tracks[TRACKS];
static size_t track_count;
static void *memory;

static void begin(void) {
    struct sotto_peer_setup setup = {.rtcp_ssrc = 1, .cname = "server"};
    sotto_peer_init(&peer, &setup);
    track_count = 0;
}

// All tracks share a cache: only their names are looked at.
static struct sotto_track_up *add(struct sotto_track_up_setup setup, const char *mid,
                                  const char *rid) {
    free(memory);
    memory = malloc(sotto_track_up_memory_size(SOTTO_MEDIA_VIDEO));
    CHECK(memory && track_count < TRACKS);
    struct sotto_track_up *track = &tracks[track_count++];
    snprintf(setup.mid, sizeof setup.mid, "%s", mid);
    snprintf(setup.rid, sizeof setup.rid, "%s", rid);
    sotto_track_up_init(track, &setup, memory);
    sotto_list_add(&peer.track_ups, &track->of_peer);
    return track;
}

static struct sotto_track_up *match(struct packet packet, bool *rtx) {
    packet_finish(&packet);
    struct sotto_rtp_packet parsed;
    CHECK(sotto_rtp_parse(&parsed, packet.bytes, packet.size));
    return sotto_peer_match(&peer, &parsed, rtx);
}

static struct packet named(uint8_t payload_type, const char *mid, const char *rid,
                           const char *repaired_rid) {
    struct packet packet = packet_begin(payload_type, 77, 1);
    packet.mid = mid;
    packet.rid = rid;
    packet.repaired_rid = repaired_rid;
    return packet;
}

TEST(a_mid_names_a_track_with_one_encoding) {
    begin();
    struct sotto_track_up *audio = add(audio_setup(0), "0", "");
    struct sotto_track_up *video = add(video_setup(0, 0), "1", "");
    bool rtx;
    CHECK(match(named(PUBLISHED_AUDIO_PT, "0", NULL, NULL), &rtx) == audio && !rtx);
    CHECK(match(named(PUBLISHED_VIDEO_PT, "1", NULL, NULL), &rtx) == video && !rtx);
    CHECK(match(named(PUBLISHED_RTX_PT, "1", NULL, NULL), &rtx) == video && rtx);
    CHECK(!match(named(PUBLISHED_VIDEO_PT, "2", NULL, NULL), &rtx) && !rtx);
    CHECK(!match(named(PUBLISHED_VIDEO_PT, "0", NULL, NULL), &rtx));
    CHECK(!match(named(PUBLISHED_VIDEO_PT, NULL, NULL, NULL), &rtx));
    CHECK(!match(named(PUBLISHED_VIDEO_PT, "10", NULL, NULL), &rtx));
}

TEST(mid_and_rid_name_a_layer_of_simulcast) {
    begin();
    struct sotto_track_up *low = add(video_setup(0, 0), "1", "r0");
    struct sotto_track_up *high = add(video_setup(0, 0), "1", "r1");
    bool rtx;
    CHECK(match(named(PUBLISHED_VIDEO_PT, "1", "r0", NULL), &rtx) == low && !rtx);
    CHECK(match(named(PUBLISHED_VIDEO_PT, "1", "r1", NULL), &rtx) == high && !rtx);
    CHECK(match(named(PUBLISHED_RTX_PT, "1", NULL, "r1"), &rtx) == high && rtx);
    CHECK(!match(named(PUBLISHED_VIDEO_PT, "1", "r2", NULL), &rtx));
    CHECK(!match(named(PUBLISHED_VIDEO_PT, "1", NULL, NULL), &rtx));
    // The name of the other kind of stream does not count.
    CHECK(!match(named(PUBLISHED_VIDEO_PT, "1", NULL, "r1"), &rtx));
    CHECK(!match(named(PUBLISHED_RTX_PT, "1", "r1", NULL), &rtx));
}

TEST(a_rid_alone_counts_if_one_track_has_it) {
    begin();
    struct sotto_track_up *camera = add(video_setup(0, 0), "1", "r0");
    bool rtx;
    CHECK(match(named(PUBLISHED_VIDEO_PT, NULL, "r0", NULL), &rtx) == camera && !rtx);
    CHECK(match(named(PUBLISHED_RTX_PT, NULL, NULL, "r0"), &rtx) == camera && rtx);
    // Another producer with the same rid: nobody can tell.
    struct sotto_track_up *share = add(video_setup(0, 0), "2", "r0");
    CHECK(!match(named(PUBLISHED_VIDEO_PT, NULL, "r0", NULL), &rtx) && !rtx);
    CHECK(match(named(PUBLISHED_VIDEO_PT, "2", "r0", NULL), &rtx) == share);
}

TEST(a_payload_type_that_was_not_negotiated_names_nothing) {
    begin();
    (void)add(video_setup(0, 0), "1", "");
    bool rtx;
    CHECK(!match(named(ROUTER_VIDEO_PT, "1", NULL, NULL), &rtx));
}

TEST(the_round_trip_is_smoothed_and_bounded) {
    begin();
    CHECK_EQ(sotto_peer_round_trip_ms(&peer), SOTTO_ROUND_TRIP_MS_DEFAULT);
    sotto_peer_add_round_trip(&peer, 40000);
    CHECK_EQ(sotto_peer_round_trip_ms(&peer), 40);
    sotto_peer_add_round_trip(&peer, 120000);
    CHECK_EQ(sotto_peer_round_trip_ms(&peer), 50);
    for (int i = 0; i < 200; i++)
        sotto_peer_add_round_trip(&peer, 0);
    CHECK_EQ(sotto_peer_round_trip_ms(&peer) <= 2 * SOTTO_ROUND_TRIP_MS_MIN, true);
    for (int i = 0; i < 200; i++)
        sotto_peer_add_round_trip(&peer, UINT64_MAX);
    CHECK(sotto_peer_round_trip_ms(&peer) <= SOTTO_ROUND_TRIP_MS_MAX);
    CHECK(sotto_peer_round_trip_ms(&peer) > SOTTO_ROUND_TRIP_MS_MAX - 20);
}

TEST(reports_begin_with_the_first_track_and_survive_its_end) {
    begin();
    static struct sotto_track_down downs[3];
    memset(downs, 0, sizeof downs);
    sotto_peer_begin_reports(&peer);
    CHECK(!peer.receiver_report_due && !peer.sender_reports_due);
    for (int i = 0; i < 3; i++)
        sotto_list_add(&peer.track_downs, &downs[i].of_peer);
    sotto_peer_begin_reports(&peer);
    CHECK(peer.sender_reports_due && peer.next_reported == &downs[0]);
    sotto_peer_forget_track_down(&peer, &downs[1]);
    CHECK(peer.next_reported == &downs[0]);
    sotto_peer_forget_track_down(&peer, &downs[0]);
    CHECK(peer.next_reported == &downs[1]);
    sotto_peer_forget_track_down(&peer, &downs[1]);
    sotto_peer_forget_track_down(&peer, &downs[2]);
    CHECK(!peer.next_reported);
}

int main(void) {
    RUN(a_mid_names_a_track_with_one_encoding);
    RUN(mid_and_rid_name_a_layer_of_simulcast);
    RUN(a_rid_alone_counts_if_one_track_has_it);
    RUN(a_payload_type_that_was_not_negotiated_names_nothing);
    RUN(the_round_trip_is_smoothed_and_bounded);
    RUN(reports_begin_with_the_first_track_and_survive_its_end);
    free(memory);
    return 0;
}
