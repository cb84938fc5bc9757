#include "net/clock.h"

#include <assert.h>
#include <time.h>

static uint64_t read_ns(clockid_t id) {
    struct timespec now;
    int failed = clock_gettime(id, &now);
    assert(!failed);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t sotto_clock_now_us(void) {
    return read_ns(CLOCK_MONOTONIC) / 1000;
}

uint64_t sotto_clock_thread_cpu_ns(void) {
    return read_ns(CLOCK_THREAD_CPUTIME_ID);
}
