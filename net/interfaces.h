// The IP addresses of this machine (getifaddrs(3)).
#ifndef SOTTO_NET_INTERFACES_H
#define SOTTO_NET_INTERFACES_H

#include "net/udp.h"

#include <stdbool.h>
#include <stddef.h>

// Writes up to `capacity` addresses of interfaces that are up, with port 0; returns how many.
// Loopback addresses and IPv6 link-local ones, which need a zone, are left out.
size_t sotto_interfaces_list(struct sotto_udp_address *addresses, size_t capacity);

#endif
