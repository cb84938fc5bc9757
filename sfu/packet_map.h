// The numbering of one down track: publisher's sequence numbers and timestamps to those that the
// subscriber sees, and back for its NACKs (RFC 3550, section 5.1; RFC 4585, section 6.2.1).
// The subscriber's numbers are continuous where packets are left out on purpose, where the track
// was paused and where its source changed; they keep a gap where a packet is only missing, so that
// it still has its place when it comes late.
// Extended sequence numbers count the wraps of the 16 bits above them.
#ifndef SOTTO_SFU_PACKET_MAP_H
#define SOTTO_SFU_PACKET_MAP_H

#include "sfu/limits.h"

#include <stdbool.h>
#include <stdint.h>

// A stretch of the publisher's numbers that all moved by the same offset.
struct sotto_packet_map_segment {
    uint64_t first;
    uint64_t last;   // the highest number so far, first - 1 while there is none
    uint64_t offset; // outgoing = incoming + offset, modulo 2^64
};

// Owned by the caller; its fields are private.
struct sotto_packet_map {
    uint64_t first_sequence; // outgoing, used by the first segment
    uint64_t last_sequence;  // outgoing, of the newest packet
    uint64_t last_us;        // when the newest packet went out
    uint32_t last_timestamp; // its outgoing timestamp
    uint32_t timestamp_offset;
    uint32_t clock_rate;
    uint16_t newest; // index into segments
    uint16_t segment_count;
    bool started;        // a packet went out
    bool segment_ended;  // the next packet opens a segment
    bool source_changed; // the next packet is the first of another source
    struct sotto_packet_map_segment segments[SOTTO_PACKET_MAP_SEGMENT_COUNT];
};

struct sotto_packet_map_numbers {
    uint64_t sequence; // extended; its low 16 bits go on the wire
    uint32_t timestamp;
};

// The first packet gets `first_sequence` and `first_timestamp` (RFC 3550 wants both random).
// `clock_rate` is in Hz and not 0.
void sotto_packet_map_init(struct sotto_packet_map *map, uint16_t first_sequence,
                           uint32_t first_timestamp, uint32_t clock_rate);

// The outgoing numbers of a packet. False, with `outgoing` zero, if it has no place: it lies in a
// pause, before the current source began, among packets left out, or too far back.
// The caller passes each packet once: equal input gives equal output.
bool sotto_packet_map_forward(struct sotto_packet_map *map, uint64_t now_us,
                              const struct sotto_packet_map_numbers *incoming,
                              struct sotto_packet_map_numbers *outgoing);

// Leaves a packet out and closes the gap, unless a later packet went out already.
void sotto_packet_map_drop(struct sotto_packet_map *map, uint64_t incoming_sequence);

// Ends a stretch: the next packet follows the last one without a gap, in the same time line.
void sotto_packet_map_pause(struct sotto_packet_map *map);

// The next packet comes from another source, with other numbers and another time line. It follows
// the last one without a gap, and its timestamp is later by the time that passed.
// Packets of the source before it are not found by sotto_packet_map_back any more.
void sotto_packet_map_change_source(struct sotto_packet_map *map);

// The outgoing timestamp for one of the publisher's, also between packets. False, with 0, before
// the first packet of the current source.
bool sotto_packet_map_timestamp(const struct sotto_packet_map *map, uint32_t incoming,
                                uint32_t *outgoing);

// The publisher's number of a packet that the subscriber knows as `outgoing_sequence`. False, with
// `incoming_sequence` zero, if it was never sent or is too old. True does not mean that the packet
// ever arrived from the publisher.
bool sotto_packet_map_back(const struct sotto_packet_map *map, uint16_t outgoing_sequence,
                           uint64_t *incoming_sequence);

#endif
