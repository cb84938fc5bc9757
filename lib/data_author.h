// The author of a data message, as the core takes it.
#ifndef SOTTO_LIB_DATA_AUTHOR_H
#define SOTTO_LIB_DATA_AUTHOR_H

#include "core/data_message.h"
#include "lib/keys.h"
#include "sotto/data_message.h"

// The keys are locked as long as it is used.
static inline struct sotto_data_sender
sotto_data_author_sender(const struct sotto_data_author *author, const struct sotto_keys *keys) {
    return (struct sotto_data_sender){&keys->store, author->room_id, author->participant_id,
                                      author->suite_min};
}

#endif
