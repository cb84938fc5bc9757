#include "server/media_objects.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void sotto_media_objects_add_event(struct sotto_media_worker *worker,
                                   const struct sotto_media_event *event) {
    struct sotto_media_event *copy = malloc(sizeof *copy);
    if (!copy)
        return;
    *copy = *event;
    copy->mail.next = NULL;
    *worker->last_event = copy;
    worker->last_event = (struct sotto_media_event **)&copy->mail.next;
}

void sotto_media_objects_mark_meeting(struct sotto_media_worker *worker,
                                      struct sotto_media_meeting *meeting) {
    if (meeting->is_busy)
        return;
    meeting->is_busy = true;
    meeting->next_busy = worker->busy_meetings;
    worker->busy_meetings = meeting;
}

void sotto_media_objects_mark_transport(struct sotto_media_worker *worker,
                                        struct sotto_media_transport *transport) {
    if (transport->is_busy)
        return;
    transport->is_busy = true;
    transport->next_busy = worker->busy_transports;
    worker->busy_transports = transport;
}

static void *find(struct sotto_media_worker *worker, uint64_t id,
                  enum sotto_media_object_type type) {
    struct sotto_media_object *object = sotto_map_find(&worker->objects, &id);
    return object && object->type == type ? object : NULL;
}

// Enters a new object under its id. Frees it and returns NULL if there is no memory.
static void *enter(struct sotto_media_worker *worker, struct sotto_media_object *object,
                   enum sotto_media_object_type type, uint64_t id) {
    if (!object)
        return NULL;
    *object = (struct sotto_media_object){type, id};
    if (!sotto_map_find(&worker->objects, &id) && sotto_map_set(&worker->objects, &id, object))
        return object;
    free(object);
    return NULL;
}

static void leave(struct sotto_media_worker *worker, struct sotto_media_object *object) {
    sotto_map_remove(&worker->objects, &object->id, object);
    free(object);
}

// Ufrags are shorter than a key of the map; the rest of it is zero.
static void ufrag_key(const char *ufrag, uint8_t key[SOTTO_MAP_KEY_SIZE_MAX]) {
    memset(key, 0, SOTTO_MAP_KEY_SIZE_MAX);
    memcpy(key, ufrag, strnlen(ufrag, SOTTO_MAP_KEY_SIZE_MAX));
}

static bool add_ufrag(struct sotto_media_worker *worker, struct sotto_media_transport *transport,
                      char place[SOTTO_ICE_UFRAG_SIZE_MAX + 1],
                      const struct sotto_ice_credentials *credentials) {
    uint8_t key[SOTTO_MAP_KEY_SIZE_MAX];
    ufrag_key(credentials->ufrag, key);
    if (credentials->ufrag_size > SOTTO_MAP_KEY_SIZE_MAX || sotto_map_find(&worker->ufrags, key) ||
        !sotto_map_set(&worker->ufrags, key, transport))
        return false;
    memcpy(place, credentials->ufrag, sizeof credentials->ufrag);
    return true;
}

static void remove_ufrag(struct sotto_media_worker *worker,
                         struct sotto_media_transport *transport,
                         char place[SOTTO_ICE_UFRAG_SIZE_MAX + 1]) {
    uint8_t key[SOTTO_MAP_KEY_SIZE_MAX];
    ufrag_key(place, key);
    sotto_map_remove(&worker->ufrags, key, transport);
    place[0] = '\0';
}

static bool add_meeting(struct sotto_media_worker *worker,
                        const struct sotto_media_command *command) {
    struct sotto_meeting_setup setup = command->meeting;
    setup.unix_offset_us = worker->unix_offset_us;
    setup.seed = worker->seed ^ command->id;
    struct sotto_media_meeting *meeting = calloc(1, sizeof *meeting);
    meeting = enter(worker, (struct sotto_media_object *)meeting, SOTTO_MEDIA_MEETING, command->id);
    if (!meeting)
        return false;
    meeting->setup = setup;
    meeting->deadline.owner = meeting;
    meeting->sfu_memory = malloc(sotto_meeting_memory_size(&setup));
    meeting->peers = calloc(setup.peer_count_max, sizeof *meeting->peers);
    meeting->track_ups = calloc(setup.track_up_count_max, sizeof *meeting->track_ups);
    meeting->track_downs = calloc(setup.track_down_count_max, sizeof *meeting->track_downs);
    meeting->next = worker->meetings;
    worker->meetings = meeting;
    worker->counters.meetings++;
    bool has_room = sotto_deadlines_reserve(&worker->deadlines, ++worker->deadline_count + 1);
    if (!has_room || !meeting->sfu_memory || !meeting->peers || !meeting->track_ups ||
        !meeting->track_downs) {
        sotto_media_objects_remove_meeting(worker, meeting);
        return false;
    }
    sotto_meeting_init(&meeting->sfu, &setup, meeting->sfu_memory);
    return true;
}

static void remove_transport(struct sotto_media_worker *worker,
                             struct sotto_media_transport *transport) {
    transport->peer->transports[transport->transport.direction] = NULL;
    remove_ufrag(worker, transport, transport->ufrag);
    remove_ufrag(worker, transport, transport->next_ufrag);
    for (size_t i = 0; i < transport->transport.ice.address_count; i++)
        sotto_map_remove(&worker->addresses, &transport->transport.ice.addresses[i].address,
                         transport);
    // An address that has just expired is still known here.
    struct sotto_transport_event event;
    while (sotto_transport_poll_event(&transport->transport, &event)) {
        if (event.type == SOTTO_TRANSPORT_ADDRESS_REMOVED)
            sotto_map_remove(&worker->addresses, &event.address, transport);
    }
    struct sotto_media_transport **link = &worker->busy_transports;
    while (*link && *link != transport)
        link = &(*link)->next_busy;
    if (*link)
        *link = transport->next_busy;
    sotto_deadlines_set(&worker->deadlines, &transport->deadline, UINT64_MAX);
    worker->deadline_count--;
    worker->counters.transports--;
    worker->counters.transports_connected -= transport->is_connected;
    sotto_transport_wipe(&transport->transport);
    leave(worker, &transport->object);
}

static void forget_track_down(struct sotto_media_worker *worker, struct sotto_media_track *track) {
    struct sotto_media_transport *transport =
        track->peer ? track->peer->transports[SOTTO_TRANSPORT_TO_CLIENT] : NULL;
    if (transport) {
        sotto_transport_remove_ssrc(&transport->transport, track->ssrc);
        sotto_transport_remove_ssrc(&transport->transport, track->rtx_ssrc);
    }
    track->meeting->track_downs[track->handle.slot] = NULL;
    leave(worker, &track->object);
}

// The up tracks end by events, pulled later.
static void remove_peer(struct sotto_media_worker *worker, struct sotto_media_peer *peer) {
    struct sotto_media_meeting *meeting = peer->meeting;
    if (sotto_meeting_remove_peer(&meeting->sfu, peer->handle) == SOTTO_MEETING_OK)
        sotto_media_objects_mark_meeting(worker, meeting);
    for (uint32_t i = 0; i < meeting->setup.track_down_count_max; i++) {
        if (meeting->track_downs[i] && meeting->track_downs[i]->peer == peer)
            forget_track_down(worker, meeting->track_downs[i]);
    }
    for (uint32_t i = 0; i < meeting->setup.track_up_count_max; i++) {
        if (meeting->track_ups[i] && meeting->track_ups[i]->peer == peer)
            meeting->track_ups[i]->peer = NULL;
    }
    for (size_t i = 0; i < 2; i++) {
        if (peer->transports[i])
            remove_transport(worker, peer->transports[i]);
    }
    meeting->peers[peer->handle.slot] = NULL;
    leave(worker, &peer->object);
}

void sotto_media_objects_remove_meeting(struct sotto_media_worker *worker,
                                        struct sotto_media_meeting *meeting) {
    for (uint32_t i = 0; meeting->peers && i < meeting->setup.peer_count_max; i++) {
        if (meeting->peers[i])
            remove_peer(worker, meeting->peers[i]);
    }
    struct sotto_meeting_event event;
    while (meeting->sfu_memory && sotto_meeting_poll_event(&meeting->sfu, &event))
        sotto_media_objects_end_track(worker, meeting, &event);
    struct sotto_media_meeting **link = &worker->meetings;
    while (*link != meeting)
        link = &(*link)->next;
    *link = meeting->next;
    for (link = &worker->busy_meetings; *link; link = &(*link)->next_busy) {
        if (*link == meeting) {
            *link = meeting->next_busy;
            break;
        }
    }
    sotto_deadlines_set(&worker->deadlines, &meeting->deadline, UINT64_MAX);
    worker->deadline_count--;
    worker->counters.meetings--;
    free(meeting->sfu_memory);
    free(meeting->peers);
    free(meeting->track_ups);
    free(meeting->track_downs);
    leave(worker, &meeting->object);
}

void sotto_media_objects_end_track(struct sotto_media_worker *worker,
                                   struct sotto_media_meeting *meeting,
                                   const struct sotto_meeting_event *event) {
    if (event->kind == SOTTO_MEETING_TRACK_DOWN_ENDED) {
        struct sotto_media_track *track = meeting->track_downs[event->track.slot];
        if (track && sotto_handle_equal(track->handle, event->track))
            forget_track_down(worker, track);
    } else if (event->kind == SOTTO_MEETING_TRACK_UP_ENDED) {
        struct sotto_media_track *track = meeting->track_ups[event->track.slot];
        if (track) {
            meeting->track_ups[event->track.slot] = NULL;
            leave(worker, &track->object);
        }
        free(event->memory);
    }
}

static bool add_peer(struct sotto_media_worker *worker, uint64_t now_us,
                     const struct sotto_media_command *command) {
    struct sotto_media_meeting *meeting = find(worker, command->parent, SOTTO_MEDIA_MEETING);
    struct sotto_handle handle;
    if (!meeting || sotto_meeting_add_peer(&meeting->sfu, now_us, &command->peer, &handle) !=
                        SOTTO_MEETING_OK)
        return false;
    struct sotto_media_peer *peer = calloc(1, sizeof *peer);
    peer = enter(worker, (struct sotto_media_object *)peer, SOTTO_MEDIA_PEER, command->id);
    if (!peer) {
        enum sotto_meeting_result removed = sotto_meeting_remove_peer(&meeting->sfu, handle);
        assert(removed == SOTTO_MEETING_OK);
        return false;
    }
    peer->meeting = meeting;
    peer->handle = handle;
    peer->added_us = now_us;
    meeting->peers[handle.slot] = peer;
    sotto_media_objects_mark_meeting(worker, meeting);
    return true;
}

static bool add_transport(struct sotto_media_worker *worker,
                          const struct sotto_media_command *command) {
    struct sotto_media_peer *peer = find(worker, command->parent, SOTTO_MEDIA_PEER);
    enum sotto_transport_direction direction = command->transport.direction;
    if (!peer || peer->transports[direction])
        return false;
    struct sotto_media_transport *transport = calloc(1, sizeof *transport);
    transport = enter(worker, (struct sotto_media_object *)transport, SOTTO_MEDIA_TRANSPORT,
                      command->id);
    if (!transport)
        return false;
    transport->peer = peer;
    transport->deadline.owner = transport;
    peer->transports[direction] = transport;
    worker->counters.transports++;
    worker->deadline_count++;
    sotto_transport_init(&transport->transport, direction, &worker->dtls_context,
                         &command->transport.credentials);
    if (sotto_deadlines_reserve(&worker->deadlines, worker->deadline_count + 1) &&
        add_ufrag(worker, transport, transport->ufrag, &command->transport.credentials))
        return true;
    remove_transport(worker, transport);
    return false;
}

static bool connect_transport(struct sotto_media_worker *worker, uint64_t now_us,
                              const struct sotto_media_command *command) {
    struct sotto_media_transport *transport = find(worker, command->id, SOTTO_MEDIA_TRANSPORT);
    if (!transport)
        return true;
    sotto_media_objects_mark_transport(worker, transport);
    return sotto_transport_connect(&transport->transport, command->fingerprint, now_us);
}

static bool restart_ice(struct sotto_media_worker *worker,
                        const struct sotto_media_command *command) {
    struct sotto_media_transport *transport = find(worker, command->id, SOTTO_MEDIA_TRANSPORT);
    if (!transport)
        return true;
    remove_ufrag(worker, transport, transport->next_ufrag);
    if (!add_ufrag(worker, transport, transport->next_ufrag, &command->transport.credentials))
        return false;
    sotto_transport_restart_ice(&transport->transport, &command->transport.credentials);
    return true;
}

// Binds a track's SSRCs to the transport that carries them; all or none.
static bool bind_ssrcs(struct sotto_media_transport *transport, uint32_t ssrc, uint32_t rtx_ssrc) {
    if (!sotto_transport_add_ssrc(&transport->transport, ssrc))
        return false;
    if (rtx_ssrc == 0 || sotto_transport_add_ssrc(&transport->transport, rtx_ssrc))
        return true;
    sotto_transport_remove_ssrc(&transport->transport, ssrc);
    return false;
}

static bool add_track_up(struct sotto_media_worker *worker,
                         const struct sotto_media_command *command) {
    struct sotto_media_transport *transport = find(worker, command->parent, SOTTO_MEDIA_TRANSPORT);
    const struct sotto_track_up_setup *setup = &command->track_up;
    if (!transport || transport->transport.direction != SOTTO_TRANSPORT_FROM_CLIENT)
        return false;
    struct sotto_media_meeting *meeting = transport->peer->meeting;
    struct sotto_media_track *track = calloc(1, sizeof *track);
    track = enter(worker, (struct sotto_media_object *)track, SOTTO_MEDIA_TRACK_UP, command->id);
    if (!track)
        return false;
    track->peer = transport->peer;
    track->meeting = meeting;
    track->ssrc = setup->ssrc;
    track->rtx_ssrc = setup->rtx_ssrc;
    void *memory = malloc(sotto_track_up_memory_size(setup->kind));
    bool is_bound = memory && bind_ssrcs(transport, setup->ssrc, setup->rtx_ssrc);
    if (is_bound && sotto_meeting_add_track_up(&meeting->sfu, transport->peer->handle, setup,
                                               memory, &track->handle) == SOTTO_MEETING_OK) {
        meeting->track_ups[track->handle.slot] = track;
        return true;
    }
    if (is_bound) {
        sotto_transport_remove_ssrc(&transport->transport, setup->ssrc);
        sotto_transport_remove_ssrc(&transport->transport, setup->rtx_ssrc);
    }
    free(memory);
    leave(worker, &track->object);
    return false;
}

static void remove_track_up(struct sotto_media_worker *worker, struct sotto_media_track *track) {
    struct sotto_media_transport *transport =
        track->peer ? track->peer->transports[SOTTO_TRANSPORT_FROM_CLIENT] : NULL;
    if (transport) {
        sotto_transport_remove_ssrc(&transport->transport, track->ssrc);
        sotto_transport_remove_ssrc(&transport->transport, track->rtx_ssrc);
    }
    if (sotto_meeting_remove_track_up(&track->meeting->sfu, track->handle) == SOTTO_MEETING_OK)
        sotto_media_objects_mark_meeting(worker, track->meeting);
}

static bool add_track_down(struct sotto_media_worker *worker, uint64_t now_us,
                           const struct sotto_media_command *command) {
    struct sotto_media_transport *transport = find(worker, command->parent, SOTTO_MEDIA_TRANSPORT);
    struct sotto_media_track *source = find(worker, command->source, SOTTO_MEDIA_TRACK_UP);
    const struct sotto_track_down_setup *setup = &command->track_down;
    if (!transport || transport->transport.direction != SOTTO_TRANSPORT_TO_CLIENT)
        return false;
    if (!source || source->meeting != transport->peer->meeting)
        return true; // it ended meanwhile; the control thread knows
    struct sotto_media_track *track = calloc(1, sizeof *track);
    track = enter(worker, (struct sotto_media_object *)track, SOTTO_MEDIA_TRACK_DOWN, command->id);
    if (!track)
        return false;
    track->peer = transport->peer;
    track->meeting = source->meeting;
    track->source = source->handle;
    track->ssrc = setup->ssrc;
    track->rtx_ssrc = setup->rtx_ssrc;
    bool is_bound = bind_ssrcs(transport, setup->ssrc, setup->rtx_ssrc);
    enum sotto_meeting_result result = SOTTO_MEETING_FULL;
    if (is_bound)
        result = sotto_meeting_add_track_down(&track->meeting->sfu, now_us, track->peer->handle,
                                              source->handle, setup, &track->handle);
    if (result == SOTTO_MEETING_OK) {
        track->meeting->track_downs[track->handle.slot] = track;
        return true;
    }
    if (is_bound) {
        sotto_transport_remove_ssrc(&transport->transport, setup->ssrc);
        sotto_transport_remove_ssrc(&transport->transport, setup->rtx_ssrc);
    }
    leave(worker, &track->object);
    return result == SOTTO_MEETING_STALE;
}

void sotto_media_objects_follow_receiver(struct sotto_media_worker *worker, uint64_t now_us,
                                         struct sotto_media_peer *peer, bool is_connected) {
    struct sotto_media_meeting *meeting = peer->meeting;
    for (uint32_t i = 0; i < meeting->setup.track_down_count_max; i++) {
        struct sotto_media_track *track = meeting->track_downs[i];
        if (!track || track->peer != peer || !track->is_resumed)
            continue;
        // One that has ended by now is stale.
        enum sotto_meeting_result result =
            is_connected ? sotto_meeting_resume_track_down(&meeting->sfu, now_us, track->handle)
                         : sotto_meeting_pause_track_down(&meeting->sfu, track->handle);
        if (result == SOTTO_MEETING_OK)
            sotto_media_objects_mark_meeting(worker, meeting);
    }
}

static bool is_receiving(const struct sotto_media_peer *peer) {
    const struct sotto_media_transport *transport =
        peer ? peer->transports[SOTTO_TRANSPORT_TO_CLIENT] : NULL;
    return transport && transport->is_connected;
}

// Commands about a track that is there. Their results only say that it is gone by now.
static void change_track(struct sotto_media_worker *worker, uint64_t now_us,
                         const struct sotto_media_command *command) {
    struct sotto_media_track *up = find(worker, command->id, SOTTO_MEDIA_TRACK_UP);
    struct sotto_media_track *down = find(worker, command->id, SOTTO_MEDIA_TRACK_DOWN);
    struct sotto_media_track *track = up ? up : down;
    if (!track)
        return;
    struct sotto_meeting *sfu = &track->meeting->sfu;
    enum sotto_meeting_result result = SOTTO_MEETING_OK;
    sotto_media_objects_mark_meeting(worker, track->meeting);
    if (down && command->type == SOTTO_MEDIA_PAUSE_TRACK_DOWN)
        down->is_resumed = false;
    if (down && command->type == SOTTO_MEDIA_RESUME_TRACK_DOWN)
        down->is_resumed = true;
    if (up && command->type == SOTTO_MEDIA_REMOVE_TRACK_UP)
        remove_track_up(worker, up);
    else if (up && command->type == SOTTO_MEDIA_PAUSE_TRACK_UP)
        result = sotto_meeting_pause_track_up(sfu, up->handle);
    else if (up && command->type == SOTTO_MEDIA_RESUME_TRACK_UP)
        result = sotto_meeting_resume_track_up(sfu, now_us, up->handle);
    else if (down && command->type == SOTTO_MEDIA_PAUSE_TRACK_DOWN)
        result = sotto_meeting_pause_track_down(sfu, down->handle);
    else if (down && command->type == SOTTO_MEDIA_RESUME_TRACK_DOWN && is_receiving(down->peer))
        result = sotto_meeting_resume_track_down(sfu, now_us, down->handle);
    else if (up && command->type == SOTTO_MEDIA_REQUEST_KEY_FRAME)
        result = sotto_meeting_request_key_frame(sfu, now_us, up->handle);
    else if (down && command->type == SOTTO_MEDIA_REMOVE_TRACK_DOWN) {
        result = sotto_meeting_remove_track_down(sfu, down->handle);
        forget_track_down(worker, down);
    }
    assert(result != SOTTO_MEETING_CONFLICT);
}

static bool execute(struct sotto_media_worker *worker, uint64_t now_us,
                    const struct sotto_media_command *command) {
    struct sotto_media_object *object;
    switch (command->type) {
    case SOTTO_MEDIA_ADD_MEETING: return add_meeting(worker, command);
    case SOTTO_MEDIA_REMOVE_MEETING:
        if ((object = find(worker, command->id, SOTTO_MEDIA_MEETING)))
            sotto_media_objects_remove_meeting(worker, (struct sotto_media_meeting *)object);
        return true;
    case SOTTO_MEDIA_ADD_PEER: return add_peer(worker, now_us, command);
    case SOTTO_MEDIA_REMOVE_PEER:
        if ((object = find(worker, command->id, SOTTO_MEDIA_PEER)))
            remove_peer(worker, (struct sotto_media_peer *)object);
        return true;
    case SOTTO_MEDIA_ADD_TRANSPORT: return add_transport(worker, command);
    case SOTTO_MEDIA_CONNECT_TRANSPORT: return connect_transport(worker, now_us, command);
    case SOTTO_MEDIA_RESTART_ICE: return restart_ice(worker, command);
    case SOTTO_MEDIA_ADD_TRACK_UP: return add_track_up(worker, command);
    case SOTTO_MEDIA_ADD_TRACK_DOWN: return add_track_down(worker, now_us, command);
    default: change_track(worker, now_us, command); return true;
    }
}

void sotto_media_objects_handle_command(struct sotto_media_worker *worker, uint64_t now_us,
                                        const struct sotto_media_command *command) {
    if (execute(worker, now_us, command))
        return;
    struct sotto_media_event event = {.type = SOTTO_MEDIA_COMMAND_REFUSED,
                                      .id = command->id,
                                      .command = command->type};
    sotto_media_objects_add_event(worker, &event);
}
