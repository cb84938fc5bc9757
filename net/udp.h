// One UDP port for both IP versions, in batches (recvmmsg(2), sendmmsg(2)).
#ifndef SOTTO_NET_UDP_H
#define SOTTO_NET_UDP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SOTTO_UDP_BATCH_COUNT = 64,
    // What the kernel buffers in each direction, if net.core.rmem_max and wmem_max allow it: a
    // burst of 50 key frames while the loop is busy.
    SOTTO_UDP_BUFFER_SIZE = 4 * 1024 * 1024,
};

// Where a datagram comes from or goes to. IPv4 uses the first four bytes.
struct sotto_udp_address {
    uint8_t bytes[16]; // in network order
    uint16_t port;
    bool is_ipv6; // an IPv4 address mapped into IPv6 is told as IPv4
};

struct sotto_udp_datagram {
    uint8_t *data; // borrowed from the caller
    size_t capacity;
    size_t size;
    struct sotto_udp_address address;
};

// Owned by the caller.
struct sotto_udp {
    int fd;
    bool is_dual; // one IPv6 socket for both versions; false where the system has no IPv6
    uint16_t port;
};

// Binds `port` (0: any, then `port` says which) on all addresses. False, with errno, if it cannot.
bool sotto_udp_create(struct sotto_udp *udp, uint16_t port);
void sotto_udp_destroy(struct sotto_udp *udp);

// Takes up to SOTTO_UDP_BATCH_COUNT datagrams that are there without waiting. Returns how many. A
// datagram that is longer than its capacity is told as one of size 0.
size_t sotto_udp_receive(struct sotto_udp *udp, struct sotto_udp_datagram *datagrams, size_t count);

// Sends up to SOTTO_UDP_BATCH_COUNT datagrams. Returns how many the kernel took; the others are
// lost, as on any network: a full buffer, an unreachable address.
size_t sotto_udp_send(struct sotto_udp *udp, const struct sotto_udp_datagram *datagrams,
                      size_t count);

#endif
