// The server's ICE agent for one transport: a lite implementation that is always controlled (RFC
// 8445 sections 2.5, 6.2, 7.3 and 8.2), with expiry of consent (RFC 7675 section 5.1).
//
// It only answers. Nothing is answered, kept or believed before a Binding request's USERNAME names
// this agent, its FINGERPRINT is there and its MESSAGE-INTEGRITY verifies; what fails is counted.
// RFC 8489 section 9.1.3 would have unauthenticated requests answered with 400 or 401: that would
// let anybody bounce datagrams off the server, so they get silence. No answer is larger than its
// request.
//
// The owner calls handle_packet or handle_timeout, then polls transmit and events until they are
// empty. Time is `now_ms`, monotonic, in milliseconds.
//
// What this does not do: STUN has no protection against replay. Whoever sees a nomination on its
// way can send it again from elsewhere and draws the media (which is encrypted) until the peer's
// next one: a second later from a browser, at most six from the native client.
#ifndef SOTTO_PROTO_ICE_LITE_H
#define SOTTO_PROTO_ICE_LITE_H

#include "proto/address.h"
#include "proto/ice_credentials.h"
#include "proto/limits.h"
#include "proto/stun.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum sotto_ice_lite_event_type {
    // An authenticated check came from an address that was not valid. Packets from it are the
    // peer's.
    SOTTO_ICE_LITE_ADDRESS_ADDED,
    // The address is no longer valid: 30 s without a check, pushed out by a ninth, or removed.
    SOTTO_ICE_LITE_ADDRESS_REMOVED,
    // The peer nominated the address and it was not selected before: send there from now on.
    SOTTO_ICE_LITE_SELECTED,
    // The selected address gave no consent for 30 s, or was removed: stop sending until the next
    // SELECTED. Comes after ADDRESS_REMOVED.
    SOTTO_ICE_LITE_DISCONNECTED,
    // The first check with the credentials of a restart came: the ufrag before it is dead.
    SOTTO_ICE_LITE_RESTARTED,
};

struct sotto_ice_lite_event {
    enum sotto_ice_lite_event_type type;
    struct sotto_address address; // all zero for RESTARTED
};

struct sotto_ice_lite_transmit {
    struct sotto_address to;
    uint8_t data[SOTTO_STUN_ANSWER_SIZE_MAX];
    size_t size;
};

struct sotto_ice_lite_counters {
    uint64_t answered;            // checks that were authenticated and answered with success
    uint64_t malformed;           // no well-formed Binding message
    uint64_t not_requests;        // indications (a peer may send them as keepalives) and responses
    uint64_t unknown_usernames;   // for another agent, or for credentials that have ended
    uint64_t missing_fingerprints;
    uint64_t wrong_integrities;   // MESSAGE-INTEGRITY absent or wrong
    uint64_t role_conflicts;      // authenticated, from a peer that says it is controlled
    uint64_t unknown_attributes;  // authenticated, with an attribute that had to be understood
    uint64_t suppressed_answers;  // larger than the request, or errors beyond their rate
    uint64_t undrained;           // dropped because the owner had not polled the events
};

struct sotto_ice_lite_address {
    struct sotto_address address;
    uint64_t expires_ms; // 30 s after its latest authenticated check
};

// Owned and embedded by the transport; only what has a function below is for others to use.
struct sotto_ice_lite {
    struct sotto_ice_credentials current;
    struct sotto_ice_credentials previous; // all zero unless a restart is not yet used
    struct sotto_ice_lite_address addresses[SOTTO_ICE_LITE_ADDRESS_COUNT_MAX];
    size_t address_count;
    struct sotto_address selected; // one of `addresses`; all zero: none
    struct sotto_ice_lite_transmit transmit; // size 0: nothing to send
    struct sotto_ice_lite_event events[SOTTO_ICE_LITE_EVENT_COUNT_MAX];
    size_t event_first;
    size_t event_count;
    uint64_t error_window_ms; // when the current second of error answers began
    uint32_t error_count;
    struct sotto_ice_lite_counters counters;
};

// The credentials are copied.
void sotto_ice_lite_init(struct sotto_ice_lite *agent,
                         const struct sotto_ice_credentials *credentials);

// Takes new credentials for an ICE restart (RFC 8445 section 9). The old ones stay valid until the
// first check with the new ones, and media goes on to the selected address. The ufrag must be a new
// one. Of two restarts without a check in between, the first one's credentials never become valid.
void sotto_ice_lite_restart(struct sotto_ice_lite *agent,
                            const struct sotto_ice_credentials *credentials);

// Takes a datagram that looks like STUN. `from` has the protocol it came by. An answer that was not
// polled is replaced.
void sotto_ice_lite_handle_packet(struct sotto_ice_lite *agent, uint64_t now_ms,
                                  const struct sotto_address *from, const uint8_t *data,
                                  size_t size);

// Ends what has expired. Harmless when nothing has.
void sotto_ice_lite_handle_timeout(struct sotto_ice_lite *agent, uint64_t now_ms);

// When handle_timeout is due; UINT64_MAX: never. Before the first check nothing is: a browser
// begins ICE when its first track does.
uint64_t sotto_ice_lite_poll_timeout(const struct sotto_ice_lite *agent);

// The answer to the last packet, once. False if there is none.
bool sotto_ice_lite_poll_transmit(struct sotto_ice_lite *agent,
                                  struct sotto_ice_lite_transmit *transmit);

// The oldest event. False if there is none.
bool sotto_ice_lite_poll_event(struct sotto_ice_lite *agent, struct sotto_ice_lite_event *event);

// Forgets an address whose TCP connection closed.
void sotto_ice_lite_remove_address(struct sotto_ice_lite *agent,
                                   const struct sotto_address *address);

// True if an authenticated check came from there within the last 30 s, as far as handle_timeout was
// told. A datagram that is not STUN, from any other address, is dropped unread.
bool sotto_ice_lite_is_valid_address(const struct sotto_ice_lite *agent,
                                     const struct sotto_address *address);

// Where to send; NULL if the peer has nominated nothing or its consent has ended. Borrowed from the
// agent until its next call.
const struct sotto_address *sotto_ice_lite_selected(const struct sotto_ice_lite *agent);

void sotto_ice_lite_wipe(struct sotto_ice_lite *agent);

#endif
