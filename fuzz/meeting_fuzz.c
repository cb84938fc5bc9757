// Arbitrary histories of a meeting: commands, packets, reports and time, in the order that the
// input says. Whatever happens: nothing goes to a peer that did not subscribe to it, every number
// of a stream is used once and leaves no gap beyond repair, retransmissions count up by one and
// stay within their share, RTCP is well formed, memory comes back once, and timers move on.
#include "proto/rtcp_feedback.h"
#include "proto/sequence.h"
#include "sfu/meeting.h"

#include <stdlib.h>
#include <string.h>

enum {
    PEERS = 4,
    UPS = 6,
    DOWNS = 8,
    WINDOW = 4096, // numbers remembered per stream
    PULLS_MAX = 100000,
    SSRC_BASE = 100,
};

// What the test knows of one subscription.
struct stream {
    bool live;
    bool paused;
    struct sotto_handle handle;
    struct sotto_handle peer;
    uint32_t ssrc;
    bool started;
    struct sotto_sequence_extender sequence;
    uint64_t used[WINDOW]; // extended numbers, by their low bits
    bool rtx_started;
    uint16_t rtx_sequence;
};

static struct sotto_meeting meeting;
static void *memory;
static struct sotto_handle peers[PEERS];
static struct sotto_handle ups[UPS];
static void *caches[UPS]; // by slot, NULL unless the meeting has it
static struct stream streams[DOWNS];
static uint64_t now_us;
static uint32_t next_ssrc;

static const uint8_t *input;
static size_t input_size;

static void require(bool condition) {
    if (!condition)
        abort();
}

static uint8_t take(void) {
    if (input_size == 0)
        return 0;
    input_size--;
    return *input++;
}

static void begin(void) {
    struct sotto_meeting_setup setup = {.peer_count_max = PEERS,
                                        .track_up_count_max = UPS,
                                        .track_down_count_max = DOWNS,
                                        .seed = 42};
    if (!memory)
        memory = malloc(sotto_meeting_memory_size(&setup));
    require(memory != NULL);
    sotto_meeting_init(&meeting, &setup, memory);
    memset(peers, 0, sizeof peers);
    memset(ups, 0, sizeof ups);
    memset(streams, 0, sizeof streams);
    now_us = 0;
    next_ssrc = 5000;
}

static void forget_streams(struct sotto_handle peer) {
    for (int i = 0; i < DOWNS; i++)
        if (sotto_handle_equal(streams[i].peer, peer))
            streams[i].live = false;
}

static void add_peer(void) {
    struct sotto_peer_setup setup = {.rtcp_ssrc = 1, .reduced_size = take() % 2, .cname = "fuzz"};
    struct sotto_handle handle;
    if (sotto_meeting_add_peer(&meeting, now_us, &setup, &handle) == SOTTO_MEETING_OK)
        peers[handle.slot] = handle;
}

static void remove_peer(void) {
    struct sotto_handle peer = peers[take() % PEERS];
    if (sotto_meeting_remove_peer(&meeting, peer) == SOTTO_MEETING_OK)
        forget_streams(peer);
}

static void add_up(void) {
    uint8_t choice = take();
    struct sotto_track_up_setup setup = {
        .kind = choice & 1 ? SOTTO_MEDIA_VIDEO : SOTTO_MEDIA_AUDIO,
        .codec = (enum sotto_mime_type)(choice >> 1 & 7),
        .clock_rate_hz = choice & 1 ? 90000 : 48000,
        .payload_type_count = 2,
        .payload_types = {{96, 97, 101}, {111, 0, 100}},
        .ssrc = choice & 16 ? 0 : SSRC_BASE + take() % 8U,
        .rtx_ssrc = choice & 32 ? 0 : SSRC_BASE + 8 + take() % 8U,
        .nack = choice & 64,
        .pli = choice & 128,
    };
    setup.mid[0] = (char)('0' + take() % 4);
    if (choice & 16)
        setup.rid[0] = take() % 2 ? 'r' : 0;
    for (uint8_t i = 0; i < SOTTO_EXTENSION_COUNT; i++)
        setup.extension_ids.ids[i] = i + 1;
    void *cache = malloc(sotto_track_up_memory_size(setup.kind));
    require(cache != NULL);
    struct sotto_handle handle;
    if (sotto_meeting_add_track_up(&meeting, peers[take() % PEERS], &setup, cache, &handle) !=
        SOTTO_MEETING_OK) {
        free(cache);
        return;
    }
    require(caches[handle.slot] == NULL);
    caches[handle.slot] = cache;
    ups[handle.slot] = handle;
}

static void add_down(void) {
    uint8_t choice = take();
    struct sotto_track_down_setup setup = {
        .ssrc = next_ssrc,
        .rtx_ssrc = choice & 1 ? next_ssrc + 1 : 0,
        .rtx_payload_type = 102,
        .first_sequence = (uint16_t)(take() << 8),
        .rtx_first_sequence = (uint16_t)(take() << 8 | 0xFF),
        .mid = "12",
        .cname = "fuzz",
    };
    for (uint8_t i = 0; i < SOTTO_EXTENSION_COUNT; i++)
        setup.extension_ids.ids[i] = choice & 2 ? i + 2 : 0;
    struct sotto_handle handle;
    struct sotto_handle peer = peers[take() % PEERS];
    if (sotto_meeting_add_track_down(&meeting, now_us, peer, ups[take() % UPS], &setup, &handle) !=
        SOTTO_MEETING_OK)
        return;
    require(!streams[handle.slot].live);
    memset(&streams[handle.slot], 0, sizeof streams[handle.slot]);
    streams[handle.slot].live = true;
    streams[handle.slot].paused = true;
    streams[handle.slot].handle = handle;
    streams[handle.slot].peer = peer;
    streams[handle.slot].ssrc = setup.ssrc;
    next_ssrc += 2;
}

static void command_down(uint8_t what) {
    struct stream *stream = &streams[take() % DOWNS];
    struct sotto_handle up = ups[take() % UPS];
    bool done = false;
    switch (what) {
    case 0:
        done = sotto_meeting_remove_track_down(&meeting, stream->handle) == SOTTO_MEETING_OK;
        require(!done || stream->live);
        stream->live = stream->live && !done;
        break;
    case 1:
        done = sotto_meeting_pause_track_down(&meeting, stream->handle) == SOTTO_MEETING_OK;
        stream->paused = true;
        break;
    case 2:
        done =
            sotto_meeting_resume_track_down(&meeting, now_us, stream->handle) == SOTTO_MEETING_OK;
        stream->paused = false;
        break;
    default:
        done = sotto_meeting_switch_track_down(&meeting, now_us, stream->handle, up) ==
               SOTTO_MEETING_OK;
        break;
    }
    require(!done || stream->live || what == 0);
}

static void command_up(uint8_t what) {
    struct sotto_handle up = ups[take() % UPS];
    enum sotto_meeting_result result = SOTTO_MEETING_OK;
    if (what == 0)
        result = sotto_meeting_remove_track_up(&meeting, up);
    else if (what == 1)
        result = sotto_meeting_pause_track_up(&meeting, up);
    else if (what == 2)
        result = sotto_meeting_resume_track_up(&meeting, now_us, up);
    else
        result = sotto_meeting_request_key_frame(&meeting, now_us, up);
    require(result == SOTTO_MEETING_OK || result == SOTTO_MEETING_STALE);
}

static size_t put(uint8_t *bytes, size_t size, const uint8_t *data, size_t data_size) {
    memcpy(bytes + size, data, data_size);
    return size + data_size;
}

// A run of packets of one stream with chosen numbers, names and sizes.
static void feed_rtp(void) {
    uint8_t choice = take();
    uint16_t sequence = (uint16_t)(take() << 8 | take());
    struct sotto_handle peer = peers[take() % PEERS];
    uint8_t count = choice & 1 ? 1 : take() % 32;
    uint8_t fixed[12] = {0x90, choice & 2 ? 97 : 96, 0, 0, 0, 0, take(), 0,
                         0,    0,                    0, SSRC_BASE};
    fixed[1] = choice & 4 ? 111 : fixed[1];
    fixed[0] |= choice & 8 ? 0x20 : 0;
    fixed[11] = (uint8_t)(fixed[11] + take() % 16);
    // MID, RID, repaired RID and audio level, by the ids of add_up.
    uint8_t extensions[] = {0xBE, 0xDE, 0,   2,    (SOTTO_EXTENSION_MID + 1) << 4,
                            0,    (SOTTO_EXTENSION_RTP_STREAM_ID + 1) << 4,
                            'r',  (SOTTO_EXTENSION_AUDIO_LEVEL + 1) << 4,
                            0,    (SOTTO_EXTENSION_REPAIRED_RTP_STREAM_ID + 1) << 4,
                            'r'};
    extensions[5] = (uint8_t)('0' + take() % 4);
    extensions[9] = take();
    size_t payload_size = take() * 7U;
    for (uint8_t i = 0; i < count; i++) {
        uint8_t bytes[2048] = {0};
        fixed[2] = (uint8_t)(sequence >> 8);
        fixed[3] = (uint8_t)sequence;
        size_t size = put(bytes, 0, fixed, sizeof fixed);
        size = put(bytes, size, extensions, sizeof extensions);
        bytes[size] = 0x10;
        bytes[size + 1] = i;
        size += payload_size + 2;
        bytes[size - 1] = choice & 8 ? choice : bytes[size - 1];
        sotto_meeting_handle_rtp(&meeting, now_us, peer, bytes, size);
        sequence = (uint16_t)(sequence + 1 + (choice >> 5));
    }
}

static void feed_raw(void) {
    uint8_t bytes[256];
    uint8_t choice = take();
    size_t size = take();
    for (size_t i = 0; i < size; i++)
        bytes[i] = take();
    // In memory of exactly its size.
    uint8_t *copy = malloc(size ? size : 1);
    require(copy != NULL);
    memcpy(copy, bytes, size);
    if (choice & 1)
        sotto_meeting_handle_rtp(&meeting, now_us, peers[choice >> 1 & 3], copy, size);
    else
        sotto_meeting_handle_rtcp(&meeting, now_us, peers[choice >> 1 & 3], copy, size);
    (void)!sotto_meeting_expects(&meeting, peers[choice >> 1 & 3], copy, size);
    free(copy);
}

// NACK, PLI or reports about what a subscriber received, or says so.
static void feed_feedback(void) {
    uint8_t bytes[1500];
    uint8_t choice = take();
    const struct stream *stream = &streams[take() % DOWNS];
    uint16_t newest = (uint16_t)stream->sequence.highest;
    struct sotto_writer writer;
    sotto_writer_init(&writer, bytes, sizeof bytes);
    if (choice & 1) {
        uint16_t sequences[64];
        uint8_t first = take();
        for (uint16_t i = 0; i < 64; i++)
            sequences[i] = (uint16_t)(newest - first + i);
        sotto_rtcp_write_nack(&writer, 1, stream->ssrc, sequences, 64);
    }
    if (choice & 2) {
        struct sotto_rtcp_pli pli = {.sender_ssrc = 1, .media_ssrc = stream->ssrc};
        sotto_rtcp_write_pli(&writer, &pli);
    }
    if (choice & 4) {
        struct sotto_rtcp_report report = {
            .ssrc = SSRC_BASE + take() % 16U, .has_sender_info = choice & 8, .block_count = 1};
        report.sender_info.ntp_time = (uint64_t)take() << 56 | take();
        report.sender_info.rtp_timestamp = (uint32_t)take() << 24;
        report.blocks[0].ssrc = stream->ssrc;
        report.blocks[0].last_sender_report = (uint32_t)take() << 24;
        sotto_rtcp_write_report(&writer, &report);
    }
    require(!writer.failed);
    struct sotto_handle peer = choice & 16 ? peers[choice >> 5 & 3] : stream->peer;
    sotto_meeting_handle_rtcp(&meeting, now_us, peer, bytes, writer.offset);
}

static void check_media(struct stream *stream, const struct sotto_rtp_packet *packet) {
    require(!stream->paused);
    if (!stream->started)
        require(packet->sequence < 0x8000);
    uint64_t before = stream->sequence.highest;
    uint64_t extended = sotto_sequence_advance(&stream->sequence, packet->sequence);
    if (stream->started)
        require(extended <= before + SOTTO_PACKET_MAP_GAP_MAX && extended + WINDOW > before);
    stream->started = true;
    uint64_t *used = &stream->used[extended % WINDOW];
    require(*used != extended);
    *used = extended;
}

static void check_rtp(const struct sotto_meeting_transmit *transmit, const uint8_t *bytes) {
    struct sotto_rtp_packet packet;
    require(!transmit->to_publisher);
    require(sotto_rtp_parse(&packet, bytes, transmit->size));
    require(packet.payload_size > 0 && packet.payload_size <= SOTTO_RTP_PAYLOAD_SIZE_MAX + 2);
    for (int i = 0; i < DOWNS; i++) {
        struct stream *stream = &streams[i];
        if (!stream->live || !sotto_handle_equal(stream->peer, transmit->peer))
            continue;
        if (stream->ssrc == packet.ssrc) {
            check_media(stream, &packet);
            return;
        }
        if (stream->ssrc + 1 == packet.ssrc) {
            require(packet.payload_type == 102);
            require(!stream->rtx_started ||
                    packet.sequence == (uint16_t)(stream->rtx_sequence + 1));
            stream->rtx_started = true;
            stream->rtx_sequence = packet.sequence;
            return;
        }
    }
    abort(); // nobody subscribed to this
}

static void check_rtcp(const struct sotto_meeting_transmit *transmit, const uint8_t *bytes) {
    struct sotto_rtcp_compound compound;
    struct sotto_rtcp_packet packet;
    require(transmit->size <= SOTTO_RTCP_PACKET_SIZE_MAX);
    sotto_rtcp_compound_init(&compound, bytes, transmit->size);
    while (sotto_rtcp_compound_next(&compound, &packet)) {
        require(packet.kind != SOTTO_RTCP_OTHER && packet.kind != SOTTO_RTCP_GOODBYE);
        require(transmit->to_publisher || packet.kind == SOTTO_RTCP_SENDER_REPORT ||
                packet.kind == SOTTO_RTCP_SOURCE_DESCRIPTION);
    }
    require(!compound.malformed);
}

static void pull_transmit(void) {
    static uint8_t bytes[SOTTO_RTP_PACKET_SIZE_MAX];
    struct sotto_meeting_transmit transmit;
    for (int i = 0; sotto_meeting_poll_transmit(&meeting, now_us, bytes, sizeof bytes, &transmit);
         i++) {
        require(i < PULLS_MAX && transmit.size > 0 && transmit.size <= sizeof bytes);
        require(sotto_handle_equal(peers[transmit.peer.slot], transmit.peer));
        if (transmit.rtcp)
            check_rtcp(&transmit, bytes);
        else
            check_rtp(&transmit, bytes);
    }
}

static void pull_events(void) {
    struct sotto_meeting_event event;
    while (sotto_meeting_poll_event(&meeting, &event)) {
        if (event.kind == SOTTO_MEETING_TRACK_UP_ENDED) {
            require(caches[event.track.slot] == event.memory && event.memory);
            free(event.memory);
            caches[event.track.slot] = NULL;
        }
        if (event.kind == SOTTO_MEETING_TRACK_DOWN_ENDED) {
            require(sotto_handle_equal(streams[event.track.slot].handle, event.track));
            streams[event.track.slot].live = false;
        }
    }
}

static void check_shares(void) {
    for (int i = 0; i < DOWNS; i++) {
        struct sotto_track_down_counters counters;
        if (sotto_meeting_count_track_down(&meeting, streams[i].handle, &counters) !=
            SOTTO_MEETING_OK)
            continue;
        uint64_t sent_size =
            counters.payload_size + counters.packet_count * SOTTO_RESEND_OVERHEAD_SIZE;
        uint64_t resent_size =
            counters.resent_size + counters.resent_count * SOTTO_RESEND_OVERHEAD_SIZE;
        require(resent_size <=
                SOTTO_RESEND_CREDIT_SIZE_FIRST + sent_size * SOTTO_RESEND_SHARE_PERCENT / 100);
    }
}

static void pull(void) {
    sotto_meeting_handle_timeout(&meeting, now_us);
    pull_transmit();
    pull_events();
    check_shares();
    require(sotto_meeting_poll_timeout(&meeting) > now_us);
}

static void step(void) {
    uint8_t what = take();
    switch (what % 12) {
    case 0:
        add_peer();
        break;
    case 1:
        remove_peer();
        break;
    case 2:
        add_up();
        break;
    case 3:
        command_up(what / 12 % 4);
        break;
    case 4:
        add_down();
        break;
    case 5:
        command_down(what / 12 % 4);
        break;
    case 6:
    case 7:
        feed_rtp();
        break;
    case 8:
        feed_feedback();
        break;
    case 9:
        feed_raw();
        break;
    case 10:
        now_us += (uint64_t)take() * 5000;
        break;
    default:
        pull();
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    input = data;
    input_size = size;
    begin();
    while (input_size > 0)
        step();
    pull();
    for (int i = 0; i < PEERS; i++)
        if (sotto_meeting_remove_peer(&meeting, peers[i]) == SOTTO_MEETING_OK)
            forget_streams(peers[i]);
    pull_events();
    for (int i = 0; i < UPS; i++)
        require(caches[i] == NULL);
    return 0;
}
