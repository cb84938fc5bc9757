// Datagrams of any content, between them checks that are authenticated but of any content
// otherwise, checks altered on their way, restarts, removals and passing time. Whatever is answered
// was authenticated, says a second look at the bytes; answers and addresses are bounded, and events
// tell all that happens to them.
//
// Input: steps. A first byte whose low 3 bits say what happens, and whose high 5 bits are an
// address:
//   0  a datagram as it is: size (two bytes), bytes
//   1  as 2; between size and bytes a place (two bytes) and a byte that alters what stands there
//   2  the attributes of a check: size (two bytes), bytes; header, USERNAME, MESSAGE-INTEGRITY and
//      FINGERPRINT (after the alteration) are put around them
//   3  as 2, with the credentials before the last restart
//   4  time passes: one byte, in units of 500 ms
//   5  a restart
//   6  the address is removed
//   7  the next three steps' events are not polled
#include "core/assert.h"
#include "core/reader.h"
#include "proto/ice_lite.h"

#include <openssl/hmac.h>
#include <stdlib.h>
#include <string.h>

enum { ADDRESS_COUNT = 32, SIZE_MAX_HERE = 1600 };

struct model {
    struct sotto_ice_lite agent;
    struct sotto_ice_credentials current;
    struct sotto_ice_credentials previous;
    uint64_t now_ms;
    uint8_t restart_count;
    unsigned lazy_steps;
    bool is_valid[ADDRESS_COUNT]; // by the events
    unsigned selected;            // ADDRESS_COUNT: none
};

static struct sotto_address address_of(unsigned number) {
    uint8_t bytes[16] = {0x20, 1, [15] = (uint8_t)number};
    if (number % 2)
        return sotto_address_from_ipv6(bytes, 1000);
    return sotto_address_from_ipv4(bytes, (uint16_t)(1000 + number));
}

static unsigned number_of(const struct sotto_address *address) {
    for (unsigned number = 0; number < ADDRESS_COUNT; number++) {
        struct sotto_address candidate = address_of(number);
        if (sotto_address_equal(&candidate, address))
            return number;
    }
    SOTTO_ASSERT(false);
    return 0;
}

static struct sotto_ice_credentials credentials_of(uint8_t number) {
    struct sotto_ice_credentials credentials;
    uint8_t random[SOTTO_ICE_RANDOM_SIZE];
    memset(random, number, sizeof random);
    random[0] = 0x5a;
    sotto_ice_credentials_from_random(&credentials, random);
    return credentials;
}

static void compute_mac(const struct sotto_ice_credentials *credentials, const uint8_t *data,
                        size_t size, uint8_t mac[20]) {
    uint8_t patched[SIZE_MAX_HERE + 1024];
    unsigned mac_size;
    memcpy(patched, data, size);
    patched[2] = (uint8_t)((size + 4) >> 8);
    patched[3] = (uint8_t)(size + 4);
    SOTTO_ASSERT(HMAC(EVP_sha1(), credentials->password, (int)credentials->password_size, patched,
                      size, mac, &mac_size));
}

// True if somewhere in the datagram stands a MESSAGE-INTEGRITY that is right.
static bool is_authentic(const struct sotto_ice_credentials *credentials, const uint8_t *data,
                         size_t size) {
    static const uint8_t header[4] = {0, 8, 0, 20};
    for (size_t offset = 20; offset + 24 <= size; offset += 4) {
        uint8_t mac[20];
        if (memcmp(data + offset, header, 4) != 0)
            continue;
        compute_mac(credentials, data, offset, mac);
        if (memcmp(data + offset + 4, mac, 20) == 0)
            return true;
    }
    return false;
}

static void take_event(struct model *model, const struct sotto_ice_lite_event *event) {
    if (event->type == SOTTO_ICE_LITE_RESTARTED)
        return;
    unsigned number = number_of(&event->address);
    switch (event->type) {
    case SOTTO_ICE_LITE_ADDRESS_ADDED:
        SOTTO_ASSERT(!model->is_valid[number]);
        model->is_valid[number] = true;
        break;
    case SOTTO_ICE_LITE_ADDRESS_REMOVED:
        SOTTO_ASSERT(model->is_valid[number]);
        model->is_valid[number] = false;
        break;
    case SOTTO_ICE_LITE_SELECTED:
        SOTTO_ASSERT(model->is_valid[number] && model->selected != number);
        model->selected = number;
        break;
    default:
        SOTTO_ASSERT(event->type == SOTTO_ICE_LITE_DISCONNECTED && model->selected == number);
        model->selected = ADDRESS_COUNT;
    }
}

static void check_state(struct model *model) {
    SOTTO_ASSERT(model->agent.address_count <= SOTTO_ICE_LITE_ADDRESS_COUNT_MAX);
    SOTTO_ASSERT(model->agent.event_count <= SOTTO_ICE_LITE_EVENT_COUNT_MAX);
    const struct sotto_address *selected = sotto_ice_lite_selected(&model->agent);
    SOTTO_ASSERT(!selected || sotto_ice_lite_is_valid_address(&model->agent, selected));
    if (model->lazy_steps > 0) {
        model->lazy_steps--;
        return;
    }
    struct sotto_ice_lite_event event;
    while (sotto_ice_lite_poll_event(&model->agent, &event))
        take_event(model, &event);
    SOTTO_ASSERT((selected ? number_of(selected) : ADDRESS_COUNT) == model->selected);
    for (unsigned number = 0; number < ADDRESS_COUNT; number++) {
        struct sotto_address address = address_of(number);
        SOTTO_ASSERT(sotto_ice_lite_is_valid_address(&model->agent, &address) ==
                     model->is_valid[number]);
    }
}

static void send_datagram(struct model *model, unsigned number, const uint8_t *data, size_t size) {
    uint8_t *copy = malloc(size ? size : 1);
    SOTTO_ASSERT(copy);
    memcpy(copy, data, size);
    struct sotto_address from = address_of(number);
    struct sotto_ice_lite before = model->agent;
    sotto_ice_lite_handle_packet(&model->agent, model->now_ms, &from, copy, size);
    struct sotto_ice_lite_transmit transmit;
    bool answered = sotto_ice_lite_poll_transmit(&model->agent, &transmit);
    if (!is_authentic(&model->current, copy, size) && !is_authentic(&model->previous, copy, size)) {
        SOTTO_ASSERT(!answered);
        before.counters = model->agent.counters;
        SOTTO_ASSERT(memcmp(&before, &model->agent, sizeof before) == 0);
    }
    if (answered) {
        SOTTO_ASSERT(transmit.size <= size && transmit.size <= sizeof transmit.data);
        SOTTO_ASSERT(sotto_address_equal(&transmit.to, &from));
        SOTTO_ASSERT(is_authentic(&model->current, transmit.data, transmit.size) ||
                     is_authentic(&model->previous, transmit.data, transmit.size));
    }
    free(copy);
}

static size_t put_attribute(uint8_t *data, size_t size, unsigned type, const void *value,
                            size_t value_size) {
    data[size] = (uint8_t)(type >> 8);
    data[size + 1] = (uint8_t)type;
    data[size + 2] = (uint8_t)(value_size >> 8);
    data[size + 3] = (uint8_t)value_size;
    memcpy(data + size + 4, value, value_size);
    return size + 4 + value_size;
}

struct alteration {
    size_t place;
    uint8_t difference;
};

static void send_check(struct model *model, unsigned number,
                       const struct sotto_ice_credentials *credentials, const uint8_t *attributes,
                       size_t attributes_size, struct alteration alteration) {
    uint8_t data[SIZE_MAX_HERE + 1024] = {0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42};
    char username[16] = {0};
    memcpy(username, credentials->ufrag, credentials->ufrag_size);
    memcpy(username + credentials->ufrag_size, ":abc", 4);
    size_t size = put_attribute(data, 20, 0x0006, username, sizeof username);
    memcpy(data + size, attributes, attributes_size);
    size += attributes_size / 4 * 4;
    uint8_t mac[20];
    compute_mac(credentials, data, size, mac);
    size = put_attribute(data, size, 0x0008, mac, sizeof mac);
    data[2] = (uint8_t)((size - 12) >> 8);
    data[3] = (uint8_t)(size - 12);
    data[alteration.place % size] ^= alteration.difference;
    uint32_t crc = 0xffffffff;
    for (size_t bit = 0; bit < size * 8; bit++) {
        crc ^= (uint32_t)(data[bit / 8] >> bit % 8 & 1);
        crc = crc & 1 ? crc >> 1 ^ 0xedb88320 : crc >> 1;
    }
    crc = ~crc ^ 0x5354554e;
    const uint8_t fingerprint[4] = {(uint8_t)(crc >> 24), (uint8_t)(crc >> 16), (uint8_t)(crc >> 8),
                                    (uint8_t)crc};
    size = put_attribute(data, size, 0x8028, fingerprint, sizeof fingerprint);
    send_datagram(model, number, data, size);
}

static void step_packet(struct model *model, struct sotto_reader *reader, uint8_t first) {
    unsigned what = first & 7;
    size_t size = sotto_reader_read_u16(reader) % SIZE_MAX_HERE;
    struct alteration alteration = {0};
    if (what == 1) {
        alteration.place = sotto_reader_read_u16(reader);
        alteration.difference = sotto_reader_read_u8(reader);
    }
    if (size > sotto_reader_remaining(reader))
        size = sotto_reader_remaining(reader);
    const uint8_t *bytes = sotto_reader_read_bytes(reader, size);
    if (!bytes)
        return;
    if (what == 0)
        send_datagram(model, first >> 3, bytes, size);
    else
        send_check(model, first >> 3, what == 3 ? &model->previous : &model->current, bytes, size,
                   alteration);
}

static void step(struct model *model, struct sotto_reader *reader) {
    uint8_t first = sotto_reader_read_u8(reader);
    struct sotto_address address = address_of(first >> 3);
    switch (first & 7) {
    case 4:
        model->now_ms += sotto_reader_read_u8(reader) * (uint64_t)500;
        sotto_ice_lite_handle_timeout(&model->agent, model->now_ms);
        break;
    case 5:
        model->previous = model->current;
        model->current = credentials_of(++model->restart_count);
        sotto_ice_lite_restart(&model->agent, &model->current);
        break;
    case 6:
        sotto_ice_lite_remove_address(&model->agent, &address);
        break;
    case 7:
        model->lazy_steps = 3;
        break;
    default:
        step_packet(model, reader, first);
    }
    check_state(model);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct model model = {.now_ms = 1000, .selected = ADDRESS_COUNT};
    model.current = credentials_of(0);
    model.previous = model.current;
    sotto_ice_lite_init(&model.agent, &model.current);
    struct sotto_reader reader;
    sotto_reader_init(&reader, data, size);
    while (sotto_reader_remaining(&reader) > 0)
        step(&model, &reader);

    // With its events polled, everything ends.
    model.lazy_steps = 0;
    check_state(&model);
    for (int i = 0; i < 2; i++) {
        sotto_ice_lite_handle_timeout(&model.agent, model.now_ms + SOTTO_ICE_CONSENT_MS);
        check_state(&model);
    }
    SOTTO_ASSERT(model.agent.address_count == 0);
    SOTTO_ASSERT(sotto_ice_lite_poll_timeout(&model.agent) == UINT64_MAX);
    return 0;
}
