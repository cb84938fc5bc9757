#include "client/transport.h"

#include "core/wipe.h"

#include <assert.h>
#include <string.h>

void sotto_client_transport_init(struct sotto_client_transport *transport,
                                 const struct sotto_client_transport_setup *setup) {
    memset(transport, 0, sizeof *transport);
    transport->direction = setup->direction;
    transport->dtls_context = setup->dtls_context;
    transport->silence_us = UINT64_MAX;
    memcpy(transport->fingerprint, setup->fingerprint, sizeof transport->fingerprint);
    sotto_ice_client_init(&transport->ice, &setup->local, &setup->remote, setup->ice_seed);
}

// The SRTP direction in which RTP flows, and so has SSRCs.
static struct sotto_srtp *rtp_srtp(struct sotto_client_transport *transport) {
    return transport->direction == SOTTO_CLIENT_TRANSPORT_SEND ? &transport->outbound
                                                               : &transport->inbound;
}

// SSRCs that are sent come in ascending order, also while there is no SRTP yet to refuse others.
static bool may_bind(const struct sotto_client_transport *transport, uint32_t ssrc) {
    bool sends = transport->direction == SOTTO_CLIENT_TRANSPORT_SEND;
    for (size_t i = 0; i < transport->ssrc_count; i++) {
        if (transport->ssrcs[i] == ssrc || (sends && transport->ssrcs[i] > ssrc))
            return false;
    }
    return transport->ssrc_count < SOTTO_CLIENT_TRANSPORT_SSRCS_MAX;
}

bool sotto_client_transport_add_ssrc(struct sotto_client_transport *transport, uint32_t ssrc) {
    if (!may_bind(transport, ssrc))
        return false;
    if (transport->has_keys && !sotto_srtp_add_ssrc(rtp_srtp(transport), ssrc))
        return false;
    transport->ssrcs[transport->ssrc_count++] = ssrc;
    return true;
}

static void fail(struct sotto_client_transport *transport, enum sotto_dtls_failure failure) {
    transport->state = SOTTO_CLIENT_TRANSPORT_FAILED;
    transport->failure = failure;
    transport->has_keys = false;
    transport->silence_us = UINT64_MAX;
    sotto_srtp_wipe(&transport->inbound);
    sotto_srtp_wipe(&transport->outbound);
}

// One direction under the keys of the handshake, with room for SSRCs where RTP flows.
static bool init_srtp(struct sotto_client_transport *transport, enum sotto_srtp_direction direction,
                      const struct sotto_dtls_keys *keys) {
    bool is_receiver = direction == SOTTO_SRTP_RECEIVER;
    struct sotto_srtp *srtp = is_receiver ? &transport->inbound : &transport->outbound;
    bool has_rtp = srtp == rtp_srtp(transport);
    struct sotto_srtp_setup setup = {
        .direction = direction,
        .profile = keys->profile,
        .master_key = is_receiver ? keys->remote_key : keys->local_key,
        .master_key_size = keys->key_size,
        .master_salt = is_receiver ? keys->remote_salt : keys->local_salt,
        .master_salt_size = keys->salt_size,
        .slots = has_rtp ? transport->slots : transport->no_slots,
        .slot_count = has_rtp ? SOTTO_CLIENT_TRANSPORT_SLOTS : SOTTO_CLIENT_TRANSPORT_NO_SLOTS,
    };
    return sotto_srtp_init(srtp, &setup);
}

static bool start_srtp(struct sotto_client_transport *transport,
                       const struct sotto_dtls_keys *keys) {
    if (!init_srtp(transport, SOTTO_SRTP_RECEIVER, keys) ||
        !init_srtp(transport, SOTTO_SRTP_SENDER, keys))
        return false;
    for (size_t i = 0; i < transport->ssrc_count; i++) {
        if (!sotto_srtp_add_ssrc(rtp_srtp(transport), transport->ssrcs[i]))
            return false;
    }
    return true;
}

static void follow_dtls(struct sotto_client_transport *transport) {
    struct sotto_dtls_event event;
    while (transport->dtls_begun && sotto_dtls_poll_event(&transport->dtls, &event)) {
        switch (event.type) {
        case SOTTO_DTLS_CONNECTED:
            transport->has_keys = start_srtp(transport, &event.keys);
            if (!transport->has_keys)
                fail(transport, SOTTO_DTLS_FAILURE_INTERNAL);
            break;
        case SOTTO_DTLS_FAILED: fail(transport, event.failure); break;
        case SOTTO_DTLS_CLOSED: fail(transport, SOTTO_DTLS_FAILURE_NONE); break;
        }
        sotto_wipe(&event, sizeof event);
    }
}

// The first pair brings DTLS with it, later ones only the state.
static void follow_ice(struct sotto_client_transport *transport, uint64_t now_us) {
    bool has_pair = sotto_ice_client_selected(&transport->ice);
    if (has_pair && !transport->dtls_begun && transport->state != SOTTO_CLIENT_TRANSPORT_FAILED) {
        transport->dtls_begun = sotto_dtls_init(&transport->dtls, transport->dtls_context,
                                                SOTTO_DTLS_CLIENT, transport->fingerprint, now_us);
        if (!transport->dtls_begun)
            fail(transport, SOTTO_DTLS_FAILURE_INTERNAL);
    }
    if (transport->state == SOTTO_CLIENT_TRANSPORT_FAILED || !transport->has_keys)
        return;
    if (has_pair && transport->state != SOTTO_CLIENT_TRANSPORT_CONNECTED) {
        transport->state = SOTTO_CLIENT_TRANSPORT_CONNECTED;
        transport->silence_us = now_us + SOTTO_CLIENT_TRANSPORT_SILENCE_US;
    } else if (!has_pair && transport->state == SOTTO_CLIENT_TRANSPORT_CONNECTED) {
        transport->state = SOTTO_CLIENT_TRANSPORT_DISCONNECTED;
        transport->silence_us = UINT64_MAX;
    }
}

static void hear(struct sotto_client_transport *transport, uint64_t now_us) {
    if (transport->silence_us != UINT64_MAX)
        transport->silence_us = now_us + SOTTO_CLIENT_TRANSPORT_SILENCE_US;
}

bool sotto_client_transport_add_local(struct sotto_client_transport *transport, uint64_t now_us,
                                      const struct sotto_address *address, uint16_t preference) {
    return sotto_ice_client_add_local(&transport->ice, now_us / 1000, address, preference);
}

bool sotto_client_transport_add_remote(struct sotto_client_transport *transport, uint64_t now_us,
                                       const struct sotto_address *address, uint32_t priority) {
    return sotto_ice_client_add_remote(&transport->ice, now_us / 1000, address, priority);
}

void sotto_client_transport_restart_ice(struct sotto_client_transport *transport, uint64_t now_us,
                                        const struct sotto_ice_credentials *local,
                                        const struct sotto_ice_credentials *remote) {
    sotto_ice_client_restart(&transport->ice, now_us / 1000, local, remote);
}

static void handle_stun(struct sotto_client_transport *transport, uint64_t now_us,
                        const struct sotto_address *to, const struct sotto_address *from,
                        const uint8_t *data, size_t size) {
    uint64_t successes = transport->ice.counters.successes;
    sotto_ice_client_handle_packet(&transport->ice, now_us / 1000, to, from, data, size);
    if (transport->ice.counters.successes != successes)
        hear(transport, now_us);
    follow_ice(transport, now_us);
}

static enum sotto_client_transport_packet handle_media(struct sotto_client_transport *transport,
                                                       uint64_t now_us, bool is_rtcp, uint8_t *data,
                                                       size_t size, size_t *plain_size) {
    if (!transport->has_keys) {
        transport->counters.early_count++;
        return SOTTO_CLIENT_TRANSPORT_NOTHING;
    }
    enum sotto_srtp_result result =
        is_rtcp ? sotto_srtcp_unprotect(&transport->inbound, data, size, plain_size)
                : sotto_srtp_unprotect(&transport->inbound, data, size, plain_size);
    if (result != SOTTO_SRTP_OK) {
        transport->counters.srtp_failed_count++;
        return SOTTO_CLIENT_TRANSPORT_NOTHING;
    }
    transport->counters.unprotect_count++;
    hear(transport, now_us);
    return is_rtcp ? SOTTO_CLIENT_TRANSPORT_RTCP : SOTTO_CLIENT_TRANSPORT_RTP;
}

// A pair answered a check once if the server ever said how it sees this end of it.
static bool has_answered(const struct sotto_client_transport *transport,
                         const struct sotto_address *to, const struct sotto_address *from) {
    size_t index = sotto_ice_check_list_find(&transport->ice.list, to, from);
    return index != SOTTO_ICE_NO_PAIR &&
           transport->ice.list.pairs[index].mapped.family != SOTTO_ADDRESS_NONE;
}

enum sotto_client_transport_packet
sotto_client_transport_handle_packet(struct sotto_client_transport *transport, uint64_t now_us,
                                     const struct sotto_address *to,
                                     const struct sotto_address *from, uint8_t *data, size_t size,
                                     size_t *plain_size) {
    *plain_size = 0;
    enum sotto_demux_kind kind = sotto_demux_classify(&transport->demux, data, size);
    if (kind == SOTTO_DEMUX_STUN) {
        handle_stun(transport, now_us, to, from, data, size);
        return SOTTO_CLIENT_TRANSPORT_NOTHING;
    }
    if (!has_answered(transport, to, from)) {
        transport->counters.stray_count++;
        return SOTTO_CLIENT_TRANSPORT_NOTHING;
    }
    switch (kind) {
    case SOTTO_DEMUX_DTLS:
        if (transport->dtls_begun)
            sotto_dtls_handle_packet(&transport->dtls, now_us, data, size);
        follow_dtls(transport);
        follow_ice(transport, now_us);
        break;
    case SOTTO_DEMUX_RTP: return handle_media(transport, now_us, false, data, size, plain_size);
    case SOTTO_DEMUX_RTCP: return handle_media(transport, now_us, true, data, size, plain_size);
    default: break;
    }
    return SOTTO_CLIENT_TRANSPORT_NOTHING;
}

bool sotto_client_transport_can_send(const struct sotto_client_transport *transport) {
    return transport->has_keys && sotto_ice_client_selected(&transport->ice);
}

bool sotto_client_transport_protect(struct sotto_client_transport *transport, bool is_rtcp,
                                    uint8_t *packet, size_t size, size_t capacity,
                                    size_t *protected_size, struct sotto_address *from,
                                    struct sotto_address *to) {
    const struct sotto_ice_pair *pair = sotto_ice_client_selected(&transport->ice);
    *protected_size = 0;
    if (!transport->has_keys || !pair)
        return false;
    enum sotto_srtp_result result =
        is_rtcp
            ? sotto_srtcp_protect(&transport->outbound, packet, size, capacity, protected_size)
            : sotto_srtp_protect(&transport->outbound, packet, size, capacity, protected_size);
    *from = pair->local;
    *to = pair->remote;
    return result == SOTTO_SRTP_OK;
}

uint64_t sotto_client_transport_poll_timeout(const struct sotto_client_transport *transport) {
    uint64_t ice_ms = sotto_ice_client_poll_timeout(&transport->ice);
    uint64_t due_us = ice_ms > UINT64_MAX / 1000 ? UINT64_MAX : ice_ms * 1000;
    uint64_t dtls_us =
        transport->dtls_begun ? sotto_dtls_poll_timeout(&transport->dtls) : UINT64_MAX;
    if (dtls_us < due_us)
        due_us = dtls_us;
    return transport->silence_us < due_us ? transport->silence_us : due_us;
}

void sotto_client_transport_handle_timeout(struct sotto_client_transport *transport,
                                           uint64_t now_us) {
    if (transport->silence_us <= now_us) {
        transport->silence_us = now_us + SOTTO_CLIENT_TRANSPORT_SILENCE_US;
        sotto_ice_client_recheck(&transport->ice, now_us / 1000);
    }
    sotto_ice_client_handle_timeout(&transport->ice, now_us / 1000);
    if (transport->dtls_begun)
        sotto_dtls_handle_timeout(&transport->dtls, now_us);
    follow_dtls(transport);
    follow_ice(transport, now_us);
}

size_t sotto_client_transport_poll_transmit(struct sotto_client_transport *transport,
                                            uint8_t *datagram, size_t capacity,
                                            struct sotto_address *from, struct sotto_address *to) {
    assert(capacity >= SOTTO_CLIENT_TRANSPORT_DATAGRAM_SIZE_MAX);
    struct sotto_ice_client_transmit check;
    if (sotto_ice_client_poll_transmit(&transport->ice, &check)) {
        memcpy(datagram, check.data, check.size);
        *from = check.from;
        *to = check.to;
        return check.size;
    }
    const struct sotto_ice_pair *pair = sotto_ice_client_selected(&transport->ice);
    if (!transport->dtls_begun || !pair)
        return 0;
    *from = pair->local;
    *to = pair->remote;
    return sotto_dtls_poll_transmit(&transport->dtls, datagram, capacity);
}

bool sotto_client_transport_poll_event(struct sotto_client_transport *transport,
                                       struct sotto_client_transport_event *event) {
    *event = (struct sotto_client_transport_event){0};
    if (transport->told_state == transport->state)
        return false;
    transport->told_state = transport->state;
    event->state = transport->state;
    event->failure = transport->failure;
    return true;
}

void sotto_client_transport_close(struct sotto_client_transport *transport) {
    if (transport->dtls_begun)
        sotto_dtls_close(&transport->dtls);
}

void sotto_client_transport_wipe(struct sotto_client_transport *transport) {
    sotto_srtp_wipe(&transport->inbound);
    sotto_srtp_wipe(&transport->outbound);
    sotto_dtls_wipe(&transport->dtls);
    sotto_ice_client_wipe(&transport->ice);
    sotto_wipe(transport, sizeof *transport);
}
