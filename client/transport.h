// One WebRTC transport of a client: joins ICE, DTLS and SRTP, each of which has its own module, and
// only routes between them. The other side is server/transport.h. No I/O: datagrams go in and come
// out, time is an argument (`now_us`, monotonic, microseconds), so a simulated network can carry
// it.
//
// The order is fixed: checks first; DTLS begins over the first pair that ICE selects; SRTP exists
// only with the keys of a DTLS whose peer had the fingerprint that signalling brought. Datagrams of
// DTLS and SRTP are looked at only if they come over a pair that has answered a check.
//
// A server that talks is heard at least once a second. When nothing authentic came for longer, the
// pairs are checked again at once: a NAT that forgot its mapping is passed anew within two seconds
// or so, not with the next consent check.
#ifndef SOTTO_CLIENT_TRANSPORT_H
#define SOTTO_CLIENT_TRANSPORT_H

#include "crypto/dtls.h"
#include "proto/address.h"
#include "proto/demux.h"
#include "proto/ice_client.h"
#include "proto/srtp.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    // SSRCs that may be bound: as the server allows.
    SOTTO_CLIENT_TRANSPORT_SSRCS_MAX = 384,
    SOTTO_CLIENT_TRANSPORT_SLOTS = 512,
    SOTTO_CLIENT_TRANSPORT_NO_SLOTS = 1,
    // The largest datagram that poll_transmit writes.
    SOTTO_CLIENT_TRANSPORT_DATAGRAM_SIZE_MAX = 1200,
    // Reports come once a second; half a second is left for those that are late.
    SOTTO_CLIENT_TRANSPORT_SILENCE_US = 1500000,
};

enum sotto_client_transport_state {
    SOTTO_CLIENT_TRANSPORT_NEW,
    SOTTO_CLIENT_TRANSPORT_CONNECTED,    // DTLS is done and a pair is selected
    SOTTO_CLIENT_TRANSPORT_DISCONNECTED, // no pair; a restart or a new address connects it again
    SOTTO_CLIENT_TRANSPORT_FAILED,       // DTLS failed or was closed: for ever
};

struct sotto_client_transport_event {
    enum sotto_client_transport_state state;
    enum sotto_dtls_failure failure; // of FAILED; NONE if the server closed
};

// What a datagram came to.
enum sotto_client_transport_packet {
    SOTTO_CLIENT_TRANSPORT_NOTHING, // handled here, or dropped and counted
    SOTTO_CLIENT_TRANSPORT_RTP,     // in clear in place
    SOTTO_CLIENT_TRANSPORT_RTCP,
};

struct sotto_client_transport_counters {
    uint64_t stray_count;       // over a pair that answered no check
    uint64_t early_count;       // media before its keys
    uint64_t unprotect_count;   // media that opened
    uint64_t srtp_failed_count; // wrong tag, replayed, unknown SSRC
};

// A client has one transport for what it publishes and one for what it subscribes to. RTP flows one
// way in each, RTCP both ways.
enum sotto_client_transport_direction {
    SOTTO_CLIENT_TRANSPORT_SEND,
    SOTTO_CLIENT_TRANSPORT_RECEIVE,
};

struct sotto_client_transport_setup {
    enum sotto_client_transport_direction direction;
    const struct sotto_dtls_context *dtls_context; // borrowed until wipe
    struct sotto_ice_credentials local;            // copied, as everything below
    struct sotto_ice_credentials remote;
    uint8_t fingerprint[SOTTO_FINGERPRINT_SIZE]; // of the server's certificate
    uint8_t ice_seed[SOTTO_ICE_SEED_SIZE];       // secret and random
};

// Owned by the caller, neither copied nor moved. `counters` may be read, the rest is private.
struct sotto_client_transport {
    const struct sotto_dtls_context *dtls_context; // borrowed from the caller
    enum sotto_client_transport_direction direction;
    uint8_t fingerprint[SOTTO_FINGERPRINT_SIZE];
    struct sotto_ice_client ice;
    struct sotto_dtls dtls;
    bool dtls_begun;
    struct sotto_srtp inbound;
    struct sotto_srtp outbound;
    bool has_keys;
    enum sotto_client_transport_state state;
    enum sotto_client_transport_state told_state;
    enum sotto_dtls_failure failure;
    uint32_t ssrcs[SOTTO_CLIENT_TRANSPORT_SSRCS_MAX]; // bound; they may come before the keys do
    size_t ssrc_count;
    struct sotto_srtp_stream slots[SOTTO_CLIENT_TRANSPORT_SLOTS]; // where RTP flows
    struct sotto_srtp_stream no_slots[SOTTO_CLIENT_TRANSPORT_NO_SLOTS];
    struct sotto_demux demux;
    struct sotto_client_transport_counters counters;
    uint64_t silence_us; // when to check again if nothing is heard; UINT64_MAX: not connected
};

void sotto_client_transport_init(struct sotto_client_transport *transport,
                                 const struct sotto_client_transport_setup *setup);

// As those of proto/ice_client.h.
SOTTO_MUST_USE bool sotto_client_transport_add_local(struct sotto_client_transport *transport,
                                                     uint64_t now_us,
                                                     const struct sotto_address *address,
                                                     uint16_t preference);
SOTTO_MUST_USE bool sotto_client_transport_add_remote(struct sotto_client_transport *transport,
                                                      uint64_t now_us,
                                                      const struct sotto_address *address,
                                                      uint32_t priority);
void sotto_client_transport_restart_ice(struct sotto_client_transport *transport, uint64_t now_us,
                                        const struct sotto_ice_credentials *local,
                                        const struct sotto_ice_credentials *remote);

// Binds an SSRC of RTP, sent or received by the direction; those that are sent in ascending order
// (proto/srtp.h). False if there is no room, it is bound already, or it is out of order.
SOTTO_MUST_USE bool sotto_client_transport_add_ssrc(struct sotto_client_transport *transport,
                                                    uint32_t ssrc);

// Takes a datagram that came from `from` to the local address `to`, and may be changed in place.
// For RTP and RTCP `plain_size` bytes at `data` are the packet in clear; otherwise it is 0.
enum sotto_client_transport_packet
sotto_client_transport_handle_packet(struct sotto_client_transport *transport, uint64_t now_us,
                                     const struct sotto_address *to,
                                     const struct sotto_address *from, uint8_t *data, size_t size,
                                     size_t *plain_size);

// Whether RTP can be sent now. Ask before a packet gets its sequence number, and give none to what
// cannot be sent: after 2^15 numbers that never went out SRTP takes the next one for a step back,
// and refuses the stream for as many more (proto/srtp.h).
SOTTO_MUST_USE bool sotto_client_transport_can_send(const struct sotto_client_transport *transport);

// Protects one packet in place for the selected pair, which it gives. False if it cannot be sent
// now: not connected, no room, or refused by SRTP.
SOTTO_MUST_USE bool sotto_client_transport_protect(struct sotto_client_transport *transport,
                                                   bool is_rtcp, uint8_t *packet, size_t size,
                                                   size_t capacity, size_t *protected_size,
                                                   struct sotto_address *from,
                                                   struct sotto_address *to);

// When handle_timeout is due; UINT64_MAX for never.
uint64_t sotto_client_transport_poll_timeout(const struct sotto_client_transport *transport);
void sotto_client_transport_handle_timeout(struct sotto_client_transport *transport,
                                           uint64_t now_us);

// Takes out the next datagram of ICE or DTLS: its size, or 0. `capacity` is at least
// SOTTO_CLIENT_TRANSPORT_DATAGRAM_SIZE_MAX.
size_t sotto_client_transport_poll_transmit(struct sotto_client_transport *transport,
                                            uint8_t *datagram, size_t capacity,
                                            struct sotto_address *from, struct sotto_address *to);

// Takes out a change of state. False if there is none.
bool sotto_client_transport_poll_event(struct sotto_client_transport *transport,
                                       struct sotto_client_transport_event *event);

// Says goodbye (close_notify, to be polled).
void sotto_client_transport_close(struct sotto_client_transport *transport);
// Erases the keys. An all-zero sotto_client_transport is wiped already.
void sotto_client_transport_wipe(struct sotto_client_transport *transport);

#endif
