// One published track of a simulated client: frames at their pace, sealed, cut into RTP packets
// (VP8 as in RFC 7741), remembered for a while and sent again on NACK (RFC 4588), with a key frame
// when one is asked for.
#ifndef SOTTO_TESTS_SIM_SOURCE_H
#define SOTTO_TESTS_SIM_SOURCE_H

#include "core/sealer.h"
#include "core/writer.h"
#include "proto/rtcp_feedback.h"
#include "tests/sim/content.h"

enum {
    SOURCE_BUFFER_COUNT = 512, // a power of two
    SOURCE_RESEND_COUNT = 256, // a power of two
    SOURCE_PAYLOAD_SIZE_MAX = 1100,
    SOURCE_AUDIO_INTERVAL_US = 20000,
    SOURCE_VIDEO_INTERVAL_US = 33333,
    SOURCE_AUDIO_PAYLOAD_TYPE = 109, // other numbers than the router's
    SOURCE_VIDEO_PAYLOAD_TYPE = 120,
    SOURCE_RTX_PAYLOAD_TYPE = 121,
    SOURCE_AUDIO_LEVEL_ID = 3,
};

struct source_packet {
    uint16_t sequence;
    uint32_t timestamp;
    bool marker;
    size_t size; // 0: none yet
    uint8_t payload[SOURCE_PAYLOAD_SIZE_MAX];
};

struct source {
    enum sotto_kind kind;
    uint32_t sender;
    uint32_t ssrc;
    uint32_t rtx_ssrc; // video
    uint8_t stream_id[SOTTO_STREAM_ID_SIZE];
    struct sotto_sealer sealer;
    bool is_muted; // sends nothing
    bool can_send; // what is made without a connection is lost before it gets numbers
    uint8_t audio_level;
    uint64_t frame_us; // when the next frame is due
    uint64_t frame_count;
    uint64_t key_frame_count;
    bool key_frame_wanted;
    uint32_t timestamp;
    uint64_t timestamp_us; // when the latest frame was made
    uint16_t next_sequence;
    uint16_t sent_sequence; // of the next packet to go out
    uint16_t rtx_sequence;
    uint16_t resends[SOURCE_RESEND_COUNT];
    size_t resend_first;
    size_t resend_last;
    uint64_t packet_count;
    uint64_t octet_count;
    uint64_t resent_count;
    uint64_t nack_count; // numbers asked for
    uint64_t pli_count;
    uint8_t clear[CONTENT_SIZE_MAX];
    uint8_t sealed[CONTENT_SIZE_MAX + SOTTO_OVERHEAD_MAX];
    struct source_packet packets[SOURCE_BUFFER_COUNT];
};

struct source_setup {
    enum sotto_kind kind;
    uint32_t sender;
    uint32_t ssrc;
    uint32_t rtx_ssrc;
    uint16_t first_sequence;
    const struct sotto_key_store *keys; // borrowed until wipe
    struct sotto_bytes room_id;
    struct sotto_bytes participant_id;
    uint8_t stream_id[SOTTO_STREAM_ID_SIZE];
};

void source_init(struct source *source, const struct source_setup *setup, uint64_t now_us);
void source_wipe(struct source *source);

void source_handle_nack(struct source *source, struct sotto_rtcp_nack *nack);
void source_handle_pli(struct source *source);

uint64_t source_poll_timeout(const struct source *source);
void source_handle_timeout(struct source *source, uint64_t now_us);

// Writes the next RTP packet, in clear. False if there is none.
bool source_poll_packet(struct source *source, struct sotto_writer *writer);

// Writes a sender report. False before the first packet.
bool source_write_report(const struct source *source, uint64_t now_us,
                         struct sotto_writer *writer);

#endif
