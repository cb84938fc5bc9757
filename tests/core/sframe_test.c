#include "core/sframe.h"

#include "tests/core/sframe_vectors.h"

static void check_suite_row(const json_t *row) {
    struct sotto_bytes base_key = bytes_of(row, "base_key");
    struct sotto_bytes salt = bytes_of(row, "sframe_salt");
    struct sotto_bytes metadata = bytes_of(row, "metadata");
    struct sotto_bytes plaintext = bytes_of(row, "pt");
    struct sotto_bytes expected = bytes_of(row, "ct");
    struct sotto_sframe_key key;
    CHECK_EQ(sotto_sframe_key_init(&key, (enum sotto_suite)number_of(row, "cipher_suite"),
                                   number_of(row, "kid"), base_key),
             SOTTO_OK);
    CHECK_EQ(salt.size, sizeof key.salt);
    CHECK_BYTES(key.salt, salt.data, salt.size);

    uint8_t sealed[128];
    size_t sealed_size;
    CHECK_EQ(sotto_sframe_seal(&key, number_of(row, "ctr"), &metadata, 1, plaintext, sealed,
                               expected.size, &sealed_size),
             SOTTO_OK);
    CHECK_EQ(sealed_size, expected.size);
    CHECK_BYTES(sealed, expected.data, expected.size);

    struct sotto_sframe sframe;
    uint8_t opened[128];
    CHECK(sotto_sframe_parse(&sframe, expected));
    CHECK_EQ(sotto_sframe_open(&key, &sframe, &metadata, 1, opened, plaintext.size), SOTTO_OK);
    CHECK_EQ(sframe.ciphertext.size, plaintext.size);
    CHECK_BYTES(opened, plaintext.data, plaintext.size);

    sotto_sframe_key_wipe(&key);
    release(base_key);
    release(salt);
    release(metadata);
    release(plaintext);
    release(expected);
}

TEST(seals_and_opens_suites_4_and_5_of_rfc_9605) {
    json_t *root = load_rfc_vectors();
    size_t rows = 0;
    size_t index;
    json_t *row;
    json_array_foreach(json_object_get(root, "sframe"), index, row) {
        // Suites 1 to 3 are not made here.
        if (number_of(row, "cipher_suite") < 4)
            continue;
        check_suite_row(row);
        rows++;
    }
    CHECK_EQ(rows, 2);
    json_decref(root);
}

TEST(no_cut_and_no_flipped_bit_opens) {
    struct sotto_sframe_key key;
    struct sotto_bytes metadata = SOTTO_BYTES("metadata");
    struct sotto_bytes plaintext = SOTTO_BYTES("what is sealed here");
    uint8_t sealed[64];
    uint8_t opened[64];
    size_t size;
    CHECK_EQ(sotto_sframe_key_init(&key, SOTTO_AES_128_GCM_SHA256_128, 0x80000001,
                                   SOTTO_BYTES("base key")),
             SOTTO_OK);
    CHECK_EQ(sotto_sframe_seal(&key, 300, &metadata, 1, plaintext, sealed, sizeof sealed, &size),
             SOTTO_OK);
    struct sotto_sframe sframe;
    for (size_t cut = 0; cut < size; cut++) {
        uint8_t *copy = malloc(cut ? cut : 1);
        CHECK(copy);
        memcpy(copy, sealed, cut);
        if (sotto_sframe_parse(&sframe, (struct sotto_bytes){copy, cut}))
            CHECK_EQ(sotto_sframe_open(&key, &sframe, &metadata, 1, opened, sizeof opened),
                     SOTTO_TAMPERED);
        free(copy);
    }
    for (size_t bit = 0; bit < 8 * size; bit++) {
        sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
        if (sotto_sframe_parse(&sframe, (struct sotto_bytes){sealed, size}))
            CHECK_EQ(sotto_sframe_open(&key, &sframe, &metadata, 1, opened, sizeof opened),
                     SOTTO_TAMPERED);
        sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    CHECK(sotto_sframe_parse(&sframe, (struct sotto_bytes){sealed, size}));
    CHECK_EQ(sotto_sframe_open(&key, &sframe, &metadata, 1, opened, sizeof opened), SOTTO_OK);
    sotto_sframe_key_wipe(&key);
}

TEST(metadata_is_authenticated_and_has_a_limit) {
    static const uint8_t long_metadata[SOTTO_METADATA_SIZE_MAX + 1] = {1};
    struct sotto_bytes longest = {long_metadata, SOTTO_METADATA_SIZE_MAX};
    struct sotto_bytes too_long = {long_metadata, SOTTO_METADATA_SIZE_MAX + 1};
    struct sotto_bytes other = {long_metadata, SOTTO_METADATA_SIZE_MAX - 1};
    struct sotto_bytes plaintext = SOTTO_BYTES("plaintext");
    struct sotto_sframe_key key;
    uint8_t sealed[64];
    uint8_t opened[64];
    size_t size;
    CHECK_EQ(sotto_sframe_key_init(&key, SOTTO_AES_256_GCM_SHA512_128, UINT64_MAX,
                                   SOTTO_BYTES("base key")),
             SOTTO_OK);
    // The longest header and the longest metadata at once.
    CHECK_EQ(sotto_sframe_seal(&key, UINT64_MAX, &too_long, 1, plaintext, sealed, 64, &size),
             SOTTO_INVALID);
    CHECK_EQ(size, 0);
    CHECK_EQ(sotto_sframe_seal(&key, UINT64_MAX, &longest, 1, plaintext, sealed, 64, &size),
             SOTTO_OK);
    CHECK_EQ(size, 17 + 9 + 16);
    struct sotto_sframe sframe;
    CHECK(sotto_sframe_parse(&sframe, (struct sotto_bytes){sealed, size}));
    CHECK_EQ(sotto_sframe_open(&key, &sframe, &too_long, 1, opened, 64), SOTTO_INVALID);
    CHECK_EQ(sotto_sframe_open(&key, &sframe, &other, 1, opened, 64), SOTTO_TAMPERED);
    CHECK_EQ(sotto_sframe_open(&key, &sframe, NULL, 0, opened, 64), SOTTO_TAMPERED);
    CHECK_EQ(sotto_sframe_open(&key, &sframe, &longest, 1, opened, 8), SOTTO_TOO_SMALL);
    CHECK_EQ(sotto_sframe_open(&key, &sframe, &longest, 1, opened, 9), SOTTO_OK);
    sotto_sframe_key_wipe(&key);
}

TEST(an_empty_plaintext_is_sealed_and_opened) {
    struct sotto_sframe_key key;
    struct sotto_bytes metadata = SOTTO_BYTES("m");
    struct sotto_sframe sframe;
    uint8_t sealed[17];
    size_t size;
    CHECK_EQ(sotto_sframe_key_init(&key, SOTTO_AES_128_GCM_SHA256_128, 7, SOTTO_BYTES("key")),
             SOTTO_OK);
    struct sotto_bytes nothing = {NULL, 0};
    CHECK_EQ(sotto_sframe_seal(&key, 7, &metadata, 1, nothing, sealed, 16, &size), SOTTO_TOO_SMALL);
    CHECK_EQ(sotto_sframe_seal(&key, 7, &metadata, 1, nothing, sealed, 17, &size), SOTTO_OK);
    CHECK_EQ(size, 17);
    CHECK(sotto_sframe_parse(&sframe, (struct sotto_bytes){sealed, size}));
    CHECK_EQ(sotto_sframe_open(&key, &sframe, &metadata, 1, NULL, 0), SOTTO_OK);
    sotto_sframe_key_wipe(&key);
}

TEST(a_tag_of_another_size_is_not_read_as_one_of_16_bytes) {
    struct sotto_sframe_key key;
    struct sotto_bytes plaintext = SOTTO_BYTES("plaintext");
    uint8_t sealed[64];
    uint8_t opened[64];
    size_t size;
    CHECK_EQ(sotto_sframe_key_init(&key, SOTTO_AES_128_GCM_SHA256_128, 7, SOTTO_BYTES("key")),
             SOTTO_OK);
    CHECK_EQ(sotto_sframe_seal(&key, 7, NULL, 0, plaintext, sealed, 64, &size), SOTTO_OK);
    for (size_t tag_size = 0; tag_size < size; tag_size++) {
        struct sotto_sframe sframe;
        CHECK(sotto_sframe_parse_with_tag(&sframe, tag_size, (struct sotto_bytes){sealed, size}));
        CHECK_EQ(sframe.tag_size, tag_size);
        CHECK_EQ(sotto_sframe_open(&key, &sframe, NULL, 0, opened, 64),
                 tag_size == 16 ? SOTTO_OK : SOTTO_INVALID);
    }
    struct sotto_sframe nothing;
    CHECK(!sotto_sframe_parse_with_tag(&nothing, size, (struct sotto_bytes){sealed, size}));
    CHECK_EQ(sotto_sframe_open(&key, &nothing, NULL, 0, opened, 64), SOTTO_INVALID);
    sotto_sframe_key_wipe(&key);
}

int main(void) {
    RUN(seals_and_opens_suites_4_and_5_of_rfc_9605);
    RUN(no_cut_and_no_flipped_bit_opens);
    RUN(metadata_is_authenticated_and_has_a_limit);
    RUN(an_empty_plaintext_is_sealed_and_opened);
    RUN(a_tag_of_another_size_is_not_read_as_one_of_16_bytes);
    return 0;
}
