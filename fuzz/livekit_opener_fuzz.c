// Whatever comes from the wire, nothing opens but the frames that the sealer made, each once, as
// what they were, and nothing is written beyond the capacity. The key index alone may be another:
// it is not authenticated, and two places of the ring hold the same key.
//   codec, 1 byte; key frame, 1 byte; wire; the corpus holds the sealed frames
#include "fuzz/livekit_streams.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FRAME_COUNT = 6, FRAME_SIZE_MAX = 40, WIRE_SIZE_MAX = 128 };

struct sealed_frame {
    uint8_t frame[FRAME_SIZE_MAX];
    size_t frame_size;
    uint8_t wire[WIRE_SIZE_MAX];
    size_t wire_size;
};

static struct sotto_livekit_ring ring;
static struct sotto_livekit_replay replay;
static struct sealed_frame sealed[FRAME_COUNT];

static void seal_frames(void) {
    static const struct {
        enum sotto_codec codec;
        bool is_key_frame;
        const char *start;
        size_t start_size;
    } rows[FRAME_COUNT] = {
        {SOTTO_CODEC_OPUS, false, "\x78", 1},
        {SOTTO_CODEC_VP8, true, "\x10\2\0\x9d\1\x2a\x80\2\xe0\1", 10},
        {SOTTO_CODEC_VP8, false, "\xb1\5\0", 3},
        {SOTTO_CODEC_VP9, false, "\x82", 1},
        {SOTTO_CODEC_H264, true, "\0\0\0\1\x67\x42\0\0\0\1\x65\x88", 12},
        {SOTTO_CODEC_H265, false, "\0\0\0\1\2\1", 6},
    };
    struct sotto_livekit_sealer sealer;
    fuzz_init_livekit_sealer(&sealer, &ring);
    for (uint32_t i = 0; i < FRAME_COUNT; i++) {
        struct sealed_frame *frame = &sealed[i];
        const struct sotto_livekit_frame_info info = {rows[i].codec, rows[i].is_key_frame, 1, i};
        frame->frame_size = rows[i].start_size + 4 * i;
        memcpy(frame->frame, rows[i].start, rows[i].start_size);
        SOTTO_ASSERT(sotto_livekit_sealer_seal(
                         &sealer, &info, (struct sotto_bytes){frame->frame, frame->frame_size},
                         frame->wire, sizeof frame->wire, &frame->wire_size) == SOTTO_OK);
    }
    sotto_livekit_sealer_wipe(&sealer);
}

static const struct sealed_frame *find_sealed(struct sotto_bytes wire) {
    for (size_t i = 0; i < FRAME_COUNT; i++)
        if (sealed[i].wire_size == wire.size &&
            memcmp(sealed[i].wire, wire.data, wire.size - 1) == 0)
            return &sealed[i];
    return NULL;
}

static enum sotto_result open_checked(struct sotto_livekit_opener *opener, enum sotto_codec codec,
                                      bool is_key_frame, struct sotto_bytes wire) {
    uint8_t *frame = malloc(wire.size + 1);
    size_t frame_size;
    SOTTO_ASSERT(frame);
    memset(frame, 0xA5, wire.size + 1);
    const enum sotto_result result = sotto_livekit_opener_open(
        opener, codec, is_key_frame, wire, frame, wire.size, &frame_size);
    if (result == SOTTO_OK && wire.size > 0) {
        const struct sealed_frame *original = find_sealed(wire);
        SOTTO_ASSERT(original && original->frame_size == frame_size);
        SOTTO_ASSERT(memcmp(original->frame, frame, frame_size) == 0);
    } else {
        SOTTO_ASSERT(frame_size == 0);
        for (size_t i = 0; i < wire.size; i++)
            SOTTO_ASSERT(frame[i] == 0);
    }
    SOTTO_ASSERT(frame[wire.size] == 0xA5);
    free(frame);
    return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (ring.size == 0) {
        fuzz_fill_ring(&ring);
        SOTTO_ASSERT(sotto_livekit_ring_set_raw(&ring, 5, SOTTO_BYTES("the fuzz target's key"),
                                                false) == SOTTO_OK);
        seal_frames();
    }
    if (size < 2)
        return 0;
    const enum sotto_codec codec = (enum sotto_codec)(data[0] % (SOTTO_CODEC_AV1 + 2));
    const struct sotto_bytes wire = {data + 2, size - 2};
    struct sotto_livekit_opener opener;
    fuzz_forget(&replay);
    SOTTO_ASSERT(sotto_livekit_opener_init(&opener, &ring, &replay, SOTTO_KIND_VIDEO, -1));
    const enum sotto_result first = open_checked(&opener, codec, data[1] & 1, wire);
    const enum sotto_result second = open_checked(&opener, codec, data[1] & 1, wire);
    if (wire.size > 0 && first == SOTTO_OK)
        SOTTO_ASSERT(second == SOTTO_REPLAYED);
    else
        SOTTO_ASSERT(second == first);
    sotto_livekit_opener_wipe(&opener);
    return 0;
}
