#include "proto/srtp.h"

#include "tests/proto/srtp_pair.h"

// Runs the body once with every profile, on a fresh pair.
#define WITH_EVERY_PROFILE(pair)                                                                   \
    for (size_t profile_ = 0; profile_ < PAIR_PROFILE_COUNT; profile_++)                           \
        for (bool once_ = (pair_begin(pair, pair_profiles[profile_]), true); once_;                \
             once_ = (pair_end(pair), false))

TEST(packets_of_all_sizes_come_back) {
    struct pair pair;
    uint8_t packet[PAIR_ROOM];
    WITH_EVERY_PROFILE(&pair) {
        for (size_t size = 12; size < 1500; size++) {
            size_t protected_size = pair_protect(&pair, packet, PAIR_SSRC, (uint16_t)size, size);
            CHECK_EQ(protected_size, size + sotto_srtp_tag_size(pair.sender.profile));
            CHECK(protected_size <= size + SOTTO_SRTP_OVERHEAD_MAX);
            CHECK_EQ(pair_receive(&pair, packet, protected_size), SOTTO_SRTP_OK);
        }
    }
}

TEST(the_header_stays_in_clear_and_the_payload_does_not) {
    struct pair pair;
    uint8_t plain[PAIR_ROOM];
    uint8_t packet[PAIR_ROOM];
    // 15 CSRCs and an extension block of 2 words: 12 + 60 + 4 + 8 bytes of header.
    WITH_EVERY_PROFILE(&pair) {
        pair_rtp(plain, PAIR_SSRC, 1, 200);
        plain[0] = 0x9F;
        memcpy(plain + 72, "\xBE\xDE\x00\x02\x10\x7F\x00\x00\x00\x00\x00\x00", 12);
        memcpy(packet, plain, sizeof packet);
        size_t size;
        CHECK_EQ(sotto_srtp_protect(&pair.sender, packet, 200, PAIR_ROOM, &size), SOTTO_SRTP_OK);
        CHECK_BYTES(packet, plain, 84);
        CHECK(memcmp(packet + 84, plain + 84, 116) != 0);
        CHECK_EQ(sotto_srtp_unprotect(&pair.receiver, packet, size, &size), SOTTO_SRTP_OK);
        CHECK_EQ(size, 200);
        CHECK_BYTES(packet, plain, 200);
    }
}

TEST(every_truncation_and_every_flipped_bit_is_refused_and_changes_nothing) {
    struct pair pair;
    uint8_t packet[PAIR_ROOM];
    WITH_EVERY_PROFILE(&pair) {
        size_t first = pair_protect(&pair, packet, PAIR_SSRC, 100, 60);
        CHECK_EQ(pair_receive(&pair, packet, first), SOTTO_SRTP_OK);
        size_t size = pair_protect(&pair, packet, PAIR_SSRC, 101, 60);
        struct sotto_srtp_stream before[PAIR_SLOTS];
        memcpy(before, pair.receiver_slots, sizeof before);
        for (size_t cut = 0; cut < size; cut++)
            CHECK(pair_receive(&pair, packet, cut) != SOTTO_SRTP_OK);
        for (size_t bit = 0; bit < size * 8; bit++) {
            packet[bit / 8] ^= (uint8_t)(1 << bit % 8);
            CHECK(pair_receive(&pair, packet, size) != SOTTO_SRTP_OK);
            packet[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        packet[size] = 0;
        CHECK_EQ(pair_receive(&pair, packet, size + 1), SOTTO_SRTP_TAMPERED);
        CHECK_BYTES(pair.receiver_slots, before, sizeof before);
        CHECK_EQ(pair_receive(&pair, packet, size), SOTTO_SRTP_OK);
    }
}

TEST(a_packet_is_taken_once) {
    struct pair pair;
    uint8_t packet[PAIR_ROOM];
    WITH_EVERY_PROFILE(&pair) {
        size_t size = pair_protect(&pair, packet, PAIR_SSRC, 7, 100);
        CHECK_EQ(pair_receive(&pair, packet, size), SOTTO_SRTP_OK);
        CHECK_EQ(pair_receive(&pair, packet, size), SOTTO_SRTP_REPLAYED);
    }
}

TEST(a_packet_older_than_the_window_is_refused) {
    struct pair pair;
    uint8_t old[2][PAIR_ROOM];
    uint8_t packet[PAIR_ROOM];
    WITH_EVERY_PROFILE(&pair) {
        size_t size = 0;
        for (uint16_t i = 0; i < 2; i++)
            size = pair_protect(&pair, old[i], PAIR_SSRC, (uint16_t)(1000 + i), 100);
        for (uint16_t i = 2; i <= SOTTO_REPLAY_WINDOW_SIZE; i++) {
            size = pair_protect(&pair, packet, PAIR_SSRC, (uint16_t)(1000 + i), 100);
            CHECK_EQ(pair_receive(&pair, packet, size), SOTTO_SRTP_OK);
        }
        CHECK_EQ(pair_receive(&pair, old[0], size), SOTTO_SRTP_REPLAYED);
        CHECK_EQ(pair_receive(&pair, old[1], size), SOTTO_SRTP_OK);
    }
}

// 65530 … 65535, 0 … 9 with those missing whose bit is set in `lost`; then they come late.
TEST(the_roll_over_counter_survives_any_loss_around_the_wrap) {
    static struct pair pair;
    static uint8_t packets[16][PAIR_ROOM];
    for (unsigned lost = 0; lost < 1 << 16; lost += 37) {
        pair_begin(&pair, pair_profiles[lost % PAIR_PROFILE_COUNT]);
        size_t size = 0;
        for (unsigned i = 0; i < 16; i++)
            size = pair_protect(&pair, packets[i], PAIR_SSRC, (uint16_t)(65530 + i), 20);
        // The first packet must not be lost: before it the receiver knows no counter.
        for (unsigned i = 0; i < 16; i++)
            if (i == 0 || !(lost >> i & 1))
                CHECK_EQ(pair_receive(&pair, packets[i], size), SOTTO_SRTP_OK);
        for (unsigned i = 1; i < 16; i++)
            if (lost >> i & 1)
                CHECK_EQ(pair_receive(&pair, packets[i], size), SOTTO_SRTP_OK);
        for (unsigned i = 0; i < 16; i++)
            CHECK_EQ(pair_receive(&pair, packets[i], size), SOTTO_SRTP_REPLAYED);
        pair_end(&pair);
    }
}

TEST(three_wraps_with_half_of_the_packets_lost) {
    struct pair pair;
    uint8_t packet[PAIR_ROOM];
    WITH_EVERY_PROFILE(&pair) {
        uint32_t seed = 9;
        for (uint32_t i = 0; i < 200000; i++) {
            size_t size = pair_protect(&pair, packet, PAIR_SSRC, (uint16_t)(65535 + i), 16);
            seed = seed * 1664525 + 1013904223;
            if (i == 0 || seed & 0x80000000)
                CHECK_EQ(pair_receive(&pair, packet, size), SOTTO_SRTP_OK);
        }
        CHECK_EQ(sotto_srtp_streams_find(&pair.receiver.streams, PAIR_SSRC)->window.next >> 16, 4);
    }
}

TEST(a_hundred_bad_packets_change_nothing) {
    struct pair pair;
    uint8_t packet[PAIR_ROOM];
    WITH_EVERY_PROFILE(&pair) {
        size_t size = pair_protect(&pair, packet, PAIR_SSRC, 40000, 100);
        CHECK_EQ(pair_receive(&pair, packet, size), SOTTO_SRTP_OK);
        struct sotto_srtp_stream before[PAIR_SLOTS];
        memcpy(before, pair.receiver_slots, sizeof before);
        // Near, far, and such that the roll-over counter would move if it were believed.
        for (uint32_t i = 0; i < 100; i++) {
            pair_rtp(packet, PAIR_SSRC, (uint16_t)(40001 + i * 655), 100);
            enum sotto_srtp_result result = pair_receive(&pair, packet, 100);
            CHECK(result == SOTTO_SRTP_TAMPERED || result == SOTTO_SRTP_REPLAYED);
        }
        CHECK_BYTES(pair.receiver_slots, before, sizeof before);
        size = pair_protect(&pair, packet, PAIR_SSRC, 40001, 100);
        CHECK_EQ(pair_receive(&pair, packet, size), SOTTO_SRTP_OK);
    }
}

TEST(a_packet_of_an_unknown_ssrc_is_refused_untouched) {
    struct pair pair;
    uint8_t packet[PAIR_ROOM];
    uint8_t copy[PAIR_ROOM];
    WITH_EVERY_PROFILE(&pair) {
        CHECK(sotto_srtp_add_ssrc(&pair.sender, 0x2000));
        size_t size = pair_protect(&pair, packet, 0x2000, 1, 100);
        memcpy(copy, packet, size);
        size_t plain_size = 1;
        CHECK_EQ(sotto_srtp_unprotect(&pair.receiver, packet, size, &plain_size),
                 SOTTO_SRTP_UNKNOWN_SSRC);
        CHECK_EQ(plain_size, 0);
        CHECK_BYTES(packet, copy, size);
        pair_rtp(packet, 0x3000, 1, 100);
        CHECK_EQ(sotto_srtp_protect(&pair.sender, packet, 100, PAIR_ROOM, &size),
                 SOTTO_SRTP_UNKNOWN_SSRC);
    }
}

TEST(an_ssrc_learnt_from_a_packet_stays_only_if_the_packet_verifies) {
    struct pair pair;
    uint8_t packet[PAIR_ROOM];
    WITH_EVERY_PROFILE(&pair) {
        CHECK(sotto_srtp_add_ssrc(&pair.sender, 0x2000));
        size_t size = pair_protect(&pair, packet, 0x2000, 1, 100);
        packet[50] ^= 1;
        CHECK(sotto_srtp_add_ssrc(&pair.receiver, 0x2000));
        CHECK_EQ(pair_receive(&pair, packet, size), SOTTO_SRTP_TAMPERED);
        sotto_srtp_remove_ssrc(&pair.receiver, 0x2000);
        CHECK_EQ(pair_receive(&pair, packet, size), SOTTO_SRTP_UNKNOWN_SSRC);
        packet[50] ^= 1;
        CHECK(sotto_srtp_add_ssrc(&pair.receiver, 0x2000));
        CHECK_EQ(pair_receive(&pair, packet, size), SOTTO_SRTP_OK);
    }
}

TEST(the_sender_refuses_to_use_an_index_twice) {
    struct pair pair;
    uint8_t packet[PAIR_ROOM];
    WITH_EVERY_PROFILE(&pair) {
        size_t size;
        (void)pair_protect(&pair, packet, PAIR_SSRC, 10, 100);
        (void)pair_protect(&pair, packet, PAIR_SSRC, 2000, 100);
        static const struct {
            uint16_t sequence;
            enum sotto_srtp_result result;
        } cases[] = {
            {2000, SOTTO_SRTP_REPLAYED}, // used
            {10, SOTTO_SRTP_REPLAYED},   // used and long gone
            {976, SOTTO_SRTP_REPLAYED},  // never used, but too old to know
            {977, SOTTO_SRTP_OK},        // a packet that was late on its way here
            {977, SOTTO_SRTP_REPLAYED},
            {2001, SOTTO_SRTP_OK},
            {34769, SOTTO_SRTP_OK}, // 2^15 ahead is the furthest step forward
            {2002, SOTTO_SRTP_REPLAYED},
            {2001, SOTTO_SRTP_REPLAYED},
        };
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
            pair_rtp(packet, PAIR_SSRC, cases[i].sequence, 100);
            memset(packet + 12, (int)i, 88); // other content
            uint8_t before[100];
            memcpy(before, packet, 100);
            CHECK_EQ(sotto_srtp_protect(&pair.sender, packet, 100, PAIR_ROOM, &size),
                     cases[i].result);
            if (cases[i].result != SOTTO_SRTP_OK) {
                CHECK_EQ(size, 0);
                CHECK_BYTES(packet, before, 100);
            }
        }
    }
}

TEST(a_removed_ssrc_never_comes_back_to_a_sender) {
    struct pair pair;
    WITH_EVERY_PROFILE(&pair) {
        sotto_srtp_remove_ssrc(&pair.sender, PAIR_SSRC);
        CHECK(!sotto_srtp_add_ssrc(&pair.sender, PAIR_SSRC));
        CHECK(!sotto_srtp_add_ssrc(&pair.sender, PAIR_SSRC - 1));
        CHECK(sotto_srtp_add_ssrc(&pair.sender, PAIR_SSRC + 1));
        CHECK(!sotto_srtp_add_ssrc(&pair.sender, PAIR_SSRC + 1));
        CHECK(sotto_srtp_add_ssrc(&pair.sender, UINT32_MAX));
        CHECK(!sotto_srtp_add_ssrc(&pair.sender, UINT32_MAX));
        CHECK(!sotto_srtp_add_ssrc(&pair.sender, 0));
    }
}

TEST(a_full_table_refuses_and_a_refused_ssrc_can_be_added_later) {
    struct pair pair;
    WITH_EVERY_PROFILE(&pair) {
        for (uint32_t i = 1; i < PAIR_SLOTS * 3 / 4; i++) {
            CHECK(sotto_srtp_add_ssrc(&pair.sender, PAIR_SSRC + i));
            CHECK(sotto_srtp_add_ssrc(&pair.receiver, PAIR_SSRC - i));
        }
        CHECK(!sotto_srtp_add_ssrc(&pair.sender, 0x2000));
        CHECK(!sotto_srtp_add_ssrc(&pair.receiver, 0x2000));
        sotto_srtp_remove_ssrc(&pair.sender, PAIR_SSRC + 1);
        sotto_srtp_remove_ssrc(&pair.receiver, PAIR_SSRC - 1);
        CHECK(sotto_srtp_add_ssrc(&pair.sender, 0x2000));
        CHECK(sotto_srtp_add_ssrc(&pair.receiver, 0x2000));
    }
}

TEST(indexes_end_at_2_to_the_48) {
    struct pair pair;
    uint8_t packet[PAIR_ROOM];
    WITH_EVERY_PROFILE(&pair) {
        uint64_t last = (UINT64_C(1) << 48) - 1;
        sotto_srtp_stream_accept(sotto_srtp_streams_find(&pair.sender.streams, PAIR_SSRC),
                                 last - 1);
        sotto_srtp_stream_accept(sotto_srtp_streams_find(&pair.receiver.streams, PAIR_SSRC),
                                 last - 1);
        size_t size = pair_protect(&pair, packet, PAIR_SSRC, 65535, 100);
        CHECK_EQ(pair_receive(&pair, packet, size), SOTTO_SRTP_OK);
        pair_rtp(packet, PAIR_SSRC, 0, 100);
        CHECK_EQ(sotto_srtp_protect(&pair.sender, packet, 100, PAIR_ROOM, &size),
                 SOTTO_SRTP_EXHAUSTED);
        CHECK_EQ(pair_receive(&pair, packet, 100), SOTTO_SRTP_EXHAUSTED);
    }
}

TEST(without_room_for_the_tag_nothing_is_written) {
    struct pair pair;
    WITH_EVERY_PROFILE(&pair) {
        size_t tag_size = sotto_srtp_tag_size(pair.sender.profile);
        uint8_t plain[100];
        pair_rtp(plain, PAIR_SSRC, 5, sizeof plain);
        for (size_t room = 0; room <= tag_size; room++) {
            uint8_t *packet = malloc(sizeof plain + room);
            memcpy(packet, plain, sizeof plain);
            size_t size = 1;
            enum sotto_srtp_result result = sotto_srtp_protect(
                &pair.sender, packet, sizeof plain, sizeof plain + room, &size);
            if (room < tag_size) {
                CHECK_EQ(result, SOTTO_SRTP_TOO_SMALL);
                CHECK_EQ(size, 0);
                CHECK_BYTES(packet, plain, sizeof plain);
            } else {
                CHECK_EQ(result, SOTTO_SRTP_OK); // and the index was not used up before
            }
            free(packet);
        }
        size_t size;
        CHECK_EQ(sotto_srtp_protect(&pair.sender, plain, sizeof plain, 50, &size),
                 SOTTO_SRTP_TOO_SMALL);
    }
}

TEST(what_is_no_rtp_is_malformed) {
    struct pair pair;
    uint8_t packet[PAIR_ROOM];
    WITH_EVERY_PROFILE(&pair) {
        size_t size;
        pair_rtp(packet, PAIR_SSRC, 1, 60);
        packet[0] = 0x8F; // CSRCs past the end
        CHECK_EQ(sotto_srtp_protect(&pair.sender, packet, 60, PAIR_ROOM, &size),
                 SOTTO_SRTP_MALFORMED);
        // The tag is no place for a header, either.
        CHECK_EQ(pair_receive(&pair, packet, 80), SOTTO_SRTP_MALFORMED);
        packet[0] = 0x40;
        CHECK_EQ(sotto_srtp_protect(&pair.sender, packet, 60, PAIR_ROOM, &size),
                 SOTTO_SRTP_MALFORMED);
        CHECK_EQ(pair_receive(&pair, packet, 60), SOTTO_SRTP_MALFORMED);
        static uint8_t huge[70000];
        pair_rtp(huge, PAIR_SSRC, 1, sizeof huge);
        CHECK_EQ(sotto_srtp_protect(&pair.sender, huge, 65536, sizeof huge, &size),
                 SOTTO_SRTP_MALFORMED);
        CHECK_EQ(sotto_srtp_unprotect(&pair.receiver, huge, 65536, &size), SOTTO_SRTP_MALFORMED);
    }
}

TEST(another_key_or_the_rtcp_key_does_not_open) {
    struct pair pair;
    uint8_t packet[PAIR_ROOM];
    WITH_EVERY_PROFILE(&pair) {
        struct sotto_srtp_stream slots[PAIR_SLOTS];
        struct sotto_srtp other;
        CHECK(pair_begin_one(&other, SOTTO_SRTP_RECEIVER, pair.sender.profile, 0x12, slots));
        CHECK(sotto_srtp_add_ssrc(&other, PAIR_SSRC));
        size_t size = pair_protect(&pair, packet, PAIR_SSRC, 1, 100);
        uint8_t copy[PAIR_ROOM];
        memcpy(copy, packet, size);
        size_t plain_size;
        CHECK_EQ(sotto_srtp_unprotect(&other, copy, size, &plain_size), SOTTO_SRTP_TAMPERED);
        sotto_srtp_wipe(&other);
        memcpy(copy, packet, size);
        size_t tag_size = sotto_srtp_tag_size(pair.sender.profile);
        CHECK(!sotto_srtp_session_open(&pair.receiver.rtcp, PAIR_SSRC, 1, copy, 12,
                                       size - tag_size));
    }
}

// Whether init takes these; if not, it leaves nothing behind.
static bool init_takes(int profile, size_t key_size, size_t salt_size) {
    struct sotto_srtp_stream slots[PAIR_SLOTS];
    static const uint8_t secret[64] = {1};
    static const struct sotto_srtp zero;
    struct sotto_srtp srtp;
    memset(&srtp, 0xA5, sizeof srtp);
    struct sotto_srtp_setup setup = {.direction = SOTTO_SRTP_RECEIVER,
                                     .profile = (enum sotto_srtp_profile)profile,
                                     .master_key = secret,
                                     .master_key_size = key_size,
                                     .master_salt = secret,
                                     .master_salt_size = salt_size,
                                     .slots = slots,
                                     .slot_count = PAIR_SLOTS};
    bool taken = sotto_srtp_init(&srtp, &setup);
    if (taken)
        sotto_srtp_wipe(&srtp);
    CHECK_BYTES(&srtp, &zero, sizeof srtp);
    return taken;
}

TEST(init_refuses_wrong_sizes_and_unknown_profiles) {
    for (int profile = 0; profile < 16; profile++)
        for (size_t key_size = 0; key_size <= 33; key_size++)
            for (size_t salt_size = 0; salt_size <= 15; salt_size++) {
                bool good = (profile == 1 && key_size == 16 && salt_size == 14) ||
                            (profile == 7 && key_size == 16 && salt_size == 12) ||
                            (profile == 8 && key_size == 32 && salt_size == 12);
                CHECK_EQ(init_takes(profile, key_size, salt_size), good);
            }
}

TEST(wiping_leaves_nothing_behind) {
    static const struct pair zero;
    static struct pair pair;
    uint8_t packet[PAIR_ROOM];
    for (size_t p = 0; p < PAIR_PROFILE_COUNT; p++) {
        pair_begin(&pair, pair_profiles[p]);
        size_t size = pair_protect(&pair, packet, PAIR_SSRC, 1, 100);
        CHECK_EQ(pair_receive(&pair, packet, size), SOTTO_SRTP_OK);
        pair_end(&pair);
        CHECK_BYTES(&pair, &zero, sizeof pair);
        pair_end(&pair); // wiped already
    }
}

int main(void) {
    RUN(packets_of_all_sizes_come_back);
    RUN(the_header_stays_in_clear_and_the_payload_does_not);
    RUN(every_truncation_and_every_flipped_bit_is_refused_and_changes_nothing);
    RUN(a_packet_is_taken_once);
    RUN(a_packet_older_than_the_window_is_refused);
    RUN(the_roll_over_counter_survives_any_loss_around_the_wrap);
    RUN(three_wraps_with_half_of_the_packets_lost);
    RUN(a_hundred_bad_packets_change_nothing);
    RUN(a_packet_of_an_unknown_ssrc_is_refused_untouched);
    RUN(an_ssrc_learnt_from_a_packet_stays_only_if_the_packet_verifies);
    RUN(the_sender_refuses_to_use_an_index_twice);
    RUN(a_removed_ssrc_never_comes_back_to_a_sender);
    RUN(a_full_table_refuses_and_a_refused_ssrc_can_be_added_later);
    RUN(indexes_end_at_2_to_the_48);
    RUN(without_room_for_the_tag_nothing_is_written);
    RUN(what_is_no_rtp_is_malformed);
    RUN(another_key_or_the_rtcp_key_does_not_open);
    RUN(init_refuses_wrong_sizes_and_unknown_profiles);
    RUN(wiping_leaves_nothing_behind);
    return 0;
}
