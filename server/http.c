#include "server/http.h"

#include "server/connection.h"
#include "server/limits.h"
#include "server/listen_check.h"
#include "server/tls.h"

#include <signal.h>
#include <string.h>

enum {
    // Heads between the limit and this size are read whole and get their 431. Larger ones do not
    // fit into libwebsockets' buffer, and it ends the connection without a word; a single field
    // must stay below 64 KiB, which is all that its counters hold.
    HEADER_BUFFER_SIZE = 4 * SOTTO_HTTP_HEAD_SIZE_MAX - 1024,
    SERVICE_BUFFER_SIZE = 4096,
    RECEIVE_SIZE = 4096,
};

static const lws_retry_bo_t liveness = {
    .secs_since_valid_ping = SOTTO_WEBSOCKET_PING_INTERVAL_MS / 1000,
    .secs_since_valid_hangup = SOTTO_WEBSOCKET_SILENCE_MS / 1000,
};

bool sotto_http_create(struct sotto_http *http, struct sotto_fault *fault) {
    memset(http, 0, sizeof *http);
    http->next_id = 1;
    signal(SIGPIPE, SIG_IGN);
    // Its messages quote what peers send; what matters is counted and logged here.
    lws_set_log_level(0, NULL);
    struct lws_context_creation_info info = {
        .options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS | LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT |
                   LWS_SERVER_OPTION_VALIDATE_UTF8,
        .max_http_header_data2 = HEADER_BUFFER_SIZE,
        .pt_serv_buf_size = SERVICE_BUFFER_SIZE,
        .timeout_secs = SOTTO_HTTP_HEAD_TIMEOUT_MS / 1000,
        .port = CONTEXT_PORT_NO_LISTEN,
        .gid = -1,
        .uid = -1,
        .user = http,
    };
    http->context = lws_create_context(&info);
    if (!http->context)
        sotto_fault_set(fault, "libwebsockets cannot be set up: too little memory");
    return http->context != NULL;
}

void sotto_http_destroy(struct sotto_http *http) {
    if (http->context)
        lws_context_destroy(http->context);
    http->context = NULL;
    for (size_t i = 0; i < http->listener_count; i++)
        sotto_connection_limit_destroy(&http->listeners[i].limit);
    http->listener_count = 0;
}

// The first protocol of a vhost takes everything that is not a WebSocket.
static void set_protocols(struct sotto_listener *listener) {
    listener->protocols[0] = (struct lws_protocols){
        .name = "sotto-http",
        .callback = sotto_connection_handle_http,
        .per_session_data_size = 1,
        .tx_packet_size = SOTTO_HTTP_PIECE_SIZE,
        .user = listener,
    };
    listener->protocols[1] = (struct lws_protocols){0};
    if (listener->ops.check_upgrade)
        listener->protocols[1] = (struct lws_protocols){
            .name = listener->ops.subprotocol,
            .callback = sotto_connection_handle_websocket,
            .per_session_data_size = 1,
            .rx_buffer_size = RECEIVE_SIZE,
            .tx_packet_size = SOTTO_HTTP_PIECE_SIZE,
            .user = listener,
        };
    listener->protocols[2] = (struct lws_protocols){0};
}

static uint64_t vhost_options(const struct sotto_listener_options *options) {
    uint64_t flags = LWS_SERVER_OPTION_FAIL_UPON_UNABLE_TO_BIND;
    if (!strchr(options->address, ':'))
        flags |= LWS_SERVER_OPTION_DISABLE_IPV6;
    else // "::" takes IPv4 as well
        flags |= LWS_SERVER_OPTION_IPV6_V6ONLY_MODIFY;
    if (options->certificate)
        flags |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT | LWS_SERVER_OPTION_CREATE_VHOST_SSL_CTX;
    return flags;
}

static bool is_wildcard(const char *address) {
    return strcmp(address, "0.0.0.0") == 0 || strcmp(address, "::") == 0;
}

struct sotto_listener *sotto_http_add_listener(struct sotto_http *http,
                                               const struct sotto_listener_options *options,
                                               const struct sotto_http_ops *ops, uint64_t seed,
                                               struct sotto_fault *fault) {
    struct sotto_listener *listener = &http->listeners[http->listener_count];
    fault->text[0] = 0;
    // libwebsockets does not say why it cannot listen.
    if (!sotto_listen_check_tcp(options->name, options->address, options->port, fault))
        return NULL;
    *listener = (struct sotto_listener){
        .http = http, .options = *options, .ops = *ops, .fault = fault};
    if (!sotto_connection_limit_create(&listener->limit, options->connections_max,
                                       options->connections_per_network_max, seed)) {
        sotto_fault_set(fault, "%s: too little memory", options->name);
        return NULL;
    }
    set_protocols(listener);
    struct lws_context_creation_info info = {
        .port = options->port,
        .iface = is_wildcard(options->address) ? NULL : options->address,
        .protocols = listener->protocols,
        .vhost_name = options->name,
        .options = vhost_options(options),
        .alpn = "http/1.1",
        .timeout_secs_ah_idle = SOTTO_HTTP_HEAD_TIMEOUT_MS / 1000,
        .retry_and_idle_policy = &liveness,
        .user = listener,
    };
    listener->vhost = lws_create_vhost(http->context, &info);
    listener->fault = NULL;
    http->listener_count++;
    if (!listener->vhost && !fault->text[0])
        sotto_fault_set(fault, "%s.address: cannot listen on %s port %u; give an address of this "
                               "machine and a free port",
                        options->name, options->address, options->port);
    return listener->vhost ? listener : NULL;
}

uint16_t sotto_listener_port(const struct sotto_listener *listener) {
    return (uint16_t)lws_get_vhost_listen_port(listener->vhost);
}

bool sotto_listener_reload_tls(struct sotto_listener *listener, struct sotto_fault *fault) {
    if (!listener->tls)
        return true;
    // Files that do not fit together must not spoil the context that is in use.
    return sotto_tls_check(listener->options.certificate, listener->options.key, fault) &&
           sotto_tls_load(listener->tls, listener->options.certificate, listener->options.key,
                          fault);
}

void sotto_http_handle(struct sotto_http *http) {
    lws_service(http->context, 0);
}

void sotto_http_wake(struct sotto_http *http) {
    atomic_store(&http->wake_is_wanted, true);
    lws_cancel_service(http->context);
}

void sotto_http_stop(struct sotto_http *http) {
    http->stopping = true;
}

void sotto_http_close_websockets(struct sotto_http *http, unsigned code) {
    for (struct sotto_websocket *socket = http->websockets; socket; socket = socket->next)
        sotto_websocket_close(socket, code);
}
