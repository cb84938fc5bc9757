#include "server/signalling.h"

#include "core/base64url.h"
#include "core/equal.h"
#include "crypto/random.h"
#include "server/log.h"
#include "server/rtp_json.h"
#include "server/signalling_media.h"
#include "server/wall_clock.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    CLOSE_NORMAL = 1000,
    CLOSE_GOING_AWAY = 1001,
    CLOSE_PROTOCOL_ERROR = 1002,
    CLOSE_TRY_AGAIN_LATER = 1013,
    REQUESTS_PER_SECOND = 50,
    REQUESTS_AT_ONCE = 200,
    DISPLAY_NAME_SIZE_MAX = 256,
    META_DATA_SIZE_MAX = 8192,
    CHALLENGE_SIZE = 16,
    PAYLOAD_SIZE_MAX = 16384,
    MESSAGE_TYPE_SIZE_MAX = 32,
    // Kinds of tracks that one participant may publish at once, and one more while it is replaced.
    TRACKS_PER_PARTICIPANT = 5,
};

// Why somebody is no longer there, with VideoSDK's numbers.
struct ending {
    int code;
    const char *reason;
};

static const struct ending left = {1101, "left"};
static const struct ending lost = {1001, "the connection was lost"};
static const struct ending replaced = {1011, "the same participant joined again"};
static const struct ending ended = {1006, "the meeting was ended"};

void sotto_signalling_init(struct sotto_signalling *signalling,
                           const struct sotto_signalling_setup *setup) {
    memset(signalling, 0, sizeof *signalling);
    signalling->setup = *setup;
    sotto_capabilities_init(&signalling->router);
}

static struct sotto_live_room *find_room(struct sotto_signalling *signalling, const char *room_id) {
    struct sotto_live_room *room = signalling->rooms;
    while (room && strcmp(room->room_id, room_id) != 0)
        room = room->next;
    return room;
}

// The worker with the fewest rooms.
static unsigned choose_worker(const struct sotto_signalling *signalling) {
    unsigned best = 0;
    unsigned fewest = ~0u;
    for (unsigned worker = 0; worker < sotto_media_worker_count(signalling->setup.media);
         worker++) {
        unsigned count = 0;
        for (const struct sotto_live_room *room = signalling->rooms; room; room = room->next)
            count += room->worker == worker;
        if (count < fewest) {
            fewest = count;
            best = worker;
        }
    }
    return best;
}

static struct sotto_live_room *open_room(struct sotto_signalling *signalling,
                                         const struct sotto_room *stored) {
    struct sotto_live_room *room = find_room(signalling, stored->room_id);
    if (room)
        return room;
    room = calloc(1, sizeof *room);
    if (!room)
        return NULL;
    // One more: somebody who joins again is there twice for a moment.
    uint32_t people = signalling->setup.participant_count_max + 1;
    uint64_t subscriptions = (uint64_t)people * people * TRACKS_PER_PARTICIPANT;
    struct sotto_media_command command = {
        .type = SOTTO_MEDIA_ADD_MEETING,
        .id = ++signalling->last_id,
        .meeting = {.peer_count_max = people,
                    .track_up_count_max = people * TRACKS_PER_PARTICIPANT,
                    .track_down_count_max = subscriptions < SOTTO_MEETING_COUNT_MAX
                                                ? (uint32_t)subscriptions
                                                : SOTTO_MEETING_COUNT_MAX}};
    memcpy(room->room_id, stored->room_id, sizeof room->room_id);
    room->policy = stored->policy;
    room->meeting = command.id;
    room->worker = choose_worker(signalling);
    if (!sotto_media_post(signalling->setup.media, room->worker, &command)) {
        free(room);
        return NULL;
    }
    room->next = signalling->rooms;
    signalling->rooms = room;
    signalling->room_count++;
    SOTTO_LOG(SOTTO_LOG_INFO, "room_opened", SOTTO_LOG_ID("room", room->room_id),
              SOTTO_LOG_NUMBER("worker", room->worker));
    return room;
}

static void close_room(struct sotto_signalling *signalling, struct sotto_live_room *room) {
    struct sotto_live_room **link = &signalling->rooms;
    while (*link != room)
        link = &(*link)->next;
    *link = room->next;
    signalling->room_count--;
    struct sotto_media_command command = {.type = SOTTO_MEDIA_REMOVE_MEETING, .id = room->meeting};
    (void)sotto_media_post(signalling->setup.media, room->worker, &command);
    SOTTO_LOG(SOTTO_LOG_INFO, "room_closed", SOTTO_LOG_ID("room", room->room_id));
    free(room);
}

// Takes a session out of its room, and with the last one the room out of the world.
static void end_session(struct sotto_signalling *signalling, struct sotto_session *session,
                        struct ending why) {
    struct sotto_live_room *room = session->room;
    sotto_signalling_media_stop(signalling, session);
    struct sotto_session **link = &room->sessions;
    while (*link != session)
        link = &(*link)->next;
    *link = session->next;
    room->session_count--;
    signalling->session_count--;
    sotto_session_notify_others(room, NULL, "participant-left",
                                json_pack("{ss si ss}", "participantId", session->participant_id,
                                          "code", why.code, "reason", why.reason));
    if (session->socket) {
        sotto_websocket_set_user(session->socket, NULL);
        sotto_websocket_close(session->socket, CLOSE_NORMAL);
    }
    SOTTO_LOG(SOTTO_LOG_INFO, "participant_left", SOTTO_LOG_ID("room", room->room_id),
              SOTTO_LOG_ID("participant", session->participant_id),
              SOTTO_LOG_NUMBER("code", why.code));
    sotto_session_destroy(session);
    if (!room->sessions)
        close_room(signalling, room);
}

// The same for somebody who is told why.
static void remove_session(struct sotto_signalling *signalling, struct sotto_session *session,
                           struct ending why) {
    sotto_session_notify(session, "removed",
                         json_pack("{si ss}", "code", why.code, "reason", why.reason));
    end_session(signalling, session, why);
}

void sotto_signalling_destroy(struct sotto_signalling *signalling) {
    while (signalling->rooms)
        end_session(signalling, signalling->rooms->sessions, lost);
}

// An answer outside of any session: to a join or a resume that is refused.
static void refuse_socket(struct sotto_websocket *socket, json_int_t id, int code, const char *name,
                          const char *message) {
    json_t *answer = json_pack("{sI s{si ss ss}}", "id", id, "error", "code", code, "name", name,
                               "message", message);
    char *text = answer ? json_dumps(answer, JSON_COMPACT) : NULL;
    if (text)
        (void)sotto_websocket_send(socket, text, strlen(text));
    free(text);
    json_decref(answer);
    sotto_websocket_close(socket, CLOSE_NORMAL);
}

// What was read of a join, before anything happens.
struct join {
    struct sotto_token token;
    struct sotto_room room;
    const char *participant_id;
    enum sotto_session_mode mode;
    json_t *public_info; // owned
};

struct refusal {
    int code;
    const char *name;
    const char *message;
};

static const char *token_error_name(enum sotto_token_result result) {
    switch (result) {
    case SOTTO_TOKEN_API_KEY: return "INVALID_API_KEY";
    case SOTTO_TOKEN_PERMISSIONS: return "INVALID_PERMISSIONS";
    case SOTTO_TOKEN_MEETING: return "UNAUTHORIZED_MEETING_ID";
    case SOTTO_TOKEN_PARTICIPANT: return "UNAUTHORIZED_PARTCIPANT_ID";
    case SOTTO_TOKEN_ROLE: return "UNAUTHORIZED_ROLE";
    default: return "INVALID_TOKEN";
    }
}

static struct refusal refuse_token(enum sotto_token_result result) {
    return (struct refusal){(int)sotto_token_result_code(result), token_error_name(result),
                            sotto_token_result_text(result)};
}

static struct refusal refuse_field(const char *message) {
    return (struct refusal){3073, "INVALID_PARAMETER", message};
}

// Reads mode, name and what else is shown to others. False if a field is wrong.
static bool read_public_info(const json_t *data, struct join *join, const char **wrong) {
    static const char *const modes[] = {"SEND_AND_RECV", "RECV_ONLY", "SIGNALLING_ONLY"};
    const char *mode = json_string_value(json_object_get(data, "mode"));
    const json_t *name = json_object_get(data, "displayName");
    const json_t *meta_data = json_object_get(data, "metaData");
    const char *challenge = json_string_value(json_object_get(data, "challenge"));
    const char *policy =
        json_string_value(json_object_get(json_object_get(data, "e2ee"), "policy"));
    enum sotto_e2ee_policy parsed_policy;
    uint8_t bytes[CHALLENGE_SIZE];
    size_t size;
    unsigned number = 0;
    while (mode && number < 3 && strcmp(mode, modes[number]) != 0)
        number++;
    *wrong = NULL;
    if (number == 3)
        *wrong = "mode: must be SEND_AND_RECV, RECV_ONLY or SIGNALLING_ONLY.";
    else if (json_string_length(name) > DISPLAY_NAME_SIZE_MAX || (name && !json_is_string(name)))
        *wrong = "displayName: must be a text of up to 256 bytes.";
    else if (meta_data && (!json_is_object(meta_data) ||
                           json_dumpb(meta_data, NULL, 0, JSON_COMPACT) > META_DATA_SIZE_MAX))
        *wrong = "metaData: must be an object of up to 8 KiB.";
    else if (!challenge ||
             !sotto_base64url_read(challenge, strlen(challenge), bytes, sizeof bytes, &size) ||
             size != sizeof bytes)
        *wrong = "challenge: must be 16 bytes in base64url.";
    else if (policy && !sotto_e2ee_policy_parse(&parsed_policy, policy))
        *wrong = "e2ee.policy: must be required, preferred or off.";
    if (*wrong)
        return false;
    join->mode = (enum sotto_session_mode)number;
    join->public_info =
        json_pack("{ss sO* ss sO* ss s{ss}}", "participantId", join->participant_id, "displayName",
                  name, "mode", modes[number], "metaData", meta_data, "challenge", challenge,
                  "e2ee", "policy", policy ? policy : "off");
    return join->public_info != NULL;
}

// False with the reason; nothing has happened then.
static bool read_join(struct sotto_signalling *signalling, const json_t *data, struct join *join,
                      struct refusal *refusal) {
    const char *token = json_string_value(json_object_get(data, "token"));
    const char *room_id = json_string_value(json_object_get(data, "roomId"));
    join->participant_id = json_string_value(json_object_get(data, "participantId"));
    int64_t now_s = (int64_t)(sotto_wall_clock_unix_ms() / 1000);
    enum sotto_token_result result = sotto_token_parse(
        &join->token, sotto_text_of(token), signalling->setup.credentials, now_s);
    if (result != SOTTO_TOKEN_OK) {
        *refusal = refuse_token(result);
        return false;
    }
    size_t id_size = json_string_length(json_object_get(data, "participantId"));
    if (id_size == 0 || id_size > SOTTO_PARTICIPANT_ID_SIZE_MAX ||
        strlen(join->participant_id) != id_size) {
        *refusal = (struct refusal){4004, "INVALID_PARTICIPANT_ID",
                                    "participantId: must be a text of 1 to 64 bytes."};
        return false;
    }
    if (!room_id || sotto_store_find_room(signalling->setup.store, room_id, &join->room) !=
                        SOTTO_STORE_OK ||
        strcmp(room_id, join->room.room_id) != 0) {
        *refusal = (struct refusal){4003, "INVALID_MEETING_ID", "There is no such room."};
        return false;
    }
    result = sotto_token_check_join(&join->token, room_id, join->participant_id, false);
    if (result != SOTTO_TOKEN_OK) {
        *refusal = refuse_token(result);
        return false;
    }
    if (join->room.disabled) {
        *refusal = (struct refusal){4052, "MEETING_ID_DISABLED", "The room was deactivated."};
        return false;
    }
    const char *wrong;
    if (read_public_info(data, join, &wrong))
        return true;
    *refusal = wrong ? refuse_field(wrong)
                     : (struct refusal){5000, "SOMETHING_WENT_WRONG", "No memory is left."};
    return false;
}

static struct sotto_session *create_session(struct sotto_signalling *signalling,
                                            struct sotto_live_room *room, const struct join *join) {
    struct sotto_session *session = calloc(1, sizeof *session);
    if (!session)
        return NULL;
    uint8_t random[(SOTTO_SESSION_ID_SIZE - 1) / 2];
    sotto_random_fill(random, sizeof random);
    for (size_t i = 0; i < sizeof random; i++)
        snprintf(session->id + 2 * i, 3, "%02x", random[i]);
    sotto_random_fill(session->secret, sizeof session->secret);
    memcpy(session->participant_id, join->participant_id, strlen(join->participant_id) + 1);
    session->room = room;
    session->token = join->token;
    session->mode = join->mode;
    session->public_info = json_incref(join->public_info);
    session->request_credit = REQUESTS_AT_ONCE;
    session->credit_at_ms = signalling->now_ms;
    session->next = room->sessions;
    room->sessions = session;
    room->session_count++;
    signalling->session_count++;
    return session;
}

static json_t *describe_room(struct sotto_signalling *signalling, struct sotto_session *session) {
    struct sotto_live_room *room = session->room;
    char secret[SOTTO_BASE64URL_SIZE(SOTTO_SESSION_SECRET_SIZE) + 1];
    bool is_written = sotto_base64url_write(session->secret, sizeof session->secret, secret,
                                            sizeof secret);
    assert(is_written);
    json_t *participants = json_array();
    for (struct sotto_session *each = room->sessions; each; each = each->next) {
        if (each != session)
            json_array_append_new(participants, sotto_session_describe(each));
    }
    struct sotto_session *speaker =
        room->speaker != 0 ? sotto_session_find_peer(room, room->speaker) : NULL;
    return json_pack("{ss ss ss ss s{ss si} so so ss*}", "roomId", room->room_id, "participantId",
                     session->participant_id, "sessionId", session->id, "e2ee",
                     sotto_e2ee_policy_text(room->policy), "resume", "token", secret, "timeoutMs",
                     SOTTO_SESSION_RESUME_MS, "routerRtpCapabilities",
                     sotto_rtp_json_write_capabilities(&signalling->router.rtp), "participants",
                     participants, "activeSpeaker", speaker ? speaker->participant_id : NULL);
}

static void start_session(struct sotto_signalling *signalling, struct sotto_websocket *socket,
                          struct sotto_session *session) {
    session->socket = socket;
    session->last_request = 1;
    sotto_websocket_set_user(socket, session);
    sotto_websocket_admit(socket);
    json_t *answer = describe_room(signalling, session);
    if (answer && !sotto_signalling_media_start(signalling, session, answer)) {
        json_decref(answer);
        answer = NULL;
    }
    sotto_session_answer(session, 1, answer);
    sotto_session_notify_others(session->room, session, "participant-joined",
                                sotto_session_describe(session));
    SOTTO_LOG(SOTTO_LOG_INFO, "participant_joined", SOTTO_LOG_ID("room", session->room->room_id),
              SOTTO_LOG_ID("participant", session->participant_id));
}

static void handle_join(struct sotto_signalling *signalling, struct sotto_websocket *socket,
                        const json_t *data) {
    struct join join = {0};
    struct refusal refusal;
    if (!read_join(signalling, data, &join, &refusal)) {
        refuse_socket(socket, 1, refusal.code, refusal.name, refusal.message);
        SOTTO_LOG(SOTTO_LOG_INFO, "join_refused", SOTTO_LOG_NUMBER("code", refusal.code),
                  SOTTO_LOG_ADDRESS(sotto_websocket_address(socket)));
        json_decref(join.public_info);
        return;
    }
    struct sotto_live_room *room = open_room(signalling, &join.room);
    struct sotto_session *older = room ? sotto_session_find(room, join.participant_id) : NULL;
    unsigned others = room ? room->session_count - (older != NULL) : 0;
    struct sotto_session *session = NULL;
    if (others >= signalling->setup.participant_count_max)
        refuse_socket(socket, 1, 4009, "MAX_PARTCIPANT_REACHED", "The room is full.");
    else if (!room || !(session = create_session(signalling, room, &join)))
        refuse_socket(socket, 1, 5000, "SOMETHING_WENT_WRONG", "No memory is left.");
    else if (older)
        remove_session(signalling, older, replaced);
    if (session)
        start_session(signalling, socket, session);
    else if (room && !room->sessions)
        close_room(signalling, room);
    json_decref(join.public_info);
}

static struct sotto_session *find_session(struct sotto_signalling *signalling, const char *id) {
    for (struct sotto_live_room *room = signalling->rooms; room; room = room->next) {
        for (struct sotto_session *each = room->sessions; each; each = each->next) {
            if (strcmp(each->id, id) == 0)
                return each;
        }
    }
    return NULL;
}

static bool is_secret(const struct sotto_session *session, const char *text) {
    uint8_t bytes[SOTTO_SESSION_SECRET_SIZE];
    size_t size;
    return sotto_base64url_read(text, strlen(text), bytes, sizeof bytes, &size) &&
           size == sizeof bytes && sotto_equal(bytes, session->secret, sizeof bytes);
}

static void handle_resume(struct sotto_signalling *signalling, struct sotto_websocket *socket,
                          const json_t *data) {
    const char *id = json_string_value(json_object_get(data, "sessionId"));
    const char *token = json_string_value(json_object_get(data, "token"));
    const json_t *seq = json_object_get(data, "seq");
    struct sotto_session *session = id ? find_session(signalling, id) : NULL;
    if (!session || !token || !is_secret(session, token) || !json_is_integer(seq) ||
        json_integer_value(seq) < 0 ||
        !sotto_outbox_can_resume(&session->outbox, (uint64_t)json_integer_value(seq))) {
        refuse_socket(socket, 0, 4040, "SESSION_ENDED", "There is nothing to resume; join again.");
        return;
    }
    if (session->socket) {
        sotto_websocket_set_user(session->socket, NULL);
        sotto_websocket_close(session->socket, CLOSE_NORMAL);
    }
    session->socket = socket;
    session->away_since_ms = 0;
    sotto_websocket_set_user(socket, session);
    sotto_websocket_admit(socket);
    char answer[96];
    int size = snprintf(answer, sizeof answer, "{\"id\":0,\"data\":{\"lastId\":%llu}}",
                        (unsigned long long)session->last_request);
    (void)sotto_websocket_send(socket, answer, (size_t)size);
    for (uint64_t next = (uint64_t)json_integer_value(seq) + 1; next <= session->outbox.last_seq;
         next++) {
        const struct sotto_outbox_message *message = sotto_outbox_get(&session->outbox, next);
        (void)sotto_websocket_send(socket, message->text, message->size);
    }
    SOTTO_LOG(SOTTO_LOG_INFO, "session_resumed", SOTTO_LOG_ID("room", session->room->room_id),
              SOTTO_LOG_ID("participant", session->participant_id));
}

static void handle_message_request(struct sotto_signalling *signalling,
                                   const struct sotto_request *request) {
    (void)signalling;
    struct sotto_session *session = request->session;
    const char *type = sotto_request_text(request, "type", MESSAGE_TYPE_SIZE_MAX);
    const char *payload = type ? sotto_request_text(request, "payload", PAYLOAD_SIZE_MAX) : NULL;
    const json_t *to = json_object_get(request->data, "to");
    if (!payload)
        return;
    struct sotto_session *receiver =
        json_is_string(to) ? sotto_session_find(session->room, json_string_value(to)) : NULL;
    if (to && !json_is_null(to) && !receiver) {
        sotto_request_refuse_parameter(request, "to: nobody here has this participant id.");
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
    end_session(signalling, request->session, left);
}

static void handle_end(struct sotto_signalling *signalling, const struct sotto_request *request) {
    struct sotto_live_room *room = request->session->room;
    if (!(request->session->token.permissions & SOTTO_PERMISSION_ALLOW_MOD)) {
        sotto_session_refuse(request->session, request->id, 4008, "INVALID_PERMISSIONS",
                             "The token does not allow this: it needs allow_mod.");
        return;
    }
    sotto_request_accept(request);
    // The last one takes the room along.
    for (unsigned count = room->session_count; count > 0; count--)
        remove_session(signalling, room->sessions, ended);
}

static const struct {
    const char *name;
    void (*handle)(struct sotto_signalling *signalling, const struct sotto_request *request);
} methods[] = {
    {"ready", sotto_signalling_ready},
    {"connect-transport", sotto_signalling_connect_transport},
    {"restart-ice", sotto_signalling_restart_ice},
    {"produce", sotto_signalling_produce},
    {"close-producer", sotto_signalling_close_producer},
    {"pause-producer", sotto_signalling_pause_producer},
    {"resume-producer", sotto_signalling_resume_producer},
    {"close-consumer", sotto_signalling_close_consumer},
    {"pause-consumer", sotto_signalling_pause_consumer},
    {"resume-consumer", sotto_signalling_resume_consumer},
    {"request-key-frame", sotto_signalling_request_key_frame},
    {"message", handle_message_request},
    {"leave", handle_leave},
    {"end", handle_end},
};

// A token bucket: requests may come at once, refilled evenly.
static bool take_credit(struct sotto_session *session, uint64_t now_ms) {
    uint64_t refill = (now_ms - session->credit_at_ms) * REQUESTS_PER_SECOND / 1000;
    if (refill > 0) {
        uint64_t credit = session->request_credit + refill;
        session->request_credit =
            credit > REQUESTS_AT_ONCE ? REQUESTS_AT_ONCE : (uint32_t)credit;
        session->credit_at_ms = now_ms;
    }
    if (session->request_credit == 0)
        return false;
    session->request_credit--;
    return true;
}

static void handle_request(struct sotto_signalling *signalling, struct sotto_session *session,
                           uint64_t id, const char *method, const json_t *data) {
    struct sotto_request request = {session, id, data};
    if (id <= session->last_request)
        return; // sent again after a resume
    session->last_request = id;
    if (!take_credit(session, signalling->now_ms)) {
        sotto_session_refuse(session, id, 4290, "TOO_MANY_REQUESTS", "Too many requests at once.");
        return;
    }
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        if (strcmp(methods[i].name, method) == 0) {
            methods[i].handle(signalling, &request);
            return;
        }
    }
    sotto_request_refuse_parameter(&request, "method: is unknown.");
}

static void handle_open(void *context, struct sotto_websocket *socket) {
    struct sotto_signalling *signalling = context;
    sotto_websocket_set_user(socket, NULL);
    if (signalling->is_closing)
        sotto_websocket_close(socket, CLOSE_TRY_AGAIN_LATER);
}

// The first message of a connection.
static void handle_first(struct sotto_signalling *signalling, struct sotto_websocket *socket,
                         json_int_t id, const char *method, const json_t *data) {
    if (signalling->is_closing)
        sotto_websocket_close(socket, CLOSE_TRY_AGAIN_LATER);
    else if (id == 1 && strcmp(method, "join") == 0)
        handle_join(signalling, socket, data);
    else if (id == 0 && strcmp(method, "resume") == 0)
        handle_resume(signalling, socket, data);
    else
        sotto_websocket_close(socket, CLOSE_PROTOCOL_ERROR);
}

static void handle_message(void *context, struct sotto_websocket *socket, const char *text,
                           size_t size) {
    struct sotto_signalling *signalling = context;
    struct sotto_session *session = sotto_websocket_user(socket);
    json_t *message = json_loadb(text, size, JSON_REJECT_DUPLICATES, NULL);
    const json_t *id = json_object_get(message, "id");
    const char *method = json_string_value(json_object_get(message, "method"));
    const json_t *data = json_object_get(message, "data");
    json_int_t number = json_integer_value(id);
    signalling->now_ms = sotto_wall_clock_monotonic_ms();
    // Each id is the one before plus one, or one of those sent again.
    bool is_in_order =
        !session || (number > 0 && (uint64_t)number <= session->last_request + 1);
    if (!json_is_integer(id) || !method || (data && !json_is_object(data)) || !is_in_order)
        sotto_websocket_close(socket, CLOSE_PROTOCOL_ERROR);
    else if (session)
        handle_request(signalling, session, (uint64_t)number, method, data);
    else
        handle_first(signalling, socket, number, method, data);
    json_decref(message);
}

static void handle_close(void *context, struct sotto_websocket *socket, unsigned code) {
    struct sotto_signalling *signalling = context;
    struct sotto_session *session = sotto_websocket_user(socket);
    if (!session || session->socket != socket)
        return;
    signalling->now_ms = sotto_wall_clock_monotonic_ms();
    session->socket = NULL;
    session->away_since_ms = signalling->now_ms;
    if (code == CLOSE_NORMAL || code == CLOSE_GOING_AWAY)
        end_session(signalling, session, left);
}

struct sotto_websocket_ops sotto_signalling_ops(struct sotto_signalling *signalling) {
    return (struct sotto_websocket_ops){.context = signalling,
                                        .handle_open = handle_open,
                                        .handle_message = handle_message,
                                        .handle_close = handle_close};
}

static void handle_transport_state(struct sotto_signalling *signalling,
                                   const struct sotto_media_event *event) {
    static const char *const states[] = {[SOTTO_TRANSPORT_CONNECTED] = "connected",
                                         [SOTTO_TRANSPORT_DISCONNECTED] = "disconnected",
                                         [SOTTO_TRANSPORT_FAILED] = "failed"};
    for (struct sotto_live_room *room = signalling->rooms; room; room = room->next) {
        struct sotto_session *session = sotto_session_find_peer(room, event->peer);
        if (!session || !states[event->state])
            continue;
        char id[24];
        snprintf(id, sizeof id, "%llu", (unsigned long long)event->id);
        sotto_session_notify(
            session, "transport-state",
            json_pack("{ss ss}", "transportId", id, "state", states[event->state]));
        if (event->failure != SOTTO_DTLS_FAILURE_NONE)
            SOTTO_LOG(SOTTO_LOG_WARN, "dtls_failed",
                      SOTTO_LOG_ID("participant", session->participant_id),
                      SOTTO_LOG_REASON(sotto_dtls_failure_text(event->failure)));
    }
}

static void handle_silence(struct sotto_signalling *signalling, uint64_t peer, bool is_silent) {
    for (struct sotto_live_room *room = signalling->rooms; room; room = room->next) {
        struct sotto_session *session = sotto_session_find_peer(room, peer);
        if (session)
            session->is_media_silent = is_silent;
    }
}

static void handle_speaker(struct sotto_signalling *signalling,
                           const struct sotto_media_event *event) {
    for (struct sotto_live_room *room = signalling->rooms; room; room = room->next) {
        if (room->meeting != event->id)
            continue;
        struct sotto_session *session =
            event->peer != 0 ? sotto_session_find_peer(room, event->peer) : NULL;
        room->speaker = session ? event->peer : 0;
        sotto_session_notify_others(
            room, NULL, "active-speaker",
            json_pack("{ss*}", "participantId", session ? session->participant_id : NULL));
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
        case SOTTO_MEDIA_COMMAND_REFUSED:
            SOTTO_LOG(SOTTO_LOG_ERROR, "media_command_refused",
                      SOTTO_LOG_NUMBER("command", event->command));
            break;
        }
        free(event);
    }
}

// Whether a client that is away will not come back.
static bool is_gone(const struct sotto_session *session, uint64_t now_ms) {
    return !session->socket && (session->is_media_silent ||
                                now_ms - session->away_since_ms >= SOTTO_SESSION_RESUME_MS);
}

static struct sotto_session *find_gone(struct sotto_signalling *signalling) {
    for (struct sotto_live_room *room = signalling->rooms; room; room = room->next) {
        for (struct sotto_session *each = room->sessions; each; each = each->next) {
            if (is_gone(each, signalling->now_ms))
                return each;
        }
    }
    return NULL;
}

void sotto_signalling_handle_timeout(struct sotto_signalling *signalling) {
    struct sotto_session *gone;
    signalling->now_ms = sotto_wall_clock_monotonic_ms();
    while ((gone = find_gone(signalling)))
        end_session(signalling, gone, lost);
}

void sotto_signalling_shut_down(struct sotto_signalling *signalling, unsigned reconnect_after_ms) {
    signalling->is_closing = true;
    for (struct sotto_live_room *room = signalling->rooms; room; room = room->next)
        sotto_session_notify_others(
            room, NULL, "server-closing",
            json_pack("{si}", "reconnectAfterMs", (int)reconnect_after_ms));
}
