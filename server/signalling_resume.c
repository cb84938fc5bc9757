// A client that comes back on a new connection (docs/signalling.md, "A lost connection").
#include "server/signalling_private.h"

#include "core/base64url.h"
#include "core/equal.h"
#include "core/wipe.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    ANSWER_SIZE = 96,
    // What one message costs in the queue of a WebSocket beside its text, at most.
    QUEUED_SIZE = 64,
};

static bool is_secret(const struct sotto_session *session, const char *text) {
    uint8_t bytes[SOTTO_SESSION_SECRET_SIZE];
    size_t size;
    bool is_equal =
        sotto_base64url_read(text, strlen(text), bytes, sizeof bytes, &size) &&
        size == sizeof bytes && sotto_equal(bytes, session->secret, sizeof bytes);
    sotto_wipe(bytes, sizeof bytes);
    return is_equal;
}

// Whether all that was missed is still there and fits into a queue that begins empty.
static bool can_send_after(const struct sotto_signalling *signalling,
                           const struct sotto_session *session, uint64_t seq) {
    if (!sotto_outbox_can_resume(&session->outbox, seq))
        return false;
    size_t size = ANSWER_SIZE + QUEUED_SIZE;
    for (uint64_t next = seq + 1; next <= session->outbox.last_seq; next++)
        size += sotto_outbox_get(&session->outbox, next)->size + QUEUED_SIZE;
    return size <= signalling->setup.send_queue_size_max;
}

// The session that the message may resume; NULL for all that is wrong, so that nobody learns what.
static struct sotto_session *find_session(struct sotto_signalling *signalling, const json_t *data,
                                          uint64_t *seq) {
    const json_t *id = json_object_get(data, "sessionId");
    const char *token = json_string_value(json_object_get(data, "token"));
    const json_t *last = json_object_get(data, "seq");
    if (json_string_length(id) != SOTTO_SESSION_ID_SIZE - 1 || !token || !json_is_integer(last) ||
        json_integer_value(last) < 0)
        return NULL;
    *seq = (uint64_t)json_integer_value(last);
    struct sotto_session *session = sotto_map_find(&signalling->sessions, json_string_value(id));
    if (session && is_secret(session, token) && !session->is_broken &&
        can_send_after(signalling, session, *seq))
        return session;
    return NULL;
}

static void send_again(struct sotto_session *session, uint64_t seq) {
    char answer[ANSWER_SIZE];
    int size = snprintf(answer, sizeof answer, "{\"id\":%d,\"data\":{\"lastId\":%" PRIu64 "}}",
                        SOTTO_RESUME_ID, session->last_request);
    (void)sotto_websocket_send(session->socket, answer, (size_t)size);
    for (uint64_t next = seq + 1; next <= session->outbox.last_seq; next++) {
        const struct sotto_outbox_message *message = sotto_outbox_get(&session->outbox, next);
        (void)sotto_websocket_send(session->socket, message->text, message->size);
    }
}

void sotto_signalling_resume(struct sotto_signalling *signalling, struct sotto_websocket *socket,
                             const json_t *data) {
    uint64_t seq;
    struct sotto_session *session = find_session(signalling, data, &seq);
    if (!session) {
        sotto_signalling_refuse_socket(socket, SOTTO_RESUME_ID, SOTTO_ERROR_SESSION_ENDED,
                                       "There is nothing to resume; join again.");
        return;
    }
    // The client may have noticed before the server that the older connection is dead.
    if (session->socket) {
        sotto_websocket_set_user(session->socket, NULL);
        sotto_websocket_close(session->socket, SOTTO_CLOSE_NORMAL);
    }
    sotto_signalling_set_socket(signalling, session, socket);
    sotto_websocket_admit(socket);
    send_again(session, seq);
    SOTTO_LOG(SOTTO_LOG_INFO, "session_resumed", SOTTO_LOG_ID("room", session->room->room_id),
              SOTTO_LOG_ID("participant", session->participant_id));
}
