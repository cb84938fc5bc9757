// The objects of a media worker and how they come and go. Private to server/media_*.c.
#ifndef SOTTO_SERVER_MEDIA_OBJECTS_H
#define SOTTO_SERVER_MEDIA_OBJECTS_H

#include "server/media_worker.h"

enum sotto_media_object_type {
    SOTTO_MEDIA_MEETING,
    SOTTO_MEDIA_PEER,
    SOTTO_MEDIA_TRANSPORT,
    SOTTO_MEDIA_TRACK_UP,
    SOTTO_MEDIA_TRACK_DOWN,
};

// The beginning of every object, so that one map finds all of them by id.
struct sotto_media_object {
    enum sotto_media_object_type type;
    uint64_t id;
};

// Tables of the meeting by slot of the SFU's handles. A place is filled as long as the slot is
// taken.
struct sotto_media_meeting {
    struct sotto_media_object object;
    struct sotto_meeting sfu;
    void *sfu_memory; // owned
    struct sotto_meeting_setup setup;
    struct sotto_media_peer **peers;
    struct sotto_media_track **track_ups;
    struct sotto_media_track **track_downs;
    struct sotto_deadline deadline;
    struct sotto_media_meeting *next; // of the worker's
    struct sotto_media_meeting *next_busy;
    bool is_busy;
};

struct sotto_media_peer {
    struct sotto_media_object object;
    struct sotto_media_meeting *meeting;
    struct sotto_handle handle;
    struct sotto_media_transport *transports[2]; // by direction; NULL if absent
    uint64_t added_us;
    bool is_silent;
};

struct sotto_media_transport {
    struct sotto_media_object object;
    struct sotto_media_peer *peer;
    struct sotto_transport transport;
    char ufrag[SOTTO_ICE_UFRAG_SIZE_MAX + 1];
    char next_ufrag[SOTTO_ICE_UFRAG_SIZE_MAX + 1]; // of a restart that is not yet used; else empty
    struct sotto_deadline deadline;
    struct sotto_media_transport *next_busy;
    bool is_busy;
    bool is_connected;
};

struct sotto_media_track {
    struct sotto_media_object object;
    struct sotto_media_peer *peer; // NULL once it left
    struct sotto_media_meeting *meeting;
    struct sotto_handle handle;
    struct sotto_handle source; // of a down track: the up track
    bool is_resumed; // of a down track: the peer wants it, which may still have to connect
    uint32_t ssrc;
    uint32_t rtx_ssrc;
};

// Executes one command; an event tells if it was refused.
void sotto_media_objects_handle_command(struct sotto_media_worker *worker, uint64_t now_us,
                                        const struct sotto_media_command *command);

// Takes out what the SFU's event says has ended.
void sotto_media_objects_end_track(struct sotto_media_worker *worker,
                                   struct sotto_media_meeting *meeting,
                                   const struct sotto_meeting_event *event);

// Forwards what the peer subscribed to only while its transport is connected. What could not be
// sent must not take numbers either: 2^15 of them, and SRTP takes the jump for a step back.
void sotto_media_objects_follow_receiver(struct sotto_media_worker *worker, uint64_t now_us,
                                         struct sotto_media_peer *peer, bool is_connected);

void sotto_media_objects_remove_meeting(struct sotto_media_worker *worker,
                                        struct sotto_media_meeting *meeting);

// Queues the object for pulling.
void sotto_media_objects_mark_meeting(struct sotto_media_worker *worker,
                                      struct sotto_media_meeting *meeting);
void sotto_media_objects_mark_transport(struct sotto_media_worker *worker,
                                        struct sotto_media_transport *transport);

// Queues an event; without memory for it the event is lost and the next one tells.
void sotto_media_objects_add_event(struct sotto_media_worker *worker,
                                   const struct sotto_media_event *event);

#endif
