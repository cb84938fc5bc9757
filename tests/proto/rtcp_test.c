#include "proto/rtcp.h"

#include "tests/proto/exact_copy.h"

// RFC 7714 section 17: the plain RTCP packet of its SRTCP vectors, a sender report with one block.
static const uint8_t mars[] = {
    0x81, 0xC8, 0x00, 0x0D, 'M',  'a',  'r',  's',  'N',  'T',  'P',  '1',  'N',  'T',  'P',
    '2',  'R',  'T',  'P',  ' ',  0x00, 0x00, 0x04, 0x2A, 0x00, 0x00, 0xE9, 0x30, 'L',  'u',
    'n',  'a',  0xDE, 0xAD, 0xBE, 0xEF, 0xDE, 0xAD, 0xBE, 0xEF, 0xDE, 0xAD, 0xBE, 0xEF, 0xDE,
    0xAD, 0xBE, 0xEF, 0xDE, 0xAD, 0xBE, 0xEF,
};

static void check_zero(const void *data, size_t size) {
    const uint8_t *bytes = data;
    for (size_t i = 0; i < size; i++)
        CHECK_EQ(bytes[i], 0);
}

// The only packet of a datagram.
static bool read_one(const uint8_t *data, size_t size, struct sotto_rtcp_packet *packet) {
    struct sotto_rtcp_compound compound;
    sotto_rtcp_compound_init(&compound, data, size);
    return sotto_rtcp_compound_next(&compound, packet);
}

static void check_refused(const uint8_t *data, size_t size) {
    struct sotto_rtcp_compound compound;
    struct sotto_rtcp_packet packet;
    sotto_rtcp_compound_init(&compound, data, size);
    for (int i = 0; i < 2; i++) {
        memset(&packet, 0xA5, sizeof packet);
        CHECK(!sotto_rtcp_compound_next(&compound, &packet));
        check_zero(&packet, sizeof packet);
        CHECK(compound.malformed);
    }
}

// The RFC cuts its example short: the header says 13 words, of which it prints 12.
TEST(the_sender_report_of_rfc_7714_is_read) {
    uint8_t data[56] = {0};
    memcpy(data, mars, sizeof mars);
    memset(data + sizeof mars, 0xEF, sizeof data - sizeof mars);
    struct sotto_rtcp_packet packet;
    struct sotto_rtcp_report report;
    CHECK(read_one(data, sizeof data, &packet));
    CHECK_EQ(packet.kind, SOTTO_RTCP_SENDER_REPORT);
    CHECK_EQ(packet.type, 200);
    CHECK_EQ(packet.count, 1);
    CHECK(sotto_rtcp_parse_report(&packet, &report));
    CHECK_EQ(report.ssrc, 0x4D617273);
    CHECK(report.has_sender_info);
    CHECK_EQ(report.sender_info.ntp_time, 0x4E5450314E545032);
    CHECK_EQ(report.sender_info.rtp_timestamp, 0x52545020);
    CHECK_EQ(report.sender_info.packet_count, 0x42A);
    CHECK_EQ(report.sender_info.octet_count, 0xE930);
    CHECK_EQ(report.block_count, 1);
    CHECK_EQ(report.blocks[0].ssrc, 0x4C756E61);
    CHECK_EQ(report.blocks[0].fraction_lost, 0xDE);
    CHECK_EQ(report.blocks[0].cumulative_lost, (int32_t)0xADBEEF - 0x1000000);
    CHECK_EQ(report.blocks[0].extended_highest_sequence, 0xDEADBEEF);
    CHECK_EQ(report.blocks[0].delay_since_last_sender_report, 0xDEADBEEF);
}

static void fill_report(struct sotto_rtcp_report *report, size_t block_count) {
    *report = (struct sotto_rtcp_report){.ssrc = 7, .block_count = block_count};
    for (size_t i = 0; i < block_count; i++)
        report->blocks[i] = (struct sotto_rtcp_report_block){
            .ssrc = (uint32_t)i,
            .fraction_lost = (uint8_t)(255 - i),
            .cumulative_lost = (int32_t)i - 3,
            .extended_highest_sequence = 0xFFFF0000 + (uint32_t)i,
            .jitter = 1000,
            .last_sender_report = 5,
            .delay_since_last_sender_report = 6,
        };
}

static void check_same_report(const struct sotto_rtcp_report *actual,
                              const struct sotto_rtcp_report *expected) {
    CHECK_EQ(actual->ssrc, expected->ssrc);
    CHECK_EQ(actual->has_sender_info, expected->has_sender_info);
    CHECK_BYTES(&actual->sender_info, &expected->sender_info, sizeof actual->sender_info);
    CHECK_EQ(actual->block_count, expected->block_count);
    for (size_t i = 0; i < expected->block_count; i++) {
        const struct sotto_rtcp_report_block *a = &actual->blocks[i];
        const struct sotto_rtcp_report_block *b = &expected->blocks[i];
        CHECK_EQ(a->ssrc, b->ssrc);
        CHECK_EQ(a->fraction_lost, b->fraction_lost);
        CHECK_EQ(a->cumulative_lost, b->cumulative_lost);
        CHECK_EQ(a->extended_highest_sequence, b->extended_highest_sequence);
        CHECK_EQ(a->jitter, b->jitter);
        CHECK_EQ(a->last_sender_report, b->last_sender_report);
        CHECK_EQ(a->delay_since_last_sender_report, b->delay_since_last_sender_report);
    }
}

TEST(reports_read_back_with_0_to_31_blocks) {
    uint8_t data[1024];
    struct sotto_rtcp_report report;
    struct sotto_rtcp_report again;
    for (size_t i = 0; i < 64; i++) {
        fill_report(&report, i / 2);
        report.has_sender_info = i % 2;
        if (report.has_sender_info)
            report.sender_info = (struct sotto_rtcp_sender_info){
                .ntp_time = 1, .rtp_timestamp = 2, .packet_count = 3, .octet_count = 4};
        struct sotto_writer writer;
        sotto_writer_init(&writer, data, sizeof data);
        sotto_rtcp_write_report(&writer, &report);
        CHECK(!writer.failed);
        struct sotto_rtcp_packet packet;
        uint8_t *copy = exact_copy(data, writer.offset);
        CHECK(read_one(copy, writer.offset, &packet));
        CHECK(sotto_rtcp_parse_report(&packet, &again));
        check_same_report(&again, &report);
        free(copy);
    }
}

TEST(cumulative_loss_is_clamped_to_24_bits) {
    const struct {
        int32_t given;
        int32_t read;
    } cases[] = {{0x7FFFFF, 0x7FFFFF},   {0x800000, 0x7FFFFF},   {INT32_MAX, 0x7FFFFF}, {-1, -1},
                 {-0x800000, -0x800000}, {INT32_MIN, -0x800000}, {0, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct sotto_rtcp_report report = {.block_count = 1};
        report.blocks[0].cumulative_lost = cases[i].given;
        uint8_t data[64];
        struct sotto_writer writer;
        sotto_writer_init(&writer, data, sizeof data);
        sotto_rtcp_write_report(&writer, &report);
        struct sotto_rtcp_packet packet;
        CHECK(read_one(data, writer.offset, &packet));
        CHECK(sotto_rtcp_parse_report(&packet, &report));
        CHECK_EQ(report.blocks[0].cumulative_lost, cases[i].read);
    }
}

TEST(a_report_count_that_lies_is_refused) {
    uint8_t data[8 + 24] = {0x81, 0xC9, 0x00, 0x07};
    struct sotto_rtcp_packet packet;
    struct sotto_rtcp_report report;
    CHECK(read_one(data, sizeof data, &packet));
    CHECK(sotto_rtcp_parse_report(&packet, &report));
    for (unsigned count = 2; count <= 31; count++) {
        data[0] = (uint8_t)(0x80 | count);
        memset(&report, 0xA5, sizeof report);
        CHECK(read_one(data, sizeof data, &packet));
        CHECK(!sotto_rtcp_parse_report(&packet, &report));
        check_zero(&report, sizeof report);
    }
}

TEST(profile_specific_extensions_behind_the_blocks_are_skipped) {
    static const uint8_t data[] = {0x80, 0xC9, 0, 3, 0, 0, 0, 9, 1, 2, 3, 4, 5, 6, 7, 8};
    struct sotto_rtcp_packet packet;
    struct sotto_rtcp_report report;
    CHECK(read_one(data, sizeof data, &packet));
    CHECK(sotto_rtcp_parse_report(&packet, &report));
    CHECK_EQ(report.ssrc, 9);
    CHECK_EQ(report.block_count, 0);
}

static size_t write_compound(uint8_t *data, size_t capacity) {
    struct sotto_writer writer;
    sotto_writer_init(&writer, data, capacity);
    struct sotto_rtcp_report report;
    fill_report(&report, 2);
    sotto_rtcp_write_report(&writer, &report);
    sotto_rtcp_write_sdes(&writer, 7, (const uint8_t *)"cname", 5);
    static const uint8_t bye[] = {0x82, 0xCB, 0, 3, 0, 0, 0, 7, 0, 0, 0, 8, 3, 'e', 'n', 'd'};
    sotto_writer_write_bytes(&writer, bye, sizeof bye);
    CHECK(!writer.failed);
    return writer.offset;
}

TEST(a_compound_is_walked_in_order) {
    uint8_t data[256];
    size_t size = write_compound(data, sizeof data);
    struct sotto_rtcp_compound compound;
    struct sotto_rtcp_packet packet;
    sotto_rtcp_compound_init(&compound, data, size);
    CHECK(sotto_rtcp_compound_next(&compound, &packet));
    CHECK_EQ(packet.kind, SOTTO_RTCP_RECEIVER_REPORT);
    CHECK(sotto_rtcp_compound_next(&compound, &packet));
    CHECK_EQ(packet.kind, SOTTO_RTCP_SOURCE_DESCRIPTION);
    struct sotto_rtcp_sdes sdes;
    CHECK(sotto_rtcp_parse_sdes(&packet, &sdes));
    CHECK_EQ(sdes.chunk_count, 1);
    CHECK_EQ(sdes.chunks[0].ssrc, 7);
    CHECK_EQ(sdes.chunks[0].cname_size, 5);
    CHECK_BYTES(sdes.chunks[0].cname, "cname", 5);
    CHECK(sotto_rtcp_compound_next(&compound, &packet));
    CHECK_EQ(packet.kind, SOTTO_RTCP_GOODBYE);
    struct sotto_rtcp_bye bye;
    CHECK(sotto_rtcp_parse_bye(&packet, &bye));
    CHECK_EQ(bye.ssrc_count, 2);
    CHECK_EQ(bye.ssrcs[0], 7);
    CHECK_EQ(bye.ssrcs[1], 8);
    CHECK(!sotto_rtcp_compound_next(&compound, &packet));
    CHECK(!compound.malformed);
    check_zero(&packet, sizeof packet);
}

// Reads every packet with every parser; what they return does not matter here.
static size_t read_all(const uint8_t *data, size_t size, bool *malformed) {
    struct sotto_rtcp_compound compound;
    struct sotto_rtcp_packet packet;
    struct sotto_rtcp_report report;
    struct sotto_rtcp_sdes sdes;
    struct sotto_rtcp_bye bye;
    size_t count = 0;
    sotto_rtcp_compound_init(&compound, data, size);
    for (; sotto_rtcp_compound_next(&compound, &packet); count++) {
        bool any = sotto_rtcp_parse_report(&packet, &report);
        any = sotto_rtcp_parse_sdes(&packet, &sdes) || any;
        any = sotto_rtcp_parse_bye(&packet, &bye) || any;
        CHECK(any || packet.kind == SOTTO_RTCP_OTHER || packet.body_size < 1024);
    }
    *malformed = compound.malformed;
    return count;
}

TEST(every_truncation_gives_the_packets_before_it_and_is_malformed_inside_one) {
    uint8_t data[256];
    size_t size = write_compound(data, sizeof data);
    size_t ends[] = {0, 56, 56 + 16, size};
    for (size_t cut = 0; cut <= size; cut++) {
        uint8_t *copy = exact_copy(data, cut);
        bool malformed;
        size_t count = read_all(copy, cut, &malformed);
        size_t whole = 0;
        while (whole < 3 && ends[whole + 1] <= cut)
            whole++;
        CHECK_EQ(count, whole);
        CHECK_EQ(malformed, cut != ends[whole]);
        free(copy);
    }
}

TEST(every_flipped_bit_is_survived) {
    uint8_t data[256];
    size_t size = write_compound(data, sizeof data);
    for (size_t bit = 0; bit < size * 8; bit++) {
        uint8_t *copy = exact_copy(data, size);
        copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
        bool malformed;
        CHECK(read_all(copy, size, &malformed) <= 3);
        free(copy);
    }
}

TEST(other_versions_are_refused) {
    uint8_t data[8] = {0x80, 0xC9, 0, 1};
    bool malformed;
    CHECK_EQ(read_all(data, sizeof data, &malformed), 1);
    data[0] = 0x00;
    check_refused(data, sizeof data);
    data[0] = 0x40;
    check_refused(data, sizeof data);
    data[0] = 0xC0;
    check_refused(data, sizeof data);
}

TEST(padding_is_taken_off_the_last_packet_alone) {
    // A receiver report with 4 bytes of padding, alone and in front of another.
    uint8_t data[12 + 8] = {0xA0, 0xC9, 0, 2, 0, 0, 0, 9, 0, 0, 0, 4, 0x80, 0xC9, 0, 1, 0, 0, 0, 9};
    struct sotto_rtcp_packet packet;
    CHECK(read_one(data, 12, &packet));
    CHECK_EQ(packet.body_size, 4);
    check_refused(data, sizeof data);
    for (unsigned count = 0; count < 256; count++) {
        data[11] = (uint8_t)count;
        if (count == 4 || count == 8)
            CHECK(read_one(data, 12, &packet));
        else
            check_refused(data, 12);
    }
    uint8_t empty[4] = {0xA0, 0xC9, 0, 0};
    check_refused(empty, sizeof empty);
}

TEST(packets_that_are_not_understood_are_told_apart_and_skipped) {
    static const struct {
        uint8_t first, type;
        enum sotto_rtcp_kind kind;
    } cases[] = {
        {0x80, 192, SOTTO_RTCP_OTHER}, {0x80, 204, SOTTO_RTCP_OTHER},
        {0x80, 207, SOTTO_RTCP_OTHER}, {0x81, 205, SOTTO_RTCP_NACK},
        {0x83, 205, SOTTO_RTCP_OTHER}, {0x8F, 205, SOTTO_RTCP_TRANSPORT_FEEDBACK},
        {0x81, 206, SOTTO_RTCP_PLI},   {0x84, 206, SOTTO_RTCP_FIR},
        {0x8F, 206, SOTTO_RTCP_OTHER}, {0x82, 206, SOTTO_RTCP_OTHER},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t data[16] = {cases[i].first, cases[i].type, 0, 3};
        struct sotto_rtcp_packet packet;
        CHECK(read_one(data, sizeof data, &packet));
        CHECK_EQ(packet.kind, cases[i].kind);
        struct sotto_rtcp_report report;
        struct sotto_rtcp_sdes sdes;
        struct sotto_rtcp_bye bye;
        CHECK(!sotto_rtcp_parse_report(&packet, &report));
        CHECK(!sotto_rtcp_parse_sdes(&packet, &sdes));
        CHECK(!sotto_rtcp_parse_bye(&packet, &bye));
    }
}

TEST(a_cname_of_every_size_reads_back) {
    uint8_t cname[SOTTO_RTCP_CNAME_SIZE_MAX];
    memset(cname, 'c', sizeof cname);
    for (size_t size = 1; size <= sizeof cname; size++) {
        uint8_t data[300];
        struct sotto_writer writer;
        sotto_writer_init(&writer, data, sizeof data);
        sotto_rtcp_write_sdes(&writer, 0x12345678, cname, size);
        CHECK(!writer.failed);
        CHECK_EQ(writer.offset % 4, 0);
        uint8_t *copy = exact_copy(data, writer.offset);
        struct sotto_rtcp_packet packet;
        struct sotto_rtcp_sdes sdes;
        CHECK(read_one(copy, writer.offset, &packet));
        CHECK(sotto_rtcp_parse_sdes(&packet, &sdes));
        CHECK_EQ(sdes.chunk_count, 1);
        CHECK_EQ(sdes.chunks[0].cname_size, size);
        CHECK_BYTES(sdes.chunks[0].cname, cname, size);
        free(copy);
    }
}

TEST(other_items_and_several_chunks_are_walked) {
    static const uint8_t data[] = {
        0x82, 0xCA, 0, 7,                            //
        0,    0,    0, 1, 2, 2, 'm', 'e', 1, 1, 'a', // name, then cname
        1,    1,    'b', 0, 0,                       // a second cname is not taken
        0,    0,    0, 2, 8, 3, 'p', 'r', 'i', 0, 0, 0,
    };
    struct sotto_rtcp_packet packet;
    struct sotto_rtcp_sdes sdes;
    CHECK(read_one(data, sizeof data, &packet));
    CHECK(sotto_rtcp_parse_sdes(&packet, &sdes));
    CHECK_EQ(sdes.chunk_count, 2);
    CHECK_EQ(sdes.chunks[0].ssrc, 1);
    CHECK_EQ(sdes.chunks[0].cname_size, 1);
    CHECK_BYTES(sdes.chunks[0].cname, "a", 1);
    CHECK_EQ(sdes.chunks[1].ssrc, 2);
    CHECK(!sdes.chunks[1].cname);
}

TEST(sdes_items_that_run_past_the_end_are_refused) {
    uint8_t data[] = {0x81, 0xCA, 0, 2, 0, 0, 0, 1, 1, 0, 0, 0};
    for (unsigned size = 0; size < 256; size++) {
        data[9] = (uint8_t)size;
        uint8_t *copy = exact_copy(data, sizeof data);
        struct sotto_rtcp_packet packet;
        struct sotto_rtcp_sdes sdes;
        CHECK(read_one(copy, sizeof data, &packet));
        CHECK_EQ(sotto_rtcp_parse_sdes(&packet, &sdes), size <= 1);
        free(copy);
    }
    data[0] = 0x9F; // 31 chunks where there is one
    struct sotto_rtcp_packet packet;
    struct sotto_rtcp_sdes sdes;
    memset(&sdes, 0xA5, sizeof sdes);
    CHECK(read_one(data, sizeof data, &packet));
    CHECK(!sotto_rtcp_parse_sdes(&packet, &sdes));
    check_zero(&sdes, sizeof sdes);
}

TEST(a_bye_count_that_lies_is_refused) {
    uint8_t data[] = {0x82, 0xCB, 0, 1, 0, 0, 0, 7};
    struct sotto_rtcp_packet packet;
    struct sotto_rtcp_bye bye;
    memset(&bye, 0xA5, sizeof bye);
    CHECK(read_one(data, sizeof data, &packet));
    CHECK(!sotto_rtcp_parse_bye(&packet, &bye));
    check_zero(&bye, sizeof bye);
    data[0] = 0x80;
    CHECK(read_one(data, sizeof data, &packet));
    CHECK(sotto_rtcp_parse_bye(&packet, &bye));
    CHECK_EQ(bye.ssrc_count, 0);
}

TEST(without_room_the_writer_fails_and_nothing_is_written_past_it) {
    struct sotto_rtcp_report report;
    fill_report(&report, 1);
    for (size_t capacity = 0; capacity < 32; capacity++) {
        uint8_t *memory = malloc(capacity ? capacity : 1);
        struct sotto_writer writer;
        sotto_writer_init(&writer, memory, capacity);
        sotto_rtcp_write_report(&writer, &report);
        CHECK(writer.failed);
        sotto_writer_init(&writer, memory, capacity);
        sotto_rtcp_write_sdes(&writer, 1, (const uint8_t *)"a name of 22 bytes, ok", 22);
        CHECK(writer.failed);
        free(memory);
    }
}

int main(void) {
    RUN(the_sender_report_of_rfc_7714_is_read);
    RUN(reports_read_back_with_0_to_31_blocks);
    RUN(cumulative_loss_is_clamped_to_24_bits);
    RUN(a_report_count_that_lies_is_refused);
    RUN(profile_specific_extensions_behind_the_blocks_are_skipped);
    RUN(a_compound_is_walked_in_order);
    RUN(every_truncation_gives_the_packets_before_it_and_is_malformed_inside_one);
    RUN(every_flipped_bit_is_survived);
    RUN(other_versions_are_refused);
    RUN(padding_is_taken_off_the_last_packet_alone);
    RUN(packets_that_are_not_understood_are_told_apart_and_skipped);
    RUN(a_cname_of_every_size_reads_back);
    RUN(other_items_and_several_chunks_are_walked);
    RUN(sdes_items_that_run_past_the_end_are_refused);
    RUN(a_bye_count_that_lies_is_refused);
    RUN(without_room_the_writer_fails_and_nothing_is_written_past_it);
    return 0;
}
