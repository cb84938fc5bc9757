#include "crypto/dtls_context.h"

#include "core/wipe.h"
#include "crypto/datagram_bio.h"
#include "crypto/limits.h"

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/ssl.h>
#include <openssl/tls1.h>

// The filter in front of the library knows encrypted records by the sizes they have under AES-GCM,
// so there is no other cipher here.
static const char ciphers[] = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384";

static const char groups[] = "X25519:P-256";

// Chromium and Firefox sign with ECDSA on P-256 unless the app asked for RSA.
static const char signatures[] = "ECDSA+SHA256:ECDSA+SHA384:RSA-PSS+SHA256:RSA+SHA256";

// In the order in which a server chooses, whatever the order of the client.
static const char srtp_profiles[] =
    "SRTP_AEAD_AES_128_GCM:SRTP_AEAD_AES_256_GCM:SRTP_AES128_CM_SHA1_80";

// A WebRTC certificate has no issuer to ask. The handshake proves that the peer owns its key, and
// afterwards the fingerprint says whether it is the right one.
static int accept_any_certificate(X509_STORE_CTX *store, void *argument) {
    (void)store;
    (void)argument;
    return 1;
}

static bool restrict_protocol(SSL_CTX *ssl_context) {
    SSL_CTX_set_security_level(ssl_context, 2);
    SSL_CTX_set_options(ssl_context, SSL_OP_NO_QUERY_MTU | SSL_OP_NO_RENEGOTIATION |
                                         SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION |
                                         SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_mode(ssl_context, SSL_MODE_NO_AUTO_CHAIN);
    SSL_CTX_set_session_cache_mode(ssl_context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_max_cert_list(ssl_context, SOTTO_DTLS_CERTIFICATES_SIZE_MAX);
    SSL_CTX_set_verify(ssl_context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    SSL_CTX_set_cert_verify_callback(ssl_context, accept_any_certificate, NULL);
    return SSL_CTX_set_min_proto_version(ssl_context, DTLS1_2_VERSION) == 1 &&
           SSL_CTX_set_max_proto_version(ssl_context, DTLS1_2_VERSION) == 1 &&
           SSL_CTX_set_max_send_fragment(ssl_context, SOTTO_DTLS_DATAGRAM_SIZE_MAX) == 1 &&
           SSL_CTX_set_cipher_list(ssl_context, ciphers) == 1 &&
           SSL_CTX_set1_groups_list(ssl_context, groups) == 1 &&
           SSL_CTX_set1_sigalgs_list(ssl_context, signatures) == 1 &&
           SSL_CTX_set_tlsext_use_srtp(ssl_context, srtp_profiles) == 0; // 0 is its success
}

static bool fill(struct sotto_dtls_context *context, const struct sotto_certificate *certificate) {
    context->bio_method = sotto_datagram_bio_method_create();
    context->ssl_context = SSL_CTX_new(DTLS_method());
    if (!context->bio_method || !context->ssl_context)
        return false;
    return restrict_protocol(context->ssl_context) &&
           SSL_CTX_use_certificate(context->ssl_context, certificate->x509) == 1 &&
           SSL_CTX_use_PrivateKey(context->ssl_context, certificate->key) == 1;
}

bool sotto_dtls_context_init(struct sotto_dtls_context *context,
                             const struct sotto_certificate *certificate) {
    *context = (struct sotto_dtls_context){0};
    if (fill(context, certificate))
        return true;
    sotto_dtls_context_wipe(context);
    return false;
}

void sotto_dtls_context_wipe(struct sotto_dtls_context *context) {
    SSL_CTX_free(context->ssl_context);
    BIO_meth_free(context->bio_method);
    sotto_wipe(context, sizeof *context);
}

const char *sotto_dtls_library_version(void) {
    return OpenSSL_version(OPENSSL_VERSION);
}
