// One published stream in the hands of a hostile server: its packets are gathered to frames, and
// what goes out in the place of each frame is as the orders say.
#ifndef SOTTO_TESTS_HOSTILE_STREAM_H
#define SOTTO_TESTS_HOSTILE_STREAM_H

#include "proto/rtp.h"
#include "tests/hostile/frame.h"
#include "tests/hostile/orders.h"
#include "tests/hostile/recording.h"

enum { STREAM_HISTORY_COUNT = 16 };

struct stream {
    const void *meeting;
    uint32_t peer;
    uint32_t ssrc;
    enum recording_kind kind;
    bool is_touched;         // whole frames go out from here on, under numbers of their own
    uint16_t sequence_shift; // what was put in, less what was left out
    uint64_t frame_count;
    size_t replay_count;
    struct recording_reader reader;
    size_t delivered_count;
    struct frame arriving;
    struct frame latest;
    struct frame out[2]; // in their order; the second may be empty
    struct frame delivered[STREAM_HISTORY_COUNT];
};

// Takes a packet of the stream. False if it is to go out as it is. True if it was taken: then what
// is in `out` goes out.
bool stream_handle_packet(struct stream *stream, const struct stream *other,
                          struct orders *orders, const struct sotto_rtp_packet *packet);

#endif
