// One participant's joining of a room, and the room as it lives while somebody is in it. A session
// outlives its WebSocket (docs/signalling.md, "A lost connection"). Everything here belongs to the
// control thread; what it says to the media workers goes by ids.
#ifndef SOTTO_SERVER_SESSION_H
#define SOTTO_SERVER_SESSION_H

#include "server/media.h"
#include "server/outbox.h"
#include "server/signalling_error.h"
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
    SOTTO_SESSION_ID_SIZE = 25, // 24 hexadecimal digits and the final zero
    // Two of each source while one replaces the other.
    SOTTO_SESSION_PRODUCERS_OF_SOURCE_MAX = 2,
    SOTTO_SESSION_PRODUCERS_MAX = 4 * SOTTO_SESSION_PRODUCERS_OF_SOURCE_MAX,
    // A transport binds SOTTO_TRANSPORT_SSRCS_MAX SSRCs: as many cameras as microphones take three
    // for two tracks.
    SOTTO_SESSION_CONSUMERS_MAX = SOTTO_TRANSPORT_SSRCS_MAX * 2 / 3,
    SOTTO_SESSION_NUMBER_SIZE = 24, // of an id as text: 20 digits at most
    // How long a session waits for its client to come back while its media runs.
    SOTTO_SESSION_RESUME_MS = 30000,
    // The same while no media comes either. With SOTTO_WEBSOCKET_SILENCE_MS and the sweep this
    // stays within 10 s for a client that vanished without a word.
    SOTTO_SESSION_SILENT_RESUME_MS = 1000,
    SOTTO_SESSION_SWEEP_MS = 500,
};

enum sotto_session_mode {
    SOTTO_SESSION_SEND_AND_RECV,
    SOTTO_SESSION_RECV_ONLY,
    SOTTO_SESSION_SIGNALLING_ONLY,
    SOTTO_SESSION_MODE_COUNT,
};

struct sotto_producer {
    uint64_t id; // 0: a free place
    char id_text[SOTTO_SESSION_NUMBER_SIZE];
    enum sotto_media_kind kind;
    const char *source; // one of a few literals
    bool is_paused;
    json_t *encryption; // owned; NULL for media in clear
    uint32_t ssrc;      // of the publisher
    uint32_t rtx_ssrc;  // 0 if there is none
    struct sotto_rtp_parameters consumable;
};

struct sotto_consumer {
    uint64_t id;
    char id_text[SOTTO_SESSION_NUMBER_SIZE];
    uint64_t producer; // its id, also of its track on the media worker
    struct sotto_consumer *next; // of the session's
};

// What a client may still cost: refilled evenly, up to a bound.
struct sotto_allowance {
    int64_t amount; // in thousandths
    uint64_t filled_at_ms;
};

struct sotto_session {
    struct sotto_live_room *room;
    struct sotto_session *next; // of the room's
    struct sotto_session **link;
    struct sotto_session *next_away; // of those whose client is away
    struct sotto_session **away_link;
    struct sotto_websocket *socket; // NULL while the client is away
    uint64_t away_since_ms;
    bool is_broken; // something could not be told or done: it cannot be resumed
    char id[SOTTO_SESSION_ID_SIZE];
    uint8_t secret[SOTTO_SESSION_SECRET_SIZE]; // resumes the session
    struct sotto_token token;
    char participant_id[SOTTO_PARTICIPANT_ID_SIZE_MAX + 1];
    enum sotto_session_mode mode;
    json_t *public_info; // owned: what others are told of the participant, but for producers
    struct sotto_outbox outbox;
    uint64_t last_request;
    struct sotto_allowance requests;
    struct sotto_allowance refusals;
    struct sotto_allowance told; // bytes that its requests make the server say to others
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
    struct sotto_consumer *consumers; // owned
    unsigned consumer_count;
};

struct sotto_live_room {
    struct sotto_live_room *next;
    struct sotto_live_room **link;
    char room_id[SOTTO_ROOM_ID_SIZE];
    enum sotto_e2ee_policy policy;
    uint64_t meeting; // id on the media worker
    unsigned worker;
    uint64_t speaker; // the peer who speaks; 0 for nobody
    unsigned session_count;
    struct sotto_session *sessions;
    uint64_t told_size; // bytes said to those inside, ever
};

// Queues an answer or a notification and sends it if the client is here. `data` is consumed; NULL
// stands for no memory and breaks the session, because a lost message is worse.
void sotto_session_answer(struct sotto_session *session, uint64_t request, json_t *data);
void sotto_session_refuse(struct sotto_session *session, uint64_t request,
                          enum sotto_signalling_error error, const char *message);
void sotto_session_notify(struct sotto_session *session, const char *event, json_t *data);

// To everybody in the room but `except` (which may be NULL). `data` is consumed.
void sotto_session_notify_others(struct sotto_live_room *room, const struct sotto_session *except,
                                 const char *event, json_t *data);

// The session cannot go on: its connection is closed (1011), and it ends as soon as that is so. The
// client joins anew.
void sotto_session_break(struct sotto_session *session);

// NULL if there is none.
struct sotto_session *sotto_session_find(struct sotto_live_room *room, const char *participant_id);
struct sotto_producer *sotto_session_find_producer(struct sotto_session *session,
                                                   const char *id_text);
struct sotto_consumer *sotto_session_find_consumer(struct sotto_session *session,
                                                   const char *id_text);

// New references; NULL without memory.
json_t *sotto_session_describe(const struct sotto_session *session);
json_t *sotto_session_describe_producer(const struct sotto_producer *producer);

// An id as the protocol writes it.
void sotto_session_write_number(char text[SOTTO_SESSION_NUMBER_SIZE], uint64_t number);

// Frees what the session owns, wiping its secret. It must have left its room and its media.
void sotto_session_destroy(struct sotto_session *session);

#endif
