// Loading of test vectors: JSON files under tests/vectors/ and hexadecimal fields in them.
#ifndef SOTTO_TESTS_VECTORS_H
#define SOTTO_TESTS_VECTORS_H

#include "tests/check.h"

#include <jansson.h>

// SOTTO_VECTORS is the folder, given by the build.
static inline json_t *vectors_load(const char *name) {
    char path[512];
    snprintf(path, sizeof path, "%s/%s", SOTTO_VECTORS, name);
    json_error_t error;
    json_t *root = json_load_file(path, 0, &error);
    if (!root) {
        fprintf(stderr, "%s: %s\n", path, error.text);
        exit(1);
    }
    return root;
}

// Bytes of a hexadecimal string in a buffer of exactly that size (at least 1), owned by the caller.
static inline uint8_t *vectors_unhex(const char *hex, size_t *size) {
    CHECK(hex && strlen(hex) % 2 == 0);
    *size = strlen(hex) / 2;
    uint8_t *bytes = malloc(*size ? *size : 1);
    CHECK(bytes);
    for (size_t i = 0; i < *size; i++) {
        unsigned value;
        CHECK(sscanf(hex + 2 * i, "%2x", &value) == 1);
        bytes[i] = (uint8_t)value;
    }
    return bytes;
}

static inline uint8_t *vectors_bytes(const json_t *object, const char *field, size_t *size) {
    return vectors_unhex(json_string_value(json_object_get(object, field)), size);
}

// Calls `check` for every row of this list in the files of the format "sotto", and prints its name
// before. Returns how many there were.
static inline size_t vectors_each(const char *list, void (*check)(const json_t *row)) {
    static const char *const files[] = {"sotto_frames.json", "sotto_more.json"};
    size_t count = 0;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        json_t *root = vectors_load(files[i]);
        size_t index;
        json_t *row;
        json_array_foreach(json_object_get(root, list), index, row) {
            printf("   %s\n", json_string_value(json_object_get(row, "name")));
            check(row);
            count++;
        }
        json_decref(root);
    }
    return count;
}

#endif
