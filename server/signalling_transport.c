// Transports: what clients need to connect to a media worker.
#include "server/signalling_private.h"

#include "core/wipe.h"
#include "crypto/random.h"

#include <stdio.h>
#include <string.h>

enum {
    // RFC 8445, section 5.1.2.1: type preference of a host, local preference, component.
    TYPE_PREFERENCE_HOST = 126,
    LOCAL_PREFERENCE_MAX = 65535,
    COMPONENT = 1,
};

static json_t *describe_candidate(const struct sotto_address *host, size_t number, uint16_t port) {
    char address[SOTTO_ADDRESS_TEXT_SIZE_MAX];
    char foundation[32];
    json_int_t priority = (json_int_t)TYPE_PREFERENCE_HOST << 24 |
                          (LOCAL_PREFERENCE_MAX - (json_int_t)number) << 8 | (256 - COMPONENT);
    sotto_address_write_host(host, address, sizeof address);
    snprintf(foundation, sizeof foundation, "udp%zu", number);
    return json_pack("{ss sI ss ss si ss ss}", "foundation", foundation, "priority", priority,
                     "address", address, "ip", address, "port", (int)port, "protocol", "udp",
                     "type", "host");
}

// Candidates of one worker: a host each, the first preferred.
static json_t *describe_candidates(const struct sotto_signalling *signalling, unsigned worker) {
    json_t *candidates = json_array();
    uint16_t port = sotto_media_port(signalling->setup.media, worker);
    for (size_t i = 0; i < signalling->setup.host_count; i++) {
        const struct sotto_address *host = &signalling->setup.hosts[i];
        if (json_array_append_new(candidates, describe_candidate(host, i, port)) == 0)
            continue;
        json_decref(candidates);
        return NULL;
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

static json_t *describe_transport(const struct sotto_signalling *signalling,
                                  const struct sotto_session *session,
                                  const struct sotto_media_command *command) {
    char id[SOTTO_SESSION_NUMBER_SIZE];
    char fingerprint[SOTTO_FINGERPRINT_TEXT_SIZE];
    sotto_session_write_number(id, command->id);
    sotto_certificate_write_fingerprint(signalling->setup.fingerprint, fingerprint);
    return json_pack("{ss so so s{ss s[{ss ss}]}}", "id", id, "iceParameters",
                     describe_ice(&command->transport.credentials), "iceCandidates",
                     describe_candidates(signalling, session->room->worker), "dtlsParameters",
                     "role", "auto", "fingerprints", "algorithm", "sha-256", "value", fingerprint);
}

json_t *sotto_signalling_add_transport(struct sotto_signalling *signalling,
                                       struct sotto_session *session,
                                       enum sotto_transport_direction direction) {
    struct sotto_media_command command = {.type = SOTTO_MEDIA_ADD_TRANSPORT,
                                          .id = sotto_signalling_add_id(signalling, session),
                                          .parent = session->peer,
                                          .transport.direction = direction};
    json_t *transport = NULL;
    session->transports[direction] = command.id;
    draw_credentials(&command.transport.credentials);
    if (command.id != 0 && sotto_signalling_post(signalling, session, &command))
        transport = describe_transport(signalling, session, &command);
    sotto_wipe(&command, sizeof command);
    return transport;
}

int sotto_signalling_find_direction(const struct sotto_request *request) {
    const char *text = sotto_request_text(request, "transportId", SOTTO_SESSION_NUMBER_SIZE - 1);
    if (!text)
        return -1;
    for (int direction = 0; direction < 2; direction++) {
        char id[SOTTO_SESSION_NUMBER_SIZE];
        sotto_session_write_number(id, request->session->transports[direction]);
        if (request->session->transports[direction] != 0 && strcmp(id, text) == 0)
            return direction;
    }
    sotto_request_refuse_unknown(request, "transportId");
    return -1;
}

// The last one with SHA-256: mediasoup-client itself gives the last one its preference.
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
    int direction = sotto_signalling_find_direction(request);
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
    command.id = session->transports[direction];
    if (!sotto_signalling_post(signalling, session, &command)) {
        sotto_request_refuse_memory(request);
        return;
    }
    session->is_connected[direction] = true;
    sotto_request_accept(request);
}

void sotto_signalling_restart_ice(struct sotto_signalling *signalling,
                                  const struct sotto_request *request) {
    int direction = sotto_signalling_find_direction(request);
    if (direction < 0)
        return;
    struct sotto_media_command command = {.type = SOTTO_MEDIA_RESTART_ICE,
                                          .id = request->session->transports[direction]};
    draw_credentials(&command.transport.credentials);
    if (sotto_signalling_post(signalling, request->session, &command))
        sotto_session_answer(
            request->session, request->id,
            json_pack("{so}", "iceParameters", describe_ice(&command.transport.credentials)));
    else
        sotto_request_refuse_memory(request);
    sotto_wipe(&command, sizeof command);
}
