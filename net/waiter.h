// Lets a loop sleep until its socket has something, another thread wakes it, or time is up
// (epoll(7), eventfd(2)).
#ifndef SOTTO_NET_WAITER_H
#define SOTTO_NET_WAITER_H

#include <stdbool.h>
#include <stdint.h>

// Owned by the caller.
struct sotto_waiter {
    int epoll_fd;
    int wake_fd;
};

// Waits for `fd` to be readable. False, with errno, if the system refuses.
bool sotto_waiter_create(struct sotto_waiter *waiter, int fd);
void sotto_waiter_destroy(struct sotto_waiter *waiter);

// Sleeps for at most `timeout_us` (UINT64_MAX: for ever), rounded up to a millisecond.
// True if sotto_waiter_wake was called since the last time.
bool sotto_waiter_wait(struct sotto_waiter *waiter, uint64_t timeout_us);

// Ends the sleep, or the next one. From any thread.
void sotto_waiter_wake(struct sotto_waiter *waiter);

#endif
