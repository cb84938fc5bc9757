// Whatever comes from the wire, nothing opens but the messages that were sealed, each under its own
// label; and whatever is sealed opens again, under its label and no other. The input is a byte that
// says which of the two, the sizes of type and name, and the bytes; the corpus holds the sealed
// messages.
#include "fuzz/streams.h"

#include "core/data_message.h"

enum { LABEL_COUNT = 3, MESSAGE_SIZE_MAX = 64 };

static struct sotto_key_store store;
static struct sotto_stream_name name;
static struct sotto_data_sender sender;
static struct sotto_data_label labels[LABEL_COUNT];

// What was sealed under each label: the label's number, so many times.
static uint8_t sealed[LABEL_COUNT][MESSAGE_SIZE_MAX + SOTTO_DATA_OVERHEAD_MAX];
static size_t sealed_sizes[LABEL_COUNT];

static void begin(void) {
    static const uint8_t stream_id[SOTTO_STREAM_ID_SIZE] = {4};
    fuzz_fill_store(&store);
    SOTTO_ASSERT(sotto_stream_name_init(&name, SOTTO_BYTES("room"), SOTTO_BYTES("alice"),
                                        (struct sotto_bytes){stream_id, sizeof stream_id},
                                        SOTTO_KIND_DATA));
    sender = (struct sotto_data_sender){&store, SOTTO_BYTES("room"), SOTTO_BYTES("alice"),
                                        SOTTO_AES_128_GCM_SHA256_128};
    labels[0] = (struct sotto_data_label){.type = SOTTO_BYTES("liveness"), .is_last = true};
    labels[1] = (struct sotto_data_label){SOTTO_BYTES("chat"), SOTTO_BYTES("topic"), 0, true};
    labels[2] = (struct sotto_data_label){SOTTO_BYTES("file"), SOTTO_BYTES("topic"), 77, false};
    for (uint8_t i = 0; i < LABEL_COUNT; i++) {
        struct sotto_sealer sealer;
        uint8_t message[MESSAGE_SIZE_MAX];
        memset(message, i, sizeof message);
        SOTTO_ASSERT(sotto_sealer_init(&sealer, &store, &name,
                                       i == 1 ? SOTTO_AES_256_GCM_SHA512_128
                                              : SOTTO_AES_128_GCM_SHA256_128));
        sealer.counter = i * 1000u;
        SOTTO_ASSERT(sotto_data_message_seal(&sealer, &labels[i], (struct sotto_bytes){message, i},
                                             sealed[i], sizeof sealed[i],
                                             &sealed_sizes[i]) == SOTTO_OK);
        sotto_sealer_wipe(&sealer);
    }
}

static void check_opening(struct sotto_bytes wire) {
    uint8_t *message = malloc(wire.size + 1);
    SOTTO_ASSERT(message);
    for (size_t i = 0; i < LABEL_COUNT; i++) {
        struct sotto_data_origin origin;
        size_t size;
        memset(message, 0xA5, wire.size + 1);
        const enum sotto_result result = sotto_data_message_open(&sender, &labels[i], wire, message,
                                                                 wire.size, &size, &origin);
        const bool is_sealed =
            wire.size == sealed_sizes[i] && memcmp(wire.data, sealed[i], wire.size) == 0;
        SOTTO_ASSERT((result == SOTTO_OK) == is_sealed);
        SOTTO_ASSERT(size == (is_sealed ? i : 0));
        SOTTO_ASSERT(origin.counter == (is_sealed ? i * 1000 : 0));
        for (size_t k = 0; k < (is_sealed ? size : wire.size); k++)
            SOTTO_ASSERT(message[k] == (is_sealed ? i : 0));
        SOTTO_ASSERT(message[wire.size] == 0xA5);
    }
    free(message);
}

static void check_identity(const struct sotto_data_label *label, struct sotto_bytes message) {
    const size_t capacity = message.size + SOTTO_DATA_OVERHEAD_MAX;
    uint8_t *wire = malloc(capacity), *opened = malloc(message.size + 1);
    struct sotto_sealer sealer;
    struct sotto_data_origin origin;
    size_t size, opened_size;
    SOTTO_ASSERT(wire && opened);
    SOTTO_ASSERT(sotto_sealer_init(&sealer, &store, &name, SOTTO_AES_128_GCM_SHA256_128));
    enum sotto_result result =
        sotto_data_message_seal(&sealer, label, message, wire, capacity, &size);
    SOTTO_ASSERT((result == SOTTO_OK) == (label->type.size > 0));
    if (result == SOTTO_OK) {
        const struct sotto_bytes sent = {wire, size};
        SOTTO_ASSERT(sotto_data_message_open(&sender, label, sent, opened, message.size,
                                             &opened_size, &origin) == SOTTO_OK);
        SOTTO_ASSERT(opened_size == message.size);
        SOTTO_ASSERT(message.size == 0 || memcmp(opened, message.data, message.size) == 0);
        struct sotto_data_label other = *label;
        other.index++;
        SOTTO_ASSERT(sotto_data_message_open(&sender, &other, sent, opened, message.size,
                                             &opened_size, &origin) == SOTTO_TAMPERED);
    }
    sotto_sealer_wipe(&sealer);
    free(wire);
    free(opened);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static bool ready;
    if (!ready)
        begin();
    ready = true;
    if (size < 3)
        return 0;
    const struct sotto_bytes rest = {data + 3, size - 3};
    if (data[0] == 0) {
        check_opening(rest);
        return 0;
    }
    const size_t type_size = data[1] < rest.size ? data[1] : rest.size;
    const size_t name_size = data[2] < rest.size - type_size ? data[2] : rest.size - type_size;
    const struct sotto_data_label label = {{rest.data, type_size},
                                           {rest.data + type_size, name_size},
                                           data[0],
                                           data[0] % 2 == 1};
    check_identity(&label, (struct sotto_bytes){rest.data + type_size + name_size,
                                                rest.size - type_size - name_size});
    return 0;
}
