// The native client's ICE agent: the controlling half of a full implementation (RFC 8445 sections
// 6.1, 7.2 and 8.1) with consent checks (RFC 7675), against one lite server whose candidates all
// came through signalling.
//
// It checks every pair of a local address and a server candidate at a pace of one request in 50 ms,
// nominates the best that answers, keeps its consent fresh, and looks again when a local address
// appears or goes, when consent checks stay unanswered or when it is told to. It fails after 30 s
// without an answer.
//
// The owner calls handle_packet or handle_timeout, then polls transmit and event until they are
// empty. Time is `now_ms`, monotonic, in milliseconds. Only answers that verify under the server's
// password, to a request of ours, over the pair it went out on, are taken in; all else is counted.
//
// What this does not do: it answers no checks (a lite server sends none), gathers no
// server-reflexive or relayed candidates, and against RFC 8445 section 8.1.1 it nominates again
// without a restart, as browsers do, because Sotto's server follows the latest nomination. Doubling
// of the retransmission time stops at 1 s.
#ifndef SOTTO_PROTO_ICE_CLIENT_H
#define SOTTO_PROTO_ICE_CLIENT_H

#include "proto/address.h"
#include "proto/ice_check_list.h"
#include "proto/ice_credentials.h"
#include "proto/ice_random.h"
#include "proto/limits.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum sotto_ice_client_event_type {
    // Send over this pair from now on.
    SOTTO_ICE_CLIENT_SELECTED,
    // The local address in use was removed: stop sending. Checks go on.
    SOTTO_ICE_CLIENT_DISCONNECTED,
    // No answer for 30 s, or the server refused every pair: stop sending. A restart, a recheck or a
    // new address begins again.
    SOTTO_ICE_CLIENT_FAILED,
};

struct sotto_ice_client_event {
    enum sotto_ice_client_event_type type;
    // Of SELECTED; all zero otherwise.
    struct sotto_address local;
    struct sotto_address remote;
    struct sotto_address mapped; // the local address as the server sees it
};

struct sotto_ice_client_transmit {
    struct sotto_address from; // the local address to send from
    struct sotto_address to;
    uint8_t data[SOTTO_ICE_CLIENT_CHECK_SIZE_MAX];
    size_t size;
};

struct sotto_ice_client_counters {
    uint64_t requests;
    uint64_t successes; // answers taken in
    uint64_t errors;    // authenticated error answers
    uint64_t ignored;   // everything else
};

// Owned and embedded by the connection; only what has a function below is for others to use.
struct sotto_ice_client {
    struct sotto_ice_credentials local;
    struct sotto_ice_credentials remote;
    struct sotto_ice_check_list list;
    struct sotto_ice_random random;
    uint64_t tie_breaker;
    bool is_checking;      // looking for the best pair
    uint64_t succeeded_ms; // when the first pair did since it began to look; UINT64_MAX: none
    uint64_t deadline_ms;  // of the next answer; UINT64_MAX: none is awaited
    uint64_t paced_ms;     // the earliest time of the next request
    uint64_t consent_ms;   // when the next consent check is due, while a pair is selected
    uint8_t consent_ids[SOTTO_ICE_CLIENT_CONSENT_COUNT_MAX][SOTTO_STUN_TRANSACTION_ID_SIZE];
    size_t consent_count; // consent checks without an answer since the last one
    struct sotto_ice_client_transmit transmit; // size 0: nothing to send
    struct sotto_ice_client_event event;
    bool has_event;
    struct sotto_ice_client_counters counters;
};

// Credentials and seed are copied. The seed is secret and random: transaction ids, tie-breaker and
// jitter come from it alone, so the same seed and the same input give the same packets.
void sotto_ice_client_init(struct sotto_ice_client *client,
                           const struct sotto_ice_credentials *local,
                           const struct sotto_ice_credentials *remote,
                           const uint8_t seed[SOTTO_ICE_SEED_SIZE]);

// A bound socket's address (not a wildcard). Of two local addresses the one with the larger
// preference is the better. Checks begin as soon as there is a pair. False if there is no room.
bool sotto_ice_client_add_local(struct sotto_ice_client *client, uint64_t now_ms,
                                const struct sotto_address *address, uint16_t preference);

void sotto_ice_client_remove_local(struct sotto_ice_client *client, uint64_t now_ms,
                                   const struct sotto_address *address);

// A candidate of the server with its priority. False if there is no room.
bool sotto_ice_client_add_remote(struct sotto_ice_client *client, uint64_t now_ms,
                                 const struct sotto_address *address, uint32_t priority);

// Takes the new credentials of both sides and checks all pairs again (RFC 8445 section 9). The
// selected pair stays in use meanwhile.
void sotto_ice_client_restart(struct sotto_ice_client *client, uint64_t now_ms,
                              const struct sotto_ice_credentials *local,
                              const struct sotto_ice_credentials *remote);

// Checks all pairs again at once, for an owner that hears nothing any more: behind a NAT that
// forgot the mapping, it brings the server's packets back seconds before the next consent check
// would.
void sotto_ice_client_recheck(struct sotto_ice_client *client, uint64_t now_ms);

// Takes a datagram that looks like STUN and came to the local address `to`.
void sotto_ice_client_handle_packet(struct sotto_ice_client *client, uint64_t now_ms,
                                    const struct sotto_address *to,
                                    const struct sotto_address *from, const uint8_t *data,
                                    size_t size);

// Does what is due: at most one request a call.
void sotto_ice_client_handle_timeout(struct sotto_ice_client *client, uint64_t now_ms);

// When handle_timeout is due; UINT64_MAX: never.
uint64_t sotto_ice_client_poll_timeout(const struct sotto_ice_client *client);

// The request that handle_timeout made, once. False if there is none.
bool sotto_ice_client_poll_transmit(struct sotto_ice_client *client,
                                    struct sotto_ice_client_transmit *transmit);

// The latest change, once; one that was not polled is replaced. False if there is none.
bool sotto_ice_client_poll_event(struct sotto_ice_client *client,
                                 struct sotto_ice_client_event *event);

// The pair to send over, or NULL. Borrowed from the client until its next call.
const struct sotto_ice_pair *sotto_ice_client_selected(const struct sotto_ice_client *client);

void sotto_ice_client_wipe(struct sotto_ice_client *client);

#endif
