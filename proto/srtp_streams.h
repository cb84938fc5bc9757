// The SSRCs that one direction of SRTP knows, each with the window of packet indexes it has used
// (RFC 3711 section 3.3.2) and from which roll-over counters are guessed (section 3.3.1). The RFC
// asks for a window of at least 64. Ours is the 1024 of core/replay_window.h: video at 10 Mbit/s
// sends a thousand packets a second, and what a retransmission recovers is forwarded up to a
// second late.
#ifndef SOTTO_PROTO_SRTP_STREAMS_H
#define SOTTO_PROTO_SRTP_STREAMS_H

#include "core/replay_window.h"
#include "core/result.h"
#include "proto/limits.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// One SSRC. An index is (roll-over counter << 16 | sequence number), 48 bits.
struct sotto_srtp_stream {
    uint32_t ssrc;
    bool used;
    struct sotto_replay_window window;
};

// A hash table over memory of the caller.
struct sotto_srtp_streams {
    struct sotto_srtp_stream *slots; // borrowed until wipe
    size_t slot_count;               // a power of two
    size_t stream_count;
};

void sotto_srtp_streams_init(struct sotto_srtp_streams *streams, struct sotto_srtp_stream *slots,
                             size_t slot_count);

// NULL if it is not there. Valid until the next add or remove.
struct sotto_srtp_stream *sotto_srtp_streams_find(const struct sotto_srtp_streams *streams,
                                                  uint32_t ssrc);

// False if the SSRC is there already or three quarters of the slots are in use.
SOTTO_MUST_USE bool sotto_srtp_streams_add(struct sotto_srtp_streams *streams, uint32_t ssrc);

void sotto_srtp_streams_remove(struct sotto_srtp_streams *streams, uint32_t ssrc);

enum sotto_srtp_index {
    SOTTO_SRTP_INDEX_FRESH, // not used, and near enough to the highest to tell
    SOTTO_SRTP_INDEX_USED,  // used, or too old to tell
    SOTTO_SRTP_INDEX_END,   // the roll-over counter would pass its 32 bits
};

// Guesses the index of the packet with this sequence number and judges it. Nothing changes.
// `index` is 0 unless fresh.
SOTTO_MUST_USE enum sotto_srtp_index sotto_srtp_stream_guess(const struct sotto_srtp_stream *stream,
                                                             uint16_t sequence, uint64_t *index);

// Marks a fresh index as used. To be called only for a packet that was authenticated or is about to
// be sent.
void sotto_srtp_stream_accept(struct sotto_srtp_stream *stream, uint64_t index);

#endif
