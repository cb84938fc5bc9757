// The format "livekit" of libsotto, against the shared library.
#include "sotto/sotto.h"
#include "tests/vectors.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>

static size_t lock_count;

// In the place of libc's, for the library too.
int pthread_mutex_lock(pthread_mutex_t *mutex) {
    static int (*next)(pthread_mutex_t *);
    if (!next)
        *(void **)&next = dlsym(RTLD_NEXT, "pthread_mutex_lock");
    lock_count++;
    return next(mutex);
}

static const char *text_of(const json_t *row, const char *field) {
    return json_string_value(json_object_get(row, field));
}

static size_t number_of(const json_t *row, const char *field) {
    return (size_t)json_integer_value(json_object_get(row, field));
}

static void finish(struct sotto_livekit_keys *keys) {
    bool is_done = false;
    while (!is_done)
        CHECK_EQ(sotto_livekit_keys_work(keys, 1000, &is_done), SOTTO_OK);
}

static void set_text(struct sotto_livekit_keys *keys, size_t index, const char *text) {
    CHECK_EQ(sotto_livekit_keys_set(keys, index, SOTTO_LIVEKIT_PBKDF2, sotto_bytes_of_text(text),
                                    true),
             SOTTO_OK);
    finish(keys);
}

static struct sotto_livekit_keys *row_keys(const json_t *row) {
    struct sotto_livekit_options options = {
        .salt = sotto_bytes_of_text(text_of(row, "salt_utf8")),
        .key_size = number_of(row, "key_size_bits") / 8,
        .ring_size = 16,
    };
    struct sotto_livekit_keys *keys = sotto_livekit_keys_create(&options, NULL);
    CHECK(keys);
    size_t index = number_of(row, "key_index"), size;
    uint8_t *material = vectors_bytes(row, "key_hex", &size);
    bool is_hkdf = strcmp(text_of(row, "kdf"), "HKDF") == 0;
    CHECK_EQ(sotto_livekit_keys_set(keys, index,
                                    is_hkdf ? SOTTO_LIVEKIT_HKDF : SOTTO_LIVEKIT_PBKDF2,
                                    (struct sotto_bytes){material, size}, true),
             SOTTO_OK);
    finish(keys);
    for (size_t step = 0; step < number_of(row, "ratchet_steps"); step++) {
        CHECK_EQ(sotto_livekit_keys_ratchet(keys, index), SOTTO_OK);
        finish(keys);
    }
    free(material);
    return keys;
}

static void open_row(const json_t *row) {
    struct sotto_livekit_keys *keys = row_keys(row);
    struct sotto_livekit_frame_opener *opener =
        sotto_livekit_frame_opener_create(keys, SOTTO_KIND_VIDEO, -1);
    size_t wire_size, expected_size, size;
    uint8_t *wire = vectors_bytes(row, "encrypted_frame_hex", &wire_size);
    uint8_t *expected = vectors_bytes(row, "decrypted_by_livekit_hex", &expected_size);
    uint8_t *frame = malloc(wire_size);
    struct sotto_bytes received = {wire, wire_size};
    CHECK_EQ(sotto_livekit_frame_opener_open(opener, SOTTO_CODEC_OTHER, false, received, frame,
                                             wire_size, &size),
             SOTTO_OK);
    CHECK_EQ(size, expected_size);
    CHECK_BYTES(frame, expected, size);
    CHECK_EQ(sotto_livekit_frame_opener_open(opener, SOTTO_CODEC_OTHER, false, received, frame,
                                             wire_size, &size),
             SOTTO_REPLAYED);
    CHECK_EQ(sotto_livekit_frame_opener_count(opener, SOTTO_OK), 1);
    CHECK_EQ(sotto_livekit_frame_opener_count(opener, SOTTO_REPLAYED), 1);
    free(wire);
    free(expected);
    free(frame);
    sotto_livekit_frame_opener_destroy(opener);
    sotto_livekit_keys_destroy(keys);
}

TEST(opens_the_rows_of_the_vectors) {
    json_t *root = vectors_load("livekit_frames.json");
    size_t index, count = 0;
    json_t *row;
    json_array_foreach(json_object_get(root, "vectors"), index, row) {
        open_row(row);
        count++;
    }
    CHECK_EQ(count, 17);
    json_decref(root);
}

static struct sotto_livekit_keys *make_keys(size_t ratchet_window,
                                            struct sotto_livekit_keys *meeting) {
    struct sotto_livekit_options options = {.salt = sotto_bytes_of_text("LKFrameEncryptionKey"),
                                            .key_size = 16,
                                            .ring_size = 16,
                                            .ratchet_window = ratchet_window};
    struct sotto_livekit_keys *keys = sotto_livekit_keys_create(&options, meeting);
    CHECK(keys);
    return keys;
}

enum { FRAME_SIZE = 50, WIRE_CAPACITY = 200 };

struct wire {
    uint8_t data[WIRE_CAPACITY];
    size_t size;
};

static enum sotto_result seal(struct sotto_livekit_frame_sealer *sealer, uint32_t timestamp,
                              struct wire *wire) {
    uint8_t frame[FRAME_SIZE];
    memset(frame, (int)timestamp, sizeof frame);
    struct sotto_livekit_frame_info info = {
        .codec = SOTTO_CODEC_OPUS, .ssrc = 7, .timestamp = timestamp};
    return sotto_livekit_frame_sealer_seal(sealer, &info, (struct sotto_bytes){frame, FRAME_SIZE},
                                           wire->data,
                                           sotto_livekit_frame_sealer_size_max(FRAME_SIZE),
                                           &wire->size);
}

static enum sotto_result open_wire(struct sotto_livekit_frame_opener *opener,
                                   const struct wire *wire) {
    uint8_t frame[WIRE_CAPACITY];
    size_t size;
    enum sotto_result result = sotto_livekit_frame_opener_open(
        opener, SOTTO_CODEC_OPUS, false, (struct sotto_bytes){wire->data, wire->size}, frame,
        sizeof frame, &size);
    CHECK_EQ(size, result == SOTTO_OK ? FRAME_SIZE : 0);
    return result;
}

TEST(seals_what_opens_and_remembers_it_for_the_whole_meeting) {
    struct sotto_livekit_keys *keys = make_keys(0, NULL), *own = make_keys(0, keys);
    struct sotto_livekit_frame_sealer *sealer =
        sotto_livekit_frame_sealer_create(keys, SOTTO_KIND_AUDIO);
    struct sotto_livekit_frame_opener *opener =
        sotto_livekit_frame_opener_create(keys, SOTTO_KIND_AUDIO, -1);
    struct sotto_livekit_frame_opener *other =
        sotto_livekit_frame_opener_create(own, SOTTO_KIND_AUDIO, -1);
    struct wire wire;
    CHECK_EQ(seal(sealer, 1, &wire), SOTTO_MISSING_KEY);
    set_text(keys, 3, "passphrase");
    set_text(own, 3, "passphrase");
    CHECK_EQ(seal(sealer, 960, &wire), SOTTO_OK);
    CHECK_EQ(wire.data[wire.size - 1], 3);
    CHECK_EQ(open_wire(opener, &wire), SOTTO_OK);
    CHECK_EQ(open_wire(other, &wire), SOTTO_REPLAYED);
    CHECK_EQ(sotto_livekit_frame_sealer_count(sealer, SOTTO_OK), 1);
    CHECK_EQ(sotto_livekit_frame_sealer_count(sealer, SOTTO_MISSING_KEY), 1);
    struct sotto_stream_event event;
    CHECK(sotto_livekit_frame_sealer_poll_event(sealer, 1, &event));
    CHECK_EQ(event.kid, 4);
    CHECK(sotto_livekit_frame_opener_poll_event(opener, 1, &event));
    CHECK_EQ(event.state, SOTTO_STATE_DECRYPTION_SUCCESS);

    sotto_livekit_keys_destroy(keys); // before the streams, and before the ring that came after
    CHECK_EQ(seal(sealer, 1920, &wire), SOTTO_OK);
    CHECK_EQ(open_wire(other, &wire), SOTTO_OK);
    sotto_livekit_frame_sealer_destroy(sealer);
    sotto_livekit_frame_opener_destroy(opener);
    sotto_livekit_keys_destroy(own);
    sotto_livekit_frame_opener_destroy(other);
}

TEST(a_window_follows_a_ratchet_that_others_took) {
    struct sotto_livekit_keys *theirs = make_keys(0, NULL), *ours = make_keys(4, NULL);
    set_text(theirs, 0, "passphrase");
    set_text(ours, 0, "passphrase");
    struct sotto_livekit_frame_sealer *sealer =
        sotto_livekit_frame_sealer_create(theirs, SOTTO_KIND_AUDIO);
    struct sotto_livekit_frame_opener *opener =
        sotto_livekit_frame_opener_create(ours, SOTTO_KIND_AUDIO, 10);
    struct wire before, after;
    size_t index = 9;
    char codes[2][SOTTO_SAFETY_CODE_SIZE];
    CHECK_EQ(seal(sealer, 1, &before), SOTTO_OK);
    CHECK_EQ(sotto_livekit_keys_ratchet(theirs, 0), SOTTO_OK);
    finish(theirs);
    CHECK_EQ(seal(sealer, 2, &after), SOTTO_OK);
    CHECK(!sotto_livekit_keys_poll_ratcheted(ours, &index));
    CHECK_EQ(open_wire(opener, &after), SOTTO_OK);
    CHECK(sotto_livekit_keys_poll_ratcheted(ours, &index));
    CHECK_EQ(index, 0);
    CHECK_EQ(sotto_livekit_keys_safety_code(ours, 0, codes[0]), SOTTO_OK);
    CHECK_EQ(sotto_livekit_keys_safety_code(theirs, 0, codes[1]), SOTTO_OK);
    CHECK_TEXT(codes[0], codes[1]);
    CHECK_EQ(sotto_livekit_keys_safety_code(ours, 5, codes[0]), SOTTO_MISSING_KEY);
    CHECK_TEXT(codes[0], "");
    sotto_livekit_keys_end_previous(ours);
    CHECK_EQ(open_wire(opener, &before), SOTTO_TAMPERED);
    sotto_livekit_frame_sealer_destroy(sealer);
    sotto_livekit_frame_opener_destroy(opener);
    sotto_livekit_keys_destroy(theirs);
    sotto_livekit_keys_destroy(ours);
}

// A key of 100,000 rounds in one call, as a thread would derive it that has nothing else to do.
TEST(frames_do_not_wait_for_a_whole_key) {
    struct sotto_livekit_keys *keys = make_keys(0, NULL);
    bool is_done;
    CHECK_EQ(sotto_livekit_keys_set(keys, 0, SOTTO_LIVEKIT_PBKDF2, sotto_bytes_of_text("text"),
                                    true),
             SOTTO_OK);
    lock_count = 0;
    CHECK_EQ(sotto_livekit_keys_work(keys, UINT32_MAX, &is_done), SOTTO_OK);
    CHECK(is_done);
    CHECK(lock_count >= 100);
    CHECK_EQ(sotto_livekit_keys_set(keys, 0, SOTTO_LIVEKIT_PBKDF2, sotto_bytes_of_text("text"),
                                    true),
             SOTTO_OK);
    CHECK_EQ(sotto_livekit_keys_work(keys, 99000, &is_done), SOTTO_OK);
    CHECK(!is_done);
    CHECK_EQ(sotto_livekit_keys_work(keys, 1000, &is_done), SOTTO_OK);
    CHECK(is_done);
    sotto_livekit_keys_destroy(keys);
}

// All that keeps two sealers of one SSRC apart at one timestamp: what they begin to count from.
TEST(sealers_count_from_a_random_number) {
    struct sotto_livekit_keys *keys = make_keys(0, NULL);
    CHECK_EQ(sotto_livekit_keys_set(keys, 0, SOTTO_LIVEKIT_HKDF, sotto_bytes_of_text("key"), true),
             SOTTO_OK);
    struct wire wires[4];
    size_t others = 0;
    for (size_t i = 0; i < 4; i++) {
        struct sotto_livekit_frame_sealer *sealer =
            sotto_livekit_frame_sealer_create(keys, SOTTO_KIND_AUDIO);
        CHECK_EQ(seal(sealer, 1, &wires[i]), SOTTO_OK);
        others += memcmp(wires[i].data, wires[0].data, wires[0].size) != 0;
        sotto_livekit_frame_sealer_destroy(sealer);
    }
    CHECK(others > 0);
    sotto_livekit_keys_destroy(keys);
}

TEST(what_is_outside_the_header_is_refused) {
    struct sotto_livekit_keys *keys = make_keys(0, NULL);
    struct sotto_livekit_options options = {.key_size = 24, .ring_size = 16};
    struct sotto_bytes nothing = {NULL, 0};
    uint8_t trailer[SOTTO_LIVEKIT_TRAILER_SIZE_MAX + 1] = {0};
    CHECK(!sotto_livekit_keys_create(&options, NULL));
    CHECK_EQ(sotto_livekit_keys_set(keys, 0, SOTTO_LIVEKIT_HKDF, nothing, true), SOTTO_INVALID);
    CHECK_EQ(sotto_livekit_keys_set(keys, 0, (enum sotto_livekit_kdf)2,
                                    sotto_bytes_of_text("text"), true),
             SOTTO_INVALID);
    CHECK_EQ(sotto_livekit_keys_use(keys, 1), SOTTO_MISSING_KEY);
    CHECK_EQ(sotto_livekit_keys_ratchet(keys, 1), SOTTO_MISSING_KEY);
    CHECK(!sotto_livekit_frame_sealer_create(keys, (enum sotto_kind)9));
    CHECK(!sotto_livekit_frame_opener_create(keys, (enum sotto_kind)9, -1));
    struct sotto_livekit_frame_opener *opener =
        sotto_livekit_frame_opener_create(keys, SOTTO_KIND_VIDEO, -1);
    CHECK_EQ(sotto_livekit_frame_opener_set_trailer(
                 opener, (struct sotto_bytes){trailer, sizeof trailer}),
             SOTTO_INVALID);
    sotto_livekit_frame_opener_destroy(opener);
    sotto_livekit_keys_destroy(keys);
    sotto_livekit_keys_destroy(NULL);
    sotto_livekit_frame_sealer_destroy(NULL);
    sotto_livekit_frame_opener_destroy(NULL);
}

TEST(frames_that_the_server_made_are_dropped) {
    struct sotto_livekit_keys *keys = make_keys(0, NULL);
    set_text(keys, 0, "passphrase");
    struct sotto_livekit_frame_sealer *sealer =
        sotto_livekit_frame_sealer_create(keys, SOTTO_KIND_AUDIO);
    struct sotto_livekit_frame_opener *opener =
        sotto_livekit_frame_opener_create(keys, SOTTO_KIND_AUDIO, -1);
    struct wire wire;
    CHECK_EQ(seal(sealer, 1, &wire), SOTTO_OK);
    CHECK_EQ(sotto_livekit_frame_opener_set_trailer(
                 opener, (struct sotto_bytes){wire.data + wire.size - 8, 8}),
             SOTTO_OK);
    CHECK_EQ(open_wire(opener, &wire), SOTTO_NOT_SEALED);
    CHECK_EQ(sotto_livekit_frame_opener_set_trailer(opener, (struct sotto_bytes){NULL, 0}),
             SOTTO_OK);
    CHECK_EQ(open_wire(opener, &wire), SOTTO_OK);
    sotto_livekit_frame_sealer_destroy(sealer);
    sotto_livekit_frame_opener_destroy(opener);
    sotto_livekit_keys_destroy(keys);
}

int main(void) {
    RUN(opens_the_rows_of_the_vectors);
    RUN(seals_what_opens_and_remembers_it_for_the_whole_meeting);
    RUN(a_window_follows_a_ratchet_that_others_took);
    RUN(frames_do_not_wait_for_a_whole_key);
    RUN(sealers_count_from_a_random_number);
    RUN(what_is_outside_the_header_is_refused);
    RUN(frames_that_the_server_made_are_dropped);
    return 0;
}
