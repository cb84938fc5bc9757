#include "proto/rtx.h"

#include "tests/proto/exact_copy.h"

static const struct sotto_rtp_header header = {
    .payload_type = 97, .marker = true, .sequence = 500, .timestamp = 9000, .ssrc = 0x22222222};

static size_t wrap(uint8_t *memory, size_t capacity, const uint8_t *payload, size_t size) {
    struct sotto_writer writer;
    sotto_writer_init(&writer, memory, capacity);
    sotto_rtp_write_header(&writer, &header, NULL, 0);
    sotto_rtx_write_payload(&writer, 0xFFF0, payload, size);
    return writer.failed ? 0 : writer.offset;
}

TEST(a_wrapped_packet_has_its_original_sequence_number_in_front) {
    uint8_t memory[64];
    CHECK_EQ(wrap(memory, sizeof memory, (const uint8_t *)"frame", 5), 12 + 2 + 5);
    CHECK_BYTES(memory + 12, "\xFF\xF0" "frame", 7);
}

TEST(unwrapping_gives_the_original_back) {
    uint8_t memory[64];
    size_t size = wrap(memory, sizeof memory, (const uint8_t *)"frame", 5);
    struct sotto_rtp_packet packet;
    CHECK(sotto_rtp_parse(&packet, memory, size));
    CHECK(sotto_rtx_unwrap(&packet, 96, 0x11111111));
    CHECK_EQ(packet.payload_type, 96);
    CHECK_EQ(packet.ssrc, 0x11111111);
    CHECK_EQ(packet.sequence, 0xFFF0);
    CHECK_EQ(packet.timestamp, 9000);
    CHECK(packet.marker);
    CHECK_EQ(packet.payload_size, 5);
    CHECK_BYTES(packet.payload, "frame", 5);
}

TEST(an_original_without_payload_is_possible) {
    uint8_t memory[64];
    size_t size = wrap(memory, sizeof memory, NULL, 0);
    struct sotto_rtp_packet packet;
    CHECK(sotto_rtp_parse(&packet, memory, size));
    CHECK(sotto_rtx_unwrap(&packet, 96, 1));
    CHECK_EQ(packet.payload_size, 0);
}

TEST(a_probe_without_original_is_refused_unchanged) {
    uint8_t memory[64];
    size_t full = wrap(memory, sizeof memory, NULL, 0);
    for (size_t size = 12; size < full; size++) {
        uint8_t *copy = exact_copy(memory, size);
        struct sotto_rtp_packet packet;
        CHECK(sotto_rtp_parse(&packet, copy, size));
        struct sotto_rtp_packet before = packet;
        CHECK(!sotto_rtx_unwrap(&packet, 96, 1));
        CHECK_EQ(packet.sequence, before.sequence);
        CHECK_EQ(packet.ssrc, before.ssrc);
        CHECK_EQ(packet.payload_size, before.payload_size);
        free(copy);
    }
}

TEST(padding_is_no_original) {
    uint8_t memory[64];
    size_t size = wrap(memory, sizeof memory, (const uint8_t *)"\0\0\4", 3);
    memory[0] |= 0x20;
    memory[size - 1] = 4;
    struct sotto_rtp_packet packet;
    CHECK(sotto_rtp_parse(&packet, memory, size));
    CHECK_EQ(packet.payload_size, 1);
    CHECK(!sotto_rtx_unwrap(&packet, 96, 1));
}

TEST(without_room_the_writer_fails) {
    for (size_t capacity = 0; capacity < 12 + 2 + 5; capacity++) {
        uint8_t *memory = malloc(capacity ? capacity : 1);
        CHECK_EQ(wrap(memory, capacity, (const uint8_t *)"frame", 5), 0);
        free(memory);
    }
}

int main(void) {
    RUN(a_wrapped_packet_has_its_original_sequence_number_in_front);
    RUN(unwrapping_gives_the_original_back);
    RUN(an_original_without_payload_is_possible);
    RUN(a_probe_without_original_is_refused_unchanged);
    RUN(padding_is_no_original);
    RUN(without_room_the_writer_fails);
    return 0;
}
