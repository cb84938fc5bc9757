#include "proto/ice_lite.h"

#include "core/assert.h"
#include "core/memory.h"
#include "core/wipe.h"

enum {
    // RESTARTED, ADDRESS_REMOVED, ADDRESS_ADDED, SELECTED: what one check causes at most.
    EVENTS_PER_CHECK = 4,
    EVENTS_PER_REMOVAL = 2,
};

void sotto_ice_lite_init(struct sotto_ice_lite *agent,
                         const struct sotto_ice_credentials *credentials) {
    *agent = (struct sotto_ice_lite){.current = *credentials};
}

void sotto_ice_lite_restart(struct sotto_ice_lite *agent,
                            const struct sotto_ice_credentials *credentials) {
    const struct sotto_ice_credentials *current = &agent->current;
    SOTTO_ASSERT(credentials->ufrag_size != current->ufrag_size ||
                 memcmp(credentials->ufrag, current->ufrag, current->ufrag_size) != 0);
    if (agent->previous.ufrag_size == 0)
        agent->previous = agent->current;
    agent->current = *credentials;
}

void sotto_ice_lite_wipe(struct sotto_ice_lite *agent) {
    sotto_wipe(agent, sizeof *agent);
}

static size_t event_room(const struct sotto_ice_lite *agent) {
    return SOTTO_ICE_LITE_EVENT_COUNT_MAX - agent->event_count;
}

static void add_event(struct sotto_ice_lite *agent, enum sotto_ice_lite_event_type type,
                      const struct sotto_address *address) {
    SOTTO_ASSERT(event_room(agent) > 0);
    size_t index = (agent->event_first + agent->event_count) % SOTTO_ICE_LITE_EVENT_COUNT_MAX;
    agent->events[index] = (struct sotto_ice_lite_event){.type = type};
    if (address)
        agent->events[index].address = *address;
    agent->event_count++;
}

bool sotto_ice_lite_poll_event(struct sotto_ice_lite *agent, struct sotto_ice_lite_event *event) {
    *event = (struct sotto_ice_lite_event){0};
    if (agent->event_count == 0)
        return false;
    *event = agent->events[agent->event_first];
    agent->event_first = (agent->event_first + 1) % SOTTO_ICE_LITE_EVENT_COUNT_MAX;
    agent->event_count--;
    return true;
}

bool sotto_ice_lite_poll_transmit(struct sotto_ice_lite *agent,
                                  struct sotto_ice_lite_transmit *transmit) {
    *transmit = agent->transmit;
    agent->transmit.size = 0;
    return transmit->size > 0;
}

// The place of an address among the valid ones, or their count.
static size_t find(const struct sotto_ice_lite *agent, const struct sotto_address *address) {
    size_t index = 0;
    while (index < agent->address_count &&
           !sotto_address_equal(&agent->addresses[index].address, address))
        index++;
    return index;
}

bool sotto_ice_lite_is_valid_address(const struct sotto_ice_lite *agent,
                                     const struct sotto_address *address) {
    return find(agent, address) < agent->address_count;
}

const struct sotto_address *sotto_ice_lite_selected(const struct sotto_ice_lite *agent) {
    return agent->selected.family == SOTTO_ADDRESS_NONE ? NULL : &agent->selected;
}

static bool is_selected(const struct sotto_ice_lite *agent, size_t index) {
    return sotto_address_equal(&agent->addresses[index].address, &agent->selected);
}

static void remove_at(struct sotto_ice_lite *agent, size_t index) {
    struct sotto_address address = agent->addresses[index].address;
    bool was_selected = is_selected(agent, index);
    agent->address_count--;
    agent->addresses[index] = agent->addresses[agent->address_count];
    add_event(agent, SOTTO_ICE_LITE_ADDRESS_REMOVED, &address);
    if (!was_selected)
        return;
    agent->selected = (struct sotto_address){0};
    add_event(agent, SOTTO_ICE_LITE_DISCONNECTED, &address);
}

void sotto_ice_lite_remove_address(struct sotto_ice_lite *agent,
                                   const struct sotto_address *address) {
    size_t index = find(agent, address);
    if (index == agent->address_count)
        return;
    if (event_room(agent) < EVENTS_PER_REMOVAL)
        agent->addresses[index].expires_ms = 0; // handle_timeout removes it when there is room
    else
        remove_at(agent, index);
}

uint64_t sotto_ice_lite_poll_timeout(const struct sotto_ice_lite *agent) {
    uint64_t timeout_ms = UINT64_MAX;
    for (size_t i = 0; i < agent->address_count; i++) {
        if (agent->addresses[i].expires_ms < timeout_ms)
            timeout_ms = agent->addresses[i].expires_ms;
    }
    return timeout_ms;
}

void sotto_ice_lite_handle_timeout(struct sotto_ice_lite *agent, uint64_t now_ms) {
    // Backwards, because the last one moves into a removed one's place.
    for (size_t i = agent->address_count; i-- > 0;) {
        if (agent->addresses[i].expires_ms <= now_ms && event_room(agent) >= EVENTS_PER_REMOVAL)
            remove_at(agent, i);
    }
}

// The address whose latest check is the oldest, never the selected one.
static size_t least_recent(const struct sotto_ice_lite *agent) {
    size_t oldest = agent->address_count;
    for (size_t i = 0; i < agent->address_count; i++) {
        if (is_selected(agent, i))
            continue;
        if (oldest == agent->address_count ||
            agent->addresses[i].expires_ms < agent->addresses[oldest].expires_ms)
            oldest = i;
    }
    return oldest;
}

static void confirm_address(struct sotto_ice_lite *agent, uint64_t now_ms,
                            const struct sotto_address *from) {
    size_t index = find(agent, from);
    if (index == agent->address_count) {
        if (index == SOTTO_ICE_LITE_ADDRESS_COUNT_MAX)
            remove_at(agent, least_recent(agent));
        index = agent->address_count++;
        agent->addresses[index].address = *from;
        add_event(agent, SOTTO_ICE_LITE_ADDRESS_ADDED, from);
    }
    agent->addresses[index].expires_ms = now_ms + SOTTO_ICE_CONSENT_MS;
}

static void select_address(struct sotto_ice_lite *agent, const struct sotto_address *address) {
    if (sotto_address_equal(&agent->selected, address))
        return;
    agent->selected = *address;
    add_event(agent, SOTTO_ICE_LITE_SELECTED, address);
}

// The credentials that a request's USERNAME names, or NULL.
static const struct sotto_ice_credentials *named(const struct sotto_ice_lite *agent,
                                                 const struct sotto_stun_message *request) {
    if (!request->username)
        return NULL;
    const uint8_t *username = request->username;
    if (sotto_ice_credentials_match(&agent->current, username, request->username_size))
        return &agent->current;
    if (sotto_ice_credentials_match(&agent->previous, username, request->username_size))
        return &agent->previous;
    return NULL;
}

static const struct sotto_ice_credentials *reject(uint64_t *counter) {
    ++*counter;
    return NULL;
}

// Parses and authenticates. NULL, and counted, for everything that gets silence.
static const struct sotto_ice_credentials *authenticate(struct sotto_ice_lite *agent,
                                                        struct sotto_stun_message *request,
                                                        const uint8_t *data, size_t size) {
    struct sotto_ice_lite_counters *counters = &agent->counters;
    if (!sotto_stun_parse(request, data, size))
        return reject(&counters->malformed);
    if (request->class != SOTTO_STUN_REQUEST)
        return reject(&counters->not_requests);
    const struct sotto_ice_credentials *credentials = named(agent, request);
    if (!credentials)
        return reject(&counters->unknown_usernames);
    if (!request->has_fingerprint)
        return reject(&counters->missing_fingerprints);
    if (!sotto_stun_verify(request, (const uint8_t *)credentials->password,
                           credentials->password_size))
        return reject(&counters->wrong_integrities);
    return credentials;
}

static bool error_is_due(struct sotto_ice_lite *agent, uint64_t now_ms) {
    if (now_ms - agent->error_window_ms >= 1000) {
        agent->error_window_ms = now_ms;
        agent->error_count = 0;
    }
    return agent->error_count++ < SOTTO_ICE_LITE_ERROR_RATE_MAX;
}

// Fills in what every answer has and makes it ready to be polled. False if it would be larger than
// its request: then nothing is sent.
static bool answer(struct sotto_ice_lite *agent, const struct sotto_ice_credentials *credentials,
                   const struct sotto_stun_message *request, size_t request_size,
                   const struct sotto_address *to, struct sotto_stun_message *response) {
    struct sotto_ice_lite_transmit *transmit = &agent->transmit;
    memcpy(response->transaction_id, request->transaction_id, SOTTO_STUN_TRANSACTION_ID_SIZE);
    response->has_fingerprint = true;
    size_t capacity = sizeof transmit->data;
    if (capacity > request_size)
        capacity = request_size;
    transmit->to = *to;
    transmit->size = sotto_stun_write(response, (const uint8_t *)credentials->password,
                                      credentials->password_size, transmit->data, capacity);
    if (transmit->size == 0)
        agent->counters.suppressed_answers++;
    return transmit->size > 0;
}

// A peer that takes itself for controlled has to change its role: against a lite implementation the
// full one controls (RFC 8445 section 6.1.1), so the tie-breaker is not compared.
static uint16_t error_for(struct sotto_ice_lite *agent, const struct sotto_stun_message *request) {
    if (request->unknown.count > 0) {
        agent->counters.unknown_attributes++;
        return SOTTO_STUN_UNKNOWN_ATTRIBUTE;
    }
    if (request->role == SOTTO_STUN_CONTROLLED) {
        agent->counters.role_conflicts++;
        return SOTTO_STUN_ROLE_CONFLICT;
    }
    return 0;
}

// The first check with new credentials ends the old ones.
static void retire_previous(struct sotto_ice_lite *agent,
                            const struct sotto_ice_credentials *used) {
    if (used != &agent->current || agent->previous.ufrag_size == 0)
        return;
    sotto_wipe(&agent->previous, sizeof agent->previous);
    add_event(agent, SOTTO_ICE_LITE_RESTARTED, NULL);
}

void sotto_ice_lite_handle_packet(struct sotto_ice_lite *agent, uint64_t now_ms,
                                  const struct sotto_address *from, const uint8_t *data,
                                  size_t size) {
    agent->transmit.size = 0;
    if (event_room(agent) < EVENTS_PER_CHECK) {
        agent->counters.undrained++;
        return;
    }
    struct sotto_stun_message request;
    const struct sotto_ice_credentials *credentials = authenticate(agent, &request, data, size);
    if (!credentials)
        return;

    uint16_t error_code = error_for(agent, &request);
    if (error_code != 0) {
        struct sotto_stun_message response = {.class = SOTTO_STUN_ERROR, .error_code = error_code};
        if (error_code == SOTTO_STUN_UNKNOWN_ATTRIBUTE)
            response.refused = request.unknown;
        if (error_is_due(agent, now_ms))
            (void)answer(agent, credentials, &request, size, from, &response);
        else
            agent->counters.suppressed_answers++;
        return;
    }
    struct sotto_stun_message response = {.class = SOTTO_STUN_SUCCESS, .mapped_address = *from};
    if (!answer(agent, credentials, &request, size, from, &response))
        return;
    agent->counters.answered++;
    retire_previous(agent, credentials);
    confirm_address(agent, now_ms, from);
    if (request.use_candidate)
        select_address(agent, from);
}
