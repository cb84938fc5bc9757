#include "server/map.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { CAPACITY_FIRST = 64 };

static uint64_t mix(uint64_t value) {
    value ^= value >> 32;
    value *= 0xd6e8feb86659fd93u;
    value ^= value >> 32;
    value *= 0xd6e8feb86659fd93u;
    return value ^ value >> 32;
}

static size_t home(const struct sotto_map *map, const void *key) {
    uint64_t words[SOTTO_MAP_KEY_SIZE_MAX / 8] = {0};
    memcpy(words, key, map->key_size);
    uint64_t hash = map->seed;
    for (size_t i = 0; i < SOTTO_MAP_KEY_SIZE_MAX / 8; i++)
        hash = mix(hash ^ words[i]) + map->seed;
    return (size_t)hash & (map->capacity - 1);
}

// The key's entry, or the free one where it would stand.
static size_t locate(const struct sotto_map *map, const void *key) {
    size_t i = home(map, key);
    while (map->entries[i].value && memcmp(map->entries[i].key, key, map->key_size) != 0)
        i = (i + 1) & (map->capacity - 1);
    return i;
}

bool sotto_map_create(struct sotto_map *map, size_t key_size, uint64_t seed) {
    assert(key_size <= SOTTO_MAP_KEY_SIZE_MAX);
    *map = (struct sotto_map){.key_size = key_size, .seed = seed, .capacity = CAPACITY_FIRST};
    map->entries = calloc(map->capacity, sizeof *map->entries);
    return map->entries != NULL;
}

void sotto_map_destroy(struct sotto_map *map) {
    free(map->entries);
    *map = (struct sotto_map){0};
}

void *sotto_map_find(const struct sotto_map *map, const void *key) {
    return map->entries[locate(map, key)].value;
}

static bool grow(struct sotto_map *map) {
    struct sotto_map larger = *map;
    larger.capacity = map->capacity * 2;
    larger.entries = calloc(larger.capacity, sizeof *larger.entries);
    if (!larger.entries)
        return false;
    for (size_t i = 0; i < map->capacity; i++) {
        if (map->entries[i].value)
            larger.entries[locate(&larger, map->entries[i].key)] = map->entries[i];
    }
    free(map->entries);
    *map = larger;
    return true;
}

bool sotto_map_set(struct sotto_map *map, const void *key, void *value) {
    assert(value);
    struct sotto_map_entry *entry = &map->entries[locate(map, key)];
    if (!entry->value) {
        if (map->count >= map->capacity / 2) {
            if (!grow(map))
                return false;
            entry = &map->entries[locate(map, key)];
        }
        map->count++;
        memcpy(entry->key, key, map->key_size);
    }
    entry->value = value;
    return true;
}

void sotto_map_remove(struct sotto_map *map, const void *key, const void *value) {
    size_t hole = locate(map, key);
    if (!map->entries[hole].value || map->entries[hole].value != value)
        return;
    map->count--;
    size_t mask = map->capacity - 1;
    // What stands behind moves up unless it would leave the run that begins at its home.
    for (size_t next = (hole + 1) & mask; map->entries[next].value; next = (next + 1) & mask) {
        size_t distance = (next - home(map, map->entries[next].key)) & mask;
        if (distance >= ((next - hole) & mask)) {
            map->entries[hole] = map->entries[next];
            hole = next;
        }
    }
    map->entries[hole] = (struct sotto_map_entry){0};
}
