#include "proto/srtp_session.h"

#include "tests/proto/exact_copy.h"
#include "tests/vectors.h"

static const enum sotto_srtp_profile profiles[] = {SOTTO_SRTP_AEAD_AES_128_GCM,
                                                   SOTTO_SRTP_AEAD_AES_256_GCM,
                                                   SOTTO_SRTP_AES_CM_128_HMAC_SHA1_80};
enum { PROFILE_COUNT = 3 };

static uint64_t number(const json_t *object, const char *field) {
    return (uint64_t)json_integer_value(json_object_get(object, field));
}

static void begin(struct sotto_srtp_session *session, const json_t *vector) {
    struct sotto_srtp_session_keys keys = {0};
    size_t key_size, salt_size;
    uint8_t *key = vectors_bytes(vector, "key", &key_size);
    uint8_t *salt = vectors_bytes(vector, "salt", &salt_size);
    int profile = (int)number(vector, "profile");
    CHECK_EQ(key_size, sotto_srtp_key_size((enum sotto_srtp_profile)profile));
    CHECK_EQ(salt_size, sotto_srtp_salt_size((enum sotto_srtp_profile)profile));
    memcpy(keys.key, key, key_size);
    memcpy(keys.salt, salt, salt_size);
    CHECK(sotto_srtp_session_init(session, (enum sotto_srtp_profile)profile, &keys));
    free(key);
    free(salt);
}

TEST(the_srtp_packets_of_rfc_7714_section_16_come_out_both_ways) {
    json_t *root = vectors_load("srtp_rfc.json");
    size_t i;
    json_t *vector;
    json_array_foreach(json_object_get(root, "packets"), i, vector) {
        struct sotto_srtp_session session;
        begin(&session, vector);
        const json_t *rtp = json_object_get(vector, "rtp");
        size_t plain_size, size;
        uint8_t *plain = vectors_bytes(rtp, "plain", &plain_size);
        uint8_t *protected = vectors_bytes(rtp, "protected", &size);
        CHECK_EQ(size, plain_size + 16);
        uint8_t *packet = calloc(1, size);
        memcpy(packet, plain, plain_size);
        uint32_t ssrc = (uint32_t)number(rtp, "ssrc");
        uint64_t index = number(rtp, "index");
        size_t header_size = number(rtp, "header_size");
        CHECK(sotto_srtp_session_seal(&session, ssrc, index, packet, header_size, plain_size));
        CHECK_BYTES(packet, protected, size);
        CHECK(sotto_srtp_session_open(&session, ssrc, index, packet, header_size, plain_size));
        CHECK_BYTES(packet, plain, plain_size);
        free(plain);
        free(protected);
        free(packet);
        sotto_srtp_session_wipe(&session);
    }
    CHECK_EQ(i, 2);
    json_decref(root);
}

TEST(the_srtcp_packets_of_rfc_7714_section_17_come_out_both_ways) {
    json_t *root = vectors_load("srtp_rfc.json");
    size_t i;
    json_t *vector;
    json_array_foreach(json_object_get(root, "packets"), i, vector) {
        struct sotto_srtp_session session;
        begin(&session, vector);
        const json_t *rtcp = json_object_get(vector, "rtcp");
        size_t plain_size, size;
        uint8_t *plain = vectors_bytes(rtcp, "plain", &plain_size);
        uint8_t *protected = vectors_bytes(rtcp, "protected", &size);
        CHECK_EQ(size, plain_size + 20);
        uint8_t *packet = calloc(1, size);
        memcpy(packet, plain, plain_size);
        uint32_t ssrc = (uint32_t)number(rtcp, "ssrc");
        uint32_t index = (uint32_t)number(rtcp, "index");
        CHECK(sotto_srtcp_session_seal(&session, ssrc, index, packet, plain_size));
        CHECK_BYTES(packet, protected, size);
        CHECK(sotto_srtcp_session_open(&session, ssrc, index, packet, plain_size));
        CHECK_BYTES(packet, plain, plain_size);
        free(plain);
        free(protected);
        free(packet);
        sotto_srtp_session_wipe(&session);
    }
    json_decref(root);
}

static void begin_any(struct sotto_srtp_session *session, enum sotto_srtp_profile profile) {
    struct sotto_srtp_session_keys keys;
    memset(&keys, 0x42, sizeof keys);
    CHECK(sotto_srtp_session_init(session, profile, &keys));
}

// What differs by one bit anywhere in (SSRC, index) does not open, and RTCP is not RTP.
TEST(another_ssrc_or_index_does_not_open) {
    for (size_t p = 0; p < PROFILE_COUNT; p++) {
        struct sotto_srtp_session session;
        begin_any(&session, profiles[p]);
        uint8_t sealed[64] = {0x80, 0x60};
        CHECK(sotto_srtp_session_seal(&session, 1, 1, sealed, 12, 40));
        for (unsigned bit = 0; bit < 80; bit++) {
            uint8_t packet[64];
            memcpy(packet, sealed, sizeof packet);
            uint32_t ssrc = 1;
            uint64_t index = 1;
            if (bit < 32)
                ssrc ^= UINT32_C(1) << bit;
            else
                index ^= UINT64_C(1) << (bit - 32);
            bool opened = sotto_srtp_session_open(&session, ssrc, index, packet, 12, 40);
            // With AES-CM the tag covers the packet, where SSRC and sequence number stand, and the
            // roll-over counter: a caller cannot give others than those of the packet.
            bool in_packet = profiles[p] == SOTTO_SRTP_AES_CM_128_HMAC_SHA1_80 && bit < 48;
            CHECK(!opened || in_packet);
        }
        sotto_srtp_session_wipe(&session);
    }
}

TEST(a_packet_that_does_not_verify_leaves_no_plaintext) {
    for (size_t p = 0; p < PROFILE_COUNT; p++) {
        struct sotto_srtp_session session;
        begin_any(&session, profiles[p]);
        uint8_t packet[128] = {0x80, 0x60};
        static const char secret[] = "attack at dawn, said the packet";
        memcpy(packet + 12, secret, sizeof secret);
        size_t size = 12 + sizeof secret;
        CHECK(sotto_srtp_session_seal(&session, 1, 1, packet, 12, size));
        packet[size] ^= 1;
        CHECK(!sotto_srtp_session_open(&session, 1, 1, packet, 12, size));
        CHECK(!memmem(packet, sizeof packet, secret, 8));
        memcpy(packet + 8, secret, sizeof secret);
        size = 8 + sizeof secret;
        CHECK(sotto_srtcp_session_seal(&session, 1, 1, packet, size));
        packet[8] ^= 1;
        CHECK(!sotto_srtcp_session_open(&session, 1, 1, packet, size));
        CHECK(!memmem(packet, sizeof packet, secret + 1, 8));
        sotto_srtp_session_wipe(&session);
    }
}

TEST(empty_payloads_are_sealed_too) {
    for (size_t p = 0; p < PROFILE_COUNT; p++) {
        struct sotto_srtp_session session;
        begin_any(&session, profiles[p]);
        size_t tag_size = sotto_srtp_tag_size(profiles[p]);
        uint8_t *packet = calloc(1, 12 + tag_size);
        CHECK(sotto_srtp_session_seal(&session, 1, 1, packet, 12, 12));
        CHECK(sotto_srtp_session_open(&session, 1, 1, packet, 12, 12));
        packet[3] ^= 1;
        CHECK(!sotto_srtp_session_open(&session, 1, 1, packet, 12, 12));
        free(packet);
        packet = calloc(1, 8 + 4 + tag_size);
        CHECK(sotto_srtcp_session_seal(&session, 1, 1, packet, 8));
        CHECK(sotto_srtcp_session_open(&session, 1, 1, packet, 8));
        free(packet);
        sotto_srtp_session_wipe(&session);
    }
}

TEST(a_wiped_session_is_all_zero) {
    for (size_t p = 0; p < PROFILE_COUNT; p++) {
        struct sotto_srtp_session session;
        begin_any(&session, profiles[p]);
        sotto_srtp_session_wipe(&session);
        static const struct sotto_srtp_session zero;
        CHECK_BYTES(&session, &zero, sizeof session);
        sotto_srtp_session_wipe(&session);
    }
}

int main(void) {
    RUN(the_srtp_packets_of_rfc_7714_section_16_come_out_both_ways);
    RUN(the_srtcp_packets_of_rfc_7714_section_17_come_out_both_ways);
    RUN(another_ssrc_or_index_does_not_open);
    RUN(a_packet_that_does_not_verify_leaves_no_plaintext);
    RUN(empty_payloads_are_sealed_too);
    RUN(a_wiped_session_is_all_zero);
    return 0;
}
