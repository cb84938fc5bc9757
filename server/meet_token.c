#include "server/meet_token.h"

#include "server/json.h"
#include "server/metrics.h"
#include "server/token.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LIFETIME_S = 3600 };

static void refuse(struct sotto_http_response *response, unsigned status, const char *error) {
    sotto_http_response_set_error(response, status, error, 0);
}

// The host of "host:port" or "[address]:port".
static struct sotto_text without_port(struct sotto_text host) {
    if (host.size > 0 && host.data[0] == '[') {
        const char *end = memchr(host.data, ']', host.size);
        if (end)
            return (struct sotto_text){.data = host.data + 1,
                                       .size = (size_t)(end - host.data) - 1};
    }
    const char *colon = host.size > 0 ? memchr(host.data, ':', host.size) : NULL;
    if (colon)
        host.size = (size_t)(colon - host.data);
    return host;
}

// A name that other sites cannot make point here, unlike their own (DNS rebinding).
static bool is_loopback_host(struct sotto_text host) {
    char name[64];
    struct in_addr ipv4;
    host = without_port(host);
    if (sotto_text_equals_ignoring_case(host, "localhost") || sotto_text_equals(host, "::1"))
        return true;
    return sotto_text_copy(host, name, sizeof name) && inet_pton(AF_INET, name, &ipv4) == 1 &&
           ntohl(ipv4.s_addr) >> 24 == 127;
}

static bool is_local(const struct sotto_http_request *request) {
    return request->peer->loopback && !request->is_forwarded && is_loopback_host(request->host);
}

// Browsers name the site that asks; a page of another site gets no token.
static bool is_same_origin(const struct sotto_http_request *request) {
    struct sotto_text origin = request->origin;
    struct sotto_text host = request->host;
    if (origin.size == 0)
        return true;
    if (sotto_text_starts_with(origin, "http://"))
        origin = sotto_text_skip(origin, 7);
    else if (sotto_text_starts_with(origin, "https://"))
        origin = sotto_text_skip(origin, 8);
    return origin.size == host.size && origin.size > 0 &&
           memcmp(origin.data, host.data, host.size) == 0;
}

// False if the answer is given already.
static bool is_allowed(struct sotto_meet_token *meet_token,
                       const struct sotto_http_request *request,
                       struct sotto_http_response *response) {
    uint64_t wait_ms;
    if (request->method != SOTTO_HTTP_POST) {
        refuse(response, 405, "Only POST is possible here.");
        response->allow = "POST";
        return false;
    }
    if (meet_token->mode == SOTTO_MEET_TOKEN_OFF ||
        (meet_token->mode == SOTTO_MEET_TOKEN_LOCAL && !is_local(request))) {
        refuse(response, 403,
               "This server gives no tokens to strangers; its owner can set meet_token.enabled.");
        return false;
    }
    if (!is_same_origin(request)) {
        refuse(response, 403, "Only the meeting app of this server may ask for a token.");
        return false;
    }
    if (sotto_rate_limit_allow(&meet_token->limit, request->peer->network, request->now_ms,
                               &wait_ms))
        return true;
    refuse(response, 429, "Too many tokens were asked for; try again later.");
    response->retry_after_s = (unsigned)((wait_ms + 999) / 1000);
    return false;
}

static bool find_or_add(struct sotto_meet_token *meet_token, const char *room_id,
                        uint64_t unix_ms, struct sotto_room *room,
                        struct sotto_http_response *response) {
    bool created = false;
    enum sotto_store_result result =
        room_id ? sotto_store_find_room(meet_token->store, room_id, room)
                : sotto_store_add_room(meet_token->store, NULL, SOTTO_E2EE_REQUIRED, unix_ms, room,
                                       &created);
    if (created)
        sotto_metrics_add(SOTTO_METRIC_ROOMS_CREATED, 1);
    if (result == SOTTO_STORE_OK && !room->disabled)
        return true;
    if (result == SOTTO_STORE_OK)
        refuse(response, 402, "The room was deactivated.");
    else if (result == SOTTO_STORE_NOT_FOUND)
        refuse(response, 404, "There is no such room.");
    else
        refuse(response, 503, "No room can be made at the moment.");
    return false;
}

static void reply(struct sotto_meet_token *meet_token, const struct sotto_room *room,
                  uint64_t unix_ms, struct sotto_http_response *response) {
    int64_t now_s = (int64_t)(unix_ms / 1000);
    struct sotto_token token = {.permissions = SOTTO_PERMISSION_ALLOW_JOIN,
                                .role_rtc = true,
                                .expires_at_s = now_s + LIFETIME_S};
    snprintf(token.room_id, sizeof token.room_id, "%s", room->room_id);
    char *signed_token = sotto_token_issue(&token, meet_token->credentials, now_s);
    json_t *object = signed_token ? json_pack("{s:s, s:s}", "roomId", room->room_id, "token",
                                              signed_token)
                                  : NULL;
    char *text = object ? sotto_json_write(object) : NULL;
    response->status = text ? 200 : 500;
    sotto_http_response_set_text(response, "application/json; charset=utf-8", text ? text : "{}");
    sotto_metrics_add(SOTTO_METRIC_TOKENS_ISSUED, 1);
    json_decref(object);
    free(text);
    free(signed_token);
}

void sotto_meet_token_handle(struct sotto_meet_token *meet_token,
                             const struct sotto_http_request *request,
                             struct sotto_http_response *response) {
    if (!is_allowed(meet_token, request, response))
        return;
    json_t *body = request->body.size > 0 ? sotto_json_parse_object(request->body) : json_object();
    const json_t *room_id = json_object_get(body, "roomId");
    struct sotto_room room;
    if (!body || (room_id && !json_is_string(room_id)))
        refuse(response, 400, "The body must be a JSON object; roomId, if given, a string.");
    else if (find_or_add(meet_token, json_string_value(room_id), request->unix_ms, &room, response))
        reply(meet_token, &room, request->unix_ms, response);
    json_decref(body);
}
