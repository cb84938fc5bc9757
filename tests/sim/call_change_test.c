// What happens in the middle of a call: pauses, other addresses, restarts, other keys, people who
// leave.
#include "tests/sim/call.h"

#include "tests/check.h"

enum { AWAY_US = 750 * CALL_SECOND_US };

static const struct network_link calm = {.delay_us = 40000, .jitter_us = 4000};

// Two clients that see each other for a while.
static struct call *begin(uint64_t seed, unsigned count) {
    struct call *call = call_create(seed);
    call_join(call, count, &calm);
    call_run(call, 4 * CALL_SECOND_US);
    call_begin_counts(call);
    return call;
}

static uint64_t sent_to(const struct call *call, const struct call_client *client) {
    return call->network.hosts[client->sim.host].down_counters.sent;
}

static void check_all_right(const struct call *call) {
    for (unsigned i = 0; i < call->client_count; i++) {
        const struct sim_client *client = &call->clients[i]->sim;
        for (size_t k = 0; k < client->sink_count; k++) {
            CHECK(sink_is_right(client->sinks[k]));
            CHECK(client->sinks[k]->counters.frame_count > 0);
        }
    }
}

TEST(a_paused_subscriber_gets_nothing_and_then_goes_on_with_a_key_frame) {
    for (uint64_t seed = 0; seed < 4; seed++) {
        struct call *call = begin(1000 + seed, 2);
        struct call_client *a = call->clients[0];
        struct call_client *b = call->clients[1];
        struct sink *video = call_sink(b, a, SOTTO_KIND_VIDEO);
        struct sink *audio = call_sink(b, a, SOTTO_KIND_AUDIO);
        call_pause(call, b, a);
        call_run(call, 200000);
        call_begin_counts(call);
        uint64_t keys = a->sim.sources[1]->key_frame_count;
        call_run(call, 5 * CALL_SECOND_US);
        CHECK_EQ(video->counters.packet_count + audio->counters.packet_count, 0);
        CHECK_EQ(a->sim.sources[1]->key_frame_count, keys);
        CHECK(call_sink(a, b, SOTTO_KIND_VIDEO)->counters.frame_count > 140);
        call_begin_counts(call);
        uint64_t resumed_us = call->now_us;
        call_resume(call, b, a);
        call_run(call, 5 * CALL_SECOND_US);
        check_all_right(call);
        CHECK(video->counters.key_count >= 1);
        // Up to the publisher and from there to the subscriber, and a frame's interval.
        CHECK(video->counters.key_us - resumed_us < 250000);
        CHECK_EQ(video->counters.first_us, video->counters.key_us);
        // For the subscriber there was no gap.
        CHECK_EQ(sink_missing_count(video), 0);
        CHECK_EQ(sink_missing_count(audio), 0);
        CHECK_EQ(sink_opened_permille(video), 1000);
        call_destroy(call);
    }
}

TEST(a_paused_publisher_is_heard_by_nobody_until_it_is_resumed) {
    struct call *call = begin(1050, 3);
    struct call_client *a = call->clients[0];
    for (unsigned i = 0; i < 2; i++)
        call_post_about(call, SOTTO_MEDIA_PAUSE_TRACK_UP, a->tracks_up[i]);
    call_run(call, 200000);
    call_begin_counts(call);
    call_run(call, 2 * CALL_SECOND_US);
    for (unsigned i = 1; i < 3; i++) {
        CHECK_EQ(call_sink(call->clients[i], a, SOTTO_KIND_AUDIO)->counters.packet_count, 0);
        CHECK_EQ(call_sink(call->clients[i], a, SOTTO_KIND_VIDEO)->counters.packet_count, 0);
    }
    for (unsigned i = 0; i < 2; i++)
        call_post_about(call, SOTTO_MEDIA_RESUME_TRACK_UP, a->tracks_up[i]);
    call_run(call, 2 * CALL_SECOND_US);
    for (unsigned i = 1; i < 3; i++) {
        CHECK(call_sink(call->clients[i], a, SOTTO_KIND_AUDIO)->counters.frame_count > 80);
        CHECK(call_sink(call->clients[i], a, SOTTO_KIND_VIDEO)->counters.key_count > 0);
        CHECK_EQ(sink_missing_count(call_sink(call->clients[i], a, SOTTO_KIND_VIDEO)), 0);
    }
    check_all_right(call);
    call_destroy(call);
}

TEST(a_key_frame_is_asked_for_through_signalling) {
    struct call *call = begin(1060, 2);
    struct call_client *a = call->clients[0];
    uint64_t keys = a->sim.sources[1]->key_frame_count;
    call_post_about(call, SOTTO_MEDIA_REQUEST_KEY_FRAME, a->tracks_up[1]);
    call_run(call, CALL_SECOND_US);
    CHECK_EQ(a->sim.sources[1]->key_frame_count, keys + 1);
    CHECK_EQ(call_sink(call->clients[1], a, SOTTO_KIND_VIDEO)->counters.key_count, 1);
    call_destroy(call);
}

TEST(behind_a_nat_that_forgot_its_mappings_media_goes_on_within_three_seconds) {
    uint64_t worst_us = 0;
    for (uint64_t seed = 0; seed < 20; seed++) {
        struct call *call = begin(1100 + seed, 2);
        struct network_link lossy = calm;
        lossy.loss_permille = seed % 2 ? 50 : 0;
        struct call_client *a = call->clients[0];
        struct call_client *b = call->clients[1];
        network_set_links(&call->network, a->sim.host, &lossy, &lossy);
        // At any time between two consent checks.
        call_run(call, sim_random_below(&call->random, 6 * CALL_SECOND_US));
        call_begin_counts(call);
        network_rebind(&call->network, a->sim.host);
        call_run(call, 6 * CALL_SECOND_US);
        struct sink *sinks[] = {
            call_sink(a, b, SOTTO_KIND_AUDIO), call_sink(a, b, SOTTO_KIND_VIDEO),
            call_sink(b, a, SOTTO_KIND_AUDIO), call_sink(b, a, SOTTO_KIND_VIDEO)};
        for (size_t i = 0; i < 4; i++) {
            CHECK(sink_is_right(sinks[i]));
            CHECK(call->now_us - sinks[i]->counters.last_us < 500000);
            // A request or an answer that is lost as well costs up to a second more.
            CHECK(sinks[i]->counters.longest_pause_us < (seed % 2 ? 5000000 : 3000000));
            if (sinks[i]->counters.longest_pause_us > worst_us)
                worst_us = sinks[i]->counters.longest_pause_us;
        }
        // The same connection all the while: nothing was told, nothing negotiated.
        CHECK_EQ(call->event_count, 4);
        CHECK(call->worker.counters.strays_dropped > 0);
        call_destroy(call);
    }
    CHECK(worst_us > 500000);
}

TEST(an_ice_restart_interrupts_nothing) {
    for (uint64_t seed = 0; seed < 4; seed++) {
        struct call *call = begin(1200 + seed, 2);
        struct call_client *a = call->clients[0];
        for (unsigned round = 0; round < 3; round++) {
            for (unsigned i = 0; i < SIM_CLIENT_TRANSPORT_COUNT; i++)
                call_restart_ice(call, a, i);
            call_run(call, 3 * CALL_SECOND_US);
        }
        check_all_right(call);
        for (unsigned i = 0; i < 2; i++) {
            struct sink *video =
                call_sink(call->clients[i], call->clients[1 - i], SOTTO_KIND_VIDEO);
            CHECK_EQ(sink_missing_count(video), 0);
            CHECK(video->counters.longest_pause_us < 100000);
        }
        CHECK_EQ(call->event_count, 4);
        CHECK_EQ(call->worker.counters.strays_dropped, 0);
        call_destroy(call);
    }
}

TEST(an_ice_restart_together_with_another_address_goes_on_at_once) {
    for (uint64_t seed = 0; seed < 4; seed++) {
        struct call *call = begin(1250 + seed, 2);
        struct call_client *a = call->clients[0];
        network_rebind(&call->network, a->sim.host);
        for (unsigned i = 0; i < SIM_CLIENT_TRANSPORT_COUNT; i++)
            call_restart_ice(call, a, i);
        call_run(call, 3 * CALL_SECOND_US);
        check_all_right(call);
        struct sink *audio = call_sink(a, call->clients[1], SOTTO_KIND_AUDIO);
        CHECK(audio->counters.longest_pause_us < 500000);
        call_destroy(call);
    }
}

TEST(a_removed_peer_gets_and_gives_nothing_any_more) {
    for (uint64_t seed = 0; seed < 4; seed++) {
        struct call *call = begin(1300 + seed, 3);
        struct call_client *gone = call->clients[seed % 3];
        struct call_client *left = call->clients[(seed + 1) % 3];
        struct call_client *other = call->clients[(seed + 2) % 3];
        call_post_about(call, SOTTO_MEDIA_REMOVE_PEER, gone->peer);
        uint64_t sent = sent_to(call, gone);
        call_run(call, 200000);
        call_begin_counts(call);
        call_run(call, 5 * CALL_SECOND_US);
        CHECK_EQ(sent_to(call, gone), sent);
        CHECK_EQ(call_sink(left, gone, SOTTO_KIND_AUDIO)->counters.packet_count, 0);
        CHECK_EQ(call_sink(other, gone, SOTTO_KIND_VIDEO)->counters.packet_count, 0);
        CHECK(sink_is_right(call_sink(left, other, SOTTO_KIND_VIDEO)));
        CHECK_EQ(sink_missing_count(call_sink(left, other, SOTTO_KIND_VIDEO)), 0);
        CHECK(call_sink(left, other, SOTTO_KIND_VIDEO)->counters.frame_count > 140);
        CHECK_EQ(call->worker.counters.transports, 4);
        CHECK_EQ(call->worker.counters.transports_connected, 4);
        CHECK(call->worker.counters.strays_dropped > 500);
        call_destroy(call);
    }
}

TEST(a_client_that_disappears_is_told_as_silent_after_5_seconds_and_as_heard_when_it_is_back) {
    for (uint64_t seed = 0; seed < 4; seed++) {
        struct call *call = begin(1400 + seed, 2);
        struct call_client *a = call->clients[0];
        struct call_client *b = call->clients[1];
        network_cut(&call->network, b->sim.host, true);
        uint64_t cut_us = call->now_us;
        call_run(call, 10 * CALL_SECOND_US);
        uint64_t silent_us = call_event_us(call, SOTTO_MEDIA_PEER_SILENT, b->peer);
        CHECK(silent_us >= cut_us + SOTTO_MEDIA_SILENCE_US);
        CHECK(silent_us <= cut_us + SOTTO_MEDIA_SILENCE_US + SOTTO_MEDIA_SILENCE_CHECK_US + 50000);
        CHECK_EQ(call_count_events(call, SOTTO_MEDIA_PEER_SILENT, b->peer), 1);
        CHECK_EQ(call_count_events(call, SOTTO_MEDIA_PEER_SILENT, a->peer), 0);
        call_begin_counts(call);
        network_cut(&call->network, b->sim.host, false);
        uint64_t back_us = call->now_us;
        call_run(call, 6 * CALL_SECOND_US);
        CHECK_EQ(call_count_events(call, SOTTO_MEDIA_PEER_HEARD, b->peer), 1);
        CHECK(call_event_us(call, SOTTO_MEDIA_PEER_HEARD, b->peer) < back_us + CALL_SECOND_US);
        CHECK(call->now_us - call_sink(b, a, SOTTO_KIND_VIDEO)->counters.last_us < 200000);
        check_all_right(call);
        call_destroy(call);
    }
}

TEST(a_client_that_is_away_for_40_seconds_is_disconnected_and_comes_back) {
    struct call *call = begin(1450, 2);
    struct call_client *b = call->clients[1];
    network_cut(&call->network, b->sim.host, true);
    call_run(call, 32 * CALL_SECOND_US);
    uint64_t sent = sent_to(call, b);
    for (unsigned i = 0; i < SIM_CLIENT_TRANSPORT_COUNT; i++)
        CHECK_EQ(call_transport_state(call, b->transports[i]).state, SOTTO_TRANSPORT_DISCONNECTED);
    CHECK_EQ(call->worker.counters.transports_connected, 2);
    call_run(call, 8 * CALL_SECOND_US);
    // Without consent the server sends nothing.
    CHECK_EQ(sent_to(call, b), sent);
    network_cut(&call->network, b->sim.host, false);
    call_begin_counts(call);
    for (unsigned i = 0; i < SIM_CLIENT_TRANSPORT_COUNT; i++)
        call_restart_ice(call, b, i);
    call_run(call, 5 * CALL_SECOND_US);
    CHECK_EQ(call->worker.counters.transports_connected, 4);
    check_all_right(call);
    call_destroy(call);
}

TEST(a_client_that_says_goodbye_is_failed_without_a_reason_and_nothing_more_goes_to_it) {
    struct call *call = begin(1460, 2);
    struct call_client *b = call->clients[1];
    for (unsigned i = 0; i < SIM_CLIENT_TRANSPORT_COUNT; i++)
        sotto_client_transport_close(b->sim.transports[i]);
    call_run(call, CALL_SECOND_US);
    for (unsigned i = 0; i < SIM_CLIENT_TRANSPORT_COUNT; i++) {
        struct sotto_media_event event = call_transport_state(call, b->transports[i]);
        CHECK_EQ(event.state, SOTTO_TRANSPORT_FAILED);
        CHECK_EQ(event.failure, SOTTO_DTLS_FAILURE_NONE);
    }
    CHECK_EQ(call->worker.counters.dtls_failed, 0);
    CHECK_EQ(call->worker.counters.transports_connected, 2);
    call_begin_counts(call);
    call_run(call, 3 * CALL_SECOND_US);
    CHECK_EQ(call_sink(call->clients[0], b, SOTTO_KIND_AUDIO)->counters.packet_count, 0);
    CHECK_EQ(call_sink(b, call->clients[0], SOTTO_KIND_AUDIO)->counters.packet_count, 0);
    call_destroy(call);
}

TEST(with_a_wrong_key_nothing_opens_and_with_the_right_one_everything_does) {
    for (uint64_t seed = 0; seed < 4; seed++) {
        struct call *call = call_create(1500 + seed);
        call_join(call, 3, &calm);
        struct call_client *c = call->clients[2];
        struct sotto_room_secret wrong = {{1, 2, 3, (uint8_t)seed}};
        sotto_key_store_wipe(&c->sim.keys);
        sim_client_set_secret(&c->sim, &wrong);
        call_run(call, 5 * CALL_SECOND_US);
        for (size_t i = 0; i < c->sim.sink_count; i++) {
            const struct sink_counters *counters = &c->sim.sinks[i]->counters;
            CHECK(counters->frame_count > 100);
            CHECK_EQ(counters->results[SOTTO_MISSING_KEY], counters->frame_count);
        }
        CHECK(sink_is_right(call_sink(call->clients[0], call->clients[1], SOTTO_KIND_VIDEO)));
        const struct sink *from_c = call_sink(call->clients[0], c, SOTTO_KIND_AUDIO);
        CHECK_EQ(from_c->counters.results[SOTTO_MISSING_KEY], from_c->counters.frame_count);
        call_begin_counts(call);
        sim_client_set_secret(&c->sim, &call->secret);
        call_run(call, 3 * CALL_SECOND_US);
        for (size_t i = 0; i < c->sim.sink_count; i++)
            CHECK(sink_is_right(c->sim.sinks[i]) && c->sim.sinks[i]->counters.frame_count > 80);
        CHECK(from_c->counters.results[SOTTO_OK] > 100);
        call_destroy(call);
    }
}

TEST(a_change_of_key_during_the_call_loses_no_frame_of_those_who_have_it) {
    struct call *call = begin(1550, 2);
    struct sotto_room_secret next;
    CHECK_EQ(sotto_key_schedule_derive_next(&call->secret, &next), SOTTO_OK);
    for (unsigned i = 0; i < 2; i++)
        sim_client_set_secret(&call->clients[i]->sim, &next);
    call_run(call, 3 * CALL_SECOND_US);
    check_all_right(call);
    call_destroy(call);
}

// Long enough that more than 2^15 packets of each track could not be sent, and less than 2^16,
// after which SRTP would find its way back by itself.
TEST(whoever_was_away_for_most_of_the_sequence_numbers_is_back_within_seconds) {
    struct call *call = begin(1600, 2);
    struct call_client *a = call->clients[0];
    struct call_client *b = call->clients[1];
    struct source *published = a->sim.sources[1];
    uint64_t packets_before = published->packet_count;
    network_cut(&call->network, b->sim.host, true);
    call_run(call, AWAY_US);
    CHECK(published->packet_count - packets_before > 0x8000 + 0x1000);
    CHECK(published->packet_count - packets_before < 0x10000 - 0x1000);
    CHECK(!sotto_client_transport_can_send(b->sim.transports[SOTTO_CLIENT_TRANSPORT_SEND]));
    network_cut(&call->network, b->sim.host, false);
    call_begin_counts(call);
    for (unsigned i = 0; i < SIM_CLIENT_TRANSPORT_COUNT; i++)
        call_restart_ice(call, b, i);
    call_run(call, 5 * CALL_SECOND_US);
    CHECK_EQ(call->worker.counters.transports_connected, 4);
    check_all_right(call);
    for (unsigned i = 0; i < 2; i++) {
        const struct call_client *receiver = call->clients[i];
        const struct call_client *sender = call->clients[1 - i];
        CHECK(call_sink(receiver, sender, SOTTO_KIND_AUDIO)->counters.frame_count > 150);
        CHECK(call_sink(receiver, sender, SOTTO_KIND_VIDEO)->counters.frame_count > 90);
    }
    // What nobody could receive took no numbers, and the first frame is one to begin with.
    const struct sink *video = call_sink(b, a, SOTTO_KIND_VIDEO);
    CHECK_EQ(video->counters.first_us, video->counters.key_us);
    call_destroy(call);
}

int main(void) {
    RUN(a_paused_subscriber_gets_nothing_and_then_goes_on_with_a_key_frame);
    RUN(a_paused_publisher_is_heard_by_nobody_until_it_is_resumed);
    RUN(a_key_frame_is_asked_for_through_signalling);
    RUN(behind_a_nat_that_forgot_its_mappings_media_goes_on_within_three_seconds);
    RUN(an_ice_restart_interrupts_nothing);
    RUN(an_ice_restart_together_with_another_address_goes_on_at_once);
    RUN(a_removed_peer_gets_and_gives_nothing_any_more);
    RUN(a_client_that_disappears_is_told_as_silent_after_5_seconds_and_as_heard_when_it_is_back);
    RUN(a_client_that_is_away_for_40_seconds_is_disconnected_and_comes_back);
    RUN(a_client_that_says_goodbye_is_failed_without_a_reason_and_nothing_more_goes_to_it);
    RUN(with_a_wrong_key_nothing_opens_and_with_the_right_one_everything_does);
    RUN(a_change_of_key_during_the_call_loses_no_frame_of_those_who_have_it);
    RUN(whoever_was_away_for_most_of_the_sequence_numbers_is_back_within_seconds);
    return 0;
}
