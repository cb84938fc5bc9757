// What all DTLS handshakes of a program have in common: DTLS 1.2 alone (RFC 6347), ECDHE with ECDSA
// and AES-GCM (RFC 5289), X25519 and P-256 (RFC 8422), SRTP profiles (RFC 5764, RFC 7714), a
// certificate, and no tickets, resumption, renegotiation or compression.
#ifndef SOTTO_CRYPTO_DTLS_CONTEXT_H
#define SOTTO_CRYPTO_DTLS_CONTEXT_H

#include "core/result.h"
#include "crypto/certificate.h"

#include <stdbool.h>

struct bio_method_st;
struct ssl_ctx_st;

// Owned by the caller; one for each thread that runs handshakes, so that none waits for another.
struct sotto_dtls_context {
    struct ssl_ctx_st *ssl_context;
    struct bio_method_st *bio_method;
};

// False if the library fails or refuses a setting. The library keeps its own reference to the
// certificate, which may be wiped before. Ends with sotto_dtls_context_wipe.
SOTTO_MUST_USE bool sotto_dtls_context_init(struct sotto_dtls_context *context,
                                            const struct sotto_certificate *certificate);

// After every sotto_dtls that uses it. An all-zero context is wiped already.
void sotto_dtls_context_wipe(struct sotto_dtls_context *context);

// The name and version of the library that runs now, for the log; valid for ever.
const char *sotto_dtls_library_version(void);

#endif
