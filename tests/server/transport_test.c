// The server's transport against the client's, without a network between them: what tests/sim does
// not reach.
#include "server/transport.h"

#include "client/transport.h"
#include "proto/rtp.h"
#include "tests/check.h"
#include "tests/sim/virtual_time.h"

enum {
    DATAGRAM_SIZE_MAX = 1536,
    STEP_US = 10000,
};

// One transport at both ends, and the addresses of both.
struct pair {
    uint64_t now_us;
    struct sotto_certificate certificates[2];
    struct sotto_dtls_context contexts[2];
    struct sotto_transport server;
    struct sotto_client_transport client;
    struct sotto_address server_address;
    struct sotto_address client_address;
    struct sotto_transport_event states[8]; // changes of the server's state
    size_t state_count;
    size_t added_count;
    size_t dtls_count; // datagrams of DTLS from the server
};

static struct sotto_ice_credentials credentials(uint8_t fill) {
    uint8_t random[SOTTO_ICE_RANDOM_SIZE];
    struct sotto_ice_credentials result;
    memset(random, fill, sizeof random);
    sotto_ice_credentials_from_random(&result, random);
    return result;
}

static struct pair *create(enum sotto_transport_direction direction) {
    struct pair *pair = calloc(1, sizeof *pair);
    CHECK(pair);
    pair->now_us = 5000000;
    for (size_t i = 0; i < 2; i++) {
        CHECK(sotto_certificate_init(&pair->certificates[i]));
        CHECK(sotto_dtls_context_init(&pair->contexts[i], &pair->certificates[i]));
    }
    pair->server_address = sotto_address_from_ipv4((const uint8_t[]){198, 51, 100, 1}, 7882);
    pair->client_address = sotto_address_from_ipv4((const uint8_t[]){203, 0, 113, 1}, 4000);
    struct sotto_ice_credentials server = credentials(0x11);
    sotto_transport_init(&pair->server, direction, &pair->contexts[0], &server);
    struct sotto_client_transport_setup setup = {
        .direction = direction == SOTTO_TRANSPORT_FROM_CLIENT ? SOTTO_CLIENT_TRANSPORT_SEND
                                                              : SOTTO_CLIENT_TRANSPORT_RECEIVE,
        .dtls_context = &pair->contexts[1],
        .local = credentials(0x22),
        .remote = server,
        .ice_seed = {1}};
    memcpy(setup.fingerprint, pair->certificates[0].fingerprint, sizeof setup.fingerprint);
    sotto_client_transport_init(&pair->client, &setup);
    CHECK(sotto_client_transport_add_local(&pair->client, pair->now_us, &pair->client_address, 1));
    CHECK(sotto_client_transport_add_remote(&pair->client, pair->now_us, &pair->server_address, 1));
    return pair;
}

static void destroy(struct pair *pair) {
    sotto_transport_wipe(&pair->server);
    sotto_client_transport_wipe(&pair->client);
    for (size_t i = 0; i < 2; i++) {
        sotto_dtls_context_wipe(&pair->contexts[i]);
        sotto_certificate_wipe(&pair->certificates[i]);
    }
    free(pair);
}

static bool begin_dtls(struct pair *pair) {
    return sotto_transport_connect(&pair->server, pair->certificates[1].fingerprint, pair->now_us);
}

static void pull_events(struct pair *pair) {
    struct sotto_transport_event event;
    while (sotto_transport_poll_event(&pair->server, &event)) {
        pair->added_count += event.type == SOTTO_TRANSPORT_ADDRESS_ADDED;
        if (event.type != SOTTO_TRANSPORT_STATE_CHANGED)
            continue;
        CHECK(pair->state_count < 8);
        pair->states[pair->state_count++] = event;
    }
}

static void carry_up(struct pair *pair) {
    uint8_t datagram[DATAGRAM_SIZE_MAX];
    struct sotto_address from;
    struct sotto_address to;
    size_t size;
    size_t plain_size;
    while ((size = sotto_client_transport_poll_transmit(&pair->client, datagram, sizeof datagram,
                                                        &from, &to)) > 0) {
        CHECK_EQ(sotto_transport_handle_packet(&pair->server, pair->now_us, &from, datagram, size,
                                               &plain_size),
                 SOTTO_TRANSPORT_NOTHING);
        pull_events(pair);
    }
}

static void carry_down(struct pair *pair) {
    uint8_t datagram[DATAGRAM_SIZE_MAX];
    struct sotto_address to;
    size_t size;
    size_t plain_size;
    while ((size = sotto_transport_poll_transmit(&pair->server, datagram, sizeof datagram, &to)) >
           0) {
        pair->dtls_count += datagram[0] >= 20;
        CHECK(sotto_address_equal(&to, &pair->client_address));
        CHECK_EQ(sotto_client_transport_handle_packet(&pair->client, pair->now_us, &to,
                                                      &pair->server_address, datagram, size,
                                                      &plain_size),
                 SOTTO_CLIENT_TRANSPORT_NOTHING);
    }
}

static void run(struct pair *pair, uint64_t duration_us) {
    for (uint64_t end_us = pair->now_us + duration_us; pair->now_us < end_us;
         pair->now_us += STEP_US) {
        virtual_time_set_us(pair->now_us); // OpenSSL's timers ask there
        if (sotto_client_transport_poll_timeout(&pair->client) <= pair->now_us)
            sotto_client_transport_handle_timeout(&pair->client, pair->now_us);
        if (sotto_transport_poll_timeout(&pair->server) <= pair->now_us)
            sotto_transport_handle_timeout(&pair->server, pair->now_us);
        carry_up(pair);
        carry_down(pair);
        pull_events(pair);
    }
}

static struct pair *connect(enum sotto_transport_direction direction) {
    struct pair *pair = create(direction);
    CHECK(begin_dtls(pair));
    run(pair, 2000000);
    CHECK_EQ(pair->state_count, 1);
    CHECK_EQ(pair->states[0].state, SOTTO_TRANSPORT_CONNECTED);
    return pair;
}

static size_t write_rtp(uint8_t *packet, size_t capacity, uint32_t ssrc, uint16_t sequence) {
    struct sotto_writer writer;
    struct sotto_rtp_header header = {96, true, sequence, 1234, ssrc};
    sotto_writer_init(&writer, packet, capacity);
    sotto_rtp_write_header(&writer, &header, NULL, 0);
    sotto_writer_write_zeros(&writer, 50);
    CHECK(!writer.failed);
    return writer.offset;
}

// Sends one packet up under the client's keys.
static enum sotto_transport_packet send_up(struct pair *pair, uint32_t ssrc, uint16_t sequence) {
    uint8_t packet[DATAGRAM_SIZE_MAX];
    struct sotto_address from;
    struct sotto_address to;
    size_t size = write_rtp(packet, sizeof packet, ssrc, sequence);
    CHECK(sotto_client_transport_protect(&pair->client, false, packet, size, sizeof packet, &size,
                                         &from, &to));
    size_t plain_size;
    return sotto_transport_handle_packet(&pair->server, pair->now_us, &from, packet, size,
                                         &plain_size);
}

static bool send_down(struct pair *pair, uint32_t ssrc, uint16_t sequence, size_t capacity) {
    uint8_t packet[DATAGRAM_SIZE_MAX];
    struct sotto_address to;
    size_t size = write_rtp(packet, sizeof packet, ssrc, sequence);
    bool is_sent =
        sotto_transport_protect(&pair->server, false, packet, size, capacity, &size, &to);
    CHECK(is_sent == (size > 0));
    return is_sent;
}

TEST(nothing_can_be_sent_before_it_is_connected) {
    struct pair *pair = create(SOTTO_TRANSPORT_TO_CLIENT);
    CHECK(sotto_transport_add_ssrc(&pair->server, 100));
    CHECK(!send_down(pair, 100, 1, DATAGRAM_SIZE_MAX));
    CHECK(begin_dtls(pair));
    CHECK(!send_down(pair, 100, 1, DATAGRAM_SIZE_MAX));
    CHECK(sotto_transport_poll_timeout(&pair->server) == UINT64_MAX);
    run(pair, 2000000);
    CHECK(send_down(pair, 100, 1, DATAGRAM_SIZE_MAX));
    destroy(pair);
}

TEST(dtls_waits_for_the_fingerprint_that_signalling_brings) {
    struct pair *pair = create(SOTTO_TRANSPORT_FROM_CLIENT);
    run(pair, 1000000);
    CHECK_EQ(pair->dtls_count, 0);
    CHECK_EQ(pair->state_count, 0);
    CHECK(pair->server.counters.early_count > 0);
    CHECK_EQ(pair->added_count, 1);
    CHECK(!sotto_client_transport_can_send(&pair->client)); // a pair, but no keys
    CHECK(begin_dtls(pair));
    run(pair, 3000000);
    CHECK(sotto_client_transport_can_send(&pair->client));
    CHECK_EQ(pair->state_count, 1);
    CHECK_EQ(pair->states[0].state, SOTTO_TRANSPORT_CONNECTED);
    CHECK_EQ(pair->client.state, SOTTO_CLIENT_TRANSPORT_CONNECTED);
    destroy(pair);
}

TEST(a_second_fingerprint_is_refused) {
    struct pair *pair = connect(SOTTO_TRANSPORT_FROM_CLIENT);
    CHECK(!begin_dtls(pair));
    destroy(pair);
}

TEST(a_failed_transport_stays_failed) {
    struct pair *pair = create(SOTTO_TRANSPORT_TO_CLIENT);
    CHECK(sotto_transport_connect(&pair->server, pair->certificates[0].fingerprint, pair->now_us));
    run(pair, 2000000);
    CHECK_EQ(pair->state_count, 1);
    CHECK_EQ(pair->states[0].state, SOTTO_TRANSPORT_FAILED);
    CHECK_EQ(pair->states[0].failure, SOTTO_DTLS_FAILURE_FINGERPRINT);
    CHECK(!begin_dtls(pair));
    run(pair, 40000000);
    CHECK_EQ(pair->state_count, 1);
    CHECK(sotto_transport_add_ssrc(&pair->server, 100));
    CHECK(!send_down(pair, 100, 1, DATAGRAM_SIZE_MAX));
    destroy(pair);
}

TEST(a_handshake_that_never_begins_has_no_deadline_and_one_that_begins_has) {
    struct pair *pair = create(SOTTO_TRANSPORT_FROM_CLIENT);
    CHECK(begin_dtls(pair));
    CHECK(sotto_transport_poll_timeout(&pair->server) == UINT64_MAX);
    // ICE, and a ClientHello in.
    while (pair->dtls_count == 0)
        run(pair, STEP_US);
    uint64_t begun_us = pair->now_us;
    while (pair->state_count == 0) {
        pair->now_us = sotto_transport_poll_timeout(&pair->server);
        CHECK(pair->now_us != UINT64_MAX);
        virtual_time_set_us(pair->now_us);
        sotto_transport_handle_timeout(&pair->server, pair->now_us);
        pull_events(pair);
    }
    CHECK_EQ(pair->states[0].state, SOTTO_TRANSPORT_FAILED);
    CHECK_EQ(pair->states[0].failure, SOTTO_DTLS_FAILURE_DEADLINE);
    CHECK(pair->now_us - begun_us <= SOTTO_DTLS_HANDSHAKE_DEADLINE_US);
    destroy(pair);
}

TEST(media_and_dtls_from_an_address_without_a_check_are_strays) {
    struct pair *pair = connect(SOTTO_TRANSPORT_FROM_CLIENT);
    CHECK(sotto_transport_add_ssrc(&pair->server, 7));
    CHECK(sotto_client_transport_add_ssrc(&pair->client, 7));
    struct sotto_address stranger = pair->client_address;
    stranger.port++;
    uint8_t packet[DATAGRAM_SIZE_MAX];
    struct sotto_address from;
    struct sotto_address to;
    size_t plain_size = 1;
    size_t size = write_rtp(packet, sizeof packet, 7, 1);
    CHECK(sotto_client_transport_protect(&pair->client, false, packet, size, sizeof packet, &size,
                                         &from, &to));
    CHECK_EQ(sotto_transport_handle_packet(&pair->server, pair->now_us, &stranger, packet, size,
                                           &plain_size),
             SOTTO_TRANSPORT_NOTHING);
    CHECK_EQ(plain_size, 0);
    CHECK_EQ(pair->server.counters.stray_count, 1);
    // The datagram itself was a good one.
    CHECK_EQ(sotto_transport_handle_packet(&pair->server, pair->now_us, &from, packet, size,
                                           &plain_size),
             SOTTO_TRANSPORT_RTP);
    CHECK_EQ(plain_size, 62);
    CHECK_EQ(pair->server.heard_us, pair->now_us);
    destroy(pair);
}

TEST(only_bound_ssrcs_are_taken) {
    struct pair *pair = connect(SOTTO_TRANSPORT_FROM_CLIENT);
    CHECK(sotto_client_transport_add_ssrc(&pair->client, 7));
    CHECK(sotto_client_transport_add_ssrc(&pair->client, 8));
    CHECK(sotto_transport_add_ssrc(&pair->server, 8));
    CHECK(!sotto_transport_add_ssrc(&pair->server, 8));
    CHECK_EQ(send_up(pair, 7, 1), SOTTO_TRANSPORT_NOTHING);
    CHECK_EQ(pair->server.counters.srtp_failed_count, 1);
    CHECK_EQ(send_up(pair, 8, 1), SOTTO_TRANSPORT_RTP);
    sotto_transport_remove_ssrc(&pair->server, 8);
    CHECK_EQ(send_up(pair, 8, 2), SOTTO_TRANSPORT_NOTHING);
    // The other order is no matter for what is received.
    CHECK(sotto_transport_add_ssrc(&pair->server, 8));
    CHECK(sotto_transport_add_ssrc(&pair->server, 7));
    CHECK_EQ(send_up(pair, 7, 2), SOTTO_TRANSPORT_RTP);
    CHECK_EQ(send_up(pair, 8, 3), SOTTO_TRANSPORT_RTP);
    CHECK_EQ(pair->server.counters.unprotect_count, 3);
    destroy(pair);
}

TEST(ssrcs_that_are_sent_come_in_ascending_order_before_the_keys_and_after) {
    struct pair *pair = create(SOTTO_TRANSPORT_TO_CLIENT);
    CHECK(sotto_transport_add_ssrc(&pair->server, 200));
    CHECK(!sotto_transport_add_ssrc(&pair->server, 100));
    CHECK(begin_dtls(pair));
    run(pair, 2000000);
    CHECK_EQ(pair->states[0].state, SOTTO_TRANSPORT_CONNECTED);
    CHECK(!sotto_transport_add_ssrc(&pair->server, 100));
    CHECK(sotto_transport_add_ssrc(&pair->server, 300));
    CHECK(send_down(pair, 200, 1, DATAGRAM_SIZE_MAX));
    CHECK(send_down(pair, 300, 1, DATAGRAM_SIZE_MAX));
    CHECK(!send_down(pair, 300, 1, DATAGRAM_SIZE_MAX));
    // One that was removed never begins anew under the same keys.
    sotto_transport_remove_ssrc(&pair->server, 300);
    CHECK(!send_down(pair, 300, 2, DATAGRAM_SIZE_MAX));
    CHECK(!sotto_transport_add_ssrc(&pair->server, 300));
    CHECK(sotto_transport_add_ssrc(&pair->server, 301));
    destroy(pair);
}

TEST(all_places_for_ssrcs_can_be_used_before_the_keys_and_after) {
    for (int is_early = 0; is_early < 2; is_early++) {
        struct pair *pair = is_early ? create(SOTTO_TRANSPORT_TO_CLIENT)
                                     : connect(SOTTO_TRANSPORT_TO_CLIENT);
        for (uint32_t i = 0; i < SOTTO_TRANSPORT_SSRCS_MAX; i++)
            CHECK(sotto_transport_add_ssrc(&pair->server, 1000 + i));
        CHECK(!sotto_transport_add_ssrc(&pair->server, 5000));
        if (is_early) {
            CHECK(begin_dtls(pair));
            run(pair, 2000000);
        }
        CHECK(send_down(pair, 1000, 1, DATAGRAM_SIZE_MAX));
        CHECK(send_down(pair, 1000 + SOTTO_TRANSPORT_SSRCS_MAX - 1, 1, DATAGRAM_SIZE_MAX));
        sotto_transport_remove_ssrc(&pair->server, 1003);
        CHECK(sotto_transport_add_ssrc(&pair->server, 5000));
        CHECK(send_down(pair, 5000, 1, DATAGRAM_SIZE_MAX));
        destroy(pair);
    }
}

TEST(a_packet_without_room_for_its_tag_is_not_sent) {
    struct pair *pair = connect(SOTTO_TRANSPORT_TO_CLIENT);
    CHECK(sotto_transport_add_ssrc(&pair->server, 100));
    CHECK(!send_down(pair, 100, 1, 62));
    CHECK(!send_down(pair, 100, 1, 62 + 15));
    CHECK(send_down(pair, 100, 1, 62 + 16));
    destroy(pair);
}

TEST(without_checks_it_is_disconnected_and_a_restart_brings_it_back) {
    struct pair *pair = connect(SOTTO_TRANSPORT_FROM_CLIENT);
    uint64_t cut_us = pair->now_us;
    while (pair->state_count < 2) {
        pair->now_us = sotto_transport_poll_timeout(&pair->server);
        CHECK(pair->now_us != UINT64_MAX);
        virtual_time_set_us(pair->now_us);
        sotto_transport_handle_timeout(&pair->server, pair->now_us);
        pull_events(pair);
    }
    CHECK_EQ(pair->states[1].state, SOTTO_TRANSPORT_DISCONNECTED);
    CHECK(pair->now_us - cut_us <= 30000000 && pair->now_us - cut_us > 20000000);
    sotto_client_transport_handle_timeout(&pair->client, pair->now_us + 5000000);
    CHECK_EQ(pair->client.state, SOTTO_CLIENT_TRANSPORT_DISCONNECTED);
    struct sotto_ice_credentials server = credentials(0x33);
    struct sotto_ice_credentials client = credentials(0x44);
    sotto_transport_restart_ice(&pair->server, &server);
    sotto_client_transport_restart_ice(&pair->client, pair->now_us, &client, &server);
    run(pair, 2000000);
    CHECK_EQ(pair->state_count, 3);
    CHECK_EQ(pair->states[2].state, SOTTO_TRANSPORT_CONNECTED);
    destroy(pair);
}

// sottod says none, but what the client speaks with may be another server.
TEST(a_goodbye_of_the_server_ends_the_client) {
    struct pair *pair = connect(SOTTO_TRANSPORT_FROM_CLIENT);
    sotto_dtls_close(&pair->server.dtls);
    run(pair, 100000);
    CHECK_EQ(pair->client.state, SOTTO_CLIENT_TRANSPORT_FAILED);
    CHECK_EQ(pair->client.failure, SOTTO_DTLS_FAILURE_NONE);
    destroy(pair);
}

TEST(a_transport_that_was_never_used_can_be_wiped) {
    struct sotto_transport *transport = calloc(1, sizeof *transport);
    struct sotto_client_transport *client = calloc(1, sizeof *client);
    CHECK(transport && client);
    sotto_transport_wipe(transport);
    sotto_client_transport_wipe(client);
    free(transport);
    free(client);
}

// The keys of SRTP stand nowhere in a transport that was wiped.
TEST(a_wiped_transport_is_all_zero) {
    struct pair *pair = connect(SOTTO_TRANSPORT_FROM_CLIENT);
    sotto_transport_wipe(&pair->server);
    sotto_client_transport_wipe(&pair->client);
    const uint8_t *server = (const uint8_t *)&pair->server;
    for (size_t i = 0; i < sizeof pair->server; i++)
        CHECK(server[i] == 0);
    const uint8_t *client = (const uint8_t *)&pair->client;
    for (size_t i = 0; i < sizeof pair->client; i++)
        CHECK(client[i] == 0);
    destroy(pair);
}

int main(void) {
    RUN(nothing_can_be_sent_before_it_is_connected);
    RUN(dtls_waits_for_the_fingerprint_that_signalling_brings);
    RUN(a_second_fingerprint_is_refused);
    RUN(a_failed_transport_stays_failed);
    RUN(a_handshake_that_never_begins_has_no_deadline_and_one_that_begins_has);
    RUN(media_and_dtls_from_an_address_without_a_check_are_strays);
    RUN(only_bound_ssrcs_are_taken);
    RUN(ssrcs_that_are_sent_come_in_ascending_order_before_the_keys_and_after);
    RUN(all_places_for_ssrcs_can_be_used_before_the_keys_and_after);
    RUN(a_packet_without_room_for_its_tag_is_not_sent);
    RUN(without_checks_it_is_disconnected_and_a_restart_brings_it_back);
    RUN(a_goodbye_of_the_server_ends_the_client);
    RUN(a_transport_that_was_never_used_can_be_wiped);
    RUN(a_wiped_transport_is_all_zero);
    return 0;
}
