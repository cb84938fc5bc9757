// A sender and a receiver under the same keys, and packets for them.
#ifndef SOTTO_TESTS_PROTO_SRTP_PAIR_H
#define SOTTO_TESTS_PROTO_SRTP_PAIR_H

#include "proto/srtp.h"
#include "tests/proto/exact_copy.h"

enum { PAIR_SLOTS = 16, PAIR_SSRC = 0x1000, PAIR_ROOM = 2048, PAIR_PROFILE_COUNT = 3 };

static const enum sotto_srtp_profile pair_profiles[PAIR_PROFILE_COUNT] = {
    SOTTO_SRTP_AEAD_AES_128_GCM, SOTTO_SRTP_AEAD_AES_256_GCM, SOTTO_SRTP_AES_CM_128_HMAC_SHA1_80};

struct pair {
    struct sotto_srtp sender;
    struct sotto_srtp receiver;
    struct sotto_srtp_stream sender_slots[PAIR_SLOTS];
    struct sotto_srtp_stream receiver_slots[PAIR_SLOTS];
};

static inline bool pair_begin_one(struct sotto_srtp *srtp, enum sotto_srtp_direction direction,
                                  enum sotto_srtp_profile profile, uint8_t key_byte,
                                  struct sotto_srtp_stream *slots) {
    uint8_t master_key[SOTTO_SRTP_KEY_SIZE_MAX];
    uint8_t master_salt[SOTTO_SRTP_SALT_SIZE_MAX];
    memset(master_key, key_byte, sizeof master_key);
    memset(master_salt, 0x5A, sizeof master_salt);
    struct sotto_srtp_setup setup = {.direction = direction,
                                     .profile = profile,
                                     .master_key = master_key,
                                     .master_key_size = sotto_srtp_key_size(profile),
                                     .master_salt = master_salt,
                                     .master_salt_size = sotto_srtp_salt_size(profile),
                                     .slots = slots,
                                     .slot_count = PAIR_SLOTS};
    return sotto_srtp_init(srtp, &setup);
}

// Both ends, PAIR_SSRC known to both.
static inline void pair_begin(struct pair *pair, enum sotto_srtp_profile profile) {
    CHECK(pair_begin_one(&pair->sender, SOTTO_SRTP_SENDER, profile, 0x11, pair->sender_slots));
    CHECK(
        pair_begin_one(&pair->receiver, SOTTO_SRTP_RECEIVER, profile, 0x11, pair->receiver_slots));
    CHECK(sotto_srtp_add_ssrc(&pair->sender, PAIR_SSRC));
    CHECK(sotto_srtp_add_ssrc(&pair->receiver, PAIR_SSRC));
}

static inline void pair_end(struct pair *pair) {
    sotto_srtp_wipe(&pair->sender);
    sotto_srtp_wipe(&pair->receiver);
}

// A plain RTP packet of `size` bytes, at least 12; what follows the header depends on the sequence.
static inline void pair_rtp(uint8_t *packet, uint32_t ssrc, uint16_t sequence, size_t size) {
    memset(packet, (uint8_t)(sequence * 7 + 1), size);
    packet[0] = 0x80;
    packet[1] = 0x60;
    packet[2] = (uint8_t)(sequence >> 8);
    packet[3] = (uint8_t)sequence;
    for (size_t i = 0; i < 4; i++)
        packet[8 + i] = (uint8_t)(ssrc >> (24 - 8 * i));
}

// The same, protected. Returns its size.
static inline size_t pair_protect(struct pair *pair, uint8_t *packet, uint32_t ssrc,
                                  uint16_t sequence, size_t size) {
    pair_rtp(packet, ssrc, sequence, size);
    size_t protected_size;
    CHECK_EQ(sotto_srtp_protect(&pair->sender, packet, size, PAIR_ROOM, &protected_size),
             SOTTO_SRTP_OK);
    return protected_size;
}

// Unprotects a copy of exactly its size and says what came of it.
static inline enum sotto_srtp_result pair_receive(struct pair *pair, const uint8_t *packet,
                                                  size_t size) {
    uint8_t *copy = exact_copy(packet, size);
    size_t plain_size = 1;
    enum sotto_srtp_result result = sotto_srtp_unprotect(&pair->receiver, copy, size, &plain_size);
    if (result == SOTTO_SRTP_OK) {
        uint8_t expected[PAIR_ROOM];
        uint32_t ssrc = (uint32_t)copy[8] << 24 | (uint32_t)copy[9] << 16 |
                        (uint32_t)copy[10] << 8 | copy[11];
        pair_rtp(expected, ssrc, (uint16_t)(copy[2] << 8 | copy[3]), plain_size);
        CHECK_BYTES(copy, expected, plain_size);
    } else {
        CHECK_EQ(plain_size, 0);
    }
    free(copy);
    return result;
}

#endif
