// Whatever is sealed is within the stated bound and opens as itself (a start code of three bytes in
// its header as one of four), once, also for a receiver who knows nothing of it; and no frame less
// than 30 bytes longer comes out. Several frames, so that counts and timestamps go on.
//   codec, 1 byte; key frame, 1 byte; timestamp's step, 4 bytes; frame
#include "fuzz/livekit_streams.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct sotto_livekit_ring ring;
static struct sotto_livekit_replay replay;
static struct sotto_livekit_sealer sealer;
static struct sotto_livekit_opener opener;

struct buffers {
    uint8_t *wire;
    uint8_t *opened;
    uint8_t *expected;
    size_t capacity;
};

// What the receiver gets of a frame.
static size_t expect(const struct sotto_livekit_frame_info *info, struct sotto_bytes frame,
                     const struct buffers *buffers) {
    struct sotto_livekit_split split;
    SOTTO_ASSERT(sotto_livekit_frame_split(info->codec, info->is_key_frame, frame, &split) ==
                 SOTTO_OK);
    size_t header_size = split.header_size;
    if (split.is_escaped)
        SOTTO_ASSERT(sotto_livekit_frame_write_header(
            (struct sotto_bytes){frame.data, split.header_size}, buffers->expected,
            buffers->capacity, &header_size));
    else
        memcpy(buffers->expected, frame.data, header_size);
    const size_t rest_size = frame.size - split.header_size;
    memcpy(buffers->expected + header_size, frame.data + split.header_size, rest_size);
    return header_size + rest_size;
}

static void check_opens(enum sotto_codec codec, bool is_key_frame, struct sotto_bytes wire,
                        const struct buffers *buffers, size_t expected_size) {
    size_t opened_size;
    fuzz_forget(&replay);
    for (enum sotto_result expected = SOTTO_OK;; expected = SOTTO_REPLAYED) {
        SOTTO_ASSERT(sotto_livekit_opener_open(&opener, codec, is_key_frame, wire,
                                               buffers->opened, wire.size, &opened_size) ==
                     expected);
        if (expected == SOTTO_REPLAYED)
            return;
        SOTTO_ASSERT(opened_size == expected_size);
        SOTTO_ASSERT(memcmp(buffers->opened, buffers->expected, expected_size) == 0);
    }
}

static void check_frame(const struct sotto_livekit_frame_info *info, struct sotto_bytes frame,
                        const struct buffers *buffers) {
    size_t size;
    const enum sotto_result result = sotto_livekit_sealer_seal(
        &sealer, info, frame, buffers->wire, buffers->capacity, &size);
    SOTTO_ASSERT(buffers->wire[buffers->capacity] == 0xA5);
    if (result != SOTTO_OK || frame.size == 0) {
        SOTTO_ASSERT(size == 0 && (result == SOTTO_OK || result == SOTTO_INVALID ||
                                   result == SOTTO_EXHAUSTED));
        return;
    }
    SOTTO_ASSERT(size >= frame.size + SOTTO_LIVEKIT_OVERHEAD && size <= buffers->capacity);
    const struct sotto_bytes wire = {buffers->wire, size};
    const size_t expected_size = expect(info, frame, buffers);
    check_opens(info->codec, info->is_key_frame, wire, buffers, expected_size);
    check_opens(SOTTO_CODEC_OTHER, false, wire, buffers, expected_size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 6)
        return 0;
    if (ring.size == 0)
        fuzz_fill_ring(&ring);
    const struct sotto_bytes frame = {data + 6, size - 6};
    const size_t capacity = SOTTO_LIVEKIT_SEALED_SIZE_MAX(frame.size);
    struct buffers buffers = {malloc(capacity + 1), malloc(capacity), malloc(capacity), capacity};
    SOTTO_ASSERT(buffers.wire && buffers.opened && buffers.expected);
    buffers.wire[capacity] = 0xA5;
    fuzz_init_livekit_sealer(&sealer, &ring);
    SOTTO_ASSERT(sotto_livekit_opener_init(&opener, &ring, &replay, SOTTO_KIND_VIDEO, -1));
    uint32_t step;
    memcpy(&step, data + 2, sizeof step);
    struct sotto_livekit_frame_info info = {(enum sotto_codec)(data[0] % (SOTTO_CODEC_AV1 + 2)),
                                            data[1] & 1, 1, 0};
    for (size_t i = 0; i < 5; i++, info.timestamp += step)
        check_frame(&info, frame, &buffers);
    sotto_livekit_sealer_wipe(&sealer);
    sotto_livekit_opener_wipe(&opener);
    free(buffers.wire);
    free(buffers.opened);
    free(buffers.expected);
    return 0;
}
