#include "crypto/tls_context.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

void sotto_tls_context_configure(struct ssl_ctx_st *context) {
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    // Renegotiation lets a client make the server work; tickets and the session cache hold memory
    // and keys for the sake of handshakes that a meeting makes once.
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET |
                                     SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                     SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(context, 0);
    // Idle connections give their 34 KiB of buffers back.
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20");
}

static enum sotto_tls_context_result fail(enum sotto_tls_context_result result,
                                          const char **reason) {
    unsigned long error = ERR_peek_last_error();
    *reason = error != 0 ? ERR_reason_error_string(error) : NULL;
    ERR_clear_error();
    return result;
}

enum sotto_tls_context_result sotto_tls_context_load(struct ssl_ctx_st *context,
                                                     const char *certificate_path,
                                                     const char *key_path, const char **reason) {
    *reason = NULL;
    if (SSL_CTX_use_certificate_chain_file(context, certificate_path) != 1)
        return fail(SOTTO_TLS_CONTEXT_CERTIFICATE, reason);
    if (SSL_CTX_use_PrivateKey_file(context, key_path, SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_check_private_key(context) != 1)
        return fail(SOTTO_TLS_CONTEXT_KEY, reason);
    if (X509_cmp_current_time(X509_get0_notAfter(SSL_CTX_get0_certificate(context))) < 0)
        return fail(SOTTO_TLS_CONTEXT_EXPIRED, reason);
    return SOTTO_TLS_CONTEXT_OK;
}

enum sotto_tls_context_result sotto_tls_context_check(const char *certificate_path,
                                                      const char *key_path, const char **reason) {
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    if (!context)
        return fail(SOTTO_TLS_CONTEXT_INTERNAL, reason);
    enum sotto_tls_context_result result =
        sotto_tls_context_load(context, certificate_path, key_path, reason);
    SSL_CTX_free(context);
    return result;
}
