// Only the five suites and base keys that are not empty give keys; the same gives the same, the
// next step of a ratchet does not depend on where it is written, and nothing is written beyond its
// size. The input is the suite, the KID and the base key.
#include "core/assert.h"
#include "core/memory.h"
#include "core/reader.h"
#include "core/sframe_key.h"

struct derived {
    uint8_t salt[SOTTO_SFRAME_NONCE_SIZE];
    uint8_t key[SOTTO_SFRAME_CIPHER_KEY_SIZE_MAX];
    uint8_t next[SOTTO_HASH_SIZE_MAX];
};

static enum sotto_result derive(struct derived *derived, enum sotto_suite suite, uint64_t kid,
                                struct sotto_bytes base_key) {
    memset(derived, 0xA5, sizeof *derived);
    enum sotto_result result =
        sotto_sframe_key_derive(suite, kid, base_key, derived->salt, derived->key);
    SOTTO_ASSERT(sotto_sframe_key_derive_next(suite, base_key, derived->next) == result);
    return result;
}

static void check_zeros(const struct derived *derived) {
    static const struct derived zeros;
    SOTTO_ASSERT(memcmp(derived, &zeros, sizeof zeros) == 0);
}

// What is behind the suite's sizes is as it was.
static void check_sizes(const struct derived *derived, const struct sotto_sframe_suite *suite) {
    for (size_t i = suite->key_size; i < sizeof derived->key; i++)
        SOTTO_ASSERT(derived->key[i] == 0xA5);
    for (size_t i = sotto_hash_size(suite->hash); i < sizeof derived->next; i++)
        SOTTO_ASSERT(derived->next[i] == 0xA5);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct sotto_reader reader;
    sotto_reader_init(&reader, data, size);
    enum sotto_suite suite = (enum sotto_suite)sotto_reader_read_u16(&reader);
    uint64_t kid = sotto_reader_read_u64(&reader);
    struct sotto_bytes base_key = {NULL, sotto_reader_remaining(&reader)};
    base_key.data = sotto_reader_read_bytes(&reader, base_key.size);
    if (reader.failed)
        return 0;

    const struct sotto_sframe_suite *found = sotto_sframe_suite_find(suite);
    struct derived first, second;
    enum sotto_result result = derive(&first, suite, kid, base_key);
    SOTTO_ASSERT(result == (found && base_key.size > 0 ? SOTTO_OK : SOTTO_INVALID));
    if (result != SOTTO_OK) {
        check_zeros(&first);
        return 0;
    }
    check_sizes(&first, found);
    SOTTO_ASSERT(derive(&second, suite, kid, base_key) == SOTTO_OK);
    SOTTO_ASSERT(memcmp(&first, &second, sizeof first) == 0);
    SOTTO_ASSERT(derive(&second, suite, kid ^ 1, base_key) == SOTTO_OK);
    SOTTO_ASSERT(memcmp(first.salt, second.salt, sizeof first.salt) != 0);
    SOTTO_ASSERT(memcmp(first.key, second.key, found->key_size) != 0);

    uint8_t in_place[SOTTO_HASH_SIZE_MAX];
    if (base_key.size <= sizeof in_place) {
        memcpy(in_place, base_key.data, base_key.size);
        SOTTO_ASSERT(sotto_sframe_key_derive_next(
                         suite, (struct sotto_bytes){in_place, base_key.size}, in_place) ==
                     SOTTO_OK);
        SOTTO_ASSERT(memcmp(in_place, first.next, sotto_hash_size(found->hash)) == 0);
    }
    return 0;
}
