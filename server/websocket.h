// WebSocket connections as the signalling sees them. The layer below does the handshake, fragments,
// masks, pings and limits; what comes up are whole text messages.
//
// A connection may send messages of SOTTO_WEBSOCKET_FIRST_SIZE_MAX until it is admitted, and is
// closed (1008) if that has not happened after SOTTO_WEBSOCKET_ADMISSION_TIMEOUT_MS. One that is
// silent for
// SOTTO_WEBSOCKET_SILENCE_MS, in spite of pings, counts as lost. Everything here belongs to the
// control thread.
#ifndef SOTTO_SERVER_WEBSOCKET_H
#define SOTTO_SERVER_WEBSOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sotto_websocket;

// What the signalling implements. For each socket handle_open comes first, then any number of
// handle_message, then handle_close exactly once; after it the socket is gone. None of them is ever
// called from inside a function of this header. `text` is UTF-8 without a terminating zero,
// borrowed for the call. `code` is the peer's close code, or ours, or 1006 for a connection that
// was lost.
struct sotto_websocket_ops {
    void *context; // handed to each of them
    void (*handle_open)(void *context, struct sotto_websocket *socket);
    void (*handle_message)(void *context, struct sotto_websocket *socket, const char *text,
                           size_t size);
    void (*handle_close)(void *context, struct sotto_websocket *socket, unsigned code);
};

// Room for one pointer of the signalling.
void sotto_websocket_set_user(struct sotto_websocket *socket, void *user);
void *sotto_websocket_user(const struct sotto_websocket *socket);

// A number that no other connection of this process has, for logs.
uint64_t sotto_websocket_id(const struct sotto_websocket *socket);
// The peer's address as text, and the number of its network as a key for rate limits.
const char *sotto_websocket_address(const struct sotto_websocket *socket);
uint64_t sotto_websocket_network(const struct sotto_websocket *socket);

// The peer has shown a good token: the time limit is over and full-sized messages may come.
void sotto_websocket_admit(struct sotto_websocket *socket);

// Queues a copy of a text message. False if the connection is closing or its queue is full; in the
// second case it is ended (1006), because a client that misses a message is worse off than one that
// resumes. Other connections do not notice.
bool sotto_websocket_send(struct sotto_websocket *socket, const char *text, size_t size);

// Sends what is queued, then the close frame; handle_close follows from the loop, at the latest
// after
// SOTTO_WEBSOCKET_CLOSE_TIMEOUT_MS. Nothing is delivered any more. A second call does nothing.
void sotto_websocket_close(struct sotto_websocket *socket, unsigned code);

#endif
