#include "proto/ice_client.h"

#include "core/memory.h"
#include "core/wipe.h"
#include "core/writer.h"
#include "proto/stun.h"

// RFC 8445 section 5.1.2: (126 << 24) | (local preference << 8) | (256 - component id).
enum { HOST_PRIORITY = 126 << 24 | 255 };

enum { TRANSACTION_ID_SIZE = SOTTO_STUN_TRANSACTION_ID_SIZE };

void sotto_ice_client_init(struct sotto_ice_client *client,
                           const struct sotto_ice_credentials *local,
                           const struct sotto_ice_credentials *remote,
                           const uint8_t seed[SOTTO_ICE_SEED_SIZE]) {
    *client = (struct sotto_ice_client){.local = *local,
                                        .remote = *remote,
                                        .succeeded_ms = UINT64_MAX,
                                        .deadline_ms = UINT64_MAX};
    sotto_ice_check_list_init(&client->list);
    sotto_ice_random_init(&client->random, seed);
    client->tie_breaker = sotto_ice_random_draw_number(&client->random);
}

void sotto_ice_client_wipe(struct sotto_ice_client *client) {
    sotto_wipe(client, sizeof *client);
}

static void set_event(struct sotto_ice_client *client, enum sotto_ice_client_event_type type) {
    client->event = (struct sotto_ice_client_event){.type = type};
    client->has_event = true;
}

bool sotto_ice_client_poll_event(struct sotto_ice_client *client,
                                 struct sotto_ice_client_event *event) {
    *event = client->event;
    bool has_event = client->has_event;
    client->event = (struct sotto_ice_client_event){0};
    client->has_event = false;
    return has_event;
}

bool sotto_ice_client_poll_transmit(struct sotto_ice_client *client,
                                    struct sotto_ice_client_transmit *transmit) {
    *transmit = client->transmit;
    client->transmit.size = 0;
    return transmit->size > 0;
}

const struct sotto_ice_pair *sotto_ice_client_selected(const struct sotto_ice_client *client) {
    size_t selected = client->list.selected;
    return selected == SOTTO_ICE_NO_PAIR ? NULL : &client->list.pairs[selected];
}

// Begins to look for the best pair. Without a selected pair an answer has to come within 30 s; with
// one, the time that its last answer gave goes on running.
static void begin_checking(struct sotto_ice_client *client, uint64_t now_ms) {
    client->is_checking = client->list.pair_count > 0;
    if (!client->is_checking)
        return;
    client->succeeded_ms = UINT64_MAX;
    sotto_ice_check_list_reset(&client->list, SOTTO_ICE_PAIR_WAITING, now_ms);
    if (client->list.selected == SOTTO_ICE_NO_PAIR)
        client->deadline_ms = now_ms + SOTTO_ICE_CONSENT_MS;
}

static void fail(struct sotto_ice_client *client, uint64_t now_ms) {
    client->is_checking = false;
    client->deadline_ms = UINT64_MAX;
    client->consent_count = 0;
    client->list.selected = SOTTO_ICE_NO_PAIR;
    sotto_ice_check_list_reset(&client->list, SOTTO_ICE_PAIR_IDLE, now_ms);
    set_event(client, SOTTO_ICE_CLIENT_FAILED);
}

// New pairs join a search that is under way, and otherwise begin one.
static void check_new_pairs(struct sotto_ice_client *client, uint64_t now_ms, size_t first) {
    if (client->list.pair_count == first)
        return;
    if (!client->is_checking) {
        begin_checking(client, now_ms);
        return;
    }
    for (size_t i = first; i < client->list.pair_count; i++) {
        client->list.pairs[i].state = SOTTO_ICE_PAIR_WAITING;
        client->list.pairs[i].due_ms = now_ms;
    }
}

bool sotto_ice_client_add_local(struct sotto_ice_client *client, uint64_t now_ms,
                                const struct sotto_address *address, uint16_t preference) {
    size_t first = client->list.pair_count;
    uint32_t priority = (uint32_t)HOST_PRIORITY | (uint32_t)preference << 8;
    if (!sotto_ice_check_list_add_local(&client->list, address, priority))
        return false;
    check_new_pairs(client, now_ms, first);
    return true;
}

bool sotto_ice_client_add_remote(struct sotto_ice_client *client, uint64_t now_ms,
                                 const struct sotto_address *address, uint32_t priority) {
    size_t first = client->list.pair_count;
    if (!sotto_ice_check_list_add_remote(&client->list, address, priority))
        return false;
    check_new_pairs(client, now_ms, first);
    return true;
}

void sotto_ice_client_remove_local(struct sotto_ice_client *client, uint64_t now_ms,
                                   const struct sotto_address *address) {
    bool had_selected = client->list.selected != SOTTO_ICE_NO_PAIR;
    sotto_ice_check_list_remove_local(&client->list, address);
    if (!had_selected || client->list.selected != SOTTO_ICE_NO_PAIR)
        return;
    client->consent_count = 0;
    client->deadline_ms = now_ms + SOTTO_ICE_CONSENT_MS;
    set_event(client, SOTTO_ICE_CLIENT_DISCONNECTED);
    begin_checking(client, now_ms);
}

void sotto_ice_client_restart(struct sotto_ice_client *client, uint64_t now_ms,
                              const struct sotto_ice_credentials *local,
                              const struct sotto_ice_credentials *remote) {
    client->local = *local;
    client->remote = *remote;
    client->consent_count = 0;
    // New credentials get their own 30 s, also when the old ones have run out unnoticed: a machine
    // that slept restarts before it looks at its timers.
    if (client->list.selected != SOTTO_ICE_NO_PAIR)
        client->deadline_ms = now_ms + SOTTO_ICE_CONSENT_MS;
    begin_checking(client, now_ms);
}

void sotto_ice_client_recheck(struct sotto_ice_client *client, uint64_t now_ms) {
    if (!client->is_checking)
        begin_checking(client, now_ms);
}

static uint64_t next_consent_ms(struct sotto_ice_client *client, uint64_t now_ms) {
    return now_ms + SOTTO_ICE_CLIENT_CONSENT_MS_MIN +
           sotto_ice_random_draw_number(&client->random) % (SOTTO_ICE_CLIENT_CONSENT_MS_SPREAD + 1);
}

// The nominated pair answered: it is selected, and the search is over.
static void conclude(struct sotto_ice_client *client, uint64_t now_ms) {
    size_t previous = client->list.selected;
    client->list.selected = client->list.nominated;
    client->is_checking = false;
    client->deadline_ms = now_ms + SOTTO_ICE_CONSENT_MS;
    client->consent_ms = next_consent_ms(client, now_ms);
    client->consent_count = 0;
    sotto_ice_check_list_reset(&client->list, SOTTO_ICE_PAIR_IDLE, now_ms);
    if (client->list.selected == previous)
        return;
    const struct sotto_ice_pair *pair = &client->list.pairs[client->list.selected];
    set_event(client, SOTTO_ICE_CLIENT_SELECTED);
    client->event.local = pair->local;
    client->event.remote = pair->remote;
    client->event.mapped = pair->mapped;
}

// Writes a Binding request over a pair. It becomes ready to be polled.
static void request(struct sotto_ice_client *client, const struct sotto_ice_pair *pair,
                    const uint8_t id[TRANSACTION_ID_SIZE], bool use_candidate) {
    uint8_t username[2 * SOTTO_ICE_UFRAG_SIZE_MAX + 1];
    struct sotto_writer writer;
    sotto_writer_init(&writer, username, sizeof username);
    sotto_writer_write_bytes(&writer, client->remote.ufrag, client->remote.ufrag_size);
    sotto_writer_write_u8(&writer, ':');
    sotto_writer_write_bytes(&writer, client->local.ufrag, client->local.ufrag_size);

    struct sotto_stun_message message = {.class = SOTTO_STUN_REQUEST,
                                         .username = username,
                                         .username_size = writer.offset,
                                         .priority = pair->check_priority,
                                         .use_candidate = use_candidate,
                                         .role = SOTTO_STUN_CONTROLLING,
                                         .tie_breaker = client->tie_breaker,
                                         .has_fingerprint = true};
    memcpy(message.transaction_id, id, TRANSACTION_ID_SIZE);
    struct sotto_ice_client_transmit *transmit = &client->transmit;
    transmit->from = pair->local;
    transmit->to = pair->remote;
    transmit->size = sotto_stun_write(&message, (const uint8_t *)client->remote.password,
                                      client->remote.password_size, transmit->data,
                                      sizeof transmit->data);
    client->counters.requests += transmit->size > 0;
}

// RFC 8445 section 14.3, where N is one: there is one component and one check list.
static uint64_t first_rto_ms(const struct sotto_ice_client *client) {
    uint64_t rto_ms = SOTTO_ICE_CLIENT_PACE_MS * sotto_ice_check_list_open_count(&client->list);
    return rto_ms < SOTTO_ICE_CLIENT_RTO_MS_MIN ? SOTTO_ICE_CLIENT_RTO_MS_MIN : rto_ms;
}

// The first request of a transaction, or the same one again.
static void send_check(struct sotto_ice_client *client, uint64_t now_ms, size_t index) {
    struct sotto_ice_pair *pair = &client->list.pairs[index];
    if (pair->state == SOTTO_ICE_PAIR_WAITING) {
        pair->rto_ms = first_rto_ms(client);
        pair->due_ms = now_ms + pair->rto_ms;
        if (!sotto_ice_random_draw(&client->random, pair->transaction_id, TRANSACTION_ID_SIZE))
            return;
        pair->sent_count = 0;
        pair->state = SOTTO_ICE_PAIR_IN_PROGRESS;
    }
    pair->due_ms = now_ms + pair->rto_ms;
    pair->rto_ms *= 2;
    if (pair->rto_ms > SOTTO_ICE_CLIENT_RTO_MS_MAX)
        pair->rto_ms = SOTTO_ICE_CLIENT_RTO_MS_MAX;
    pair->sent_count++;
    request(client, pair, pair->transaction_id, index == client->list.nominated);
}

// RFC 7675 section 5.1: each consent check is sent once, with an id of its own. It nominates the
// pair again, which changes nothing unless the server has lost the selection.
static void send_consent(struct sotto_ice_client *client, uint64_t now_ms) {
    client->consent_ms = next_consent_ms(client, now_ms);
    if (client->consent_count >= SOTTO_ICE_CLIENT_DOUBT_COUNT)
        sotto_ice_client_recheck(client, now_ms);
    size_t last = SOTTO_ICE_CLIENT_CONSENT_COUNT_MAX - 1;
    if (client->consent_count > last) {
        memmove(client->consent_ids[0], client->consent_ids[1],
                last * TRANSACTION_ID_SIZE);
        client->consent_count = last;
    }
    uint8_t *id = client->consent_ids[client->consent_count];
    if (!sotto_ice_random_draw(&client->random, id, TRANSACTION_ID_SIZE))
        return;
    client->consent_count++;
    request(client, &client->list.pairs[client->list.selected], id, true);
}

// When the best pair so far may be nominated, though a better one might still answer.
static uint64_t settled_ms(const struct sotto_ice_client *client, size_t best) {
    const struct sotto_ice_check_list *list = &client->list;
    if (!sotto_ice_check_list_better_is_open(list, best))
        return client->succeeded_ms;
    bool selected_is_open = list->selected != SOTTO_ICE_NO_PAIR &&
                            sotto_ice_pair_is_open(&list->pairs[list->selected]);
    return client->succeeded_ms +
           (selected_is_open ? SOTTO_ICE_CLIENT_SETTLE_AGAIN_MS : SOTTO_ICE_CLIENT_SETTLE_MS);
}

// RFC 8445 section 8.1.1: the check that produced the valid pair is repeated with USE-CANDIDATE.
static void nominate(struct sotto_ice_client *client, uint64_t now_ms) {
    struct sotto_ice_check_list *list = &client->list;
    if (!client->is_checking)
        return;
    if (list->nominated != SOTTO_ICE_NO_PAIR) {
        struct sotto_ice_pair *pair = &list->pairs[list->nominated];
        if (pair->sent_count < SOTTO_ICE_CLIENT_NOMINATION_COUNT_MAX || pair->due_ms > now_ms)
            return;
        // No answer: it has to succeed again, and another pair gets its turn.
        pair->state = SOTTO_ICE_PAIR_WAITING;
        list->nominated = SOTTO_ICE_NO_PAIR;
    }
    size_t best = sotto_ice_check_list_best(list);
    if (best == SOTTO_ICE_NO_PAIR || settled_ms(client, best) > now_ms)
        return;
    list->nominated = best;
    list->pairs[best].state = SOTTO_ICE_PAIR_WAITING;
    list->pairs[best].sent_count = 0;
    list->pairs[best].due_ms = now_ms;
}

// The pair whose request is to go out next: the nominated one before all others.
static size_t next_check(const struct sotto_ice_client *client, uint64_t now_ms) {
    const struct sotto_ice_check_list *list = &client->list;
    if (list->nominated != SOTTO_ICE_NO_PAIR && list->pairs[list->nominated].due_ms <= now_ms)
        return list->nominated;
    return sotto_ice_check_list_next_due(list);
}

void sotto_ice_client_handle_timeout(struct sotto_ice_client *client, uint64_t now_ms) {
    if (client->deadline_ms <= now_ms) {
        fail(client, now_ms);
        return;
    }
    nominate(client, now_ms);
    if (client->paced_ms > now_ms)
        return;
    size_t next = next_check(client, now_ms);
    if (client->list.selected != SOTTO_ICE_NO_PAIR && client->consent_ms <= now_ms)
        send_consent(client, now_ms);
    else if (next != SOTTO_ICE_NO_PAIR && client->list.pairs[next].due_ms <= now_ms)
        send_check(client, now_ms, next);
    else
        return;
    client->paced_ms = now_ms + SOTTO_ICE_CLIENT_PACE_MS;
}

static uint64_t earlier(uint64_t a_ms, uint64_t b_ms) {
    return a_ms < b_ms ? a_ms : b_ms;
}

uint64_t sotto_ice_client_poll_timeout(const struct sotto_ice_client *client) {
    const struct sotto_ice_check_list *list = &client->list;
    uint64_t request_ms = UINT64_MAX;
    size_t next = sotto_ice_check_list_next_due(list);
    if (next != SOTTO_ICE_NO_PAIR)
        request_ms = list->pairs[next].due_ms;
    if (list->selected != SOTTO_ICE_NO_PAIR)
        request_ms = earlier(request_ms, client->consent_ms);
    if (request_ms < client->paced_ms)
        request_ms = client->paced_ms;

    uint64_t timeout_ms = earlier(client->deadline_ms, request_ms);
    size_t best = sotto_ice_check_list_best(list);
    if (client->is_checking && list->nominated == SOTTO_ICE_NO_PAIR && best != SOTTO_ICE_NO_PAIR)
        timeout_ms = earlier(timeout_ms, settled_ms(client, best));
    return timeout_ms;
}

static bool is_same_id(const uint8_t *a, const uint8_t *b) {
    return memcmp(a, b, TRANSACTION_ID_SIZE) == 0;
}

// True, and the checks up to that one are over, if this is the answer to a consent check.
static bool answers_consent(struct sotto_ice_client *client, size_t index, const uint8_t *id) {
    if (index != client->list.selected)
        return false;
    for (size_t i = 0; i < client->consent_count; i++) {
        if (!is_same_id(client->consent_ids[i], id))
            continue;
        size_t left = client->consent_count - (i + 1);
        memmove(client->consent_ids[0], client->consent_ids[i + 1],
                left * TRANSACTION_ID_SIZE);
        client->consent_count = left;
        return true;
    }
    return false;
}

static bool answers_check(const struct sotto_ice_pair *pair, const uint8_t *id) {
    return pair->state == SOTTO_ICE_PAIR_IN_PROGRESS && is_same_id(pair->transaction_id, id);
}

static void take_success(struct sotto_ice_client *client, uint64_t now_ms, size_t index,
                         const struct sotto_stun_message *response, bool is_consent) {
    struct sotto_ice_pair *pair = &client->list.pairs[index];
    client->counters.successes++;
    pair->mapped = response->mapped_address;
    if (is_consent) {
        client->deadline_ms = now_ms + SOTTO_ICE_CONSENT_MS;
    } else if (index == client->list.nominated) {
        conclude(client, now_ms);
    } else {
        pair->state = SOTTO_ICE_PAIR_SUCCEEDED;
        client->succeeded_ms = earlier(client->succeeded_ms, now_ms);
    }
}

// The server refuses: a pair is over for this search, and without any left so is the search.
static void take_error(struct sotto_ice_client *client, uint64_t now_ms, size_t index,
                       bool is_consent) {
    struct sotto_ice_check_list *list = &client->list;
    client->counters.errors++;
    if (is_consent)
        return;
    list->pairs[index].state = SOTTO_ICE_PAIR_FAILED;
    if (index == list->nominated)
        list->nominated = SOTTO_ICE_NO_PAIR;
    bool is_over = sotto_ice_check_list_open_count(list) == 0 &&
                   sotto_ice_check_list_best(list) == SOTTO_ICE_NO_PAIR;
    if (is_over && list->selected == SOTTO_ICE_NO_PAIR)
        fail(client, now_ms);
}

void sotto_ice_client_handle_packet(struct sotto_ice_client *client, uint64_t now_ms,
                                    const struct sotto_address *to,
                                    const struct sotto_address *from, const uint8_t *data,
                                    size_t size) {
    // RFC 8445 section 7.2.5.2.1 fails a check whose answer came over another pair. Anybody who
    // copies an answer could then fail it, so such an answer is ignored.
    size_t index = sotto_ice_check_list_find(&client->list, to, from);
    struct sotto_stun_message response;
    client->counters.ignored++; // taken back at the end
    if (index == SOTTO_ICE_NO_PAIR || !sotto_stun_parse(&response, data, size))
        return;
    if (response.class != SOTTO_STUN_SUCCESS && response.class != SOTTO_STUN_ERROR)
        return;
    if (!sotto_stun_verify(&response, (const uint8_t *)client->remote.password,
                           client->remote.password_size))
        return;
    // A success without an address or with something that had to be understood is none
    // (RFC 8489 section 6.3.3).
    bool is_success = response.class == SOTTO_STUN_SUCCESS;
    if (is_success && (response.mapped_address.family == SOTTO_ADDRESS_NONE ||
                       response.unknown.count > 0))
        return;
    bool is_consent = answers_consent(client, index, response.transaction_id);
    if (!is_consent && !answers_check(&client->list.pairs[index], response.transaction_id))
        return;
    client->counters.ignored--;
    if (is_success)
        take_success(client, now_ms, index, &response, is_consent);
    else
        take_error(client, now_ms, index, is_consent);
}
