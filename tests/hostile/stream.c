#include "tests/hostile/stream.h"

#include <string.h>

static void copy(struct frame *to, const struct frame *from) {
    to->count = from->count;
    memcpy(to->sizes, from->sizes, from->count * sizeof *from->sizes);
    memcpy(to->packets, from->packets, from->count * sizeof *from->packets);
}

// One of the frames that the receiver has had.
static bool replay(struct stream *stream, struct frame *frame) {
    size_t known = stream->delivered_count < STREAM_HISTORY_COUNT ? stream->delivered_count
                                                                  : STREAM_HISTORY_COUNT;
    if (known == 0)
        return false;
    copy(frame, &stream->delivered[stream->replay_count++ % known]);
    return true;
}

// Makes a bad frame. False if there is none to be had; `frame` is what it was then.
static bool make_bad(struct stream *stream, const struct stream *other,
                     const struct orders *orders, struct frame *frame) {
    switch ((enum misdeed)orders->misdeed) {
    case HONEST: return false;
    case ALTER: return frame_alter(frame, stream->frame_count / orders->period % 2);
    case REPLAY: return replay(stream, frame);
    case CLEAR: return recording_read_frame(&stream->reader, stream->kind, frame);
    case SWAP:
        if (!other || other->latest.count == 0)
            return false;
        copy(frame, &other->latest);
        return true;
    }
    return false;
}

static void remember(struct stream *stream, const struct frame *frame) {
    copy(&stream->delivered[stream->delivered_count++ % STREAM_HISTORY_COUNT], frame);
}

// Where the first packet of what arrived would have gone, and by what it is called there.
static struct frame_place place_of(const struct stream *stream,
                                   const struct sotto_rtp_packet *last) {
    return (struct frame_place){
        .ssrc = stream->ssrc,
        .timestamp = last->timestamp,
        .sequence = (uint16_t)(last->sequence - (stream->arriving.count - 1) +
                               stream->sequence_shift),
        .payload_type = last->payload_type,
    };
}

// All frames bad: each takes a good one's place. Some: so too, but a replay comes behind the good
// frame, for who leaves out a frame as well does two things.
static void deliver(struct stream *stream, const struct stream *other, struct orders *orders,
                    const struct sotto_rtp_packet *last) {
    const bool is_turn = orders->period > 0 && stream->frame_count % orders->period == 0;
    const bool is_behind = orders->misdeed == REPLAY && orders->period > 1;
    struct frame_place place = place_of(stream, last);
    const size_t arrived_count = stream->arriving.count;
    struct frame *bad = is_behind ? &stream->out[1] : &stream->out[0];
    stream->out[1].count = 0;
    copy(&stream->out[0], &stream->arriving);
    const bool is_bad = is_turn && make_bad(stream, other, orders, bad);
    if (!is_bad || is_behind)
        remember(stream, &stream->arriving);
    else if (stream->kind == RECORDING_VIDEO)
        frame_take_picture_id(bad, &stream->arriving);
    orders->bad_frame_count += is_bad;

    frame_renumber(&stream->out[0], &place);
    place.sequence = (uint16_t)(place.sequence + stream->out[0].count);
    place.timestamp++;
    frame_renumber(&stream->out[1], &place);
    stream->sequence_shift = (uint16_t)(stream->sequence_shift + stream->out[0].count +
                                        stream->out[1].count - arrived_count);
}

bool stream_handle_packet(struct stream *stream, const struct stream *other,
                          struct orders *orders, const struct sotto_rtp_packet *packet) {
    if (packet->payload_size == 0 && stream->is_touched) {
        stream->out[0].count = stream->out[1].count = 0;
        stream->sequence_shift--;
        return true;
    }
    const bool ends = stream->kind == RECORDING_AUDIO || packet->marker;
    stream->is_touched |= orders->misdeed != HONEST && stream->arriving.count == 0;
    frame_add(&stream->arriving, packet->data, packet->size);
    stream->out[0].count = stream->out[1].count = 0;
    if (!ends)
        return stream->is_touched;
    copy(&stream->latest, &stream->arriving);
    if (stream->is_touched)
        deliver(stream, other, orders, packet);
    else
        remember(stream, &stream->arriving);
    stream->arriving.count = 0;
    stream->frame_count++;
    return stream->is_touched;
}
