#include "sfu/lip_sync.h"

void sotto_lip_sync_handle_report(struct sotto_lip_sync_clock *clock,
                                  struct sotto_lip_sync_track *track, uint64_t server_time,
                                  uint64_t ntp_time, uint32_t timestamp) {
    if (!clock->known)
        *clock = (struct sotto_lip_sync_clock){.known = true, .offset = server_time - ntp_time};
    *track = (struct sotto_lip_sync_track){
        .known = true, .ntp_time = ntp_time, .timestamp = timestamp};
}

bool sotto_lip_sync_timestamp(const struct sotto_lip_sync_clock *clock,
                              const struct sotto_lip_sync_track *track, uint32_t clock_rate,
                              uint64_t server_time, uint32_t *timestamp) {
    *timestamp = 0;
    if (!clock->known || !track->known)
        return false;
    // Modulo 2^64; a moment before the report is a negative number of seconds and a fraction.
    uint64_t passed = server_time - clock->offset - track->ntp_time;
    uint64_t seconds = passed >> 32;
    uint64_t fraction = passed & UINT32_MAX;
    uint32_t ticks = (uint32_t)(seconds * clock_rate) + (uint32_t)(fraction * clock_rate >> 32);
    *timestamp = track->timestamp + ticks;
    return true;
}
