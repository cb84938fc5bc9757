// What a meeting consists of, for the files that implement sfu/meeting.h. Nobody else looks inside.
#ifndef SOTTO_SFU_MEETING_STATE_H
#define SOTTO_SFU_MEETING_STATE_H

#include "sfu/fan_out.h"
#include "sfu/peer.h"
#include "sfu/resend_queue.h"
#include "sfu/slots.h"
#include "sfu/speaker.h"
#include "sfu/ssrc_table.h"
#include "sfu/track_down.h"
#include "sfu/track_up.h"

// What happened to packets, for metrics.
struct sotto_meeting_counters {
    uint64_t rtp_count;          // received
    uint64_t rtcp_count;         // received
    uint64_t stale_count;        // for a peer that is not there any more
    uint64_t malformed_count;    // neither RTP nor RTCP, or too large
    uint64_t unknown_ssrc_count; // of no track of the peer that sent it
    uint64_t fan_out_full_count; // not forwarded because the caller did not pull
    uint64_t resend_full_count;  // NACKs left for the subscriber to repeat
    uint64_t sent_rtp_count;
    uint64_t sent_rtcp_count;
};

struct sotto_meeting {
    struct sotto_peer *peers;             // these and the tables below lie in the caller's memory
    struct sotto_track_up *track_ups;     //
    struct sotto_track_down *track_downs; //
    struct sotto_slots peer_slots;
    struct sotto_slots track_up_slots;
    struct sotto_slots track_down_slots;
    struct sotto_ssrc_table ssrcs;
    struct sotto_speaker speaker;
    struct sotto_list live_peers;
    struct sotto_list rtcp_peers;        // with something to say to them
    struct sotto_list track_up_events;   // tracks with something to report
    struct sotto_list track_down_events; // tracks that ended
    struct sotto_fan_out fan_out;
    struct sotto_resend_queue resend_queue;
    struct sotto_meeting_counters counters;
    uint64_t due_us; // not later than any timer
    int64_t unix_offset_us;
};

// What a handle names; NULL if it is stale.
static inline struct sotto_peer *sotto_meeting_find_peer(const struct sotto_meeting *meeting,
                                                         struct sotto_handle handle) {
    bool live = sotto_slots_is_live(&meeting->peer_slots, handle);
    return live ? &meeting->peers[handle.slot] : NULL;
}

static inline struct sotto_track_up *
sotto_meeting_find_track_up(const struct sotto_meeting *meeting, struct sotto_handle handle) {
    bool live = sotto_slots_is_live(&meeting->track_up_slots, handle);
    return live ? &meeting->track_ups[handle.slot] : NULL;
}

static inline struct sotto_track_down *
sotto_meeting_find_track_down(const struct sotto_meeting *meeting, struct sotto_handle handle) {
    bool live = sotto_slots_is_live(&meeting->track_down_slots, handle);
    return live ? &meeting->track_downs[handle.slot] : NULL;
}

// The key of the SSRC table: a peer's own SSRCs and those it receives under do not meet.
static inline uint32_t sotto_meeting_up_owner(const struct sotto_peer *peer) {
    return peer->handle.slot * 2;
}

static inline uint32_t sotto_meeting_down_owner(const struct sotto_peer *peer) {
    return peer->handle.slot * 2 + 1;
}

// The peer will be asked for RTCP in sotto_meeting_poll_transmit.
static inline void sotto_meeting_queue_rtcp(struct sotto_meeting *meeting,
                                            struct sotto_peer *peer) {
    sotto_list_add(&meeting->rtcp_peers, &peer->of_rtcp);
}

static inline void sotto_meeting_wake_at(struct sotto_meeting *meeting, uint64_t due_us) {
    if (due_us < meeting->due_us)
        meeting->due_us = due_us;
}

// Looks at a track's NACK and key-frame timers: queues feedback that is due, and sets the timer for
// what is not.
static inline void sotto_meeting_schedule_feedback(struct sotto_meeting *meeting,
                                                   struct sotto_track_up *track, uint64_t now_us) {
    uint64_t due_us = sotto_track_up_poll_timeout(track);
    if (due_us > now_us) {
        sotto_meeting_wake_at(meeting, due_us);
        return;
    }
    track->peer->feedback_due = true;
    sotto_meeting_queue_rtcp(meeting, track->peer);
}

// Reports to the peer are due soon, because a track of it has news.
static inline void sotto_meeting_hasten_reports(struct sotto_meeting *meeting,
                                                struct sotto_peer *peer, uint64_t now_us) {
    uint64_t soon_us = now_us + SOTTO_REPORT_SOON_MS * UINT64_C(1000);
    if (soon_us < peer->report_us)
        peer->report_us = soon_us;
    sotto_meeting_wake_at(meeting, peer->report_us);
}

// RTCP from a peer, decrypted.
void sotto_meeting_route_rtcp(struct sotto_meeting *meeting, uint64_t now_us,
                              struct sotto_peer *peer, const uint8_t *data, size_t size);

#endif
