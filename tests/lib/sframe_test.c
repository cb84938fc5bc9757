// SFrame of libsotto, against the shared library: the rows of RFC 9605.
#include "sotto/sotto.h"
#include "tests/core/sframe_vectors.h"

struct row {
    enum sotto_suite suite;
    uint64_t kid;
    uint64_t counter;
    struct sotto_bytes base_key;
    struct sotto_bytes metadata;
    struct sotto_bytes frame;
    struct sotto_bytes wire;
};

static struct row read_row(const json_t *row) {
    return (struct row){
        .suite = (enum sotto_suite)number_of(row, "cipher_suite"),
        .kid = number_of(row, "kid"),
        .counter = number_of(row, "ctr"),
        .base_key = bytes_of(row, "base_key"),
        .metadata = bytes_of(row, "metadata"),
        .frame = bytes_of(row, "pt"),
        .wire = bytes_of(row, "ct"),
    };
}

static void check_row(const struct row *row) {
    uint8_t out[100];
    size_t size;
    uint64_t counter, kid;
    struct sotto_sframe_sealer *sealer =
        sotto_sframe_sealer_create(row->suite, row->kid, row->base_key, row->counter);
    struct sotto_sframe_opener *opener =
        sotto_sframe_opener_create(row->suite, row->kid, row->base_key);
    CHECK(sealer && opener);
    CHECK_EQ(sotto_sframe_sealer_seal(sealer, row->metadata, row->frame, out, row->wire.size - 1,
                                      &size),
             SOTTO_TOO_SMALL);
    CHECK_EQ(sotto_sframe_sealer_seal(sealer, row->metadata, row->frame, out, sizeof out, &size),
             SOTTO_OK);
    CHECK_EQ(size, row->wire.size);
    CHECK_BYTES(out, row->wire.data, size);
    CHECK_EQ(sotto_sframe_sealer_counter(sealer), row->counter + 1);

    CHECK(sotto_sframe_read_header(row->wire, &kid, &counter));
    CHECK_EQ(kid, row->kid);
    CHECK_EQ(counter, row->counter);
    CHECK_EQ(sotto_sframe_opener_open(opener, row->metadata, row->wire, out, sizeof out, &size,
                                      &counter),
             SOTTO_OK);
    CHECK_EQ(size, row->frame.size);
    CHECK_EQ(counter, row->counter);
    CHECK_BYTES(out, row->frame.data, size);
    memset(out, 0xA5, sizeof out);
    CHECK_EQ(sotto_sframe_opener_open(opener, row->frame, row->wire, out, sizeof out, &size, NULL),
             SOTTO_TAMPERED);
    CHECK_EQ(size, 0);
    CHECK_EQ(out[0] | out[row->frame.size - 1], 0);
    sotto_sframe_sealer_destroy(sealer);
    sotto_sframe_opener_destroy(opener);
}

static void check_json_row(const json_t *json) {
    struct row row = read_row(json);
    check_row(&row);
    release(row.base_key);
    release(row.metadata);
    release(row.frame);
    release(row.wire);
}

TEST(the_rows_of_the_rfc_both_ways) {
    for_each_row("sframe", SFRAME_VECTOR_COUNT, check_json_row);
}

static const uint8_t key_bytes[16] = {1, 2, 3};
static const struct sotto_bytes key = {key_bytes, sizeof key_bytes};
static const struct sotto_bytes nothing = {NULL, 0};

TEST(a_counter_never_comes_twice) {
    const enum sotto_suite suite = SOTTO_AES_128_GCM_SHA256_128;
    struct sotto_sframe_sealer *sealer = sotto_sframe_sealer_create(suite, 7, key, UINT64_MAX);
    uint8_t wire[SOTTO_SFRAME_OVERHEAD_MAX];
    size_t size;
    CHECK_EQ(sotto_sframe_sealer_seal(sealer, nothing, nothing, wire, sizeof wire, &size),
             SOTTO_OK);
    CHECK_EQ(sotto_sframe_sealer_seal(sealer, nothing, nothing, wire, sizeof wire, &size),
             SOTTO_EXHAUSTED);
    CHECK_EQ(size, 0);
    sotto_sframe_sealer_destroy(sealer);
}

TEST(other_keys_and_bytes_are_told_apart) {
    const enum sotto_suite suite = SOTTO_AES_128_CTR_HMAC_SHA256_80;
    struct sotto_sframe_sealer *sealer = sotto_sframe_sealer_create(suite, 7, key, 0);
    struct sotto_sframe_opener *other = sotto_sframe_opener_create(suite, 8, key);
    uint8_t wire[SOTTO_SFRAME_OVERHEAD_MAX], frame[SOTTO_SFRAME_OVERHEAD_MAX];
    size_t size;
    uint64_t kid, counter = 9;
    CHECK_EQ(sotto_sframe_sealer_seal(sealer, nothing, nothing, wire, sizeof wire, &size),
             SOTTO_OK);
    struct sotto_bytes sealed = {wire, size};
    memset(frame, 0xA5, sizeof frame);
    CHECK_EQ(sotto_sframe_opener_open(other, nothing, sealed, frame, sizeof frame, &size, &counter),
             SOTTO_MISSING_KEY);
    CHECK_EQ(counter, 0);
    CHECK_EQ(frame[0] | frame[sealed.size - 1], 0);
    sealed.size = 5;
    CHECK_EQ(sotto_sframe_opener_open(other, nothing, sealed, frame, sizeof frame, &size, NULL),
             SOTTO_NOT_SEALED);
    CHECK_EQ(sotto_sframe_opener_open(other, nothing, sealed, NULL, 0, &size, NULL),
             SOTTO_NOT_SEALED);
    CHECK(!sotto_sframe_read_header(nothing, &kid, &counter));
    CHECK_EQ(kid, 0);
    CHECK(!sotto_sframe_sealer_create(suite, 7, nothing, 0));
    CHECK(!sotto_sframe_opener_create((enum sotto_suite)6, 7, key));
    CHECK(!sotto_sframe_sealer_create((enum sotto_suite)0, 7, key, 0));
    sotto_sframe_sealer_destroy(sealer);
    sotto_sframe_opener_destroy(other);
    sotto_sframe_sealer_destroy(NULL);
    sotto_sframe_opener_destroy(NULL);
}

// Sender keys of RFC 9605, section 5.1, through the public functions alone.
TEST(a_receiver_follows_the_ratchet) {
    const enum sotto_suite suite = SOTTO_AES_256_GCM_SHA512_128;
    uint8_t next[SOTTO_SFRAME_NEXT_KEY_SIZE_MAX], wire[SOTTO_SFRAME_OVERHEAD_MAX], frame[1];
    struct sotto_sframe_sender_kid sender = {.generation = 3, .step = 1};
    uint64_t kid, counter;
    CHECK_EQ(sotto_sframe_key_derive_next(suite, key, next), SOTTO_OK);
    CHECK(sotto_sframe_kid_compose_sender(&kid, &sender, 8));
    struct sotto_bytes base_key = {next, 64};
    struct sotto_sframe_sealer *sealer = sotto_sframe_sealer_create(suite, kid, base_key, 0);
    size_t size;
    CHECK_EQ(sotto_sframe_sealer_seal(sealer, nothing, nothing, wire, sizeof wire, &size),
             SOTTO_OK);
    struct sotto_bytes sealed = {wire, size};

    struct sotto_sframe_sender_kid current = {.generation = 3, .step = 0};
    unsigned steps;
    CHECK(sotto_sframe_read_header(sealed, &kid, &counter));
    CHECK_EQ(sotto_sframe_kid_count_steps(&current, kid, 8, &steps), SOTTO_OK);
    CHECK_EQ(steps, 1);
    struct sotto_sframe_opener *opener = sotto_sframe_opener_create(suite, kid, base_key);
    CHECK_EQ(sotto_sframe_opener_open(opener, nothing, sealed, frame, sizeof frame, &size, NULL),
             SOTTO_OK);
    CHECK_EQ(size, 0);
    sotto_sframe_sealer_destroy(sealer);
    sotto_sframe_opener_destroy(opener);
}

int main(void) {
    RUN(the_rows_of_the_rfc_both_ways);
    RUN(a_counter_never_comes_twice);
    RUN(other_keys_and_bytes_are_told_apart);
    RUN(a_receiver_follows_the_ratchet);
    return 0;
}
