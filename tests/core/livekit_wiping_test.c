// After their owners are wiped, no secret of the format "livekit" is left in their structs, in
// memory that the library gave back, nor on the stack.
#include "core/hkdf.h"
#include "core/wipe.h"
#include "tests/core/livekit_streams.h"
#include "tests/core/secret_search.h"

static struct {
    uint8_t text[20];
    uint8_t raw[32];
    struct sotto_livekit_key from_text, from_raw, next;
} known;

static struct sotto_livekit_key key;
static struct sotto_livekit_ring ring;
static struct sotto_livekit_replay replay;
static struct sotto_livekit_sealer sealer;
static struct sotto_livekit_opener opener;
static const uint8_t frame[100] = {1};
static uint8_t wire[256];
static uint8_t opened[256];
static size_t wire_size;

static struct sotto_bytes raw_key(void) {
    return (struct sotto_bytes){known.raw, sizeof known.raw};
}

static struct sotto_livekit_key derive_known(enum sotto_livekit_kdf kdf, const uint8_t *material,
                                             size_t size) {
    struct sotto_livekit_key derived;
    CHECK_EQ(sotto_livekit_key_derive(&derived, kdf, (struct sotto_bytes){material, size},
                                      LIVEKIT_SALT),
             SOTTO_OK);
    return derived;
}

static void make_known(void) {
    memcpy(known.text, "correct horse battery", sizeof known.text);
    for (size_t i = 0; i < sizeof known.raw; i++)
        known.raw[i] = (uint8_t)(i * 29 + 17);
    known.from_text = derive_known(SOTTO_LIVEKIT_PBKDF2, known.text, sizeof known.text);
    known.from_raw = derive_known(SOTTO_LIVEKIT_HKDF, known.raw, sizeof known.raw);
    known.next = derive_known(SOTTO_LIVEKIT_HKDF, known.from_raw.bytes, 32);
    uint8_t extracted[32];
    CHECK_EQ(sotto_hkdf_extract(SOTTO_SHA256, LIVEKIT_SALT, raw_key(), extracted), SOTTO_OK);
    look_for("what HKDF extracts", extracted);
    look_for("the text key", known.text);
    look_for("the raw key", known.raw);
    look_for("the key of the text", known.from_text.bytes);
    look_for("the key of the bytes", known.from_raw.bytes);
    look_for("the next key", known.next.bytes);
    look_for("the second half of the key of the bytes", known.from_raw.bytes + 16);
    look_for_padded("the raw key with ipad", known.raw, 0x36);
    look_for_padded("the key of the bytes with ipad", known.from_raw.bytes, 0x36);
}

// Each of these runs alone: what one leaves, the next would cover.
static void derive_from_raw(void) {
    CHECK_EQ(sotto_livekit_key_derive_hkdf(&key, raw_key(), LIVEKIT_SALT), SOTTO_OK);
}

static void set_raw(void) {
    CHECK_EQ(sotto_livekit_ring_set_raw(&ring, 0, raw_key(), true), SOTTO_OK);
}

static void set_text(void) {
    CHECK_EQ(sotto_livekit_ring_begin_text(
                 &ring, 1, (struct sotto_bytes){known.text, sizeof known.text}, false),
             SOTTO_OK);
    livekit_work(&ring);
}

static void ratchet(void) {
    CHECK_EQ(sotto_livekit_ring_ratchet(&ring, 0), SOTTO_OK);
}

static void seal_frame(void) {
    const struct sotto_livekit_frame_info info = {SOTTO_CODEC_OPUS, false, 1, 2};
    CHECK_EQ(sotto_livekit_sealer_seal(&sealer, &info, (struct sotto_bytes){frame, sizeof frame},
                                       wire, sizeof wire, &wire_size),
             SOTTO_OK);
}

static void open_frame(void) {
    size_t size;
    CHECK_EQ(sotto_livekit_opener_open(&opener, SOTTO_CODEC_OPUS, false,
                                       (struct sotto_bytes){wire, wire_size}, opened,
                                       sizeof opened, &size),
             SOTTO_OK);
}

TEST(nothing_is_left_on_the_stack) {
    static const struct {
        const char *where;
        void (*function)(void);
    } runs[] = {
        {"the stack of the key", derive_from_raw}, {"the stack of the ring", set_raw},
        {"the stack of the text key", set_text},   {"the stack of the sealer", seal_frame},
        {"the stack of the opener", open_frame},   {"the stack of the ratchet", ratchet},
    };
    livekit_init_ring(&ring, 2);
    livekit_init_sealer(&sealer, &ring, 0);
    CHECK(sotto_livekit_opener_init(&opener, &ring, &replay, SOTTO_KIND_AUDIO, -1));
    for (size_t i = 0; i < sizeof runs / sizeof *runs; i++) {
        run_on_own_stack(runs[i].function);
        check_stack(runs[i].where);
    }
}

TEST(what_a_step_left_behind_is_gone_once_it_is_ended) {
    CHECK_TEXT(search(&ring.places[0].previous, sizeof ring.places[0].previous),
               "the key of the bytes");
    sotto_livekit_ring_end_previous(&ring);
    CHECK_TEXT(search(&ring.places[0], sizeof ring.places[0]), "the next key");
    sotto_livekit_ring_advance(&ring, 0, 1);
    sotto_livekit_ring_end_previous(&ring);
    check_absent("the place", &ring.places[0], sizeof ring.places[0]);
}

TEST(wiped_structs_hold_nothing) {
    static const uint8_t zeros[sizeof opener];
    const size_t places_size = 16 * sizeof *ring.places;
    CHECK_TEXT(search(livekit_places(&ring), places_size), "the key of the text");
    CHECK(search(&key, sizeof key));
    sotto_livekit_sealer_wipe(&sealer);
    sotto_livekit_opener_wipe(&opener);
    sotto_livekit_ring_wipe(&ring);
    sotto_wipe(&key, sizeof key);
    check_absent("the ring", &ring, sizeof ring);
    check_absent("the places", livekit_places(&ring), places_size);
    check_absent("the memory of frames", &replay, sizeof replay);
    CHECK_BYTES((uint8_t *)&sealer, zeros, sizeof sealer);
    CHECK_BYTES((uint8_t *)&opener, zeros, sizeof opener);
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
    RUN(nothing_is_left_on_the_stack);
    RUN(what_a_step_left_behind_is_gone_once_it_is_ended);
    RUN(wiped_structs_hold_nothing);
    RUN(the_library_gave_back_nothing_readable);
    return 0;
}
