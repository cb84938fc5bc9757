// Who is speaking, from the audio levels that publishers send along with their packets (RFC 6464):
// levels are smoothed, and the speaker changes only when somebody else was clearly louder for a
// moment, so that a cough or a keystroke does not turn every screen. Levels are claims of their
// publishers; a participant can make itself the speaker as it could by shouting.
#ifndef SOTTO_SFU_SPEAKER_H
#define SOTTO_SFU_SPEAKER_H

#include "sfu/limits.h"

#include <stdbool.h>
#include <stdint.h>

#define SOTTO_SPEAKER_NOBODY UINT32_MAX

struct sotto_speaker_source {
    uint32_t loudness_sum; // of the packets in the current interval
    uint32_t packet_count;
    uint32_t loudness; // smoothed, in 1/256 dB above silence
};

// One per meeting. Owned by the caller; its fields are private.
struct sotto_speaker {
    struct sotto_speaker_source *sources; // borrowed from the caller
    uint32_t source_count;
    uint64_t due_us; // end of the interval, UINT64_MAX while all is silent
    uint32_t current;
    uint32_t reported; // what the last event said
    uint32_t challenger;
    uint32_t challenge_ms; // how long the challenger has been louder
    uint32_t silence_ms;   // how long nobody has been loud
};

// `memory` has room for `source_count` sources, numbered by the caller, and is borrowed.
void sotto_speaker_init(struct sotto_speaker *speaker, struct sotto_speaker_source *memory,
                        uint32_t source_count);

// A packet of a source came with this level in -dBov: 0 is the loudest, 127 silence.
void sotto_speaker_handle_level(struct sotto_speaker *speaker, uint64_t now_us, uint32_t source,
                                uint8_t level_dbov);

// The source is gone. If it was speaking, nobody is until the next interval ends.
void sotto_speaker_remove(struct sotto_speaker *speaker, uint32_t source);

uint64_t sotto_speaker_poll_timeout(const struct sotto_speaker *speaker);
void sotto_speaker_handle_timeout(struct sotto_speaker *speaker, uint64_t now_us);

// True if the speaker changed since the last call; `source` is who it is now, or
// SOTTO_SPEAKER_NOBODY. False leaves `source` at SOTTO_SPEAKER_NOBODY.
bool sotto_speaker_poll_event(struct sotto_speaker *speaker, uint32_t *source);

#endif
