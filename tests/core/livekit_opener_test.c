#include "core/livekit_opener.h"

#include "tests/core/livekit_vectors.h"

static struct sotto_livekit_ring ring;         // the receiver's
static struct sotto_livekit_ring sending_ring; // the sender's
static struct sotto_livekit_replay replay;
static struct sotto_livekit_sealer sealer;
static struct sotto_livekit_opener opener;
static uint32_t timestamp;

static const uint8_t opus[] = {0x78, 0x7e, 0x4f, 0x3c, 0xb2, 0x0e, 0x3d, 0x88};
static const uint8_t vp8_key[] = {0x10, 2, 0, 0x9d, 1, 0x2a, 0x80, 2, 0xe0, 1, 0x0e, 0xd3, 0x2d};
static const uint8_t vp8_delta[] = {0xb1, 5, 0, 0xc1, 7, 0xdf};
static const uint8_t h264[] = {0, 0, 0, 1, 0x67, 0x42, 0xc0, 0, 0, 0, 1, 0x68, 0x87,
                               0, 0, 0, 1, 0x65, 0x88, 1, 2, 3};
static const uint8_t h265[] = {0, 0, 0, 1, 0x40, 1, 7, 0, 0, 0, 1, 0x26, 1, 0xaf, 2, 3};

static void begin_window(size_t window, int failure_tolerance) {
    memset(&replay, 0, sizeof replay);
    livekit_init_ring(&ring, window);
    livekit_init_ring(&sending_ring, 0);
    livekit_set_key(&ring, 0, 1);
    livekit_set_key(&sending_ring, 0, 1);
    livekit_work(&ring);
    livekit_init_sealer(&sealer, &sending_ring, 65000);
    CHECK(sotto_livekit_opener_init(&opener, &ring, &replay, SOTTO_KIND_VIDEO,
                                    failure_tolerance));
    timestamp = 90000;
}

static void begin(void) {
    begin_window(0, -1);
}

static void end(void) {
    sotto_livekit_opener_wipe(&opener);
    sotto_livekit_sealer_wipe(&sealer);
    sotto_livekit_ring_wipe(&ring);
    sotto_livekit_ring_wipe(&sending_ring);
}

static struct wire seal_codec(enum sotto_codec codec, bool is_key_frame,
                                      const uint8_t *frame, size_t size) {
    const struct sotto_livekit_frame_info info = {codec, is_key_frame, 1, timestamp += 3000};
    return livekit_seal(&sealer, &info, frame, size);
}

static struct wire seal_opus(void) {
    return seal_codec(SOTTO_CODEC_OPUS, false, opus, sizeof opus);
}

static enum sotto_result open_opus(struct wire wire) {
    return livekit_result(&opener, SOTTO_CODEC_OPUS, false, wire);
}

// Seals and opens one frame.
static enum sotto_result pass_opus(void) {
    struct wire wire = seal_opus();
    const enum sotto_result result = open_opus(wire);
    free(wire.data);
    return result;
}

static void check_row(const json_t *row) {
    memset(&replay, 0, sizeof replay);
    livekit_row_ring(row, &ring);
    CHECK(sotto_livekit_opener_init(&opener, &ring, &replay, SOTTO_KIND_VIDEO, -1));
    size_t size, wire_size;
    // A start code of three bytes comes back as four.
    const bool has_own = json_object_get(row, "decrypted_by_livekit_hex") != NULL;
    uint8_t *frame = vectors_bytes(
        row, has_own ? "decrypted_by_livekit_hex" : "plaintext_frame_hex", &size);
    uint8_t *bytes = vectors_bytes(row, "encrypted_frame_hex", &wire_size);
    const struct wire wire = {bytes, wire_size};
    const enum sotto_codec codec = livekit_row_codec(row);
    const bool is_key_frame = livekit_row_is_key_frame(row);
    livekit_check_opens(&opener, codec, is_key_frame, wire, frame, size);
    CHECK_EQ(livekit_result(&opener, codec, is_key_frame, wire), SOTTO_REPLAYED);
    // And without knowing anything of it.
    memset(&replay, 0, sizeof replay);
    livekit_check_opens(&opener, SOTTO_CODEC_OTHER, false, wire, frame, size);
    sotto_livekit_opener_wipe(&opener);
    sotto_livekit_ring_wipe(&ring);
    free(frame);
    free(bytes);
}

TEST(opens_what_livekit_sealed) {
    livekit_each_row(check_row);
}

TEST(opens_what_was_sealed) {
    static const struct {
        enum sotto_codec codec;
        bool is_key_frame;
        const uint8_t *frame;
        size_t size;
    } rows[] = {
        {SOTTO_CODEC_OPUS, false, opus, sizeof opus}, {SOTTO_CODEC_OPUS, false, opus, 1},
        {SOTTO_CODEC_RED, false, opus, 4},            {SOTTO_CODEC_VP8, true, vp8_key, 13},
        {SOTTO_CODEC_VP8, true, vp8_key, 10},         {SOTTO_CODEC_VP8, false, vp8_delta, 6},
        {SOTTO_CODEC_VP8, false, vp8_delta, 3},       {SOTTO_CODEC_VP9, true, vp8_key, 13},
        {SOTTO_CODEC_VP9, false, vp8_key, 1},         {SOTTO_CODEC_H264, true, h264, 22},
        {SOTTO_CODEC_H264, false, h264 + 13, 9},      {SOTTO_CODEC_H264, true, h264, 13},
        {SOTTO_CODEC_H264, false, h264, 3},           {SOTTO_CODEC_H265, true, h265, 16},
        {SOTTO_CODEC_H265, false, h265 + 7, 9},       {SOTTO_CODEC_OTHER, true, h264, 22},
        {SOTTO_CODEC_OTHER, true, vp8_key, 13},
    };
    begin();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct wire wire =
            seal_codec(rows[i].codec, rows[i].is_key_frame, rows[i].frame, rows[i].size);
        livekit_check_opens(&opener, rows[i].codec, rows[i].is_key_frame, wire, rows[i].frame,
                            rows[i].size);
        free(wire.data);
    }
    end();
}

// Ciphertext cannot be chosen, so these are so many frames that some need escaping here and there.
TEST(escapes_wherever_they_fall) {
    begin();
    uint8_t frame[600];
    size_t escaped_count = 0;
    memcpy(frame, h264, sizeof h264);
    memset(frame + sizeof h264, 0, sizeof frame - sizeof h264);
    for (unsigned i = 0; i < 3000; i++) {
        const size_t size = sizeof h264 + i % (sizeof frame - sizeof h264);
        struct wire wire = seal_codec(SOTTO_CODEC_H264, true, frame, size);
        escaped_count += wire.size > size + SOTTO_LIVEKIT_OVERHEAD;
        livekit_check_opens(&opener, SOTTO_CODEC_H264, true, wire, frame, size);
        free(wire.data);
    }
    CHECK(escaped_count > 100); // the nonce alone has three zeros in a row
    end();
}

// Cut at every place and with every single bit flipped, the frame never opens, and opens still
// after all that. Only the key index is not authenticated: it leads to no key here.
static void check_damaged(enum sotto_codec codec, bool is_key_frame, const uint8_t *frame,
                          size_t size) {
    begin();
    struct wire wire = seal_codec(codec, is_key_frame, frame, size);
    for (size_t cut = 1; cut < wire.size; cut++) {
        struct wire shorter = copy_wire(wire.data, cut);
        const enum sotto_result result = livekit_result(&opener, codec, is_key_frame, shorter);
        CHECK(result == SOTTO_NOT_SEALED || result == SOTTO_TAMPERED ||
              result == SOTTO_MISSING_KEY);
        free(shorter.data);
    }
    for (size_t bit = 0; bit < 8 * wire.size; bit++) {
        wire.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        const enum sotto_result result = livekit_result(&opener, codec, is_key_frame, wire);
        CHECK(result == SOTTO_NOT_SEALED || result == SOTTO_TAMPERED ||
              result == SOTTO_MISSING_KEY);
        wire.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    livekit_check_opens(&opener, codec, is_key_frame, wire, frame, size);
    free(wire.data);
    end();
}

TEST(no_cut_and_no_flipped_bit_opens) {
    check_damaged(SOTTO_CODEC_OPUS, false, opus, sizeof opus);
    check_damaged(SOTTO_CODEC_OPUS, false, opus, 1);
    check_damaged(SOTTO_CODEC_VP8, true, vp8_key, sizeof vp8_key);
    check_damaged(SOTTO_CODEC_VP9, true, vp8_key, sizeof vp8_key);
    check_damaged(SOTTO_CODEC_H264, true, h264, sizeof h264);
    check_damaged(SOTTO_CODEC_H265, true, h265, sizeof h265);
}

// LiveKit reads a frame whose escapes were taken out, or that was given more; here only what an
// escaper writes is a frame.
TEST(a_second_spelling_does_not_open) {
    begin();
    // The nonce 00 00 00 01, 00 00 00 02, ...: escaped in two places at least.
    const struct sotto_livekit_frame_info info = {SOTTO_CODEC_H264, true, 1, 2};
    livekit_init_sealer(&sealer, &sending_ring, 0);
    struct wire wire = livekit_seal(&sealer, &info, h264, sizeof h264);
    CHECK(wire.size >= sizeof h264 + SOTTO_LIVEKIT_OVERHEAD + 2);
    for (size_t i = 19; i + 2 < wire.size; i++) {
        if (wire.data[i] != 0 || wire.data[i + 1] != 0 || wire.data[i + 2] != 3)
            continue;
        struct wire other = copy_wire(wire.data, wire.size);
        memmove(other.data + i + 2, other.data + i + 3, wire.size - i - 3);
        other.size--;
        const enum sotto_result result = livekit_result(&opener, SOTTO_CODEC_H264, true, other);
        CHECK(result == SOTTO_TAMPERED || result == SOTTO_NOT_SEALED);
        free(other.data);
    }
    livekit_check_opens(&opener, SOTTO_CODEC_H264, true, wire, h264, sizeof h264);
    free(wire.data);
    end();
}

// A frame without a slice, whose first ciphertext byte makes one: LiveKit's own receiver loses it.
TEST(ciphertext_that_looks_like_a_slice_does_not_mislead) {
    static const uint8_t frame[] = {0, 0, 0, 1, 0x67, 0x42, 0, 0, 0, 1, 0x68, 0x87};
    size_t misleading_count = 0;
    begin();
    for (unsigned i = 0; i < 300; i++) {
        struct wire wire = seal_codec(SOTTO_CODEC_H264, true, frame, sizeof frame);
        struct sotto_livekit_split split;
        CHECK_EQ(sotto_livekit_frame_split(SOTTO_CODEC_H264, true,
                                           (struct sotto_bytes){wire.data, wire.size}, &split),
                 SOTTO_OK);
        misleading_count += split.is_escaped;
        livekit_check_opens(&opener, SOTTO_CODEC_H264, true, wire, frame, sizeof frame);
        free(wire.data);
    }
    CHECK(misleading_count > 10);
    end();
}

// Here what was sealed has a slice of H.265 with two zeros behind it, which the first ciphertext
// byte makes a start code of.
TEST(ciphertext_that_looks_like_another_codecs_slice_does_not_mislead) {
    static const uint8_t frame[] = {0, 0, 0, 1, 0, 0, 7, 8, 9, 10, 11, 12};
    size_t misleading_count = 0;
    begin();
    for (unsigned i = 0; i < 20000; i++) {
        struct wire wire = seal_codec(SOTTO_CODEC_H265, true, frame, sizeof frame);
        struct sotto_livekit_split split;
        CHECK_EQ(sotto_livekit_frame_split(SOTTO_CODEC_H265, true,
                                           (struct sotto_bytes){wire.data, wire.size}, &split),
                 SOTTO_OK);
        misleading_count += split.header_size != 6;
        livekit_check_opens(&opener, SOTTO_CODEC_H265, true, wire, frame, sizeof frame);
        free(wire.data);
    }
    CHECK(misleading_count > 3);
    end();
}

TEST(bytes_that_no_sealer_writes_are_told_from_altered_ones) {
    uint8_t index_two[64] = {0};
    index_two[62] = 12;
    index_two[63] = 2;
    begin();
    CHECK_EQ(open_opus((struct wire){index_two, 64}), SOTTO_MISSING_KEY);
    CHECK_EQ(opener.state.failed_kid, 3);
    index_two[63] = 16; // beyond the ring
    CHECK_EQ(open_opus((struct wire){index_two, 64}), SOTTO_MISSING_KEY);
    index_two[63] = 0;
    CHECK_EQ(open_opus((struct wire){index_two, 64}), SOTTO_TAMPERED);
    index_two[62] = 13;
    CHECK_EQ(open_opus((struct wire){index_two, 64}), SOTTO_NOT_SEALED);
    CHECK_EQ(opener.state.failed_kid, 0);
    CHECK_EQ(open_opus((struct wire){index_two, 29}), SOTTO_NOT_SEALED);
    CHECK_EQ(livekit_result(&opener, SOTTO_CODEC_AV1, true,
                            (struct wire){index_two, 64}),
             SOTTO_INVALID);
    end();
}

TEST(what_the_server_injects_is_dropped_whatever_it_is) {
    static const uint8_t silence[] = {0xf8, 0xff, 0xfe, 0, 0, 'S', 'I', 'F', '0', '1'};
    const struct sotto_bytes trailer = SOTTO_BYTES("SIF01");
    begin();
    CHECK(sotto_livekit_opener_set_trailer(&opener, trailer));
    CHECK_EQ(open_opus((struct wire){(uint8_t *)silence, sizeof silence}),
             SOTTO_NOT_SEALED);
    // Also what would open: a sealed frame that ends so.
    struct wire wire = seal_opus();
    CHECK(sotto_livekit_opener_set_trailer(&opener,
                                           (struct sotto_bytes){wire.data + wire.size - 2, 2}));
    CHECK_EQ(open_opus(wire), SOTTO_NOT_SEALED);
    CHECK(sotto_livekit_opener_set_trailer(&opener, (struct sotto_bytes){NULL, 0}));
    CHECK_EQ(open_opus(wire), SOTTO_OK);
    free(wire.data);
    const uint8_t long_trailer[SOTTO_LIVEKIT_TRAILER_SIZE_MAX + 1] = {0};
    CHECK(sotto_livekit_opener_set_trailer(
        &opener, (struct sotto_bytes){long_trailer, SOTTO_LIVEKIT_TRAILER_SIZE_MAX}));
    CHECK(!sotto_livekit_opener_set_trailer(
        &opener, (struct sotto_bytes){long_trailer, sizeof long_trailer}));
    end();
}

TEST(a_frame_opens_once_for_all_openers) {
    static struct sotto_livekit_opener other;
    begin();
    CHECK(sotto_livekit_opener_init(&other, &ring, &replay, SOTTO_KIND_AUDIO, -1));
    struct wire wires[40];
    for (size_t i = 0; i < 40; i++)
        wires[i] = seal_opus();
    for (size_t i = 40; i-- > 0;) // the last one first
        CHECK_EQ(open_opus(wires[i]), SOTTO_OK);
    for (size_t i = 0; i < 40; i++) {
        CHECK_EQ(open_opus(wires[i]), SOTTO_REPLAYED);
        CHECK_EQ(livekit_result(&other, SOTTO_CODEC_OPUS, false, wires[i]), SOTTO_REPLAYED);
        free(wires[i].data);
    }
    CHECK_EQ(opener.state.replayed, 40);
    CHECK_EQ(opener.state.failed, 0);
    sotto_livekit_opener_wipe(&other);
    end();
}

// An opener that ends takes nothing with it: what a new one opens is new.
TEST(a_new_opener_remembers_what_was_opened) {
    begin();
    struct wire first = seal_opus(), second = seal_opus();
    CHECK_EQ(open_opus(first), SOTTO_OK);
    sotto_livekit_opener_wipe(&opener);
    CHECK(sotto_livekit_opener_init(&opener, &ring, &replay, SOTTO_KIND_VIDEO, -1));
    CHECK_EQ(open_opus(first), SOTTO_REPLAYED);
    CHECK_EQ(open_opus(second), SOTTO_OK);
    free(first.data);
    free(second.data);
    end();
}

// The key index is nobody's but the server's to choose: where two places hold the same key, a frame
// still opens once.
TEST(the_same_key_in_two_places_opens_a_frame_once) {
    begin();
    livekit_set_key(&ring, 5, 1);
    struct wire wire = seal_opus();
    CHECK_EQ(open_opus(wire), SOTTO_OK);
    wire.data[wire.size - 1] = 5;
    CHECK_EQ(open_opus(wire), SOTTO_REPLAYED);
    // Nor does a key forget when it is set again, or by a way round.
    livekit_set_key(&ring, 5, 9);
    livekit_set_key(&ring, 5, 1);
    CHECK_EQ(open_opus(wire), SOTTO_REPLAYED);
    free(wire.data);
    end();
}

TEST(places_of_the_ring_open_side_by_side) {
    begin();
    struct wire before = seal_opus();
    livekit_set_key(&ring, 1, 2);
    livekit_set_key(&sending_ring, 1, 2);
    CHECK_EQ(pass_opus(), SOTTO_OK);
    CHECK_EQ(opener.state.passed_kid, 2);
    CHECK_EQ(open_opus(before), SOTTO_OK);
    CHECK_EQ(opener.state.passed_kid, 1);
    free(before.data);
    before = seal_opus();
    livekit_set_key(&ring, 1, 3);
    CHECK_EQ(open_opus(before), SOTTO_TAMPERED);
    CHECK_EQ(opener.state.passed_kid, 1);
    free(before.data);
    end();
}

TEST(a_sender_who_ratchets_is_followed_within_the_window) {
    for (size_t steps = 1; steps <= 4; steps++) {
        size_t index;
        begin_window(3, -1);
        struct wire before = seal_opus();
        for (size_t i = 0; i < steps; i++)
            CHECK_EQ(sotto_livekit_ring_ratchet(&sending_ring, 0), SOTTO_OK);
        livekit_work(&sending_ring);
        CHECK_EQ(pass_opus(), steps <= 3 ? SOTTO_OK : SOTTO_TAMPERED);
        CHECK_EQ(sotto_livekit_ring_poll_ratcheted(&ring, &index), steps <= 3);
        CHECK_EQ(open_opus(before), SOTTO_OK); // was on its way
        free(before.data);
        before = seal_opus();
        sotto_livekit_ring_end_previous(&ring);
        sotto_livekit_opener_handle_key_change(&opener);
        CHECK_EQ(open_opus(before), steps <= 3 ? SOTTO_OK : SOTTO_TAMPERED);
        free(before.data);
        livekit_work(&ring);
        CHECK_EQ(sotto_livekit_ring_find(&ring, 0)->ready_count, 4);
        end();
    }
}

// An old place that goes forward does not become the one to seal with: who was given a new place to
// shut somebody out must not be led back by what that one seals.
TEST(following_a_sender_does_not_change_what_seals) {
    begin_window(3, -1);
    livekit_set_key(&ring, 1, 2);
    CHECK_EQ(sotto_livekit_ring_ratchet(&sending_ring, 0), SOTTO_OK);
    livekit_work(&sending_ring);
    CHECK_EQ(pass_opus(), SOTTO_OK);
    CHECK_EQ(ring.current, 1);
    end();
}

// Without the window nothing is derived because a frame fails, and the place stays where it is.
TEST(without_a_window_nobody_is_followed) {
    begin();
    CHECK_EQ(sotto_livekit_ring_ratchet(&sending_ring, 0), SOTTO_OK);
    livekit_work(&sending_ring);
    for (size_t i = 0; i < 5; i++)
        CHECK_EQ(pass_opus(), SOTTO_TAMPERED);
    enum sotto_result result;
    CHECK(sotto_livekit_ring_work(&ring, 1, &result));
    CHECK_EQ(sotto_livekit_ring_ratchet(&ring, 0), SOTTO_OK);
    livekit_work(&ring);
    CHECK_EQ(pass_opus(), SOTTO_OK);
    end();
}

// With PBKDF2 the window is found ready or not at all: no frame ever waits for 100,000 rounds.
TEST(a_forged_frame_derives_nothing) {
    const struct sotto_livekit_options options = {LIVEKIT_SALT, 16, 16, 2};
    enum sotto_result result;
    begin();
    sotto_livekit_ring_wipe(&ring);
    CHECK(livekit_init_options(&ring, &options));
    CHECK_EQ(sotto_livekit_ring_begin_text(&ring, 0, SOTTO_BYTES("text"), true), SOTTO_OK);
    while (sotto_livekit_ring_is_setting(&ring))
        (void)sotto_livekit_ring_work(&ring, 100000, &result);
    for (size_t i = 0; i < 50; i++)
        CHECK_EQ(pass_opus(), SOTTO_TAMPERED);
    CHECK(!ring.is_working);
    CHECK_EQ(sotto_livekit_ring_find(&ring, 0)->ready_count, 1);
    end();
}

// The sender takes a step of the ratchet: how many frames go by before one opens.
static size_t count_lost_after_step(void) {
    CHECK_EQ(sotto_livekit_ring_ratchet(&sending_ring, 0), SOTTO_OK);
    livekit_work(&sending_ring);
    size_t lost = 0;
    while (pass_opus() != SOTTO_OK)
        lost++;
    return lost;
}

// Forged frames, however many, end nothing: the key in use is tried with every frame, and the
// window with one in 16.
TEST(forged_frames_silence_nobody) {
    static const int tolerances[] = {-1, 0, 3, 1000};
    for (size_t i = 0; i < 4; i++) {
        begin_window(2, tolerances[i]);
        struct wire forged = seal_opus();
        forged.data[3] ^= 1;
        for (size_t j = 0; j < 500; j++)
            CHECK_EQ(open_opus(forged), SOTTO_TAMPERED);
        CHECK_EQ(pass_opus(), SOTTO_OK);
        for (size_t j = 0; j < 501; j++)
            CHECK_EQ(open_opus(forged), SOTTO_TAMPERED);
        const size_t lost = count_lost_after_step();
        CHECK(tolerances[i] == 1000 ? lost == 0 : lost == 11); // the 512th that failed in a row
        free(forged.data);
        end();
    }
}

// A tolerance of n: with n failures in a row behind it the next frame still tries the window, with
// one more it does not, until one in 16 does.
TEST(the_tolerance_ends_where_it_says) {
    static const struct {
        int tolerance;
        size_t failures;
        size_t lost;
    } rows[] = {
        {0, 0, 0}, {0, 1, 15}, {3, 3, 0}, {3, 4, 12}, {-1, 10, 0}, {-1, 11, 5}, {-7, 11, 5},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        begin_window(2, rows[i].tolerance);
        struct wire forged = seal_opus();
        forged.data[3] ^= 1;
        for (size_t j = 0; j < rows[i].failures; j++)
            CHECK_EQ(open_opus(forged), SOTTO_TAMPERED);
        CHECK_EQ(count_lost_after_step(), rows[i].lost);
        free(forged.data);
        end();
    }
}

TEST(a_destination_that_is_too_small_opens_nothing) {
    begin();
    struct wire wire = seal_opus();
    uint8_t frame[64];
    size_t size;
    memset(frame, 0xA5, sizeof frame);
    CHECK_EQ(sotto_livekit_opener_open(&opener, SOTTO_CODEC_OPUS, false,
                                       (struct sotto_bytes){wire.data, wire.size}, frame,
                                       wire.size - 1, &size),
             SOTTO_TOO_SMALL);
    for (size_t i = 0; i < sizeof frame; i++)
        CHECK_EQ(frame[i], i < wire.size - 1 ? 0 : 0xA5);
    CHECK_EQ(open_opus(wire), SOTTO_OK);
    CHECK_EQ(sotto_livekit_opener_open(&opener, SOTTO_CODEC_OPUS, false,
                                       (struct sotto_bytes){NULL, 0}, NULL, 0, &size),
             SOTTO_OK);
    CHECK_EQ(size, 0);
    CHECK_EQ(opener.state.passed, 1);
    free(wire.data);
    end();
    CHECK_EQ(open_opus((struct wire){NULL, 0}), SOTTO_NOT_READY);
}

TEST(keys_that_left_the_ring_leave_the_opener) {
    begin();
    CHECK_EQ(pass_opus(), SOTTO_OK);
    sotto_livekit_opener_handle_key_change(&opener);
    CHECK(opener.keys[0].id != 0);
    livekit_set_key(&ring, 0, 2);
    sotto_livekit_opener_handle_key_change(&opener);
    for (size_t i = 0; i < SOTTO_READY_KEYS_MAX; i++)
        CHECK(opener.keys[i].id == 0);

    struct sotto_stream_event event;
    CHECK(sotto_livekit_opener_poll_event(&opener, 1000, &event));
    CHECK_EQ(event.state, SOTTO_STATE_DECRYPTION_SUCCESS);
    CHECK_EQ(event.kid, 1);
    sotto_livekit_opener_wipe(&opener);
    CHECK_EQ(pass_opus(), SOTTO_NOT_READY);
    CHECK(!sotto_livekit_opener_init(&opener, &ring, &replay, (enum sotto_kind)9, -1));
    CHECK_EQ(pass_opus(), SOTTO_NOT_READY);
    end();
}

int main(void) {
    RUN(opens_what_livekit_sealed);
    RUN(opens_what_was_sealed);
    RUN(escapes_wherever_they_fall);
    RUN(no_cut_and_no_flipped_bit_opens);
    RUN(a_second_spelling_does_not_open);
    RUN(ciphertext_that_looks_like_a_slice_does_not_mislead);
    RUN(ciphertext_that_looks_like_another_codecs_slice_does_not_mislead);
    RUN(bytes_that_no_sealer_writes_are_told_from_altered_ones);
    RUN(what_the_server_injects_is_dropped_whatever_it_is);
    RUN(a_frame_opens_once_for_all_openers);
    RUN(a_new_opener_remembers_what_was_opened);
    RUN(the_same_key_in_two_places_opens_a_frame_once);
    RUN(places_of_the_ring_open_side_by_side);
    RUN(a_sender_who_ratchets_is_followed_within_the_window);
    RUN(following_a_sender_does_not_change_what_seals);
    RUN(without_a_window_nobody_is_followed);
    RUN(a_forged_frame_derives_nothing);
    RUN(forged_frames_silence_nobody);
    RUN(the_tolerance_ends_where_it_says);
    RUN(a_destination_that_is_too_small_opens_nothing);
    RUN(keys_that_left_the_ring_leave_the_opener);
    return 0;
}
