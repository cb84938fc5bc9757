// Participants for a load test of sottod over loopback: real ICE, DTLS and SRTP, made-up video.
// Another program does the signalling and gives the orders, one a line; answers are one JSON object
// a line, the first of them the fingerprint of this program's certificate:
//
//   transport <publish|subscribe> <call> <ssrc> <payload type> <ufrag> <password> <address:port>
//             <fingerprint>
//       A connection to be. `call` groups a publisher and its subscribers.
//   connect
//       Connects them all.
//   load <call> <packets per second> <packets at once> <milliseconds>
//       The call's publisher sends; then says what came to its subscribers.
//
// It ends with its input, and in any case after LIFETIME_S.
#include "client/transport.h"
#include "core/writer.h"
#include "crypto/certificate.h"
#include "crypto/random.h"
#include "net/clock.h"
#include "net/udp.h"
#include "proto/ntp.h"
#include "proto/rtcp_feedback.h"
#include "proto/rtp.h"
#include "proto/rtp_receive_stats.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum {
    LIFETIME_S = 180,
    END_COUNT_MAX = 160,
    PACKET_CAPACITY = 1500,
    // Browsers' video packets with their headers, before SRTP adds its tag.
    PACKET_SIZE = 1100,
    PACKETS_PER_FRAME = 20,
    FRAME_TICKS = 3000, // 30 pictures a second at 90 kHz
    CLOCK_HZ = 90000,
    REPORT_INTERVAL_US = 1000000,
    HOUSEKEEPING_US = 10000,
    CONNECT_TIMEOUT_US = 15000000,
    // On a machine that does other work the last packets come late.
    DRAIN_US = 3000000,
    LINE_SIZE = 512,
};

// One participant's transport.
struct end {
    bool publishes;
    unsigned call;
    uint32_t ssrc;
    uint8_t payload_type;
    bool is_connected;
    struct sotto_udp udp;
    struct sotto_address local;
    struct sotto_client_transport transport;
    // Of a publisher.
    bool key_frame_wanted;
    uint32_t packet_count;
    // Of a subscriber.
    struct sotto_rtp_receive_stats stats;
    uint64_t received_count;
};

static struct end *ends[END_COUNT_MAX];
static size_t end_count;
static struct sotto_certificate certificate;
static struct sotto_dtls_context dtls_context;
static int epoll_fd;
static uint64_t housekeeping_us;
static uint64_t report_us;
static struct sotto_udp_datagram received[SOTTO_UDP_BATCH_COUNT];
static uint8_t received_bytes[SOTTO_UDP_BATCH_COUNT][PACKET_CAPACITY];

static void require(bool condition, const char *what) {
    if (condition)
        return;
    fprintf(stderr, "call_load: %s\n", what);
    exit(1);
}

static void send_datagram(struct end *end, uint8_t *data, size_t size,
                          const struct sotto_address *to) {
    struct sotto_udp_datagram datagram = {.data = data, .size = size, .address.port = to->port};
    memcpy(datagram.address.bytes, to->bytes, sizeof datagram.address.bytes);
    // What the kernel does not take is lost, and shows in what arrives.
    (void)sotto_udp_send(&end->udp, &datagram, 1);
}

static void send_media(struct end *end, bool is_rtcp, const struct sotto_writer *writer) {
    size_t size;
    struct sotto_address from, to;
    require(!writer->failed, "a packet is too large");
    if (sotto_client_transport_protect(&end->transport, is_rtcp, writer->data, writer->offset,
                                       PACKET_CAPACITY, &size, &from, &to))
        send_datagram(end, writer->data, size, &to);
}

// Sends what ICE and DTLS have to say.
static void flush(struct end *end) {
    uint8_t datagram[SOTTO_CLIENT_TRANSPORT_DATAGRAM_SIZE_MAX];
    struct sotto_address from, to;
    struct sotto_client_transport_event event;
    size_t size;
    while ((size = sotto_client_transport_poll_transmit(&end->transport, datagram, sizeof datagram,
                                                        &from, &to)) > 0)
        send_datagram(end, datagram, size, &to);
    while (sotto_client_transport_poll_event(&end->transport, &event)) {
        end->is_connected = event.state == SOTTO_CLIENT_TRANSPORT_CONNECTED;
        require(event.state != SOTTO_CLIENT_TRANSPORT_FAILED, "DTLS failed");
    }
}

static void handle_rtp(struct end *end, uint64_t now_us, const uint8_t *data, size_t size) {
    struct sotto_rtp_packet packet;
    if (!sotto_rtp_parse(&packet, data, size) || packet.ssrc != end->ssrc)
        return;
    end->received_count++;
    sotto_rtp_receive_stats_handle_packet(&end->stats, packet.sequence, packet.timestamp, now_us);
}

static void handle_rtcp(struct end *end, uint64_t now_us, const uint8_t *data, size_t size) {
    struct sotto_rtcp_compound compound;
    struct sotto_rtcp_packet packet;
    struct sotto_rtcp_report report;
    sotto_rtcp_compound_init(&compound, data, size);
    while (sotto_rtcp_compound_next(&compound, &packet)) {
        if (packet.kind == SOTTO_RTCP_PLI)
            end->key_frame_wanted = true;
        if (packet.kind == SOTTO_RTCP_SENDER_REPORT && sotto_rtcp_parse_report(&packet, &report))
            sotto_rtp_receive_stats_handle_sender_report(&end->stats, report.sender_info.ntp_time,
                                                         now_us);
    }
}

static void receive(struct end *end, uint64_t now_us) {
    size_t count = sotto_udp_receive(&end->udp, received, SOTTO_UDP_BATCH_COUNT);
    for (size_t i = 0; i < count; i++) {
        const struct sotto_udp_datagram *datagram = &received[i];
        struct sotto_address from =
            sotto_address_from_ipv4(datagram->address.bytes, datagram->address.port);
        size_t size;
        switch (sotto_client_transport_handle_packet(&end->transport, now_us, &end->local, &from,
                                                     datagram->data, datagram->size, &size)) {
        case SOTTO_CLIENT_TRANSPORT_RTP: handle_rtp(end, now_us, datagram->data, size); break;
        case SOTTO_CLIENT_TRANSPORT_RTCP: handle_rtcp(end, now_us, datagram->data, size); break;
        case SOTTO_CLIENT_TRANSPORT_NOTHING: flush(end); break;
        }
    }
}

static void send_report(struct end *end, uint64_t now_us) {
    uint8_t bytes[PACKET_CAPACITY];
    struct sotto_writer writer;
    struct sotto_rtcp_report report = {.ssrc = end->publishes ? end->ssrc : 1};
    if (end->publishes) {
        report.has_sender_info = true;
        report.sender_info = (struct sotto_rtcp_sender_info){
            .ntp_time = sotto_ntp_from_us(now_us, 0),
            .rtp_timestamp = end->packet_count / PACKETS_PER_FRAME * FRAME_TICKS,
            .packet_count = end->packet_count,
            .octet_count = end->packet_count * PACKET_SIZE};
    } else if (sotto_rtp_receive_stats_poll_block(&end->stats, now_us, &report.blocks[0])) {
        report.block_count = 1;
    }
    sotto_writer_init(&writer, bytes, sizeof bytes);
    sotto_rtcp_write_report(&writer, &report);
    sotto_rtcp_write_sdes(&writer, report.ssrc, (const uint8_t *)"load", 4);
    send_media(end, true, &writer);
}

static void keep_house(uint64_t now_us) {
    bool reports = now_us >= report_us;
    housekeeping_us = now_us + HOUSEKEEPING_US;
    if (reports)
        report_us = now_us + REPORT_INTERVAL_US;
    for (size_t i = 0; i < end_count; i++) {
        if (sotto_client_transport_poll_timeout(&ends[i]->transport) <= now_us)
            sotto_client_transport_handle_timeout(&ends[i]->transport, now_us);
        flush(ends[i]);
        if (reports && ends[i]->is_connected)
            send_report(ends[i], now_us);
    }
}

// Receives until the time has come, or once if it is past. True if there is input.
static bool turn(uint64_t until_us) {
    struct epoll_event events[END_COUNT_MAX];
    uint64_t now_us = sotto_clock_now_us();
    uint64_t due_us = housekeeping_us < until_us ? housekeeping_us : until_us;
    uint64_t wait_us = due_us > now_us ? due_us - now_us : 0;
    struct timespec wait = {.tv_sec = (time_t)(wait_us / 1000000),
                            .tv_nsec = (long)(wait_us % 1000000) * 1000};
    bool has_input = false;
    int count = epoll_pwait2(epoll_fd, events, END_COUNT_MAX, &wait, NULL);
    now_us = sotto_clock_now_us();
    for (int i = 0; i < count; i++) {
        if (events[i].data.ptr)
            receive(events[i].data.ptr, now_us);
        else
            has_input = true;
    }
    if (now_us >= housekeeping_us)
        keep_house(now_us);
    return has_input;
}

// 20 packets of VP8 in the RTP format of RFC 7741: a descriptor with a picture id of 15 bits, then
// in the first packet the byte whose lowest bit says that this is no key frame.
static void publish_packet(struct end *end) {
    uint8_t bytes[PACKET_CAPACITY];
    struct sotto_writer writer;
    uint32_t frame = end->packet_count / PACKETS_PER_FRAME;
    bool starts = end->packet_count % PACKETS_PER_FRAME == 0;
    const struct sotto_rtp_header header = {
        .payload_type = end->payload_type,
        .marker = (end->packet_count + 1) % PACKETS_PER_FRAME == 0,
        .sequence = (uint16_t)end->packet_count,
        .timestamp = frame * FRAME_TICKS,
        .ssrc = end->ssrc};
    sotto_writer_init(&writer, bytes, PACKET_SIZE);
    sotto_rtp_write_header(&writer, &header, NULL, 0);
    sotto_writer_write_u8(&writer, starts ? 0x90 : 0x80);
    sotto_writer_write_u8(&writer, 0x80);
    sotto_writer_write_u16(&writer, (uint16_t)(0x8000 | (frame & 0x7fff)));
    sotto_writer_write_u8(&writer, starts && end->key_frame_wanted ? 0x10 : 0x11);
    end->key_frame_wanted &= !starts;
    sotto_writer_write_zeros(&writer, PACKET_SIZE - writer.offset);
    end->packet_count++;
    send_media(end, false, &writer);
}

static void add_transport(const char *arguments) {
    char role[16], ufrag[64], password[128], address[64], fingerprint[128];
    unsigned call, ssrc, payload_type;
    struct sotto_address remote;
    require(sscanf(arguments, "%15s %u %u %u %63s %127s %63s %127s", role, &call, &ssrc,
                   &payload_type, ufrag, password, address, fingerprint) == 8 &&
                payload_type < 128 && end_count < END_COUNT_MAX,
            "transport: the order is not complete");
    struct end *end = calloc(1, sizeof *end);
    require(end && sotto_udp_create(&end->udp, 0), "no memory or no port");
    end->publishes = strcmp(role, "publish") == 0;
    end->call = call;
    end->ssrc = ssrc;
    end->payload_type = (uint8_t)payload_type;
    const uint8_t loopback[4] = {127, 0, 0, 1};
    end->local = sotto_address_from_ipv4(loopback, end->udp.port);
    sotto_rtp_receive_stats_init(&end->stats, ssrc, CLOCK_HZ);

    struct sotto_client_transport_setup setup = {
        .direction = end->publishes ? SOTTO_CLIENT_TRANSPORT_SEND : SOTTO_CLIENT_TRANSPORT_RECEIVE,
        .dtls_context = &dtls_context};
    uint8_t random[SOTTO_ICE_RANDOM_SIZE];
    sotto_random_fill(random, sizeof random);
    sotto_random_fill(setup.ice_seed, sizeof setup.ice_seed);
    sotto_ice_credentials_from_random(&setup.local, random);
    require(sotto_ice_credentials_parse(&setup.remote, ufrag, strlen(ufrag), password,
                                        strlen(password)) &&
                sotto_certificate_parse_fingerprint("sha-256", fingerprint, setup.fingerprint) &&
                sotto_address_parse(&remote, address, strlen(address)) &&
                remote.family == SOTTO_ADDRESS_IPV4 && remote.bytes[0] == 127,
            "transport: credentials, fingerprint or loopback address are wrong");
    uint64_t now_us = sotto_clock_now_us();
    sotto_client_transport_init(&end->transport, &setup);
    require(sotto_client_transport_add_local(&end->transport, now_us, &end->local, 65535) &&
                sotto_client_transport_add_remote(&end->transport, now_us, &remote, 1) &&
                sotto_client_transport_add_ssrc(&end->transport, ssrc),
            "transport: no room");
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = end};
    require(epoll_ctl(epoll_fd, EPOLL_CTL_ADD, end->udp.fd, &event) == 0, "epoll");
    ends[end_count++] = end;
}

static size_t count_connected(void) {
    size_t count = 0;
    for (size_t i = 0; i < end_count; i++)
        count += ends[i]->is_connected;
    return count;
}

static void connect_all(void) {
    uint64_t end_us = sotto_clock_now_us() + CONNECT_TIMEOUT_US;
    while (count_connected() < end_count && sotto_clock_now_us() < end_us)
        turn(end_us);
    require(count_connected() == end_count, "some transports did not connect");
    printf("{\"connected\": %zu}\n", end_count);
}

// Whole frames, evenly paced; what is late is made up for at once.
static uint64_t publish(struct end *end, unsigned rate, unsigned at_once, uint64_t duration_us) {
    uint64_t start_us = sotto_clock_now_us();
    uint64_t frames = rate * duration_us / 1000000 / PACKETS_PER_FRAME;
    uint64_t total = frames * PACKETS_PER_FRAME;
    uint64_t sent = 0;
    end->key_frame_wanted = true;
    while (sent < total) {
        uint64_t due_us = start_us + sent * 1000000 / rate;
        do
            turn(due_us);
        while (sotto_clock_now_us() < due_us);
        for (unsigned i = 0; i < at_once && sent < total; i++, sent++)
            publish_packet(end);
    }
    return sent;
}

static struct end *find_publisher(unsigned call) {
    for (size_t i = 0; i < end_count; i++) {
        if (ends[i]->call == call && ends[i]->publishes)
            return ends[i];
    }
    require(false, "load: there is no such call");
    return NULL;
}

// What came to the subscribers of a call since it was last set to zero.
static uint64_t count_received(unsigned call, unsigned *subscribers) {
    uint64_t count = 0;
    *subscribers = 0;
    for (size_t i = 0; i < end_count; i++) {
        if (ends[i]->call != call || ends[i]->publishes)
            continue;
        count += ends[i]->received_count;
        (*subscribers)++;
    }
    return count;
}

static void load(const char *arguments) {
    unsigned call, rate, at_once, duration_ms, subscribers;
    require(sscanf(arguments, "%u %u %u %u", &call, &rate, &at_once, &duration_ms) == 4 &&
                rate > 0 && rate <= 20000 && at_once > 0 && duration_ms <= 60000,
            "load: the order is not complete");
    struct end *publisher = find_publisher(call);
    for (size_t i = 0; i < end_count; i++)
        ends[i]->received_count = 0;
    uint64_t sent = publish(publisher, rate, at_once, (uint64_t)duration_ms * 1000);
    uint64_t end_us = sotto_clock_now_us() + DRAIN_US;
    while (count_received(call, &subscribers) < sent * subscribers &&
           sotto_clock_now_us() < end_us)
        turn(end_us);
    printf("{\"sent\": %llu, \"received\": %llu}\n", (unsigned long long)sent,
           (unsigned long long)count_received(call, &subscribers));
}

static void obey(const char *line) {
    if (strncmp(line, "transport ", 10) == 0)
        add_transport(line + 10);
    else if (strcmp(line, "connect") == 0)
        connect_all();
    else if (strncmp(line, "load ", 5) == 0)
        load(line + 5);
    else
        require(false, "unknown order");
    fflush(stdout);
}

// False at the end of the input.
static bool take_orders(void) {
    static char buffer[64 * LINE_SIZE];
    static size_t size;
    ssize_t count = read(STDIN_FILENO, buffer + size, sizeof buffer - 1 - size);
    if (count <= 0)
        return false;
    size += (size_t)count;
    buffer[size] = '\0';
    char *line = buffer;
    for (char *end; (end = strchr(line, '\n')); line = end + 1) {
        *end = '\0';
        obey(line);
    }
    size -= (size_t)(line - buffer);
    memmove(buffer, line, size);
    require(size < LINE_SIZE, "an order is too long");
    return true;
}

int main(void) {
    char fingerprint[SOTTO_FINGERPRINT_TEXT_SIZE];
    struct epoll_event input = {.events = EPOLLIN};
    alarm(LIFETIME_S);
    for (size_t i = 0; i < SOTTO_UDP_BATCH_COUNT; i++)
        received[i] = (struct sotto_udp_datagram){.data = received_bytes[i],
                                                  .capacity = sizeof received_bytes[i]};
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    require(epoll_fd >= 0 && epoll_ctl(epoll_fd, EPOLL_CTL_ADD, STDIN_FILENO, &input) == 0 &&
                sotto_certificate_init(&certificate) &&
                sotto_dtls_context_init(&dtls_context, &certificate),
            "it cannot start");
    sotto_certificate_write_fingerprint(certificate.fingerprint, fingerprint);
    printf("{\"fingerprint\": \"%s\"}\n", fingerprint);
    fflush(stdout);
    while (!turn(UINT64_MAX) || take_orders()) {
    }
    for (size_t i = 0; i < end_count; i++) {
        sotto_client_transport_wipe(&ends[i]->transport);
        sotto_udp_destroy(&ends[i]->udp);
        free(ends[i]);
    }
    sotto_dtls_context_wipe(&dtls_context);
    sotto_certificate_wipe(&certificate);
    return 0;
}
