// Sealing and opening is identity for any frame of any codec, in every suite, and never writes
// beyond the capacity nor more than is said. The input is the codec, the counter's size, the suite
// and whether it is a key frame, and the frame.
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
    SOTTO_ASSERT(sotto_opener_init(&opener, &store, name, suite, SOTTO_LIVENESS_NOT_NEEDED));
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

// What is to be sealed.
struct input {
    enum sotto_codec codec;
    bool is_key_frame;
    struct sotto_bytes frame;
};

static bool is_slice(enum sotto_codec codec, uint8_t header) {
    const unsigned type = codec == SOTTO_CODEC_H264 ? header & 0x1F : header >> 1 & 0x3F;
    if (codec == SOTTO_CODEC_H264)
        return type == 1 || type == 5;
    return type <= 9 || (type >= 16 && type <= 21);
}

// Read unit by unit to its end: whether the first slice has two bytes.
static bool has_slice(const struct input *input) {
    size_t offset = 0;
    struct sotto_bytes unit;
    while (sotto_annex_b_next(input->frame, &offset, &unit))
        if (is_slice(input->codec, unit.data[0]))
            return unit.size >= 2;
    return false;
}

static enum sotto_result seal(struct sotto_sealer *sealer, const struct input *input,
                              uint8_t *wire, size_t capacity, size_t *size) {
    return sotto_sealer_seal(sealer, input->codec, input->is_key_frame, input->frame, wire,
                             capacity, size);
}

static void check_refused(struct sotto_sealer *sealer, const struct input *input, size_t capacity) {
    const uint64_t counter = sealer->counter;
    uint8_t *wire = malloc(capacity);
    size_t size;
    SOTTO_ASSERT(wire);
    memset(wire, 0xA5, capacity);
    SOTTO_ASSERT(seal(sealer, input, wire, capacity, &size) == SOTTO_INVALID);
    SOTTO_ASSERT(size == 0 && sealer->counter == counter);
    for (size_t i = 0; i < capacity; i++)
        SOTTO_ASSERT(wire[i] == 0);
    free(wire);
}

// The same again in exactly the space it needs less one byte, then in exactly that space.
static void check_capacity(struct sotto_sealer *sealer, const struct input *input, size_t size) {
    const uint64_t counter = sealer->counter;
    uint8_t *wire = malloc(size - 1);
    size_t same_size;
    SOTTO_ASSERT(wire);
    SOTTO_ASSERT(seal(sealer, input, wire, size - 1, &same_size) == SOTTO_TOO_SMALL);
    for (size_t i = 0; i < size - 1; i++)
        SOTTO_ASSERT(wire[i] == 0);
    // Only where escapes did not fit is a counter used up.
    const bool is_escaped = input->codec == SOTTO_CODEC_H264 || input->codec == SOTTO_CODEC_H265;
    SOTTO_ASSERT(sealer->counter == counter || is_escaped);
    free(wire);
    sealer->counter = counter;
    wire = malloc(size);
    SOTTO_ASSERT(wire);
    SOTTO_ASSERT(seal(sealer, input, wire, size, &same_size) == SOTTO_OK);
    SOTTO_ASSERT(same_size == size);
    free(wire);
}

static void check_frame(struct sotto_sealer *sealer, const struct input *input) {
    const size_t capacity = sotto_layout_wire_size_max(input->codec, input->frame.size);
    const bool is_h26x = input->codec == SOTTO_CODEC_H264 || input->codec == SOTTO_CODEC_H265;
    if (is_h26x && !has_slice(input)) {
        check_refused(sealer, input, capacity);
        return;
    }
    uint8_t *wire = malloc(capacity);
    size_t size;
    SOTTO_ASSERT(wire);
    const uint64_t counter = sealer->counter;
    SOTTO_ASSERT(seal(sealer, input, wire, capacity, &size) == SOTTO_OK);
    SOTTO_ASSERT(sealer->counter == counter + 1);
    SOTTO_ASSERT(size >= input->frame.size + SOTTO_OVERHEAD_MIN && size <= capacity);
    check_opens(&sealer->name, sealer->suite, (struct sotto_bytes){wire, size}, input->frame);
    free(wire);
    sealer->counter = counter;
    check_capacity(sealer, input, size);
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
    const struct input input = {.codec = (enum sotto_codec)(data[0] % (SOTTO_CODEC_AV1 + 1)),
                                .is_key_frame = data[2] & 2,
                                .frame = {data + 3, size - 3}};
    check_frame(&sealer, &input);
    sotto_sealer_wipe(&sealer);
    return 0;
}
