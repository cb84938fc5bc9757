#include "server/peer_address.h"

#include <arpa/inet.h>
#include <string.h>

static void init_ipv4(struct sotto_peer_address *address, const struct in_addr *ipv4) {
    inet_ntop(AF_INET, ipv4, address->text, sizeof address->text);
    uint32_t number = ntohl(ipv4->s_addr);
    // Never equal to an IPv6 key, which has its top bit set.
    address->network = number;
    address->loopback = number >> 24 == 127;
}

static void init_ipv6(struct sotto_peer_address *address, const struct in6_addr *ipv6) {
    inet_ntop(AF_INET6, ipv6, address->text, sizeof address->text);
    uint64_t network = 0;
    for (int i = 0; i < 8; i++)
        network = network << 8 | ipv6->s6_addr[i];
    address->loopback = IN6_IS_ADDR_LOOPBACK(ipv6);
    address->network = network | (uint64_t)1 << 63;
}

void sotto_peer_address_init(struct sotto_peer_address *address, const struct sockaddr *from) {
    *address = (struct sotto_peer_address){0};
    if (from->sa_family == AF_INET) {
        struct sockaddr_in ipv4;
        memcpy(&ipv4, from, sizeof ipv4);
        init_ipv4(address, &ipv4.sin_addr);
    } else if (from->sa_family == AF_INET6) {
        struct sockaddr_in6 ipv6;
        memcpy(&ipv6, from, sizeof ipv6);
        struct in_addr mapped;
        memcpy(&mapped, &ipv6.sin6_addr.s6_addr[12], sizeof mapped);
        if (IN6_IS_ADDR_V4MAPPED(&ipv6.sin6_addr))
            init_ipv4(address, &mapped);
        else
            init_ipv6(address, &ipv6.sin6_addr);
    }
}

bool sotto_peer_address_parse(const char *literal, uint16_t port, struct sockaddr_storage *to,
                              socklen_t *size) {
    *to = (struct sockaddr_storage){0};
    *size = 0;
    struct sockaddr_in ipv4 = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct sockaddr_in6 ipv6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    if (inet_pton(AF_INET, literal, &ipv4.sin_addr) == 1) {
        memcpy(to, &ipv4, sizeof ipv4);
        *size = sizeof ipv4;
    } else if (inet_pton(AF_INET6, literal, &ipv6.sin6_addr) == 1) {
        memcpy(to, &ipv6, sizeof ipv6);
        *size = sizeof ipv6;
    }
    return *size > 0;
}
