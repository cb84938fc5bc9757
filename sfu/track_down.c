#include "sfu/track_down.h"

#include "core/assert.h"
#include "core/memory.h"
#include "proto/rtx.h"
#include "sfu/key_frame.h"
#include "sfu/label.h"

enum {
    FIRST_SEQUENCE_MASK = 0x7FFF,
};

void sotto_track_down_init(struct sotto_track_down *track,
                           const struct sotto_track_down_setup *setup, uint32_t clock_rate_hz,
                           uint64_t now_us) {
    SOTTO_ASSERT(setup->ssrc != 0 && setup->cname[0] != 0);
    *track = (struct sotto_track_down){
        .ssrc = setup->ssrc,
        .rtx_ssrc = setup->rtx_ssrc,
        .paused = true,
        .rtx_payload_type = setup->rtx_payload_type,
        .rtx_sequence = setup->rtx_first_sequence & FIRST_SEQUENCE_MASK,
    };
    for (size_t i = 0; i < SOTTO_EXTENSION_COUNT; i++)
        SOTTO_ASSERT(setup->extension_ids.ids[i] <= SOTTO_EXTENSION_ONE_BYTE_ID_MAX);
    track->format.ids = setup->extension_ids;
    track->format.mid_size = (uint8_t)sotto_label_size(setup->mid);
    memcpy(track->format.mid, setup->mid, track->format.mid_size);
    sotto_label_copy(track->cname, sizeof track->cname, setup->cname);
    sotto_packet_map_init(&track->map, setup->first_sequence & FIRST_SEQUENCE_MASK,
                          setup->first_timestamp, clock_rate_hz);
    sotto_resend_limit_init(&track->resend_limit, now_us);
}

void sotto_track_down_pause(struct sotto_track_down *track) {
    track->paused = true;
    sotto_packet_map_pause(&track->map);
}

void sotto_track_down_resume(struct sotto_track_down *track) {
    if (!track->paused)
        return;
    track->paused = false;
    track->report_soon = true;
    track->awaits_key_frame =
        track->up->setup.pli && sotto_key_frame_is_visible(track->up->setup.codec);
    track->awaits_until_us = 0;
    sotto_track_up_request_key_frame(track->up);
}

// Whether a packet belongs to the source that the numbers follow now; a newer source takes over.
static bool follow_source(struct sotto_track_down *track, uint64_t sequence) {
    uint64_t newest_source = track->up->source_first;
    if (track->source_first != newest_source && newest_source != 0 && sequence >= newest_source) {
        sotto_packet_map_change_source(&track->map);
        track->source_first = newest_source;
        track->report_soon = true;
    }
    return track->source_first != 0 && sequence >= track->source_first;
}

// A decoder that begins can do nothing with what comes before its key frame. What is left out here
// takes no numbers; parts of the key frame that come before its first packet are asked for again.
static bool is_held_back(struct sotto_track_down *track, uint64_t now_us,
                         const struct sotto_packet *packet) {
    if (!track->awaits_key_frame)
        return false;
    if (track->awaits_until_us == 0)
        track->awaits_until_us = now_us + SOTTO_KEYFRAME_WAIT_MS * UINT64_C(1000);
    track->awaits_key_frame =
        now_us < track->awaits_until_us &&
        !sotto_key_frame_begins(track->up->setup.codec, packet->payload, packet->payload_size);
    return track->awaits_key_frame;
}

bool sotto_track_down_write(struct sotto_track_down *track, uint64_t now_us,
                            const struct sotto_packet *packet, struct sotto_writer *writer) {
    if (track->paused || !follow_source(track, packet->sequence))
        return false;
    if (packet->payload_size == 0) {
        sotto_packet_map_drop(&track->map, packet->sequence);
        return false;
    }
    if (is_held_back(track, now_us, packet))
        return false;
    struct sotto_packet_map_numbers incoming = {.sequence = packet->sequence,
                                                .timestamp = packet->timestamp};
    struct sotto_packet_map_numbers outgoing;
    if (!sotto_packet_map_forward(&track->map, now_us, &incoming, &outgoing))
        return false;
    struct sotto_rtp_header header = {
        .payload_type = packet->payload_type,
        .marker = packet->marker,
        .sequence = (uint16_t)outgoing.sequence,
        .timestamp = outgoing.timestamp,
        .ssrc = track->ssrc,
    };
    sotto_packet_header_write(writer, &track->format, &header, &packet->extensions, now_us);
    sotto_writer_write_bytes(writer, packet->payload, packet->payload_size);
    SOTTO_ASSERT(!writer->failed);
    track->counters.packet_count++;
    track->counters.payload_size += packet->payload_size;
    sotto_resend_limit_add(&track->resend_limit, packet->payload_size);
    return true;
}

bool sotto_track_down_take_nack(struct sotto_track_down *track, uint64_t now_us,
                                uint32_t round_trip_ms, uint16_t sequence,
                                uint64_t *incoming_sequence) {
    struct sotto_packet packet;
    track->counters.nack_count++;
    // Between a switch and the first packet of the new source the numbers are still the old one's.
    bool granted = track->rtx_ssrc != 0 && !track->paused && track->source_first != 0 &&
                   sotto_packet_map_back(&track->map, sequence, incoming_sequence) &&
                   sotto_packet_cache_find(&track->up->cache, *incoming_sequence, &packet) &&
                   packet.payload_size > 0 &&
                   sotto_resend_limit_take(&track->resend_limit, now_us, round_trip_ms, sequence,
                                           packet.payload_size);
    if (!granted) {
        *incoming_sequence = 0;
        track->counters.refused_count++;
    }
    return granted;
}

bool sotto_track_down_write_rtx(struct sotto_track_down *track, uint64_t now_us,
                                const struct sotto_packet *packet, uint16_t sequence,
                                struct sotto_writer *writer) {
    uint32_t timestamp;
    if (track->source_first == 0 || packet->sequence < track->source_first ||
        !sotto_packet_map_timestamp(&track->map, packet->timestamp, &timestamp))
        return false;
    struct sotto_rtp_header header = {
        .payload_type = track->rtx_payload_type,
        .marker = packet->marker,
        .sequence = (uint16_t)track->rtx_sequence,
        .timestamp = timestamp,
        .ssrc = track->rtx_ssrc,
    };
    sotto_packet_header_write(writer, &track->format, &header, &packet->extensions, now_us);
    sotto_rtx_write_payload(writer, sequence, packet->payload, packet->payload_size);
    SOTTO_ASSERT(!writer->failed);
    track->rtx_sequence++;
    track->counters.resent_count++;
    track->counters.resent_size += packet->payload_size;
    return true;
}

bool sotto_track_down_poll_report(struct sotto_track_down *track,
                                  const struct sotto_lip_sync_clock *clock, uint64_t ntp_now,
                                  struct sotto_rtcp_report *report) {
    *report = (struct sotto_rtcp_report){0};
    uint32_t incoming;
    uint32_t outgoing;
    if (track->paused || track->counters.packet_count == track->reported_count ||
        track->source_first == 0 || track->source_first != track->up->source_first ||
        !sotto_lip_sync_timestamp(clock, &track->up->lip_sync, track->up->setup.clock_rate_hz,
                                  ntp_now, &incoming) ||
        !sotto_packet_map_timestamp(&track->map, incoming, &outgoing))
        return false;
    report->ssrc = track->ssrc;
    report->has_sender_info = true;
    report->sender_info = (struct sotto_rtcp_sender_info){
        .ntp_time = ntp_now,
        .rtp_timestamp = outgoing,
        .packet_count = (uint32_t)track->counters.packet_count,
        .octet_count = (uint32_t)track->counters.payload_size,
    };
    track->reported_count = track->counters.packet_count;
    return true;
}
