// The self-signed certificate that a process shows in DTLS, and fingerprints of certificates
// (RFC 8122 section 5, RFC 8827 section 6.5): WebRTC trusts the fingerprint that came through
// signalling and nothing else in a certificate.
#ifndef SOTTO_CRYPTO_CERTIFICATE_H
#define SOTTO_CRYPTO_CERTIFICATE_H

#include "core/result.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SOTTO_FINGERPRINT_SIZE = 32,          // SHA-256
    SOTTO_FINGERPRINT_TEXT_SIZE = 32 * 3, // two digits and a colon each, the last colon is the 0
};

struct x509_st;
struct evp_pkey_st;

// Owned by the caller. Holds a private key in memory of the library.
struct sotto_certificate {
    struct x509_st *x509;
    struct evp_pkey_st *key;
    uint8_t fingerprint[SOTTO_FINGERPRINT_SIZE];
};

// Makes a new ECDSA key on P-256 and a certificate for it: random serial number, subject "sotto",
// a validity that is the same for all, so that nothing tells the host or the time of its start.
// False if the library fails. An initialised certificate ends with sotto_certificate_wipe.
SOTTO_MUST_USE bool sotto_certificate_init(struct sotto_certificate *certificate);

// Frees certificate and key. An all-zero certificate is wiped already.
void sotto_certificate_wipe(struct sotto_certificate *certificate);

// Writes 32 pairs of upper-case hexadecimal digits with colons between them, and a final 0.
void sotto_certificate_write_fingerprint(const uint8_t fingerprint[SOTTO_FINGERPRINT_SIZE],
                                         char text[SOTTO_FINGERPRINT_TEXT_SIZE]);

// Parses what signalling said: `algorithm` "sha-256" and `text` as above, both in upper or lower
// case and otherwise to the letter. False, with a zero fingerprint, for anything else.
SOTTO_MUST_USE bool sotto_certificate_parse_fingerprint(
    const char *algorithm, const char *text, uint8_t fingerprint[SOTTO_FINGERPRINT_SIZE]);

#endif
