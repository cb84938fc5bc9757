#include "net/waiter.h"

#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

static bool add(struct sotto_waiter *waiter, int fd) {
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    return epoll_ctl(waiter->epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0;
}

bool sotto_waiter_create(struct sotto_waiter *waiter, int fd) {
    waiter->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    waiter->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (waiter->epoll_fd >= 0 && waiter->wake_fd >= 0 && add(waiter, fd) &&
        add(waiter, waiter->wake_fd))
        return true;
    int error = errno;
    sotto_waiter_destroy(waiter);
    errno = error;
    return false;
}

void sotto_waiter_destroy(struct sotto_waiter *waiter) {
    if (waiter->epoll_fd >= 0)
        close(waiter->epoll_fd);
    if (waiter->wake_fd >= 0)
        close(waiter->wake_fd);
    *waiter = (struct sotto_waiter){-1, -1};
}

bool sotto_waiter_wait(struct sotto_waiter *waiter, uint64_t timeout_us) {
    uint64_t timeout_ms = timeout_us / 1000 + (timeout_us % 1000 != 0);
    int timeout = timeout_us == UINT64_MAX ? -1 : timeout_ms > INT_MAX ? INT_MAX : (int)timeout_ms;
    struct epoll_event events[2];
    int count = epoll_wait(waiter->epoll_fd, events, 2, timeout);
    for (int i = 0; i < count; i++) {
        uint64_t ignored;
        if (events[i].data.fd == waiter->wake_fd)
            return read(waiter->wake_fd, &ignored, sizeof ignored) == sizeof ignored;
    }
    return false;
}

void sotto_waiter_wake(struct sotto_waiter *waiter) {
    uint64_t one = 1;
    // It fails only if the count is full, and then the loop is awake anyway.
    ssize_t ignored = write(waiter->wake_fd, &one, sizeof one);
    (void)ignored;
}
