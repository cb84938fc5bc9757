#include "server/signalling_media.h"

#include "core/base64url.h"
#include "core/wipe.h"
#include "crypto/random.h"
#include "proto/ice_credentials.h"
#include "server/rtp_json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    ID_TEXT_MAX = 23,
    STREAM_ID_SIZE = 16,
    // Room for the two SSRCs of each consumer below 2^32, whatever the start.
    FIRST_SSRC_MAX = 0x3fffffff,
};

static const char *const direction_fields[2] = {"sendTransport", "recvTransport"};

void sotto_request_accept(const struct sotto_request *request) {
    sotto_session_answer(request->session, request->id, json_object());
}

void sotto_request_refuse_parameter(const struct sotto_request *request, const char *reason) {
    sotto_session_refuse(request->session, request->id, 3073, "INVALID_PARAMETER", reason);
}

static void refuse_unknown(const struct sotto_request *request, const char *what) {
    char reason[96];
    snprintf(reason, sizeof reason, "%s: there is none with this id.", what);
    sotto_request_refuse_parameter(request, reason);
}

const char *sotto_request_text(const struct sotto_request *request, const char *field,
                               size_t size_max) {
    const json_t *value = json_object_get(request->data, field);
    size_t size = json_string_length(value);
    if (size > 0 && size <= size_max && strlen(json_string_value(value)) == size)
        return json_string_value(value);
    char reason[96];
    snprintf(reason, sizeof reason, "%s: must be a text of 1 to %zu bytes.", field, size_max);
    sotto_request_refuse_parameter(request, reason);
    return NULL;
}

static void post(struct sotto_signalling *signalling, const struct sotto_session *session,
                 const struct sotto_media_command *command) {
    // Without memory for a command its object never comes to be; later commands about it do
    // nothing.
    (void)sotto_media_post(signalling->setup.media, session->room->worker, command);
}

static void post_about(struct sotto_signalling *signalling, const struct sotto_session *session,
                       enum sotto_media_command_type type, uint64_t id) {
    struct sotto_media_command command = {.type = type, .id = id};
    post(signalling, session, &command);
}

static void write_id(char text[24], uint64_t id) {
    snprintf(text, 24, "%llu", (unsigned long long)id);
}

// Candidates of one worker: a host each, the first preferred.
static json_t *describe_candidates(const struct sotto_signalling *signalling, unsigned worker) {
    json_t *candidates = json_array();
    for (size_t i = 0; i < signalling->setup.host_count; i++) {
        char address[SOTTO_ADDRESS_TEXT_SIZE_MAX];
        char foundation[32];
        sotto_address_write_host(&signalling->setup.hosts[i], address, sizeof address);
        snprintf(foundation, sizeof foundation, "udp%zu", i);
        // RFC 8445 section 5.1.2.1: type preference of a host 126, then a local preference.
        json_int_t priority = (126LL << 24) | (json_int_t)(65535 - i) << 8 | 255;
        json_array_append_new(
            candidates,
            json_pack("{ss sI ss ss si ss ss}", "foundation", foundation, "priority", priority,
                      "address", address, "ip", address, "port",
                      (int)sotto_media_port(signalling->setup.media, worker), "protocol", "udp",
                      "type", "host"));
    }
    return candidates;
}

static json_t *describe_ice(const struct sotto_ice_credentials *credentials) {
    return json_pack("{ss ss sb}", "usernameFragment", credentials->ufrag, "password",
                     credentials->password, "iceLite", 1);
}

static void draw_credentials(struct sotto_ice_credentials *credentials) {
    uint8_t random[SOTTO_ICE_RANDOM_SIZE];
    sotto_random_fill(random, sizeof random);
    sotto_ice_credentials_from_random(credentials, random);
    sotto_wipe(random, sizeof random);
}

static json_t *create_transport(struct sotto_signalling *signalling, struct sotto_session *session,
                                enum sotto_transport_direction direction) {
    struct sotto_media_command command = {.type = SOTTO_MEDIA_ADD_TRANSPORT,
                                          .id = ++signalling->last_id,
                                          .parent = session->peer,
                                          .transport.direction = direction};
    draw_credentials(&command.transport.credentials);
    session->transports[direction] = command.id;
    post(signalling, session, &command);
    char id[24];
    char fingerprint[SOTTO_FINGERPRINT_TEXT_SIZE];
    write_id(id, command.id);
    sotto_certificate_write_fingerprint(signalling->setup.fingerprint, fingerprint);
    json_t *transport = json_pack(
        "{ss so so s{ss s[{ss ss}]}}", "id", id, "iceParameters",
        describe_ice(&command.transport.credentials), "iceCandidates",
        describe_candidates(signalling, session->room->worker), "dtlsParameters", "role", "auto",
        "fingerprints", "algorithm", "sha-256", "value", fingerprint);
    sotto_wipe(&command, sizeof command);
    return transport;
}

bool sotto_signalling_media_start(struct sotto_signalling *signalling,
                                  struct sotto_session *session, json_t *answer) {
    static const bool has_transport[3][2] = {
        [SOTTO_SESSION_SEND_AND_RECV] = {true, true},
        [SOTTO_SESSION_RECV_ONLY] = {false, true},
        [SOTTO_SESSION_SIGNALLING_ONLY] = {false, false},
    };
    struct sotto_media_command command = {.type = SOTTO_MEDIA_ADD_PEER,
                                          .id = session->peer = ++signalling->last_id,
                                          .parent = session->room->meeting,
                                          .peer.reduced_size = true};
    sotto_random_fill(&command.peer.rtcp_ssrc, sizeof command.peer.rtcp_ssrc);
    memcpy(command.peer.cname, session->id, sizeof session->id);
    post(signalling, session, &command);
    sotto_random_fill(&session->next_ssrc, sizeof session->next_ssrc);
    session->next_ssrc &= FIRST_SSRC_MAX;
    for (int direction = 0; direction < 2; direction++) {
        if (!has_transport[session->mode][direction])
            continue;
        json_t *transport =
            create_transport(signalling, session, (enum sotto_transport_direction)direction);
        if (json_object_set_new(answer, direction_fields[direction], transport) != 0)
            return false;
    }
    return true;
}

static void remove_consumer(struct sotto_signalling *signalling, struct sotto_session *session,
                            struct sotto_consumer *consumer) {
    struct sotto_consumer **link = &session->consumers;
    while (*link != consumer)
        link = &(*link)->next;
    *link = consumer->next;
    post_about(signalling, session, SOTTO_MEDIA_REMOVE_TRACK_DOWN, consumer->id);
    free(consumer);
}

static struct sotto_consumer *find_consumer_of(struct sotto_session *session, uint64_t producer) {
    struct sotto_consumer *consumer = session->consumers;
    while (consumer && consumer->producer != producer)
        consumer = consumer->next;
    return consumer;
}

static json_t *describe_owner(const struct sotto_session *session,
                              const struct sotto_producer *producer) {
    return json_pack("{ss ss}", "participantId", session->participant_id, "producerId",
                     producer->id_text);
}

// Everybody loses the consumer, then the producer.
static void remove_producer(struct sotto_signalling *signalling, struct sotto_session *session,
                            struct sotto_producer *producer) {
    for (struct sotto_session *each = session->room->sessions; each; each = each->next) {
        struct sotto_consumer *consumer = find_consumer_of(each, producer->id);
        if (!consumer)
            continue;
        sotto_session_notify(each, "consumer-closed",
                             json_pack("{ss}", "consumerId", consumer->id_text));
        remove_consumer(signalling, each, consumer);
    }
    post_about(signalling, session, SOTTO_MEDIA_REMOVE_TRACK_UP, producer->id);
    sotto_session_notify_others(session->room, session, "producer-closed",
                                describe_owner(session, producer));
    json_decref(producer->encryption);
    *producer = (struct sotto_producer){0};
}

void sotto_signalling_media_stop(struct sotto_signalling *signalling,
                                 struct sotto_session *session) {
    for (size_t i = 0; i < SOTTO_SESSION_PRODUCERS_MAX; i++) {
        if (session->producers[i].id != 0)
            remove_producer(signalling, session, &session->producers[i]);
    }
    while (session->consumers)
        remove_consumer(signalling, session, session->consumers);
    post_about(signalling, session, SOTTO_MEDIA_REMOVE_PEER, session->peer);
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

// Subscribes a session to a producer of another one, if its device can take it.
static void add_consumer(struct sotto_signalling *signalling, struct sotto_session *session,
                         struct sotto_session *from, struct sotto_producer *producer) {
    if (!session->is_ready || session->transports[SOTTO_TRANSPORT_TO_CLIENT] == 0)
        return;
    struct sotto_consumer_setup setup = {.device = &session->device,
                                         .mid_number = session->mid_count,
                                         .random = session->next_ssrc};
    struct sotto_rtp_parameters *rtp = malloc(sizeof *rtp);
    struct sotto_consumer *consumer = calloc(1, sizeof *consumer);
    if (!rtp || !consumer ||
        sotto_negotiation_make_consumer(&producer->consumable, &setup, rtp) !=
            SOTTO_NEGOTIATION_OK) {
        free(rtp);
        free(consumer);
        return;
    }
    session->mid_count++;
    session->next_ssrc = rtp->encodings[0].ssrc + 2;
    *consumer = (struct sotto_consumer){.id = ++signalling->last_id,
                                        .from = from,
                                        .producer = producer->id,
                                        .next = session->consumers};
    session->consumers = consumer;
    write_id(consumer->id_text, consumer->id);
    struct sotto_media_command command = {.type = SOTTO_MEDIA_ADD_TRACK_DOWN,
                                          .id = consumer->id,
                                          .parent = session->transports[SOTTO_TRANSPORT_TO_CLIENT],
                                          .source = producer->id};
    fill_track_down(rtp, &command.track_down);
    post(signalling, session, &command);
    sotto_session_notify(
        session, "consumer-added",
        json_pack("{ss ss ss ss so ss sb sO*}", "consumerId", consumer->id_text, "producerId",
                  producer->id_text, "participantId", from->participant_id, "kind",
                  sotto_rtp_json_kind_text(producer->kind), "rtpParameters",
                  sotto_rtp_json_write_parameters(rtp), "source", producer->source, "paused",
                  producer->is_paused, "encryption", producer->encryption));
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
                add_consumer(signalling, session, each, &each->producers[i]);
        }
    }
}

// The direction of the transport that the request names; -1, with the request refused, if it is
// none.
static int find_direction(const struct sotto_request *request) {
    const char *text = sotto_request_text(request, "transportId", ID_TEXT_MAX);
    for (int direction = 0; text && direction < 2; direction++) {
        char id[24];
        write_id(id, request->session->transports[direction]);
        if (request->session->transports[direction] != 0 && strcmp(id, text) == 0)
            return direction;
    }
    if (text)
        refuse_unknown(request, "transportId");
    return -1;
}

// Only the last fingerprint counts, as mediasoup-client itself treats them; it must be SHA-256.
static bool read_fingerprint(const json_t *dtls_parameters,
                             uint8_t fingerprint[SOTTO_FINGERPRINT_SIZE]) {
    const json_t *list = json_object_get(dtls_parameters, "fingerprints");
    for (size_t i = json_array_size(list); i-- > 0;) {
        const json_t *each = json_array_get(list, i);
        const char *algorithm = json_string_value(json_object_get(each, "algorithm"));
        const char *value = json_string_value(json_object_get(each, "value"));
        if (algorithm && value &&
            sotto_certificate_parse_fingerprint(algorithm, value, fingerprint))
            return true;
    }
    return false;
}

void sotto_signalling_connect_transport(struct sotto_signalling *signalling,
                                        const struct sotto_request *request) {
    struct sotto_session *session = request->session;
    struct sotto_media_command command = {.type = SOTTO_MEDIA_CONNECT_TRANSPORT};
    int direction = find_direction(request);
    if (direction < 0)
        return;
    if (session->is_connected[direction]) {
        sotto_request_refuse_parameter(request, "transportId: is connected already.");
        return;
    }
    if (!read_fingerprint(json_object_get(request->data, "dtlsParameters"), command.fingerprint)) {
        sotto_request_refuse_parameter(
            request, "dtlsParameters.fingerprints: must have one with algorithm sha-256.");
        return;
    }
    session->is_connected[direction] = true;
    command.id = session->transports[direction];
    post(signalling, session, &command);
    sotto_request_accept(request);
}

void sotto_signalling_restart_ice(struct sotto_signalling *signalling,
                                  const struct sotto_request *request) {
    int direction = find_direction(request);
    if (direction < 0)
        return;
    struct sotto_media_command command = {.type = SOTTO_MEDIA_RESTART_ICE,
                                          .id = request->session->transports[direction]};
    draw_credentials(&command.transport.credentials);
    post(signalling, request->session, &command);
    sotto_session_answer(
        request->session, request->id,
        json_pack("{so}", "iceParameters", describe_ice(&command.transport.credentials)));
    sotto_wipe(&command, sizeof command);
}

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

// What the sender declares of its encryption, in the one form that is passed on. False, with the
// request refused, if it is there and wrong.
static bool read_encryption(const struct sotto_request *request, json_t **encryption) {
    const json_t *value = json_object_get(request->data, "encryption");
    *encryption = NULL;
    if (!value || json_is_null(value))
        return true;
    const char *format = json_string_value(json_object_get(value, "format"));
    const char *stream_id = json_string_value(json_object_get(value, "streamId"));
    uint8_t bytes[STREAM_ID_SIZE];
    size_t size;
    if (format && strcmp(format, "sotto") == 0 && stream_id &&
        sotto_base64url_read(stream_id, strlen(stream_id), bytes, sizeof bytes, &size) &&
        size == sizeof bytes) {
        *encryption = json_pack("{ss ss}", "format", "sotto", "streamId", stream_id);
        return *encryption != NULL;
    }
    sotto_request_refuse_parameter(
        request, "encryption: must be {format: \"sotto\", streamId: 16 bytes in base64url}.");
    return false;
}

static void fill_track_up(const struct sotto_rtp_parameters *rtp, enum sotto_media_kind kind,
                          const struct sotto_producer_mapping *mapping,
                          struct sotto_track_up_setup *setup) {
    setup->kind = kind;
    setup->codec = rtp->codecs[0].mime_type;
    setup->clock_rate_hz = rtp->codecs[0].clock_rate_hz;
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
    memcpy(setup->mid, rtp->mid, sizeof setup->mid);
    memcpy(setup->rid, mapping->encodings[0].rid, sizeof setup->rid);
    setup->nack = sotto_rtp_parameters_has_feedback(&rtp->codecs[0], SOTTO_FEEDBACK_NACK);
    setup->pli = sotto_rtp_parameters_has_feedback(&rtp->codecs[0], SOTTO_FEEDBACK_NACK_PLI);
    setup->remb = sotto_rtp_parameters_has_feedback(&rtp->codecs[0], SOTTO_FEEDBACK_GOOG_REMB);
}

// What was read of a produce request, before anything happens.
struct produce {
    enum sotto_media_kind kind;
    const char *source;
    json_t *encryption;
    struct sotto_rtp_parameters rtp;
    struct sotto_producer_mapping mapping;
};

// False with the request refused.
static bool read_produce(struct sotto_signalling *signalling, const struct sotto_request *request,
                         struct produce *produce) {
    struct sotto_json_fault fault;
    uint32_t random;
    const json_t *kind = json_object_get(request->data, "kind");
    if (!sotto_rtp_json_parse_kind(kind, &produce->kind, &fault) ||
        !sotto_rtp_json_parse_parameters(json_object_get(request->data, "rtpParameters"),
                                         &produce->rtp, &fault)) {
        sotto_request_refuse_parameter(request, fault.text);
        return false;
    }
    produce->source = read_source(request, produce->kind);
    if (!produce->source || !read_encryption(request, &produce->encryption))
        return false;
    if (!produce->encryption && request->session->room->policy == SOTTO_E2EE_REQUIRED) {
        sotto_session_refuse(request->session, request->id, 4041, "ENCRYPTION_REQUIRED",
                             "This room takes only end-to-end encrypted media.");
        return false;
    }
    sotto_random_fill(&random, sizeof random);
    enum sotto_negotiation result = sotto_negotiation_map_producer(
        &signalling->router, produce->kind, &produce->rtp, random, &produce->mapping);
    if (result == SOTTO_NEGOTIATION_OK && produce->mapping.encodings[0].ssrc != 0)
        return true;
    char reason[128];
    snprintf(reason, sizeof reason, "rtpParameters: %s.",
             result == SOTTO_NEGOTIATION_OK ? "the encoding has no SSRC"
                                            : sotto_negotiation_text(result));
    sotto_request_refuse_parameter(request, reason);
    return false;
}

static struct sotto_producer *find_free_producer(struct sotto_session *session) {
    for (size_t i = 0; i < SOTTO_SESSION_PRODUCERS_MAX; i++) {
        if (session->producers[i].id == 0)
            return &session->producers[i];
    }
    return NULL;
}

static void start_producer(struct sotto_signalling *signalling, const struct sotto_request *request,
                           struct sotto_producer *producer, struct produce *produce) {
    struct sotto_session *session = request->session;
    uint8_t random[SOTTO_CNAME_RANDOM_SIZE];
    sotto_random_fill(random, sizeof random);
    sotto_negotiation_choose_cname(&produce->rtp, random, session->cname);
    *producer = (struct sotto_producer){
        .id = ++signalling->last_id,
        .kind = produce->kind,
        .source = produce->source,
        .encryption = produce->encryption,
        .is_paused = json_is_true(json_object_get(request->data, "paused"))};
    write_id(producer->id_text, producer->id);
    sotto_negotiation_make_consumable(&signalling->router, produce->kind, &produce->rtp,
                                      &produce->mapping, session->cname, &producer->consumable);
    struct sotto_media_command command = {.type = SOTTO_MEDIA_ADD_TRACK_UP,
                                          .id = producer->id,
                                          .parent =
                                              session->transports[SOTTO_TRANSPORT_FROM_CLIENT]};
    fill_track_up(&produce->rtp, produce->kind, &produce->mapping, &command.track_up);
    post(signalling, session, &command);
    if (producer->is_paused)
        post_about(signalling, session, SOTTO_MEDIA_PAUSE_TRACK_UP, producer->id);
    sotto_session_answer(session, request->id, json_pack("{ss}", "id", producer->id_text));
    for (struct sotto_session *each = session->room->sessions; each; each = each->next) {
        if (each == session)
            continue;
        sotto_session_notify(each, "producer-added",
                             json_pack("{ss so}", "participantId", session->participant_id,
                                       "producer", sotto_session_describe_producer(producer)));
        add_consumer(signalling, each, session, producer);
    }
}

void sotto_signalling_produce(struct sotto_signalling *signalling,
                              const struct sotto_request *request) {
    int direction = find_direction(request);
    if (direction < 0)
        return;
    if (direction != SOTTO_TRANSPORT_FROM_CLIENT) {
        sotto_request_refuse_parameter(request, "transportId: must be that of sendTransport.");
        return;
    }
    struct sotto_producer *producer = find_free_producer(request->session);
    if (!producer) {
        sotto_request_refuse_parameter(request, "produce: too many tracks at once.");
        return;
    }
    struct produce *produce = calloc(1, sizeof *produce);
    if (produce && read_produce(signalling, request, produce))
        start_producer(signalling, request, producer, produce);
    else if (produce)
        json_decref(produce->encryption);
    else
        sotto_session_refuse(request->session, request->id, 5000, "SOMETHING_WENT_WRONG",
                             "The server is out of memory.");
    free(produce);
}

static struct sotto_producer *read_producer(const struct sotto_request *request) {
    const char *id = sotto_request_text(request, "producerId", ID_TEXT_MAX);
    struct sotto_producer *producer = id ? sotto_session_find_producer(request->session, id) : NULL;
    if (id && !producer)
        refuse_unknown(request, "producerId");
    return producer;
}

void sotto_signalling_close_producer(struct sotto_signalling *signalling,
                                     const struct sotto_request *request) {
    struct sotto_producer *producer = read_producer(request);
    if (!producer)
        return;
    remove_producer(signalling, request->session, producer);
    sotto_request_accept(request);
}

static void set_producer_paused(struct sotto_signalling *signalling,
                                const struct sotto_request *request, bool is_paused) {
    struct sotto_producer *producer = read_producer(request);
    if (!producer)
        return;
    if (producer->is_paused != is_paused) {
        producer->is_paused = is_paused;
        post_about(signalling, request->session,
                   is_paused ? SOTTO_MEDIA_PAUSE_TRACK_UP : SOTTO_MEDIA_RESUME_TRACK_UP,
                   producer->id);
        sotto_session_notify_others(request->session->room, request->session,
                                    is_paused ? "producer-paused" : "producer-resumed",
                                    describe_owner(request->session, producer));
    }
    sotto_request_accept(request);
}

void sotto_signalling_pause_producer(struct sotto_signalling *signalling,
                                     const struct sotto_request *request) {
    set_producer_paused(signalling, request, true);
}

void sotto_signalling_resume_producer(struct sotto_signalling *signalling,
                                      const struct sotto_request *request) {
    set_producer_paused(signalling, request, false);
}

// A consumer may end while a request about it is on its way: such a request is accepted and does
// nothing. An id that never was one of this session's cannot be told from that, and harms nobody.
static struct sotto_consumer *read_consumer(const struct sotto_request *request) {
    const char *id = sotto_request_text(request, "consumerId", ID_TEXT_MAX);
    struct sotto_consumer *consumer = id ? sotto_session_find_consumer(request->session, id) : NULL;
    if (id)
        sotto_request_accept(request);
    return consumer;
}

void sotto_signalling_close_consumer(struct sotto_signalling *signalling,
                                     const struct sotto_request *request) {
    struct sotto_consumer *consumer = read_consumer(request);
    if (consumer)
        remove_consumer(signalling, request->session, consumer);
}

void sotto_signalling_pause_consumer(struct sotto_signalling *signalling,
                                     const struct sotto_request *request) {
    struct sotto_consumer *consumer = read_consumer(request);
    if (consumer)
        post_about(signalling, request->session, SOTTO_MEDIA_PAUSE_TRACK_DOWN, consumer->id);
}

void sotto_signalling_resume_consumer(struct sotto_signalling *signalling,
                                      const struct sotto_request *request) {
    struct sotto_consumer *consumer = read_consumer(request);
    if (consumer)
        post_about(signalling, request->session, SOTTO_MEDIA_RESUME_TRACK_DOWN, consumer->id);
}

void sotto_signalling_request_key_frame(struct sotto_signalling *signalling,
                                        const struct sotto_request *request) {
    struct sotto_consumer *consumer = read_consumer(request);
    if (consumer)
        post_about(signalling, request->session, SOTTO_MEDIA_REQUEST_KEY_FRAME,
                   consumer->producer);
}
