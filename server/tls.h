// The certificate of the public listener, with faults for the person who runs the server.
#ifndef SOTTO_SERVER_TLS_H
#define SOTTO_SERVER_TLS_H

#include "server/fault.h"

#include <stdbool.h>

struct ssl_ctx_st;

// Gives the context the chain and the private key (PEM). False with a fault that names
// tls.certificate or tls.key if a file is missing, does not parse, the two do not belong together,
// or the certificate has expired.
bool sotto_tls_load(struct ssl_ctx_st *context, const char *certificate_path, const char *key_path,
                    struct sotto_fault *fault);

// The same on a context of its own.
bool sotto_tls_check(const char *certificate_path, const char *key_path,
                     struct sotto_fault *fault);

#endif
