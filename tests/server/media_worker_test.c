// Commands of the control thread, good and bad, and what they leave behind. Whole calls are in
// tests/sim. Every test ends with an empty worker, so that the leak checker sees what was lost.
#include "server/media_worker.h"

#include "proto/stun.h"
#include "server/media_objects.h"
#include "tests/check.h"

enum {
    PEERS = 4,
    UPS = 6,
    DOWNS = 5,
    MEETING = 1,
};

static struct sotto_certificate certificate;
static struct sotto_media_worker worker;
static uint64_t now_us;
static uint32_t last_ssrc;

static void begin(void) {
    now_us = 1000000;
    last_ssrc = 100;
    CHECK(sotto_media_worker_create(&worker, &certificate, 42, 0));
}

// Pulls everything. Returns the number of datagrams.
static size_t pull(void) {
    uint8_t datagram[SOTTO_MEDIA_DATAGRAM_SIZE_MAX];
    struct sotto_address to;
    size_t count = 0;
    while (sotto_media_worker_poll_transmit(&worker, now_us, datagram, sizeof datagram, &to) > 0)
        count++;
    return count;
}

// The only event there is; type and id are checked.
static struct sotto_media_event take_event(enum sotto_media_event_type type, uint64_t id) {
    struct sotto_media_event *event = sotto_media_worker_poll_event(&worker);
    CHECK(event);
    CHECK_EQ(event->type, type);
    CHECK_EQ(event->id, id);
    struct sotto_media_event copy = *event;
    free(event);
    return copy;
}

static void check_no_event(void) {
    CHECK(!sotto_media_worker_poll_event(&worker));
}

static void drop_events(void) {
    for (struct sotto_media_event *event; (event = sotto_media_worker_poll_event(&worker));)
        free(event);
}

static void end(void) {
    check_no_event();
    sotto_media_worker_destroy(&worker);
}

static void post(const struct sotto_media_command *command) {
    sotto_media_worker_handle_command(&worker, now_us, command);
}

static void accept(const struct sotto_media_command *command) {
    post(command);
    check_no_event();
}

static void refuse(const struct sotto_media_command *command) {
    post(command);
    CHECK_EQ(take_event(SOTTO_MEDIA_COMMAND_REFUSED, command->id).command, command->type);
    check_no_event();
}

static struct sotto_media_command about(enum sotto_media_command_type type, uint64_t id) {
    return (struct sotto_media_command){.type = type, .id = id};
}

static struct sotto_media_command meeting(uint64_t id) {
    struct sotto_media_command command = about(SOTTO_MEDIA_ADD_MEETING, id);
    command.meeting = (struct sotto_meeting_setup){
        .peer_count_max = PEERS, .track_up_count_max = UPS, .track_down_count_max = DOWNS};
    return command;
}

static struct sotto_media_command peer(uint64_t id, uint64_t parent) {
    struct sotto_media_command command = about(SOTTO_MEDIA_ADD_PEER, id);
    command.parent = parent;
    command.peer = (struct sotto_peer_setup){.rtcp_ssrc = 9};
    strcpy(command.peer.cname, "server");
    return command;
}

static struct sotto_ice_credentials credentials(uint64_t id) {
    uint8_t random[SOTTO_ICE_RANDOM_SIZE] = {0};
    struct sotto_ice_credentials result;
    memcpy(random, &id, sizeof id);
    sotto_ice_credentials_from_random(&result, random);
    return result;
}

static struct sotto_media_command transport(uint64_t id, uint64_t parent,
                                            enum sotto_transport_direction direction) {
    struct sotto_media_command command = about(SOTTO_MEDIA_ADD_TRANSPORT, id);
    command.parent = parent;
    command.transport.direction = direction;
    command.transport.credentials = credentials(id);
    return command;
}

static struct sotto_media_command track_up(uint64_t id, uint64_t parent, uint32_t ssrc) {
    struct sotto_media_command command = about(SOTTO_MEDIA_ADD_TRACK_UP, id);
    command.parent = parent;
    command.track_up = (struct sotto_track_up_setup){.kind = SOTTO_MEDIA_VIDEO,
                                                     .codec = SOTTO_MIME_VP8,
                                                     .clock_rate_hz = 90000,
                                                     .payload_type_count = 1,
                                                     .payload_types = {{96, 97, 101}},
                                                     .ssrc = ssrc,
                                                     .rtx_ssrc = ssrc + 1};
    return command;
}

static struct sotto_media_command track_down(uint64_t id, uint64_t parent, uint64_t source) {
    struct sotto_media_command command = about(SOTTO_MEDIA_ADD_TRACK_DOWN, id);
    command.parent = parent;
    command.source = source;
    last_ssrc += 2;
    command.track_down = (struct sotto_track_down_setup){
        .ssrc = last_ssrc, .rtx_ssrc = last_ssrc + 1, .rtx_payload_type = 102};
    strcpy(command.track_down.cname, "publisher");
    return command;
}

static void accept_about(enum sotto_media_command_type type, uint64_t id) {
    struct sotto_media_command command = about(type, id);
    accept(&command);
}

static void accept_meeting(uint64_t id) {
    struct sotto_media_command command = meeting(id);
    accept(&command);
}

// A peer `id` with transports `id` + 1 (from it) and `id` + 2 (to it).
static void accept_peer(uint64_t id, uint64_t parent) {
    struct sotto_media_command command = peer(id, parent);
    accept(&command);
    command = transport(id + 1, id, SOTTO_TRANSPORT_FROM_CLIENT);
    accept(&command);
    command = transport(id + 2, id, SOTTO_TRANSPORT_TO_CLIENT);
    accept(&command);
}

static void accept_track_up(uint64_t id, uint64_t parent, uint32_t ssrc) {
    struct sotto_media_command command = track_up(id, parent, ssrc);
    accept(&command);
}

static void accept_track_down(uint64_t id, uint64_t parent, uint64_t source) {
    struct sotto_media_command command = track_down(id, parent, source);
    accept(&command);
}

// Peers 10 and 20 in the meeting, 10 with up track 13, which 20 receives as 23.
static void begin_with_tracks(void) {
    begin();
    accept_meeting(MEETING);
    accept_peer(10, MEETING);
    accept_peer(20, MEETING);
    accept_track_up(13, 11, 1000);
    accept_track_down(23, 22, 13);
    pull();
}

// An authenticated check for transport `id`.
static void check_in(uint64_t id, const struct sotto_address *from, bool nominates) {
    struct sotto_ice_credentials server = credentials(id);
    char username[SOTTO_ICE_UFRAG_SIZE_MAX + 8];
    snprintf(username, sizeof username, "%s:peer", server.ufrag);
    struct sotto_stun_message message = {.class = SOTTO_STUN_REQUEST,
                                         .username = (const uint8_t *)username,
                                         .username_size = strlen(username),
                                         .priority = 1,
                                         .use_candidate = nominates,
                                         .role = SOTTO_STUN_CONTROLLING,
                                         .has_fingerprint = true};
    uint8_t datagram[256];
    size_t size = sotto_stun_write(&message, (const uint8_t *)server.password,
                                   server.password_size, datagram, sizeof datagram);
    sotto_media_worker_handle_packet(&worker, now_us, from, datagram, size);
}

static struct sotto_address address(uint16_t port) {
    return sotto_address_from_ipv4((const uint8_t[]){192, 0, 2, 1}, port);
}

TEST(an_empty_worker_has_nothing_to_do) {
    begin();
    CHECK_EQ(pull(), 0);
    CHECK(sotto_media_worker_poll_timeout(&worker) == UINT64_MAX);
    sotto_media_worker_handle_timeout(&worker, now_us);
    end();
}

TEST(commands_about_what_is_not_there_do_nothing) {
    begin();
    accept_meeting(MEETING);
    static const enum sotto_media_command_type types[] = {
        SOTTO_MEDIA_REMOVE_MEETING,    SOTTO_MEDIA_REMOVE_PEER,
        SOTTO_MEDIA_CONNECT_TRANSPORT, SOTTO_MEDIA_RESTART_ICE,
        SOTTO_MEDIA_REMOVE_TRACK_UP,   SOTTO_MEDIA_PAUSE_TRACK_UP,
        SOTTO_MEDIA_RESUME_TRACK_UP,   SOTTO_MEDIA_REMOVE_TRACK_DOWN,
        SOTTO_MEDIA_PAUSE_TRACK_DOWN,  SOTTO_MEDIA_RESUME_TRACK_DOWN,
        SOTTO_MEDIA_REQUEST_KEY_FRAME};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        accept_about(types[i], 777);
    CHECK_EQ(worker.counters.meetings, 1);
    end();
}

TEST(commands_about_a_thing_of_another_type_do_nothing) {
    begin_with_tracks();
    accept_about(SOTTO_MEDIA_REMOVE_MEETING, 10);
    accept_about(SOTTO_MEDIA_REMOVE_PEER, MEETING);
    accept_about(SOTTO_MEDIA_REMOVE_PEER, 11);
    accept_about(SOTTO_MEDIA_CONNECT_TRANSPORT, 13);
    accept_about(SOTTO_MEDIA_RESTART_ICE, 23);
    accept_about(SOTTO_MEDIA_REMOVE_TRACK_UP, 23);
    accept_about(SOTTO_MEDIA_REMOVE_TRACK_DOWN, 13);
    accept_about(SOTTO_MEDIA_PAUSE_TRACK_UP, 23);
    accept_about(SOTTO_MEDIA_RESUME_TRACK_DOWN, 13);
    accept_about(SOTTO_MEDIA_REQUEST_KEY_FRAME, 23);
    CHECK_EQ(worker.counters.meetings, 1);
    CHECK_EQ(worker.counters.transports, 4);
    CHECK_EQ(worker.objects.count, 9);
    end();
}

TEST(an_id_that_is_in_use_is_refused_and_the_first_one_lives_on) {
    begin_with_tracks();
    struct sotto_media_command command = meeting(MEETING);
    refuse(&command);
    command = meeting(13);
    refuse(&command);
    command = peer(10, MEETING);
    refuse(&command);
    command = transport(23, 10, SOTTO_TRANSPORT_TO_CLIENT);
    refuse(&command);
    command = track_up(13, 11, 2000);
    refuse(&command);
    command = track_down(23, 22, 13);
    refuse(&command);
    CHECK_EQ(worker.objects.count, 9);
    CHECK_EQ(worker.counters.meetings, 1);
    // A refused peer left no place taken: there is room for two more.
    accept_peer(30, MEETING);
    accept_peer(40, MEETING);
    end();
}

TEST(an_id_can_be_used_again_once_it_is_free) {
    begin_with_tracks();
    for (unsigned i = 0; i < 20; i++) {
        accept_about(SOTTO_MEDIA_REMOVE_TRACK_DOWN, 23);
        accept_track_down(23, 22, 13);
        accept_about(SOTTO_MEDIA_REMOVE_TRACK_UP, 13);
        pull(); // ends 23 as well
        accept_track_up(13, 11, 1000);
        accept_track_down(23, 22, 13);
    }
    for (unsigned i = 0; i < 20; i++) {
        accept_about(SOTTO_MEDIA_REMOVE_PEER, 10);
        pull();
        accept_peer(10, MEETING);
        accept_track_up(13, 11, 1000);
        accept_track_down(23, 22, 13);
    }
    CHECK_EQ(worker.objects.count, 9);
    CHECK_EQ(worker.counters.transports, 4);
    end();
}

TEST(what_belongs_to_nothing_is_refused) {
    begin();
    struct sotto_media_command command = peer(10, MEETING);
    refuse(&command);
    command = transport(11, 10, SOTTO_TRANSPORT_FROM_CLIENT);
    refuse(&command);
    command = track_up(13, 11, 1000);
    refuse(&command);
    command = track_down(23, 22, 13);
    refuse(&command);
    CHECK_EQ(worker.objects.count, 0);
    end();
}

TEST(tracks_go_over_the_transport_of_their_direction) {
    begin_with_tracks();
    struct sotto_media_command command = track_up(14, 12, 2000);
    refuse(&command);
    command = track_down(24, 21, 13);
    refuse(&command);
    command = transport(15, 10, SOTTO_TRANSPORT_FROM_CLIENT);
    refuse(&command);
    end();
}

TEST(an_ssrc_that_the_transport_carries_already_is_refused_whole) {
    begin_with_tracks();
    struct sotto_media_command command = track_up(14, 11, 1000);
    refuse(&command);
    command = track_up(14, 11, 1001);
    refuse(&command);
    command = track_up(14, 11, 999); // its retransmissions would be 1000
    refuse(&command);
    // 999 is free all the same.
    command.track_up.rtx_ssrc = 5000;
    accept(&command);
    // Another peer may use the same numbers.
    accept_track_up(25, 21, 1000);
    // Towards a peer they ascend.
    command = track_down(24, 22, 13);
    command.track_down.ssrc = 1;
    refuse(&command);
    end();
}

TEST(a_track_of_another_meeting_cannot_be_received) {
    begin_with_tracks();
    accept_meeting(2);
    accept_peer(50, 2);
    accept_track_down(54, 52, 13);
    CHECK_EQ(worker.objects.count, 9 + 4);
    end();
}

TEST(a_full_meeting_refuses_more_of_each_kind) {
    begin();
    accept_meeting(MEETING);
    for (uint64_t i = 0; i < PEERS; i++)
        accept_peer(100 + 10 * i, MEETING);
    struct sotto_media_command command = peer(500, MEETING);
    refuse(&command);
    for (uint32_t i = 0; i < UPS; i++)
        accept_track_up(600 + i, 101, 1000 + 2 * i);
    command = track_up(650, 101, 5000);
    refuse(&command);
    for (uint64_t i = 0; i < DOWNS; i++)
        accept_track_down(700 + i, 112, 600 + i);
    command = track_down(750, 112, 605);
    refuse(&command);
    // One place that is given back is a place.
    accept_about(SOTTO_MEDIA_REMOVE_TRACK_UP, 600);
    pull();
    accept_track_up(650, 101, 5000);
    accept_track_down(750, 112, 650);
    accept_about(SOTTO_MEDIA_REMOVE_PEER, 100);
    pull();
    accept_peer(500, MEETING);
    end();
}

TEST(a_meeting_with_live_tracks_is_removed_whole) {
    begin_with_tracks();
    accept_meeting(2);
    accept_track_down(14, 12, 13); // its own
    accept_track_up(25, 21, 1000);
    accept_track_down(15, 12, 25);
    accept_about(SOTTO_MEDIA_RESUME_TRACK_DOWN, 23);
    accept_about(SOTTO_MEDIA_REMOVE_MEETING, MEETING);
    CHECK_EQ(worker.objects.count, 1);
    CHECK_EQ(worker.ufrags.count, 0);
    CHECK_EQ(worker.addresses.count, 0);
    CHECK_EQ(worker.counters.transports, 0);
    CHECK_EQ(worker.counters.meetings, 1);
    CHECK_EQ(pull(), 0);
    accept_about(SOTTO_MEDIA_REMOVE_MEETING, 2);
    CHECK_EQ(worker.objects.count, 0);
    end();
}

TEST(a_meeting_is_removed_while_ends_of_tracks_wait_to_be_pulled) {
    begin_with_tracks();
    accept_about(SOTTO_MEDIA_REMOVE_TRACK_UP, 13);
    accept_about(SOTTO_MEDIA_REMOVE_PEER, 10);
    accept_about(SOTTO_MEDIA_REMOVE_TRACK_DOWN, 23);
    accept_about(SOTTO_MEDIA_PAUSE_TRACK_DOWN, 23);
    accept_about(SOTTO_MEDIA_REMOVE_MEETING, MEETING);
    CHECK_EQ(worker.objects.count, 0);
    CHECK_EQ(pull(), 0);
    end();
}

TEST(commands_in_every_order_leave_nothing_behind) {
    // All orders of six commands that take the same things away.
    static const struct {
        enum sotto_media_command_type type;
        uint64_t id;
    } commands[] = {
        {SOTTO_MEDIA_REMOVE_TRACK_UP, 13},  {SOTTO_MEDIA_REMOVE_TRACK_DOWN, 23},
        {SOTTO_MEDIA_REMOVE_PEER, 10},      {SOTTO_MEDIA_REMOVE_PEER, 20},
        {SOTTO_MEDIA_RESUME_TRACK_DOWN, 23}, {SOTTO_MEDIA_RESUME_TRACK_UP, 13},
    };
    enum { COUNT = 6, ORDERS = 720 };
    for (unsigned order = 0; order < 2 * ORDERS; order++) {
        begin_with_tracks();
        unsigned left[COUNT] = {0, 1, 2, 3, 4, 5};
        unsigned rest = order / 2;
        for (unsigned i = COUNT; i > 0; i--) {
            unsigned pick = rest % i;
            rest /= i;
            accept_about(commands[left[pick]].type, commands[left[pick]].id);
            left[pick] = left[i - 1];
            if (order % 2)
                pull();
        }
        pull();
        CHECK_EQ(worker.objects.count, 1);
        CHECK_EQ(worker.counters.transports, 0);
        end();
    }
}

TEST(a_ufrag_that_is_taken_is_refused) {
    begin_with_tracks();
    accept_about(SOTTO_MEDIA_REMOVE_PEER, 20);
    struct sotto_media_command command = peer(20, MEETING);
    accept(&command);
    command = transport(21, 20, SOTTO_TRANSPORT_FROM_CLIENT);
    command.transport.credentials = credentials(11);
    refuse(&command);
    CHECK_EQ(worker.counters.transports, 2);
    // The owner still answers.
    struct sotto_address from = address(4000);
    check_in(11, &from, true);
    CHECK_EQ(pull(), 1);
    command.transport.credentials = credentials(21);
    accept(&command);
    // Nor can a restart take it.
    command = about(SOTTO_MEDIA_RESTART_ICE, 21);
    command.transport.credentials = credentials(11);
    refuse(&command);
    end();
}

TEST(of_two_restarts_only_the_latter_counts_and_the_first_check_ends_the_old_ufrag) {
    begin_with_tracks();
    struct sotto_address from = address(4000);
    struct sotto_media_command command = about(SOTTO_MEDIA_RESTART_ICE, 11);
    command.transport.credentials = credentials(1001);
    accept(&command);
    command.transport.credentials = credentials(1002);
    accept(&command);
    check_in(1001, &from, true);
    CHECK_EQ(pull(), 0);
    check_in(11, &from, true);
    CHECK_EQ(pull(), 1);
    check_in(1002, &from, true);
    CHECK_EQ(pull(), 1);
    check_in(11, &from, true);
    CHECK_EQ(pull(), 0);
    CHECK_EQ(worker.ufrags.count, 4);
    CHECK_EQ(worker.counters.strays_dropped, 2);
    accept_about(SOTTO_MEDIA_REMOVE_PEER, 10);
    CHECK_EQ(worker.ufrags.count, 2);
    check_in(1002, &from, true);
    CHECK_EQ(worker.counters.strays_dropped, 3);
    end();
}

TEST(addresses_go_with_their_transport) {
    begin_with_tracks();
    for (uint16_t port = 4000; port < 4020; port++) {
        struct sotto_address from = address(port);
        check_in(11, &from, true);
        CHECK_EQ(pull(), 1);
    }
    CHECK_EQ(worker.addresses.count, SOTTO_ICE_LITE_ADDRESS_COUNT_MAX);
    accept_about(SOTTO_MEDIA_REMOVE_PEER, 10);
    CHECK_EQ(worker.addresses.count, 0);
    CHECK_EQ(pull(), 0);
    end();
}

TEST(an_address_that_has_just_expired_goes_with_its_transport_too) {
    begin_with_tracks();
    struct sotto_address from = address(4000);
    check_in(11, &from, true);
    pull();
    now_us += 31000000;
    sotto_media_worker_handle_timeout(&worker, now_us);
    drop_events();                             // of silence
    accept_about(SOTTO_MEDIA_REMOVE_PEER, 10); // before anything else was pulled
    CHECK_EQ(worker.addresses.count, 0);
    uint8_t rtp[20] = {0x80, 96};
    sotto_media_worker_handle_packet(&worker, now_us, &from, rtp, sizeof rtp);
    CHECK_EQ(worker.counters.strays_dropped, 1);
    pull();
    end();
}

TEST(an_address_goes_to_another_transport_only_when_its_owner_is_silent) {
    begin_with_tracks();
    struct sotto_address shared = address(4000);
    check_in(11, &shared, true);
    pull();
    struct sotto_media_transport *first = sotto_map_find(&worker.addresses, &shared);
    CHECK_EQ(first->object.id, 11);
    now_us += SOTTO_MEDIA_SILENCE_US - 1;
    check_in(21, &shared, true);
    CHECK_EQ(pull(), 1); // it is answered all the same
    CHECK(sotto_map_find(&worker.addresses, &shared) == first);
    now_us += 1;
    check_in(21, &shared, true);
    pull();
    struct sotto_media_transport *second = sotto_map_find(&worker.addresses, &shared);
    CHECK_EQ(second->object.id, 21);
    // The former owner's end takes nothing from the new one.
    accept_about(SOTTO_MEDIA_REMOVE_PEER, 10);
    CHECK(sotto_map_find(&worker.addresses, &shared) == second);
    end();
}

TEST(datagrams_of_every_size_from_strangers_are_dropped) {
    begin_with_tracks();
    struct sotto_address from = address(4000);
    for (size_t size = 0; size < 300; size++) {
        uint8_t *datagram = malloc(size ? size : 1);
        CHECK(datagram);
        for (unsigned first = 0; first < 256; first += 5) {
            memset(datagram, (int)(first * 7), size);
            if (size > 0)
                datagram[0] = (uint8_t)first;
            sotto_media_worker_handle_packet(&worker, now_us, &from, datagram, size);
        }
        free(datagram);
        CHECK_EQ(pull(), 0);
    }
    CHECK_EQ(worker.counters.strays_dropped, worker.counters.packets_received);
    end();
}

TEST(a_peer_without_a_transport_is_silent_after_5_seconds_and_told_once) {
    begin();
    accept_meeting(MEETING);
    struct sotto_media_command command = peer(10, MEETING);
    accept(&command);
    uint64_t added_us = now_us;
    size_t told_count = 0;
    while (now_us < added_us + 20000000) {
        now_us = sotto_media_worker_poll_timeout(&worker);
        sotto_media_worker_handle_timeout(&worker, now_us);
        pull();
        struct sotto_media_event *event = sotto_media_worker_poll_event(&worker);
        if (!event)
            continue;
        CHECK_EQ(event->type, SOTTO_MEDIA_PEER_SILENT);
        CHECK(now_us >= added_us + SOTTO_MEDIA_SILENCE_US);
        CHECK(now_us <= added_us + SOTTO_MEDIA_SILENCE_US + SOTTO_MEDIA_SILENCE_CHECK_US);
        free(event);
        told_count++;
    }
    CHECK_EQ(told_count, 1);
    end();
}

TEST(without_meetings_the_worker_sleeps_again) {
    begin_with_tracks();
    CHECK(sotto_media_worker_poll_timeout(&worker) != UINT64_MAX);
    accept_about(SOTTO_MEDIA_REMOVE_MEETING, MEETING);
    pull();
    now_us += SOTTO_MEDIA_SILENCE_CHECK_US;
    sotto_media_worker_handle_timeout(&worker, now_us);
    CHECK(sotto_media_worker_poll_timeout(&worker) == UINT64_MAX);
    // And wakes with the next one.
    accept_meeting(MEETING);
    CHECK(sotto_media_worker_poll_timeout(&worker) != UINT64_MAX);
    end();
}

TEST(many_meetings_come_and_go) {
    begin();
    for (uint64_t i = 0; i < 200; i++) {
        accept_meeting(1000 + 100 * i);
        accept_peer(1010 + 100 * i, 1000 + 100 * i);
        accept_track_up(1013 + 100 * i, 1011 + 100 * i, 1000);
    }
    CHECK_EQ(worker.counters.meetings, 200);
    for (uint64_t i = 0; i < 200; i++) {
        uint64_t k = i * 77 % 200;
        accept_about(SOTTO_MEDIA_REMOVE_MEETING, 1000 + 100 * k);
        if (i % 10 == 0)
            pull();
    }
    CHECK_EQ(worker.objects.count, 0);
    CHECK_EQ(worker.ufrags.count, 0);
    end();
}

TEST(a_worker_is_destroyed_with_everything_in_it) {
    begin_with_tracks();
    struct sotto_address from = address(4000);
    check_in(11, &from, true);
    struct sotto_media_command command = peer(10, MEETING);
    post(&command); // an event that nobody takes
    sotto_media_worker_destroy(&worker);
}

int main(void) {
    CHECK(sotto_certificate_init(&certificate));
    RUN(an_empty_worker_has_nothing_to_do);
    RUN(commands_about_what_is_not_there_do_nothing);
    RUN(commands_about_a_thing_of_another_type_do_nothing);
    RUN(an_id_that_is_in_use_is_refused_and_the_first_one_lives_on);
    RUN(an_id_can_be_used_again_once_it_is_free);
    RUN(what_belongs_to_nothing_is_refused);
    RUN(tracks_go_over_the_transport_of_their_direction);
    RUN(an_ssrc_that_the_transport_carries_already_is_refused_whole);
    RUN(a_track_of_another_meeting_cannot_be_received);
    RUN(a_full_meeting_refuses_more_of_each_kind);
    RUN(a_meeting_with_live_tracks_is_removed_whole);
    RUN(a_meeting_is_removed_while_ends_of_tracks_wait_to_be_pulled);
    RUN(commands_in_every_order_leave_nothing_behind);
    RUN(a_ufrag_that_is_taken_is_refused);
    RUN(of_two_restarts_only_the_latter_counts_and_the_first_check_ends_the_old_ufrag);
    RUN(addresses_go_with_their_transport);
    RUN(an_address_that_has_just_expired_goes_with_its_transport_too);
    RUN(an_address_goes_to_another_transport_only_when_its_owner_is_silent);
    RUN(datagrams_of_every_size_from_strangers_are_dropped);
    RUN(a_peer_without_a_transport_is_silent_after_5_seconds_and_told_once);
    RUN(without_meetings_the_worker_sleeps_again);
    RUN(many_meetings_come_and_go);
    RUN(a_worker_is_destroyed_with_everything_in_it);
    sotto_certificate_wipe(&certificate);
    return 0;
}
