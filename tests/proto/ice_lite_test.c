#include "proto/ice_lite.h"

#include "tests/proto/stun_builder.h"

static const char ufrag[] = "srvUfrag";
static const char password[] = "serverPasswordOf24Chars+";
static const char username[] = "srvUfrag:cltUfrag";

enum { BROWSER_ROLE = 0x802a, CONTROLLED_ROLE = 0x8029 };

static struct sotto_ice_credentials credentials_of(const char *name, const char *secret) {
    struct sotto_ice_credentials credentials;
    CHECK(sotto_ice_credentials_parse(&credentials, name, strlen(name), secret, strlen(secret)));
    return credentials;
}

static struct sotto_address address_of(const char *text) {
    struct sotto_address address;
    CHECK(sotto_address_parse(&address, text, strlen(text)));
    return address;
}

// 10.x.y.z:port for any number.
static struct sotto_address numbered(uint32_t number) {
    const uint8_t bytes[4] = {10, (uint8_t)(number >> 16), (uint8_t)(number >> 8), (uint8_t)number};
    return sotto_address_from_ipv4(bytes, (uint16_t)(1024 + number % 60000));
}

static struct sotto_ice_lite begin(void) {
    struct sotto_ice_credentials credentials = credentials_of(ufrag, password);
    struct sotto_ice_lite agent;
    memset(&agent, 0xff, sizeof agent);
    sotto_ice_lite_init(&agent, &credentials);
    return agent;
}

static void drain(struct sotto_ice_lite *agent) {
    struct sotto_ice_lite_event event;
    while (sotto_ice_lite_poll_event(agent, &event)) {
    }
}

static void expect_event(struct sotto_ice_lite *agent, enum sotto_ice_lite_event_type type,
                         const struct sotto_address *address) {
    struct sotto_ice_lite_event event;
    CHECK(sotto_ice_lite_poll_event(agent, &event));
    CHECK_EQ(event.type, type);
    CHECK(sotto_address_equal(&event.address, address));
}

static void expect_no_event(struct sotto_ice_lite *agent) {
    struct sotto_ice_lite_event event;
    CHECK(!sotto_ice_lite_poll_event(agent, &event));
}

// Hands over an exactly sized copy. True if there is an answer, which never exceeds the request.
static bool handle(struct sotto_ice_lite *agent, uint64_t now_ms, const struct sotto_address *from,
                   const struct stun_builder *request, struct sotto_ice_lite_transmit *transmit) {
    uint8_t *copy = malloc(request->size);
    CHECK(copy);
    memcpy(copy, request->data, request->size);
    sotto_ice_lite_handle_packet(agent, now_ms, from, copy, request->size);
    free(copy);
    bool answered = sotto_ice_lite_poll_transmit(agent, transmit);
    CHECK(!answered || transmit->size <= request->size);
    CHECK(!answered || sotto_address_equal(&transmit->to, from));
    struct sotto_ice_lite_transmit again;
    CHECK(!sotto_ice_lite_poll_transmit(agent, &again));
    return answered;
}

// Sends a browser's check. True if it was answered with success.
static bool check_with(struct sotto_ice_lite *agent, uint64_t now_ms,
                       const struct sotto_address *from, const char *name, const char *secret,
                       bool use_candidate) {
    static uint32_t id;
    struct stun_builder request;
    builder_check(&request, ++id, name, secret, use_candidate);
    struct sotto_ice_lite_transmit transmit;
    if (!handle(agent, now_ms, from, &request, &transmit))
        return false;
    struct sotto_stun_message response;
    CHECK(sotto_stun_parse(&response, transmit.data, transmit.size));
    CHECK_EQ(response.class, SOTTO_STUN_SUCCESS);
    CHECK(response.has_fingerprint);
    CHECK(sotto_stun_verify(&response, (const uint8_t *)secret, strlen(secret)));
    CHECK_BYTES(response.transaction_id, request.data + 8, 12);
    struct sotto_address mapped = response.mapped_address;
    mapped.protocol = from->protocol;
    CHECK(sotto_address_equal(&mapped, from));
    return true;
}

static bool check_from(struct sotto_ice_lite *agent, uint64_t now_ms,
                       const struct sotto_address *from, bool use_candidate) {
    return check_with(agent, now_ms, from, username, password, use_candidate);
}

TEST(a_browsers_check_is_answered_and_makes_its_address_valid) {
    struct sotto_ice_lite agent = begin();
    struct sotto_address ipv4 = address_of("192.0.2.1:32853");
    struct sotto_address ipv6 = address_of("[2001:db8::1]:32853");
    CHECK(!sotto_ice_lite_is_valid_address(&agent, &ipv4));
    CHECK(check_from(&agent, 1000, &ipv4, false));
    expect_event(&agent, SOTTO_ICE_LITE_ADDRESS_ADDED, &ipv4);
    CHECK(check_from(&agent, 1050, &ipv6, false));
    expect_event(&agent, SOTTO_ICE_LITE_ADDRESS_ADDED, &ipv6);
    CHECK(check_from(&agent, 1100, &ipv6, false));
    expect_no_event(&agent);
    CHECK(sotto_ice_lite_is_valid_address(&agent, &ipv4));
    CHECK(sotto_ice_lite_is_valid_address(&agent, &ipv6));
    CHECK(sotto_ice_lite_selected(&agent) == NULL);
    CHECK_EQ(agent.counters.answered, 3);
}

TEST(a_nominated_address_is_selected) {
    struct sotto_ice_lite agent = begin();
    struct sotto_address from = numbered(1);
    CHECK(check_from(&agent, 1000, &from, true));
    expect_event(&agent, SOTTO_ICE_LITE_ADDRESS_ADDED, &from);
    expect_event(&agent, SOTTO_ICE_LITE_SELECTED, &from);
    CHECK(sotto_address_equal(sotto_ice_lite_selected(&agent), &from));
    CHECK(check_from(&agent, 1100, &from, true));
    CHECK(check_from(&agent, 1200, &from, false));
    expect_no_event(&agent);
}

TEST(the_same_port_over_udp_and_tcp_is_two_addresses) {
    struct sotto_ice_lite agent = begin();
    struct sotto_address udp = numbered(1);
    struct sotto_address tcp = udp;
    tcp.protocol = SOTTO_ADDRESS_TCP;
    CHECK(check_from(&agent, 1000, &tcp, true));
    CHECK(!sotto_ice_lite_is_valid_address(&agent, &udp));
    CHECK(sotto_ice_lite_is_valid_address(&agent, &tcp));
    CHECK_EQ(sotto_ice_lite_selected(&agent)->protocol, SOTTO_ADDRESS_TCP);
}

// Sends what must have no effect but one in a counter.
static void expect_silence(const struct stun_builder *request, size_t counter_offset) {
    struct sotto_ice_lite agent = begin();
    struct sotto_ice_lite before = agent;
    struct sotto_address from = numbered(1);
    struct sotto_ice_lite_transmit transmit;
    CHECK(!handle(&agent, 1000, &from, request, &transmit));
    uint64_t *counter = (uint64_t *)(void *)((char *)&agent.counters + counter_offset);
    CHECK_EQ(*counter, 1);
    *counter = 0;
    CHECK_BYTES(&agent, &before, sizeof agent);
    CHECK_EQ(sotto_ice_lite_poll_timeout(&agent), UINT64_MAX);
}

#define COUNTER(name) offsetof(struct sotto_ice_lite_counters, name)

TEST(what_is_not_authenticated_gets_silence) {
    struct stun_builder request;
    builder_check(&request, 1, "srvUfraG:cltUfrag", password, true);
    expect_silence(&request, COUNTER(unknown_usernames));
    builder_check(&request, 1, "srvUfragcltUfrag", password, true);
    expect_silence(&request, COUNTER(unknown_usernames));
    builder_check(&request, 1, "cltUfrag:srvUfrag", password, true);
    expect_silence(&request, COUNTER(unknown_usernames));
    builder_check(&request, 1, username, "serverPasswordOf24Chars/", true);
    expect_silence(&request, COUNTER(wrong_integrities));

    builder_begin_check(&request, 1, username, true, BROWSER_ROLE);
    builder_add_fingerprint(&request);
    expect_silence(&request, COUNTER(wrong_integrities));
    builder_begin_check(&request, 1, username, true, BROWSER_ROLE);
    builder_add_integrity(&request, password);
    expect_silence(&request, COUNTER(missing_fingerprints));
    request.data[4] ^= 1;
    expect_silence(&request, COUNTER(malformed));

    builder_begin(&request, BUILDER_REQUEST, 1);
    builder_add_integrity(&request, password);
    builder_add_text(&request, 0x0006, username); // behind what authenticates it
    builder_add_fingerprint(&request);
    expect_silence(&request, COUNTER(unknown_usernames));
}

TEST(only_requests_are_answered) {
    static const unsigned types[] = {BUILDER_INDICATION, BUILDER_SUCCESS, BUILDER_ERROR};
    for (size_t i = 0; i < 3; i++) {
        struct stun_builder message;
        builder_begin(&message, types[i], 1);
        builder_add_text(&message, 0x0006, username);
        builder_add_integrity(&message, password);
        builder_add_fingerprint(&message);
        expect_silence(&message, COUNTER(not_requests));
    }
}

TEST(no_truncated_check_is_answered) {
    struct stun_builder request;
    builder_check(&request, 1, username, password, true);
    struct stun_builder cut = request;
    for (cut.size = 1; cut.size < request.size; cut.size++)
        expect_silence(&cut, COUNTER(malformed));
}

// Every bit of a check, first as it arrives, then with a FINGERPRINT that fits the altered bytes,
// as an attacker would make it. No bit is an exception.
TEST(no_check_with_a_flipped_bit_is_answered) {
    struct stun_builder request;
    builder_check(&request, 1, username, password, true);
    struct sotto_ice_lite agent = begin();
    struct sotto_address from = numbered(1);
    struct sotto_ice_lite_transmit transmit;
    for (size_t bit = 0; bit < request.size * 8; bit++) {
        struct stun_builder flipped = request;
        flipped.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        CHECK(!handle(&agent, 1000, &from, &flipped, &transmit));
        if (bit / 8 >= request.size - 8)
            continue;
        uint8_t length[2] = {flipped.data[2], flipped.data[3]};
        flipped.size -= 8;
        builder_add_fingerprint(&flipped);
        CHECK_EQ(flipped.size, request.size);
        memcpy(flipped.data + 2, length, 2);
        CHECK(!handle(&agent, 1000, &from, &flipped, &transmit));
    }
    CHECK(!sotto_ice_lite_is_valid_address(&agent, &from));
    expect_no_event(&agent);
    CHECK_EQ(agent.counters.answered, 0);
    CHECK(handle(&agent, 1000, &from, &request, &transmit));
}

static struct sotto_stun_message parse_error(const struct sotto_ice_lite_transmit *transmit) {
    struct sotto_stun_message response;
    CHECK(sotto_stun_parse(&response, transmit->data, transmit->size));
    CHECK_EQ(response.class, SOTTO_STUN_ERROR);
    CHECK(response.has_fingerprint);
    CHECK(sotto_stun_verify(&response, (const uint8_t *)password, strlen(password)));
    return response;
}

TEST(a_peer_that_says_it_is_controlled_is_told_of_the_conflict) {
    struct sotto_ice_lite agent = begin();
    struct sotto_address from = numbered(1);
    struct stun_builder request;
    builder_begin_check(&request, 1, username, true, CONTROLLED_ROLE);
    builder_add_integrity(&request, password);
    builder_add_fingerprint(&request);
    struct sotto_ice_lite_transmit transmit;
    CHECK(handle(&agent, 1000, &from, &request, &transmit));
    CHECK_EQ(parse_error(&transmit).error_code, 487);
    CHECK_EQ(agent.counters.role_conflicts, 1);
    CHECK(!sotto_ice_lite_is_valid_address(&agent, &from));
    CHECK(sotto_ice_lite_selected(&agent) == NULL);
    expect_no_event(&agent);
    // It switches, and is welcome.
    CHECK(check_from(&agent, 1050, &from, true));
}

TEST(a_conflict_without_authentication_gets_silence) {
    struct stun_builder request;
    builder_begin_check(&request, 1, username, true, CONTROLLED_ROLE);
    builder_add_number(&request, 0x7ff0, 1, 4);
    builder_add_integrity(&request, "anotherPasswordOf24Chars");
    builder_add_fingerprint(&request);
    expect_silence(&request, COUNTER(wrong_integrities));
}

TEST(a_check_without_a_role_is_answered) {
    struct sotto_ice_lite agent = begin();
    struct sotto_address from = numbered(1);
    struct stun_builder request;
    builder_begin(&request, BUILDER_REQUEST, 1);
    builder_add_text(&request, 0x0006, username);
    builder_add_integrity(&request, password);
    builder_add_fingerprint(&request);
    struct sotto_ice_lite_transmit transmit;
    CHECK(handle(&agent, 1000, &from, &request, &transmit));
    CHECK(sotto_ice_lite_is_valid_address(&agent, &from));
}

TEST(attributes_that_must_be_understood_are_named_in_an_error) {
    struct sotto_ice_lite agent = begin();
    struct sotto_address from = numbered(1);
    struct stun_builder request;
    builder_begin_check(&request, 1, username, true, CONTROLLED_ROLE);
    for (unsigned type = 0x7ff0; type < 0x7ff3; type++)
        builder_add_number(&request, type, 1, 4);
    builder_add_integrity(&request, password);
    builder_add_fingerprint(&request);
    struct sotto_ice_lite_transmit transmit;
    CHECK(handle(&agent, 1000, &from, &request, &transmit));
    struct sotto_stun_message response = parse_error(&transmit);
    CHECK_EQ(response.error_code, 420);
    CHECK_EQ(response.refused.count, 3);
    for (size_t i = 0; i < 3; i++)
        CHECK_EQ(response.refused.types[i], 0x7ff0 + i);
    CHECK_EQ(agent.counters.unknown_attributes, 1);
    CHECK(!sotto_ice_lite_is_valid_address(&agent, &from));
}

TEST(errors_are_limited_to_ten_a_second) {
    struct sotto_ice_lite agent = begin();
    struct sotto_address from = numbered(1);
    struct stun_builder request;
    builder_begin_check(&request, 1, username, true, CONTROLLED_ROLE);
    builder_add_integrity(&request, password);
    builder_add_fingerprint(&request);
    size_t count = 0;
    for (uint64_t now_ms = 5000; now_ms < 15000; now_ms++) {
        struct sotto_ice_lite_transmit transmit;
        count += handle(&agent, now_ms, &from, &request, &transmit);
    }
    CHECK_EQ(count, 10 * SOTTO_ICE_LITE_ERROR_RATE_MAX);
    CHECK_EQ(agent.counters.suppressed_answers, 10000 - count);
    CHECK(check_from(&agent, 15000, &from, true));
}

// A request of 64 bytes with an empty remote ufrag is the smallest there is; over IPv6 its answer
// would have 76.
TEST(an_answer_larger_than_its_request_is_not_sent) {
    struct sotto_ice_credentials credentials = credentials_of("abcd", password);
    struct sotto_ice_lite agent;
    sotto_ice_lite_init(&agent, &credentials);
    struct stun_builder request;
    builder_begin(&request, BUILDER_REQUEST, 1);
    builder_add_text(&request, 0x0006, "abcd:");
    builder_add_integrity(&request, password);
    builder_add_fingerprint(&request);
    CHECK_EQ(request.size, 64);
    struct sotto_ice_lite_transmit transmit;
    struct sotto_address ipv4 = numbered(1);
    CHECK(handle(&agent, 1000, &ipv4, &request, &transmit));
    CHECK_EQ(transmit.size, 64);
    struct sotto_address ipv6 = address_of("[2001:db8::1]:1");
    CHECK(!handle(&agent, 1000, &ipv6, &request, &transmit));
    CHECK(!sotto_ice_lite_is_valid_address(&agent, &ipv6));
    CHECK_EQ(agent.counters.suppressed_answers, 1);
}

// What the events say is what is valid: the owner's table of addresses never grows beyond the
// limit.
TEST(ten_thousand_addresses_stay_bounded) {
    static bool is_known[10001];
    struct sotto_ice_lite agent = begin();
    struct sotto_address selected = numbered(0);
    CHECK(check_from(&agent, 1000, &selected, true));
    drain(&agent);
    is_known[0] = true;
    size_t known_count = 1;
    for (uint32_t i = 1; i <= 10000; i++) {
        struct sotto_address from = numbered(i);
        CHECK(check_from(&agent, 1000 + i, &from, false));
        struct sotto_ice_lite_event event;
        while (sotto_ice_lite_poll_event(&agent, &event)) {
            uint32_t number = (uint32_t)event.address.bytes[1] << 16 |
                              (uint32_t)event.address.bytes[2] << 8 | event.address.bytes[3];
            bool added = event.type == SOTTO_ICE_LITE_ADDRESS_ADDED;
            CHECK(added || event.type == SOTTO_ICE_LITE_ADDRESS_REMOVED);
            CHECK_EQ(is_known[number], !added);
            is_known[number] = added;
            known_count += added ? 1 : (size_t)-1;
            // The one that was not checked for longest goes, but for the selected one.
            CHECK(added || number == i - (SOTTO_ICE_LITE_ADDRESS_COUNT_MAX - 1));
        }
        CHECK(known_count <= SOTTO_ICE_LITE_ADDRESS_COUNT_MAX);
        CHECK(sotto_ice_lite_is_valid_address(&agent, &from));
    }
    CHECK_EQ(known_count, SOTTO_ICE_LITE_ADDRESS_COUNT_MAX);
    for (uint32_t i = 0; i <= 10000; i++) {
        struct sotto_address address = numbered(i);
        CHECK_EQ(sotto_ice_lite_is_valid_address(&agent, &address), is_known[i]);
    }
    CHECK(is_known[0]);
    CHECK(sotto_address_equal(sotto_ice_lite_selected(&agent), &selected));
}

TEST(an_address_that_is_checked_again_is_not_the_one_to_go) {
    struct sotto_ice_lite agent = begin();
    for (uint32_t i = 0; i < SOTTO_ICE_LITE_ADDRESS_COUNT_MAX; i++) {
        struct sotto_address from = numbered(i);
        CHECK(check_from(&agent, 1000 + i, &from, false));
        drain(&agent);
    }
    struct sotto_address first = numbered(0);
    struct sotto_address second = numbered(1);
    struct sotto_address another = numbered(100);
    CHECK(check_from(&agent, 2000, &first, false));
    CHECK(check_from(&agent, 2001, &another, true));
    expect_event(&agent, SOTTO_ICE_LITE_ADDRESS_REMOVED, &second);
    expect_event(&agent, SOTTO_ICE_LITE_ADDRESS_ADDED, &another);
    expect_event(&agent, SOTTO_ICE_LITE_SELECTED, &another);
    CHECK(sotto_ice_lite_is_valid_address(&agent, &first));
}

TEST(the_latest_nomination_is_followed_every_100_ms) {
    struct sotto_ice_lite agent = begin();
    for (uint32_t i = 0; i < 3000; i++) {
        struct sotto_address from = numbered(i % 10);
        uint64_t now_ms = 1000 + i * 100;
        CHECK(check_from(&agent, now_ms, &from, true));
        CHECK(sotto_address_equal(sotto_ice_lite_selected(&agent), &from));
        CHECK(agent.address_count <= SOTTO_ICE_LITE_ADDRESS_COUNT_MAX);
        struct sotto_ice_lite_event last = {0};
        while (sotto_ice_lite_poll_event(&agent, &last))
            CHECK(last.type != SOTTO_ICE_LITE_DISCONNECTED);
        sotto_ice_lite_handle_timeout(&agent, now_ms);
    }
    CHECK_EQ(agent.counters.answered, 3000);
}

TEST(consent_expires_after_30_seconds_to_the_millisecond) {
    struct sotto_ice_lite agent = begin();
    struct sotto_address from = numbered(1);
    CHECK_EQ(sotto_ice_lite_poll_timeout(&agent), UINT64_MAX);
    CHECK(check_from(&agent, 1000, &from, true));
    drain(&agent);
    CHECK(check_from(&agent, 5000, &from, false));
    CHECK_EQ(sotto_ice_lite_poll_timeout(&agent), 35000);
    sotto_ice_lite_handle_timeout(&agent, 34999);
    expect_no_event(&agent);
    CHECK(sotto_ice_lite_selected(&agent) != NULL);
    sotto_ice_lite_handle_timeout(&agent, 35000);
    expect_event(&agent, SOTTO_ICE_LITE_ADDRESS_REMOVED, &from);
    expect_event(&agent, SOTTO_ICE_LITE_DISCONNECTED, &from);
    expect_no_event(&agent);
    CHECK(sotto_ice_lite_selected(&agent) == NULL);
    CHECK(!sotto_ice_lite_is_valid_address(&agent, &from));
    CHECK_EQ(sotto_ice_lite_poll_timeout(&agent), UINT64_MAX);
    // The peer comes back with the credentials it has.
    CHECK(check_from(&agent, 90000, &from, true));
    expect_event(&agent, SOTTO_ICE_LITE_ADDRESS_ADDED, &from);
    expect_event(&agent, SOTTO_ICE_LITE_SELECTED, &from);
}

TEST(only_the_selected_address_gives_consent) {
    struct sotto_ice_lite agent = begin();
    struct sotto_address selected = numbered(1);
    struct sotto_address other = numbered(2);
    CHECK(check_from(&agent, 1000, &selected, true));
    for (uint64_t now_ms = 2000; now_ms < 31000; now_ms += 1000)
        CHECK(check_from(&agent, now_ms, &other, false));
    drain(&agent);
    CHECK_EQ(sotto_ice_lite_poll_timeout(&agent), 31000);
    sotto_ice_lite_handle_timeout(&agent, 31000);
    expect_event(&agent, SOTTO_ICE_LITE_ADDRESS_REMOVED, &selected);
    expect_event(&agent, SOTTO_ICE_LITE_DISCONNECTED, &selected);
    CHECK(sotto_ice_lite_is_valid_address(&agent, &other));
}

TEST(refused_checks_give_no_consent) {
    struct sotto_ice_lite agent = begin();
    struct sotto_address from = numbered(1);
    CHECK(check_from(&agent, 1000, &from, true));
    CHECK(!check_with(&agent, 20000, &from, username, "serverPasswordOf24Chars/", true));
    struct stun_builder request;
    struct sotto_ice_lite_transmit transmit;
    builder_begin_check(&request, 1, username, true, CONTROLLED_ROLE);
    builder_add_integrity(&request, password);
    builder_add_fingerprint(&request);
    CHECK(handle(&agent, 20000, &from, &request, &transmit));
    CHECK_EQ(sotto_ice_lite_poll_timeout(&agent), 31000);
}

TEST(all_addresses_expire_at_once) {
    struct sotto_ice_lite agent = begin();
    for (uint32_t i = 0; i < SOTTO_ICE_LITE_ADDRESS_COUNT_MAX; i++) {
        struct sotto_address from = numbered(i);
        CHECK(check_from(&agent, 1000, &from, true));
        drain(&agent);
    }
    sotto_ice_lite_handle_timeout(&agent, 31000);
    size_t counts[SOTTO_ICE_LITE_RESTARTED + 1] = {0};
    struct sotto_ice_lite_event event;
    while (sotto_ice_lite_poll_event(&agent, &event))
        counts[event.type]++;
    CHECK_EQ(counts[SOTTO_ICE_LITE_ADDRESS_REMOVED], SOTTO_ICE_LITE_ADDRESS_COUNT_MAX);
    CHECK_EQ(counts[SOTTO_ICE_LITE_DISCONNECTED], 1);
    CHECK_EQ(agent.address_count, 0);
}

TEST(a_closed_connection_is_forgotten) {
    struct sotto_ice_lite agent = begin();
    struct sotto_address first = numbered(1);
    struct sotto_address second = numbered(2);
    CHECK(check_from(&agent, 1000, &first, true));
    CHECK(check_from(&agent, 1000, &second, false));
    drain(&agent);
    sotto_ice_lite_remove_address(&agent, &first);
    expect_event(&agent, SOTTO_ICE_LITE_ADDRESS_REMOVED, &first);
    expect_event(&agent, SOTTO_ICE_LITE_DISCONNECTED, &first);
    sotto_ice_lite_remove_address(&agent, &first);
    expect_no_event(&agent);
    CHECK(!sotto_ice_lite_is_valid_address(&agent, &first));
    CHECK(sotto_ice_lite_is_valid_address(&agent, &second));
    sotto_ice_lite_remove_address(&agent, &second);
    expect_event(&agent, SOTTO_ICE_LITE_ADDRESS_REMOVED, &second);
    expect_no_event(&agent);
}

static const char new_ufrag[] = "newUfrag";
static const char new_username[] = "newUfrag:cltUfra2";
static const char new_password[] = "serverPasswordNumberTwo+";

TEST(after_a_restart_the_old_credentials_last_until_the_new_are_used) {
    struct sotto_ice_lite agent = begin();
    struct sotto_address from = numbered(1);
    struct sotto_ice_credentials credentials = credentials_of(new_ufrag, new_password);
    CHECK(!check_with(&agent, 900, &from, new_username, new_password, true));
    CHECK(check_from(&agent, 1000, &from, true));
    drain(&agent);
    sotto_ice_lite_restart(&agent, &credentials);
    CHECK(sotto_address_equal(sotto_ice_lite_selected(&agent), &from));
    CHECK(check_from(&agent, 2000, &from, true));
    // Each ufrag goes with its own password.
    CHECK(!check_with(&agent, 2100, &from, username, new_password, true));
    CHECK(!check_with(&agent, 2100, &from, new_username, password, true));
    CHECK(check_from(&agent, 2200, &from, true));
    expect_no_event(&agent);

    struct sotto_address moved = numbered(2);
    CHECK(check_with(&agent, 3000, &moved, new_username, new_password, false));
    struct sotto_address none = {0};
    expect_event(&agent, SOTTO_ICE_LITE_RESTARTED, &none);
    expect_event(&agent, SOTTO_ICE_LITE_ADDRESS_ADDED, &moved);
    expect_no_event(&agent);
    CHECK(sotto_address_equal(sotto_ice_lite_selected(&agent), &from));
    CHECK(!check_from(&agent, 3100, &from, true));
    CHECK(check_with(&agent, 3200, &moved, new_username, new_password, true));
    expect_event(&agent, SOTTO_ICE_LITE_SELECTED, &moved);
}

TEST(of_two_restarts_the_second_counts) {
    struct sotto_ice_lite agent = begin();
    struct sotto_address from = numbered(1);
    struct sotto_ice_credentials second = credentials_of("second", "secondPasswordOf24Chars+");
    struct sotto_ice_credentials third = credentials_of(new_ufrag, new_password);
    sotto_ice_lite_restart(&agent, &second);
    sotto_ice_lite_restart(&agent, &third);
    CHECK(!check_with(&agent, 1000, &from, "second:x", "secondPasswordOf24Chars+", true));
    CHECK(check_from(&agent, 1000, &from, true));
    CHECK(check_with(&agent, 1100, &from, new_username, new_password, true));
    CHECK(!check_from(&agent, 1200, &from, true));
}

static bool memory_contains(const void *memory, size_t size, const char *text) {
    return memmem(memory, size, text, strlen(text)) != NULL;
}

TEST(passwords_are_erased_when_they_end) {
    struct sotto_ice_lite agent = begin();
    struct sotto_address from = numbered(1);
    struct sotto_ice_credentials credentials = credentials_of(new_ufrag, new_password);
    sotto_ice_lite_restart(&agent, &credentials);
    CHECK(memory_contains(&agent, sizeof agent, password));
    CHECK(check_with(&agent, 1000, &from, new_username, new_password, true));
    CHECK(!memory_contains(&agent, sizeof agent, password));
    CHECK(memory_contains(&agent, sizeof agent, new_password));
    sotto_ice_lite_wipe(&agent);
    CHECK(!memory_contains(&agent, sizeof agent, new_password));
}

// `plain_count` checks do not nominate, so that the room for events runs out in different places.
static void neglect_events(uint32_t plain_count) {
    struct sotto_ice_lite agent = begin();
    uint32_t answered = 0;
    for (uint32_t i = 0; i < 100; i++) {
        struct sotto_address from = numbered(i);
        answered += check_from(&agent, 1000, &from, i >= plain_count);
    }
    CHECK(answered < 100);
    CHECK_EQ(agent.counters.undrained, 100 - answered);
    CHECK(agent.event_count <= SOTTO_ICE_LITE_EVENT_COUNT_MAX);
    struct sotto_address removed = agent.addresses[0].address;
    sotto_ice_lite_remove_address(&agent, &removed);
    sotto_ice_lite_remove_address(&agent, &agent.addresses[1].address);
    sotto_ice_lite_handle_timeout(&agent, 31000);
    while (agent.address_count > 0) {
        drain(&agent);
        CHECK(sotto_ice_lite_poll_timeout(&agent) <= 31000);
        sotto_ice_lite_handle_timeout(&agent, 31000);
    }
    drain(&agent);
    CHECK(check_from(&agent, 32000, &removed, true));
}

TEST(an_owner_that_polls_no_events_loses_packets_and_nothing_else) {
    for (uint32_t plain_count = 0; plain_count < 12; plain_count++)
        neglect_events(plain_count);
}

TEST(a_random_username_of_any_size_is_bounded) {
    struct sotto_ice_lite agent = begin();
    struct sotto_address from = numbered(1);
    for (size_t size = 9; size < 600; size++) {
        char name[600];
        memset(name, 'x', sizeof name);
        memcpy(name, "srvUfrag:", 9);
        name[size] = 0;
        bool answered = check_with(&agent, 1000, &from, name, password, false);
        CHECK_EQ(answered, size <= SOTTO_STUN_USERNAME_SIZE_MAX);
        drain(&agent);
    }
}

int main(void) {
    RUN(a_browsers_check_is_answered_and_makes_its_address_valid);
    RUN(a_nominated_address_is_selected);
    RUN(the_same_port_over_udp_and_tcp_is_two_addresses);
    RUN(what_is_not_authenticated_gets_silence);
    RUN(only_requests_are_answered);
    RUN(no_truncated_check_is_answered);
    RUN(no_check_with_a_flipped_bit_is_answered);
    RUN(a_peer_that_says_it_is_controlled_is_told_of_the_conflict);
    RUN(a_conflict_without_authentication_gets_silence);
    RUN(a_check_without_a_role_is_answered);
    RUN(attributes_that_must_be_understood_are_named_in_an_error);
    RUN(errors_are_limited_to_ten_a_second);
    RUN(an_answer_larger_than_its_request_is_not_sent);
    RUN(ten_thousand_addresses_stay_bounded);
    RUN(an_address_that_is_checked_again_is_not_the_one_to_go);
    RUN(the_latest_nomination_is_followed_every_100_ms);
    RUN(consent_expires_after_30_seconds_to_the_millisecond);
    RUN(only_the_selected_address_gives_consent);
    RUN(refused_checks_give_no_consent);
    RUN(all_addresses_expire_at_once);
    RUN(a_closed_connection_is_forgotten);
    RUN(after_a_restart_the_old_credentials_last_until_the_new_are_used);
    RUN(of_two_restarts_the_second_counts);
    RUN(passwords_are_erased_when_they_end);
    RUN(an_owner_that_polls_no_events_loses_packets_and_nothing_else);
    RUN(a_random_username_of_any_size_is_bounded);
    return 0;
}
