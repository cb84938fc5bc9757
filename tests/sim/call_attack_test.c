// A call that others, strangers and participants, try to disturb.
#include "tests/sim/call.h"

#include "proto/rtcp_feedback.h"
#include "proto/stun.h"
#include "tests/check.h"

static const struct network_link calm = {.delay_us = 30000, .jitter_us = 3000};

static struct call *begin(uint64_t seed, unsigned count) {
    struct call *call = call_create(seed);
    call_join(call, count, &calm);
    call_run(call, 3 * CALL_SECOND_US);
    call_begin_counts(call);
    return call;
}

// What `client` gets of `publisher` is whole, in time and right.
static void check_undisturbed(const struct call_client *client,
                              const struct call_client *publisher) {
    for (int kind = SOTTO_KIND_AUDIO; kind <= SOTTO_KIND_VIDEO; kind++) {
        const struct sink *sink = call_sink(client, publisher, (enum sotto_kind)kind);
        CHECK(sink_is_right(sink));
        CHECK(sink->counters.frame_count > 0);
        CHECK_EQ(sink_opened_permille(sink), 1000);
        CHECK_EQ(sink_missing_count(sink), 0);
        CHECK(sink->counters.longest_pause_us < 100000);
    }
}

static uint64_t sent_to(const struct call *call, unsigned host) {
    return call->network.hosts[host].down_counters.sent;
}

TEST(a_client_with_another_certificate_than_signalled_fails_and_none_of_its_media_is_forwarded) {
    for (uint64_t seed = 0; seed < 4; seed++) {
        struct call *call = call_create(2000 + seed);
        struct call_client *good = call_add_client(call, &calm, &calm);
        struct call_client *bad = call_add_client(call, &calm, &calm);
        call_connect(call, good);
        for (unsigned i = 0; i < SIM_CLIENT_TRANSPORT_COUNT; i++) {
            uint8_t fingerprint[SOTTO_FINGERPRINT_SIZE];
            memcpy(fingerprint, bad->sim.certificate.fingerprint, sizeof fingerprint);
            fingerprint[seed * 9] ^= 1;
            call_connect_server(call, bad, i, fingerprint);
            call_connect_client(call, bad, i, call->certificate.fingerprint);
        }
        call_publish(call, good, CALL_SSRC_STEP);
        call_publish(call, bad, 2 * CALL_SSRC_STEP);
        call_subscribe(call, good, bad);
        call_subscribe(call, bad, good);
        call_run(call, 15 * CALL_SECOND_US);
        for (unsigned i = 0; i < SIM_CLIENT_TRANSPORT_COUNT; i++) {
            struct sotto_media_event event = call_transport_state(call, bad->transports[i]);
            CHECK_EQ(event.state, SOTTO_TRANSPORT_FAILED);
            CHECK_EQ(event.failure, SOTTO_DTLS_FAILURE_FINGERPRINT);
            CHECK(bad->sim.states[i] != SOTTO_CLIENT_TRANSPORT_CONNECTED);
        }
        CHECK_EQ(call_sink(good, bad, SOTTO_KIND_AUDIO)->counters.packet_count, 0);
        CHECK_EQ(call_sink(good, bad, SOTTO_KIND_VIDEO)->counters.packet_count, 0);
        CHECK_EQ(call_sink(bad, good, SOTTO_KIND_AUDIO)->counters.packet_count, 0);
        CHECK_EQ(call->worker.counters.dtls_failed, 2);
        CHECK_EQ(call->worker.counters.transports_connected, 2);
        call_destroy(call);
    }
}

TEST(a_server_with_another_certificate_than_signalled_gets_no_media_from_a_client) {
    struct call *call = call_create(2050);
    struct call_client *client = call_add_client(call, &calm, &calm);
    for (unsigned i = 0; i < SIM_CLIENT_TRANSPORT_COUNT; i++) {
        call_connect_server(call, client, i, client->sim.certificate.fingerprint);
        call_connect_client(call, client, i, client->sim.certificate.fingerprint);
    }
    call_publish(call, client, CALL_SSRC_STEP);
    call_run(call, 15 * CALL_SECOND_US);
    for (unsigned i = 0; i < SIM_CLIENT_TRANSPORT_COUNT; i++) {
        CHECK_EQ(client->sim.states[i], SOTTO_CLIENT_TRANSPORT_FAILED);
        CHECK_EQ(client->sim.failures[i], SOTTO_DTLS_FAILURE_FINGERPRINT);
    }
    CHECK_EQ(client->sim.last_sent_size, 0);
    call_destroy(call);
}

// ---- A stranger ----

static size_t write_check(struct call *call, uint8_t *datagram, size_t capacity) {
    const struct call_client *victim =
        call->clients[sim_random_below(&call->random, call->client_count)];
    unsigned direction = sim_random_below(&call->random, SIM_CLIENT_TRANSPORT_COUNT);
    char username[SOTTO_ICE_UFRAG_SIZE_MAX + 8];
    snprintf(username, sizeof username, "%s:stra", victim->server_credentials[direction].ufrag);
    struct sotto_stun_message message = {.class = SOTTO_STUN_REQUEST,
                                         .username = (const uint8_t *)username,
                                         .username_size = strlen(username),
                                         .priority = 1,
                                         .use_candidate = true,
                                         .role = SOTTO_STUN_CONTROLLING,
                                         .has_fingerprint = true};
    sim_random_fill(&call->random, message.transaction_id, sizeof message.transaction_id);
    uint8_t password[SOTTO_ICE_PASSWORD_SIZE];
    sim_random_fill(&call->random, password, sizeof password);
    return sotto_stun_write(&message, password, sizeof password, datagram, capacity);
}

static size_t copy(uint8_t *datagram, const uint8_t *data, size_t size) {
    memcpy(datagram, data, size);
    return size;
}

static size_t write_strange(struct call *call, uint8_t *datagram, size_t capacity) {
    const struct sim_client *victim =
        &call->clients[sim_random_below(&call->random, call->client_count)]->sim;
    size_t size;
    switch (sim_random_below(&call->random, 5)) {
    case 0: return write_check(call, datagram, capacity);
    case 1: return copy(datagram, victim->first_dtls, victim->first_dtls_size);
    case 2: return copy(datagram, victim->last_sent, victim->last_sent_size);
    case 3: // a copy with a changed byte
        size = copy(datagram, victim->last_sent, victim->last_sent_size);
        if (size > 0)
            datagram[sim_random_below(&call->random, (uint32_t)size)] ^= 0x40;
        return size;
    default:
        size = sim_random_below(&call->random, 1400);
        sim_random_fill(&call->random, datagram, size);
        return size;
    }
}

struct stranger {
    unsigned host;
    bool spoofs; // pretends to be a client
    uint64_t sent_count;
};

static void disturb(struct call *call) {
    struct stranger *stranger = call->interferer;
    uint8_t datagram[2048];
    size_t size = write_strange(call, datagram, sizeof datagram);
    unsigned host = stranger->spoofs ? sim_random_below(&call->random, call->client_count)
                                     : stranger->host;
    unsigned port = sim_random_below(&call->random, stranger->spoofs ? 2 : NETWORK_PORT_COUNT);
    struct sotto_address from = network_outer_address(&call->network, host, port);
    network_send_spoofed(&call->network, call->now_us, stranger->host, &from, datagram, size);
    stranger->sent_count++;
    call->interfere_us = call->now_us + 2000;
}

TEST(a_stranger_gets_no_byte_in_answer_and_disturbs_nothing) {
    for (uint64_t seed = 0; seed < 4; seed++) {
        struct call *call = call_create(2100 + seed);
        struct stranger stranger = {0};
        call_join(call, 3, &calm);
        stranger.host = network_add_host(&call->network, &calm, &calm);
        call->interferer = &stranger;
        call->interfere = disturb;
        call->interfere_us = call->now_us;
        call_run(call, 10 * CALL_SECOND_US);
        CHECK(stranger.sent_count > 4000);
        CHECK_EQ(sent_to(call, stranger.host), 0);
        for (unsigned i = 0; i < 3; i++)
            check_undisturbed(call->clients[i], call->clients[(i + 1) % 3]);
        CHECK_EQ(call->worker.counters.dtls_failed, 0);
        CHECK_EQ(call->worker.counters.transports_connected, 6);
        CHECK(call->worker.counters.strays_dropped > 2000);
        CHECK_EQ(call->worker.counters.media_refused, 0);
        call_destroy(call);
    }
}

// During a handshake a copied ClientHello can spoil it, as with every DTLS server that sends no
// cookies; afterwards there is nothing that an address alone could do.
TEST(a_stranger_that_lies_about_its_address_disturbs_no_established_call) {
    for (uint64_t seed = 0; seed < 4; seed++) {
        struct call *call = begin(2200 + seed, 3);
        struct stranger stranger = {.spoofs = true};
        stranger.host = network_add_host(&call->network, &calm, &calm);
        call->interferer = &stranger;
        call->interfere = disturb;
        call->interfere_us = call->now_us;
        call_run(call, 10 * CALL_SECOND_US);
        for (unsigned i = 0; i < 3; i++)
            check_undisturbed(call->clients[i], call->clients[(i + 1) % 3]);
        CHECK_EQ(call->worker.counters.transports_connected, 6);
        CHECK(call->worker.counters.media_refused > 1000);
        call_destroy(call);
    }
}

// ---- A participant ----

// B sends RTP with A's SSRC under B's own keys.
static void steal_ssrc(struct call *call) {
    struct call_client *thief = call->clients[1];
    uint8_t packet[2048];
    struct sotto_writer writer;
    sotto_writer_init(&writer, packet, sizeof packet);
    struct sotto_rtp_header header = {SOURCE_VIDEO_PAYLOAD_TYPE, true,
                                      (uint16_t)(call->now_us / 10000), 90000,
                                      3 * CALL_SSRC_STEP + 1};
    sotto_rtp_write_header(&writer, &header, NULL, 0);
    sotto_writer_write_zeros(&writer, 500);
    (void)sim_client_send(&thief->sim, call->now_us, SOTTO_CLIENT_TRANSPORT_SEND, false, packet,
                          writer.offset, sizeof packet);
    call->interfere_us = call->now_us + 10000;
}

TEST(an_ssrc_of_somebody_else_is_not_forwarded) {
    for (uint64_t seed = 0; seed < 4; seed++) {
        struct call *call = call_create(2300 + seed);
        for (unsigned i = 0; i < 3; i++)
            call_connect(call, call_add_client(call, &calm, &calm));
        call_publish(call, call->clients[0], 3 * CALL_SSRC_STEP);
        call_publish(call, call->clients[1], CALL_SSRC_STEP);
        for (unsigned i = 0; i < 2; i++)
            call_subscribe(call, call->clients[2], call->clients[i]);
        CHECK(sotto_client_transport_add_ssrc(
            call->clients[1]->sim.transports[SOTTO_CLIENT_TRANSPORT_SEND], 3 * CALL_SSRC_STEP + 1));
        call_run(call, 3 * CALL_SECOND_US);
        CHECK_EQ(call->worker.counters.media_refused, 0);
        call->interfere = steal_ssrc;
        call->interfere_us = call->now_us;
        call_run(call, 5 * CALL_SECOND_US);
        CHECK(call->worker.counters.media_refused >= 490);
        for (unsigned i = 0; i < 2; i++)
            check_undisturbed(call->clients[2], call->clients[i]);
        const struct sink *video =
            call_sink(call->clients[2], call->clients[0], SOTTO_KIND_VIDEO);
        uint64_t published = call->clients[0]->sim.sources[1]->packet_count;
        CHECK(video->counters.packet_count <= published);
        call_destroy(call);
    }
}

// B proves itself from an address that is A's, as a sender of forged addresses can.
static void steal_addresses(struct call *call) {
    const struct call_client *victim = call->clients[0];
    const struct call_client *thief = call->clients[1];
    for (unsigned port = 0; port < SIM_CLIENT_TRANSPORT_COUNT; port++) {
        const struct sotto_ice_credentials *credentials =
            &thief->server_credentials[SOTTO_CLIENT_TRANSPORT_SEND];
        char username[SOTTO_ICE_UFRAG_SIZE_MAX + 8];
        snprintf(username, sizeof username, "%s:thie", credentials->ufrag);
        struct sotto_stun_message message = {.class = SOTTO_STUN_REQUEST,
                                             .username = (const uint8_t *)username,
                                             .username_size = strlen(username),
                                             .priority = 1,
                                             .role = SOTTO_STUN_CONTROLLING,
                                             .has_fingerprint = true};
        uint8_t datagram[256];
        size_t size = sotto_stun_write(&message, (const uint8_t *)credentials->password,
                                       credentials->password_size, datagram, sizeof datagram);
        struct sotto_address from = network_outer_address(&call->network, victim->sim.host, port);
        network_send_spoofed(&call->network, call->now_us, thief->sim.host, &from, datagram, size);
    }
    call->interfere_us = UINT64_MAX;
}

TEST(an_address_that_a_participant_forges_is_its_owners_again_within_three_seconds) {
    for (uint64_t seed = 0; seed < 4; seed++) {
        struct call *call = begin(2400 + seed, 3);
        struct call_client *a = call->clients[0];
        struct call_client *c = call->clients[2];
        call->interfere = steal_addresses;
        call->interfere_us = call->now_us + sim_random_below(&call->random, 1000000);
        call_run(call, 8 * CALL_SECOND_US);
        const struct sink *audio = call_sink(c, a, SOTTO_KIND_AUDIO);
        CHECK(call->now_us - audio->counters.last_us < 200000);
        CHECK(audio->counters.longest_pause_us < 3000000);
        call_begin_counts(call);
        call_run(call, 2 * CALL_SECOND_US);
        check_undisturbed(c, a);
        call_destroy(call);
    }
}

// Everything that is authenticated and senseless: RTP and RTCP of random bytes.
static void send_nonsense(struct call *call) {
    struct sim_client *client = &call->clients[1]->sim;
    uint8_t packet[2048];
    size_t size = 12 + sim_random_below(&call->random, 800);
    sim_random_fill(&call->random, packet, size);
    bool is_rtcp = sim_random_chance(&call->random, 500);
    packet[0] = (uint8_t)(0x80 | (packet[0] & 0x3F));
    packet[1] = (uint8_t)(is_rtcp ? 200 + packet[1] % 8 : packet[1]);
    if (!is_rtcp) {
        uint32_t ssrc = client->sources[packet[1] & 1]->ssrc;
        for (unsigned i = 0; i < 4; i++)
            packet[8 + i] = (uint8_t)(ssrc >> (24 - 8 * i));
    }
    enum sotto_client_transport_direction direction =
        is_rtcp && sim_random_chance(&call->random, 500) ? SOTTO_CLIENT_TRANSPORT_RECEIVE
                                                         : SOTTO_CLIENT_TRANSPORT_SEND;
    (void)sim_client_send(client, call->now_us, direction, is_rtcp, packet, size, sizeof packet);
    call->interfere_us = call->now_us + 1000;
}

TEST(a_participant_that_sends_authenticated_nonsense_disturbs_only_its_own_media) {
    for (uint64_t seed = 0; seed < 6; seed++) {
        struct call *call = begin(2500 + seed, 3);
        call->interfere = send_nonsense;
        call->interfere_us = call->now_us;
        call_run(call, 10 * CALL_SECOND_US);
        check_undisturbed(call->clients[2], call->clients[0]);
        check_undisturbed(call->clients[0], call->clients[2]);
        for (int kind = SOTTO_KIND_AUDIO; kind <= SOTTO_KIND_VIDEO; kind++)
            CHECK_EQ(call_sink(call->clients[2], call->clients[1], (enum sotto_kind)kind)
                         ->counters.wrong_count,
                     0);
        call_destroy(call);
    }
}

// B asks for everything again and again, and for key frames.
static void demand(struct call *call) {
    struct sim_client *client = &call->clients[1]->sim;
    struct sink *video = call_sink(call->clients[1], call->clients[0], SOTTO_KIND_VIDEO);
    uint8_t packet[2048];
    struct sotto_writer writer;
    sotto_writer_init(&writer, packet, 1200);
    uint16_t sequences[256];
    for (unsigned i = 0; i < 256; i++)
        sequences[i] = (uint16_t)(video->extender.highest - 255 + i);
    sotto_rtcp_write_nack(&writer, client->rtcp_ssrc, video->ssrc, sequences, 256);
    struct sotto_rtcp_pli pli = {client->rtcp_ssrc, video->ssrc};
    sotto_rtcp_write_pli(&writer, &pli);
    (void)sim_client_send(client, call->now_us, SOTTO_CLIENT_TRANSPORT_RECEIVE, true, packet,
                          writer.offset, sizeof packet);
    call->interfere_us = call->now_us + 5000;
}

TEST(a_participant_that_demands_everything_again_gets_a_bounded_share_more) {
    for (uint64_t seed = 0; seed < 4; seed++) {
        struct call *call = begin(2600 + seed, 3);
        struct call_client *a = call->clients[0];
        struct sink *video = call_sink(call->clients[1], a, SOTTO_KIND_VIDEO);
        uint64_t keys = a->sim.sources[1]->key_frame_count;
        call->interfere = demand;
        call->interfere_us = call->now_us;
        call_run(call, 10 * CALL_SECOND_US);
        CHECK(a->sim.sources[1]->key_frame_count - keys <= 10 * 1000 / 300 + 1);
        CHECK(a->sim.sources[1]->key_frame_count - keys >= 10);
        CHECK(video->counters.rtx_count > 0);
        uint64_t media_size = video->counters.media_size +
                              video->counters.packet_count * SOTTO_RESEND_OVERHEAD_SIZE;
        uint64_t rtx_size =
            video->counters.rtx_size + video->counters.rtx_count * SOTTO_RESEND_OVERHEAD_SIZE;
        CHECK(rtx_size <= media_size * SOTTO_RESEND_SHARE_PERCENT / 100 +
                              SOTTO_RESEND_CREDIT_SIZE_MAX);
        check_undisturbed(call->clients[2], a);
        call_destroy(call);
    }
}

int main(void) {
    RUN(a_client_with_another_certificate_than_signalled_fails_and_none_of_its_media_is_forwarded);
    RUN(a_server_with_another_certificate_than_signalled_gets_no_media_from_a_client);
    RUN(a_stranger_gets_no_byte_in_answer_and_disturbs_nothing);
    RUN(a_stranger_that_lies_about_its_address_disturbs_no_established_call);
    RUN(an_ssrc_of_somebody_else_is_not_forwarded);
    RUN(an_address_that_a_participant_forges_is_its_owners_again_within_three_seconds);
    RUN(a_participant_that_sends_authenticated_nonsense_disturbs_only_its_own_media);
    RUN(a_participant_that_demands_everything_again_gets_a_bounded_share_more);
    return 0;
}
