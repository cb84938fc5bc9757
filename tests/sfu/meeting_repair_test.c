// Two publishers and three subscribers in one meeting, over pipes that lose, delay and reorder, in
// virtual time and from a seed. Publishers answer NACKs with RTX and requests with key frames,
// subscribers ask for what they miss, all by what is on the wire.
#include "proto/rtx.h"
#include "tests/sfu/draw.h"
#include "tests/sfu/meeting_harness.h"

enum {
    MS = 1000,
    PUBLISHERS = 2,
    SUBSCRIBERS = 3,
    PACKETS = 6000, // of each publisher
    TAIL = 40,      // more, so that the loss of the last ones shows
    HISTORY = 2048,
    IN_FLIGHT_MAX = 4096,
};

static struct network {
    uint32_t loss_permille;
    uint32_t delay_ms;
    uint32_t jitter_ms; // more than the distance of packets: they overtake each other
} network;

// A datagram on its way to the meeting (`to_meeting`) or to one of its peers.
struct datagram {
    uint64_t arrives_us;
    bool to_meeting;
    bool rtcp;
    int peer;
    size_t size;
    uint8_t bytes[SOTTO_RTP_PACKET_SIZE_MAX];
};

static struct datagram in_flight[IN_FLIGHT_MAX];
static size_t in_flight_count;

static void send_datagram(bool to_meeting, bool rtcp, int peer, const uint8_t *bytes, size_t size) {
    if (draw(1000) < network.loss_permille)
        return;
    CHECK(in_flight_count < IN_FLIGHT_MAX);
    struct datagram *datagram = &in_flight[in_flight_count++];
    datagram->arrives_us =
        now_us + (uint64_t)(network.delay_ms + draw(network.jitter_ms + 1)) * MS;
    datagram->to_meeting = to_meeting;
    datagram->rtcp = rtcp;
    datagram->peer = peer;
    datagram->size = size;
    memcpy(datagram->bytes, bytes, size);
}

struct publisher {
    struct sotto_handle handle;
    uint32_t ssrc;
    uint16_t first_sequence;
    uint32_t first_timestamp;
    uint32_t next; // number of the next packet
    uint16_t rtx_sequence;
    uint32_t key_frame_requests;
    bool key_frame_wanted;
    bool is_key[HISTORY];
};

struct stream {
    uint32_t ssrc;
    bool started;
    uint64_t base; // outgoing sequence number of packet 0, extended
    struct sotto_sequence_extender sequence;
    uint32_t timestamp_offset;
    uint32_t lowest; // numbers of packets that arrived
    uint32_t highest;
    bool got[PACKETS + 2 * TAIL + 100];
    bool on_wire[PACKETS + 2 * TAIL + 100]; // left the meeting under its own SSRC
    uint64_t asked_us[PACKETS + 2 * TAIL + 100];
    bool left;           // something of it left the meeting
    uint32_t late_count; // came again although it was there
};

struct subscriber {
    struct sotto_handle handle;
    struct stream streams[PUBLISHERS];
};

static struct publisher publishers[PUBLISHERS];
static struct subscriber subscribers[SUBSCRIBERS];

// What packet `number` carries: VP8 descriptor, key or delta, who and which, and filling.
static size_t fill_payload(const struct publisher *publisher, uint32_t number, uint8_t *payload) {
    size_t size = 20 + number * 37 % 1100;
    memset(payload, (int)(number & 0xFF), size);
    payload[0] = 0x10;
    payload[1] = publisher->is_key[number % HISTORY] ? 0x00 : 0x01;
    memcpy(payload + 2, &publisher->ssrc, 4);
    memcpy(payload + 6, &number, 4);
    return size;
}

static void send_packet(struct publisher *publisher, uint32_t number, bool rtx) {
    uint8_t payload[1200];
    struct packet packet =
        packet_begin(PUBLISHED_VIDEO_PT, publisher->ssrc,
                     (uint16_t)(publisher->first_sequence + number));
    packet.timestamp = publisher->first_timestamp + number * 700;
    packet.payload = payload;
    packet.payload_size = fill_payload(publisher, number, payload);
    if (rtx) {
        packet.original_sequence = packet.sequence;
        packet.payload_type = PUBLISHED_RTX_PT;
        packet.ssrc = publisher->ssrc + 1;
        packet.sequence = publisher->rtx_sequence++;
    }
    packet_finish(&packet);
    send_datagram(true, false, (int)(publisher - publishers), packet.bytes, packet.size);
}

static void publish_next(struct publisher *publisher) {
    uint32_t number = publisher->next++;
    publisher->is_key[number % HISTORY] = publisher->key_frame_wanted;
    publisher->key_frame_wanted = false;
    send_packet(publisher, number, false);
}

static void publisher_hears(struct publisher *publisher, const struct datagram *datagram) {
    struct sotto_rtcp_compound compound;
    struct sotto_rtcp_packet packet;
    sotto_rtcp_compound_init(&compound, datagram->bytes, datagram->size);
    while (sotto_rtcp_compound_next(&compound, &packet)) {
        struct sotto_rtcp_nack nack;
        uint16_t sequence;
        if (packet.kind == SOTTO_RTCP_PLI) {
            publisher->key_frame_wanted = true;
            publisher->key_frame_requests++;
        }
        if (!sotto_rtcp_parse_nack(&packet, &nack))
            continue;
        CHECK_EQ(nack.media_ssrc, publisher->ssrc);
        while (sotto_rtcp_nack_next(&nack, &sequence)) {
            uint16_t back = (uint16_t)(publisher->first_sequence + publisher->next - sequence);
            CHECK(back >= 1 && back <= publisher->next); // only what was sent is asked for
            if (back < HISTORY)
                send_packet(publisher, publisher->next - back, true);
        }
    }
    CHECK(!compound.malformed);
}

static struct stream *find_stream(struct subscriber *subscriber, uint32_t ssrc) {
    for (int i = 0; i < PUBLISHERS; i++)
        if (subscriber->streams[i].ssrc == ssrc || subscriber->streams[i].ssrc + 1 == ssrc)
            return &subscriber->streams[i];
    check_fail(__FILE__, __LINE__, "a stream that nobody subscribed to");
}

// Every packet must be where its number says: the distance in the subscriber's numbers is that in
// the publisher's, and so is that of the timestamps. Returns the number of the packet.
static uint32_t check_place(struct stream *stream, const struct publisher *publisher,
                            const struct sotto_rtp_packet *packet, uint64_t extended) {
    uint32_t ssrc;
    uint32_t number;
    uint8_t expected[1200];
    CHECK(packet->payload_size >= 10);
    memcpy(&ssrc, packet->payload + 2, 4);
    memcpy(&number, packet->payload + 6, 4);
    CHECK_EQ(ssrc, publisher->ssrc);
    if (!stream->started) {
        stream->started = true;
        stream->base = extended - number;
        stream->lowest = number;
        stream->highest = number;
        stream->timestamp_offset = packet->timestamp - number * 700;
    }
    CHECK_EQ(extended, stream->base + number);
    CHECK_EQ(packet->timestamp, stream->timestamp_offset + number * 700);
    CHECK_EQ(packet->payload_size, fill_payload(publisher, number, expected));
    CHECK_BYTES(packet->payload + 2, expected + 2, packet->payload_size - 2);
    return number;
}

static void subscriber_hears(struct subscriber *subscriber, const struct datagram *datagram) {
    struct sotto_rtp_packet packet;
    if (datagram->rtcp)
        return;
    CHECK(sotto_rtp_parse(&packet, datagram->bytes, datagram->size));
    struct stream *stream = find_stream(subscriber, packet.ssrc);
    const struct publisher *publisher = &publishers[stream - subscriber->streams];
    if (packet.payload_type == ROUTER_RTX_PT) {
        CHECK_EQ(packet.ssrc, stream->ssrc + 1);
        CHECK(sotto_rtx_unwrap(&packet, ROUTER_VIDEO_PT, stream->ssrc));
    }
    CHECK_EQ(packet.payload_type, ROUTER_VIDEO_PT);
    uint64_t extended = sotto_sequence_advance(&stream->sequence, packet.sequence);
    uint32_t number = check_place(stream, publisher, &packet, extended);
    if (number > stream->highest)
        stream->highest = number;
    if (number < stream->lowest)
        stream->lowest = number;
    stream->late_count += stream->got[number];
    stream->got[number] = true;
}

// What is missing for 20 ms or more is asked for, every 70 ms.
static void subscriber_asks(int peer, struct stream *stream) {
    uint16_t missing[100];
    size_t count = 0;
    if (!stream->started)
        return;
    for (uint32_t i = stream->lowest; i < stream->highest && count < 100; i++) {
        if (stream->got[i])
            continue;
        if (stream->asked_us[i] == 0)
            stream->asked_us[i] = now_us - 50 * MS;
        if (now_us - stream->asked_us[i] < 70 * MS)
            continue;
        stream->asked_us[i] = now_us;
        missing[count++] = (uint16_t)(stream->base + i);
    }
    uint8_t bytes[1200];
    struct sotto_writer writer;
    sotto_writer_init(&writer, bytes, sizeof bytes);
    if (count == 0)
        return;
    sotto_rtcp_write_nack(&writer, 1, stream->ssrc, missing, count);
    CHECK(!writer.failed);
    send_datagram(true, true, peer, bytes, writer.offset);
}

static struct sotto_handle handle_of(int peer) {
    return peer < PUBLISHERS ? publishers[peer].handle : subscribers[peer - PUBLISHERS].handle;
}

// Peers were added in their order, to the slots of an empty table.
static int peer_of(struct sotto_handle handle) {
    CHECK(handle.slot < PUBLISHERS + SUBSCRIBERS);
    CHECK(sotto_handle_equal(handle, handle_of((int)handle.slot)));
    return (int)handle.slot;
}

// On leaving the meeting, before anything is lost: each number of a stream goes out once, a key
// frame first.
static void check_leaves_once(const struct harness_sent *packet, int peer) {
    struct sotto_rtp_packet rtp;
    CHECK(peer >= PUBLISHERS);
    CHECK(sotto_rtp_parse(&rtp, packet->bytes, packet->transmit.size));
    struct stream *stream = find_stream(&subscribers[peer - PUBLISHERS], rtp.ssrc);
    if (rtp.ssrc != stream->ssrc)
        return;
    uint32_t number;
    memcpy(&number, rtp.payload + 6, 4);
    CHECK(!stream->on_wire[number]);
    CHECK(stream->left || publishers[stream - subscribers[peer - PUBLISHERS].streams]
                              .is_key[number % HISTORY]);
    stream->left = true;
    stream->on_wire[number] = true;
}

static void deliver(void) {
    for (size_t i = 0; i < in_flight_count;) {
        if (in_flight[i].arrives_us > now_us) {
            i++;
            continue;
        }
        struct datagram datagram = in_flight[i];
        in_flight[i] = in_flight[--in_flight_count];
        if (datagram.to_meeting && datagram.rtcp)
            sotto_meeting_handle_rtcp(&meeting, now_us, handle_of(datagram.peer), datagram.bytes,
                                      datagram.size);
        else if (datagram.to_meeting)
            sotto_meeting_handle_rtp(&meeting, now_us, handle_of(datagram.peer), datagram.bytes,
                                     datagram.size);
        else if (datagram.peer < PUBLISHERS)
            publisher_hears(&publishers[datagram.peer], &datagram);
        else
            subscriber_hears(&subscribers[datagram.peer - PUBLISHERS], &datagram);
    }
}

static void step(void) {
    now_us += 1 * MS;
    deliver();
    pull();
    for (size_t i = 0; i < sent_count; i++) {
        int peer = peer_of(sent[i].transmit.peer);
        if (!sent[i].transmit.rtcp)
            check_leaves_once(&sent[i], peer);
        send_datagram(false, sent[i].transmit.rtcp, peer, sent[i].bytes, sent[i].transmit.size);
    }
    if (now_us % (20 * MS) == 0)
        for (int i = 0; i < SUBSCRIBERS; i++)
            for (int j = 0; j < PUBLISHERS; j++)
                subscriber_asks(PUBLISHERS + i, &subscribers[i].streams[j]);
}

static void begin(uint32_t seed, uint16_t first_sequence, uint32_t first_timestamp) {
    harness_begin();
    draw_seed(seed);
    in_flight_count = 0;
    memset(publishers, 0, sizeof publishers);
    memset(subscribers, 0, sizeof subscribers);
    struct sotto_handle tracks[PUBLISHERS];
    for (uint32_t i = 0; i < PUBLISHERS; i++) {
        struct publisher *publisher = &publishers[i];
        publisher->handle = add_peer();
        publisher->ssrc = 100 + 10 * i;
        publisher->first_sequence = (uint16_t)(first_sequence + i);
        publisher->first_timestamp = first_timestamp;
        tracks[i] = publish_video(publisher->handle, publisher->ssrc);
    }
    for (uint32_t i = 0; i < SUBSCRIBERS; i++) {
        subscribers[i].handle = add_peer();
        for (uint32_t j = 0; j < PUBLISHERS; j++) {
            subscribers[i].streams[j].ssrc = 1000 + 100 * i + 10 * j;
            (void)subscribe(subscribers[i].handle, tracks[j], subscribers[i].streams[j].ssrc);
        }
    }
}

static void run(void) {
    while (publishers[0].next < PACKETS + TAIL) {
        if (now_us / MS % 3 == 0)
            for (int i = 0; i < PUBLISHERS; i++)
                publish_next(&publishers[i]);
        step();
    }
    for (int i = 0; i < 2000; i++)
        step();
}

static void check_everything_arrived(void) {
    for (int i = 0; i < SUBSCRIBERS; i++)
        for (int j = 0; j < PUBLISHERS; j++) {
            const struct stream *stream = &subscribers[i].streams[j];
            // It begins with the key frame, a round trip after the subscription, unless that was
            // lost where nobody could know of it.
            CHECK(stream->started && stream->lowest < 40);
            for (uint32_t k = stream->lowest; k < PACKETS; k++)
                CHECK(stream->got[k]);
        }
}

TEST(without_loss_every_packet_arrives_and_nothing_is_asked_for) {
    network = (struct network){.delay_ms = 20};
    begin(1, 65000, UINT32_MAX - 100000);
    run();
    check_everything_arrived();
    for (int i = 0; i < PUBLISHERS; i++) {
        struct sotto_track_up_counters up;
        CHECK_EQ(sotto_meeting_count_track_up(&meeting, meeting.track_ups[i].handle, &up),
                 SOTTO_MEETING_OK);
        CHECK_EQ(up.packet_count, PACKETS + TAIL);
        CHECK_EQ(up.nack_count, 0);
    }
    for (int i = 0; i < SUBSCRIBERS * PUBLISHERS; i++) {
        CHECK_EQ(meeting.track_downs[i].counters.resent_count, 0);
        CHECK_EQ(subscribers[i / PUBLISHERS].streams[i % PUBLISHERS].late_count, 0);
    }
}

TEST(reordering_alone_asks_for_little_and_loses_nothing) {
    network = (struct network){.delay_ms = 20, .jitter_ms = 9};
    begin(2, 65000, UINT32_MAX - 100000);
    run();
    check_everything_arrived();
    for (int i = 0; i < PUBLISHERS; i++)
        CHECK_EQ(meeting.track_ups[i].counters.nack_count, 0);
}

TEST(at_five_percent_loss_every_packet_arrives_at_everybody_in_its_place) {
    network = (struct network){.loss_permille = 50, .delay_ms = 15, .jitter_ms = 12};
    for (uint32_t seed = 1; seed <= 6; seed++) {
        // Sequence numbers and timestamps wrap on the way.
        begin(seed, (uint16_t)(65536 - 1000 * seed), UINT32_MAX - 700 * 2000);
        run();
        check_everything_arrived();
        for (int i = 0; i < PUBLISHERS; i++) {
            const struct sotto_track_up_counters *up = &meeting.track_ups[i].counters;
            CHECK(up->repaired_count > PACKETS / 30);
            CHECK(up->nack_count < PACKETS / 5);
            // The request at the start, and its repetitions if it or its answer was lost.
            CHECK(publishers[i].key_frame_requests < 5);
        }
        for (int i = 0; i < SUBSCRIBERS * PUBLISHERS; i++) {
            const struct sotto_track_down_counters *down = &meeting.track_downs[i].counters;
            CHECK(down->resent_count > PACKETS / 30);
            uint64_t sent_size =
                down->payload_size + down->packet_count * SOTTO_RESEND_OVERHEAD_SIZE;
            uint64_t resent_size =
                down->resent_size + down->resent_count * SOTTO_RESEND_OVERHEAD_SIZE;
            CHECK(resent_size <= SOTTO_RESEND_CREDIT_SIZE_FIRST + sent_size / 5);
        }
    }
}

TEST(the_same_seed_gives_the_same_meeting) {
    network = (struct network){.loss_permille = 50, .delay_ms = 15, .jitter_ms = 12};
    uint64_t sent_before = 0;
    for (int i = 0; i < 2; i++) {
        begin(77, 1, 1);
        run();
        uint64_t total = meeting.counters.sent_rtp_count << 32 | meeting.counters.sent_rtcp_count;
        CHECK(i == 0 || total == sent_before);
        sent_before = total;
    }
}

int main(void) {
    RUN(without_loss_every_packet_arrives_and_nothing_is_asked_for);
    RUN(reordering_alone_asks_for_little_and_loses_nothing);
    RUN(at_five_percent_loss_every_packet_arrives_at_everybody_in_its_place);
    RUN(the_same_seed_gives_the_same_meeting);
    harness_end();
    return 0;
}
