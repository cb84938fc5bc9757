#include "core/livekit_sealer.h"

#include "tests/core/livekit_vectors.h"

static struct sotto_livekit_ring ring;
static struct sotto_livekit_sealer sealer;

static const uint8_t opus[] = {0x78, 0x7e, 0x4f, 0x3c, 0xb2, 0x0e, 0x3d, 0x88};

static void begin(uint16_t first_count) {
    livekit_init_ring(&ring, 0);
    livekit_set_key(&ring, 0, 1);
    livekit_init_sealer(&sealer, &ring, first_count);
}

static void end(void) {
    sotto_livekit_sealer_wipe(&sealer);
    sotto_livekit_ring_wipe(&ring);
}

static void check_row(const json_t *row) {
    livekit_row_ring(row, &ring);
    livekit_init_sealer(&sealer, &ring, (uint16_t)livekit_row_number(row, "send_count"));
    const struct sotto_livekit_frame_info info = livekit_row_info(row);
    size_t size, expected_size;
    uint8_t *frame = vectors_bytes(row, "plaintext_frame_hex", &size);
    uint8_t *expected = vectors_bytes(row, "encrypted_frame_hex", &expected_size);
    struct wire wire = livekit_seal(&sealer, &info, frame, size);
    CHECK_EQ(wire.size, expected_size);
    CHECK_BYTES(wire.data, expected, expected_size);
    CHECK(wire.size <= SOTTO_LIVEKIT_SEALED_SIZE_MAX(size));
    free(wire.data);
    free(frame);
    free(expected);
    end();
}

TEST(seals_what_livekit_seals) {
    livekit_each_row(check_row);
}

// LiveKit's way of escaping, byte by byte: what stands before the first byte does not matter to it.
static size_t escape_slowly(const uint8_t *input, size_t size, uint8_t *output) {
    size_t written = 0, zeros = 0;
    for (size_t i = 0; i < size; i++) {
        if (zeros >= 2 && input[i] <= 3) {
            output[written++] = 3;
            zeros = 0;
        }
        output[written++] = input[i];
        zeros = input[i] == 0 ? zeros + 1 : 0;
    }
    return written;
}

// A header that ends in two zeros, which an escaper that looked back would count.
TEST(escaping_begins_behind_the_header) {
    static const uint8_t frame[] = {0, 0, 0, 1, 0, 0, 1, 2, 3, 4, 5, 6};
    enum { HEADER = 6, REST = sizeof frame - HEADER };
    struct sotto_aead aead;
    size_t small_count = 0;
    begin(0);
    CHECK_EQ(sotto_aead_init(&aead, ring.places[0].keys[0].bytes, 16), SOTTO_OK);
    for (uint32_t i = 0; i < 2000; i++) {
        const struct sotto_livekit_frame_info info = {SOTTO_CODEC_H265, true, 0, i * 100};
        const struct sotto_livekit_iv iv = {info.ssrc, info.timestamp, (uint16_t)i};
        uint8_t plain[REST + SOTTO_LIVEKIT_OVERHEAD] = {0}, expected[2 * sizeof plain];
        uint8_t *nonce = plain + REST + SOTTO_AEAD_TAG_SIZE;
        sotto_livekit_frame_write_iv(&iv, nonce);
        CHECK_EQ(sotto_aead_seal(&aead, nonce, frame, HEADER, frame + HEADER, REST, plain,
                                 plain + REST),
                 SOTTO_OK);
        plain[sizeof plain - 2] = SOTTO_AEAD_NONCE_SIZE;
        const size_t expected_size = escape_slowly(plain, sizeof plain, expected);
        struct wire wire = livekit_seal(&sealer, &info, frame, sizeof frame);
        CHECK_EQ(wire.size, HEADER + expected_size);
        CHECK_BYTES(wire.data, frame, HEADER);
        CHECK_BYTES(wire.data + HEADER, expected, expected_size);
        small_count += plain[0] <= 3;
        free(wire.data);
    }
    CHECK(small_count > 10);
    sotto_aead_wipe(&aead);
    end();
}

// The sealed frame's nonce.
static struct sotto_livekit_iv seal_and_read(uint32_t ssrc, uint32_t timestamp) {
    const struct sotto_livekit_frame_info info = {SOTTO_CODEC_OPUS, false, ssrc, timestamp};
    struct wire wire = livekit_seal(&sealer, &info, opus, sizeof opus);
    struct sotto_livekit_sealed sealed;
    CHECK(sotto_livekit_frame_parse(&sealed, (struct sotto_bytes){wire.data + 1, wire.size - 1}));
    free(wire.data);
    CHECK_EQ(sealed.iv.ssrc, ssrc);
    CHECK_EQ(sealed.iv.timestamp, timestamp);
    return sealed.iv;
}

static enum sotto_result result_at(uint32_t ssrc, uint32_t timestamp) {
    const struct sotto_livekit_frame_info info = {SOTTO_CODEC_OPUS, false, ssrc, timestamp};
    uint8_t wire[64];
    size_t size;
    return sotto_livekit_sealer_seal(&sealer, &info, (struct sotto_bytes){opus, sizeof opus}, wire,
                                     sizeof wire, &size);
}

TEST(the_count_rises_by_one_for_every_ssrc_of_its_own) {
    begin(65533);
    CHECK_EQ(seal_and_read(1, 1000).count, 65533);
    CHECK_EQ(seal_and_read(1, 1000).count, 65534);
    CHECK_EQ(seal_and_read(2, 1000).count, 65533);
    CHECK_EQ(seal_and_read(1, 2000).count, 0);
    CHECK_EQ(seal_and_read(2, 0).count, 65534);
    CHECK_EQ(seal_and_read(1, 3000).count, 1);
    end();
    begin(65535);
    CHECK_EQ(seal_and_read(1, 1000).count, 0);
    end();
}

TEST(every_ssrc_begins_where_it_was_told) {
    uint16_t first_counts[SOTTO_LIVEKIT_SEALER_SSRCS_MAX];
    begin(0);
    for (uint16_t i = 0; i < SOTTO_LIVEKIT_SEALER_SSRCS_MAX; i++)
        first_counts[i] = (uint16_t)(i * 1000 + 7);
    CHECK(sotto_livekit_sealer_init(&sealer, &ring, SOTTO_KIND_VIDEO, first_counts));
    for (uint32_t i = 0; i < SOTTO_LIVEKIT_SEALER_SSRCS_MAX; i++)
        CHECK_EQ(seal_and_read(i, 5).count, i * 1000 + 7);
    CHECK_EQ(result_at(SOTTO_LIVEKIT_SEALER_SSRCS_MAX, 5), SOTTO_EXHAUSTED);
    CHECK_EQ(seal_and_read(0, 5).count, 8);
    sotto_livekit_sealer_wipe(&sealer);
    CHECK(!sotto_livekit_sealer_init(&sealer, &ring, (enum sotto_kind)0, first_counts));
    CHECK_EQ(result_at(0, 5), SOTTO_NOT_READY);
    end();
}

// All of 140,000 frames, over key changes and back.
TEST(no_nonce_comes_twice_under_a_key) {
    enum { COUNT = 140000 };
    static uint64_t nonces[COUNT];
    begin(40000);
    livekit_set_key(&ring, 1, 2);
    uint32_t timestamp = 0xfff00000;
    for (uint32_t i = 0; i < COUNT; i++) {
        if (i % 50000 == 0) // K1, K2, K1: both under the same SSRC
            CHECK(sotto_livekit_ring_use(&ring, i / 50000 % 2));
        timestamp += i % 3 == 0 ? 3000 : 0; // three spatial layers of one picture
        const struct sotto_livekit_iv iv = seal_and_read(1, timestamp);
        nonces[i] = (uint64_t)iv.timestamp << 16 | iv.count;
    }
    // The timestamps rise (over the end of 32 bits), so the same nonce would have a neighbour with
    // the same timestamp.
    for (uint32_t i = 0; i < COUNT; i++)
        for (uint32_t j = i + 1; j < COUNT && nonces[i] >> 16 == nonces[j] >> 16; j++)
            CHECK(nonces[i] != nonces[j]);
    end();
}

TEST(nothing_is_sealed_once_a_nonce_might_come_again) {
    // A timestamp that stands still: after 65,535 frames the count has been everywhere. The sealer
    // stops a frame earlier, at the end of its second epoch.
    begin(0);
    uint32_t frames = 0;
    while (result_at(1, 1000) == SOTTO_OK)
        frames++;
    CHECK_EQ(frames, 65534);
    CHECK_EQ(result_at(1, 1000), SOTTO_EXHAUSTED);
    CHECK_EQ(result_at(1, 999), SOTTO_EXHAUSTED);
    CHECK_EQ(result_at(1, 1001), SOTTO_OK);
    CHECK_EQ(result_at(2, 1000), SOTTO_OK);
    CHECK_EQ(sealer.state.failed_as[SOTTO_EXHAUSTED], 3);
    end();

    // All timestamps once, in leaps.
    begin(0);
    static const uint32_t leaps[] = {0x80000000, 0xfffffff0, 0x60000000, 0x7fffffff};
    for (size_t i = 0; i < 4; i++)
        CHECK_EQ(result_at(1, leaps[i]), SOTTO_OK);
    CHECK_EQ(result_at(1, 0x80000000), SOTTO_EXHAUSTED);
    CHECK_EQ(result_at(1, 0x80000001), SOTTO_EXHAUSTED);
    CHECK_EQ(result_at(1, 0x7ffffffe), SOTTO_OK);
    end();

    // What was backwards counts too.
    begin(0);
    static const uint32_t there_and_back[] = {0x80000000, 0x10, 0xa0000000, 0xf0000000, 0xf};
    for (size_t i = 0; i < 5; i++)
        CHECK_EQ(result_at(1, there_and_back[i]), SOTTO_OK);
    CHECK_EQ(result_at(1, 0x10), SOTTO_EXHAUSTED);
    CHECK_EQ(result_at(1, 0xf), SOTTO_OK);
    end();
}

TEST(frames_that_the_format_cannot_carry_are_refused) {
    static const struct {
        enum sotto_codec codec;
        bool is_key_frame;
        size_t size;
    } rows[] = {{SOTTO_CODEC_AV1, true, 8},   {SOTTO_CODEC_VP8, true, 8},
                {SOTTO_CODEC_VP8, false, 2},  {SOTTO_CODEC_H264, true, 8},
                {SOTTO_CODEC_OTHER, false, 1}, {(enum sotto_codec)99, false, 8},
                {SOTTO_CODEC_OPUS, false, (size_t)SOTTO_FRAME_SIZE_MAX + 1}};
    begin(0);
    uint8_t *frame = calloc(1, (size_t)SOTTO_FRAME_SIZE_MAX + 1);
    CHECK(frame);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct sotto_livekit_frame_info info = {rows[i].codec, rows[i].is_key_frame, 1, 2};
        uint8_t wire[64];
        size_t size = 99;
        memset(wire, 0xA5, sizeof wire);
        CHECK_EQ(sotto_livekit_sealer_seal(&sealer, &info,
                                           (struct sotto_bytes){frame, rows[i].size}, wire,
                                           sizeof wire, &size),
                 SOTTO_INVALID);
        CHECK_EQ(size, 0);
        CHECK_EQ(wire[0], 0);
        CHECK_EQ(wire[sizeof wire - 1], rows[i].size > 64 ? 0 : 0xA5);
    }
    CHECK_EQ(seal_and_read(1, 2).count, 0); // none of them used a count up
    free(frame);
    end();
}

TEST(a_destination_that_is_too_small_stays_empty) {
    static const uint8_t h264[] = {0, 0, 1, 0x67, 0x42, 0, 0, 1, 0x65, 0x88, 0, 0, 1, 2};
    begin(0);
    for (int codec = SOTTO_CODEC_OPUS; codec <= SOTTO_CODEC_H265; codec++) {
        const struct sotto_livekit_frame_info info = {(enum sotto_codec)codec, true, 1, 2};
        struct wire whole = livekit_seal(&sealer, &info, h264, sizeof h264);
        for (size_t capacity = 0; capacity < sizeof h264 + SOTTO_LIVEKIT_OVERHEAD; capacity++) {
            struct wire wire = copy_wire(whole.data, capacity);
            size_t size;
            CHECK_EQ(sotto_livekit_sealer_seal(&sealer, &info,
                                               (struct sotto_bytes){h264, sizeof h264}, wire.data,
                                               capacity, &size),
                     SOTTO_TOO_SMALL);
            CHECK_EQ(size, 0);
            for (size_t i = 0; i < capacity; i++)
                CHECK_EQ(wire.data[i], 0);
            free(wire.data);
        }
        free(whole.data);
    }
    end();
}

TEST(padding_stays_padding) {
    begin(0);
    const struct sotto_livekit_frame_info info = {SOTTO_CODEC_OPUS, false, 1, 2};
    size_t size = 99;
    CHECK_EQ(sotto_livekit_sealer_seal(&sealer, &info, (struct sotto_bytes){NULL, 0}, NULL, 0,
                                       &size),
             SOTTO_OK);
    CHECK_EQ(size, 0);
    CHECK_EQ(sealer.state.passed, 0);
    CHECK_EQ(seal_and_read(1, 2).count, 0);
    end();
}

// Also not in the place that others' rings begin with.
TEST(no_key_seals_that_was_not_made_current) {
    const struct sotto_livekit_frame_info info = {SOTTO_CODEC_OPUS, false, 1, 0};
    uint8_t wire[SOTTO_LIVEKIT_SEALED_SIZE_MAX(sizeof opus)];
    size_t size;
    livekit_init_ring(&ring, 2);
    livekit_init_sealer(&sealer, &ring, 0);
    for (size_t index = 0; index < 16; index++)
        CHECK_EQ(sotto_livekit_ring_set_raw(&ring, index, SOTTO_BYTES("a key"), false), SOTTO_OK);
    livekit_work(&ring);
    CHECK_EQ(sotto_livekit_sealer_seal(&sealer, &info, (struct sotto_bytes){opus, sizeof opus},
                                       wire, sizeof wire, &size),
             SOTTO_MISSING_KEY);
    CHECK(sotto_livekit_ring_use(&ring, 7));
    CHECK_EQ(sotto_livekit_sealer_seal(&sealer, &info, (struct sotto_bytes){opus, sizeof opus},
                                       wire, sizeof wire, &size),
             SOTTO_OK);
    CHECK_EQ(wire[size - 1], 7);
    end();
}

TEST(follows_the_ring) {
    livekit_init_ring(&ring, 0);
    livekit_init_sealer(&sealer, &ring, 0);
    CHECK_EQ(result_at(1, 1), SOTTO_MISSING_KEY);
    livekit_set_key(&ring, 3, 1);
    const struct sotto_livekit_frame_info info = {SOTTO_CODEC_OPUS, false, 1, 2};
    struct wire wire = livekit_seal(&sealer, &info, opus, sizeof opus);
    CHECK_EQ(wire.data[wire.size - 1], 3);
    free(wire.data);
    livekit_set_key(&ring, 15, 2);
    wire = livekit_seal(&sealer, &info, opus, sizeof opus);
    CHECK_EQ(wire.data[wire.size - 1], 15);
    free(wire.data);

    struct sotto_stream_event event;
    CHECK(sotto_livekit_sealer_poll_event(&sealer, 1000, &event));
    CHECK_EQ(event.state, SOTTO_STATE_ENCRYPTION_SUCCESS);
    CHECK_EQ(event.kind, SOTTO_KIND_VIDEO);
    CHECK_EQ(event.kid, 16);

    // A key that left the ring leaves the sealer, also while nothing is sealed.
    sotto_livekit_sealer_handle_key_change(&sealer);
    CHECK(sealer.key_id != 0);
    livekit_set_key(&ring, 15, 3);
    sotto_livekit_sealer_handle_key_change(&sealer);
    CHECK(sealer.key_id == 0);
    CHECK_EQ(result_at(1, 3), SOTTO_OK);
    sotto_livekit_sealer_wipe(&sealer);
    CHECK_EQ(result_at(1, 4), SOTTO_NOT_READY);
    end();
}

int main(void) {
    RUN(seals_what_livekit_seals);
    RUN(escaping_begins_behind_the_header);
    RUN(the_count_rises_by_one_for_every_ssrc_of_its_own);
    RUN(every_ssrc_begins_where_it_was_told);
    RUN(no_nonce_comes_twice_under_a_key);
    RUN(nothing_is_sealed_once_a_nonce_might_come_again);
    RUN(frames_that_the_format_cannot_carry_are_refused);
    RUN(a_destination_that_is_too_small_stays_empty);
    RUN(padding_stays_padding);
    RUN(no_key_seals_that_was_not_made_current);
    RUN(follows_the_ring);
    return 0;
}
