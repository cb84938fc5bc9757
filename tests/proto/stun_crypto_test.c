#include "proto/stun_crypto.h"

#include "tests/vectors.h"

// RFC 2202 section 3: the seven cases for HMAC-SHA-1.
static const struct {
    const char *key;
    const char *data;
    const char *mac;
} cases[] = {
    {"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "4869205468657265",
     "b617318655057264e28bc0b6fb378c8ef146be00"},
    {"4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
     "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"},
    {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
     "dddddddddddddddddddddddddddddddddddddddddddddddddd"
     "dddddddddddddddddddddddddddddddddddddddddddddddddd",
     "125d7342b9ac11cd91a39af48aa17b4f63f175d3"},
    {"0102030405060708090a0b0c0d0e0f10111213141516171819",
     "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd"
     "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd",
     "4c9007f4026250c6bc8414f9bf50c86c2d7235da"},
    {"0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c", "546573742057697468205472756e636174696f6e",
     "4c1a03424b55e07fe7f27be1d58bb9324a9a5a04"},
    {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
     "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d204861736820"
     "4b6579204669727374",
     "aa4ae5e15272d00e95705637ce8a3b55ed402112"},
    {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
     "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b657920616e64204c6172"
     "676572205468616e204f6e6520426c6f636b2d53697a652044617461",
     "e8e99d0f45237d786d6bbaa7965c7808bbff1a91"},
};

TEST(the_cases_of_rfc_2202_come_out_in_any_pieces) {
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t key_size, data_size, mac_size;
        uint8_t *key = vectors_unhex(cases[i].key, &key_size);
        uint8_t *data = vectors_unhex(cases[i].data, &data_size);
        uint8_t *expected = vectors_unhex(cases[i].mac, &mac_size);
        for (size_t cut = 0; cut <= data_size; cut++) {
            const struct sotto_stun_piece pieces[] = {{data, cut}, {data + cut, data_size - cut}};
            uint8_t mac[SOTTO_STUN_MAC_SIZE];
            CHECK(sotto_stun_hmac_sha1(key, key_size, pieces, 2, mac));
            CHECK_BYTES(mac, expected, sizeof mac);
        }
        free(key);
        free(data);
        free(expected);
    }
}

TEST(an_empty_key_and_an_empty_message_have_a_mac) {
    uint8_t mac[SOTTO_STUN_MAC_SIZE];
    size_t size;
    uint8_t *expected = vectors_unhex("fbdb1d1b18aa6c08324b7d64b71fb76370690e1d", &size);
    CHECK(sotto_stun_hmac_sha1(NULL, 0, NULL, 0, mac));
    CHECK_BYTES(mac, expected, sizeof mac);
    free(expected);
}

int main(void) {
    RUN(the_cases_of_rfc_2202_come_out_in_any_pieces);
    RUN(an_empty_key_and_an_empty_message_have_a_mac);
    return 0;
}
