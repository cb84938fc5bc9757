#include "sfu/packet_map.h"

#include "core/assert.h"

enum {
    US_PER_S = 1000000,
};

void sotto_packet_map_init(struct sotto_packet_map *map, uint16_t first_sequence,
                           uint32_t first_timestamp, uint32_t clock_rate) {
    SOTTO_ASSERT(clock_rate > 0);
    // One wrap ahead of zero, so that no number before the first one is negative.
    uint64_t first = UINT64_C(0x10000) + first_sequence;
    *map = (struct sotto_packet_map){
        .first_sequence = first,
        .last_sequence = first - 1,
        .last_timestamp = first_timestamp,
        .clock_rate = clock_rate,
        .segment_ended = true,
        .source_changed = true,
    };
}

static uint64_t next_sequence(const struct sotto_packet_map *map) {
    if (map->segment_count == 0)
        return map->first_sequence;
    const struct sotto_packet_map_segment *newest = &map->segments[map->newest];
    return newest->last + newest->offset + 1;
}

// Opens an empty segment whose first packet, `first`, gets the number `outgoing`.
static void open_segment(struct sotto_packet_map *map, uint64_t first, uint64_t outgoing) {
    map->newest = (uint16_t)((map->newest + 1U) % SOTTO_PACKET_MAP_SEGMENT_COUNT);
    if (map->segment_count < SOTTO_PACKET_MAP_SEGMENT_COUNT)
        map->segment_count++;
    map->segments[map->newest] = (struct sotto_packet_map_segment){
        .first = first, .last = first - 1, .offset = outgoing - first};
    map->segment_ended = false;
}

static const struct sotto_packet_map_segment *segment_at(const struct sotto_packet_map *map,
                                                         uint16_t age) {
    unsigned index = (unsigned)map->newest + SOTTO_PACKET_MAP_SEGMENT_COUNT - age;
    return &map->segments[index % SOTTO_PACKET_MAP_SEGMENT_COUNT];
}

// A packet behind the newest one keeps the place that was left for it.
static bool find_late(const struct sotto_packet_map *map, uint64_t incoming, uint64_t *outgoing) {
    for (uint16_t age = 0; age < map->segment_count; age++) {
        const struct sotto_packet_map_segment *segment = segment_at(map, age);
        if (incoming >= segment->first && incoming <= segment->last) {
            *outgoing = incoming + segment->offset;
            return true;
        }
    }
    return false;
}

static void start_source(struct sotto_packet_map *map, uint64_t now_us, uint32_t timestamp) {
    uint64_t ticks = 0;
    if (map->started) {
        uint64_t passed_us = now_us - map->last_us;
        ticks = passed_us / US_PER_S * map->clock_rate +
                passed_us % US_PER_S * map->clock_rate / US_PER_S;
        if (ticks == 0)
            ticks = 1;
    }
    map->timestamp_offset = map->last_timestamp + (uint32_t)ticks - timestamp;
    map->source_changed = false;
}

// Whether a packet in the newest segment's numbering would leave a gap beyond repair behind the
// last one that went out. Places kept for what is missing before packets left out count as well:
// otherwise a publisher of padding could open a gap in which SRTP loses count of the wraps.
static bool is_far(const struct sotto_packet_map *map, uint64_t incoming) {
    uint64_t outgoing = incoming + map->segments[map->newest].offset;
    return outgoing - map->last_sequence > SOTTO_PACKET_MAP_GAP_MAX;
}

static bool is_late(const struct sotto_packet_map *map, uint64_t incoming) {
    return map->segment_count > 0 && incoming <= map->segments[map->newest].last;
}

bool sotto_packet_map_forward(struct sotto_packet_map *map, uint64_t now_us,
                              const struct sotto_packet_map_numbers *incoming,
                              struct sotto_packet_map_numbers *outgoing) {
    *outgoing = (struct sotto_packet_map_numbers){0};
    uint64_t sequence = incoming->sequence;
    if (map->source_changed)
        start_source(map, now_us, incoming->timestamp);
    if (is_late(map, sequence)) {
        if (!find_late(map, sequence, &outgoing->sequence))
            return false;
        outgoing->timestamp = incoming->timestamp + map->timestamp_offset;
        return true;
    }
    if (map->segment_ended || is_far(map, sequence))
        open_segment(map, sequence, next_sequence(map));
    struct sotto_packet_map_segment *newest = &map->segments[map->newest];
    newest->last = sequence;
    outgoing->sequence = sequence + newest->offset;
    outgoing->timestamp = incoming->timestamp + map->timestamp_offset;
    map->last_sequence = outgoing->sequence;
    map->last_timestamp = outgoing->timestamp;
    map->last_us = now_us;
    map->started = true;
    return true;
}

void sotto_packet_map_drop(struct sotto_packet_map *map, uint64_t incoming_sequence) {
    if (map->segment_ended || is_late(map, incoming_sequence))
        return;
    struct sotto_packet_map_segment *newest = &map->segments[map->newest];
    if (is_far(map, incoming_sequence)) {
        map->segment_ended = true;
        return;
    }
    // What is missing before the dropped packet keeps its numbers.
    newest->last = incoming_sequence - 1;
    uint64_t next = next_sequence(map);
    if (newest->last < newest->first) {
        newest->first = incoming_sequence + 1;
        newest->last = incoming_sequence;
        newest->offset--;
    } else {
        open_segment(map, incoming_sequence + 1, next);
    }
}

void sotto_packet_map_pause(struct sotto_packet_map *map) {
    map->segment_ended = true;
}

void sotto_packet_map_change_source(struct sotto_packet_map *map) {
    map->first_sequence = next_sequence(map);
    map->segment_count = 0;
    map->segment_ended = true;
    map->source_changed = true;
}

bool sotto_packet_map_timestamp(const struct sotto_packet_map *map, uint32_t incoming,
                                uint32_t *outgoing) {
    *outgoing = map->source_changed ? 0 : incoming + map->timestamp_offset;
    return !map->source_changed;
}

bool sotto_packet_map_back(const struct sotto_packet_map *map, uint16_t outgoing_sequence,
                           uint64_t *incoming_sequence) {
    *incoming_sequence = 0;
    uint64_t highest = next_sequence(map) - 1;
    uint64_t outgoing = highest - (uint16_t)(highest - outgoing_sequence);
    for (uint16_t age = 0; age < map->segment_count; age++) {
        const struct sotto_packet_map_segment *segment = segment_at(map, age);
        if (outgoing >= segment->first + segment->offset &&
            outgoing <= segment->last + segment->offset) {
            *incoming_sequence = outgoing - segment->offset;
            return true;
        }
    }
    return false;
}
