#include "core/aead.h"

#include "tests/check.h"
#include "tests/vectors.h"

// Bytes of a vector's field, in memory of exactly their size.
struct field {
    uint8_t *data;
    size_t size;
};

struct row {
    struct field key, iv, aad, msg, ct, tag;
    bool valid;
};

static struct field read_field(const json_t *row, const char *name) {
    struct field field;
    field.data = vectors_bytes(row, name, &field.size);
    return field;
}

static struct row read_row(const json_t *row) {
    return (struct row){
        .key = read_field(row, "key"),
        .iv = read_field(row, "iv"),
        .aad = read_field(row, "aad"),
        .msg = read_field(row, "msg"),
        .ct = read_field(row, "ct"),
        .tag = read_field(row, "tag"),
        .valid = strcmp(json_string_value(json_object_get(row, "result")), "valid") == 0,
    };
}

static void release(struct row *row) {
    free(row->key.data);
    free(row->iv.data);
    free(row->aad.data);
    free(row->msg.data);
    free(row->ct.data);
    free(row->tag.data);
}

static void check_row(const struct row *row) {
    struct sotto_aead aead;
    uint8_t tag[SOTTO_AEAD_TAG_SIZE];
    size_t size = row->ct.size;
    uint8_t *output = malloc(size + 1);
    CHECK(output);
    CHECK_EQ(row->iv.size, SOTTO_AEAD_NONCE_SIZE);
    CHECK_EQ(row->tag.size, SOTTO_AEAD_TAG_SIZE);
    CHECK_EQ(sotto_aead_init(&aead, row->key.data, row->key.size), SOTTO_OK);

    memset(output, 0xA5, size + 1);
    enum sotto_result result = sotto_aead_open(&aead, row->iv.data, row->aad.data, row->aad.size,
                                               row->ct.data, size, output, row->tag.data);
    CHECK_EQ(result, row->valid ? SOTTO_OK : SOTTO_TAMPERED);
    for (size_t i = 0; i < size; i++)
        CHECK_EQ(output[i], row->valid ? row->msg.data[i] : 0);
    CHECK_EQ(output[size], 0xA5);

    if (row->valid) {
        CHECK_EQ(sotto_aead_seal(&aead, row->iv.data, row->aad.data, row->aad.size, row->msg.data,
                                 size, output, tag),
                 SOTTO_OK);
        CHECK_BYTES(output, row->ct.data, size);
        CHECK_BYTES(tag, row->tag.data, sizeof tag);
        CHECK_EQ(output[size], 0xA5);
    }
    sotto_aead_wipe(&aead);
    free(output);
}

// The core knows nonces of 96 bits and keys of 128 and 256 bits; the other rows are not for it.
TEST(seals_and_opens_the_wycheproof_rows_of_our_sizes) {
    json_t *root = vectors_load("wycheproof_aes_gcm.json");
    size_t rows = 0;
    size_t rows_of_other_sizes = 0;
    size_t group_index;
    json_t *group;
    json_array_foreach(json_object_get(root, "testGroups"), group_index, group) {
        json_int_t key_bits = json_integer_value(json_object_get(group, "keySize"));
        bool ours = json_integer_value(json_object_get(group, "ivSize")) == 96 && key_bits != 192;
        size_t index;
        json_t *object;
        json_array_foreach(json_object_get(group, "tests"), index, object) {
            if (!ours) {
                rows_of_other_sizes++;
                continue;
            }
            struct row row = read_row(object);
            check_row(&row);
            release(&row);
            rows++;
        }
    }
    CHECK_EQ(rows, 133);
    CHECK_EQ(rows_of_other_sizes, 183);
    json_decref(root);
}

TEST(takes_keys_of_16_and_32_bytes_only) {
    static const uint8_t key[65] = {1};
    for (size_t size = 0; size <= sizeof key; size++) {
        struct sotto_aead aead;
        CHECK_EQ(sotto_aead_init(&aead, key, size),
                 size == 16 || size == 32 ? SOTTO_OK : SOTTO_INVALID);
        sotto_aead_wipe(&aead);
    }
}

TEST(seals_and_opens_in_place_and_in_turns_at_every_size) {
    static const uint8_t key[16] = {7};
    static const uint8_t aad[20] = {9};
    struct sotto_aead aead;
    CHECK_EQ(sotto_aead_init(&aead, key, sizeof key), SOTTO_OK);
    for (size_t size = 0; size <= 600; size++) {
        uint8_t nonce[SOTTO_AEAD_NONCE_SIZE] = {(uint8_t)size, (uint8_t)(size >> 8)};
        uint8_t tag[SOTTO_AEAD_TAG_SIZE];
        size_t aad_size = size % sizeof aad;
        uint8_t *clear = malloc(size + 1);
        uint8_t *data = malloc(size + 1);
        CHECK(clear && data);
        for (size_t i = 0; i < size; i++)
            data[i] = clear[i] = (uint8_t)(i * 31 + size);
        CHECK_EQ(sotto_aead_seal(&aead, nonce, aad, aad_size, data, size, data, tag), SOTTO_OK);
        CHECK(size < 16 || memcmp(data, clear, size) != 0);
        CHECK_EQ(sotto_aead_open(&aead, nonce, aad, aad_size, data, size, data, tag), SOTTO_OK);
        CHECK_BYTES(data, clear, size);
        free(clear);
        free(data);
    }
    sotto_aead_wipe(&aead);
}

TEST(a_wrong_bit_anywhere_is_tampering_and_leaves_zeros) {
    static const uint8_t key[32] = {7};
    static const uint8_t zeros[40];
    struct sotto_aead aead;
    // Nonce, additional data, ciphertext and tag, one behind the other.
    uint8_t all[12 + 5 + 40 + 16] = {1, 2, 3};
    uint8_t *nonce = all, *aad = all + 12, *data = all + 17, *tag = all + 57;
    uint8_t output[40];
    CHECK_EQ(sotto_aead_init(&aead, key, sizeof key), SOTTO_OK);
    CHECK_EQ(sotto_aead_seal(&aead, nonce, aad, 5, data, 40, data, tag), SOTTO_OK);
    for (size_t bit = 0; bit < 8 * sizeof all; bit++) {
        all[bit / 8] ^= (uint8_t)(1 << bit % 8);
        memset(output, 0xA5, sizeof output);
        CHECK_EQ(sotto_aead_open(&aead, nonce, aad, 5, data, 40, output, tag), SOTTO_TAMPERED);
        CHECK_BYTES(output, zeros, sizeof output);
        all[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    CHECK_EQ(sotto_aead_open(&aead, nonce, aad, 5, data, 40, output, tag), SOTTO_OK);
    CHECK_BYTES(output, zeros, sizeof output);
    sotto_aead_wipe(&aead);
}

TEST(a_wiped_key_seals_and_opens_nothing) {
    static const uint8_t key[16] = {7};
    static const uint8_t nonce[SOTTO_AEAD_NONCE_SIZE] = {1};
    static const uint8_t zeros[16];
    uint8_t data[16];
    uint8_t tag[SOTTO_AEAD_TAG_SIZE];
    struct sotto_aead aead;
    CHECK_EQ(sotto_aead_init(&aead, key, sizeof key), SOTTO_OK);
    sotto_aead_wipe(&aead);
    sotto_aead_wipe(&aead);
    memset(data, 0xA5, sizeof data);
    memset(tag, 0xA5, sizeof tag);
    CHECK_EQ(sotto_aead_seal(&aead, nonce, NULL, 0, key, 16, data, tag), SOTTO_INTERNAL);
    CHECK_BYTES(data, zeros, 16);
    CHECK_BYTES(tag, zeros, 16);
    memset(data, 0xA5, sizeof data);
    CHECK_EQ(sotto_aead_open(&aead, nonce, NULL, 0, key, 16, data, tag), SOTTO_INTERNAL);
    CHECK_BYTES(data, zeros, 16);
}

int main(void) {
    RUN(seals_and_opens_the_wycheproof_rows_of_our_sizes);
    RUN(takes_keys_of_16_and_32_bytes_only);
    RUN(seals_and_opens_in_place_and_in_turns_at_every_size);
    RUN(a_wrong_bit_anywhere_is_tampering_and_leaves_zeros);
    RUN(a_wiped_key_seals_and_opens_nothing);
    return 0;
}
