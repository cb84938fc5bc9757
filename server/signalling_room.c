// Rooms while somebody is in them, and how sessions enter and leave.
#include "server/signalling_private.h"

#include <stdlib.h>
#include <string.h>

// Why somebody is no longer there, with VideoSDK's numbers.
static const struct {
    int code;
    const char *reason;
} endings[] = {
    [SOTTO_ENDING_LEFT] = {1101, "left"},
    [SOTTO_ENDING_LOST] = {1001, "the connection was lost"},
    [SOTTO_ENDING_REPLACED] = {1011, "the same participant joined again"},
    [SOTTO_ENDING_MEETING_ENDED] = {1006, "the meeting was ended"},
    [SOTTO_ENDING_FAULT] = {1007, "the server had a fault"},
};

// The worker with the fewest rooms.
static unsigned choose_worker(const struct sotto_signalling *signalling) {
    unsigned best = 0;
    unsigned count = sotto_media_worker_count(signalling->setup.media);
    for (unsigned worker = 1; worker < count; worker++) {
        if (signalling->worker_room_counts[worker] < signalling->worker_room_counts[best])
            best = worker;
    }
    return best;
}

static uint32_t at_most(uint64_t count) {
    return count < SOTTO_MEETING_COUNT_MAX ? (uint32_t)count : (uint32_t)SOTTO_MEETING_COUNT_MAX;
}

// The largest that the meeting may become: its tables do not grow.
static struct sotto_meeting_setup size_meeting(const struct sotto_signalling *signalling) {
    // One more: somebody who joins again is there twice for a moment.
    uint64_t people = (uint64_t)signalling->setup.participant_count_max + 1;
    uint64_t tracks = people * SOTTO_SESSION_PRODUCERS_MAX;
    uint64_t received = tracks < SOTTO_SESSION_CONSUMERS_MAX ? tracks : SOTTO_SESSION_CONSUMERS_MAX;
    return (struct sotto_meeting_setup){.peer_count_max = at_most(people),
                                        .track_up_count_max = at_most(tracks),
                                        .track_down_count_max = at_most(people * received)};
}

static void unlink_room(struct sotto_signalling *signalling, struct sotto_live_room *room) {
    *room->link = room->next;
    if (room->next)
        room->next->link = room->link;
    signalling->room_count--;
    signalling->worker_room_counts[room->worker]--;
    sotto_map_remove(&signalling->rooms, room->room_id, room);
    sotto_map_remove(&signalling->meetings, &room->meeting, room);
}

static void link_room(struct sotto_signalling *signalling, struct sotto_live_room *room) {
    room->next = signalling->first_room;
    room->link = &signalling->first_room;
    if (room->next)
        room->next->link = &room->next;
    signalling->first_room = room;
    signalling->room_count++;
    signalling->worker_room_counts[room->worker]++;
}

static bool start_room(struct sotto_signalling *signalling, struct sotto_live_room *room) {
    struct sotto_media_command command = {.type = SOTTO_MEDIA_ADD_MEETING,
                                          .id = room->meeting,
                                          .meeting = size_meeting(signalling)};
    return sotto_map_set(&signalling->rooms, room->room_id, room) &&
           sotto_map_set(&signalling->meetings, &room->meeting, room) &&
           sotto_media_post(signalling->setup.media, room->worker, &command);
}

struct sotto_live_room *sotto_signalling_open_room(struct sotto_signalling *signalling,
                                                   const struct sotto_room *stored) {
    struct sotto_live_room *room = sotto_map_find(&signalling->rooms, stored->room_id);
    if (room)
        return room;
    room = calloc(1, sizeof *room);
    if (!room)
        return NULL;
    memcpy(room->room_id, stored->room_id, sizeof room->room_id);
    room->policy = stored->policy;
    room->meeting = ++signalling->last_id;
    room->worker = choose_worker(signalling);
    link_room(signalling, room);
    if (!start_room(signalling, room)) {
        unlink_room(signalling, room);
        free(room);
        return NULL;
    }
    SOTTO_LOG(SOTTO_LOG_INFO, "room_opened", SOTTO_LOG_ID("room", room->room_id),
              SOTTO_LOG_NUMBER("worker", room->worker));
    return room;
}

static void close_room(struct sotto_signalling *signalling, struct sotto_live_room *room) {
    struct sotto_media_command command = {.type = SOTTO_MEDIA_REMOVE_MEETING, .id = room->meeting};
    unlink_room(signalling, room);
    // Without memory for the command the meeting stays there, empty.
    (void)sotto_media_post(signalling->setup.media, room->worker, &command);
    SOTTO_LOG(SOTTO_LOG_INFO, "room_closed", SOTTO_LOG_ID("room", room->room_id));
    free(room);
}

void sotto_signalling_close_room_if_empty(struct sotto_signalling *signalling,
                                          struct sotto_live_room *room) {
    if (!room->sessions)
        close_room(signalling, room);
}

void sotto_signalling_enter_session(struct sotto_signalling *signalling,
                                    struct sotto_session *session) {
    struct sotto_live_room *room = session->room;
    session->next = room->sessions;
    session->link = &room->sessions;
    if (session->next)
        session->next->link = &session->next;
    room->sessions = session;
    room->session_count++;
    signalling->session_count++;
}

static void leave_away(struct sotto_session *session) {
    if (!session->away_link)
        return;
    *session->away_link = session->next_away;
    if (session->next_away)
        session->next_away->away_link = session->away_link;
    session->next_away = NULL;
    session->away_link = NULL;
}

void sotto_signalling_set_socket(struct sotto_signalling *signalling,
                                 struct sotto_session *session, struct sotto_websocket *socket) {
    leave_away(session);
    session->socket = socket;
    if (socket) {
        sotto_websocket_set_user(socket, session);
        return;
    }
    session->away_since_ms = signalling->now_ms;
    session->next_away = signalling->first_away;
    session->away_link = &signalling->first_away;
    if (session->next_away)
        session->next_away->away_link = &session->next_away;
    signalling->first_away = session;
}

// Nobody is told here. The socket, if there is one, loses its session and is closed.
static void drop_session(struct sotto_signalling *signalling, struct sotto_session *session) {
    struct sotto_live_room *room = session->room;
    leave_away(session);
    *session->link = session->next;
    if (session->next)
        session->next->link = session->link;
    room->session_count--;
    signalling->session_count--;
    if (room->speaker == session->peer)
        room->speaker = 0;
    sotto_map_remove(&signalling->sessions, session->id, session);
    if (session->socket) {
        sotto_websocket_set_user(session->socket, NULL);
        sotto_websocket_close(session->socket, SOTTO_CLOSE_NORMAL);
    }
    sotto_session_destroy(session);
}

static void log_ending(const struct sotto_session *session, enum sotto_signalling_ending ending) {
    SOTTO_LOG(SOTTO_LOG_INFO, "participant_left", SOTTO_LOG_ID("room", session->room->room_id),
              SOTTO_LOG_ID("participant", session->participant_id),
              SOTTO_LOG_NUMBER("code", endings[ending].code));
}

static void take_out(struct sotto_signalling *signalling, struct sotto_session *session,
                     enum sotto_signalling_ending ending) {
    sotto_signalling_stop_media(signalling, session);
    sotto_session_notify_others(session->room, session, "participant-left",
                                json_pack("{ss si ss}", "participantId", session->participant_id,
                                          "code", endings[ending].code, "reason",
                                          endings[ending].reason));
    log_ending(session, ending);
    drop_session(signalling, session);
}

static void tell_removed(struct sotto_session *session, enum sotto_signalling_ending ending) {
    sotto_session_notify(session, "removed",
                         json_pack("{si ss}", "code", endings[ending].code, "reason",
                                   endings[ending].reason));
}

void sotto_signalling_end_session(struct sotto_signalling *signalling,
                                  struct sotto_session *session,
                                  enum sotto_signalling_ending ending) {
    struct sotto_live_room *room = session->room;
    take_out(signalling, session, ending);
    sotto_signalling_close_room_if_empty(signalling, room);
}

void sotto_signalling_replace_session(struct sotto_signalling *signalling,
                                      struct sotto_session *session) {
    tell_removed(session, SOTTO_ENDING_REPLACED);
    take_out(signalling, session, SOTTO_ENDING_REPLACED);
}

// With the meeting go all its tracks, so that nobody needs to hear of each of them.
void sotto_signalling_drop_room(struct sotto_signalling *signalling,
                                struct sotto_live_room *room) {
    while (room->sessions) {
        sotto_signalling_forget_media(signalling, room->sessions);
        drop_session(signalling, room->sessions);
    }
    close_room(signalling, room);
}

void sotto_signalling_end_room(struct sotto_signalling *signalling, struct sotto_live_room *room,
                               enum sotto_signalling_ending ending) {
    for (struct sotto_session *each = room->sessions; each; each = each->next) {
        tell_removed(each, ending);
        log_ending(each, ending);
    }
    sotto_signalling_drop_room(signalling, room);
}
