#include "proto/rtp.h"

#include "tests/proto/exact_copy.h"

// Header, CSRC list of 2, one-byte extensions laid out as in RFC 8285 section 4.2 (elements of 1, 2
// and 4 bytes, padding between them), payload of 5 bytes, 3 bytes of padding.
static const uint8_t full[] = {
    0xB2, 0xE0, 0x12, 0x34, 0x89, 0xAB, 0xCD, 0xEF, 0xDE, 0xAD, 0xBE, 0xEF, // fixed header
    0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x02,                         // CSRCs
    0xBE, 0xDE, 0x00, 0x03,                                                 // extension block
    0x10, 0x7F, 0x21, 0xAA, 0xBB, 0x00, 0x00, 0x33, 0x01, 0x02, 0x03, 0x04, // elements
    'h',  'e',  'l',  'l',  'o',  0x00, 0x00, 0x03,                         // payload and padding
};

// The same with the two-byte elements of section 4.3: 0, 1 and 4 bytes.
static const uint8_t two_byte[] = {
    0x90, 0x60, 0x12, 0x34, 0x89, 0xAB, 0xCD, 0xEF, 0xDE, 0xAD, 0xBE, 0xEF, //
    0x10, 0x05, 0x00, 0x03,                                                 //
    0x01, 0x00, 0x02, 0x01, 0xAA, 0x00, 0xFF, 0x04, 0x01, 0x02, 0x03, 0x04, //
    'x',
};

// RFC 7714 section 16: the plain packet of its SRTP vectors.
static const uint8_t gallia[] = {
    0x80, 0x40, 0xF1, 0x7B, 0x80, 0x41, 0xF8, 0xD3, 0x55, 0x01, 0xA0, 0xB2, 'G', 'a', 'l', 'l',
    'i',  'a',  ' ',  'e',  's',  't',  ' ',  'o',  'm',  'n',  'i',  's',  ' ', 'd', 'i', 'v',
    'i',  's',  'a',  ' ',  'i',  'n',  ' ',  'p',  'a',  'r',  't',  'e',  's', ' ', 't', 'r',
    'e',  's',
};

static void check_zero(const void *data, size_t size) {
    const uint8_t *bytes = data;
    for (size_t i = 0; i < size; i++)
        CHECK_EQ(bytes[i], 0);
}

static void check_refused(const uint8_t *data, size_t size) {
    uint8_t *copy = exact_copy(data, size);
    struct sotto_rtp_packet packet;
    memset(&packet, 0xA5, sizeof packet);
    CHECK(!sotto_rtp_parse(&packet, copy, size));
    check_zero(&packet, sizeof packet);
    free(copy);
}

TEST(a_plain_packet_is_read) {
    struct sotto_rtp_packet packet;
    CHECK(sotto_rtp_parse(&packet, gallia, sizeof gallia));
    CHECK_EQ(packet.payload_type, 0x40);
    CHECK(!packet.marker);
    CHECK_EQ(packet.sequence, 0xF17B);
    CHECK_EQ(packet.timestamp, 0x8041F8D3);
    CHECK_EQ(packet.ssrc, 0x5501A0B2);
    CHECK_EQ(packet.csrc_count, 0);
    CHECK_EQ(packet.header_size, 12);
    CHECK_EQ(packet.extension_form, SOTTO_RTP_EXTENSION_NONE);
    CHECK(!packet.extension);
    CHECK_EQ(packet.payload_size, 38);
    CHECK(packet.payload == gallia + 12);
    CHECK_EQ(packet.padding_size, 0);
}

TEST(a_packet_with_everything_is_read) {
    struct sotto_rtp_packet packet;
    CHECK(sotto_rtp_parse(&packet, full, sizeof full));
    CHECK_EQ(packet.payload_type, 0x60);
    CHECK(packet.marker);
    CHECK_EQ(packet.sequence, 0x1234);
    CHECK_EQ(packet.timestamp, 0x89ABCDEF);
    CHECK_EQ(packet.ssrc, 0xDEADBEEF);
    CHECK_EQ(packet.csrc_count, 2);
    CHECK_EQ(packet.header_size, 36);
    CHECK_EQ(packet.extension_form, SOTTO_RTP_EXTENSION_ONE_BYTE);
    CHECK_EQ(packet.extension_size, 12);
    CHECK_EQ(packet.payload_size, 5);
    CHECK_BYTES(packet.payload, "hello", 5);
    CHECK_EQ(packet.padding_size, 3);
    CHECK(packet.data == full);
    CHECK_EQ(packet.size, sizeof full);
}

static void check_element(struct sotto_rtp_extensions *elements, uint8_t id, const void *data,
                          size_t size) {
    struct sotto_rtp_extension element;
    CHECK(sotto_rtp_extensions_next(elements, &element));
    CHECK_EQ(element.id, id);
    CHECK_EQ(element.size, size);
    CHECK_BYTES(element.data, data, size);
}

static void check_end(struct sotto_rtp_extensions *elements, bool malformed) {
    struct sotto_rtp_extension element;
    for (int i = 0; i < 2; i++) {
        memset(&element, 0xA5, sizeof element);
        CHECK(!sotto_rtp_extensions_next(elements, &element));
        check_zero(&element, sizeof element);
        CHECK_EQ(elements->malformed, malformed);
    }
}

TEST(one_byte_elements_are_walked_over_padding) {
    struct sotto_rtp_packet packet;
    CHECK(sotto_rtp_parse(&packet, full, sizeof full));
    struct sotto_rtp_extensions elements;
    sotto_rtp_extensions_init(&elements, &packet);
    check_element(&elements, 1, "\x7F", 1);
    check_element(&elements, 2, "\xAA\xBB", 2);
    check_element(&elements, 3, "\1\2\3\4", 4);
    check_end(&elements, false);
}

TEST(two_byte_elements_are_walked_over_padding) {
    struct sotto_rtp_packet packet;
    CHECK(sotto_rtp_parse(&packet, two_byte, sizeof two_byte));
    CHECK_EQ(packet.extension_form, SOTTO_RTP_EXTENSION_TWO_BYTE);
    struct sotto_rtp_extensions elements;
    sotto_rtp_extensions_init(&elements, &packet);
    check_element(&elements, 1, "", 0);
    check_element(&elements, 2, "\xAA", 1);
    check_element(&elements, 255, "\1\2\3\4", 4);
    check_end(&elements, false);
}

TEST(one_element_is_found_by_its_id) {
    struct sotto_rtp_packet packet;
    struct sotto_rtp_extension element;
    CHECK(sotto_rtp_parse(&packet, full, sizeof full));
    CHECK(sotto_rtp_find_extension(&packet, 3, &element));
    CHECK_BYTES(element.data, "\1\2\3\4", 4);
    CHECK(!sotto_rtp_find_extension(&packet, 4, &element));
    check_zero(&element, sizeof element);
    CHECK(!sotto_rtp_find_extension(&packet, 0, &element));
    CHECK(sotto_rtp_parse(&packet, gallia, sizeof gallia));
    CHECK(!sotto_rtp_find_extension(&packet, 1, &element));
}

// Parses a packet whose extension block has the given profile and these 8 bytes, and no payload.
static void walk_block(struct sotto_rtp_packet *packet, struct sotto_rtp_extensions *elements,
                       uint8_t *memory, const char profile[2], const char block[8]) {
    memcpy(memory, full, 12);
    memory[0] = 0x90;
    memcpy(memory + 12, profile, 2);
    memory[14] = 0;
    memory[15] = 2;
    memcpy(memory + 16, block, 8);
    CHECK(sotto_rtp_parse(packet, memory, 24));
    sotto_rtp_extensions_init(elements, packet);
}

TEST(an_element_that_runs_past_its_block_is_not_given_out) {
    uint8_t *memory = malloc(24);
    CHECK(memory);
    struct sotto_rtp_packet packet;
    struct sotto_rtp_extensions elements;
    walk_block(&packet, &elements, memory, "\xBE\xDE", "\x10\x01\x26\1\2\3\4\5");
    check_element(&elements, 1, "\1", 1);
    check_end(&elements, true);
    walk_block(&packet, &elements, memory, "\xBE\xDE", "\0\0\0\0\0\0\0\x10");
    check_end(&elements, true);
    walk_block(&packet, &elements, memory, "\x10\0", "\x01\x01\xAA\x02\x05\1\2\3");
    check_element(&elements, 1, "\xAA", 1);
    check_end(&elements, true);
    walk_block(&packet, &elements, memory, "\x10\0", "\x01\xFF\0\0\0\0\0\0");
    check_end(&elements, true);
    walk_block(&packet, &elements, memory, "\x10\0", "\0\0\0\0\0\0\0\x01");
    check_end(&elements, true);
    free(memory);
}

TEST(id_15_and_id_0_with_a_length_end_a_one_byte_block) {
    uint8_t *memory = malloc(24);
    CHECK(memory);
    struct sotto_rtp_packet packet;
    struct sotto_rtp_extensions elements;
    walk_block(&packet, &elements, memory, "\xBE\xDE", "\x10\x01\xF0\x00\x20\x02\0\0");
    check_element(&elements, 1, "\1", 1);
    check_end(&elements, false);
    walk_block(&packet, &elements, memory, "\xBE\xDE", "\x10\x01\x01\x00\x20\x02\0\0");
    check_element(&elements, 1, "\1", 1);
    check_end(&elements, false);
    free(memory);
}

TEST(an_extension_block_of_another_profile_has_no_elements) {
    uint8_t *memory = malloc(24);
    CHECK(memory);
    struct sotto_rtp_packet packet;
    struct sotto_rtp_extensions elements;
    walk_block(&packet, &elements, memory, "\x12\x34", "\x10\x01\x20\x02\0\0\0\0");
    CHECK_EQ(packet.extension_form, SOTTO_RTP_EXTENSION_NONE);
    CHECK_EQ(packet.header_size, 24);
    check_end(&elements, false);
    free(memory);
}

TEST(every_truncation_is_refused_or_stays_inside) {
    for (size_t size = 0; size < sizeof full; size++) {
        uint8_t *copy = exact_copy(full, size);
        struct sotto_rtp_packet packet;
        bool good = sotto_rtp_parse(&packet, copy, size);
        CHECK(!good || size >= 36);
        if (good)
            CHECK_EQ(packet.header_size + packet.payload_size + packet.padding_size, size);
        CHECK_EQ(sotto_rtp_parse_header(&packet, copy, size), size >= 36);
        free(copy);
    }
}

TEST(other_versions_are_refused) {
    uint8_t packet[sizeof gallia];
    for (unsigned version = 0; version < 4; version++) {
        memcpy(packet, gallia, sizeof gallia);
        packet[0] = (uint8_t)(version << 6);
        struct sotto_rtp_packet view;
        CHECK_EQ(sotto_rtp_parse(&view, packet, sizeof packet), version == 2);
    }
}

TEST(fifteen_csrcs_are_read_and_may_not_run_past_the_end) {
    uint8_t packet[12 + 15 * 4] = {0x8F, 0x60};
    struct sotto_rtp_packet view;
    CHECK(sotto_rtp_parse(&view, packet, sizeof packet));
    CHECK_EQ(view.csrc_count, 15);
    CHECK_EQ(view.header_size, sizeof packet);
    CHECK_EQ(view.payload_size, 0);
    check_refused(packet, sizeof packet - 1);
}

TEST(a_block_length_that_lies_is_refused) {
    uint8_t packet[sizeof full];
    for (unsigned words = 6; words < 65536; words = words * 2 + 1) {
        memcpy(packet, full, sizeof full);
        packet[22] = (uint8_t)(words >> 8);
        packet[23] = (uint8_t)words;
        check_refused(packet, sizeof packet);
    }
}

TEST(a_padding_count_that_lies_is_refused) {
    uint8_t packet[sizeof full];
    for (unsigned count = 0; count < 256; count++) {
        memcpy(packet, full, sizeof full);
        packet[sizeof full - 1] = (uint8_t)count;
        if (count == 0 || count > 8) {
            check_refused(packet, sizeof packet);
            continue;
        }
        struct sotto_rtp_packet view;
        CHECK(sotto_rtp_parse(&view, packet, sizeof packet));
        CHECK_EQ(view.payload_size, 8 - count);
        CHECK_EQ(view.padding_size, count);
    }
    // The padding bit with nothing behind the header: the last byte belongs to the header.
    check_refused(full, 36);
}

TEST(a_probe_of_padding_alone_is_good) {
    uint8_t packet[12 + 255] = {0xA0, 0x60};
    packet[sizeof packet - 1] = 255;
    struct sotto_rtp_packet view;
    CHECK(sotto_rtp_parse(&view, packet, sizeof packet));
    CHECK_EQ(view.payload_size, 0);
    CHECK_EQ(view.padding_size, 255);
}

TEST(the_header_alone_ignores_padding) {
    uint8_t packet[sizeof full];
    memcpy(packet, full, sizeof full);
    packet[sizeof full - 1] = 0;
    struct sotto_rtp_packet view;
    CHECK(sotto_rtp_parse_header(&view, packet, sizeof packet));
    CHECK_EQ(view.payload_size, 8);
    CHECK_EQ(view.padding_size, 0);
}

TEST(a_written_header_reads_back) {
    const struct sotto_rtp_header header = {.payload_type = 0x60,
                                            .marker = true,
                                            .sequence = 65534,
                                            .timestamp = 7,
                                            .ssrc = 0x89ABCDEF};
    const struct sotto_rtp_extension extensions[] = {
        {.id = 1, .data = (const uint8_t *)"0", .size = 1},
        {.id = 14, .data = (const uint8_t *)"sixteen bytes !!", .size = 16},
        {.id = 4, .data = (const uint8_t *)"abc", .size = 3},
    };
    for (size_t count = 0; count <= 3; count++) {
        size_t expected = sotto_rtp_header_size(extensions, count);
        uint8_t *memory = malloc(expected);
        CHECK(memory);
        memset(memory, 0xA5, expected);
        struct sotto_writer writer;
        sotto_writer_init(&writer, memory, expected);
        sotto_rtp_write_header(&writer, &header, extensions, count);
        CHECK(!writer.failed);
        CHECK_EQ(writer.offset, expected);
        struct sotto_rtp_packet packet;
        CHECK(sotto_rtp_parse(&packet, memory, expected));
        CHECK_EQ(packet.payload_type, 0x60);
        CHECK(packet.marker);
        CHECK_EQ(packet.sequence, 0xFFFE);
        CHECK_EQ(packet.timestamp, 7);
        CHECK_EQ(packet.ssrc, 0x89ABCDEF);
        CHECK_EQ(packet.payload_size, 0);
        struct sotto_rtp_extensions elements;
        sotto_rtp_extensions_init(&elements, &packet);
        for (size_t i = 0; i < count; i++)
            check_element(&elements, extensions[i].id, extensions[i].data, extensions[i].size);
        check_end(&elements, false);
        free(memory);
    }
}

TEST(a_header_without_room_fails_the_writer_and_writes_nothing_past_it) {
    const struct sotto_rtp_header header = {.payload_type = 96};
    const struct sotto_rtp_extension extension = {.id = 1, .data = (const uint8_t *)"0", .size = 1};
    size_t needed = sotto_rtp_header_size(&extension, 1);
    CHECK_EQ(needed, 20);
    for (size_t capacity = 0; capacity < needed; capacity++) {
        uint8_t *memory = malloc(capacity ? capacity : 1);
        struct sotto_writer writer;
        sotto_writer_init(&writer, memory, capacity);
        sotto_rtp_write_header(&writer, &header, &extension, 1);
        CHECK(writer.failed);
        free(memory);
    }
}

TEST(extensions_that_one_byte_form_cannot_carry_fail_the_writer) {
    const struct sotto_rtp_header header = {.payload_type = 96};
    static const uint8_t data[17];
    const struct sotto_rtp_extension bad[] = {
        {.id = 0, .data = data, .size = 1},
        {.id = 15, .data = data, .size = 1},
        {.id = 255, .data = data, .size = 1},
        {.id = 1, .data = data, .size = 0},
        {.id = 1, .data = data, .size = 17},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        uint8_t memory[64];
        struct sotto_writer writer;
        sotto_writer_init(&writer, memory, sizeof memory);
        sotto_rtp_write_header(&writer, &header, &bad[i], 1);
        CHECK(writer.failed);
    }
}

int main(void) {
    RUN(a_plain_packet_is_read);
    RUN(a_packet_with_everything_is_read);
    RUN(one_byte_elements_are_walked_over_padding);
    RUN(two_byte_elements_are_walked_over_padding);
    RUN(one_element_is_found_by_its_id);
    RUN(an_element_that_runs_past_its_block_is_not_given_out);
    RUN(id_15_and_id_0_with_a_length_end_a_one_byte_block);
    RUN(an_extension_block_of_another_profile_has_no_elements);
    RUN(every_truncation_is_refused_or_stays_inside);
    RUN(other_versions_are_refused);
    RUN(fifteen_csrcs_are_read_and_may_not_run_past_the_end);
    RUN(a_block_length_that_lies_is_refused);
    RUN(a_padding_count_that_lies_is_refused);
    RUN(a_probe_of_padding_alone_is_good);
    RUN(the_header_alone_ignores_padding);
    RUN(a_written_header_reads_back);
    RUN(a_header_without_room_fails_the_writer_and_writes_nothing_past_it);
    RUN(extensions_that_one_byte_form_cannot_carry_fail_the_writer);
    return 0;
}
