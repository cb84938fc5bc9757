// TLS for a server that other code drives (libwebsockets): version 1.2 and later, small buffers, no
// renegotiation (OpenSSL).
#ifndef SOTTO_CRYPTO_TLS_CONTEXT_H
#define SOTTO_CRYPTO_TLS_CONTEXT_H

#include "core/result.h"

struct ssl_ctx_st;

enum sotto_tls_context_result {
    SOTTO_TLS_CONTEXT_OK,
    SOTTO_TLS_CONTEXT_CERTIFICATE, // missing, or no PEM chain
    SOTTO_TLS_CONTEXT_KEY,         // missing, no PEM key, or not that of the certificate
    SOTTO_TLS_CONTEXT_EXPIRED,
    SOTTO_TLS_CONTEXT_INTERNAL, // the library failed
};

// Sets up a context that somebody else made and owns.
void sotto_tls_context_configure(struct ssl_ctx_st *context);

// Gives the context the chain and the private key (PEM files). On failure `reason` is a text of the
// library, valid for ever, or NULL.
SOTTO_MUST_USE enum sotto_tls_context_result
sotto_tls_context_load(struct ssl_ctx_st *context, const char *certificate_path,
                       const char *key_path, const char **reason);

// The same on a context of its own, which ends with the call.
SOTTO_MUST_USE enum sotto_tls_context_result
sotto_tls_context_check(const char *certificate_path, const char *key_path, const char **reason);

#endif
