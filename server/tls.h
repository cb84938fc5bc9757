// TLS for the public listener (OpenSSL): version 1.2 and later, small buffers, no renegotiation.
#ifndef SOTTO_SERVER_TLS_H
#define SOTTO_SERVER_TLS_H

#include "server/fault.h"

#include <openssl/ssl.h>
#include <stdbool.h>

// Sets up a context that libwebsockets made.
void sotto_tls_configure(SSL_CTX *context);

// Gives the context the chain and the private key (PEM). False with a fault that names
// tls.certificate or tls.key if a file is missing, does not parse, the two do not belong together,
// or the certificate has expired.
bool sotto_tls_load(SSL_CTX *context, const char *certificate_path, const char *key_path,
                    struct sotto_fault *fault);

// The same on a context of its own.
bool sotto_tls_check(const char *certificate_path, const char *key_path,
                     struct sotto_fault *fault);

#endif
