#include "core/sframe_any.h"

#include "sotto/sframe_kid.h"
#include "core/wipe.h"
#include "tests/core/sframe_vectors.h"
#include "tests/proto/exact_copy.h"

#include <openssl/crypto.h>

enum { SUITE_FIRST = 1, SUITE_LAST = 5 };

static const struct sotto_bytes base_key = {(const uint8_t *)"base key", 8};
static const struct sotto_bytes metadata = {(const uint8_t *)"metadata", 8};

static size_t tag_size_of(int suite) {
    return sotto_sframe_suite_find((enum sotto_suite)suite)->tag_size;
}

static void init_key(struct sotto_sframe_any *key, int suite, uint64_t kid) {
    CHECK_EQ(sotto_sframe_any_init(key, (enum sotto_suite)suite, kid, base_key), SOTTO_OK);
}

static void check_row(const json_t *row) {
    enum sotto_suite suite = (enum sotto_suite)number_of(row, "cipher_suite");
    struct sotto_bytes row_key = bytes_of(row, "base_key");
    struct sotto_bytes row_metadata = bytes_of(row, "metadata");
    struct sotto_bytes plaintext = bytes_of(row, "pt");
    struct sotto_bytes expected = bytes_of(row, "ct");
    struct sotto_sframe_any key;
    struct sotto_sframe sframe;
    uint8_t sealed[128], opened[128];
    size_t size;
    CHECK_EQ(sotto_sframe_any_init(&key, suite, number_of(row, "kid"), row_key), SOTTO_OK);
    CHECK_EQ(sotto_sframe_any_seal(&key, number_of(row, "ctr"), &row_metadata, 1, plaintext, sealed,
                                   expected.size, &size),
             SOTTO_OK);
    CHECK_EQ(size, expected.size);
    CHECK_BYTES(sealed, expected.data, expected.size);

    CHECK(sotto_sframe_any_parse(&sframe, suite, expected));
    CHECK(sframe.header.kid == number_of(row, "kid"));
    CHECK(sframe.header.counter == number_of(row, "ctr"));
    CHECK_EQ(sframe.ciphertext.size, plaintext.size);
    CHECK_EQ(sotto_sframe_any_open(&key, &sframe, &row_metadata, 1, opened, plaintext.size),
             SOTTO_OK);
    CHECK_BYTES(opened, plaintext.data, plaintext.size);
    sotto_sframe_any_wipe(&key);
    release(row_key);
    release(row_metadata);
    release(plaintext);
    release(expected);
}

static unsigned suites_seen;

static void check_row_of_new_suite(const json_t *row) {
    check_row(row);
    suites_seen |= 1u << number_of(row, "cipher_suite");
}

TEST(seals_and_opens_the_vectors_of_rfc_9605_in_all_five_suites) {
    for_each_row("sframe", SFRAME_VECTOR_COUNT, check_row_of_new_suite);
    CHECK_EQ(suites_seen, 0x3e);
}

TEST(an_unknown_suite_and_an_empty_base_key_make_no_key) {
    static const uint8_t zeros[sizeof(struct sotto_sframe_any)];
    for (int suite = -1; suite < 300; suite++) {
        struct sotto_sframe_any key;
        struct sotto_sframe sframe;
        bool is_known = suite >= SUITE_FIRST && suite <= SUITE_LAST;
        CHECK_EQ(sotto_sframe_any_init(&key, (enum sotto_suite)suite, 1, base_key),
                 is_known ? SOTTO_OK : SOTTO_INVALID);
        sotto_sframe_any_wipe(&key);
        CHECK_BYTES(&key, zeros, sizeof key);
        CHECK_EQ(sotto_sframe_any_init(&key, (enum sotto_suite)suite, 1, SOTTO_BYTES("")),
                 SOTTO_INVALID);
        CHECK_BYTES(&key, zeros, sizeof key);
        // One byte of header and as many as the longest tag has.
        CHECK_EQ(sotto_sframe_any_parse(&sframe, (enum sotto_suite)suite,
                                        (struct sotto_bytes){zeros, 17}),
                 is_known);
    }
}

// Seals into memory of exactly the size that is needed, opens into memory of exactly its size.
static void check_round_trip(int suite, uint64_t kid, uint64_t counter, size_t size) {
    struct sotto_sframe_any key;
    init_key(&key, suite, kid);
    struct sotto_sframe sframe;
    uint8_t *plaintext = malloc(size + 1), *opened = malloc(size + 1);
    uint8_t *sealed = malloc(size + SOTTO_SFRAME_OVERHEAD_MAX);
    size_t sealed_size;
    CHECK(plaintext && opened && sealed);
    for (size_t i = 0; i < size; i++)
        plaintext[i] = (uint8_t)(i * 31 + size);
    CHECK_EQ(sotto_sframe_any_seal(&key, counter, &metadata, 1,
                                   (struct sotto_bytes){plaintext, size}, sealed,
                                   size + SOTTO_SFRAME_OVERHEAD_MAX, &sealed_size),
             SOTTO_OK);
    struct sotto_bytes exact = {exact_copy(sealed, sealed_size), sealed_size};
    CHECK(sotto_sframe_any_parse(&sframe, (enum sotto_suite)suite, exact));
    CHECK(sframe.header.kid == kid && sframe.header.counter == counter);
    CHECK_EQ(sframe.ciphertext.size, size);
    CHECK_EQ(sframe.tag_size, tag_size_of(suite));
    CHECK(size < 16 || memcmp(sframe.ciphertext.data, plaintext, size) != 0);
    opened[size] = 0xA5;
    CHECK_EQ(sotto_sframe_any_open(&key, &sframe, &metadata, 1, opened, size), SOTTO_OK);
    CHECK_BYTES(opened, plaintext, size);
    CHECK_EQ(opened[size], 0xA5);
    sotto_sframe_any_wipe(&key);
    release(exact);
    free(plaintext);
    free(opened);
    free(sealed);
}

TEST(sealing_and_opening_is_identity_for_every_size_kid_and_counter) {
    static const uint64_t numbers[] = {0, 7, 8, 255, 256, UINT32_MAX, UINT64_MAX - 1, UINT64_MAX};
    enum { NUMBER_COUNT = sizeof numbers / sizeof *numbers };
    for (int suite = SUITE_FIRST; suite <= SUITE_LAST; suite++) {
        for (size_t size = 0; size <= 300; size++)
            check_round_trip(suite, numbers[size % NUMBER_COUNT], size, size);
        for (size_t i = 0; i < NUMBER_COUNT * NUMBER_COUNT; i++)
            check_round_trip(suite, numbers[i % NUMBER_COUNT], numbers[i / NUMBER_COUNT], 33);
        check_round_trip(suite, 1, 1, 4 << 20);
    }
    check_round_trip(1, UINT64_MAX, UINT64_MAX, SOTTO_FRAME_SIZE_MAX);
    check_round_trip(4, UINT64_MAX, UINT64_MAX, SOTTO_FRAME_SIZE_MAX);
}

TEST(no_cut_and_no_flipped_bit_opens) {
    for (int suite = SUITE_FIRST; suite <= SUITE_LAST; suite++) {
        struct sotto_sframe_any key;
        init_key(&key, suite, 0x80000001);
        struct sotto_bytes plaintext = SOTTO_BYTES("what is sealed here");
        static const uint8_t zeros[32];
        struct sotto_sframe sframe;
        uint8_t sealed[64], opened[64];
        size_t size;
        CHECK_EQ(sotto_sframe_any_seal(&key, 300, &metadata, 1, plaintext, sealed, sizeof sealed,
                                       &size),
                 SOTTO_OK);
        for (size_t cut = 0; cut < size; cut++) {
            struct sotto_bytes exact = {exact_copy(sealed, cut), cut};
            if (sotto_sframe_any_parse(&sframe, (enum sotto_suite)suite, exact))
                CHECK_EQ(sotto_sframe_any_open(&key, &sframe, &metadata, 1, opened, sizeof opened),
                         SOTTO_TAMPERED);
            else
                CHECK(!sframe.tag && sframe.header.kid == 0 && sframe.header.counter == 0);
            release(exact);
        }
        for (size_t bit = 0; bit < 8 * size; bit++) {
            sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
            memset(opened, 0xA5, sizeof opened);
            struct sotto_bytes flipped = {sealed, size};
            if (sotto_sframe_any_parse(&sframe, (enum sotto_suite)suite, flipped)) {
                CHECK_EQ(sotto_sframe_any_open(&key, &sframe, &metadata, 1, opened, sizeof opened),
                         SOTTO_TAMPERED);
                CHECK_BYTES(opened, zeros, sframe.ciphertext.size);
            }
            sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        CHECK(sotto_sframe_any_parse(&sframe, (enum sotto_suite)suite,
                                     (struct sotto_bytes){sealed, size}));
        CHECK_EQ(sotto_sframe_any_open(&key, &sframe, &metadata, 1, opened, sizeof opened),
                 SOTTO_OK);
        sotto_sframe_any_wipe(&key);
    }
}

// What was sealed in one suite is opened in no other, also where the tags have one size.
TEST(a_frame_opens_in_its_own_suite_only) {
    struct sotto_bytes plaintext = SOTTO_BYTES("plaintext");
    for (int from = SUITE_FIRST; from <= SUITE_LAST; from++) {
        struct sotto_sframe_any sealing;
        init_key(&sealing, from, 1);
        uint8_t sealed[64], opened[64];
        size_t size;
        CHECK_EQ(sotto_sframe_any_seal(&sealing, 1, NULL, 0, plaintext, sealed, 64, &size),
                 SOTTO_OK);
        for (int to = SUITE_FIRST; to <= SUITE_LAST; to++) {
            struct sotto_sframe_any opening;
            init_key(&opening, to, 1);
            struct sotto_sframe sframe;
            if (sotto_sframe_any_parse(&sframe, (enum sotto_suite)to,
                                       (struct sotto_bytes){sealed, size}))
                CHECK_EQ(sotto_sframe_any_open(&opening, &sframe, NULL, 0, opened, 64),
                         from == to ? SOTTO_OK : SOTTO_TAMPERED);
            // Parsed for the suite of the sender: a short tag is not read as a longer one.
            struct sotto_bytes exact = {exact_copy(sealed, size), size};
            CHECK(sotto_sframe_any_parse(&sframe, (enum sotto_suite)from, exact));
            enum sotto_result expected = from == to ? SOTTO_OK
                                         : tag_size_of(from) == tag_size_of(to)
                                             ? SOTTO_TAMPERED
                                             : SOTTO_INVALID;
            CHECK_EQ(sotto_sframe_any_open(&opening, &sframe, NULL, 0, opened, 64), expected);
            release(exact);
            sotto_sframe_any_wipe(&opening);
        }
        sotto_sframe_any_wipe(&sealing);
    }
}

TEST(sizes_have_limits) {
    static uint8_t large[SOTTO_FRAME_SIZE_MAX + 1];
    static uint8_t output[SOTTO_FRAME_SIZE_MAX + SOTTO_SFRAME_OVERHEAD_MAX];
    const struct sotto_bytes longest[] = {{large, SOTTO_METADATA_SIZE_MAX - 1}, {large, 1}};
    const struct sotto_bytes too_long[] = {{large, SOTTO_METADATA_SIZE_MAX}, {large, 1}};
    const struct sotto_bytes too_large = {large, sizeof large};
    const struct sotto_bytes plaintext = {large, 9};
    for (int suite = SUITE_FIRST; suite <= SUITE_LAST; suite++) {
        struct sotto_sframe_any key;
        init_key(&key, suite, UINT64_MAX);
        struct sotto_sframe sframe;
        size_t needed = SOTTO_SFRAME_HEADER_SIZE_MAX + 9 + tag_size_of(suite);
        size_t size = 1;
        CHECK_EQ(sotto_sframe_any_seal(&key, UINT64_MAX, NULL, 0, too_large, output, sizeof output,
                                       &size),
                 SOTTO_INVALID);
        CHECK_EQ(size, 0);
        CHECK_EQ(sotto_sframe_any_seal(&key, UINT64_MAX, too_long, 2, plaintext, output, 64, &size),
                 SOTTO_INVALID);
        // Nor do short headers make room for more.
        CHECK_EQ(sotto_sframe_any_seal(&key, 0, too_long, 2, plaintext, output, 64, &size),
                 SOTTO_INVALID);
        for (size_t capacity = 0; capacity < needed; capacity++)
            CHECK_EQ(sotto_sframe_any_seal(&key, UINT64_MAX, longest, 2, plaintext, output,
                                           capacity, &size),
                     SOTTO_TOO_SMALL);
        CHECK_EQ(sotto_sframe_any_seal(&key, UINT64_MAX, longest, 2, plaintext, output, needed,
                                       &size),
                 SOTTO_OK);
        CHECK_EQ(size, needed);

        uint8_t opened[9];
        CHECK(sotto_sframe_any_parse(&sframe, (enum sotto_suite)suite,
                                     (struct sotto_bytes){output, size}));
        CHECK_EQ(sotto_sframe_any_open(&key, &sframe, too_long, 2, opened, 9), SOTTO_INVALID);
        CHECK_EQ(sotto_sframe_any_open(&key, &sframe, longest, 2, opened, 8), SOTTO_TOO_SMALL);
        CHECK_EQ(sotto_sframe_any_open(&key, &sframe, longest, 1, opened, 9), SOTTO_TAMPERED);
        CHECK_EQ(sotto_sframe_any_open(&key, &sframe, NULL, 0, opened, 9), SOTTO_TAMPERED);
        CHECK_EQ(sotto_sframe_any_open(&key, &sframe, longest, 2, opened, 9), SOTTO_OK);
        sframe.ciphertext.size = SOTTO_FRAME_SIZE_MAX + 1;
        CHECK_EQ(sotto_sframe_any_open(&key, &sframe, longest, 2, large, sizeof large),
                 SOTTO_INVALID);
        sotto_sframe_any_wipe(&key);
    }
}

TEST(a_wiped_key_and_what_did_not_parse_give_nothing) {
    static const uint8_t zeros[sizeof(struct sotto_sframe_any)];
    for (int suite = SUITE_FIRST; suite <= SUITE_LAST; suite++) {
        struct sotto_sframe_any key;
        init_key(&key, suite, 1);
        struct sotto_sframe sframe;
        uint8_t sealed[64], opened[64];
        size_t size;
        CHECK(!sotto_sframe_any_parse(&sframe, (enum sotto_suite)suite,
                                      (struct sotto_bytes){NULL, 0}));
        CHECK_EQ(sotto_sframe_any_open(&key, &sframe, NULL, 0, opened, 64), SOTTO_INVALID);
        CHECK_EQ(sotto_sframe_any_seal(&key, 1, NULL, 0, metadata, sealed, 64, &size), SOTTO_OK);
        CHECK(sotto_sframe_any_parse(&sframe, (enum sotto_suite)suite,
                                     (struct sotto_bytes){sealed, size}));
        sotto_sframe_any_wipe(&key);
        sotto_sframe_any_wipe(&key);
        CHECK_BYTES(&key, zeros, sizeof key);
        CHECK_EQ(sotto_sframe_any_open(&key, &sframe, NULL, 0, opened, 64), SOTTO_INVALID);
        CHECK_EQ(sotto_sframe_any_seal(&key, 2, NULL, 0, metadata, sealed, 64, &size),
                 SOTTO_INVALID);
        CHECK_EQ(size, 0);
    }
}

TEST(a_failing_cipher_leaves_nothing_of_the_frame) {
    static const uint8_t zeros[64];
    for (int suite = SUITE_FIRST; suite <= SUITE_LAST; suite++) {
        struct sotto_sframe_any key;
        init_key(&key, suite, 1);
        uint8_t sealed[64] = {0};
        size_t size;
        if (suite >= 4)
            sotto_aead_wipe(&key.gcm.aead);
        else
            sotto_aes_ctr_wipe(&key.ctr_hmac.cipher.ctr);
        CHECK_EQ(sotto_sframe_any_seal(&key, 1, NULL, 0, metadata, sealed, 64, &size),
                 SOTTO_INTERNAL);
        CHECK_EQ(size, 0);
        CHECK_BYTES(sealed, zeros, sizeof sealed);
        sotto_sframe_any_wipe(&key);
    }
}

static size_t allocation_count;

static void *allocate(size_t size, const char *file, int line) {
    (void)file;
    (void)line;
    allocation_count++;
    return malloc(size);
}

static void *reallocate(void *memory, size_t size, const char *file, int line) {
    (void)file;
    (void)line;
    allocation_count++;
    return realloc(memory, size);
}

static void give_back(void *memory, const char *file, int line) {
    (void)file;
    (void)line;
    free(memory);
}

TEST(no_frame_makes_the_library_allocate) {
    for (int suite = SUITE_FIRST; suite <= SUITE_LAST; suite++) {
        struct sotto_sframe_any key;
        struct sotto_sframe sframe;
        uint8_t sealed[64], opened[64];
        size_t size;
        init_key(&key, suite, 1);
        size_t before = allocation_count;
        for (uint64_t counter = 0; counter < 10; counter++) {
            CHECK_EQ(sotto_sframe_any_seal(&key, counter, NULL, 0, metadata, sealed, 64, &size),
                     SOTTO_OK);
            CHECK(sotto_sframe_any_parse(&sframe, (enum sotto_suite)suite,
                                         (struct sotto_bytes){sealed, size}));
            CHECK_EQ(sotto_sframe_any_open(&key, &sframe, NULL, 0, opened, 64), SOTTO_OK);
        }
        CHECK_EQ(allocation_count, before);
        sotto_sframe_any_wipe(&key);
    }
}

// Sender and receiver go the same way through the ratchet, and nobody goes back.
TEST(a_ratcheted_key_opens_what_the_same_step_sealed_and_nothing_else) {
    enum { STEPS = 4 };
    for (int suite = SUITE_FIRST; suite <= SUITE_LAST; suite++) {
        struct sotto_sframe_any keys[STEPS];
        uint8_t step_key[SOTTO_HASH_SIZE_MAX] = "base key";
        size_t size = 8;
        for (uint64_t step = 0; step < STEPS; step++) {
            struct sotto_bytes current = {step_key, size};
            CHECK_EQ(sotto_sframe_any_init(&keys[step], (enum sotto_suite)suite, 5, current),
                     SOTTO_OK);
            CHECK_EQ(sotto_sframe_key_derive_next((enum sotto_suite)suite, current, step_key),
                     SOTTO_OK);
            size = suite == 5 ? 64 : 32;
        }
        for (size_t i = 0; i < STEPS * STEPS; i++) {
            struct sotto_sframe sframe;
            uint8_t sealed[64], opened[64];
            CHECK_EQ(sotto_sframe_any_seal(&keys[i % STEPS], i, NULL, 0, metadata, sealed, 64,
                                           &size),
                     SOTTO_OK);
            CHECK(sotto_sframe_any_parse(&sframe, (enum sotto_suite)suite,
                                         (struct sotto_bytes){sealed, size}));
            CHECK_EQ(sotto_sframe_any_open(&keys[i / STEPS], &sframe, NULL, 0, opened, 64),
                     i % STEPS == i / STEPS ? SOTTO_OK : SOTTO_TAMPERED);
        }
        for (size_t step = 0; step < STEPS; step++)
            sotto_sframe_any_wipe(&keys[step]);
    }
}

// A receiver of one sender's frames, as docs/sframe.md has it.
struct receiver {
    enum sotto_suite suite;
    unsigned step_bits;
    struct sotto_sframe_sender_kid current;
    uint8_t base_key[SOTTO_HASH_SIZE_MAX];
    size_t base_key_size;
};

static enum sotto_result open_under(enum sotto_suite suite, struct sotto_bytes step_key,
                                    const struct sotto_sframe *sframe, uint8_t *frame,
                                    size_t capacity) {
    struct sotto_sframe_any key;
    enum sotto_result result =
        sotto_sframe_any_init(&key, suite, sframe->header.kid, step_key);
    if (result == SOTTO_OK)
        result = sotto_sframe_any_open(&key, sframe, &metadata, 1, frame, capacity);
    sotto_sframe_any_wipe(&key);
    return result;
}

static enum sotto_result receive(struct receiver *receiver, struct sotto_bytes wire,
                                 uint8_t *frame, size_t capacity) {
    struct sotto_sframe sframe;
    struct receiver then = *receiver;
    unsigned steps;
    if (!sotto_sframe_any_parse(&sframe, receiver->suite, wire))
        return SOTTO_NOT_SEALED;
    enum sotto_result result = sotto_sframe_kid_count_steps(
        &receiver->current, sframe.header.kid, receiver->step_bits, &steps);
    for (; result == SOTTO_OK && then.current.step < receiver->current.step + steps;
         then.current.step++) {
        result = sotto_sframe_key_derive_next(
            then.suite, (struct sotto_bytes){then.base_key, then.base_key_size}, then.base_key);
        then.base_key_size = sotto_hash_size(sotto_sframe_suite_find(then.suite)->hash);
    }
    if (result == SOTTO_OK)
        result = open_under(then.suite, (struct sotto_bytes){then.base_key, then.base_key_size},
                            &sframe, frame, capacity);
    if (result == SOTTO_OK)
        *receiver = then; // only now: a KID is anybody's word
    sotto_wipe(&then, sizeof then);
    return result;
}

// Seals at a step, from the generation's first base key on.
static size_t seal_at_step(int suite, uint64_t step, unsigned step_bits, uint8_t *wire,
                           size_t capacity) {
    struct sotto_sframe_any key;
    struct sotto_sframe_sender_kid parts = {1, step};
    uint8_t step_key[SOTTO_HASH_SIZE_MAX] = "base key";
    size_t size = 8;
    uint64_t kid;
    for (uint64_t i = 0; i < step; i++) {
        struct sotto_bytes current = {step_key, size};
        CHECK_EQ(sotto_sframe_key_derive_next((enum sotto_suite)suite, current, step_key),
                 SOTTO_OK);
        size = suite == 5 ? 64 : 32;
    }
    CHECK(sotto_sframe_kid_compose_sender(&kid, &parts, step_bits));
    CHECK_EQ(sotto_sframe_any_init(&key, (enum sotto_suite)suite, kid,
                                   (struct sotto_bytes){step_key, size}),
             SOTTO_OK);
    CHECK_EQ(sotto_sframe_any_seal(&key, step, &metadata, 1, base_key, wire, capacity, &size),
             SOTTO_OK);
    sotto_sframe_any_wipe(&key);
    return size;
}

TEST(a_receiver_follows_a_sender_s_ratchet_and_no_forged_kid) {
    enum { STEP_BITS = 6, STEPS = 80 }; // more than R tells apart
    for (int suite = SUITE_FIRST; suite <= SUITE_LAST; suite++) {
        struct receiver receiver = {(enum sotto_suite)suite, STEP_BITS, {1, 0}, "base key", 8};
        uint8_t wire[64], frame[64];
        for (uint64_t step = 0; step < STEPS; step += 1 + step % 17) {
            struct sotto_bytes sealed = {wire, seal_at_step(suite, step, STEP_BITS, wire, 64)};
            struct receiver before = receiver;
            for (unsigned bit = 0; bit < 16; bit++) {
                wire[bit / 8] ^= (uint8_t)(1 << bit % 8);
                CHECK(receive(&receiver, sealed, frame, sizeof frame) != SOTTO_OK);
                CHECK_BYTES(&receiver, &before, sizeof receiver);
                wire[bit / 8] ^= (uint8_t)(1 << bit % 8);
            }
            CHECK_EQ(receive(&receiver, sealed, frame, sizeof frame), SOTTO_OK);
            CHECK_BYTES(frame, base_key.data, base_key.size);
            CHECK(receiver.current.step == step);
        }
        // What was left behind is gone.
        struct sotto_bytes old = {wire, seal_at_step(suite, 3, STEP_BITS, wire, 64)};
        CHECK_EQ(receive(&receiver, old, frame, sizeof frame), SOTTO_MISSING_KEY);
    }
}

int main(void) {
    CHECK(CRYPTO_set_mem_functions(allocate, reallocate, give_back) == 1);
    RUN(seals_and_opens_the_vectors_of_rfc_9605_in_all_five_suites);
    RUN(an_unknown_suite_and_an_empty_base_key_make_no_key);
    RUN(sealing_and_opening_is_identity_for_every_size_kid_and_counter);
    RUN(no_cut_and_no_flipped_bit_opens);
    RUN(a_frame_opens_in_its_own_suite_only);
    RUN(sizes_have_limits);
    RUN(a_wiped_key_and_what_did_not_parse_give_nothing);
    RUN(a_failing_cipher_leaves_nothing_of_the_frame);
    RUN(no_frame_makes_the_library_allocate);
    RUN(a_ratcheted_key_opens_what_the_same_step_sealed_and_nothing_else);
    RUN(a_receiver_follows_a_sender_s_ratchet_and_no_forged_kid);
    return 0;
}
