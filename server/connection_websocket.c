// What libwebsockets tells about WebSockets, of server/connection.h.
#include "core/wipe.h"
#include "server/connection.h"
#include "server/limits.h"
#include "server/metrics.h"

#include <stdlib.h>
#include <string.h>

// RFC 6455, section 7.4.1.
enum {
    CLOSE_UNSUPPORTED = 1003,
    CLOSE_NOTHING_SAID = 1005,
    CLOSE_LOST = 1006,
    CLOSE_POLICY = 1008,
    CLOSE_TOO_BIG = 1009,
    CLOSE_INTERNAL = 1011,
};
enum { FIRST_CAPACITY = 512, KEPT_CAPACITY = 4096 };

static const struct sotto_websocket_ops *ops_of(const struct sotto_websocket *socket) {
    return socket->connection->listener->ops.websocket;
}

static int open_socket(struct sotto_connection *connection) {
    struct sotto_websocket *socket = &connection->websocket;
    struct sotto_http *http = connection->listener->http;
    const struct sotto_listener_options *options = &connection->listener->options;
    *socket = (struct sotto_websocket){.connection = connection,
                                       .next = http->websockets,
                                       .link = &http->websockets,
                                       .message_size_max = SOTTO_WEBSOCKET_FIRST_SIZE_MAX,
                                       .id = http->next_id++,
                                       .code = CLOSE_LOST,
                                       .is_open = true};
    if (socket->message_size_max > options->message_size_max)
        socket->message_size_max = options->message_size_max;
    if (socket->next)
        socket->next->link = &socket->next;
    http->websockets = socket;
    sotto_message_queue_init(&socket->queue, options->send_queue_size_max);
    sotto_connection_set_deadline(connection, SOTTO_WEBSOCKET_ADMISSION_TIMEOUT_MS);
    sotto_metrics_add(SOTTO_METRIC_WEBSOCKETS, 1);
    ops_of(socket)->handle_open(ops_of(socket)->context, socket);
    return 0;
}

static void tell_close(struct sotto_websocket *socket, unsigned code) {
    if (!socket->connection || socket->is_ended)
        return;
    socket->is_open = false;
    socket->is_ended = true;
    *socket->link = socket->next;
    if (socket->next)
        socket->next->link = socket->link;
    sotto_metrics_add(SOTTO_METRIC_WEBSOCKETS, -1);
    ops_of(socket)->handle_close(ops_of(socket)->context, socket, code);
}

static void drop_message(struct sotto_websocket *socket, size_t kept_capacity) {
    if (socket->message)
        sotto_wipe(socket->message, socket->message_size); // it may hold a token
    socket->message_size = 0;
    socket->piece_count = 0;
    if (socket->message_capacity <= kept_capacity)
        return;
    free(socket->message);
    socket->message = NULL;
    socket->message_capacity = 0;
}

void sotto_connection_end_websocket(struct sotto_connection *connection) {
    struct sotto_websocket *socket = &connection->websocket;
    tell_close(socket, socket->code);
    drop_message(socket, 0);
    sotto_message_queue_wipe(&socket->queue);
}

// Ends it with a close frame that says why.
static int fail(struct sotto_websocket *socket, unsigned code) {
    sotto_metrics_add(SOTTO_METRIC_WEBSOCKET_VIOLATIONS, 1);
    lws_close_reason(socket->connection->wsi, (enum lws_close_status)code, NULL, 0);
    tell_close(socket, code);
    return -1;
}

static bool reserve(struct sotto_websocket *socket, size_t size) {
    if (size <= socket->message_capacity)
        return true;
    size_t capacity = socket->message_capacity ? socket->message_capacity : FIRST_CAPACITY;
    while (capacity < size)
        capacity *= 2;
    char *grown = malloc(capacity);
    if (!grown)
        return false;
    if (socket->message) {
        memcpy(grown, socket->message, socket->message_size);
        sotto_wipe(socket->message, socket->message_size);
    }
    free(socket->message);
    socket->message = grown;
    socket->message_capacity = capacity;
    return true;
}

static int end_message(struct sotto_websocket *socket) {
    sotto_metrics_add(SOTTO_METRIC_WEBSOCKET_RECEIVED, 1);
    ops_of(socket)->handle_message(ops_of(socket)->context, socket,
                                   socket->message_size > 0 ? socket->message : "",
                                   socket->message_size);
    drop_message(socket, KEPT_CAPACITY);
    return 0;
}

static int receive(struct sotto_websocket *socket, const void *data, size_t size) {
    struct lws *wsi = socket->connection->wsi;
    if (!socket->is_open || socket->is_closing)
        return 0;
    lws_validity_confirmed(wsi);
    if (lws_frame_is_binary(wsi))
        return fail(socket, CLOSE_UNSUPPORTED);
    // What the frame announces counts at once, so that nobody makes the server collect it.
    size_t room = socket->message_size_max - socket->message_size;
    size_t rest = lws_remaining_packet_payload(wsi);
    if (size > room || rest > room - size)
        return fail(socket, CLOSE_TOO_BIG);
    if (++socket->piece_count > SOTTO_WEBSOCKET_PIECE_COUNT_MAX)
        return fail(socket, CLOSE_POLICY);
    if (!reserve(socket, socket->message_size + size))
        return fail(socket, CLOSE_INTERNAL);
    if (size > 0)
        memcpy(socket->message + socket->message_size, data, size);
    socket->message_size += size;
    return rest == 0 && lws_is_final_fragment(wsi) ? end_message(socket) : 0;
}

static int handle_peer_close(struct sotto_websocket *socket, const unsigned char *data,
                             size_t size) {
    unsigned code = CLOSE_NOTHING_SAID;
    if (size >= 2)
        code = (unsigned)(data[0] << 8 | data[1]);
    tell_close(socket, code);
    return 0;
}

static int send_next(struct sotto_websocket *socket) {
    struct lws *wsi = socket->connection->wsi;
    size_t size;
    unsigned char *text = sotto_message_queue_front(&socket->queue, &size);
    if (text) {
        int written = lws_write(wsi, text, size, LWS_WRITE_TEXT);
        sotto_message_queue_remove(&socket->queue);
        lws_callback_on_writable(wsi);
        return written < 0 ? -1 : 0;
    }
    if (!socket->is_closing || socket->is_ended)
        return 0;
    lws_close_reason(wsi, (enum lws_close_status)socket->code, NULL, 0);
    tell_close(socket, socket->code);
    return -1;
}

// Either nobody was admitted in time, or our close frame does not get through.
static int handle_timer(struct sotto_websocket *socket) {
    if (socket->is_admitted && !socket->is_closing)
        return 0;
    unsigned code = socket->is_closing ? socket->code : (unsigned)CLOSE_POLICY;
    return fail(socket, code);
}

int sotto_connection_handle_websocket(struct lws *wsi, enum lws_callback_reasons reason,
                                      void *user, void *in, size_t size) {
    (void)user;
    switch (reason) {
    case LWS_CALLBACK_PROTOCOL_INIT:
    case LWS_CALLBACK_PROTOCOL_DESTROY:
    case LWS_CALLBACK_EVENT_WAIT_CANCELLED:
        return 0; // `wsi` is none
    default:
        break;
    }
    struct sotto_connection *connection = sotto_connection_of(wsi);
    if (!connection)
        return -1;
    struct sotto_websocket *socket = &connection->websocket;
    switch (reason) {
    case LWS_CALLBACK_ESTABLISHED:
        return open_socket(connection);
    case LWS_CALLBACK_RECEIVE:
        return receive(socket, in, size);
    case LWS_CALLBACK_SERVER_WRITEABLE:
        return send_next(socket);
    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
        return handle_peer_close(socket, in, size);
    case LWS_CALLBACK_TIMER:
        return handle_timer(socket);
    case LWS_CALLBACK_CLOSED:
        tell_close(socket, socket->code);
        return 0;
    default:
        return 0;
    }
}
