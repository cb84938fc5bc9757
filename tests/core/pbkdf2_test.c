#include "core/pbkdf2.h"

#include "tests/check.h"
#include "tests/vectors.h"

// RFC 7914, section 11: the first 32 of the 64 bytes given there are the first block.
static const char once_hex[] = "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc";
static const char many_hex[] = "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56";

static void check_key(const uint8_t *key, const char *hex) {
    size_t size;
    uint8_t *expected = vectors_unhex(hex, &size);
    CHECK_EQ(size, SOTTO_PBKDF2_KEY_SIZE);
    CHECK_BYTES(key, expected, size);
    free(expected);
}

TEST(derives_the_vectors_of_rfc_7914) {
    uint8_t key[SOTTO_PBKDF2_KEY_SIZE];
    struct sotto_bytes salt = SOTTO_BYTES("salt");
    CHECK_EQ(sotto_pbkdf2_derive(SOTTO_BYTES("passwd"), &salt, 1, 1, key), SOTTO_OK);
    check_key(key, once_hex);
    struct sotto_bytes nacl[] = {SOTTO_BYTES("Na"), SOTTO_BYTES("Cl")};
    CHECK_EQ(sotto_pbkdf2_derive(SOTTO_BYTES("Password"), nacl, 2, 80000, key), SOTTO_OK);
    check_key(key, many_hex);
}

TEST(steps_of_any_size_come_to_the_same_key) {
    static const uint32_t step_sizes[] = {1, 7, 79998, 79999, 80000, UINT32_MAX};
    for (size_t i = 0; i < sizeof step_sizes / sizeof *step_sizes; i++) {
        struct sotto_pbkdf2 pbkdf2;
        struct sotto_bytes salt = SOTTO_BYTES("NaCl");
        uint8_t key[SOTTO_PBKDF2_KEY_SIZE];
        CHECK_EQ(sotto_pbkdf2_init(&pbkdf2, SOTTO_BYTES("Password"), &salt, 1, 80000), SOTTO_OK);
        uint32_t steps = 0;
        while (!sotto_pbkdf2_step(&pbkdf2, step_sizes[i]))
            steps++;
        // The first round is done by init; the step that ends the work is not counted.
        CHECK_EQ(steps, 79998 / step_sizes[i]);
        CHECK_EQ(sotto_pbkdf2_finish(&pbkdf2, key), SOTTO_OK);
        check_key(key, many_hex);
        sotto_pbkdf2_wipe(&pbkdf2);
    }
}

static void check_refused(const struct sotto_pbkdf2 *pbkdf2, enum sotto_result expected) {
    static const uint8_t zeros[SOTTO_PBKDF2_KEY_SIZE];
    uint8_t key[SOTTO_PBKDF2_KEY_SIZE];
    memset(key, 0xA5, sizeof key);
    CHECK_EQ(sotto_pbkdf2_finish(pbkdf2, key), expected);
    CHECK_BYTES(key, zeros, sizeof key);
}

TEST(gives_no_key_before_its_time_nor_after_a_wipe) {
    struct sotto_pbkdf2 pbkdf2 = {0};
    struct sotto_bytes salt = SOTTO_BYTES("salt");
    check_refused(&pbkdf2, SOTTO_NOT_READY);
    CHECK_EQ(sotto_pbkdf2_init(&pbkdf2, SOTTO_BYTES("passwd"), &salt, 1, 3), SOTTO_OK);
    check_refused(&pbkdf2, SOTTO_NOT_READY);
    CHECK(!sotto_pbkdf2_step(&pbkdf2, 0));
    CHECK(!sotto_pbkdf2_step(&pbkdf2, 1));
    check_refused(&pbkdf2, SOTTO_NOT_READY);
    CHECK(sotto_pbkdf2_step(&pbkdf2, 1));
    uint8_t key[SOTTO_PBKDF2_KEY_SIZE];
    CHECK_EQ(sotto_pbkdf2_finish(&pbkdf2, key), SOTTO_OK);
    sotto_pbkdf2_wipe(&pbkdf2);
    check_refused(&pbkdf2, SOTTO_NOT_READY);
}

TEST(refuses_no_rounds_and_remembers_it) {
    struct sotto_pbkdf2 pbkdf2;
    CHECK_EQ(sotto_pbkdf2_init(&pbkdf2, SOTTO_BYTES("passwd"), NULL, 0, 0), SOTTO_INVALID);
    CHECK(sotto_pbkdf2_step(&pbkdf2, 1));
    check_refused(&pbkdf2, SOTTO_INVALID);
    sotto_pbkdf2_wipe(&pbkdf2);
}

TEST(an_empty_password_is_a_password) {
    // Made with Python's hashlib.pbkdf2_hmac("sha256", b"", b"salt", 2).
    uint8_t key[SOTTO_PBKDF2_KEY_SIZE];
    struct sotto_bytes salt = SOTTO_BYTES("salt");
    CHECK_EQ(sotto_pbkdf2_derive((struct sotto_bytes){NULL, 0}, &salt, 1, 2, key), SOTTO_OK);
    check_key(key, "62384466264daadc4144018c6bd864648272b34da8980d31521ffcce92ae003b");
}

int main(void) {
    RUN(derives_the_vectors_of_rfc_7914);
    RUN(steps_of_any_size_come_to_the_same_key);
    RUN(gives_no_key_before_its_time_nor_after_a_wipe);
    RUN(refuses_no_rounds_and_remembers_it);
    RUN(an_empty_password_is_a_password);
    return 0;
}
