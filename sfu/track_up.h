// One published track: a stream of RTP packets from one peer (RFC 3550) with its retransmissions
// (RFC 4588). Puts the packets into its cache once each, whichever way they came, and knows what to
// tell the publisher: what was received, what is missing, and that a key frame is needed.
// A layer of simulcast is a track of its own, told apart by its RID.
#ifndef SOTTO_SFU_TRACK_UP_H
#define SOTTO_SFU_TRACK_UP_H

#include "proto/rtp_receive_stats.h"
#include "proto/sequence.h"
#include "sfu/keyframe_request.h"
#include "sfu/limits.h"
#include "sfu/lip_sync.h"
#include "sfu/list.h"
#include "sfu/nack.h"
#include "sfu/packet_cache.h"
#include "sfu/packet_header.h"
#include "sfu/rtp_parameters.h"
#include "sfu/slots.h"

// One payload type of the publisher, with the one that carries its retransmissions, and what the
// router calls it.
struct sotto_payload_type_map {
    uint8_t payload_type;
    uint8_t rtx_payload_type; // 0 if there is none
    uint8_t router_payload_type;
};

// What negotiation found out. Texts are zero-terminated, empty if absent.
struct sotto_track_up_setup {
    enum sotto_media_kind kind;
    enum sotto_mime_type codec; // for key frames
    uint32_t clock_rate_hz;     // above 0
    size_t payload_type_count;
    struct sotto_payload_type_map payload_types[SOTTO_PARAMETER_CODECS_MAX];
    struct sotto_extension_ids extension_ids; // the publisher's
    uint32_t ssrc;                            // 0: learned from MID and RID
    uint32_t rtx_ssrc;                        // 0: none, or learned
    char mid[SOTTO_MID_SIZE_MAX + 1];
    char rid[SOTTO_RID_SIZE_MAX + 1]; // only with simulcast
    bool nack;                        // the publisher answers NACKs
    bool pli;                         // the publisher answers PLIs
    bool remb;                        // the publisher obeys REMB
};

struct sotto_track_up_counters {
    uint64_t packet_count; // accepted, each once
    uint64_t payload_size; // in bytes, of those
    uint64_t repaired_count;  // accepted from a retransmission
    uint64_t duplicate_count; // seen before, or too old to tell
    uint64_t refused_count;   // unknown payload type, too large, or a jump in the numbers
    uint64_t nack_count;      // sequence numbers asked for
    uint64_t key_frame_request_count;
};

// Owned by the meeting; `counters` may be read, the rest is private to the layer.
struct sotto_track_up {
    struct sotto_list_node of_peer;
    struct sotto_list_node of_events;
    struct sotto_list track_downs;
    struct sotto_handle handle;
    struct sotto_handle owner;
    struct sotto_peer *peer; // the owner, while the track lives
    struct sotto_track_up_setup setup;
    void *cache_memory; // borrowed until the track ended
    uint32_t ssrc;      // 0 until learned
    uint32_t rtx_ssrc;
    uint64_t learned_us; // when an SSRC was last learned
    uint64_t started_us; // when the first packet was accepted, 0 before
    bool learned;
    bool paused;
    bool ended; // this and the next two: what there is to report
    bool bound;
    bool key_frame_requested;
    uint64_t source_first;     // extended number with which the current source began, 0 before
    uint32_t restart_sequence; // where a stream that jumped would go on, above 2^16 - 1 if nowhere
    struct sotto_sequence_extender sequence;
    struct sotto_packet_cache cache;
    struct sotto_nack nack;
    struct sotto_keyframe_request keyframe_request;
    struct sotto_rtp_receive_stats stats;
    struct sotto_lip_sync_track lip_sync;
    struct sotto_track_up_counters counters;
};

// The bytes of memory that a track of this kind needs for its cache.
size_t sotto_track_up_memory_size(enum sotto_media_kind kind);

// `memory` is aligned for a uint64_t and has that size. The setup is copied. Links, handles and
// peer are left for the meeting to set.
void sotto_track_up_init(struct sotto_track_up *track, const struct sotto_track_up_setup *setup,
                         void *memory);

// Sets the SSRC of media or of retransmissions. Media under a new SSRC is a new source: its numbers
// begin anew.
void sotto_track_up_bind(struct sotto_track_up *track, uint32_t ssrc, bool rtx);

// The table's entry for one of the publisher's payload types; NULL if it is not negotiated.
const struct sotto_payload_type_map *
sotto_track_up_find_payload_type(const struct sotto_track_up *track, uint8_t payload_type,
                                 bool rtx);

// Takes a packet of one of the track's SSRCs; it is used up. True if it is new: the packet is in
// the cache under `sequence`, and `extensions` are what it brought. A packet without payload is
// padding: it takes part in the numbering and is not forwarded. False, with the outputs zero,
// otherwise.
SOTTO_MUST_USE bool sotto_track_up_handle_packet(struct sotto_track_up *track, uint64_t now_us,
                                                 struct sotto_rtp_packet *packet, bool rtx,
                                                 uint64_t *sequence,
                                                 struct sotto_packet_extensions *extensions);

// While paused, packets are counted for the report to the publisher and otherwise thrown away.
// Afterwards the stream goes on as a new source.
void sotto_track_up_pause(struct sotto_track_up *track);
void sotto_track_up_resume(struct sotto_track_up *track);

// Somebody cannot decode. Nothing happens for audio, or if the publisher answers no PLIs.
void sotto_track_up_request_key_frame(struct sotto_track_up *track);

// When NACK or PLI are due next, UINT64_MAX if never.
uint64_t sotto_track_up_poll_timeout(const struct sotto_track_up *track);

// The sequence numbers to ask for now. Returns their count.
size_t sotto_track_up_poll_nack(struct sotto_track_up *track, uint64_t now_us,
                                uint32_t round_trip_ms, uint16_t *sequences, size_t capacity);

// True if a PLI is due now, and books it.
bool sotto_track_up_poll_key_frame_request(struct sotto_track_up *track, uint64_t now_us);

#endif
