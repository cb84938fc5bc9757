#include "core/hkdf.h"

#include "tests/check.h"
#include "tests/vectors.h"

static struct sotto_bytes bytes_of(const json_t *row, const char *field) {
    struct sotto_bytes bytes;
    bytes.data = vectors_bytes(row, field, &bytes.size);
    return bytes;
}

static enum sotto_result derive(enum sotto_hash hash, struct sotto_bytes salt,
                                struct sotto_bytes key_material, const struct sotto_bytes *info,
                                size_t info_count, uint8_t *output, size_t size) {
    uint8_t key[SOTTO_HASH_SIZE_MAX];
    CHECK_EQ(sotto_hkdf_extract(hash, salt, key_material, key), SOTTO_OK);
    struct sotto_bytes prk = {key, sotto_hash_size(hash)};
    return sotto_hkdf_expand(hash, prk, info, info_count, output, size);
}

static void check_row(const json_t *row, enum sotto_hash hash) {
    struct sotto_bytes salt = bytes_of(row, "salt");
    struct sotto_bytes key_material = bytes_of(row, "ikm");
    struct sotto_bytes info = bytes_of(row, "info");
    struct sotto_bytes expected = bytes_of(row, "okm");
    size_t size = (size_t)json_integer_value(json_object_get(row, "size"));
    uint8_t *output = malloc(size);
    CHECK(output);
    memset(output, 0xA5, size);
    enum sotto_result result = derive(hash, salt, key_material, &info, 1, output, size);
    if (strcmp(json_string_value(json_object_get(row, "result")), "valid") == 0) {
        CHECK_EQ(result, SOTTO_OK);
        CHECK_EQ(expected.size, size);
        CHECK_BYTES(output, expected.data, size);
    } else {
        CHECK_EQ(result, SOTTO_INVALID);
        for (size_t i = 0; i < size; i++)
            CHECK_EQ(output[i], 0);
    }
    free(output);
    free((void *)(uintptr_t)salt.data);
    free((void *)(uintptr_t)key_material.data);
    free((void *)(uintptr_t)info.data);
    free((void *)(uintptr_t)expected.data);
}

// Every row runs; the number of rows is part of the test.
static void check_file(const char *file, enum sotto_hash hash, size_t row_count) {
    json_t *root = vectors_load(file);
    size_t rows = 0;
    size_t group_index;
    json_t *group;
    json_array_foreach(json_object_get(root, "testGroups"), group_index, group) {
        size_t index;
        json_t *row;
        json_array_foreach(json_object_get(group, "tests"), index, row) {
            check_row(row, hash);
            rows++;
        }
    }
    CHECK_EQ(rows, row_count);
    json_decref(root);
}

TEST(derives_every_row_of_wycheproof_for_sha256) {
    check_file("wycheproof_hkdf_sha256.json", SOTTO_SHA256, 86);
}

TEST(derives_every_row_of_wycheproof_for_sha512) {
    check_file("wycheproof_hkdf_sha512.json", SOTTO_SHA512, 83);
}

TEST(info_in_pieces_is_info_in_one) {
    struct sotto_bytes key_material = SOTTO_BYTES("key material of some length");
    struct sotto_bytes whole = SOTTO_BYTES("label and number");
    struct sotto_bytes pieces[] = {
        SOTTO_BYTES("label"), {NULL, 0}, SOTTO_BYTES(" and "), SOTTO_BYTES("number")};
    uint8_t from_whole[100];
    uint8_t from_pieces[100];
    CHECK_EQ(derive(SOTTO_SHA256, whole, key_material, &whole, 1, from_whole, 100), SOTTO_OK);
    CHECK_EQ(derive(SOTTO_SHA256, whole, key_material, pieces, 4, from_pieces, 100), SOTTO_OK);
    CHECK_BYTES(from_pieces, from_whole, 100);
}

TEST(gives_255_blocks_and_not_a_byte_more) {
    static uint8_t output[255 * 64 + 1];
    struct sotto_bytes key = SOTTO_BYTES("a key of no particular size");
    CHECK_EQ(sotto_hkdf_expand(SOTTO_SHA256, key, NULL, 0, output, 255 * 32), SOTTO_OK);
    CHECK_EQ(sotto_hkdf_expand(SOTTO_SHA256, key, NULL, 0, output, 255 * 32 + 1), SOTTO_INVALID);
    CHECK_EQ(sotto_hkdf_expand(SOTTO_SHA512, key, NULL, 0, output, 255 * 64), SOTTO_OK);
    CHECK_EQ(sotto_hkdf_expand(SOTTO_SHA512, key, NULL, 0, output, 255 * 64 + 1), SOTTO_INVALID);
    CHECK_EQ(sotto_hkdf_expand(SOTTO_SHA512, key, NULL, 0, output, 0), SOTTO_OK);
}

int main(void) {
    RUN(derives_every_row_of_wycheproof_for_sha256);
    RUN(derives_every_row_of_wycheproof_for_sha512);
    RUN(info_in_pieces_is_info_in_one);
    RUN(gives_255_blocks_and_not_a_byte_more);
    return 0;
}
