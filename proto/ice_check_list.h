// The candidate pairs of a controlling ICE agent and the state of their checks (RFC 8445 section
// 6.1.2), for one component and a peer whose candidates are all known at once. Part of
// proto/ice_client.
#ifndef SOTTO_PROTO_ICE_CHECK_LIST_H
#define SOTTO_PROTO_ICE_CHECK_LIST_H

#include "proto/address.h"
#include "proto/limits.h"
#include "proto/stun.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SOTTO_ICE_NO_PAIR = SOTTO_ICE_CLIENT_PAIR_COUNT_MAX };

enum sotto_ice_pair_state {
    SOTTO_ICE_PAIR_IDLE, // takes no part: nothing is being looked for
    SOTTO_ICE_PAIR_WAITING,
    SOTTO_ICE_PAIR_IN_PROGRESS,
    SOTTO_ICE_PAIR_SUCCEEDED,
    SOTTO_ICE_PAIR_FAILED, // the peer refused the check; silence does not fail a pair
};

struct sotto_ice_pair {
    struct sotto_address local;
    struct sotto_address remote;
    struct sotto_address mapped; // the local address as the peer last saw it; all zero: never
    uint64_t priority;
    uint32_t check_priority; // for the PRIORITY attribute
    enum sotto_ice_pair_state state;
    uint8_t transaction_id[SOTTO_STUN_TRANSACTION_ID_SIZE];
    uint64_t due_ms; // of the next request, while waiting or in progress
    uint64_t rto_ms; // from that one to the one after it
    uint32_t sent_count; // requests of this transaction
};

struct sotto_ice_candidate {
    struct sotto_address address;
    uint32_t priority;
};

// All zero at the start. `selected` and `nominated` are places in `pairs`, or SOTTO_ICE_NO_PAIR,
// which sotto_ice_check_list_init sets.
struct sotto_ice_check_list {
    struct sotto_ice_candidate locals[SOTTO_ICE_CLIENT_LOCAL_COUNT_MAX];
    size_t local_count;
    struct sotto_ice_candidate remotes[SOTTO_ICE_CLIENT_REMOTE_COUNT_MAX];
    size_t remote_count;
    struct sotto_ice_pair pairs[SOTTO_ICE_CLIENT_PAIR_COUNT_MAX];
    size_t pair_count;
    size_t selected;
    size_t nominated;
};

void sotto_ice_check_list_init(struct sotto_ice_check_list *list);

// Adds a candidate and its pairs with those of the other side that have the same family and
// protocol. False, and nothing changed, if there is no room; true without a change if it is there
// already.
bool sotto_ice_check_list_add_local(struct sotto_ice_check_list *list,
                                    const struct sotto_address *address, uint32_t priority);
bool sotto_ice_check_list_add_remote(struct sotto_ice_check_list *list,
                                     const struct sotto_address *address, uint32_t priority);

// Removes a local candidate and its pairs.
void sotto_ice_check_list_remove_local(struct sotto_ice_check_list *list,
                                       const struct sotto_address *address);

// Puts every pair into `state`, with its first request due at `now_ms`, and nominates none.
void sotto_ice_check_list_reset(struct sotto_ice_check_list *list, enum sotto_ice_pair_state state,
                                uint64_t now_ms);

// The pair between two addresses.
size_t sotto_ice_check_list_find(const struct sotto_ice_check_list *list,
                                 const struct sotto_address *local,
                                 const struct sotto_address *remote);

// The pair that waits longest for its next request, the one with the higher priority of equals.
size_t sotto_ice_check_list_next_due(const struct sotto_ice_check_list *list);

// The pair with the highest priority of those that succeeded.
size_t sotto_ice_check_list_best(const struct sotto_ice_check_list *list);

// True while a pair has neither succeeded nor failed.
bool sotto_ice_pair_is_open(const struct sotto_ice_pair *pair);

// Pairs that are open.
size_t sotto_ice_check_list_open_count(const struct sotto_ice_check_list *list);

// True if an open pair has a higher priority than the pair at `index`.
bool sotto_ice_check_list_better_is_open(const struct sotto_ice_check_list *list, size_t index);

#endif
