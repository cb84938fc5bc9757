// Every limit of the cryptographic layer, each with its reason. Sections are named after the
// modules.
#ifndef SOTTO_CRYPTO_LIMITS_H
#define SOTTO_CRYPTO_LIMITS_H

// datagram_bio
enum {
    // Fits behind IPv6, UDP and a tunnel; also what Chromium sends.
    SOTTO_DTLS_DATAGRAM_SIZE_MAX = 1200,
    // A flight needs one datagram, with a large foreign certificate two.
    SOTTO_DTLS_DATAGRAM_COUNT_MAX = 3,
};

// dtls_context
enum {
    // The filter lets no longer Certificate through; this only bounds what OpenSSL may ask for.
    SOTTO_DTLS_CERTIFICATES_SIZE_MAX = 16 * 1024,
};

// dtls
enum {
    // The first repetition of a flight; the interval doubles up to the maximum. RFC 6347 section
    // 4.2.4.1 recommends a second to begin with, and less where time matters; browsers take 50 ms.
    SOTTO_DTLS_RETRANSMISSION_US_MIN = 100000,
    // OpenSSL gives up after twelve repetitions: with this, behind the handshake's deadline.
    SOTTO_DTLS_RETRANSMISSION_US_MAX = 1000000,
};

#endif
