// sottod in the hands of somebody hostile. The linker puts these functions between SRTP and the
// meeting (--wrap, in tests/meson.build); everything else is the object files of sottod itself, in
// which nothing of this is. One media worker, so nothing here is locked.
#include "sfu/meeting.h"
#include "tests/hostile/stream.h"

#include <stdlib.h>

enum { STREAM_COUNT = 16 };

void __real_sotto_meeting_handle_rtp(struct sotto_meeting *meeting, uint64_t now_us,
                                     struct sotto_handle peer, const uint8_t *packet, size_t size);
void __wrap_sotto_meeting_handle_rtp(struct sotto_meeting *meeting, uint64_t now_us,
                                     struct sotto_handle peer, const uint8_t *packet, size_t size);
void __real_sotto_meeting_handle_rtcp(struct sotto_meeting *meeting, uint64_t now_us,
                                      struct sotto_handle peer, const uint8_t *packet,
                                      size_t size);
void __wrap_sotto_meeting_handle_rtcp(struct sotto_meeting *meeting, uint64_t now_us,
                                      struct sotto_handle peer, const uint8_t *packet,
                                      size_t size);

static struct stream *streams[STREAM_COUNT];
static size_t stream_count; // ever; the newest take the place of the oldest

static enum recording_kind kind_of(const struct sotto_meeting *meeting, struct sotto_handle handle,
                                   uint32_t ssrc) {
    const struct sotto_peer *peer = sotto_meeting_find_peer(meeting, handle);
    if (!peer)
        return RECORDING_OTHER;
    struct sotto_ssrc_entry entry =
        sotto_ssrc_table_find(&meeting->ssrcs, sotto_meeting_up_owner(peer), ssrc);
    if (entry.use != SOTTO_SSRC_TRACK_UP)
        return RECORDING_OTHER;
    return meeting->track_ups[entry.track].setup.kind == SOTTO_MEDIA_VIDEO ? RECORDING_VIDEO
                                                                          : RECORDING_AUDIO;
}

static struct stream *find_stream(const struct sotto_meeting *meeting, uint32_t peer,
                                  uint32_t ssrc, enum recording_kind kind) {
    for (size_t i = 0; i < STREAM_COUNT; i++)
        if (streams[i] && streams[i]->meeting == meeting && streams[i]->peer == peer &&
            streams[i]->ssrc == ssrc)
            return streams[i];
    struct stream **place = &streams[stream_count++ % STREAM_COUNT];
    if (*place)
        recording_close(&(*place)->reader);
    free(*place);
    *place = calloc(1, sizeof **place);
    if (!*place)
        abort();
    (*place)->meeting = meeting;
    (*place)->peer = peer;
    (*place)->ssrc = ssrc;
    (*place)->kind = kind;
    return *place;
}

// The newest stream of the same kind and meeting that is somebody else's.
static struct stream *find_other(const struct stream *stream) {
    for (size_t i = stream_count; i > 0 && i + STREAM_COUNT > stream_count; i--) {
        struct stream *other = streams[(i - 1) % STREAM_COUNT];
        if (other->meeting == stream->meeting && other->kind == stream->kind &&
            other->peer != stream->peer)
            return other;
    }
    return NULL;
}

static void send_frames(struct sotto_meeting *meeting, uint64_t now_us, struct sotto_handle peer,
                        const struct stream *stream) {
    for (size_t i = 0; i < 2; i++)
        for (size_t k = 0; k < stream->out[i].count; k++)
            __real_sotto_meeting_handle_rtp(meeting, now_us, peer, stream->out[i].packets[k],
                                            stream->out[i].sizes[k]);
}

void __wrap_sotto_meeting_handle_rtp(struct sotto_meeting *meeting, uint64_t now_us,
                                     struct sotto_handle peer, const uint8_t *data, size_t size) {
    static struct orders *orders;
    static bool has_begun; // from then on retransmissions name numbers that are wrong
    if (!orders)
        orders = orders_open();
    struct sotto_rtp_packet packet;
    if (!sotto_rtp_parse(&packet, data, size))
        return;
    enum recording_kind kind = kind_of(meeting, peer, packet.ssrc);
    recording_write(kind, data, size);
    has_begun |= orders->misdeed != HONEST;
    if (kind == RECORDING_OTHER) {
        if (!has_begun)
            __real_sotto_meeting_handle_rtp(meeting, now_us, peer, data, size);
        return;
    }
    struct stream *stream = find_stream(meeting, peer.slot, packet.ssrc, kind);
    if (stream_handle_packet(stream, find_other(stream), orders, &packet))
        send_frames(meeting, now_us, peer, stream);
    else
        __real_sotto_meeting_handle_rtp(meeting, now_us, peer, data, size);
}

void __wrap_sotto_meeting_handle_rtcp(struct sotto_meeting *meeting, uint64_t now_us,
                                      struct sotto_handle peer, const uint8_t *data, size_t size) {
    recording_write(RECORDING_OTHER, data, size);
    __real_sotto_meeting_handle_rtcp(meeting, now_us, peer, data, size);
}
