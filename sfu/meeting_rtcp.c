#include "sfu/meeting_state.h"

#include "proto/ntp.h"
#include "proto/rtcp.h"
#include "proto/rtcp_feedback.h"

// The track that a peer publishes under this SSRC; NULL if it is not its own.
static struct sotto_track_up *find_track_up(const struct sotto_meeting *meeting,
                                            const struct sotto_peer *peer, uint32_t ssrc) {
    struct sotto_ssrc_entry entry =
        sotto_ssrc_table_find(&meeting->ssrcs, sotto_meeting_up_owner(peer), ssrc);
    return entry.use == SOTTO_SSRC_TRACK_UP ? &meeting->track_ups[entry.track] : NULL;
}

// The track that a peer receives under this SSRC; NULL if it is not its own.
static struct sotto_track_down *find_track_down(const struct sotto_meeting *meeting,
                                                const struct sotto_peer *peer, uint32_t ssrc) {
    struct sotto_ssrc_entry entry =
        sotto_ssrc_table_find(&meeting->ssrcs, sotto_meeting_down_owner(peer), ssrc);
    return entry.use == SOTTO_SSRC_TRACK_DOWN ? &meeting->track_downs[entry.track] : NULL;
}

static void handle_sender_info(struct sotto_meeting *meeting, uint64_t now_us,
                               struct sotto_peer *peer, const struct sotto_rtcp_report *report) {
    struct sotto_track_up *track = find_track_up(meeting, peer, report->ssrc);
    if (!track)
        return;
    const struct sotto_rtcp_sender_info *info = &report->sender_info;
    bool first = !track->lip_sync.known;
    sotto_rtp_receive_stats_handle_sender_report(&track->stats, info->ntp_time, now_us);
    sotto_lip_sync_handle_report(&peer->clock, &track->lip_sync,
                                 sotto_ntp_from_us(now_us, meeting->unix_offset_us),
                                 info->ntp_time, info->rtp_timestamp);
    if (!first)
        return;
    // Those who receive the track already wait for this to play it in sync.
    for (struct sotto_list_node *node = track->track_downs.first; node; node = node->next)
        SOTTO_LIST_ELEMENT(node, struct sotto_track_down, of_up)->report_soon = true;
}

static void handle_block(struct sotto_meeting *meeting, uint64_t now_us, struct sotto_peer *peer,
                         const struct sotto_rtcp_report_block *block) {
    struct sotto_track_down *track = find_track_down(meeting, peer, block->ssrc);
    if (!track)
        return;
    track->counters.fraction_lost = block->fraction_lost;
    track->counters.cumulative_lost = block->cumulative_lost;
    track->counters.jitter = block->jitter;
    uint64_t round_trip_us;
    if (sotto_ntp_round_trip(sotto_ntp_from_us(now_us, meeting->unix_offset_us),
                             block->last_sender_report, block->delay_since_last_sender_report,
                             &round_trip_us))
        sotto_peer_add_round_trip(peer, round_trip_us);
}

static void handle_report(struct sotto_meeting *meeting, uint64_t now_us, struct sotto_peer *peer,
                          const struct sotto_rtcp_packet *packet) {
    struct sotto_rtcp_report report;
    if (!sotto_rtcp_parse_report(packet, &report))
        return;
    if (report.has_sender_info)
        handle_sender_info(meeting, now_us, peer, &report);
    for (size_t i = 0; i < report.block_count; i++)
        handle_block(meeting, now_us, peer, &report.blocks[i]);
}

static void request_key_frame(struct sotto_meeting *meeting, uint64_t now_us,
                              struct sotto_peer *peer, uint32_t ssrc) {
    struct sotto_track_down *track = find_track_down(meeting, peer, ssrc);
    if (!track || track->paused)
        return;
    track->counters.key_frame_request_count++;
    sotto_track_up_request_key_frame(track->up);
    sotto_meeting_schedule_feedback(meeting, track->up, now_us);
}

static void handle_pli(struct sotto_meeting *meeting, uint64_t now_us, struct sotto_peer *peer,
                       const struct sotto_rtcp_packet *packet) {
    struct sotto_rtcp_pli pli;
    if (sotto_rtcp_parse_pli(packet, &pli))
        request_key_frame(meeting, now_us, peer, pli.media_ssrc);
}

static void handle_fir(struct sotto_meeting *meeting, uint64_t now_us, struct sotto_peer *peer,
                       const struct sotto_rtcp_packet *packet) {
    struct sotto_rtcp_fir fir;
    struct sotto_rtcp_fir_item item;
    if (!sotto_rtcp_parse_fir(packet, &fir))
        return;
    while (sotto_rtcp_fir_next(&fir, &item))
        request_key_frame(meeting, now_us, peer, item.media_ssrc);
}

// `budget`: how many sequence numbers this datagram may still make us look up.
static void handle_nack(struct sotto_meeting *meeting, uint64_t now_us, struct sotto_peer *peer,
                        const struct sotto_rtcp_packet *packet, size_t *budget) {
    struct sotto_rtcp_nack nack;
    if (!sotto_rtcp_parse_nack(packet, &nack))
        return;
    struct sotto_track_down *track = find_track_down(meeting, peer, nack.media_ssrc);
    if (!track)
        return;
    uint32_t round_trip_ms = sotto_peer_round_trip_ms(peer);
    struct sotto_resend_entry entry = {.track = track};
    while (*budget > 0 && sotto_rtcp_nack_next(&nack, &entry.sequence)) {
        (*budget)--;
        if (sotto_resend_queue_is_full(&meeting->resend_queue)) {
            meeting->counters.resend_full_count++;
            return;
        }
        if (sotto_track_down_take_nack(track, now_us, round_trip_ms, entry.sequence,
                                       &entry.incoming_sequence))
            sotto_resend_queue_add(&meeting->resend_queue, &entry);
    }
}

void sotto_meeting_route_rtcp(struct sotto_meeting *meeting, uint64_t now_us,
                              struct sotto_peer *peer, const uint8_t *data, size_t size) {
    struct sotto_rtcp_compound compound;
    struct sotto_rtcp_packet packet;
    size_t nack_budget = SOTTO_NACK_HANDLED_COUNT_MAX;
    sotto_rtcp_compound_init(&compound, data, size);
    while (sotto_rtcp_compound_next(&compound, &packet)) {
        switch (packet.kind) {
        case SOTTO_RTCP_SENDER_REPORT:
        case SOTTO_RTCP_RECEIVER_REPORT:
            handle_report(meeting, now_us, peer, &packet);
            break;
        case SOTTO_RTCP_NACK:
            handle_nack(meeting, now_us, peer, &packet, &nack_budget);
            break;
        case SOTTO_RTCP_PLI:
            handle_pli(meeting, now_us, peer, &packet);
            break;
        case SOTTO_RTCP_FIR:
            handle_fir(meeting, now_us, peer, &packet);
            break;
        default:
            // Who leaves is for signalling to say, so a BYE means nothing, of whatever SSRC; nor do
            // REMB and what is unknown.
            break;
        }
    }
    if (compound.malformed)
        meeting->counters.malformed_count++;
}
