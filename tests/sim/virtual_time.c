#include "tests/sim/virtual_time.h"

#include <sys/time.h>

enum { EPOCH_S = 1700000000 }; // any date that certificates and timers find reasonable

static uint64_t time_us;
static uint64_t query_count;

void virtual_time_set_us(uint64_t now_us) {
    time_us = now_us;
}

uint64_t virtual_time_query_count(void) {
    return query_count;
}

// Takes the place of libc's, because the program's own symbols come first. The attribute in libc's
// declaration promises that `now` is not NULL.
int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    (void)zone;
    query_count++;
    now->tv_sec = (time_t)(EPOCH_S + time_us / 1000000);
    now->tv_usec = (suseconds_t)(time_us % 1000000);
    return 0;
}
