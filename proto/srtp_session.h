// The transforms of SRTP and SRTCP under one set of session keys: a packet and its index in, a
// protected packet out, and back (RFC 3711 section 4, RFC 7714 section 8 to 10). Which index a
// packet has and whether it may be used is decided in srtp.h.
#ifndef SOTTO_PROTO_SRTP_SESSION_H
#define SOTTO_PROTO_SRTP_SESSION_H

#include "core/result.h"
#include "proto/srtp_crypto.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Protection profiles by their number in DTLS (RFC 5764 section 4.1.2, RFC 7714 section 14.2). We
// prefer AEAD_AES_128_GCM, then AEAD_AES_256_GCM, then AES_CM_128_HMAC_SHA1_80.
enum sotto_srtp_profile {
    SOTTO_SRTP_AES_CM_128_HMAC_SHA1_80 = 0x0001,
    SOTTO_SRTP_AEAD_AES_128_GCM = 0x0007,
    SOTTO_SRTP_AEAD_AES_256_GCM = 0x0008,
};

enum {
    SOTTO_SRTP_KEY_SIZE_MAX = 32,
    SOTTO_SRTP_SALT_SIZE_MAX = 14,
    SOTTO_SRTP_TAG_SIZE_MAX = 16,
    SOTTO_SRTCP_INDEX_SIZE = 4,        // E flag and 31-bit index
    SOTTO_SRTCP_CLEAR_HEADER_SIZE = 8, // RFC 3711 section 3.4: first header and SSRC stay in clear
};

size_t sotto_srtp_key_size(enum sotto_srtp_profile profile);  // 16 or 32
size_t sotto_srtp_salt_size(enum sotto_srtp_profile profile); // 12 or 14
size_t sotto_srtp_tag_size(enum sotto_srtp_profile profile);  // 16 or 10

// Session keys for RTP or for RTCP. Neither copied nor moved.
struct sotto_srtp_session {
    enum sotto_srtp_profile profile;
    struct sotto_srtp_gcm gcm; // with the AEAD profiles
    struct sotto_srtp_ctr ctr; // with the other, cipher and tag apart
    struct sotto_srtp_hmac hmac;
    uint8_t salt[SOTTO_SRTP_SALT_SIZE_MAX];
};

// What to begin from. Sizes follow from the profile.
struct sotto_srtp_session_keys {
    uint8_t key[SOTTO_SRTP_KEY_SIZE_MAX];
    uint8_t salt[SOTTO_SRTP_SALT_SIZE_MAX];
    uint8_t authentication_key[SOTTO_SRTP_HMAC_KEY_SIZE]; // AES_CM_128_HMAC_SHA1_80 only
};

// The keys are copied; the caller wipes its own. False, with everything wiped, if the library
// fails. An initialised session ends with sotto_srtp_session_wipe.
SOTTO_MUST_USE bool sotto_srtp_session_init(struct sotto_srtp_session *session,
                                            enum sotto_srtp_profile profile,
                                            const struct sotto_srtp_session_keys *keys);

void sotto_srtp_session_wipe(struct sotto_srtp_session *session);

// An RTP packet of `size` bytes whose first `header_size` stay in clear; `packet` has room for the
// tag behind it. `index` is (roll-over counter << 16 | sequence number). False if the library
// fails.
SOTTO_MUST_USE bool sotto_srtp_session_seal(struct sotto_srtp_session *session, uint32_t ssrc,
                                            uint64_t index, uint8_t *packet, size_t header_size,
                                            size_t size);

// The same packet back; `size` is without the tag that stands behind it. False, with no plaintext
// left in the packet, if the tag does not verify.
SOTTO_MUST_USE bool sotto_srtp_session_open(struct sotto_srtp_session *session, uint32_t ssrc,
                                            uint64_t index, uint8_t *packet, size_t header_size,
                                            size_t size);

// An RTCP packet of `size` bytes, at least 8, with room for tag and index behind it; `index` is
// below 2^31.
SOTTO_MUST_USE bool sotto_srtcp_session_seal(struct sotto_srtp_session *session, uint32_t ssrc,
                                             uint32_t index, uint8_t *packet, size_t size);

// The same packet back; `size` is without tag and index. The index is the one in the packet, its E
// flag set.
SOTTO_MUST_USE bool sotto_srtcp_session_open(struct sotto_srtp_session *session, uint32_t ssrc,
                                             uint32_t index, uint8_t *packet, size_t size);

// Where the 4 bytes of E flag and index stand in an SRTCP packet whose RTCP part has `size` bytes:
// behind the tag with AEAD (RFC 7714 section 9.2), before it otherwise (RFC 3711 section 3.4).
size_t sotto_srtcp_index_offset(enum sotto_srtp_profile profile, size_t size);

#endif
