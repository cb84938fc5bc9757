#include "core/annex_b.h"

#include "tests/check.h"

enum { FRAME_SIZE_MAX = 400 };

static struct sotto_bytes bytes_of(const uint8_t *data, size_t size) {
    return (struct sotto_bytes){data, size};
}

// H.264, section 7.3.1, read byte by byte.
static size_t escape_slowly(const uint8_t *input, size_t size, size_t zero_run, uint8_t *output) {
    size_t written = 0;
    for (size_t i = 0; i < size; i++) {
        if (zero_run >= 2 && input[i] <= 3) {
            output[written++] = 3;
            zero_run = 0;
        }
        output[written++] = input[i];
        zero_run = input[i] == 0 ? zero_run + 1 : 0;
    }
    return written;
}

// Read in three parts, cut where `size` says, what was measured is the whole.
static void check_read(struct sotto_bytes escaped, size_t zero_run, const uint8_t *plain,
                       size_t size) {
    uint8_t parts[2 * FRAME_SIZE_MAX];
    size_t measured_size;
    CHECK(sotto_annex_b_measure(escaped, zero_run, &measured_size));
    CHECK_EQ(measured_size, size);
    const size_t cuts[] = {0, size / 3, size - size / 4, size};
    for (size_t i = 0; i < 3; i++) {
        memset(parts, 0xA5, sizeof parts);
        const size_t part_size = cuts[i + 1] - cuts[i];
        sotto_annex_b_read(escaped, zero_run, cuts[i], parts, part_size);
        CHECK_BYTES(parts, plain + cuts[i], part_size);
        CHECK_EQ(parts[part_size], 0xA5);
    }
}

static void check_both_ways(const uint8_t *input, size_t size, size_t zero_run) {
    uint8_t expected[2 * FRAME_SIZE_MAX], escaped[2 * FRAME_SIZE_MAX], back[2 * FRAME_SIZE_MAX];
    const size_t expected_size = escape_slowly(input, size, zero_run, expected);
    CHECK(expected_size <= size + (size + zero_run) / 2);

    size_t escaped_size = size;
    memcpy(escaped, input, size);
    CHECK(sotto_annex_b_escape(escaped, &escaped_size, expected_size, zero_run));
    CHECK_EQ(escaped_size, expected_size);
    CHECK_BYTES(escaped, expected, expected_size);
    const bool is_same = sotto_annex_b_find_escape(bytes_of(input, size), zero_run) == size;
    CHECK_EQ(is_same, expected_size == size);

    size_t back_size;
    CHECK(sotto_annex_b_unescape(bytes_of(escaped, escaped_size), zero_run, back, &back_size));
    CHECK_EQ(back_size, size);
    CHECK_BYTES(back, input, size);
    check_read(bytes_of(escaped, escaped_size), zero_run, input, size);

    if (expected_size > 0) {
        memcpy(escaped, input, size);
        escaped_size = size;
        CHECK(!sotto_annex_b_escape(escaped, &escaped_size, expected_size - 1, zero_run));
        CHECK_EQ(escaped_size, size);
        CHECK_BYTES(escaped, input, size);
    }
}

// Every text of up to 8 of these bytes, behind none, one and two zeros.
static const uint8_t alphabet[] = {0, 1, 3, 4};

static size_t spell(size_t number, size_t size, uint8_t *text) {
    for (size_t i = 0; i < size; i++, number /= sizeof alphabet)
        text[i] = alphabet[number % sizeof alphabet];
    return number;
}

TEST(every_short_text_is_escaped_as_the_standard_says_and_back) {
    uint8_t text[8];
    for (size_t size = 0; size <= sizeof text; size++)
        for (size_t number = 0; spell(number, size, text) == 0; number++)
            for (size_t zero_run = 0; zero_run <= 2; zero_run++)
                check_both_ways(text, size, zero_run);
}

TEST(what_is_unescaped_is_one_text_only) {
    uint8_t text[8], plain[8], again[16];
    size_t accepted = 0, refused = 0;
    for (size_t number = 0; spell(number, sizeof text, text) == 0; number++) {
        for (size_t zero_run = 0; zero_run <= 2; zero_run++) {
            size_t size;
            if (!sotto_annex_b_unescape(bytes_of(text, sizeof text), zero_run, plain, &size)) {
                static const uint8_t zeros[sizeof plain] = {0};
                CHECK_EQ(size, 0);
                CHECK_BYTES(plain, zeros, sizeof zeros);
                CHECK(!sotto_annex_b_measure(bytes_of(text, sizeof text), zero_run, &size));
                CHECK_EQ(size, 0);
                refused++;
                continue;
            }
            CHECK_EQ(escape_slowly(plain, size, zero_run, again), sizeof text);
            CHECK_BYTES(again, text, sizeof text);
            accepted++;
        }
    }
    CHECK(accepted > 10000 && refused > 10000);
}

// Zeros and small numbers anywhere, also over the edges of what is searched in one go.
TEST(runs_of_zeros_at_every_boundary) {
    uint8_t frame[FRAME_SIZE_MAX];
    for (size_t size = 1; size <= 200; size++) {
        for (size_t at = 0; at < size; at++) {
            for (size_t run = 1; run <= 6 && at + run <= size; run++) {
                memset(frame, 0x80, size);
                memset(frame + at, 0, run);
                check_both_ways(frame, size, at % 3);
            }
        }
    }
}

TEST(random_frames_with_many_zeros) {
    uint64_t seed = 1;
    uint8_t frame[FRAME_SIZE_MAX];
    for (size_t round = 0; round < 20000; round++) {
        seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        const size_t size = (seed >> 33) % (FRAME_SIZE_MAX + 1);
        const unsigned rarity = 1 + (unsigned)(seed >> 60);
        uint64_t noise = seed;
        for (size_t i = 0; i < size; i++) {
            noise = noise * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
            frame[i] = (uint8_t)((noise >> 56) % rarity);
        }
        check_both_ways(frame, size, round % 3);
    }
}

TEST(zeros_at_the_end_are_counted_up_to_two) {
    static const uint8_t bytes[] = {0, 0, 0, 7, 0, 0, 0};
    static const size_t runs[] = {0, 1, 2, 2, 0, 1, 2, 2};
    for (size_t size = 0; size <= sizeof bytes; size++)
        CHECK_EQ(sotto_annex_b_zero_run(bytes_of(bytes, size)), runs[size]);
}

static void check_units(const uint8_t *stream, size_t size, const char *units) {
    size_t offset = 0;
    struct sotto_bytes unit;
    char text[64] = {0};
    for (;;) {
        struct sotto_bytes head;
        const bool is_there = sotto_annex_b_peek(bytes_of(stream, size), offset, &head);
        CHECK_EQ(sotto_annex_b_next(bytes_of(stream, size), &offset, &unit), is_there);
        CHECK(head.data == unit.data);
        CHECK_EQ(head.size, unit.size < 2 ? unit.size : 2);
        if (!is_there)
            break;
        CHECK(unit.size > 0);
        for (size_t i = 0; i < unit.size; i++)
            snprintf(text + strlen(text), sizeof text - strlen(text), "%02x", unit.data[i]);
        snprintf(text + strlen(text), sizeof text - strlen(text), " ");
    }
    CHECK(!unit.data && unit.size == 0);
    CHECK_TEXT(text, units);
    CHECK(!sotto_annex_b_next(bytes_of(stream, size), &offset, &unit));
}

#define CHECK_UNITS(units, ...)                                                                    \
    do {                                                                                           \
        static const uint8_t stream[] = {__VA_ARGS__};                                             \
        check_units(stream, sizeof stream, units);                                                 \
    } while (0)

TEST(units_lie_behind_start_codes_of_three_and_four_bytes) {
    CHECK_UNITS("67aa 68 6501 ", 0, 0, 0, 1, 0x67, 0xaa, 0, 0, 1, 0x68, 0, 0, 0, 1, 0x65, 1);
    CHECK_UNITS("", 0x65, 1, 2, 3);
    CHECK_UNITS("", 0, 0, 1);
    CHECK_UNITS("", 0, 0, 0, 1);
    CHECK_UNITS("41 ", 0xff, 0, 0, 1, 0x41);
    CHECK_UNITS("41 ", 0, 0, 0, 0, 0, 1, 0x41, 0, 0, 0);
    CHECK_UNITS("41 ", 0, 0, 1, 0, 0, 1, 0x41);
    CHECK_UNITS("0102 ", 0, 0, 1, 1, 2);
    CHECK_UNITS("41000003 ", 0, 0, 1, 0x41, 0, 0, 3);
}

// Every text of up to 9 of these bytes, start codes among them.
TEST(what_is_peeked_at_is_the_beginning_of_the_next_unit) {
    uint8_t text[9];
    size_t found = 0;
    for (size_t size = 0; size <= sizeof text; size++) {
        for (size_t number = 0; spell(number, size, text) == 0; number++) {
            const struct sotto_bytes stream = bytes_of(text, size);
            struct sotto_bytes head, unit;
            size_t offset = 0;
            do {
                const bool is_there = sotto_annex_b_peek(stream, offset, &head);
                CHECK_EQ(sotto_annex_b_next(stream, &offset, &unit), is_there);
                CHECK(head.data == unit.data);
                CHECK_EQ(head.size, unit.size < 2 ? unit.size : 2);
                found += is_there;
            } while (unit.size > 0);
        }
    }
    CHECK(found > 5000);
}

TEST(a_start_code_is_found_at_every_place) {
    uint8_t stream[200];
    for (size_t at = 0; at + 4 <= sizeof stream; at++) {
        memset(stream, 0x55, sizeof stream);
        memcpy(stream + at, "\0\0\1\x41", 4);
        size_t offset = 0;
        struct sotto_bytes unit;
        CHECK(sotto_annex_b_next(bytes_of(stream, sizeof stream), &offset, &unit));
        CHECK(unit.data == stream + at + 3);
        CHECK_EQ(unit.size, sizeof stream - at - 3);
        CHECK_EQ(offset, sizeof stream);
        for (size_t size = 0; size < at + 4; size++) {
            offset = 0;
            CHECK(!sotto_annex_b_next(bytes_of(stream, size), &offset, &unit));
        }
    }
}

int main(void) {
    RUN(every_short_text_is_escaped_as_the_standard_says_and_back);
    RUN(what_is_unescaped_is_one_text_only);
    RUN(runs_of_zeros_at_every_boundary);
    RUN(random_frames_with_many_zeros);
    RUN(zeros_at_the_end_are_counted_up_to_two);
    RUN(units_lie_behind_start_codes_of_three_and_four_bytes);
    RUN(what_is_peeked_at_is_the_beginning_of_the_next_unit);
    RUN(a_start_code_is_found_at_every_place);
    return 0;
}
