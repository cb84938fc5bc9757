// What outlives a restart: the rooms, in SQLite (sotto.db in the data directory, readable by its
// owner alone). Nothing about people, media or keys is stored.
#ifndef SOTTO_SERVER_STORE_H
#define SOTTO_SERVER_STORE_H

#include "core/result.h"
#include "server/fault.h"
#include "server/limits.h"
#include "server/room_id.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum sotto_e2ee_policy { SOTTO_E2EE_PREFERRED, SOTTO_E2EE_REQUIRED, SOTTO_E2EE_OFF };

// "required", "preferred", "off"; NULL for other values.
const char *sotto_e2ee_policy_text(enum sotto_e2ee_policy policy);
bool sotto_e2ee_policy_parse(enum sotto_e2ee_policy *policy, const char *text);

struct sotto_room {
    char room_id[SOTTO_ROOM_ID_SIZE];
    char id[SOTTO_OBJECT_ID_SIZE];
    char custom_room_id[SOTTO_CUSTOM_ROOM_ID_SIZE_MAX + 1]; // empty: none
    enum sotto_e2ee_policy policy;
    uint64_t created_at_ms; // unix time
    uint64_t updated_at_ms;
    bool disabled;
};

enum sotto_store_result {
    SOTTO_STORE_OK,
    SOTTO_STORE_NOT_FOUND,
    SOTTO_STORE_FULL,   // as many rooms as the limit allows
    SOTTO_STORE_FAILED, // the disk or SQLite; the log says more
};

struct sotto_store;

// Opens or creates the database in `folder` and brings its schema up to date. NULL with a fault if
// it cannot, or if a newer sottod has written it.
struct sotto_store *sotto_store_create(const char *folder, uint64_t room_count_max,
                                       struct sotto_fault *fault);
void sotto_store_destroy(struct sotto_store *store); // NULL is fine

// Makes a room, or gives the one that has this custom id already (`created` is false then, and its
// policy is what it was). `custom_room_id` may be NULL.
SOTTO_MUST_USE enum sotto_store_result sotto_store_add_room(struct sotto_store *store,
                                                            const char *custom_room_id,
                                                            enum sotto_e2ee_policy policy,
                                                            uint64_t unix_ms,
                                                            struct sotto_room *room, bool *created);

// `key` is a room id or an object id; nothing else is ever found.
SOTTO_MUST_USE enum sotto_store_result sotto_store_find_room(struct sotto_store *store,
                                                             const char *key,
                                                             struct sotto_room *room);

SOTTO_MUST_USE enum sotto_store_result sotto_store_disable_room(struct sotto_store *store,
                                                                const char *room_id,
                                                                uint64_t unix_ms,
                                                                struct sotto_room *room);

// Up to `capacity` rooms, newest first, from the `offset`-th on, whose room id or custom id
// contains `query` (empty: all). `total` counts all that match.
SOTTO_MUST_USE enum sotto_store_result sotto_store_list_rooms(struct sotto_store *store,
                                                              const char *query, uint64_t offset,
                                                              struct sotto_room *rooms,
                                                              size_t capacity, size_t *count,
                                                              uint64_t *total);

#endif
