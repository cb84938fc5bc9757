#include "server/media_worker.h"

#include "server/media_objects.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

bool sotto_media_worker_create(struct sotto_media_worker *worker,
                               const struct sotto_certificate *certificate, uint64_t seed,
                               int64_t unix_offset_us) {
    memset(worker, 0, sizeof *worker);
    worker->seed = seed;
    worker->unix_offset_us = unix_offset_us;
    worker->last_event = &worker->first_event;
    if (sotto_dtls_context_init(&worker->dtls_context, certificate) &&
        sotto_map_create(&worker->objects, sizeof(uint64_t), seed ^ 1) &&
        sotto_map_create(&worker->addresses, sizeof(struct sotto_address), seed ^ 2) &&
        sotto_map_create(&worker->ufrags, SOTTO_MAP_KEY_SIZE_MAX, seed ^ 3) &&
        sotto_deadlines_reserve(&worker->deadlines, 1))
        return true;
    sotto_media_worker_destroy(worker);
    return false;
}

void sotto_media_worker_destroy(struct sotto_media_worker *worker) {
    while (worker->meetings)
        sotto_media_objects_remove_meeting(worker, worker->meetings);
    for (struct sotto_media_event *event; (event = sotto_media_worker_poll_event(worker));)
        free(event);
    sotto_dtls_context_wipe(&worker->dtls_context);
    sotto_map_destroy(&worker->objects);
    sotto_map_destroy(&worker->addresses);
    sotto_map_destroy(&worker->ufrags);
    sotto_deadlines_destroy(&worker->deadlines);
}

void sotto_media_worker_handle_command(struct sotto_media_worker *worker, uint64_t now_us,
                                       const struct sotto_media_command *command) {
    sotto_media_objects_handle_command(worker, now_us, command);
    if (worker->meetings && worker->silence_check.place == 0)
        sotto_deadlines_set(&worker->deadlines, &worker->silence_check,
                            now_us + SOTTO_MEDIA_SILENCE_CHECK_US);
}

// STUN says whom it is for; everything else comes from an address that passed a check.
static struct sotto_media_transport *find_transport(struct sotto_media_worker *worker,
                                                    const struct sotto_address *from,
                                                    const uint8_t *data, size_t size) {
    const uint8_t *ufrag;
    size_t ufrag_size;
    if (size > 0 && data[0] > 3)
        return sotto_map_find(&worker->addresses, from);
    if (!sotto_stun_peek_username(data, size, &ufrag, &ufrag_size) ||
        ufrag_size > SOTTO_MAP_KEY_SIZE_MAX)
        return NULL;
    uint8_t key[SOTTO_MAP_KEY_SIZE_MAX] = {0};
    memcpy(key, ufrag, ufrag_size);
    return sotto_map_find(&worker->ufrags, key);
}

// An address belongs to the transport that proved itself there, until another one does so after the
// first fell silent: a participant that forges somebody's address does not get their datagrams.
// Each check claims it anew, so one that was refused, or for which memory was short, comes again.
static void claim_address(struct sotto_media_worker *worker, uint64_t now_us,
                          struct sotto_media_transport *transport,
                          const struct sotto_address *from) {
    const struct sotto_media_transport *owner = sotto_map_find(&worker->addresses, from);
    if (owner == transport || !sotto_ice_lite_is_valid_address(&transport->transport.ice, from))
        return;
    if (owner && now_us - owner->transport.heard_us < SOTTO_MEDIA_SILENCE_US)
        return;
    if (!sotto_map_set(&worker->addresses, from, transport))
        worker->counters.strays_dropped++;
}

void sotto_media_worker_handle_packet(struct sotto_media_worker *worker, uint64_t now_us,
                                      const struct sotto_address *from, uint8_t *data,
                                      size_t size) {
    struct sotto_media_transport *transport = find_transport(worker, from, data, size);
    worker->counters.packets_received++;
    worker->counters.bytes_received += size;
    if (!transport) {
        worker->counters.strays_dropped++;
        return;
    }
    size_t plain_size;
    uint64_t refused = transport->transport.counters.srtp_failed_count;
    enum sotto_transport_packet kind = sotto_transport_handle_packet(
        &transport->transport, now_us, from, data, size, &plain_size);
    worker->counters.media_refused += transport->transport.counters.srtp_failed_count - refused;
    if (kind == SOTTO_TRANSPORT_NOTHING) {
        claim_address(worker, now_us, transport, from);
        sotto_media_objects_mark_transport(worker, transport);
        return;
    }
    struct sotto_media_meeting *meeting = transport->peer->meeting;
    if (kind == SOTTO_TRANSPORT_RTP)
        sotto_meeting_handle_rtp(&meeting->sfu, now_us, transport->peer->handle, data, plain_size);
    else
        sotto_meeting_handle_rtcp(&meeting->sfu, now_us, transport->peer->handle, data, plain_size);
    sotto_media_objects_mark_meeting(worker, meeting);
}

static bool is_silent(const struct sotto_media_peer *peer, uint64_t now_us) {
    uint64_t heard_us = peer->added_us;
    for (size_t i = 0; i < 2; i++) {
        if (peer->transports[i] && peer->transports[i]->transport.heard_us > heard_us)
            heard_us = peer->transports[i]->transport.heard_us;
    }
    return now_us - heard_us >= SOTTO_MEDIA_SILENCE_US;
}

static void check_silence(struct sotto_media_worker *worker, uint64_t now_us) {
    for (struct sotto_media_meeting *meeting = worker->meetings; meeting; meeting = meeting->next) {
        for (uint32_t i = 0; i < meeting->setup.peer_count_max; i++) {
            struct sotto_media_peer *peer = meeting->peers[i];
            if (!peer || is_silent(peer, now_us) == peer->is_silent)
                continue;
            peer->is_silent = !peer->is_silent;
            struct sotto_media_event event = {.id = peer->object.id,
                                              .type = peer->is_silent ? SOTTO_MEDIA_PEER_SILENT
                                                                      : SOTTO_MEDIA_PEER_HEARD};
            sotto_media_objects_add_event(worker, &event);
        }
    }
    sotto_deadlines_set(&worker->deadlines, &worker->silence_check,
                        worker->meetings ? now_us + SOTTO_MEDIA_SILENCE_CHECK_US : UINT64_MAX);
}

// The deadline is set anew when the object has been pulled.
static void handle_due(struct sotto_media_worker *worker, struct sotto_deadline *due,
                       uint64_t now_us) {
    struct sotto_media_object *object = due->owner;
    if (!object) {
        check_silence(worker, now_us);
        return;
    }
    sotto_deadlines_set(&worker->deadlines, due, UINT64_MAX);
    if (object->type == SOTTO_MEDIA_MEETING) {
        struct sotto_media_meeting *meeting = (struct sotto_media_meeting *)object;
        sotto_meeting_handle_timeout(&meeting->sfu, now_us);
        sotto_media_objects_mark_meeting(worker, meeting);
    } else {
        struct sotto_media_transport *transport = (struct sotto_media_transport *)object;
        sotto_transport_handle_timeout(&transport->transport, now_us);
        sotto_media_objects_mark_transport(worker, transport);
    }
}

void sotto_media_worker_handle_timeout(struct sotto_media_worker *worker, uint64_t now_us) {
    struct sotto_deadline *due;
    while ((due = sotto_deadlines_first(&worker->deadlines)) && due->due_us <= now_us)
        handle_due(worker, due, now_us);
}

uint64_t sotto_media_worker_poll_timeout(const struct sotto_media_worker *worker) {
    const struct sotto_deadline *first = sotto_deadlines_first(&worker->deadlines);
    return first ? first->due_us : UINT64_MAX;
}

static void change_state(struct sotto_media_worker *worker, uint64_t now_us,
                         struct sotto_media_transport *transport,
                         const struct sotto_transport_event *change) {
    bool is_connected = change->state == SOTTO_TRANSPORT_CONNECTED;
    worker->counters.transports_connected += (uint64_t)is_connected - transport->is_connected;
    worker->counters.dtls_failed += change->failure != SOTTO_DTLS_FAILURE_NONE;
    transport->is_connected = is_connected;
    if (transport->transport.direction == SOTTO_TRANSPORT_TO_CLIENT)
        sotto_media_objects_follow_receiver(worker, now_us, transport->peer, is_connected);
    struct sotto_media_event event = {.type = SOTTO_MEDIA_TRANSPORT_STATE,
                                      .id = transport->object.id,
                                      .peer = transport->peer->object.id,
                                      .state = change->state,
                                      .failure = change->failure};
    sotto_media_objects_add_event(worker, &event);
}

static void restarted(struct sotto_media_worker *worker, struct sotto_media_transport *transport) {
    uint8_t key[SOTTO_MAP_KEY_SIZE_MAX] = {0};
    memcpy(key, transport->ufrag, strnlen(transport->ufrag, sizeof key));
    sotto_map_remove(&worker->ufrags, key, transport);
    memcpy(transport->ufrag, transport->next_ufrag, sizeof transport->ufrag);
    transport->next_ufrag[0] = '\0';
}

static void pull_transport_events(struct sotto_media_worker *worker, uint64_t now_us,
                                  struct sotto_media_transport *transport) {
    struct sotto_transport_event event;
    while (sotto_transport_poll_event(&transport->transport, &event)) {
        switch (event.type) {
        case SOTTO_TRANSPORT_STATE_CHANGED: change_state(worker, now_us, transport, &event); break;
        case SOTTO_TRANSPORT_ADDRESS_ADDED: break; // claimed when its check came
        case SOTTO_TRANSPORT_ADDRESS_REMOVED:
            sotto_map_remove(&worker->addresses, &event.address, transport);
            break;
        case SOTTO_TRANSPORT_ICE_RESTARTED: restarted(worker, transport); break;
        }
    }
}

static void pull_meeting_events(struct sotto_media_worker *worker,
                                struct sotto_media_meeting *meeting) {
    struct sotto_meeting_event event;
    while (sotto_meeting_poll_event(&meeting->sfu, &event)) {
        if (event.kind != SOTTO_MEETING_SPEAKER_CHANGED) {
            sotto_media_objects_end_track(worker, meeting, &event);
            continue;
        }
        struct sotto_media_track *track =
            event.track.generation != 0 ? meeting->track_ups[event.track.slot] : NULL;
        struct sotto_media_event speaker = {.type = SOTTO_MEDIA_SPEAKER,
                                            .id = meeting->object.id,
                                            .peer =
                                                track && track->peer ? track->peer->object.id : 0};
        sotto_media_objects_add_event(worker, &speaker);
    }
}

static size_t pull_transports(struct sotto_media_worker *worker, uint64_t now_us, uint8_t *datagram,
                              size_t capacity, struct sotto_address *to) {
    struct sotto_media_transport *transport;
    while ((transport = worker->busy_transports)) {
        // Events first: an answer to a new address needs the address to be known.
        pull_transport_events(worker, now_us, transport);
        size_t size =
            sotto_transport_poll_transmit(&transport->transport, datagram, capacity, to);
        if (size > 0)
            return size;
        worker->busy_transports = transport->next_busy;
        transport->is_busy = false;
        sotto_deadlines_set(&worker->deadlines, &transport->deadline,
                            sotto_transport_poll_timeout(&transport->transport));
    }
    return 0;
}

// One packet of a meeting, protected for the connection on which it goes out; 0 if it cannot go.
static size_t protect(struct sotto_media_meeting *meeting, uint8_t *packet, size_t capacity,
                      const struct sotto_meeting_transmit *transmit, struct sotto_address *to) {
    struct sotto_media_peer *peer = meeting->peers[transmit->peer.slot];
    if (!peer)
        return 0;
    enum sotto_transport_direction direction =
        transmit->to_publisher ? SOTTO_TRANSPORT_FROM_CLIENT : SOTTO_TRANSPORT_TO_CLIENT;
    struct sotto_media_transport *transport = peer->transports[direction];
    size_t size;
    if (!transport || !sotto_transport_protect(&transport->transport, transmit->rtcp, packet,
                                               transmit->size, capacity, &size, to))
        return 0;
    return size;
}

static size_t pull_meetings(struct sotto_media_worker *worker, uint64_t now_us, uint8_t *datagram,
                            size_t capacity, struct sotto_address *to) {
    struct sotto_media_meeting *meeting;
    while ((meeting = worker->busy_meetings)) {
        struct sotto_meeting_transmit transmit;
        while (sotto_meeting_poll_transmit(&meeting->sfu, now_us, datagram, capacity, &transmit)) {
            size_t size = protect(meeting, datagram, capacity, &transmit, to);
            if (size > 0)
                return size;
        }
        pull_meeting_events(worker, meeting);
        worker->busy_meetings = meeting->next_busy;
        meeting->is_busy = false;
        sotto_deadlines_set(&worker->deadlines, &meeting->deadline,
                            sotto_meeting_poll_timeout(&meeting->sfu));
    }
    return 0;
}

size_t sotto_media_worker_poll_transmit(struct sotto_media_worker *worker, uint64_t now_us,
                                        uint8_t *datagram, size_t capacity,
                                        struct sotto_address *to) {
    assert(capacity >= SOTTO_MEDIA_DATAGRAM_SIZE_MAX);
    size_t size = pull_transports(worker, now_us, datagram, capacity, to);
    return size > 0 ? size : pull_meetings(worker, now_us, datagram, capacity, to);
}

struct sotto_media_event *sotto_media_worker_poll_event(struct sotto_media_worker *worker) {
    struct sotto_media_event *event = worker->first_event;
    if (!event)
        return NULL;
    worker->first_event = (struct sotto_media_event *)event->mail.next;
    if (!worker->first_event)
        worker->last_event = &worker->first_event;
    return event;
}
