#include "proto/srtp_session.h"

#include "core/assert.h"
#include "core/equal.h"
#include "core/memory.h"
#include "core/wipe.h"

enum {
    CM_TAG_SIZE = 10,       // RFC 3711 section 5.2: n_tag of 80 bits
    ROLL_OVER_SIZE = 4,     // authenticated behind the packet, RFC 3711 section 4.2
    GCM_SALT_SIZE = 12,     // RFC 7714 section 12
    SRTCP_AAD_SIZE = 8 + 4, // clear header and index, RFC 7714 section 9.2
};

static const uint32_t srtcp_encrypted = UINT32_C(1) << 31; // the E flag, RFC 3711 section 3.4

static bool is_aead(enum sotto_srtp_profile profile) {
    return profile != SOTTO_SRTP_AES_CM_128_HMAC_SHA1_80;
}

size_t sotto_srtp_key_size(enum sotto_srtp_profile profile) {
    return profile == SOTTO_SRTP_AEAD_AES_256_GCM ? 32 : 16;
}

size_t sotto_srtp_salt_size(enum sotto_srtp_profile profile) {
    return is_aead(profile) ? GCM_SALT_SIZE : SOTTO_SRTP_SALT_SIZE_MAX;
}

size_t sotto_srtp_tag_size(enum sotto_srtp_profile profile) {
    return is_aead(profile) ? SOTTO_SRTP_GCM_TAG_SIZE : CM_TAG_SIZE;
}

bool sotto_srtp_session_init(struct sotto_srtp_session *session, enum sotto_srtp_profile profile,
                             const struct sotto_srtp_session_keys *keys) {
    *session = (struct sotto_srtp_session){.profile = profile};
    memcpy(session->salt, keys->salt, sotto_srtp_salt_size(profile));
    size_t key_size = sotto_srtp_key_size(profile);
    bool done;
    if (is_aead(profile))
        done = sotto_srtp_gcm_init(&session->gcm, keys->key, key_size);
    else
        done = sotto_srtp_ctr_init(&session->ctr, keys->key, key_size) &&
               sotto_srtp_hmac_init(&session->hmac, keys->authentication_key);
    if (!done)
        sotto_srtp_session_wipe(session);
    return done;
}

void sotto_srtp_session_wipe(struct sotto_srtp_session *session) {
    sotto_srtp_gcm_wipe(&session->gcm);
    sotto_srtp_ctr_wipe(&session->ctr);
    sotto_srtp_hmac_wipe(&session->hmac);
    sotto_wipe(session, sizeof *session);
}

static void put_u32(uint8_t *place, uint32_t value) {
    for (size_t i = 4; i-- > 0; value >>= 8)
        place[i] = (uint8_t)value;
}

// SSRC and 48-bit index over the salt: `nonce` begins with 2 zero bytes (AEAD, RFC 7714 section 8.1
// and 9.1) or 4 (counter mode, RFC 3711 section 4.1.1). An SRTCP index is a small 48-bit index.
static void make_nonce(const struct sotto_srtp_session *session, uint32_t ssrc, uint64_t index,
                       size_t zeros, uint8_t nonce[SOTTO_SRTP_CTR_IV_SIZE]) {
    memset(nonce, 0, SOTTO_SRTP_CTR_IV_SIZE);
    put_u32(nonce + zeros, ssrc);
    nonce[zeros + 4] = (uint8_t)(index >> 40);
    nonce[zeros + 5] = (uint8_t)(index >> 32);
    put_u32(nonce + zeros + 6, (uint32_t)index);
    for (size_t i = 0; i < sizeof session->salt; i++)
        nonce[i] ^= session->salt[i];
}

static void make_gcm_nonce(const struct sotto_srtp_session *session, uint32_t ssrc, uint64_t index,
                           uint8_t nonce[SOTTO_SRTP_CTR_IV_SIZE]) {
    make_nonce(session, ssrc, index, 2, nonce);
}

static bool apply_ctr(struct sotto_srtp_session *session, uint32_t ssrc, uint64_t index,
                      uint8_t *data, size_t size) {
    uint8_t iv[SOTTO_SRTP_CTR_IV_SIZE];
    make_nonce(session, ssrc, index, 4, iv);
    return sotto_srtp_ctr_apply(&session->ctr, iv, data, size);
}

// The tag is over `size` bytes of packet and, with RTP, the roll-over counter.
static bool cm_tag_verifies(struct sotto_srtp_session *session, const uint8_t *packet, size_t size,
                            const uint8_t *roll_over, size_t roll_over_size, const uint8_t *tag) {
    uint8_t expected[SOTTO_SRTP_HMAC_SIZE];
    bool made = sotto_srtp_hmac_write(&session->hmac, packet, size, roll_over, roll_over_size,
                                      expected);
    bool same = sotto_equal(expected, tag, CM_TAG_SIZE);
    sotto_wipe(expected, sizeof expected);
    return made && same;
}

bool sotto_srtp_session_seal(struct sotto_srtp_session *session, uint32_t ssrc, uint64_t index,
                             uint8_t *packet, size_t header_size, size_t size) {
    SOTTO_ASSERT(header_size <= size && index >> 48 == 0);
    if (is_aead(session->profile)) {
        uint8_t nonce[SOTTO_SRTP_CTR_IV_SIZE];
        make_gcm_nonce(session, ssrc, index, nonce);
        return sotto_srtp_gcm_seal(&session->gcm, nonce, packet, header_size, packet + header_size,
                                   size - header_size, packet + size);
    }
    uint8_t roll_over[ROLL_OVER_SIZE];
    put_u32(roll_over, (uint32_t)(index >> 16));
    uint8_t tag[SOTTO_SRTP_HMAC_SIZE];
    bool done = apply_ctr(session, ssrc, index, packet + header_size, size - header_size) &&
                sotto_srtp_hmac_write(&session->hmac, packet, size, roll_over, sizeof roll_over,
                                      tag);
    if (done)
        memcpy(packet + size, tag, CM_TAG_SIZE);
    return done;
}

bool sotto_srtp_session_open(struct sotto_srtp_session *session, uint32_t ssrc, uint64_t index,
                             uint8_t *packet, size_t header_size, size_t size) {
    SOTTO_ASSERT(header_size <= size && index >> 48 == 0);
    if (is_aead(session->profile)) {
        uint8_t nonce[SOTTO_SRTP_CTR_IV_SIZE];
        make_gcm_nonce(session, ssrc, index, nonce);
        return sotto_srtp_gcm_open(&session->gcm, nonce, packet, header_size, packet + header_size,
                                   size - header_size, packet + size);
    }
    uint8_t roll_over[ROLL_OVER_SIZE];
    put_u32(roll_over, (uint32_t)(index >> 16));
    return cm_tag_verifies(session, packet, size, roll_over, sizeof roll_over, packet + size) &&
           apply_ctr(session, ssrc, index, packet + header_size, size - header_size);
}

size_t sotto_srtcp_index_offset(enum sotto_srtp_profile profile, size_t size) {
    return is_aead(profile) ? size + SOTTO_SRTP_GCM_TAG_SIZE : size;
}

// RFC 7714 section 9.2: the clear header and the word of E flag and index.
static void make_rtcp_aad(const uint8_t *packet, uint32_t index, uint8_t aad[SRTCP_AAD_SIZE]) {
    memcpy(aad, packet, SOTTO_SRTCP_CLEAR_HEADER_SIZE);
    put_u32(aad + SOTTO_SRTCP_CLEAR_HEADER_SIZE, srtcp_encrypted | index);
}

bool sotto_srtcp_session_seal(struct sotto_srtp_session *session, uint32_t ssrc, uint32_t index,
                              uint8_t *packet, size_t size) {
    SOTTO_ASSERT(size >= SOTTO_SRTCP_CLEAR_HEADER_SIZE && index >> 31 == 0);
    uint8_t *body = packet + SOTTO_SRTCP_CLEAR_HEADER_SIZE;
    size_t body_size = size - SOTTO_SRTCP_CLEAR_HEADER_SIZE;
    uint8_t *word = packet + sotto_srtcp_index_offset(session->profile, size);
    put_u32(word, srtcp_encrypted | index);
    if (is_aead(session->profile)) {
        uint8_t nonce[SOTTO_SRTP_CTR_IV_SIZE];
        uint8_t aad[SRTCP_AAD_SIZE];
        make_gcm_nonce(session, ssrc, index, nonce);
        make_rtcp_aad(packet, index, aad);
        return sotto_srtp_gcm_seal(&session->gcm, nonce, aad, sizeof aad, body, body_size,
                                   packet + size);
    }
    uint8_t tag[SOTTO_SRTP_HMAC_SIZE];
    bool done = apply_ctr(session, ssrc, index, body, body_size) &&
                sotto_srtp_hmac_write(&session->hmac, packet, size + SOTTO_SRTCP_INDEX_SIZE, NULL,
                                      0, tag);
    if (done)
        memcpy(word + SOTTO_SRTCP_INDEX_SIZE, tag, CM_TAG_SIZE);
    return done;
}

bool sotto_srtcp_session_open(struct sotto_srtp_session *session, uint32_t ssrc, uint32_t index,
                              uint8_t *packet, size_t size) {
    SOTTO_ASSERT(size >= SOTTO_SRTCP_CLEAR_HEADER_SIZE && index >> 31 == 0);
    uint8_t *body = packet + SOTTO_SRTCP_CLEAR_HEADER_SIZE;
    size_t body_size = size - SOTTO_SRTCP_CLEAR_HEADER_SIZE;
    if (is_aead(session->profile)) {
        uint8_t nonce[SOTTO_SRTP_CTR_IV_SIZE];
        uint8_t aad[SRTCP_AAD_SIZE];
        make_gcm_nonce(session, ssrc, index, nonce);
        make_rtcp_aad(packet, index, aad);
        return sotto_srtp_gcm_open(&session->gcm, nonce, aad, sizeof aad, body, body_size,
                                   packet + size);
    }
    size_t covered_size = size + SOTTO_SRTCP_INDEX_SIZE;
    return cm_tag_verifies(session, packet, covered_size, NULL, 0, packet + covered_size) &&
           apply_ctr(session, ssrc, index, body, body_size);
}
