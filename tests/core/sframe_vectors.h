// The rows of tests/vectors/sframe_rfc9605.json as the core takes them.
#ifndef SOTTO_TESTS_CORE_SFRAME_VECTORS_H
#define SOTTO_TESTS_CORE_SFRAME_VECTORS_H

#include "core/bytes.h"
#include "tests/vectors.h"

#include <stdbool.h>

// As many as RFC 9605 has in its appendix C.
enum { HEADER_VECTOR_COUNT = 289, CTR_HMAC_VECTOR_COUNT = 3, SFRAME_VECTOR_COUNT = 5 };

// jansson's integers end at 2^63 - 1, the vectors go to 2^64 - 1: numbers become strings.
static inline char *quote_numbers(const char *text) {
    char *quoted = malloc(3 * strlen(text) + 1);
    CHECK(quoted);
    char *end = quoted;
    bool in_string = false;
    for (const char *at = text; *at;) {
        size_t digits = in_string ? 0 : strspn(at, "0123456789");
        if (digits == 0) {
            in_string ^= *at == '"';
            *end++ = *at++;
            continue;
        }
        *end++ = '"';
        memcpy(end, at, digits);
        end += digits;
        at += digits;
        *end++ = '"';
    }
    *end = 0;
    return quoted;
}

static inline json_t *load_rfc_vectors(void) {
    FILE *file = fopen(SOTTO_VECTORS "/sframe_rfc9605.json", "rb");
    CHECK(file);
    static char text[1 << 17];
    size_t size = fread(text, 1, sizeof text - 1, file);
    CHECK(size > 0 && feof(file));
    fclose(file);
    char *quoted = quote_numbers(text);
    json_t *root = json_loads(quoted, 0, NULL);
    CHECK(root);
    free(quoted);
    return root;
}

static inline uint64_t number_of(const json_t *row, const char *field) {
    const char *text = json_string_value(json_object_get(row, field));
    CHECK(text);
    return strtoull(text, NULL, 10);
}

// Owned by the caller, who releases it.
static inline struct sotto_bytes bytes_of(const json_t *row, const char *field) {
    struct sotto_bytes bytes;
    bytes.data = vectors_bytes(row, field, &bytes.size);
    return bytes;
}

static inline void release(struct sotto_bytes bytes) {
    free((void *)(uintptr_t)bytes.data);
}

// Runs `check` over every row of a section, which has exactly `count`.
static inline void for_each_row(const char *section, size_t count, void (*check)(const json_t *)) {
    json_t *root = load_rfc_vectors();
    size_t index;
    json_t *row;
    json_array_foreach(json_object_get(root, section), index, row)
        check(row);
    CHECK_EQ(index, count);
    json_decref(root);
}

#endif
