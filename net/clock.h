// The clock that everything above gets its time from: monotonic, read once per turn of a loop.
#ifndef SOTTO_NET_CLOCK_H
#define SOTTO_NET_CLOCK_H

#include <stdint.h>

// Microseconds since some moment in the past; never goes back, never stops while the machine runs.
uint64_t sotto_clock_now_us(void);

// CPU time that the calling thread has used, in nanoseconds.
uint64_t sotto_clock_thread_cpu_ns(void);

#endif
