#include "server/rest.h"

#include "core/hash.h"
#include "server/json.h"
#include "server/metrics.h"
#include "server/token.h"
#include "server/wall_clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PER_PAGE_DEFAULT = 10, PER_PAGE_MAX = 100, PAGE_MAX = 1000000 };
static const char json_type_text[] = "application/json; charset=utf-8";

struct call {
    const struct sotto_rest *rest;
    const struct sotto_http_request *request;
    struct sotto_http_response *response;
    struct sotto_token token;
    char argument[64]; // the last part of the path
};

static void refuse(struct call *call, unsigned status, const char *error) {
    sotto_http_response_set_error(call->response, status, error, 0);
}

static void refuse_token(struct call *call, enum sotto_token_result result) {
    sotto_metrics_add(SOTTO_METRIC_TOKENS_REFUSED, 1);
    sotto_http_response_set_error(call->response, sotto_token_result_status(result),
                                  sotto_token_result_text(result),
                                  sotto_token_result_code(result));
}

// Takes over `value`.
static void reply(struct call *call, json_t *value) {
    char *text = value ? sotto_json_write(value) : NULL;
    json_decref(value);
    call->response->status = text ? 200 : 500;
    sotto_http_response_set_text(call->response, json_type_text, text ? text : "{}");
    free(text);
}

static bool is_allowed(struct call *call, const char *room_id, enum sotto_access access) {
    enum sotto_token_result result = sotto_token_check_rest(&call->token, room_id, access);
    if (result != SOTTO_TOKEN_OK)
        refuse_token(call, result);
    return result == SOTTO_TOKEN_OK;
}

static bool is_stored(struct call *call, enum sotto_store_result result) {
    switch (result) {
    case SOTTO_STORE_OK:
        return true;
    case SOTTO_STORE_NOT_FOUND:
        refuse(call, 404, "There is no such room.");
        break;
    case SOTTO_STORE_FULL:
        refuse(call, 429, "This server has as many rooms as it may have.");
        call->response->retry_after_s = 3600;
        break;
    case SOTTO_STORE_FAILED:
        refuse(call, 500, "The room store failed; the server's log says more.");
        break;
    }
    return false;
}

// An account has one key here; its user id is 24 digits that follow from it.
static void write_user_id(const struct sotto_credentials *credentials,
                          char id[SOTTO_OBJECT_ID_SIZE]) {
    struct sotto_hmac hmac = {0};
    uint8_t hash[SOTTO_HASH_SIZE_MAX] = {0};
    const uint8_t *api_key = (const uint8_t *)credentials->api_key;
    enum sotto_result result =
        sotto_hmac_init(&hmac, SOTTO_SHA256, api_key, strlen(credentials->api_key));
    if (result == SOTTO_OK)
        result = sotto_hmac_finish(&hmac, hash);
    sotto_hmac_wipe(&hmac);
    (void)result; // without memory the id is all zeros
    for (size_t i = 0; i < (SOTTO_OBJECT_ID_SIZE - 1) / 2; i++)
        snprintf(id + 2 * i, 3, "%02x", hash[i]);
}

// The links name the server as the client did; a Host that is no host gives links without one.
static void write_origin(const struct sotto_http_request *request, char *to, size_t capacity) {
    struct sotto_text host = request->host;
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:[]";
    to[0] = 0;
    for (size_t i = 0; i < host.size; i++)
        if (host.data[i] == 0 || !strchr(allowed, host.data[i]))
            return;
    if (host.size > 0 && host.size < 256)
        snprintf(to, capacity, "%s://%.*s", request->secure ? "https" : "http", (int)host.size,
                 host.data);
}

static json_t *write_room(struct call *call, const struct sotto_room *room) {
    char created[SOTTO_WALL_CLOCK_TEXT_SIZE], updated[SOTTO_WALL_CLOCK_TEXT_SIZE];
    char user_id[SOTTO_OBJECT_ID_SIZE], origin[300], get_room[400], get_session[400];
    sotto_wall_clock_format(created, room->created_at_ms);
    sotto_wall_clock_format(updated, room->updated_at_ms);
    write_user_id(call->rest->credentials, user_id);
    write_origin(call->request, origin, sizeof origin);
    snprintf(get_room, sizeof get_room, "%s/v2/rooms/%s", origin, room->room_id);
    snprintf(get_session, sizeof get_session, "%s/v2/sessions/%s", origin, room->room_id);
    json_t *object = json_pack(
        "{s:s, s:s, s:b, s:s, s:s, s:s, s:s, s:{s:s, s:s}}", "roomId", room->room_id, "userId",
        user_id, "disabled", room->disabled, "createdAt", created, "updatedAt", updated, "id",
        room->id, "e2ee", sotto_e2ee_policy_text(room->policy), "links", "get_room", get_room,
        "get_session", get_session);
    if (object && room->custom_room_id[0])
        json_object_set_new(object, "customRoomId", json_string(room->custom_room_id));
    return object;
}

static void create_room(struct call *call) {
    struct sotto_rest_room_options options;
    char error[160];
    if (!sotto_rest_parse_room_options(&options, call->request->body, error, sizeof error)) {
        refuse(call, 400, error);
        return;
    }
    if (!is_allowed(call, NULL, SOTTO_ACCESS_WRITE))
        return;
    struct sotto_room room;
    bool created;
    const char *custom_room_id = options.custom_room_id[0] ? options.custom_room_id : NULL;
    if (!is_stored(call, sotto_store_add_room(call->rest->store, custom_room_id, options.policy,
                                              call->request->unix_ms, &room, &created)))
        return;
    if (!created && options.policy_given && options.policy != room.policy) {
        refuse(call, 409, "This customRoomId has a room already, with another e2ee policy.");
        return;
    }
    if (created)
        sotto_metrics_add(SOTTO_METRIC_ROOMS_CREATED, 1);
    reply(call, write_room(call, &room));
}

static void validate_room(struct call *call) {
    struct sotto_room room;
    if (!is_allowed(call, call->argument, SOTTO_ACCESS_LOOK) ||
        !is_stored(call, sotto_store_find_room(call->rest->store, call->argument, &room)))
        return;
    if (room.disabled)
        sotto_http_response_set_error(call->response, 402, "The room was deactivated.", 4052);
    else
        reply(call, write_room(call, &room));
}

static void get_room(struct call *call) {
    struct sotto_room room;
    // An id of 24 digits names a room that only the store can tell, so a scoped token waits.
    bool by_room_id = sotto_room_id_is_valid(sotto_text_of(call->argument));
    if ((by_room_id && !is_allowed(call, call->argument, SOTTO_ACCESS_WRITE)) ||
        !is_stored(call, sotto_store_find_room(call->rest->store, call->argument, &room)) ||
        !is_allowed(call, room.room_id, SOTTO_ACCESS_WRITE))
        return;
    json_t *object = write_room(call, &room);
    json_object_set_new(object, "user",
                        json_pack("{s:O}", "id", json_object_get(object, "userId")));
    reply(call, object);
}

static bool read_page(struct call *call, const char *name, unsigned long otherwise,
                      unsigned long max, unsigned long *value) {
    char text[24];
    *value = otherwise;
    if (!sotto_http_request_find_argument(call->request, name, text, sizeof text) || !text[0])
        return true;
    return sotto_text_number(sotto_text_of(text), max, value) && *value > 0;
}

static json_t *write_page(unsigned long page, unsigned long per_page, uint64_t total) {
    uint64_t last = total == 0 ? 1 : (total + per_page - 1) / per_page;
    return json_pack("{s:I, s:I, s:I, s:I}", "currentPage", (json_int_t)page, "perPage",
                     (json_int_t)per_page, "lastPage", (json_int_t)last, "total",
                     (json_int_t)total);
}

static void list_rooms(struct call *call) {
    static struct sotto_room rooms[PER_PAGE_MAX]; // 20 KiB; the control thread is the only caller
    char query[SOTTO_CUSTOM_ROOM_ID_SIZE_MAX + 1];
    unsigned long page, per_page;
    if (!is_allowed(call, NULL, SOTTO_ACCESS_WRITE))
        return;
    if (!read_page(call, "page", 1, PAGE_MAX, &page) ||
        !read_page(call, "perPage", PER_PAGE_DEFAULT, PER_PAGE_MAX, &per_page)) {
        refuse(call, 400, "page and perPage must be numbers from 1 on, perPage up to 100.");
        return;
    }
    sotto_http_request_find_argument(call->request, "query", query, sizeof query);
    size_t count;
    uint64_t total;
    if (!is_stored(call, sotto_store_list_rooms(call->rest->store, query, (page - 1) * per_page,
                                                rooms, per_page, &count, &total)))
        return;
    json_t *data = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(data, write_room(call, &rooms[i]));
    reply(call,
          json_pack("{s:o, s:o}", "pageInfo", write_page(page, per_page, total), "data", data));
}

static void deactivate_room(struct call *call) {
    json_t *object = sotto_json_parse_object(call->request->body);
    const char *room_id = json_string_value(json_object_get(object, "roomId"));
    struct sotto_room room;
    if (!room_id)
        refuse(call, 400, "The body must be a JSON object with roomId, a string.");
    else if (is_allowed(call, room_id, SOTTO_ACCESS_MODERATE) &&
             is_stored(call, sotto_store_disable_room(call->rest->store, room_id,
                                                      call->request->unix_ms, &room)))
        reply(call, write_room(call, &room));
    json_decref(object);
}

static const struct route {
    const char *path; // with a final '/', an argument follows
    enum sotto_http_method method;
    const char *allow;
    void (*handle)(struct call *call);
} routes[] = {
    {"/v2/rooms", SOTTO_HTTP_POST, "GET, POST, OPTIONS", create_room},
    {"/v2/rooms", SOTTO_HTTP_GET, "GET, POST, OPTIONS", list_rooms},
    {"/v2/rooms/deactivate", SOTTO_HTTP_POST, "POST, OPTIONS", deactivate_room},
    {"/v2/rooms/validate/", SOTTO_HTTP_GET, "GET, OPTIONS", validate_room},
    {"/v2/rooms/", SOTTO_HTTP_GET, "GET, OPTIONS", get_room},
};

static bool matches(const struct route *route, struct sotto_text path,
                    struct sotto_text *argument) {
    size_t size = strlen(route->path);
    *argument = (struct sotto_text){0};
    if (route->path[size - 1] != '/')
        return sotto_text_equals(path, route->path);
    if (!sotto_text_starts_with(path, route->path))
        return false;
    *argument = sotto_text_skip(path, size);
    return argument->size > 0 && !memchr(argument->data, '/', argument->size);
}

bool sotto_rest_has(struct sotto_text path) {
    return sotto_text_equals(path, "/v2") || sotto_text_starts_with(path, "/v2/");
}

static void run(struct call *call, const struct route *route, struct sotto_text argument) {
    if (!sotto_text_copy(argument, call->argument, sizeof call->argument)) {
        refuse(call, 404, "There is no such room.");
        return;
    }
    enum sotto_token_result result = sotto_token_parse(
        &call->token, call->request->authorization,
        call->rest->credentials, (int64_t)(call->request->unix_ms / 1000));
    if (result == SOTTO_TOKEN_OK)
        route->handle(call);
    else
        refuse_token(call, result);
}

void sotto_rest_handle(const struct sotto_rest *rest, const struct sotto_http_request *request,
                       struct sotto_http_response *response) {
    struct call call = {.rest = rest, .request = request, .response = response};
    const struct route *other_method = NULL;
    enum sotto_http_method method = request->method;
    if (method == SOTTO_HTTP_HEAD)
        method = SOTTO_HTTP_GET;
    response->any_origin = true;
    for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++) {
        struct sotto_text argument;
        if (!matches(&routes[i], request->path, &argument))
            continue;
        if (method == routes[i].method) {
            run(&call, &routes[i], argument);
            return;
        }
        if (!other_method)
            other_method = &routes[i];
    }
    if (other_method && method == SOTTO_HTTP_OPTIONS) {
        response->status = 204;
    } else if (other_method) {
        refuse(&call, 405, "This method is not possible here.");
        response->allow = other_method->allow;
    } else {
        refuse(&call, 404, "There is no such path.");
    }
}
