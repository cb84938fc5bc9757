// Searches memory for the body: after their owners are wiped, no secret is left in their structs,
// in memory that the library gave back, nor on the stack.
#include "core/data_message.h"
#include "core/hkdf.h"
#include "core/sframe_any.h"
#include "core/wipe.h"
#include "tests/core/secret_search.h"
#include "tests/core/streams.h"

static const enum sotto_suite SUITE_1 = SOTTO_AES_128_CTR_HMAC_SHA256_80;

// All that is secret in a run, kept apart from the stacks and structs that are searched.
static struct {
    uint8_t text[20];
    uint8_t raw[32];
    struct sotto_room_secret from_text, from_raw, next;
    uint8_t stream_key[SOTTO_STREAM_KEY_SIZE];
    uint8_t sframe_secret[32];
    uint8_t sframe_key[16];
    uint8_t data_stream_key[SOTTO_STREAM_KEY_SIZE];
    uint8_t data_sframe_secret[32];
    uint8_t salt[SOTTO_SFRAME_NONCE_SIZE];
    uint8_t ctr_hmac_key[SOTTO_SFRAME_CIPHER_KEY_SIZE_MAX]; // of suite 1, for AES and for HMAC
    uint8_t keystream[NEEDLE_SIZE];                         // of the frame in suite 1
    uint8_t next_base_key[SOTTO_HASH_SIZE_MAX];
} known;

static struct sotto_bytes text_key(void) {
    return (struct sotto_bytes){known.text, sizeof known.text};
}

static const struct sotto_bytes room = {(const uint8_t *)"room", 4};

static void expand_known(const char *label, uint8_t *output, size_t size) {
    uint8_t info[64];
    size_t label_size = strlen(label);
    uint32_t kid = kid_of(known.from_raw);
    memcpy(info, label, label_size);
    memset(info + label_size, 0, 10);
    for (size_t i = 0; i < 4; i++)
        info[label_size + 4 + i] = (uint8_t)(kid >> (24 - 8 * i));
    info[label_size + 9] = 4; // the suite
    struct sotto_bytes piece = {info, label_size + 10};
    CHECK_EQ(sotto_hkdf_expand(SOTTO_SHA256, (struct sotto_bytes){known.sframe_secret, 32}, &piece,
                               1, output, size),
             SOTTO_OK);
}

static struct sotto_stream_name data_stream(void) {
    return make_name("2kyv-gzay-64pg", "alice", 1, SOTTO_KIND_DATA);
}

// SFrame in suite 1 from the stream key.
static void make_known_of_suite_1(void) {
    static const uint8_t zeros[NEEDLE_SIZE];
    struct sotto_bytes base_key = {known.stream_key, sizeof known.stream_key};
    struct sotto_aes_ctr ctr;
    CHECK_EQ(sotto_sframe_key_derive(SUITE_1, 7, base_key, known.salt, known.ctr_hmac_key),
             SOTTO_OK);
    CHECK_EQ(sotto_sframe_key_derive_next(SUITE_1, base_key, known.next_base_key), SOTTO_OK);
    CHECK_EQ(sotto_aes_ctr_init(&ctr, known.ctr_hmac_key), SOTTO_OK);
    CHECK_EQ(sotto_aes_ctr_apply(&ctr, known.salt, zeros, NEEDLE_SIZE, known.keystream), SOTTO_OK);
    sotto_aes_ctr_wipe(&ctr);

    const uint8_t *hmac_key = known.ctr_hmac_key + SOTTO_AES_CTR_KEY_SIZE;
    look_for("the AES key of suite 1", known.ctr_hmac_key);
    look_for("the HMAC key of suite 1", hmac_key);
    look_for_padded("the HMAC key of suite 1 with ipad", hmac_key, 0x36);
    look_for_padded("the HMAC key of suite 1 with opad", hmac_key, 0x5c);
    look_for("the keystream of suite 1", known.keystream);
    look_for("the next base key", known.next_base_key);
}

static void make_known(void) {
    memcpy(known.text, "correct horse battery", sizeof known.text);
    for (size_t i = 0; i < sizeof known.raw; i++)
        known.raw[i] = (uint8_t)(i * 29 + 17);
    struct sotto_bytes raw = {known.raw, sizeof known.raw};
    CHECK_EQ(sotto_key_schedule_derive_from_text(&known.from_text, text_key(), room), SOTTO_OK);
    CHECK_EQ(sotto_key_schedule_derive_from_raw(&known.from_raw, raw, room), SOTTO_OK);
    CHECK_EQ(sotto_key_schedule_derive_next(&known.from_raw, &known.next), SOTTO_OK);
    struct sotto_stream_name name = alice();
    CHECK_EQ(sotto_key_schedule_derive_stream_key(&known.from_raw, &name, known.stream_key),
             SOTTO_OK);
    CHECK_EQ(sotto_hkdf_extract(SOTTO_SHA256, (struct sotto_bytes){NULL, 0},
                                (struct sotto_bytes){known.stream_key, sizeof known.stream_key},
                                known.sframe_secret),
             SOTTO_OK);
    expand_known("SFrame 1.0 Secret key ", known.sframe_key, sizeof known.sframe_key);
    name = data_stream();
    struct sotto_bytes data_key = {known.data_stream_key, sizeof known.data_stream_key};
    CHECK_EQ(sotto_key_schedule_derive_stream_key(&known.from_raw, &name, known.data_stream_key),
             SOTTO_OK);
    CHECK_EQ(sotto_hkdf_extract(SOTTO_SHA256, (struct sotto_bytes){NULL, 0}, data_key,
                                known.data_sframe_secret),
             SOTTO_OK);

    look_for("the text key", known.text);
    look_for("the raw key", known.raw);
    look_for("the room secret of the text key", known.from_text.bytes);
    look_for("the room secret of the raw key", known.from_raw.bytes);
    look_for("the next room secret", known.next.bytes);
    look_for("the stream key", known.stream_key);
    look_for("the SFrame secret", known.sframe_secret);
    look_for("the SFrame key", known.sframe_key);
    look_for("the data stream key", known.data_stream_key);
    look_for("the SFrame secret of data", known.data_sframe_secret);
    look_for_padded("the raw key with ipad", known.raw, 0x36);
    look_for_padded("the raw key with opad", known.raw, 0x5c);
    make_known_of_suite_1();
}

static struct sotto_pbkdf2 pbkdf2;
static struct sotto_room_secret secret;
static struct sotto_key_store store;
static struct sotto_sealer sealer;
static struct sotto_opener opener;

static struct sotto_hmac hmac;
static struct sotto_aead aead;
static struct sotto_sframe_any sframe_key;
static uint8_t next_base_key[SOTTO_HASH_SIZE_MAX];
static uint8_t derived_salt[SOTTO_SFRAME_NONCE_SIZE];
static uint8_t derived_key[SOTTO_SFRAME_CIPHER_KEY_SIZE_MAX];
static uint8_t key[SOTTO_STREAM_KEY_SIZE];
static const uint8_t frame[100] = {1};
static uint8_t wire[200];
static uint8_t opened[200];
static size_t wire_size;

// Each of these runs alone: what one leaves, the next would cover.
static void key_hmac(void) {
    CHECK_EQ(sotto_hmac_init(&hmac, SOTTO_SHA256, known.raw, sizeof known.raw), SOTTO_OK);
}

static void key_aead(void) {
    CHECK_EQ(sotto_aead_init(&aead, known.sframe_key, sizeof known.sframe_key), SOTTO_OK);
}

static void derive_from_text(void) {
    CHECK_EQ(sotto_key_schedule_init_text(&pbkdf2, text_key(), room), SOTTO_OK);
    while (!sotto_pbkdf2_step(&pbkdf2, 100000))
        continue;
    CHECK_EQ(sotto_pbkdf2_finish(&pbkdf2, secret.bytes), SOTTO_OK);
}

static void derive_from_raw(void) {
    struct sotto_bytes raw = {known.raw, sizeof known.raw};
    CHECK_EQ(sotto_key_schedule_derive_from_raw(&secret, raw, room), SOTTO_OK);
}

static void derive_next(void) {
    CHECK_EQ(sotto_key_schedule_derive_next(&known.from_raw, &secret), SOTTO_OK);
}

static void derive_stream_key(void) {
    static struct sotto_stream_name name;
    name = alice();
    CHECK_EQ(sotto_key_schedule_derive_stream_key(&known.from_raw, &name, key), SOTTO_OK);
}

static void derive_code(void) {
    char code[SOTTO_SAFETY_CODE_SIZE];
    CHECK_EQ(sotto_key_schedule_derive_safety_code(&known.from_raw, code), SOTTO_OK);
}

static void set_current(void) {
    CHECK_EQ(sotto_key_store_set_current(&store, &known.from_raw), SOTTO_OK);
}

static enum sotto_result seal(enum sotto_codec codec) {
    return sotto_sealer_seal(&sealer, codec, false, (struct sotto_bytes){frame, sizeof frame},
                             wire, sizeof wire, &wire_size);
}

// The key is derived, then the frame is refused: it has no slice.
static void seal_deriving_only(void) {
    CHECK_EQ(seal(SOTTO_CODEC_H264), SOTTO_INVALID);
}

static void seal_frame_of_100(void) {
    CHECK_EQ(seal(SOTTO_CODEC_OPUS), SOTTO_OK);
}

static enum sotto_result open_frame(void) {
    size_t size;
    return sotto_opener_open(&opener, (struct sotto_bytes){wire, wire_size}, opened, sizeof opened,
                             &size);
}

static void open_frame_of_100(void) {
    CHECK_EQ(open_frame(), SOTTO_OK);
}

// The key is derived anew, then the frame is refused.
static void open_deriving_only(void) {
    store.generation++;
    CHECK_EQ(open_frame(), SOTTO_REPLAYED);
}

static struct sotto_sealer data_sealer;
static const struct sotto_data_label label = {.type = {(const uint8_t *)"test", 4}};

static void seal_message(void) {
    struct sotto_stream_name name = data_stream();
    CHECK(sotto_sealer_init(&data_sealer, &store, &name, SUITE_4));
    CHECK_EQ(sotto_data_message_seal(&data_sealer, &label,
                                     (struct sotto_bytes){frame, sizeof frame}, wire, sizeof wire,
                                     &wire_size),
             SOTTO_OK);
}

static void open_message(void) {
    struct sotto_data_sender sender = {&store, bytes_of_text("2kyv-gzay-64pg"),
                                       bytes_of_text("alice"), SUITE_4};
    struct sotto_data_origin origin;
    size_t size;
    CHECK_EQ(sotto_data_message_open(&sender, &label, (struct sotto_bytes){wire, wire_size},
                                     opened, sizeof opened, &size, &origin),
             SOTTO_OK);
}

static void ratchet_base_key(void) {
    CHECK_EQ(sotto_sframe_key_derive_next(
                 SUITE_1, (struct sotto_bytes){known.stream_key, sizeof known.stream_key},
                 next_base_key),
             SOTTO_OK);
}

static void derive_for_sframe(void) {
    CHECK_EQ(sotto_sframe_key_derive(
                 SUITE_1, 7, (struct sotto_bytes){known.stream_key, sizeof known.stream_key},
                 derived_salt, derived_key),
             SOTTO_OK);
}

static void key_sframe(void) {
    CHECK_EQ(sotto_sframe_any_init(
                 &sframe_key, SUITE_1, 7,
                 (struct sotto_bytes){known.stream_key, sizeof known.stream_key}),
             SOTTO_OK);
}

// The counter is 0, so that the nonce is the salt.
static void seal_sframe_of_100(void) {
    CHECK_EQ(sotto_sframe_any_seal(&sframe_key, 0, NULL, 0,
                                   (struct sotto_bytes){frame, sizeof frame}, wire, sizeof wire,
                                   &wire_size),
             SOTTO_OK);
}

static void open_sframe_of_100(void) {
    struct sotto_sframe sframe;
    CHECK(sotto_sframe_any_parse(&sframe, SUITE_1, (struct sotto_bytes){wire, wire_size}));
    CHECK_EQ(sotto_sframe_any_open(&sframe_key, &sframe, NULL, 0, opened, sizeof opened),
             SOTTO_OK);
}

static void init_stream(void) {
    struct sotto_stream_name name = alice();
    CHECK(sotto_sealer_init(&sealer, &store, &name, SUITE_4));
    CHECK(sotto_opener_init(&opener, &store, &name, SUITE_4, SOTTO_LIVENESS_NOT_NEEDED));
}

TEST(the_search_finds_what_is_there) {
    uint8_t memory[100] = {0};
    memcpy(memory + 37, known.stream_key, NEEDLE_SIZE);
    CHECK_TEXT(search(memory, sizeof memory), "the stream key");
    memory[40] ^= 1;
    CHECK(!search(memory, sizeof memory));

    uint8_t *freed = OPENSSL_malloc(sizeof known.raw);
    CHECK(freed);
    memcpy(freed, known.raw, sizeof known.raw);
    found_in_freed = NULL;
    OPENSSL_free(freed);
    CHECK_TEXT(found_in_freed, "the raw key");
    found_in_freed = NULL;
}

static void leave_a_copy(void) {
    uint8_t copy[sizeof known.raw];
    memcpy(copy, known.raw, sizeof copy);
    keep(copy);
}

TEST(the_search_finds_what_is_left_on_a_stack) {
    run_on_own_stack(leave_a_copy);
    CHECK_TEXT(search(stack, STACK_SIZE), "the raw key");
    free(stack);
}

TEST(nothing_is_left_on_the_stack) {
    static const struct {
        const char *where;
        void (*function)(void);
    } runs[] = {
        {"the stack of HMAC", key_hmac},
        {"the stack of the AEAD", key_aead},
        {"the stack of the text key", derive_from_text},
        {"the stack of the raw key", derive_from_raw},
        {"the stack of the ratchet", derive_next},
        {"the stack of the stream key", derive_stream_key},
        {"the stack of the safety code", derive_code},
        {"the stack of the key store", set_current},
        {"the stack of init", init_stream},
        {"the stack of the sealer's key", seal_deriving_only},
        {"the stack of the sealer", seal_frame_of_100},
        {"the stack of the opener", open_frame_of_100},
        {"the stack of the opener's key", open_deriving_only},
        {"the stack of a data message that is sealed", seal_message},
        {"the stack of a data message that is opened", open_message},
        {"the stack of the ratchet of base keys", ratchet_base_key},
        {"the stack of deriving for suite 1", derive_for_sframe},
        {"the stack of a key of suite 1", key_sframe},
        {"the stack of sealing in suite 1", seal_sframe_of_100},
        {"the stack of opening in suite 1", open_sframe_of_100},
    };
    for (size_t i = 0; i < sizeof runs / sizeof *runs; i++) {
        run_on_own_stack(runs[i].function);
        check_stack(runs[i].where);
    }
}

// What the frame in `wire` would have to end with, whole (RFC 9605, section 4.5.1).
static void look_for_tag_of_suite_1(void) {
    const uint8_t *hmac_key = known.ctr_hmac_key + SOTTO_AES_CTR_KEY_SIZE;
    uint8_t start[3 * 8] = {[7] = 1, [15] = sizeof frame, [23] = 10}; // of header, frame and tag
    uint8_t mac[SOTTO_HASH_SIZE_MAX];
    struct sotto_hmac tag_hmac;
    CHECK_EQ(sotto_hmac_init(&tag_hmac, SOTTO_SHA256, hmac_key, 32), SOTTO_OK);
    sotto_hmac_update(&tag_hmac, start, sizeof start);
    sotto_hmac_update(&tag_hmac, known.salt, sizeof known.salt);
    sotto_hmac_update(&tag_hmac, wire, 1 + sizeof frame);
    CHECK_EQ(sotto_hmac_finish(&tag_hmac, mac), SOTTO_OK);
    CHECK_BYTES(wire + 1 + sizeof frame, mac, 10);
    look_for("the right tag of a forged frame", mac);
    sotto_hmac_wipe(&tag_hmac);
}

static void open_forged_sframe(void) {
    struct sotto_sframe sframe;
    CHECK(sotto_sframe_any_parse(&sframe, SUITE_1, (struct sotto_bytes){wire, wire_size}));
    CHECK_EQ(sotto_sframe_any_open(&sframe_key, &sframe, NULL, 0, opened, sizeof opened),
             SOTTO_TAMPERED);
}

TEST(the_tag_that_a_forger_looks_for_is_not_left) {
    look_for_tag_of_suite_1();
    wire[wire_size - 1] ^= 1;
    run_on_own_stack(open_forged_sframe);
    check_stack("the stack of opening a forged frame");
    check_absent("what was opened", opened, sizeof opened);
}

TEST(wiped_structs_hold_nothing) {
    CHECK(search(&store, sizeof store));
    CHECK(search(&secret, sizeof secret));
    CHECK(search(&pbkdf2, sizeof pbkdf2));
    sotto_hmac_wipe(&hmac);
    sotto_aead_wipe(&aead);
    sotto_pbkdf2_wipe(&pbkdf2);
    sotto_sealer_wipe(&sealer);
    sotto_sealer_wipe(&data_sealer);
    sotto_opener_wipe(&opener);
    sotto_key_store_wipe(&store);
    sotto_sframe_any_wipe(&sframe_key);
    sotto_wipe(&secret, sizeof secret);
    check_absent("the SFrame key", &sframe_key, sizeof sframe_key);
    check_absent("the sealer", &sealer, sizeof sealer);
    check_absent("the opener", &opener, sizeof opener);
    check_absent("the key store", &store, sizeof store);
    check_absent("the room secret", &secret, sizeof secret);
    check_absent("the PBKDF2 state", &pbkdf2, sizeof pbkdf2);
}

TEST(a_wiped_sealer_and_opener_are_all_zero) {
    static const uint8_t zeros[sizeof opener];
    CHECK(sizeof opener > sizeof sealer);
    CHECK_BYTES(&sealer, zeros, sizeof sealer);
    CHECK_BYTES(&opener, zeros, sizeof opener);
    CHECK_BYTES(&pbkdf2, zeros, sizeof pbkdf2);
    CHECK_BYTES(&sframe_key, zeros, sizeof sframe_key);
}

TEST(pbkdf2_wiped_in_the_middle_holds_nothing) {
    CHECK_EQ(sotto_key_schedule_init_text(&pbkdf2, text_key(), room), SOTTO_OK);
    CHECK(!sotto_pbkdf2_step(&pbkdf2, 100));
    look_for("the middle of PBKDF2", pbkdf2.key);
    sotto_pbkdf2_wipe(&pbkdf2);
    check_absent("the PBKDF2 state", &pbkdf2, sizeof pbkdf2);
}

TEST(a_removed_secret_is_gone_from_the_store) {
    CHECK_EQ(sotto_key_store_set_current(&store, &known.next), SOTTO_OK);
    CHECK(search(&store, sizeof store));
    CHECK(sotto_key_store_remove(&store, kid_of(known.next)));
    check_absent("the key store", &store, sizeof store);
}

TEST(the_library_gave_back_nothing_readable) {
    CHECK(freed_count > 100);
    if (found_in_freed) {
        fprintf(stderr, "%s was in memory that was freed\n", found_in_freed);
        exit(1);
    }
}

int main(int argument_count, char **arguments) {
    (void)argument_count;
    bind_at_start(arguments);
    CHECK(CRYPTO_set_mem_functions(allocate, reallocate, give_back) == 1);
    make_known();
    RUN(the_search_finds_what_is_there);
    RUN(the_search_finds_what_is_left_on_a_stack);
    RUN(nothing_is_left_on_the_stack);
    RUN(the_tag_that_a_forger_looks_for_is_not_left);
    RUN(wiped_structs_hold_nothing);
    RUN(a_wiped_sealer_and_opener_are_all_zero);
    RUN(pbkdf2_wiped_in_the_middle_holds_nothing);
    RUN(a_removed_secret_is_gone_from_the_store);
    RUN(the_library_gave_back_nothing_readable);
    return 0;
}
