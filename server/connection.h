// One TCP connection of the HTTP server, hung onto libwebsockets' handle. It carries one request,
// which may become a WebSocket: docs/decisions/0004-libwebsockets.md says why no more. Only http,
// websocket and the connection files look inside.
#ifndef SOTTO_SERVER_CONNECTION_H
#define SOTTO_SERVER_CONNECTION_H

#include "server/http.h"
#include "server/message_queue.h"

struct sotto_websocket {
    struct sotto_connection *connection;
    struct sotto_websocket *next; // among the open ones
    struct sotto_websocket **link;
    struct sotto_message_queue queue;
    char *message; // owned; of the message that is coming in
    size_t message_size;
    size_t message_capacity;
    size_t message_size_max;
    unsigned piece_count;
    void *user;
    uint64_t id;
    unsigned code;   // to tell the signalling
    bool is_open;    // between handle_open and the decision to close
    bool is_closing; // our close frame goes out after the queue
    bool is_ended;   // handle_close was called
    bool is_admitted;
};

struct sotto_connection {
    struct lws *wsi; // owned by libwebsockets, which owns this through it
    struct sotto_listener *listener;
    struct sotto_peer_address peer;
    // The request: its texts are borrowed from `head`.
    struct sotto_http_request request;
    char *head; // owned
    char *body; // owned
    size_t body_size;
    size_t content_size;
    bool awaits_body;
    bool body_has_ended;
    // The response.
    struct sotto_http_response response;
    bool is_answering;
    bool head_is_sent;
    uint64_t sent; // of the body or file
    uint64_t answer_until_ms;
    bool is_quiet;  // nothing came behind the request
    bool is_suspect; // at the last look something seemed to wait
    // All was said, but the client still sends: read on, so that a reset does not overtake it.
    bool is_lingering;
    size_t lingered;
    struct sotto_websocket websocket;
};

// connection.c
// True if a connection from this peer may come in.
bool sotto_connection_is_welcome(struct sotto_listener *listener, int fd);
// NULL without memory or place.
struct sotto_connection *sotto_connection_create(struct sotto_listener *listener, struct lws *wsi);
void sotto_connection_destroy(struct sotto_connection *connection);
struct sotto_connection *sotto_connection_of(struct lws *wsi); // NULL if there is none (yet)
// Bytes that came in since the TCP connection began, those of TLS included.
uint64_t sotto_connection_received(const struct sotto_connection *connection);
void sotto_connection_set_deadline(struct sotto_connection *connection, uint64_t timeout_ms);

// connection_request.c
// Reads the head from libwebsockets. Returns 0, or the status to refuse it with: 400, 411, 413,
// 431.
SOTTO_MUST_USE unsigned sotto_connection_read_head(struct sotto_connection *connection);
// Forgets the request that was answered.
void sotto_connection_drop_request(struct sotto_connection *connection);
// Checks what asks to become a WebSocket: 0, or the status to refuse it with.
SOTTO_MUST_USE unsigned sotto_connection_check_upgrade(struct sotto_connection *connection);

// connection_response.c. The results are those that libwebsockets wants of its callbacks: 0 to go
// on,
// -1 to end the connection.
int sotto_connection_answer(struct sotto_connection *connection);
int sotto_connection_refuse(struct sotto_connection *connection, unsigned status);
// The same, written at once; always -1.
int sotto_connection_refuse_upgrade(struct sotto_connection *connection, unsigned status);
int sotto_connection_write_response(struct sotto_connection *connection);
// Looks after a response that takes its time, and ends the connection if it must.
void sotto_connection_check_response(struct sotto_connection *connection);

// connection_http.c and connection_websocket.c: what libwebsockets calls.
int sotto_connection_handle_http(struct lws *wsi, enum lws_callback_reasons reason, void *user,
                                 void *in, size_t size);
int sotto_connection_handle_websocket(struct lws *wsi, enum lws_callback_reasons reason,
                                      void *user, void *in, size_t size);
// Tells the signalling, once, that the socket is gone, and forgets what it held.
void sotto_connection_end_websocket(struct sotto_connection *connection);

#endif
