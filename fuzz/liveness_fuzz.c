// What parses as the inside of an answer is written again as the same bytes; sealed, it answers the
// challenges in it and no other, and names the same streams. The input is the inside of an answer.
#include "fuzz/streams.h"

#include "core/liveness.h"

static struct sotto_key_store store;
static struct sotto_sealer sealer;
static struct sotto_data_sender sender;

static void begin(void) {
    static const uint8_t stream_id[SOTTO_STREAM_ID_SIZE] = {4};
    struct sotto_stream_name name;
    fuzz_fill_store(&store);
    SOTTO_ASSERT(sotto_stream_name_init(&name, SOTTO_BYTES("room"), SOTTO_BYTES("alice"),
                                        (struct sotto_bytes){stream_id, sizeof stream_id},
                                        SOTTO_KIND_DATA));
    SOTTO_ASSERT(sotto_sealer_init(&sealer, &store, &name, SOTTO_AES_128_GCM_SHA256_128));
    sender = (struct sotto_data_sender){&store, SOTTO_BYTES("room"), SOTTO_BYTES("alice"),
                                        SOTTO_AES_128_GCM_SHA256_128};
}

static bool are_equal(const struct sotto_live_streams *a, const struct sotto_live_streams *b) {
    bool equal = a->count == b->count;
    for (size_t i = 0; equal && i < a->count; i++)
        equal = a->streams[i].kind == b->streams[i].kind &&
                a->streams[i].counter == b->streams[i].counter &&
                memcmp(a->streams[i].stream_id, b->streams[i].stream_id, SOTTO_STREAM_ID_SIZE) == 0;
    return equal;
}

static void check_sealed(struct sotto_bytes challenges, const struct sotto_live_streams *streams) {
    static uint8_t message[SOTTO_ANSWER_SIZE_MAX + SOTTO_DATA_OVERHEAD_MAX];
    struct sotto_live_streams opened;
    struct sotto_bytes sealed = {message, 0};
    SOTTO_ASSERT(sotto_liveness_seal_answer(&sealer, challenges, streams, message, sizeof message,
                                            &sealed.size) == SOTTO_OK);
    const uint8_t *last = challenges.data + challenges.size - SOTTO_CHALLENGE_SIZE;
    SOTTO_ASSERT(sotto_liveness_open_answer(&sender, last, sealed, &opened) == SOTTO_OK);
    SOTTO_ASSERT(are_equal(&opened, streams));

    // One that nobody sent: there are fewer challenges than values of its first two bytes.
    uint8_t other[SOTTO_CHALLENGE_SIZE];
    memcpy(other, last, sizeof other);
    bool is_among = true;
    for (uint16_t i = 0; is_among; i++) {
        other[0] = (uint8_t)i;
        other[1] = (uint8_t)(i >> 8);
        is_among = false;
        for (size_t at = 0; at < challenges.size; at += SOTTO_CHALLENGE_SIZE)
            is_among |= memcmp(challenges.data + at, other, sizeof other) == 0;
    }
    SOTTO_ASSERT(sotto_liveness_open_answer(&sender, other, sealed, &opened) == SOTTO_NOT_LIVE);
    SOTTO_ASSERT(opened.count == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static bool ready;
    if (!ready)
        begin();
    ready = true;
    struct sotto_reader reader;
    struct sotto_bytes challenges;
    struct sotto_live_streams streams;
    sotto_reader_init(&reader, data, size);
    sotto_liveness_parse_answer(&reader, &challenges, &streams);
    if (reader.failed) {
        SOTTO_ASSERT(challenges.size == 0 && streams.count == 0);
        return 0;
    }
    uint8_t written[SOTTO_ANSWER_SIZE_MAX];
    struct sotto_writer writer;
    sotto_writer_init(&writer, written, sizeof written);
    sotto_liveness_write_answer(&writer, challenges, &streams);
    SOTTO_ASSERT(!writer.failed && writer.offset == size);
    SOTTO_ASSERT(memcmp(written, data, size) == 0);
    check_sealed(challenges, &streams);
    return 0;
}
