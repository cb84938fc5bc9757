#include "server/admin.h"

#include "server/metrics.h"

static const char plain[] = "text/plain; charset=utf-8";

static void reply(struct sotto_http_response *response, unsigned status, const char *text) {
    response->status = status;
    sotto_http_response_set_text(response, plain, text);
}

void sotto_admin_handle(const struct sotto_admin *admin, const struct sotto_http_request *request,
                        struct sotto_http_response *response) {
    static char metrics[32768];
    bool reads = request->method == SOTTO_HTTP_GET || request->method == SOTTO_HTTP_HEAD;
    if (!reads) {
        reply(response, 405, "Only GET is possible here.\n");
        response->allow = "GET, HEAD";
    } else if (sotto_text_equals(request->path, "/livez")) {
        reply(response, 200, "live\n");
    } else if (sotto_text_equals(request->path, "/readyz") && admin->is_ready) {
        reply(response, 200, "ready\n");
    } else if (sotto_text_equals(request->path, "/readyz")) {
        reply(response, 503, "stopping\n");
    } else if (sotto_text_equals(request->path, "/metrics")) {
        sotto_metrics_write(metrics, sizeof metrics);
        response->status = 200;
        sotto_http_response_set_text(response, "text/plain; version=0.0.4; charset=utf-8", metrics);
    } else {
        reply(response, 404, "There is nothing here.\n");
    }
}
