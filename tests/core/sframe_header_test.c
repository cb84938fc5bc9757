#include "core/sframe_header.h"

#include "tests/core/sframe_vectors.h"

static void check_header_row(const json_t *row) {
    struct sotto_bytes encoded = bytes_of(row, "encoded");
    struct sotto_sframe_header header = {number_of(row, "kid"), number_of(row, "ctr")};
    uint8_t written[SOTTO_SFRAME_HEADER_SIZE_MAX];
    struct sotto_writer writer;
    sotto_writer_init(&writer, written, sizeof written);
    sotto_sframe_header_write(&writer, &header);
    CHECK(!writer.failed);
    CHECK_EQ(writer.offset, encoded.size);
    CHECK_BYTES(written, encoded.data, encoded.size);

    // Whole, and cut at every place.
    for (size_t size = 0; size <= encoded.size; size++) {
        uint8_t *copy = malloc(size ? size : 1);
        CHECK(copy);
        memcpy(copy, encoded.data, size);
        struct sotto_reader reader;
        struct sotto_sframe_header parsed = {1, 1};
        sotto_reader_init(&reader, copy, size);
        sotto_sframe_header_parse(&reader, &parsed);
        CHECK_EQ(reader.failed, size < encoded.size);
        CHECK(parsed.kid == (reader.failed ? 0 : header.kid));
        CHECK(parsed.counter == (reader.failed ? 0 : header.counter));
        free(copy);
    }
    release(encoded);
}

TEST(writes_and_parses_all_header_vectors_of_rfc_9605) {
    for_each_row("header", HEADER_VECTOR_COUNT, check_header_row);
}

static void check_refused(const char *hex) {
    struct sotto_bytes bytes;
    uint8_t *data = vectors_unhex(hex, &bytes.size);
    struct sotto_reader reader;
    struct sotto_sframe_header header;
    sotto_reader_init(&reader, data, bytes.size);
    sotto_sframe_header_parse(&reader, &header);
    CHECK(reader.failed);
    free(data);
}

TEST(refuses_headers_that_are_not_in_shortest_form) {
    static const char *const rows[] = {
        "8007",               // a KID below 8 in a byte of its own
        "0807",               // the same for the counter
        "800000",             // zero
        "900008",             // a leading zero
        "090008", "a0000100", "f0007fffffffffffff", "0f007fffffffffffff",
        "880807", // a good KID and a bad counter
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        check_refused(rows[i]);
}

TEST(every_header_that_parses_is_written_back_the_same) {
    // All of 1, 2 and 3 bytes, behind which anything may follow.
    for (uint32_t number = 0; number < 1 << 24; number++) {
        const uint8_t bytes[] = {(uint8_t)(number >> 16), (uint8_t)(number >> 8), (uint8_t)number};
        struct sotto_reader reader;
        struct sotto_sframe_header header;
        sotto_reader_init(&reader, bytes, sizeof bytes);
        sotto_sframe_header_parse(&reader, &header);
        if (reader.failed)
            continue;
        uint8_t written[SOTTO_SFRAME_HEADER_SIZE_MAX];
        struct sotto_writer writer;
        sotto_writer_init(&writer, written, sizeof written);
        sotto_sframe_header_write(&writer, &header);
        if (writer.offset != reader.offset || memcmp(written, bytes, writer.offset) != 0)
            check_fail(__FILE__, __LINE__, "the header is written back the same");
    }
}

TEST(a_header_without_room_for_it_fails_the_writer) {
    const struct sotto_sframe_header longest = {UINT64_MAX, UINT64_MAX};
    for (size_t capacity = 0; capacity <= SOTTO_SFRAME_HEADER_SIZE_MAX; capacity++) {
        uint8_t *written = malloc(capacity ? capacity : 1);
        struct sotto_writer writer;
        CHECK(written);
        sotto_writer_init(&writer, written, capacity);
        sotto_sframe_header_write(&writer, &longest);
        CHECK_EQ(writer.failed, capacity < SOTTO_SFRAME_HEADER_SIZE_MAX);
        free(written);
    }
}

int main(void) {
    RUN(writes_and_parses_all_header_vectors_of_rfc_9605);
    RUN(refuses_headers_that_are_not_in_shortest_form);
    RUN(every_header_that_parses_is_written_back_the_same);
    RUN(a_header_without_room_for_it_fails_the_writer);
    return 0;
}
