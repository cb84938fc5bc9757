// RTP packets for the tests of sfu/: built byte by byte, one extension block in one-byte form.
#ifndef SOTTO_TESTS_SFU_PACKETS_H
#define SOTTO_TESTS_SFU_PACKETS_H

#include "sfu/track_up.h"
#include "tests/check.h"

enum {
    // The publishers' numbers, as browsers might choose them.
    PUBLISHED_MID_ID = 4,
    PUBLISHED_RID_ID = 10,
    PUBLISHED_REPAIRED_RID_ID = 11,
    PUBLISHED_AUDIO_LEVEL_ID = 1,
    PUBLISHED_ORIENTATION_ID = 13,
    PUBLISHED_VIDEO_PT = 96,
    PUBLISHED_RTX_PT = 97,
    PUBLISHED_AUDIO_PT = 111,
    // The router's.
    ROUTER_MID_ID = 1,
    ROUTER_SEND_TIME_ID = 4,
    ROUTER_AUDIO_LEVEL_ID = 6,
    ROUTER_ORIENTATION_ID = 8,
    ROUTER_VIDEO_PT = 101,
    ROUTER_RTX_PT = 102,
    ROUTER_AUDIO_PT = 100,
    AUDIO_CLOCK_RATE = 48000,
    VIDEO_CLOCK_RATE = 90000,
};

struct packet {
    uint8_t payload_type;
    bool marker;
    uint16_t sequence;
    uint32_t timestamp;
    uint32_t ssrc;
    const char *mid; // NULL: left out, as are those below
    const char *rid;
    const char *repaired_rid;
    int audio_level; // -1: left out
    const uint8_t *payload;
    size_t payload_size;
    uint8_t padding_size;
    int original_sequence; // -1: no retransmission
    uint8_t bytes[1600];
    size_t size;
};

static inline struct packet packet_begin(uint8_t payload_type, uint32_t ssrc, uint16_t sequence) {
    return (struct packet){.payload_type = payload_type,
                           .ssrc = ssrc,
                           .sequence = sequence,
                           .timestamp = sequence * 3000U,
                           .audio_level = -1,
                           .original_sequence = -1};
}

static inline void packet_put(struct packet *packet, const void *data, size_t size) {
    CHECK(packet->size + size <= sizeof packet->bytes);
    if (size > 0)
        memcpy(packet->bytes + packet->size, data, size);
    packet->size += size;
}

static inline void packet_put_number(struct packet *packet, uint32_t number, size_t width) {
    for (size_t i = width; i-- > 0;)
        packet_put(packet, &(uint8_t){(uint8_t)(number >> (8 * i))}, 1);
}

static inline void packet_put_text(struct packet *packet, uint8_t id, const char *text) {
    if (!text)
        return;
    packet_put_number(packet, (uint32_t)(id << 4) | (uint32_t)(strlen(text) - 1), 1);
    packet_put(packet, text, strlen(text));
}

static inline void packet_put_extensions(struct packet *packet) {
    packet_put_number(packet, 0xBEDE0000, 4);
    size_t start = packet->size;
    packet_put_text(packet, PUBLISHED_MID_ID, packet->mid);
    packet_put_text(packet, PUBLISHED_RID_ID, packet->rid);
    packet_put_text(packet, PUBLISHED_REPAIRED_RID_ID, packet->repaired_rid);
    if (packet->audio_level >= 0) {
        packet_put_number(packet, PUBLISHED_AUDIO_LEVEL_ID << 4, 1);
        packet_put_number(packet, (uint32_t)packet->audio_level, 1);
    }
    while ((packet->size - start) % 4 != 0)
        packet_put_number(packet, 0, 1);
    packet->bytes[start - 1] = (uint8_t)((packet->size - start) / 4);
}

// Fills `bytes` and `size` from the rest.
static inline void packet_finish(struct packet *packet) {
    packet->size = 0;
    uint32_t first = 0x90U | (packet->padding_size > 0 ? 0x20U : 0U);
    packet_put_number(packet, first, 1);
    packet_put_number(packet, packet->payload_type | (packet->marker ? 0x80U : 0U), 1);
    packet_put_number(packet, packet->sequence, 2);
    packet_put_number(packet, packet->timestamp, 4);
    packet_put_number(packet, packet->ssrc, 4);
    packet_put_extensions(packet);
    if (packet->original_sequence >= 0)
        packet_put_number(packet, (uint32_t)packet->original_sequence, 2);
    packet_put(packet, packet->payload, packet->payload_size);
    for (uint8_t i = 1; i < packet->padding_size; i++)
        packet_put_number(packet, 0, 1);
    if (packet->padding_size > 0)
        packet_put_number(packet, packet->padding_size, 1);
}

static inline struct sotto_extension_ids published_ids(void) {
    struct sotto_extension_ids ids = {{0}};
    ids.ids[SOTTO_EXTENSION_MID] = PUBLISHED_MID_ID;
    ids.ids[SOTTO_EXTENSION_RTP_STREAM_ID] = PUBLISHED_RID_ID;
    ids.ids[SOTTO_EXTENSION_REPAIRED_RTP_STREAM_ID] = PUBLISHED_REPAIRED_RID_ID;
    ids.ids[SOTTO_EXTENSION_AUDIO_LEVEL] = PUBLISHED_AUDIO_LEVEL_ID;
    ids.ids[SOTTO_EXTENSION_VIDEO_ORIENTATION] = PUBLISHED_ORIENTATION_ID;
    return ids;
}

static inline struct sotto_extension_ids router_ids(void) {
    struct sotto_extension_ids ids = {{0}};
    ids.ids[SOTTO_EXTENSION_MID] = ROUTER_MID_ID;
    ids.ids[SOTTO_EXTENSION_ABS_SEND_TIME] = ROUTER_SEND_TIME_ID;
    ids.ids[SOTTO_EXTENSION_AUDIO_LEVEL] = ROUTER_AUDIO_LEVEL_ID;
    ids.ids[SOTTO_EXTENSION_VIDEO_ORIENTATION] = ROUTER_ORIENTATION_ID;
    return ids;
}

static inline struct sotto_track_up_setup video_setup(uint32_t ssrc, uint32_t rtx_ssrc) {
    return (struct sotto_track_up_setup){
        .kind = SOTTO_MEDIA_VIDEO,
        .codec = SOTTO_MIME_VP8,
        .clock_rate_hz = VIDEO_CLOCK_RATE,
        .payload_type_count = 1,
        .payload_types = {{PUBLISHED_VIDEO_PT, PUBLISHED_RTX_PT, ROUTER_VIDEO_PT}},
        .extension_ids = published_ids(),
        .ssrc = ssrc,
        .rtx_ssrc = rtx_ssrc,
        .mid = "1",
        .nack = true,
        .pli = true,
    };
}

static inline struct sotto_track_up_setup audio_setup(uint32_t ssrc) {
    return (struct sotto_track_up_setup){
        .kind = SOTTO_MEDIA_AUDIO,
        .codec = SOTTO_MIME_OPUS,
        .clock_rate_hz = AUDIO_CLOCK_RATE,
        .payload_type_count = 1,
        .payload_types = {{PUBLISHED_AUDIO_PT, 0, ROUTER_AUDIO_PT}},
        .extension_ids = published_ids(),
        .ssrc = ssrc,
        .mid = "0",
    };
}

#endif
