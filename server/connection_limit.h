// How many connections a peer network holds at this moment, and whether it may have one more.
#ifndef SOTTO_SERVER_CONNECTION_LIMIT_H
#define SOTTO_SERVER_CONNECTION_LIMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sotto_connection_limit_entry {
    uint64_t network;
    uint32_t count; // 0 marks a free place
};

struct sotto_connection_limit {
    struct sotto_connection_limit_entry *entries; // owned; a power of two, half of them free
    size_t capacity;
    uint64_t seed;
    uint32_t total;
    uint32_t total_max;
    uint32_t network_max;
};

// False if there is no memory. `seed` is random.
bool sotto_connection_limit_create(struct sotto_connection_limit *limit, uint32_t total_max,
                                   uint32_t network_max, uint64_t seed);
void sotto_connection_limit_destroy(struct sotto_connection_limit *limit);

// Would one more connection be counted?
bool sotto_connection_limit_has_room(const struct sotto_connection_limit *limit, uint64_t network);
// Counts one connection, or answers false and counts nothing.
bool sotto_connection_limit_add(struct sotto_connection_limit *limit, uint64_t network);
// Takes back one that was counted.
void sotto_connection_limit_remove(struct sotto_connection_limit *limit, uint64_t network);

#endif
