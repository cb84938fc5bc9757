// Responses on their way out, of server/connection.h.
#include "core/assert.h"
#include "server/connection.h"
#include "server/limits.h"
#include "server/metrics.h"
#include "server/wall_clock.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CHECK_INTERVAL_MS = 500 };

static void count(unsigned status) {
    sotto_metrics_add(SOTTO_METRIC_HTTP_REQUESTS, 1);
    if (status >= 500)
        sotto_metrics_add(SOTTO_METRIC_HTTP_SERVER_ERRORS, 1);
    else if (status >= 400)
        sotto_metrics_add(SOTTO_METRIC_HTTP_CLIENT_ERRORS, 1);
    if (status == 429)
        sotto_metrics_add(SOTTO_METRIC_RATE_LIMITED, 1);
}

static bool sends_body(const struct sotto_connection *connection) {
    return connection->request.method != SOTTO_HTTP_HEAD && connection->response.size > 0;
}

static int begin(struct sotto_connection *connection) {
    uint64_t size = sends_body(connection) ? connection->response.size : 0;
    count(connection->response.status);
    connection->is_answering = true;
    connection->head_is_sent = false;
    connection->sent = 0;
    // libwebsockets' own timeout is meant for a body that comes in.
    lws_set_timeout(connection->wsi, NO_PENDING_TIMEOUT, 0);
    connection->is_quiet = connection->is_suspect = false;
    connection->answer_until_ms = sotto_wall_clock_monotonic_ms() + SOTTO_HTTP_HEAD_TIMEOUT_MS +
                                  size / SOTTO_HTTP_RESPONSE_BYTES_PER_MS_MIN;
    sotto_connection_set_deadline(connection, CHECK_INTERVAL_MS);
    lws_callback_on_writable(connection->wsi);
    return 0;
}

int sotto_connection_answer(struct sotto_connection *connection) {
    const struct sotto_http_ops *ops = &connection->listener->ops;
    sotto_http_response_reset(&connection->response, 404);
    ops->handle_request(ops->context, &connection->request, &connection->response);
    return begin(connection);
}

static void set_refusal(struct sotto_connection *connection, unsigned status) {
    sotto_http_response_reset(&connection->response, status);
    sotto_http_response_set_error(&connection->response, status,
                                  sotto_http_response_reason(status), 0);
}

int sotto_connection_refuse(struct sotto_connection *connection, unsigned status) {
    set_refusal(connection, status);
    return begin(connection);
}

static int write_head(struct sotto_connection *connection) {
    unsigned char room[LWS_PRE + SOTTO_HTTP_RESPONSE_HEAD_SIZE_MAX];
    unsigned char *head = room + LWS_PRE;
    size_t size = sotto_http_response_write_head(&connection->response,
                                                 sotto_wall_clock_unix_ms(), (char *)head,
                                                 SOTTO_HTTP_RESPONSE_HEAD_SIZE_MAX);
    connection->head_is_sent = true;
    return lws_write(connection->wsi, head, size, LWS_WRITE_HTTP_HEADERS) < 0 ? -1 : 0;
}

// The next piece of the body or file; its size, or -1 when it cannot be had.
static ssize_t take_piece(struct sotto_connection *connection, unsigned char *piece) {
    SOTTO_ASSERT(connection->sent <= connection->response.size);
    uint64_t left = connection->response.size - connection->sent;
    size_t size = left < SOTTO_HTTP_PIECE_SIZE ? (size_t)left : (size_t)SOTTO_HTTP_PIECE_SIZE;
    if (connection->response.file < 0) {
        memcpy(piece, connection->response.body + connection->sent, size);
        return (ssize_t)size;
    }
    ssize_t got = read(connection->response.file, piece, size);
    return got > 0 ? got : -1; // a file that became shorter cannot be finished
}

static int write_piece(struct sotto_connection *connection) {
    unsigned char *piece = connection->listener->http->piece + LWS_PRE;
    ssize_t size = take_piece(connection, piece);
    if (size < 0)
        return -1;
    connection->sent += (uint64_t)size;
    return lws_write(connection->wsi, piece, (size_t)size, LWS_WRITE_HTTP) < 0 ? -1 : 0;
}

int sotto_connection_refuse_upgrade(struct sotto_connection *connection, unsigned status) {
    set_refusal(connection, status);
    count(status);
    if (write_head(connection) == 0)
        write_piece(connection);
    return -1;
}

// While a response goes out, libwebsockets 4.1 reads nothing of its connection, but asks again and
// again whether it may: whoever sends something behind a request and takes the answer slowly has a
// core of the server spinning. What waits in the socket can be seen. What was read together with
// the head cannot; libwebsockets only tells that there is such a connection, and those that have
// been answered for a while without it are not the ones.
static bool holds_up_the_loop(struct sotto_connection *connection) {
    struct pollfd readable = {.fd = lws_get_socket_fd(connection->wsi), .events = POLLIN};
    if (poll(&readable, 1, 0) > 0)
        return true;
    if (connection->is_quiet)
        return false;
    bool waits = lws_service_adjust_timeout(connection->listener->http->context, 1, 0) == 0;
    bool again = waits && connection->is_suspect;
    connection->is_quiet = !waits;
    connection->is_suspect = waits;
    return again;
}

void sotto_connection_check_response(struct sotto_connection *connection) {
    bool late = sotto_wall_clock_monotonic_ms() >= connection->answer_until_ms;
    if (!late && !holds_up_the_loop(connection)) {
        sotto_connection_set_deadline(connection, CHECK_INTERVAL_MS);
        return;
    }
    sotto_metrics_add(SOTTO_METRIC_HTTP_TIMEOUTS, 1);
    // Ending it in the ordinary way would wait for what is still to be sent.
    lws_set_timeout(connection->wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
}

static int linger(struct sotto_connection *connection) {
    connection->is_lingering = true;
    sotto_connection_set_deadline(connection, SOTTO_HTTP_LINGER_TIMEOUT_MS);
    if (!connection->listener->options.certificate)
        shutdown(lws_get_socket_fd(connection->wsi), SHUT_WR);
    return 0;
}

static int end(struct sotto_connection *connection) {
    bool body_comes = connection->awaits_body && connection->body_size < connection->content_size;
    connection->is_answering = false;
    sotto_http_response_reset(&connection->response, 404);
    return body_comes ? linger(connection) : -1;
}

int sotto_connection_write_response(struct sotto_connection *connection) {
    if (!connection->is_answering)
        return 0;
    int result = 0;
    if (!connection->head_is_sent)
        result = write_head(connection);
    else if (sends_body(connection) && connection->sent < connection->response.size)
        result = write_piece(connection);
    else
        return end(connection);
    lws_callback_on_writable(connection->wsi);
    return result;
}
