#include "core/sframe.h"

#include "tests/check.h"
#include "tests/vectors.h"

enum { HEADER_VECTOR_COUNT = 289 };

// jansson's integers end at 2^63 - 1, the vectors go to 2^64 - 1: numbers become strings.
static char *quote_numbers(const char *text) {
    char *quoted = malloc(3 * strlen(text) + 1);
    CHECK(quoted);
    char *end = quoted;
    bool in_string = false;
    for (const char *at = text; *at;) {
        size_t digits = in_string ? 0 : strspn(at, "0123456789");
        if (digits == 0) {
            in_string ^= *at == '"';
            *end++ = *at++;
            continue;
        }
        *end++ = '"';
        memcpy(end, at, digits);
        end += digits;
        at += digits;
        *end++ = '"';
    }
    *end = 0;
    return quoted;
}

static json_t *load_rfc_vectors(void) {
    FILE *file = fopen(SOTTO_VECTORS "/sframe_rfc9605.json", "rb");
    CHECK(file);
    static char text[1 << 17];
    size_t size = fread(text, 1, sizeof text - 1, file);
    CHECK(size > 0 && feof(file));
    fclose(file);
    char *quoted = quote_numbers(text);
    json_t *root = json_loads(quoted, 0, NULL);
    CHECK(root);
    free(quoted);
    return root;
}

static uint64_t number_of(const json_t *row, const char *field) {
    const char *text = json_string_value(json_object_get(row, field));
    CHECK(text);
    return strtoull(text, NULL, 10);
}

static struct sotto_bytes bytes_of(const json_t *row, const char *field) {
    struct sotto_bytes bytes;
    bytes.data = vectors_bytes(row, field, &bytes.size);
    return bytes;
}

static void release(struct sotto_bytes bytes) {
    free((void *)(uintptr_t)bytes.data);
}

static void check_header_row(const json_t *row) {
    struct sotto_bytes encoded = bytes_of(row, "encoded");
    struct sotto_sframe_header header = {number_of(row, "kid"), number_of(row, "ctr")};
    uint8_t written[SOTTO_SFRAME_HEADER_SIZE_MAX];
    struct sotto_writer writer;
    sotto_writer_init(&writer, written, sizeof written);
    sotto_sframe_write_header(&writer, &header);
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
        sotto_sframe_parse_header(&reader, &parsed);
        CHECK_EQ(reader.failed, size < encoded.size);
        CHECK(parsed.kid == (reader.failed ? 0 : header.kid));
        CHECK(parsed.counter == (reader.failed ? 0 : header.counter));
        free(copy);
    }
    release(encoded);
}

TEST(writes_and_parses_all_header_vectors_of_rfc_9605) {
    json_t *root = load_rfc_vectors();
    size_t index;
    json_t *row;
    json_array_foreach(json_object_get(root, "header"), index, row)
        check_header_row(row);
    CHECK_EQ(index, HEADER_VECTOR_COUNT);
    json_decref(root);
}

static void check_refused(const char *hex) {
    struct sotto_bytes bytes;
    uint8_t *data = vectors_unhex(hex, &bytes.size);
    struct sotto_reader reader;
    struct sotto_sframe_header header;
    sotto_reader_init(&reader, data, bytes.size);
    sotto_sframe_parse_header(&reader, &header);
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
        sotto_sframe_parse_header(&reader, &header);
        if (reader.failed)
            continue;
        uint8_t written[SOTTO_SFRAME_HEADER_SIZE_MAX];
        struct sotto_writer writer;
        sotto_writer_init(&writer, written, sizeof written);
        sotto_sframe_write_header(&writer, &header);
        if (writer.offset != reader.offset || memcmp(written, bytes, writer.offset) != 0)
            check_fail(__FILE__, __LINE__, "the header is written back the same");
    }
}

static void check_suite_row(const json_t *row) {
    struct sotto_bytes base_key = bytes_of(row, "base_key");
    struct sotto_bytes salt = bytes_of(row, "sframe_salt");
    struct sotto_bytes metadata = bytes_of(row, "metadata");
    struct sotto_bytes plaintext = bytes_of(row, "pt");
    struct sotto_bytes expected = bytes_of(row, "ct");
    struct sotto_sframe_key key;
    CHECK_EQ(sotto_sframe_key_init(&key, (enum sotto_suite)number_of(row, "cipher_suite"),
                                   number_of(row, "kid"), base_key),
             SOTTO_OK);
    CHECK_EQ(salt.size, sizeof key.salt);
    CHECK_BYTES(key.salt, salt.data, salt.size);

    uint8_t sealed[128];
    size_t sealed_size;
    CHECK_EQ(sotto_sframe_seal(&key, number_of(row, "ctr"), &metadata, 1, plaintext, sealed,
                               expected.size, &sealed_size),
             SOTTO_OK);
    CHECK_EQ(sealed_size, expected.size);
    CHECK_BYTES(sealed, expected.data, expected.size);

    struct sotto_sframe sframe;
    uint8_t opened[128];
    CHECK(sotto_sframe_parse(&sframe, expected));
    CHECK_EQ(sotto_sframe_open(&key, &sframe, &metadata, 1, opened, plaintext.size), SOTTO_OK);
    CHECK_EQ(sframe.ciphertext.size, plaintext.size);
    CHECK_BYTES(opened, plaintext.data, plaintext.size);

    sotto_sframe_key_wipe(&key);
    release(base_key);
    release(salt);
    release(metadata);
    release(plaintext);
    release(expected);
}

TEST(seals_and_opens_suites_4_and_5_of_rfc_9605) {
    json_t *root = load_rfc_vectors();
    size_t rows = 0;
    size_t index;
    json_t *row;
    json_array_foreach(json_object_get(root, "sframe"), index, row) {
        // Suites 1 to 3 are not made here.
        if (number_of(row, "cipher_suite") < 4)
            continue;
        check_suite_row(row);
        rows++;
    }
    CHECK_EQ(rows, 2);
    json_decref(root);
}

TEST(knows_suites_4_and_5_only) {
    for (int suite = -1; suite < 300; suite++) {
        struct sotto_sframe_key key;
        enum sotto_result result =
            sotto_sframe_key_init(&key, (enum sotto_suite)suite, 1, SOTTO_BYTES("base key"));
        CHECK_EQ(result, suite == 4 || suite == 5 ? SOTTO_OK : SOTTO_INVALID);
        sotto_sframe_key_wipe(&key);
    }
}

TEST(no_cut_and_no_flipped_bit_opens) {
    struct sotto_sframe_key key;
    struct sotto_bytes metadata = SOTTO_BYTES("metadata");
    struct sotto_bytes plaintext = SOTTO_BYTES("what is sealed here");
    uint8_t sealed[64];
    uint8_t opened[64];
    size_t size;
    CHECK_EQ(sotto_sframe_key_init(&key, SOTTO_AES_128_GCM_SHA256_128, 0x80000001,
                                   SOTTO_BYTES("base key")),
             SOTTO_OK);
    CHECK_EQ(sotto_sframe_seal(&key, 300, &metadata, 1, plaintext, sealed, sizeof sealed, &size),
             SOTTO_OK);
    struct sotto_sframe sframe;
    for (size_t cut = 0; cut < size; cut++) {
        uint8_t *copy = malloc(cut ? cut : 1);
        CHECK(copy);
        memcpy(copy, sealed, cut);
        if (sotto_sframe_parse(&sframe, (struct sotto_bytes){copy, cut}))
            CHECK_EQ(sotto_sframe_open(&key, &sframe, &metadata, 1, opened, sizeof opened),
                     SOTTO_TAMPERED);
        free(copy);
    }
    for (size_t bit = 0; bit < 8 * size; bit++) {
        sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
        if (sotto_sframe_parse(&sframe, (struct sotto_bytes){sealed, size}))
            CHECK_EQ(sotto_sframe_open(&key, &sframe, &metadata, 1, opened, sizeof opened),
                     SOTTO_TAMPERED);
        sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    CHECK(sotto_sframe_parse(&sframe, (struct sotto_bytes){sealed, size}));
    CHECK_EQ(sotto_sframe_open(&key, &sframe, &metadata, 1, opened, sizeof opened), SOTTO_OK);
    sotto_sframe_key_wipe(&key);
}

TEST(metadata_is_authenticated_and_has_a_limit) {
    static const uint8_t long_metadata[SOTTO_METADATA_SIZE_MAX + 1] = {1};
    struct sotto_bytes longest = {long_metadata, SOTTO_METADATA_SIZE_MAX};
    struct sotto_bytes too_long = {long_metadata, SOTTO_METADATA_SIZE_MAX + 1};
    struct sotto_bytes other = {long_metadata, SOTTO_METADATA_SIZE_MAX - 1};
    struct sotto_bytes plaintext = SOTTO_BYTES("plaintext");
    struct sotto_sframe_key key;
    uint8_t sealed[64];
    uint8_t opened[64];
    size_t size;
    CHECK_EQ(sotto_sframe_key_init(&key, SOTTO_AES_256_GCM_SHA512_128, UINT64_MAX,
                                   SOTTO_BYTES("base key")),
             SOTTO_OK);
    // The longest header and the longest metadata at once.
    CHECK_EQ(sotto_sframe_seal(&key, UINT64_MAX, &too_long, 1, plaintext, sealed, 64, &size),
             SOTTO_INVALID);
    CHECK_EQ(size, 0);
    CHECK_EQ(sotto_sframe_seal(&key, UINT64_MAX, &longest, 1, plaintext, sealed, 64, &size),
             SOTTO_OK);
    CHECK_EQ(size, 17 + 9 + 16);
    struct sotto_sframe sframe;
    CHECK(sotto_sframe_parse(&sframe, (struct sotto_bytes){sealed, size}));
    CHECK_EQ(sotto_sframe_open(&key, &sframe, &too_long, 1, opened, 64), SOTTO_INVALID);
    CHECK_EQ(sotto_sframe_open(&key, &sframe, &other, 1, opened, 64), SOTTO_TAMPERED);
    CHECK_EQ(sotto_sframe_open(&key, &sframe, NULL, 0, opened, 64), SOTTO_TAMPERED);
    CHECK_EQ(sotto_sframe_open(&key, &sframe, &longest, 1, opened, 8), SOTTO_TOO_SMALL);
    CHECK_EQ(sotto_sframe_open(&key, &sframe, &longest, 1, opened, 9), SOTTO_OK);
    sotto_sframe_key_wipe(&key);
}

TEST(an_empty_plaintext_is_sealed_and_opened) {
    struct sotto_sframe_key key;
    struct sotto_bytes metadata = SOTTO_BYTES("m");
    struct sotto_sframe sframe;
    uint8_t sealed[17];
    size_t size;
    CHECK_EQ(sotto_sframe_key_init(&key, SOTTO_AES_128_GCM_SHA256_128, 7, SOTTO_BYTES("key")),
             SOTTO_OK);
    struct sotto_bytes nothing = {NULL, 0};
    CHECK_EQ(sotto_sframe_seal(&key, 7, &metadata, 1, nothing, sealed, 16, &size), SOTTO_TOO_SMALL);
    CHECK_EQ(sotto_sframe_seal(&key, 7, &metadata, 1, nothing, sealed, 17, &size), SOTTO_OK);
    CHECK_EQ(size, 17);
    CHECK(sotto_sframe_parse(&sframe, (struct sotto_bytes){sealed, size}));
    CHECK_EQ(sotto_sframe_open(&key, &sframe, &metadata, 1, NULL, 0), SOTTO_OK);
    sotto_sframe_key_wipe(&key);
}

int main(void) {
    RUN(writes_and_parses_all_header_vectors_of_rfc_9605);
    RUN(refuses_headers_that_are_not_in_shortest_form);
    RUN(every_header_that_parses_is_written_back_the_same);
    RUN(seals_and_opens_suites_4_and_5_of_rfc_9605);
    RUN(knows_suites_4_and_5_only);
    RUN(no_cut_and_no_flipped_bit_opens);
    RUN(metadata_is_authenticated_and_has_a_limit);
    RUN(an_empty_plaintext_is_sealed_and_opened);
    return 0;
}
