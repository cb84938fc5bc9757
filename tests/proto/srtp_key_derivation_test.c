#include "proto/srtp_key_derivation.h"

#include "proto/srtp_crypto.h"
#include "tests/vectors.h"

TEST(the_vectors_of_rfc_3711_and_rfc_6188_come_out) {
    json_t *root = vectors_load("srtp_rfc.json");
    size_t i;
    json_t *vector;
    json_array_foreach(json_object_get(root, "derivation"), i, vector) {
        size_t key_size, salt_size;
        uint8_t *master_key = vectors_bytes(vector, "master_key", &key_size);
        uint8_t *master_salt = vectors_bytes(vector, "master_salt", &salt_size);
        size_t j;
        json_t *wanted;
        json_array_foreach(json_object_get(vector, "keys"), j, wanted) {
            size_t size;
            uint8_t *expected = vectors_bytes(wanted, "bytes", &size);
            uint8_t *derived = malloc(size);
            int label = (int)json_integer_value(json_object_get(wanted, "label"));
            CHECK(sotto_srtp_derive(master_key, key_size, master_salt, salt_size,
                                    (enum sotto_srtp_label)label, derived, size));
            CHECK_BYTES(derived, expected, size);
            free(expected);
            free(derived);
        }
        CHECK_EQ(j, 3);
        free(master_key);
        free(master_salt);
    }
    CHECK_EQ(i, 2);
    json_decref(root);
}

TEST(the_keystreams_of_rfc_3711_and_rfc_6188_come_out) {
    json_t *root = vectors_load("srtp_rfc.json");
    enum { SIZE = 0x10000 * 16 };
    uint8_t *stream = malloc(SIZE);
    size_t i;
    json_t *vector;
    json_array_foreach(json_object_get(root, "keystream"), i, vector) {
        size_t key_size, salt_size;
        uint8_t *key = vectors_bytes(vector, "key", &key_size);
        uint8_t *salt = vectors_bytes(vector, "salt", &salt_size);
        uint8_t iv[SOTTO_SRTP_CTR_IV_SIZE] = {0};
        memcpy(iv, salt, salt_size); // SSRC and index are 0
        struct sotto_srtp_ctr ctr = {0};
        CHECK(sotto_srtp_ctr_init(&ctr, key, key_size));
        memset(stream, 0, SIZE);
        CHECK(sotto_srtp_ctr_apply(&ctr, iv, stream, SIZE));
        size_t j;
        json_t *block;
        json_array_foreach(json_object_get(vector, "blocks"), j, block) {
            size_t size;
            uint8_t *expected = vectors_bytes(block, "bytes", &size);
            size_t number = (size_t)json_integer_value(json_object_get(block, "block"));
            CHECK_BYTES(stream + number * 16, expected, size);
            free(expected);
        }
        CHECK(j >= 3);
        sotto_srtp_ctr_wipe(&ctr);
        free(key);
        free(salt);
    }
    CHECK_EQ(i, 2);
    free(stream);
    json_decref(root);
}

TEST(every_label_gives_another_key) {
    uint8_t keys[6][16];
    static const uint8_t master[30] = {1, 2, 3};
    for (int label = 0; label < 6; label++) {
        CHECK(sotto_srtp_derive(master, 16, master + 16, 14, (enum sotto_srtp_label)label,
                                keys[label], 16));
        for (int other = 0; other < label; other++)
            CHECK(memcmp(keys[label], keys[other], 16) != 0);
    }
}

TEST(a_salt_of_12_bytes_counts_as_followed_by_zeros) {
    uint8_t key[2][32];
    static const uint8_t master_key[32] = {9, 8, 7};
    static const uint8_t salt[14] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0, 0};
    for (size_t i = 0; i < 2; i++)
        CHECK(sotto_srtp_derive(master_key, 32, salt, 12 + i * 2, SOTTO_SRTP_LABEL_RTCP_ENCRYPTION,
                                key[i], 32));
    CHECK_BYTES(key[0], key[1], 32);
}

int main(void) {
    RUN(the_vectors_of_rfc_3711_and_rfc_6188_come_out);
    RUN(the_keystreams_of_rfc_3711_and_rfc_6188_come_out);
    RUN(every_label_gives_another_key);
    RUN(a_salt_of_12_bytes_counts_as_followed_by_zeros);
    return 0;
}
