// The signalling of docs/signalling.md: from WebSocket messages to rooms, sessions and commands for
// the media workers, and back. Belongs to the control thread.
#ifndef SOTTO_SERVER_SIGNALLING_H
#define SOTTO_SERVER_SIGNALLING_H

#include "server/credentials.h"
#include "server/log.h"
#include "server/map.h"
#include "server/media.h"
#include "server/rate_limit.h"
#include "server/session.h"
#include "server/store.h"
#include "server/websocket.h"
#include "sfu/capabilities.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SOTTO_SIGNALLING_HOSTS_MAX = 32 };

struct sotto_signalling_setup {
    struct sotto_store *store;                   // borrowed
    const struct sotto_credentials *credentials; // borrowed
    struct sotto_media *media;                   // borrowed
    uint8_t fingerprint[SOTTO_FINGERPRINT_SIZE]; // of the media workers' certificate
    // Where clients reach the workers, best first; ports are the workers'.
    struct sotto_address hosts[SOTTO_SIGNALLING_HOSTS_MAX];
    size_t host_count;
    unsigned participant_count_max; // in one room, at least 1
    uint32_t joins_per_network_max; // and resumes, in SOTTO_JOINS_PERIOD_MS; at least 1
    size_t send_queue_size_max;     // of one WebSocket: what is sent again at once must fit
};

// Private but for the two counts.
struct sotto_signalling {
    struct sotto_signalling_setup setup;
    struct sotto_router_capabilities router;
    struct sotto_map rooms;    // by room id
    struct sotto_map meetings; // rooms, by the id of their meeting on a media worker
    struct sotto_map sessions; // by session id
    struct sotto_map owners;   // sessions, by the ids of what is theirs on a media worker
    struct sotto_live_room *first_room;
    struct sotto_session *first_away;
    unsigned *worker_room_counts; // owned, one for each media worker
    struct sotto_rate_limit joins; // of those, by network
    struct sotto_log_limit log_limit;
    uint64_t last_id; // of what the media workers know
    uint64_t now_ms;  // monotonic, as of the call under way
    unsigned room_count;
    unsigned session_count;
    bool is_closing;
};

// False without memory, and with nothing left to destroy.
bool sotto_signalling_create(struct sotto_signalling *signalling,
                             const struct sotto_signalling_setup *setup);
// Ends all sessions without telling anybody. WebSockets may outlive this.
void sotto_signalling_destroy(struct sotto_signalling *signalling);

// What the WebSocket layer calls. Borrows the signalling.
struct sotto_websocket_ops sotto_signalling_ops(struct sotto_signalling *signalling);

// Takes what the media workers have to tell. To be called when they wake the control thread.
void sotto_signalling_handle_media(struct sotto_signalling *signalling);

// Ends sessions whose client does not come back. To be called every SOTTO_SESSION_SWEEP_MS.
void sotto_signalling_handle_timeout(struct sotto_signalling *signalling);

// Tells every client that the server is stopping and when to try again; nobody joins any more.
void sotto_signalling_shut_down(struct sotto_signalling *signalling, unsigned reconnect_after_ms);

#endif
