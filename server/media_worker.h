// What one media worker knows: its meetings with their peers, transports and tracks, and where
// each datagram belongs. No I/O, no thread: server/media.c gives it those, a simulation others.
//
// The shape is that of every protocol machine here: commands, datagrams and timeouts go in; then
// the owner pulls datagrams and events until there are none and asks when to come back.
#ifndef SOTTO_SERVER_MEDIA_WORKER_H
#define SOTTO_SERVER_MEDIA_WORKER_H

#include "server/deadlines.h"
#include "server/map.h"
#include "server/media.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    // RTP at its largest, and the tag.
    SOTTO_MEDIA_DATAGRAM_SIZE_MAX = 1536,
    // A peer that proved nothing for so long is told as silent. Browsers check about once a second.
    SOTTO_MEDIA_SILENCE_US = 5000000,
    SOTTO_MEDIA_SILENCE_CHECK_US = 500000,
};

struct sotto_media_meeting;
struct sotto_media_peer;
struct sotto_media_transport;

// Private but for `counters`.
struct sotto_media_worker {
    struct sotto_dtls_context dtls_context;
    struct sotto_map objects;   // by id
    struct sotto_map addresses; // transports by the addresses that passed their checks
    struct sotto_map ufrags;    // transports by their username fragments
    struct sotto_deadlines deadlines;
    struct sotto_deadline silence_check;
    size_t deadline_count; // of objects that may have one
    struct sotto_media_meeting *meetings;
    struct sotto_media_meeting *busy_meetings; // something may be there to pull
    struct sotto_media_transport *busy_transports;
    struct sotto_media_event *first_event;
    struct sotto_media_event **last_event;
    int64_t unix_offset_us;
    uint64_t seed;
    struct sotto_media_counters counters; // but for what only the socket and the thread know
};

// `seed` is random. False if memory is short or the library fails.
bool sotto_media_worker_create(struct sotto_media_worker *worker,
                               const struct sotto_certificate *certificate, uint64_t seed,
                               int64_t unix_offset_us);
void sotto_media_worker_destroy(struct sotto_media_worker *worker);

void sotto_media_worker_handle_command(struct sotto_media_worker *worker, uint64_t now_us,
                                       const struct sotto_media_command *command);

// Takes one datagram, which may be changed in place. The owner pulls after at most
// SOTTO_FAN_OUT_COUNT_MAX of them.
void sotto_media_worker_handle_packet(struct sotto_media_worker *worker, uint64_t now_us,
                                      const struct sotto_address *from, uint8_t *data,
                                      size_t size);

// Does what is due. Too early is no mistake.
void sotto_media_worker_handle_timeout(struct sotto_media_worker *worker, uint64_t now_us);
// UINT64_MAX for never.
uint64_t sotto_media_worker_poll_timeout(const struct sotto_media_worker *worker);

// Writes the next datagram: its size, or 0 if there is none. `capacity` is at least
// SOTTO_MEDIA_DATAGRAM_SIZE_MAX.
size_t sotto_media_worker_poll_transmit(struct sotto_media_worker *worker, uint64_t now_us,
                                        uint8_t *datagram, size_t capacity,
                                        struct sotto_address *to);

// The next event, for the caller to free; NULL if there is none.
struct sotto_media_event *sotto_media_worker_poll_event(struct sotto_media_worker *worker);

#endif
