// One stream with fixed keys, so that corpora hold frames that open.
#ifndef SOTTO_FUZZ_STREAMS_H
#define SOTTO_FUZZ_STREAMS_H

#include "core/annex_b.h"
#include "core/assert.h"
#include "core/opener.h"
#include "core/sealer.h"

#include <stdlib.h>
#include <string.h>

// A store with two secrets; the first is the current one.
static inline void fuzz_fill_store(struct sotto_key_store *store) {
    static const struct sotto_room_secret secrets[] = {{{2}}, {{1}}};
    sotto_key_store_init(store);
    for (size_t i = 0; i < 2; i++)
        SOTTO_ASSERT(sotto_key_store_set_current(store, &secrets[i]) == SOTTO_OK);
}

static inline struct sotto_stream_name fuzz_name(void) {
    static const uint8_t stream_id[SOTTO_STREAM_ID_SIZE] = {3};
    struct sotto_stream_name name;
    SOTTO_ASSERT(sotto_stream_name_init(&name, SOTTO_BYTES("room"), SOTTO_BYTES("alice"),
                                        (struct sotto_bytes){stream_id, sizeof stream_id},
                                        SOTTO_KIND_VIDEO));
    return name;
}

#endif
