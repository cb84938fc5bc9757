// The media side of sottod as the control thread uses it: one worker thread and one UDP port per
// core. A meeting lives on one worker with all its peers, transports and tracks.
//
// The control thread names everything by ids of its own choosing, unique for ever, and posts
// commands; a command about something that is gone does nothing. What happens comes back as events.
// So neither side ever waits for the other.
#ifndef SOTTO_SERVER_MEDIA_H
#define SOTTO_SERVER_MEDIA_H

#include "crypto/certificate.h"
#include "proto/ice_credentials.h"
#include "server/mailbox.h"
#include "server/transport.h"
#include "sfu/meeting.h"

#include <stdbool.h>
#include <stdint.h>

struct sotto_media;

struct sotto_media_setup {
    uint16_t port; // of the first worker; the others follow. 0: any
    unsigned worker_count;
    const struct sotto_certificate *certificate; // borrowed during create
    // Tells the control thread that events are waiting. Called on a worker's thread.
    void (*wake)(void *owner);
    void *owner;
};

enum sotto_media_command_type {
    SOTTO_MEDIA_ADD_MEETING,
    SOTTO_MEDIA_REMOVE_MEETING, // with everything in it
    SOTTO_MEDIA_ADD_PEER,
    SOTTO_MEDIA_REMOVE_PEER, // with its transports and tracks
    SOTTO_MEDIA_ADD_TRANSPORT,
    SOTTO_MEDIA_CONNECT_TRANSPORT,
    SOTTO_MEDIA_RESTART_ICE,
    SOTTO_MEDIA_ADD_TRACK_UP,
    SOTTO_MEDIA_REMOVE_TRACK_UP,
    SOTTO_MEDIA_PAUSE_TRACK_UP,
    SOTTO_MEDIA_RESUME_TRACK_UP,
    SOTTO_MEDIA_ADD_TRACK_DOWN, // paused
    SOTTO_MEDIA_REMOVE_TRACK_DOWN,
    SOTTO_MEDIA_PAUSE_TRACK_DOWN,
    SOTTO_MEDIA_RESUME_TRACK_DOWN,
    SOTTO_MEDIA_REQUEST_KEY_FRAME, // of an up track
    SOTTO_MEDIA_STOP,              // private: ends the worker
};

// `id` is the id of what the command adds or is about; `parent` that of what it belongs to: the
// meeting of a peer, the peer of a transport, the transport of a track.
struct sotto_media_command {
    struct sotto_mail mail;
    enum sotto_media_command_type type;
    uint64_t id;
    uint64_t parent;
    uint64_t source; // ADD_TRACK_DOWN: the up track
    union {
        struct sotto_meeting_setup meeting; // seed and clock offset are the worker's to fill in
        struct sotto_peer_setup peer;
        struct {
            enum sotto_transport_direction direction;
            struct sotto_ice_credentials credentials;
        } transport; // also of RESTART_ICE
        uint8_t fingerprint[SOTTO_FINGERPRINT_SIZE];
        struct sotto_track_up_setup track_up;
        struct sotto_track_down_setup track_down;
    };
};

enum sotto_media_event_type {
    SOTTO_MEDIA_TRANSPORT_STATE, // of transport `id`
    SOTTO_MEDIA_PEER_SILENT,     // nothing authentic came from peer `id` for 5 s
    SOTTO_MEDIA_PEER_HEARD,      // something did again
    SOTTO_MEDIA_SPEAKER,         // in meeting `id`, peer `peer` or nobody (0)
    SOTTO_MEDIA_COMMAND_REFUSED, // of `command` about `id`: no room or no memory
};

struct sotto_media_event {
    struct sotto_mail mail;
    enum sotto_media_event_type type;
    uint64_t id;
    uint64_t peer;
    enum sotto_transport_state state;
    enum sotto_dtls_failure failure;
    enum sotto_media_command_type command;
};

// Sums over all workers since the start, but for the gauges.
struct sotto_media_counters {
    uint64_t packets_received;
    uint64_t bytes_received;
    uint64_t packets_sent;
    uint64_t bytes_sent;
    uint64_t packets_unsent;      // that the kernel did not take
    uint64_t strays_dropped;      // from addresses that passed no check, or nobody's STUN
    uint64_t media_refused;       // SRTP that did not verify, replayed, or of an unknown SSRC
    uint64_t dtls_failed;
    uint64_t cpu_ns;              // of the worker threads
    uint64_t meetings;            // gauge
    uint64_t transports;          // gauge
    uint64_t transports_connected; // gauge
};

// Starts the workers. NULL, with errno and the port in question, if a port is taken or the system
// has no room.
struct sotto_media *sotto_media_create(const struct sotto_media_setup *setup, uint16_t *port);
// Ends the workers, and with them everything that was on them.
void sotto_media_destroy(struct sotto_media *media);

unsigned sotto_media_worker_count(const struct sotto_media *media);
uint16_t sotto_media_port(const struct sotto_media *media, unsigned worker);

// Posts a copy of the command to a worker. False if there is no memory.
bool sotto_media_post(struct sotto_media *media, unsigned worker,
                      const struct sotto_media_command *command);

// The next event, for the caller to free; NULL if there is none.
struct sotto_media_event *sotto_media_poll_event(struct sotto_media *media);

void sotto_media_count(const struct sotto_media *media, struct sotto_media_counters *counters);

#endif
