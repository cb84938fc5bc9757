// In every suite: sealing and opening is identity, within the stated sizes; a frame with another
// bit, one byte less or one more does not open; and of all other bytes only those open that sealing
// their plaintext gives, so that no frame has a second encoding.
//
// The input's first byte says the suite and whether the rest is what is to be sealed (a byte that
// says how long KID and counter are, 8 bytes of each, a place to alter, the size of the metadata,
// then metadata and plaintext) or what was received.
#include "core/assert.h"
#include "core/reader.h"
#include "core/sframe_any.h"

#include <stdlib.h>
#include <string.h>

// That of the RFC's vectors.
static const uint8_t base_key[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

static enum sotto_suite suite;
static struct sotto_bytes metadata;

static void init_key(struct sotto_sframe_any *key, uint64_t kid) {
    SOTTO_ASSERT(sotto_sframe_any_init(key, suite, kid,
                                       (struct sotto_bytes){base_key, sizeof base_key}) ==
                 SOTTO_OK);
}

static uint8_t *allocate(size_t size) {
    uint8_t *memory = malloc(size + 1);
    SOTTO_ASSERT(memory);
    memset(memory, 0xA5, size + 1);
    return memory;
}

// Sealed into memory of exactly the size it must have; owned by the caller.
static struct sotto_bytes seal(uint64_t kid, uint64_t counter, struct sotto_bytes plaintext) {
    struct sotto_sframe_any key;
    uint8_t *roomy = allocate(plaintext.size + SOTTO_SFRAME_OVERHEAD_MAX);
    size_t size, again;
    init_key(&key, kid);
    SOTTO_ASSERT(sotto_sframe_any_seal(&key, counter, &metadata, 1, plaintext, roomy,
                                       plaintext.size + SOTTO_SFRAME_OVERHEAD_MAX,
                                       &size) == SOTTO_OK);
    SOTTO_ASSERT(size <= plaintext.size + SOTTO_SFRAME_OVERHEAD_MAX);
    uint8_t *exact = allocate(size);
    SOTTO_ASSERT(sotto_sframe_any_seal(&key, counter, &metadata, 1, plaintext, exact, size - 1,
                                       &again) == SOTTO_TOO_SMALL);
    SOTTO_ASSERT(sotto_sframe_any_seal(&key, counter, &metadata, 1, plaintext, exact, size,
                                       &again) == SOTTO_OK);
    SOTTO_ASSERT(again == size && memcmp(roomy, exact, size) == 0 && exact[size] == 0xA5);
    sotto_sframe_any_wipe(&key);
    free(roomy);
    return (struct sotto_bytes){exact, size};
}

static bool opens(struct sotto_bytes wire, struct sotto_bytes *plaintext, uint8_t *opened) {
    struct sotto_sframe sframe;
    if (!sotto_sframe_any_parse(&sframe, suite, wire)) {
        SOTTO_ASSERT(!sframe.tag && sframe.tag_size == 0 && sframe.header_bytes.size == 0);
        return false;
    }
    struct sotto_sframe_any key;
    init_key(&key, sframe.header.kid);
    size_t size = sframe.ciphertext.size;
    enum sotto_result result = sotto_sframe_any_open(&key, &sframe, &metadata, 1, opened, size);
    SOTTO_ASSERT(opened[size] == 0xA5);
    SOTTO_ASSERT(result == SOTTO_OK || result == SOTTO_TAMPERED);
    if (result == SOTTO_OK) {
        *plaintext = (struct sotto_bytes){opened, size};
        struct sotto_bytes sealed = seal(sframe.header.kid, sframe.header.counter, *plaintext);
        SOTTO_ASSERT(sealed.size == wire.size && memcmp(sealed.data, wire.data, wire.size) == 0);
        free((void *)(uintptr_t)sealed.data);
    }
    for (size_t i = 0; result != SOTTO_OK && i < size; i++)
        SOTTO_ASSERT(opened[i] == 0);
    sotto_sframe_any_wipe(&key);
    return result == SOTTO_OK;
}

// A copy in memory of exactly its size, opened there.
static bool opens_copy(struct sotto_bytes wire, struct sotto_bytes original) {
    uint8_t *copy = malloc(wire.size ? wire.size : 1);
    uint8_t *opened = allocate(wire.size);
    struct sotto_bytes plaintext = {NULL, 0};
    SOTTO_ASSERT(copy);
    if (wire.size > 0)
        memcpy(copy, wire.data, wire.size);
    bool done = opens((struct sotto_bytes){copy, wire.size}, &plaintext, opened);
    if (done && original.data)
        SOTTO_ASSERT(plaintext.size == original.size &&
                     memcmp(opened, original.data, original.size) == 0);
    free(copy);
    free(opened);
    return done;
}

// With a tag of 32 bits chance opens one altered frame in 2^32; longer ones leave it no chance.
static void check_altered(struct sotto_bytes sealed, size_t place) {
    static const struct sotto_bytes none = {NULL, 0};
    const bool may_open = suite == SOTTO_AES_128_CTR_HMAC_SHA256_32;
    uint8_t *altered = allocate(sealed.size + 1);
    memcpy(altered, sealed.data, sealed.size);
    altered[place / 8 % sealed.size] ^= (uint8_t)(1 << place % 8);
    SOTTO_ASSERT(!opens_copy((struct sotto_bytes){altered, sealed.size}, none) || may_open);
    altered[place / 8 % sealed.size] ^= (uint8_t)(1 << place % 8);
    SOTTO_ASSERT(!opens_copy((struct sotto_bytes){altered, sealed.size - 1}, none) || may_open);
    SOTTO_ASSERT(!opens_copy((struct sotto_bytes){altered, sealed.size + 1}, none) || may_open);
    free(altered);
}

static void check_sealing(struct sotto_reader *reader) {
    uint8_t widths = sotto_reader_read_u8(reader);
    uint64_t kid = sotto_reader_read_u64(reader) >> 8 * (widths & 7);
    uint64_t counter = sotto_reader_read_u64(reader) >> 8 * (widths >> 4 & 7);
    size_t place = sotto_reader_read_u16(reader);
    metadata.size = sotto_reader_read_u8(reader);
    metadata.data = sotto_reader_read_bytes(reader, metadata.size);
    if (reader->failed)
        return;
    struct sotto_bytes plaintext = {NULL, sotto_reader_remaining(reader)};
    plaintext.data = sotto_reader_read_bytes(reader, plaintext.size);
    struct sotto_bytes sealed = seal(kid, counter, plaintext);
    SOTTO_ASSERT(opens_copy(sealed, plaintext));
    check_altered(sealed, place);
    free((void *)(uintptr_t)sealed.data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct sotto_reader reader;
    sotto_reader_init(&reader, data, size);
    uint8_t choice = sotto_reader_read_u8(&reader);
    suite = (enum sotto_suite)(1 + choice % 5);
    if (choice & 0x80) {
        check_sealing(&reader);
    } else if (!reader.failed) {
        // What the vectors authenticate.
        metadata = SOTTO_BYTES("IETF SFrame WG");
        (void)opens_copy((struct sotto_bytes){data + 1, size - 1}, (struct sotto_bytes){NULL, 0});
    }
    return 0;
}
