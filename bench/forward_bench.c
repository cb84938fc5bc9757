// What one forwarded packet costs in sfu/, without encryption and without system calls: one
// publisher's 1100-byte video packets to 20 and to 100 subscribers, each packet written into a
// buffer of its own as a sender that batches would have it.
// Prints CPU time per forwarded packet, receiving included: the median of several rounds and their
// extremes, one JSON object a line.
#include "sfu/meeting.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    PAYLOAD_SIZE = 1088,
    ROUND_COUNT = 31,
    FORWARDED_PER_ROUND = 200000,
    RECEIVED_AT_ONCE = 8, // about what recvmmsg brings of one video frame
    BUFFER_COUNT = 64,    // written and sent in one go
    BUFFER_SIZE = 1600,
    MID_ID = 1,
    SEND_TIME_ID = 4,
};

struct bench {
    struct sotto_meeting meeting;
    struct sotto_handle publisher;
    uint8_t packet[12 + 8 + PAYLOAD_SIZE];
    uint16_t sequence;
    uint64_t now_us;
    uint8_t buffers[BUFFER_COUNT][BUFFER_SIZE];
};

static void fail(const char *what) {
    fprintf(stderr, "forward_bench: %s\n", what);
    exit(1);
}

static uint64_t cpu_ns(void) {
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

static struct sotto_handle add_peer(struct bench *bench) {
    struct sotto_peer_setup setup = {.rtcp_ssrc = 7, .reduced_size = true, .cname = "server"};
    struct sotto_handle handle;
    if (sotto_meeting_add_peer(&bench->meeting, 0, &setup, &handle) != SOTTO_MEETING_OK)
        fail("no room for a peer");
    return handle;
}

static void subscribe(struct bench *bench, struct sotto_handle track_up, uint32_t index) {
    struct sotto_track_down_setup setup = {.ssrc = 1000 + 2 * index,
                                           .rtx_ssrc = 1001 + 2 * index,
                                           .rtx_payload_type = 102,
                                           .mid = "3",
                                           .cname = "publisher"};
    setup.extension_ids.ids[SOTTO_EXTENSION_MID] = MID_ID;
    setup.extension_ids.ids[SOTTO_EXTENSION_ABS_SEND_TIME] = SEND_TIME_ID;
    struct sotto_handle handle;
    if (sotto_meeting_add_track_down(&bench->meeting, 0, add_peer(bench), track_up, &setup,
                                     &handle) != SOTTO_MEETING_OK ||
        sotto_meeting_resume_track_down(&bench->meeting, 0, handle) != SOTTO_MEETING_OK)
        fail("no subscription");
}

static void fill_packet(uint8_t *packet) {
    // VP8 delta frame behind MID and send time, as Chromium sends it.
    static const uint8_t start[] = {0x90, 96, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9,
                                    0xBE, 0xDE, 0, 1, 0x40, '0', 0, 0};
    memset(packet, 0x5A, sizeof start + PAYLOAD_SIZE);
    memcpy(packet, start, sizeof start);
    packet[sizeof start] = 0x10;
    packet[sizeof start + 1] = 0x01;
}

static struct bench *create(uint32_t subscriber_count) {
    struct bench *bench = calloc(1, sizeof *bench);
    struct sotto_meeting_setup setup = {.peer_count_max = subscriber_count + 1,
                                        .track_up_count_max = 1,
                                        .track_down_count_max = subscriber_count,
                                        .seed = 1};
    void *memory = malloc(sotto_meeting_memory_size(&setup));
    void *cache = malloc(sotto_track_up_memory_size(SOTTO_MEDIA_VIDEO));
    if (!bench || !memory || !cache)
        fail("no memory");
    sotto_meeting_init(&bench->meeting, &setup, memory);
    bench->publisher = add_peer(bench);
    struct sotto_track_up_setup track = {.kind = SOTTO_MEDIA_VIDEO,
                                         .codec = SOTTO_MIME_VP8,
                                         .clock_rate_hz = 90000,
                                         .payload_type_count = 1,
                                         .payload_types = {{96, 97, 101}},
                                         .ssrc = 9,
                                         .nack = true,
                                         .pli = true};
    track.extension_ids.ids[SOTTO_EXTENSION_MID] = 4;
    struct sotto_handle track_up;
    if (sotto_meeting_add_track_up(&bench->meeting, bench->publisher, &track, cache, &track_up) !=
        SOTTO_MEETING_OK)
        fail("no track");
    for (uint32_t i = 0; i < subscriber_count; i++)
        subscribe(bench, track_up, i);
    fill_packet(bench->packet);
    return bench;
}

static void receive_batch(struct bench *bench) {
    for (int i = 0; i < RECEIVED_AT_ONCE; i++) {
        bench->sequence++;
        bench->packet[2] = (uint8_t)(bench->sequence >> 8);
        bench->packet[3] = (uint8_t)bench->sequence;
        sotto_meeting_handle_rtp(&bench->meeting, bench->now_us, bench->publisher, bench->packet,
                                 sizeof bench->packet);
    }
}

static uint64_t forward(struct bench *bench, uint64_t count) {
    uint64_t sent = 0;
    while (sent < count) {
        bench->now_us += 3000;
        receive_batch(bench);
        struct sotto_meeting_transmit transmit;
        while (sotto_meeting_poll_transmit(&bench->meeting, bench->now_us,
                                           bench->buffers[sent % BUFFER_COUNT], BUFFER_SIZE,
                                           &transmit))
            sent += !transmit.rtcp;
        if (sotto_meeting_poll_timeout(&bench->meeting) <= bench->now_us)
            sotto_meeting_handle_timeout(&bench->meeting, bench->now_us);
    }
    return sent;
}

static int compare(const void *a, const void *b) {
    double left = *(const double *)a;
    double right = *(const double *)b;
    return (left > right) - (left < right);
}

static void measure(uint32_t subscriber_count) {
    struct bench *bench = create(subscriber_count);
    double ns[ROUND_COUNT];
    forward(bench, FORWARDED_PER_ROUND);
    for (int i = 0; i < ROUND_COUNT; i++) {
        uint64_t start = cpu_ns();
        uint64_t sent = forward(bench, FORWARDED_PER_ROUND);
        ns[i] = (double)(cpu_ns() - start) / (double)sent;
    }
    qsort(ns, ROUND_COUNT, sizeof ns[0], compare);
    printf("{\"bench\": \"forward\", \"subscribers\": %u, \"payload_bytes\": %d, \"rounds\": %d, "
           "\"cpu_ns_per_packet_median\": %.1f, \"min\": %.1f, \"max\": %.1f}\n",
           subscriber_count, PAYLOAD_SIZE, ROUND_COUNT, ns[ROUND_COUNT / 2], ns[0],
           ns[ROUND_COUNT - 1]);
    free(bench->meeting.peers);
    free(bench->meeting.track_ups[0].cache_memory);
    free(bench);
}

int main(void) {
    measure(20);
    measure(100);
    return 0;
}
