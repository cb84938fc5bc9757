#include "proto/rtp_extension.h"

#include "tests/proto/exact_copy.h"

static struct sotto_rtp_extension element(const void *data, size_t size) {
    return (struct sotto_rtp_extension){.id = 1, .data = data, .size = size};
}

TEST(a_mid_is_a_token_of_1_to_16_bytes) {
    struct sotto_rtp_name mid;
    struct sotto_rtp_extension good = element("0", 1);
    CHECK(sotto_rtp_parse_mid(&good, &mid));
    CHECK(sotto_rtp_name_equal(&mid, "0", 1));
    CHECK(!sotto_rtp_name_equal(&mid, "00", 2));
    CHECK(!sotto_rtp_name_equal(&mid, "1", 1));
    good = element("!#$%&'*+-.^_`{|}", 16);
    CHECK(sotto_rtp_parse_mid(&good, &mid));
    CHECK_EQ(mid.size, 16);
    struct sotto_rtp_extension bad = element("seventeen bytes..", 17);
    CHECK(!sotto_rtp_parse_mid(&bad, &mid));
    CHECK_EQ(mid.size, 0);
    bad = element("", 0);
    CHECK(!sotto_rtp_parse_mid(&bad, &mid));
}

// The names of RFC 8866 section 9 and RFC 8851 section 10, character by character.
TEST(each_character_is_allowed_where_its_rfc_says_so) {
    const char *token = "!#$%&'*+-.^_`{|}~";
    const char *rid_marks = "-_";
    for (int c = 0; c < 256; c++) {
        uint8_t byte = (uint8_t)c;
        struct sotto_rtp_extension one = element(&byte, 1);
        struct sotto_rtp_name name;
        bool alphanumeric =
            (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        bool in_token = c != 0 && strchr(token, c);
        bool in_rid = c != 0 && strchr(rid_marks, c);
        CHECK_EQ(sotto_rtp_parse_mid(&one, &name), alphanumeric || in_token);
        CHECK_EQ(sotto_rtp_parse_rid(&one, &name), alphanumeric || in_rid);
    }
}

TEST(a_rid_is_copied) {
    char text[] = "r0";
    struct sotto_rtp_extension extension = element(text, 2);
    struct sotto_rtp_name rid;
    CHECK(sotto_rtp_parse_rid(&extension, &rid));
    text[1] = '1';
    CHECK(sotto_rtp_name_equal(&rid, "r0", 2));
}

TEST(abs_send_time_counts_in_units_of_2_to_the_minus_18_s) {
    uint8_t data[SOTTO_RTP_ABS_SEND_TIME_SIZE];
    uint32_t value;
    struct sotto_rtp_extension extension = element(data, sizeof data);
    sotto_rtp_write_abs_send_time(data, 1000000);
    CHECK(sotto_rtp_parse_abs_send_time(&extension, &value));
    CHECK_EQ(value, 1 << 18);
    sotto_rtp_write_abs_send_time(data, 500000);
    CHECK(sotto_rtp_parse_abs_send_time(&extension, &value));
    CHECK_EQ(value, 1 << 17);
    sotto_rtp_write_abs_send_time(data, 63999999);
    CHECK(sotto_rtp_parse_abs_send_time(&extension, &value));
    CHECK_EQ(value, 0xFFFFFF);
    sotto_rtp_write_abs_send_time(data, 64000000);
    CHECK(sotto_rtp_parse_abs_send_time(&extension, &value));
    CHECK_EQ(value, 0);
    sotto_rtp_write_abs_send_time(data, UINT64_MAX);
    CHECK(sotto_rtp_parse_abs_send_time(&extension, &value));
    CHECK_EQ(value, (UINT64_MAX % 64000000 << 18) / 1000000);
}

TEST(a_transport_sequence_reads_back) {
    uint8_t data[SOTTO_RTP_TRANSPORT_SEQUENCE_SIZE];
    uint16_t value;
    struct sotto_rtp_extension extension = element(data, sizeof data);
    sotto_rtp_write_transport_sequence(data, 0xABCD);
    CHECK_BYTES(data, "\xAB\xCD", 2);
    CHECK(sotto_rtp_parse_transport_sequence(&extension, &value));
    CHECK_EQ(value, 0xABCD);
}

TEST(an_audio_level_reads_back_in_both_forms) {
    uint8_t data[2] = {0};
    struct sotto_rtp_extension extension = element(data, 1);
    struct sotto_rtp_audio_level level = {.level = 42, .voice = true};
    sotto_rtp_write_audio_level(data, &level);
    CHECK_EQ(data[0], 0x80 | 42);
    level = (struct sotto_rtp_audio_level){0};
    CHECK(sotto_rtp_parse_audio_level(&extension, &level));
    CHECK_EQ(level.level, 42);
    CHECK(level.voice);
    extension.size = 2;
    CHECK(sotto_rtp_parse_audio_level(&extension, &level));
    data[0] = SOTTO_RTP_AUDIO_LEVEL_SILENCE;
    CHECK(sotto_rtp_parse_audio_level(&extension, &level));
    CHECK_EQ(level.level, 127);
    CHECK(!level.voice);
}

TEST(a_video_orientation_is_read) {
    uint8_t data[1] = {0x0D};
    struct sotto_rtp_extension extension = element(data, 1);
    struct sotto_rtp_video_orientation orientation;
    CHECK(sotto_rtp_parse_video_orientation(&extension, &orientation));
    CHECK(orientation.back_camera);
    CHECK(orientation.flip);
    CHECK_EQ(orientation.rotation_degrees, 90);
    data[0] = 0xF3; // the four reserved bits are ignored
    CHECK(sotto_rtp_parse_video_orientation(&extension, &orientation));
    CHECK(!orientation.back_camera);
    CHECK(!orientation.flip);
    CHECK_EQ(orientation.rotation_degrees, 270);
}

TEST(a_playout_delay_is_read_and_its_order_checked) {
    struct sotto_rtp_playout_delay delay;
    struct sotto_rtp_extension extension = element("\x00\xA0\x14", 3);
    CHECK(sotto_rtp_parse_playout_delay(&extension, &delay));
    CHECK_EQ(delay.min_ms, 100);
    CHECK_EQ(delay.max_ms, 200);
    extension = element("\x01\x40\x0A", 3);
    CHECK(!sotto_rtp_parse_playout_delay(&extension, &delay));
    CHECK_EQ(delay.min_ms, 0);
    CHECK_EQ(delay.max_ms, 0);
}

// Each parser, asked with every size from 0 to 17, accepts only its own.
TEST(elements_of_another_size_are_refused) {
    static const uint8_t bytes[17] = {0};
    for (size_t size = 0; size <= sizeof bytes; size++) {
        uint8_t *copy = exact_copy(bytes, size);
        struct sotto_rtp_extension extension = element(copy, size);
        uint32_t send_time;
        uint16_t sequence;
        struct sotto_rtp_audio_level level;
        struct sotto_rtp_video_orientation orientation;
        struct sotto_rtp_playout_delay delay;
        CHECK_EQ(sotto_rtp_parse_abs_send_time(&extension, &send_time), size == 3);
        CHECK_EQ(sotto_rtp_parse_transport_sequence(&extension, &sequence), size == 2);
        CHECK_EQ(sotto_rtp_parse_audio_level(&extension, &level), size == 1 || size == 2);
        CHECK_EQ(sotto_rtp_parse_video_orientation(&extension, &orientation), size == 1);
        CHECK_EQ(sotto_rtp_parse_playout_delay(&extension, &delay), size == 3);
        free(copy);
    }
}

int main(void) {
    RUN(a_mid_is_a_token_of_1_to_16_bytes);
    RUN(each_character_is_allowed_where_its_rfc_says_so);
    RUN(a_rid_is_copied);
    RUN(abs_send_time_counts_in_units_of_2_to_the_minus_18_s);
    RUN(a_transport_sequence_reads_back);
    RUN(an_audio_level_reads_back_in_both_forms);
    RUN(a_video_orientation_is_read);
    RUN(a_playout_delay_is_read_and_its_order_checked);
    RUN(elements_of_another_size_are_refused);
    return 0;
}
