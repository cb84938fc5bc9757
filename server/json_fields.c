#include "server/json_fields.h"

#include "core/assert.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { REASON_SIZE = 96 };

void sotto_json_fields_init(struct sotto_json_fields *fields, const char *root,
                            struct sotto_json_fault *fault) {
    memset(fields, 0, sizeof *fields);
    memset(fault, 0, sizeof *fault);
    fields->fault = fault;
    SOTTO_ASSERT(strlen(root) <= SOTTO_JSON_PATH_SIZE_MAX);
    fields->path_size = strlen(root);
    memcpy(fields->path, root, fields->path_size + 1);
}

// A path that does not fit is cut.
static void append(struct sotto_json_fields *fields, const char *text) {
    size_t room = SOTTO_JSON_PATH_SIZE_MAX - fields->path_size;
    size_t size = strlen(text);
    if (size > room)
        size = room;
    memcpy(fields->path + fields->path_size, text, size);
    fields->path_size += size;
    fields->path[fields->path_size] = '\0';
}

size_t sotto_json_fields_enter(struct sotto_json_fields *fields, const char *name) {
    size_t mark = fields->path_size;
    append(fields, ".");
    append(fields, name);
    return mark;
}

void sotto_json_fields_leave(struct sotto_json_fields *fields, size_t mark) {
    fields->path_size = mark;
    fields->path[mark] = '\0';
}

void sotto_json_fields_fail(struct sotto_json_fields *fields, const char *reason) {
    if (fields->failed)
        return;
    fields->failed = true;
    snprintf(fields->fault->text, sizeof fields->fault->text, "%s: %s", fields->path, reason);
}

void sotto_json_fields_fail_field(struct sotto_json_fields *fields, const char *name,
                                  const char *reason) {
    size_t mark = sotto_json_fields_enter(fields, name);
    sotto_json_fields_fail(fields, reason);
    sotto_json_fields_leave(fields, mark);
}

void sotto_json_fields_check_object(struct sotto_json_fields *fields, const json_t *value) {
    if (!json_is_object(value))
        sotto_json_fields_fail(fields, "must be an object");
}

// The value, NULL if it is absent, null, or something failed before.
static const json_t *find(struct sotto_json_fields *fields, const json_t *object, const char *name,
                          enum sotto_json_need need) {
    if (fields->failed)
        return NULL;
    const json_t *value = json_object_get(object, name);
    if (value && !json_is_null(value))
        return value;
    if (need == SOTTO_JSON_REQUIRED)
        sotto_json_fields_fail_field(fields, name, "is missing");
    return NULL;
}

const json_t *sotto_json_fields_get_object(struct sotto_json_fields *fields, const json_t *object,
                                           const char *name, enum sotto_json_need need) {
    const json_t *value = find(fields, object, name, need);
    if (!value || json_is_object(value))
        return value;
    sotto_json_fields_fail_field(fields, name, "must be an object");
    return NULL;
}

static size_t enter_entry(struct sotto_json_fields *fields, size_t index) {
    size_t mark = fields->path_size;
    char text[32];
    snprintf(text, sizeof text, "[%zu]", index);
    append(fields, text);
    return mark;
}

void sotto_json_fields_get_list(struct sotto_json_fields *fields, const json_t *object,
                                const char *name, size_t count_max, enum sotto_json_need need,
                                void (*parse)(struct sotto_json_fields *fields,
                                              const json_t *entry, void *into),
                                void *into) {
    const json_t *list = find(fields, object, name, need);
    if (list && (!json_is_array(list) || json_array_size(list) > count_max)) {
        char reason[REASON_SIZE];
        snprintf(reason, sizeof reason, "must be a list of at most %zu entries", count_max);
        sotto_json_fields_fail_field(fields, name, reason);
        return;
    }
    size_t mark = sotto_json_fields_enter(fields, name);
    for (size_t i = 0; i < json_array_size(list) && !fields->failed; i++) {
        const json_t *entry = json_array_get(list, i);
        size_t entry_mark = enter_entry(fields, i);
        sotto_json_fields_check_object(fields, entry);
        if (!fields->failed)
            parse(fields, entry, into);
        sotto_json_fields_leave(fields, entry_mark);
    }
    sotto_json_fields_leave(fields, mark);
}

int64_t sotto_json_fields_get_integer(struct sotto_json_fields *fields, const json_t *object,
                                      const char *name, int64_t min, int64_t max,
                                      enum sotto_json_need need) {
    const json_t *value = find(fields, object, name, need);
    if (!value)
        return 0;
    json_int_t number = json_integer_value(value);
    if (json_is_integer(value) && number >= min && number <= max)
        return number;
    char reason[REASON_SIZE];
    snprintf(reason, sizeof reason, "must be a whole number from %" PRId64 " to %" PRId64, min,
             max);
    sotto_json_fields_fail_field(fields, name, reason);
    return 0;
}

bool sotto_json_fields_get_flag(struct sotto_json_fields *fields, const json_t *object,
                                const char *name, bool *present) {
    const json_t *value = find(fields, object, name, SOTTO_JSON_OPTIONAL);
    *present = json_is_boolean(value);
    if (value && !*present)
        sotto_json_fields_fail_field(fields, name, "must be true or false");
    return json_is_true(value);
}

static bool has_only(const char *text, size_t size, bool (*is_allowed)(char)) {
    for (size_t i = 0; i < size; i++)
        if (!is_allowed(text[i]))
            return false;
    return true;
}

void sotto_json_fields_get_text(struct sotto_json_fields *fields, const json_t *object,
                                const char *name, bool (*is_allowed)(char), char *to,
                                size_t capacity, enum sotto_json_need need) {
    memset(to, 0, capacity);
    const json_t *value = find(fields, object, name, need);
    if (!value)
        return;
    size_t size = json_string_length(value);
    char reason[REASON_SIZE];
    if (!json_is_string(value) || size >= capacity || (need == SOTTO_JSON_REQUIRED && size == 0)) {
        snprintf(reason, sizeof reason, "must be text of %d to %zu bytes",
                 need == SOTTO_JSON_REQUIRED ? 1 : 0, capacity - 1);
        sotto_json_fields_fail_field(fields, name, reason);
    } else if (!has_only(json_string_value(value), size, is_allowed)) {
        sotto_json_fields_fail_field(fields, name, "has a character that is not allowed here");
    } else {
        memcpy(to, json_string_value(value), size);
    }
}
