// Any bytes, escaped, contain nothing that looks like a start code, are at most half as large again
// and come back; any bytes that unescape are what escaping makes of the result. NAL units follow
// one another inside the stream.
//   zero run, 1 byte; bytes
#include "core/annex_b.h"
#include "core/assert.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_escape(struct sotto_bytes bytes, size_t zero_run) {
    const size_t capacity = bytes.size + (bytes.size + zero_run) / 2;
    uint8_t *escaped = malloc(capacity + 1);
    uint8_t *back = malloc(capacity + 1);
    SOTTO_ASSERT(escaped && back);
    size_t escaped_size = bytes.size, back_size;
    memcpy(escaped, bytes.data, bytes.size);
    SOTTO_ASSERT(sotto_annex_b_escape(escaped, &escaped_size, capacity, zero_run));
    size_t zeros = zero_run;
    for (size_t i = 0; i < escaped_size; i++) {
        SOTTO_ASSERT(zeros < 2 || escaped[i] > 2);
        zeros = escaped[i] == 0 ? zeros + 1 : 0;
    }
    const struct sotto_bytes sent = {escaped, escaped_size};
    SOTTO_ASSERT(sotto_annex_b_unescape(sent, zero_run, back, &back_size));
    SOTTO_ASSERT(back_size == bytes.size && memcmp(back, bytes.data, back_size) == 0);
    SOTTO_ASSERT(sotto_annex_b_measure(sent, zero_run, &back_size) && back_size == bytes.size);
    const size_t from = bytes.data[0] % (bytes.size + 1); // a part of it, no byte more
    memset(back, 0xA5, capacity + 1);
    sotto_annex_b_read(sent, zero_run, from, back, bytes.size - from);
    SOTTO_ASSERT(memcmp(back, bytes.data + from, bytes.size - from) == 0);
    SOTTO_ASSERT(back[bytes.size - from] == 0xA5);
    free(escaped);
    free(back);
}

static void check_unescape(struct sotto_bytes bytes, size_t zero_run) {
    uint8_t *plain = malloc(bytes.size + 1);
    SOTTO_ASSERT(plain);
    size_t size;
    if (sotto_annex_b_unescape(bytes, zero_run, plain, &size)) {
        SOTTO_ASSERT(size <= bytes.size);
        SOTTO_ASSERT(sotto_annex_b_escape(plain, &size, bytes.size, zero_run));
        SOTTO_ASSERT(size == bytes.size && memcmp(plain, bytes.data, size) == 0);
    }
    free(plain);
}

static void check_units(struct sotto_bytes bytes) {
    size_t offset = 0, before = 0;
    struct sotto_bytes unit;
    struct sotto_bytes head;
    for (;;) {
        const bool is_there = sotto_annex_b_peek(bytes, offset, &head);
        SOTTO_ASSERT(sotto_annex_b_next(bytes, &offset, &unit) == is_there);
        SOTTO_ASSERT(head.data == unit.data && head.size == (unit.size < 2 ? unit.size : 2));
        if (!is_there)
            break;
        SOTTO_ASSERT(unit.size > 0 && unit.data >= bytes.data + before + 3);
        SOTTO_ASSERT(unit.data + unit.size == bytes.data + offset && offset <= bytes.size);
        SOTTO_ASSERT(memcmp(unit.data - 3, "\0\0\1", 3) == 0 && unit.data[unit.size - 1] != 0);
        before = offset;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2)
        return 0;
    const struct sotto_bytes bytes = {data + 1, size - 1};
    check_escape(bytes, data[0] % 3);
    check_unescape(bytes, data[0] % 3);
    check_units(bytes);
    return 0;
}
