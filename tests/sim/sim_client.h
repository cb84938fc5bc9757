// One simulated participant: what a native client consists of, with made-up media at both ends. It
// has a transport to publish over and one to subscribe over, each on a port of its own, and sends
// into the simulated network by itself.
#ifndef SOTTO_TESTS_SIM_CLIENT_H
#define SOTTO_TESTS_SIM_CLIENT_H

#include "client/transport.h"
#include "core/key_store.h"
#include "crypto/certificate.h"
#include "tests/sim/network.h"
#include "tests/sim/sink.h"
#include "tests/sim/source.h"

enum {
    SIM_CLIENT_TRANSPORT_COUNT = 2, // by enum sotto_client_transport_direction; also the port
    SIM_CLIENT_SOURCE_COUNT_MAX = 2,
    SIM_CLIENT_SINK_COUNT_MAX = 12,
    SIM_CLIENT_REPORT_INTERVAL_US = 1000000,
};

struct sim_client {
    struct network *network; // borrowed
    struct sim_random random;
    unsigned host;
    char participant_id[16];
    struct sotto_certificate certificate;
    struct sotto_dtls_context dtls_context;
    struct sotto_client_transport *transports[SIM_CLIENT_TRANSPORT_COUNT]; // NULL until connect
    enum sotto_client_transport_state states[SIM_CLIENT_TRANSPORT_COUNT];
    enum sotto_dtls_failure failures[SIM_CLIENT_TRANSPORT_COUNT];
    uint64_t connected_us[SIM_CLIENT_TRANSPORT_COUNT];
    struct sotto_key_store keys;
    struct source *sources[SIM_CLIENT_SOURCE_COUNT_MAX];
    size_t source_count;
    struct sink *sinks[SIM_CLIENT_SINK_COUNT_MAX];
    size_t sink_count;
    uint32_t rtcp_ssrc;
    uint64_t report_us;
    uint64_t foreign_count; // RTP of no sink
    uint64_t sender_report_count;
    uint64_t receiver_report_count;
    uint8_t last_sent[2048]; // the latest SRTP datagram, for whoever wants to play it again
    size_t last_sent_size;
    uint8_t first_dtls[2048]; // and the first of DTLS
    size_t first_dtls_size;
};

struct sim_client_connect {
    enum sotto_client_transport_direction direction;
    struct sotto_ice_credentials local;
    struct sotto_ice_credentials remote;
    const uint8_t *fingerprint; // of the server
};

// `room_secret` as the app gave it to this client.
void sim_client_create(struct sim_client *client, struct network *network, unsigned host,
                       uint64_t seed, const struct sotto_room_secret *room_secret);
void sim_client_destroy(struct sim_client *client);

void sim_client_set_secret(struct sim_client *client, const struct sotto_room_secret *room_secret);

void sim_client_connect(struct sim_client *client, uint64_t now_us,
                        const struct sim_client_connect *setup);

// Returns the source, to which the server's track is then added.
struct source *sim_client_publish(struct sim_client *client, uint64_t now_us, enum sotto_kind kind,
                                  uint32_t ssrc, uint32_t rtx_ssrc);

// Expects the source of `publisher` under these SSRCs.
struct sink *sim_client_subscribe(struct sim_client *client, const struct sim_client *publisher,
                                  const struct source *source, uint32_t ssrc, uint32_t rtx_ssrc);
// The sink of a publisher's track, or NULL.
struct sink *sim_client_find_sink(const struct sim_client *client,
                                  const struct sim_client *publisher, enum sotto_kind kind);

void sim_client_handle_packet(struct sim_client *client, uint64_t now_us,
                              const struct sotto_address *to, const struct sotto_address *from,
                              uint8_t *data, size_t size);
uint64_t sim_client_poll_timeout(const struct sim_client *client);
void sim_client_handle_timeout(struct sim_client *client, uint64_t now_us);

// Protects a packet under the client's own keys and sends it: what a client may do that keeps to no
// rules but those of cryptography. False if SRTP refuses.
bool sim_client_send(struct sim_client *client, uint64_t now_us,
                     enum sotto_client_transport_direction direction, bool is_rtcp,
                     uint8_t *packet, size_t size, size_t capacity);

#endif
