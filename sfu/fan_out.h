// The received packets that still have to go to their subscribers, and how far each has come.
// Packets that one track received in a row go to one subscriber after the other, all of them to
// each: neighbours in the output then have the same destination and can leave in one system call.
#ifndef SOTTO_SFU_FAN_OUT_H
#define SOTTO_SFU_FAN_OUT_H

#include "core/result.h"
#include "sfu/limits.h"
#include "sfu/track_down.h"
#include "sfu/track_up.h"

#include <stdbool.h>
#include <stdint.h>

struct sotto_fan_out_entry {
    struct sotto_track_up *track; // borrowed; NULL if it ended
    uint64_t sequence;
};

// Owned by the caller; its fields are private. All zero is empty.
struct sotto_fan_out {
    uint32_t first;
    uint32_t entry_count;
    uint32_t run_count;            // entries at the front that belong to one track
    uint32_t next_in_run;          // the one that goes to `track` next
    struct sotto_track_down *track; // NULL between runs
    struct sotto_fan_out_entry entries[SOTTO_FAN_OUT_COUNT_MAX]; // a ring
};

// False if there is no room: the caller did not pull for long.
SOTTO_MUST_USE bool sotto_fan_out_add(struct sotto_fan_out *fan_out, struct sotto_track_up *track,
                                      uint64_t sequence);

// The next packet of an up track and the subscription, not paused, that it goes to. False, with the
// outputs zero, if everything has gone out.
SOTTO_MUST_USE bool sotto_fan_out_next(struct sotto_fan_out *fan_out,
                                       struct sotto_track_down **track, uint64_t *sequence);

// Before a track ends and its links are undone.
void sotto_fan_out_remove_track_up(struct sotto_fan_out *fan_out,
                                   const struct sotto_track_up *track);
void sotto_fan_out_remove_track_down(struct sotto_fan_out *fan_out,
                                     const struct sotto_track_down *track);

#endif
