#include "tests/sim/content.h"

#include "core/reader.h"
#include "core/writer.h"
#include "tests/sim/sim_random.h"

#include <string.h>

enum {
    VP8_HEADER_SIZE = 10,
    AUDIO_SIZE_MIN = 20,
    AUDIO_SIZE_SPREAD = 140,
    KEY_SIZE_MIN = 5000,
    KEY_SIZE_SPREAD = 7000,
    DELTA_SIZE_MIN = 60,
    DELTA_SIZE_SPREAD = 3400,
};

static struct sim_random begin(const struct content *content) {
    struct sim_random random = {(uint64_t)content->sender << 40 ^ (uint64_t)content->kind << 36 ^
                                content->number << 1 ^ content->is_key};
    sim_random_next(&random);
    return random;
}

static size_t draw_size(const struct content *content, struct sim_random *random) {
    if (content->kind != SOTTO_KIND_VIDEO)
        return AUDIO_SIZE_MIN + sim_random_below(random, AUDIO_SIZE_SPREAD);
    return content->is_key ? KEY_SIZE_MIN + sim_random_below(random, KEY_SIZE_SPREAD)
                           : DELTA_SIZE_MIN + sim_random_below(random, DELTA_SIZE_SPREAD);
}

size_t content_write(const struct content *content, uint8_t *data) {
    struct sim_random random = begin(content);
    size_t size = draw_size(content, &random);
    struct sotto_writer writer;
    sotto_writer_init(&writer, data, size);
    if (content->kind == SOTTO_KIND_VIDEO) {
        // Frame tag, start code and dimensions; bit 0 of the first byte says that it is no key.
        sotto_writer_write_u24(&writer, content->is_key ? 0x100002 : 0x310001);
        sotto_writer_write_u24(&writer, 0x9D012A);
        sotto_writer_write_u32(&writer, 0x80026801);
    }
    sotto_writer_write_u64(&writer, content->number);
    sim_random_fill(&random, data + writer.offset, size - writer.offset);
    return size;
}

bool content_read(struct content *content, uint32_t sender, enum sotto_kind kind,
                  const uint8_t *data, size_t size) {
    static uint8_t expected[CONTENT_SIZE_MAX];
    struct sotto_reader reader;
    sotto_reader_init(&reader, data, size);
    *content = (struct content){.sender = sender, .kind = kind};
    if (kind == SOTTO_KIND_VIDEO) {
        content->is_key = size > 0 && !(data[0] & 1);
        sotto_reader_skip(&reader, VP8_HEADER_SIZE);
    }
    content->number = sotto_reader_read_u64(&reader);
    return !reader.failed && content_write(content, expected) == size &&
           memcmp(expected, data, size) == 0;
}
