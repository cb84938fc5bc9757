#include "tests/sim/source.h"

#include "proto/ntp.h"
#include "proto/rtp_extension.h"
#include "proto/rtx.h"
#include "tests/check.h"

enum {
    AUDIO_CLOCK_HZ = 48000,
    VIDEO_CLOCK_HZ = 90000,
    VP8_DESCRIPTOR_SIZE = 4,
};

void source_init(struct source *source, const struct source_setup *setup, uint64_t now_us) {
    memset(source, 0, sizeof *source);
    source->kind = setup->kind;
    source->sender = setup->sender;
    source->ssrc = setup->ssrc;
    source->rtx_ssrc = setup->rtx_ssrc;
    source->next_sequence = source->sent_sequence = setup->first_sequence;
    source->rtx_sequence = (uint16_t)(setup->first_sequence / 2);
    source->timestamp = setup->ssrc * 77;
    source->frame_us = now_us;
    source->audio_level = SOTTO_RTP_AUDIO_LEVEL_SILENCE;
    source->key_frame_wanted = true;
    memcpy(source->stream_id, setup->stream_id, sizeof source->stream_id);
    struct sotto_stream_name name;
    struct sotto_bytes stream_id = {source->stream_id, sizeof source->stream_id};
    CHECK(sotto_stream_name_init(&name, setup->room_id, setup->participant_id, stream_id,
                                 setup->kind));
    CHECK(sotto_sealer_init(&source->sealer, setup->keys, &name, SOTTO_AES_128_GCM_SHA256_128));
}

void source_wipe(struct source *source) {
    sotto_sealer_wipe(&source->sealer);
}

// X and S, then I and the picture id of 15 bits (RFC 7741 section 4.2).
static void write_descriptor(const struct source *source, bool starts_frame,
                             struct sotto_writer *writer) {
    sotto_writer_write_u8(writer, starts_frame ? 0x90 : 0x80);
    sotto_writer_write_u8(writer, 0x80);
    sotto_writer_write_u16(writer, (uint16_t)(0x8000 | (source->frame_count & 0x7FFF)));
}

static void packetize(struct source *source, size_t size) {
    bool is_video = source->kind == SOTTO_KIND_VIDEO;
    size_t room = SOURCE_PAYLOAD_SIZE_MAX - (is_video ? (size_t)VP8_DESCRIPTOR_SIZE : 0);
    for (size_t offset = 0; offset < size; offset += room) {
        struct source_packet *packet =
            &source->packets[source->next_sequence % SOURCE_BUFFER_COUNT];
        size_t part = size - offset < room ? size - offset : room;
        struct sotto_writer writer;
        sotto_writer_init(&writer, packet->payload, sizeof packet->payload);
        if (is_video)
            write_descriptor(source, offset == 0, &writer);
        sotto_writer_write_bytes(&writer, source->sealed + offset, part);
        CHECK(!writer.failed);
        packet->size = writer.offset;
        packet->sequence = source->next_sequence++;
        packet->timestamp = source->timestamp;
        packet->marker = is_video && offset + part == size;
    }
}

static void make_frame(struct source *source, uint64_t now_us) {
    bool is_video = source->kind == SOTTO_KIND_VIDEO;
    struct content content = {.sender = source->sender,
                              .kind = source->kind,
                              .number = source->frame_count,
                              .is_key = is_video && source->key_frame_wanted};
    struct sotto_bytes frame = {source->clear, content_write(&content, source->clear)};
    size_t size;
    enum sotto_codec codec = is_video ? SOTTO_CODEC_VP8 : SOTTO_CODEC_OPUS;
    CHECK_EQ(sotto_sealer_seal(&source->sealer, codec, content.is_key, frame, source->sealed,
                               sizeof source->sealed, &size),
             SOTTO_OK);
    source->timestamp += is_video ? VIDEO_CLOCK_HZ / 30 : AUDIO_CLOCK_HZ / 50;
    source->timestamp_us = now_us;
    source->key_frame_count += content.is_key;
    source->key_frame_wanted = false;
    if (source->can_send)
        packetize(source, size);
    source->frame_count++;
}

uint64_t source_poll_timeout(const struct source *source) {
    return source->frame_us;
}

void source_handle_timeout(struct source *source, uint64_t now_us) {
    uint64_t interval_us = source->kind == SOTTO_KIND_VIDEO ? SOURCE_VIDEO_INTERVAL_US
                                                            : SOURCE_AUDIO_INTERVAL_US;
    for (; source->frame_us <= now_us; source->frame_us += interval_us) {
        if (!source->is_muted)
            make_frame(source, now_us);
    }
}

void source_handle_nack(struct source *source, struct sotto_rtcp_nack *nack) {
    uint16_t sequence;
    while (sotto_rtcp_nack_next(nack, &sequence)) {
        source->nack_count++;
        if (source->resend_last - source->resend_first < SOURCE_RESEND_COUNT)
            source->resends[source->resend_last++ % SOURCE_RESEND_COUNT] = sequence;
    }
}

void source_handle_pli(struct source *source) {
    source->pli_count++;
    source->key_frame_wanted = true;
}

static const struct source_packet *find(const struct source *source, uint16_t sequence) {
    const struct source_packet *packet = &source->packets[sequence % SOURCE_BUFFER_COUNT];
    return packet->size > 0 && packet->sequence == sequence ? packet : NULL;
}

static void write_media(struct source *source, const struct source_packet *packet,
                        struct sotto_writer *writer) {
    bool is_video = source->kind == SOTTO_KIND_VIDEO;
    uint8_t payload_type = is_video ? SOURCE_VIDEO_PAYLOAD_TYPE : SOURCE_AUDIO_PAYLOAD_TYPE;
    struct sotto_rtp_header header = {payload_type, packet->marker, packet->sequence,
                                      packet->timestamp, source->ssrc};
    struct sotto_rtp_audio_level level = {source->audio_level, true};
    uint8_t level_data[SOTTO_RTP_AUDIO_LEVEL_SIZE];
    sotto_rtp_write_audio_level(level_data, &level);
    struct sotto_rtp_extension extension = {SOURCE_AUDIO_LEVEL_ID, level_data, sizeof level_data};
    sotto_rtp_write_header(writer, &header, &extension, is_video ? 0 : 1);
    sotto_writer_write_bytes(writer, packet->payload, packet->size);
    source->packet_count++;
    source->octet_count += packet->size;
}

static void write_rtx(struct source *source, const struct source_packet *packet,
                      struct sotto_writer *writer) {
    struct sotto_rtp_header header = {SOURCE_RTX_PAYLOAD_TYPE, packet->marker,
                                      source->rtx_sequence++, packet->timestamp, source->rtx_ssrc};
    sotto_rtp_write_header(writer, &header, NULL, 0);
    sotto_rtx_write_payload(writer, packet->sequence, packet->payload, packet->size);
    source->resent_count++;
}

bool source_poll_packet(struct source *source, struct sotto_writer *writer) {
    while (source->resend_first != source->resend_last) {
        uint16_t sequence = source->resends[source->resend_first++ % SOURCE_RESEND_COUNT];
        const struct source_packet *packet = find(source, sequence);
        if (packet && source->rtx_ssrc != 0) {
            write_rtx(source, packet, writer);
            return true;
        }
    }
    if (source->sent_sequence == source->next_sequence)
        return false;
    const struct source_packet *packet = find(source, source->sent_sequence++);
    CHECK(packet);
    write_media(source, packet, writer);
    return true;
}

bool source_write_report(const struct source *source, uint64_t now_us,
                         struct sotto_writer *writer) {
    if (source->packet_count == 0)
        return false;
    uint32_t clock_hz = source->kind == SOTTO_KIND_VIDEO ? VIDEO_CLOCK_HZ : AUDIO_CLOCK_HZ;
    uint64_t passed_us = now_us - source->timestamp_us;
    struct sotto_rtcp_report report = {
        .ssrc = source->ssrc,
        .has_sender_info = true,
        .sender_info = {.ntp_time = sotto_ntp_from_us(now_us, 0),
                        .rtp_timestamp =
                            source->timestamp + (uint32_t)(passed_us * clock_hz / 1000000),
                        .packet_count = (uint32_t)source->packet_count,
                        .octet_count = (uint32_t)source->octet_count},
    };
    sotto_rtcp_write_report(writer, &report);
    return true;
}
