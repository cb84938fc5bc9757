// The HTTP and WebSocket server of the control thread, on libwebsockets: listeners and what bounds
// the connections that come in through them. Who answers is said by the ops of each listener.
#ifndef SOTTO_SERVER_HTTP_H
#define SOTTO_SERVER_HTTP_H

#include "server/connection_limit.h"
#include "server/fault.h"
#include "server/http_request.h"
#include "server/http_response.h"
#include "server/websocket.h"

#include <libwebsockets.h>
#include <stdatomic.h>

enum { SOTTO_HTTP_PIECE_SIZE = 16384, SOTTO_HTTP_LISTENER_COUNT_MAX = 2 };

struct sotto_http_ops {
    void *context;
    // Fills in the response, which comes in empty with status 404. It is answered at once.
    void (*handle_request)(void *context, const struct sotto_http_request *request,
                           struct sotto_http_response *response);
    // May this request, which asks for it, become a WebSocket? 0 for yes, or the status to refuse
    // it with. NULL: there are none here.
    unsigned (*check_upgrade)(void *context, const struct sotto_http_request *request);
    const char *subprotocol; // that clients must offer; a literal
    const struct sotto_websocket_ops *websocket; // borrowed; needed if check_upgrade is there
};

struct sotto_listener_options {
    const char *name;        // "listen" or "admin": the key of the configuration that faults name
    const char *address;     // a literal IPv4 or IPv6 address
    uint16_t port;           // 0: the system chooses
    const char *certificate; // paths of PEM files; NULL for plain HTTP
    const char *key;
    uint32_t connections_max;
    uint32_t connections_per_network_max;
    size_t message_size_max;    // of a WebSocket message from an admitted peer
    size_t send_queue_size_max; // of one WebSocket
};

struct sotto_listener {
    struct sotto_http *http;
    struct sotto_listener_options options;
    struct sotto_http_ops ops;
    struct sotto_connection_limit limit;
    struct lws_protocols protocols[3];
    struct lws_vhost *vhost; // owned by the context
    struct ssl_ctx_st *tls;  // owned by the vhost; NULL for plain HTTP
    struct sotto_fault *fault; // while it is created
};

struct sotto_http {
    struct lws_context *context;
    struct sotto_listener listeners[SOTTO_HTTP_LISTENER_COUNT_MAX];
    size_t listener_count;
    // Called in the loop after sotto_http_wake; NULL for nothing.
    void (*handle_wake)(void *wake_context);
    void *wake_context;
    atomic_bool wake_is_wanted; // libwebsockets also wakes itself
    struct sotto_websocket *websockets; // all that are open
    uint64_t next_id;
    bool stopping;
    unsigned char piece[LWS_PRE + SOTTO_HTTP_PIECE_SIZE]; // of a body on its way out
};

// Sets up libwebsockets. False with a fault. `http` stays where it is until sotto_http_destroy.
bool sotto_http_create(struct sotto_http *http, struct sotto_fault *fault);
// Ends all connections, telling the signalling.
void sotto_http_destroy(struct sotto_http *http);

// Binds and listens. Strings in the options are borrowed for as long as `http` lives. `seed` is
// random. NULL with a fault.
struct sotto_listener *sotto_http_add_listener(struct sotto_http *http,
                                               const struct sotto_listener_options *options,
                                               const struct sotto_http_ops *ops, uint64_t seed,
                                               struct sotto_fault *fault);
uint16_t sotto_listener_port(const struct sotto_listener *listener);
// Reads certificate and key again, for connections to come. False with a fault; the old ones stay.
bool sotto_listener_reload_tls(struct sotto_listener *listener, struct sotto_fault *fault);

// One turn of the loop: waits for something to happen and handles it.
void sotto_http_handle(struct sotto_http *http);
// Makes sotto_http_handle return and handle_wake be called. From any thread, and from a signal
// handler; many calls may become one.
void sotto_http_wake(struct sotto_http *http);

// From now on new WebSockets are refused.
void sotto_http_stop(struct sotto_http *http);
// Closes all WebSockets that are still there.
void sotto_http_close_websockets(struct sotto_http *http, unsigned code);

#endif
