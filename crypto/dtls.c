#include "crypto/dtls.h"

#include "core/assert.h"
#include "core/equal.h"
#include "core/wipe.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

// RFC 5764 section 4.2. RFC 7714 section 12 gives the sizes of the AEAD profiles.
static const char exporter_label[] = "EXTRACTOR-dtls_srtp";

struct profile_sizes {
    unsigned long id;
    enum sotto_srtp_profile profile;
    uint8_t key_size;
    uint8_t salt_size;
};

static const struct profile_sizes profiles[] = {
    {SRTP_AEAD_AES_128_GCM, SOTTO_SRTP_AEAD_AES_128_GCM, 16, 12},
    {SRTP_AEAD_AES_256_GCM, SOTTO_SRTP_AEAD_AES_256_GCM, 32, 12},
    {SRTP_AES128_CM_SHA1_80, SOTTO_SRTP_AES_CM_128_HMAC_SHA1_80, 16, 14},
};

static unsigned int retransmission_interval(SSL *ssl, unsigned int last_us) {
    (void)ssl;
    if (last_us == 0)
        return SOTTO_DTLS_RETRANSMISSION_US_MIN;
    if (last_us >= SOTTO_DTLS_RETRANSMISSION_US_MAX / 2)
        return SOTTO_DTLS_RETRANSMISSION_US_MAX;
    return last_us * 2;
}

static bool create_ssl(struct sotto_dtls *dtls) {
    SSL *ssl = SSL_new(dtls->context->ssl_context);
    BIO *bio = sotto_datagram_bio_create(dtls->context->bio_method, &dtls->ends);
    if (!ssl || !bio) {
        SSL_free(ssl);
        BIO_free(bio);
        return false;
    }
    SSL_set_bio(ssl, bio, bio);
    SSL_set_mtu(ssl, SOTTO_DTLS_DATAGRAM_SIZE_MAX);
    DTLS_set_timer_cb(ssl, retransmission_interval);
    if (dtls->role == SOTTO_DTLS_SERVER)
        SSL_set_accept_state(ssl);
    else
        SSL_set_connect_state(ssl);
    dtls->ssl = ssl;
    return true;
}

static void release_handshake(struct sotto_dtls *dtls) {
    sotto_dtls_prefilter_establish(&dtls->prefilter);
    free(dtls->reassembly);
    dtls->reassembly = NULL;
}

static void release_ssl(struct sotto_dtls *dtls) {
    SSL_free(dtls->ssl);
    dtls->ssl = NULL;
    dtls->timer_us = UINT64_MAX;
}

static void fail(struct sotto_dtls *dtls, enum sotto_dtls_failure failure) {
    dtls->state = SOTTO_DTLS_STATE_OVER;
    dtls->failure = failure;
    dtls->failed_pending = true;
    sotto_wipe(&dtls->keys, sizeof dtls->keys);
    sotto_datagram_bio_clear(&dtls->ends);
    release_ssl(dtls);
    release_handshake(dtls);
}

// A ClientHello that was refused leaves nothing behind. Behind it the peer has committed itself to
// this handshake and cannot begin another.
static void refuse(struct sotto_dtls *dtls) {
    bool only_hello = dtls->role == SOTTO_DTLS_SERVER && dtls->prefilter.next_message <= 1;
    if (!only_hello) {
        fail(dtls, SOTTO_DTLS_FAILURE_HANDSHAKE);
        return;
    }
    sotto_datagram_bio_clear(&dtls->ends);
    release_ssl(dtls);
    sotto_dtls_prefilter_restart(&dtls->prefilter);
}

static bool is_peer_expected(const struct sotto_dtls *dtls) {
    uint8_t fingerprint[EVP_MAX_MD_SIZE] = {0};
    unsigned int size = 0;
    X509 *x509 = SSL_get1_peer_certificate(dtls->ssl);
    bool known = x509 && X509_digest(x509, EVP_sha256(), fingerprint, &size) == 1 &&
                 size == SOTTO_FINGERPRINT_SIZE;
    X509_free(x509);
    return known && sotto_equal(fingerprint, dtls->expected_fingerprint, SOTTO_FINGERPRINT_SIZE);
}

static const struct profile_sizes *chosen_profile(const struct sotto_dtls *dtls) {
    const SRTP_PROTECTION_PROFILE *chosen = SSL_get_selected_srtp_profile(dtls->ssl);
    for (size_t i = 0; chosen && i < sizeof profiles / sizeof profiles[0]; i++) {
        if (profiles[i].id == chosen->id)
            return &profiles[i];
    }
    return NULL;
}

// The exported block is client key, server key, client salt, server salt.
static bool export_keys(struct sotto_dtls *dtls, const struct profile_sizes *sizes) {
    uint8_t block[2 * (SOTTO_SRTP_KEY_SIZE_MAX + SOTTO_SRTP_SALT_SIZE_MAX)];
    size_t key_size = sizes->key_size;
    size_t salt_size = sizes->salt_size;
    bool exported = SSL_export_keying_material(dtls->ssl, block, 2 * (key_size + salt_size),
                                               exporter_label, sizeof exporter_label - 1, NULL, 0,
                                               0) == 1;
    if (exported) {
        size_t local = dtls->role == SOTTO_DTLS_SERVER;
        const uint8_t *salts = block + 2 * key_size;
        dtls->keys.profile = sizes->profile;
        dtls->keys.key_size = sizes->key_size;
        dtls->keys.salt_size = sizes->salt_size;
        memcpy(dtls->keys.local_key, block + local * key_size, key_size);
        memcpy(dtls->keys.remote_key, block + (1 - local) * key_size, key_size);
        memcpy(dtls->keys.local_salt, salts + local * salt_size, salt_size);
        memcpy(dtls->keys.remote_salt, salts + (1 - local) * salt_size, salt_size);
    }
    sotto_wipe(block, sizeof block);
    return exported;
}

// The handshake is complete. Keys are exported only behind every check. Without the extended master
// secret two handshakes could be made to have the same keys (RFC 7627 section 1).
static void finish(struct sotto_dtls *dtls) {
    const struct profile_sizes *sizes = chosen_profile(dtls);
    if (!is_peer_expected(dtls))
        fail(dtls, SOTTO_DTLS_FAILURE_FINGERPRINT);
    else if (SSL_get_extms_support(dtls->ssl) != 1)
        fail(dtls, SOTTO_DTLS_FAILURE_HANDSHAKE);
    else if (!sizes)
        fail(dtls, SOTTO_DTLS_FAILURE_PROFILE);
    else if (!export_keys(dtls, sizes))
        fail(dtls, SOTTO_DTLS_FAILURE_INTERNAL);
    else {
        dtls->state = SOTTO_DTLS_STATE_CONNECTED;
        dtls->connected_pending = true;
        release_handshake(dtls);
    }
}

static void continue_handshake(struct sotto_dtls *dtls) {
    int result = SSL_do_handshake(dtls->ssl);
    if (result == 1)
        finish(dtls);
    else if (SSL_get_error(dtls->ssl, result) != SSL_ERROR_WANT_READ)
        refuse(dtls);
}

// Lets OpenSSL repeat its last flight or see an alert. If it gives up, or the peer has something
// else in mind than to repeat a Finished, the association goes on without it: the keys are out, and
// media needs nothing else.
static void continue_connected(struct sotto_dtls *dtls) {
    uint8_t nothing[16]; // the filter lets no application data through
    int result = SSL_read(dtls->ssl, nothing, sizeof nothing);
    if (SSL_get_shutdown(dtls->ssl) & SSL_RECEIVED_SHUTDOWN) {
        dtls->state = SOTTO_DTLS_STATE_OVER;
        dtls->closed_pending = true;
        release_ssl(dtls);
    } else if (SSL_in_init(dtls->ssl) || SSL_get_error(dtls->ssl, result) != SSL_ERROR_WANT_READ) {
        sotto_datagram_bio_clear(&dtls->ends);
        release_ssl(dtls);
    }
}

static void handle_record(struct sotto_dtls *dtls, const uint8_t *record, size_t size) {
    if (!dtls->ssl && dtls->state == SOTTO_DTLS_STATE_CONNECTED)
        return;
    if (!dtls->ssl && !create_ssl(dtls)) {
        fail(dtls, SOTTO_DTLS_FAILURE_INTERNAL);
        return;
    }
    dtls->ends.record = record;
    dtls->ends.record_size = size;
    ERR_clear_error();
    if (dtls->state == SOTTO_DTLS_STATE_HANDSHAKE)
        continue_handshake(dtls);
    else
        continue_connected(dtls);
    ERR_clear_error();
    dtls->ends.record = NULL;
}

static void update_timer(struct sotto_dtls *dtls, uint64_t now_us) {
    struct timeval left;
    dtls->timer_us = UINT64_MAX;
    if (dtls->ssl && DTLSv1_get_timeout(dtls->ssl, &left) == 1)
        dtls->timer_us = now_us + (uint64_t)left.tv_sec * 1000000 + (uint64_t)left.tv_usec;
}

bool sotto_dtls_init(struct sotto_dtls *dtls, const struct sotto_dtls_context *context,
                     enum sotto_dtls_role role, const uint8_t fingerprint[SOTTO_FINGERPRINT_SIZE],
                     uint64_t now_us) {
    *dtls = (struct sotto_dtls){.context = context, .role = role, .timer_us = UINT64_MAX};
    memcpy(dtls->expected_fingerprint, fingerprint, sizeof dtls->expected_fingerprint);
    dtls->reassembly = calloc(1, sizeof *dtls->reassembly);
    if (!dtls->reassembly || (role == SOTTO_DTLS_CLIENT && !create_ssl(dtls))) {
        sotto_dtls_wipe(dtls);
        return false;
    }
    sotto_dtls_prefilter_init(&dtls->prefilter, role, dtls->reassembly);
    if (role == SOTTO_DTLS_SERVER)
        return true;
    sotto_dtls_prefilter_start(&dtls->prefilter, now_us);
    ERR_clear_error();
    continue_handshake(dtls);
    ERR_clear_error();
    update_timer(dtls, now_us);
    return true;
}

void sotto_dtls_handle_packet(struct sotto_dtls *dtls, uint64_t now_us, const uint8_t *data,
                              size_t size) {
    if (dtls->state == SOTTO_DTLS_STATE_OVER)
        return;
    sotto_dtls_prefilter_handle_packet(&dtls->prefilter, now_us, data, size);
    size_t record_size;
    const uint8_t *record;
    while (dtls->state != SOTTO_DTLS_STATE_OVER &&
           (record = sotto_dtls_prefilter_poll_record(&dtls->prefilter, &record_size)))
        handle_record(dtls, record, record_size);
    update_timer(dtls, now_us);
}

uint64_t sotto_dtls_poll_timeout(const struct sotto_dtls *dtls) {
    uint64_t deadline_us = dtls->prefilter.deadline_us;
    if (dtls->state != SOTTO_DTLS_STATE_HANDSHAKE || deadline_us == 0)
        return dtls->timer_us;
    return dtls->timer_us < deadline_us ? dtls->timer_us : deadline_us;
}

void sotto_dtls_handle_timeout(struct sotto_dtls *dtls, uint64_t now_us) {
    uint64_t deadline_us = dtls->prefilter.deadline_us;
    if (dtls->state == SOTTO_DTLS_STATE_OVER)
        return;
    if (dtls->state == SOTTO_DTLS_STATE_HANDSHAKE && deadline_us != 0 && now_us >= deadline_us) {
        fail(dtls, SOTTO_DTLS_FAILURE_DEADLINE);
        return;
    }
    if (!dtls->ssl)
        return;
    ERR_clear_error();
    if (DTLSv1_handle_timeout(dtls->ssl) < 0 && dtls->state == SOTTO_DTLS_STATE_HANDSHAKE)
        fail(dtls, SOTTO_DTLS_FAILURE_DEADLINE); // it has repeated its flight often enough
    ERR_clear_error();
    update_timer(dtls, now_us);
}

size_t sotto_dtls_poll_transmit(struct sotto_dtls *dtls, uint8_t *datagram, size_t capacity) {
    return sotto_datagram_bio_poll(&dtls->ends, datagram, capacity);
}

bool sotto_dtls_poll_event(struct sotto_dtls *dtls, struct sotto_dtls_event *event) {
    *event = (struct sotto_dtls_event){0};
    if (dtls->connected_pending) {
        dtls->connected_pending = false;
        event->type = SOTTO_DTLS_CONNECTED;
        event->keys = dtls->keys;
        sotto_wipe(&dtls->keys, sizeof dtls->keys);
        return true;
    }
    if (dtls->failed_pending) {
        dtls->failed_pending = false;
        event->type = SOTTO_DTLS_FAILED;
        event->failure = dtls->failure;
        return true;
    }
    if (dtls->closed_pending) {
        dtls->closed_pending = false;
        event->type = SOTTO_DTLS_CLOSED;
        return true;
    }
    return false;
}

void sotto_dtls_close(struct sotto_dtls *dtls) {
    ERR_clear_error();
    if (dtls->state == SOTTO_DTLS_STATE_CONNECTED && dtls->ssl)
        (void)SSL_shutdown(dtls->ssl);
    ERR_clear_error();
    dtls->state = SOTTO_DTLS_STATE_OVER;
    dtls->connected_pending = false;
    dtls->closed_pending = false;
    dtls->failed_pending = false;
    sotto_wipe(&dtls->keys, sizeof dtls->keys);
    release_ssl(dtls);
    release_handshake(dtls);
}

void sotto_dtls_wipe(struct sotto_dtls *dtls) {
    SSL_free(dtls->ssl);
    free(dtls->reassembly);
    sotto_wipe(dtls, sizeof *dtls);
}

const char *sotto_dtls_failure_text(enum sotto_dtls_failure failure) {
    static const char *const texts[] = {
        [SOTTO_DTLS_FAILURE_NONE] = "no failure",
        [SOTTO_DTLS_FAILURE_DEADLINE] = "the handshake did not end in time",
        [SOTTO_DTLS_FAILURE_HANDSHAKE] = "the peer broke the handshake",
        [SOTTO_DTLS_FAILURE_FINGERPRINT] = "the certificate is not the expected one",
        [SOTTO_DTLS_FAILURE_PROFILE] = "no SRTP profile in common",
        [SOTTO_DTLS_FAILURE_INTERNAL] = "the cryptographic library failed",
    };
    SOTTO_ASSERT(failure <= SOTTO_DTLS_FAILURE_INTERNAL);
    return texts[failure];
}
