// The address of a peer, as text for the log and as a key for limits: one IPv4 address, or the /64
// network of an IPv6 address, because a household or an attacker gets a /64 at least.
#ifndef SOTTO_SERVER_PEER_ADDRESS_H
#define SOTTO_SERVER_PEER_ADDRESS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

struct sotto_peer_address {
    char text[INET6_ADDRSTRLEN];
    uint64_t network; // equal for peers that share limits
    bool loopback;
};

// IPv4-mapped IPv6 addresses count as IPv4. Other families give an empty text and network 0.
void sotto_peer_address_init(struct sotto_peer_address *address, const struct sockaddr *from);

// Parses a literal IPv4 or IPv6 address (no name) and a port. False for anything else.
bool sotto_peer_address_parse(const char *literal, uint16_t port, struct sockaddr_storage *to,
                              socklen_t *size);

#endif
