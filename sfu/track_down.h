// One subscription: a published track as one peer receives it, under SSRCs, numbers, payload types
// and header extension ids of its own (RFC 3550, RFC 4588, RFC 8285). Begins paused.
#ifndef SOTTO_SFU_TRACK_DOWN_H
#define SOTTO_SFU_TRACK_DOWN_H

#include "core/result.h"
#include "core/writer.h"
#include "proto/rtcp.h"
#include "sfu/limits.h"
#include "sfu/list.h"
#include "sfu/packet.h"
#include "sfu/packet_header.h"
#include "sfu/packet_map.h"
#include "sfu/resend_limit.h"
#include "sfu/slots.h"
#include "sfu/track_up.h"

// What negotiation found out. Payload types of media are the router's everywhere. Texts are
// zero-terminated.
struct sotto_track_down_setup {
    uint32_t ssrc;            // not 0
    uint32_t rtx_ssrc;        // 0: the subscriber takes no retransmissions, and gets none
    uint8_t rtx_payload_type; // with rtx_ssrc
    // Random, as RFC 3550 wants. The sequence numbers lose their top bit: a subscriber that misses
    // the first packets then still guesses SRTP's roll-over counter (RFC 3711, section 3.3.1).
    uint16_t first_sequence;
    uint16_t rtx_first_sequence;
    uint32_t first_timestamp;
    struct sotto_extension_ids extension_ids; // the subscriber's, of the one-byte form
    char mid[SOTTO_MID_SIZE_MAX + 1];         // empty: none is written
    char cname[SOTTO_CNAME_SIZE_MAX + 1];     // not empty
};

struct sotto_track_down_counters {
    uint64_t packet_count; // sent for the first time
    uint64_t payload_size; // in bytes, of those
    uint64_t resent_count;
    uint64_t resent_size;
    uint64_t nack_count;      // sequence numbers that the subscriber asked for
    uint64_t refused_count;   // of those, not sent again: too old, too soon or too many
    uint64_t key_frame_request_count; // PLI and FIR
    int32_t cumulative_lost;  // of the subscriber's last report, with those below
    uint32_t jitter;          // in units of the RTP clock
    uint8_t fraction_lost;    // of 256
};

// Owned by the meeting; `counters` may be read, the rest is private to the layer.
struct sotto_track_down {
    // What every packet needs comes first.
    struct sotto_list_node of_up;
    struct sotto_track_up *up; // borrowed; NULL once the track ended
    struct sotto_peer *peer;   // the owner, while the track lives
    uint64_t source_first;     // of the up track, as the numbers stand; 0 for another source
    uint32_t ssrc;
    uint32_t rtx_ssrc;
    bool paused;
    bool report_soon; // the next packet calls for a sender report
    bool awaits_key_frame;
    uint8_t rtx_payload_type;
    struct sotto_packet_header_format format;
    struct sotto_track_down_counters counters;
    uint64_t reported_count; // packet_count as of the last sender report
    uint64_t rtx_sequence;   // of the next retransmission
    uint64_t awaits_until_us; // 0 until the first packet before the key frame is left out
    struct sotto_packet_map map;
    struct sotto_resend_limit resend_limit;
    struct sotto_list_node of_peer;
    struct sotto_list_node of_events;
    struct sotto_handle handle;
    struct sotto_handle owner;
    char cname[SOTTO_CNAME_SIZE_MAX + 1];
};

// Links, handles, peer and up track are left for the meeting to set. `clock_rate_hz` is the up
// track's.
void sotto_track_down_init(struct sotto_track_down *track,
                           const struct sotto_track_down_setup *setup, uint32_t clock_rate_hz,
                           uint64_t now_us);

// The next packet begins where the pause began.
void sotto_track_down_pause(struct sotto_track_down *track);
// Asks the publisher for a key frame, and leaves out what comes before it, for up to
// SOTTO_KEYFRAME_WAIT_MS from the first such packet.
void sotto_track_down_resume(struct sotto_track_down *track);

// Writes `packet`, of the up track, as this subscriber gets it. False, with nothing written, if it
// is left out: padding, a pause, what comes before the key frame, or a source that was left behind.
// Needs room for SOTTO_RTP_PACKET_SIZE_MAX bytes.
SOTTO_MUST_USE bool sotto_track_down_write(struct sotto_track_down *track, uint64_t now_us,
                                           const struct sotto_packet *packet,
                                           struct sotto_writer *writer);

// Books a retransmission of a packet that the subscriber misses. True, with the publisher's number
// of it, if it may go out; the caller then calls sotto_track_down_write_rtx once.
SOTTO_MUST_USE bool sotto_track_down_take_nack(struct sotto_track_down *track, uint64_t now_us,
                                               uint32_t round_trip_ms, uint16_t sequence,
                                               uint64_t *incoming_sequence);

// Writes `packet` once more, as a retransmission (RFC 4588). `sequence` is what the subscriber
// asked for. False, with nothing written, if the source has changed since.
SOTTO_MUST_USE bool sotto_track_down_write_rtx(struct sotto_track_down *track, uint64_t now_us,
                                               const struct sotto_packet *packet,
                                               uint16_t sequence, struct sotto_writer *writer);

// What a sender report sent at `ntp_now` says. False, with `report` all zero, if there is nothing
// to say: no packet since the last one, or no report of the publisher to take the time from.
SOTTO_MUST_USE bool sotto_track_down_poll_report(struct sotto_track_down *track,
                                                 const struct sotto_lip_sync_clock *clock,
                                                 uint64_t ntp_now,
                                                 struct sotto_rtcp_report *report);

#endif
