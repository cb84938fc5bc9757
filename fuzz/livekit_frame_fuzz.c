// Any bytes are split within their size, and the receiver's ways to split a frame hold the
// sender's. A header written with start codes of four bytes is at most a third larger and stays
// as it is when it is written once more. Whatever parses is written again as the same bytes.
//   codec, 1 byte; key frame, 1 byte; bytes
#include "fuzz/livekit_streams.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_header(struct sotto_bytes header) {
    const size_t capacity = header.size + header.size / 3;
    uint8_t *once = malloc(capacity + 1);
    uint8_t *twice = malloc(capacity + 1);
    size_t once_size, twice_size;
    SOTTO_ASSERT(once && twice);
    SOTTO_ASSERT(sotto_livekit_frame_write_header(header, once, capacity, &once_size));
    const struct sotto_bytes written = {once, once_size};
    SOTTO_ASSERT(once_size >= header.size);
    SOTTO_ASSERT(sotto_livekit_frame_write_header(written, twice, once_size, &twice_size));
    SOTTO_ASSERT(once_size == twice_size && memcmp(once, twice, once_size) == 0);
    free(once);
    free(twice);
}

static void check_splits(enum sotto_codec codec, bool is_key_frame, struct sotto_bytes bytes) {
    struct sotto_livekit_split split, splits[SOTTO_LIVEKIT_SPLITS_MAX];
    const enum sotto_result result =
        sotto_livekit_frame_split(codec, is_key_frame, bytes, &split);
    const size_t count = sotto_livekit_frame_list_splits(codec, is_key_frame, bytes, splits);
    SOTTO_ASSERT(count <= SOTTO_LIVEKIT_SPLITS_MAX && (count > 0 || result == SOTTO_INVALID));
    SOTTO_ASSERT(split.header_size <= bytes.size);
    if (result == SOTTO_OK)
        SOTTO_ASSERT(splits[0].header_size == split.header_size &&
                     splits[0].is_escaped == split.is_escaped);
    for (size_t i = 0; i < count; i++)
        SOTTO_ASSERT(splits[i].header_size <= (splits[i].is_escaped ? bytes.size : 10));
    if (split.is_escaped)
        check_header((struct sotto_bytes){bytes.data, split.header_size});
}

static void check_parse(struct sotto_bytes bytes) {
    struct sotto_livekit_sealed sealed;
    uint8_t index, nonce[SOTTO_AEAD_NONCE_SIZE];
    if (!sotto_livekit_frame_parse(&sealed, bytes))
        return;
    SOTTO_ASSERT(sotto_livekit_frame_read_index(bytes, &index) && index == sealed.key_index);
    SOTTO_ASSERT(sealed.ciphertext.size + SOTTO_LIVEKIT_OVERHEAD == bytes.size);
    sotto_livekit_frame_write_iv(&sealed.iv, nonce);
    SOTTO_ASSERT(memcmp(nonce, sealed.nonce, sizeof nonce) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2)
        return 0;
    uint8_t *exact = malloc(size - 1);
    SOTTO_ASSERT(exact);
    memcpy(exact, data + 2, size - 2);
    const struct sotto_bytes bytes = {exact, size - 2};
    check_splits((enum sotto_codec)(data[0] % (SOTTO_CODEC_AV1 + 2)), data[1] & 1, bytes);
    check_header(bytes);
    check_parse(bytes);
    free(exact);
    return 0;
}
