#include "proto/ice_check_list.h"

// RFC 8445 section 5.1.2.2: peer-reflexive candidates have type preference 110, host candidates
// 126.
enum { TYPE_PREFERENCE_DIFFERENCE = 126 - 110 };

void sotto_ice_check_list_init(struct sotto_ice_check_list *list) {
    *list = (struct sotto_ice_check_list){.selected = SOTTO_ICE_NO_PAIR,
                                          .nominated = SOTTO_ICE_NO_PAIR};
}

// RFC 8445 section 6.1.2.3, with us controlling.
static uint64_t pair_priority(uint32_t controlling, uint32_t controlled) {
    uint64_t lower = controlling < controlled ? controlling : controlled;
    uint64_t higher = controlling < controlled ? controlled : controlling;
    return (lower << 32) + 2 * higher + (controlling > controlled ? 1u : 0u);
}

static bool can_pair(const struct sotto_address *local, const struct sotto_address *remote) {
    return local->family == remote->family && local->protocol == remote->protocol;
}

static void add_pair(struct sotto_ice_check_list *list, const struct sotto_ice_candidate *local,
                     const struct sotto_ice_candidate *remote) {
    if (!can_pair(&local->address, &remote->address))
        return;
    // All candidates of both sides together have no more pairs than there is room.
    list->pairs[list->pair_count++] = (struct sotto_ice_pair){
        .local = local->address,
        .remote = remote->address,
        .priority = pair_priority(local->priority, remote->priority),
        // RFC 8445 section 7.1.1: as if the local candidate were peer reflexive.
        .check_priority = local->priority - ((uint32_t)TYPE_PREFERENCE_DIFFERENCE << 24),
    };
}

static bool contains(const struct sotto_ice_candidate *candidates, size_t count,
                     const struct sotto_address *address) {
    for (size_t i = 0; i < count; i++) {
        if (sotto_address_equal(&candidates[i].address, address))
            return true;
    }
    return false;
}

bool sotto_ice_check_list_add_local(struct sotto_ice_check_list *list,
                                    const struct sotto_address *address, uint32_t priority) {
    if (contains(list->locals, list->local_count, address))
        return true;
    if (list->local_count == SOTTO_ICE_CLIENT_LOCAL_COUNT_MAX)
        return false;
    struct sotto_ice_candidate *local = &list->locals[list->local_count++];
    *local = (struct sotto_ice_candidate){.address = *address, .priority = priority};
    for (size_t i = 0; i < list->remote_count; i++)
        add_pair(list, local, &list->remotes[i]);
    return true;
}

bool sotto_ice_check_list_add_remote(struct sotto_ice_check_list *list,
                                     const struct sotto_address *address, uint32_t priority) {
    if (contains(list->remotes, list->remote_count, address))
        return true;
    if (list->remote_count == SOTTO_ICE_CLIENT_REMOTE_COUNT_MAX)
        return false;
    struct sotto_ice_candidate *remote = &list->remotes[list->remote_count++];
    *remote = (struct sotto_ice_candidate){.address = *address, .priority = priority};
    for (size_t i = 0; i < list->local_count; i++)
        add_pair(list, &list->locals[i], remote);
    return true;
}

_Static_assert(SOTTO_ICE_CLIENT_LOCAL_COUNT_MAX * SOTTO_ICE_CLIENT_REMOTE_COUNT_MAX <=
                   SOTTO_ICE_CLIENT_PAIR_COUNT_MAX,
               "there is room for every pair");

static void remove_candidate(struct sotto_ice_check_list *list,
                             const struct sotto_address *address) {
    size_t kept = 0;
    for (size_t i = 0; i < list->local_count; i++) {
        if (!sotto_address_equal(&list->locals[i].address, address))
            list->locals[kept++] = list->locals[i];
    }
    list->local_count = kept;
}

void sotto_ice_check_list_remove_local(struct sotto_ice_check_list *list,
                                       const struct sotto_address *address) {
    remove_candidate(list, address);
    size_t selected = SOTTO_ICE_NO_PAIR;
    size_t nominated = SOTTO_ICE_NO_PAIR;
    size_t kept = 0;
    for (size_t i = 0; i < list->pair_count; i++) {
        if (sotto_address_equal(&list->pairs[i].local, address))
            continue;
        if (i == list->selected)
            selected = kept;
        if (i == list->nominated)
            nominated = kept;
        list->pairs[kept++] = list->pairs[i];
    }
    list->pair_count = kept;
    list->selected = selected;
    list->nominated = nominated;
}

void sotto_ice_check_list_reset(struct sotto_ice_check_list *list, enum sotto_ice_pair_state state,
                                uint64_t now_ms) {
    for (size_t i = 0; i < list->pair_count; i++) {
        list->pairs[i].state = state;
        list->pairs[i].due_ms = now_ms;
    }
    list->nominated = SOTTO_ICE_NO_PAIR;
}

size_t sotto_ice_check_list_find(const struct sotto_ice_check_list *list,
                                 const struct sotto_address *local,
                                 const struct sotto_address *remote) {
    for (size_t i = 0; i < list->pair_count; i++) {
        if (sotto_address_equal(&list->pairs[i].local, local) &&
            sotto_address_equal(&list->pairs[i].remote, remote))
            return i;
    }
    return SOTTO_ICE_NO_PAIR;
}

bool sotto_ice_pair_is_open(const struct sotto_ice_pair *pair) {
    return pair->state == SOTTO_ICE_PAIR_WAITING || pair->state == SOTTO_ICE_PAIR_IN_PROGRESS;
}

size_t sotto_ice_check_list_open_count(const struct sotto_ice_check_list *list) {
    size_t count = 0;
    for (size_t i = 0; i < list->pair_count; i++)
        count += sotto_ice_pair_is_open(&list->pairs[i]);
    return count;
}

static bool comes_before(const struct sotto_ice_pair *a, const struct sotto_ice_pair *b) {
    return a->due_ms != b->due_ms ? a->due_ms < b->due_ms : a->priority > b->priority;
}

size_t sotto_ice_check_list_next_due(const struct sotto_ice_check_list *list) {
    size_t next = SOTTO_ICE_NO_PAIR;
    for (size_t i = 0; i < list->pair_count; i++) {
        if (!sotto_ice_pair_is_open(&list->pairs[i]))
            continue;
        if (next == SOTTO_ICE_NO_PAIR || comes_before(&list->pairs[i], &list->pairs[next]))
            next = i;
    }
    return next;
}

size_t sotto_ice_check_list_best(const struct sotto_ice_check_list *list) {
    size_t best = SOTTO_ICE_NO_PAIR;
    for (size_t i = 0; i < list->pair_count; i++) {
        if (list->pairs[i].state != SOTTO_ICE_PAIR_SUCCEEDED)
            continue;
        if (best == SOTTO_ICE_NO_PAIR || list->pairs[i].priority > list->pairs[best].priority)
            best = i;
    }
    return best;
}

bool sotto_ice_check_list_better_is_open(const struct sotto_ice_check_list *list, size_t index) {
    for (size_t i = 0; i < list->pair_count; i++) {
        if (sotto_ice_pair_is_open(&list->pairs[i]) &&
            list->pairs[i].priority > list->pairs[index].priority)
            return true;
    }
    return false;
}
