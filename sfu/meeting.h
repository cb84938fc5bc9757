// The forwarding of one meeting: what each peer publishes goes to those who subscribed to it, with
// repair, key frames on demand, reports in both directions and the active speaker. Sees packets
// between SRTP and SRTP; frames stay encrypted end to end.
//
// Driven from outside: handle_* takes what came in, handle_timeout the time, and after either the
// caller pulls poll_transmit and poll_event until they are empty, then asks poll_timeout when to
// come back. Up to SOTTO_FAN_OUT_COUNT_MAX packets may be handled before pulling; pulling once per
// received batch puts neighbours with equal destination into the output. Times are of one monotonic
// clock. Nothing is allocated, and nothing here is secret: there is no wipe.
//
// Peers and tracks are named by handles; one that is stale is refused, or counted for packets.
#ifndef SOTTO_SFU_MEETING_H
#define SOTTO_SFU_MEETING_H

#include "core/result.h"
#include "sfu/meeting_state.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sotto_meeting_setup {
    uint32_t peer_count_max; // each 1 to SOTTO_MEETING_COUNT_MAX
    uint32_t track_up_count_max;
    uint32_t track_down_count_max;
    int64_t unix_offset_us; // proto/ntp.h
    uint64_t seed;          // random; keeps peers from steering a hash table
};

enum sotto_meeting_result {
    SOTTO_MEETING_OK,
    SOTTO_MEETING_FULL,     // no room for another one
    SOTTO_MEETING_STALE,    // a handle names something that is gone
    SOTTO_MEETING_CONFLICT, // the peer has this SSRC already, or the tracks do not fit together
};

// Bytes of memory that a meeting of this shape needs, without the caches of up tracks.
size_t sotto_meeting_memory_size(const struct sotto_meeting_setup *setup);

// `memory` is aligned for any type, has the size above, and is borrowed until the meeting is
// dropped; whatever it contains is overwritten.
void sotto_meeting_init(struct sotto_meeting *meeting, const struct sotto_meeting_setup *setup,
                        void *memory);

// On anything but SOTTO_MEETING_OK nothing has changed and `handle` is all zero.
SOTTO_MUST_USE enum sotto_meeting_result
sotto_meeting_add_peer(struct sotto_meeting *meeting, uint64_t now_us,
                       const struct sotto_peer_setup *setup, struct sotto_handle *handle);

// With the peer go its up tracks, each with its events, and, without events, what it received.
SOTTO_MUST_USE enum sotto_meeting_result sotto_meeting_remove_peer(struct sotto_meeting *meeting,
                                                                   struct sotto_handle peer);

// `memory` is aligned for a uint64_t, has sotto_track_up_memory_size(setup->kind) bytes, and is
// borrowed until SOTTO_MEETING_TRACK_UP_ENDED gives it back.
SOTTO_MUST_USE enum sotto_meeting_result
sotto_meeting_add_track_up(struct sotto_meeting *meeting, struct sotto_handle peer,
                           const struct sotto_track_up_setup *setup, void *memory,
                           struct sotto_handle *handle);

// Ends with SOTTO_MEETING_TRACK_UP_ENDED, and SOTTO_MEETING_TRACK_DOWN_ENDED for each subscriber.
SOTTO_MUST_USE enum sotto_meeting_result
sotto_meeting_remove_track_up(struct sotto_meeting *meeting, struct sotto_handle track_up);

// Holds a publisher's packets back from everybody, as when it is muted by somebody else.
SOTTO_MUST_USE enum sotto_meeting_result
sotto_meeting_pause_track_up(struct sotto_meeting *meeting, struct sotto_handle track_up);
SOTTO_MUST_USE enum sotto_meeting_result
sotto_meeting_resume_track_up(struct sotto_meeting *meeting, uint64_t now_us,
                              struct sotto_handle track_up);

// Subscribes a peer to a track. The subscription begins paused.
SOTTO_MUST_USE enum sotto_meeting_result
sotto_meeting_add_track_down(struct sotto_meeting *meeting, uint64_t now_us,
                             struct sotto_handle peer, struct sotto_handle track_up,
                             const struct sotto_track_down_setup *setup,
                             struct sotto_handle *handle);

// Without an event.
SOTTO_MUST_USE enum sotto_meeting_result
sotto_meeting_remove_track_down(struct sotto_meeting *meeting, struct sotto_handle track_down);

SOTTO_MUST_USE enum sotto_meeting_result
sotto_meeting_pause_track_down(struct sotto_meeting *meeting, struct sotto_handle track_down);
// Asks the publisher for a key frame, with which the subscription begins.
SOTTO_MUST_USE enum sotto_meeting_result
sotto_meeting_resume_track_down(struct sotto_meeting *meeting, uint64_t now_us,
                                struct sotto_handle track_down);

// Goes on with another track of the same kind and clock rate, for the subscriber in one unbroken
// stream: a publisher's new producer, or another layer of simulcast. Asks for a key frame.
// VP8 picture ids are not rewritten; a decoder takes the jump at a key frame.
SOTTO_MUST_USE enum sotto_meeting_result
sotto_meeting_switch_track_down(struct sotto_meeting *meeting, uint64_t now_us,
                                struct sotto_handle track_down, struct sotto_handle track_up);

// For a receiver that asks through signalling instead of RTCP.
SOTTO_MUST_USE enum sotto_meeting_result
sotto_meeting_request_key_frame(struct sotto_meeting *meeting, uint64_t now_us,
                                struct sotto_handle track_up);

// Copies the counters of a track; all zero if the handle is stale.
SOTTO_MUST_USE enum sotto_meeting_result
sotto_meeting_count_track_up(const struct sotto_meeting *meeting, struct sotto_handle track_up,
                             struct sotto_track_up_counters *counters);
SOTTO_MUST_USE enum sotto_meeting_result
sotto_meeting_count_track_down(const struct sotto_meeting *meeting, struct sotto_handle track_down,
                               struct sotto_track_down_counters *counters);

// Whether a packet of an SSRC that SRTP does not know yet may belong to one of the peer's tracks,
// told from the header alone, which is in clear. So the caller knows whether to try it.
SOTTO_MUST_USE bool sotto_meeting_expects(const struct sotto_meeting *meeting,
                                          struct sotto_handle peer, const uint8_t *packet,
                                          size_t size);

// One decrypted RTP packet. It is copied.
void sotto_meeting_handle_rtp(struct sotto_meeting *meeting, uint64_t now_us,
                              struct sotto_handle peer, const uint8_t *packet, size_t size);

// One decrypted RTCP datagram, from either of the peer's connections.
void sotto_meeting_handle_rtcp(struct sotto_meeting *meeting, uint64_t now_us,
                               struct sotto_handle peer, const uint8_t *packet, size_t size);

// UINT64_MAX if nothing is waiting.
uint64_t sotto_meeting_poll_timeout(const struct sotto_meeting *meeting);
void sotto_meeting_handle_timeout(struct sotto_meeting *meeting, uint64_t now_us);

// Where a packet goes. Sides are the peer's: mediasoup-client has a connection for each.
struct sotto_meeting_transmit {
    struct sotto_handle peer;
    bool to_publisher; // over the connection on which the peer sends media, else where it receives
    bool rtcp;
    size_t size;
};

// Writes the next packet to send, in clear. `capacity` is at least SOTTO_RTP_PACKET_SIZE_MAX; more
// leaves room to encrypt in place. False, with `transmit` all zero, if there is none.
SOTTO_MUST_USE bool sotto_meeting_poll_transmit(struct sotto_meeting *meeting, uint64_t now_us,
                                                uint8_t *packet, size_t capacity,
                                                struct sotto_meeting_transmit *transmit);

enum sotto_meeting_event_kind {
    SOTTO_MEETING_SPEAKER_CHANGED,     // to `track`, an up track, or to nobody if it is all zero
    SOTTO_MEETING_TRACK_UP_BOUND,      // an SSRC was learned: `ssrc` and `rtx_ssrc`, 0 if unknown
    SOTTO_MEETING_KEY_FRAME_REQUESTED, // of `track`; the PLI is on its way
    SOTTO_MEETING_TRACK_UP_ENDED,      // `memory` belongs to the caller again
    SOTTO_MEETING_TRACK_DOWN_ENDED,    // because its up track ended
};

struct sotto_meeting_event {
    enum sotto_meeting_event_kind kind;
    struct sotto_handle peer;  // whose track it is; may be stale by now
    struct sotto_handle track; // stale if it ended
    uint32_t ssrc;
    uint32_t rtx_ssrc;
    void *memory;
};

// False, with `event` all zero, if nothing happened. A slot whose end was not pulled stays taken.
SOTTO_MUST_USE bool sotto_meeting_poll_event(struct sotto_meeting *meeting,
                                             struct sotto_meeting_event *event);

#endif
