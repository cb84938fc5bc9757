// Sender reports for forwarded tracks (RFC 3550, section 6.4.1): which RTP timestamp of a publisher
// belongs to a moment on the server's clock. All tracks of one publisher go through one mapping of
// its clock to the server's, so a receiver plays audio and video together, whatever the network
// did to either and whatever numbers the tracks carry on the way down.
// Times are NTP times of proto/ntp.h.
#ifndef SOTTO_SFU_LIP_SYNC_H
#define SOTTO_SFU_LIP_SYNC_H

#include <stdbool.h>
#include <stdint.h>

// One per publisher. All zero before its first report.
struct sotto_lip_sync_clock {
    bool known;
    uint64_t offset; // server's time - publisher's time, modulo 2^64
};

// One per up track. All zero before its first report.
struct sotto_lip_sync_track {
    bool known;
    uint64_t ntp_time; // publisher's clock
    uint32_t timestamp;
};

// Takes what a publisher's sender report says; `server_time` is when it arrived. The first report
// sets the clock's offset for good, so that no report moves one track against another. Drift of the
// publisher's clock does no harm: only the difference between its tracks is heard and seen.
void sotto_lip_sync_handle_report(struct sotto_lip_sync_clock *clock,
                                  struct sotto_lip_sync_track *track, uint64_t server_time,
                                  uint64_t ntp_time, uint32_t timestamp);

// The publisher's timestamp at `server_time`. False, with 0, before the track's first report.
bool sotto_lip_sync_timestamp(const struct sotto_lip_sync_clock *clock,
                              const struct sotto_lip_sync_track *track, uint32_t clock_rate,
                              uint64_t server_time, uint32_t *timestamp);

#endif
