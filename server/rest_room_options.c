// The body of POST /v2/rooms, of server/rest.h.
#include "server/json.h"
#include "server/rest.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    json_type type;
    const char *type_text;
} fields[] = {
    {"customRoomId", JSON_STRING, "a string"},
    {"e2ee", JSON_STRING, "a string"},
    {"geoFence", JSON_STRING, "a string"},
    {"region", JSON_STRING, "a string"},
    {"webhook", JSON_OBJECT, "an object"},
    {"autoCloseConfig", JSON_OBJECT, "an object"},
    {"autoStartConfig", JSON_OBJECT, "an object"},
    {"multiComposition", JSON_OBJECT, "an object"},
    {"allowedParticipantIds", JSON_ARRAY, "an array"},
};

static bool check_field(const char *name, const json_t *value, char *error, size_t capacity) {
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        if (strcmp(fields[i].name, name) != 0)
            continue;
        if (json_typeof(value) == fields[i].type || json_is_null(value))
            return true;
        snprintf(error, capacity, "%s must be %s.", fields[i].name, fields[i].type_text);
        return false;
    }
    // A misspelt "e2ee" must not give a room with another policy.
    snprintf(error, capacity, "%.40s is not a field of a room; check its spelling.", name);
    return false;
}

// Printable, so that it can be shown and logged, and not like a room id, so that the two are never
// mixed up.
static bool is_custom_room_id(struct sotto_text id) {
    for (size_t i = 0; i < id.size; i++)
        if ((unsigned char)id.data[i] < ' ' || id.data[i] == 0x7f)
            return false;
    return id.size > 0 && id.size <= SOTTO_CUSTOM_ROOM_ID_SIZE_MAX && !sotto_room_id_is_valid(id);
}

static bool read_values(struct sotto_rest_room_options *options, const json_t *object, char *error,
                        size_t capacity) {
    const json_t *id = json_object_get(object, "customRoomId");
    const json_t *policy = json_object_get(object, "e2ee");
    struct sotto_text text = {.data = json_string_value(id), .size = json_string_length(id)};
    if (json_is_string(id) && !is_custom_room_id(text)) {
        snprintf(error, capacity,
                 "customRoomId must have 1 to %d printable bytes and not look like a roomId.",
                 SOTTO_CUSTOM_ROOM_ID_SIZE_MAX);
        return false;
    }
    options->policy_given = json_is_string(policy);
    if (options->policy_given &&
        !sotto_e2ee_policy_parse(&options->policy, json_string_value(policy))) {
        snprintf(error, capacity, "e2ee must be \"required\", \"preferred\" or \"off\".");
        return false;
    }
    return sotto_text_copy(text, options->custom_room_id, sizeof options->custom_room_id);
}

bool sotto_rest_parse_room_options(struct sotto_rest_room_options *options, struct sotto_text body,
                                   char *error, size_t error_capacity) {
    *options = (struct sotto_rest_room_options){0};
    error[0] = 0;
    if (body.size == 0)
        return true;
    json_t *object = sotto_json_parse_object(body);
    if (!object) {
        snprintf(error, error_capacity, "The body must be a JSON object.");
        return false;
    }
    bool good = true;
    const char *name;
    json_t *value;
    json_object_foreach(object, name, value)
        good = good && check_field(name, value, error, error_capacity);
    good = good && read_values(options, object, error, error_capacity);
    json_decref(object);
    return good;
}
