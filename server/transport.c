#include "server/transport.h"

#include "core/wipe.h"

#include <assert.h>
#include <string.h>

void sotto_transport_init(struct sotto_transport *transport,
                          enum sotto_transport_direction direction,
                          const struct sotto_dtls_context *dtls_context,
                          const struct sotto_ice_credentials *credentials) {
    memset(transport, 0, sizeof *transport);
    transport->direction = direction;
    transport->dtls_context = dtls_context;
    sotto_ice_lite_init(&transport->ice, credentials);
}

bool sotto_transport_connect(struct sotto_transport *transport,
                             const uint8_t fingerprint[SOTTO_FINGERPRINT_SIZE], uint64_t now_us) {
    if (transport->dtls_begun || transport->state == SOTTO_TRANSPORT_FAILED)
        return false;
    transport->dtls_begun = sotto_dtls_init(&transport->dtls, transport->dtls_context,
                                            SOTTO_DTLS_SERVER, fingerprint, now_us);
    return transport->dtls_begun;
}

void sotto_transport_restart_ice(struct sotto_transport *transport,
                                 const struct sotto_ice_credentials *credentials) {
    sotto_ice_lite_restart(&transport->ice, credentials);
}

// The SRTP direction in which RTP flows, and so has SSRCs.
static struct sotto_srtp *rtp_srtp(struct sotto_transport *transport) {
    return transport->direction == SOTTO_TRANSPORT_FROM_CLIENT ? &transport->inbound
                                                               : &transport->outbound;
}

// SSRCs that are sent come in ascending order, also while there is no SRTP yet to refuse others.
static bool may_bind(const struct sotto_transport *transport, uint32_t ssrc) {
    bool sends = transport->direction == SOTTO_TRANSPORT_TO_CLIENT;
    for (size_t i = 0; i < transport->ssrc_count; i++) {
        if (transport->ssrcs[i] == ssrc || (sends && transport->ssrcs[i] > ssrc))
            return false;
    }
    return transport->ssrc_count < SOTTO_TRANSPORT_SSRCS_MAX;
}

bool sotto_transport_add_ssrc(struct sotto_transport *transport, uint32_t ssrc) {
    if (!may_bind(transport, ssrc))
        return false;
    if (transport->has_keys && !sotto_srtp_add_ssrc(rtp_srtp(transport), ssrc))
        return false;
    transport->ssrcs[transport->ssrc_count++] = ssrc;
    return true;
}

// Keeps the order: SSRCs are given to SRTP in the order in which they came.
void sotto_transport_remove_ssrc(struct sotto_transport *transport, uint32_t ssrc) {
    size_t kept = 0;
    for (size_t i = 0; i < transport->ssrc_count; i++) {
        if (transport->ssrcs[i] != ssrc)
            transport->ssrcs[kept++] = transport->ssrcs[i];
    }
    if (kept < transport->ssrc_count && transport->has_keys)
        sotto_srtp_remove_ssrc(rtp_srtp(transport), ssrc);
    transport->ssrc_count = kept;
}

static void fail(struct sotto_transport *transport, enum sotto_dtls_failure failure) {
    transport->state = SOTTO_TRANSPORT_FAILED;
    transport->failure = failure;
    transport->has_keys = false;
    sotto_srtp_wipe(&transport->inbound);
    sotto_srtp_wipe(&transport->outbound);
}

// One direction under the keys of the handshake, with room for SSRCs where RTP flows.
static bool init_srtp(struct sotto_transport *transport, enum sotto_srtp_direction direction,
                      const struct sotto_dtls_keys *keys) {
    bool is_receiver = direction == SOTTO_SRTP_RECEIVER;
    struct sotto_srtp *srtp = is_receiver ? &transport->inbound : &transport->outbound;
    bool has_rtp = srtp == rtp_srtp(transport);
    struct sotto_srtp_setup setup = {
        .direction = direction,
        .profile = (enum sotto_srtp_profile)keys->profile,
        .master_key = is_receiver ? keys->remote_key : keys->local_key,
        .master_key_size = keys->key_size,
        .master_salt = is_receiver ? keys->remote_salt : keys->local_salt,
        .master_salt_size = keys->salt_size,
        .slots = has_rtp ? transport->slots : transport->no_slots,
        .slot_count = has_rtp ? SOTTO_TRANSPORT_SLOTS : SOTTO_TRANSPORT_NO_SLOTS,
    };
    return sotto_srtp_init(srtp, &setup);
}

static bool start_srtp(struct sotto_transport *transport, const struct sotto_dtls_keys *keys) {
    if (!init_srtp(transport, SOTTO_SRTP_RECEIVER, keys) ||
        !init_srtp(transport, SOTTO_SRTP_SENDER, keys))
        return false;
    for (size_t i = 0; i < transport->ssrc_count; i++) {
        if (!sotto_srtp_add_ssrc(rtp_srtp(transport), transport->ssrcs[i]))
            return false;
    }
    return true;
}

static void follow_dtls(struct sotto_transport *transport) {
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

static void follow_state(struct sotto_transport *transport) {
    if (transport->state == SOTTO_TRANSPORT_FAILED || !transport->has_keys)
        return;
    if (sotto_ice_lite_selected(&transport->ice))
        transport->state = SOTTO_TRANSPORT_CONNECTED;
    else if (transport->state == SOTTO_TRANSPORT_CONNECTED)
        transport->state = SOTTO_TRANSPORT_DISCONNECTED;
}

static void handle_stun(struct sotto_transport *transport, uint64_t now_us,
                        const struct sotto_address *from, const uint8_t *data, size_t size) {
    uint64_t answered = transport->ice.counters.answered;
    sotto_ice_lite_handle_packet(&transport->ice, now_us / 1000, from, data, size);
    if (transport->ice.counters.answered != answered)
        transport->heard_us = now_us;
    follow_state(transport);
}

static void handle_dtls(struct sotto_transport *transport, uint64_t now_us, const uint8_t *data,
                        size_t size) {
    if (!transport->dtls_begun) {
        transport->counters.early_count++;
        return;
    }
    sotto_dtls_handle_packet(&transport->dtls, now_us, data, size);
    follow_dtls(transport);
    follow_state(transport);
}

static enum sotto_transport_packet handle_media(struct sotto_transport *transport, uint64_t now_us,
                                                bool is_rtcp, uint8_t *data, size_t size,
                                                size_t *plain_size) {
    if (!transport->has_keys) {
        transport->counters.early_count++;
        return SOTTO_TRANSPORT_NOTHING;
    }
    enum sotto_srtp_result result =
        is_rtcp ? sotto_srtcp_unprotect(&transport->inbound, data, size, plain_size)
                : sotto_srtp_unprotect(&transport->inbound, data, size, plain_size);
    if (result != SOTTO_SRTP_OK) {
        transport->counters.srtp_failed_count++;
        return SOTTO_TRANSPORT_NOTHING;
    }
    transport->counters.unprotect_count++;
    transport->heard_us = now_us;
    return is_rtcp ? SOTTO_TRANSPORT_RTCP : SOTTO_TRANSPORT_RTP;
}

enum sotto_transport_packet sotto_transport_handle_packet(struct sotto_transport *transport,
                                                          uint64_t now_us,
                                                          const struct sotto_address *from,
                                                          uint8_t *data, size_t size,
                                                          size_t *plain_size) {
    *plain_size = 0;
    enum sotto_demux_kind kind = sotto_demux_classify(&transport->demux, data, size);
    if (kind == SOTTO_DEMUX_STUN) {
        handle_stun(transport, now_us, from, data, size);
        return SOTTO_TRANSPORT_NOTHING;
    }
    if (!sotto_ice_lite_is_valid_address(&transport->ice, from)) {
        transport->counters.stray_count++;
        return SOTTO_TRANSPORT_NOTHING;
    }
    switch (kind) {
    case SOTTO_DEMUX_DTLS: handle_dtls(transport, now_us, data, size); break;
    case SOTTO_DEMUX_RTP: return handle_media(transport, now_us, false, data, size, plain_size);
    case SOTTO_DEMUX_RTCP: return handle_media(transport, now_us, true, data, size, plain_size);
    default: break;
    }
    return SOTTO_TRANSPORT_NOTHING;
}

bool sotto_transport_protect(struct sotto_transport *transport, bool is_rtcp, uint8_t *packet,
                             size_t size, size_t capacity, size_t *protected_size,
                             struct sotto_address *to) {
    const struct sotto_address *selected = sotto_ice_lite_selected(&transport->ice);
    *protected_size = 0;
    if (!transport->has_keys || !selected)
        return false;
    enum sotto_srtp_result result =
        is_rtcp
            ? sotto_srtcp_protect(&transport->outbound, packet, size, capacity, protected_size)
            : sotto_srtp_protect(&transport->outbound, packet, size, capacity, protected_size);
    *to = *selected;
    return result == SOTTO_SRTP_OK;
}

uint64_t sotto_transport_poll_timeout(const struct sotto_transport *transport) {
    uint64_t ice_ms = sotto_ice_lite_poll_timeout(&transport->ice);
    uint64_t ice_us = ice_ms > UINT64_MAX / 1000 ? UINT64_MAX : ice_ms * 1000;
    uint64_t dtls_us =
        transport->dtls_begun ? sotto_dtls_poll_timeout(&transport->dtls) : UINT64_MAX;
    return ice_us < dtls_us ? ice_us : dtls_us;
}

void sotto_transport_handle_timeout(struct sotto_transport *transport, uint64_t now_us) {
    sotto_ice_lite_handle_timeout(&transport->ice, now_us / 1000);
    if (transport->dtls_begun)
        sotto_dtls_handle_timeout(&transport->dtls, now_us);
    follow_dtls(transport);
    follow_state(transport);
}

size_t sotto_transport_poll_transmit(struct sotto_transport *transport, uint8_t *datagram,
                                     size_t capacity, struct sotto_address *to) {
    assert(capacity >= SOTTO_TRANSPORT_DATAGRAM_SIZE_MAX);
    struct sotto_ice_lite_transmit answer;
    if (sotto_ice_lite_poll_transmit(&transport->ice, &answer)) {
        memcpy(datagram, answer.data, answer.size);
        *to = answer.to;
        return answer.size;
    }
    // DTLS answers where media will go; until the peer nominates an address it waits.
    const struct sotto_address *selected = sotto_ice_lite_selected(&transport->ice);
    if (!transport->dtls_begun || !selected)
        return 0;
    *to = *selected;
    return sotto_dtls_poll_transmit(&transport->dtls, datagram, capacity);
}

bool sotto_transport_poll_event(struct sotto_transport *transport,
                                struct sotto_transport_event *event) {
    *event = (struct sotto_transport_event){0};
    struct sotto_ice_lite_event ice;
    while (sotto_ice_lite_poll_event(&transport->ice, &ice)) {
        event->address = ice.address;
        switch (ice.type) {
        case SOTTO_ICE_LITE_ADDRESS_ADDED: event->type = SOTTO_TRANSPORT_ADDRESS_ADDED; return true;
        case SOTTO_ICE_LITE_ADDRESS_REMOVED:
            event->type = SOTTO_TRANSPORT_ADDRESS_REMOVED;
            return true;
        case SOTTO_ICE_LITE_RESTARTED: event->type = SOTTO_TRANSPORT_ICE_RESTARTED; return true;
        case SOTTO_ICE_LITE_SELECTED:
        case SOTTO_ICE_LITE_DISCONNECTED: break; // the state follows from them
        }
    }
    if (transport->told_state == transport->state)
        return false;
    transport->told_state = transport->state;
    *event = (struct sotto_transport_event){.type = SOTTO_TRANSPORT_STATE_CHANGED,
                                            .state = transport->state,
                                            .failure = transport->failure};
    return true;
}

void sotto_transport_wipe(struct sotto_transport *transport) {
    sotto_srtp_wipe(&transport->inbound);
    sotto_srtp_wipe(&transport->outbound);
    sotto_dtls_wipe(&transport->dtls);
    sotto_ice_lite_wipe(&transport->ice);
    sotto_wipe(transport, sizeof *transport);
}
