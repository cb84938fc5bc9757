#include "tests/sim/call.h"

#include "tests/check.h"
#include "tests/sim/virtual_random.h"
#include "tests/sim/virtual_time.h"

enum {
    BEGIN_US = 1000000,
    AUDIO_CLOCK_HZ = 48000,
    VIDEO_CLOCK_HZ = 90000,
    MID_ID = 1,
    SEND_TIME_ID = 4,
    AUDIO_LEVEL_ID = 10,
    BATCH_COUNT_MAX = 32, // datagrams that the worker gets before it is pulled
};

static const int64_t unix_offset_us = INT64_C(1800000000) * 1000000;

struct call *call_create(uint64_t seed) {
    struct call *call = calloc(1, sizeof *call);
    CHECK(call);
    call->random.state = seed;
    call->now_us = BEGIN_US;
    call->interfere_us = UINT64_MAX;
    virtual_time_set_us(call->now_us);
    virtual_random_seed(sim_random_next(&call->random));
    network_create(&call->network, sim_random_next(&call->random));
    CHECK(sotto_certificate_init(&call->certificate));
    CHECK(sotto_media_worker_create(&call->worker, &call->certificate,
                                    sim_random_next(&call->random), unix_offset_us));
    sim_random_fill(&call->random, call->secret.bytes, sizeof call->secret.bytes);
    struct sotto_media_command command = {
        .type = SOTTO_MEDIA_ADD_MEETING,
        .id = CALL_MEETING,
        .meeting = {.peer_count_max = 8, .track_up_count_max = 16, .track_down_count_max = 64}};
    call->last_id = CALL_MEETING;
    call_post(call, &command);
    return call;
}

void call_destroy(struct call *call) {
    for (unsigned i = 0; i < call->client_count; i++) {
        sim_client_destroy(&call->clients[i]->sim);
        free(call->clients[i]);
    }
    sotto_media_worker_destroy(&call->worker);
    sotto_certificate_wipe(&call->certificate);
    network_destroy(&call->network);
    free(call);
}

uint64_t call_next_id(struct call *call) {
    return ++call->last_id;
}

// Pulls what the worker has for the network and for the control thread.
static void pull(struct call *call) {
    uint8_t datagram[SOTTO_MEDIA_DATAGRAM_SIZE_MAX];
    struct sotto_address to;
    size_t size;
    while ((size = sotto_media_worker_poll_transmit(&call->worker, call->now_us, datagram,
                                                    sizeof datagram, &to)) > 0) {
        CHECK(size <= sizeof datagram);
        network_send_down(&call->network, call->now_us, &to, datagram, size);
    }
    struct sotto_media_event *event;
    while ((event = sotto_media_worker_poll_event(&call->worker))) {
        CHECK(call->event_count < CALL_EVENT_COUNT_MAX);
        call->event_us[call->event_count] = call->now_us;
        call->events[call->event_count++] = *event;
        free(event);
    }
}

void call_post(struct call *call, const struct sotto_media_command *command) {
    sotto_media_worker_handle_command(&call->worker, call->now_us, command);
    pull(call);
}

void call_post_about(struct call *call, enum sotto_media_command_type type, uint64_t id) {
    struct sotto_media_command command = {.type = type, .id = id};
    call_post(call, &command);
}

static void draw_credentials(struct call *call, struct sotto_ice_credentials *credentials) {
    uint8_t random[SOTTO_ICE_RANDOM_SIZE];
    sim_random_fill(&call->random, random, sizeof random);
    sotto_ice_credentials_from_random(credentials, random);
}

static void add_peer(struct call *call, struct call_client *client) {
    struct sotto_media_command command = {.type = SOTTO_MEDIA_ADD_PEER,
                                          .id = call_next_id(call),
                                          .parent = CALL_MEETING,
                                          .peer = {.rtcp_ssrc = 7, .reduced_size = true}};
    strcpy(command.peer.cname, "server");
    client->peer = command.id;
    call_post(call, &command);
}

static void add_transport(struct call *call, struct call_client *client, unsigned direction) {
    struct sotto_media_command command = {.type = SOTTO_MEDIA_ADD_TRANSPORT,
                                          .id = call_next_id(call),
                                          .parent = client->peer};
    draw_credentials(call, &client->server_credentials[direction]);
    command.transport.direction = direction == SOTTO_CLIENT_TRANSPORT_SEND
                                      ? SOTTO_TRANSPORT_FROM_CLIENT
                                      : SOTTO_TRANSPORT_TO_CLIENT;
    command.transport.credentials = client->server_credentials[direction];
    client->transports[direction] = command.id;
    call_post(call, &command);
}

struct call_client *call_add_client(struct call *call, const struct network_link *up,
                                    const struct network_link *down) {
    CHECK(call->client_count < CALL_CLIENT_COUNT_MAX);
    struct call_client *client = calloc(1, sizeof *client);
    CHECK(client);
    call->clients[call->client_count++] = client;
    unsigned host = network_add_host(&call->network, up, down);
    sim_client_create(&client->sim, &call->network, host, sim_random_next(&call->random),
                      &call->secret);
    client->next_ssrc = 1 + (uint32_t)(sim_random_next(&call->random) & 0xFFFFF);
    add_peer(call, client);
    for (unsigned i = 0; i < SIM_CLIENT_TRANSPORT_COUNT; i++)
        add_transport(call, client, i);
    return client;
}

void call_connect_server(struct call *call, struct call_client *client, unsigned direction,
                         const uint8_t fingerprint[SOTTO_FINGERPRINT_SIZE]) {
    struct sotto_media_command command = {.type = SOTTO_MEDIA_CONNECT_TRANSPORT,
                                          .id = client->transports[direction]};
    memcpy(command.fingerprint, fingerprint, sizeof command.fingerprint);
    call_post(call, &command);
}

void call_connect_client(struct call *call, struct call_client *client, unsigned direction,
                         const uint8_t fingerprint[SOTTO_FINGERPRINT_SIZE]) {
    struct sim_client_connect connect = {
        .direction = (enum sotto_client_transport_direction)direction,
        .remote = client->server_credentials[direction],
        .fingerprint = fingerprint};
    draw_credentials(call, &connect.local);
    sim_client_connect(&client->sim, call->now_us, &connect);
}

void call_connect(struct call *call, struct call_client *client) {
    for (unsigned i = 0; i < SIM_CLIENT_TRANSPORT_COUNT; i++) {
        call_connect_server(call, client, i, client->sim.certificate.fingerprint);
        call_connect_client(call, client, i, call->certificate.fingerprint);
    }
}

void call_restart_ice(struct call *call, struct call_client *client, unsigned direction) {
    struct sotto_media_command command = {.type = SOTTO_MEDIA_RESTART_ICE,
                                          .id = client->transports[direction]};
    struct sotto_ice_credentials local;
    draw_credentials(call, &local);
    draw_credentials(call, &client->server_credentials[direction]);
    command.transport.credentials = client->server_credentials[direction];
    call_post(call, &command);
    sotto_client_transport_restart_ice(client->sim.transports[direction], call->now_us, &local,
                                       &client->server_credentials[direction]);
}

static void add_track_up(struct call *call, struct call_client *client, unsigned index) {
    const struct source *source = client->sim.sources[index];
    bool is_video = source->kind == SOTTO_KIND_VIDEO;
    struct sotto_media_command command = {
        .type = SOTTO_MEDIA_ADD_TRACK_UP,
        .id = call_next_id(call),
        .parent = client->transports[SOTTO_CLIENT_TRANSPORT_SEND],
        .track_up = {.kind = is_video ? SOTTO_MEDIA_VIDEO : SOTTO_MEDIA_AUDIO,
                     .codec = is_video ? SOTTO_MIME_VP8 : SOTTO_MIME_OPUS,
                     .clock_rate_hz = is_video ? VIDEO_CLOCK_HZ : AUDIO_CLOCK_HZ,
                     .payload_type_count = 1,
                     .ssrc = source->ssrc,
                     .rtx_ssrc = source->rtx_ssrc,
                     .nack = is_video,
                     .pli = is_video}};
    command.track_up.payload_types[0] =
        is_video ? (struct sotto_payload_type_map){SOURCE_VIDEO_PAYLOAD_TYPE,
                                                   SOURCE_RTX_PAYLOAD_TYPE, SINK_VIDEO_PAYLOAD_TYPE}
                 : (struct sotto_payload_type_map){SOURCE_AUDIO_PAYLOAD_TYPE, 0,
                                                   SINK_AUDIO_PAYLOAD_TYPE};
    if (!is_video)
        command.track_up.extension_ids.ids[SOTTO_EXTENSION_AUDIO_LEVEL] = SOURCE_AUDIO_LEVEL_ID;
    client->tracks_up[index] = command.id;
    call_post(call, &command);
}

void call_publish(struct call *call, struct call_client *client, uint32_t ssrc) {
    sim_client_publish(&client->sim, call->now_us, SOTTO_KIND_AUDIO, ssrc, 0);
    sim_client_publish(&client->sim, call->now_us, SOTTO_KIND_VIDEO, ssrc + 1, ssrc + 2);
    for (unsigned i = 0; i < 2; i++)
        add_track_up(call, client, i);
}

static void add_track_down(struct call *call, struct call_client *client,
                           const struct call_client *publisher, unsigned index) {
    const struct source *source = publisher->sim.sources[index];
    bool is_video = source->kind == SOTTO_KIND_VIDEO;
    struct sotto_media_command command = {
        .type = SOTTO_MEDIA_ADD_TRACK_DOWN,
        .id = call_next_id(call),
        .parent = client->transports[SOTTO_CLIENT_TRANSPORT_RECEIVE],
        .source = publisher->tracks_up[index],
        .track_down = {.ssrc = client->next_ssrc,
                       .rtx_ssrc = is_video ? client->next_ssrc + 1 : 0,
                       .rtx_payload_type = is_video ? SINK_RTX_PAYLOAD_TYPE : 0,
                       .first_sequence = (uint16_t)sim_random_next(&call->random),
                       .rtx_first_sequence = (uint16_t)sim_random_next(&call->random),
                       .first_timestamp = (uint32_t)sim_random_next(&call->random)}};
    struct sotto_track_down_setup *setup = &command.track_down;
    setup->extension_ids.ids[SOTTO_EXTENSION_MID] = MID_ID;
    setup->extension_ids.ids[SOTTO_EXTENSION_ABS_SEND_TIME] = SEND_TIME_ID;
    setup->extension_ids.ids[SOTTO_EXTENSION_AUDIO_LEVEL] = is_video ? 0 : AUDIO_LEVEL_ID;
    snprintf(setup->mid, sizeof setup->mid, "%u", (unsigned)client->sim.sink_count);
    strcpy(setup->cname, publisher->sim.participant_id);
    client->next_ssrc += 2;
    client->tracks_down[client->sim.sink_count] = command.id;
    sim_client_subscribe(&client->sim, &publisher->sim, source, setup->ssrc, setup->rtx_ssrc);
    call_post(call, &command);
}

void call_subscribe(struct call *call, struct call_client *client, struct call_client *publisher) {
    for (unsigned i = 0; i < 2; i++)
        add_track_down(call, client, publisher, i);
    call_resume(call, client, publisher);
}

static void post_about_downs(struct call *call, enum sotto_media_command_type type,
                             const struct call_client *client,
                             const struct call_client *publisher) {
    for (size_t i = 0; i < client->sim.sink_count; i++) {
        if (client->sim.sinks[i]->sender == publisher->sim.host)
            call_post_about(call, type, client->tracks_down[i]);
    }
}

void call_pause(struct call *call, struct call_client *client, struct call_client *publisher) {
    post_about_downs(call, SOTTO_MEDIA_PAUSE_TRACK_DOWN, client, publisher);
}

void call_resume(struct call *call, struct call_client *client, struct call_client *publisher) {
    post_about_downs(call, SOTTO_MEDIA_RESUME_TRACK_DOWN, client, publisher);
}

void call_join(struct call *call, unsigned count, const struct network_link *link) {
    for (unsigned i = 0; i < count; i++) {
        struct call_client *client = call_add_client(call, link, link);
        call_connect(call, client);
        call_publish(call, client, (i + 1) * CALL_SSRC_STEP);
    }
    for (unsigned i = 0; i < count; i++) {
        for (unsigned k = 0; k < count; k++) {
            if (i != k)
                call_subscribe(call, call->clients[i], call->clients[k]);
        }
    }
}

static uint64_t next_us(const struct call *call) {
    uint64_t due_us = network_poll_timeout(&call->network);
    uint64_t other_us = sotto_media_worker_poll_timeout(&call->worker);
    due_us = other_us < due_us ? other_us : due_us;
    due_us = call->interfere_us < due_us ? call->interfere_us : due_us;
    for (unsigned i = 0; i < call->client_count; i++) {
        other_us = sim_client_poll_timeout(&call->clients[i]->sim);
        due_us = other_us < due_us ? other_us : due_us;
    }
    return due_us;
}

static void deliver(struct call *call, struct network_packet *packet) {
    if (packet->host == NETWORK_SERVER) {
        sotto_media_worker_handle_packet(&call->worker, call->now_us, &packet->from, packet->data,
                                         packet->size);
        return;
    }
    for (unsigned i = 0; i < call->client_count; i++) {
        struct sim_client *client = &call->clients[i]->sim;
        if (client->host == packet->host)
            sim_client_handle_packet(client, call->now_us, &packet->to, &packet->from,
                                     packet->data, packet->size);
    }
}

static void turn(struct call *call) {
    virtual_time_set_us(call->now_us);
    if (call->interfere && call->interfere_us <= call->now_us)
        call->interfere(call);
    struct network_packet *packet;
    for (unsigned i = 1; (packet = network_receive(&call->network, call->now_us)); i++) {
        deliver(call, packet);
        free(packet);
        if (i % BATCH_COUNT_MAX == 0)
            pull(call);
    }
    for (unsigned i = 0; i < call->client_count; i++) {
        if (sim_client_poll_timeout(&call->clients[i]->sim) <= call->now_us)
            sim_client_handle_timeout(&call->clients[i]->sim, call->now_us);
    }
    sotto_media_worker_handle_timeout(&call->worker, call->now_us);
    pull(call);
}

void call_run(struct call *call, uint64_t duration_us) {
    uint64_t end_us = call->now_us + duration_us;
    uint64_t stuck_count = 0;
    for (uint64_t due_us; (due_us = next_us(call)) <= end_us;) {
        // Something that is due again and again without time passing would hang a real thread.
        stuck_count = due_us <= call->now_us ? stuck_count + 1 : 0;
        CHECK(stuck_count < 1000);
        if (due_us > call->now_us)
            call->now_us = due_us;
        turn(call);
    }
    call->now_us = end_us;
    virtual_time_set_us(end_us);
}

void call_begin_counts(struct call *call) {
    for (unsigned i = 0; i < call->client_count; i++) {
        struct sim_client *client = &call->clients[i]->sim;
        for (size_t k = 0; k < client->sink_count; k++)
            sink_begin_count(client->sinks[k], call->now_us);
    }
}

struct sotto_media_event call_transport_state(const struct call *call, uint64_t transport) {
    struct sotto_media_event latest = {0};
    for (size_t i = 0; i < call->event_count; i++) {
        if (call->events[i].type == SOTTO_MEDIA_TRANSPORT_STATE && call->events[i].id == transport)
            latest = call->events[i];
    }
    return latest;
}

size_t call_count_events(const struct call *call, enum sotto_media_event_type type, uint64_t id) {
    size_t count = 0;
    for (size_t i = 0; i < call->event_count; i++)
        count += call->events[i].type == type && call->events[i].id == id;
    return count;
}

uint64_t call_event_us(const struct call *call, enum sotto_media_event_type type, uint64_t id) {
    for (size_t i = 0; i < call->event_count; i++) {
        if (call->events[i].type == type && call->events[i].id == id)
            return call->event_us[i];
    }
    return UINT64_MAX;
}

struct sink *call_sink(const struct call_client *client, const struct call_client *publisher,
                       enum sotto_kind kind) {
    struct sink *sink = sim_client_find_sink(&client->sim, &publisher->sim, kind);
    CHECK(sink);
    return sink;
}
