// What someone can do who sends whatever they like to a server's association, or is a peer of it.
#include "core/writer.h"
#include "tests/crypto/dtls_pair.h"

#include <malloc.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/ssl.h>
#include <unistd.h>

enum { TRANSPORT_COUNT = 1000, HALF_A_HANDSHAKE_US = 1059999 };

static struct sotto_dtls *server_of(struct pair *pair) {
    return &pair->sides[PAIR_SERVER].dtls;
}

static uint32_t dropped(struct pair *pair, enum sotto_dtls_drop reason) {
    return server_of(pair)->prefilter.dropped[reason];
}

// Bytes that OpenSSL holds.
static size_t library_size;

static void *library_malloc(size_t size, const char *file, int line) {
    (void)file, (void)line;
    void *block = malloc(size);
    library_size += malloc_usable_size(block);
    return block;
}

static void library_free(void *block, const char *file, int line) {
    (void)file, (void)line;
    library_size -= malloc_usable_size(block);
    free(block);
}

static void *library_realloc(void *block, size_t size, const char *file, int line) {
    (void)file, (void)line;
    library_size -= malloc_usable_size(block);
    block = realloc(block, size);
    library_size += malloc_usable_size(block);
    return block;
}

static size_t resident_size(void) {
    FILE *file = fopen("/proc/self/statm", "r");
    unsigned long pages = 0;
    CHECK(file && fscanf(file, "%*u %lu", &pages) == 1);
    fclose(file);
    return pages * (size_t)sysconf(_SC_PAGESIZE);
}

static size_t write_fragment(uint8_t *to, size_t capacity, unsigned type, unsigned message_size,
                             unsigned sequence, unsigned offset, unsigned size) {
    struct sotto_writer writer;
    sotto_writer_init(&writer, to, capacity);
    sotto_writer_write_u8(&writer, 22);
    sotto_writer_write_u16(&writer, 0xfeff);
    sotto_writer_write_u16(&writer, 0);
    sotto_writer_write_uint(&writer, sequence, 6);
    sotto_writer_write_u16(&writer, (uint16_t)(12 + size));
    sotto_writer_write_u8(&writer, (uint8_t)type);
    sotto_writer_write_u24(&writer, message_size);
    sotto_writer_write_u16(&writer, (uint16_t)sequence);
    sotto_writer_write_u24(&writer, offset);
    sotto_writer_write_u24(&writer, size);
    sotto_writer_write_zeros(&writer, size);
    CHECK(!writer.failed);
    return writer.offset;
}

static struct sotto_dtls *create_transports(struct pair *pair) {
    struct sotto_dtls *transports = calloc(TRANSPORT_COUNT, sizeof *transports);
    CHECK(transports);
    for (size_t i = 0; i < TRANSPORT_COUNT; i++)
        CHECK(sotto_dtls_init(&transports[i], &pair->sides[PAIR_SERVER].context, SOTTO_DTLS_SERVER,
                              pair->sides[PAIR_CLIENT].certificate.fingerprint, 0));
    return transports;
}

static void destroy_transports(struct sotto_dtls *transports) {
    for (size_t i = 0; i < TRANSPORT_COUNT; i++)
        sotto_dtls_wipe(&transports[i]);
    free(transports);
    malloc_trim(0);
}

static size_t headers_that_claim(unsigned message_size, unsigned fragment_size) {
    struct pair *pair = pair_create(1);
    size_t before = resident_size();
    struct sotto_dtls *transports = create_transports(pair);
    for (size_t i = 0; i < TRANSPORT_COUNT; i++) {
        for (unsigned sequence = 0; sequence < 16; sequence++) {
            uint8_t datagram[1300];
            size_t size = write_fragment(datagram, sizeof datagram, 1, message_size, sequence, 0,
                                         fragment_size);
            sotto_dtls_handle_packet(&transports[i], 0, datagram, size);
        }
        CHECK(!transports[i].ssl);
    }
    size_t growth = resident_size() - before;
    destroy_transports(transports);
    pair_destroy(pair);
    return growth;
}

TEST(sixteen_claims_of_16_megabytes_to_1000_transports_cost_less_than_50_megabytes) {
    size_t empty = headers_that_claim(0xffffff, 0);
    size_t filled = headers_that_claim(0xffffff, 1200);
    size_t allowed = headers_that_claim(SOTTO_DTLS_MESSAGE_SIZE_MAX, 1200);
    printf("   growth with empty pieces %.1f MiB, with 1200 bytes %.1f MiB, of the greatest "
           "allowed message %.1f MiB, transports included\n",
           (double)empty / 1048576, (double)filled / 1048576, (double)allowed / 1048576);
    CHECK(empty < 50 << 20);
    CHECK(filled < 50 << 20);
    CHECK(allowed < 50 << 20);
}

// An authenticated attacker's way: the same after a true ClientHello, when OpenSSL is there.
TEST(claims_in_the_middle_of_a_handshake_reach_no_memory_of_openssl_and_it_completes) {
    struct pair *pair = pair_create(1);
    pair_connect(pair);
    pair_run(pair, HALF_A_HANDSHAKE_US);
    size_t before = library_size;
    for (unsigned i = 0; i < 16000; i++) {
        uint8_t datagram[1300];
        unsigned sequence = i % 16;
        static const unsigned types[] = {1, 11, 16, 15, 20, 4};
        size_t size = write_fragment(datagram, sizeof datagram, types[i % 6], 0xffffff, sequence,
                                     i % 1000, i % 1200);
        pair_deliver(pair, PAIR_SERVER, datagram, size);
    }
    CHECK_EQ(library_size, before);
    pair_run(pair, 9000000);
    pair_check_connected(pair);
    pair_destroy(pair);
}

static void send_alerts_and_data(struct pair *pair) {
    for (unsigned level = 0; level < 4; level++) {
        for (unsigned description = 0; description < 256; description++) {
            uint8_t alert[] = {21, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, (uint8_t)level, 99,
                               0,  2,    (uint8_t)level, (uint8_t)description};
            pair_deliver(pair, PAIR_SERVER, alert, sizeof alert);
            pair_deliver(pair, PAIR_CLIENT, alert, sizeof alert);
            alert[0] = 23;
            pair_deliver(pair, PAIR_SERVER, alert, sizeof alert);
            pair_deliver(pair, PAIR_CLIENT, alert, sizeof alert);
        }
    }
}

TEST(alerts_and_application_data_in_clear_are_ignored_at_every_step) {
    struct pair *pair = pair_create(1);
    pair_connect(pair);
    for (uint64_t end_us = 1010000; end_us <= 1110000; end_us += 20000) {
        send_alerts_and_data(pair);
        pair_run(pair, end_us);
    }
    pair_check_connected(pair);
    send_alerts_and_data(pair);
    CHECK_EQ(dropped(pair, SOTTO_DTLS_DROP_ALERT), 7 * 1024);
    CHECK_EQ(dropped(pair, SOTTO_DTLS_DROP_APPLICATION_DATA), 7 * 1024);
    CHECK_EQ(pair->sides[PAIR_SERVER].closed + pair->sides[PAIR_CLIENT].closed, 0);
    CHECK_EQ(pair->sides[PAIR_SERVER].sent, 2);
    pair_destroy(pair);
}

static void send_garbage(struct pair *pair, int to) {
    uint8_t bytes[200];
    for (int i = 0; i < 50; i++) {
        for (size_t j = 0; j < sizeof bytes; j++)
            bytes[j] = (uint8_t)pair_random(pair);
        if (i % 2) { // a good header with garbage behind it
            static const uint8_t header[] = {22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 7, 0, 187};
            memcpy(bytes, header, sizeof header);
            bytes[0] = (uint8_t)(20 + i / 2 % 4);
            bytes[4] = (uint8_t)(i / 8 % 3);
        }
        pair_deliver(pair, to, bytes, sizeof bytes);
    }
    // Encrypted records of the right size that nobody encrypted.
    for (int i = 0; i < 3; i++) {
        bytes[0] = (uint8_t)(21 + i % 2);
        memcpy(bytes + 1, "\xfe\xfd\0\1\0\0\0\0\0\0\0\x30", 12);
        bytes[10] = (uint8_t)i;
        if (bytes[0] == 21)
            bytes[12] = 26;
        pair_deliver(pair, to, bytes, bytes[0] == 21 ? 39 : 61);
    }
}

static bool precede_with_garbage(struct pair *pair, struct pair_datagram *datagram) {
    send_garbage(pair, datagram->to);
    return true;
}

TEST(garbage_between_the_datagrams_of_both_sides_does_not_keep_them_from_connecting) {
    for (uint64_t seed = 0; seed < 50; seed++) {
        struct pair *pair = pair_create(seed);
        pair->tap = precede_with_garbage;
        pair_connect(pair);
        pair_run(pair, 9000000);
        pair_check_connected(pair);
        send_garbage(pair, PAIR_SERVER);
        send_garbage(pair, PAIR_CLIENT);
        CHECK_EQ(pair->sides[PAIR_SERVER].closed + pair->sides[PAIR_CLIENT].closed, 0);
        pair_destroy(pair);
    }
}

// A ClientHello whose only cipher suite is TLS_NULL_WITH_NULL_NULL, as it was used against
// FreeSWITCH and Asterisk (CVE-2023-51443, CVE-2023-49786).
static size_t write_null_hello(uint8_t *to, size_t capacity) {
    static const uint8_t body[] = {0xfe, 0xfd, [34] = 0, 0, 0, 2, 0, 0, 1, 0};
    size_t size = write_fragment(to, capacity, 1, sizeof body, 0, 0, sizeof body);
    memcpy(to + 25, body, sizeof body);
    return size;
}

TEST(a_client_hello_without_a_cipher_gets_no_answer_and_the_true_one_connects) {
    struct pair *pair = pair_create(1);
    pair_connect(pair);
    for (int i = 0; i < 20; i++) {
        uint8_t datagram[100];
        size_t size = write_null_hello(datagram, sizeof datagram);
        pair_deliver(pair, PAIR_SERVER, datagram, size);
        CHECK_EQ(pair->sides[PAIR_SERVER].sent, 0);
        CHECK(!server_of(pair)->ssl);
        CHECK_EQ(server_of(pair)->prefilter.next_message, 0);
    }
    pair_run(pair, 9000000);
    pair_check_connected(pair);
    pair_destroy(pair);
}

TEST(a_handshake_that_brings_too_much_ends_at_the_deadline_and_costs_no_more) {
    struct pair *pair = pair_create(1);
    pair_connect(pair);
    for (int i = 0; i < 1000; i++) {
        uint8_t datagram[100];
        size_t size = write_null_hello(datagram, sizeof datagram);
        pair_deliver(pair, PAIR_SERVER, datagram, size);
    }
    CHECK_EQ(dropped(pair, SOTTO_DTLS_DROP_BUDGET), 1000 - SOTTO_DTLS_HANDSHAKE_DATAGRAMS_MAX);
    pair_run(pair, 10999999);
    CHECK_EQ(pair->sides[PAIR_SERVER].failed, 0);
    pair_run(pair, 20000000);
    CHECK_EQ(pair->sides[PAIR_SERVER].failed, 1);
    CHECK_EQ(pair->sides[PAIR_SERVER].failure, SOTTO_DTLS_FAILURE_DEADLINE);
    CHECK(!server_of(pair)->reassembly);
    pair_destroy(pair);
}

// Bytes of a real flight are changed on the way. Whatever that does, nobody ends up connected to
// somebody with other keys.
static unsigned flip_at;

static bool flip_bit(struct pair *pair, struct pair_datagram *datagram) {
    (void)pair;
    if (flip_at / 8 < datagram->size)
        datagram->bytes[flip_at / 8] ^= (uint8_t)(1u << (flip_at % 8));
    return true;
}

TEST(flipped_bits_never_lead_to_different_keys) {
    int connected = 0;
    for (flip_at = 0; flip_at < 8 * 1000; flip_at += 37) {
        struct pair *pair = pair_create(flip_at);
        pair->tap = flip_bit;
        pair_connect(pair);
        pair_run(pair, 1110000);
        pair->tap = NULL;
        pair_run(pair, 25000000);
        if (pair->sides[PAIR_CLIENT].connected) {
            pair_check_connected(pair);
            connected++;
        }
        pair_destroy(pair);
    }
    CHECK(connected > 10);
}

static bool truncate_all(struct pair *pair, struct pair_datagram *datagram) {
    for (size_t size = 0; size < datagram->size; size++) {
        bool at_end = false; // a cut between two records leaves a good datagram
        for (size_t start = 0; start + 13 <= datagram->size;) {
            at_end |= start == size;
            start += 13 + ((size_t)datagram->bytes[start + 11] << 8 | datagram->bytes[start + 12]);
        }
        if (size == 0 || !at_end)
            pair_deliver(pair, datagram->to, datagram->bytes, size);
    }
    return true;
}

TEST(all_truncations_of_both_sides_flights_change_nothing) {
    struct pair *pair = pair_create(1);
    pair->tap = truncate_all;
    pair_connect(pair);
    pair_run(pair, 1110000);
    pair_check_connected(pair);
    for (int i = 0; i < SOTTO_DTLS_DROP_COUNT; i++) {
        if (i != SOTTO_DTLS_DROP_MALFORMED)
            CHECK_EQ(server_of(pair)->prefilter.dropped[i], 0);
    }
    CHECK(dropped(pair, SOTTO_DTLS_DROP_MALFORMED) > 500);
    pair_destroy(pair);
}

TEST(a_connected_peer_can_neither_renegotiate_nor_send_data) {
    struct pair *pair = pair_create(1);
    struct pair_side *client = &pair->sides[PAIR_CLIENT];
    SSL_CTX_clear_options(client->context.ssl_context, SSL_OP_NO_RENEGOTIATION);
    pair_connect(pair);
    pair_run(pair, 2000000);
    pair_check_connected(pair);
    int sent = pair->sides[PAIR_SERVER].sent;

    CHECK(SSL_write(client->dtls.ssl, "data", 4) == 4);
    pair_pull(pair, PAIR_CLIENT);
    pair_run(pair, 2100000);
    CHECK_EQ(dropped(pair, SOTTO_DTLS_DROP_APPLICATION_DATA), 1);

    CHECK(SSL_renegotiate(client->dtls.ssl) == 1);
    CHECK(SSL_do_handshake(client->dtls.ssl) == -1);
    pair_pull(pair, PAIR_CLIENT);
    pair_run(pair, 2200000);
    CHECK(dropped(pair, SOTTO_DTLS_DROP_ENCRYPTED_SIZE) >= 1);
    CHECK_EQ(pair->sides[PAIR_SERVER].sent, sent);
    CHECK_EQ(pair->sides[PAIR_SERVER].closed, 0);
    CHECK_EQ(SSL_is_init_finished(server_of(pair)->ssl), 1);
    pair_destroy(pair);
}

struct sealed_record {
    uint8_t bytes[200];
    size_t size;
};

// The key and the fixed part of the nonce with which the client encrypts (RFC 5246 section 6.3).
static void derive_client_key(struct pair *pair, uint8_t key[16], uint8_t salt[4]) {
    SSL *ssl = pair->sides[PAIR_CLIENT].dtls.ssl;
    uint8_t master[48];
    uint8_t seed[13 + 64];
    uint8_t block[40];
    CHECK_TEXT(SSL_get_cipher_name(ssl), "ECDHE-ECDSA-AES128-GCM-SHA256");
    CHECK_EQ(SSL_SESSION_get_master_key(SSL_get_session(ssl), master, sizeof master), 48);
    memcpy(seed, "key expansion", 13);
    CHECK_EQ(SSL_get_server_random(ssl, seed + 13, 32), 32);
    CHECK_EQ(SSL_get_client_random(ssl, seed + 45, 32), 32);
    char digest[] = "SHA256";
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SECRET, master, sizeof master),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SEED, seed, sizeof seed),
        OSSL_PARAM_construct_end(),
    };
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, "TLS1-PRF", NULL);
    EVP_KDF_CTX *context = EVP_KDF_CTX_new(kdf);
    CHECK(EVP_KDF_derive(context, block, sizeof block, parameters) == 1);
    EVP_KDF_CTX_free(context);
    EVP_KDF_free(kdf);
    memcpy(key, block, 16);
    memcpy(salt, block + 32, 4);
}

// A record of any content that the client's key encrypts (RFC 5288 section 3).
static struct sealed_record seal(struct pair *pair, uint8_t type, uint8_t sequence,
                                 const void *content, size_t size) {
    uint8_t key[16];
    uint8_t nonce[12] = {[5] = 1, [11] = sequence};
    derive_client_key(pair, key, nonce);
    struct sealed_record record = {.size = 13 + 8 + size + 16};
    const uint8_t header[] = {type,     0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0,
                              sequence, 0,    (uint8_t)(24 + size)};
    const uint8_t aad[] = {0, 1, 0, 0, 0, 0, 0, sequence, type, 0xfe, 0xfd, 0, (uint8_t)size};
    memcpy(record.bytes, header, 13);
    memcpy(record.bytes + 13, nonce + 4, 8);
    int length;
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    CHECK(EVP_EncryptInit_ex(context, EVP_aes_128_gcm(), NULL, key, nonce) == 1);
    CHECK(EVP_EncryptUpdate(context, NULL, &length, aad, sizeof aad) == 1);
    CHECK(EVP_EncryptUpdate(context, record.bytes + 21, &length, content, (int)size) == 1);
    CHECK(EVP_EncryptFinal_ex(context, record.bytes + 21 + size, &length) == 1);
    CHECK(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, 16, record.bytes + 21 + size) == 1);
    EVP_CIPHER_CTX_free(context);
    return record;
}

static void deliver_sealed(struct pair *pair, uint8_t type, uint8_t sequence, const void *content,
                           size_t size) {
    struct sealed_record record = seal(pair, type, sequence, content, size);
    pair_deliver(pair, PAIR_SERVER, record.bytes, record.size);
}

static struct pair *create_connected_pair(void) {
    struct pair *pair = pair_create(1);
    pair_connect(pair);
    pair_run(pair, 2000000);
    pair_check_connected(pair);
    return pair;
}

static void check_alert(const char *alert, int closes) {
    struct pair *pair = create_connected_pair();
    deliver_sealed(pair, 21, 9, alert, 2);
    CHECK_EQ(pair->sides[PAIR_SERVER].closed, closes);
    pair_destroy(pair);
}

TEST(encrypted_alerts_that_end_the_association_close_it_and_others_do_not) {
    check_alert("\1\0", 1);   // close_notify
    check_alert("\2\50", 1);  // fatal, handshake_failure
    check_alert("\1\132", 0); // warning, user_canceled
    check_alert("\3\0", 0);   // no level
    struct pair *pair = create_connected_pair();
    for (uint8_t i = 0; i < 50; i++)
        deliver_sealed(pair, 21, (uint8_t)(9 + i), "\1\132", 2);
    CHECK_EQ(pair->sides[PAIR_SERVER].closed, 0);
    pair_destroy(pair);
}

TEST(a_connected_peer_that_repeats_its_finished_for_ever_gets_twelve_answers) {
    struct pair *pair = create_connected_pair();
    static const uint8_t finished[24] = {20, 0, 0, 12, 0, 4, 0, 0, 0, 0, 0, 12};
    int sent = pair->sides[PAIR_SERVER].sent;
    for (uint8_t i = 0; i < 100; i++)
        deliver_sealed(pair, 22, (uint8_t)(9 + i), finished, sizeof finished);
    CHECK_EQ(pair->sides[PAIR_SERVER].sent - sent, 12);
    CHECK_EQ(pair->sides[PAIR_SERVER].closed, 0);
    pair_destroy(pair);
}

TEST(a_connected_peer_that_hides_other_messages_in_the_size_of_a_finished_gets_no_memory) {
    for (unsigned type = 0; type < 32; type++) {
        if (type == 20)
            continue;
        struct pair *pair = create_connected_pair();
        int sent = pair->sides[PAIR_SERVER].sent;
        size_t before = library_size;
        for (uint8_t i = 0; i < 50; i++) {
            uint8_t piece[24] = {(uint8_t)type, 0, 0x3f, 0, 0, i % 10, 0, 0, 0, 0, 0, 12};
            deliver_sealed(pair, 22, (uint8_t)(9 + i), piece, sizeof piece);
            CHECK(library_size <= before);
        }
        CHECK_EQ(pair->sides[PAIR_SERVER].sent, sent);
        CHECK_EQ(pair->sides[PAIR_SERVER].closed, 0);
        CHECK_EQ(pair->sides[PAIR_SERVER].connected, 1);
        pair_destroy(pair);
    }
}

// The same before the end of the handshake: the client's last record is left out, and pieces of
// messages take its place.
TEST(a_peer_that_hides_other_messages_in_the_size_of_its_first_finished_gets_little_memory) {
    struct pair *pair = pair_create(1);
    pair_connect(pair);
    pair_run(pair, HALF_A_HANDSHAKE_US);
    CHECK_EQ(pair->count, 1);
    pair_deliver(pair, PAIR_SERVER, pair->network[0].bytes,
                 pair->network[0].size - SOTTO_DTLS_FINISHED_RECORD_SIZE);
    size_t before = library_size;
    size_t most = before;
    for (uint8_t i = 0; i < 50; i++) {
        uint8_t piece[24] = {20, 0, 0x3f, 0, 0, (uint8_t)(4 + i % 12), 0, 0, 0, 0, 0, 12};
        deliver_sealed(pair, 22, (uint8_t)(9 + i), piece, sizeof piece);
        most = library_size > most ? library_size : most;
    }
    CHECK(most - before < 100000);
    CHECK_EQ(pair->sides[PAIR_SERVER].connected, 0);
    pair_destroy(pair);
}

TEST(a_replayed_last_flight_of_the_client_is_not_answered) {
    struct pair *pair = pair_create(1);
    pair_connect(pair);
    pair_run(pair, HALF_A_HANDSHAKE_US);
    CHECK_EQ(pair->count, 1);
    struct pair_datagram flight = pair->network[0];
    CHECK_EQ(flight.to, PAIR_SERVER);
    pair_run(pair, 2000000);
    pair_check_connected(pair);
    int sent = pair->sides[PAIR_SERVER].sent;
    for (int i = 0; i < 100; i++)
        pair_deliver(pair, PAIR_SERVER, flight.bytes, flight.size);
    CHECK_EQ(pair->sides[PAIR_SERVER].sent, sent);
    pair_destroy(pair);
}

TEST(a_million_garbage_datagrams_leave_a_connected_server_alone) {
    struct pair *pair = pair_create(1);
    pair_connect(pair);
    pair_run(pair, 2000000);
    pair_check_connected(pair);
    size_t before = library_size;
    int sent = pair->sides[PAIR_SERVER].sent;
    uint8_t bytes[61];
    for (int i = 0; i < 1000000; i++) {
        memcpy(bytes, "\26\xfe\xfd\0\1\0\0\0\0\0\0\0\x30", 13);
        bytes[10] = (uint8_t)i;
        bytes[11 + i % 50] ^= (uint8_t)(i % 16);
        sotto_dtls_handle_packet(server_of(pair), pair->now_us, bytes, sizeof bytes);
    }
    pair_pull(pair, PAIR_SERVER);
    CHECK_EQ(library_size, before);
    CHECK_EQ(pair->sides[PAIR_SERVER].sent, sent);
    CHECK_EQ(pair->sides[PAIR_SERVER].closed, 0);
    sotto_dtls_close(&pair->sides[PAIR_CLIENT].dtls);
    pair_pull(pair, PAIR_CLIENT);
    pair_run(pair, 3000000);
    CHECK_EQ(pair->sides[PAIR_SERVER].closed, 1);
    pair_destroy(pair);
}

int main(void) {
    CHECK(CRYPTO_set_mem_functions(library_malloc, library_realloc, library_free) == 1);
    RUN(sixteen_claims_of_16_megabytes_to_1000_transports_cost_less_than_50_megabytes);
    RUN(claims_in_the_middle_of_a_handshake_reach_no_memory_of_openssl_and_it_completes);
    RUN(alerts_and_application_data_in_clear_are_ignored_at_every_step);
    RUN(garbage_between_the_datagrams_of_both_sides_does_not_keep_them_from_connecting);
    RUN(a_client_hello_without_a_cipher_gets_no_answer_and_the_true_one_connects);
    RUN(a_handshake_that_brings_too_much_ends_at_the_deadline_and_costs_no_more);
    RUN(flipped_bits_never_lead_to_different_keys);
    RUN(all_truncations_of_both_sides_flights_change_nothing);
    RUN(a_connected_peer_can_neither_renegotiate_nor_send_data);
    RUN(encrypted_alerts_that_end_the_association_close_it_and_others_do_not);
    RUN(a_connected_peer_that_repeats_its_finished_for_ever_gets_twelve_answers);
    RUN(a_connected_peer_that_hides_other_messages_in_the_size_of_a_finished_gets_no_memory);
    RUN(a_peer_that_hides_other_messages_in_the_size_of_its_first_finished_gets_little_memory);
    RUN(a_replayed_last_flight_of_the_client_is_not_answered);
    RUN(a_million_garbage_datagrams_leave_a_connected_server_alone);
    return 0;
}
