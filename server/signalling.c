#include "server/signalling.h"

#include "crypto/random.h"
#include "server/json.h"
#include "server/limits.h"
#include "server/metrics.h"
#include "server/signalling_private.h"
#include "server/wall_clock.h"

#include <stdlib.h>
#include <string.h>

enum {
    PAYLOAD_SIZE_MAX = 16384,
    MESSAGE_TYPE_SIZE_MAX = 32,
};

bool sotto_signalling_create(struct sotto_signalling *signalling,
                             const struct sotto_signalling_setup *setup) {
    memset(signalling, 0, sizeof *signalling);
    signalling->setup = *setup;
    sotto_capabilities_init(&signalling->router);
    signalling->worker_room_counts =
        calloc(sotto_media_worker_count(setup->media), sizeof *signalling->worker_room_counts);
    uint64_t seeds[5];
    sotto_random_fill(seeds, sizeof seeds);
    sotto_rate_limit_init(&signalling->joins, setup->joins_per_network_max, SOTTO_JOINS_PERIOD_MS,
                          seeds[4]);
    if (signalling->worker_room_counts &&
        sotto_map_create(&signalling->rooms, SOTTO_ROOM_ID_SIZE, seeds[0]) &&
        sotto_map_create(&signalling->meetings, sizeof(uint64_t), seeds[1]) &&
        sotto_map_create(&signalling->sessions, SOTTO_SESSION_ID_SIZE - 1, seeds[2]) &&
        sotto_map_create(&signalling->owners, sizeof(uint64_t), seeds[3]))
        return true;
    sotto_signalling_destroy(signalling);
    return false;
}

void sotto_signalling_destroy(struct sotto_signalling *signalling) {
    while (signalling->first_room)
        sotto_signalling_drop_room(signalling, signalling->first_room);
    sotto_map_destroy(&signalling->rooms);
    sotto_map_destroy(&signalling->meetings);
    sotto_map_destroy(&signalling->sessions);
    sotto_map_destroy(&signalling->owners);
    free(signalling->worker_room_counts);
    signalling->worker_room_counts = NULL;
}

void sotto_signalling_refuse_socket(struct sotto_websocket *socket, json_int_t id,
                                    enum sotto_signalling_error error, const char *message) {
    json_t *answer = json_pack("{sI s{si ss ss}}", "id", id, "error", "code", (int)error, "name",
                               sotto_signalling_error_name(error), "message", message);
    char *text = sotto_json_write(answer);
    if (text)
        (void)sotto_websocket_send(socket, text, strlen(text));
    free(text);
    json_decref(answer);
    sotto_websocket_close(socket, SOTTO_CLOSE_NORMAL);
}

// The participant that the message is for. False, with the request refused, if it is for one who is
// not here; NULL is for everybody.
static bool read_receiver(const struct sotto_request *request, struct sotto_session **receiver) {
    const json_t *to = json_object_get(request->data, "to");
    *receiver = NULL;
    if (!to || json_is_null(to))
        return true;
    if (json_is_string(to))
        *receiver = sotto_session_find(request->session->room, json_string_value(to));
    if (!*receiver)
        sotto_request_refuse_parameter(request, "to: nobody here has this participant id.");
    return *receiver != NULL;
}

static void handle_message_request(struct sotto_signalling *signalling,
                                   const struct sotto_request *request) {
    (void)signalling;
    struct sotto_session *session = request->session;
    struct sotto_session *receiver;
    const char *type = sotto_request_text(request, "type", MESSAGE_TYPE_SIZE_MAX);
    const char *payload = type ? sotto_request_text(request, "payload", PAYLOAD_SIZE_MAX) : NULL;
    if (!payload || !read_receiver(request, &receiver))
        return;
    if (!sotto_signalling_is_printable(type)) {
        sotto_request_refuse_parameter(request, "type: must have no control characters.");
        return;
    }
    json_t *message = json_pack("{ss ss ss}", "from", session->participant_id, "type", type,
                                "payload", payload);
    if (receiver)
        sotto_session_notify(receiver, "message", message);
    else
        sotto_session_notify_others(session->room, session, "message", message);
    sotto_request_accept(request);
}

static void handle_leave(struct sotto_signalling *signalling, const struct sotto_request *request) {
    sotto_request_accept(request);
    sotto_signalling_end_session(signalling, request->session, SOTTO_ENDING_LEFT);
}

static void handle_end(struct sotto_signalling *signalling, const struct sotto_request *request) {
    struct sotto_session *session = request->session;
    if (!(session->token.permissions & SOTTO_PERMISSION_ALLOW_MOD)) {
        sotto_request_refuse(request, SOTTO_ERROR_INVALID_PERMISSIONS,
                             "The token does not allow this: it needs allow_mod.");
        return;
    }
    sotto_request_accept(request);
    sotto_signalling_end_room(signalling, session->room, SOTTO_ENDING_MEETING_ENDED);
}

// Those that others hear of never end the session, so that its costs can be booked afterwards.
static const struct method {
    const char *name;
    void (*handle)(struct sotto_signalling *signalling, const struct sotto_request *request);
    bool is_told;
} methods[] = {
    {"ready", sotto_signalling_ready, false},
    {"connect-transport", sotto_signalling_connect_transport, false},
    {"restart-ice", sotto_signalling_restart_ice, false},
    {"produce", sotto_signalling_produce, true},
    {"close-producer", sotto_signalling_close_producer, true},
    {"pause-producer", sotto_signalling_pause_producer, true},
    {"resume-producer", sotto_signalling_resume_producer, true},
    {"close-consumer", sotto_signalling_close_consumer, false},
    {"pause-consumer", sotto_signalling_pause_consumer, false},
    {"resume-consumer", sotto_signalling_resume_consumer, false},
    {"request-key-frame", sotto_signalling_request_key_frame, false},
    {"message", handle_message_request, true},
    {"leave", handle_leave, false},
    {"end", handle_end, false},
};

static void refuse_as_too_many(const struct sotto_request *request) {
    sotto_request_refuse(request, SOTTO_ERROR_TOO_MANY_REQUESTS, "Too many requests at once.");
}

static void call(struct sotto_signalling *signalling, const struct method *method,
                 const struct sotto_request *request) {
    struct sotto_session *session = request->session;
    if (!method->is_told) {
        method->handle(signalling, request);
        return;
    }
    if (!sotto_signalling_may_tell(session, signalling->now_ms)) {
        refuse_as_too_many(request);
        return;
    }
    uint64_t told_before = session->room->told_size;
    method->handle(signalling, request);
    sotto_signalling_book_told(session, session->room->told_size - told_before);
}

// `method` and `data` are what stands there, NULL if nothing does.
static void dispatch(struct sotto_signalling *signalling, struct sotto_session *session,
                     uint64_t id, const json_t *method, const json_t *data) {
    const bool has_data = data && !json_is_null(data);
    const struct sotto_request request = {session, id, has_data ? data : NULL};
    const char *name = json_string_value(method);
    if (!name) {
        sotto_request_refuse_parameter(&request, "method: must be a text.");
        return;
    }
    if (has_data && !json_is_object(data)) {
        sotto_request_refuse_parameter(&request, "data: must be an object.");
        return;
    }
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        if (strcmp(methods[i].name, name) == 0) {
            call(signalling, &methods[i], &request);
            return;
        }
    }
    sotto_request_refuse_parameter(&request, "method: is unknown.");
}

static void handle_request(struct sotto_signalling *signalling, struct sotto_session *session,
                           const json_t *message, size_t size) {
    json_int_t id = json_integer_value(json_object_get(message, "id"));
    // Each id is the one before plus one, or one of those sent again after a resume.
    if (id <= 0 || (uint64_t)id > session->last_request + 1) {
        sotto_websocket_close(session->socket, SOTTO_CLOSE_PROTOCOL_ERROR);
        return;
    }
    enum sotto_signalling_toll toll =
        sotto_signalling_take_toll(session, signalling->now_ms, size);
    if (toll == SOTTO_TOLL_FLOOD) {
        sotto_websocket_close(session->socket, SOTTO_CLOSE_POLICY);
        return;
    }
    if ((uint64_t)id <= session->last_request)
        return;
    session->last_request = (uint64_t)id;
    const struct sotto_request request = {session, (uint64_t)id, NULL};
    if (toll == SOTTO_TOLL_REFUSED)
        refuse_as_too_many(&request);
    else
        dispatch(signalling, session, (uint64_t)id, json_object_get(message, "method"),
                 json_object_get(message, "data"));
}

// Asked before anything is looked at: to read a token that is refused takes time too.
static bool may_enter(struct sotto_signalling *signalling, struct sotto_websocket *socket,
                      json_int_t id) {
    uint64_t wait_ms;
    if (sotto_rate_limit_allow(&signalling->joins, sotto_websocket_network(socket),
                               signalling->now_ms, &wait_ms))
        return true;
    sotto_metrics_add(SOTTO_METRIC_JOINS_LIMITED, 1);
    sotto_signalling_log_refusal(signalling, socket, SOTTO_ERROR_TOO_MANY_REQUESTS);
    sotto_signalling_refuse_socket(socket, id, SOTTO_ERROR_TOO_MANY_REQUESTS,
                                   "Too many joins from this network; try again later.");
    return false;
}

static void enter(struct sotto_signalling *signalling, struct sotto_websocket *socket,
                  json_int_t id, const json_t *data) {
    if (!may_enter(signalling, socket, id))
        return;
    if (id == SOTTO_JOIN_ID)
        sotto_signalling_join(signalling, socket, data);
    else
        sotto_signalling_resume(signalling, socket, data);
}

// The first message of a connection.
static void handle_first(struct sotto_signalling *signalling, struct sotto_websocket *socket,
                         const json_t *message) {
    json_int_t id = json_integer_value(json_object_get(message, "id"));
    const char *method = json_string_value(json_object_get(message, "method"));
    bool joins = method && id == SOTTO_JOIN_ID && strcmp(method, "join") == 0;
    bool resumes = method && id == SOTTO_RESUME_ID && strcmp(method, "resume") == 0;
    if (signalling->is_closing)
        sotto_websocket_close(socket, SOTTO_CLOSE_TRY_AGAIN_LATER);
    else if (joins || resumes)
        enter(signalling, socket, id, json_object_get(message, "data"));
    else
        sotto_websocket_close(socket, SOTTO_CLOSE_PROTOCOL_ERROR);
}

static void handle_open(void *context, struct sotto_websocket *socket) {
    struct sotto_signalling *signalling = context;
    sotto_websocket_set_user(socket, NULL);
    if (signalling->is_closing)
        sotto_websocket_close(socket, SOTTO_CLOSE_TRY_AGAIN_LATER);
}

static void handle_message(void *context, struct sotto_websocket *socket, const char *text,
                           size_t size) {
    struct sotto_signalling *signalling = context;
    struct sotto_session *session = sotto_websocket_user(socket);
    json_t *message = sotto_json_parse_object((struct sotto_text){text, size});
    signalling->now_ms = sotto_wall_clock_monotonic_ms();
    if (!json_is_integer(json_object_get(message, "id")))
        sotto_websocket_close(socket, SOTTO_CLOSE_PROTOCOL_ERROR);
    else if (session)
        handle_request(signalling, session, message, size);
    else
        handle_first(signalling, socket, message);
    json_decref(message);
}

static void handle_close(void *context, struct sotto_websocket *socket, unsigned code) {
    struct sotto_signalling *signalling = context;
    struct sotto_session *session = sotto_websocket_user(socket);
    if (!session)
        return;
    signalling->now_ms = sotto_wall_clock_monotonic_ms();
    sotto_signalling_set_socket(signalling, session, NULL);
    if (session->is_broken)
        sotto_signalling_end_session(signalling, session, SOTTO_ENDING_FAULT);
    else if (code == SOTTO_CLOSE_NORMAL || code == SOTTO_CLOSE_GOING_AWAY)
        sotto_signalling_end_session(signalling, session, SOTTO_ENDING_LEFT);
}

struct sotto_websocket_ops sotto_signalling_ops(struct sotto_signalling *signalling) {
    return (struct sotto_websocket_ops){.context = signalling,
                                        .handle_open = handle_open,
                                        .handle_message = handle_message,
                                        .handle_close = handle_close};
}

// Whether a client that is away will not come back.
static bool is_gone(const struct sotto_session *session, uint64_t now_ms) {
    uint64_t limit_ms =
        session->is_media_silent ? SOTTO_SESSION_SILENT_RESUME_MS : SOTTO_SESSION_RESUME_MS;
    return session->is_broken || now_ms - session->away_since_ms >= limit_ms;
}

void sotto_signalling_handle_timeout(struct sotto_signalling *signalling) {
    signalling->now_ms = sotto_wall_clock_monotonic_ms();
    struct sotto_session *next;
    for (struct sotto_session *session = signalling->first_away; session; session = next) {
        next = session->next_away;
        if (is_gone(session, signalling->now_ms))
            sotto_signalling_end_session(signalling, session,
                                         session->is_broken ? SOTTO_ENDING_FAULT
                                                            : SOTTO_ENDING_LOST);
    }
}

void sotto_signalling_shut_down(struct sotto_signalling *signalling, unsigned reconnect_after_ms) {
    signalling->is_closing = true;
    for (struct sotto_live_room *room = signalling->first_room; room; room = room->next)
        sotto_session_notify_others(
            room, NULL, "server-closing",
            json_pack("{sI}", "reconnectAfterMs", (json_int_t)reconnect_after_ms));
}
