// Who answers which path on the public listener.
#ifndef SOTTO_SERVER_ROUTES_H
#define SOTTO_SERVER_ROUTES_H

#include "server/meet_token.h"
#include "server/rest.h"
#include "server/static_files.h"

#define SOTTO_SIGNAL_PATH "/signal"
#define SOTTO_SIGNAL_SUBPROTOCOL "sotto.1" // docs/signalling.md

struct sotto_routes {
    struct sotto_rest rest;
    struct sotto_meet_token meet_token;
    struct sotto_static_files files;
    const char *allowed_origins; // comma-separated, borrowed; empty: any
};

// The two functions of struct sotto_http_ops, with the routes as their context.
void sotto_routes_handle(void *context, const struct sotto_http_request *request,
                         struct sotto_http_response *response);
unsigned sotto_routes_check_upgrade(void *context, const struct sotto_http_request *request);

#endif
