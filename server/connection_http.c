// What libwebsockets tells about HTTP, of server/connection.h.
#include "server/connection.h"
#include "crypto/tls_context.h"
#include "server/limits.h"
#include "server/metrics.h"
#include "server/tls.h"

#include <stdlib.h>
#include <string.h>

static int create(struct lws *wsi) {
    struct sotto_listener *listener = lws_vhost_user(lws_get_vhost(wsi));
    struct sotto_connection *connection = sotto_connection_create(listener, wsi);
    if (!connection)
        return -1;
    sotto_connection_set_deadline(connection, SOTTO_HTTP_HEAD_TIMEOUT_MS);
    return 0;
}

static int handle_head(struct sotto_connection *connection) {
    unsigned status = sotto_connection_read_head(connection);
    bool posts = connection->request.method == SOTTO_HTTP_POST;
    if (status != 0)
        return sotto_connection_refuse(connection, status);
    // No path takes a body but with POST; what else comes is thrown away.
    if (!connection->awaits_body || !posts)
        return sotto_connection_answer(connection);
    connection->body = malloc(connection->content_size + 1);
    if (!connection->body)
        return -1;
    sotto_connection_set_deadline(connection, SOTTO_HTTP_BODY_TIMEOUT_MS);
    return 0;
}

static int handle_body(struct sotto_connection *connection, const void *data, size_t size) {
    if (connection->is_lingering || connection->is_answering) {
        connection->lingered += size;
        return connection->lingered > SOTTO_HTTP_LINGER_SIZE_MAX ? -1 : 0;
    }
    if (!connection->body || size > connection->content_size - connection->body_size)
        return -1;
    if (size > 0)
        memcpy(connection->body + connection->body_size, data, size);
    connection->body_size += size;
    return 0;
}

static int handle_body_end(struct sotto_connection *connection) {
    // libwebsockets tells this again for every byte that follows the body before its answer is out.
    if (connection->body_has_ended)
        return -1;
    connection->body_has_ended = true;
    if (connection->is_answering)
        return 0;
    if (connection->is_lingering || !connection->body)
        return -1;
    connection->request.body =
        (struct sotto_text){.data = connection->body, .size = connection->body_size};
    return sotto_connection_answer(connection);
}

static int handle_upgrade(struct sotto_connection *connection) {
    char protocol[16];
    // After answering an unknown upgrade with 403 by itself, libwebsockets 4.1 asks here although
    // the headers are freed; ending the connection is the only safe answer then. `in` is not looked
    // at.
    if (lws_hdr_total_length(connection->wsi, WSI_TOKEN_UPGRADE) <= 0 ||
        lws_hdr_copy(connection->wsi, protocol, sizeof protocol, WSI_TOKEN_UPGRADE) <= 0)
        return -1;
    // "h2c" would change to HTTP/2, which is not tested here.
    if (!sotto_text_equals_ignoring_case(sotto_text_of(protocol), "websocket"))
        return sotto_connection_refuse_upgrade(connection, 400);
    unsigned status = sotto_connection_check_upgrade(connection);
    return status == 0 ? 0 : sotto_connection_refuse_upgrade(connection, status);
}

static int handle_timer(struct sotto_connection *connection) {
    if (connection->is_answering) {
        sotto_connection_check_response(connection);
        return 0;
    }
    if (connection->is_lingering)
        return -1;
    sotto_metrics_add(SOTTO_METRIC_HTTP_TIMEOUTS, 1);
    // -1 would let libwebsockets wait for the end of a TLS handshake that does not come.
    lws_set_timeout(connection->wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
    return 0;
}

static int handle_wake(struct lws *wsi) {
    // Every protocol of every vhost is told; the first one takes it.
    struct sotto_listener *listener = lws_vhost_user(lws_get_vhost(wsi));
    struct sotto_http *http = listener->http;
    if (atomic_exchange(&http->wake_is_wanted, false) && http->handle_wake)
        http->handle_wake(http->wake_context);
    return 0;
}

static int set_up_tls(struct ssl_ctx_st *context, struct lws_vhost *vhost) {
    struct sotto_listener *listener = lws_vhost_user(vhost);
    if (!listener->options.certificate)
        return 0;
    listener->tls = context;
    sotto_tls_context_configure(context);
    return sotto_tls_load(context, listener->options.certificate, listener->options.key,
                          listener->fault)
               ? 0
               : -1;
}

static int handle_request_event(struct sotto_connection *connection,
                                enum lws_callback_reasons reason, void *in, size_t size) {
    switch (reason) {
    case LWS_CALLBACK_HTTP:
        return handle_head(connection);
    case LWS_CALLBACK_HTTP_BODY:
        return handle_body(connection, in, size);
    case LWS_CALLBACK_HTTP_BODY_COMPLETION:
        return handle_body_end(connection);
    case LWS_CALLBACK_HTTP_WRITEABLE:
        return sotto_connection_write_response(connection);
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
        return handle_upgrade(connection);
    case LWS_CALLBACK_TIMER:
        return handle_timer(connection);
    case LWS_CALLBACK_WSI_DESTROY:
        sotto_connection_destroy(connection);
        return 0;
    // CONNECT makes a raw connection, and a client may ask for a WebSocket of this protocol.
    case LWS_CALLBACK_RAW_ADOPT:
    case LWS_CALLBACK_RAW_RX:
    case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
    case LWS_CALLBACK_ESTABLISHED:
        return -1;
    default:
        return 0;
    }
}

int sotto_connection_handle_http(struct lws *wsi, enum lws_callback_reasons reason, void *user,
                                 void *in, size_t size) {
    switch (reason) {
    case LWS_CALLBACK_OPENSSL_LOAD_EXTRA_SERVER_VERIFY_CERTS:
        return set_up_tls(user, in);
    case LWS_CALLBACK_EVENT_WAIT_CANCELLED:
        return handle_wake(wsi);
    case LWS_CALLBACK_FILTER_NETWORK_CONNECTION: {
        struct sotto_listener *listener = lws_vhost_user(lws_get_vhost(wsi));
        return sotto_connection_is_welcome(listener, (int)(intptr_t)in) ? 0 : -1;
    }
    case LWS_CALLBACK_SERVER_NEW_CLIENT_INSTANTIATED:
        return create(wsi);
    case LWS_CALLBACK_PROTOCOL_INIT:
    case LWS_CALLBACK_PROTOCOL_DESTROY:
        return 0; // `wsi` is none
    default:
        break;
    }
    struct sotto_connection *connection = sotto_connection_of(wsi);
    return connection ? handle_request_event(connection, reason, in, size) : 0;
}
