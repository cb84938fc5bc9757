#include "core/sealer.h"

#include "tests/core/frame_vectors.h"

static const uint8_t opus[] = {0x80, 0x7e, 0x4f, 0x3c, 0xb2};

// A sealer arrives at a counter by sealing, here one byte at a time: there is no other way. Only
// where that takes minutes it is put there.
static void advance(struct sotto_sealer *sealer, uint64_t counter) {
    if (counter >= 1 << 20)
        sealer->counter = counter;
    static const uint8_t frame[1] = {1};
    uint8_t wire[1 + SOTTO_OVERHEAD_MAX];
    size_t size;
    while (sealer->counter < counter)
        CHECK_EQ(sotto_sealer_seal(sealer, SOTTO_CODEC_OPUS, false,
                                   (struct sotto_bytes){frame, 1}, wire, sizeof wire, &size),
                 SOTTO_OK);
}

static size_t rows_of[SOTTO_CODEC_AV1 + 1];

static void check_row(const json_t *row) {
    struct sotto_key_store store;
    struct sotto_sealer sealer;
    struct sotto_opener opener;
    struct sotto_stream_name name = row_name(row);
    row_key_store(row, &store);
    CHECK(sotto_sealer_init(&sealer, &store, &name, row_suite(row)));
    CHECK(sotto_opener_init(&opener, &store, &name, row_suite(row), SOTTO_LIVENESS_NOT_NEEDED));

    struct wire frame = row_wire(row, "frame_hex"), expected = row_wire(row, "wire_hex");
    advance(&sealer, row_number(row, "ctr"));
    struct wire wire =
        seal_frame_as(&sealer, row_codec(row), row_is_key_frame(row), frame.data, frame.size);
    CHECK_EQ(wire.size, expected.size);
    CHECK_BYTES(wire.data, expected.data, expected.size);
    check_opens(&opener, expected, frame.data, frame.size);
    rows_of[row_codec(row)]++;

    free(frame.data);
    free(wire.data);
    free(expected.data);
    sotto_sealer_wipe(&sealer);
    sotto_opener_wipe(&opener);
    sotto_key_store_wipe(&store);
}

TEST(seals_and_opens_every_row_byte_for_byte) {
    CHECK_EQ(vectors_each("vectors", check_row), FRAME_VECTOR_COUNT);
    CHECK_EQ(rows_of[SOTTO_CODEC_VP8], 6);
    CHECK_EQ(rows_of[SOTTO_CODEC_H264], 10);
    CHECK_EQ(rows_of[SOTTO_CODEC_H265], 4);
    CHECK_EQ(rows_of[SOTTO_CODEC_AV1], 4);
}

static struct sotto_key_store store;
static struct sotto_sealer sealer;

static void begin(void) {
    struct sotto_stream_name name = alice();
    sotto_key_store_init(&store);
    set_secret(&store, 0);
    CHECK(sotto_sealer_init(&sealer, &store, &name, SUITE_4));
}

static void end(void) {
    sotto_sealer_wipe(&sealer);
    sotto_key_store_wipe(&store);
}

// Seals into a buffer of `capacity` that was full of rubbish; a failure must leave zeros.
static enum sotto_result seal_result(enum sotto_codec codec, struct sotto_bytes frame,
                                     size_t capacity, size_t *size) {
    uint8_t *wire = malloc(capacity ? capacity : 1);
    CHECK(wire);
    memset(wire, 0xA5, capacity);
    enum sotto_result result =
        sotto_sealer_seal(&sealer, codec, false, frame, wire, capacity, size);
    size_t touched = sotto_layout_wire_size_max(codec, frame.size);
    for (size_t i = 0; result != SOTTO_OK && i < capacity && i < touched; i++)
        CHECK_EQ(wire[i], 0);
    if (result != SOTTO_OK)
        CHECK_EQ(*size, 0);
    free(wire);
    return result;
}

static enum sotto_result seal_opus(void) {
    size_t size;
    return seal_result(SOTTO_CODEC_OPUS, (struct sotto_bytes){opus, sizeof opus}, 64, &size);
}

static uint64_t counter_of(struct wire wire) {
    struct sotto_wire_frame parts;
    CHECK(sotto_layout_parse(&parts, (struct sotto_bytes){wire.data, wire.size}));
    return parts.sframe.header.counter;
}

static void check_next(uint32_t secret_number, uint64_t counter) {
    struct wire wire = seal_frame(&sealer, SOTTO_CODEC_OPUS, opus, sizeof opus);
    struct sotto_wire_frame parts;
    CHECK(sotto_layout_parse(&parts, (struct sotto_bytes){wire.data, wire.size}));
    CHECK_EQ(parts.sframe.header.kid, kid_of(make_secret(secret_number)));
    CHECK_EQ(counter_of(wire), counter);
    free(wire.data);
}

TEST(the_counter_goes_on_across_new_keys_and_a_return_to_an_old_one) {
    begin();
    check_next(0, 0);
    check_next(0, 1);
    set_secret(&store, 1);
    check_next(1, 2);
    set_secret(&store, 0);
    check_next(0, 3);
    CHECK(sotto_key_store_remove(&store, kid_of(make_secret(0))));
    CHECK_EQ(seal_opus(), SOTTO_MISSING_KEY);
    set_secret(&store, 0);
    check_next(0, 4);
    sotto_key_store_wipe(&store);
    CHECK_EQ(seal_opus(), SOTTO_MISSING_KEY);
    set_secret(&store, 0);
    check_next(0, 5);
    struct sotto_room_secret next;
    struct sotto_room_secret secret = make_secret(0);
    CHECK_EQ(sotto_key_schedule_derive_next(&secret, &next), SOTTO_OK);
    CHECK_EQ(sotto_key_store_set_current(&store, &next), SOTTO_OK);
    struct wire wire = seal_frame(&sealer, SOTTO_CODEC_OPUS, opus, sizeof opus);
    CHECK_EQ(counter_of(wire), 6);
    free(wire.data);
    end();
}

TEST(a_sealer_without_a_secret_or_without_init_seals_nothing) {
    begin();
    sotto_key_store_wipe(&store);
    CHECK_EQ(seal_opus(), SOTTO_MISSING_KEY);
    sotto_sealer_wipe(&sealer);
    CHECK_EQ(seal_opus(), SOTTO_NOT_READY);
    sealer = (struct sotto_sealer){0};
    CHECK_EQ(seal_opus(), SOTTO_NOT_READY);
    sotto_sealer_handle_key_change(&sealer);
    sotto_sealer_wipe(&sealer);
    end();
}

TEST(init_refuses_a_bad_name_and_an_unknown_suite) {
    struct sotto_stream_name name = alice();
    struct sotto_stream_name bad_name = {0};
    sotto_key_store_init(&store);
    for (int suite = -1; suite < 10; suite++)
        CHECK_EQ(sotto_sealer_init(&sealer, &store, &name, (enum sotto_suite)suite),
                 suite == 4 || suite == 5);
    CHECK(!sotto_sealer_init(&sealer, &store, &bad_name, SUITE_4));
    set_secret(&store, 0);
    CHECK_EQ(seal_opus(), SOTTO_NOT_READY);
    end();
}

TEST(sealing_stops_at_two_to_the_32_frames_for_good) {
    begin();
    sealer.counter = SOTTO_FRAMES_MAX - 2; // sealing 2^32 frames takes 20 minutes
    struct wire wire = seal_frame(&sealer, SOTTO_CODEC_OPUS, opus, sizeof opus);
    CHECK_EQ(wire.size, sizeof opus + SOTTO_OVERHEAD_MAX);
    free(wire.data);
    check_next(0, SOTTO_FRAMES_MAX - 1);
    CHECK_EQ(seal_opus(), SOTTO_EXHAUSTED);
    set_secret(&store, 1);
    CHECK_EQ(seal_opus(), SOTTO_EXHAUSTED);
    CHECK_EQ(sealer.counter, SOTTO_FRAMES_MAX);
    end();
}

TEST(padding_stays_empty_and_is_not_counted) {
    begin();
    size_t size = 9;
    CHECK_EQ(sotto_sealer_seal(&sealer, SOTTO_CODEC_OPUS, false, (struct sotto_bytes){NULL, 0},
                               NULL, 0, &size),
             SOTTO_OK);
    CHECK_EQ(size, 0);
    CHECK_EQ(sealer.counter, 0);
    CHECK_EQ(sealer.state.passed, 0);
    struct sotto_stream_event event;
    CHECK(!sotto_sealer_poll_event(&sealer, 0, &event));
    end();
}

TEST(a_destination_one_byte_too_small_is_refused_and_uses_no_counter) {
    static const uint8_t vp8_delta[] = {0xb1, 5, 0, 0xc1, 7};
    begin();
    for (size_t frame_size = 1; frame_size <= sizeof vp8_delta; frame_size++) {
        struct sotto_bytes frame = {vp8_delta, frame_size};
        size_t exact = frame_size + SOTTO_OVERHEAD_MIN;
        size_t size;
        sealer.counter = 0;
        for (size_t capacity = 0; capacity < exact; capacity++)
            CHECK_EQ(seal_result(SOTTO_CODEC_VP8, frame, capacity, &size), SOTTO_TOO_SMALL);
        CHECK_EQ(sealer.counter, 0);
        CHECK_EQ(seal_result(SOTTO_CODEC_VP8, frame, exact, &size), SOTTO_OK);
        CHECK_EQ(size, exact);
        CHECK_EQ(sealer.counter, 1);
    }
    end();
}

TEST(overhead_is_22_to_26_bytes) {
    static const struct {
        uint64_t counter;
        size_t overhead;
    } rows[] = {{0, 22}, {7, 22}, {8, 23}, {255, 23}, {256, 24}, {65536, 25}, {1 << 24, 26}};
    begin();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        sealer.counter = rows[i].counter;
        struct wire wire = seal_frame(&sealer, SOTTO_CODEC_OPUS, opus, sizeof opus);
        CHECK_EQ(wire.size, sizeof opus + rows[i].overhead);
        free(wire.data);
    }
    end();
}

TEST(unknown_codecs_and_frames_too_large_are_refused) {
    static const int codecs[] = {-1, SOTTO_CODEC_AV1 + 1, 99};
    begin();
    size_t size;
    for (size_t i = 0; i < sizeof codecs / sizeof *codecs; i++)
        CHECK_EQ(seal_result((enum sotto_codec)codecs[i], (struct sotto_bytes){opus, sizeof opus},
                             64, &size),
                 SOTTO_INVALID);
    size_t most = SOTTO_FRAME_SIZE_MAX;
    uint8_t *large = calloc(1, most + 1);
    CHECK(large);
    CHECK_EQ(seal_result(SOTTO_CODEC_VP9, (struct sotto_bytes){large, most + 1}, most + 64, &size),
             SOTTO_INVALID);
    CHECK_EQ(seal_result(SOTTO_CODEC_VP9, (struct sotto_bytes){large, SIZE_MAX}, 64, &size),
             SOTTO_INVALID);
    CHECK_EQ(sealer.counter, 0);
    CHECK_EQ(seal_result(SOTTO_CODEC_VP9, (struct sotto_bytes){large, most}, most + 64, &size),
             SOTTO_OK);
    free(large);
    end();
}

TEST(two_sealers_that_differ_in_their_stream_id_alone_share_nothing) {
    struct sotto_stream_name first = make_name("room", "alice", 1, SOTTO_KIND_AUDIO);
    struct sotto_stream_name second = make_name("room", "alice", 2, SOTTO_KIND_AUDIO);
    struct sotto_sealer other;
    static const uint8_t zeros[64];
    sotto_key_store_init(&store);
    set_secret(&store, 0);
    CHECK(sotto_sealer_init(&sealer, &store, &first, SUITE_4));
    CHECK(sotto_sealer_init(&other, &store, &second, SUITE_4));
    struct wire a = seal_frame(&sealer, SOTTO_CODEC_OPUS, zeros, sizeof zeros);
    struct wire b = seal_frame(&other, SOTTO_CODEC_OPUS, zeros, sizeof zeros);
    CHECK_EQ(a.size, b.size);
    CHECK_BYTES(a.data, b.data, 5); // the header: same KID, same counter
    // The plaintext is zero, so the ciphertext is the key stream: no 8 bytes are the same.
    for (size_t i = 5; i + 8 < a.size; i++)
        CHECK(memcmp(a.data + i, b.data + i, 8) != 0);
    free(a.data);
    free(b.data);
    sotto_sealer_wipe(&other);
    end();
}

TEST(a_nonce_is_used_up_also_when_the_library_fails) {
    begin();
    CHECK_EQ(seal_opus(), SOTTO_OK);
    sotto_aead_wipe(&sealer.key.aead);
    CHECK_EQ(seal_opus(), SOTTO_INTERNAL);
    CHECK_EQ(sealer.counter, 2);
    end();
}

TEST(a_key_is_derived_on_change_only_and_dropped_on_request) {
    begin();
    check_next(0, 0);
    uint64_t generation = sealer.generation;
    struct sotto_room_secret hidden = store.entries[0].secret;
    store.entries[0].secret = make_secret(99); // not announced by the generation
    struct wire wire = seal_frame(&sealer, SOTTO_CODEC_OPUS, opus, sizeof opus);
    store.entries[0].secret = hidden;
    struct sotto_stream_name name = alice();
    struct sotto_opener opener;
    CHECK(sotto_opener_init(&opener, &store, &name, SUITE_4, SOTTO_LIVENESS_NOT_NEEDED));
    check_opens(&opener, wire, opus, sizeof opus);
    CHECK_EQ(sealer.generation, generation);

    sotto_sealer_handle_key_change(&sealer);
    CHECK(sealer.has_key);
    CHECK(sotto_key_store_remove(&store, kid_of(make_secret(0))));
    sotto_sealer_handle_key_change(&sealer);
    CHECK(!sealer.has_key);
    CHECK_EQ(seal_opus(), SOTTO_MISSING_KEY);
    free(wire.data);
    sotto_opener_wipe(&opener);
    end();
}

TEST(events_tell_success_missing_key_and_not_ready) {
    struct sotto_stream_event event;
    begin();
    CHECK_EQ(seal_opus(), SOTTO_OK);
    CHECK(sotto_sealer_poll_event(&sealer, 10, &event));
    CHECK_TEXT(sotto_state_text(event.state), "EncryptionSuccess");
    CHECK_EQ(event.kind, SOTTO_KIND_VIDEO);
    CHECK_EQ(event.kid, kid_of(make_secret(0)));
    CHECK_EQ(event.count, 1);

    CHECK(sotto_key_store_remove(&store, kid_of(make_secret(0))));
    CHECK_EQ(seal_opus(), SOTTO_MISSING_KEY);
    CHECK(!sotto_sealer_poll_event(&sealer, 20, &event));
    CHECK(sotto_sealer_poll_event(&sealer, 1020, &event));
    CHECK_TEXT(sotto_state_text(event.state), "EncryptionFailed");
    CHECK_TEXT(sotto_reason_text(event.reason), "missing-key");
    CHECK_EQ(event.kid, 0);
    CHECK_EQ(event.since_ms, 20);

    sotto_sealer_wipe(&sealer);
    CHECK_EQ(seal_opus(), SOTTO_NOT_READY);
    CHECK(sotto_sealer_poll_event(&sealer, 2020, &event));
    CHECK_TEXT(sotto_reason_text(event.reason), "not-ready");
    end();
}

int main(void) {
    RUN(seals_and_opens_every_row_byte_for_byte);
    RUN(the_counter_goes_on_across_new_keys_and_a_return_to_an_old_one);
    RUN(a_sealer_without_a_secret_or_without_init_seals_nothing);
    RUN(init_refuses_a_bad_name_and_an_unknown_suite);
    RUN(sealing_stops_at_two_to_the_32_frames_for_good);
    RUN(padding_stays_empty_and_is_not_counted);
    RUN(a_destination_one_byte_too_small_is_refused_and_uses_no_counter);
    RUN(overhead_is_22_to_26_bytes);
    RUN(unknown_codecs_and_frames_too_large_are_refused);
    RUN(two_sealers_that_differ_in_their_stream_id_alone_share_nothing);
    RUN(a_nonce_is_used_up_also_when_the_library_fails);
    RUN(a_key_is_derived_on_change_only_and_dropped_on_request);
    RUN(events_tell_success_missing_key_and_not_ready);
    return 0;
}
