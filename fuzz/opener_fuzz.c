// Whatever comes from the wire, nothing opens but the frames that the sealer made, each once, and
// nothing is written beyond the capacity. The input is a byte that says the capacity and the wire;
// the corpus holds the sealed frames.
//
// Nobody vouches for what stands before the sealed part of H.264 and H.265, so there many wires
// carry the same frame; of all of them one opens.
#include "fuzz/streams.h"

enum { FRAME_COUNT = 18, FRAME_SIZE_MAX = 64, WIRE_SIZE_MAX = 3 * FRAME_SIZE_MAX };

struct sealed_frame {
    uint8_t frame[FRAME_SIZE_MAX];
    size_t frame_size;
    uint8_t wire[WIRE_SIZE_MAX];
    size_t wire_size;
    size_t loose_size; // bytes at its start for which nobody vouches
};

static struct sotto_key_store store;
static struct sotto_stream_name name;
static struct sealed_frame sealed[FRAME_COUNT];

#define H264_START "\0\0\0\1\x67\x42\xc0\x1f\0\0\0\1\x68\xce\0\0\0\1\x65\x88"

static const struct {
    enum sotto_codec codec;
    bool is_key_frame;
    const char *start;
    size_t start_size;
    size_t loose_size;
} kinds[FRAME_COUNT / 2] = {
    {SOTTO_CODEC_OPUS, false, "", 0, 0},
    {SOTTO_CODEC_VP8, true, "\x10", 1, 0},
    {SOTTO_CODEC_VP8, false, "\x11", 1, 0},
    {SOTTO_CODEC_VP9, false, "", 0, 0},
    {SOTTO_CODEC_AV1, true, "", 0, 0},
    {SOTTO_CODEC_AV1, false, "", 0, 0},
    {SOTTO_CODEC_H264, true, H264_START, sizeof H264_START - 1, sizeof H264_START - 1},
    {SOTTO_CODEC_H264, false, "\0\0\1\x41\0", 5, 6},
    {SOTTO_CODEC_H265, false, "\0\0\1\x02\1", 5, 6},
};

static void seal(struct sotto_sealer *sealer, enum sotto_codec codec, bool is_key_frame,
                 struct sealed_frame *frame) {
    const struct sotto_bytes clear = {frame->frame, frame->frame_size};
    SOTTO_ASSERT(sotto_sealer_seal(sealer, codec, is_key_frame, clear, frame->wire,
                                   sizeof frame->wire, &frame->wire_size) == SOTTO_OK);
}

// The rest of the frame is what makes its ciphertext zero, so that NAL units are escaped: the
// sealed form of zeros is the key stream, and that depends on key and counter alone.
static void fill(struct sotto_sealer *sealer, size_t start_size, struct sealed_frame *frame) {
    enum { HEADER_SIZE_MAX = 9 };
    struct sealed_frame zeros = {.frame_size = frame->frame_size};
    const uint64_t counter = sealer->counter;
    seal(sealer, SOTTO_CODEC_OTHER, false, &zeros);
    sealer->counter = counter;
    const size_t header_size = zeros.wire_size - zeros.frame_size - SOTTO_AEAD_TAG_SIZE - 1;
    SOTTO_ASSERT(header_size <= HEADER_SIZE_MAX);
    for (size_t i = start_size; i < frame->frame_size; i++)
        frame->frame[i] = zeros.wire[header_size + i];
}

// Both suites, every layout, counters inside and outside the first byte.
static void seal_frames(void) {
    for (size_t i = 0; i < FRAME_COUNT; i++) {
        struct sealed_frame *frame = &sealed[i];
        const size_t kind = i % (FRAME_COUNT / 2);
        struct sotto_sealer sealer;
        SOTTO_ASSERT(sotto_sealer_init(&sealer, &store, &name,
                                       i < FRAME_COUNT / 2 ? SOTTO_AES_128_GCM_SHA256_128
                                                           : SOTTO_AES_256_GCM_SHA512_128));
        sealer.counter = i * 50;
        frame->frame_size = 24 + i * 2;
        frame->loose_size = kinds[kind].loose_size;
        fill(&sealer, kinds[kind].start_size, frame);
        memcpy(frame->frame, kinds[kind].start, kinds[kind].start_size);
        seal(&sealer, kinds[kind].codec, kinds[kind].is_key_frame, frame);
        sotto_sealer_wipe(&sealer);
    }
}

static const struct sealed_frame *find_sealed(struct sotto_bytes wire) {
    for (size_t i = 0; i < FRAME_COUNT; i++) {
        const struct sealed_frame *frame = &sealed[i];
        const size_t firm_size = frame->wire_size - frame->loose_size;
        const bool fits = frame->loose_size > 0 ? wire.size > firm_size : wire.size == firm_size;
        if (fits && memcmp(frame->wire + frame->loose_size, wire.data + wire.size - firm_size,
                           firm_size) == 0)
            return frame;
    }
    return NULL;
}

// Opens into memory of exactly `capacity`, which is zero after a failure.
static enum sotto_result open_checked(struct sotto_opener *opener, struct sotto_bytes wire,
                                      size_t capacity) {
    const struct sealed_frame *original = find_sealed(wire);
    uint8_t *frame = malloc(capacity + 1);
    size_t frame_size;
    SOTTO_ASSERT(frame);
    memset(frame, 0xA5, capacity + 1);
    enum sotto_result result = sotto_opener_open(opener, wire, frame, capacity, &frame_size);
    if (result == SOTTO_OK && wire.size > 0) {
        SOTTO_ASSERT(original && original->frame_size == frame_size);
        SOTTO_ASSERT(memcmp(original->frame, frame, frame_size) == 0);
    } else {
        SOTTO_ASSERT(frame_size == 0);
        for (size_t i = 0; i < capacity && i < wire.size; i++)
            SOTTO_ASSERT(frame[i] == 0);
    }
    SOTTO_ASSERT(frame[capacity] == 0xA5);
    free(frame);
    return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static bool ready;
    if (!ready) {
        fuzz_fill_store(&store);
        name = fuzz_name();
        seal_frames();
        ready = true;
    }
    if (size == 0)
        return 0;
    struct sotto_bytes wire = {data + 1, size - 1};
    struct sotto_opener opener;
    SOTTO_ASSERT(sotto_opener_init(&opener, &store, &name, SOTTO_AES_128_GCM_SHA256_128,
                                   SOTTO_LIVENESS_NOT_NEEDED));
    enum sotto_result first = open_checked(&opener, wire, data[0] & 1 ? wire.size : data[0]);
    enum sotto_result second = open_checked(&opener, wire, wire.size);
    const struct sealed_frame *original = find_sealed(wire);
    // A wire that ends like one of ours may be the end of a larger frame that is not.
    const bool is_ours = original && original->wire_size == wire.size &&
                         memcmp(original->wire, wire.data, wire.size) == 0;
    if (wire.size > 0 && first == SOTTO_OK)
        SOTTO_ASSERT(second == SOTTO_REPLAYED);
    else if (first == SOTTO_TOO_SMALL)
        SOTTO_ASSERT(second == SOTTO_OK || (second == SOTTO_TAMPERED && !is_ours));
    else
        SOTTO_ASSERT(second == first);
    // Another encoding of a frame that opened is a replay like the first.
    if (original && (first == SOTTO_OK || second == SOTTO_OK)) {
        const struct sotto_bytes same = {original->wire, original->wire_size};
        SOTTO_ASSERT(open_checked(&opener, same, same.size) == SOTTO_REPLAYED);
    }
    sotto_opener_wipe(&opener);
    return 0;
}
