#include "sfu/packet_header.h"

#include "proto/rtp_extension.h"
#include "tests/check.h"
#include "tests/proto/exact_copy.h"

// What Chromium sends with audio, by its ids: MID "0" (4), send time (2), audio level (1).
static const uint8_t audio[] = {
    0x90, 0x6F, 0x12, 0x34, 0, 0, 0, 1, 0, 0, 0, 9, 0xBE, 0xDE, 0, 3,
    0x40, '0',  0x22, 1,    2, 3, 0x10, 0x85, 0, 0, 0, 0, 'x',
};

static struct sotto_extension_ids publisher_ids(void) {
    struct sotto_extension_ids ids = {{0}};
    ids.ids[SOTTO_EXTENSION_MID] = 4;
    ids.ids[SOTTO_EXTENSION_ABS_SEND_TIME] = 2;
    ids.ids[SOTTO_EXTENSION_AUDIO_LEVEL] = 1;
    ids.ids[SOTTO_EXTENSION_VIDEO_ORIENTATION] = 13;
    ids.ids[SOTTO_EXTENSION_PLAYOUT_DELAY] = 12;
    return ids;
}

static struct sotto_packet_header_format subscriber_format(const char *mid) {
    struct sotto_packet_header_format format = {.mid_size = (uint8_t)strlen(mid)};
    memcpy(format.mid, mid, format.mid_size);
    format.ids.ids[SOTTO_EXTENSION_MID] = 1;
    format.ids.ids[SOTTO_EXTENSION_ABS_SEND_TIME] = 4;
    format.ids.ids[SOTTO_EXTENSION_AUDIO_LEVEL] = 6;
    format.ids.ids[SOTTO_EXTENSION_VIDEO_ORIENTATION] = 8;
    format.ids.ids[SOTTO_EXTENSION_PLAYOUT_DELAY] = 11;
    return format;
}

static struct sotto_packet_extensions read(const uint8_t *data, size_t size) {
    struct sotto_rtp_packet packet;
    uint8_t *copy = exact_copy(data, size);
    CHECK(sotto_rtp_parse(&packet, copy, size));
    struct sotto_extension_ids ids = publisher_ids();
    struct sotto_packet_extensions extensions;
    memset(&extensions, 0xA5, sizeof extensions);
    sotto_packet_header_read_extensions(&packet, &ids, &extensions);
    free(copy);
    return extensions;
}

static const struct sotto_rtp_header header = {
    .payload_type = 100, .marker = true, .sequence = 0xABCD, .timestamp = 0x01020304, .ssrc = 77};

TEST(the_audio_level_is_read_by_the_publishers_id) {
    struct sotto_packet_extensions extensions = read(audio, sizeof audio);
    CHECK(extensions.has_audio_level);
    CHECK_EQ(extensions.audio_level, 0x85);
    CHECK(!extensions.has_orientation && !extensions.has_playout_delay);
}

TEST(orientation_and_playout_delay_are_read_also_in_two_byte_form) {
    static const uint8_t video[] = {
        0x90, 0x60, 0, 1, 0, 0, 0, 1, 0, 0, 0, 9, 0x10, 0x00, 0, 2,
        13,   1,    3, 12, 3, 0x00, 0x10, 0x20,
    };
    struct sotto_packet_extensions extensions = read(video, sizeof video);
    CHECK(extensions.has_orientation);
    CHECK_EQ(extensions.orientation, 3);
    CHECK(extensions.has_playout_delay);
    CHECK_BYTES(extensions.playout_delay, ((uint8_t[]){0x00, 0x10, 0x20}), 3);
    CHECK(!extensions.has_audio_level);
}

TEST(elements_of_a_wrong_size_are_ignored) {
    static const uint8_t video[] = {
        0x90, 0x60, 0, 1, 0, 0, 0, 1, 0, 0, 0, 9, 0xBE, 0xDE, 0, 2,
        0xD1, 3,    3, 0xC1, 0, 0, 0x11, 0,
    };
    struct sotto_packet_extensions extensions = read(video, sizeof video);
    CHECK(!extensions.has_orientation && !extensions.has_playout_delay);
    CHECK(!extensions.has_audio_level);
}

TEST(extensions_are_written_by_the_subscribers_ids) {
    struct sotto_packet_header_format format = subscriber_format("12");
    struct sotto_packet_extensions extensions = read(audio, sizeof audio);
    uint8_t out[64];
    struct sotto_writer writer;
    sotto_writer_init(&writer, out, sizeof out);
    // 1.5 s are 0x060000 in units of 2^-18 s.
    sotto_packet_header_write(&writer, &format, &header, &extensions, 1500000);
    static const uint8_t expected[] = {
        0x90, 0xE4, 0xAB, 0xCD, 1, 2, 3, 4, 0, 0, 0, 77, 0xBE, 0xDE, 0, 3,
        0x11, '1',  '2',  0x42, 6, 0, 0, 0x60, 0x85, 0, 0, 0,
    };
    CHECK(!writer.failed);
    CHECK_EQ(writer.offset, sizeof expected);
    CHECK_BYTES(out, expected, sizeof expected);
}

TEST(what_was_not_negotiated_is_not_written) {
    struct sotto_packet_header_format format = subscriber_format("");
    format.ids.ids[SOTTO_EXTENSION_ABS_SEND_TIME] = 0;
    format.ids.ids[SOTTO_EXTENSION_AUDIO_LEVEL] = 0;
    struct sotto_packet_extensions extensions = read(audio, sizeof audio);
    uint8_t out[64];
    struct sotto_writer writer;
    sotto_writer_init(&writer, out, sizeof out);
    sotto_packet_header_write(&writer, &format, &header, &extensions, 0);
    CHECK_EQ(writer.offset, 12);
    CHECK_EQ(out[0], 0x80);
}

TEST(the_largest_header_leaves_room_for_the_largest_payload) {
    struct sotto_packet_header_format format = subscriber_format("0123456789abcdef");
    struct sotto_packet_extensions extensions = {
        .has_audio_level = true, .has_orientation = true, .has_playout_delay = true};
    uint8_t out[SOTTO_RTP_PACKET_SIZE_MAX];
    struct sotto_writer writer;
    sotto_writer_init(&writer, out, sizeof out);
    sotto_packet_header_write(&writer, &format, &header, &extensions, 0);
    CHECK(!writer.failed);
    CHECK(writer.offset + 2 + SOTTO_RTP_PAYLOAD_SIZE_MAX <= sizeof out);
    struct sotto_rtp_packet packet;
    CHECK(sotto_rtp_parse(&packet, out, writer.offset));
    struct sotto_rtp_extension element;
    for (size_t i = 0; i < SOTTO_EXTENSION_COUNT; i++)
        if (format.ids.ids[i] != 0)
            CHECK(sotto_rtp_find_extension(&packet, format.ids.ids[i], &element));
}

int main(void) {
    RUN(the_audio_level_is_read_by_the_publishers_id);
    RUN(orientation_and_playout_delay_are_read_also_in_two_byte_form);
    RUN(elements_of_a_wrong_size_are_ignored);
    RUN(extensions_are_written_by_the_subscribers_ids);
    RUN(what_was_not_negotiated_is_not_written);
    RUN(the_largest_header_leaves_room_for_the_largest_payload);
    return 0;
}
