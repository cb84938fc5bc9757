// Consumers: what a client receives.
#include "server/signalling_private.h"

#include "crypto/random.h"
#include "server/rtp_json.h"

#include <stdlib.h>
#include <string.h>

static void remove_consumer(struct sotto_signalling *signalling, struct sotto_session *session,
                            struct sotto_consumer *consumer) {
    struct sotto_consumer **link = &session->consumers;
    while (*link != consumer)
        link = &(*link)->next;
    *link = consumer->next;
    session->consumer_count--;
    sotto_signalling_remove_id(signalling, session, consumer->id);
    // Without memory for the command the track stays until its source or its receiver goes.
    (void)sotto_signalling_post_about(signalling, session, SOTTO_MEDIA_REMOVE_TRACK_DOWN,
                                      consumer->id);
    free(consumer);
}

static void close_consumer(struct sotto_signalling *signalling, struct sotto_session *session,
                           struct sotto_consumer *consumer) {
    sotto_session_notify(session, "consumer-closed",
                         json_pack("{ss}", "consumerId", consumer->id_text));
    remove_consumer(signalling, session, consumer);
}

void sotto_signalling_end_consumer(struct sotto_signalling *signalling,
                                   struct sotto_session *session, uint64_t producer) {
    struct sotto_consumer *consumer = session->consumers;
    while (consumer && consumer->producer != producer)
        consumer = consumer->next;
    if (consumer)
        close_consumer(signalling, session, consumer);
}

void sotto_signalling_lose_consumer(struct sotto_signalling *signalling,
                                    struct sotto_session *session, uint64_t id) {
    struct sotto_consumer *consumer = session->consumers;
    while (consumer && consumer->id != id)
        consumer = consumer->next;
    if (consumer)
        close_consumer(signalling, session, consumer);
}

static void fill_track_down(const struct sotto_rtp_parameters *rtp,
                            struct sotto_track_down_setup *setup) {
    const struct sotto_rtp_encoding *encoding = &rtp->encodings[0];
    const struct sotto_rtp_codec *rtx =
        sotto_rtp_parameters_find_rtx(rtp->codecs, rtp->codec_count, rtp->codecs[0].payload_type);
    setup->ssrc = encoding->ssrc;
    setup->rtx_ssrc = rtx ? encoding->rtx_ssrc : 0;
    setup->rtx_payload_type = rtx ? rtx->payload_type : 0;
    sotto_random_fill(&setup->first_sequence, sizeof setup->first_sequence);
    sotto_random_fill(&setup->rtx_first_sequence, sizeof setup->rtx_first_sequence);
    sotto_random_fill(&setup->first_timestamp, sizeof setup->first_timestamp);
    for (size_t i = 0; i < rtp->extension_count; i++)
        setup->extension_ids.ids[rtp->extensions[i].extension] = rtp->extensions[i].id;
    memcpy(setup->mid, rtp->mid, sizeof setup->mid);
    memcpy(setup->cname, rtp->cname, sizeof setup->cname);
}

// The new track's id, known to the media worker. 0 without memory.
static uint64_t add_track(struct sotto_signalling *signalling, struct sotto_session *session,
                          uint64_t producer, const struct sotto_rtp_parameters *rtp) {
    struct sotto_media_command command = {.type = SOTTO_MEDIA_ADD_TRACK_DOWN,
                                          .id = sotto_signalling_add_id(signalling, session),
                                          .parent = session->transports[SOTTO_TRANSPORT_TO_CLIENT],
                                          .source = producer};
    fill_track_down(rtp, &command.track_down);
    if (command.id != 0 && sotto_signalling_post(signalling, session, &command))
        return command.id;
    sotto_signalling_remove_id(signalling, session, command.id);
    return 0;
}

static void tell_consumer(struct sotto_session *session, const struct sotto_session *from,
                          const struct sotto_producer *producer,
                          const struct sotto_consumer *consumer,
                          const struct sotto_rtp_parameters *rtp) {
    sotto_session_notify(
        session, "consumer-added",
        json_pack("{ss ss ss ss so ss sb sO*}", "consumerId", consumer->id_text, "producerId",
                  producer->id_text, "participantId", from->participant_id, "kind",
                  sotto_rtp_json_kind_text(producer->kind), "rtpParameters",
                  sotto_rtp_json_write_parameters(rtp), "source", producer->source, "paused",
                  producer->is_paused, "encryption", producer->encryption));
}

static void start_consumer(struct sotto_signalling *signalling, struct sotto_session *session,
                           const struct sotto_session *from, const struct sotto_producer *producer,
                           const struct sotto_rtp_parameters *rtp) {
    struct sotto_consumer *consumer = calloc(1, sizeof *consumer);
    uint64_t id = consumer ? add_track(signalling, session, producer->id, rtp) : 0;
    if (id == 0) {
        free(consumer);
        sotto_session_break(session);
        return;
    }
    session->mid_count++;
    session->next_ssrc = rtp->encodings[0].ssrc + 2;
    *consumer = (struct sotto_consumer){
        .id = id, .producer = producer->id, .next = session->consumers};
    session->consumers = consumer;
    session->consumer_count++;
    sotto_session_write_number(consumer->id_text, id);
    tell_consumer(session, from, producer, consumer, rtp);
}

void sotto_signalling_add_consumer(struct sotto_signalling *signalling,
                                   struct sotto_session *session,
                                   const struct sotto_session *from,
                                   const struct sotto_producer *producer) {
    if (!session->is_ready || session->transports[SOTTO_TRANSPORT_TO_CLIENT] == 0 ||
        session->consumer_count == SOTTO_SESSION_CONSUMERS_MAX)
        return;
    struct sotto_consumer_setup setup = {.device = &session->device,
                                         .mid_number = session->mid_count,
                                         .random = session->next_ssrc};
    struct sotto_rtp_parameters *rtp = malloc(sizeof *rtp);
    if (!rtp)
        sotto_session_break(session);
    else if (sotto_negotiation_make_consumer(&producer->consumable, &setup, rtp) ==
             SOTTO_NEGOTIATION_OK)
        start_consumer(signalling, session, from, producer, rtp);
    free(rtp);
}

void sotto_signalling_ready(struct sotto_signalling *signalling,
                            const struct sotto_request *request) {
    struct sotto_session *session = request->session;
    struct sotto_json_fault fault;
    if (session->is_ready) {
        sotto_request_refuse_parameter(request, "ready: was said before.");
        return;
    }
    if (!sotto_rtp_json_parse_capabilities(json_object_get(request->data, "rtpCapabilities"),
                                           &session->device, &fault)) {
        sotto_request_refuse_parameter(request, fault.text);
        return;
    }
    session->is_ready = true;
    sotto_request_accept(request);
    for (struct sotto_session *each = session->room->sessions; each; each = each->next) {
        for (size_t i = 0; each != session && i < SOTTO_SESSION_PRODUCERS_MAX; i++) {
            if (each->producers[i].id != 0)
                sotto_signalling_add_consumer(signalling, session, each, &each->producers[i]);
        }
    }
}

// A consumer may end while a request about it is on its way: such a request is accepted and does
// nothing. An id that never was one of this session's cannot be told from that, and harms nobody.
static struct sotto_consumer *read_consumer(const struct sotto_request *request) {
    const char *id = sotto_request_text(request, "consumerId", SOTTO_SESSION_NUMBER_SIZE - 1);
    struct sotto_consumer *consumer = id ? sotto_session_find_consumer(request->session, id) : NULL;
    if (id && !consumer)
        sotto_request_accept(request);
    return consumer;
}

void sotto_signalling_close_consumer(struct sotto_signalling *signalling,
                                     const struct sotto_request *request) {
    struct sotto_consumer *consumer = read_consumer(request);
    if (!consumer)
        return;
    remove_consumer(signalling, request->session, consumer);
    sotto_request_accept(request);
}

// `id` is the consumer's or its producer's, as the command wants it.
static void post_for_consumer(struct sotto_signalling *signalling,
                              const struct sotto_request *request,
                              enum sotto_media_command_type type, uint64_t id) {
    if (sotto_signalling_post_about(signalling, request->session, type, id))
        sotto_request_accept(request);
    else
        sotto_request_refuse_memory(request);
}

void sotto_signalling_pause_consumer(struct sotto_signalling *signalling,
                                     const struct sotto_request *request) {
    struct sotto_consumer *consumer = read_consumer(request);
    if (consumer)
        post_for_consumer(signalling, request, SOTTO_MEDIA_PAUSE_TRACK_DOWN, consumer->id);
}

void sotto_signalling_resume_consumer(struct sotto_signalling *signalling,
                                      const struct sotto_request *request) {
    struct sotto_consumer *consumer = read_consumer(request);
    if (consumer)
        post_for_consumer(signalling, request, SOTTO_MEDIA_RESUME_TRACK_DOWN, consumer->id);
}

void sotto_signalling_request_key_frame(struct sotto_signalling *signalling,
                                        const struct sotto_request *request) {
    struct sotto_consumer *consumer = read_consumer(request);
    if (consumer)
        post_for_consumer(signalling, request, SOTTO_MEDIA_REQUEST_KEY_FRAME, consumer->producer);
}
