#include "core/key_schedule.h"

#include "tests/core/frame_vectors.h"

static void check_row(const json_t *row) {
    size_t size;
    struct sotto_room_secret secret = row_secret(row);
    uint8_t *expected = vectors_bytes(row, "room_secret_hex", &size);
    CHECK_EQ(size, sizeof secret.bytes);
    CHECK_BYTES(secret.bytes, expected, size);
    free(expected);

    CHECK_EQ(kid_of(secret), row_number(row, "kid"));

    char code[SOTTO_SAFETY_CODE_SIZE];
    CHECK_EQ(sotto_key_schedule_derive_safety_code(&secret, code), SOTTO_OK);
    CHECK_TEXT(code, row_text(row, "safety_code"));

    struct sotto_stream_name name = row_name(row);
    uint8_t key[SOTTO_STREAM_KEY_SIZE];
    CHECK_EQ(sotto_key_schedule_derive_stream_key(&secret, &name, key), SOTTO_OK);
    expected = vectors_bytes(row, "stream_key_hex", &size);
    CHECK_EQ(size, sizeof key);
    CHECK_BYTES(key, expected, size);
    free(expected);
}

TEST(derives_secret_kid_code_and_stream_key_of_every_row) {
    CHECK_EQ(vectors_each("vectors", check_row), FRAME_VECTOR_COUNT);
    CHECK_EQ(vectors_each("messages", check_row), MESSAGE_VECTOR_COUNT);
    CHECK_EQ(vectors_each("answers", check_row), ANSWER_VECTOR_COUNT);
}

TEST(a_text_key_in_slices_is_the_same_key) {
    struct sotto_bytes key = SOTTO_BYTES("Secret_Key");
    struct sotto_bytes room = SOTTO_BYTES("2kyv-gzay-64pg");
    struct sotto_room_secret at_once;
    struct sotto_room_secret in_slices;
    CHECK_EQ(sotto_key_schedule_derive_from_text(&at_once, key, room), SOTTO_OK);

    struct sotto_pbkdf2 pbkdf2;
    size_t slices = 1;
    CHECK_EQ(sotto_key_schedule_init_text(&pbkdf2, key, room), SOTTO_OK);
    while (!sotto_pbkdf2_step(&pbkdf2, 10000))
        slices++;
    CHECK_EQ(slices, 60);
    CHECK_EQ(sotto_pbkdf2_finish(&pbkdf2, in_slices.bytes), SOTTO_OK);
    sotto_pbkdf2_wipe(&pbkdf2);
    CHECK_BYTES(in_slices.bytes, at_once.bytes, sizeof at_once.bytes);
}

static void check_zero(const struct sotto_room_secret *secret) {
    static const struct sotto_room_secret zero;
    CHECK_BYTES(secret->bytes, zero.bytes, sizeof zero.bytes);
}

TEST(refuses_empty_and_short_keys_and_rooms_of_wrong_size) {
    static const uint8_t bytes[SOTTO_ID_SIZE_MAX + 1] = {1};
    struct sotto_bytes none = {NULL, 0};
    struct sotto_bytes room = SOTTO_BYTES("room");
    struct sotto_bytes long_room = {bytes, sizeof bytes};
    struct sotto_bytes text = SOTTO_BYTES("a text");
    struct sotto_bytes raw = {bytes, SOTTO_RAW_KEY_SIZE_MIN};
    struct sotto_bytes short_raw = {bytes, SOTTO_RAW_KEY_SIZE_MIN - 1};
    struct {
        struct sotto_bytes key;
        struct sotto_bytes room;
    } text_rows[] = {{none, room}, {text, none}, {text, long_room}},
      raw_rows[] = {{short_raw, room}, {none, room}, {raw, none}, {raw, long_room}};

    for (size_t i = 0; i < sizeof text_rows / sizeof *text_rows; i++) {
        struct sotto_room_secret secret = make_secret(1);
        CHECK_EQ(sotto_key_schedule_derive_from_text(&secret, text_rows[i].key, text_rows[i].room),
                 SOTTO_INVALID);
        check_zero(&secret);
    }
    for (size_t i = 0; i < sizeof raw_rows / sizeof *raw_rows; i++) {
        struct sotto_room_secret secret = make_secret(1);
        CHECK_EQ(sotto_key_schedule_derive_from_raw(&secret, raw_rows[i].key, raw_rows[i].room),
                 SOTTO_INVALID);
        check_zero(&secret);
    }
    struct sotto_room_secret secret;
    CHECK_EQ(sotto_key_schedule_derive_from_raw(
                 &secret, raw, (struct sotto_bytes){bytes, SOTTO_ID_SIZE_MAX}),
             SOTTO_OK);
}

TEST(reads_a_room_secret_of_32_bytes_and_no_other) {
    struct sotto_room_secret expected = make_secret(7);
    uint8_t bytes[33] = {0};
    memcpy(bytes, expected.bytes, 32);
    for (size_t size = 0; size <= sizeof bytes; size++) {
        struct sotto_room_secret secret = make_secret(1);
        CHECK_EQ(sotto_key_schedule_read_secret(&secret, (struct sotto_bytes){bytes, size}),
                 size == 32);
        if (size == 32)
            CHECK_BYTES(secret.bytes, bytes, 32);
        else
            check_zero(&secret);
    }
}

TEST(every_part_of_a_stream_name_changes_its_key) {
    struct sotto_room_secret secret = make_secret(1);
    const struct sotto_stream_name names[] = {
        make_name("room", "alice", 1, SOTTO_KIND_VIDEO),
        make_name("moor", "alice", 1, SOTTO_KIND_VIDEO),
        make_name("room", "alicf", 1, SOTTO_KIND_VIDEO),
        make_name("room", "alice", 2, SOTTO_KIND_VIDEO),
        make_name("room", "alice", 1, SOTTO_KIND_SHARE),
        // The same characters, cut elsewhere.
        make_name("rooma", "lice", 1, SOTTO_KIND_VIDEO),
    };
    enum { COUNT = sizeof names / sizeof *names };
    uint8_t keys[COUNT][SOTTO_STREAM_KEY_SIZE];
    for (size_t i = 0; i < COUNT; i++) {
        CHECK_EQ(sotto_key_schedule_derive_stream_key(&secret, &names[i], keys[i]), SOTTO_OK);
        for (size_t j = 0; j < i; j++)
            CHECK(memcmp(keys[i], keys[j], sizeof keys[i]) != 0);
    }
}

TEST(a_name_whose_init_failed_has_no_key) {
    static const uint8_t zeros[SOTTO_STREAM_KEY_SIZE];
    struct sotto_room_secret secret = make_secret(1);
    struct sotto_stream_name name = {0};
    uint8_t key[SOTTO_STREAM_KEY_SIZE] = {1};
    CHECK_EQ(sotto_key_schedule_derive_stream_key(&secret, &name, key), SOTTO_INVALID);
    CHECK_BYTES(key, zeros, sizeof key);
}

TEST(the_top_bit_of_every_kid_is_set) {
    uint32_t all_bits = 0;
    for (uint32_t number = 0; number < 64; number++) {
        uint32_t kid = kid_of(make_secret(number));
        CHECK(kid >> 31 == 1);
        all_bits |= ~kid;
    }
    CHECK_EQ(all_bits, 0x7FFFFFFF);
}

int main(void) {
    RUN(derives_secret_kid_code_and_stream_key_of_every_row);
    RUN(a_text_key_in_slices_is_the_same_key);
    RUN(refuses_empty_and_short_keys_and_rooms_of_wrong_size);
    RUN(reads_a_room_secret_of_32_bytes_and_no_other);
    RUN(every_part_of_a_stream_name_changes_its_key);
    RUN(a_name_whose_init_failed_has_no_key);
    RUN(the_top_bit_of_every_kid_is_set);
    return 0;
}
