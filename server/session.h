// One participant's joining of a room, and the room as it lives while somebody is in it. A session
// outlives its WebSocket (docs/signalling.md, "A lost connection"). Everything here belongs to the
// control thread; what it says to the media workers goes by ids.
#ifndef SOTTO_SERVER_SESSION_H
#define SOTTO_SERVER_SESSION_H

#include "server/media.h"
#include "server/outbox.h"
#include "server/store.h"
#include "server/token.h"
#include "server/websocket.h"
#include "sfu/negotiation.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SOTTO_SESSION_SECRET_SIZE = 32,
    SOTTO_SESSION_ID_SIZE = 25,     // 24 hexadecimal digits and the final zero
    SOTTO_SESSION_PRODUCERS_MAX = 8, // two of each source while one replaces the other
    // How long a session waits for its client to come back, while its media runs.
    SOTTO_SESSION_RESUME_MS = 30000,
    SOTTO_SESSION_SWEEP_MS = 500,
};

enum sotto_session_mode {
    SOTTO_SESSION_SEND_AND_RECV,
    SOTTO_SESSION_RECV_ONLY,
    SOTTO_SESSION_SIGNALLING_ONLY,
};

struct sotto_producer {
    uint64_t id; // 0: a free place
    char id_text[24];
    enum sotto_media_kind kind;
    const char *source; // one of a few literals
    bool is_paused;
    json_t *encryption; // owned; NULL for media in clear
    struct sotto_rtp_parameters consumable;
};

struct sotto_consumer {
    uint64_t id;
    char id_text[24];
    struct sotto_session *from;
    uint64_t producer; // its id, also of its track on the media worker
    struct sotto_consumer *next; // of the session's
};

struct sotto_session {
    struct sotto_live_room *room;
    struct sotto_session *next; // of the room's
    struct sotto_websocket *socket; // NULL while the client is away
    uint64_t away_since_ms;
    char id[SOTTO_SESSION_ID_SIZE];
    uint8_t secret[SOTTO_SESSION_SECRET_SIZE]; // resumes the session
    struct sotto_token token;
    char participant_id[SOTTO_PARTICIPANT_ID_SIZE_MAX + 1];
    enum sotto_session_mode mode;
    json_t *public_info; // owned: what others are told of the participant, but for producers
    struct sotto_outbox outbox;
    uint64_t last_request;
    uint32_t request_credit; // requests that may come at once
    uint64_t credit_at_ms;
    bool is_media_silent;
    uint64_t peer; // ids on the media worker
    uint64_t transports[2]; // by enum sotto_transport_direction; 0 if absent
    bool is_connected[2];   // connect-transport was called
    bool is_ready;
    struct sotto_rtp_capabilities device;
    char cname[SOTTO_CNAME_SIZE_MAX + 1]; // of what it publishes; empty before the first
    uint32_t next_ssrc; // of what it receives: ascending, see proto/srtp.h
    uint32_t mid_count;
    struct sotto_producer producers[SOTTO_SESSION_PRODUCERS_MAX];
    struct sotto_consumer *consumers;
};

struct sotto_live_room {
    struct sotto_live_room *next;
    char room_id[SOTTO_ROOM_ID_SIZE];
    enum sotto_e2ee_policy policy;
    uint64_t meeting; // id on the media worker
    unsigned worker;
    uint64_t speaker; // the peer who speaks; 0 for nobody
    unsigned session_count;
    struct sotto_session *sessions;
};

// Queues an answer or a notification and sends it if the client is here. `data` is consumed; NULL
// stands for no memory and ends the connection, because a lost message is worse.
void sotto_session_answer(struct sotto_session *session, uint64_t request, json_t *data);
void sotto_session_refuse(struct sotto_session *session, uint64_t request, int code,
                          const char *name, const char *message);
void sotto_session_notify(struct sotto_session *session, const char *event, json_t *data);

// To everybody in the room but `except` (which may be NULL). `data` is consumed.
void sotto_session_notify_others(struct sotto_live_room *room, const struct sotto_session *except,
                                 const char *event, json_t *data);

// NULL if there is none.
struct sotto_session *sotto_session_find(struct sotto_live_room *room, const char *participant_id);
struct sotto_session *sotto_session_find_peer(struct sotto_live_room *room, uint64_t peer);
struct sotto_producer *sotto_session_find_producer(struct sotto_session *session,
                                                   const char *id_text);
struct sotto_consumer *sotto_session_find_consumer(struct sotto_session *session,
                                                   const char *id_text);

// New references; NULL without memory.
json_t *sotto_session_describe(const struct sotto_session *session);
json_t *sotto_session_describe_producer(const struct sotto_producer *producer);

// Frees what the session owns, wiping its secret. It must have left its room and its media.
void sotto_session_destroy(struct sotto_session *session);

#endif
