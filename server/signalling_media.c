// Names for the media workers, commands to them, and what they tell.
#include "server/signalling_private.h"

#include "crypto/random.h"
#include "server/wall_clock.h"

#include <stdlib.h>
#include <string.h>

// Room for the SSRCs of all consumers below 2^32, whatever the start.
enum { FIRST_SSRC_MAX = 0x3fffffff };

uint64_t sotto_signalling_add_id(struct sotto_signalling *signalling,
                                 struct sotto_session *session) {
    uint64_t id = ++signalling->last_id;
    return sotto_map_set(&signalling->owners, &id, session) ? id : 0;
}

void sotto_signalling_remove_id(struct sotto_signalling *signalling,
                                const struct sotto_session *session, uint64_t id) {
    sotto_map_remove(&signalling->owners, &id, session);
}

bool sotto_signalling_post(struct sotto_signalling *signalling,
                           const struct sotto_session *session,
                           const struct sotto_media_command *command) {
    return sotto_media_post(signalling->setup.media, session->room->worker, command);
}

bool sotto_signalling_post_about(struct sotto_signalling *signalling,
                                 const struct sotto_session *session,
                                 enum sotto_media_command_type type, uint64_t id) {
    struct sotto_media_command command = {.type = type, .id = id};
    return sotto_signalling_post(signalling, session, &command);
}

static bool start_peer(struct sotto_signalling *signalling, struct sotto_session *session) {
    session->peer = sotto_signalling_add_id(signalling, session);
    if (session->peer == 0)
        return false;
    struct sotto_media_command command = {.type = SOTTO_MEDIA_ADD_PEER,
                                          .id = session->peer,
                                          .parent = session->room->meeting,
                                          .peer.reduced_size = true};
    sotto_random_fill(&command.peer.rtcp_ssrc, sizeof command.peer.rtcp_ssrc);
    memcpy(command.peer.cname, session->id, sizeof session->id);
    sotto_random_fill(&session->next_ssrc, sizeof session->next_ssrc);
    session->next_ssrc &= FIRST_SSRC_MAX;
    return sotto_signalling_post(signalling, session, &command);
}

json_t *sotto_signalling_start_media(struct sotto_signalling *signalling,
                                     struct sotto_session *session) {
    static const char *const fields[] = {[SOTTO_TRANSPORT_FROM_CLIENT] = "sendTransport",
                                         [SOTTO_TRANSPORT_TO_CLIENT] = "recvTransport"};
    static const bool has_transport[SOTTO_SESSION_MODE_COUNT][2] = {
        [SOTTO_SESSION_SEND_AND_RECV] = {true, true},
        [SOTTO_SESSION_RECV_ONLY] = {[SOTTO_TRANSPORT_TO_CLIENT] = true},
    };
    json_t *transports = json_object();
    bool is_started = transports && start_peer(signalling, session);
    for (int i = 0; is_started && i < 2; i++) {
        enum sotto_transport_direction direction = (enum sotto_transport_direction)i;
        if (has_transport[session->mode][i])
            is_started = json_object_set_new(transports, fields[i],
                                             sotto_signalling_add_transport(signalling, session,
                                                                            direction)) == 0;
    }
    if (is_started)
        return transports;
    json_decref(transports);
    return NULL;
}

void sotto_signalling_forget_media(struct sotto_signalling *signalling,
                                   struct sotto_session *session) {
    sotto_signalling_remove_id(signalling, session, session->peer);
    for (size_t i = 0; i < 2; i++)
        sotto_signalling_remove_id(signalling, session, session->transports[i]);
    for (size_t i = 0; i < SOTTO_SESSION_PRODUCERS_MAX; i++)
        sotto_signalling_remove_id(signalling, session, session->producers[i].id);
    for (const struct sotto_consumer *each = session->consumers; each; each = each->next)
        sotto_signalling_remove_id(signalling, session, each->id);
}

void sotto_signalling_stop_media(struct sotto_signalling *signalling,
                                 struct sotto_session *session) {
    for (size_t i = 0; i < SOTTO_SESSION_PRODUCERS_MAX; i++) {
        if (session->producers[i].id != 0)
            sotto_signalling_remove_producer(signalling, session, &session->producers[i]);
    }
    sotto_signalling_forget_media(signalling, session);
    // What it received goes with it. Without memory for the command it stays until the room goes.
    (void)sotto_signalling_post_about(signalling, session, SOTTO_MEDIA_REMOVE_PEER, session->peer);
}

static bool may_log(struct sotto_signalling *signalling) {
    uint32_t suppressed;
    return sotto_log_limit_allow(&signalling->log_limit, signalling->now_ms, &suppressed);
}

static void handle_transport_state(struct sotto_signalling *signalling,
                                   const struct sotto_media_event *event) {
    static const char *const states[] = {[SOTTO_TRANSPORT_CONNECTED] = "connected",
                                         [SOTTO_TRANSPORT_DISCONNECTED] = "disconnected",
                                         [SOTTO_TRANSPORT_FAILED] = "failed"};
    struct sotto_session *session = sotto_map_find(&signalling->owners, &event->id);
    if (!session || !states[event->state])
        return;
    char id[SOTTO_SESSION_NUMBER_SIZE];
    sotto_session_write_number(id, event->id);
    sotto_session_notify(
        session, "transport-state",
        json_pack("{ss ss}", "transportId", id, "state", states[event->state]));
    if (event->failure != SOTTO_DTLS_FAILURE_NONE && may_log(signalling))
        SOTTO_LOG(SOTTO_LOG_WARN, "dtls_failed",
                  SOTTO_LOG_ID("participant", session->participant_id),
                  SOTTO_LOG_REASON(sotto_dtls_failure_text(event->failure)));
}

static void handle_silence(struct sotto_signalling *signalling, uint64_t peer, bool is_silent) {
    struct sotto_session *session = sotto_map_find(&signalling->owners, &peer);
    if (session)
        session->is_media_silent = is_silent;
}

static void handle_speaker(struct sotto_signalling *signalling,
                           const struct sotto_media_event *event) {
    struct sotto_live_room *room = sotto_map_find(&signalling->meetings, &event->id);
    if (!room)
        return;
    const struct sotto_session *session =
        event->peer != 0 ? sotto_map_find(&signalling->owners, &event->peer) : NULL;
    room->speaker = session ? event->peer : 0;
    sotto_session_notify_others(
        room, NULL, "active-speaker",
        json_pack("{ss*}", "participantId", session ? session->participant_id : NULL));
}

// The worker has no room or no memory for something that clients believe in by now.
static void handle_refusal(struct sotto_signalling *signalling,
                           const struct sotto_media_event *event) {
    struct sotto_session *session = sotto_map_find(&signalling->owners, &event->id);
    struct sotto_live_room *room = sotto_map_find(&signalling->meetings, &event->id);
    if (may_log(signalling))
        SOTTO_LOG(SOTTO_LOG_ERROR, "media_command_refused",
                  SOTTO_LOG_NUMBER("command", event->command));
    if (room) {
        for (struct sotto_session *each = room->sessions; each; each = each->next)
            sotto_session_break(each);
    } else if (session && event->command == SOTTO_MEDIA_ADD_TRACK_UP) {
        sotto_signalling_lose_producer(signalling, session, event->id);
    } else if (session && event->command == SOTTO_MEDIA_ADD_TRACK_DOWN) {
        sotto_signalling_lose_consumer(signalling, session, event->id);
    } else if (session) {
        sotto_session_break(session);
    }
}

void sotto_signalling_handle_media(struct sotto_signalling *signalling) {
    struct sotto_media_event *event;
    signalling->now_ms = sotto_wall_clock_monotonic_ms();
    while ((event = sotto_media_poll_event(signalling->setup.media))) {
        switch (event->type) {
        case SOTTO_MEDIA_TRANSPORT_STATE: handle_transport_state(signalling, event); break;
        case SOTTO_MEDIA_PEER_SILENT: handle_silence(signalling, event->id, true); break;
        case SOTTO_MEDIA_PEER_HEARD: handle_silence(signalling, event->id, false); break;
        case SOTTO_MEDIA_SPEAKER: handle_speaker(signalling, event); break;
        case SOTTO_MEDIA_COMMAND_REFUSED: handle_refusal(signalling, event); break;
        }
        free(event);
    }
}
