#include "core/annex_b.h"

#include "core/memory.h"

enum { ESCAPE = 3 };

// Ciphertext of 100 kB holds one pair of zeros or two, so the search for them is what the work
// costs. Vectors of two words become SSE2, NEON, SIMD128 or two plain words.
typedef uint64_t words __attribute__((vector_size(16)));

enum { STRIDE = 64 };

static inline words load(const uint8_t *data) {
    words value;
    __builtin_memcpy(&value, data, sizeof value);
    return value;
}

// Reads one byte more than STRIDE. A byte of `either` is 0 where a zero follows a zero. Subtracting
// 1 from every byte of a word sets the top bit of one that had it clear only if some byte was 0.
static inline bool has_zero_pair(const uint8_t *data) {
    const words ones = {UINT64_C(0x0101010101010101), UINT64_C(0x0101010101010101)};
    words found = {0};
    for (size_t i = 0; i < STRIDE; i += sizeof(words)) {
        const words either = load(data + i) | load(data + i + 1);
        found |= (either - ones) & ~either;
    }
    return ((found[0] | found[1]) & UINT64_C(0x8080808080808080)) != 0;
}

// The first place at `from` or later where two zeros stand; the size if there is none.
static size_t find_zero_pair(struct sotto_bytes bytes, size_t from) {
    size_t i = from;
    while (i + 1 < bytes.size) {
        const size_t rest = bytes.size - i;
        if (rest > STRIDE && !has_zero_pair(bytes.data + i)) {
            i += STRIDE;
            continue;
        }
        const size_t end = rest > STRIDE ? i + STRIDE : bytes.size - 1;
        for (; i < end; i++)
            if (bytes.data[i] == 0 && bytes.data[i + 1] == 0)
                return i;
    }
    return bytes.size;
}

size_t sotto_annex_b_find_start_code(struct sotto_bytes stream, size_t from) {
    size_t i = find_zero_pair(stream, from);
    while (i + 2 < stream.size && stream.data[i + 2] != 1)
        i = find_zero_pair(stream, i + 1);
    return i + 2 < stream.size ? i : stream.size;
}

bool sotto_annex_b_next(struct sotto_bytes stream, size_t *offset, struct sotto_bytes *nal_unit) {
    *nal_unit = (struct sotto_bytes){NULL, 0};
    size_t start_code = sotto_annex_b_find_start_code(stream, *offset);
    while (start_code < stream.size) {
        const size_t start = start_code + 3;
        start_code = sotto_annex_b_find_start_code(stream, start);
        size_t end = start_code;
        while (end > start && stream.data[end - 1] == 0)
            end--;
        if (end == start)
            continue; // nothing between two start codes
        *nal_unit = (struct sotto_bytes){stream.data + start, end - start};
        *offset = end;
        return true;
    }
    *offset = stream.size;
    return false;
}

// Whether a NAL unit has a byte at `at`: whether anything but zeros stands there before the next
// start code.
static bool has_byte_at(struct sotto_bytes stream, size_t at) {
    size_t i = at;
    while (i < stream.size && stream.data[i] == 0)
        i++;
    return i < stream.size && (stream.data[i] != 1 || i - at < 2);
}

bool sotto_annex_b_peek(struct sotto_bytes stream, size_t offset, struct sotto_bytes *head) {
    size_t start_code = sotto_annex_b_find_start_code(stream, offset);
    while (start_code < stream.size) {
        const size_t start = start_code + 3;
        if (has_byte_at(stream, start)) {
            const size_t size = has_byte_at(stream, start + 1) ? 2 : 1;
            *head = (struct sotto_bytes){stream.data + start, size};
            return true;
        }
        start_code = sotto_annex_b_find_start_code(stream, start);
    }
    *head = (struct sotto_bytes){NULL, 0};
    return false;
}

size_t sotto_annex_b_zero_run(struct sotto_bytes bytes) {
    size_t run = 0;
    while (run < 2 && run < bytes.size && bytes.data[bytes.size - 1 - run] == 0)
        run++;
    return run;
}

static size_t find_escape(struct sotto_bytes bytes, size_t from, size_t zero_run) {
    size_t i = from;
    while (i < bytes.size) {
        if (zero_run >= 2 && bytes.data[i] <= ESCAPE)
            return i;
        if (bytes.data[i] == 0) {
            zero_run++;
            i++;
        } else {
            zero_run = 0;
            i = find_zero_pair(bytes, i + 1);
        }
    }
    return bytes.size;
}

size_t sotto_annex_b_find_escape(struct sotto_bytes bytes, size_t zero_run) {
    return find_escape(bytes, 0, zero_run);
}

bool sotto_annex_b_escape(uint8_t *data, size_t *size, size_t capacity, size_t zero_run) {
    const struct sotto_bytes plain = {data, *size};
    const size_t first = find_escape(plain, 0, zero_run);
    size_t count = 0;
    for (size_t i = first; i < plain.size; i = find_escape(plain, i, 0))
        count++;
    if (count == 0)
        return *size <= capacity;
    if (*size > capacity || count > capacity - *size)
        return false;

    // Out of the way, and back from the front: the writing never overtakes the reading.
    const struct sotto_bytes moved = {data + count, *size};
    memmove(data + first + count, data + first, *size - first);
    uint8_t *output = data + first;
    for (size_t i = first; i < moved.size;) {
        *output++ = ESCAPE;
        const size_t next = find_escape(moved, i, 0);
        memmove(output, moved.data + i, next - i);
        output += next - i;
        i = next;
    }
    *size += count;
    return true;
}

// Where `output` is NULL, only the size is found.
static bool unescape(struct sotto_bytes escaped, size_t zero_run, uint8_t *output, size_t *size) {
    size_t from = 0;
    while (from < escaped.size) {
        const size_t i = find_escape(escaped, from, zero_run);
        if (output)
            memcpy(output + *size, escaped.data + from, i - from);
        *size += i - from;
        if (i == escaped.size)
            break;
        if (escaped.data[i] != ESCAPE || i + 1 == escaped.size || escaped.data[i + 1] > ESCAPE)
            return false;
        from = i + 1;
        zero_run = 0;
    }
    return true;
}

bool sotto_annex_b_unescape(struct sotto_bytes escaped, size_t zero_run, uint8_t *output,
                            size_t *size) {
    *size = 0;
    if (unescape(escaped, zero_run, output, size))
        return true;
    *size = 0;
    memset(output, 0, escaped.size);
    return false;
}

bool sotto_annex_b_measure(struct sotto_bytes escaped, size_t zero_run, size_t *size) {
    *size = 0;
    if (unescape(escaped, zero_run, NULL, size))
        return true;
    *size = 0;
    return false;
}

void sotto_annex_b_read(struct sotto_bytes escaped, size_t zero_run, size_t offset,
                        uint8_t *output, size_t size) {
    const size_t end = offset + size;
    size_t passed = 0; // bytes of the unescaped text before `from`
    for (size_t from = 0; passed < end;) {
        const size_t i = find_escape(escaped, from, zero_run);
        const size_t begin = passed > offset ? passed : offset;
        size_t stop = passed + (i - from);
        stop = stop < end ? stop : end;
        if (begin < stop)
            memcpy(output + (begin - offset), escaped.data + from + (begin - passed),
                   stop - begin);
        passed += i - from;
        from = i + 1;
        zero_run = 0;
    }
}
