// An ICE client and a lite server's agent in virtual time, with a seeded network between them that
// loses, delays, doubles and reorders datagrams, and a NAT on the client's side.
#ifndef SOTTO_TESTS_PROTO_ICE_PIPE_H
#define SOTTO_TESTS_PROTO_ICE_PIPE_H

#include "proto/ice_client.h"
#include "proto/ice_lite.h"
#include "tests/check.h"

enum {
    PIPE_CAPACITY = 512,
    PIPE_EVENTS = 256,
    PIPE_SENT = 4096,
};

struct pipe_datagram {
    uint64_t at_ms;
    bool to_server;
    struct sotto_address client; // the client's local address, before its NAT
    uint32_t mapping;            // of the NAT when it was sent
    struct sotto_address server;
    uint8_t data[256];
    size_t size;
};

struct pipe_sent {
    uint64_t at_ms;
    struct sotto_ice_client_transmit transmit;
};

struct ice_pipe {
    struct sotto_ice_client client;
    struct sotto_ice_lite server;
    uint64_t now_ms;
    uint64_t random;
    unsigned loss_percent;
    unsigned double_percent;
    unsigned delay_ms_min;
    unsigned delay_ms_max;
    uint32_t nat_mapping;              // changes when the NAT forgets
    bool server_is_dead;               // hears nothing
    struct sotto_address dead_local;   // a path that lost its network without a word
    struct pipe_datagram queue[PIPE_CAPACITY];
    size_t count;
    // What happened.
    struct sotto_ice_client_event events[PIPE_EVENTS];
    uint64_t event_ms[PIPE_EVENTS];
    size_t event_count;
    size_t server_counts[SOTTO_ICE_LITE_RESTARTED + 1];
    uint64_t server_selected_ms; // of the latest SELECTED
    struct pipe_sent sent[PIPE_SENT];
    size_t sent_count;
};

static inline struct sotto_address pipe_address(const char *text) {
    struct sotto_address address;
    CHECK(sotto_address_parse(&address, text, strlen(text)));
    return address;
}

static inline struct sotto_ice_credentials pipe_credentials(uint8_t seed) {
    uint8_t random[SOTTO_ICE_RANDOM_SIZE];
    for (size_t i = 0; i < sizeof random; i++)
        random[i] = (uint8_t)(seed * 37 + i * 11);
    struct sotto_ice_credentials credentials;
    sotto_ice_credentials_from_random(&credentials, random);
    return credentials;
}

static inline uint32_t pipe_draw(struct ice_pipe *pipe, uint32_t bound) {
    pipe->random = pipe->random * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(pipe->random >> 33) % bound;
}

// The caller adds local and remote addresses.
static inline void pipe_init(struct ice_pipe *pipe, uint64_t seed, unsigned loss_percent) {
    memset(pipe, 0, sizeof *pipe);
    pipe->random = seed;
    pipe->now_ms = 1000000;
    pipe->loss_percent = loss_percent;
    pipe->delay_ms_min = 10;
    pipe->delay_ms_max = 10;
    uint8_t client_seed[SOTTO_ICE_SEED_SIZE] = {0};
    for (size_t i = 0; i < 8; i++)
        client_seed[i] = (uint8_t)(seed >> 8 * i);
    struct sotto_ice_credentials local = pipe_credentials(1);
    struct sotto_ice_credentials remote = pipe_credentials(2);
    sotto_ice_client_init(&pipe->client, &local, &remote, client_seed);
    sotto_ice_lite_init(&pipe->server, &remote);
}

// What the server sees of a local address: a public host for each, another port for each mapping.
static inline struct sotto_address pipe_mapped(const struct sotto_address *local,
                                               uint32_t mapping) {
    struct sotto_address mapped = *local;
    mapped.bytes[0] = local->family == SOTTO_ADDRESS_IPV4 ? 198 : 0x26;
    mapped.port = (uint16_t)(local->port + 7 * mapping);
    return mapped;
}

static inline void pipe_push(struct ice_pipe *pipe, struct pipe_datagram datagram) {
    if (pipe_draw(pipe, 100) < pipe->loss_percent ||
        sotto_address_equal(&datagram.client, &pipe->dead_local))
        return;
    unsigned copies = pipe_draw(pipe, 100) < pipe->double_percent ? 2 : 1;
    for (unsigned i = 0; i < copies; i++) {
        unsigned spread = pipe->delay_ms_max - pipe->delay_ms_min;
        datagram.at_ms = pipe->now_ms + pipe->delay_ms_min + pipe_draw(pipe, spread + 1);
        CHECK(pipe->count < PIPE_CAPACITY);
        pipe->queue[pipe->count++] = datagram;
    }
}

static inline void pipe_take_server_events(struct ice_pipe *pipe) {
    struct sotto_ice_lite_event event;
    while (sotto_ice_lite_poll_event(&pipe->server, &event)) {
        pipe->server_counts[event.type]++;
        if (event.type == SOTTO_ICE_LITE_SELECTED)
            pipe->server_selected_ms = pipe->now_ms;
    }
}

static inline void pipe_take_client_output(struct ice_pipe *pipe) {
    struct sotto_ice_client_transmit transmit;
    while (sotto_ice_client_poll_transmit(&pipe->client, &transmit)) {
        CHECK(pipe->sent_count < PIPE_SENT);
        pipe->sent[pipe->sent_count++] = (struct pipe_sent){pipe->now_ms, transmit};
        struct pipe_datagram datagram = {.to_server = true,
                                         .client = transmit.from,
                                         .mapping = pipe->nat_mapping,
                                         .server = transmit.to,
                                         .size = transmit.size};
        memcpy(datagram.data, transmit.data, transmit.size);
        pipe_push(pipe, datagram);
    }
    struct sotto_ice_client_event event;
    while (sotto_ice_client_poll_event(&pipe->client, &event)) {
        CHECK(pipe->event_count < PIPE_EVENTS);
        pipe->event_ms[pipe->event_count] = pipe->now_ms;
        pipe->events[pipe->event_count++] = event;
    }
}

static inline void pipe_deliver(struct ice_pipe *pipe, struct pipe_datagram *datagram) {
    if (!datagram->to_server) {
        if (datagram->mapping == pipe->nat_mapping)
            sotto_ice_client_handle_packet(&pipe->client, pipe->now_ms, &datagram->client,
                                           &datagram->server, datagram->data, datagram->size);
        return;
    }
    if (pipe->server_is_dead)
        return;
    struct sotto_address from = pipe_mapped(&datagram->client, datagram->mapping);
    sotto_ice_lite_handle_packet(&pipe->server, pipe->now_ms, &from, datagram->data,
                                 datagram->size);
    pipe_take_server_events(pipe);
    struct sotto_ice_lite_transmit answer;
    if (!sotto_ice_lite_poll_transmit(&pipe->server, &answer))
        return;
    CHECK(answer.size <= datagram->size);
    struct pipe_datagram back = *datagram;
    back.to_server = false;
    back.size = answer.size;
    memcpy(back.data, answer.data, answer.size);
    pipe_push(pipe, back);
}

static inline uint64_t pipe_next_ms(const struct ice_pipe *pipe) {
    uint64_t next_ms = sotto_ice_client_poll_timeout(&pipe->client);
    uint64_t server_ms = sotto_ice_lite_poll_timeout(&pipe->server);
    if (server_ms < next_ms)
        next_ms = server_ms;
    for (size_t i = 0; i < pipe->count; i++) {
        if (pipe->queue[i].at_ms < next_ms)
            next_ms = pipe->queue[i].at_ms;
    }
    return next_ms;
}

static inline void pipe_deliver_due(struct ice_pipe *pipe) {
    for (size_t i = 0; i < pipe->count;) {
        if (pipe->queue[i].at_ms > pipe->now_ms) {
            i++;
            continue;
        }
        struct pipe_datagram due = pipe->queue[i];
        pipe->queue[i] = pipe->queue[--pipe->count];
        pipe_deliver(pipe, &due);
        pipe_take_client_output(pipe);
    }
}

// Lets time pass. Every turn does something: a timer that is due and does nothing would be found by
// the bound.
static inline void pipe_run(struct ice_pipe *pipe, uint64_t duration_ms) {
    uint64_t end_ms = pipe->now_ms + duration_ms;
    pipe_take_client_output(pipe);
    for (size_t turns = 0; pipe_next_ms(pipe) <= end_ms; turns++) {
        CHECK(turns < 20 * duration_ms + 1000);
        if (pipe_next_ms(pipe) > pipe->now_ms)
            pipe->now_ms = pipe_next_ms(pipe);
        pipe_deliver_due(pipe);
        sotto_ice_client_handle_timeout(&pipe->client, pipe->now_ms);
        sotto_ice_lite_handle_timeout(&pipe->server, pipe->now_ms);
        pipe_take_server_events(pipe);
        pipe_take_client_output(pipe);
    }
    pipe->now_ms = end_ms;
}

static inline bool pipe_add_local(struct ice_pipe *pipe, const char *text, uint16_t preference) {
    struct sotto_address address = pipe_address(text);
    return sotto_ice_client_add_local(&pipe->client, pipe->now_ms, &address, preference);
}

static inline bool pipe_add_remote(struct ice_pipe *pipe, const char *text, uint32_t priority) {
    struct sotto_address address = pipe_address(text);
    return sotto_ice_client_add_remote(&pipe->client, pipe->now_ms, &address, priority);
}

static inline void pipe_remove_local(struct ice_pipe *pipe, const char *text) {
    struct sotto_address address = pipe_address(text);
    sotto_ice_client_remove_local(&pipe->client, pipe->now_ms, &address);
}

// True if the client sends from this local address and the server to what it sees of it.
static inline bool pipe_is_connected(const struct ice_pipe *pipe, const char *local) {
    const struct sotto_ice_pair *pair = sotto_ice_client_selected(&pipe->client);
    const struct sotto_address *selected = sotto_ice_lite_selected(&pipe->server);
    if (!pair || !selected)
        return false;
    struct sotto_address expected = pipe_address(local);
    struct sotto_address mapped = pipe_mapped(&expected, pipe->nat_mapping);
    return sotto_address_equal(&pair->local, &expected) && sotto_address_equal(selected, &mapped);
}

#endif
