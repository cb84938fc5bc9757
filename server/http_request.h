// A whole HTTP request as the routes see it. Everything is borrowed from the connection and valid
// for the call.
#ifndef SOTTO_SERVER_HTTP_REQUEST_H
#define SOTTO_SERVER_HTTP_REQUEST_H

#include "server/peer_address.h"
#include "server/text.h"

#include <stddef.h>
#include <stdint.h>

enum sotto_http_method {
    SOTTO_HTTP_GET,
    SOTTO_HTTP_HEAD,
    SOTTO_HTTP_POST,
    SOTTO_HTTP_OPTIONS,
    SOTTO_HTTP_OTHER,
};

enum { SOTTO_HTTP_ARGUMENT_COUNT_MAX = 16 };

struct sotto_http_request {
    enum sotto_http_method method;
    struct sotto_text path; // decoded, begins with '/', without "." and ".." parts
    // The parts of the query, decoded: "page=2". More than there is room for are left out.
    struct sotto_text arguments[SOTTO_HTTP_ARGUMENT_COUNT_MAX];
    size_t argument_count;
    // Header fields, empty when they are not there.
    struct sotto_text authorization;
    struct sotto_text host;
    struct sotto_text origin;
    struct sotto_text if_none_match;
    bool is_forwarded; // a field, or HTTP/1.0, says that a proxy stands in between
    struct sotto_text body;
    const struct sotto_peer_address *peer;
    uint64_t unix_ms; // when it was read
    uint64_t now_ms;  // the same on the monotonic clock
    bool secure;      // over TLS
};

// Copies the value of the first argument of that name. False, and an empty string, if there is none
// or it does not fit.
bool sotto_http_request_find_argument(const struct sotto_http_request *request, const char *name,
                                      char *to, size_t capacity);

#endif
