#include "server/listen_check.h"

#include "net/udp.h"
#include "server/peer_address.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static void set_fault(struct sotto_fault *fault, const char *key, const char *address,
                      uint16_t port) {
    if (errno == EADDRINUSE)
        sotto_fault_set(fault, "%s.port: %s port %u is in use; stop what uses it or choose another",
                        key, address, port);
    else if (errno == EACCES)
        sotto_fault_set(fault, "%s.port: %u needs privileges; choose one from 1024 on", key, port);
    else
        sotto_fault_set(fault, "%s.address: %s port %u: %s; give an address of this machine", key,
                        address, port, strerror(errno));
}

bool sotto_listen_check_tcp(const char *key, const char *address, uint16_t port,
                            struct sotto_fault *fault) {
    struct sockaddr_storage to;
    socklen_t size;
    int one = 1;
    if (!sotto_peer_address_parse(address, port, &to, &size)) {
        sotto_fault_set(fault, "%s.address: %s is not an IPv4 or IPv6 address; give one", key,
                        address);
        return false;
    }
    int fd = socket(to.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    // As the listener will: connections of a server that has just ended do not count.
    if (fd >= 0)
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    bool free = fd >= 0 && bind(fd, (const struct sockaddr *)&to, size) == 0 && listen(fd, 1) == 0;
    if (!free)
        set_fault(fault, key, address, port);
    if (fd >= 0)
        close(fd);
    return free;
}

void sotto_listen_check_explain_udp(struct sotto_fault *fault, uint16_t port) {
    if (errno == EADDRINUSE)
        sotto_fault_set(fault, "media.port: UDP port %u is in use; stop what uses it or choose "
                               "another",
                        port);
    else
        sotto_fault_set(fault, "media.port: UDP port %u: %s; choose another", port,
                        strerror(errno));
}

bool sotto_listen_check_udp(uint16_t port, struct sotto_fault *fault) {
    struct sotto_udp udp;
    bool free = sotto_udp_create(&udp, port);
    if (free)
        sotto_udp_destroy(&udp);
    else
        sotto_listen_check_explain_udp(fault, port);
    return free;
}
