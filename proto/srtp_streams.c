#include "proto/srtp_streams.h"

#include "core/assert.h"
#include "core/memory.h"

void sotto_srtp_streams_init(struct sotto_srtp_streams *streams, struct sotto_srtp_stream *slots,
                             size_t slot_count) {
    SOTTO_ASSERT(slot_count > 0 && slot_count <= SOTTO_SRTP_SLOT_COUNT_MAX);
    SOTTO_ASSERT((slot_count & (slot_count - 1)) == 0);
    memset(slots, 0, slot_count * sizeof *slots);
    *streams = (struct sotto_srtp_streams){.slots = slots, .slot_count = slot_count};
}

// Where the search for an SSRC begins. Neighbouring SSRCs, as signalling hands them out, spread.
static size_t home_slot(const struct sotto_srtp_streams *streams, uint32_t ssrc) {
    return (ssrc * UINT32_C(2654435769)) >> 16 & (streams->slot_count - 1);
}

static size_t next_slot(const struct sotto_srtp_streams *streams, size_t slot) {
    return (slot + 1) & (streams->slot_count - 1);
}

// The slot of the SSRC, or the free one where it belongs. There is always a free one.
static size_t find_slot(const struct sotto_srtp_streams *streams, uint32_t ssrc) {
    size_t slot = home_slot(streams, ssrc);
    while (streams->slots[slot].used && streams->slots[slot].ssrc != ssrc)
        slot = next_slot(streams, slot);
    return slot;
}

struct sotto_srtp_stream *sotto_srtp_streams_find(const struct sotto_srtp_streams *streams,
                                                  uint32_t ssrc) {
    struct sotto_srtp_stream *stream = &streams->slots[find_slot(streams, ssrc)];
    return stream->used ? stream : NULL;
}

bool sotto_srtp_streams_add(struct sotto_srtp_streams *streams, uint32_t ssrc) {
    struct sotto_srtp_stream *stream = &streams->slots[find_slot(streams, ssrc)];
    if (stream->used || (streams->stream_count + 1) * 4 > streams->slot_count * 3)
        return false;
    *stream = (struct sotto_srtp_stream){.ssrc = ssrc, .used = true};
    streams->stream_count++;
    return true;
}

// Closes the gap: an entry behind it that could have stood in it moves there, and leaves the next.
void sotto_srtp_streams_remove(struct sotto_srtp_streams *streams, uint32_t ssrc) {
    size_t gap = find_slot(streams, ssrc);
    if (!streams->slots[gap].used)
        return;
    size_t mask = streams->slot_count - 1;
    for (size_t slot = next_slot(streams, gap); streams->slots[slot].used;
         slot = next_slot(streams, slot)) {
        size_t home = home_slot(streams, streams->slots[slot].ssrc);
        if (((slot - home) & mask) < ((slot - gap) & mask))
            continue;
        streams->slots[gap] = streams->slots[slot];
        gap = slot;
    }
    streams->slots[gap] = (struct sotto_srtp_stream){0};
    streams->stream_count--;
}

enum sotto_srtp_index sotto_srtp_stream_guess(const struct sotto_srtp_stream *stream,
                                              uint16_t sequence, uint64_t *index) {
    *index = 0;
    if (stream->window.next == 0) { // the first packet
        *index = sequence;
        return SOTTO_SRTP_INDEX_FRESH;
    }
    // RFC 3711 section 3.3.1: of the indexes with this sequence number, the nearest to the highest.
    uint64_t highest = stream->window.next - 1;
    uint64_t roll_over = highest >> 16;
    int32_t distance = (int32_t)sequence - (int32_t)(highest & 0xFFFF);
    if (distance > 0x8000) {
        if (roll_over == 0)
            return SOTTO_SRTP_INDEX_USED; // from before the first packet's counter
        roll_over--;
    } else if (distance < -0x8000) {
        if (roll_over == UINT32_MAX)
            return SOTTO_SRTP_INDEX_END;
        roll_over++;
    }
    uint64_t guess = roll_over << 16 | sequence;
    if (!sotto_replay_window_accepts(&stream->window, guess))
        return SOTTO_SRTP_INDEX_USED;
    *index = guess;
    return SOTTO_SRTP_INDEX_FRESH;
}

void sotto_srtp_stream_accept(struct sotto_srtp_stream *stream, uint64_t index) {
    sotto_replay_window_add(&stream->window, index);
}
