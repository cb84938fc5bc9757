// Sealed frames of every codec in RTP packets: a receiver gets back what was sealed, and the server
// still tells key frames from others.
#include "sfu/key_frame.h"
#include "tests/core/packetizers.h"
#include "tests/core/streams.h"

static struct sotto_key_store store;
static struct sotto_sealer sealer;
static struct sotto_opener opener;
static struct packets packets;

static void begin(void) {
    struct sotto_stream_name name = alice();
    sotto_key_store_init(&store);
    set_secret(&store, 0);
    CHECK(sotto_sealer_init(&sealer, &store, &name, SUITE_4));
    CHECK(sotto_opener_init(&opener, &store, &name, SUITE_4, SOTTO_LIVENESS_NOT_NEEDED));
    packets.packets = malloc(PACKETS_MAX * sizeof *packets.packets);
    CHECK(packets.packets);
}

static void end(void) {
    sotto_sealer_wipe(&sealer);
    sotto_opener_wipe(&opener);
    sotto_key_store_wipe(&store);
    free(packets.packets);
}

#define H264_KEY                                                                                   \
    "\0\0\0\1\x09\xf0\0\0\0\1\x67\x42\xc0\x1f\0\0\0\1\x68\xce\x3c\x80"                             \
    "\0\0\1\6\5\0\0\1\x65\x88"
#define H265_KEY "\0\0\0\1\x40\1\x0c\0\0\0\1\x42\1\1\0\0\0\1\x44\1\xc0\0\0\1\x26\1"

static const struct start {
    enum sotto_codec codec;
    enum sotto_mime_type mime_type; // as the server knows it
    bool is_key_frame;
    struct sotto_bytes bytes;
} starts[] = {
    {SOTTO_CODEC_VP8, SOTTO_MIME_VP8, true, STATIC_BYTES("\x10\2\0\x9d\1\x2a\x80\2\xe0\1")},
    {SOTTO_CODEC_VP8, SOTTO_MIME_VP8, false, STATIC_BYTES("\x11\2\0")},
    {SOTTO_CODEC_VP9, SOTTO_MIME_VP9, true, STATIC_BYTES("\x82\x49\x83\x42")},
    {SOTTO_CODEC_VP9, SOTTO_MIME_VP9, false, STATIC_BYTES("\x86")},
    {SOTTO_CODEC_H264, SOTTO_MIME_H264, true, STATIC_BYTES(H264_KEY)},
    {SOTTO_CODEC_H264, SOTTO_MIME_H264, false, STATIC_BYTES("\0\0\1\x41\x9a")},
    {SOTTO_CODEC_AV1, SOTTO_MIME_AV1, true, STATIC_BYTES("\x12\0\x0a\x0b\0\0\0\x24")},
    {SOTTO_CODEC_AV1, SOTTO_MIME_AV1, false, STATIC_BYTES("\x12\0\x32")},
    {SOTTO_CODEC_H265, SOTTO_MIME_OTHER, true, STATIC_BYTES(H265_KEY)},
    {SOTTO_CODEC_H265, SOTTO_MIME_OTHER, false, STATIC_BYTES("\0\0\1\2\1\xd0")},
};

// A frame of `size` bytes with that start, and some zeros in the rest of it.
static uint8_t *make_frame(const struct start *start, size_t size) {
    uint8_t *frame = malloc(size);
    CHECK(frame);
    for (size_t i = 0; i < size; i++)
        frame[i] = (uint8_t)(i % 5 == 0 ? 0 : i * 7 | 1);
    memcpy(frame, start->bytes.data, start->bytes.size);
    return frame;
}

// The first packet of a key frame says so, and no packet of another frame.
static void check_key_frame(const struct start *start) {
    if (start->mime_type == SOTTO_MIME_OTHER)
        return;
    CHECK(sotto_key_frame_is_visible(start->mime_type));
    for (size_t i = 0; i < packets.count; i++) {
        const struct packet *packet = &packets.packets[i];
        const bool begins =
            sotto_key_frame_begins(start->mime_type, packet->data, packet->size);
        CHECK(i == 0 ? begins == start->is_key_frame : start->is_key_frame || !begins);
    }
}

static void check_travels(const struct start *start, size_t size, size_t payload_size_max) {
    uint8_t *frame = make_frame(start, size);
    struct wire wire = seal_frame_as(&sealer, start->codec, start->is_key_frame, frame, size);
    packets.payload_size_max = payload_size_max;
    packetize(&packets, start->codec, start->is_key_frame,
              (struct sotto_bytes){wire.data, wire.size});
    CHECK(packets.count >= wire.size / payload_size_max);
    check_key_frame(start);

    struct assembly assembly = {malloc(wire.size + 64), 0};
    CHECK(assembly.data);
    depacketize(&assembly, start->codec, &packets);
    CHECK_EQ(assembly.size, wire.size);
    CHECK_BYTES(assembly.data, wire.data, wire.size);
    check_opens(&opener, (struct wire){assembly.data, assembly.size}, frame, size);
    free(assembly.data);
    free(wire.data);
    free(frame);
}

TEST(sealed_frames_of_every_size_travel_in_packets) {
    static const size_t payload_sizes[] = {100, 333, PAYLOAD_SIZE_MAX};
    begin();
    for (size_t row = 0; row < sizeof starts / sizeof *starts; row++)
        for (size_t i = 0; i < sizeof payload_sizes / sizeof *payload_sizes; i++) {
            for (size_t size = starts[row].bytes.size + 1; size < 500; size++)
                check_travels(&starts[row], size, payload_sizes[i]);
            check_travels(&starts[row], 100000, payload_sizes[i]);
        }
    end();
}

int main(void) {
    RUN(sealed_frames_of_every_size_travel_in_packets);
    return 0;
}
