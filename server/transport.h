// One WebRTC transport of a client: joins ICE, DTLS and SRTP, each of which has its own module, and
// only routes between them. No I/O: datagrams go in and come out, time is an argument (`now_us`,
// monotonic, microseconds), so a simulated network can carry it.
//
// The order is fixed: nothing but authenticated STUN is looked at from an address before it passed
// an ICE check; DTLS begins when signalling brought the peer's fingerprint; SRTP exists only with
// the keys of a DTLS whose peer had that fingerprint.
#ifndef SOTTO_SERVER_TRANSPORT_H
#define SOTTO_SERVER_TRANSPORT_H

#include "crypto/dtls.h"
#include "proto/address.h"
#include "proto/demux.h"
#include "proto/ice_lite.h"
#include "proto/srtp.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    // SSRCs that may be bound: a browser that watches 75 others takes 5 each.
    SOTTO_TRANSPORT_SSRCS_MAX = 384,
    SOTTO_TRANSPORT_SLOTS = 512,
    SOTTO_TRANSPORT_NO_SLOTS = 1,
    // The largest datagram that poll_transmit writes.
    SOTTO_TRANSPORT_DATAGRAM_SIZE_MAX = 1500,
};

enum sotto_transport_state {
    SOTTO_TRANSPORT_NEW,
    SOTTO_TRANSPORT_CONNECTED,    // DTLS is done and an address is selected
    SOTTO_TRANSPORT_DISCONNECTED, // consent ended; the next nomination connects it again
    SOTTO_TRANSPORT_FAILED,       // DTLS failed or was closed: for ever
};

enum sotto_transport_event_type {
    SOTTO_TRANSPORT_STATE_CHANGED,
    SOTTO_TRANSPORT_ADDRESS_ADDED,   // datagrams from there are this transport's
    SOTTO_TRANSPORT_ADDRESS_REMOVED, // and no longer
    SOTTO_TRANSPORT_ICE_RESTARTED,   // the ufrag before the last restart is dead
};

struct sotto_transport_event {
    enum sotto_transport_event_type type;
    enum sotto_transport_state state;
    enum sotto_dtls_failure failure; // of FAILED; NONE if the peer closed
    struct sotto_address address;
};

// What a datagram came to.
enum sotto_transport_packet {
    SOTTO_TRANSPORT_NOTHING, // handled here, or dropped and counted
    SOTTO_TRANSPORT_RTP,     // in clear in place
    SOTTO_TRANSPORT_RTCP,
};

struct sotto_transport_counters {
    uint64_t stray_count;       // from an address that passed no check
    uint64_t early_count;       // media before its keys, DTLS before its fingerprint
    uint64_t unprotect_count;   // media that opened
    uint64_t srtp_failed_count; // wrong tag, replayed, unknown SSRC
};

// A client has one transport for what it publishes and one for what it subscribes to. RTP flows one
// way in each, RTCP both ways.
enum sotto_transport_direction {
    SOTTO_TRANSPORT_FROM_CLIENT,
    SOTTO_TRANSPORT_TO_CLIENT,
};

// Owned by the caller, neither copied nor moved. `counters` and `heard_us` may be read, the rest is
// private.
struct sotto_transport {
    const struct sotto_dtls_context *dtls_context; // borrowed from the caller
    struct sotto_ice_lite ice;
    struct sotto_dtls dtls;
    bool dtls_begun;
    struct sotto_srtp inbound;
    struct sotto_srtp outbound;
    bool has_keys;
    enum sotto_transport_state state;
    enum sotto_transport_state told_state;
    enum sotto_dtls_failure failure;
    enum sotto_transport_direction direction;
    uint32_t ssrcs[SOTTO_TRANSPORT_SSRCS_MAX]; // bound; they may come before the keys do
    size_t ssrc_count;
    struct sotto_srtp_stream slots[SOTTO_TRANSPORT_SLOTS]; // of the direction in which RTP flows
    struct sotto_srtp_stream no_slots[SOTTO_TRANSPORT_NO_SLOTS];
    struct sotto_demux demux;
    struct sotto_transport_counters counters;
    uint64_t heard_us; // when the peer last proved to be there, 0 for never
};

void sotto_transport_init(struct sotto_transport *transport,
                          enum sotto_transport_direction direction,
                          const struct sotto_dtls_context *dtls_context,
                          const struct sotto_ice_credentials *credentials);

// Signalling brought the fingerprint: DTLS may begin. False if it was called before, or DTLS cannot
// begin for want of memory.
SOTTO_MUST_USE bool sotto_transport_connect(struct sotto_transport *transport,
                                            const uint8_t fingerprint[SOTTO_FINGERPRINT_SIZE],
                                            uint64_t now_us);

void sotto_transport_restart_ice(struct sotto_transport *transport,
                                 const struct sotto_ice_credentials *credentials);

// Binds an SSRC that the client sends, or one that is sent to it, by the direction; the latter in
// ascending order (proto/srtp.h). False if there is no room, it is bound already, or out of order.
SOTTO_MUST_USE bool sotto_transport_add_ssrc(struct sotto_transport *transport, uint32_t ssrc);
void sotto_transport_remove_ssrc(struct sotto_transport *transport, uint32_t ssrc);

// Takes a datagram, which may be changed in place. For RTP and RTCP `plain_size` bytes at `data`
// are the packet in clear; otherwise it is 0.
enum sotto_transport_packet sotto_transport_handle_packet(struct sotto_transport *transport,
                                                          uint64_t now_us,
                                                          const struct sotto_address *from,
                                                          uint8_t *data, size_t size,
                                                          size_t *plain_size);

// Protects one packet in place for the selected address, which it gives. False if it cannot be sent
// now: not connected, no room, or refused by SRTP.
SOTTO_MUST_USE bool sotto_transport_protect(struct sotto_transport *transport, bool is_rtcp,
                                            uint8_t *packet, size_t size, size_t capacity,
                                            size_t *protected_size, struct sotto_address *to);

// When handle_timeout is due; UINT64_MAX for never.
uint64_t sotto_transport_poll_timeout(const struct sotto_transport *transport);
void sotto_transport_handle_timeout(struct sotto_transport *transport, uint64_t now_us);

// Takes out the next datagram of ICE or DTLS: its size, or 0. `capacity` is at least
// SOTTO_TRANSPORT_DATAGRAM_SIZE_MAX.
size_t sotto_transport_poll_transmit(struct sotto_transport *transport, uint8_t *datagram,
                                     size_t capacity, struct sotto_address *to);

// Takes out the next event. False if there is none.
bool sotto_transport_poll_event(struct sotto_transport *transport,
                                struct sotto_transport_event *event);

// Erases the keys. Says no goodbye: clients hear of the end by signalling.
void sotto_transport_wipe(struct sotto_transport *transport);

#endif
