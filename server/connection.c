#include "server/connection.h"

#include "server/metrics.h"

#include <netinet/in.h>
#include <linux/tcp.h>
#include <stdlib.h>

static bool read_peer(int fd, struct sotto_peer_address *peer) {
    struct sockaddr_storage from = {0};
    socklen_t size = sizeof from;
    bool known = getpeername(fd, (struct sockaddr *)&from, &size) == 0;
    sotto_peer_address_init(peer, (const struct sockaddr *)&from);
    return known;
}

bool sotto_connection_is_welcome(struct sotto_listener *listener, int fd) {
    struct sotto_peer_address peer;
    bool welcome = read_peer(fd, &peer) &&
                   sotto_connection_limit_has_room(&listener->limit, peer.network);
    if (!welcome)
        sotto_metrics_add(SOTTO_METRIC_HTTP_REFUSED, 1);
    return welcome;
}

struct sotto_connection *sotto_connection_create(struct sotto_listener *listener, struct lws *wsi) {
    struct sotto_connection *connection = calloc(1, sizeof *connection);
    if (!connection)
        return NULL;
    if (!read_peer(lws_get_socket_fd(wsi), &connection->peer) ||
        !sotto_connection_limit_add(&listener->limit, connection->peer.network)) {
        free(connection);
        return NULL;
    }
    connection->wsi = wsi;
    connection->listener = listener;
    sotto_http_response_init(&connection->response, 404);
    lws_set_opaque_user_data(wsi, connection);
    sotto_metrics_add(SOTTO_METRIC_HTTP_ACCEPTED, 1);
    sotto_metrics_add(SOTTO_METRIC_HTTP_CONNECTIONS, 1);
    return connection;
}

void sotto_connection_destroy(struct sotto_connection *connection) {
    sotto_connection_end_websocket(connection);
    sotto_connection_drop_request(connection);
    sotto_http_response_reset(&connection->response, 404);
    sotto_connection_limit_remove(&connection->listener->limit, connection->peer.network);
    sotto_metrics_add(SOTTO_METRIC_HTTP_CONNECTIONS, -1);
    lws_set_opaque_user_data(connection->wsi, NULL);
    free(connection);
}

struct sotto_connection *sotto_connection_of(struct lws *wsi) {
    return lws_get_opaque_user_data(wsi);
}

uint64_t sotto_connection_received(const struct sotto_connection *connection) {
    struct tcp_info info = {0};
    socklen_t size = sizeof info;
    if (getsockopt(lws_get_socket_fd(connection->wsi), IPPROTO_TCP, TCP_INFO, &info, &size) != 0)
        return 0;
    return info.tcpi_bytes_received;
}

void sotto_connection_set_deadline(struct sotto_connection *connection, uint64_t timeout_ms) {
    lws_set_timer_usecs(connection->wsi, (lws_usec_t)(timeout_ms * 1000));
}
