// Answers of any content to an ICE client, between them authenticated ones, changes of the network
// and passing time. A pair is selected only after the server confirmed its nomination; requests
// keep their pace; and every due timer does something.
//
// Input: steps. A first byte whose low 3 bits say what happens and whose high 5 bits are `n`:
//   0  a datagram as it is, between addresses n: size (one byte), bytes
//   1  an authenticated success to the request n % 4 places back
//   2  an authenticated error to it: a byte for the code
//   3  time passes: one byte, in units of 20 ms
//   4  local address n % 6 appears
//   5  it goes
//   6  a recheck
//   7  a restart
#include "core/assert.h"
#include "core/reader.h"
#include "proto/ice_client.h"
#include "proto/stun.h"

#include <stdlib.h>
#include <string.h>

enum { SENT_COUNT = 4, REMOTE_COUNT = 2, STEP_COUNT_MAX = 64 };

struct model {
    struct sotto_ice_client client;
    struct sotto_ice_credentials remote;
    struct sotto_ice_client_transmit sent[SENT_COUNT]; // the latest first
    uint64_t now_ms;
    uint64_t sent_ms;
    uint8_t restart_count;
    bool was_confirmed; // a nomination was answered since the last look
};

static struct sotto_address local_of(unsigned number) {
    const uint8_t bytes[4] = {10, 0, 0, (uint8_t)number};
    return sotto_address_from_ipv4(bytes, 5000);
}

static struct sotto_address remote_of(unsigned number) {
    const uint8_t bytes[4] = {192, 0, 2, (uint8_t)number};
    return sotto_address_from_ipv4(bytes, 7882);
}

static struct sotto_ice_credentials credentials_of(uint8_t number) {
    struct sotto_ice_credentials credentials;
    uint8_t random[SOTTO_ICE_RANDOM_SIZE];
    memset(random, number, sizeof random);
    random[0] = 0x5a;
    sotto_ice_credentials_from_random(&credentials, random);
    return credentials;
}

static void take_transmit(struct model *model) {
    struct sotto_ice_client_transmit transmit;
    if (!sotto_ice_client_poll_transmit(&model->client, &transmit))
        return;
    struct sotto_stun_message request;
    SOTTO_ASSERT(transmit.size <= sizeof transmit.data);
    SOTTO_ASSERT(sotto_stun_parse(&request, transmit.data, transmit.size));
    SOTTO_ASSERT(request.class == SOTTO_STUN_REQUEST);
    SOTTO_ASSERT(sotto_stun_verify(&request, (const uint8_t *)model->remote.password,
                                   model->remote.password_size));
    SOTTO_ASSERT(model->now_ms - model->sent_ms >= SOTTO_ICE_CLIENT_PACE_MS);
    model->sent_ms = model->now_ms;
    memmove(model->sent + 1, model->sent, sizeof model->sent - sizeof model->sent[0]);
    model->sent[0] = transmit;
}

static void pass_time(struct model *model, uint64_t duration_ms) {
    uint64_t end_ms = model->now_ms + duration_ms;
    for (unsigned turns = 0; sotto_ice_client_poll_timeout(&model->client) <= end_ms; turns++) {
        SOTTO_ASSERT(turns < 2 * duration_ms / SOTTO_ICE_CLIENT_PACE_MS + 20);
        if (sotto_ice_client_poll_timeout(&model->client) > model->now_ms)
            model->now_ms = sotto_ice_client_poll_timeout(&model->client);
        sotto_ice_client_handle_timeout(&model->client, model->now_ms);
        take_transmit(model);
    }
    model->now_ms = end_ms;
}

static void answer(struct model *model, unsigned back, uint16_t error_code) {
    const struct sotto_ice_client_transmit *sent = &model->sent[back % SENT_COUNT];
    struct sotto_stun_message request;
    if (sent->size == 0 || !sotto_stun_parse(&request, sent->data, sent->size))
        return;
    struct sotto_stun_message response = {.class = SOTTO_STUN_SUCCESS,
                                          .mapped_address = sent->from,
                                          .has_fingerprint = true};
    if (error_code != 0)
        response = (struct sotto_stun_message){.class = SOTTO_STUN_ERROR, .error_code = error_code};
    memcpy(response.transaction_id, request.transaction_id, sizeof request.transaction_id);
    uint8_t data[SOTTO_STUN_ANSWER_SIZE_MAX];
    size_t size = sotto_stun_write(&response, (const uint8_t *)model->remote.password,
                                   model->remote.password_size, data, sizeof data);
    SOTTO_ASSERT(size > 0);
    model->was_confirmed |= error_code == 0 && request.use_candidate;
    sotto_ice_client_handle_packet(&model->client, model->now_ms, &sent->from, &sent->to, data,
                                   size);
}

static void forge(struct model *model, struct sotto_reader *reader, unsigned number) {
    size_t size = sotto_reader_read_u8(reader);
    if (size > sotto_reader_remaining(reader))
        size = sotto_reader_remaining(reader);
    const uint8_t *bytes = sotto_reader_read_bytes(reader, size);
    uint8_t *copy = malloc(size ? size : 1);
    SOTTO_ASSERT(copy);
    if (bytes)
        memcpy(copy, bytes, size);
    struct sotto_address to = local_of(number % 6);
    struct sotto_address from = remote_of(number % REMOTE_COUNT);
    uint64_t ignored = model->client.counters.ignored;
    sotto_ice_client_handle_packet(&model->client, model->now_ms, &to, &from, copy, size);
    SOTTO_ASSERT(model->client.counters.ignored == ignored + 1);
    free(copy);
}

static void check_state(struct model *model) {
    const struct sotto_ice_check_list *list = &model->client.list;
    SOTTO_ASSERT(list->pair_count <= SOTTO_ICE_CLIENT_PAIR_COUNT_MAX);
    SOTTO_ASSERT(list->selected == SOTTO_ICE_NO_PAIR || list->selected < list->pair_count);
    SOTTO_ASSERT(list->nominated == SOTTO_ICE_NO_PAIR ||
                 (list->nominated < list->pair_count &&
                  sotto_ice_pair_is_open(&list->pairs[list->nominated])));
    SOTTO_ASSERT(model->client.consent_count <= SOTTO_ICE_CLIENT_CONSENT_COUNT_MAX);
    // Without a pair to send over, and something to check, there is an end in sight.
    if (model->client.is_checking)
        SOTTO_ASSERT(model->client.deadline_ms != UINT64_MAX);
    struct sotto_ice_client_event event;
    while (sotto_ice_client_poll_event(&model->client, &event)) {
        bool is_selected = event.type == SOTTO_ICE_CLIENT_SELECTED;
        SOTTO_ASSERT(is_selected == (list->selected != SOTTO_ICE_NO_PAIR));
        SOTTO_ASSERT(!is_selected || model->was_confirmed);
        model->was_confirmed &= !is_selected;
    }
}

static void restart(struct model *model) {
    struct sotto_ice_credentials local = credentials_of(1);
    model->remote = credentials_of((uint8_t)(2 + ++model->restart_count % 200));
    memset(model->sent, 0, sizeof model->sent);
    sotto_ice_client_restart(&model->client, model->now_ms, &local, &model->remote);
}

static void step(struct model *model, struct sotto_reader *reader) {
    uint8_t first = sotto_reader_read_u8(reader);
    unsigned number = first >> 3;
    struct sotto_address local = local_of(number % 6);
    switch (first & 7) {
    case 0:
        forge(model, reader, number);
        break;
    case 1:
        answer(model, number, 0);
        break;
    case 2:
        answer(model, number, (uint16_t)(300 + sotto_reader_read_u8(reader)));
        break;
    case 3:
        pass_time(model, sotto_reader_read_u8(reader) * (uint64_t)20);
        break;
    case 4:
        (void)sotto_ice_client_add_local(&model->client, model->now_ms, &local, (uint16_t)number);
        break;
    case 5:
        sotto_ice_client_remove_local(&model->client, model->now_ms, &local);
        break;
    case 6:
        sotto_ice_client_recheck(&model->client, model->now_ms);
        break;
    default:
        restart(model);
    }
    check_state(model);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const uint8_t seed[SOTTO_ICE_SEED_SIZE] = "seed";
    static struct model model;
    struct sotto_ice_credentials local = credentials_of(1);
    model = (struct model){.now_ms = 1000, .remote = credentials_of(2)};
    sotto_ice_client_init(&model.client, &local, &model.remote, seed);
    for (unsigned i = 0; i < REMOTE_COUNT; i++) {
        struct sotto_address remote = remote_of(i);
        SOTTO_ASSERT(sotto_ice_client_add_remote(&model.client, model.now_ms, &remote, 100 - i));
    }
    struct sotto_reader reader;
    sotto_reader_init(&reader, data, size);
    for (size_t i = 0; i < STEP_COUNT_MAX && sotto_reader_remaining(&reader) > 0; i++)
        step(&model, &reader);

    // Without answers everything ends.
    pass_time(&model, SOTTO_ICE_CONSENT_MS);
    check_state(&model);
    SOTTO_ASSERT(sotto_ice_client_selected(&model.client) == NULL);
    SOTTO_ASSERT(sotto_ice_client_poll_timeout(&model.client) == UINT64_MAX);
    return 0;
}
