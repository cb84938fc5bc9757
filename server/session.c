#include "server/session.h"

#include "core/wipe.h"
#include "server/rtp_json.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CLOSE_INTERNAL_ERROR = 1011 };

void sotto_session_break(struct sotto_session *session) {
    session->is_broken = true;
    if (session->socket)
        sotto_websocket_close(session->socket, CLOSE_INTERNAL_ERROR);
}

static void send_message(struct sotto_session *session, json_t *message) {
    const struct sotto_outbox_message *text =
        message ? sotto_outbox_add(&session->outbox, message) : NULL;
    json_decref(message);
    if (!text) {
        sotto_session_break(session);
        return;
    }
    session->room->told_size += text->size;
    // A socket whose queue is full ends by itself, and the outbox keeps the message.
    if (session->socket)
        (void)sotto_websocket_send(session->socket, text->text, text->size);
}

void sotto_session_answer(struct sotto_session *session, uint64_t request, json_t *data) {
    send_message(session, json_pack("{sI so}", "id", (json_int_t)request, "data", data));
}

void sotto_session_refuse(struct sotto_session *session, uint64_t request,
                          enum sotto_signalling_error error, const char *message) {
    send_message(session, json_pack("{sI s{si ss ss}}", "id", (json_int_t)request, "error", "code",
                                    (int)error, "name", sotto_signalling_error_name(error),
                                    "message", message));
}

void sotto_session_notify(struct sotto_session *session, const char *event, json_t *data) {
    send_message(session, json_pack("{ss so}", "event", event, "data", data));
}

void sotto_session_notify_others(struct sotto_live_room *room, const struct sotto_session *except,
                                 const char *event, json_t *data) {
    for (struct sotto_session *each = room->sessions; each; each = each->next) {
        if (each != except)
            sotto_session_notify(each, event, json_incref(data));
    }
    json_decref(data);
}

struct sotto_session *sotto_session_find(struct sotto_live_room *room, const char *participant_id) {
    struct sotto_session *session = room->sessions;
    while (session && strcmp(session->participant_id, participant_id) != 0)
        session = session->next;
    return session;
}

struct sotto_producer *sotto_session_find_producer(struct sotto_session *session,
                                                   const char *id_text) {
    for (size_t i = 0; i < SOTTO_SESSION_PRODUCERS_MAX; i++) {
        if (session->producers[i].id != 0 && strcmp(session->producers[i].id_text, id_text) == 0)
            return &session->producers[i];
    }
    return NULL;
}

struct sotto_consumer *sotto_session_find_consumer(struct sotto_session *session,
                                                   const char *id_text) {
    struct sotto_consumer *consumer = session->consumers;
    while (consumer && strcmp(consumer->id_text, id_text) != 0)
        consumer = consumer->next;
    return consumer;
}

json_t *sotto_session_describe_producer(const struct sotto_producer *producer) {
    return json_pack("{ss ss ss sb sO*}", "producerId", producer->id_text, "kind",
                     sotto_rtp_json_kind_text(producer->kind), "source", producer->source,
                     "paused", producer->is_paused, "encryption", producer->encryption);
}

static json_t *describe_producers(const struct sotto_session *session) {
    json_t *producers = json_array();
    for (size_t i = 0; i < SOTTO_SESSION_PRODUCERS_MAX; i++) {
        const struct sotto_producer *producer = &session->producers[i];
        if (producer->id == 0 ||
            json_array_append_new(producers, sotto_session_describe_producer(producer)) == 0)
            continue;
        json_decref(producers);
        return NULL;
    }
    return producers;
}

json_t *sotto_session_describe(const struct sotto_session *session) {
    json_t *participant = json_copy(session->public_info);
    if (json_object_set_new(participant, "producers", describe_producers(session)) == 0)
        return participant;
    json_decref(participant);
    return NULL;
}

void sotto_session_write_number(char text[SOTTO_SESSION_NUMBER_SIZE], uint64_t number) {
    snprintf(text, SOTTO_SESSION_NUMBER_SIZE, "%" PRIu64, number);
}

void sotto_session_destroy(struct sotto_session *session) {
    while (session->consumers) {
        struct sotto_consumer *consumer = session->consumers;
        session->consumers = consumer->next;
        free(consumer);
    }
    for (size_t i = 0; i < SOTTO_SESSION_PRODUCERS_MAX; i++)
        json_decref(session->producers[i].encryption);
    json_decref(session->public_info);
    sotto_outbox_clear(&session->outbox);
    sotto_wipe(session, sizeof *session);
    free(session);
}
