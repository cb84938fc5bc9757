// Whole calls over networks of every quality: what is sent arrives, opens, and is what was sealed.
#include "tests/sim/call.h"

#include "tests/check.h"
#include "tests/sim/virtual_time.h"

static struct network_link link_of(uint32_t delay_ms, uint32_t loss_percent) {
    return (struct network_link){.delay_us = delay_ms * 1000,
                                 .jitter_us = delay_ms * 100,
                                 .loss_permille = loss_percent * 10};
}

static void check_counters(const struct call *call) {
    const struct sotto_media_counters *counters = &call->worker.counters;
    uint64_t delivered = 0;
    for (unsigned i = 0; i < call->network.host_count; i++)
        delivered += call->network.hosts[i].up_counters.delivered;
    CHECK_EQ(counters->packets_received, delivered);
    CHECK_EQ(counters->meetings, 1);
    CHECK_EQ(counters->transports, 2 * call->client_count);
    CHECK_EQ(counters->transports_connected, 2 * call->client_count);
    CHECK_EQ(counters->dtls_failed, 0);
    for (size_t i = 0; i < call->event_count; i++)
        CHECK(call->events[i].type != SOTTO_MEDIA_COMMAND_REFUSED);
}

static void for_each_sink(const struct call *call, void (*check)(const struct sink *sink)) {
    for (unsigned i = 0; i < call->client_count; i++) {
        struct sim_client *client = &call->clients[i]->sim;
        CHECK_EQ(client->foreign_count, 0);
        CHECK(client->receiver_report_count > 5 && client->sender_report_count > 5);
        for (size_t k = 0; k < client->sink_count; k++)
            check(client->sinks[k]);
    }
    check_counters(call);
}

static void check_perfect(const struct sink *sink) {
    CHECK(sink_is_right(sink));
    CHECK(sink->counters.results[SOTTO_OK] > 500);
    CHECK_EQ(sink_opened_permille(sink), 1000);
    CHECK_EQ(sink_missing_count(sink), 0);
    CHECK_EQ(sink->counters.late_count, 0);
    CHECK_EQ(sink->counters.rtx_count, 0);
    // 20 s less what connecting takes.
    CHECK(sink->counters.first_us < 1000000 + 1500000);
    CHECK(sink->counters.longest_pause_us < 100000);
}

// Two clients, counted from when the call has found its pace.
static void run_steady(struct call *call, const struct network_link *link) {
    call_join(call, 2, link);
    call_run(call, 6 * CALL_SECOND_US);
    call_begin_counts(call);
    call_run(call, 40 * CALL_SECOND_US);
}

TEST(without_loss_every_frame_of_two_clients_opens) {
    uint32_t delays_ms[] = {20, 50, 100};
    for (uint64_t seed = 0; seed < 6; seed++) {
        struct call *call = call_create(100 + seed);
        struct network_link link = link_of(delays_ms[seed % 3], 0);
        call_join(call, 2, &link);
        call_run(call, 20 * CALL_SECOND_US);
        for_each_sink(call, check_perfect);
        CHECK_EQ(call->worker.counters.strays_dropped, 0);
        CHECK_EQ(call->worker.counters.media_refused, 0);
        call_destroy(call);
    }
}

static void check_repaired(const struct sink *sink) {
    CHECK(sink_is_right(sink));
    if (sink->kind == SOTTO_KIND_VIDEO) {
        CHECK(sink_opened_permille(sink) >= 995);
        CHECK(sink->counters.rtx_count > 20);
        CHECK(sink->is_decodable);
    } else {
        // Lost on the way up, or down: 0.95 * 0.95.
        CHECK(sink_opened_permille(sink) >= 860 && sink_opened_permille(sink) <= 950);
    }
}

TEST(with_5_percent_of_loss_retransmissions_bring_the_video) {
    uint32_t delays_ms[] = {20, 60, 100};
    for (uint64_t seed = 0; seed < 9; seed++) {
        struct call *call = call_create(200 + seed);
        struct network_link link = link_of(delays_ms[seed % 3], 5);
        run_steady(call, &link);
        for_each_sink(call, check_repaired);
        call_destroy(call);
    }
}

static void check_mostly_repaired(const struct sink *sink) {
    CHECK(sink_is_right(sink));
    if (sink->kind == SOTTO_KIND_VIDEO)
        CHECK(sink_opened_permille(sink) >= 850 && sink->is_decodable);
    else
        CHECK(sink_opened_permille(sink) >= 760);
}

TEST(with_10_percent_of_loss_almost_all_of_the_video_comes) {
    for (uint64_t seed = 0; seed < 6; seed++) {
        struct call *call = call_create(300 + seed);
        struct network_link link = link_of(50, 10);
        run_steady(call, &link);
        for_each_sink(call, check_mostly_repaired);
        call_destroy(call);
    }
}

static void check_smooth(const struct sink *sink) {
    CHECK(sink_is_right(sink));
    CHECK(sink_opened_permille(sink) >= (sink->kind == SOTTO_KIND_VIDEO ? 970 : 920));
}

static void check_alive(const struct sink *sink) {
    CHECK(sink_is_right(sink));
    CHECK(sink_opened_permille(sink) >= (sink->kind == SOTTO_KIND_VIDEO ? 350 : 400));
    CHECK(sink->counters.results[SOTTO_OK] > 300);
}

TEST(with_30_percent_of_loss_the_call_still_connects_and_lives) {
    for (uint64_t seed = 0; seed < 6; seed++) {
        struct call *call = call_create(400 + seed);
        struct network_link link = link_of(50, 30);
        run_steady(call, &link);
        for_each_sink(call, check_alive);
        call_destroy(call);
    }
}

TEST(bursts_duplicates_and_disorder_change_no_frame) {
    for (uint64_t seed = 0; seed < 6; seed++) {
        struct call *call = call_create(500 + seed);
        struct network_link link = {.delay_us = 40000,
                                    .jitter_us = 20000,
                                    .burst_enter_permille = 5,
                                    .burst_leave_permille = 250,
                                    .duplicate_permille = 50,
                                    .reorder_permille = 50,
                                    .reorder_us = 30000};
        run_steady(call, &link);
        for_each_sink(call, check_smooth);
        // What comes twice is refused by SRTP, not forwarded twice.
        CHECK(call->worker.counters.media_refused > 100);
        call_destroy(call);
    }
}

TEST(a_narrow_link_with_a_short_queue_loses_no_more_than_its_queue) {
    for (uint64_t seed = 0; seed < 3; seed++) {
        struct call *call = call_create(550 + seed);
        struct network_link link = {.delay_us = 20000, .rate_bps = 2000000, .queue_us_max = 40000};
        call_join(call, 2, &link);
        call_run(call, 20 * CALL_SECOND_US);
        for_each_sink(call, check_smooth);
        call_destroy(call);
    }
}

TEST(three_clients_hear_and_see_each_other) {
    for (uint64_t seed = 0; seed < 3; seed++) {
        struct call *call = call_create(600 + seed);
        struct network_link link = link_of(40, 0);
        call_join(call, 3, &link);
        call_run(call, 20 * CALL_SECOND_US);
        for_each_sink(call, check_perfect);
        call_destroy(call);
    }
}

TEST(three_clients_behind_different_networks_do_not_disturb_each_other) {
    for (uint64_t seed = 0; seed < 3; seed++) {
        struct call *call = call_create(650 + seed);
        struct network_link good = link_of(20, 0);
        struct network_link bad = link_of(100, 30);
        call_join(call, 3, &good);
        network_set_links(&call->network, call->clients[2]->sim.host, &bad, &bad);
        call_run(call, 30 * CALL_SECOND_US);
        for (unsigned i = 0; i < 2; i++) {
            const struct sink *video =
                call_sink(call->clients[i], call->clients[1 - i], SOTTO_KIND_VIDEO);
            CHECK(sink_is_right(video));
            CHECK_EQ(sink_opened_permille(video), 1000);
            CHECK(video->counters.longest_pause_us < 100000);
        }
        call_destroy(call);
    }
}

TEST(a_key_frame_comes_soon_to_a_late_joiner) {
    for (uint64_t seed = 0; seed < 6; seed++) {
        struct call *call = call_create(700 + seed);
        struct network_link link = link_of(50, 0);
        call_join(call, 2, &link);
        call_run(call, 10 * CALL_SECOND_US);
        struct call_client *late = call_add_client(call, &link, &link);
        uint64_t joined_us = call->now_us;
        call_connect(call, late);
        call_subscribe(call, late, call->clients[0]);
        call_run(call, 5 * CALL_SECOND_US);
        const struct sink *video = call_sink(late, call->clients[0], SOTTO_KIND_VIDEO);
        CHECK(sink_is_right(video));
        CHECK(video->is_decodable);
        CHECK_EQ(video->counters.early_delta_count, 0);
        // Connecting takes four round trips; from when the server is connected, half a round trip
        // earlier, the request and the key frame take one and a half and a frame's interval.
        CHECK(late->sim.connected_us[SOTTO_CLIENT_TRANSPORT_RECEIVE] - joined_us < 600000);
        CHECK(video->counters.key_us - late->sim.connected_us[SOTTO_CLIENT_TRANSPORT_RECEIVE] <
              180000);
        CHECK_EQ(sink_opened_permille(video), 1000);
        CHECK_EQ(call->worker.counters.transports_connected, 6);
        call_destroy(call);
    }
}

TEST(the_loudest_is_told_as_speaker) {
    struct call *call = call_create(800);
    struct network_link link = link_of(30, 0);
    call_join(call, 2, &link);
    call_run(call, 3 * CALL_SECOND_US);
    CHECK_EQ(call_count_events(call, SOTTO_MEDIA_SPEAKER, CALL_MEETING), 0);
    call->clients[1]->sim.sources[0]->audio_level = 20;
    call_run(call, 3 * CALL_SECOND_US);
    CHECK_EQ(call_count_events(call, SOTTO_MEDIA_SPEAKER, CALL_MEETING), 1);
    CHECK_EQ(call->events[call->event_count - 1].peer, call->clients[1]->peer);
    call_destroy(call);
}

static uint64_t trace_of(uint64_t seed) {
    struct call *call = call_create(seed);
    struct network_link link = link_of(40, 10);
    link.duplicate_permille = link.reorder_permille = 20;
    link.reorder_us = 10000;
    call_join(call, 3, &link);
    call_run(call, 10 * CALL_SECOND_US);
    uint64_t trace = call->network.trace;
    call_destroy(call);
    return trace;
}

TEST(the_same_seed_gives_the_same_datagrams_at_the_same_times) {
    for (uint64_t seed = 0; seed < 3; seed++) {
        uint64_t trace = trace_of(900 + seed);
        CHECK(trace_of(900 + seed) == trace);
        CHECK(trace_of(1900 + seed) != trace);
    }
}

int main(void) {
    RUN(without_loss_every_frame_of_two_clients_opens);
    RUN(with_5_percent_of_loss_retransmissions_bring_the_video);
    RUN(with_10_percent_of_loss_almost_all_of_the_video_comes);
    RUN(with_30_percent_of_loss_the_call_still_connects_and_lives);
    RUN(bursts_duplicates_and_disorder_change_no_frame);
    RUN(a_narrow_link_with_a_short_queue_loses_no_more_than_its_queue);
    RUN(three_clients_hear_and_see_each_other);
    RUN(three_clients_behind_different_networks_do_not_disturb_each_other);
    RUN(a_key_frame_comes_soon_to_a_late_joiner);
    RUN(the_loudest_is_told_as_speaker);
    RUN(the_same_seed_gives_the_same_datagrams_at_the_same_times);
    CHECK(virtual_time_query_count() > 0);
    return 0;
}
