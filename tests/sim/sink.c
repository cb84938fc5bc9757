#include "tests/sim/sink.h"

#include "proto/rtcp_feedback.h"
#include "proto/rtx.h"
#include "tests/check.h"

enum {
    AUDIO_CLOCK_HZ = 48000,
    VIDEO_CLOCK_HZ = 90000,
    VP8_DESCRIPTOR_SIZE = 4,
    // What was asked for so long in vain does not come any more.
    PATIENCE_US = (SOTTO_NACK_AGE_MS_MAX + 100) * 1000,
    // After so long a key frame is asked for, and gone on with as soon as it is complete.
    KEY_FRAME_PATIENCE_US = 800000,
    // Packets from before the first one that came.
    EARLIER_COUNT_MAX = 32,
};

void sink_init(struct sink *sink, const struct sink_setup *setup) {
    memset(sink, 0, sizeof *sink);
    sink->kind = setup->kind;
    sink->sender = setup->sender;
    sink->ssrc = setup->ssrc;
    sink->rtx_ssrc = setup->rtx_ssrc;
    sotto_nack_init(&sink->nack);
    sotto_rtp_receive_stats_init(&sink->stats, setup->ssrc,
                                 setup->kind == SOTTO_KIND_VIDEO ? VIDEO_CLOCK_HZ : AUDIO_CLOCK_HZ);
    struct sotto_stream_name name;
    struct sotto_bytes stream_id = {setup->stream_id, SOTTO_STREAM_ID_SIZE};
    CHECK(sotto_stream_name_init(&name, setup->room_id, setup->participant_id, stream_id,
                                 setup->kind));
    CHECK(sotto_opener_init(&sink->opener, setup->keys, &name, SOTTO_AES_128_GCM_SHA256_128,
                            SOTTO_LIVENESS_NOT_NEEDED));
}

void sink_wipe(struct sink *sink) {
    sotto_opener_wipe(&sink->opener);
}

void sink_begin_count(struct sink *sink, uint64_t now_us) {
    sink->counters = (struct sink_counters){.last_us = now_us};
}

bool sink_is_right(const struct sink *sink) {
    const struct sink_counters *counters = &sink->counters;
    return counters->wrong_count == 0 && counters->results[SOTTO_OK] == counters->frame_count;
}

uint64_t sink_opened_permille(const struct sink *sink) {
    const struct sink_counters *counters = &sink->counters;
    uint64_t opened = counters->results[SOTTO_OK];
    if (opened == 0)
        return 0;
    return opened * 1000 / (counters->number_last - counters->number_first + 1);
}

uint64_t sink_missing_count(const struct sink *sink) {
    if (sink->distinct_count == 0)
        return 0;
    return sink->extender.highest - sink->first + 1 - sink->distinct_count;
}

static void count_opened(struct sink *sink, uint64_t now_us, const struct content *content) {
    struct sink_counters *counters = &sink->counters;
    if (counters->results[SOTTO_OK] == 1) {
        counters->first_us = now_us;
        counters->number_first = counters->number_last = content->number;
    }
    if (content->number < counters->number_first)
        counters->number_first = content->number;
    if (content->number > counters->number_last)
        counters->number_last = content->number;
    if (counters->last_us != 0 && now_us - counters->last_us > counters->longest_pause_us)
        counters->longest_pause_us = now_us - counters->last_us;
    counters->last_us = now_us;
    if (content->is_key) {
        sink->is_decodable = true;
        sink->key_frame_wanted = false;
        counters->key_us = counters->key_count == 0 ? now_us : counters->key_us;
        counters->key_count++;
    }
    counters->early_delta_count += sink->kind == SOTTO_KIND_VIDEO && !sink->is_decodable;
}

static void open_frame(struct sink *sink, uint64_t now_us, size_t sealed_size) {
    struct sotto_bytes wire = {sink->sealed, sealed_size};
    size_t size;
    enum sotto_result result =
        sotto_opener_open(&sink->opener, wire, sink->opened, sizeof sink->opened, &size);
    sink->counters.frame_count++;
    sink->counters.results[result]++;
    struct content content;
    if (result != SOTTO_OK)
        return;
    if (!content_read(&content, sink->sender, sink->kind, sink->opened, size))
        sink->counters.wrong_count++;
    else
        count_opened(sink, now_us, &content);
}

static struct sink_packet *find(struct sink *sink, uint64_t sequence) {
    struct sink_packet *packet = &sink->packets[sequence % SINK_SLOT_COUNT];
    return packet->sequence == sequence ? packet : NULL;
}

static bool starts_frame(const struct sink_packet *packet) {
    return packet->size > VP8_DESCRIPTOR_SIZE && (packet->payload[0] & 0x17) == 0x10;
}

// The number behind the last packet of the frame that begins there; 0 if it is not complete.
static uint64_t find_end(struct sink *sink, uint64_t first) {
    const struct sink_packet *packet = find(sink, first);
    if (!packet || !starts_frame(packet))
        return 0;
    for (uint64_t i = first; (packet = find(sink, i)); i++) {
        if (packet->marker)
            return i + 1;
    }
    return 0;
}

// The first packet of a complete key frame behind the hole; 0 if there is none.
static uint64_t find_key(struct sink *sink) {
    for (uint64_t i = sink->next; i <= sink->extender.highest; i++) {
        const struct sink_packet *packet = find(sink, i);
        if (packet && starts_frame(packet) && !(packet->payload[VP8_DESCRIPTOR_SIZE] & 1) &&
            find_end(sink, i) != 0)
            return i;
    }
    return 0;
}

// The arrival of the packet that has waited longest for those before it; 0 if none waits.
static uint64_t find_blocked_us(struct sink *sink) {
    uint64_t blocked_us = UINT64_MAX;
    for (uint64_t i = sink->next; i <= sink->extender.highest; i++) {
        const struct sink_packet *packet = find(sink, i);
        if (packet && packet->arrived_us < blocked_us)
            blocked_us = packet->arrived_us;
    }
    return blocked_us == UINT64_MAX ? 0 : blocked_us;
}

static void deliver(struct sink *sink, uint64_t now_us) {
    uint64_t end;
    bool has_moved = false;
    while ((end = find_end(sink, sink->next)) != 0) {
        size_t size = 0;
        for (; sink->next < end; sink->next++) {
            struct sink_packet *packet = find(sink, sink->next);
            size_t part = packet->size - VP8_DESCRIPTOR_SIZE;
            CHECK(size + part <= sizeof sink->sealed);
            memcpy(sink->sealed + size, packet->payload + VP8_DESCRIPTOR_SIZE, part);
            size += part;
            packet->sequence = 0;
        }
        open_frame(sink, now_us, size);
        has_moved = true;
    }
    if (has_moved || sink->blocked_us == 0)
        sink->blocked_us = find_blocked_us(sink);
}

// Does not wait any longer for what is missing if there is a key frame to go on with.
static void jump(struct sink *sink, uint64_t now_us) {
    if (sink->blocked_us == 0 || now_us - sink->blocked_us < KEY_FRAME_PATIENCE_US)
        return;
    uint64_t key = find_key(sink);
    if (key == 0)
        return;
    sink->next = key;
    sink->counters.abandoned_count++;
    deliver(sink, now_us);
}

// Gives up the next frame and goes on with the one behind it that begins with a packet we have.
static void skip(struct sink *sink, uint64_t now_us) {
    const struct sink_packet *packet;
    do {
        packet = find(sink, ++sink->next);
    } while (sink->next <= sink->extender.highest && !(packet && starts_frame(packet)));
    sink->blocked_us = 0;
    sink->key_frame_wanted = true;
    sink->counters.abandoned_count++;
    deliver(sink, now_us);
}

static void store(struct sink *sink, uint64_t now_us, uint64_t sequence,
                  const struct sotto_rtp_packet *packet) {
    struct sink_packet *slot = &sink->packets[sequence % SINK_SLOT_COUNT];
    CHECK(packet->payload_size <= sizeof slot->payload);
    slot->sequence = sequence;
    slot->arrived_us = now_us;
    slot->marker = packet->marker;
    slot->size = packet->payload_size;
    memcpy(slot->payload, packet->payload, packet->payload_size);
}

static void handle_video(struct sink *sink, uint64_t now_us, uint64_t sequence,
                         const struct sotto_rtp_packet *packet) {
    bool is_earlier = sequence < sink->first && sink->first - sequence <= EARLIER_COUNT_MAX &&
                      sink->counters.frame_count == 0 && sink->next == sink->first;
    if (is_earlier)
        sink->first = sink->next = sequence;
    if (sequence < sink->next || find(sink, sequence)) {
        sink->counters.late_count++;
        return;
    }
    sink->distinct_count++;
    sotto_nack_handle_packet(&sink->nack, now_us, sequence);
    store(sink, now_us, sequence, packet);
    deliver(sink, now_us);
    jump(sink, now_us);
}

static void handle_audio(struct sink *sink, uint64_t now_us,
                         const struct sotto_rtp_packet *packet) {
    CHECK(packet->payload_size <= sizeof sink->sealed);
    sink->distinct_count++;
    memcpy(sink->sealed, packet->payload, packet->payload_size);
    open_frame(sink, now_us, packet->payload_size);
}

void sink_handle_packet(struct sink *sink, uint64_t now_us, const struct sotto_rtp_packet *packet) {
    bool is_video = sink->kind == SOTTO_KIND_VIDEO;
    uint8_t payload_type = is_video ? SINK_VIDEO_PAYLOAD_TYPE : SINK_AUDIO_PAYLOAD_TYPE;
    struct sotto_rtp_packet media = *packet;
    if (packet->ssrc == sink->rtx_ssrc && sink->rtx_ssrc != 0) {
        CHECK_EQ(packet->payload_type, SINK_RTX_PAYLOAD_TYPE);
        CHECK(sotto_rtx_unwrap(&media, payload_type, sink->ssrc));
        sink->counters.rtx_count++;
        sink->counters.rtx_size += media.payload_size;
    } else {
        sink->counters.packet_count++;
        sink->counters.media_size += media.payload_size;
        sotto_rtp_receive_stats_handle_packet(&sink->stats, media.sequence, media.timestamp,
                                              now_us);
    }
    CHECK_EQ(media.payload_type, payload_type);
    uint64_t sequence = sotto_sequence_advance(&sink->extender, media.sequence);
    if (sink->first == 0)
        sink->first = sink->next = sequence;
    if (is_video)
        handle_video(sink, now_us, sequence, &media);
    else
        handle_audio(sink, now_us, &media);
}

static uint64_t abandon_us(const struct sink *sink) {
    return sink->kind == SOTTO_KIND_VIDEO && sink->blocked_us != 0 ? sink->blocked_us + PATIENCE_US
                                                                   : UINT64_MAX;
}

// When to ask for a key frame: until the first is there, and while a hole stays open for long.
static uint64_t ask_us(const struct sink *sink) {
    uint64_t again_us = sink->asked_us + SINK_KEY_FRAME_INTERVAL_US;
    bool is_waiting = sink->kind == SOTTO_KIND_VIDEO && sink->distinct_count > 0 &&
                      !sink->is_decodable;
    if (sink->key_frame_wanted || is_waiting)
        return again_us;
    if (sink->blocked_us == 0)
        return UINT64_MAX;
    uint64_t patience_us = sink->blocked_us + KEY_FRAME_PATIENCE_US;
    return patience_us > again_us ? patience_us : again_us;
}

uint64_t sink_poll_timeout(const struct sink *sink) {
    uint64_t due_us = sotto_nack_poll_timeout(&sink->nack);
    if (abandon_us(sink) < due_us)
        due_us = abandon_us(sink);
    return ask_us(sink) < due_us ? ask_us(sink) : due_us;
}

void sink_write_feedback(struct sink *sink, uint64_t now_us, uint32_t sender_ssrc,
                         struct sotto_writer *writer) {
    uint16_t sequences[64];
    size_t count = sotto_nack_poll(&sink->nack, now_us, SOTTO_ROUND_TRIP_MS_DEFAULT, sequences,
                                   sizeof sequences / sizeof sequences[0]);
    if (count > 0)
        sotto_rtcp_write_nack(writer, sender_ssrc, sink->ssrc, sequences, count);
    if (sotto_nack_poll_gave_up(&sink->nack))
        sink->key_frame_wanted = true;
    if (abandon_us(sink) <= now_us)
        skip(sink, now_us);
    if (now_us < ask_us(sink))
        return;
    struct sotto_rtcp_pli pli = {sender_ssrc, sink->ssrc};
    sotto_rtcp_write_pli(writer, &pli);
    sink->asked_us = now_us;
    if (sink->is_decodable)
        sink->key_frame_wanted = false;
}
