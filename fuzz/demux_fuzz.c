// A datagram of any content is of one kind, and has room for that kind's header.
#include "core/assert.h"
#include "proto/demux.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const size_t header_sizes[SOTTO_DEMUX_KIND_COUNT] = {0, 20, 13, 12, 8};
    uint8_t *copy = malloc(size ? size : 1);
    SOTTO_ASSERT(copy);
    if (size > 0)
        memcpy(copy, data, size);
    struct sotto_demux demux = {0};
    enum sotto_demux_kind kind = sotto_demux_classify(&demux, copy, size);
    SOTTO_ASSERT(kind < SOTTO_DEMUX_KIND_COUNT && size >= header_sizes[kind]);
    SOTTO_ASSERT(demux.counts[kind] == 1);
    if (kind == SOTTO_DEMUX_STUN)
        SOTTO_ASSERT(copy[0] <= 3);
    if (kind == SOTTO_DEMUX_DTLS)
        SOTTO_ASSERT(copy[0] >= 20 && copy[0] <= 63);
    if (kind == SOTTO_DEMUX_RTP || kind == SOTTO_DEMUX_RTCP) {
        SOTTO_ASSERT(copy[0] >> 6 == 2);
        SOTTO_ASSERT((kind == SOTTO_DEMUX_RTCP) == (copy[1] >= 192 && copy[1] <= 223));
    }
    free(copy);
    return 0;
}
