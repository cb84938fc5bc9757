#include "proto/dtls_prefilter.h"

#include "core/assert.h"
#include "core/memory.h"
#include "core/reader.h"
#include "core/writer.h"

enum {
    CHANGE_CIPHER_SPEC = 20, // content types, RFC 5246 section 6.2.1
    ALERT = 21,
    HANDSHAKE = 22,
    APPLICATION_DATA = 23,

    VERSION_1_0 = 0xfeff, // RFC 6347 section 4.1; also what first flights of DTLS 1.2 carry
    VERSION_1_2 = 0xfefd,

    HEADERS_SIZE = SOTTO_DTLS_RECORD_HEADER_SIZE + SOTTO_DTLS_MESSAGE_HEADER_SIZE,
    FINISHED_SIZE = SOTTO_DTLS_FINISHED_RECORD_SIZE - SOTTO_DTLS_RECORD_HEADER_SIZE,
    ALERT_SIZE = SOTTO_DTLS_ALERT_RECORD_SIZE - SOTTO_DTLS_RECORD_HEADER_SIZE,

    LONG = SOTTO_DTLS_MESSAGE_SIZE_MAX,
    SHORT = SOTTO_DTLS_SHORT_MESSAGE_SIZE_MAX,
    LONG_AREA = 0, // where messages grow in the reassembly memory
    SHORT_AREA_1 = SOTTO_DTLS_LONG_AREA_SIZE,
    SHORT_AREA_2 = SHORT_AREA_1 + SOTTO_DTLS_SHORT_AREA_SIZE,
    SHORT_AREA_3 = SHORT_AREA_2 + SOTTO_DTLS_SHORT_AREA_SIZE,
    EMPTY_AREA = SHORT_AREA_3 + SOTTO_DTLS_SHORT_AREA_SIZE,
};

_Static_assert(SHORT_AREA_1 % 8 == 0 && SHORT_AREA_2 % 8 == 0 && EMPTY_AREA % 8 == 0,
               "the bits of an area begin at a byte");

struct message_rule {
    uint8_t type; // RFC 5246 section 7.4
    uint16_t size_max;
    uint16_t area;
};

// The one order of messages that a full handshake with certificates on both sides has, without
// cookies, tickets and resumption. The index is message_seq. The server's two long messages share
// an area: the second can only come when the first was answered.
static const struct message_rule rules_server[] = {
    {1, LONG, LONG_AREA},      // ClientHello
    {11, LONG, LONG_AREA},     // Certificate
    {16, SHORT, SHORT_AREA_1}, // ClientKeyExchange
    {15, SHORT, SHORT_AREA_2}, // CertificateVerify
};

static const struct message_rule rules_client[] = {
    {2, SHORT, SHORT_AREA_1},  // ServerHello
    {11, LONG, LONG_AREA},     // Certificate
    {12, SHORT, SHORT_AREA_2}, // ServerKeyExchange
    {13, SHORT, SHORT_AREA_3}, // CertificateRequest
    {14, 0, EMPTY_AREA},       // ServerHelloDone
};

struct record {
    uint8_t type;
    uint16_t epoch;
    const uint8_t *bytes; // with the header
    const uint8_t *body;
    size_t body_size;
};

struct fragment {
    uint8_t type;
    uint32_t message_size;
    uint16_t sequence;
    uint32_t offset;
    uint32_t size;
    const uint8_t *bytes;
};

static size_t rule_count(const struct sotto_dtls_prefilter *prefilter) {
    return prefilter->role == SOTTO_DTLS_SERVER ? sizeof rules_server / sizeof rules_server[0]
                                                : sizeof rules_client / sizeof rules_client[0];
}

static const struct message_rule *rule_at(const struct sotto_dtls_prefilter *prefilter,
                                          size_t sequence) {
    return prefilter->role == SOTTO_DTLS_SERVER ? &rules_server[sequence]
                                                : &rules_client[sequence];
}

// A server has nothing to expect behind the ClientHello before it has answered.
static size_t flight_end(const struct sotto_dtls_prefilter *prefilter) {
    if (prefilter->role == SOTTO_DTLS_SERVER && prefilter->next_message == 0)
        return 1;
    return rule_count(prefilter);
}

static bool drop(struct sotto_dtls_prefilter *prefilter, enum sotto_dtls_drop reason) {
    prefilter->dropped[reason]++;
    return false;
}

void sotto_dtls_prefilter_init(struct sotto_dtls_prefilter *prefilter, enum sotto_dtls_role role,
                               struct sotto_dtls_reassembly *reassembly) {
    SOTTO_ASSERT(reassembly);
    *prefilter = (struct sotto_dtls_prefilter){.role = role, .reassembly = reassembly};
    memset(reassembly->messages, 0, sizeof reassembly->messages);
}

void sotto_dtls_prefilter_start(struct sotto_dtls_prefilter *prefilter, uint64_t now_us) {
    if (prefilter->deadline_us == 0)
        prefilter->deadline_us = now_us + SOTTO_DTLS_HANDSHAKE_DEADLINE_US;
}

void sotto_dtls_prefilter_restart(struct sotto_dtls_prefilter *prefilter) {
    SOTTO_ASSERT(prefilter->role == SOTTO_DTLS_SERVER && !prefilter->established);
    prefilter->next_message = 0;
    prefilter->record_sequence = 0;
    prefilter->change_cipher_spec_received = false;
    prefilter->change_cipher_spec_passed = false;
    prefilter->held_size = 0;
    memset(prefilter->reassembly->messages, 0, sizeof prefilter->reassembly->messages);
}

void sotto_dtls_prefilter_establish(struct sotto_dtls_prefilter *prefilter) {
    prefilter->established = true;
    prefilter->reassembly = NULL;
}

// Reads one record and leaves the reader failed if it is none.
static struct record read_record(struct sotto_reader *reader) {
    struct record record = {.bytes = reader->data + reader->offset};
    record.type = sotto_reader_read_u8(reader);
    uint16_t version = sotto_reader_read_u16(reader);
    record.epoch = sotto_reader_read_u16(reader);
    sotto_reader_skip(reader, 6); // sequence number
    record.body_size = sotto_reader_read_u16(reader);
    record.body = sotto_reader_read_bytes(reader, record.body_size);
    if (record.type < CHANGE_CIPHER_SPEC || record.type > APPLICATION_DATA)
        sotto_reader_fail(reader);
    if (version != VERSION_1_2 && (version != VERSION_1_0 || record.epoch != 0))
        sotto_reader_fail(reader);
    if (record.body_size == 0)
        sotto_reader_fail(reader);
    return record;
}

// The datagram is nothing but whole records, at least one.
static bool is_well_formed(const uint8_t *data, size_t size) {
    struct sotto_reader reader;
    sotto_reader_init(&reader, data, size);
    while (sotto_reader_remaining(&reader) > 0)
        (void)read_record(&reader);
    return size > 0 && !reader.failed;
}

static struct fragment read_fragment(struct sotto_reader *reader) {
    struct fragment fragment;
    fragment.type = sotto_reader_read_u8(reader);
    fragment.message_size = sotto_reader_read_u24(reader);
    fragment.sequence = sotto_reader_read_u16(reader);
    fragment.offset = sotto_reader_read_u24(reader);
    fragment.size = sotto_reader_read_u24(reader);
    fragment.bytes = sotto_reader_read_bytes(reader, fragment.size);
    if (fragment.offset > fragment.message_size ||
        fragment.size > fragment.message_size - fragment.offset)
        sotto_reader_fail(reader);
    // An empty piece of a message that is not empty says nothing.
    if (fragment.size == 0 && fragment.message_size != 0)
        sotto_reader_fail(reader);
    return fragment;
}

static void start_message(struct sotto_dtls_reassembly *reassembly, const struct message_rule *rule,
                          const struct fragment *fragment) {
    struct sotto_dtls_message *message = &reassembly->messages[fragment->sequence];
    *message = (struct sotto_dtls_message){(uint16_t)fragment->message_size, 0, true};
    memset(&reassembly->received_bits[rule->area / 8], 0, ((size_t)message->size + 7) / 8);
}

// True if at least one of the bytes was not here before.
static bool store_bytes(struct sotto_dtls_reassembly *reassembly, const struct message_rule *rule,
                        const struct fragment *fragment) {
    uint8_t *bits = &reassembly->received_bits[rule->area / 8];
    uint16_t count = 0;
    for (size_t i = fragment->offset; i < fragment->offset + fragment->size; i++) {
        if (!(bits[i / 8] >> (i % 8) & 1))
            count++;
        bits[i / 8] |= (uint8_t)(1u << (i % 8));
    }
    memcpy(&reassembly->bytes[rule->area + HEADERS_SIZE + fragment->offset], fragment->bytes,
           fragment->size);
    reassembly->messages[fragment->sequence].received += count;
    return count > 0;
}

// True if the fragment brought something new. Where two pieces of one message disagree about its
// length, the later one wins: so one forged piece cannot shut out what the peer repeats.
static bool handle_fragment(struct sotto_dtls_prefilter *prefilter,
                            const struct fragment *fragment) {
    if (fragment->sequence < prefilter->next_message)
        return drop(prefilter, SOTTO_DTLS_DROP_REPEATED);
    if (fragment->sequence >= flight_end(prefilter))
        return drop(prefilter, SOTTO_DTLS_DROP_MESSAGE);
    const struct message_rule *rule = rule_at(prefilter, fragment->sequence);
    if (fragment->type != rule->type || fragment->message_size > rule->size_max)
        return drop(prefilter, SOTTO_DTLS_DROP_MESSAGE);

    struct sotto_dtls_reassembly *reassembly = prefilter->reassembly;
    const struct sotto_dtls_message *message = &reassembly->messages[fragment->sequence];
    bool started = message->started;
    if (started && message->size != fragment->message_size) {
        drop(prefilter, SOTTO_DTLS_DROP_INCONSISTENT);
        started = false;
    }
    if (!started)
        start_message(reassembly, rule, fragment);
    if (!store_bytes(reassembly, rule, fragment) && started)
        return drop(prefilter, SOTTO_DTLS_DROP_REPEATED);
    return true;
}

static bool handle_messages(struct sotto_dtls_prefilter *prefilter, const struct record *record) {
    if (prefilter->established)
        return drop(prefilter, SOTTO_DTLS_DROP_REPEATED);
    struct sotto_reader reader;
    sotto_reader_init(&reader, record->body, record->body_size);
    bool brought = false;
    while (sotto_reader_remaining(&reader) > 0) {
        struct fragment fragment = read_fragment(&reader);
        if (!reader.failed && handle_fragment(prefilter, &fragment))
            brought = true;
    }
    if (reader.failed)
        drop(prefilter, SOTTO_DTLS_DROP_MALFORMED);
    return brought;
}

// A ChangeCipherSpec has no number and says nothing, so it only counts as seen; the library gets
// one of its own when its turn has come. It may overtake the messages of its flight, which a server
// receives together with it and a client never does.
static bool handle_change_cipher_spec(struct sotto_dtls_prefilter *prefilter,
                                      const struct record *record) {
    if (record->epoch != 0 || record->body_size != 1 || record->body[0] != 1)
        return drop(prefilter, SOTTO_DTLS_DROP_CHANGE_CIPHER_SPEC);
    if (prefilter->established || prefilter->change_cipher_spec_received)
        return drop(prefilter, SOTTO_DTLS_DROP_REPEATED);
    size_t earliest = prefilter->role == SOTTO_DTLS_SERVER ? 1 : rule_count(prefilter);
    if (prefilter->next_message < earliest)
        return drop(prefilter, SOTTO_DTLS_DROP_CHANGE_CIPHER_SPEC);
    prefilter->change_cipher_spec_received = true;
    return true;
}

// One encrypted record waits for its turn; a later one takes its place.
static bool hold(struct sotto_dtls_prefilter *prefilter, const struct record *record, size_t size) {
    if (record->body_size != size)
        return drop(prefilter, SOTTO_DTLS_DROP_ENCRYPTED_SIZE);
    prefilter->held_size = (uint8_t)(SOTTO_DTLS_RECORD_HEADER_SIZE + size);
    memcpy(prefilter->held, record->bytes, prefilter->held_size);
    return true;
}

static bool handle_encrypted_handshake(struct sotto_dtls_prefilter *prefilter,
                                       const struct record *record) {
    // Only servers send the last flight, so only they are asked to repeat it.
    if (prefilter->established && prefilter->role == SOTTO_DTLS_CLIENT)
        return drop(prefilter, SOTTO_DTLS_DROP_REPEATED);
    if (prefilter->next_message == 0)
        return drop(prefilter, SOTTO_DTLS_DROP_EPOCH);
    if (!prefilter->established &&
        prefilter->encrypted_count == SOTTO_DTLS_HANDSHAKE_ENCRYPTED_COUNT_MAX)
        return drop(prefilter, SOTTO_DTLS_DROP_BUDGET);
    return hold(prefilter, record, FINISHED_SIZE);
}

static bool handle_record(struct sotto_dtls_prefilter *prefilter, const struct record *record) {
    if (record->epoch > 1)
        return drop(prefilter, SOTTO_DTLS_DROP_EPOCH);
    switch (record->type) {
    case HANDSHAKE:
        if (record->epoch == 0)
            return handle_messages(prefilter, record);
        return handle_encrypted_handshake(prefilter, record);
    case CHANGE_CIPHER_SPEC:
        return handle_change_cipher_spec(prefilter, record);
    case ALERT:
        if (record->epoch == 0 || !prefilter->established)
            return drop(prefilter, SOTTO_DTLS_DROP_ALERT);
        return hold(prefilter, record, ALERT_SIZE);
    default:
        return drop(prefilter, SOTTO_DTLS_DROP_APPLICATION_DATA);
    }
}

// Whether the datagram may be looked into.
static bool is_admitted(struct sotto_dtls_prefilter *prefilter, uint64_t now_us,
                        const uint8_t *data, size_t size) {
    if (!is_well_formed(data, size))
        return drop(prefilter, SOTTO_DTLS_DROP_MALFORMED);
    if (prefilter->established)
        return true;
    if (prefilter->deadline_us != 0 && now_us >= prefilter->deadline_us)
        return drop(prefilter, SOTTO_DTLS_DROP_DEADLINE);
    if (prefilter->budget_datagrams == SOTTO_DTLS_HANDSHAKE_DATAGRAMS_MAX ||
        size > SOTTO_DTLS_HANDSHAKE_BYTES_MAX - prefilter->budget_bytes)
        return drop(prefilter, SOTTO_DTLS_DROP_BUDGET);
    return true;
}

void sotto_dtls_prefilter_handle_packet(struct sotto_dtls_prefilter *prefilter, uint64_t now_us,
                                        const uint8_t *data, size_t size) {
    if (!is_admitted(prefilter, now_us, data, size))
        return;
    struct sotto_reader reader;
    sotto_reader_init(&reader, data, size);
    bool brought = false;
    while (sotto_reader_remaining(&reader) > 0) {
        struct record record = read_record(&reader);
        if (handle_record(prefilter, &record))
            brought = true;
    }
    if (!brought || prefilter->established)
        return;
    prefilter->budget_datagrams++;
    prefilter->budget_bytes += (uint32_t)size;
    sotto_dtls_prefilter_start(prefilter, now_us);
}

static void write_record_header(struct sotto_dtls_prefilter *prefilter, struct sotto_writer *writer,
                                uint8_t type, size_t body_size) {
    sotto_writer_write_u8(writer, type);
    sotto_writer_write_u16(writer, VERSION_1_2);
    sotto_writer_write_u16(writer, 0);
    sotto_writer_write_uint(writer, prefilter->record_sequence++, 6);
    sotto_writer_write_u16(writer, (uint16_t)body_size);
}

static const uint8_t *take_message(struct sotto_dtls_prefilter *prefilter, size_t *size) {
    size_t sequence = prefilter->next_message++;
    const struct message_rule *rule = rule_at(prefilter, sequence);
    uint16_t message_size = prefilter->reassembly->messages[sequence].size;
    uint8_t *record = &prefilter->reassembly->bytes[rule->area];

    struct sotto_writer writer;
    sotto_writer_init(&writer, record, HEADERS_SIZE);
    write_record_header(prefilter, &writer, HANDSHAKE,
                        SOTTO_DTLS_MESSAGE_HEADER_SIZE + (size_t)message_size);
    sotto_writer_write_u8(&writer, rule->type);
    sotto_writer_write_u24(&writer, message_size);
    sotto_writer_write_u16(&writer, (uint16_t)sequence);
    sotto_writer_write_u24(&writer, 0);
    sotto_writer_write_u24(&writer, message_size);
    SOTTO_ASSERT(!writer.failed);
    *size = HEADERS_SIZE + (size_t)message_size;
    return record;
}

static const uint8_t *take_change_cipher_spec(struct sotto_dtls_prefilter *prefilter,
                                              size_t *size) {
    struct sotto_writer writer;
    sotto_writer_init(&writer, prefilter->change_cipher_spec, sizeof prefilter->change_cipher_spec);
    write_record_header(prefilter, &writer, CHANGE_CIPHER_SPEC, 1);
    sotto_writer_write_u8(&writer, 1);
    SOTTO_ASSERT(!writer.failed);
    prefilter->change_cipher_spec_passed = true;
    *size = sizeof prefilter->change_cipher_spec;
    return prefilter->change_cipher_spec;
}

const uint8_t *sotto_dtls_prefilter_poll_record(struct sotto_dtls_prefilter *prefilter,
                                                size_t *size) {
    size_t next = prefilter->next_message;
    bool in_clear = !prefilter->established && !prefilter->change_cipher_spec_passed;
    if (in_clear && next < rule_count(prefilter)) {
        const struct sotto_dtls_message *message = &prefilter->reassembly->messages[next];
        if (message->started && message->received == message->size)
            return take_message(prefilter, size);
    } else if (in_clear && prefilter->change_cipher_spec_received) {
        return take_change_cipher_spec(prefilter, size);
    } else if (!in_clear && prefilter->held_size > 0) {
        *size = prefilter->held_size;
        prefilter->held_size = 0;
        if (!prefilter->established)
            prefilter->encrypted_count++;
        return prefilter->held;
    }
    *size = 0;
    return NULL;
}

const char *sotto_dtls_drop_text(enum sotto_dtls_drop drop) {
    static const char *const texts[] = {
        [SOTTO_DTLS_DROP_MALFORMED] = "malformed",
        [SOTTO_DTLS_DROP_EPOCH] = "epoch",
        [SOTTO_DTLS_DROP_ALERT] = "alert",
        [SOTTO_DTLS_DROP_APPLICATION_DATA] = "application_data",
        [SOTTO_DTLS_DROP_CHANGE_CIPHER_SPEC] = "change_cipher_spec",
        [SOTTO_DTLS_DROP_MESSAGE] = "message",
        [SOTTO_DTLS_DROP_INCONSISTENT] = "inconsistent",
        [SOTTO_DTLS_DROP_REPEATED] = "repeated",
        [SOTTO_DTLS_DROP_ENCRYPTED_SIZE] = "encrypted_size",
        [SOTTO_DTLS_DROP_BUDGET] = "budget",
        [SOTTO_DTLS_DROP_DEADLINE] = "deadline",
    };
    SOTTO_ASSERT(drop < SOTTO_DTLS_DROP_COUNT);
    return texts[drop];
}
