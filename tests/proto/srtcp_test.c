#include "tests/proto/srtp_pair.h"

// Runs the body once with every profile, on a fresh pair.
#define WITH_EVERY_PROFILE(pair)                                                                   \
    for (size_t profile_ = 0; profile_ < PAIR_PROFILE_COUNT; profile_++)                           \
        for (bool once_ = (pair_begin(pair, pair_profiles[profile_]), true); once_;                \
             once_ = (pair_end(pair), false))

// A receiver report whose body depends on the SSRC, `size` bytes.
static void make_rtcp(uint8_t *packet, uint32_t ssrc, size_t size) {
    memset(packet, (uint8_t)ssrc, size);
    packet[0] = 0x80;
    packet[1] = 201;
    packet[2] = 0;
    packet[3] = (uint8_t)(size / 4 - 1);
    for (size_t i = 0; i < 4; i++)
        packet[4 + i] = (uint8_t)(ssrc >> (24 - 8 * i));
}

static size_t protect(struct pair *pair, uint8_t *packet, uint32_t ssrc, size_t size) {
    make_rtcp(packet, ssrc, size);
    size_t protected_size;
    CHECK_EQ(sotto_srtcp_protect(&pair->sender, packet, size, PAIR_ROOM, &protected_size),
             SOTTO_SRTP_OK);
    return protected_size;
}

static enum sotto_srtp_result receive(struct pair *pair, const uint8_t *packet, size_t size) {
    uint8_t *copy = exact_copy(packet, size);
    size_t plain_size = 1;
    enum sotto_srtp_result result = sotto_srtcp_unprotect(&pair->receiver, copy, size, &plain_size);
    if (result == SOTTO_SRTP_OK) {
        uint8_t expected[PAIR_ROOM];
        uint32_t ssrc = (uint32_t)copy[4] << 24 | (uint32_t)copy[5] << 16 |
                        (uint32_t)copy[6] << 8 | copy[7];
        make_rtcp(expected, ssrc, plain_size);
        CHECK_BYTES(copy, expected, plain_size);
    } else {
        CHECK_EQ(plain_size, 0);
    }
    free(copy);
    return result;
}

TEST(packets_of_all_sizes_come_back_without_a_known_ssrc) {
    struct pair pair;
    uint8_t packet[PAIR_ROOM];
    WITH_EVERY_PROFILE(&pair) {
        for (size_t size = 8; size <= 1200; size += 4) {
            size_t protected_size = protect(&pair, packet, (uint32_t)size, size);
            CHECK_EQ(protected_size, size + 4 + sotto_srtp_tag_size(pair.sender.profile));
            CHECK(protected_size <= size + SOTTO_SRTCP_OVERHEAD_MAX);
            CHECK_EQ(receive(&pair, packet, protected_size), SOTTO_SRTP_OK);
        }
    }
}

TEST(only_the_first_8_bytes_stay_in_clear) {
    struct pair pair;
    uint8_t packet[PAIR_ROOM];
    uint8_t plain[PAIR_ROOM];
    WITH_EVERY_PROFILE(&pair) {
        make_rtcp(plain, 9, 100);
        (void)protect(&pair, packet, 9, 100);
        CHECK_BYTES(packet, plain, 8);
        CHECK(!memmem(packet + 8, 92, plain + 8, 8));
    }
}

TEST(every_truncation_and_every_flipped_bit_is_refused_and_changes_nothing) {
    struct pair pair;
    uint8_t packet[PAIR_ROOM];
    WITH_EVERY_PROFILE(&pair) {
        size_t size = protect(&pair, packet, 9, 60);
        CHECK_EQ(receive(&pair, packet, size), SOTTO_SRTP_OK);
        size = protect(&pair, packet, 9, 60);
        struct sotto_srtcp_source before[SOTTO_SRTCP_SOURCE_COUNT_MAX];
        memcpy(before, pair.receiver.sources, sizeof before);
        for (size_t cut = 0; cut < size; cut++)
            CHECK(receive(&pair, packet, cut) != SOTTO_SRTP_OK);
        for (size_t bit = 0; bit < size * 8; bit++) {
            packet[bit / 8] ^= (uint8_t)(1 << bit % 8);
            CHECK(receive(&pair, packet, size) != SOTTO_SRTP_OK);
            packet[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        CHECK_BYTES(pair.receiver.sources, before, sizeof before);
        CHECK_EQ(pair.receiver.rtcp_count, 1);
        CHECK_EQ(receive(&pair, packet, size), SOTTO_SRTP_OK);
    }
}

TEST(a_packet_is_taken_once_within_64_and_never_after) {
    static struct pair pair;
    static uint8_t packets[70][PAIR_ROOM];
    WITH_EVERY_PROFILE(&pair) {
        size_t size = 0;
        for (size_t i = 0; i < 70; i++)
            size = protect(&pair, packets[i], 9, 60);
        CHECK_EQ(receive(&pair, packets[69], size), SOTTO_SRTP_OK);
        for (size_t i = 0; i < 70; i++)
            CHECK_EQ(receive(&pair, packets[i], size),
                     i >= 6 && i < 69 ? SOTTO_SRTP_OK : SOTTO_SRTP_REPLAYED);
        for (size_t i = 0; i < 70; i++)
            CHECK_EQ(receive(&pair, packets[i], size), SOTTO_SRTP_REPLAYED);
    }
}

TEST(sources_have_windows_of_their_own) {
    static struct pair pair;
    uint8_t first[PAIR_ROOM];
    uint8_t other[PAIR_ROOM];
    WITH_EVERY_PROFILE(&pair) {
        size_t size = protect(&pair, first, 9, 60);
        for (int i = 0; i < 200; i++) {
            CHECK_EQ(protect(&pair, other, 10, 60), size);
            CHECK_EQ(receive(&pair, other, size), SOTTO_SRTP_OK);
        }
        CHECK_EQ(receive(&pair, first, size), SOTTO_SRTP_OK);
        CHECK_EQ(receive(&pair, first, size), SOTTO_SRTP_REPLAYED);
    }
}

TEST(the_source_silent_for_longest_makes_room) {
    static struct pair pair;
    static uint8_t packets[SOTTO_SRTCP_SOURCE_COUNT_MAX][PAIR_ROOM];
    uint8_t packet[PAIR_ROOM];
    WITH_EVERY_PROFILE(&pair) {
        size_t size = 0;
        for (uint32_t i = 0; i < SOTTO_SRTCP_SOURCE_COUNT_MAX; i++) {
            size = protect(&pair, packets[i], 100 + i, 20);
            CHECK_EQ(receive(&pair, packets[i], size), SOTTO_SRTP_OK);
        }
        // The first one speaks again, so the second is now the oldest.
        (void)protect(&pair, packet, 100, 20);
        CHECK_EQ(receive(&pair, packet, size), SOTTO_SRTP_OK);
        (void)protect(&pair, packet, 99, 20);
        // A forged newcomer displaces nobody.
        packet[size - 5] ^= 1;
        CHECK_EQ(receive(&pair, packet, size), SOTTO_SRTP_TAMPERED);
        CHECK_EQ(receive(&pair, packets[1], size), SOTTO_SRTP_REPLAYED);
        packet[size - 5] ^= 1;
        CHECK_EQ(receive(&pair, packet, size), SOTTO_SRTP_OK);
        for (uint32_t i = 0; i < SOTTO_SRTCP_SOURCE_COUNT_MAX; i++)
            if (i != 1)
                CHECK_EQ(receive(&pair, packets[i], size), SOTTO_SRTP_REPLAYED);
        CHECK_EQ(receive(&pair, packets[1], size), SOTTO_SRTP_OK);
    }
}

TEST(a_packet_in_clear_is_refused_even_if_its_tag_were_right) {
    struct pair pair;
    uint8_t packet[PAIR_ROOM];
    WITH_EVERY_PROFILE(&pair) {
        size_t size = protect(&pair, packet, 9, 60);
        bool aead = pair.sender.profile != SOTTO_SRTP_AES_CM_128_HMAC_SHA1_80;
        packet[aead ? size - 4 : 60] &= 0x7F;
        CHECK_EQ(receive(&pair, packet, size), SOTTO_SRTP_MALFORMED);
    }
}

TEST(indexes_begin_at_0_and_end_at_2_to_the_31) {
    struct pair pair;
    uint8_t packet[PAIR_ROOM];
    WITH_EVERY_PROFILE(&pair) {
        size_t offset = sotto_srtcp_index_offset(pair.sender.profile, 60);
        size_t size = protect(&pair, packet, 9, 60);
        CHECK_BYTES(packet + offset, "\x80\0\0\0", 4);
        CHECK_EQ(receive(&pair, packet, size), SOTTO_SRTP_OK);
        pair.sender.rtcp_index = 0x7FFFFFFF;
        size = protect(&pair, packet, 9, 60);
        CHECK_BYTES(packet + offset, "\xFF\xFF\xFF\xFF", 4);
        CHECK_EQ(receive(&pair, packet, size), SOTTO_SRTP_OK);
        make_rtcp(packet, 9, 60);
        for (int i = 0; i < 3; i++) {
            CHECK_EQ(sotto_srtcp_protect(&pair.sender, packet, 60, PAIR_ROOM, &size),
                     SOTTO_SRTP_EXHAUSTED);
            CHECK_EQ(size, 0);
        }
    }
}

TEST(without_room_nothing_is_written_and_no_index_used) {
    struct pair pair;
    WITH_EVERY_PROFILE(&pair) {
        size_t overhead = 4 + sotto_srtp_tag_size(pair.sender.profile);
        for (size_t room = 0; room < overhead; room++) {
            uint8_t *packet = malloc(60 + room);
            make_rtcp(packet, 9, 60);
            size_t size = 1;
            CHECK_EQ(sotto_srtcp_protect(&pair.sender, packet, 60, 60 + room, &size),
                     SOTTO_SRTP_TOO_SMALL);
            CHECK_EQ(size, 0);
            free(packet);
        }
        CHECK_EQ(pair.sender.rtcp_index, 0);
    }
}

TEST(what_is_no_rtcp_is_malformed) {
    struct pair pair;
    uint8_t packet[PAIR_ROOM];
    WITH_EVERY_PROFILE(&pair) {
        size_t size;
        for (unsigned type = 0; type < 256; type++) {
            make_rtcp(packet, 9, 60);
            packet[1] = (uint8_t)type;
            bool rtcp = type >= 192 && type <= 223; // RFC 5761 section 4
            CHECK_EQ(sotto_srtcp_protect(&pair.sender, packet, 60, PAIR_ROOM, &size),
                     rtcp ? SOTTO_SRTP_OK : SOTTO_SRTP_MALFORMED);
        }
        make_rtcp(packet, 9, 60);
        packet[0] = 0x40;
        CHECK_EQ(sotto_srtcp_protect(&pair.sender, packet, 60, PAIR_ROOM, &size),
                 SOTTO_SRTP_MALFORMED);
        make_rtcp(packet, 9, 60);
        CHECK_EQ(sotto_srtcp_protect(&pair.sender, packet, 7, PAIR_ROOM, &size),
                 SOTTO_SRTP_MALFORMED);
    }
}

int main(void) {
    RUN(packets_of_all_sizes_come_back_without_a_known_ssrc);
    RUN(only_the_first_8_bytes_stay_in_clear);
    RUN(every_truncation_and_every_flipped_bit_is_refused_and_changes_nothing);
    RUN(a_packet_is_taken_once_within_64_and_never_after);
    RUN(sources_have_windows_of_their_own);
    RUN(the_source_silent_for_longest_makes_room);
    RUN(a_packet_in_clear_is_refused_even_if_its_tag_were_right);
    RUN(indexes_begin_at_0_and_end_at_2_to_the_31);
    RUN(without_room_nothing_is_written_and_no_index_used);
    RUN(what_is_no_rtcp_is_malformed);
    return 0;
}
