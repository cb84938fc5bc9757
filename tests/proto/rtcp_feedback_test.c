#include "proto/rtcp_feedback.h"

#include "proto/limits.h"
#include "tests/proto/exact_copy.h"

static bool read_one(const uint8_t *data, size_t size, struct sotto_rtcp_packet *packet) {
    struct sotto_rtcp_compound compound;
    sotto_rtcp_compound_init(&compound, data, size);
    return sotto_rtcp_compound_next(&compound, packet);
}

// Messages as other programs write them: a NACK of 0xAAAA with mask 0x5555, a PLI, a FIR with two
// items, a REMB of 8927168 bit/s.
static const uint8_t nack_message[] = {0x81, 0xCD, 0,    3,    0x90, 0x2F, 0x9E, 0x2E,
                                       0x90, 0x2F, 0x9E, 0x2E, 0xAA, 0xAA, 0x55, 0x55};
static const uint8_t pli_message[] = {0x81, 0xCE, 0, 2, 0, 0, 0, 1, 0x4B, 0xC4, 0xFC, 0xB4};
static const uint8_t fir_message[] = {0x84, 0xCE, 0,    6,    0,    0,    0, 1, 0, 0,
                                      0,    0,    0x12, 0x34, 0x56, 0x78, 5, 0, 0, 0,
                                      0x98, 0x76, 0x54, 0x32, 250,  0,    0, 0};
static const uint8_t remb_message[] = {0x8F, 0xCE, 0,   5,   0,   0,   0, 1,  0,  0,   0,  0,
                                       'R',  'E',  'M', 'B', 1,   26,  32, 223, 72, 116, 237, 22};

TEST(a_nack_expands_to_its_sequence_numbers) {
    struct sotto_rtcp_packet packet;
    struct sotto_rtcp_nack nack;
    CHECK(read_one(nack_message, sizeof nack_message, &packet));
    CHECK(sotto_rtcp_parse_nack(&packet, &nack));
    CHECK_EQ(nack.sender_ssrc, 0x902F9E2E);
    CHECK_EQ(nack.media_ssrc, 0x902F9E2E);
    static const uint16_t expected[] = {0xAAAA, 0xAAAB, 0xAAAD, 0xAAAF, 0xAAB1,
                                        0xAAB3, 0xAAB5, 0xAAB7, 0xAAB9};
    uint16_t sequence;
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        CHECK(sotto_rtcp_nack_next(&nack, &sequence));
        CHECK_EQ(sequence, expected[i]);
    }
    for (int i = 0; i < 2; i++) {
        sequence = 1;
        CHECK(!sotto_rtcp_nack_next(&nack, &sequence));
        CHECK_EQ(sequence, 0);
    }
}

// Writes and reads a NACK; the numbers come back as given.
static size_t check_nack(const uint16_t *sequences, size_t count) {
    uint8_t data[2048];
    struct sotto_writer writer;
    sotto_writer_init(&writer, data, sizeof data);
    sotto_rtcp_write_nack(&writer, 1, 2, sequences, count);
    CHECK(!writer.failed);
    uint8_t *copy = exact_copy(data, writer.offset);
    struct sotto_rtcp_packet packet;
    struct sotto_rtcp_nack nack;
    CHECK(read_one(copy, writer.offset, &packet));
    CHECK(sotto_rtcp_parse_nack(&packet, &nack));
    CHECK_EQ(nack.sender_ssrc, 1);
    CHECK_EQ(nack.media_ssrc, 2);
    uint16_t sequence;
    for (size_t i = 0; i < count; i++) {
        CHECK(sotto_rtcp_nack_next(&nack, &sequence));
        CHECK_EQ(sequence, sequences[i]);
    }
    CHECK(!sotto_rtcp_nack_next(&nack, &sequence));
    free(copy);
    return (writer.offset - 12) / 4;
}

TEST(a_written_nack_packs_neighbours_over_the_wrap) {
    uint16_t sequences[40];
    for (size_t i = 0; i < 40; i++)
        sequences[i] = (uint16_t)(65530 + i);
    CHECK_EQ(check_nack(sequences, 1), 1);
    CHECK_EQ(check_nack(sequences, 17), 1);
    CHECK_EQ(check_nack(sequences, 18), 2);
    CHECK_EQ(check_nack(sequences, 40), 3);
    const uint16_t far[] = {10, 26, 27, 1000, 1017};
    CHECK_EQ(check_nack(far, 5), 4);
    const uint16_t descending[] = {30, 20, 10};
    CHECK_EQ(check_nack(descending, 3), 3);
}

TEST(random_ascending_losses_read_back) {
    uint32_t seed = 7;
    for (int round = 0; round < 500; round++) {
        uint16_t sequences[100];
        uint16_t next = (uint16_t)(seed >> 16);
        for (size_t i = 0; i < 100; i++) {
            seed = seed * 1664525 + 1013904223;
            next = (uint16_t)(next + 1 + (seed >> 27));
            sequences[i] = next;
        }
        CHECK(check_nack(sequences, 100) <= 100);
    }
}

TEST(a_pli_reads_back) {
    struct sotto_rtcp_packet packet;
    struct sotto_rtcp_pli pli;
    CHECK(read_one(pli_message, sizeof pli_message, &packet));
    CHECK(sotto_rtcp_parse_pli(&packet, &pli));
    CHECK_EQ(pli.sender_ssrc, 1);
    CHECK_EQ(pli.media_ssrc, 0x4BC4FCB4);
    uint8_t data[12];
    struct sotto_writer writer;
    sotto_writer_init(&writer, data, sizeof data);
    sotto_rtcp_write_pli(&writer, &pli);
    CHECK(!writer.failed);
    CHECK_BYTES(data, pli_message, sizeof pli_message);
}

TEST(a_fir_reads_back) {
    struct sotto_rtcp_packet packet;
    struct sotto_rtcp_fir fir;
    struct sotto_rtcp_fir_item items[3];
    CHECK(read_one(fir_message, sizeof fir_message, &packet));
    CHECK(sotto_rtcp_parse_fir(&packet, &fir));
    CHECK_EQ(fir.sender_ssrc, 1);
    CHECK(sotto_rtcp_fir_next(&fir, &items[0]));
    CHECK_EQ(items[0].media_ssrc, 0x12345678);
    CHECK_EQ(items[0].command_sequence, 5);
    CHECK(sotto_rtcp_fir_next(&fir, &items[1]));
    CHECK_EQ(items[1].media_ssrc, 0x98765432);
    CHECK_EQ(items[1].command_sequence, 250);
    CHECK(!sotto_rtcp_fir_next(&fir, &items[2]));
    CHECK_EQ(items[2].media_ssrc, 0);
    uint8_t data[sizeof fir_message];
    struct sotto_writer writer;
    sotto_writer_init(&writer, data, sizeof data);
    sotto_rtcp_write_fir(&writer, 1, items, 2);
    CHECK(!writer.failed);
    CHECK_BYTES(data, fir_message, sizeof fir_message);
}

TEST(a_remb_reads_back) {
    struct sotto_rtcp_packet packet;
    struct sotto_rtcp_remb remb;
    uint32_t ssrc;
    CHECK(read_one(remb_message, sizeof remb_message, &packet));
    CHECK_EQ(packet.kind, SOTTO_RTCP_REMB);
    CHECK(sotto_rtcp_parse_remb(&packet, &remb));
    CHECK_EQ(remb.sender_ssrc, 1);
    CHECK_EQ(remb.bitrate_bps, 8927168);
    CHECK(sotto_rtcp_remb_next(&remb, &ssrc));
    CHECK_EQ(ssrc, 1215622422);
    CHECK(!sotto_rtcp_remb_next(&remb, &ssrc));
    CHECK_EQ(ssrc, 0);
    uint8_t data[sizeof remb_message];
    struct sotto_writer writer;
    sotto_writer_init(&writer, data, sizeof data);
    sotto_rtcp_write_remb(&writer, 1, 8927168, (const uint32_t[]){1215622422}, 1);
    CHECK(!writer.failed);
    CHECK_BYTES(data, remb_message, sizeof remb_message);
}

static uint64_t remb_of(uint8_t a, uint8_t b, uint8_t c) {
    uint8_t data[sizeof remb_message];
    memcpy(data, remb_message, sizeof data);
    data[17] = a;
    data[18] = b;
    data[19] = c;
    struct sotto_rtcp_packet packet;
    struct sotto_rtcp_remb remb;
    CHECK(read_one(data, sizeof data, &packet));
    CHECK(sotto_rtcp_parse_remb(&packet, &remb));
    return remb.bitrate_bps;
}

TEST(a_remb_is_clamped_whatever_its_exponent) {
    for (unsigned exponent = 0; exponent < 64; exponent++) {
        uint64_t largest = remb_of((uint8_t)(exponent << 2 | 3), 0xFF, 0xFF);
        uint64_t one = remb_of((uint8_t)(exponent << 2), 0, 1);
        uint64_t limit = SOTTO_RTCP_REMB_BITRATE_BPS_MAX;
        bool large = exponent >= 12;
        CHECK_EQ(largest, large ? limit : UINT64_C(0x3FFFF) << exponent);
        CHECK_EQ(one, exponent >= 30 ? limit : UINT64_C(1) << exponent);
        CHECK_EQ(remb_of((uint8_t)(exponent << 2), 0, 0), 0);
    }
}

TEST(a_written_bitrate_is_rounded_down_to_18_bits) {
    static const uint64_t bitrates[] = {0, 1, 262143, 262144, 262145, 30000001, 999999999};
    for (size_t i = 0; i < sizeof bitrates / sizeof bitrates[0]; i++) {
        uint8_t data[32];
        struct sotto_writer writer;
        sotto_writer_init(&writer, data, sizeof data);
        sotto_rtcp_write_remb(&writer, 1, bitrates[i], NULL, 0);
        struct sotto_rtcp_packet packet;
        struct sotto_rtcp_remb remb;
        CHECK(read_one(data, writer.offset, &packet));
        CHECK(sotto_rtcp_parse_remb(&packet, &remb));
        CHECK(remb.bitrate_bps <= bitrates[i]);
        CHECK(bitrates[i] - remb.bitrate_bps <= bitrates[i] >> 17);
    }
    uint8_t data[32];
    struct sotto_writer writer;
    sotto_writer_init(&writer, data, sizeof data);
    sotto_rtcp_write_remb(&writer, 1, UINT64_MAX, NULL, 0);
    CHECK(!writer.failed);
}

static void read_with_every_parser(const struct sotto_rtcp_packet *packet, unsigned *accepted) {
    struct sotto_rtcp_nack nack;
    struct sotto_rtcp_pli pli;
    struct sotto_rtcp_fir fir;
    struct sotto_rtcp_remb remb;
    uint16_t sequence;
    uint32_t ssrc;
    struct sotto_rtcp_fir_item item;
    *accepted = 0;
    *accepted += sotto_rtcp_parse_nack(packet, &nack);
    while (sotto_rtcp_nack_next(&nack, &sequence))
        continue;
    *accepted += sotto_rtcp_parse_pli(packet, &pli);
    *accepted += sotto_rtcp_parse_fir(packet, &fir);
    while (sotto_rtcp_fir_next(&fir, &item))
        continue;
    *accepted += sotto_rtcp_parse_remb(packet, &remb);
    while (sotto_rtcp_remb_next(&remb, &ssrc))
        continue;
}

// The body of each message, cut at every place, behind a header that tells the truth about it or
// in a packet made by hand: a length that is no multiple of 4 cannot come out of a compound.
TEST(every_truncation_is_refused_or_stays_inside) {
    static const struct {
        const uint8_t *data;
        size_t size;
        enum sotto_rtcp_kind kind;
    } messages[] = {
        {nack_message, sizeof nack_message, SOTTO_RTCP_NACK},
        {pli_message, sizeof pli_message, SOTTO_RTCP_PLI},
        {fir_message, sizeof fir_message, SOTTO_RTCP_FIR},
        {remb_message, sizeof remb_message, SOTTO_RTCP_REMB},
    };
    for (size_t m = 0; m < sizeof messages / sizeof messages[0]; m++) {
        for (size_t size = 0; size <= messages[m].size - 4; size++) {
            uint8_t *body = exact_copy(messages[m].data + 4, size);
            struct sotto_rtcp_packet packet = {
                .kind = messages[m].kind, .count = 1, .body = body, .body_size = size};
            unsigned accepted;
            read_with_every_parser(&packet, &accepted);
            bool two_items = messages[m].kind == SOTTO_RTCP_FIR;
            bool one_of_two = two_items && size == 16;
            CHECK_EQ(accepted, size == messages[m].size - 4 || one_of_two);
            free(body);
        }
    }
}

TEST(a_message_is_refused_by_every_other_parser) {
    for (int kind = SOTTO_RTCP_OTHER; kind <= SOTTO_RTCP_REMB; kind++) {
        static const uint8_t body[24] = {0};
        struct sotto_rtcp_packet packet = {
            .kind = (enum sotto_rtcp_kind)kind, .body = body, .body_size = sizeof body};
        unsigned accepted;
        read_with_every_parser(&packet, &accepted);
        bool feedback = kind == SOTTO_RTCP_NACK || kind == SOTTO_RTCP_PLI ||
                        kind == SOTTO_RTCP_FIR || kind == SOTTO_RTCP_REMB;
        CHECK_EQ(accepted, feedback);
    }
}

TEST(a_remb_count_that_lies_is_refused) {
    uint8_t data[sizeof remb_message];
    memcpy(data, remb_message, sizeof data);
    for (unsigned count = 2; count < 256; count++) {
        data[16] = (uint8_t)count;
        struct sotto_rtcp_packet packet;
        struct sotto_rtcp_remb remb;
        CHECK(read_one(data, sizeof data, &packet));
        CHECK(!sotto_rtcp_parse_remb(&packet, &remb));
        CHECK_EQ(remb.bitrate_bps, 0);
        CHECK(!remb.ssrcs);
    }
}

TEST(a_list_longer_than_a_packet_can_say_fails_the_writer) {
    static uint16_t sequences[70000];
    static uint8_t data[70000 * 4 + 64];
    for (size_t i = 0; i < 70000; i++)
        sequences[i] = (uint16_t)(i * 20);
    struct sotto_writer writer;
    sotto_writer_init(&writer, data, sizeof data);
    sotto_rtcp_write_nack(&writer, 1, 2, sequences, 70000);
    CHECK(writer.failed);
}

TEST(without_room_the_writer_fails) {
    const uint16_t sequences[] = {1, 100};
    const struct sotto_rtcp_fir_item items[] = {{1, 2}};
    const struct sotto_rtcp_pli pli = {1, 2};
    for (size_t capacity = 0; capacity < 20; capacity++) {
        uint8_t *memory = malloc(capacity ? capacity : 1);
        struct sotto_writer writer;
        sotto_writer_init(&writer, memory, capacity);
        sotto_rtcp_write_nack(&writer, 1, 2, sequences, 2);
        CHECK(writer.failed);
        sotto_writer_init(&writer, memory, capacity);
        sotto_rtcp_write_fir(&writer, 1, items, 1);
        CHECK(writer.failed);
        sotto_writer_init(&writer, memory, capacity);
        sotto_rtcp_write_remb(&writer, 1, 100, NULL, 0);
        CHECK(writer.failed);
        sotto_writer_init(&writer, memory, capacity);
        sotto_rtcp_write_pli(&writer, &pli);
        CHECK_EQ(writer.failed, capacity < 12);
        free(memory);
    }
}

int main(void) {
    RUN(a_nack_expands_to_its_sequence_numbers);
    RUN(a_written_nack_packs_neighbours_over_the_wrap);
    RUN(random_ascending_losses_read_back);
    RUN(a_pli_reads_back);
    RUN(a_fir_reads_back);
    RUN(a_remb_reads_back);
    RUN(a_remb_is_clamped_whatever_its_exponent);
    RUN(a_written_bitrate_is_rounded_down_to_18_bits);
    RUN(every_truncation_is_refused_or_stays_inside);
    RUN(a_message_is_refused_by_every_other_parser);
    RUN(a_remb_count_that_lies_is_refused);
    RUN(a_list_longer_than_a_packet_can_say_fails_the_writer);
    RUN(without_room_the_writer_fails);
    return 0;
}
