// A whole call in virtual time: the server's media worker, a network and some clients, all from one
// seed. Signalling is what a test does: it posts commands to the worker and tells the clients.
#ifndef SOTTO_TESTS_SIM_CALL_H
#define SOTTO_TESTS_SIM_CALL_H

#include "server/media_worker.h"
#include "tests/sim/network.h"
#include "tests/sim/sim_client.h"

enum {
    CALL_CLIENT_COUNT_MAX = 6,
    CALL_EVENT_COUNT_MAX = 256,
    CALL_MEETING = 1, // its id
    CALL_SSRC_STEP = 1000, // client i of call_join publishes under SSRCs from (i + 1) steps on
    CALL_SECOND_US = 1000000,
};

// One client with what the server calls it.
struct call_client {
    struct sim_client sim;
    uint64_t peer;
    uint64_t transports[SIM_CLIENT_TRANSPORT_COUNT];
    uint64_t tracks_up[SIM_CLIENT_SOURCE_COUNT_MAX];
    uint64_t tracks_down[SIM_CLIENT_SINK_COUNT_MAX]; // by sink
    uint32_t next_ssrc;                              // of what it receives
    struct sotto_ice_credentials server_credentials[SIM_CLIENT_TRANSPORT_COUNT];
};

struct call {
    uint64_t now_us;
    struct sim_random random;
    struct network network;
    struct sotto_certificate certificate;
    struct sotto_media_worker worker;
    uint64_t last_id;
    struct sotto_room_secret secret;
    struct call_client *clients[CALL_CLIENT_COUNT_MAX];
    unsigned client_count;
    struct sotto_media_event events[CALL_EVENT_COUNT_MAX]; // all of them, in order
    size_t event_count;
    uint64_t event_us[CALL_EVENT_COUNT_MAX];
    // Called before each turn, for attackers; may be NULL.
    void (*interfere)(struct call *call);
    uint64_t interfere_us; // when it is due next
    void *interferer;
};

struct call *call_create(uint64_t seed);
void call_destroy(struct call *call);

// Clients that publish, see each other, and all have this link in both directions.
void call_join(struct call *call, unsigned count, const struct network_link *link);

uint64_t call_next_id(struct call *call);
void call_post(struct call *call, const struct sotto_media_command *command);
// A command that says no more than what it is about.
void call_post_about(struct call *call, enum sotto_media_command_type type, uint64_t id);

// A new client behind these links. Its transports are at the server, but nobody connects yet.
struct call_client *call_add_client(struct call *call, const struct network_link *up,
                                    const struct network_link *down);
// Connects both transports. A test that lies about a fingerprint does the two halves by itself.
void call_connect(struct call *call, struct call_client *client);
void call_connect_server(struct call *call, struct call_client *client, unsigned direction,
                         const uint8_t fingerprint[SOTTO_FINGERPRINT_SIZE]);
void call_connect_client(struct call *call, struct call_client *client, unsigned direction,
                         const uint8_t fingerprint[SOTTO_FINGERPRINT_SIZE]);
void call_restart_ice(struct call *call, struct call_client *client, unsigned direction);

// Publishes audio and video under SSRCs from `ssrc` on: audio, video, retransmissions.
void call_publish(struct call *call, struct call_client *client, uint32_t ssrc);
// Subscribes to everything of `publisher`.
void call_subscribe(struct call *call, struct call_client *client, struct call_client *publisher);
void call_pause(struct call *call, struct call_client *client, struct call_client *publisher);
void call_resume(struct call *call, struct call_client *client, struct call_client *publisher);

void call_run(struct call *call, uint64_t duration_us);

// All sinks count from here on.
void call_begin_counts(struct call *call);

// The latest state of a transport that was told; NEW if none was.
struct sotto_media_event call_transport_state(const struct call *call, uint64_t transport);
size_t call_count_events(const struct call *call, enum sotto_media_event_type type, uint64_t id);
// When the first such event came; UINT64_MAX if never.
uint64_t call_event_us(const struct call *call, enum sotto_media_event_type type, uint64_t id);

struct sink *call_sink(const struct call_client *client, const struct call_client *publisher,
                       enum sotto_kind kind);

#endif
