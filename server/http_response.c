#include "server/http_response.h"

#include "core/assert.h"
#include "server/json.h"
#include "server/wall_clock.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
    unsigned status;
    const char *reason;
} reasons[] = {
    {200, "OK"},
    {204, "No Content"},
    {304, "Not Modified"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {402, "Payment Required"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {411, "Length Required"},
    {413, "Content Too Large"},
    {417, "Expectation Failed"},
    {426, "Upgrade Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {503, "Service Unavailable"},
    {505, "HTTP Version Not Supported"},
};

const char *sotto_http_response_reason(unsigned status) {
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
        if (reasons[i].status == status)
            return reasons[i].reason;
    return "Unknown";
}

void sotto_http_response_init(struct sotto_http_response *response, unsigned status) {
    *response = (struct sotto_http_response){.status = status, .file = -1};
}

void sotto_http_response_reset(struct sotto_http_response *response, unsigned status) {
    free(response->body);
    if (response->file >= 0)
        close(response->file);
    sotto_http_response_init(response, status);
}

void sotto_http_response_set_text(struct sotto_http_response *response, const char *content_type,
                                  const char *text) {
    free(response->body);
    response->body = strdup(text);
    if (!response->body) {
        sotto_http_response_reset(response, 500);
        return;
    }
    response->content_type = content_type;
    response->size = strlen(text);
}

void sotto_http_response_set_error(struct sotto_http_response *response, unsigned status,
                                   const char *error, unsigned code) {
    response->status = status;
    json_t *object = json_pack("{s:i, s:s}", "statusCode", (int)status, "error", error);
    if (object && code != 0)
        json_object_set_new(object, "code", json_integer(code));
    char *text = object ? sotto_json_write(object) : NULL;
    json_decref(object);
    sotto_http_response_set_text(response, "application/json; charset=utf-8", text ? text : "{}");
    free(text);
}

// What a page of the web app may do: scripts, styles and media of its own, WebAssembly, connections
// to any server with an encrypted or plain WebSocket, nothing inline and no framing.
static const char page_policy[] =
    "Content-Security-Policy: default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; "
    "worker-src 'self' blob:; connect-src 'self' ws: wss:; style-src 'self'; "
    "img-src 'self' data: blob:; media-src 'self' blob:; font-src 'self'; manifest-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r\n"
    "Cross-Origin-Opener-Policy: same-origin\r\n"
    "Permissions-Policy: camera=(self), microphone=(self), display-capture=(self)\r\n";

static const char other_policy[] =
    "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n";

static const char cross_origin[] =
    "Access-Control-Allow-Origin: *\r\n"
    "Access-Control-Allow-Methods: GET, POST, OPTIONS\r\n"
    "Access-Control-Allow-Headers: authorization, content-type\r\n"
    "Access-Control-Expose-Headers: retry-after\r\n"
    "Access-Control-Max-Age: 86400\r\n";

struct head {
    char *data;
    size_t capacity;
    size_t size;
};

__attribute__((format(printf, 2, 3))) static void put(struct head *head, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(head->data + head->size, head->capacity - head->size, format, arguments);
    va_end(arguments);
    SOTTO_ASSERT(size >= 0 && (size_t)size < head->capacity - head->size);
    head->size += (size_t)size;
}

static void put_entity(struct head *head, const struct sotto_http_response *response) {
    // RFC 9110, section 8.6: neither 204 nor 304 carries a length here.
    if (response->status != 204 && response->status != 304)
        put(head, "Content-Length: %" PRIu64 "\r\n", response->size);
    if (response->content_type)
        put(head, "Content-Type: %s\r\n", response->content_type);
    put(head, "Cache-Control: %s\r\n",
        response->cache_control ? response->cache_control : "no-store");
    if (response->etag[0])
        put(head, "ETag: %s\r\n", response->etag);
    if (response->allow)
        put(head, "Allow: %s\r\n", response->allow);
    if (response->retry_after_s > 0)
        put(head, "Retry-After: %u\r\n", response->retry_after_s);
    if (response->status == 426)
        put(head, "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n");
}

size_t sotto_http_response_write_head(const struct sotto_http_response *response,
                                      uint64_t unix_ms, char *to, size_t capacity) {
    SOTTO_ASSERT(capacity >= SOTTO_HTTP_RESPONSE_HEAD_SIZE_MAX);
    struct head head = {.data = to, .capacity = capacity};
    char date[SOTTO_WALL_CLOCK_TEXT_SIZE];
    sotto_wall_clock_format_http(date, unix_ms);
    put(&head, "HTTP/1.1 %u %s\r\nDate: %s\r\nConnection: %s\r\n", response->status,
        sotto_http_response_reason(response->status), date,
        response->status == 426 ? "Upgrade, close" : "close");
    put_entity(&head, response);
    put(&head, "%s%sReferrer-Policy: no-referrer\r\nX-Content-Type-Options: nosniff\r\n\r\n",
        response->is_page ? page_policy : other_policy, response->any_origin ? cross_origin : "");
    return head.size;
}
