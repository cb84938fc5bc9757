#include "server/websocket.h"

#include "server/connection.h"
#include "server/limits.h"
#include "server/metrics.h"

void sotto_websocket_set_user(struct sotto_websocket *socket, void *user) {
    socket->user = user;
}

void *sotto_websocket_user(const struct sotto_websocket *socket) {
    return socket->user;
}

uint64_t sotto_websocket_id(const struct sotto_websocket *socket) {
    return socket->id;
}

const char *sotto_websocket_address(const struct sotto_websocket *socket) {
    return socket->connection->peer.text;
}

uint64_t sotto_websocket_network(const struct sotto_websocket *socket) {
    return socket->connection->peer.network;
}

void sotto_websocket_admit(struct sotto_websocket *socket) {
    socket->is_admitted = true;
    socket->message_size_max = socket->connection->listener->options.message_size_max;
}

static bool takes_messages(const struct sotto_websocket *socket) {
    return socket->is_open && !socket->is_closing;
}

bool sotto_websocket_send(struct sotto_websocket *socket, const char *text, size_t size) {
    if (!takes_messages(socket))
        return false;
    if (sotto_message_queue_add(&socket->queue, text, size)) {
        sotto_metrics_add(SOTTO_METRIC_WEBSOCKET_SENT, 1);
        lws_callback_on_writable(socket->connection->wsi);
        return true;
    }
    sotto_metrics_add(SOTTO_METRIC_WEBSOCKET_SLOW, 1);
    socket->is_open = false;
    // It ends from the loop, not inside this call.
    lws_set_timeout(socket->connection->wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
    return false;
}

void sotto_websocket_close(struct sotto_websocket *socket, unsigned code) {
    if (!takes_messages(socket))
        return;
    socket->is_closing = true;
    socket->code = code;
    sotto_connection_set_deadline(socket->connection, SOTTO_WEBSOCKET_CLOSE_TIMEOUT_MS);
    lws_callback_on_writable(socket->connection->wsi);
}
