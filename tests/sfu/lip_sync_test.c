#include "sfu/lip_sync.h"

#include "tests/check.h"

// NTP from seconds, through long double: not how the module computes.
static uint64_t ntp(long double seconds) {
    return (uint64_t)(seconds * 4294967296.0L);
}

static struct sotto_lip_sync_clock publisher;
static struct sotto_lip_sync_track audio;
static struct sotto_lip_sync_track video;

static void begin(void) {
    publisher = (struct sotto_lip_sync_clock){0};
    audio = (struct sotto_lip_sync_track){0};
    video = (struct sotto_lip_sync_track){0};
}

static uint32_t at(const struct sotto_lip_sync_track *track, uint32_t clock_rate,
                   long double server_s) {
    uint32_t timestamp;
    CHECK(sotto_lip_sync_timestamp(&publisher, track, clock_rate, ntp(server_s), &timestamp));
    return timestamp;
}

static void check_near(uint32_t actual, uint32_t expected) {
    int32_t difference = (int32_t)(actual - expected);
    CHECK(difference >= -1 && difference <= 1);
}

TEST(before_the_first_report_there_is_no_time) {
    begin();
    uint32_t timestamp = 5;
    CHECK(!sotto_lip_sync_timestamp(&publisher, &audio, 48000, ntp(1), &timestamp));
    CHECK_EQ(timestamp, 0);
    sotto_lip_sync_handle_report(&publisher, &audio, ntp(1000), ntp(50), 7);
    CHECK(!sotto_lip_sync_timestamp(&publisher, &video, 90000, ntp(1), &timestamp));
}

TEST(a_timestamp_moves_with_the_servers_clock) {
    begin();
    sotto_lip_sync_handle_report(&publisher, &video, ntp(1000), ntp(3900000000.0L), 123456);
    CHECK_EQ(at(&video, 90000, 1000), 123456);
    check_near(at(&video, 90000, 1000.5L), 123456 + 45000);
    check_near(at(&video, 90000, 999.5L), 123456 - 45000);
    check_near(at(&video, 90000, 1007.25L), 123456 + 652500);
    // 13 hours later the 32 bits have wrapped.
    check_near(at(&video, 90000, 1000 + 50000), (uint32_t)(123456 + UINT64_C(4500000000)));
}

// The publisher captured a clap at 70.2 s on its clock. Whatever the network did to the reports,
// both tracks must put the clap at the same moment of the server's clock.
TEST(audio_and_video_meet_at_one_moment_whatever_delays_their_reports_had) {
    static const long double delays[][2] = {{0.02L, 0.02L}, {0.02L, 0.5L}, {0.4L, 0.01L}};
    for (size_t i = 0; i < 3; i++) {
        begin();
        long double server_ahead = 12345.678L;
        // Audio: its report says that timestamp 480000 belongs to 70.0 s.
        sotto_lip_sync_handle_report(&publisher, &audio, ntp(70 + server_ahead + delays[i][0]),
                                     ntp(70), 480000);
        // Video: timestamp 90000 belongs to 69.3 s.
        sotto_lip_sync_handle_report(&publisher, &video, ntp(70.1L + server_ahead + delays[i][1]),
                                     ntp(69.3L), 90000);
        uint32_t clap_audio = 480000 + 9600; // 0.2 s at 48 kHz
        uint32_t clap_video = 90000 + 81000; // 0.9 s at 90 kHz
        // A receiver reads one report of each track and finds the clap's moment from both.
        long double report_s = 70.7L + server_ahead;
        uint32_t audio_timestamp = at(&audio, 48000, report_s);
        uint32_t video_timestamp = at(&video, 90000, report_s + 0.31L);
        long double moment_audio =
            report_s + (int32_t)(clap_audio - audio_timestamp) / 48000.0L;
        long double moment_video =
            report_s + 0.31L + (int32_t)(clap_video - video_timestamp) / 90000.0L;
        long double difference_ms = (moment_audio - moment_video) * 1000;
        CHECK(difference_ms > -0.1L && difference_ms < 0.1L);
    }
}

TEST(later_reports_do_not_move_one_track_against_the_other) {
    begin();
    sotto_lip_sync_handle_report(&publisher, &audio, ntp(100), ntp(10), 0);
    sotto_lip_sync_handle_report(&publisher, &video, ntp(100), ntp(10), 0);
    uint32_t before = at(&video, 90000, 110);
    // The same clock, but this report was held up for 0.3 s.
    sotto_lip_sync_handle_report(&publisher, &video, ntp(105.3L), ntp(15), 5 * 90000);
    check_near(at(&video, 90000, 110), before);
    check_near(at(&audio, 48000, 110), 480000);
}

TEST(any_report_is_survived) {
    begin();
    sotto_lip_sync_handle_report(&publisher, &audio, 0, UINT64_MAX, UINT32_MAX);
    sotto_lip_sync_handle_report(&publisher, &video, UINT64_MAX, 0, 0);
    uint32_t timestamp;
    CHECK(sotto_lip_sync_timestamp(&publisher, &audio, 48000, 0, &timestamp));
    CHECK_EQ(timestamp, UINT32_MAX);
    CHECK(sotto_lip_sync_timestamp(&publisher, &video, 90000, UINT64_MAX, &timestamp));
}

int main(void) {
    RUN(before_the_first_report_there_is_no_time);
    RUN(a_timestamp_moves_with_the_servers_clock);
    RUN(audio_and_video_meet_at_one_moment_whatever_delays_their_reports_had);
    RUN(later_reports_do_not_move_one_track_against_the_other);
    RUN(any_report_is_survived);
    return 0;
}
