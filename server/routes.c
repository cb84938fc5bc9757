#include "server/routes.h"

#include <string.h>

void sotto_routes_handle(void *context, const struct sotto_http_request *request,
                         struct sotto_http_response *response) {
    struct sotto_routes *routes = context;
    if (sotto_rest_has(request->path)) {
        sotto_rest_handle(&routes->rest, request, response);
    } else if (sotto_text_equals(request->path, "/meet/token")) {
        sotto_meet_token_handle(&routes->meet_token, request, response);
    } else if (sotto_text_equals(request->path, SOTTO_SIGNAL_PATH)) {
        sotto_http_response_set_error(response, 426, "This path speaks WebSocket only.", 0);
    } else {
        sotto_static_files_handle(&routes->files, request, response);
    }
}

static bool is_origin_allowed(const char *allowed, struct sotto_text origin) {
    struct sotto_text list = sotto_text_of(allowed), item;
    if (list.size == 0 || origin.size == 0)
        return true; // native clients name no origin, and prove nothing by it
    while (sotto_text_take_item(&list, &item))
        if (sotto_text_equals(item, "*") ||
            (item.size == origin.size && !memcmp(item.data, origin.data, item.size)))
            return true;
    return false;
}

unsigned sotto_routes_check_upgrade(void *context, const struct sotto_http_request *request) {
    const struct sotto_routes *routes = context;
    if (!sotto_text_equals(request->path, SOTTO_SIGNAL_PATH))
        return 404;
    return is_origin_allowed(routes->allowed_origins, request->origin) ? 0 : 403;
}
