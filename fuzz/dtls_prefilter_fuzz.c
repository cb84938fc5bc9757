// Datagrams of any content into the filter, in either role. What comes out obeys the rules that the
// library behind relies on, checked here by a parser of its own.
//
// Input: one byte (bit 0: client; the rest: how many ClientHellos the library refuses), then
// datagrams, each behind its pause in units of 50 ms (one byte) and its size (two bytes).
#include "core/assert.h"
#include "core/reader.h"
#include "proto/dtls_prefilter.h"

#include <stdlib.h>
#include <string.h>

static const uint8_t server_types[] = {1, 11, 16, 15};
static const uint8_t client_types[] = {2, 11, 12, 13, 14};

struct model {
    struct sotto_dtls_prefilter prefilter;
    struct sotto_dtls_reassembly *reassembly;
    const uint8_t *types;
    size_t type_count;
    size_t next; // message that comes out next
    uint64_t record_sequence;
    bool change_cipher_spec;
    bool established;
    unsigned refusals;
    size_t bytes; // handed over before the end of the handshake
    size_t records;
    size_t encrypted;
};

static void check_message(struct model *model, struct sotto_reader *reader, size_t record_size) {
    SOTTO_ASSERT(!model->change_cipher_spec && model->next < model->type_count);
    SOTTO_ASSERT(sotto_reader_read_u8(reader) == model->types[model->next]);
    uint32_t size = sotto_reader_read_u24(reader);
    SOTTO_ASSERT(size <= SOTTO_DTLS_MESSAGE_SIZE_MAX && size + 25 == record_size);
    SOTTO_ASSERT(sotto_reader_read_u16(reader) == model->next);
    SOTTO_ASSERT(sotto_reader_read_u24(reader) == 0);
    SOTTO_ASSERT(sotto_reader_read_u24(reader) == size);
    model->next++;
}

static void check_record(struct model *model, const uint8_t *record, size_t size) {
    struct sotto_reader reader;
    sotto_reader_init(&reader, record, size);
    uint8_t type = sotto_reader_read_u8(&reader);
    SOTTO_ASSERT(sotto_reader_read_u16(&reader) == 0xfefd);
    uint16_t epoch = sotto_reader_read_u16(&reader);
    uint64_t sequence = sotto_reader_read_uint(&reader, 6);
    SOTTO_ASSERT(sotto_reader_read_u16(&reader) == size - 13);
    SOTTO_ASSERT(epoch <= 1 && (epoch == 1 || !model->established));
    if (epoch == 0)
        SOTTO_ASSERT(sequence == model->record_sequence++);
    if (epoch == 0 && type == 22) {
        check_message(model, &reader, size);
    } else if (epoch == 0) {
        SOTTO_ASSERT(type == 20 && size == 14 && record[13] == 1);
        SOTTO_ASSERT(model->next == model->type_count && !model->change_cipher_spec);
        model->change_cipher_spec = true;
    } else {
        SOTTO_ASSERT(model->change_cipher_spec);
        SOTTO_ASSERT(type == 22 || (type == 21 && model->established));
        SOTTO_ASSERT(size == (type == 22 ? 61 : 39));
    }
    SOTTO_ASSERT(!reader.failed);
}

// What the library would do with a record: refuse a ClientHello, or be content with a Finished.
static void react(struct model *model, const uint8_t *record) {
    bool hello = record[0] == 22 && record[4] == 0 && record[13] == 1;
    if (hello && model->refusals > 0) {
        model->refusals--;
        model->next = 0;
        model->record_sequence = 0;
        sotto_dtls_prefilter_restart(&model->prefilter);
    } else if (record[4] == 1 && !model->established) {
        model->established = true;
        sotto_dtls_prefilter_establish(&model->prefilter);
        free(model->reassembly); // gives a use after the handshake away
        model->reassembly = NULL;
    }
}

static void handle(struct model *model, uint64_t now_us, const uint8_t *data, size_t size) {
    uint8_t *copy = malloc(size ? size : 1);
    SOTTO_ASSERT(copy);
    memcpy(copy, data, size);
    uint64_t deadline_us = model->prefilter.deadline_us;
    bool late = !model->established && deadline_us != 0 && now_us >= deadline_us;
    sotto_dtls_prefilter_handle_packet(&model->prefilter, now_us, copy, size);
    free(copy);
    const uint8_t *record;
    size_t record_size;
    while ((record = sotto_dtls_prefilter_poll_record(&model->prefilter, &record_size))) {
        SOTTO_ASSERT(!late);
        check_record(model, record, record_size);
        if (!model->established) {
            model->bytes += record_size;
            model->records++;
            model->encrypted += record[4];
        }
        react(model, record);
    }
    SOTTO_ASSERT(record_size == 0);
    // A whole message has one record header where its pieces may have shared one.
    SOTTO_ASSERT(model->bytes <= SOTTO_DTLS_HANDSHAKE_BYTES_MAX + 13 * model->records);
    SOTTO_ASSERT(model->encrypted <= SOTTO_DTLS_HANDSHAKE_ENCRYPTED_COUNT_MAX);
    SOTTO_ASSERT(model->prefilter.budget_datagrams <= SOTTO_DTLS_HANDSHAKE_DATAGRAMS_MAX);
    SOTTO_ASSERT(model->prefilter.budget_bytes <= SOTTO_DTLS_HANDSHAKE_BYTES_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct sotto_reader reader;
    sotto_reader_init(&reader, data, size);
    uint8_t options = sotto_reader_read_u8(&reader);
    struct model model = {.types = server_types, .type_count = sizeof server_types};
    enum sotto_dtls_role role = SOTTO_DTLS_SERVER;
    if (options & 1) {
        role = SOTTO_DTLS_CLIENT;
        model.types = client_types;
        model.type_count = sizeof client_types;
    } else {
        model.refusals = options >> 1;
    }
    model.reassembly = malloc(sizeof *model.reassembly);
    SOTTO_ASSERT(model.reassembly);
    memset(model.reassembly, 0xa5, sizeof *model.reassembly);
    sotto_dtls_prefilter_init(&model.prefilter, role, model.reassembly);
    uint64_t now_us = 1;
    while (sotto_reader_remaining(&reader) > 0) {
        now_us += sotto_reader_read_u8(&reader) * (uint64_t)50000;
        size_t datagram_size = sotto_reader_read_u16(&reader);
        size_t left = sotto_reader_remaining(&reader);
        if (datagram_size > left)
            datagram_size = left;
        const uint8_t *datagram = sotto_reader_read_bytes(&reader, datagram_size);
        if (datagram)
            handle(&model, now_us, datagram, datagram_size);
    }
    free(model.reassembly);
    return 0;
}
