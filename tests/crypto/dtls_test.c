#include "crypto/dtls.h"

#include "tests/crypto/dtls_pair.h"
#include "tests/vectors.h"

#include <openssl/evp.h>
#include <openssl/srtp.h>
#include <openssl/x509.h>

static const char all_profiles[] =
    "SRTP_AES128_CM_SHA1_80:SRTP_AEAD_AES_256_GCM:SRTP_AEAD_AES_128_GCM"; // Chromium's order

static void offer(struct pair *pair, const char *names) {
    CHECK(SSL_CTX_set_tlsext_use_srtp(pair->sides[PAIR_CLIENT].context.ssl_context, names) == 0);
}

static void check_agreed(const char *offered, enum sotto_srtp_profile profile, size_t key_size,
                         size_t salt_size) {
    struct pair *pair = pair_create(1);
    offer(pair, offered);
    pair_connect(pair);
    pair_run(pair, 2000000);
    pair_check_connected(pair);
    const struct sotto_dtls_keys *keys = &pair->sides[PAIR_SERVER].keys;
    CHECK_EQ(keys->profile, profile);
    CHECK_EQ(keys->key_size, key_size);
    CHECK_EQ(keys->salt_size, salt_size);
    CHECK(pair_is_zero(keys->local_key + key_size, sizeof keys->local_key - key_size));
    CHECK(pair_is_zero(keys->local_salt + salt_size, sizeof keys->local_salt - salt_size));
    CHECK(!pair_is_zero(keys->local_salt + salt_size - 2, 2));
    pair_destroy(pair);
}

TEST(the_order_of_the_server_chooses_the_srtp_profile) {
    check_agreed(all_profiles, SOTTO_SRTP_AEAD_AES_128_GCM, 16, 12);
    check_agreed("SRTP_AES128_CM_SHA1_80:SRTP_AEAD_AES_256_GCM", SOTTO_SRTP_AEAD_AES_256_GCM,
                 32, 12);
    check_agreed("SRTP_AES128_CM_SHA1_80:SRTP_AEAD_AES_128_GCM", SOTTO_SRTP_AEAD_AES_128_GCM,
                 16, 12);
    check_agreed("SRTP_AEAD_AES_256_GCM:SRTP_AEAD_AES_128_GCM", SOTTO_SRTP_AEAD_AES_128_GCM,
                 16, 12);
    check_agreed("SRTP_AEAD_AES_128_GCM", SOTTO_SRTP_AEAD_AES_128_GCM, 16, 12);
    check_agreed("SRTP_AEAD_AES_256_GCM", SOTTO_SRTP_AEAD_AES_256_GCM, 32, 12);
    check_agreed("SRTP_AES128_CM_SHA1_32:SRTP_AES128_CM_SHA1_80",
                 SOTTO_SRTP_AES_CM_128_HMAC_SHA1_80, 16, 14);
}

TEST(without_a_common_srtp_profile_the_server_fails_and_has_no_keys) {
    struct pair *pair = pair_create(1);
    offer(pair, "SRTP_AES128_CM_SHA1_32");
    pair_connect(pair);
    pair_run(pair, 12000000);
    const struct pair_side *server = &pair->sides[PAIR_SERVER];
    CHECK_EQ(server->failed, 1);
    CHECK_EQ(server->failure, SOTTO_DTLS_FAILURE_PROFILE);
    CHECK_EQ(server->connected, 0);
    CHECK_EQ(pair->sides[PAIR_CLIENT].connected, 0);
    pair_destroy(pair);
}

// RFC 5764 section 4.2: what the label exports is cut into the client's key, the server's key, the
// client's salt and the server's salt.
TEST(keys_are_the_exported_block_of_rfc_5764_cut_by_role) {
    struct pair *pair = pair_create(1);
    offer(pair, "SRTP_AES128_CM_SHA1_80");
    pair_connect(pair);
    pair_run(pair, 2000000);
    pair_check_connected(pair);
    uint8_t block[60];
    CHECK(SSL_export_keying_material(pair->sides[PAIR_CLIENT].dtls.ssl, block, sizeof block,
                                     "EXTRACTOR-dtls_srtp", 19, NULL, 0, 0) == 1);
    const struct sotto_dtls_keys *client = &pair->sides[PAIR_CLIENT].keys;
    CHECK_BYTES(client->local_key, block, 16);
    CHECK_BYTES(client->remote_key, block + 16, 16);
    CHECK_BYTES(client->local_salt, block + 32, 14);
    CHECK_BYTES(client->remote_salt, block + 46, 14);
    pair_destroy(pair);
}

TEST(the_handshake_is_dtls_1_2_with_ecdhe_ecdsa_and_aes_gcm_on_x25519) {
    struct pair *pair = pair_create(1);
    pair_connect(pair);
    pair_run(pair, 2000000);
    SSL *ssl = pair->sides[PAIR_SERVER].dtls.ssl;
    CHECK_TEXT(SSL_get_version(ssl), "DTLSv1.2");
    CHECK_TEXT(SSL_get_cipher_name(ssl), "ECDHE-ECDSA-AES128-GCM-SHA256");
    CHECK_EQ(SSL_get_negotiated_group(ssl), NID_X25519);
    CHECK_EQ(SSL_session_reused(ssl), 0);
    CHECK(!SSL_get_current_compression(ssl));
    CHECK_EQ(SSL_get_extms_support(ssl), 1);
    pair_destroy(pair);
}

TEST(the_context_allows_nothing_that_a_handshake_does_not_need) {
    struct pair *pair = pair_create(1);
    SSL_CTX *context = pair->sides[PAIR_SERVER].context.ssl_context;
    CHECK_EQ(SSL_CTX_get_min_proto_version(context), DTLS1_2_VERSION);
    CHECK_EQ(SSL_CTX_get_max_proto_version(context), DTLS1_2_VERSION);
    CHECK_EQ(SSL_CTX_get_max_cert_list(context), 16384);
    CHECK_EQ(SSL_CTX_get_session_cache_mode(context), SSL_SESS_CACHE_OFF);
    uint64_t needed = SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                      SSL_OP_NO_QUERY_MTU | SSL_OP_CIPHER_SERVER_PREFERENCE;
    CHECK_EQ(SSL_CTX_get_options(context) & needed, needed);
    CHECK_EQ(sk_SSL_CIPHER_num(SSL_CTX_get_ciphers(context)), 2 + 3); // 3 are of TLS 1.3
    pair_destroy(pair);
}

static void check_wrong_fingerprint(int deceived) {
    struct pair *pair = pair_create(3);
    uint8_t wrong[SOTTO_FINGERPRINT_SIZE];
    memcpy(wrong, pair->sides[1 - deceived].certificate.fingerprint, sizeof wrong);
    wrong[31] ^= 1;
    if (deceived == PAIR_SERVER)
        pair_connect_expecting(pair, wrong, pair->sides[PAIR_SERVER].certificate.fingerprint);
    else
        pair_connect_expecting(pair, pair->sides[PAIR_CLIENT].certificate.fingerprint, wrong);
    pair_run(pair, 15000000);
    const struct pair_side *side = &pair->sides[deceived];
    CHECK_EQ(side->connected, 0);
    CHECK_EQ(side->failed, 1);
    CHECK_EQ(side->failure, SOTTO_DTLS_FAILURE_FINGERPRINT);
    CHECK(pair_is_zero(&side->keys, sizeof side->keys));
    CHECK(pair_is_zero(&side->dtls.keys, sizeof side->dtls.keys));
    CHECK(!side->dtls.ssl);
    if (deceived == PAIR_SERVER) // whose last flight never leaves
        CHECK_EQ(pair->sides[PAIR_CLIENT].connected, 0);
    pair_destroy(pair);
}

TEST(a_certificate_with_another_fingerprint_gets_no_keys) {
    check_wrong_fingerprint(PAIR_SERVER);
    check_wrong_fingerprint(PAIR_CLIENT);
}

// A client's context as anyone might make it, in place of the one that the pair has.
static SSL_CTX *replace_client_context(struct pair *pair) {
    struct sotto_dtls_context *context = &pair->sides[PAIR_CLIENT].context;
    SSL_CTX_free(context->ssl_context);
    context->ssl_context = SSL_CTX_new(DTLS_client_method());
    CHECK(context->ssl_context);
    SSL_CTX_set_options(context->ssl_context, SSL_OP_NO_QUERY_MTU);
    offer(pair, all_profiles);
    return context->ssl_context;
}

static void check_never_connects(struct pair *pair, enum sotto_dtls_failure failure) {
    pair_connect(pair);
    pair_run(pair, 30000000);
    CHECK_EQ(pair->sides[PAIR_SERVER].connected, 0);
    CHECK_EQ(pair->sides[PAIR_SERVER].failed, 1);
    CHECK_EQ(pair->sides[PAIR_SERVER].failure, failure);
    CHECK_EQ(pair->sides[PAIR_CLIENT].connected, 0);
    pair_destroy(pair);
}

TEST(a_client_without_a_certificate_is_refused) {
    struct pair *pair = pair_create(1);
    replace_client_context(pair);
    check_never_connects(pair, SOTTO_DTLS_FAILURE_HANDSHAKE);
}

TEST(a_client_of_dtls_1_0_is_refused_without_an_answer) {
    struct pair *pair = pair_create(1);
    SSL_CTX *context = replace_client_context(pair);
    SSL_CTX_set_security_level(context, 0);
    CHECK(SSL_CTX_set_min_proto_version(context, DTLS1_VERSION) == 1);
    CHECK(SSL_CTX_set_max_proto_version(context, DTLS1_VERSION) == 1);
    pair_connect(pair);
    pair_run(pair, 30000000);
    CHECK_EQ(pair->sides[PAIR_SERVER].sent, 0);
    CHECK_EQ(pair->sides[PAIR_SERVER].failure, SOTTO_DTLS_FAILURE_DEADLINE);
    CHECK(pair->sides[PAIR_CLIENT].sent > 5);
    pair_destroy(pair);
}

TEST(clients_with_foreign_cipher_suites_or_groups_only_are_refused) {
    struct pair *pair = pair_create(1);
    CHECK(SSL_CTX_set_cipher_list(replace_client_context(pair),
                                  "ECDHE-ECDSA-AES128-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305:"
                                  "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES128-CCM") == 1);
    check_never_connects(pair, SOTTO_DTLS_FAILURE_DEADLINE);
    pair = pair_create(1);
    CHECK(SSL_CTX_set1_groups_list(replace_client_context(pair), "P-384:P-521:X448") == 1);
    check_never_connects(pair, SOTTO_DTLS_FAILURE_DEADLINE);
}

TEST(a_client_without_the_extended_master_secret_is_refused) {
    struct pair *pair = pair_create(1);
    SSL_CTX_set_options(pair->sides[PAIR_CLIENT].context.ssl_context,
                        SSL_OP_NO_EXTENDED_MASTER_SECRET);
    check_never_connects(pair, SOTTO_DTLS_FAILURE_HANDSHAKE);
}

// Apps may ask browsers for RSA.
TEST(a_client_with_an_rsa_certificate_connects) {
    struct pair *pair = pair_create(1);
    struct pair_side *client = &pair->sides[PAIR_CLIENT];
    EVP_PKEY *key = EVP_RSA_gen(2048);
    X509 *x509 = X509_new();
    CHECK(key && x509);
    CHECK(ASN1_TIME_set_string_X509(X509_getm_notBefore(x509), "20000101000000Z") == 1);
    CHECK(ASN1_TIME_set_string_X509(X509_getm_notAfter(x509), "20990101000000Z") == 1);
    CHECK(X509_set_pubkey(x509, key) == 1 && X509_sign(x509, key, EVP_sha256()) > 0);
    CHECK(X509_digest(x509, EVP_sha256(), client->certificate.fingerprint, NULL) == 1);
    CHECK(SSL_CTX_use_certificate(client->context.ssl_context, x509) == 1);
    CHECK(SSL_CTX_use_PrivateKey(client->context.ssl_context, key) == 1);
    X509_free(x509);
    EVP_PKEY_free(key);
    pair_connect(pair);
    pair_run(pair, 2000000);
    pair_check_connected(pair);
    pair_destroy(pair);
}

static int largest_hello_datagrams; // of the client's first flight
static size_t largest_hello_bytes;

static bool watch_first_flight(struct pair *pair, struct pair_datagram *datagram) {
    if (datagram->to == PAIR_SERVER && pair->now_us == 1000000) {
        largest_hello_datagrams++;
        largest_hello_bytes += datagram->size;
    }
    return true;
}

static int add_extension(SSL *ssl, unsigned int type, unsigned int context,
                         const unsigned char **out, size_t *out_size, X509 *x509, size_t index,
                         int *alert, void *argument) {
    static const unsigned char key_share[1500] = {1};
    (void)ssl, (void)type, (void)context, (void)x509, (void)index, (void)alert;
    *out = key_share;
    *out_size = *(size_t *)argument;
    return 1;
}

// Browsers' key shares make their ClientHello longer than a datagram: 1413 and 1461 bytes.
TEST(a_client_hello_in_two_datagrams_connects_whichever_of_them_comes_first) {
    for (int swapped = 0; swapped < 2; swapped++) {
        struct pair *pair = pair_create(1);
        size_t size = 1413 - 101 - 4;
        CHECK(SSL_CTX_add_custom_ext(pair->sides[PAIR_CLIENT].context.ssl_context, 0xff33,
                                     SSL_EXT_CLIENT_HELLO, add_extension, NULL, &size, NULL,
                                     NULL) == 1);
        largest_hello_datagrams = 0;
        largest_hello_bytes = 0;
        pair->tap = watch_first_flight;
        pair_connect(pair);
        CHECK_EQ(largest_hello_datagrams, 2);
        CHECK_EQ(largest_hello_bytes, 1200 + 263);
        CHECK_EQ(pair->count, 2);
        if (swapped)
            pair->network[0].arrival_us += 1000;
        pair_run(pair, 1090000); // before anything is repeated
        pair_check_connected(pair);
        pair_destroy(pair);
    }
}

// The ClientHello of a browser, in the two datagrams it came in, to a server that nobody answers.
static void deliver_browser_hello(struct pair *pair, const json_t *flight, int first) {
    for (int i = 0; i < 2; i++) {
        size_t size;
        const json_t *datagrams = json_object_get(flight, "datagrams");
        const json_t *datagram = json_array_get(datagrams, (size_t)(i ^ first));
        uint8_t *bytes = vectors_unhex(json_string_value(datagram), &size);
        CHECK_EQ(pair->count, 0);
        pair_deliver(pair, PAIR_SERVER, bytes, size);
        free(bytes);
    }
}

// use_srtp with AEAD_AES_128_GCM and no MKI (RFC 5764 section 4.1.1), in a ServerHello with
// TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256.
static void check_answered(const struct pair *pair) {
    static const uint8_t use_srtp[] = {0, 14, 0, 5, 0, 2, 0, 7, 0};
    CHECK_EQ(pair->count, 1);
    const struct pair_datagram *answer = &pair->network[0];
    CHECK_EQ(answer->to, PAIR_CLIENT);
    CHECK_BYTES(answer->bytes + 13 + 12, "\xfe\xfd", 2);
    CHECK_EQ(answer->bytes[13 + 12 + 34], 0); // no session
    CHECK_BYTES(answer->bytes + 13 + 12 + 35, "\xc0\x2b\0", 3);
    CHECK(memmem(answer->bytes, 120, use_srtp, sizeof use_srtp));
}

TEST(the_client_hellos_of_chromium_and_firefox_are_answered_whole_and_reordered) {
    json_t *root = vectors_load("dtls_browsers.json");
    json_t *flights = json_object_get(root, "flights");
    CHECK_EQ(json_array_size(flights), 3);
    for (size_t i = 0; i < 3; i++) {
        for (int first = 0; first < 2; first++) {
            struct pair *pair = pair_create(1);
            pair_connect(pair);
            pair->count = 0; // the other client never existed
            deliver_browser_hello(pair, json_array_get(flights, i), first);
            check_answered(pair);
            pair_destroy(pair);
        }
    }
    json_decref(root);
}

TEST(the_recorded_second_flight_of_a_browser_connects_to_no_other_server) {
    json_t *root = vectors_load("dtls_browsers.json");
    json_t *flights = json_object_get(root, "flights");
    for (size_t i = 0; i < 3; i++) {
        struct pair *pair = pair_create(1);
        pair_connect(pair);
        pair->count = 0;
        deliver_browser_hello(pair, json_array_get(flights, i), 0);
        size_t size;
        const json_t *datagrams = json_object_get(json_array_get(flights, i), "datagrams");
        uint8_t *bytes = vectors_unhex(json_string_value(json_array_get(datagrams, 2)), &size);
        pair_deliver(pair, PAIR_SERVER, bytes, size);
        free(bytes);
        CHECK_EQ(pair->sides[PAIR_SERVER].connected, 0);
        CHECK_EQ(pair->sides[PAIR_SERVER].failed, 1);
        CHECK_EQ(pair->sides[PAIR_SERVER].failure, SOTTO_DTLS_FAILURE_HANDSHAKE);
        CHECK_EQ(pair->sides[PAIR_SERVER].sent, 1); // and no alert
        pair_destroy(pair);
    }
    json_decref(root);
}

// Writes one fragment of a message that was found whole in a record.
static void send_cut(struct pair *pair, int to, const uint8_t *record, size_t offset, size_t size) {
    struct pair_datagram cut = {.to = to, .size = 25 + size};
    static uint8_t sequence;
    memcpy(cut.bytes, record, 25);
    cut.bytes[9] = ++sequence; // of the record: any number will do, and is new
    cut.bytes[11] = (uint8_t)((12 + size) >> 8);
    cut.bytes[12] = (uint8_t)(12 + size);
    cut.bytes[20] = (uint8_t)(offset >> 8);
    cut.bytes[21] = (uint8_t)offset;
    cut.bytes[23] = (uint8_t)(size >> 8);
    cut.bytes[24] = (uint8_t)size;
    memcpy(cut.bytes + 25, record + 25 + offset, size);
    pair_enqueue(pair, &cut);
}

static size_t cut_size;

// Cuts the messages of a datagram into small pieces; what is no message in clear stays whole.
static bool cut_anew(struct pair *pair, struct pair_datagram *datagram) {
    for (size_t start = 0; start < datagram->size;) {
        uint8_t *record = datagram->bytes + start;
        size_t body_size = (size_t)record[11] << 8 | record[12];
        start += 13 + body_size;
        if (record[0] != 22 || record[4] != 0) {
            struct pair_datagram whole = {.to = datagram->to, .size = 13 + body_size};
            memcpy(whole.bytes, record, whole.size);
            pair_enqueue(pair, &whole);
            continue;
        }
        size_t message_size = body_size - 12;
        if (message_size == 0)
            send_cut(pair, datagram->to, record, 0, 0);
        for (size_t offset = 0; offset < message_size; offset += cut_size) {
            size_t left = message_size - offset;
            send_cut(pair, datagram->to, record, offset, left < cut_size ? left : cut_size);
        }
    }
    return false;
}

TEST(flights_cut_into_small_pieces_in_any_order_connect) {
    for (uint64_t seed = 0; seed < 20; seed++) {
        struct pair *pair = pair_create(seed);
        pair->tap = cut_anew;
        pair->delay_us_min = 1000;
        pair->delay_us_max = 90000; // every piece overtakes others
        cut_size = 16 + seed * 5;
        pair_connect(pair);
        pair_run(pair, 9000000);
        pair_check_connected(pair);
        pair_destroy(pair);
    }
}

static int last_flights_to_lose;
static int last_flights;

static bool lose_last_flight(struct pair *pair, struct pair_datagram *datagram) {
    (void)pair;
    if (datagram->to == PAIR_SERVER || datagram->bytes[0] != 20)
        return true;
    last_flights++;
    return --last_flights_to_lose < 0;
}

TEST(a_server_repeats_its_last_flight_when_the_client_repeats_its_own) {
    struct pair *pair = pair_create(1);
    pair->tap = lose_last_flight;
    last_flights_to_lose = 5;
    last_flights = 0;
    pair_connect(pair);
    pair_run(pair, 1061000);
    CHECK_EQ(pair->sides[PAIR_SERVER].connected, 1);
    CHECK_EQ(pair->sides[PAIR_CLIENT].connected, 0);
    pair_run(pair, 9000000);
    CHECK_EQ(last_flights, 6);
    pair_check_connected(pair);
    CHECK_EQ(sotto_dtls_poll_timeout(&pair->sides[PAIR_SERVER].dtls), UINT64_MAX);
    CHECK_EQ(sotto_dtls_poll_timeout(&pair->sides[PAIR_CLIENT].dtls), UINT64_MAX);
    pair_destroy(pair);
}

TEST(a_server_that_repeated_its_last_flight_too_often_stays_connected) {
    struct pair *pair = pair_create(1);
    pair->tap = lose_last_flight;
    last_flights_to_lose = 1000;
    last_flights = 0;
    pair_connect(pair);
    pair_run(pair, 30000000);
    CHECK(last_flights >= 12);
    CHECK_EQ(pair->sides[PAIR_CLIENT].failure, SOTTO_DTLS_FAILURE_DEADLINE);
    CHECK_EQ(pair->sides[PAIR_SERVER].connected, 1);
    CHECK_EQ(pair->sides[PAIR_SERVER].closed + pair->sides[PAIR_SERVER].failed, 0);
    pair_destroy(pair);
}

static void check_close(int closing) {
    struct pair *pair = pair_create(1);
    pair_connect(pair);
    pair_run(pair, 2000000);
    pair_check_connected(pair);
    sotto_dtls_close(&pair->sides[closing].dtls);
    pair_pull(pair, closing);
    CHECK_EQ(pair->count, 1);
    pair_run(pair, 3000000);
    CHECK_EQ(pair->sides[1 - closing].closed, 1);
    CHECK_EQ(pair->sides[closing].closed, 0);
    int sent = pair->sides[1 - closing].sent;
    pair_deliver(pair, 1 - closing, (const uint8_t *)"\26\376\375", 3);
    pair_run(pair, 20000000);
    CHECK_EQ(pair->sides[1 - closing].sent, sent);
    CHECK_EQ(pair->sides[1 - closing].closed + pair->sides[closing].closed, 1);
    pair_destroy(pair);
}

TEST(a_close_reaches_the_other_side_once) {
    check_close(PAIR_SERVER);
    check_close(PAIR_CLIENT);
}

TEST(a_close_before_the_end_of_the_handshake_says_nothing_and_stops) {
    struct pair *pair = pair_create(1);
    pair_connect(pair);
    pair_run(pair, 1030000);
    sotto_dtls_close(&pair->sides[PAIR_CLIENT].dtls);
    pair_pull(pair, PAIR_CLIENT);
    int sent = pair->sides[PAIR_CLIENT].sent;
    pair_run(pair, 20000000);
    CHECK_EQ(pair->sides[PAIR_CLIENT].sent, sent);
    CHECK_EQ(pair->sides[PAIR_CLIENT].connected + pair->sides[PAIR_CLIENT].failed, 0);
    CHECK_EQ(pair->sides[PAIR_SERVER].failure, SOTTO_DTLS_FAILURE_DEADLINE);
    pair_destroy(pair);
}

static bool contains(const void *where, size_t size, const void *what, size_t what_size) {
    return memmem(where, size, what, what_size) != NULL;
}

TEST(keys_leave_the_struct_with_their_event_and_nothing_stays_after_wipe) {
    struct pair *pair = pair_create(1);
    struct sotto_dtls *dtls = &pair->sides[PAIR_SERVER].dtls;
    pair_connect(pair);
    pair_run(pair, 1059999);
    // The client's flight by hand, so that the server's keys wait in the struct for a moment.
    CHECK_EQ(pair->count, 1);
    CHECK_EQ(pair->network[0].to, PAIR_SERVER);
    sotto_dtls_handle_packet(dtls, pair->now_us, pair->network[0].bytes, pair->network[0].size);
    CHECK(dtls->connected_pending);
    struct sotto_dtls_keys keys = dtls->keys;
    CHECK(!pair_is_zero(keys.local_key, 16));
    CHECK(contains(dtls, sizeof *dtls, keys.local_key, 16));

    struct sotto_dtls_event event;
    CHECK(sotto_dtls_poll_event(dtls, &event));
    CHECK_BYTES(event.keys.local_key, keys.local_key, 16);
    const uint8_t *secrets[] = {keys.local_key, keys.remote_key, keys.local_salt, keys.remote_salt};
    for (size_t i = 0; i < 4; i++)
        CHECK(!contains(dtls, sizeof *dtls, secrets[i], 12));
    CHECK(!sotto_dtls_poll_event(dtls, &event));
    CHECK(pair_is_zero(&event, sizeof event));

    sotto_dtls_wipe(dtls);
    CHECK(pair_is_zero(dtls, sizeof *dtls));
    sotto_dtls_wipe(dtls);
    pair_destroy(pair);
}

TEST(keys_that_nobody_took_are_wiped_too) {
    struct pair *pair = pair_create(1);
    struct sotto_dtls *dtls = &pair->sides[PAIR_SERVER].dtls;
    pair_connect(pair);
    pair_run(pair, 1059999);
    sotto_dtls_handle_packet(dtls, pair->now_us, pair->network[0].bytes, pair->network[0].size);
    CHECK(!pair_is_zero(&dtls->keys, sizeof dtls->keys));
    sotto_dtls_close(dtls);
    CHECK(pair_is_zero(&dtls->keys, sizeof dtls->keys));
    struct sotto_dtls_event event;
    CHECK(!sotto_dtls_poll_event(dtls, &event));
    pair_destroy(pair);
}

TEST(the_version_of_the_library_and_every_failure_have_a_text) {
    CHECK(strncmp(sotto_dtls_library_version(), "OpenSSL 3.", 10) == 0);
    for (int i = 0; i <= SOTTO_DTLS_FAILURE_INTERNAL; i++)
        CHECK(strlen(sotto_dtls_failure_text((enum sotto_dtls_failure)i)) > 5);
}

int main(void) {
    RUN(the_order_of_the_server_chooses_the_srtp_profile);
    RUN(without_a_common_srtp_profile_the_server_fails_and_has_no_keys);
    RUN(keys_are_the_exported_block_of_rfc_5764_cut_by_role);
    RUN(the_handshake_is_dtls_1_2_with_ecdhe_ecdsa_and_aes_gcm_on_x25519);
    RUN(the_context_allows_nothing_that_a_handshake_does_not_need);
    RUN(a_certificate_with_another_fingerprint_gets_no_keys);
    RUN(a_client_without_a_certificate_is_refused);
    RUN(a_client_of_dtls_1_0_is_refused_without_an_answer);
    RUN(clients_with_foreign_cipher_suites_or_groups_only_are_refused);
    RUN(a_client_without_the_extended_master_secret_is_refused);
    RUN(a_client_with_an_rsa_certificate_connects);
    RUN(a_client_hello_in_two_datagrams_connects_whichever_of_them_comes_first);
    RUN(the_client_hellos_of_chromium_and_firefox_are_answered_whole_and_reordered);
    RUN(the_recorded_second_flight_of_a_browser_connects_to_no_other_server);
    RUN(flights_cut_into_small_pieces_in_any_order_connect);
    RUN(a_server_repeats_its_last_flight_when_the_client_repeats_its_own);
    RUN(a_server_that_repeated_its_last_flight_too_often_stays_connected);
    RUN(a_close_reaches_the_other_side_once);
    RUN(a_close_before_the_end_of_the_handshake_says_nothing_and_stops);
    RUN(keys_leave_the_struct_with_their_event_and_nothing_stays_after_wipe);
    RUN(keys_that_nobody_took_are_wiped_too);
    RUN(the_version_of_the_library_and_every_failure_have_a_text);
    return 0;
}
