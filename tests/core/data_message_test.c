#include "core/data_message.h"

#include "tests/core/frame_vectors.h"

enum { MESSAGE_SIZE_MAX = 100 };

static const struct sotto_data_label chat = {.type = {(const uint8_t *)"chat", 4},
                                             .name = {(const uint8_t *)"everybody", 9},
                                             .index = 7,
                                             .is_last = true};
static const uint8_t hello[] = {'h', 'e', 'l', 'l', 'o', ' ', 't', 'h', 'e', 'r', 'e'};

static struct sotto_key_store store;
static struct sotto_sealer sealer;

static void begin_suite(enum sotto_suite suite) {
    struct sotto_stream_name name = make_name("room", "alice", 1, SOTTO_KIND_DATA);
    sotto_key_store_init(&store);
    set_secret(&store, 0);
    CHECK(sotto_sealer_init(&sealer, &store, &name, suite));
}

static void begin(void) {
    begin_suite(SUITE_4);
}

static void end(void) {
    sotto_sealer_wipe(&sealer);
    sotto_key_store_wipe(&store);
}

static struct sotto_data_sender alices(void) {
    return (struct sotto_data_sender){&store, bytes_of_text("room"), bytes_of_text("alice"),
                                      SUITE_4};
}

// Into memory of exactly the size that is always enough.
static struct wire seal_message(const struct sotto_data_label *label, const uint8_t *message,
                                size_t size) {
    struct wire wire = {malloc(size + SOTTO_DATA_OVERHEAD_MAX), 0};
    CHECK(wire.data);
    CHECK_EQ(sotto_data_message_seal(&sealer, label, (struct sotto_bytes){message, size}, wire.data,
                                     size + SOTTO_DATA_OVERHEAD_MAX, &wire.size),
             SOTTO_OK);
    struct wire exact = copy_wire(wire.data, wire.size);
    free(wire.data);
    return exact;
}

static struct wire seal_hello(void) {
    return seal_message(&chat, hello, sizeof hello);
}

static enum sotto_result open_as(const struct sotto_data_sender *sender,
                                 const struct sotto_data_label *label, struct wire wire) {
    struct wire opened = copy_wire(wire.data, wire.size);
    struct sotto_data_origin origin;
    size_t size;
    enum sotto_result result =
        sotto_data_message_open(sender, label, (struct sotto_bytes){wire.data, wire.size},
                                opened.data, opened.size, &size, &origin);
    for (size_t i = 0; result != SOTTO_OK && i < opened.size; i++)
        CHECK_EQ(opened.data[i], 0);
    for (size_t i = 0; result != SOTTO_OK && i < sizeof origin.stream_id; i++)
        CHECK_EQ(origin.stream_id[i], 0);
    if (result == SOTTO_OK)
        CHECK_BYTES(opened.data, hello, sizeof hello);
    CHECK_EQ(size, result == SOTTO_OK ? sizeof hello : 0);
    free(opened.data);
    return result;
}

static enum sotto_result open_hello(struct wire wire) {
    struct sotto_data_sender sender = alices();
    return open_as(&sender, &chat, wire);
}

TEST(messages_of_every_size_open_as_they_were_sealed_in_both_suites) {
    for (int suite = 4; suite <= 5; suite++) {
        begin_suite((enum sotto_suite)suite);
        struct sotto_data_sender sender = alices();
        uint8_t message[MESSAGE_SIZE_MAX], opened[MESSAGE_SIZE_MAX];
        for (size_t size = 0; size <= MESSAGE_SIZE_MAX; size++) {
            struct sotto_data_origin origin;
            size_t opened_size;
            memset(message, (int)size, sizeof message);
            struct wire wire = seal_message(&chat, message, size);
            CHECK_EQ(sotto_data_message_open(&sender, &chat,
                                             (struct sotto_bytes){wire.data, wire.size}, opened,
                                             size, &opened_size, &origin),
                     SOTTO_OK);
            CHECK_EQ(opened_size, size);
            CHECK_BYTES(opened, message, size);
            CHECK_EQ(origin.counter, size);
            CHECK_BYTES(origin.stream_id, wire.data, SOTTO_STREAM_ID_SIZE);
            CHECK_EQ(origin.stream_id[0], 1);
            free(wire.data);
        }
        end();
    }
}

static struct sotto_data_label row_label(const json_t *row) {
    const json_t *label = json_object_get(row, "label");
    return (struct sotto_data_label){.type = row_text_bytes(label, "type"),
                                     .name = row_text_bytes(label, "name"),
                                     .index = row_number(label, "index"),
                                     .is_last = json_is_true(json_object_get(label, "is_last"))};
}

static void check_row(const json_t *row) {
    row_key_store(row, &store);
    row_data_sealer(row, &store, &sealer);
    const struct sotto_data_label label = row_label(row);
    const struct sotto_data_sender sender = row_sender(row, &store);
    struct wire message = row_wire(row, "message_hex"), expected = row_wire(row, "wire_hex");
    struct wire wire = seal_message(&label, message.data, message.size);
    CHECK_EQ(wire.size, expected.size);
    CHECK_BYTES(wire.data, expected.data, expected.size);

    struct wire opened = copy_wire(expected.data, expected.size);
    struct sotto_data_origin origin;
    CHECK_EQ(sotto_data_message_open(&sender, &label,
                                     (struct sotto_bytes){expected.data, expected.size},
                                     opened.data, opened.size, &opened.size, &origin),
             SOTTO_OK);
    CHECK_EQ(opened.size, message.size);
    CHECK_BYTES(opened.data, message.data, message.size);
    CHECK_EQ(origin.counter, row_number(row, "ctr"));
    free(message.data);
    free(expected.data);
    free(wire.data);
    free(opened.data);
    end();
}

static void check_refused_row(const json_t *row) {
    row_key_store(row, &store);
    const struct sotto_data_label label = row_label(row);
    const struct sotto_data_sender sender = row_sender(row, &store);
    struct wire wire = row_wire(row, "wire_hex");
    CHECK_TEXT(sotto_reason_text(open_as(&sender, &label, wire)), row_text(row, "result"));
    free(wire.data);
    sotto_key_store_wipe(&store);
}

TEST(the_rows_of_the_vectors_are_sealed_opened_and_refused) {
    CHECK_EQ(vectors_each("messages", check_row), MESSAGE_VECTOR_COUNT);
    CHECK_EQ(vectors_each("refused_messages", check_refused_row), REFUSED_MESSAGE_VECTOR_COUNT);
}

// Layout 0, and the label's bytes one by one (docs/frame-format.md).
TEST(what_is_authenticated_is_as_documented) {
    static const uint8_t label[] = {0, 4, 'c', 'h', 'a', 't',  0, 9, 'e', 'v', 'e', 'r', 'y',
                                    'b', 'o', 'd', 'y', 0,    0, 0, 0,   0,   0,   0,   7, 1};
    begin();
    struct wire wire = seal_hello();
    CHECK_EQ(wire.size, 16 + 5 + sizeof hello + 16 + 1);
    CHECK_EQ(wire.data[wire.size - 1], 0xE0);
    struct sotto_sframe sframe;
    struct sotto_sframe_key key;
    struct sotto_room_secret secret = make_secret(0);
    CHECK(sotto_sframe_parse(&sframe, (struct sotto_bytes){wire.data + 16, wire.size - 17}));
    CHECK_EQ(sotto_key_schedule_init_sframe_key(&key, SUITE_4, kid_of(secret), &secret,
                                                &sealer.name),
             SOTTO_OK);
    struct sotto_bytes metadata[] = {{wire.data + wire.size - 1, 1}, {label, sizeof label}};
    uint8_t opened[sizeof hello];
    CHECK_EQ(sotto_sframe_open(&key, &sframe, metadata, 2, opened, sizeof opened), SOTTO_OK);
    CHECK_BYTES(opened, hello, sizeof hello);
    sotto_sframe_key_wipe(&key);
    free(wire.data);
    end();
}

TEST(no_cut_and_no_flipped_bit_opens) {
    begin();
    struct wire wire = seal_hello();
    for (size_t cut = 0; cut < wire.size; cut++) {
        struct wire shorter = copy_wire(wire.data, cut);
        CHECK(open_hello(shorter) != SOTTO_OK);
        free(shorter.data);
    }
    for (size_t bit = 0; bit < 8 * wire.size; bit++) {
        wire.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        CHECK(open_hello(wire) != SOTTO_OK);
        wire.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    CHECK_EQ(open_hello(wire), SOTTO_OK);
    CHECK_EQ(open_hello(wire), SOTTO_OK); // it remembers nothing
    free(wire.data);
    end();
}

TEST(a_message_opens_under_no_other_label) {
    begin();
    struct wire wire = seal_hello();
    struct sotto_data_sender sender = alices();
    const struct sotto_data_label others[] = {
        {SOTTO_BYTES("chas"), chat.name, 7, true},
        {SOTTO_BYTES("chate"), SOTTO_BYTES("verybody"), 7, true},
        {chat.type, SOTTO_BYTES("nobody"), 7, true},
        {chat.type, {NULL, 0}, 7, true},
        {chat.type, chat.name, 6, true},
        {chat.type, chat.name, 7 + (UINT64_C(1) << 63), true},
        {chat.type, chat.name, 7, false},
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        CHECK_EQ(open_as(&sender, &others[i], wire), SOTTO_TAMPERED);
    CHECK_EQ(open_hello(wire), SOTTO_OK);
    free(wire.data);
    end();
}

TEST(a_message_opens_as_nobody_elses_and_in_no_other_room) {
    begin();
    struct wire wire = seal_hello();
    struct sotto_data_sender sender = alices();
    sender.participant_id = bytes_of_text("bob");
    CHECK_EQ(open_as(&sender, &chat, wire), SOTTO_TAMPERED);
    sender = alices();
    sender.room_id = bytes_of_text("rooms");
    CHECK_EQ(open_as(&sender, &chat, wire), SOTTO_TAMPERED);
    sender = alices();
    sender.participant_id.size = 0;
    CHECK_EQ(open_as(&sender, &chat, wire), SOTTO_INVALID);
    free(wire.data);
    end();
}

TEST(keys_and_suites_are_looked_at_as_in_frames) {
    begin();
    struct wire wire = seal_hello();
    struct sotto_data_sender sender = alices();
    sender.suite_min = SUITE_5;
    CHECK_EQ(open_as(&sender, &chat, wire), SOTTO_NOT_SEALED);
    set_secret(&store, 1);
    CHECK_EQ(open_hello(wire), SOTTO_OK);
    CHECK(sotto_key_store_remove(&store, kid_of(make_secret(0))));
    CHECK_EQ(open_hello(wire), SOTTO_MISSING_KEY);
    free(wire.data);
    end();
}

TEST(frames_are_no_messages_and_messages_no_frames) {
    begin();
    struct sotto_opener opener;
    CHECK(sotto_opener_init(&opener, &store, &sealer.name, SUITE_4, SOTTO_LIVENESS_NOT_NEEDED));
    struct wire message = seal_hello();
    struct wire inner = copy_wire(message.data + 16, message.size - 16);
    CHECK_EQ(open_result(&opener, inner), SOTTO_TAMPERED);
    // What the same stream seals without a label is no message either.
    struct wire frame = seal_frame(&sealer, SOTTO_CODEC_OTHER, hello, sizeof hello);
    struct wire outer = copy_wire(message.data, 16 + frame.size);
    memcpy(outer.data + 16, frame.data, frame.size);
    CHECK_EQ(open_hello(outer), SOTTO_TAMPERED);
    free(frame.data);
    free(outer.data);
    // Nor is another layout.
    frame = seal_frame(&sealer, SOTTO_CODEC_VP8, hello, sizeof hello);
    CHECK_EQ(frame.data[frame.size - 1], 0xE1);
    outer = copy_wire(message.data, 16 + frame.size);
    memcpy(outer.data + 16, frame.data, frame.size);
    CHECK_EQ(open_hello(outer), SOTTO_NOT_SEALED);
    free(message.data);
    free(inner.data);
    free(frame.data);
    free(outer.data);
    sotto_opener_wipe(&opener);
    end();
}

TEST(labels_and_sealers_outside_what_is_allowed_are_refused) {
    begin();
    static const uint8_t text[256] = {'x'};
    uint8_t wire[sizeof hello + SOTTO_DATA_OVERHEAD_MAX];
    size_t size;
    const struct sotto_bytes message = {hello, sizeof hello};
    const struct sotto_data_label bad[] = {
        {{NULL, 0}, chat.name, 0, true},
        {{text, 256}, chat.name, 0, true},
        {chat.type, {text, 256}, 0, true},
    };
    struct sotto_data_sender sender = alices();
    struct wire sealed = seal_hello();
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        CHECK_EQ(sotto_data_message_seal(&sealer, &bad[i], message, wire, sizeof wire, &size),
                 SOTTO_INVALID);
        CHECK_EQ(open_as(&sender, &bad[i], sealed), SOTTO_INVALID);
    }
    free(sealed.data);
    const struct sotto_data_label longest = {{text, 255}, {text, 255}, UINT64_MAX, false};
    sealed = seal_message(&longest, hello, sizeof hello);
    CHECK_EQ(open_as(&sender, &longest, sealed), SOTTO_OK);
    free(sealed.data);
    CHECK_EQ(sealer.counter, 2);

    struct sotto_stream_name video = alice();
    sotto_sealer_wipe(&sealer);
    CHECK_EQ(sotto_data_message_seal(&sealer, &chat, message, wire, sizeof wire, &size),
             SOTTO_NOT_READY);
    CHECK(sotto_sealer_init(&sealer, &store, &video, SUITE_4));
    CHECK_EQ(sotto_data_message_seal(&sealer, &chat, message, wire, sizeof wire, &size),
             SOTTO_INVALID);
    CHECK_EQ(sealer.counter, 0);
    end();
}

TEST(a_destination_one_byte_too_small_is_refused_and_uses_up_no_counter) {
    begin();
    struct wire wire = seal_hello();
    sealer.counter = 0;
    for (size_t capacity = 0; capacity < wire.size; capacity++) {
        struct wire small = copy_wire(wire.data, capacity);
        size_t size = 1;
        CHECK_EQ(sotto_data_message_seal(&sealer, &chat, (struct sotto_bytes){hello, sizeof hello},
                                         small.data, capacity, &size),
                 SOTTO_TOO_SMALL);
        CHECK_EQ(size, 0);
        free(small.data);
    }
    CHECK_EQ(sealer.counter, 0);
    struct sotto_data_sender sender = alices();
    struct sotto_data_origin origin;
    uint8_t opened[sizeof hello - 1];
    size_t size;
    CHECK_EQ(sotto_data_message_open(&sender, &chat, (struct sotto_bytes){wire.data, wire.size},
                                     opened, sizeof opened, &size, &origin),
             SOTTO_TOO_SMALL);
    free(wire.data);
    end();
}

TEST(no_message_is_sealed_without_a_key_or_after_the_last_counter) {
    begin();
    uint8_t wire[sizeof hello + SOTTO_DATA_OVERHEAD_MAX];
    const struct sotto_bytes message = {hello, sizeof hello};
    size_t size;
    sealer.counter = SOTTO_FRAMES_MAX - 1;
    struct wire last = seal_hello();
    CHECK_EQ(open_hello(last), SOTTO_OK);
    free(last.data);
    CHECK_EQ(sotto_data_message_seal(&sealer, &chat, message, wire, sizeof wire, &size),
             SOTTO_EXHAUSTED);
    CHECK(sotto_key_store_remove(&store, kid_of(make_secret(0))));
    memset(wire, 0xA5, sizeof wire);
    CHECK_EQ(sotto_data_message_seal(&sealer, &chat, message, wire, sizeof wire, &size),
             SOTTO_MISSING_KEY);
    for (size_t i = 0; i < sizeof hello; i++)
        CHECK(wire[i] != 'h' || wire[i + 1] != 'e');
    end();
}

int main(void) {
    RUN(messages_of_every_size_open_as_they_were_sealed_in_both_suites);
    RUN(the_rows_of_the_vectors_are_sealed_opened_and_refused);
    RUN(what_is_authenticated_is_as_documented);
    RUN(no_cut_and_no_flipped_bit_opens);
    RUN(a_message_opens_under_no_other_label);
    RUN(a_message_opens_as_nobody_elses_and_in_no_other_room);
    RUN(keys_and_suites_are_looked_at_as_in_frames);
    RUN(frames_are_no_messages_and_messages_no_frames);
    RUN(labels_and_sealers_outside_what_is_allowed_are_refused);
    RUN(a_destination_one_byte_too_small_is_refused_and_uses_up_no_counter);
    RUN(no_message_is_sealed_without_a_key_or_after_the_last_counter);
    return 0;
}
