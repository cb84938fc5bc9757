#include "sfu/packet_cache.h"

#include "tests/check.h"

enum {
    COUNT = 64,
    SIZE = 4096,
};

static void *memory;
static struct sotto_packet_cache cache;
static uint8_t payload[SOTTO_RTP_PAYLOAD_SIZE_MAX];

// In memory of exactly the size asked for, so that ASan sees what lies beyond.
static void begin(void) {
    free(memory);
    memory = malloc(sotto_packet_cache_memory_size(COUNT, SIZE));
    CHECK(memory);
    sotto_packet_cache_init(&cache, memory, COUNT, SIZE);
}

static uint8_t byte_at(uint64_t sequence, size_t i) {
    return (uint8_t)(sequence * 7 + i);
}

static enum sotto_packet_cache_result add(uint64_t sequence, size_t size) {
    for (size_t i = 0; i < size; i++)
        payload[i] = byte_at(sequence, i);
    struct sotto_packet packet = {
        .sequence = sequence,
        .timestamp = (uint32_t)sequence * 3,
        .payload_type = (uint8_t)(sequence % 128),
        .marker = sequence % 2 == 0,
        .extensions = {.has_audio_level = true, .audio_level = (uint8_t)sequence},
        .payload = payload,
        .payload_size = size,
    };
    return sotto_packet_cache_add(&cache, &packet);
}

static void check_found(uint64_t sequence, size_t size) {
    struct sotto_packet packet;
    CHECK(sotto_packet_cache_find(&cache, sequence, &packet));
    CHECK_EQ(packet.sequence, sequence);
    CHECK_EQ(packet.timestamp, (uint32_t)sequence * 3);
    CHECK_EQ(packet.payload_type, sequence % 128);
    CHECK_EQ(packet.marker, sequence % 2 == 0);
    CHECK(packet.extensions.has_audio_level && !packet.extensions.has_orientation);
    CHECK_EQ(packet.extensions.audio_level, (uint8_t)sequence);
    CHECK_EQ(packet.payload_size, size);
    for (size_t i = 0; i < size; i++)
        CHECK_EQ(packet.payload[i], byte_at(sequence, i));
}

static void check_absent(uint64_t sequence) {
    struct sotto_packet packet;
    memset(&packet, 0xA5, sizeof packet);
    CHECK(!sotto_packet_cache_find(&cache, sequence, &packet));
    CHECK_EQ(packet.sequence, 0);
    CHECK(!packet.payload);
    CHECK_EQ(packet.payload_size, 0);
}

TEST(a_packet_is_found_as_it_was_added) {
    begin();
    CHECK_EQ(add(70000, 100), SOTTO_PACKET_CACHE_ADDED);
    CHECK_EQ(add(70001, 0), SOTTO_PACKET_CACHE_ADDED);
    CHECK_EQ(add(70002, SOTTO_RTP_PAYLOAD_SIZE_MAX), SOTTO_PACKET_CACHE_ADDED);
    check_found(70000, 100);
    check_found(70001, 0);
    check_found(70002, SOTTO_RTP_PAYLOAD_SIZE_MAX);
    check_absent(70003);
    check_absent(0);
    check_absent(70000 + COUNT);
}

TEST(the_same_number_is_accepted_once) {
    begin();
    CHECK_EQ(add(70000, 10), SOTTO_PACKET_CACHE_ADDED);
    CHECK_EQ(add(70000, 20), SOTTO_PACKET_CACHE_DUPLICATE);
    check_found(70000, 10);
    // Also when its bytes are gone.
    for (uint64_t i = 1; i < 8; i++)
        CHECK_EQ(add(70000 + i, 1000), SOTTO_PACKET_CACHE_ADDED);
    check_absent(70000);
    CHECK_EQ(add(70000, 10), SOTTO_PACKET_CACHE_DUPLICATE);
}

TEST(a_late_packet_is_accepted_as_far_back_as_the_ring_reaches) {
    begin();
    CHECK_EQ(add(70000 + COUNT, 10), SOTTO_PACKET_CACHE_ADDED);
    CHECK_EQ(add(70001, 10), SOTTO_PACKET_CACHE_ADDED);
    CHECK_EQ(add(70000, 10), SOTTO_PACKET_CACHE_TOO_OLD);
    CHECK_EQ(add(1, 10), SOTTO_PACKET_CACHE_TOO_OLD);
    check_found(70001, 10);
}

TEST(the_oldest_bytes_are_forgotten_first) {
    begin();
    for (uint64_t i = 0; i < 40; i++) {
        CHECK_EQ(add(70000 + i, 1000), SOTTO_PACKET_CACHE_ADDED);
        // 4096 bytes hold four such packets in one piece each.
        for (uint64_t back = 0; back < 4 && back <= i; back++)
            check_found(70000 + i - back, 1000);
        if (i >= 5)
            check_absent(70000 + i - 5);
    }
}

TEST(the_oldest_numbers_are_forgotten_when_packets_are_small) {
    begin();
    for (uint64_t i = 0; i < 3 * COUNT; i++)
        CHECK_EQ(add(70000 + i, 8), SOTTO_PACKET_CACHE_ADDED);
    check_absent(70000 + 2 * COUNT - 1);
    for (uint64_t i = 2 * COUNT; i < 3 * COUNT; i++)
        check_found(70000 + i, 8);
}

TEST(after_clearing_nothing_is_there_and_old_numbers_are_new) {
    begin();
    CHECK_EQ(add(70000, 10), SOTTO_PACKET_CACHE_ADDED);
    sotto_packet_cache_clear(&cache);
    check_absent(70000);
    CHECK_EQ(add(500, 10), SOTTO_PACKET_CACHE_ADDED);
    CHECK_EQ(add(70000, 10), SOTTO_PACKET_CACHE_ADDED);
}

// Whatever sizes come in whatever order: what is found is what was added.
TEST(no_packet_is_ever_mixed_with_another) {
    static size_t sizes[5000];
    begin();
    uint32_t random = 9;
    for (uint64_t i = 0; i < 5000; i++) {
        random = random * 1664525 + 1013904223;
        uint64_t sequence = 1000 + (i ^ (random >> 30)); // within a few places of order
        size_t size = (random >> 8) % (SOTTO_RTP_PAYLOAD_SIZE_MAX + 1);
        if (sequence - 1000 < 5000 && add(sequence, size) == SOTTO_PACKET_CACHE_ADDED)
            sizes[sequence - 1000] = size;
        for (uint64_t back = 0; back < 8 && back <= i; back++) {
            struct sotto_packet packet;
            uint64_t other = 1000 + i - back;
            if (sotto_packet_cache_find(&cache, other, &packet))
                check_found(other, sizes[other - 1000]);
        }
    }
}

int main(void) {
    RUN(a_packet_is_found_as_it_was_added);
    RUN(the_same_number_is_accepted_once);
    RUN(a_late_packet_is_accepted_as_far_back_as_the_ring_reaches);
    RUN(the_oldest_bytes_are_forgotten_first);
    RUN(the_oldest_numbers_are_forgotten_when_packets_are_small);
    RUN(after_clearing_nothing_is_there_and_old_numbers_are_new);
    RUN(no_packet_is_ever_mixed_with_another);
    free(memory);
    return 0;
}
