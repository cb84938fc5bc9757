#include "sfu/track_up.h"

#include "core/assert.h"
#include "proto/limits.h"
#include "proto/rtx.h"
#include "sfu/key_frame.h"

enum {
    NO_RESTART = 0x10000,
};

static uint32_t cache_count(enum sotto_media_kind kind) {
    return kind == SOTTO_MEDIA_VIDEO ? SOTTO_PACKET_CACHE_VIDEO_COUNT
                                     : SOTTO_PACKET_CACHE_AUDIO_COUNT;
}

static uint32_t cache_size(enum sotto_media_kind kind) {
    return kind == SOTTO_MEDIA_VIDEO ? SOTTO_PACKET_CACHE_VIDEO_SIZE
                                     : SOTTO_PACKET_CACHE_AUDIO_SIZE;
}

size_t sotto_track_up_memory_size(enum sotto_media_kind kind) {
    return sotto_packet_cache_memory_size(cache_count(kind), cache_size(kind));
}

void sotto_track_up_init(struct sotto_track_up *track, const struct sotto_track_up_setup *setup,
                         void *memory) {
    SOTTO_ASSERT(setup->clock_rate_hz > 0);
    SOTTO_ASSERT(setup->payload_type_count <= SOTTO_PARAMETER_CODECS_MAX);
    *track = (struct sotto_track_up){
        .setup = *setup, .cache_memory = memory, .restart_sequence = NO_RESTART};
    sotto_packet_cache_init(&track->cache, memory, cache_count(setup->kind),
                            cache_size(setup->kind));
    sotto_nack_init(&track->nack);
    sotto_keyframe_request_init(&track->keyframe_request, sotto_key_frame_is_visible(setup->codec));
    sotto_rtp_receive_stats_init(&track->stats, 0, setup->clock_rate_hz);
    if (setup->ssrc != 0)
        sotto_track_up_bind(track, setup->ssrc, false);
    track->rtx_ssrc = setup->rtx_ssrc;
}

const struct sotto_payload_type_map *
sotto_track_up_find_payload_type(const struct sotto_track_up *track, uint8_t payload_type,
                                 bool rtx) {
    for (size_t i = 0; i < track->setup.payload_type_count; i++) {
        const struct sotto_payload_type_map *map = &track->setup.payload_types[i];
        if (rtx && map->rtx_payload_type != 0 && map->rtx_payload_type == payload_type)
            return map;
        if (!rtx && map->payload_type == payload_type)
            return map;
    }
    return NULL;
}

// The stream goes on with numbers that have nothing to do with those before. Extended numbers stay
// ascending all the same, so that none of them ever means two packets.
static void restart(struct sotto_track_up *track, uint16_t sequence) {
    if (track->sequence.started) {
        uint64_t wraps = (track->sequence.highest >> 16) + 2;
        track->sequence.highest = (wraps << 16 | sequence) - 1;
    }
    track->source_first = sotto_sequence_extend(&track->sequence, sequence);
    track->restart_sequence = NO_RESTART;
    sotto_nack_init(&track->nack);
}

void sotto_track_up_bind(struct sotto_track_up *track, uint32_t ssrc, bool rtx) {
    if (rtx) {
        track->rtx_ssrc = ssrc;
        return;
    }
    track->ssrc = ssrc;
    track->source_first = 0;
    track->lip_sync = (struct sotto_lip_sync_track){0};
    sotto_rtp_receive_stats_init(&track->stats, ssrc, track->setup.clock_rate_hz);
}

// The extended number of a packet. False if it is too far from all others to be part of the stream:
// unless the next packet follows it, then the stream has restarted (RFC 3550, appendix A.1).
static bool extend(struct sotto_track_up *track, uint16_t sequence, bool rtx, uint64_t *extended) {
    if (track->source_first == 0) {
        if (rtx)
            return false;
        restart(track, sequence);
    }
    *extended = sotto_sequence_extend(&track->sequence, sequence);
    uint64_t highest = track->sequence.highest;
    bool ahead = track->sequence.started && *extended > highest + SOTTO_RTP_DROPOUT_MAX;
    bool behind = *extended + track->cache.entry_count <= highest;
    if (!ahead && !behind) {
        if (!rtx)
            track->restart_sequence = NO_RESTART;
        return true;
    }
    if (rtx)
        return false;
    if (sequence != track->restart_sequence) {
        track->restart_sequence = (uint16_t)(sequence + 1);
        return false;
    }
    restart(track, sequence);
    track->lip_sync = (struct sotto_lip_sync_track){0};
    *extended = sotto_sequence_extend(&track->sequence, sequence);
    return true;
}

// Checks what the packet claims and fills in what the cache keeps of it. False if it is refused.
static bool read_packet(struct sotto_track_up *track, struct sotto_rtp_packet *received, bool rtx,
                        struct sotto_packet *packet) {
    const struct sotto_payload_type_map *map =
        sotto_track_up_find_payload_type(track, received->payload_type, rtx);
    if (!map)
        return false;
    if (rtx && !sotto_rtx_unwrap(received, map->payload_type, track->ssrc))
        return false;
    if (received->payload_size > SOTTO_RTP_PAYLOAD_SIZE_MAX)
        return false;
    *packet = (struct sotto_packet){
        .timestamp = received->timestamp,
        .payload_type = map->router_payload_type,
        .marker = received->marker,
        .payload = received->payload,
        .payload_size = received->payload_size,
    };
    sotto_packet_header_read_extensions(received, &track->setup.extension_ids,
                                        &packet->extensions);
    return extend(track, received->sequence, rtx, &packet->sequence);
}

// What is lost for good is lost to those who watch; without them nobody needs a key frame.
static void repair_by_key_frame(struct sotto_track_up *track) {
    if (track->track_downs.first)
        sotto_track_up_request_key_frame(track);
}

static void look_for_gaps(struct sotto_track_up *track, uint64_t now_us, uint64_t sequence) {
    if (!track->setup.nack)
        return;
    sotto_nack_handle_packet(&track->nack, now_us, sequence);
    if (sotto_nack_poll_gave_up(&track->nack))
        repair_by_key_frame(track);
}

bool sotto_track_up_handle_packet(struct sotto_track_up *track, uint64_t now_us,
                                  struct sotto_rtp_packet *received, bool rtx, uint64_t *sequence,
                                  struct sotto_packet_extensions *extensions) {
    *sequence = 0;
    *extensions = (struct sotto_packet_extensions){0};
    if (!rtx)
        sotto_rtp_receive_stats_handle_packet(&track->stats, received->sequence,
                                              received->timestamp, now_us);
    if (track->paused)
        return false;
    struct sotto_packet packet;
    if (!read_packet(track, received, rtx, &packet)) {
        track->counters.refused_count++;
        return false;
    }
    if (sotto_packet_cache_add(&track->cache, &packet) != SOTTO_PACKET_CACHE_ADDED) {
        track->counters.duplicate_count++;
        return false;
    }
    (void)sotto_sequence_advance(&track->sequence, received->sequence);
    look_for_gaps(track, now_us, packet.sequence);
    if (sotto_key_frame_begins(track->setup.codec, packet.payload, packet.payload_size))
        sotto_keyframe_request_handle_key_frame(&track->keyframe_request);
    if (track->counters.packet_count++ == 0)
        track->started_us = now_us;
    track->counters.payload_size += packet.payload_size;
    track->counters.repaired_count += rtx;
    *sequence = packet.sequence;
    *extensions = packet.extensions;
    return true;
}

void sotto_track_up_pause(struct sotto_track_up *track) {
    track->paused = true;
    sotto_nack_init(&track->nack);
}

void sotto_track_up_resume(struct sotto_track_up *track) {
    if (!track->paused)
        return;
    track->paused = false;
    track->source_first = 0;
    repair_by_key_frame(track);
}

void sotto_track_up_request_key_frame(struct sotto_track_up *track) {
    if (track->setup.kind == SOTTO_MEDIA_VIDEO && track->setup.pli)
        sotto_keyframe_request_add(&track->keyframe_request);
}

uint64_t sotto_track_up_poll_timeout(const struct sotto_track_up *track) {
    uint64_t nack_us = sotto_nack_poll_timeout(&track->nack);
    // Before the first packet there is no SSRC to name in a PLI.
    uint64_t key_frame_us = UINT64_MAX;
    if (track->ssrc != 0)
        key_frame_us = sotto_keyframe_request_poll_timeout(&track->keyframe_request);
    return nack_us < key_frame_us ? nack_us : key_frame_us;
}

size_t sotto_track_up_poll_nack(struct sotto_track_up *track, uint64_t now_us,
                                uint32_t round_trip_ms, uint16_t *sequences, size_t capacity) {
    size_t count = sotto_nack_poll(&track->nack, now_us, round_trip_ms, sequences, capacity);
    if (sotto_nack_poll_gave_up(&track->nack))
        repair_by_key_frame(track);
    track->counters.nack_count += count;
    return count;
}

bool sotto_track_up_poll_key_frame_request(struct sotto_track_up *track, uint64_t now_us) {
    if (track->ssrc == 0 || !sotto_keyframe_request_poll(&track->keyframe_request, now_us))
        return false;
    track->counters.key_frame_request_count++;
    track->key_frame_requested = true;
    return true;
}
