#include "proto/dtls_prefilter.h"

#include "core/writer.h"
#include "tests/check.h"

enum {
    CHANGE_CIPHER_SPEC = 20,
    ALERT = 21,
    HANDSHAKE = 22,
    APPLICATION_DATA = 23,
    CLIENT_HELLO = 1,
    SERVER_HELLO = 2,
    CERTIFICATE = 11,
    SERVER_KEY_EXCHANGE = 12,
    CERTIFICATE_REQUEST = 13,
    SERVER_HELLO_DONE = 14,
    CERTIFICATE_VERIFY = 15,
    CLIENT_KEY_EXCHANGE = 16,
    FINISHED = 20,
    HEADERS = 25,
};

static struct sotto_dtls_reassembly reassembly;
static struct sotto_dtls_prefilter filter;
static uint8_t pattern[70000]; // the body of every message: byte i is a function of i

struct datagram {
    struct sotto_writer writer;
    uint8_t bytes[66000];
};

static void begin(enum sotto_dtls_role role) {
    for (size_t i = 0; i < sizeof pattern; i++)
        pattern[i] = (uint8_t)(i * 7 + i / 256);
    memset(&reassembly, 0xa5, sizeof reassembly);
    sotto_dtls_prefilter_init(&filter, role, &reassembly);
}

static void clear(struct datagram *datagram) {
    sotto_writer_init(&datagram->writer, datagram->bytes, sizeof datagram->bytes);
}

static void add_header(struct datagram *datagram, unsigned type, unsigned version, unsigned epoch,
                       size_t size) {
    static uint64_t sequence;
    sotto_writer_write_u8(&datagram->writer, (uint8_t)type);
    sotto_writer_write_u16(&datagram->writer, (uint16_t)version);
    sotto_writer_write_u16(&datagram->writer, (uint16_t)epoch);
    sotto_writer_write_uint(&datagram->writer, sequence++, 6);
    sotto_writer_write_u16(&datagram->writer, (uint16_t)size);
}

static void add_record(struct datagram *datagram, unsigned type, unsigned epoch, const void *body,
                       size_t size) {
    add_header(datagram, type, 0xfefd, epoch, size);
    sotto_writer_write_bytes(&datagram->writer, body, size);
}

static void add_fragment_body(struct datagram *datagram, unsigned type, size_t message_size,
                              unsigned sequence, size_t offset, size_t size, size_t claimed_size) {
    sotto_writer_write_u8(&datagram->writer, (uint8_t)type);
    sotto_writer_write_u24(&datagram->writer, (uint32_t)message_size);
    sotto_writer_write_u16(&datagram->writer, (uint16_t)sequence);
    sotto_writer_write_u24(&datagram->writer, (uint32_t)offset);
    sotto_writer_write_u24(&datagram->writer, (uint32_t)claimed_size);
    sotto_writer_write_bytes(&datagram->writer, pattern + offset % 4096, size);
}

// Bodies are `pattern`, which offsets below 4096 address directly.
static void add_fragment(struct datagram *datagram, unsigned type, size_t message_size,
                         unsigned sequence, size_t offset, size_t size) {
    add_header(datagram, HANDSHAKE, 0xfeff, 0, 12 + size);
    add_fragment_body(datagram, type, message_size, sequence, offset, size, size);
}

static void send_at(uint64_t now_us, const struct datagram *datagram) {
    CHECK(!datagram->writer.failed);
    size_t size = datagram->writer.offset;
    uint8_t *copy = malloc(size ? size : 1);
    CHECK(copy);
    memcpy(copy, datagram->bytes, size);
    sotto_dtls_prefilter_handle_packet(&filter, now_us, copy, size);
    free(copy);
}

static void send(const struct datagram *datagram) {
    send_at(1000, datagram);
}

static void send_fragment(unsigned type, size_t message_size, unsigned sequence, size_t offset,
                          size_t size) {
    static struct datagram datagram;
    clear(&datagram);
    add_fragment(&datagram, type, message_size, sequence, offset, size);
    send(&datagram);
}

static void send_record(unsigned type, unsigned epoch, const void *body, size_t size) {
    static struct datagram datagram;
    clear(&datagram);
    add_record(&datagram, type, epoch, body, size);
    send(&datagram);
}

static void check_nothing(void) {
    size_t size = 1;
    CHECK(!sotto_dtls_prefilter_poll_record(&filter, &size));
    CHECK_EQ(size, 0);
}

static void check_message(unsigned type, size_t message_size, unsigned sequence,
                          unsigned record_sequence) {
    size_t size = 0;
    const uint8_t *record = sotto_dtls_prefilter_poll_record(&filter, &size);
    CHECK(record);
    CHECK_EQ(size, HEADERS + message_size);
    struct sotto_writer writer;
    uint8_t headers[HEADERS];
    sotto_writer_init(&writer, headers, sizeof headers);
    sotto_writer_write_u8(&writer, HANDSHAKE);
    sotto_writer_write_u16(&writer, 0xfefd);
    sotto_writer_write_u16(&writer, 0);
    sotto_writer_write_uint(&writer, record_sequence, 6);
    sotto_writer_write_u16(&writer, (uint16_t)(12 + message_size));
    sotto_writer_write_u8(&writer, (uint8_t)type);
    sotto_writer_write_u24(&writer, (uint32_t)message_size);
    sotto_writer_write_u16(&writer, (uint16_t)sequence);
    sotto_writer_write_u24(&writer, 0);
    sotto_writer_write_u24(&writer, (uint32_t)message_size);
    CHECK_BYTES(record, headers, sizeof headers);
    CHECK_BYTES(record + HEADERS, pattern, message_size < 4096 ? message_size : 0);
}

static void check_change_cipher_spec(unsigned record_sequence) {
    size_t size = 0;
    const uint8_t *record = sotto_dtls_prefilter_poll_record(&filter, &size);
    CHECK(record);
    const uint8_t expected[] = {20, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, (uint8_t)record_sequence,
                                0,  1,    1};
    CHECK_EQ(size, sizeof expected);
    CHECK_BYTES(record, expected, sizeof expected);
}

static void check_encrypted(unsigned type, size_t body_size) {
    size_t size = 0;
    const uint8_t *record = sotto_dtls_prefilter_poll_record(&filter, &size);
    CHECK(record);
    CHECK_EQ(size, 13 + body_size);
    CHECK_EQ(record[0], type);
    CHECK_EQ(record[4], 1);
    CHECK_BYTES(record + 13, pattern, body_size);
}

static void check_dropped(enum sotto_dtls_drop reason, unsigned count) {
    for (int i = 0; i < SOTTO_DTLS_DROP_COUNT; i++) {
        if ((enum sotto_dtls_drop)i == reason)
            CHECK_EQ(filter.dropped[i], count);
        else
            CHECK_EQ(filter.dropped[i], 0);
    }
    memset(filter.dropped, 0, sizeof filter.dropped);
}

static void pass_client_hello(void) {
    send_fragment(CLIENT_HELLO, 200, 0, 0, 200);
    check_message(CLIENT_HELLO, 200, 0, 0);
    check_nothing();
}

static void pass_second_flight(void) {
    send_fragment(CERTIFICATE, 500, 1, 0, 500);
    check_message(CERTIFICATE, 500, 1, 1);
    send_fragment(CLIENT_KEY_EXCHANGE, 33, 2, 0, 33);
    check_message(CLIENT_KEY_EXCHANGE, 33, 2, 2);
    send_fragment(CERTIFICATE_VERIFY, 75, 3, 0, 75);
    check_message(CERTIFICATE_VERIFY, 75, 3, 3);
    send_record(CHANGE_CIPHER_SPEC, 0, "\1", 1);
    check_change_cipher_spec(4);
    check_nothing();
}

TEST(a_whole_client_hello_leaves_in_a_fresh_record) {
    begin(SOTTO_DTLS_SERVER);
    check_nothing();
    pass_client_hello();
    check_dropped(SOTTO_DTLS_DROP_COUNT, 0);
}

TEST(the_two_fragments_of_chromium_become_one_message) {
    begin(SOTTO_DTLS_SERVER);
    send_fragment(CLIENT_HELLO, 1413, 0, 0, 1175);
    check_nothing();
    send_fragment(CLIENT_HELLO, 1413, 0, 1175, 238);
    check_message(CLIENT_HELLO, 1413, 0, 0);
    check_nothing();
    check_dropped(SOTTO_DTLS_DROP_COUNT, 0);
}

TEST(the_two_fragments_of_firefox_become_one_message_also_when_cut_anew) {
    begin(SOTTO_DTLS_SERVER);
    send_fragment(CLIENT_HELLO, 1461, 0, 1383, 78); // the first one is lost
    check_nothing();
    send_fragment(CLIENT_HELLO, 1461, 0, 0, 700); // then the message is cut in three
    send_fragment(CLIENT_HELLO, 1461, 0, 700, 700);
    check_message(CLIENT_HELLO, 1461, 0, 0);
    send_fragment(CLIENT_HELLO, 1461, 0, 1400, 61);
    check_nothing();
    check_dropped(SOTTO_DTLS_DROP_REPEATED, 1);
}

TEST(fragments_of_one_byte_in_any_order_become_one_message) {
    begin(SOTTO_DTLS_SERVER);
    for (size_t i = 0; i < 53; i++) {
        check_nothing();
        size_t offset = (i * 31 + 5) % 53;
        send_fragment(CLIENT_HELLO, 53, 0, offset, 1);
    }
    check_message(CLIENT_HELLO, 53, 0, 0);
}

TEST(several_messages_in_one_record_and_several_records_in_one_datagram_are_taken_apart) {
    begin(SOTTO_DTLS_SERVER);
    pass_client_hello();
    static struct datagram datagram;
    clear(&datagram);
    add_header(&datagram, HANDSHAKE, 0xfefd, 0, 12 + 400 + 12 + 33 + 12 + 75);
    add_fragment_body(&datagram, CERTIFICATE, 400, 1, 0, 400, 400);
    add_fragment_body(&datagram, CLIENT_KEY_EXCHANGE, 33, 2, 0, 33, 33);
    add_fragment_body(&datagram, CERTIFICATE_VERIFY, 75, 3, 0, 75, 75);
    add_record(&datagram, CHANGE_CIPHER_SPEC, 0, "\1", 1);
    add_record(&datagram, HANDSHAKE, 1, pattern, 48);
    send(&datagram);
    check_message(CERTIFICATE, 400, 1, 1);
    check_message(CLIENT_KEY_EXCHANGE, 33, 2, 2);
    check_message(CERTIFICATE_VERIFY, 75, 3, 3);
    check_change_cipher_spec(4);
    check_encrypted(HANDSHAKE, 48);
    check_nothing();
    check_dropped(SOTTO_DTLS_DROP_COUNT, 0);
}

static void send_part_of_second_flight(unsigned part) {
    if (part == 0)
        send_fragment(CERTIFICATE, 500, 1, 0, 300);
    else if (part == 1)
        send_fragment(CERTIFICATE, 500, 1, 300, 200);
    else if (part == 2)
        send_fragment(CLIENT_KEY_EXCHANGE, 33, 2, 0, 33);
    else if (part == 3)
        send_fragment(CERTIFICATE_VERIFY, 75, 3, 0, 75);
    else if (part == 4)
        send_record(CHANGE_CIPHER_SPEC, 0, "\1", 1);
    else
        send_record(HANDSHAKE, 1, pattern, 48);
}

static void check_second_flight_leaves_in_order(const unsigned order[6]) {
    begin(SOTTO_DTLS_SERVER);
    pass_client_hello();
    for (int i = 0; i < 6; i++)
        send_part_of_second_flight(order[i]);
    check_message(CERTIFICATE, 500, 1, 1);
    check_message(CLIENT_KEY_EXCHANGE, 33, 2, 2);
    check_message(CERTIFICATE_VERIFY, 75, 3, 3);
    check_change_cipher_spec(4);
    check_encrypted(HANDSHAKE, 48);
    check_nothing();
    check_dropped(SOTTO_DTLS_DROP_COUNT, 0);
}

TEST(the_second_flight_leaves_in_order_from_each_of_its_720_orders) {
    int count = 0;
    for (unsigned code = 0; code < 6 * 6 * 6 * 6 * 6 * 6; code++) {
        unsigned order[6];
        unsigned seen = 0;
        for (unsigned i = 0, rest = code; i < 6; i++, rest /= 6) {
            order[i] = rest % 6;
            seen |= 1u << order[i];
        }
        if (seen != 63)
            continue;
        check_second_flight_leaves_in_order(order);
        count++;
    }
    CHECK_EQ(count, 720);
}

TEST(a_client_takes_the_flight_of_a_server_in_any_order_and_its_last_one) {
    begin(SOTTO_DTLS_CLIENT);
    send_record(CHANGE_CIPHER_SPEC, 0, "\1", 1);
    check_dropped(SOTTO_DTLS_DROP_CHANGE_CIPHER_SPEC, 1);
    send_fragment(SERVER_HELLO_DONE, 0, 4, 0, 0);
    send_fragment(CERTIFICATE_REQUEST, 27, 3, 0, 27);
    send_fragment(SERVER_KEY_EXCHANGE, 122, 2, 0, 122);
    send_fragment(CERTIFICATE, 308, 1, 0, 308);
    check_nothing();
    send_fragment(SERVER_HELLO, 78, 0, 0, 78);
    check_message(SERVER_HELLO, 78, 0, 0);
    check_message(CERTIFICATE, 308, 1, 1);
    check_message(SERVER_KEY_EXCHANGE, 122, 2, 2);
    check_message(CERTIFICATE_REQUEST, 27, 3, 3);
    check_message(SERVER_HELLO_DONE, 0, 4, 4);
    check_nothing();
    send_fragment(SERVER_HELLO_DONE, 0, 4, 0, 0);
    check_dropped(SOTTO_DTLS_DROP_REPEATED, 1);
    send_record(HANDSHAKE, 1, pattern, 48);
    check_nothing();
    send_record(CHANGE_CIPHER_SPEC, 0, "\1", 1);
    check_change_cipher_spec(5);
    check_encrypted(HANDSHAKE, 48);
    check_nothing();
    check_dropped(SOTTO_DTLS_DROP_COUNT, 0);
}

TEST(lengths_that_are_only_claimed_change_nothing) {
    static struct datagram datagram;
    begin(SOTTO_DTLS_SERVER);
    for (unsigned sequence = 0; sequence < 16; sequence++) {
        clear(&datagram);
        add_header(&datagram, HANDSHAKE, 0xfeff, 0, 12);
        add_fragment_body(&datagram, CLIENT_HELLO, 0xffffff, sequence, 0, 0, 0);
        send(&datagram);
    }
    check_dropped(SOTTO_DTLS_DROP_MALFORMED, 16); // pieces without a byte

    send_fragment(CLIENT_HELLO, 0xffffff, 0, 0, 100);
    send_fragment(CLIENT_HELLO, SOTTO_DTLS_MESSAGE_SIZE_MAX + 1, 0, 0, 100);
    check_dropped(SOTTO_DTLS_DROP_MESSAGE, 2);

    clear(&datagram); // a piece longer than its record
    add_header(&datagram, HANDSHAKE, 0xfeff, 0, 12 + 100);
    add_fragment_body(&datagram, CLIENT_HELLO, 200, 0, 0, 100, 101);
    send(&datagram);
    clear(&datagram); // a piece behind the end of its message
    add_header(&datagram, HANDSHAKE, 0xfeff, 0, 12 + 100);
    add_fragment_body(&datagram, CLIENT_HELLO, 200, 0, 101, 100, 100);
    send(&datagram);
    clear(&datagram); // and one that the sum of offset and size would hide in 24 bits
    add_header(&datagram, HANDSHAKE, 0xfeff, 0, 12 + 100);
    add_fragment_body(&datagram, CLIENT_HELLO, 200, 0, 0xffffff, 100, 100);
    send(&datagram);
    check_dropped(SOTTO_DTLS_DROP_MALFORMED, 3);
    CHECK_EQ(filter.budget_datagrams, 0);
    check_nothing();
    pass_client_hello();
}

TEST(messages_of_the_greatest_size_pass) {
    begin(SOTTO_DTLS_SERVER);
    for (size_t offset = 0; offset < SOTTO_DTLS_MESSAGE_SIZE_MAX; offset += 1024)
        send_fragment(CLIENT_HELLO, SOTTO_DTLS_MESSAGE_SIZE_MAX, 0, offset, 1024);
    check_message(CLIENT_HELLO, SOTTO_DTLS_MESSAGE_SIZE_MAX, 0, 0);
    send_fragment(CLIENT_KEY_EXCHANGE, SOTTO_DTLS_SHORT_MESSAGE_SIZE_MAX + 1, 2, 0, 1281);
    check_dropped(SOTTO_DTLS_DROP_MESSAGE, 1);
    send_fragment(CERTIFICATE_VERIFY, SOTTO_DTLS_SHORT_MESSAGE_SIZE_MAX, 3, 0, 1280);
    send_fragment(CLIENT_KEY_EXCHANGE, SOTTO_DTLS_SHORT_MESSAGE_SIZE_MAX, 2, 0, 1280);
    send_fragment(CERTIFICATE, 100, 1, 0, 100);
    check_message(CERTIFICATE, 100, 1, 1);
    check_message(CLIENT_KEY_EXCHANGE, 1280, 2, 2);
    check_message(CERTIFICATE_VERIFY, 1280, 3, 3);
}

TEST(messages_that_do_not_belong_to_this_place_are_dropped) {
    begin(SOTTO_DTLS_SERVER);
    send_fragment(CERTIFICATE, 100, 1, 0, 100); // nothing follows an unanswered ClientHello
    send_fragment(CERTIFICATE, 100, 0, 0, 100);
    send_fragment(0, 0, 0, 0, 0); // HelloRequest
    send_fragment(CLIENT_HELLO, 100, 65535, 0, 100);
    check_dropped(SOTTO_DTLS_DROP_MESSAGE, 4);
    pass_client_hello();
    send_fragment(CLIENT_HELLO, 200, 0, 0, 200);
    check_dropped(SOTTO_DTLS_DROP_REPEATED, 1);
    send_fragment(CLIENT_HELLO, 200, 1, 0, 200);
    send_fragment(CERTIFICATE, 100, 2, 0, 100);
    send_fragment(FINISHED, 12, 4, 0, 12); // in clear
    send_fragment(CERTIFICATE_VERIFY, 75, 5, 0, 75);
    check_dropped(SOTTO_DTLS_DROP_MESSAGE, 4);
    check_nothing();
}

TEST(a_piece_with_another_length_begins_the_message_again) {
    begin(SOTTO_DTLS_SERVER);
    send_fragment(CLIENT_HELLO, 8000, 0, 100, 1000); // forged
    send_fragment(CLIENT_HELLO, 1413, 0, 0, 1175);
    check_dropped(SOTTO_DTLS_DROP_INCONSISTENT, 1);
    send_fragment(CLIENT_HELLO, 1413, 0, 1175, 238);
    check_message(CLIENT_HELLO, 1413, 0, 0);
    check_dropped(SOTTO_DTLS_DROP_COUNT, 0);
}

TEST(change_cipher_spec_counts_once_in_clear_and_in_its_place) {
    begin(SOTTO_DTLS_SERVER);
    send_record(CHANGE_CIPHER_SPEC, 0, "\1", 1); // before anything
    pass_client_hello();
    send_record(CHANGE_CIPHER_SPEC, 0, "\2", 1);
    send_record(CHANGE_CIPHER_SPEC, 0, "\1\1", 2);
    send_record(CHANGE_CIPHER_SPEC, 1, "\1", 1);
    check_dropped(SOTTO_DTLS_DROP_CHANGE_CIPHER_SPEC, 4);
    check_nothing();
    pass_second_flight();
    send_record(CHANGE_CIPHER_SPEC, 0, "\1", 1);
    check_dropped(SOTTO_DTLS_DROP_REPEATED, 1);
    check_nothing();
}

TEST(alerts_and_application_data_in_clear_never_pass) {
    begin(SOTTO_DTLS_SERVER);
    for (int i = 0; i < 4; i++) {
        send_record(ALERT, 0, "\2\50", 2); // fatal, handshake_failure
        send_record(ALERT, 0, "\1\0", 2);  // close_notify
        send_record(APPLICATION_DATA, 0, pattern, 100);
        CHECK_EQ(filter.dropped[SOTTO_DTLS_DROP_ALERT], 2);
        CHECK_EQ(filter.dropped[SOTTO_DTLS_DROP_APPLICATION_DATA], 1);
        memset(filter.dropped, 0, sizeof filter.dropped);
        check_nothing();
        if (i == 0)
            pass_client_hello();
        else if (i == 1)
            pass_second_flight();
        else if (i == 2)
            sotto_dtls_prefilter_establish(&filter);
    }
}

TEST(epochs_that_do_not_exist_are_dropped) {
    begin(SOTTO_DTLS_SERVER);
    send_record(HANDSHAKE, 1, pattern, 48); // nothing can be encrypted yet
    send_record(HANDSHAKE, 2, pattern, 48);
    send_record(ALERT, 65535, pattern, 26);
    check_dropped(SOTTO_DTLS_DROP_EPOCH, 3);
    pass_client_hello();
    pass_second_flight();
    sotto_dtls_prefilter_establish(&filter);
    send_record(HANDSHAKE, 2, pattern, 48);
    check_dropped(SOTTO_DTLS_DROP_EPOCH, 1);
    check_nothing();
}

TEST(before_the_end_of_the_handshake_only_a_finished_is_taken_encrypted) {
    begin(SOTTO_DTLS_SERVER);
    pass_client_hello();
    pass_second_flight();
    for (size_t size = 1; size < 300; size++) {
        send_record(HANDSHAKE, 1, pattern, size);
        if (size == 48) {
            check_encrypted(HANDSHAKE, 48);
            check_dropped(SOTTO_DTLS_DROP_COUNT, 0);
        } else {
            check_dropped(SOTTO_DTLS_DROP_ENCRYPTED_SIZE, 1);
        }
        check_nothing();
    }
    send_record(ALERT, 1, pattern, 26);
    check_dropped(SOTTO_DTLS_DROP_ALERT, 1);
    send_record(APPLICATION_DATA, 1, pattern, 26);
    check_dropped(SOTTO_DTLS_DROP_APPLICATION_DATA, 1);
    check_nothing();
}

TEST(after_the_handshake_a_server_takes_repeated_finished_and_alerts_and_nothing_else) {
    begin(SOTTO_DTLS_SERVER);
    pass_client_hello();
    pass_second_flight();
    sotto_dtls_prefilter_establish(&filter);
    send_fragment(CLIENT_HELLO, 200, 0, 0, 200);
    send_fragment(CERTIFICATE_VERIFY, 75, 3, 0, 75);
    send_record(CHANGE_CIPHER_SPEC, 0, "\1", 1);
    check_dropped(SOTTO_DTLS_DROP_REPEATED, 3);
    check_nothing();
    for (size_t size = 1; size < 300; size++) {
        send_record(HANDSHAKE, 1, pattern, size); // a renegotiation is longer than a Finished
        if (size == 48)
            check_encrypted(HANDSHAKE, 48);
        send_record(ALERT, 1, pattern, size);
        if (size == 26)
            check_encrypted(ALERT, 26);
        send_record(APPLICATION_DATA, 1, pattern, size);
        check_nothing();
    }
    CHECK_EQ(filter.dropped[SOTTO_DTLS_DROP_ENCRYPTED_SIZE], 2 * 298);
    CHECK_EQ(filter.dropped[SOTTO_DTLS_DROP_APPLICATION_DATA], 299);
}

TEST(after_the_handshake_a_client_takes_alerts_only) {
    begin(SOTTO_DTLS_CLIENT);
    sotto_dtls_prefilter_establish(&filter);
    send_record(HANDSHAKE, 1, pattern, 48);
    check_dropped(SOTTO_DTLS_DROP_REPEATED, 1);
    check_nothing();
    send_record(ALERT, 1, pattern, 26);
    check_encrypted(ALERT, 26);
}

TEST(an_honest_peer_stays_inside_the_budget_however_often_it_repeats_itself) {
    begin(SOTTO_DTLS_SERVER);
    for (int i = 0; i < 1000; i++)
        send_fragment(CLIENT_HELLO, 1413, 0, 0, 1175);
    send_fragment(CLIENT_HELLO, 1413, 0, 1175, 238);
    check_message(CLIENT_HELLO, 1413, 0, 0);
    for (int i = 0; i < 1000; i++) {
        send_fragment(CLIENT_HELLO, 1413, 0, 0, 1175);
        send_fragment(CERTIFICATE, 500, 1, 0, 500);
        send_fragment(CERTIFICATE_VERIFY, 75, 3, 0, 75);
        send_record(CHANGE_CIPHER_SPEC, 0, "\1", 1);
    }
    CHECK_EQ(filter.budget_datagrams, 5);
    CHECK_EQ(filter.dropped[SOTTO_DTLS_DROP_BUDGET], 0);
    send_fragment(CLIENT_KEY_EXCHANGE, 33, 2, 0, 33);
    for (int i = 0; i < 12; i++)
        send_record(HANDSHAKE, 1, pattern, 48);
    check_message(CERTIFICATE, 500, 1, 1);
    check_message(CLIENT_KEY_EXCHANGE, 33, 2, 2);
    check_message(CERTIFICATE_VERIFY, 75, 3, 3);
    check_change_cipher_spec(4);
    check_encrypted(HANDSHAKE, 48);
    CHECK_EQ(filter.dropped[SOTTO_DTLS_DROP_BUDGET], 0);
}

TEST(four_encrypted_records_leave_before_the_end_of_a_handshake) {
    begin(SOTTO_DTLS_SERVER);
    pass_client_hello();
    pass_second_flight();
    for (int i = 0; i < 4; i++) {
        send_record(HANDSHAKE, 1, pattern, 48);
        check_encrypted(HANDSHAKE, 48);
    }
    send_record(HANDSHAKE, 1, pattern, 48);
    check_nothing();
    check_dropped(SOTTO_DTLS_DROP_BUDGET, 1);
    sotto_dtls_prefilter_establish(&filter);
    for (int i = 0; i < 100; i++) {
        send_record(HANDSHAKE, 1, pattern, 48);
        check_encrypted(HANDSHAKE, 48);
    }
    check_dropped(SOTTO_DTLS_DROP_COUNT, 0);
}

TEST(sixty_datagrams_with_something_new_are_the_end) {
    begin(SOTTO_DTLS_SERVER);
    for (size_t i = 0; i < SOTTO_DTLS_HANDSHAKE_DATAGRAMS_MAX; i++)
        send_fragment(CLIENT_HELLO, 200, 0, i, 1);
    check_dropped(SOTTO_DTLS_DROP_COUNT, 0);
    send_fragment(CLIENT_HELLO, 200, 0, 0, 200);
    check_dropped(SOTTO_DTLS_DROP_BUDGET, 1);
    check_nothing();
}

TEST(sixty_four_kibibytes_with_something_new_are_the_end) {
    static struct datagram datagram;
    begin(SOTTO_DTLS_SERVER);
    size_t taken = 0;
    for (size_t length = 8192; length > 8172; length--) { // each begins the message again
        clear(&datagram);
        add_fragment(&datagram, CLIENT_HELLO, length, 0, 0, 8000);
        send(&datagram);
        if (filter.dropped[SOTTO_DTLS_DROP_BUDGET] == 0)
            taken += datagram.writer.offset;
    }
    CHECK_EQ(taken, 8 * 8025);
    CHECK_EQ(filter.budget_bytes, taken);
    CHECK(taken <= SOTTO_DTLS_HANDSHAKE_BYTES_MAX);
    check_nothing();
}

TEST(a_handshake_ends_ten_seconds_after_its_first_fragment) {
    static struct datagram datagram;
    begin(SOTTO_DTLS_SERVER);
    clear(&datagram);
    add_record(&datagram, ALERT, 0, "\1\0", 2);
    send_at(1, &datagram);
    CHECK_EQ(filter.deadline_us, 0);
    clear(&datagram);
    add_fragment(&datagram, CLIENT_HELLO, 200, 0, 0, 100);
    send_at(5000000, &datagram);
    CHECK_EQ(filter.deadline_us, 15000000);
    sotto_dtls_prefilter_start(&filter, 6000000);
    CHECK_EQ(filter.deadline_us, 15000000);
    clear(&datagram);
    add_fragment(&datagram, CLIENT_HELLO, 200, 0, 100, 100);
    send_at(15000000, &datagram);
    check_nothing();
    CHECK_EQ(filter.dropped[SOTTO_DTLS_DROP_DEADLINE], 1);
    send_at(14999999, &datagram);
    check_message(CLIENT_HELLO, 200, 0, 0);
}

TEST(a_restart_waits_for_a_client_hello_again_and_keeps_the_budget) {
    begin(SOTTO_DTLS_SERVER);
    pass_client_hello();
    send_fragment(CERTIFICATE, 500, 1, 0, 500);
    send_record(CHANGE_CIPHER_SPEC, 0, "\1", 1);
    send_record(HANDSHAKE, 1, pattern, 48);
    uint64_t deadline_us = filter.deadline_us;
    sotto_dtls_prefilter_restart(&filter);
    check_nothing();
    CHECK_EQ(filter.budget_datagrams, 4);
    CHECK_EQ(filter.deadline_us, deadline_us);
    pass_client_hello();
    pass_second_flight();
    check_nothing();
}

TEST(a_datagram_with_anything_but_whole_records_is_dropped_as_a_whole) {
    static struct datagram datagram;
    struct {
        unsigned type, version, epoch, size;
    } bad[] = {
        {19, 0xfefd, 0, 4},        {24, 0xfefd, 0, 4}, {HANDSHAKE, 0x0303, 0, 4},
        {HANDSHAKE, 0xfefc, 0, 4}, {ALERT, 0xfeff, 1, 26}, {HANDSHAKE, 0xfefd, 0, 0},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        begin(SOTTO_DTLS_SERVER);
        clear(&datagram);
        add_fragment(&datagram, CLIENT_HELLO, 200, 0, 0, 200);
        add_header(&datagram, bad[i].type, bad[i].version, bad[i].epoch, bad[i].size);
        sotto_writer_write_bytes(&datagram.writer, pattern, bad[i].size);
        send(&datagram);
        check_dropped(SOTTO_DTLS_DROP_MALFORMED, 1);
        check_nothing();
    }
    clear(&datagram);
    add_fragment(&datagram, CLIENT_HELLO, 200, 0, 0, 200);
    sotto_writer_write_u8(&datagram.writer, 0);
    send(&datagram);
    check_dropped(SOTTO_DTLS_DROP_MALFORMED, 1);
    sotto_dtls_prefilter_handle_packet(&filter, 0, NULL, 0);
    check_dropped(SOTTO_DTLS_DROP_MALFORMED, 1);
    check_nothing();
}

TEST(every_truncation_of_a_flight_is_dropped_as_a_whole) {
    static struct datagram datagram;
    clear(&datagram);
    add_fragment(&datagram, CERTIFICATE, 308, 1, 0, 308);
    size_t ends[4] = {datagram.writer.offset};
    add_fragment(&datagram, CLIENT_KEY_EXCHANGE, 33, 2, 0, 33);
    ends[1] = datagram.writer.offset;
    add_fragment(&datagram, CERTIFICATE_VERIFY, 75, 3, 0, 75);
    ends[2] = datagram.writer.offset;
    add_record(&datagram, CHANGE_CIPHER_SPEC, 0, "\1", 1);
    ends[3] = datagram.writer.offset;
    add_record(&datagram, HANDSHAKE, 1, pattern, 48);
    size_t whole = datagram.writer.offset;
    for (size_t size = 0; size < whole; size++) {
        begin(SOTTO_DTLS_SERVER);
        pass_client_hello();
        datagram.writer.offset = size;
        send(&datagram);
        bool at_end = size == ends[0] || size == ends[1] || size == ends[2] || size == ends[3];
        CHECK_EQ(filter.dropped[SOTTO_DTLS_DROP_MALFORMED], at_end ? 0 : 1);
        if (!at_end)
            check_nothing();
    }
}

TEST(every_reason_has_a_word) {
    for (int i = 0; i < SOTTO_DTLS_DROP_COUNT; i++)
        CHECK(strlen(sotto_dtls_drop_text((enum sotto_dtls_drop)i)) > 3);
}

int main(void) {
    RUN(a_whole_client_hello_leaves_in_a_fresh_record);
    RUN(the_two_fragments_of_chromium_become_one_message);
    RUN(the_two_fragments_of_firefox_become_one_message_also_when_cut_anew);
    RUN(fragments_of_one_byte_in_any_order_become_one_message);
    RUN(several_messages_in_one_record_and_several_records_in_one_datagram_are_taken_apart);
    RUN(the_second_flight_leaves_in_order_from_each_of_its_720_orders);
    RUN(a_client_takes_the_flight_of_a_server_in_any_order_and_its_last_one);
    RUN(lengths_that_are_only_claimed_change_nothing);
    RUN(messages_of_the_greatest_size_pass);
    RUN(messages_that_do_not_belong_to_this_place_are_dropped);
    RUN(a_piece_with_another_length_begins_the_message_again);
    RUN(change_cipher_spec_counts_once_in_clear_and_in_its_place);
    RUN(alerts_and_application_data_in_clear_never_pass);
    RUN(epochs_that_do_not_exist_are_dropped);
    RUN(before_the_end_of_the_handshake_only_a_finished_is_taken_encrypted);
    RUN(after_the_handshake_a_server_takes_repeated_finished_and_alerts_and_nothing_else);
    RUN(after_the_handshake_a_client_takes_alerts_only);
    RUN(an_honest_peer_stays_inside_the_budget_however_often_it_repeats_itself);
    RUN(four_encrypted_records_leave_before_the_end_of_a_handshake);
    RUN(sixty_datagrams_with_something_new_are_the_end);
    RUN(sixty_four_kibibytes_with_something_new_are_the_end);
    RUN(a_handshake_ends_ten_seconds_after_its_first_fragment);
    RUN(a_restart_waits_for_a_client_hello_again_and_keeps_the_budget);
    RUN(a_datagram_with_anything_but_whole_records_is_dropped_as_a_whole);
    RUN(every_truncation_of_a_flight_is_dropped_as_a_whole);
    RUN(every_reason_has_a_word);
    return 0;
}
