#include "proto/ice_client.h"

#include "proto/stun.h"
#include "tests/proto/ice_pipe.h"
#include "tests/proto/stun_builder.h"

static struct ice_pipe pipe;

static const char wifi[] = "10.0.0.2:5000";
static const char cellular[] = "10.9.0.2:5001";
static const char server[] = "192.0.2.1:7882";

static void begin_with_one_pair(void) {
    pipe_init(&pipe, 1, 0);
    CHECK(pipe_add_local(&pipe, wifi, 100));
    CHECK(pipe_add_remote(&pipe, server, 1000));
}

static struct sotto_stun_message parse_sent(size_t index) {
    struct sotto_stun_message request;
    const struct sotto_ice_client_transmit *transmit = &pipe.sent[index].transmit;
    CHECK(sotto_stun_parse(&request, transmit->data, transmit->size));
    return request;
}

TEST(a_check_is_what_a_lite_server_expects) {
    begin_with_one_pair();
    pipe_run(&pipe, 0);
    CHECK_EQ(pipe.sent_count, 1);
    struct sotto_stun_message request = parse_sent(0);
    struct sotto_ice_credentials local = pipe_credentials(1);
    struct sotto_ice_credentials remote = pipe_credentials(2);
    char name[80];
    snprintf(name, sizeof name, "%s:%s", remote.ufrag, local.ufrag);
    CHECK_EQ(request.class, SOTTO_STUN_REQUEST);
    CHECK_EQ(request.username_size, strlen(name));
    CHECK_BYTES(request.username, name, strlen(name));
    CHECK_EQ(request.role, SOTTO_STUN_CONTROLLING);
    CHECK(!request.use_candidate);
    CHECK(request.has_fingerprint);
    // Peer reflexive, local preference 100, component 1 (RFC 8445 section 5.1.2.1).
    CHECK_EQ(request.priority, 110u << 24 | 100 << 8 | 255);
    CHECK(sotto_stun_verify(&request, (const uint8_t *)remote.password, remote.password_size));
}

TEST(the_pair_that_answers_is_nominated_and_selected) {
    begin_with_one_pair();
    pipe_run(&pipe, 500);
    CHECK_EQ(pipe.sent_count, 2);
    CHECK(!parse_sent(0).use_candidate);
    CHECK(parse_sent(1).use_candidate);
    CHECK(memcmp(parse_sent(0).transaction_id, parse_sent(1).transaction_id, 12) != 0);
    CHECK_EQ(pipe.event_count, 1);
    CHECK_EQ(pipe.events[0].type, SOTTO_ICE_CLIENT_SELECTED);
    // Check, answer at 20 ms, nomination at the next pace of 50 ms, answer at 70 ms.
    CHECK_EQ(pipe.event_ms[0], 1000070);
    struct sotto_address local = pipe_address(wifi);
    struct sotto_address mapped = pipe_mapped(&local, 0);
    CHECK(sotto_address_equal(&pipe.events[0].local, &local));
    CHECK(sotto_address_equal(&pipe.events[0].mapped, &mapped));
    CHECK(pipe_is_connected(&pipe, wifi));
}

TEST(requests_are_paced_by_50_ms) {
    pipe_init(&pipe, 1, 100);
    CHECK(pipe_add_local(&pipe, wifi, 100));
    CHECK(pipe_add_local(&pipe, cellular, 50));
    CHECK(pipe_add_remote(&pipe, server, 1000));
    CHECK(pipe_add_remote(&pipe, "192.0.2.2:7882", 900));
    CHECK(pipe_add_remote(&pipe, "192.0.2.3:7882", 800));
    pipe_run(&pipe, 29000);
    CHECK(pipe.sent_count > 60);
    for (size_t i = 1; i < pipe.sent_count; i++)
        CHECK(pipe.sent[i].at_ms - pipe.sent[i - 1].at_ms >= SOTTO_ICE_CLIENT_PACE_MS);
    // Every pair was tried once before any is tried again, the better ones first.
    static const struct {
        const char *from, *to;
    } order[] = {
        {wifi, server},           {cellular, server},           {wifi, "192.0.2.2:7882"},
        {cellular, "192.0.2.2:7882"}, {wifi, "192.0.2.3:7882"}, {cellular, "192.0.2.3:7882"},
    };
    for (size_t i = 0; i < 6; i++) {
        struct sotto_address from = pipe_address(order[i].from);
        struct sotto_address to = pipe_address(order[i].to);
        CHECK(sotto_address_equal(&pipe.sent[i].transmit.from, &from));
        CHECK(sotto_address_equal(&pipe.sent[i].transmit.to, &to));
    }
}

TEST(an_unanswered_check_is_repeated_after_500_ms_and_then_every_second) {
    pipe_init(&pipe, 1, 100);
    CHECK(pipe_add_local(&pipe, wifi, 100));
    CHECK(pipe_add_remote(&pipe, server, 1000));
    pipe_run(&pipe, 60000);
    static const uint64_t times_ms[] = {0, 500, 1500, 2500, 3500, 4500};
    for (size_t i = 0; i < 6; i++) {
        CHECK_EQ(pipe.sent[i].at_ms, 1000000 + times_ms[i]);
        CHECK_BYTES(pipe.sent[i].transmit.data, pipe.sent[0].transmit.data,
                    pipe.sent[0].transmit.size);
    }
    CHECK_EQ(pipe.event_count, 1);
    CHECK_EQ(pipe.events[0].type, SOTTO_ICE_CLIENT_FAILED);
    CHECK_EQ(pipe.event_ms[0], 1030000);
    CHECK_EQ(pipe.sent_count, 31);
    CHECK_EQ(sotto_ice_client_poll_timeout(&pipe.client), UINT64_MAX);
}

TEST(consent_is_asked_for_every_4_to_6_seconds_once_each) {
    begin_with_one_pair();
    pipe_run(&pipe, 600000);
    CHECK_EQ(pipe.event_count, 1);
    CHECK(pipe_is_connected(&pipe, wifi));
    uint64_t shortest_ms = UINT64_MAX;
    uint64_t longest_ms = 0;
    for (size_t i = 2; i + 1 < pipe.sent_count; i++) {
        uint64_t interval_ms = pipe.sent[i + 1].at_ms - pipe.sent[i].at_ms;
        CHECK(interval_ms >= 4000 && interval_ms <= 6000);
        shortest_ms = interval_ms < shortest_ms ? interval_ms : shortest_ms;
        longest_ms = interval_ms > longest_ms ? interval_ms : longest_ms;
        for (size_t j = 0; j < i; j++)
            CHECK(memcmp(parse_sent(i).transaction_id, parse_sent(j).transaction_id, 12) != 0);
    }
    CHECK(pipe.sent_count > 100 && longest_ms - shortest_ms > 1000);
    CHECK_EQ(pipe.server_counts[SOTTO_ICE_LITE_DISCONNECTED], 0);
}

TEST(without_answers_it_fails_30_seconds_after_the_last_one) {
    begin_with_one_pair();
    pipe_run(&pipe, 20000);
    uint64_t last_ms = pipe.client.deadline_ms - SOTTO_ICE_CONSENT_MS;
    CHECK(last_ms > 1013000 && last_ms <= 1020000);
    pipe.server_is_dead = true;
    pipe_run(&pipe, 60000);
    CHECK_EQ(pipe.event_count, 2);
    CHECK_EQ(pipe.events[1].type, SOTTO_ICE_CLIENT_FAILED);
    CHECK_EQ(pipe.event_ms[1], last_ms + 30000);
    CHECK(sotto_ice_client_selected(&pipe.client) == NULL);
    // And is silent from then on.
    size_t sent_count = pipe.sent_count;
    pipe_run(&pipe, 60000);
    CHECK_EQ(pipe.sent_count, sent_count);
    // A new address begins again.
    pipe.server_is_dead = false;
    CHECK(pipe_add_local(&pipe, cellular, 50));
    pipe_run(&pipe, 1000);
    CHECK(pipe_is_connected(&pipe, wifi));
}

TEST(a_dead_path_is_left_when_consent_stays_unanswered) {
    begin_with_one_pair();
    CHECK(pipe_add_local(&pipe, cellular, 50));
    pipe_run(&pipe, 20000);
    CHECK(pipe_is_connected(&pipe, wifi));
    pipe.dead_local = pipe_address(wifi);
    pipe_run(&pipe, 22000);
    CHECK(pipe_is_connected(&pipe, cellular));
    for (size_t i = 0; i < pipe.event_count; i++)
        CHECK_EQ(pipe.events[i].type, SOTTO_ICE_CLIENT_SELECTED);
}

TEST(a_removed_address_is_replaced_at_once) {
    begin_with_one_pair();
    CHECK(pipe_add_local(&pipe, cellular, 50));
    pipe_run(&pipe, 20000);
    pipe_remove_local(&pipe, wifi);
    CHECK(sotto_ice_client_selected(&pipe.client) == NULL);
    pipe_run(&pipe, 200);
    CHECK(pipe_is_connected(&pipe, cellular));
    CHECK_EQ(pipe.event_count, 3);
    CHECK_EQ(pipe.events[1].type, SOTTO_ICE_CLIENT_DISCONNECTED);
    CHECK_EQ(pipe.events[2].type, SOTTO_ICE_CLIENT_SELECTED);
    // The other one's removal changes nothing.
    CHECK(pipe_add_local(&pipe, "10.0.0.3:5000", 10));
    pipe_run(&pipe, 5000);
    pipe_remove_local(&pipe, "10.0.0.3:5000");
    pipe_run(&pipe, 5000);
    CHECK(pipe_is_connected(&pipe, cellular));
    CHECK_EQ(pipe.event_count, 3);
}

TEST(without_any_address_it_waits_30_seconds_for_one) {
    begin_with_one_pair();
    pipe_run(&pipe, 1000);
    pipe_remove_local(&pipe, wifi);
    uint64_t removed_ms = pipe.now_ms;
    pipe_run(&pipe, 20000);
    CHECK_EQ(pipe.event_count, 2);
    CHECK(pipe_add_local(&pipe, cellular, 50));
    pipe_run(&pipe, 1000);
    CHECK(pipe_is_connected(&pipe, cellular));
    pipe_remove_local(&pipe, cellular);
    removed_ms = pipe.now_ms;
    pipe_run(&pipe, 60000);
    CHECK_EQ(pipe.events[pipe.event_count - 1].type, SOTTO_ICE_CLIENT_FAILED);
    CHECK_EQ(pipe.event_ms[pipe.event_count - 1], removed_ms + 30000);
}

TEST(a_better_address_takes_over_and_a_worse_one_does_not) {
    pipe_init(&pipe, 1, 0);
    CHECK(pipe_add_remote(&pipe, server, 1000));
    CHECK(pipe_add_local(&pipe, cellular, 50));
    pipe_run(&pipe, 10000);
    CHECK(pipe_is_connected(&pipe, cellular));
    CHECK(pipe_add_local(&pipe, wifi, 100));
    pipe_run(&pipe, 1000);
    CHECK(pipe_is_connected(&pipe, wifi));
    CHECK(pipe_add_local(&pipe, "10.0.0.3:5000", 10));
    pipe_run(&pipe, 10000);
    CHECK(pipe_is_connected(&pipe, wifi));
    CHECK_EQ(pipe.event_count, 2);
}

TEST(a_better_pair_is_waited_for_200_ms_and_no_longer) {
    pipe_init(&pipe, 1, 0);
    CHECK(pipe_add_remote(&pipe, server, 1000));
    CHECK(pipe_add_local(&pipe, wifi, 100));
    CHECK(pipe_add_local(&pipe, cellular, 50));
    // The first check of the better pair is lost, and its second comes after 500 ms.
    pipe.loss_percent = 100;
    pipe_run(&pipe, 0);
    pipe.loss_percent = 0;
    pipe_run(&pipe, 1000);
    CHECK(pipe_is_connected(&pipe, cellular));
    uint64_t answered_ms = 1000000 + 50 + 20;
    CHECK_EQ(pipe.event_ms[0], answered_ms + SOTTO_ICE_CLIENT_SETTLE_MS + 20);
}

TEST(a_forgotten_nat_mapping_is_found_out_by_the_next_consent_check) {
    begin_with_one_pair();
    pipe_run(&pipe, 20000);
    pipe.nat_mapping++;
    pipe_run(&pipe, 6100);
    CHECK(pipe_is_connected(&pipe, wifi));
    CHECK_EQ(pipe.event_count, 1);
}

TEST(a_recheck_finds_it_out_at_once) {
    begin_with_one_pair();
    pipe_run(&pipe, 20000);
    pipe.nat_mapping++;
    uint64_t forgotten_ms = pipe.now_ms;
    sotto_ice_client_recheck(&pipe.client, pipe.now_ms);
    pipe_run(&pipe, 1000);
    CHECK(pipe_is_connected(&pipe, wifi));
    CHECK(pipe.server_selected_ms - forgotten_ms <= 100);
    // The pair is the same one, so nothing changes for the owner.
    CHECK_EQ(pipe.event_count, 1);
}

TEST(a_restart_moves_to_new_credentials_while_the_pair_stays_selected) {
    begin_with_one_pair();
    pipe_run(&pipe, 20000);
    struct sotto_ice_credentials local = pipe_credentials(3);
    struct sotto_ice_credentials remote = pipe_credentials(4);
    sotto_ice_lite_restart(&pipe.server, &remote);
    pipe_run(&pipe, 10000); // the client has not heard of it yet
    CHECK(pipe_is_connected(&pipe, wifi));
    sotto_ice_client_restart(&pipe.client, pipe.now_ms, &local, &remote);
    CHECK(sotto_ice_client_selected(&pipe.client) != NULL);
    pipe_run(&pipe, 100);
    CHECK_EQ(pipe.server_counts[SOTTO_ICE_LITE_RESTARTED], 1);
    pipe_run(&pipe, 60000);
    CHECK(pipe_is_connected(&pipe, wifi));
    CHECK_EQ(pipe.event_count, 1);
    CHECK_EQ(pipe.server_counts[SOTTO_ICE_LITE_DISCONNECTED], 0);
}

TEST(a_restart_revives_a_failed_client) {
    begin_with_one_pair();
    pipe.server_is_dead = true;
    pipe_run(&pipe, 60000);
    CHECK_EQ(pipe.events[0].type, SOTTO_ICE_CLIENT_FAILED);
    pipe.server_is_dead = false;
    struct sotto_ice_credentials local = pipe_credentials(3);
    struct sotto_ice_credentials remote = pipe_credentials(4);
    sotto_ice_lite_restart(&pipe.server, &remote);
    sotto_ice_client_restart(&pipe.client, pipe.now_ms, &local, &remote);
    pipe_run(&pipe, 1000);
    CHECK(pipe_is_connected(&pipe, wifi));
}

// Begins, lets the first check out and gives the test its transaction id.
TEST(a_restart_after_a_long_sleep_gets_its_own_30_seconds) {
    struct sotto_ice_client_event event;
    begin_with_one_pair();
    pipe_run(&pipe, 1000);
    CHECK(sotto_ice_client_selected(&pipe.client));
    while (sotto_ice_client_poll_event(&pipe.client, &event))
        continue;
    pipe.now_ms += 2 * SOTTO_ICE_CONSENT_MS; // nobody looked at the timers
    sotto_ice_client_restart(&pipe.client, pipe.now_ms, &pipe.client.local, &pipe.client.remote);
    sotto_ice_client_handle_timeout(&pipe.client, pipe.now_ms);
    CHECK(!sotto_ice_client_poll_event(&pipe.client, &event));
    CHECK(sotto_ice_client_selected(&pipe.client));
}

static void begin_with_a_check_under_way(uint8_t id[12]) {
    begin_with_one_pair();
    pipe.server_is_dead = true;
    pipe_run(&pipe, 0);
    CHECK_EQ(pipe.sent_count, 1);
    memcpy(id, parse_sent(0).transaction_id, 12);
}

static void respond(unsigned type, const uint8_t id[12], const char *secret, const char *to,
                    const char *from, unsigned code) {
    struct stun_builder builder;
    builder_begin(&builder, type, 0);
    memcpy(builder.data + 8, id, 12);
    if (type == BUILDER_SUCCESS)
        builder_add_number(&builder, 0x0020, 0x0001111122222222, 8);
    else
        builder_add_number(&builder, 0x0009, code / 100 << 8 | code % 100, 4);
    if (secret)
        builder_add_integrity(&builder, secret);
    builder_add_fingerprint(&builder);
    struct sotto_address to_address = pipe_address(to);
    struct sotto_address from_address = pipe_address(from);
    sotto_ice_client_handle_packet(&pipe.client, pipe.now_ms, &to_address, &from_address,
                                   builder.data, builder.size);
}

TEST(only_an_authenticated_answer_to_a_check_of_ours_counts) {
    uint8_t id[12];
    begin_with_a_check_under_way(id);
    struct sotto_ice_credentials right = pipe_credentials(2);
    struct sotto_ice_credentials wrong = pipe_credentials(5);
    struct sotto_ice_client before = pipe.client;
    uint8_t other_id[12];
    memcpy(other_id, id, 12);
    other_id[11] ^= 1;
    respond(BUILDER_SUCCESS, id, wrong.password, wifi, server, 0);
    respond(BUILDER_SUCCESS, id, NULL, wifi, server, 0);
    respond(BUILDER_SUCCESS, other_id, right.password, wifi, server, 0);
    respond(BUILDER_SUCCESS, id, right.password, wifi, "192.0.2.1:7883", 0);
    respond(BUILDER_SUCCESS, id, right.password, cellular, server, 0);
    respond(BUILDER_REQUEST, id, right.password, wifi, server, 400);
    respond(BUILDER_INDICATION, id, right.password, wifi, server, 400);
    respond(BUILDER_ERROR, id, NULL, wifi, server, 401);
    respond(BUILDER_ERROR, id, wrong.password, wifi, server, 487);
    CHECK_EQ(pipe.client.counters.ignored, 9);
    before.counters = pipe.client.counters;
    CHECK_BYTES(&pipe.client, &before, sizeof before);
    respond(BUILDER_SUCCESS, id, right.password, wifi, server, 0);
    CHECK_EQ(pipe.client.counters.successes, 1);
    CHECK_EQ(pipe.client.list.pairs[0].state, SOTTO_ICE_PAIR_SUCCEEDED);
    // The same answer again is one too many.
    respond(BUILDER_SUCCESS, id, right.password, wifi, server, 0);
    CHECK_EQ(pipe.client.counters.successes, 1);
    CHECK_EQ(pipe.client.counters.ignored, 10);
}

TEST(a_success_without_an_address_is_none) {
    uint8_t id[12];
    begin_with_a_check_under_way(id);
    struct sotto_ice_credentials right = pipe_credentials(2);
    struct stun_builder builder;
    builder_begin(&builder, BUILDER_SUCCESS, 0);
    memcpy(builder.data + 8, id, 12);
    builder_add_integrity(&builder, right.password);
    struct sotto_address to = pipe_address(wifi);
    struct sotto_address from = pipe_address(server);
    sotto_ice_client_handle_packet(&pipe.client, pipe.now_ms, &to, &from, builder.data,
                                   builder.size);
    CHECK_EQ(pipe.client.counters.ignored, 1);
    CHECK_EQ(pipe.client.list.pairs[0].state, SOTTO_ICE_PAIR_IN_PROGRESS);
}

TEST(a_server_that_refuses_every_pair_ends_the_search) {
    uint8_t id[12];
    begin_with_a_check_under_way(id);
    struct sotto_ice_credentials right = pipe_credentials(2);
    respond(BUILDER_ERROR, id, right.password, wifi, server, 487);
    CHECK_EQ(pipe.client.counters.errors, 1);
    pipe_run(&pipe, 0);
    CHECK_EQ(pipe.event_count, 1);
    CHECK_EQ(pipe.events[0].type, SOTTO_ICE_CLIENT_FAILED);
}

TEST(a_lost_nomination_is_repeated_and_then_given_to_another_pair) {
    begin_with_one_pair();
    CHECK(pipe_add_local(&pipe, cellular, 50));
    pipe_run(&pipe, 30); // the better pair has answered; its nomination is about to go out
    CHECK_EQ(pipe.sent_count, 1);
    pipe.dead_local = pipe_address(wifi);
    pipe_run(&pipe, 6000);
    CHECK(pipe_is_connected(&pipe, cellular));
    size_t nominations = 0;
    struct sotto_address from = pipe_address(wifi);
    for (size_t i = 0; i < pipe.sent_count; i++)
        nominations += parse_sent(i).use_candidate &&
                       sotto_address_equal(&pipe.sent[i].transmit.from, &from);
    CHECK_EQ(nominations, SOTTO_ICE_CLIENT_NOMINATION_COUNT_MAX);
}

TEST(only_addresses_of_one_family_and_protocol_are_paired) {
    pipe_init(&pipe, 1, 0);
    CHECK(pipe_add_local(&pipe, wifi, 100));
    CHECK(pipe_add_remote(&pipe, "[2001:db8::1]:7882", 1000));
    struct sotto_address tcp = pipe_address(server);
    tcp.protocol = SOTTO_ADDRESS_TCP;
    CHECK(sotto_ice_client_add_remote(&pipe.client, pipe.now_ms, &tcp, 900));
    CHECK_EQ(sotto_ice_client_poll_timeout(&pipe.client), UINT64_MAX);
    CHECK(pipe_add_local(&pipe, "[2001:db8:1::2]:5000", 90));
    pipe_run(&pipe, 1000);
    CHECK(pipe_is_connected(&pipe, "[2001:db8:1::2]:5000"));
}

TEST(more_addresses_than_there_is_room_for_are_refused) {
    pipe_init(&pipe, 1, 0);
    for (uint16_t i = 0; i < 20; i++) {
        struct sotto_address address = pipe_address(wifi);
        address.port = (uint16_t)(5000 + i);
        CHECK_EQ(sotto_ice_client_add_local(&pipe.client, 0, &address, 1),
                 i < SOTTO_ICE_CLIENT_LOCAL_COUNT_MAX);
        CHECK_EQ(sotto_ice_client_add_remote(&pipe.client, 0, &address, 1),
                 i < SOTTO_ICE_CLIENT_REMOTE_COUNT_MAX);
    }
    CHECK(pipe_add_local(&pipe, wifi, 1)); // it is there already
    CHECK_EQ(pipe.client.list.pair_count, SOTTO_ICE_CLIENT_PAIR_COUNT_MAX);
}

TEST(the_same_seed_gives_the_same_packets_and_another_seed_others) {
    static struct ice_pipe first;
    begin_with_one_pair();
    pipe_run(&pipe, 60000);
    first = pipe;
    begin_with_one_pair();
    pipe_run(&pipe, 60000);
    CHECK_EQ(pipe.sent_count, first.sent_count);
    for (size_t i = 0; i < pipe.sent_count; i++) {
        CHECK_EQ(pipe.sent[i].at_ms, first.sent[i].at_ms);
        CHECK_EQ(pipe.sent[i].transmit.size, first.sent[i].transmit.size);
        CHECK_BYTES(pipe.sent[i].transmit.data, first.sent[i].transmit.data,
                    first.sent[i].transmit.size);
    }
    pipe_init(&pipe, 2, 0);
    CHECK(pipe_add_local(&pipe, wifi, 100));
    CHECK(pipe_add_remote(&pipe, server, 1000));
    pipe_run(&pipe, 60000);
    CHECK(memcmp(pipe.sent[0].transmit.data + 8, first.sent[0].transmit.data + 8, 12) != 0);
}

TEST(a_wiped_client_holds_no_password_and_no_seed) {
    begin_with_one_pair();
    memset(pipe.client.random.seed, 0x5a, SOTTO_ICE_SEED_SIZE);
    uint8_t seed[SOTTO_ICE_SEED_SIZE];
    memset(seed, 0x5a, sizeof seed);
    struct sotto_ice_credentials remote = pipe_credentials(2);
    size_t size = sizeof pipe.client;
    CHECK(memmem(&pipe.client, size, seed, sizeof seed) != NULL);
    CHECK(memmem(&pipe.client, size, remote.password, remote.password_size) != NULL);
    sotto_ice_client_wipe(&pipe.client);
    CHECK(memmem(&pipe.client, size, seed, sizeof seed) == NULL);
    CHECK(memmem(&pipe.client, size, remote.password, remote.password_size) == NULL);
}

int main(void) {
    RUN(a_check_is_what_a_lite_server_expects);
    RUN(the_pair_that_answers_is_nominated_and_selected);
    RUN(requests_are_paced_by_50_ms);
    RUN(an_unanswered_check_is_repeated_after_500_ms_and_then_every_second);
    RUN(consent_is_asked_for_every_4_to_6_seconds_once_each);
    RUN(without_answers_it_fails_30_seconds_after_the_last_one);
    RUN(a_dead_path_is_left_when_consent_stays_unanswered);
    RUN(a_removed_address_is_replaced_at_once);
    RUN(without_any_address_it_waits_30_seconds_for_one);
    RUN(a_better_address_takes_over_and_a_worse_one_does_not);
    RUN(a_better_pair_is_waited_for_200_ms_and_no_longer);
    RUN(a_forgotten_nat_mapping_is_found_out_by_the_next_consent_check);
    RUN(a_recheck_finds_it_out_at_once);
    RUN(a_restart_moves_to_new_credentials_while_the_pair_stays_selected);
    RUN(a_restart_revives_a_failed_client);
    RUN(a_restart_after_a_long_sleep_gets_its_own_30_seconds);
    RUN(only_an_authenticated_answer_to_a_check_of_ours_counts);
    RUN(a_success_without_an_address_is_none);
    RUN(a_server_that_refuses_every_pair_ends_the_search);
    RUN(a_lost_nomination_is_repeated_and_then_given_to_another_pair);
    RUN(only_addresses_of_one_family_and_protocol_are_paired);
    RUN(more_addresses_than_there_is_room_for_are_refused);
    RUN(the_same_seed_gives_the_same_packets_and_another_seed_others);
    RUN(a_wiped_client_holds_no_password_and_no_seed);
    return 0;
}
