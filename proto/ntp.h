// NTP timestamps as RTCP carries them (RFC 3550 section 4): seconds since 1900-01-01 in the high 32
// bits, their fraction in the low. They wrap in 2036; only differences matter here.
#ifndef SOTTO_PROTO_NTP_H
#define SOTTO_PROTO_NTP_H

#include "core/result.h"

#include <stdbool.h>
#include <stdint.h>

// `now_us` is monotonic; `unix_offset_us` is what turns it into microseconds since 1970, read once
// when the program starts so that streams of one sender stay in step when the wall clock is set.
uint64_t sotto_ntp_from_us(uint64_t now_us, int64_t unix_offset_us);

// The middle 32 bits: 16 of the seconds, 16 of the fraction (RFC 3550 section 6.4.1, LSR).
uint32_t sotto_ntp_middle(uint64_t ntp_time);

// A span in units of 1/65536 s, from microseconds and back. Spans of 2^32 units (18 hours) and more
// become the largest.
uint32_t sotto_ntp_span_from_us(uint64_t span_us);
uint64_t sotto_ntp_span_to_us(uint32_t span);

// Round-trip time from a report block that answers a sender report of ours: the NTP time at which
// it arrived, LSR and DLSR (RFC 3550 section 6.4.1). A result below zero, from clocks that run
// apart, becomes 0. False, with 0, if there was no sender report yet or if the result is above
// SOTTO_ROUND_TRIP_US_MAX, which only a wrong report can give.
SOTTO_MUST_USE bool sotto_ntp_round_trip(uint64_t ntp_now, uint32_t last_sender_report,
                                         uint32_t delay_since_last_sender_report,
                                         uint64_t *round_trip_us);

#endif
