#include "proto/ntp.h"

#include "proto/limits.h"

// Seconds from 1900-01-01 to 1970-01-01: 70 years with 17 leap days.
static const uint64_t unix_epoch_s = 2208988800;

uint64_t sotto_ntp_from_us(uint64_t now_us, int64_t unix_offset_us) {
    // Unsigned sums wrap as two's complement does, so a negative offset works too.
    uint64_t unix_us = now_us + (uint64_t)unix_offset_us;
    uint64_t seconds = unix_us / 1000000 + unix_epoch_s;
    uint64_t fraction = ((unix_us % 1000000) << 32) / 1000000;
    return seconds << 32 | fraction;
}

uint32_t sotto_ntp_middle(uint64_t ntp_time) {
    return (uint32_t)(ntp_time >> 16);
}

uint32_t sotto_ntp_span_from_us(uint64_t span_us) {
    // 2^32 units are 65536 s.
    if (span_us >= UINT64_C(65536) * 1000000)
        return UINT32_MAX;
    return (uint32_t)((span_us << 16) / 1000000);
}

uint64_t sotto_ntp_span_to_us(uint32_t span) {
    return ((uint64_t)span * 1000000) >> 16;
}

bool sotto_ntp_round_trip(uint64_t ntp_now, uint32_t last_sender_report,
                          uint32_t delay_since_last_sender_report, uint64_t *round_trip_us) {
    *round_trip_us = 0;
    if (last_sender_report == 0)
        return false;
    uint32_t span =
        sotto_ntp_middle(ntp_now) - last_sender_report - delay_since_last_sender_report;
    if (span >= 0x80000000) // below zero
        return true;
    uint64_t result_us = sotto_ntp_span_to_us(span);
    if (result_us > SOTTO_ROUND_TRIP_US_MAX)
        return false;
    *round_trip_us = result_us;
    return true;
}
