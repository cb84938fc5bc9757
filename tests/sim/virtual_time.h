// The wall clock of a simulation. A program that is linked with this has its own gettimeofday(),
// which shared libraries use as well: so OpenSSL's DTLS timers follow the test's time.
#ifndef SOTTO_TESTS_SIM_VIRTUAL_TIME_H
#define SOTTO_TESTS_SIM_VIRTUAL_TIME_H

#include <stdint.h>

// From now on gettimeofday() answers with a fixed date plus `now_us` microseconds. Before the first
// call it answers with that date.
void virtual_time_set_us(uint64_t now_us);

// How often gettimeofday() was asked, to prove that a library asks here.
uint64_t virtual_time_query_count(void);

#endif
