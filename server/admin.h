// The admin listener: /livez, /readyz and /metrics, for the machinery around the server.
#ifndef SOTTO_SERVER_ADMIN_H
#define SOTTO_SERVER_ADMIN_H

#include "server/http_request.h"
#include "server/http_response.h"

struct sotto_admin {
    bool is_ready; // new meetings are welcome; false while the server stops
};

void sotto_admin_handle(const struct sotto_admin *admin, const struct sotto_http_request *request,
                        struct sotto_http_response *response);

#endif
