// A meeting in a test: memory of exactly the size asked for, short ways to add peers and tracks,
// and everything that the meeting wants to send, collected.
#ifndef SOTTO_TESTS_SFU_MEETING_HARNESS_H
#define SOTTO_TESTS_SFU_MEETING_HARNESS_H

#include "proto/rtcp_feedback.h"
#include "sfu/meeting.h"
#include "tests/sfu/packets.h"

enum {
    HARNESS_PEERS = 8,
    HARNESS_UPS = 12,
    HARNESS_DOWNS = 24,
    HARNESS_SENT_MAX = 4096,
};

struct harness_sent {
    struct sotto_meeting_transmit transmit;
    uint8_t bytes[SOTTO_RTP_PACKET_SIZE_MAX];
};

static struct sotto_meeting meeting;
static void *meeting_memory;
static void *caches[64]; // handed out and not yet given back
static uint64_t now_us;
static struct harness_sent *sent;
static size_t sent_count;

static inline void *harness_cache(enum sotto_media_kind kind) {
    for (size_t i = 0; i < 64; i++)
        if (!caches[i]) {
            caches[i] = malloc(sotto_track_up_memory_size(kind));
            CHECK(caches[i]);
            return caches[i];
        }
    check_fail(__FILE__, __LINE__, "too many caches");
}

static inline void harness_give_back(void *cache) {
    for (size_t i = 0; i < 64; i++)
        if (caches[i] == cache) {
            free(cache);
            caches[i] = NULL;
            return;
        }
    check_fail(__FILE__, __LINE__, "a cache that was never handed out");
}

static inline size_t harness_cache_count(void) {
    size_t count = 0;
    for (size_t i = 0; i < 64; i++)
        count += caches[i] != NULL;
    return count;
}

static inline void harness_end(void) {
    for (size_t i = 0; i < 64; i++)
        free(caches[i]);
    memset(caches, 0, sizeof caches);
    free(meeting_memory);
    free(sent);
    meeting_memory = NULL;
    sent = NULL;
}

static inline void harness_begin(void) {
    harness_end();
    struct sotto_meeting_setup setup = {.peer_count_max = HARNESS_PEERS,
                                        .track_up_count_max = HARNESS_UPS,
                                        .track_down_count_max = HARNESS_DOWNS,
                                        .unix_offset_us = 1800000000 * INT64_C(1000000),
                                        .seed = 0x5EED};
    size_t size = sotto_meeting_memory_size(&setup);
    meeting_memory = malloc(size);
    sent = malloc(HARNESS_SENT_MAX * sizeof *sent);
    CHECK(meeting_memory && sent);
    memset(meeting_memory, 0xA5, size);
    sotto_meeting_init(&meeting, &setup, meeting_memory);
    now_us = 1000000;
    sent_count = 0;
}

static inline struct sotto_handle add_peer(void) {
    struct sotto_peer_setup setup = {.rtcp_ssrc = 0xFEED, .reduced_size = true, .cname = "server"};
    struct sotto_handle handle;
    CHECK_EQ(sotto_meeting_add_peer(&meeting, now_us, &setup, &handle), SOTTO_MEETING_OK);
    return handle;
}

static inline struct sotto_handle publish(struct sotto_handle peer,
                                          const struct sotto_track_up_setup *setup) {
    struct sotto_handle handle;
    CHECK_EQ(sotto_meeting_add_track_up(&meeting, peer, setup, harness_cache(setup->kind), &handle),
             SOTTO_MEETING_OK);
    return handle;
}

static inline struct sotto_handle publish_video(struct sotto_handle peer, uint32_t ssrc) {
    struct sotto_track_up_setup setup = video_setup(ssrc, ssrc == 0 ? 0 : ssrc + 1);
    return publish(peer, &setup);
}

static inline struct sotto_handle publish_audio(struct sotto_handle peer, uint32_t ssrc) {
    struct sotto_track_up_setup setup = audio_setup(ssrc);
    return publish(peer, &setup);
}

static inline struct sotto_track_down_setup down_setup(uint32_t ssrc) {
    return (struct sotto_track_down_setup){
        .ssrc = ssrc,
        .rtx_ssrc = ssrc + 1,
        .rtx_payload_type = ROUTER_RTX_PT,
        .first_sequence = (uint16_t)(ssrc * 7),
        .rtx_first_sequence = (uint16_t)(ssrc * 11),
        .first_timestamp = ssrc * 13,
        .extension_ids = router_ids(),
        .mid = "5",
        .cname = "publisher",
    };
}

static inline struct sotto_handle subscribe_paused(struct sotto_handle peer,
                                                   struct sotto_handle track_up, uint32_t ssrc) {
    struct sotto_track_down_setup setup = down_setup(ssrc);
    struct sotto_handle handle;
    CHECK_EQ(sotto_meeting_add_track_down(&meeting, now_us, peer, track_up, &setup, &handle),
             SOTTO_MEETING_OK);
    return handle;
}

static inline struct sotto_handle subscribe(struct sotto_handle peer, struct sotto_handle track_up,
                                            uint32_t ssrc) {
    struct sotto_handle handle = subscribe_paused(peer, track_up, ssrc);
    CHECK_EQ(sotto_meeting_resume_track_down(&meeting, now_us, handle), SOTTO_MEETING_OK);
    return handle;
}

// Everything that is to be sent now, in place of what was collected before.
static inline void pull(void) {
    sent_count = 0;
    if (sotto_meeting_poll_timeout(&meeting) <= now_us)
        sotto_meeting_handle_timeout(&meeting, now_us);
    for (;;) {
        CHECK(sent_count < HARNESS_SENT_MAX);
        struct harness_sent *next = &sent[sent_count];
        if (!sotto_meeting_poll_transmit(&meeting, now_us, next->bytes, sizeof next->bytes,
                                         &next->transmit))
            return;
        CHECK(next->transmit.size > 0);
        sent_count++;
    }
}

static inline void feed(struct sotto_handle peer, struct packet *packet) {
    packet_finish(packet);
    sotto_meeting_handle_rtp(&meeting, now_us, peer, packet->bytes, packet->size);
}

static inline struct sotto_meeting_event next_event(void) {
    struct sotto_meeting_event event;
    CHECK(sotto_meeting_poll_event(&meeting, &event));
    return event;
}

static inline void check_no_event(void) {
    struct sotto_meeting_event event;
    memset(&event, 0xA5, sizeof event);
    CHECK(!sotto_meeting_poll_event(&meeting, &event));
    CHECK_EQ(event.track.generation, 0);
    CHECK(!event.memory);
}

// A packet of a video track, a key frame of its own, so that it can be the first.
static inline void feed_video(struct sotto_handle peer, uint32_t ssrc, uint16_t sequence) {
    static const uint8_t key_frame[] = {0x10, 0x00, 'k'};
    struct packet packet = packet_begin(PUBLISHED_VIDEO_PT, ssrc, sequence);
    packet.payload = key_frame;
    packet.payload_size = sizeof key_frame;
    feed(peer, &packet);
}

static inline void feed_audio(struct sotto_handle peer, uint32_t ssrc, uint16_t sequence,
                              int level) {
    struct packet packet = packet_begin(PUBLISHED_AUDIO_PT, ssrc, sequence);
    packet.timestamp = sequence * 960U;
    packet.audio_level = level;
    packet.payload = (const uint8_t *)"opus";
    packet.payload_size = 4;
    feed(peer, &packet);
}

// RTP packets collected for a peer, optionally of one SSRC (0: all).
static inline size_t count_rtp(struct sotto_handle peer, uint32_t ssrc) {
    size_t count = 0;
    for (size_t i = 0; i < sent_count; i++) {
        struct sotto_rtp_packet packet;
        if (sent[i].transmit.rtcp || !sotto_handle_equal(sent[i].transmit.peer, peer))
            continue;
        CHECK(sotto_rtp_parse(&packet, sent[i].bytes, sent[i].transmit.size));
        count += ssrc == 0 || packet.ssrc == ssrc;
    }
    return count;
}

// The only RTP packet that was collected for a peer.
static inline struct sotto_rtp_packet only_rtp(struct sotto_handle peer) {
    struct sotto_rtp_packet packet = {0};
    CHECK_EQ(count_rtp(peer, 0), 1);
    for (size_t i = 0; i < sent_count; i++)
        if (!sent[i].transmit.rtcp && sotto_handle_equal(sent[i].transmit.peer, peer))
            CHECK(sotto_rtp_parse(&packet, sent[i].bytes, sent[i].transmit.size));
    return packet;
}

// RTCP packets of one kind that were collected for one side of a peer.
static inline size_t count_rtcp(struct sotto_handle peer, bool to_publisher,
                                enum sotto_rtcp_kind kind) {
    size_t count = 0;
    for (size_t i = 0; i < sent_count; i++) {
        const struct sotto_meeting_transmit *transmit = &sent[i].transmit;
        if (!transmit->rtcp || transmit->to_publisher != to_publisher ||
            !sotto_handle_equal(transmit->peer, peer))
            continue;
        struct sotto_rtcp_compound compound;
        struct sotto_rtcp_packet packet;
        sotto_rtcp_compound_init(&compound, sent[i].bytes, transmit->size);
        while (sotto_rtcp_compound_next(&compound, &packet))
            count += packet.kind == kind;
        CHECK(!compound.malformed);
    }
    return count;
}

static inline void feed_rtcp(struct sotto_handle peer, const struct sotto_writer *writer) {
    CHECK(!writer->failed);
    sotto_meeting_handle_rtcp(&meeting, now_us, peer, writer->data, writer->offset);
}

static inline void feed_pli(struct sotto_handle peer, uint32_t media_ssrc) {
    uint8_t bytes[64];
    struct sotto_writer writer;
    struct sotto_rtcp_pli pli = {.sender_ssrc = 1, .media_ssrc = media_ssrc};
    sotto_writer_init(&writer, bytes, sizeof bytes);
    sotto_rtcp_write_pli(&writer, &pli);
    feed_rtcp(peer, &writer);
}

static inline void feed_nack(struct sotto_handle peer, uint32_t media_ssrc, uint16_t first,
                             size_t count) {
    static uint8_t bytes[65536];
    static uint16_t sequences[65536];
    struct sotto_writer writer;
    for (size_t i = 0; i < count; i++)
        sequences[i] = (uint16_t)(first + i);
    sotto_writer_init(&writer, bytes, sizeof bytes);
    sotto_rtcp_write_nack(&writer, 1, media_ssrc, sequences, count);
    feed_rtcp(peer, &writer);
}

// A publisher's report: `timestamp` belongs to `ntp_time` on its clock.
static inline void feed_sender_report(struct sotto_handle peer, uint32_t ssrc, uint64_t ntp_time,
                                      uint32_t timestamp) {
    uint8_t bytes[64];
    struct sotto_writer writer;
    struct sotto_rtcp_report report = {
        .ssrc = ssrc,
        .has_sender_info = true,
        .sender_info = {.ntp_time = ntp_time, .rtp_timestamp = timestamp},
    };
    sotto_writer_init(&writer, bytes, sizeof bytes);
    sotto_rtcp_write_report(&writer, &report);
    feed_rtcp(peer, &writer);
}

#endif
