// Producers: what a client publishes.
#include "server/signalling_private.h"

#include "core/base64url.h"
#include "crypto/random.h"
#include "server/rtp_json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STREAM_ID_SIZE = 16, REASON_SIZE = 128 };

static json_t *describe_owner(const struct sotto_session *session,
                              const struct sotto_producer *producer) {
    return json_pack("{ss ss}", "participantId", session->participant_id, "producerId",
                     producer->id_text);
}

void sotto_signalling_remove_producer(struct sotto_signalling *signalling,
                                      struct sotto_session *session,
                                      struct sotto_producer *producer) {
    for (struct sotto_session *each = session->room->sessions; each; each = each->next)
        sotto_signalling_end_consumer(signalling, each, producer->id);
    // Without memory for the command the track stays until its publisher goes.
    (void)sotto_signalling_post_about(signalling, session, SOTTO_MEDIA_REMOVE_TRACK_UP,
                                      producer->id);
    sotto_signalling_remove_id(signalling, session, producer->id);
    sotto_session_notify_others(session->room, session, "producer-closed",
                                describe_owner(session, producer));
    json_decref(producer->encryption);
    *producer = (struct sotto_producer){0};
}

void sotto_signalling_lose_producer(struct sotto_signalling *signalling,
                                    struct sotto_session *session, uint64_t id) {
    for (size_t i = 0; i < SOTTO_SESSION_PRODUCERS_MAX; i++) {
        struct sotto_producer *producer = &session->producers[i];
        if (producer->id != id)
            continue;
        sotto_session_notify(session, "producer-closed", describe_owner(session, producer));
        sotto_signalling_remove_producer(signalling, session, producer);
    }
}

// What was read of a produce request, before anything happens.
struct produce {
    enum sotto_media_kind kind;
    const char *source;
    bool is_paused;
    json_t *encryption; // owned
    struct sotto_rtp_parameters rtp;
    struct sotto_producer_mapping mapping;
};

// One of the four names, as a literal; NULL, with the request refused, for anything else.
static const char *read_source(const struct sotto_request *request, enum sotto_media_kind kind) {
    static const struct {
        const char *name;
        enum sotto_media_kind kind;
    } sources[] = {{"microphone", SOTTO_MEDIA_AUDIO},
                   {"camera", SOTTO_MEDIA_VIDEO},
                   {"screen", SOTTO_MEDIA_VIDEO},
                   {"screenAudio", SOTTO_MEDIA_AUDIO}};
    const char *text = json_string_value(json_object_get(request->data, "source"));
    for (size_t i = 0; text && i < sizeof sources / sizeof *sources; i++) {
        if (sources[i].kind == kind && strcmp(sources[i].name, text) == 0)
            return sources[i].name;
    }
    sotto_request_refuse_parameter(request, kind == SOTTO_MEDIA_AUDIO
                                                ? "source: must be microphone or screenAudio."
                                                : "source: must be camera or screen.");
    return NULL;
}

// Of the frames. The server looks into neither.
static bool is_format(const char *format) {
    return format && (strcmp(format, "sotto") == 0 || strcmp(format, "livekit") == 0);
}

// What the sender declares of its encryption, in the one form that is passed on. False, with the
// request refused, if it is there and wrong, or has to be there.
static bool read_encryption(const struct sotto_request *request, json_t **encryption) {
    const json_t *value = json_object_get(request->data, "encryption");
    if (!value || json_is_null(value)) {
        if (request->session->room->policy != SOTTO_E2EE_REQUIRED)
            return true;
        sotto_request_refuse(request, SOTTO_ERROR_ENCRYPTION_REQUIRED,
                             "This room takes only end-to-end encrypted media.");
        return false;
    }
    const char *format = json_string_value(json_object_get(value, "format"));
    const char *stream_id = json_string_value(json_object_get(value, "streamId"));
    uint8_t bytes[STREAM_ID_SIZE];
    size_t size;
    if (!is_format(format) || !stream_id ||
        !sotto_base64url_read(stream_id, strlen(stream_id), bytes, sizeof bytes, &size) ||
        size != sizeof bytes) {
        sotto_request_refuse_parameter(
            request, "encryption: must be {format: \"sotto\" or \"livekit\", "
                     "streamId: 16 bytes in base64url}.");
        return false;
    }
    *encryption = json_pack("{ss ss}", "format", format, "streamId", stream_id);
    if (!*encryption)
        sotto_request_refuse_memory(request);
    return *encryption != NULL;
}

static bool read_paused(const struct sotto_request *request, bool *is_paused) {
    const json_t *value = json_object_get(request->data, "paused");
    *is_paused = json_is_true(value);
    if (!value || json_is_null(value) || json_is_boolean(value))
        return true;
    sotto_request_refuse_parameter(request, "paused: must be true or false.");
    return false;
}

// The media worker binds each SSRC to one track of the transport.
static bool has_ssrc(const struct sotto_session *session, uint32_t ssrc) {
    for (size_t i = 0; ssrc != 0 && i < SOTTO_SESSION_PRODUCERS_MAX; i++) {
        const struct sotto_producer *producer = &session->producers[i];
        if (producer->id != 0 && (producer->ssrc == ssrc || producer->rtx_ssrc == ssrc))
            return true;
    }
    return false;
}

// What is wrong with the parameters; NULL if nothing is.
static const char *map_parameters(const struct sotto_signalling *signalling,
                                  const struct sotto_session *session, struct produce *produce) {
    uint32_t random;
    sotto_random_fill(&random, sizeof random);
    enum sotto_negotiation result = sotto_negotiation_map_producer(
        &signalling->router, produce->kind, &produce->rtp, random, &produce->mapping);
    if (result != SOTTO_NEGOTIATION_OK)
        return sotto_negotiation_text(result);
    const struct sotto_mapped_encoding *encoding = &produce->mapping.encodings[0];
    if (encoding->ssrc == 0)
        return "the encoding has no SSRC";
    if (encoding->ssrc == encoding->rtx_ssrc || has_ssrc(session, encoding->ssrc) ||
        has_ssrc(session, encoding->rtx_ssrc))
        return "an SSRC is in use already";
    return NULL;
}

static bool read_parameters(struct sotto_signalling *signalling,
                            const struct sotto_request *request, struct produce *produce) {
    struct sotto_json_fault fault;
    if (!sotto_rtp_json_parse_kind(json_object_get(request->data, "kind"), &produce->kind,
                                   &fault) ||
        !sotto_rtp_json_parse_parameters(json_object_get(request->data, "rtpParameters"),
                                         &produce->rtp, &fault)) {
        sotto_request_refuse_parameter(request, fault.text);
        return false;
    }
    const char *wrong = map_parameters(signalling, request->session, produce);
    if (!wrong)
        return true;
    char reason[REASON_SIZE];
    snprintf(reason, sizeof reason, "rtpParameters: %s.", wrong);
    sotto_request_refuse_parameter(request, reason);
    return false;
}

// False with the request refused.
static bool read_produce(struct sotto_signalling *signalling, const struct sotto_request *request,
                         struct produce *produce) {
    if (!read_parameters(signalling, request, produce) ||
        !read_paused(request, &produce->is_paused))
        return false;
    produce->source = read_source(request, produce->kind);
    return produce->source && read_encryption(request, &produce->encryption);
}

// A free place for one more of this source; NULL, with the request refused, if there are enough.
static struct sotto_producer *find_place(const struct sotto_request *request, const char *source) {
    struct sotto_producer *place = NULL;
    unsigned count = 0;
    for (size_t i = 0; i < SOTTO_SESSION_PRODUCERS_MAX; i++) {
        struct sotto_producer *producer = &request->session->producers[i];
        if (producer->id == 0)
            place = producer;
        else
            count += producer->source == source;
    }
    if (place && count < SOTTO_SESSION_PRODUCERS_OF_SOURCE_MAX)
        return place;
    sotto_request_refuse_parameter(request, "source: has two producers; close one first.");
    return NULL;
}

static void fill_track_up(const struct produce *produce, struct sotto_track_up_setup *setup) {
    const struct sotto_rtp_codec *codec = &produce->rtp.codecs[0];
    const struct sotto_producer_mapping *mapping = &produce->mapping;
    setup->kind = produce->kind;
    setup->codec = codec->mime_type;
    setup->clock_rate_hz = codec->clock_rate_hz;
    setup->payload_type_count = mapping->codec_count;
    for (size_t i = 0; i < mapping->codec_count; i++)
        setup->payload_types[i] =
            (struct sotto_payload_type_map){mapping->codecs[i].payload_type,
                                            mapping->codecs[i].rtx_payload_type,
                                            mapping->codecs[i].mapped_payload_type};
    for (size_t i = 0; i < mapping->extension_count; i++)
        setup->extension_ids.ids[mapping->extensions[i].extension] = mapping->extensions[i].id;
    setup->ssrc = mapping->encodings[0].ssrc;
    setup->rtx_ssrc = mapping->encodings[0].rtx_ssrc;
    memcpy(setup->mid, produce->rtp.mid, sizeof setup->mid);
    memcpy(setup->rid, mapping->encodings[0].rid, sizeof setup->rid);
    setup->nack = sotto_rtp_parameters_has_feedback(codec, SOTTO_FEEDBACK_NACK);
    setup->pli = sotto_rtp_parameters_has_feedback(codec, SOTTO_FEEDBACK_NACK_PLI);
    setup->remb = sotto_rtp_parameters_has_feedback(codec, SOTTO_FEEDBACK_GOOG_REMB);
}

// Takes `produce->encryption` over.
static void fill_producer(struct sotto_signalling *signalling, struct sotto_session *session,
                          uint64_t id, struct produce *produce, struct sotto_producer *producer) {
    uint8_t random[SOTTO_CNAME_RANDOM_SIZE];
    sotto_random_fill(random, sizeof random);
    sotto_negotiation_choose_cname(&produce->rtp, random, session->cname);
    *producer = (struct sotto_producer){.id = id,
                                        .kind = produce->kind,
                                        .source = produce->source,
                                        .is_paused = produce->is_paused,
                                        .encryption = produce->encryption,
                                        .ssrc = produce->mapping.encodings[0].ssrc,
                                        .rtx_ssrc = produce->mapping.encodings[0].rtx_ssrc};
    produce->encryption = NULL;
    sotto_session_write_number(producer->id_text, id);
    sotto_negotiation_make_consumable(&signalling->router, produce->kind, &produce->rtp,
                                      &produce->mapping, session->cname, &producer->consumable);
}

// The new track's id, known to the media worker. 0 without memory.
static uint64_t add_track(struct sotto_signalling *signalling, struct sotto_session *session,
                          const struct produce *produce) {
    struct sotto_media_command command = {
        .type = SOTTO_MEDIA_ADD_TRACK_UP,
        .id = sotto_signalling_add_id(signalling, session),
        .parent = session->transports[SOTTO_TRANSPORT_FROM_CLIENT]};
    fill_track_up(produce, &command.track_up);
    if (command.id != 0 && sotto_signalling_post(signalling, session, &command) &&
        (!produce->is_paused ||
         sotto_signalling_post_about(signalling, session, SOTTO_MEDIA_PAUSE_TRACK_UP, command.id)))
        return command.id;
    sotto_signalling_remove_id(signalling, session, command.id);
    return 0;
}

static void start_producer(struct sotto_signalling *signalling, const struct sotto_request *request,
                           struct produce *produce) {
    struct sotto_session *session = request->session;
    struct sotto_producer *producer = find_place(request, produce->source);
    if (!producer)
        return;
    uint64_t id = add_track(signalling, session, produce);
    if (id == 0) {
        sotto_request_refuse_memory(request);
        return;
    }
    fill_producer(signalling, session, id, produce, producer);
    sotto_session_answer(session, request->id, json_pack("{ss}", "id", producer->id_text));
    for (struct sotto_session *each = session->room->sessions; each; each = each->next) {
        if (each == session)
            continue;
        sotto_session_notify(each, "producer-added",
                             json_pack("{ss so}", "participantId", session->participant_id,
                                       "producer", sotto_session_describe_producer(producer)));
        sotto_signalling_add_consumer(signalling, each, session, producer);
    }
}

void sotto_signalling_produce(struct sotto_signalling *signalling,
                              const struct sotto_request *request) {
    int direction = sotto_signalling_find_direction(request);
    if (direction < 0)
        return;
    if (direction != SOTTO_TRANSPORT_FROM_CLIENT) {
        sotto_request_refuse_parameter(request, "transportId: must be that of sendTransport.");
        return;
    }
    struct produce *produce = calloc(1, sizeof *produce);
    if (!produce) {
        sotto_request_refuse_memory(request);
        return;
    }
    if (read_produce(signalling, request, produce))
        start_producer(signalling, request, produce);
    json_decref(produce->encryption);
    free(produce);
}

static struct sotto_producer *read_producer(const struct sotto_request *request) {
    const char *id = sotto_request_text(request, "producerId", SOTTO_SESSION_NUMBER_SIZE - 1);
    struct sotto_producer *producer = id ? sotto_session_find_producer(request->session, id) : NULL;
    if (id && !producer)
        sotto_request_refuse_unknown(request, "producerId");
    return producer;
}

void sotto_signalling_close_producer(struct sotto_signalling *signalling,
                                     const struct sotto_request *request) {
    struct sotto_producer *producer = read_producer(request);
    if (!producer)
        return;
    sotto_signalling_remove_producer(signalling, request->session, producer);
    sotto_request_accept(request);
}

static void set_paused(struct sotto_signalling *signalling, const struct sotto_request *request,
                       bool is_paused) {
    struct sotto_session *session = request->session;
    struct sotto_producer *producer = read_producer(request);
    if (!producer)
        return;
    enum sotto_media_command_type type =
        is_paused ? SOTTO_MEDIA_PAUSE_TRACK_UP : SOTTO_MEDIA_RESUME_TRACK_UP;
    if (producer->is_paused != is_paused) {
        if (!sotto_signalling_post_about(signalling, session, type, producer->id)) {
            sotto_request_refuse_memory(request);
            return;
        }
        producer->is_paused = is_paused;
        sotto_session_notify_others(session->room, session,
                                    is_paused ? "producer-paused" : "producer-resumed",
                                    describe_owner(session, producer));
    }
    sotto_request_accept(request);
}

void sotto_signalling_pause_producer(struct sotto_signalling *signalling,
                                     const struct sotto_request *request) {
    set_paused(signalling, request, true);
}

void sotto_signalling_resume_producer(struct sotto_signalling *signalling,
                                      const struct sotto_request *request) {
    set_paused(signalling, request, false);
}
