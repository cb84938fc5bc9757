// A datagram of any content: what is parsed and written again is parsed to the same message.
//
// So that the fuzzer gets past the checksum, a FINGERPRINT at the end is made right first, unless
// the first byte of the input is 0xff. That byte is also the capacity of one more writing.
#include "core/assert.h"
#include "proto/crc32.h"
#include "proto/stun.h"

#include <stdlib.h>
#include <string.h>

static const uint8_t key[] = "VOkJxbRl1RmTxUk/WvJxBt";

static void mend_fingerprint(uint8_t *data, size_t size) {
    static const uint8_t header[4] = {0x80, 0x28, 0, 4};
    if (size < 28 || memcmp(data + size - 8, header, 4) != 0)
        return;
    uint32_t crc = sotto_crc32(data, size - 8) ^ 0x5354554e;
    for (size_t i = 0; i < 4; i++)
        data[size - 4 + i] = (uint8_t)(crc >> (24 - 8 * i));
}

static void check_types(const struct sotto_stun_types *a, const struct sotto_stun_types *b) {
    SOTTO_ASSERT(a->count == b->count && a->count <= SOTTO_STUN_TYPE_COUNT_MAX);
    SOTTO_ASSERT(memcmp(a->types, b->types, sizeof a->types) == 0);
}

static void check_same(const struct sotto_stun_message *a, const struct sotto_stun_message *b) {
    SOTTO_ASSERT(a->class == b->class);
    SOTTO_ASSERT(memcmp(a->transaction_id, b->transaction_id, sizeof a->transaction_id) == 0);
    SOTTO_ASSERT((a->username == NULL) == (b->username == NULL));
    SOTTO_ASSERT(a->username_size == b->username_size);
    SOTTO_ASSERT(!a->username || memcmp(a->username, b->username, a->username_size) == 0);
    SOTTO_ASSERT(a->priority == b->priority && a->use_candidate == b->use_candidate);
    SOTTO_ASSERT(a->role == b->role && a->tie_breaker == b->tie_breaker);
    SOTTO_ASSERT(sotto_address_equal(&a->mapped_address, &b->mapped_address));
    SOTTO_ASSERT(a->error_code == b->error_code && a->has_fingerprint == b->has_fingerprint);
    check_types(&a->refused, &b->refused);
}

static void check_round_trip(const struct sotto_stun_message *message) {
    uint8_t written[SOTTO_STUN_SIZE_MAX];
    const uint8_t *write_key = message->integrity_offset != 0 ? key : NULL;
    size_t size = sotto_stun_write(message, write_key, sizeof key - 1, written, sizeof written);
    SOTTO_ASSERT(size > 0);
    struct sotto_stun_message again;
    SOTTO_ASSERT(sotto_stun_parse(&again, written, size));
    check_same(message, &again);
    SOTTO_ASSERT(again.unknown.count == 0);
    SOTTO_ASSERT(sotto_stun_verify(&again, key, sizeof key - 1) == (write_key != NULL));
}

// A fragment that parsing finds is found without it.
static void check_peek(const struct sotto_stun_message *message, const uint8_t *data, size_t size) {
    const uint8_t *fragment;
    size_t fragment_size;
    bool found = sotto_stun_peek_username(data, size, &fragment, &fragment_size);
    SOTTO_ASSERT(found == (fragment != NULL) && found == (fragment_size > 0));
    if (found)
        SOTTO_ASSERT(fragment > data && fragment + fragment_size < data + size);
    if (!message->username || message->class != SOTTO_STUN_REQUEST)
        return;
    const uint8_t *colon = NULL;
    if (message->username_size > 0)
        colon = memchr(message->username, ':', message->username_size);
    if (colon && colon > message->username)
        SOTTO_ASSERT(fragment == message->username && fragment + fragment_size == colon);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0)
        return 0;
    uint8_t option = data[0];
    size--;
    uint8_t *copy = malloc(size ? size : 1);
    SOTTO_ASSERT(copy);
    memcpy(copy, data + 1, size);
    if (option != 0xff)
        mend_fingerprint(copy, size);

    struct sotto_stun_message message;
    bool parsed = sotto_stun_parse(&message, copy, size);
    SOTTO_ASSERT(!parsed || size <= SOTTO_STUN_SIZE_MAX);
    check_peek(&message, copy, size);
    if (parsed) {
        SOTTO_ASSERT(!sotto_stun_verify(&message, key, sizeof key - 2));
        check_round_trip(&message);
        uint8_t *small = malloc(option ? option : 1);
        SOTTO_ASSERT(small);
        SOTTO_ASSERT(sotto_stun_write(&message, key, sizeof key - 1, small, option) <= option);
        free(small);
    }
    free(copy);
    return 0;
}
