// Sealing and opening is identity for any frame of any codec that is spoken, in every suite, and
// never writes beyond the capacity. The input is the codec, the counter's size, the suite and the
// frame.
#include "fuzz/streams.h"

static struct sotto_key_store store;

// The smallest counters of 0, 1, 2, 3 and 4 bytes, and the last.
static uint64_t choose_counter(uint8_t choice) {
    static const uint64_t counters[] = {0, 8, 256, 65536, 1 << 24, SOTTO_FRAMES_MAX - 1};
    return counters[choice % (sizeof counters / sizeof *counters)];
}

static void check_opens(const struct sotto_stream_name *name, enum sotto_suite suite,
                        struct sotto_bytes wire, struct sotto_bytes frame) {
    struct sotto_opener opener;
    SOTTO_ASSERT(sotto_opener_init(&opener, &store, name, suite));
    uint8_t *opened = malloc(frame.size);
    size_t opened_size;
    SOTTO_ASSERT(opened);
    SOTTO_ASSERT(sotto_opener_open(&opener, wire, opened, frame.size, &opened_size) == SOTTO_OK);
    SOTTO_ASSERT(opened_size == frame.size);
    SOTTO_ASSERT(memcmp(opened, frame.data, frame.size) == 0);
    SOTTO_ASSERT(sotto_opener_open(&opener, wire, opened, frame.size, &opened_size) ==
                 SOTTO_REPLAYED);
    free(opened);
    sotto_opener_wipe(&opener);
}

static void check_frame(struct sotto_sealer *sealer, enum sotto_codec codec,
                        struct sotto_bytes frame) {
    size_t capacity = frame.size + SOTTO_OVERHEAD_MAX;
    uint8_t *wire = malloc(capacity);
    size_t size;
    SOTTO_ASSERT(wire);
    uint64_t counter = sealer->counter;
    enum sotto_result result = sotto_sealer_seal(sealer, codec, frame, wire, capacity, &size);
    if (codec >= SOTTO_CODEC_H264) {
        SOTTO_ASSERT(result == SOTTO_INVALID && size == 0 && sealer->counter == counter);
        free(wire);
        return;
    }
    SOTTO_ASSERT(result == SOTTO_OK && sealer->counter == counter + 1);
    SOTTO_ASSERT(size >= frame.size + SOTTO_OVERHEAD_MIN && size <= capacity);
    check_opens(&sealer->name, sealer->suite, (struct sotto_bytes){wire, size}, frame);
    free(wire);

    // The same again in exactly the space it needs less one byte, then in exactly that space.
    sealer->counter = counter;
    wire = malloc(size - 1);
    size_t same_size;
    SOTTO_ASSERT(wire);
    SOTTO_ASSERT(sotto_sealer_seal(sealer, codec, frame, wire, size - 1, &same_size) ==
                 SOTTO_TOO_SMALL);
    SOTTO_ASSERT(sealer->counter == counter);
    free(wire);
    wire = malloc(size);
    SOTTO_ASSERT(wire);
    SOTTO_ASSERT(sotto_sealer_seal(sealer, codec, frame, wire, size, &same_size) == SOTTO_OK);
    SOTTO_ASSERT(same_size == size);
    free(wire);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static bool ready;
    if (!ready)
        fuzz_fill_store(&store);
    ready = true;
    if (size < 4) // a frame of no bytes is padding
        return 0;
    struct sotto_sealer sealer;
    struct sotto_stream_name name = fuzz_name();
    enum sotto_suite suite =
        data[2] & 1 ? SOTTO_AES_256_GCM_SHA512_128 : SOTTO_AES_128_GCM_SHA256_128;
    SOTTO_ASSERT(sotto_sealer_init(&sealer, &store, &name, suite));
    sealer.counter = choose_counter(data[1]);
    check_frame(&sealer, (enum sotto_codec)(data[0] % (SOTTO_CODEC_AV1 + 1)),
                (struct sotto_bytes){data + 3, size - 3});
    sotto_sealer_wipe(&sealer);
    return 0;
}
