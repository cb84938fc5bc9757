#include "sfu/meeting.h"

#include "core/assert.h"
#include "core/writer.h"
#include "proto/ntp.h"
#include "proto/rtp.h"
#include "proto/rtp_extension.h"
#include "sfu/report.h"

enum {
    US_PER_MS = 1000,
};

static bool may_learn(const struct sotto_track_up *track, bool rtx, uint64_t now_us) {
    uint32_t known = rtx ? track->rtx_ssrc : track->ssrc;
    return known == 0 || !track->learned ||
           now_us - track->learned_us >= SOTTO_LEARN_INTERVAL_MS * UINT64_C(1000);
}

// The track of a packet whose SSRC is new, bound to it from now on. NULL if none fits.
static struct sotto_track_up *learn(struct sotto_meeting *meeting, uint64_t now_us,
                                    struct sotto_peer *peer, const struct sotto_rtp_packet *packet,
                                    bool *rtx) {
    struct sotto_track_up *track = sotto_peer_match(peer, packet, rtx);
    if (!track || packet->ssrc == 0 || !may_learn(track, *rtx, now_us))
        return NULL;
    uint32_t owner = sotto_meeting_up_owner(peer);
    uint32_t known = *rtx ? track->rtx_ssrc : track->ssrc;
    if (known != 0)
        sotto_ssrc_table_remove(&meeting->ssrcs, owner, known);
    struct sotto_ssrc_entry entry = {.use = SOTTO_SSRC_TRACK_UP,
                                     .owner = owner,
                                     .ssrc = packet->ssrc,
                                     .track = track->handle.slot};
    if (*rtx)
        entry.use = SOTTO_SSRC_TRACK_UP_RTX;
    bool added = sotto_ssrc_table_add(&meeting->ssrcs, &entry);
    SOTTO_ASSERT(added); // the table has room for both SSRCs of every track
    sotto_track_up_bind(track, packet->ssrc, *rtx);
    track->learned = true;
    track->learned_us = now_us;
    track->bound = true;
    sotto_list_add(&meeting->track_up_events, &track->of_events);
    return track;
}

static struct sotto_track_up *find_track_up(struct sotto_meeting *meeting, uint64_t now_us,
                                            struct sotto_peer *peer,
                                            const struct sotto_rtp_packet *packet, bool *rtx) {
    struct sotto_ssrc_entry entry =
        sotto_ssrc_table_find(&meeting->ssrcs, sotto_meeting_up_owner(peer), packet->ssrc);
    *rtx = entry.use == SOTTO_SSRC_TRACK_UP_RTX;
    if (entry.use == SOTTO_SSRC_UNKNOWN)
        return learn(meeting, now_us, peer, packet, rtx);
    return &meeting->track_ups[entry.track];
}

bool sotto_meeting_expects(const struct sotto_meeting *meeting, struct sotto_handle handle,
                           const uint8_t *data, size_t size) {
    const struct sotto_peer *peer = sotto_meeting_find_peer(meeting, handle);
    struct sotto_rtp_packet packet;
    if (!peer || !sotto_rtp_parse_header(&packet, data, size))
        return false;
    struct sotto_ssrc_entry entry =
        sotto_ssrc_table_find(&meeting->ssrcs, sotto_meeting_up_owner(peer), packet.ssrc);
    bool rtx;
    return entry.use != SOTTO_SSRC_UNKNOWN || sotto_peer_match(peer, &packet, &rtx) != NULL;
}

static void note_audio_level(struct sotto_meeting *meeting, uint64_t now_us,
                             const struct sotto_track_up *track,
                             const struct sotto_packet_extensions *extensions) {
    enum { LEVEL = 0x7F };
    if (!extensions->has_audio_level || track->setup.kind != SOTTO_MEDIA_AUDIO)
        return;
    sotto_speaker_handle_level(&meeting->speaker, now_us, track->handle.slot,
                               extensions->audio_level & LEVEL);
    sotto_meeting_wake_at(meeting, sotto_speaker_poll_timeout(&meeting->speaker));
}

void sotto_meeting_handle_rtp(struct sotto_meeting *meeting, uint64_t now_us,
                              struct sotto_handle handle, const uint8_t *data, size_t size) {
    meeting->counters.rtp_count++;
    struct sotto_peer *peer = sotto_meeting_find_peer(meeting, handle);
    if (!peer) {
        meeting->counters.stale_count++;
        return;
    }
    struct sotto_rtp_packet packet;
    if (size > SOTTO_RTP_PACKET_SIZE_MAX || !sotto_rtp_parse(&packet, data, size)) {
        meeting->counters.malformed_count++;
        return;
    }
    bool rtx;
    struct sotto_track_up *track = find_track_up(meeting, now_us, peer, &packet, &rtx);
    if (!track) {
        meeting->counters.unknown_ssrc_count++;
        return;
    }
    uint64_t sequence;
    struct sotto_packet_extensions extensions;
    bool fresh =
        sotto_track_up_handle_packet(track, now_us, &packet, rtx, &sequence, &extensions);
    sotto_meeting_schedule_feedback(meeting, track, now_us);
    if (!fresh)
        return;
    note_audio_level(meeting, now_us, track, &extensions);
    if (track->track_downs.first && !sotto_fan_out_add(&meeting->fan_out, track, sequence))
        meeting->counters.fan_out_full_count++;
}

void sotto_meeting_handle_rtcp(struct sotto_meeting *meeting, uint64_t now_us,
                               struct sotto_handle handle, const uint8_t *data, size_t size) {
    meeting->counters.rtcp_count++;
    struct sotto_peer *peer = sotto_meeting_find_peer(meeting, handle);
    if (peer)
        sotto_meeting_route_rtcp(meeting, now_us, peer, data, size);
    else
        meeting->counters.stale_count++;
}

uint64_t sotto_meeting_poll_timeout(const struct sotto_meeting *meeting) {
    return meeting->due_us;
}

static void handle_peer_timeout(struct sotto_meeting *meeting, struct sotto_peer *peer,
                                uint64_t now_us) {
    if (now_us >= peer->report_us) {
        sotto_peer_begin_reports(peer);
        sotto_meeting_queue_rtcp(meeting, peer);
        peer->report_us = now_us + SOTTO_REPORT_INTERVAL_MS * UINT64_C(1000);
    }
    // A peer without tracks needs no timer; adding one sets it.
    if (peer->track_ups.first || peer->track_downs.first)
        sotto_meeting_wake_at(meeting, peer->report_us);
    for (struct sotto_list_node *node = peer->track_ups.first; node; node = node->next)
        sotto_meeting_schedule_feedback(
            meeting, SOTTO_LIST_ELEMENT(node, struct sotto_track_up, of_peer), now_us);
}

void sotto_meeting_handle_timeout(struct sotto_meeting *meeting, uint64_t now_us) {
    if (now_us < meeting->due_us)
        return;
    meeting->due_us = UINT64_MAX;
    for (struct sotto_list_node *node = meeting->live_peers.first; node; node = node->next)
        handle_peer_timeout(meeting, SOTTO_LIST_ELEMENT(node, struct sotto_peer, of_meeting),
                            now_us);
    sotto_speaker_handle_timeout(&meeting->speaker, now_us);
    sotto_meeting_wake_at(meeting, sotto_speaker_poll_timeout(&meeting->speaker));
    uint64_t earliest_us = now_us + SOTTO_MEETING_TICK_MS * US_PER_MS;
    if (meeting->due_us < earliest_us)
        meeting->due_us = earliest_us;
}

// What the packet that was just written to a publisher leaves to be done later.
static void plan_feedback(struct sotto_meeting *meeting, struct sotto_peer *peer,
                          uint64_t now_us) {
    for (struct sotto_list_node *node = peer->track_ups.first; node; node = node->next) {
        struct sotto_track_up *track = SOTTO_LIST_ELEMENT(node, struct sotto_track_up, of_peer);
        sotto_meeting_schedule_feedback(meeting, track, now_us);
        if (track->key_frame_requested)
            sotto_list_add(&meeting->track_up_events, &track->of_events);
    }
}

static bool poll_rtcp(struct sotto_meeting *meeting, uint64_t now_us, struct sotto_writer *writer,
                      struct sotto_meeting_transmit *transmit) {
    while (meeting->rtcp_peers.first) {
        uint64_t ntp_now = sotto_ntp_from_us(now_us, meeting->unix_offset_us);
        struct sotto_peer *peer =
            SOTTO_LIST_ELEMENT(meeting->rtcp_peers.first, struct sotto_peer, of_rtcp);
        bool to_publisher = sotto_report_write_to_publisher(peer, now_us, writer);
        if (to_publisher)
            plan_feedback(meeting, peer, now_us);
        if (to_publisher ||
            (peer->sender_reports_due && sotto_report_write_to_subscriber(peer, ntp_now, writer))) {
            *transmit = (struct sotto_meeting_transmit){
                .peer = peer->handle, .to_publisher = to_publisher, .rtcp = true};
            return true;
        }
        sotto_list_remove(&meeting->rtcp_peers, &peer->of_rtcp);
    }
    return false;
}

static bool poll_forwarded(struct sotto_meeting *meeting, uint64_t now_us,
                           struct sotto_writer *writer, struct sotto_meeting_transmit *transmit) {
    struct sotto_track_down *track;
    uint64_t sequence;
    while (sotto_fan_out_next(&meeting->fan_out, &track, &sequence)) {
        struct sotto_packet packet;
        if (!sotto_packet_cache_find(&track->up->cache, sequence, &packet) ||
            !sotto_track_down_write(track, now_us, &packet, writer))
            continue;
        if (track->report_soon) {
            track->report_soon = false;
            sotto_meeting_hasten_reports(meeting, track->peer, now_us);
        }
        transmit->peer = track->peer->handle;
        return true;
    }
    return false;
}

static bool poll_resent(struct sotto_meeting *meeting, uint64_t now_us,
                        struct sotto_writer *writer, struct sotto_meeting_transmit *transmit) {
    struct sotto_resend_entry entry;
    while (sotto_resend_queue_next(&meeting->resend_queue, &entry)) {
        struct sotto_packet packet;
        if (!sotto_packet_cache_find(&entry.track->up->cache, entry.incoming_sequence, &packet) ||
            !sotto_track_down_write_rtx(entry.track, now_us, &packet, entry.sequence, writer))
            continue;
        transmit->peer = entry.track->peer->handle;
        return true;
    }
    return false;
}

bool sotto_meeting_poll_transmit(struct sotto_meeting *meeting, uint64_t now_us, uint8_t *packet,
                                 size_t capacity, struct sotto_meeting_transmit *transmit) {
    SOTTO_ASSERT(capacity >= SOTTO_RTP_PACKET_SIZE_MAX);
    *transmit = (struct sotto_meeting_transmit){0};
    struct sotto_writer writer;
    sotto_writer_init(&writer, packet, capacity);
    if (!poll_rtcp(meeting, now_us, &writer, transmit) &&
        !poll_forwarded(meeting, now_us, &writer, transmit) &&
        !poll_resent(meeting, now_us, &writer, transmit))
        return false;
    transmit->size = writer.offset;
    if (transmit->rtcp)
        meeting->counters.sent_rtcp_count++;
    else
        meeting->counters.sent_rtp_count++;
    return true;
}
