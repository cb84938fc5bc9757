// Two promises of SRTP. Bytes that nobody protected never open, change nothing that is kept, and
// nothing is written outside of them. And what is protected opens again to the same bytes, or is
// refused for want of form or room without a byte being written.
//
// The first byte picks profile, RTP or RTCP, and which of the two is tried; the second is the room
// behind the packet.
#include "core/assert.h"
#include "proto/srtp.h"

#include <stdlib.h>
#include <string.h>

enum { SLOTS = 4 };

static const enum sotto_srtp_profile profiles[] = {SOTTO_SRTP_AEAD_AES_128_GCM,
                                                   SOTTO_SRTP_AEAD_AES_256_GCM,
                                                   SOTTO_SRTP_AES_CM_128_HMAC_SHA1_80};

static struct sotto_srtp sender;
static struct sotto_srtp receiver;
static struct sotto_srtp_stream sender_slots[SLOTS];
static struct sotto_srtp_stream receiver_slots[SLOTS];

static void begin(struct sotto_srtp *srtp, enum sotto_srtp_direction direction,
                  enum sotto_srtp_profile profile, struct sotto_srtp_stream *slots) {
    static const uint8_t key[SOTTO_SRTP_KEY_SIZE_MAX] = {7, 1, 9};
    static const uint8_t salt[SOTTO_SRTP_SALT_SIZE_MAX] = {4, 2};
    const struct sotto_srtp_setup setup = {.direction = direction,
                                           .profile = profile,
                                           .master_key = key,
                                           .master_key_size = sotto_srtp_key_size(profile),
                                           .master_salt = salt,
                                           .master_salt_size = sotto_srtp_salt_size(profile),
                                           .slots = slots,
                                           .slot_count = SLOTS};
    SOTTO_ASSERT(sotto_srtp_init(srtp, &setup));
}

static uint32_t rtp_ssrc(const uint8_t *packet, size_t size) {
    if (size < 12)
        return 0;
    return (uint32_t)packet[8] << 24 | (uint32_t)packet[9] << 16 | (uint32_t)packet[10] << 8 |
           packet[11];
}

// A copy with `room` bytes behind it and nothing more, so that a sanitizer sees every other write.
static uint8_t *copy_with_room(const uint8_t *data, size_t size, size_t room) {
    uint8_t *copy = malloc(size + room ? size + room : 1);
    SOTTO_ASSERT(copy);
    if (size > 0)
        memcpy(copy, data, size);
    return copy;
}

static void check_forgery(const uint8_t *data, size_t size, bool rtcp) {
    struct sotto_srtp_stream slots_before[SLOTS];
    memcpy(slots_before, receiver_slots, sizeof slots_before);
    uint8_t *packet = copy_with_room(data, size, 0);
    size_t plain_size = 1;
    enum sotto_srtp_result result;
    if (rtcp)
        result = sotto_srtcp_unprotect(&receiver, packet, size, &plain_size);
    else
        result = sotto_srtp_unprotect(&receiver, packet, size, &plain_size);
    SOTTO_ASSERT(result != SOTTO_SRTP_OK && plain_size == 0);
    SOTTO_ASSERT(result == SOTTO_SRTP_TAMPERED || size == 0 || memcmp(packet, data, size) == 0);
    SOTTO_ASSERT(memcmp(receiver_slots, slots_before, sizeof slots_before) == 0);
    SOTTO_ASSERT(receiver.rtcp_count == 0);
    free(packet);
}

static void check_round_trip(const uint8_t *data, size_t size, size_t room, bool rtcp) {
    uint8_t *packet = copy_with_room(data, size, room);
    size_t protected_size = 1;
    size_t plain_size;
    enum sotto_srtp_result result;
    if (rtcp)
        result = sotto_srtcp_protect(&sender, packet, size, size + room, &protected_size);
    else
        result = sotto_srtp_protect(&sender, packet, size, size + room, &protected_size);
    if (result != SOTTO_SRTP_OK) {
        SOTTO_ASSERT(result == SOTTO_SRTP_MALFORMED || result == SOTTO_SRTP_TOO_SMALL);
        SOTTO_ASSERT(protected_size == 0 && (size == 0 || memcmp(packet, data, size) == 0));
        free(packet);
        return;
    }
    SOTTO_ASSERT(protected_size > size && protected_size <= size + room);
    if (rtcp)
        result = sotto_srtcp_unprotect(&receiver, packet, protected_size, &plain_size);
    else
        result = sotto_srtp_unprotect(&receiver, packet, protected_size, &plain_size);
    SOTTO_ASSERT(result == SOTTO_SRTP_OK && plain_size == size);
    SOTTO_ASSERT(memcmp(packet, data, size) == 0);
    free(packet);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2)
        return 0;
    uint8_t choice = data[0];
    size_t room = data[1];
    data += 2;
    size -= 2;
    bool rtcp = choice & 4;
    begin(&sender, SOTTO_SRTP_SENDER, profiles[(choice & 3) % 3], sender_slots);
    begin(&receiver, SOTTO_SRTP_RECEIVER, profiles[(choice & 3) % 3], receiver_slots);
    SOTTO_ASSERT(sotto_srtp_add_ssrc(&sender, rtp_ssrc(data, size)));
    SOTTO_ASSERT(sotto_srtp_add_ssrc(&receiver, rtp_ssrc(data, size)));
    if (choice & 8)
        check_round_trip(data, size, room, rtcp);
    else
        check_forgery(data, size, rtcp);
    sotto_srtp_wipe(&sender);
    sotto_srtp_wipe(&receiver);
    return 0;
}
