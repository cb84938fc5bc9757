// The inside of a sotto_frame_opener (sotto/frame_opener.h).
#ifndef SOTTO_LIB_FRAME_OPENER_H
#define SOTTO_LIB_FRAME_OPENER_H

#include "core/opener.h"
#include "lib/keys.h"
#include "sotto/frame_opener.h"

struct sotto_frame_opener {
    struct sotto_keys *keys;      // NULL: emptied by fork()
    struct sotto_key_store store; // a copy of theirs
    struct sotto_opener opener;
};

#endif
