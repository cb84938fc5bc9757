// One DTLS 1.2 association that agrees on SRTP keys and does nothing else (RFC 6347, RFC 5764,
// RFC 8827 section 6.5), in either role, over OpenSSL.
//
// Every datagram that comes in goes through proto/dtls_prefilter first. It is for the caller to
// take datagrams only from addresses that ICE has validated. After each call that takes the time,
// the caller pulls transmissions and events until there are none.
//
// A handshake ends in one of two ways. Connected: the peer holds the private key of its certificate
// and the certificate has the expected fingerprint; only then are keys made. Failed: the deadline
// passed, or the peer itself broke the handshake behind its ClientHello. Records that do not belong
// are dropped and counted (`prefilter.dropped`), and a ClientHello that OpenSSL refuses is
// forgotten, because anyone can forge it: the true one may still come. Failures and refusals are
// silent: no alert leaves before the handshake is over.
//
// Time is monotonic, in microseconds, and says when to call handle_timeout and when the handshake
// has failed. OpenSSL itself measures its retransmission intervals with gettimeofday(); a
// simulation defines that function (tests/sim/virtual_time.h). A wall clock that is set back in the
// middle of a handshake stops its retransmissions, not its deadline.
#ifndef SOTTO_CRYPTO_DTLS_H
#define SOTTO_CRYPTO_DTLS_H

#include "core/result.h"
#include "crypto/certificate.h"
#include "crypto/datagram_bio.h"
#include "crypto/dtls_context.h"
#include "crypto/limits.h"
#include "proto/dtls_prefilter.h"
#include "proto/srtp_session.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Master keys and salts (RFC 3711 section 4.3). Local ones protect what this side sends.
// A secret: whoever takes it wipes it.
struct sotto_dtls_keys {
    enum sotto_srtp_profile profile;
    uint8_t key_size;
    uint8_t salt_size;
    uint8_t local_key[SOTTO_SRTP_KEY_SIZE_MAX];
    uint8_t local_salt[SOTTO_SRTP_SALT_SIZE_MAX];
    uint8_t remote_key[SOTTO_SRTP_KEY_SIZE_MAX];
    uint8_t remote_salt[SOTTO_SRTP_SALT_SIZE_MAX];
};

enum sotto_dtls_event_type {
    SOTTO_DTLS_CONNECTED, // once; `keys` is set
    SOTTO_DTLS_FAILED,    // once, in place of connected; `failure` is set
    SOTTO_DTLS_CLOSED,    // once, after connected: the peer ended the association
};

enum sotto_dtls_failure {
    SOTTO_DTLS_FAILURE_NONE,
    SOTTO_DTLS_FAILURE_DEADLINE,    // no end of the handshake in time
    SOTTO_DTLS_FAILURE_HANDSHAKE,   // the peer's messages broke the handshake
    SOTTO_DTLS_FAILURE_FINGERPRINT, // the peer has another certificate than signalling said
    SOTTO_DTLS_FAILURE_PROFILE,     // no SRTP profile in common
    SOTTO_DTLS_FAILURE_INTERNAL,    // the library failed
};

struct sotto_dtls_event {
    enum sotto_dtls_event_type type;
    enum sotto_dtls_failure failure;
    struct sotto_dtls_keys keys;
};

// Owned by the caller, who neither copies nor moves it: OpenSSL points into it.
struct sotto_dtls {
    const struct sotto_dtls_context *context; // borrowed from the caller
    struct ssl_st *ssl; // owned; NULL until a ClientHello is here, and at the end
    struct sotto_dtls_reassembly *reassembly; // owned; NULL when the handshake is over
    enum sotto_dtls_role role;
    enum {
        SOTTO_DTLS_STATE_HANDSHAKE,
        SOTTO_DTLS_STATE_CONNECTED,
        SOTTO_DTLS_STATE_OVER,
    } state;
    bool connected_pending; // events that were not polled yet
    bool failed_pending;
    bool closed_pending;
    enum sotto_dtls_failure failure;
    uint64_t timer_us; // OpenSSL's retransmission timer, UINT64_MAX if it does not run
    uint8_t expected_fingerprint[SOTTO_FINGERPRINT_SIZE];
    struct sotto_dtls_keys keys; // zero but between connected and its event
    struct sotto_dtls_prefilter prefilter;
    struct sotto_datagram_bio ends;
};

// Begins an association. `context` outlives it, `fingerprint` (SHA-256 of the peer's certificate)
// is copied. A client has its first flight ready at once; a server's deadline starts with the first
// fragment. False if memory is short or the library fails. Ends with sotto_dtls_wipe.
SOTTO_MUST_USE bool sotto_dtls_init(struct sotto_dtls *dtls,
                                    const struct sotto_dtls_context *context,
                                    enum sotto_dtls_role role,
                                    const uint8_t fingerprint[SOTTO_FINGERPRINT_SIZE],
                                    uint64_t now_us);

// Takes one datagram of any content.
void sotto_dtls_handle_packet(struct sotto_dtls *dtls, uint64_t now_us, const uint8_t *data,
                              size_t size);

// When to call handle_timeout; UINT64_MAX for never. Changes with every call that takes the time.
uint64_t sotto_dtls_poll_timeout(const struct sotto_dtls *dtls);

// Repeats the flight or fails the handshake if it is time for that. Too early is no mistake.
void sotto_dtls_handle_timeout(struct sotto_dtls *dtls, uint64_t now_us);

// Takes out the next datagram for the peer: its size, or 0 if there is none. `capacity` is at least
// SOTTO_DTLS_DATAGRAM_SIZE_MAX.
size_t sotto_dtls_poll_transmit(struct sotto_dtls *dtls, uint8_t *datagram, size_t capacity);

// Takes out the next event. False, with a zero event, if there is none.
bool sotto_dtls_poll_event(struct sotto_dtls *dtls, struct sotto_dtls_event *event);

// Ends a connected association with a close_notify, which then waits to be transmitted. Without an
// event. In any other state it only ends it.
void sotto_dtls_close(struct sotto_dtls *dtls);

// Erases the keys and frees everything. An all-zero sotto_dtls is wiped already.
void sotto_dtls_wipe(struct sotto_dtls *dtls);

// A sentence fragment in English for logs; valid for ever.
const char *sotto_dtls_failure_text(enum sotto_dtls_failure failure);

#endif
