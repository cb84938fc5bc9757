// One participant: the tracks it publishes, the tracks it receives, and what holds for all of them:
// its clock, its round trip, and when it gets RTCP.
#ifndef SOTTO_SFU_PEER_H
#define SOTTO_SFU_PEER_H

#include "proto/rtp.h"
#include "sfu/limits.h"
#include "sfu/lip_sync.h"
#include "sfu/list.h"
#include "sfu/rtp_parameters.h"
#include "sfu/slots.h"
#include "sfu/track_down.h"
#include "sfu/track_up.h"

struct sotto_peer_setup {
    uint32_t rtcp_ssrc; // ours, in reports and feedback to this peer
    bool reduced_size;  // it takes feedback without a report in front (RFC 5506)
    char cname[SOTTO_CNAME_SIZE_MAX + 1]; // ours, for rtcp_ssrc; zero-terminated, not empty
};

// Owned by the meeting; private to the layer.
struct sotto_peer {
    struct sotto_list_node of_meeting;
    struct sotto_list_node of_rtcp;
    struct sotto_list track_ups;
    struct sotto_list track_downs;
    struct sotto_handle handle;
    struct sotto_peer_setup setup;
    uint32_t track_up_count;
    struct sotto_lip_sync_clock clock;
    uint32_t round_trip_ms; // 0 while unknown
    uint64_t report_us;     // when reports are due next
    bool receiver_report_due;
    bool feedback_due;
    bool sender_reports_due;
    struct sotto_track_down *next_reported; // the first of those that are still due
};

// Links and handle are left for the meeting to set.
void sotto_peer_init(struct sotto_peer *peer, const struct sotto_peer_setup *setup);

uint32_t sotto_peer_round_trip_ms(const struct sotto_peer *peer);

// A measurement of the round trip, smoothed and kept within bounds.
void sotto_peer_add_round_trip(struct sotto_peer *peer, uint64_t round_trip_us);

// The track whose packet comes under an SSRC that is not known yet, told from MID and RID
// (RFC 9143, section 9.2; RFC 8852), and whether it is a retransmission. With a MID it must be that
// of the track; without one the RID must belong to a single track. NULL if none fits.
struct sotto_track_up *sotto_peer_match(const struct sotto_peer *peer,
                                        const struct sotto_rtp_packet *packet, bool *rtx);

// All reports of this peer are due.
void sotto_peer_begin_reports(struct sotto_peer *peer);

// The track ends: no report looks at it any more.
void sotto_peer_forget_track_down(struct sotto_peer *peer, struct sotto_track_down *track);

#endif
