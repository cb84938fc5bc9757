// Joining a room: reading what the client says of itself, and the answer.
#include "server/signalling_private.h"

#include "core/assert.h"
#include "core/base64url.h"
#include "core/wipe.h"
#include "crypto/random.h"
#include "server/metrics.h"
#include "server/rtp_json.h"
#include "server/wall_clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    DISPLAY_NAME_SIZE_MAX = 256,
    META_DATA_SIZE_MAX = 8192,
    CHALLENGE_SIZE = 16,
};

static const char *const modes[SOTTO_SESSION_MODE_COUNT] = {
    [SOTTO_SESSION_SEND_AND_RECV] = "SEND_AND_RECV",
    [SOTTO_SESSION_RECV_ONLY] = "RECV_ONLY",
    [SOTTO_SESSION_SIGNALLING_ONLY] = "SIGNALLING_ONLY",
};

// What was read of a join, before anything happens. Texts are borrowed from the message.
struct join {
    struct sotto_token token;
    struct sotto_room room;
    const char *room_id;
    const char *participant_id;
    enum sotto_session_mode mode;
    const char *display_name; // NULL if absent
    const json_t *meta_data;  // NULL if absent
    const char *challenge;
    const char *policy;
    // Why it is refused, once something was wrong.
    enum sotto_signalling_error error;
    const char *reason; // NULL as long as nothing was
};

static bool fail(struct join *join, enum sotto_signalling_error error, const char *reason) {
    join->error = error;
    join->reason = reason;
    return false;
}

static bool fail_field(struct join *join, const char *reason) {
    return fail(join, SOTTO_ERROR_INVALID_PARAMETER, reason);
}

// A field that is null counts as absent.
static const json_t *find(const json_t *data, const char *name) {
    const json_t *value = json_object_get(data, name);
    return json_is_null(value) ? NULL : value;
}

static bool fail_token(struct join *join, enum sotto_token_result result) {
    // Over REST the token has another place than here.
    const char *reason = result == SOTTO_TOKEN_MISSING  ? "token: is missing."
                         : result == SOTTO_TOKEN_BEARER ? "token: must come without \"Bearer\"."
                                                        : sotto_token_result_text(result);
    sotto_metrics_add(SOTTO_METRIC_TOKENS_REFUSED, 1);
    return fail(join, (enum sotto_signalling_error)sotto_token_result_code(result), reason);
}

static bool read_token(const struct sotto_signalling *signalling, const json_t *data,
                       struct join *join) {
    int64_t now_s = (int64_t)(sotto_wall_clock_unix_ms() / 1000);
    enum sotto_token_result result =
        sotto_token_parse(&join->token, sotto_text_of(json_string_value(find(data, "token"))),
                          signalling->setup.credentials, now_s);
    return result == SOTTO_TOKEN_OK || fail_token(join, result);
}

static bool read_ids(const json_t *data, struct join *join) {
    const json_t *participant_id = find(data, "participantId");
    join->room_id = json_string_value(find(data, "roomId"));
    join->participant_id = json_string_value(participant_id);
    if (!join->room_id)
        return fail_field(join, "roomId: must be a text.");
    if (!join->participant_id)
        return fail_field(join, "participantId: must be a text.");
    size_t size = json_string_length(participant_id);
    if (size == 0 || size > SOTTO_PARTICIPANT_ID_SIZE_MAX ||
        !sotto_signalling_is_printable(join->participant_id))
        return fail(join, SOTTO_ERROR_INVALID_PARTICIPANT_ID,
                    "participantId: must have 1 to 64 bytes and no control characters.");
    return true;
}

// The token first: who may not enter a room does not learn whether it exists.
static bool find_room(const struct sotto_signalling *signalling, struct join *join) {
    enum sotto_token_result allowed =
        sotto_token_check_join(&join->token, join->room_id, join->participant_id, false);
    if (allowed != SOTTO_TOKEN_OK)
        return fail_token(join, allowed);
    enum sotto_store_result found =
        sotto_store_find_room(signalling->setup.store, join->room_id, &join->room);
    if (found == SOTTO_STORE_FAILED)
        return fail(join, SOTTO_ERROR_SOMETHING_WENT_WRONG, "The room store failed.");
    // The store also finds rooms by another id, which is no name for joining.
    if (found != SOTTO_STORE_OK || strcmp(join->room_id, join->room.room_id) != 0)
        return fail(join, SOTTO_ERROR_INVALID_MEETING_ID, "There is no such room.");
    if (join->room.disabled)
        return fail(join, SOTTO_ERROR_MEETING_ID_DISABLED, "The room was deactivated.");
    return true;
}

static bool read_mode(const json_t *data, struct join *join) {
    const json_t *value = find(data, "mode");
    const char *mode = json_string_value(value);
    join->mode = SOTTO_SESSION_SEND_AND_RECV;
    for (int i = 0; mode && i < SOTTO_SESSION_MODE_COUNT; i++) {
        if (strcmp(mode, modes[i]) == 0) {
            join->mode = (enum sotto_session_mode)i;
            return true;
        }
    }
    return !value ||
           fail_field(join, "mode: must be SEND_AND_RECV, RECV_ONLY or SIGNALLING_ONLY.");
}

static bool read_display_name(const json_t *data, struct join *join) {
    const json_t *value = find(data, "displayName");
    join->display_name = json_string_value(value);
    if (!value || (join->display_name && json_string_length(value) <= DISPLAY_NAME_SIZE_MAX &&
                   sotto_signalling_is_printable(join->display_name)))
        return true;
    return fail_field(join,
                      "displayName: must be a text of up to 256 bytes without control characters.");
}

static bool read_meta_data(const json_t *data, struct join *join) {
    join->meta_data = find(data, "metaData");
    if (!join->meta_data || (json_is_object(join->meta_data) &&
                             json_dumpb(join->meta_data, NULL, 0, JSON_COMPACT) <=
                                 META_DATA_SIZE_MAX))
        return true;
    return fail_field(join, "metaData: must be an object of up to 8 KiB.");
}

static bool read_challenge(const json_t *data, struct join *join) {
    uint8_t bytes[CHALLENGE_SIZE];
    size_t size;
    join->challenge = json_string_value(find(data, "challenge"));
    if (join->challenge && sotto_base64url_read(join->challenge, strlen(join->challenge), bytes,
                                                sizeof bytes, &size) &&
        size == sizeof bytes)
        return true;
    return fail_field(join, "challenge: must be 16 bytes in base64url.");
}

static bool read_policy(const json_t *data, struct join *join) {
    enum sotto_e2ee_policy parsed;
    const json_t *value = find(data, "e2ee");
    join->policy = value ? json_string_value(find(value, "policy")) : "off";
    if (join->policy && sotto_e2ee_policy_parse(&parsed, join->policy))
        return true;
    return fail_field(join, "e2ee.policy: must be required, preferred or off.");
}

// False with the reason; nothing has happened then.
static bool read_join(const struct sotto_signalling *signalling, const json_t *data,
                      struct join *join) {
    return read_token(signalling, data, join) && read_ids(data, join) &&
           find_room(signalling, join) && read_mode(data, join) && read_display_name(data, join) &&
           read_meta_data(data, join) && read_challenge(data, join) && read_policy(data, join);
}

static json_t *describe_self(const struct join *join) {
    return json_pack("{ss ss ss ss s{ss} sO*}", "participantId", join->participant_id,
                     "displayName", join->display_name ? join->display_name : "", "mode",
                     modes[join->mode], "challenge", join->challenge, "e2ee", "policy",
                     join->policy, "metaData", join->meta_data);
}

static struct sotto_session *create_session(const struct sotto_signalling *signalling,
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
    session->last_request = SOTTO_JOIN_ID;
    session->public_info = describe_self(join);
    sotto_signalling_init_allowances(session, signalling->now_ms);
    if (session->public_info)
        return session;
    sotto_session_destroy(session);
    return NULL;
}

static json_t *describe_others(const struct sotto_session *session) {
    json_t *participants = json_array();
    for (struct sotto_session *each = session->room->sessions; each; each = each->next) {
        if (each == session ||
            json_array_append_new(participants, sotto_session_describe(each)) == 0)
            continue;
        json_decref(participants);
        return NULL;
    }
    return participants;
}

// `transports` is consumed.
static json_t *describe_room(struct sotto_signalling *signalling, struct sotto_session *session,
                             json_t *transports) {
    struct sotto_live_room *room = session->room;
    char secret[SOTTO_BASE64URL_SIZE(SOTTO_SESSION_SECRET_SIZE) + 1];
    bool is_written = sotto_base64url_write(session->secret, sizeof session->secret, secret,
                                            sizeof secret);
    SOTTO_ASSERT(is_written);
    const struct sotto_session *speaker =
        room->speaker != 0 ? sotto_map_find(&signalling->owners, &room->speaker) : NULL;
    json_t *answer = json_pack(
        "{ss ss ss ss s{ss si} so so ss*}", "roomId", room->room_id, "participantId",
        session->participant_id, "sessionId", session->id, "e2ee",
        sotto_e2ee_policy_text(room->policy), "resume", "token", secret, "timeoutMs",
        SOTTO_SESSION_RESUME_MS, "routerRtpCapabilities",
        sotto_rtp_json_write_capabilities(&signalling->router.rtp), "participants",
        describe_others(session), "activeSpeaker", speaker ? speaker->participant_id : NULL);
    sotto_wipe(secret, sizeof secret);
    if (json_object_update(answer, transports) != 0) {
        json_decref(answer);
        answer = NULL;
    }
    json_decref(transports);
    return answer;
}

// A session that can be found by its id and whose media is announced, but that nobody in the room
// knows of. NULL without memory.
static struct sotto_session *prepare(struct sotto_signalling *signalling,
                                     struct sotto_live_room *room, const struct join *join,
                                     json_t **transports) {
    struct sotto_session *session = create_session(signalling, room, join);
    if (!session)
        return NULL;
    *transports = sotto_signalling_start_media(signalling, session);
    if (*transports && sotto_map_set(&signalling->sessions, session->id, session))
        return session;
    json_decref(*transports);
    sotto_signalling_stop_media(signalling, session);
    sotto_session_destroy(session);
    return NULL;
}

static void welcome(struct sotto_signalling *signalling, struct sotto_websocket *socket,
                    struct sotto_session *session, json_t *transports) {
    sotto_signalling_enter_session(signalling, session);
    sotto_signalling_set_socket(signalling, session, socket);
    sotto_websocket_admit(socket);
    sotto_session_answer(session, SOTTO_JOIN_ID, describe_room(signalling, session, transports));
    sotto_session_notify_others(session->room, session, "participant-joined",
                                sotto_session_describe(session));
    SOTTO_LOG(SOTTO_LOG_INFO, "participant_joined", SOTTO_LOG_ID("room", session->room->room_id),
              SOTTO_LOG_ID("participant", session->participant_id));
}

static void enter_room(struct sotto_signalling *signalling, struct sotto_websocket *socket,
                       struct sotto_live_room *room, const struct join *join) {
    struct sotto_session *older = sotto_session_find(room, join->participant_id);
    unsigned others = room->session_count - (older != NULL);
    if (others >= signalling->setup.participant_count_max) {
        sotto_signalling_refuse_socket(socket, SOTTO_JOIN_ID,
                                       SOTTO_ERROR_MAX_PARTICIPANT_REACHED, "The room is full.");
        return;
    }
    json_t *transports = NULL;
    struct sotto_session *session = prepare(signalling, room, join, &transports);
    if (!session) {
        sotto_signalling_refuse_socket(socket, SOTTO_JOIN_ID, SOTTO_ERROR_SOMETHING_WENT_WRONG,
                                       "The server is out of memory.");
        return;
    }
    // Before the new one is there: its first message is the answer.
    if (older)
        sotto_signalling_replace_session(signalling, older);
    welcome(signalling, socket, session, transports);
}

void sotto_signalling_log_refusal(struct sotto_signalling *signalling,
                                  struct sotto_websocket *socket,
                                  enum sotto_signalling_error error) {
    uint32_t suppressed;
    if (sotto_log_limit_allow(&signalling->log_limit, signalling->now_ms, &suppressed))
        SOTTO_LOG(SOTTO_LOG_INFO, "join_refused", SOTTO_LOG_NUMBER("code", error),
                  SOTTO_LOG_NUMBER("suppressed", suppressed),
                  SOTTO_LOG_ADDRESS(sotto_websocket_address(socket)));
}

void sotto_signalling_join(struct sotto_signalling *signalling, struct sotto_websocket *socket,
                           const json_t *data) {
    struct join join = {0};
    if (!read_join(signalling, data, &join)) {
        sotto_signalling_log_refusal(signalling, socket, join.error);
        sotto_signalling_refuse_socket(socket, SOTTO_JOIN_ID, join.error, join.reason);
        return;
    }
    struct sotto_live_room *room = sotto_signalling_open_room(signalling, &join.room);
    if (!room) {
        sotto_signalling_refuse_socket(socket, SOTTO_JOIN_ID, SOTTO_ERROR_SOMETHING_WENT_WRONG,
                                       "The server is out of memory.");
        return;
    }
    enter_room(signalling, socket, room, &join);
    sotto_signalling_close_room_if_empty(signalling, room);
}
