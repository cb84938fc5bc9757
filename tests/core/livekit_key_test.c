#include "core/livekit_key.h"

#include "core/aead.h"
#include "core/key_schedule.h"
#include "tests/core/livekit_vectors.h"

static struct sotto_livekit_key derive(enum sotto_livekit_kdf kdf, struct sotto_bytes material,
                                       struct sotto_bytes salt) {
    struct sotto_livekit_key key;
    CHECK_EQ(sotto_livekit_key_derive(&key, kdf, material, salt), SOTTO_OK);
    CHECK(key.id != 0);
    return key;
}

static void check_hex(const uint8_t *bytes, const json_t *row, const char *field) {
    size_t size;
    uint8_t *expected = vectors_bytes(row, field, &size);
    CHECK(size == 16 || size == 32);
    CHECK_BYTES(bytes, expected, size);
    free(expected);
}

// The key of a row, the keys along its ratchet, and the AES key at the end.
static void check_row(const json_t *row) {
    const bool is_text = strcmp(livekit_row_text(row, "kdf"), "PBKDF2") == 0;
    const enum sotto_livekit_kdf kdf = is_text ? SOTTO_LIVEKIT_PBKDF2 : SOTTO_LIVEKIT_HKDF;
    const struct sotto_bytes salt = livekit_text(livekit_row_text(row, "salt_utf8"));
    size_t size = 0;
    uint8_t *bytes = json_object_get(row, "key_hex") ? vectors_bytes(row, "key_hex", &size) : NULL;
    struct sotto_livekit_key key =
        derive(kdf,
               is_text ? livekit_text(livekit_row_text(row, "key_utf8"))
                       : (struct sotto_bytes){bytes, size},
               salt);
    size_t step;
    json_t *chain;
    json_array_foreach(json_object_get(row, "ratchet_chain_keys_hex"), step, chain) {
        size_t chain_size;
        uint8_t *expected = vectors_unhex(json_string_value(chain), &chain_size);
        CHECK_EQ(chain_size, sizeof key.bytes);
        CHECK_BYTES(key.bytes, expected, chain_size); // what the step starts from
        free(expected);
        const struct sotto_livekit_key before = key;
        key = derive(kdf, (struct sotto_bytes){before.bytes, sizeof before.bytes}, salt);
        CHECK(key.id != before.id);
    }
    if (json_object_get(row, "aes_key_hex"))
        check_hex(key.bytes, row, "aes_key_hex");
    free(bytes);
}

TEST(derives_and_ratchets_as_livekit_does) {
    livekit_each_row(check_row);
}

TEST(derives_with_the_salt_of_videosdk) {
    json_t *root = vectors_load("livekit_frames.json");
    const json_t *rows = json_object_get(root, "videosdk_key_derivation");
    CHECK_EQ(json_array_size(rows), 2);
    for (size_t i = 0; i < 2; i++)
        check_row(json_array_get(rows, i));
    json_decref(root);
}

// Native clients take PBKDF2 for bytes too, and a salt that is no text.
TEST(derives_as_native_clients_do) {
    json_t *root = vectors_load("livekit_frames.json");
    const json_t *row = json_object_get(root, "native_key_derivation");
    size_t material_size, salt_size;
    uint8_t *material = vectors_bytes(row, "material_hex", &material_size);
    uint8_t *salt = vectors_bytes(row, "salt_hex", &salt_size);
    const struct sotto_livekit_key key =
        derive(SOTTO_LIVEKIT_PBKDF2, (struct sotto_bytes){material, material_size},
               (struct sotto_bytes){salt, salt_size});
    check_hex(key.bytes, row, "aes_key_hex");
    free(material);
    free(salt);
    json_decref(root);
}

// Packets of LiveKit's data channel: the same key, a nonce beside the packet, no additional data.
TEST(seals_and_opens_what_livekit_sends_as_data) {
    json_t *root = vectors_load("livekit_frames.json");
    const json_t *rows = json_object_get(root, "data_channel_vectors");
    CHECK_EQ(json_array_size(rows), 1);
    const json_t *row = json_array_get(rows, 0);
    check_row(row);
    const struct sotto_livekit_key key =
        derive(SOTTO_LIVEKIT_PBKDF2, livekit_text(livekit_row_text(row, "key_utf8")),
               livekit_text(livekit_row_text(row, "salt_utf8")));
    size_t size, nonce_size, sealed_size;
    uint8_t *packet = vectors_bytes(row, "plaintext_hex", &size);
    uint8_t *nonce = vectors_bytes(row, "iv_hex", &nonce_size);
    uint8_t *sealed = vectors_bytes(row, "encrypted_value_hex", &sealed_size);
    CHECK_EQ(nonce_size, SOTTO_AEAD_NONCE_SIZE);
    CHECK_EQ(sealed_size, size + SOTTO_AEAD_TAG_SIZE);

    struct sotto_aead aead;
    uint8_t output[64];
    CHECK_EQ(sotto_aead_init(&aead, key.bytes, 16), SOTTO_OK);
    CHECK_EQ(sotto_aead_seal(&aead, nonce, NULL, 0, packet, size, output, output + size),
             SOTTO_OK);
    CHECK_BYTES(output, sealed, sealed_size);
    CHECK_EQ(sotto_aead_open(&aead, nonce, NULL, 0, sealed, size, output, sealed + size),
             SOTTO_OK);
    CHECK_BYTES(output, packet, size);
    sotto_aead_wipe(&aead);
    free(packet);
    free(nonce);
    free(sealed);
    json_decref(root);
}

TEST(refuses_no_material_and_a_salt_that_is_too_long) {
    static const uint8_t long_salt[SOTTO_LIVEKIT_SALT_SIZE_MAX + 1];
    static const struct sotto_livekit_key zero;
    struct sotto_livekit_key key;
    const struct sotto_bytes none = {NULL, 0};
    for (int kdf = SOTTO_LIVEKIT_PBKDF2; kdf <= SOTTO_LIVEKIT_HKDF; kdf++) {
        memset(&key, 0xA5, sizeof key);
        CHECK_EQ(sotto_livekit_key_derive(&key, (enum sotto_livekit_kdf)kdf, none, LIVEKIT_SALT),
                 SOTTO_INVALID);
        CHECK_BYTES((uint8_t *)&key, (const uint8_t *)&zero, sizeof key);
        memset(&key, 0xA5, sizeof key);
        CHECK_EQ(sotto_livekit_key_derive(&key, (enum sotto_livekit_kdf)kdf, LIVEKIT_SALT,
                                          (struct sotto_bytes){long_salt, sizeof long_salt}),
                 SOTTO_INVALID);
        CHECK_BYTES((uint8_t *)&key, (const uint8_t *)&zero, sizeof key);
        // An empty salt and the longest are ones.
        (void)derive((enum sotto_livekit_kdf)kdf, LIVEKIT_SALT, none);
        (void)derive((enum sotto_livekit_kdf)kdf, LIVEKIT_SALT,
                     (struct sotto_bytes){long_salt, SOTTO_LIVEKIT_SALT_SIZE_MAX});
    }
}

TEST(a_key_is_named_by_its_bytes_alone) {
    const struct sotto_bytes text = SOTTO_BYTES("correct horse");
    const struct sotto_livekit_key first = derive(SOTTO_LIVEKIT_HKDF, text, LIVEKIT_SALT);
    const struct sotto_livekit_key again = derive(SOTTO_LIVEKIT_HKDF, text, LIVEKIT_SALT);
    const struct sotto_livekit_key other =
        derive(SOTTO_LIVEKIT_HKDF, text, SOTTO_BYTES("another salt"));
    CHECK(first.id == again.id);
    CHECK(first.id != other.id);
}

// Computed with Python from the key of the first vector; its first bit is 0 before it is set.
TEST(the_name_of_a_key_is_the_one_of_the_page) {
    const struct sotto_livekit_key key =
        derive(SOTTO_LIVEKIT_PBKDF2, SOTTO_BYTES("my-secret-room-password"), LIVEKIT_SALT);
    char code[SOTTO_SAFETY_CODE_SIZE];
    CHECK(key.id == UINT64_C(0xd12e81df2aee755d));
    sotto_key_schedule_write_safety_code(key.id, code);
    CHECK(strcmp(code, "7983 5358 9597") == 0);
}

int main(void) {
    RUN(derives_and_ratchets_as_livekit_does);
    RUN(derives_with_the_salt_of_videosdk);
    RUN(derives_as_native_clients_do);
    RUN(seals_and_opens_what_livekit_sends_as_data);
    RUN(refuses_no_material_and_a_salt_that_is_too_long);
    RUN(a_key_is_named_by_its_bytes_alone);
    RUN(the_name_of_a_key_is_the_one_of_the_page);
    return 0;
}
