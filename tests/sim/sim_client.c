#include "tests/sim/sim_client.h"

#include "proto/rtcp_feedback.h"
#include "tests/check.h"

enum {
    DATAGRAM_SIZE_MAX = 1536,
    RTCP_SIZE_MAX = 1200,
};

static const struct sotto_bytes room_id = {(const uint8_t *)"sim-room", 8};

static struct sotto_bytes participant(const struct sim_client *client) {
    const char *id = client->participant_id;
    return (struct sotto_bytes){(const uint8_t *)id, strlen(id)};
}

void sim_client_create(struct sim_client *client, struct network *network, unsigned host,
                       uint64_t seed, const struct sotto_room_secret *room_secret) {
    memset(client, 0, sizeof *client);
    client->network = network;
    client->host = host;
    client->random.state = seed;
    client->report_us = UINT64_MAX;
    client->rtcp_ssrc = (uint32_t)sim_random_next(&client->random) | 1;
    snprintf(client->participant_id, sizeof client->participant_id, "participant-%u", host);
    CHECK(sotto_certificate_init(&client->certificate));
    CHECK(sotto_dtls_context_init(&client->dtls_context, &client->certificate));
    sotto_key_store_init(&client->keys);
    sim_client_set_secret(client, room_secret);
}

void sim_client_destroy(struct sim_client *client) {
    for (size_t i = 0; i < SIM_CLIENT_TRANSPORT_COUNT; i++) {
        if (client->transports[i])
            sotto_client_transport_wipe(client->transports[i]);
        free(client->transports[i]);
    }
    for (size_t i = 0; i < client->source_count; i++) {
        source_wipe(client->sources[i]);
        free(client->sources[i]);
    }
    for (size_t i = 0; i < client->sink_count; i++) {
        sink_wipe(client->sinks[i]);
        free(client->sinks[i]);
    }
    sotto_key_store_wipe(&client->keys);
    sotto_dtls_context_wipe(&client->dtls_context);
    sotto_certificate_wipe(&client->certificate);
}

void sim_client_set_secret(struct sim_client *client,
                           const struct sotto_room_secret *room_secret) {
    CHECK_EQ(sotto_key_store_set_current(&client->keys, room_secret), SOTTO_OK);
}

void sim_client_connect(struct sim_client *client, uint64_t now_us,
                        const struct sim_client_connect *connect) {
    struct sotto_client_transport_setup setup = {.direction = connect->direction,
                                                 .dtls_context = &client->dtls_context,
                                                 .local = connect->local,
                                                 .remote = connect->remote};
    memcpy(setup.fingerprint, connect->fingerprint, sizeof setup.fingerprint);
    sim_random_fill(&client->random, setup.ice_seed, sizeof setup.ice_seed);
    struct sotto_client_transport *transport = malloc(sizeof *transport);
    CHECK(transport);
    client->transports[connect->direction] = transport;
    sotto_client_transport_init(transport, &setup);
    struct sotto_address local = network_inner_address(client->host, connect->direction);
    struct sotto_address remote = network_server_address();
    CHECK(sotto_client_transport_add_local(transport, now_us, &local, 65535));
    CHECK(sotto_client_transport_add_remote(transport, now_us, &remote, 1));
    if (client->report_us == UINT64_MAX)
        client->report_us = now_us + SIM_CLIENT_REPORT_INTERVAL_US;
}

struct source *sim_client_publish(struct sim_client *client, uint64_t now_us, enum sotto_kind kind,
                                  uint32_t ssrc, uint32_t rtx_ssrc) {
    struct source_setup setup = {.kind = kind,
                                 .sender = client->host,
                                 .ssrc = ssrc,
                                 .rtx_ssrc = rtx_ssrc,
                                 .keys = &client->keys,
                                 .room_id = room_id,
                                 .participant_id = participant(client)};
    setup.first_sequence = (uint16_t)sim_random_below(&client->random, 0x8000);
    sim_random_fill(&client->random, setup.stream_id, sizeof setup.stream_id);
    struct source *source = malloc(sizeof *source);
    CHECK(source && client->source_count < SIM_CLIENT_SOURCE_COUNT_MAX);
    source_init(source, &setup, now_us);
    client->sources[client->source_count++] = source;
    struct sotto_client_transport *transport = client->transports[SOTTO_CLIENT_TRANSPORT_SEND];
    CHECK(sotto_client_transport_add_ssrc(transport, ssrc));
    CHECK(rtx_ssrc == 0 || sotto_client_transport_add_ssrc(transport, rtx_ssrc));
    return source;
}

struct sink *sim_client_subscribe(struct sim_client *client, const struct sim_client *publisher,
                                  const struct source *source, uint32_t ssrc, uint32_t rtx_ssrc) {
    struct sink_setup setup = {.kind = source->kind,
                               .sender = publisher->host,
                               .ssrc = ssrc,
                               .rtx_ssrc = rtx_ssrc,
                               .keys = &client->keys,
                               .room_id = room_id,
                               .participant_id = participant(publisher),
                               .stream_id = source->stream_id};
    struct sink *sink = malloc(sizeof *sink);
    CHECK(sink && client->sink_count < SIM_CLIENT_SINK_COUNT_MAX);
    sink_init(sink, &setup);
    client->sinks[client->sink_count++] = sink;
    struct sotto_client_transport *transport = client->transports[SOTTO_CLIENT_TRANSPORT_RECEIVE];
    CHECK(sotto_client_transport_add_ssrc(transport, ssrc));
    CHECK(rtx_ssrc == 0 || sotto_client_transport_add_ssrc(transport, rtx_ssrc));
    return sink;
}

struct sink *sim_client_find_sink(const struct sim_client *client,
                                  const struct sim_client *publisher, enum sotto_kind kind) {
    for (size_t i = 0; i < client->sink_count; i++) {
        if (client->sinks[i]->sender == publisher->host && client->sinks[i]->kind == kind)
            return client->sinks[i];
    }
    return NULL;
}

bool sim_client_send(struct sim_client *client, uint64_t now_us,
                     enum sotto_client_transport_direction direction, bool is_rtcp,
                     uint8_t *packet, size_t size, size_t capacity) {
    struct sotto_address from;
    struct sotto_address to;
    size_t protected_size;
    if (!client->transports[direction] ||
        !sotto_client_transport_protect(client->transports[direction], is_rtcp, packet, size,
                                        capacity, &protected_size, &from, &to))
        return false;
    struct sotto_address server = network_server_address();
    CHECK(sotto_address_equal(&to, &server));
    memcpy(client->last_sent, packet, protected_size);
    client->last_sent_size = protected_size;
    network_send_up(client->network, now_us, client->host, direction, packet, protected_size);
    return true;
}

static void send_rtcp(struct sim_client *client, uint64_t now_us,
                      enum sotto_client_transport_direction direction,
                      struct sotto_writer *writer, size_t capacity) {
    CHECK(!writer->failed);
    if (writer->offset > 0)
        (void)sim_client_send(client, now_us, direction, true, writer->data, writer->offset,
                              capacity);
    writer->offset = 0;
}

static void flush_transports(struct sim_client *client, uint64_t now_us) {
    uint8_t datagram[DATAGRAM_SIZE_MAX];
    struct sotto_address from;
    struct sotto_address to;
    for (unsigned i = 0; i < SIM_CLIENT_TRANSPORT_COUNT; i++) {
        size_t size;
        while (client->transports[i] &&
               (size = sotto_client_transport_poll_transmit(client->transports[i], datagram,
                                                            sizeof datagram, &from, &to)) > 0) {
            CHECK_EQ(from.port, NETWORK_PORT_FIRST + i);
            if (client->first_dtls_size == 0 && datagram[0] >= 20 && datagram[0] <= 63) {
                memcpy(client->first_dtls, datagram, size);
                client->first_dtls_size = size;
            }
            network_send_up(client->network, now_us, client->host, i, datagram, size);
        }
    }
}

static void follow_states(struct sim_client *client, uint64_t now_us) {
    struct sotto_client_transport_event event;
    for (unsigned i = 0; i < SIM_CLIENT_TRANSPORT_COUNT; i++) {
        while (client->transports[i] &&
               sotto_client_transport_poll_event(client->transports[i], &event)) {
            client->states[i] = event.state;
            client->failures[i] = event.failure;
            if (event.state != SOTTO_CLIENT_TRANSPORT_CONNECTED)
                continue;
            client->connected_us[i] = now_us;
            for (size_t k = 0; i == SOTTO_CLIENT_TRANSPORT_SEND && k < client->source_count; k++)
                client->sources[k]->key_frame_wanted = true;
        }
    }
    const struct sotto_client_transport *sender = client->transports[SOTTO_CLIENT_TRANSPORT_SEND];
    for (size_t i = 0; i < client->source_count; i++)
        client->sources[i]->can_send = sotto_client_transport_can_send(sender);
}

static void flush_sources(struct sim_client *client, uint64_t now_us) {
    uint8_t packet[DATAGRAM_SIZE_MAX];
    struct sotto_writer writer;
    for (size_t i = 0; i < client->source_count; i++) {
        while (client->sources[i]->can_send) {
            sotto_writer_init(&writer, packet, sizeof packet);
            if (!source_poll_packet(client->sources[i], &writer))
                break;
            CHECK(!writer.failed);
            (void)sim_client_send(client, now_us, SOTTO_CLIENT_TRANSPORT_SEND, false, packet,
                                  writer.offset, sizeof packet);
        }
    }
}

static void flush_feedback(struct sim_client *client, uint64_t now_us) {
    uint8_t packet[DATAGRAM_SIZE_MAX];
    struct sotto_writer writer;
    sotto_writer_init(&writer, packet, RTCP_SIZE_MAX);
    for (size_t i = 0; i < client->sink_count; i++) {
        if (sink_poll_timeout(client->sinks[i]) > now_us)
            continue;
        sink_write_feedback(client->sinks[i], now_us, client->rtcp_ssrc, &writer);
        send_rtcp(client, now_us, SOTTO_CLIENT_TRANSPORT_RECEIVE, &writer, sizeof packet);
    }
}

static void flush(struct sim_client *client, uint64_t now_us) {
    follow_states(client, now_us);
    flush_transports(client, now_us);
    flush_sources(client, now_us);
    flush_feedback(client, now_us);
}

static void send_reports(struct sim_client *client, uint64_t now_us) {
    uint8_t packet[DATAGRAM_SIZE_MAX];
    struct sotto_writer writer;
    sotto_writer_init(&writer, packet, RTCP_SIZE_MAX);
    struct sotto_bytes cname = participant(client);
    for (size_t i = 0; i < client->source_count; i++) {
        if (source_write_report(client->sources[i], now_us, &writer))
            sotto_rtcp_write_sdes(&writer, client->sources[i]->ssrc, cname.data, cname.size);
    }
    send_rtcp(client, now_us, SOTTO_CLIENT_TRANSPORT_SEND, &writer, sizeof packet);
    struct sotto_rtcp_report report = {.ssrc = client->rtcp_ssrc};
    for (size_t i = 0; i < client->sink_count; i++) {
        if (sotto_rtp_receive_stats_poll_block(&client->sinks[i]->stats, now_us,
                                               &report.blocks[report.block_count]))
            report.block_count++;
    }
    sotto_rtcp_write_report(&writer, &report);
    sotto_rtcp_write_sdes(&writer, client->rtcp_ssrc, cname.data, cname.size);
    send_rtcp(client, now_us, SOTTO_CLIENT_TRANSPORT_RECEIVE, &writer, sizeof packet);
}

static void handle_rtp(struct sim_client *client, uint64_t now_us, const uint8_t *data,
                       size_t size) {
    struct sotto_rtp_packet packet;
    CHECK(sotto_rtp_parse(&packet, data, size));
    for (size_t i = 0; i < client->sink_count; i++) {
        struct sink *sink = client->sinks[i];
        if (packet.ssrc == sink->ssrc || packet.ssrc == sink->rtx_ssrc) {
            sink_handle_packet(sink, now_us, &packet);
            return;
        }
    }
    client->foreign_count++;
}

static struct source *find_source(const struct sim_client *client, uint32_t ssrc) {
    for (size_t i = 0; i < client->source_count; i++) {
        if (client->sources[i]->ssrc == ssrc)
            return client->sources[i];
    }
    return NULL;
}

static void handle_report(struct sim_client *client, uint64_t now_us,
                          const struct sotto_rtcp_packet *packet) {
    struct sotto_rtcp_report report;
    CHECK(sotto_rtcp_parse_report(packet, &report));
    client->receiver_report_count += !report.has_sender_info;
    client->sender_report_count += report.has_sender_info;
    for (size_t i = 0; report.has_sender_info && i < client->sink_count; i++) {
        if (client->sinks[i]->ssrc == report.ssrc)
            sotto_rtp_receive_stats_handle_sender_report(&client->sinks[i]->stats,
                                                         report.sender_info.ntp_time, now_us);
    }
}

static void handle_feedback(struct sim_client *client, const struct sotto_rtcp_packet *packet) {
    struct sotto_rtcp_nack nack;
    struct sotto_rtcp_pli pli;
    struct source *source;
    if (sotto_rtcp_parse_nack(packet, &nack) && (source = find_source(client, nack.media_ssrc)))
        source_handle_nack(source, &nack);
    if (sotto_rtcp_parse_pli(packet, &pli) && (source = find_source(client, pli.media_ssrc)))
        source_handle_pli(source);
}

static void handle_rtcp(struct sim_client *client, uint64_t now_us, const uint8_t *data,
                        size_t size) {
    struct sotto_rtcp_compound compound;
    struct sotto_rtcp_packet packet;
    sotto_rtcp_compound_init(&compound, data, size);
    while (sotto_rtcp_compound_next(&compound, &packet)) {
        if (packet.kind == SOTTO_RTCP_SENDER_REPORT || packet.kind == SOTTO_RTCP_RECEIVER_REPORT)
            handle_report(client, now_us, &packet);
        else
            handle_feedback(client, &packet);
    }
    CHECK(!compound.malformed);
}

void sim_client_handle_packet(struct sim_client *client, uint64_t now_us,
                              const struct sotto_address *to, const struct sotto_address *from,
                              uint8_t *data, size_t size) {
    size_t port = (size_t)to->port - NETWORK_PORT_FIRST;
    if (port >= SIM_CLIENT_TRANSPORT_COUNT || !client->transports[port])
        return;
    size_t plain_size;
    enum sotto_client_transport_packet kind = sotto_client_transport_handle_packet(
        client->transports[port], now_us, to, from, data, size, &plain_size);
    if (kind == SOTTO_CLIENT_TRANSPORT_RTP)
        handle_rtp(client, now_us, data, plain_size);
    else if (kind == SOTTO_CLIENT_TRANSPORT_RTCP)
        handle_rtcp(client, now_us, data, plain_size);
    flush(client, now_us);
}

static uint64_t earlier(uint64_t a_us, uint64_t b_us) {
    return a_us < b_us ? a_us : b_us;
}

uint64_t sim_client_poll_timeout(const struct sim_client *client) {
    uint64_t due_us = client->report_us;
    for (size_t i = 0; i < SIM_CLIENT_TRANSPORT_COUNT; i++) {
        if (client->transports[i])
            due_us =
                earlier(due_us, sotto_client_transport_poll_timeout(client->transports[i]));
    }
    for (size_t i = 0; i < client->source_count; i++)
        due_us = earlier(due_us, source_poll_timeout(client->sources[i]));
    for (size_t i = 0; i < client->sink_count; i++)
        due_us = earlier(due_us, sink_poll_timeout(client->sinks[i]));
    return due_us;
}

void sim_client_handle_timeout(struct sim_client *client, uint64_t now_us) {
    for (size_t i = 0; i < SIM_CLIENT_TRANSPORT_COUNT; i++) {
        if (client->transports[i])
            sotto_client_transport_handle_timeout(client->transports[i], now_us);
    }
    follow_states(client, now_us);
    for (size_t i = 0; i < client->source_count; i++)
        source_handle_timeout(client->sources[i], now_us);
    if (client->report_us <= now_us) {
        send_reports(client, now_us);
        client->report_us = now_us + SIM_CLIENT_REPORT_INTERVAL_US;
    }
    flush(client, now_us);
}
