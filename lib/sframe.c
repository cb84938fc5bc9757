#include "sotto/sframe.h"

#include "core/memory.h"
#include "core/sframe_any.h"
#include "lib/handle.h"

struct sotto_sframe_sealer {
    struct sotto_sframe_any key; // wiped: emptied by fork()
    uint64_t counter;
    bool is_exhausted;
};

struct sotto_sframe_opener {
    uint64_t kid;
    struct sotto_sframe_any key;
};

struct sotto_sframe_sealer *sotto_sframe_sealer_create(enum sotto_suite suite, uint64_t kid,
                                                       struct sotto_bytes base_key,
                                                       uint64_t counter) {
    struct sotto_sframe_sealer *sealer = sotto_handle_create(sizeof *sealer);
    if (!sealer)
        return NULL;
    sealer->counter = counter;
    if (sotto_sframe_any_init(&sealer->key, suite, kid, base_key) == SOTTO_OK)
        return sealer;
    sotto_sframe_sealer_destroy(sealer);
    return NULL;
}

void sotto_sframe_sealer_destroy(struct sotto_sframe_sealer *sealer) {
    if (sealer)
        sotto_sframe_any_wipe(&sealer->key);
    sotto_handle_destroy(sealer, sizeof *sealer);
}

uint64_t sotto_sframe_sealer_counter(const struct sotto_sframe_sealer *sealer) {
    return sealer->counter;
}

// What keeps a sealer from sealing, or SOTTO_OK.
static enum sotto_result look(const struct sotto_sframe_sealer *sealer) {
    if (sealer->key.suite == 0)
        return SOTTO_NOT_READY;
    return sealer->is_exhausted ? SOTTO_EXHAUSTED : SOTTO_OK;
}

enum sotto_result sotto_sframe_sealer_seal(struct sotto_sframe_sealer *sealer,
                                           struct sotto_bytes metadata, struct sotto_bytes frame,
                                           uint8_t *wire, size_t capacity, size_t *wire_size) {
    *wire_size = 0;
    enum sotto_result result = look(sealer);
    if (result != SOTTO_OK)
        return result;
    result = sotto_sframe_any_seal(&sealer->key, sealer->counter, &metadata, 1, frame, wire,
                                   capacity, wire_size);
    // Anything but these two may have used the nonce.
    if (result != SOTTO_INVALID && result != SOTTO_TOO_SMALL)
        sealer->is_exhausted = ++sealer->counter == 0;
    return result;
}

struct sotto_sframe_opener *sotto_sframe_opener_create(enum sotto_suite suite, uint64_t kid,
                                                       struct sotto_bytes base_key) {
    struct sotto_sframe_opener *opener = sotto_handle_create(sizeof *opener);
    if (!opener)
        return NULL;
    opener->kid = kid;
    if (sotto_sframe_any_init(&opener->key, suite, kid, base_key) == SOTTO_OK)
        return opener;
    sotto_sframe_opener_destroy(opener);
    return NULL;
}

void sotto_sframe_opener_destroy(struct sotto_sframe_opener *opener) {
    if (opener)
        sotto_sframe_any_wipe(&opener->key);
    sotto_handle_destroy(opener, sizeof *opener);
}

static enum sotto_result parse(const struct sotto_sframe_opener *opener, struct sotto_bytes wire,
                               struct sotto_sframe *parts) {
    if (opener->key.suite == 0)
        return SOTTO_NOT_READY;
    if (!sotto_sframe_any_parse(parts, opener->key.suite, wire))
        return SOTTO_NOT_SEALED;
    return parts->header.kid == opener->kid ? SOTTO_OK : SOTTO_MISSING_KEY;
}

enum sotto_result sotto_sframe_opener_open(struct sotto_sframe_opener *opener,
                                           struct sotto_bytes metadata, struct sotto_bytes wire,
                                           uint8_t *frame, size_t capacity, size_t *frame_size,
                                           uint64_t *counter) {
    struct sotto_sframe parts;
    *frame_size = 0;
    if (counter)
        *counter = 0;
    enum sotto_result result = parse(opener, wire, &parts);
    if (result == SOTTO_OK)
        result = sotto_sframe_any_open(&opener->key, &parts, &metadata, 1, frame, capacity);
    if (result != SOTTO_OK) {
        sotto_blank_output(frame, wire.size, capacity);
        return result;
    }
    *frame_size = parts.ciphertext.size;
    if (counter)
        *counter = parts.header.counter;
    return SOTTO_OK;
}

bool sotto_sframe_read_header(struct sotto_bytes wire, uint64_t *kid, uint64_t *counter) {
    struct sotto_reader reader;
    struct sotto_sframe_header header;
    sotto_reader_init(&reader, wire.data, wire.size);
    sotto_sframe_header_parse(&reader, &header);
    *kid = header.kid;
    *counter = header.counter;
    return !reader.failed;
}
