// Against a list of all that was admitted: within 2^31 ticks of one another no frame is admitted
// twice, in whatever order; and one that is newer than all before it is.
//   frames of 4 bytes: key and SSRC, 1 byte; count, 1 byte; signed leap from the newest, 2 bytes
#include "fuzz/livekit_streams.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FRAMES_MAX = 4096, FRAME_SIZE = 4, STREAM_COUNT = 8 };

struct admitted {
    uint8_t stream;
    uint8_t count;
    uint32_t timestamp;
};

static struct sotto_livekit_replay replay;
static struct admitted list[FRAMES_MAX];
static size_t list_size;

static bool is_listed(const struct admitted *frame) {
    for (size_t i = 0; i < list_size; i++)
        if (list[i].stream == frame->stream && list[i].count == frame->count &&
            list[i].timestamp == frame->timestamp)
            return true;
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    uint32_t newest[STREAM_COUNT];
    memset(newest, 0xf0, sizeof newest); // the end of 32 bits is near
    fuzz_forget(&replay);
    list_size = 0;
    for (size_t i = 0; i + FRAME_SIZE <= size && list_size < FRAMES_MAX; i += FRAME_SIZE) {
        int16_t leap;
        memcpy(&leap, data + i + 2, sizeof leap);
        struct admitted frame = {data[i] % STREAM_COUNT, data[i + 1], 0};
        uint32_t *top = &newest[frame.stream];
        frame.timestamp = *top + (uint32_t)(int32_t)leap * 64;
        const struct sotto_livekit_iv iv = {frame.stream / 2, frame.timestamp, frame.count};
        const bool is_admitted =
            sotto_livekit_replay_admit(&replay, (uint64_t)frame.stream % 2 + 1, &iv);
        SOTTO_ASSERT(!is_admitted || !is_listed(&frame));
        SOTTO_ASSERT(is_admitted || leap <= 0);
        if (is_admitted)
            list[list_size++] = frame;
        if (is_admitted && leap > 0)
            *top = frame.timestamp;
    }
    return 0;
}
