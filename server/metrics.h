// The counters and gauges of the server, in the text format that Prometheus reads. Every thread may
// count: the values are atomic. One line in SOTTO_METRICS makes a metric.
#ifndef SOTTO_SERVER_METRICS_H
#define SOTTO_SERVER_METRICS_H

#include <stddef.h>
#include <stdint.h>

// X(name in the enumeration, name for Prometheus, type, help)
#define SOTTO_METRICS(X)                                                                           \
    X(HTTP_CONNECTIONS, "sotto_http_connections", "gauge", "Open TCP connections")                 \
    X(HTTP_ACCEPTED, "sotto_http_accepted_total", "counter", "TCP connections accepted")           \
    X(HTTP_REFUSED, "sotto_http_refused_total", "counter",                                         \
      "TCP connections refused because of a connection limit")                                     \
    X(HTTP_REQUESTS, "sotto_http_requests_total", "counter", "HTTP requests answered")             \
    X(HTTP_CLIENT_ERRORS, "sotto_http_client_errors_total", "counter", "Answers with 400 to 499")  \
    X(HTTP_SERVER_ERRORS, "sotto_http_server_errors_total", "counter", "Answers with 500 to 599")  \
    X(HTTP_TIMEOUTS, "sotto_http_timeouts_total", "counter",                                       \
      "Connections ended because the peer was too slow")                                           \
    X(TLS_FAILURES, "sotto_tls_failures_total", "counter", "TLS handshakes that failed")           \
    X(TOKENS_REFUSED, "sotto_tokens_refused_total", "counter", "Tokens that were not accepted")    \
    X(TOKENS_ISSUED, "sotto_tokens_issued_total", "counter", "Tokens issued for the meeting app")  \
    X(ROOMS_CREATED, "sotto_rooms_created_total", "counter", "Rooms created")                      \
    X(RATE_LIMITED, "sotto_rate_limited_total", "counter", "Answers with 429")                     \
    X(JOINS_LIMITED, "sotto_joins_limited_total", "counter",                                       \
      "Joins and resumes refused because of limits.joins_per_network")                             \
    X(WEBSOCKETS, "sotto_websockets", "gauge", "Open WebSockets")                                  \
    X(WEBSOCKET_RECEIVED, "sotto_websocket_messages_received_total", "counter",                    \
      "WebSocket messages received")                                                               \
    X(WEBSOCKET_SENT, "sotto_websocket_messages_sent_total", "counter", "WebSocket messages sent") \
    X(WEBSOCKET_SLOW, "sotto_websocket_slow_total", "counter",                                     \
      "WebSockets ended because their send queue was full")                                        \
    X(WEBSOCKET_SILENT, "sotto_websocket_silent_total", "counter",                                 \
      "WebSockets ended because nothing came from them")                                           \
    X(WEBSOCKET_VIOLATIONS, "sotto_websocket_violations_total", "counter",                         \
      "WebSockets ended because the peer broke the protocol")                                      \
    X(MEETINGS, "sotto_rooms", "gauge", "Rooms with somebody in them")                             \
    X(PARTICIPANTS, "sotto_participants", "gauge", "Participants in all rooms")                    \
    X(TRANSPORTS, "sotto_transports_connected", "gauge", "WebRTC transports that are connected")   \
    X(PACKETS_RECEIVED, "sotto_media_packets_received_total", "counter", "Datagrams received")     \
    X(PACKETS_SENT, "sotto_media_packets_sent_total", "counter", "Datagrams sent")                 \
    X(PACKETS_UNSENT, "sotto_media_packets_unsent_total", "counter",                               \
      "Datagrams that the kernel did not take")                                                    \
    X(BYTES_RECEIVED, "sotto_media_bytes_received_total", "counter", "Bytes received over UDP")    \
    X(BYTES_SENT, "sotto_media_bytes_sent_total", "counter", "Bytes in datagrams sent")            \
    X(STRAYS, "sotto_media_strays_total", "counter",                                               \
      "Datagrams dropped because they belong to no transport")                                     \
    X(MEDIA_REFUSED, "sotto_media_refused_total", "counter",                                       \
      "SRTP packets that did not verify, came twice or had an unknown SSRC")                       \
    X(DTLS_FAILED, "sotto_dtls_failed_total", "counter", "DTLS handshakes that failed")            \
    X(MEDIA_CPU, "sotto_media_cpu_microseconds_total", "counter", "CPU time of the media workers")

enum sotto_metric {
#define SOTTO_METRIC_NAME(name, text, type, help) SOTTO_METRIC_##name,
    SOTTO_METRICS(SOTTO_METRIC_NAME)
#undef SOTTO_METRIC_NAME
        SOTTO_METRIC_COUNT,
};

void sotto_metrics_add(enum sotto_metric metric, int64_t amount);
void sotto_metrics_set(enum sotto_metric metric, int64_t value); // gauges
int64_t sotto_metrics_get(enum sotto_metric metric);

// Writes all metrics with a terminating zero and returns the size without it. Metrics that do not
// fit are left out whole.
size_t sotto_metrics_write(char *text, size_t capacity);

#endif
