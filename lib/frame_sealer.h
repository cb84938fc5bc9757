// The inside of a sotto_frame_sealer (sotto/frame_sealer.h).
#ifndef SOTTO_LIB_FRAME_SEALER_H
#define SOTTO_LIB_FRAME_SEALER_H

#include "core/sealer.h"
#include "lib/keys.h"
#include "sotto/frame_sealer.h"

struct sotto_frame_sealer {
    struct sotto_keys *keys;      // NULL: emptied by fork()
    struct sotto_key_store store; // a copy of theirs
    uint8_t stream_id[SOTTO_STREAM_ID_SIZE];
    struct sotto_sealer sealer;
};

static inline void sotto_frame_sealer_follow_keys(struct sotto_frame_sealer *sealer) {
    if (sealer->keys)
        sotto_keys_follow(sealer->keys, &sealer->store);
}

#endif
