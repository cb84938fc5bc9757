// Our SRTP against another implementation, libsrtp2, in both directions.

#include "proto/srtp.h"
#include "tests/check.h"

#include <srtp2/srtp.h>

enum {
    ROOM = 2048,
    SSRC_COUNT = 4,
    PACKET_COUNT = 6000, // per direction and profile, all SSRCs together
    DELAY_MAX = 100,     // how far the network reorders
    SLOTS = 8,
};

static const enum sotto_srtp_profile profiles[] = {SOTTO_SRTP_AEAD_AES_128_GCM,
                                                   SOTTO_SRTP_AEAD_AES_256_GCM,
                                                   SOTTO_SRTP_AES_CM_128_HMAC_SHA1_80};
enum { PROFILE_COUNT = sizeof profiles / sizeof profiles[0] };

static uint32_t seed = 1;

static uint32_t draw(uint32_t below) {
    seed = seed * 1664525 + 1013904223;
    return (uint32_t)((uint64_t)seed * below >> 32);
}

static void draw_bytes(uint8_t *bytes, size_t size) {
    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)draw(256);
}

struct ends {
    struct sotto_srtp ours;
    struct sotto_srtp_stream slots[SLOTS];
    srtp_t theirs;
};

static void set_policy(srtp_crypto_policy_t *policy, enum sotto_srtp_profile profile) {
    switch (profile) {
    case SOTTO_SRTP_AEAD_AES_128_GCM: srtp_crypto_policy_set_aes_gcm_128_16_auth(policy); return;
    case SOTTO_SRTP_AEAD_AES_256_GCM: srtp_crypto_policy_set_aes_gcm_256_16_auth(policy); return;
    case SOTTO_SRTP_AES_CM_128_HMAC_SHA1_80: srtp_crypto_policy_set_rtp_default(policy); return;
    }
}

// `direction` is ours; theirs is the opposite.
static void begin(struct ends *ends, enum sotto_srtp_profile profile,
                  enum sotto_srtp_direction direction) {
    uint8_t secret[SOTTO_SRTP_KEY_SIZE_MAX + SOTTO_SRTP_SALT_SIZE_MAX];
    draw_bytes(secret, sizeof secret);
    size_t key_size = sotto_srtp_key_size(profile);
    struct sotto_srtp_setup setup = {.direction = direction,
                                     .profile = profile,
                                     .master_key = secret,
                                     .master_key_size = key_size,
                                     .master_salt = secret + key_size,
                                     .master_salt_size = sotto_srtp_salt_size(profile),
                                     .slots = ends->slots,
                                     .slot_count = SLOTS};
    CHECK(sotto_srtp_init(&ends->ours, &setup));
    srtp_policy_t policy;
    memset(&policy, 0, sizeof policy);
    set_policy(&policy.rtp, profile);
    set_policy(&policy.rtcp, profile);
    policy.ssrc.type = direction == SOTTO_SRTP_SENDER ? ssrc_any_inbound : ssrc_any_outbound;
    policy.key = secret; // libsrtp wants the salt behind the key
    policy.window_size = SOTTO_REPLAY_WINDOW_SIZE;
    CHECK_EQ(srtp_create(&ends->theirs, &policy), srtp_err_status_ok);
}

static void end(struct ends *ends) {
    sotto_srtp_wipe(&ends->ours);
    CHECK_EQ(srtp_dealloc(ends->theirs), srtp_err_status_ok);
}

static bool we_protect(struct ends *ends, bool rtcp, uint8_t *packet, size_t *size) {
    if (rtcp)
        return sotto_srtcp_protect(&ends->ours, packet, *size, ROOM, size) == SOTTO_SRTP_OK;
    return sotto_srtp_protect(&ends->ours, packet, *size, ROOM, size) == SOTTO_SRTP_OK;
}

static enum sotto_srtp_result we_unprotect(struct ends *ends, bool rtcp, uint8_t *packet,
                                           size_t *size) {
    if (rtcp)
        return sotto_srtcp_unprotect(&ends->ours, packet, *size, size);
    return sotto_srtp_unprotect(&ends->ours, packet, *size, size);
}

static bool they_protect(struct ends *ends, bool rtcp, uint8_t *packet, size_t *size) {
    int length = (int)*size;
    srtp_err_status_t status = rtcp ? srtp_protect_rtcp(ends->theirs, packet, &length)
                                    : srtp_protect(ends->theirs, packet, &length);
    *size = (size_t)length;
    return status == srtp_err_status_ok;
}

static srtp_err_status_t they_unprotect(struct ends *ends, bool rtcp, uint8_t *packet,
                                        size_t *size) {
    int length = (int)*size;
    srtp_err_status_t status = rtcp ? srtp_unprotect_rtcp(ends->theirs, packet, &length)
                                    : srtp_unprotect(ends->theirs, packet, &length);
    *size = (size_t)length;
    return status;
}

static void put_u32(uint8_t *place, uint32_t value) {
    for (size_t i = 0; i < 4; i++)
        place[i] = (uint8_t)(value >> (24 - 8 * i));
}

// A packet with a random number of CSRCs, with or without extension block, and 1 to 1200 bytes of
// payload.
static size_t make_rtp(uint8_t *packet, uint32_t ssrc, uint16_t sequence) {
    uint32_t csrc_count = draw(4) ? 0 : draw(16);
    bool extended = draw(2);
    size_t size = 12 + csrc_count * 4;
    draw_bytes(packet, size);
    packet[0] = (uint8_t)(0x80 | csrc_count);
    packet[1] = (uint8_t)draw(256);
    packet[2] = (uint8_t)(sequence >> 8);
    packet[3] = (uint8_t)sequence;
    put_u32(packet + 8, ssrc);
    if (extended) {
        uint32_t words = draw(8);
        packet[0] |= 0x10;
        packet[size++] = 0xBE;
        packet[size++] = 0xDE;
        packet[size++] = 0;
        packet[size++] = (uint8_t)words;
        draw_bytes(packet + size, words * 4);
        size += words * 4;
    }
    size_t payload_size = 1 + draw(1200);
    draw_bytes(packet + size, payload_size);
    return size + payload_size;
}

// A compound of 1 to 4 packets of random types and sizes.
static size_t make_rtcp(uint8_t *packet, uint32_t ssrc) {
    size_t size = 0;
    for (uint32_t count = 1 + draw(4); count > 0; count--) {
        uint32_t words = 1 + draw(20);
        draw_bytes(packet + size, 4 + words * 4);
        packet[size] = (uint8_t)(0x80 | draw(32));
        packet[size + 1] = (uint8_t)(200 + draw(8));
        packet[size + 2] = 0;
        packet[size + 3] = (uint8_t)words;
        put_u32(packet + size + 4, ssrc);
        size += 4 + words * 4;
    }
    return size;
}

struct packet {
    bool rtcp;
    uint32_t due; // when the network delivers it
    size_t plain_size;
    size_t size;
    uint8_t plain[ROOM];
    uint8_t sealed[ROOM];
};

static struct packet *packets;

// Protects PACKET_COUNT packets of all SSRCs, whose sequence numbers start just before the wrap or
// well before it. A quarter of them are RTCP.
static void send_all(struct ends *ends, bool ours) {
    static const uint32_t starts[SSRC_COUNT] = {65500, 65535, 30000, 0};
    uint32_t next[SSRC_COUNT];
    memcpy(next, starts, sizeof next);
    for (uint32_t i = 0; i < PACKET_COUNT; i++) {
        struct packet *packet = &packets[i];
        uint32_t which = i < SSRC_COUNT ? i : draw(SSRC_COUNT);
        packet->rtcp = i >= SSRC_COUNT && draw(4) == 0;
        if (packet->rtcp)
            packet->plain_size = make_rtcp(packet->plain, 100 + which);
        else
            packet->plain_size = make_rtp(packet->plain, 100 + which, (uint16_t)next[which]++);
        memcpy(packet->sealed, packet->plain, packet->plain_size);
        packet->size = packet->plain_size;
        bool done = ours ? we_protect(ends, packet->rtcp, packet->sealed, &packet->size)
                         : they_protect(ends, packet->rtcp, packet->sealed, &packet->size);
        CHECK(done);
        packet->due = i < SSRC_COUNT ? 0 : i + draw(DELAY_MAX);
    }
}

static int by_due(const void *a, const void *b) {
    const struct packet *left = a;
    const struct packet *right = b;
    return (left->due > right->due) - (left->due < right->due);
}

// One delivery. `again` says that this packet was delivered before.
static void deliver(struct ends *ends, const struct packet *packet, bool ours, bool again) {
    uint8_t memory[ROOM];
    memcpy(memory, packet->sealed, packet->size);
    size_t size = packet->size;
    if (ours) {
        enum sotto_srtp_result result = we_unprotect(ends, packet->rtcp, memory, &size);
        CHECK_EQ(result, again ? SOTTO_SRTP_REPLAYED : SOTTO_SRTP_OK);
    } else {
        srtp_err_status_t status = they_unprotect(ends, packet->rtcp, memory, &size);
        bool replay = status == srtp_err_status_replay_fail || status == srtp_err_status_replay_old;
        CHECK(again ? replay : status == srtp_err_status_ok);
    }
    if (again)
        return;
    CHECK_EQ(size, packet->plain_size);
    CHECK_BYTES(memory, packet->plain, size);
}

// A network that loses a tenth, reorders within DELAY_MAX, duplicates a tenth at once and repeats
// others much later.
static void receive_all(struct ends *ends, bool ours) {
    qsort(packets, PACKET_COUNT, sizeof *packets, by_due);
    uint32_t delivered = 0;
    for (uint32_t i = 0; i < PACKET_COUNT; i++) {
        if (packets[i].due > 0 && draw(10) == 0)
            continue;
        deliver(ends, &packets[i], ours, false);
        delivered++;
        if (draw(10) == 0)
            deliver(ends, &packets[i], ours, true);
    }
    CHECK(delivered > PACKET_COUNT * 8 / 10);
    for (uint32_t i = 0; i < SSRC_COUNT; i++)
        deliver(ends, &packets[i], ours, true);
}

TEST(libsrtp_reads_what_we_protect) {
    for (size_t p = 0; p < PROFILE_COUNT; p++) {
        struct ends ends;
        begin(&ends, profiles[p], SOTTO_SRTP_SENDER);
        for (uint32_t i = 0; i < SSRC_COUNT; i++)
            CHECK(sotto_srtp_add_ssrc(&ends.ours, 100 + i));
        send_all(&ends, true);
        receive_all(&ends, false);
        end(&ends);
    }
}

TEST(we_read_what_libsrtp_protects) {
    for (size_t p = 0; p < PROFILE_COUNT; p++) {
        struct ends ends;
        begin(&ends, profiles[p], SOTTO_SRTP_RECEIVER);
        for (uint32_t i = 0; i < SSRC_COUNT; i++)
            CHECK(sotto_srtp_add_ssrc(&ends.ours, 100 + i));
        send_all(&ends, false);
        receive_all(&ends, true);
        end(&ends);
    }
}

// Both sides protect the same packets with the same keys: not a byte may differ. libsrtp begins
// RTCP with index 1 where the RFC says 0.
TEST(both_write_the_same_bytes_over_four_wraps) {
    for (size_t p = 0; p < PROFILE_COUNT; p++) {
        uint32_t keys = seed;
        struct ends ends;
        struct ends reader;
        begin(&ends, profiles[p], SOTTO_SRTP_SENDER);
        seed = keys;
        begin(&reader, profiles[p], SOTTO_SRTP_RECEIVER); // its libsrtp sends
        CHECK(sotto_srtp_add_ssrc(&ends.ours, 7));
        ends.ours.rtcp_index = 1;
        for (uint32_t i = 0; i < 200000; i++) {
            uint8_t mine[ROOM];
            uint8_t other[ROOM];
            bool rtcp = i % 8 == 0;
            size_t size = rtcp ? make_rtcp(mine, 7) : 12 + draw(60);
            if (!rtcp) {
                draw_bytes(mine, size);
                mine[0] = 0x80;
                mine[2] = (uint8_t)((65000 + i) >> 8);
                mine[3] = (uint8_t)(65000 + i);
                put_u32(mine + 8, 7);
            }
            size_t other_size = size;
            memcpy(other, mine, size);
            CHECK(they_protect(&reader, rtcp, other, &other_size));
            CHECK(we_protect(&ends, rtcp, mine, &size));
            CHECK_EQ(size, other_size);
            CHECK_BYTES(mine, other, size);
        }
        end(&ends);
        end(&reader);
    }
}

// Random damage: both refuse the same packets.
TEST(both_refuse_the_same_damage) {
    for (size_t p = 0; p < PROFILE_COUNT; p++) {
        uint32_t keys = seed;
        struct ends ends;
        struct ends reader;
        begin(&ends, profiles[p], SOTTO_SRTP_SENDER); // its libsrtp receives
        seed = keys;
        begin(&reader, profiles[p], SOTTO_SRTP_RECEIVER);
        CHECK(sotto_srtp_add_ssrc(&ends.ours, 7));
        CHECK(sotto_srtp_add_ssrc(&reader.ours, 7));
        uint32_t refused = 0;
        for (uint32_t i = 0; i < 5000; i++) {
            uint8_t sealed[ROOM];
            uint8_t copy[ROOM];
            bool rtcp = draw(2);
            size_t size = rtcp ? make_rtcp(sealed, 7) : make_rtp(sealed, 7, (uint16_t)i);
            CHECK(we_protect(&ends, rtcp, sealed, &size));
            uint32_t flips = draw(3);
            for (uint32_t flip = 0; flip < flips; flip++)
                sealed[12 + draw((uint32_t)size - 12)] ^= (uint8_t)(1 << draw(8));
            memcpy(copy, sealed, size);
            size_t theirs = size;
            bool accepted = they_unprotect(&ends, rtcp, copy, &theirs) == srtp_err_status_ok;
            CHECK_EQ(we_unprotect(&reader, rtcp, sealed, &size) == SOTTO_SRTP_OK, accepted);
            refused += !accepted;
        }
        CHECK(refused > 2000 && refused < 4000);
        end(&ends);
        end(&reader);
    }
}

int main(void) {
    CHECK_EQ(srtp_init(), srtp_err_status_ok);
    packets = calloc(PACKET_COUNT, sizeof *packets);
    CHECK(packets);
    RUN(libsrtp_reads_what_we_protect);
    RUN(we_read_what_libsrtp_protects);
    RUN(both_write_the_same_bytes_over_four_wraps);
    RUN(both_refuse_the_same_damage);
    free(packets);
    CHECK_EQ(srtp_shutdown(), srtp_err_status_ok);
    return 0;
}
