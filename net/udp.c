#include "net/udp.h"

#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const uint8_t mapped_prefix[12] = {[10] = 0xff, [11] = 0xff};

static socklen_t to_sockaddr(const struct sotto_udp *udp, const struct sotto_udp_address *address,
                             struct sockaddr_storage *storage) {
    memset(storage, 0, sizeof *storage);
    if (!udp->is_dual) {
        struct sockaddr_in *in = (struct sockaddr_in *)storage;
        in->sin_family = AF_INET;
        in->sin_port = htons(address->port);
        memcpy(&in->sin_addr, address->bytes, 4);
        return sizeof *in;
    }
    struct sockaddr_in6 *in = (struct sockaddr_in6 *)storage;
    in->sin6_family = AF_INET6;
    in->sin6_port = htons(address->port);
    if (address->is_ipv6) {
        memcpy(&in->sin6_addr, address->bytes, 16);
    } else {
        memcpy(in->sin6_addr.s6_addr, mapped_prefix, sizeof mapped_prefix);
        memcpy(in->sin6_addr.s6_addr + sizeof mapped_prefix, address->bytes, 4);
    }
    return sizeof *in;
}

static struct sotto_udp_address from_sockaddr(const struct sockaddr_storage *storage) {
    struct sotto_udp_address address = {0};
    if (storage->ss_family == AF_INET) {
        const struct sockaddr_in *in = (const struct sockaddr_in *)storage;
        address.port = ntohs(in->sin_port);
        memcpy(address.bytes, &in->sin_addr, 4);
        return address;
    }
    const struct sockaddr_in6 *in = (const struct sockaddr_in6 *)storage;
    const uint8_t *bytes = in->sin6_addr.s6_addr;
    address.port = ntohs(in->sin6_port);
    address.is_ipv6 = memcmp(bytes, mapped_prefix, sizeof mapped_prefix) != 0;
    if (address.is_ipv6)
        memcpy(address.bytes, bytes, 16);
    else
        memcpy(address.bytes, bytes + sizeof mapped_prefix, 4);
    return address;
}

static bool bind_to(struct sotto_udp *udp, uint16_t port) {
    struct sotto_udp_address any = {.port = port, .is_ipv6 = udp->is_dual};
    struct sockaddr_storage storage;
    socklen_t size = to_sockaddr(udp, &any, &storage);
    int off = 0;
    if (udp->is_dual && setsockopt(udp->fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off) != 0)
        return false;
    int buffer_size = SOTTO_UDP_BUFFER_SIZE;
    (void)setsockopt(udp->fd, SOL_SOCKET, SO_RCVBUF, &buffer_size, sizeof buffer_size);
    (void)setsockopt(udp->fd, SOL_SOCKET, SO_SNDBUF, &buffer_size, sizeof buffer_size);
    if (bind(udp->fd, (struct sockaddr *)&storage, size) != 0 ||
        getsockname(udp->fd, (struct sockaddr *)&storage, &size) != 0)
        return false;
    udp->port = from_sockaddr(&storage).port;
    return true;
}

bool sotto_udp_create(struct sotto_udp *udp, uint16_t port) {
    *udp = (struct sotto_udp){.is_dual = true};
    udp->fd = socket(AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (udp->fd < 0 && errno == EAFNOSUPPORT) {
        udp->is_dual = false;
        udp->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    }
    if (udp->fd < 0)
        return false;
    if (bind_to(udp, port))
        return true;
    int error = errno;
    sotto_udp_destroy(udp);
    errno = error;
    return false;
}

void sotto_udp_destroy(struct sotto_udp *udp) {
    if (udp->fd >= 0)
        close(udp->fd);
    *udp = (struct sotto_udp){.fd = -1};
}

size_t sotto_udp_receive(struct sotto_udp *udp, struct sotto_udp_datagram *datagrams,
                         size_t count) {
    assert(count <= SOTTO_UDP_BATCH_COUNT);
    struct mmsghdr messages[SOTTO_UDP_BATCH_COUNT];
    struct iovec vectors[SOTTO_UDP_BATCH_COUNT];
    struct sockaddr_storage names[SOTTO_UDP_BATCH_COUNT];
    for (size_t i = 0; i < count; i++) {
        vectors[i] = (struct iovec){datagrams[i].data, datagrams[i].capacity};
        messages[i].msg_hdr = (struct msghdr){.msg_name = &names[i],
                                              .msg_namelen = sizeof names[i],
                                              .msg_iov = &vectors[i],
                                              .msg_iovlen = 1};
    }
    int received = recvmmsg(udp->fd, messages, (unsigned)count, MSG_DONTWAIT, NULL);
    if (received <= 0)
        return 0;
    for (size_t i = 0; i < (size_t)received; i++) {
        bool is_cut = (messages[i].msg_hdr.msg_flags & MSG_TRUNC) != 0;
        datagrams[i].size = is_cut ? 0 : messages[i].msg_len;
        datagrams[i].address = from_sockaddr(&names[i]);
    }
    return (size_t)received;
}

size_t sotto_udp_send(struct sotto_udp *udp, const struct sotto_udp_datagram *datagrams,
                      size_t count) {
    assert(count <= SOTTO_UDP_BATCH_COUNT);
    struct mmsghdr messages[SOTTO_UDP_BATCH_COUNT];
    struct iovec vectors[SOTTO_UDP_BATCH_COUNT];
    struct sockaddr_storage names[SOTTO_UDP_BATCH_COUNT];
    for (size_t i = 0; i < count; i++) {
        socklen_t name_size = to_sockaddr(udp, &datagrams[i].address, &names[i]);
        vectors[i] = (struct iovec){datagrams[i].data, datagrams[i].size};
        messages[i].msg_hdr = (struct msghdr){.msg_name = &names[i],
                                              .msg_namelen = name_size,
                                              .msg_iov = &vectors[i],
                                              .msg_iovlen = 1};
    }
    size_t sent = 0;
    for (size_t next = 0; next < count;) {
        int taken = sendmmsg(udp->fd, messages + next, (unsigned)(count - next), MSG_DONTWAIT);
        if (taken < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS))
            break;
        // Any other error is about the first datagram alone: its address, its size.
        sent += taken < 0 ? 0 : (size_t)taken;
        next += taken < 1 ? 1 : (size_t)taken;
    }
    return sent;
}
