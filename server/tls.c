#include "server/tls.h"

#include <errno.h>
#include <openssl/err.h>
#include <string.h>
#include <unistd.h>

static void set_fault(struct sotto_fault *fault, const char *key, const char *path,
                      const char *mend) {
    unsigned long error = ERR_peek_last_error();
    const char *reason = error != 0 ? ERR_reason_error_string(error) : NULL;
    sotto_fault_set(fault, "%s: %s: %s; %s", key, path, reason ? reason : "cannot be used", mend);
    ERR_clear_error();
}

static bool is_readable(const char *key, const char *path, struct sotto_fault *fault) {
    if (access(path, R_OK) == 0)
        return true;
    sotto_fault_set(fault, "%s: %s: %s; give the path of a PEM file that sottod may read", key,
                    path, strerror(errno));
    return false;
}

bool sotto_tls_load(SSL_CTX *context, const char *certificate_path, const char *key_path,
                    struct sotto_fault *fault) {
    if (!is_readable("tls.certificate", certificate_path, fault) ||
        !is_readable("tls.key", key_path, fault))
        return false;
    if (SSL_CTX_use_certificate_chain_file(context, certificate_path) != 1) {
        set_fault(fault, "tls.certificate", certificate_path, "a PEM certificate chain is needed");
        return false;
    }
    if (SSL_CTX_use_PrivateKey_file(context, key_path, SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_check_private_key(context) != 1) {
        set_fault(fault, "tls.key", key_path, "the private key of tls.certificate is needed");
        return false;
    }
    if (X509_cmp_current_time(X509_get0_notAfter(SSL_CTX_get0_certificate(context))) < 0) {
        sotto_fault_set(fault, "tls.certificate: %s: has expired; renew it", certificate_path);
        return false;
    }
    return true;
}

void sotto_tls_configure(SSL_CTX *context) {
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    // Renegotiation lets a client make the server work; tickets and the session cache hold memory
    // and keys for the sake of handshakes that a meeting makes once.
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION |
                                     SSL_OP_CIPHER_SERVER_PREFERENCE |
                                     SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(context, 0);
    // Idle connections give their 34 KiB of buffers back.
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20");
}

bool sotto_tls_check(const char *certificate_path, const char *key_path,
                     struct sotto_fault *fault) {
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    bool good = false;
    if (context)
        good = sotto_tls_load(context, certificate_path, key_path, fault);
    else
        sotto_fault_set(fault, "tls: OpenSSL cannot be set up");
    SSL_CTX_free(context);
    return good;
}
