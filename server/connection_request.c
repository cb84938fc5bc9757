// Requests as libwebsockets parsed them, checked and copied, of server/connection.h.
#include "core/wipe.h"
#include "server/connection.h"
#include "server/limits.h"
#include "server/wall_clock.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

enum { WEBSOCKET_KEY_SIZE = 24 }; // base64 of 16 bytes (RFC 6455, section 4.1)

static bool has(struct lws *wsi, enum lws_token_indexes field) {
    return lws_hdr_total_length(wsi, field) > 0;
}

static bool is_repeated(struct lws *wsi, enum lws_token_indexes field) {
    return lws_hdr_fragment_length(wsi, field, 1) > 0;
}

static bool has_custom(struct lws *wsi, const char *name) {
    return lws_hdr_custom_length(wsi, name, (int)strlen(name)) >= 0;
}

// Copies a field into a small buffer; an empty text if it is not there or does not fit.
static struct sotto_text copy_small(struct lws *wsi, enum lws_token_indexes field, char *to,
                                    int capacity) {
    int size = lws_hdr_copy(wsi, to, capacity, field);
    return (struct sotto_text){.data = to, .size = size > 0 ? (size_t)size : 0};
}

static bool lists(struct lws *wsi, enum lws_token_indexes field, const char *token) {
    char value[256];
    struct sotto_text list = copy_small(wsi, field, value, sizeof value), item;
    while (sotto_text_take_item(&list, &item))
        if (sotto_text_equals_ignoring_case(item, token))
            return true;
    return false;
}

struct arena {
    char *data;
    int left;
};

static struct sotto_text take(struct arena *arena, int size) {
    struct sotto_text text = {.data = arena->data, .size = size > 0 ? (size_t)size : 0};
    arena->data += text.size + 1;
    arena->left -= (int)text.size + 1;
    return text;
}

static struct sotto_text copy(struct lws *wsi, struct arena *arena,
                              enum lws_token_indexes field) {
    if (!has(wsi, field))
        return (struct sotto_text){0};
    return take(arena, lws_hdr_copy(wsi, arena->data, arena->left, field));
}

static void copy_arguments(struct lws *wsi, struct arena *arena,
                           struct sotto_http_request *request) {
    int size = 0;
    for (int i = 0; i < SOTTO_HTTP_ARGUMENT_COUNT_MAX && size >= 0; i++) {
        size = lws_hdr_copy_fragment(wsi, arena->data, arena->left, WSI_TOKEN_HTTP_URI_ARGS, i);
        if (size > 0)
            request->arguments[request->argument_count++] = take(arena, size);
    }
}

static enum sotto_http_method method_of(int method) {
    switch (method) {
    case LWSHUMETH_GET:
        return SOTTO_HTTP_GET;
    case LWSHUMETH_HEAD:
        return SOTTO_HTTP_HEAD;
    case LWSHUMETH_POST:
        return SOTTO_HTTP_POST;
    case LWSHUMETH_OPTIONS:
        return SOTTO_HTTP_OPTIONS;
    default:
        return SOTTO_HTTP_OTHER;
    }
}

static const enum lws_token_indexes copied[] = {
    WSI_TOKEN_HTTP_URI_ARGS, WSI_TOKEN_HTTP_AUTHORIZATION, WSI_TOKEN_HOST, WSI_TOKEN_ORIGIN,
    WSI_TOKEN_HTTP_IF_NONE_MATCH};

// What the copies need: each text, and a zero behind each piece of it.
static size_t measure(struct lws *wsi, int path_size) {
    size_t size = (size_t)path_size + 1 + SOTTO_HTTP_ARGUMENT_COUNT_MAX;
    for (size_t i = 0; i < sizeof copied / sizeof copied[0]; i++)
        size += (size_t)lws_hdr_total_length(wsi, copied[i]) + 2;
    return size;
}

static bool copy_head(struct sotto_connection *connection) {
    struct lws *wsi = connection->wsi;
    struct sotto_http_request *request = &connection->request;
    char *path;
    int path_size;
    int method = lws_http_get_uri_and_method(wsi, &path, &path_size);
    if (method < 0 || path_size <= 0 || path[0] != '/')
        return false;
    size_t size = measure(wsi, path_size);
    connection->head = calloc(1, size);
    if (!connection->head)
        return false;
    struct arena arena = {.data = connection->head, .left = (int)size};
    memcpy(arena.data, path, (size_t)path_size);
    request->method = method_of(method);
    request->path = take(&arena, path_size);
    copy_arguments(wsi, &arena, request);
    request->authorization = copy(wsi, &arena, WSI_TOKEN_HTTP_AUTHORIZATION);
    request->host = copy(wsi, &arena, WSI_TOKEN_HOST);
    request->origin = copy(wsi, &arena, WSI_TOKEN_ORIGIN);
    request->if_none_match = copy(wsi, &arena, WSI_TOKEN_HTTP_IF_NONE_MATCH);
    return true;
}

// No browser speaks HTTP/1.0 and nothing on this machine needs to, but a proxy does that says no
// more of itself: nginx before 1.29.7 that is told proxy_pass alone.
static bool is_old(struct lws *wsi) {
    char version[16];
    return sotto_text_equals(copy_small(wsi, WSI_TOKEN_HTTP, version, sizeof version), "HTTP/1.0");
}

static void read_circumstances(struct sotto_connection *connection) {
    struct lws *wsi = connection->wsi;
    struct sotto_http_request *request = &connection->request;
    request->is_forwarded = has(wsi, WSI_TOKEN_X_FORWARDED_FOR) || has(wsi, WSI_TOKEN_HTTP_VIA) ||
                            has_custom(wsi, "forwarded:") || has(wsi, WSI_TOKEN_HTTP_X_REAL_IP) ||
                            has_custom(wsi, "x-forwarded-host:") ||
                            has_custom(wsi, "x-forwarded-proto:") || is_old(wsi);
    request->peer = &connection->peer;
    request->unix_ms = sotto_wall_clock_unix_ms();
    request->now_ms = sotto_wall_clock_monotonic_ms();
    request->secure = connection->listener->options.certificate != NULL;
}

static unsigned check_framing(struct sotto_connection *connection) {
    struct lws *wsi = connection->wsi;
    char digits[32];
    unsigned long size = 0;
    struct sotto_text version = copy_small(wsi, WSI_TOKEN_HTTP, digits, sizeof digits);
    if (!sotto_text_equals(version, "HTTP/1.1") && !sotto_text_equals(version, "HTTP/1.0"))
        return 400;
    // RFC 9112, section 3.2: a request with no Host or with two must be refused.
    if (!has(wsi, WSI_TOKEN_HOST) || is_repeated(wsi, WSI_TOKEN_HOST))
        return 400;
    // Section 6.3: a server may insist on Content-Length, and must not read both.
    if (has(wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING))
        return has(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH) ? 400 : 411;
    connection->awaits_body = has(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH);
    if (!connection->awaits_body)
        return 0;
    struct sotto_text text =
        copy_small(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH, digits, sizeof digits);
    if (is_repeated(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH) || text.size == 0 ||
        !sotto_text_number(text, ~0ul, &size))
        return 400;
    connection->content_size = size;
    return size > SOTTO_HTTP_BODY_SIZE_MAX ? 413 : 0;
}

// libwebsockets does not tell how large the head was, but the kernel counts what came in. Of the
// body some may have come with it.
static bool is_head_too_large(struct sotto_connection *connection) {
    uint64_t size = sotto_connection_received(connection);
    return size > SOTTO_HTTP_HEAD_SIZE_MAX + (uint64_t)connection->content_size;
}

unsigned sotto_connection_read_head(struct sotto_connection *connection) {
    connection->request = (struct sotto_http_request){0};
    unsigned status = check_framing(connection);
    if (is_head_too_large(connection))
        status = 431;
    else if (status == 0 && !copy_head(connection))
        status = 400;
    read_circumstances(connection);
    return status;
}

void sotto_connection_drop_request(struct sotto_connection *connection) {
    if (connection->head) // it may hold a token
        sotto_wipe(connection->head, malloc_usable_size(connection->head));
    if (connection->body)
        sotto_wipe(connection->body, connection->body_size);
    free(connection->head);
    free(connection->body);
    connection->head = connection->body = NULL;
    connection->body_size = connection->content_size = 0;
    connection->awaits_body = connection->body_has_ended = false;
    connection->request = (struct sotto_http_request){0};
}

static unsigned check_handshake(struct lws *wsi, const char *subprotocol) {
    char version[8];
    if (!lists(wsi, WSI_TOKEN_CONNECTION, "upgrade") ||
        lws_hdr_total_length(wsi, WSI_TOKEN_KEY) != WEBSOCKET_KEY_SIZE ||
        is_repeated(wsi, WSI_TOKEN_KEY) || !lists(wsi, WSI_TOKEN_PROTOCOL, subprotocol))
        return 400;
    struct sotto_text text = copy_small(wsi, WSI_TOKEN_VERSION, version, sizeof version);
    return sotto_text_equals(text, "13") ? 0 : 426;
}

unsigned sotto_connection_check_upgrade(struct sotto_connection *connection) {
    const struct sotto_http_ops *ops = &connection->listener->ops;
    unsigned status = sotto_connection_read_head(connection);
    if (status == 0 && !ops->check_upgrade)
        status = 404;
    if (status == 0)
        status = ops->check_upgrade(ops->context, &connection->request);
    if (status == 0 && (connection->request.method != SOTTO_HTTP_GET || connection->awaits_body))
        status = 400;
    if (status == 0)
        status = check_handshake(connection->wsi, ops->subprotocol);
    if (status == 0 && connection->listener->http->stopping)
        status = 503;
    sotto_connection_drop_request(connection);
    return status;
}
