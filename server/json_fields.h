// Strict reading of fields from JSON (RFC 8259) that somebody else wrote, with a text for people
// that says where it is wrong: "rtpParameters.codecs[1].payloadType: must be a whole number from 0
// to 127". Failure is sticky: after the first one every call yields nothing, so a parser is
// straight-line code with one check of `failed` at its end. A field that is null counts as absent.
#ifndef SOTTO_SERVER_JSON_FIELDS_H
#define SOTTO_SERVER_JSON_FIELDS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SOTTO_JSON_PATH_SIZE_MAX = 159,
    SOTTO_JSON_FAULT_SIZE_MAX = 255,
};

// What is wrong, as "path: reason" in one line; empty if nothing is.
struct sotto_json_fault {
    char text[SOTTO_JSON_FAULT_SIZE_MAX + 1];
};

// Where the parser stands. Owned by the caller; only `failed` is for others to read.
struct sotto_json_fields {
    bool failed;
    size_t path_size;
    char path[SOTTO_JSON_PATH_SIZE_MAX + 1];
    struct sotto_json_fault *fault; // borrowed from the caller
};

enum sotto_json_need {
    SOTTO_JSON_OPTIONAL,
    SOTTO_JSON_REQUIRED,
};

// `root` names the whole value in texts; it is copied. Empties `fault`.
void sotto_json_fields_init(struct sotto_json_fields *fields, const char *root,
                            struct sotto_json_fault *fault);

// Steps into a field of an object, for the path alone. The number returned goes to
// sotto_json_fields_leave. `name` is short and printable.
size_t sotto_json_fields_enter(struct sotto_json_fields *fields, const char *name);
void sotto_json_fields_leave(struct sotto_json_fields *fields, size_t mark);

// Marks the place where the parser stands as wrong. `reason` begins with "must" or "is".
void sotto_json_fields_fail(struct sotto_json_fields *fields, const char *reason);

// The same for a field of the object where the parser stands.
void sotto_json_fields_fail_field(struct sotto_json_fields *fields, const char *name,
                                  const char *reason);

// Fails unless the value is an object. Needed before reading fields of a whole value; what the
// functions below give out was checked.
void sotto_json_fields_check_object(struct sotto_json_fields *fields, const json_t *value);

// The functions below read field `name` of `object`, which may be NULL and then has no fields. What
// is absent and optional yields NULL, 0, false or an empty text.

// Borrowed from `object`.
const json_t *sotto_json_fields_get_object(struct sotto_json_fields *fields, const json_t *object,
                                           const char *name, enum sotto_json_need need);
// A list of objects, at most `count_max` of them: calls `parse` for each, standing in it, until one
// fails. `into` is passed through.
void sotto_json_fields_get_list(struct sotto_json_fields *fields, const json_t *object,
                                const char *name, size_t count_max, enum sotto_json_need need,
                                void (*parse)(struct sotto_json_fields *fields,
                                              const json_t *entry, void *into),
                                void *into);
// A whole number; 1.0 is none.
int64_t sotto_json_fields_get_integer(struct sotto_json_fields *fields, const json_t *object,
                                      const char *name, int64_t min, int64_t max,
                                      enum sotto_json_need need);
// `present` tells false from absent.
bool sotto_json_fields_get_flag(struct sotto_json_fields *fields, const json_t *object,
                                const char *name, bool *present);
// A text that fits `capacity` with its closing zero and has only characters that `is_allowed`. The
// rest of `to` is filled with zeros. A required text is not empty; an optional one may be.
void sotto_json_fields_get_text(struct sotto_json_fields *fields, const json_t *object,
                                const char *name, bool (*is_allowed)(char), char *to,
                                size_t capacity, enum sotto_json_need need);

#endif
