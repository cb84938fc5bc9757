// Runs under valgrind, which is told that secrets are undefined memory: it then reports every
// branch and every address that depends on one. What becomes public is declared defined by the
// test; the verdict on a tag is excused where it is given by constant_time_test.supp:
//   valgrind --quiet --suppressions=tests/core/constant_time_test.supp constant_time_test
// Without valgrind the test is skipped (status 77).
#include "core/data_message.h"
#include "core/equal.h"
#include "core/sframe_any.h"
#include "tests/core/livekit_streams.h"
#include "tests/core/streams.h"

#include <valgrind/memcheck.h>

enum { SKIPPED = 77 };

static void make_secret_of(void *memory, size_t size) {
    VALGRIND_MAKE_MEM_UNDEFINED(memory, size);
}

static void make_public(void *memory, size_t size) {
    VALGRIND_MAKE_MEM_DEFINED(memory, size);
}

static bool is_secret(const void *memory) {
    uint8_t undefined_bits = 0;
    CHECK_EQ(VALGRIND_GET_VBITS(memory, &undefined_bits, 1), 1);
    return undefined_bits != 0;
}

static unsigned errors_before;

static void begin(void) {
    errors_before = VALGRIND_COUNT_ERRORS;
}

static unsigned errors(void) {
    return VALGRIND_COUNT_ERRORS - errors_before;
}

static uint8_t left[32];
static uint8_t right[32];
static volatile uint8_t sink;

// The three ways to leak that this test must see, planted on purpose. Their reports are expected.
static int (*volatile call_memcmp)(const void *, const void *, size_t) = memcmp;

static void leak_by_memcmp(void) {
    if (call_memcmp(left, right, sizeof left) == 0)
        sink = 1;
}

static void leak_by_branch(void) {
    for (size_t i = 0; i < sizeof left; i++)
        if (left[i] != right[i])
            return;
    sink = 1;
}

static void leak_by_address(void) {
    static const uint8_t table[256] = {1};
    sink = table[left[0]];
}

TEST(a_planted_leak_of_each_kind_is_caught) {
    void (*const leaks[])(void) = {leak_by_memcmp, leak_by_branch, leak_by_address};
    VALGRIND_PRINTF("three planted leaks, reported on purpose:\n");
    for (size_t i = 0; i < 3; i++) {
        make_secret_of(left, sizeof left);
        begin();
        leaks[i]();
        CHECK(errors() > 0);
        make_public(left, sizeof left);
    }
    VALGRIND_PRINTF("end of the planted leaks; nothing may be reported from here on\n");
}

TEST(comparison_does_not_depend_on_what_is_compared) {
    memset(left, 7, sizeof left);
    memset(right, 7, sizeof right);
    make_secret_of(left, sizeof left);
    begin();
    bool same = sotto_equal(left, right, sizeof left);
    CHECK_EQ(errors(), 0);
    make_public(&same, sizeof same);
    CHECK(same);
    make_public(left, sizeof left);
}

static const struct sotto_bytes room = {(const uint8_t *)"room", 4};

TEST(the_key_schedule_does_not_depend_on_keys) {
    uint8_t raw[32] = {1, 2, 3};
    uint8_t stream_key[SOTTO_STREAM_KEY_SIZE];
    char code[SOTTO_SAFETY_CODE_SIZE];
    uint32_t kid;
    struct sotto_room_secret secret;
    struct sotto_stream_name name = alice();
    make_secret_of(raw, sizeof raw);
    begin();
    CHECK_EQ(sotto_key_schedule_derive_from_raw(&secret, (struct sotto_bytes){raw, 32}, room),
             SOTTO_OK);
    CHECK_EQ(sotto_key_schedule_derive_next(&secret, &secret), SOTTO_OK);
    CHECK_EQ(sotto_key_schedule_derive_kid(&secret, &kid), SOTTO_OK);
    CHECK_EQ(sotto_key_schedule_derive_stream_key(&secret, &name, stream_key), SOTTO_OK);
    CHECK_EQ(sotto_key_schedule_derive_safety_code(&secret, code), SOTTO_OK);
    CHECK_EQ(errors(), 0);
    // Secrets it was, and the results depend on them.
    CHECK(is_secret(stream_key));
}

TEST(pbkdf2_does_not_depend_on_the_password) {
    uint8_t password[] = "correct horse";
    uint8_t key[SOTTO_PBKDF2_KEY_SIZE];
    struct sotto_bytes salt = SOTTO_BYTES("salt");
    make_secret_of(password, sizeof password);
    begin();
    CHECK_EQ(sotto_pbkdf2_derive((struct sotto_bytes){password, sizeof password}, &salt, 1, 3, key),
             SOTTO_OK);
    CHECK_EQ(errors(), 0);
}

static struct sotto_key_store store;
static struct sotto_sealer sealer;
static struct sotto_opener opener;
static uint8_t frame[300] = {0x10};
static uint8_t wire[1000];
static uint8_t opened[sizeof wire];

// The key ids stay public: they are found by branches.
static void begin_stream(enum sotto_suite suite) {
    struct sotto_stream_name name = alice();
    sotto_key_store_init(&store);
    set_secret(&store, 0);
    make_secret_of(store.entries[0].secret.bytes, SOTTO_ROOM_SECRET_SIZE);
    CHECK(sotto_sealer_init(&sealer, &store, &name, suite));
    CHECK(sotto_opener_init(&opener, &store, &name, suite, SOTTO_LIVENESS_NOT_NEEDED));
}

// Seals the secret frame; the wire is public, it goes to the server.
static struct sotto_bytes seal(enum sotto_codec codec) {
    struct sotto_bytes sealed = {wire, 0};
    CHECK_EQ(sotto_sealer_seal(&sealer, codec, false, (struct sotto_bytes){frame, sizeof frame},
                               wire, sizeof wire, &sealed.size),
             SOTTO_OK);
    make_public(wire, sealed.size);
    return sealed;
}

static void check_stream(enum sotto_suite suite, enum sotto_codec codec, size_t front_size) {
    size_t size;
    begin_stream(suite);
    make_secret_of(frame + front_size, sizeof frame - front_size);
    begin();
    struct sotto_bytes sealed = seal(codec);
    CHECK_EQ(sotto_opener_open(&opener, sealed, opened, sizeof opened, &size), SOTTO_OK);
    CHECK_EQ(size, sizeof frame);
    CHECK_EQ(errors(), 0);
    CHECK(is_secret(opened + front_size) && is_secret(opened + size - 1));

    sealed = seal(codec);
    wire[40] ^= 1;
    CHECK_EQ(sotto_opener_open(&opener, sealed, opened, sizeof opened, &size), SOTTO_TAMPERED);
    CHECK_EQ(errors(), 0);
    sotto_sealer_wipe(&sealer);
    sotto_opener_wipe(&opener);
    make_public(frame, sizeof frame);
}

// What stands in front of a slice, and its first bytes, are public: they are on the wire. The
// search for start codes looks at 64 bytes in one go, so it may look that far into the slice, no
// further.
static void check_h264(void) {
    static const uint8_t start[] = {0, 0, 0, 1, 0x67, 0x42, 0, 0, 0, 1, 0x65, 0x88};
    uint8_t before[sizeof start];
    memcpy(before, frame, sizeof before);
    memcpy(frame, start, sizeof start);
    check_stream(SUITE_4, SOTTO_CODEC_H264, sizeof start + 64);
    memcpy(frame, before, sizeof before);
}

TEST(sealing_and_opening_do_not_depend_on_keys_or_frames) {
    check_stream(SUITE_4, SOTTO_CODEC_OPUS, 0);
    check_stream(SUITE_5, SOTTO_CODEC_OPUS, 0);
    check_stream(SUITE_4, SOTTO_CODEC_VP8, 10);
    check_stream(SUITE_4, SOTTO_CODEC_AV1, 0);
    check_h264();
}

TEST(data_messages_do_not_depend_on_keys_or_content) {
    const struct sotto_data_label label = {.type = SOTTO_BYTES("test")};
    const struct sotto_data_sender sender = {&store, SOTTO_BYTES("room"), SOTTO_BYTES("alice"),
                                             SUITE_4};
    struct sotto_stream_name name = make_name("room", "alice", 1, SOTTO_KIND_DATA);
    struct sotto_data_origin origin;
    uint8_t message[sizeof frame + SOTTO_DATA_OVERHEAD_MAX];
    uint8_t content[sizeof message];
    size_t size, content_size;
    begin_stream(SUITE_4);
    CHECK(sotto_sealer_init(&sealer, &store, &name, SUITE_4));
    make_secret_of(frame, sizeof frame);
    begin();
    CHECK_EQ(sotto_data_message_seal(&sealer, &label, (struct sotto_bytes){frame, sizeof frame},
                                     message, sizeof message, &size),
             SOTTO_OK);
    make_public(message, size);
    CHECK_EQ(sotto_data_message_open(&sender, &label, (struct sotto_bytes){message, size}, content,
                                     sizeof content, &content_size, &origin),
             SOTTO_OK);
    CHECK_EQ(content_size, sizeof frame);
    CHECK_EQ(errors(), 0);
    CHECK(is_secret(content) && is_secret(content + content_size - 1));
    sotto_sealer_wipe(&sealer);
    make_public(frame, sizeof frame);
}

// The base key, what comes from it and the frame are secret; header, metadata and wire are not.
static void check_sframe(enum sotto_suite suite) {
    struct sotto_sframe_any key;
    struct sotto_sframe sframe;
    struct sotto_bytes plaintext = {frame, sizeof frame};
    struct sotto_bytes metadata = SOTTO_BYTES("metadata");
    uint8_t base_key[SOTTO_HASH_SIZE_MAX] = {1, 2, 3};
    struct sotto_bytes sealed = {wire, 0};
    make_secret_of(base_key, sizeof base_key);
    make_secret_of(frame, sizeof frame);
    begin();
    CHECK_EQ(sotto_sframe_key_derive_next(suite, (struct sotto_bytes){base_key, 16}, base_key),
             SOTTO_OK);
    CHECK(is_secret(base_key));
    CHECK_EQ(sotto_sframe_any_init(&key, suite, 7, (struct sotto_bytes){base_key, 32}), SOTTO_OK);
    CHECK_EQ(sotto_sframe_any_seal(&key, 300, &metadata, 1, plaintext, wire, sizeof wire,
                                   &sealed.size),
             SOTTO_OK);
    CHECK(is_secret(wire + 10) && is_secret(wire + sealed.size - 1));
    make_public(wire, sealed.size);
    CHECK(sotto_sframe_any_parse(&sframe, suite, sealed));
    CHECK_EQ(sotto_sframe_any_open(&key, &sframe, &metadata, 1, opened, sizeof opened), SOTTO_OK);
    CHECK(is_secret(opened) && is_secret(opened + sizeof frame - 1));
    wire[sealed.size - 1] ^= 1;
    CHECK_EQ(sotto_sframe_any_open(&key, &sframe, &metadata, 1, opened, sizeof opened),
             SOTTO_TAMPERED);
    sotto_sframe_any_wipe(&key);
    CHECK_EQ(errors(), 0);
    make_public(frame, sizeof frame);
}

TEST(sframe_does_not_depend_on_keys_or_frames_in_any_suite) {
    for (int suite = 1; suite <= 5; suite++)
        check_sframe((enum sotto_suite)suite);
}

static struct sotto_livekit_ring ring;
static struct sotto_livekit_replay replay;
static struct sotto_livekit_sealer livekit_sealer;
static struct sotto_livekit_opener livekit_opener;
static uint8_t livekit_wire[SOTTO_LIVEKIT_SEALED_SIZE_MAX(sizeof frame)];

// The key, and one ahead. Their names stay public: they are compared by branches.
static void begin_livekit(void) {
    uint8_t material[16] = {1, 2, 3};
    livekit_init_ring(&ring, 1);
    make_secret_of(material, sizeof material);
    begin();
    CHECK_EQ(sotto_livekit_ring_set_raw(&ring, 0, (struct sotto_bytes){material, 16}, true),
             SOTTO_OK);
    livekit_work(&ring);
    CHECK_EQ(errors(), 0);
    for (size_t i = 0; i < 2; i++) {
        CHECK(is_secret(ring.places[0].keys[i].bytes));
        make_public(&ring.places[0].keys[i].id, sizeof ring.places[0].keys[i].id);
    }
    memset(&replay, 0, sizeof replay);
    livekit_init_sealer(&livekit_sealer, &ring, 7);
    CHECK(sotto_livekit_opener_init(&livekit_opener, &ring, &replay, SOTTO_KIND_VIDEO, -1));
}

static struct sotto_bytes seal_livekit(enum sotto_codec codec) {
    const struct sotto_livekit_frame_info info = {codec, true, 1, 2};
    struct sotto_bytes sealed = {livekit_wire, 0};
    CHECK_EQ(sotto_livekit_sealer_seal(&livekit_sealer, &info,
                                       (struct sotto_bytes){frame, sizeof frame}, livekit_wire,
                                       sizeof livekit_wire, &sealed.size),
             SOTTO_OK);
    make_public(livekit_wire, sealed.size);
    return sealed;
}

// What is escaped is ciphertext, which is public as soon as it is there.
TEST(the_livekit_format_does_not_depend_on_keys_or_frames) {
    static const struct {
        enum sotto_codec codec;
        size_t header_size;
    } rows[] = {{SOTTO_CODEC_OPUS, 1}, {SOTTO_CODEC_VP8, 10}, {SOTTO_CODEC_VP9, 0}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t size;
        begin_livekit();
        make_secret_of(frame + rows[i].header_size, sizeof frame - rows[i].header_size);
        begin();
        const struct sotto_bytes sealed = seal_livekit(rows[i].codec);
        CHECK_EQ(sotto_livekit_opener_open(&livekit_opener, rows[i].codec, true, sealed, opened,
                                           sealed.size, &size),
                 SOTTO_OK);
        CHECK_EQ(size, sizeof frame);
        CHECK(is_secret(opened + rows[i].header_size) && is_secret(opened + size - 1));
        livekit_wire[40] ^= 1;
        CHECK_EQ(sotto_livekit_opener_open(&livekit_opener, rows[i].codec, true, sealed, opened,
                                           sealed.size, &size),
                 SOTTO_TAMPERED);
        CHECK_EQ(errors(), 0);
        sotto_livekit_sealer_wipe(&livekit_sealer);
        sotto_livekit_opener_wipe(&livekit_opener);
        make_public(frame, sizeof frame);
    }
}

int main(void) {
    if (!RUNNING_ON_VALGRIND) {
        printf("skipped: not under valgrind\n");
        return SKIPPED;
    }
    RUN(a_planted_leak_of_each_kind_is_caught);
    RUN(comparison_does_not_depend_on_what_is_compared);
    RUN(the_key_schedule_does_not_depend_on_keys);
    RUN(pbkdf2_does_not_depend_on_the_password);
    RUN(sealing_and_opening_do_not_depend_on_keys_or_frames);
    RUN(data_messages_do_not_depend_on_keys_or_content);
    RUN(sframe_does_not_depend_on_keys_or_frames_in_any_suite);
    RUN(the_livekit_format_does_not_depend_on_keys_or_frames);
    return 0;
}
