#include "server/token.h"

#include "core/wipe.h"
#include "server/jws.h"

#include <jansson.h>
#include <string.h>

// 9999-12-31: a later time is a mistake (milliseconds for seconds), not a long-lived token.
static const int64_t latest_time_s = 253402300799;
static const int64_t leeway_s = 60; // RFC 7519, section 4.1.5: "no more than a few minutes"

static bool read_time(const json_t *payload, const char *name, int64_t *time_s, bool *present) {
    const json_t *value = json_object_get(payload, name);
    *present = value != NULL;
    *time_s = json_integer_value(value);
    return !value || (json_is_integer(value) && *time_s >= 0 && *time_s <= latest_time_s);
}

static enum sotto_token_result read_times(struct sotto_token *token, const json_t *payload,
                                          int64_t now_s) {
    int64_t issued_at_s, not_before_s;
    bool expires, issued, not_before;
    if (!read_time(payload, "exp", &token->expires_at_s, &expires) || !expires ||
        !read_time(payload, "iat", &issued_at_s, &issued) ||
        !read_time(payload, "nbf", &not_before_s, &not_before))
        return SOTTO_TOKEN_INVALID;
    if (now_s >= token->expires_at_s)
        return SOTTO_TOKEN_EXPIRED;
    if ((issued && issued_at_s > now_s + leeway_s) ||
        (not_before && not_before_s > now_s + leeway_s))
        return SOTTO_TOKEN_NOT_YET;
    return SOTTO_TOKEN_OK;
}

struct name {
    const char *text;
    unsigned bit;
};

// Ors the bits of an array of names. False for anything but an array of known names.
static bool read_names(const json_t *array, const struct name *names, size_t count,
                       unsigned *bits) {
    *bits = 0;
    if (!json_is_array(array))
        return false;
    for (size_t i = 0; i < json_array_size(array); i++) {
        const char *text = json_string_value(json_array_get(array, i));
        unsigned bit = 0;
        for (size_t j = 0; text && j < count; j++)
            if (strcmp(text, names[j].text) == 0)
                bit = names[j].bit;
        if (bit == 0)
            return false;
        *bits |= bit;
    }
    return true;
}

static bool read_roles(struct sotto_token *token, const json_t *payload) {
    static const struct name names[] = {{"rtc", 1}, {"crawler", 2}};
    const json_t *roles = json_object_get(payload, "roles");
    unsigned bits = 0;
    if (roles && (!read_names(roles, names, 2, &bits) || bits == 0))
        return false;
    token->role_rtc = bits & 1;
    token->role_crawler = bits & 2;
    return true;
}

static bool read_permissions(struct sotto_token *token, const json_t *payload) {
    static const struct name names[] = {{"allow_join", SOTTO_PERMISSION_ALLOW_JOIN},
                                        {"ask_join", SOTTO_PERMISSION_ASK_JOIN},
                                        {"allow_mod", SOTTO_PERMISSION_ALLOW_MOD}};
    const json_t *permissions = json_object_get(payload, "permissions");
    if (!permissions && token->role_crawler)
        return true; // it never enters a room, where permissions would count
    return read_names(permissions, names, 3, &token->permissions) && token->permissions != 0;
}

// An optional text claim; false if it is there and not a text of 1 to capacity - 1 bytes.
static bool read_scope(const json_t *payload, const char *name, char *to, size_t capacity) {
    const json_t *value = json_object_get(payload, name);
    struct sotto_text text = {.data = json_string_value(value), .size = json_string_length(value)};
    to[0] = 0;
    return !value || (text.size > 0 && sotto_text_copy(text, to, capacity));
}

static bool read_scopes(struct sotto_token *token, const json_t *payload) {
    const json_t *version = json_object_get(payload, "version");
    if (version && !(json_is_integer(version) &&
                     (json_integer_value(version) == 1 || json_integer_value(version) == 2)))
        return false;
    return read_scope(payload, "roomId", token->room_id, sizeof token->room_id) &&
           read_scope(payload, "participantId", token->participant_id,
                      sizeof token->participant_id);
}

static enum sotto_token_result read_claims(struct sotto_token *token, const json_t *payload,
                                           const struct sotto_credentials *credentials,
                                           int64_t now_s) {
    const char *api_key = json_string_value(json_object_get(payload, "apikey"));
    if (!api_key)
        return SOTTO_TOKEN_INVALID;
    if (strcmp(api_key, credentials->api_key) != 0)
        return SOTTO_TOKEN_API_KEY;
    enum sotto_token_result result = read_times(token, payload, now_s);
    if (result != SOTTO_TOKEN_OK)
        return result;
    if (!read_roles(token, payload) || !read_scopes(token, payload))
        return SOTTO_TOKEN_INVALID;
    return read_permissions(token, payload) ? SOTTO_TOKEN_OK : SOTTO_TOKEN_PERMISSIONS;
}

enum sotto_token_result sotto_token_parse(struct sotto_token *token, struct sotto_text text,
                                          const struct sotto_credentials *credentials,
                                          int64_t now_s) {
    *token = (struct sotto_token){0};
    if (text.size == 0)
        return SOTTO_TOKEN_MISSING;
    struct sotto_text scheme = {.data = text.data, .size = text.size < 7 ? text.size : 7};
    if (sotto_text_equals_ignoring_case(scheme, "Bearer "))
        return SOTTO_TOKEN_BEARER;
    json_t *payload = sotto_jws_open(text, sotto_text_of(credentials->secret));
    if (!payload)
        return SOTTO_TOKEN_INVALID;
    enum sotto_token_result result = read_claims(token, payload, credentials, now_s);
    json_decref(payload);
    if (result != SOTTO_TOKEN_OK)
        *token = (struct sotto_token){0};
    return result;
}

static bool is_in_scope(const char *scope, const char *id) {
    return scope[0] == 0 || (id && strcmp(scope, id) == 0);
}

enum sotto_token_result sotto_token_check_join(const struct sotto_token *token,
                                               const char *room_id, const char *participant_id,
                                               bool ask) {
    if (token->role_crawler && !token->role_rtc)
        return SOTTO_TOKEN_ROLE;
    unsigned needed = SOTTO_PERMISSION_ALLOW_JOIN;
    if (ask)
        needed |= SOTTO_PERMISSION_ASK_JOIN;
    if (!(token->permissions & needed))
        return SOTTO_TOKEN_PERMISSIONS;
    if (!is_in_scope(token->room_id, room_id))
        return SOTTO_TOKEN_MEETING;
    return is_in_scope(token->participant_id, participant_id) ? SOTTO_TOKEN_OK
                                                              : SOTTO_TOKEN_PARTICIPANT;
}

// Crawlers need no permissions: they are not people who enter rooms, but programs.
static bool is_permitted(const struct sotto_token *token, enum sotto_access access) {
    if (access == SOTTO_ACCESS_LOOK || token->role_crawler)
        return true;
    if (access == SOTTO_ACCESS_MODERATE)
        return token->permissions & SOTTO_PERMISSION_ALLOW_MOD;
    // Somebody who may only knock has no business with making or listing rooms.
    return token->permissions != SOTTO_PERMISSION_ASK_JOIN;
}

enum sotto_token_result sotto_token_check_rest(const struct sotto_token *token,
                                               const char *room_id, enum sotto_access access) {
    if (token->role_rtc && !token->role_crawler)
        return SOTTO_TOKEN_ROLE;
    if (!is_permitted(token, access))
        return SOTTO_TOKEN_PERMISSIONS;
    if (!is_in_scope(token->room_id, room_id))
        return SOTTO_TOKEN_MEETING;
    // It was handed to one participant to enter as, not to somebody who runs meetings.
    if (access != SOTTO_ACCESS_LOOK && token->participant_id[0] && !token->role_crawler)
        return SOTTO_TOKEN_PARTICIPANT;
    return SOTTO_TOKEN_OK;
}

static json_t *write_permissions(unsigned permissions) {
    json_t *array = json_array();
    if (permissions & SOTTO_PERMISSION_ALLOW_JOIN)
        json_array_append_new(array, json_string("allow_join"));
    if (permissions & SOTTO_PERMISSION_ASK_JOIN)
        json_array_append_new(array, json_string("ask_join"));
    if (permissions & SOTTO_PERMISSION_ALLOW_MOD)
        json_array_append_new(array, json_string("allow_mod"));
    return array;
}

static json_t *write_roles(const struct sotto_token *token) {
    json_t *array = json_array();
    if (token->role_rtc)
        json_array_append_new(array, json_string("rtc"));
    if (token->role_crawler)
        json_array_append_new(array, json_string("crawler"));
    return array;
}

char *sotto_token_issue(const struct sotto_token *token,
                        const struct sotto_credentials *credentials, int64_t now_s) {
    json_t *payload =
        json_pack("{s:s, s:o, s:i, s:I, s:I}", "apikey", credentials->api_key, "permissions",
                  write_permissions(token->permissions), "version", 2, "iat", (json_int_t)now_s,
                  "exp", (json_int_t)token->expires_at_s);
    if (!payload)
        return NULL;
    if (token->role_rtc || token->role_crawler)
        json_object_set_new(payload, "roles", write_roles(token));
    if (token->room_id[0])
        json_object_set_new(payload, "roomId", json_string(token->room_id));
    if (token->participant_id[0])
        json_object_set_new(payload, "participantId", json_string(token->participant_id));
    char *text = sotto_jws_sign(payload, sotto_text_of(credentials->secret));
    json_decref(payload);
    return text;
}

static const struct {
    const char *text;
    unsigned code;
    unsigned status;
} results[] = {
    [SOTTO_TOKEN_OK] = {"The token is accepted.", 0, 200},
    [SOTTO_TOKEN_MISSING] = {"A token is needed in the Authorization header.", 4002, 401},
    [SOTTO_TOKEN_BEARER] =
        {"The token goes into the Authorization header as it is, without \"Bearer\".", 4002, 401},
    [SOTTO_TOKEN_INVALID] = {"The token is not valid.", 4002, 401},
    [SOTTO_TOKEN_EXPIRED] = {"The token has expired.", 4002, 401},
    [SOTTO_TOKEN_NOT_YET] = {"The token is not valid yet; check the clocks.", 4002, 401},
    [SOTTO_TOKEN_API_KEY] = {"The token is for another API key.", 4001, 401},
    [SOTTO_TOKEN_PERMISSIONS] = {"The token's permissions do not allow this.", 4008, 403},
    [SOTTO_TOKEN_MEETING] = {"The token is for another room.", 4022, 403},
    [SOTTO_TOKEN_PARTICIPANT] = {"The token is for another participant.", 4023, 403},
    [SOTTO_TOKEN_ROLE] = {"The token's role does not allow this.", 4024, 403},
};

const char *sotto_token_result_text(enum sotto_token_result result) {
    return results[result].text;
}

unsigned sotto_token_result_code(enum sotto_token_result result) {
    return results[result].code;
}

unsigned sotto_token_result_status(enum sotto_token_result result) {
    return results[result].status;
}
