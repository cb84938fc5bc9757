// Whatever comes from the wire, nothing opens but the frames that the sealer made, each once, and
// nothing is written beyond the capacity. The input is a byte that says the capacity and the wire;
// the corpus holds the sealed frames.
#include "fuzz/streams.h"

enum { FRAME_COUNT = 8, FRAME_SIZE_MAX = 40 };

struct sealed_frame {
    uint8_t frame[FRAME_SIZE_MAX];
    size_t frame_size;
    uint8_t wire[FRAME_SIZE_MAX + SOTTO_OVERHEAD_MAX];
    size_t wire_size;
};

static struct sotto_key_store store;
static struct sotto_stream_name name;
static struct sealed_frame sealed[FRAME_COUNT];

// Both suites, whole frames and both fronts of VP8, counters inside and outside the first byte.
static void seal_frames(void) {
    static const enum sotto_codec codecs[] = {SOTTO_CODEC_OPUS, SOTTO_CODEC_VP8, SOTTO_CODEC_VP8,
                                              SOTTO_CODEC_VP9};
    struct sotto_sealer sealers[2];
    SOTTO_ASSERT(sotto_sealer_init(&sealers[0], &store, &name, SOTTO_AES_128_GCM_SHA256_128));
    SOTTO_ASSERT(sotto_sealer_init(&sealers[1], &store, &name, SOTTO_AES_256_GCM_SHA512_128));
    for (size_t i = 0; i < FRAME_COUNT; i++) {
        struct sealed_frame *frame = &sealed[i];
        frame->frame_size = 12 + i * 4;
        memset(frame->frame, (int)i, frame->frame_size); // bit 0 of the first byte alternates
        struct sotto_sealer *sealer = &sealers[i / 4];
        sealer->counter = i * 100;
        SOTTO_ASSERT(sotto_sealer_seal(sealer, codecs[i % 4],
                                       (struct sotto_bytes){frame->frame, frame->frame_size},
                                       frame->wire, sizeof frame->wire,
                                       &frame->wire_size) == SOTTO_OK);
    }
    sotto_sealer_wipe(&sealers[0]);
    sotto_sealer_wipe(&sealers[1]);
}

static const struct sealed_frame *find_sealed(struct sotto_bytes wire) {
    for (size_t i = 0; i < FRAME_COUNT; i++)
        if (sealed[i].wire_size == wire.size && memcmp(sealed[i].wire, wire.data, wire.size) == 0)
            return &sealed[i];
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
    SOTTO_ASSERT(sotto_opener_init(&opener, &store, &name, SOTTO_AES_128_GCM_SHA256_128));
    enum sotto_result first = open_checked(&opener, wire, data[0] & 1 ? wire.size : data[0]);
    enum sotto_result second = open_checked(&opener, wire, wire.size);
    if (wire.size > 0 && first == SOTTO_OK)
        SOTTO_ASSERT(second == SOTTO_REPLAYED);
    else if (first == SOTTO_TOO_SMALL)
        SOTTO_ASSERT(second == (find_sealed(wire) ? SOTTO_OK : SOTTO_TAMPERED));
    else
        SOTTO_ASSERT(second == first);
    sotto_opener_wipe(&opener);
    return 0;
}
