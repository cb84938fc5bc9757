// A hash table from short keys to pointers, for what is looked up per datagram or per command:
// addresses, ufrags, ids. The seed is random, so that nobody can choose keys that collide.
#ifndef SOTTO_SERVER_MAP_H
#define SOTTO_SERVER_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SOTTO_MAP_KEY_SIZE_MAX = 24 };

struct sotto_map_entry {
    uint8_t key[SOTTO_MAP_KEY_SIZE_MAX];
    void *value; // borrowed; NULL if the entry is free
};

// Private. Its memory grows when something is added, never on a look-up.
struct sotto_map {
    struct sotto_map_entry *entries; // owned
    size_t capacity;                 // a power of two
    size_t count;
    size_t key_size;
    uint64_t seed;
};

// Keys have `key_size` bytes, padding included. False if there is no memory.
bool sotto_map_create(struct sotto_map *map, size_t key_size, uint64_t seed);
void sotto_map_destroy(struct sotto_map *map);

// NULL if the key is not there.
void *sotto_map_find(const struct sotto_map *map, const void *key);

// Sets the key's value (not NULL), in place of the one before. False if there is no memory.
bool sotto_map_set(struct sotto_map *map, const void *key, void *value);

// Removes the key if its value is this one: a newer owner of the key keeps it.
void sotto_map_remove(struct sotto_map *map, const void *key, const void *value);

#endif
