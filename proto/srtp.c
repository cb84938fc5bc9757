#include "proto/srtp.h"

#include "core/assert.h"
#include "core/memory.h"
#include "core/wipe.h"
#include "proto/rtp.h"
#include "proto/srtp_key_derivation.h"

// Derives what one session needs and begins it. `first` is the label of its encryption key; the
// other two follow it in the order of RFC 3711 section 4.3.2.
static bool init_session(struct sotto_srtp_session *session, const struct sotto_srtp_setup *setup,
                         enum sotto_srtp_label first) {
    struct sotto_srtp_session_keys keys = {0};
    struct {
        uint32_t label;
        uint8_t *key;
        size_t size;
    } wanted[] = {
        {first, keys.key, setup->master_key_size},
        {first + 1u, keys.authentication_key, sizeof keys.authentication_key},
        {first + 2u, keys.salt, setup->master_salt_size},
    };
    bool done = true;
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
        done = done && sotto_srtp_derive(setup->master_key, setup->master_key_size,
                                         setup->master_salt, setup->master_salt_size,
                                         (enum sotto_srtp_label)wanted[i].label, wanted[i].key,
                                         wanted[i].size);
    done = done && sotto_srtp_session_init(session, setup->profile, &keys);
    sotto_wipe(&keys, sizeof keys);
    return done;
}

static bool is_known(enum sotto_srtp_profile profile) {
    return profile == SOTTO_SRTP_AEAD_AES_128_GCM || profile == SOTTO_SRTP_AEAD_AES_256_GCM ||
           profile == SOTTO_SRTP_AES_CM_128_HMAC_SHA1_80;
}

bool sotto_srtp_init(struct sotto_srtp *srtp, const struct sotto_srtp_setup *setup) {
    *srtp = (struct sotto_srtp){0};
    if (!is_known(setup->profile) ||
        setup->master_key_size != sotto_srtp_key_size(setup->profile) ||
        setup->master_salt_size != sotto_srtp_salt_size(setup->profile))
        return false;
    srtp->direction = setup->direction;
    srtp->profile = setup->profile;
    sotto_srtp_streams_init(&srtp->streams, setup->slots, setup->slot_count);
    bool done = init_session(&srtp->rtp, setup, SOTTO_SRTP_LABEL_RTP_ENCRYPTION) &&
                init_session(&srtp->rtcp, setup, SOTTO_SRTP_LABEL_RTCP_ENCRYPTION);
    if (!done)
        sotto_srtp_wipe(srtp);
    return done;
}

void sotto_srtp_wipe(struct sotto_srtp *srtp) {
    sotto_srtp_session_wipe(&srtp->rtp);
    sotto_srtp_session_wipe(&srtp->rtcp);
    if (srtp->streams.slots)
        memset(srtp->streams.slots, 0, srtp->streams.slot_count * sizeof *srtp->streams.slots);
    sotto_wipe(srtp, sizeof *srtp);
}

bool sotto_srtp_add_ssrc(struct sotto_srtp *srtp, uint32_t ssrc) {
    bool sender = srtp->direction == SOTTO_SRTP_SENDER;
    if (sender && ssrc < srtp->ssrc_floor)
        return false;
    if (!sotto_srtp_streams_add(&srtp->streams, ssrc))
        return false;
    if (sender)
        srtp->ssrc_floor = (uint64_t)ssrc + 1;
    return true;
}

void sotto_srtp_remove_ssrc(struct sotto_srtp *srtp, uint32_t ssrc) {
    sotto_srtp_streams_remove(&srtp->streams, ssrc);
}

// Finds the stream of a packet and the index that the packet would have.
static enum sotto_srtp_result locate(const struct sotto_srtp *srtp,
                                     const struct sotto_rtp_packet *header,
                                     struct sotto_srtp_stream **stream, uint64_t *index) {
    *stream = sotto_srtp_streams_find(&srtp->streams, header->ssrc);
    if (!*stream)
        return SOTTO_SRTP_UNKNOWN_SSRC;
    switch (sotto_srtp_stream_guess(*stream, header->sequence, index)) {
    case SOTTO_SRTP_INDEX_FRESH: return SOTTO_SRTP_OK;
    case SOTTO_SRTP_INDEX_USED: return SOTTO_SRTP_REPLAYED;
    case SOTTO_SRTP_INDEX_END: return SOTTO_SRTP_EXHAUSTED;
    }
    return SOTTO_SRTP_INTERNAL;
}

enum sotto_srtp_result sotto_srtp_protect(struct sotto_srtp *srtp, uint8_t *packet, size_t size,
                                          size_t capacity, size_t *protected_size) {
    SOTTO_ASSERT(srtp->direction == SOTTO_SRTP_SENDER);
    *protected_size = 0;
    size_t tag_size = sotto_srtp_tag_size(srtp->profile);
    struct sotto_rtp_packet header;
    if (size > SOTTO_SRTP_PACKET_SIZE_MAX || !sotto_rtp_parse_header(&header, packet, size))
        return SOTTO_SRTP_MALFORMED;
    if (capacity < size || capacity - size < tag_size)
        return SOTTO_SRTP_TOO_SMALL;
    struct sotto_srtp_stream *stream;
    uint64_t index;
    enum sotto_srtp_result result = locate(srtp, &header, &stream, &index);
    if (result != SOTTO_SRTP_OK)
        return result;
    // The index is used up even if the cipher fails: what it left behind might be sent.
    sotto_srtp_stream_accept(stream, index);
    if (!sotto_srtp_session_seal(&srtp->rtp, header.ssrc, index, packet, header.header_size, size))
        return SOTTO_SRTP_INTERNAL;
    *protected_size = size + tag_size;
    return SOTTO_SRTP_OK;
}

enum sotto_srtp_result sotto_srtp_unprotect(struct sotto_srtp *srtp, uint8_t *packet, size_t size,
                                            size_t *plain_size) {
    SOTTO_ASSERT(srtp->direction == SOTTO_SRTP_RECEIVER);
    *plain_size = 0;
    size_t tag_size = sotto_srtp_tag_size(srtp->profile);
    struct sotto_rtp_packet header;
    if (size < tag_size || size > SOTTO_SRTP_PACKET_SIZE_MAX ||
        !sotto_rtp_parse_header(&header, packet, size - tag_size))
        return SOTTO_SRTP_MALFORMED;
    struct sotto_srtp_stream *stream;
    uint64_t index;
    enum sotto_srtp_result result = locate(srtp, &header, &stream, &index);
    if (result != SOTTO_SRTP_OK)
        return result;
    if (!sotto_srtp_session_open(&srtp->rtp, header.ssrc, index, packet, header.header_size,
                                 size - tag_size))
        return SOTTO_SRTP_TAMPERED;
    sotto_srtp_stream_accept(stream, index);
    *plain_size = size - tag_size;
    return SOTTO_SRTP_OK;
}
