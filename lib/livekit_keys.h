// The inside of a sotto_livekit_keys (sotto/livekit.h), for the streams. Openers change the ring,
// and all streams of a meeting the memory of what was opened: one lock of the meeting is on both.
// Who waits for it has the turn, so that nobody who comes back at once is there first.
#ifndef SOTTO_LIB_LIVEKIT_KEYS_H
#define SOTTO_LIB_LIVEKIT_KEYS_H

#include "core/livekit_replay.h"
#include "core/livekit_ring.h"
#include "sotto/livekit.h"

#include <pthread.h>

struct sotto_livekit_memory {
    pthread_mutex_t turn;
    pthread_mutex_t lock;
    size_t user_count; // rings
    struct sotto_livekit_replay replay;
};

struct sotto_livekit_keys {
    struct sotto_livekit_memory *memory; // NULL: emptied by fork()
    size_t user_count;                   // the creator, and every stream
    struct sotto_livekit_ring ring;
    struct sotto_livekit_place places[SOTTO_LIVEKIT_RING_SIZE_MAX];
};

// One user more, who ends with sotto_livekit_keys_destroy. False if fork() emptied the keys.
bool sotto_livekit_keys_share(struct sotto_livekit_keys *keys);

// The lock of the meeting. False, and no lock, for keys that fork() emptied, or NULL.
bool sotto_livekit_keys_lock(struct sotto_livekit_keys *keys);
void sotto_livekit_keys_unlock(struct sotto_livekit_keys *keys);

#endif
