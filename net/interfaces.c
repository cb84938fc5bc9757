#include "net/interfaces.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>

static bool read_address(const struct ifaddrs *interface, struct sotto_udp_address *address) {
    *address = (struct sotto_udp_address){0};
    if (!interface->ifa_addr || !(interface->ifa_flags & IFF_UP) ||
        (interface->ifa_flags & IFF_LOOPBACK))
        return false;
    if (interface->ifa_addr->sa_family == AF_INET) {
        const struct sockaddr_in *in = (const struct sockaddr_in *)(void *)interface->ifa_addr;
        memcpy(address->bytes, &in->sin_addr, 4);
        return true;
    }
    if (interface->ifa_addr->sa_family != AF_INET6)
        return false;
    const struct sockaddr_in6 *in = (const struct sockaddr_in6 *)(void *)interface->ifa_addr;
    memcpy(address->bytes, &in->sin6_addr, 16);
    address->is_ipv6 = true;
    return !IN6_IS_ADDR_LINKLOCAL(&in->sin6_addr) && !IN6_IS_ADDR_LOOPBACK(&in->sin6_addr);
}

size_t sotto_interfaces_list(struct sotto_udp_address *addresses, size_t capacity) {
    struct ifaddrs *interfaces;
    if (getifaddrs(&interfaces) != 0)
        return 0;
    size_t count = 0;
    for (struct ifaddrs *each = interfaces; each && count < capacity; each = each->ifa_next) {
        if (read_address(each, &addresses[count]))
            count++;
    }
    freeifaddrs(interfaces);
    return count;
}
