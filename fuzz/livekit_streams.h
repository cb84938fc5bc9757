// One sender's and one receiver's side of the format "livekit" with a fixed key, so that corpora
// hold frames that open.
#ifndef SOTTO_FUZZ_LIVEKIT_STREAMS_H
#define SOTTO_FUZZ_LIVEKIT_STREAMS_H

#include "core/assert.h"
#include "core/livekit_opener.h"
#include "core/livekit_sealer.h"

#include <stdlib.h>
#include <string.h>

static inline void fuzz_fill_ring(struct sotto_livekit_ring *ring) {
    const struct sotto_livekit_options options = {SOTTO_BYTES("LKFrameEncryptionKey"), 16, 16, 2};
    static struct sotto_livekit_place places[16];
    enum sotto_result result;
    SOTTO_ASSERT(sotto_livekit_ring_init(ring, &options, places));
    SOTTO_ASSERT(sotto_livekit_ring_set_raw(ring, 3, SOTTO_BYTES("the fuzz target's key"), true) ==
                 SOTTO_OK);
    while (!sotto_livekit_ring_work(ring, 1, &result))
        SOTTO_ASSERT(result == SOTTO_OK);
}

static inline void fuzz_init_livekit_sealer(struct sotto_livekit_sealer *sealer,
                                            const struct sotto_livekit_ring *ring) {
    static const uint16_t first_counts[SOTTO_LIVEKIT_SEALER_SSRCS_MAX] = {65534, 1};
    SOTTO_ASSERT(sotto_livekit_sealer_init(sealer, ring, SOTTO_KIND_VIDEO, first_counts));
}

// What the functions of this memory look at; all of it would be 2 MB to clear.
static inline void fuzz_forget(struct sotto_livekit_replay *replay) {
    replay->uses = 0;
    replay->stream_count = 0;
    for (size_t i = 0; i < SOTTO_LIVEKIT_WINDOWS_MAX; i++)
        replay->windows[i].owner = NULL;
}

#endif
