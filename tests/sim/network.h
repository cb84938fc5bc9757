// A lossy network in virtual time between one server and some hosts, each behind a NAT of its own.
// Every host has a link up and a link down. Whatever happens follows from the seed.
#ifndef SOTTO_TESTS_SIM_NETWORK_H
#define SOTTO_TESTS_SIM_NETWORK_H

#include "proto/address.h"
#include "tests/sim/sim_random.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    NETWORK_HOST_COUNT_MAX = 12,
    NETWORK_SERVER = NETWORK_HOST_COUNT_MAX, // in place of a host
    NETWORK_PORT_FIRST = 5000,               // of a host's own ports
    NETWORK_PORT_COUNT = 16,
};

// One direction. All zero is a perfect link.
struct network_link {
    uint32_t delay_us;
    uint32_t jitter_us;            // added to the delay, at random; keeps the order
    uint32_t loss_permille;        // of single packets
    uint32_t burst_enter_permille; // Gilbert's model: a packet begins a burst that loses all,
    uint32_t burst_leave_permille; // and ends it
    uint32_t duplicate_permille;
    uint32_t reorder_permille; // held back behind others
    uint32_t reorder_us;       // for so long at most
    uint64_t rate_bps;         // 0: no bound
    uint32_t queue_us_max;     // with a rate: what would wait longer is dropped
};

struct network_packet {
    uint64_t due_us;
    uint64_t order; // among packets that are due at once
    unsigned host;  // that gets it, or NETWORK_SERVER
    struct sotto_address from;
    struct sotto_address to; // as the receiver knows itself
    size_t size;
    uint8_t data[];
};

struct network_counters {
    uint64_t sent;       // handed to the network
    uint64_t lost;       // by the link, or in its queue
    uint64_t duplicated;
    uint64_t unreachable; // to a NAT mapping that is gone, or to nobody
    uint64_t delivered;
    uint64_t delivered_size;
};

struct network_link_state {
    struct network_link link;
    struct sim_random random;
    bool in_burst;
    uint64_t free_us; // when the last packet has left
    uint64_t last_us; // when the last packet in order arrives
};

struct network_host {
    struct network_link_state up;
    struct network_link_state down;
    unsigned generation;                  // of the NAT's mappings
    bool is_cut;                          // nothing goes in or out
    struct network_counters up_counters;   // of what the host sends
    struct network_counters down_counters; // of what the server sends to it
};

struct network {
    struct network_host hosts[NETWORK_HOST_COUNT_MAX];
    unsigned host_count;
    struct network_packet **heap; // owned, by due time
    size_t count;
    size_t capacity;
    uint64_t order;
    uint64_t trace; // hash of what was sent when, to whom and how large
    struct sim_random random;
};

void network_create(struct network *network, uint64_t seed);
void network_destroy(struct network *network);

unsigned network_add_host(struct network *network, const struct network_link *up,
                          const struct network_link *down);
void network_set_links(struct network *network, unsigned host, const struct network_link *up,
                       const struct network_link *down);

struct sotto_address network_server_address(void);
// A port of the host as the host itself knows it. `port` is below NETWORK_PORT_COUNT.
struct sotto_address network_inner_address(unsigned host, unsigned port);
// The same as the server sees it now.
struct sotto_address network_outer_address(const struct network *network, unsigned host,
                                           unsigned port);

// The NAT forgets its mappings: the host appears under others, and what is sent to the old ones is
// lost.
void network_rebind(struct network *network, unsigned host);
void network_cut(struct network *network, unsigned host, bool is_cut);

void network_send_up(struct network *network, uint64_t now_us, unsigned host, unsigned port,
                     const uint8_t *data, size_t size);
void network_send_down(struct network *network, uint64_t now_us, const struct sotto_address *to,
                       const uint8_t *data, size_t size);
// A datagram whose sender address is a lie: it comes from `from`.
void network_send_spoofed(struct network *network, uint64_t now_us, unsigned host,
                          const struct sotto_address *from, const uint8_t *data, size_t size);

// The next packet that has arrived, for the caller to free; NULL if there is none.
struct network_packet *network_receive(struct network *network, uint64_t now_us);
uint64_t network_poll_timeout(const struct network *network);

#endif
