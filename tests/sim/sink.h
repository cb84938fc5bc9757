// One received track of a simulated client: puts packets in order, asks for what is missing, puts
// frames together, opens them and compares every byte with what was sealed.
#ifndef SOTTO_TESTS_SIM_SINK_H
#define SOTTO_TESTS_SIM_SINK_H

#include "core/opener.h"
#include "core/writer.h"
#include "proto/rtp.h"
#include "proto/rtp_receive_stats.h"
#include "proto/sequence.h"
#include "sfu/nack.h"
#include "tests/sim/content.h"

enum {
    SINK_SLOT_COUNT = 1024, // a power of two
    SINK_PAYLOAD_SIZE_MAX = 1200,
    SINK_KEY_FRAME_INTERVAL_US = 500000, // between two requests of ours
    SINK_AUDIO_PAYLOAD_TYPE = 100,       // the router's
    SINK_VIDEO_PAYLOAD_TYPE = 101,
    SINK_RTX_PAYLOAD_TYPE = 102,
};

struct sink_packet {
    uint64_t sequence; // extended; 0: free
    uint64_t arrived_us;
    bool marker;
    size_t size;
    uint8_t payload[SINK_PAYLOAD_SIZE_MAX];
};

// Since sink_begin_count.
struct sink_counters {
    uint64_t frame_count;                  // complete
    uint64_t results[SOTTO_INTERNAL + 1];  // of opening them
    uint64_t wrong_count;                  // opened with other bytes than were sealed
    uint64_t key_count;                    // opened key frames
    uint64_t number_first;                 // of opened frames
    uint64_t number_last;
    uint64_t first_us;
    uint64_t last_us;
    uint64_t key_us;            // of the first opened key frame
    uint64_t longest_pause_us;  // between two opened frames
    uint64_t early_delta_count; // opened before the first key frame
    uint64_t packet_count;      // of media, without retransmissions
    uint64_t rtx_count;
    uint64_t media_size; // payloads of both, in bytes
    uint64_t rtx_size;
    uint64_t late_count;     // packets of frames that were given up, or that came twice
    uint64_t abandoned_count; // times that a hole was given up
};

struct sink {
    enum sotto_kind kind;
    uint32_t sender; // that we believe to hear
    uint32_t ssrc;
    uint32_t rtx_ssrc; // video
    struct sotto_opener opener;
    struct sotto_sequence_extender extender;
    struct sotto_nack nack;
    struct sotto_rtp_receive_stats stats;
    uint64_t first;      // extended number of the first packet
    uint64_t next;       // of the next frame
    uint64_t blocked_us; // since when a packet waits for an earlier one; 0: none does
    uint64_t asked_us;   // for a key frame
    bool key_frame_wanted;
    bool is_decodable; // a key frame opened
    uint64_t distinct_count; // packets that came, each once
    struct sink_counters counters;
    struct sink_packet packets[SINK_SLOT_COUNT];
    uint8_t sealed[CONTENT_SIZE_MAX + SOTTO_OVERHEAD_MAX];
    uint8_t opened[CONTENT_SIZE_MAX + SOTTO_OVERHEAD_MAX];
};

struct sink_setup {
    enum sotto_kind kind;
    uint32_t sender;
    uint32_t ssrc;
    uint32_t rtx_ssrc;
    const struct sotto_key_store *keys; // borrowed until wipe
    struct sotto_bytes room_id;
    struct sotto_bytes participant_id;
    const uint8_t *stream_id;
};

void sink_init(struct sink *sink, const struct sink_setup *setup);
void sink_wipe(struct sink *sink);

// Counts from here on.
void sink_begin_count(struct sink *sink, uint64_t now_us);

// True if every complete frame opened, and was what had been sealed.
bool sink_is_right(const struct sink *sink);

// Opened frames of a thousand that were sent from the first to the last of them.
uint64_t sink_opened_permille(const struct sink *sink);

// Numbers between the first packet and the latest that never came.
uint64_t sink_missing_count(const struct sink *sink);

// One packet of its SSRCs, in clear.
void sink_handle_packet(struct sink *sink, uint64_t now_us, const struct sotto_rtp_packet *packet);

uint64_t sink_poll_timeout(const struct sink *sink);

// Writes the NACKs and the PLI that are due.
void sink_write_feedback(struct sink *sink, uint64_t now_us, uint32_t sender_ssrc,
                         struct sotto_writer *writer);

#endif
