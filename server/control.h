// The control thread: owns the parts of the server and runs its loop. What the meetings need from
// it is reached through its fields; media workers reach it through sotto_http_wake.
#ifndef SOTTO_SERVER_CONTROL_H
#define SOTTO_SERVER_CONTROL_H

#include "server/admin.h"
#include "server/config.h"
#include "server/credentials.h"
#include "server/http.h"
#include "server/routes.h"
#include "server/timers.h"

// What the signalling implements beside the sockets. The context is that of `websocket`.
struct sotto_control_ops {
    struct sotto_websocket_ops websocket;
    // Another thread called sotto_http_wake; NULL for nothing.
    void (*handle_wake)(void *context);
    // The server stops: tell clients when to come back and close their sockets. Those that are
    // still open after limits.drain_timeout_s are closed with 1001. NULL: all are closed at once.
    void (*handle_shutdown)(void *context);
};

struct sotto_control {
    const struct sotto_config *config; // borrowed
    struct sotto_credentials credentials;
    struct sotto_store *store;
    struct sotto_http http; // http.context is what sotto_timers_set wants
    struct sotto_listener *listener; // the public one
    struct sotto_control_ops ops;
    struct sotto_routes routes;
    struct sotto_admin admin;
    struct sotto_timer drain;
    int data_folder;
    bool stopping;
    bool finishing; // no WebSocket is left
    bool ended;
};

// Opens the data directory, the store and the listeners. False with a fault, and with nothing left
// open. Without ops.websocket.handle_open there are no WebSockets: /signal answers 503. The control
// stays where it is until sotto_control_destroy.
bool sotto_control_create(struct sotto_control *control, const struct sotto_config *config,
                          const struct sotto_control_ops *ops, struct sotto_fault *fault);
void sotto_control_destroy(struct sotto_control *control);

// Runs until SIGTERM or SIGINT and the end of the drain. A second one ends the process at once with
// status 1. SIGHUP reads the certificate again.
void sotto_control_run(struct sotto_control *control);

#endif
