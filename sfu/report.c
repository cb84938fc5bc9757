#include "sfu/report.h"

#include "core/assert.h"
#include "proto/rtcp_feedback.h"
#include "sfu/label.h"

enum {
    FEEDBACK_SIZE = 12, // header, sender's and media source's SSRC; all of a PLI
    NACK_ITEM_SIZE = 4,
    // Sequence numbers in one NACK; each may need an item of its own.
    NACK_COUNT = 64,
    SENDER_REPORT_SIZE = 28,
    SDES_SIZE_WITHOUT_CNAME = 4 + 4 + 2 + 4, // header, SSRC, item header, up to 4 zeros
};

static size_t room(const struct sotto_writer *writer) {
    return SOTTO_RTCP_PACKET_SIZE_MAX - writer->offset;
}

static void write_sdes(struct sotto_writer *writer, uint32_t ssrc, const char *cname) {
    sotto_rtcp_write_sdes(writer, ssrc, (const uint8_t *)cname, sotto_label_size(cname));
}

// How much the publisher's tracks may send together: libwebrtc takes the newest REMB for all of
// them.
static void write_bandwidth(struct sotto_peer *peer, uint64_t now_us, struct sotto_writer *writer) {
    uint32_t ssrcs[SOTTO_PEER_TRACK_UP_COUNT_MAX];
    size_t count = 0;
    uint64_t bitrate_bps = 0;
    for (struct sotto_list_node *node = peer->track_ups.first; node; node = node->next) {
        struct sotto_track_up *track = SOTTO_LIST_ELEMENT(node, struct sotto_track_up, of_peer);
        if (!track->setup.remb || track->counters.packet_count == 0)
            continue;
        bool starts = now_us - track->started_us < (uint64_t)SOTTO_REMB_START_MS * 1000;
        bitrate_bps += starts ? SOTTO_REMB_START_BPS : SOTTO_REMB_BPS;
        ssrcs[count++] = track->ssrc;
    }
    if (count > 0)
        sotto_rtcp_write_remb(writer, peer->setup.rtcp_ssrc, bitrate_bps, ssrcs, count);
}

static void write_receiver_report(struct sotto_peer *peer, uint64_t now_us,
                                  struct sotto_writer *writer) {
    struct sotto_rtcp_report report = {.ssrc = peer->setup.rtcp_ssrc};
    if (peer->receiver_report_due) {
        for (struct sotto_list_node *node = peer->track_ups.first; node; node = node->next) {
            struct sotto_track_up *track =
                SOTTO_LIST_ELEMENT(node, struct sotto_track_up, of_peer);
            struct sotto_rtcp_report_block *block = &report.blocks[report.block_count];
            if (sotto_rtp_receive_stats_poll_block(&track->stats, now_us, block))
                report.block_count++;
        }
    }
    sotto_rtcp_write_report(writer, &report);
    write_sdes(writer, peer->setup.rtcp_ssrc, peer->setup.cname);
    if (peer->receiver_report_due)
        write_bandwidth(peer, now_us, writer);
}

// What one track needs, as far as there is room. False if something had to wait.
static bool write_feedback(struct sotto_peer *peer, struct sotto_track_up *track, uint64_t now_us,
                           struct sotto_writer *writer) {
    if (room(writer) < 2 * FEEDBACK_SIZE + NACK_ITEM_SIZE)
        return false;
    if (sotto_track_up_poll_key_frame_request(track, now_us)) {
        struct sotto_rtcp_pli pli = {.sender_ssrc = peer->setup.rtcp_ssrc,
                                     .media_ssrc = track->ssrc};
        sotto_rtcp_write_pli(writer, &pli);
    }
    size_t capacity = (room(writer) - FEEDBACK_SIZE) / NACK_ITEM_SIZE;
    if (capacity > NACK_COUNT)
        capacity = NACK_COUNT;
    uint16_t sequences[NACK_COUNT];
    size_t count = sotto_track_up_poll_nack(track, now_us, sotto_peer_round_trip_ms(peer),
                                            sequences, capacity);
    if (count > 0)
        sotto_rtcp_write_nack(writer, peer->setup.rtcp_ssrc, track->ssrc, sequences, count);
    return count < capacity;
}

bool sotto_report_write_to_publisher(struct sotto_peer *peer, uint64_t now_us,
                                     struct sotto_writer *writer) {
    bool report = peer->receiver_report_due;
    if (!report && !peer->feedback_due)
        return false;
    if (report || !peer->setup.reduced_size)
        write_receiver_report(peer, now_us, writer);
    peer->receiver_report_due = false;
    size_t without_feedback = writer->offset;
    bool done = true;
    for (struct sotto_list_node *node = peer->track_ups.first; node && done; node = node->next)
        done = write_feedback(peer, SOTTO_LIST_ELEMENT(node, struct sotto_track_up, of_peer),
                              now_us, writer);
    peer->feedback_due = !done;
    SOTTO_ASSERT(!writer->failed);
    if (!report && writer->offset == without_feedback) {
        writer->offset = 0;
        return false;
    }
    return true;
}

bool sotto_report_write_to_subscriber(struct sotto_peer *peer, uint64_t ntp_now,
                                      struct sotto_writer *writer) {
    while (peer->next_reported) {
        struct sotto_track_down *track = peer->next_reported;
        size_t needed =
            SENDER_REPORT_SIZE + SDES_SIZE_WITHOUT_CNAME + sotto_label_size(track->cname);
        if (room(writer) < needed)
            break;
        sotto_peer_forget_track_down(peer, track);
        struct sotto_rtcp_report report;
        if (!sotto_track_down_poll_report(track, &track->up->peer->clock, ntp_now, &report))
            continue;
        sotto_rtcp_write_report(writer, &report);
        write_sdes(writer, track->ssrc, track->cname);
    }
    peer->sender_reports_due = peer->next_reported != NULL;
    SOTTO_ASSERT(!writer->failed);
    return writer->offset > 0;
}
