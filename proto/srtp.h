// SRTP and SRTCP (RFC 3711) with AES-GCM (RFC 7714) or AES-CM and HMAC-SHA1, keyed by DTLS
// (RFC 5764). No MKI, no key derivation rate, no encrypted header extensions (RFC 6904).
//
// The index of a packet, (roll-over counter, sequence number), is part of its nonce, so it may be
// used once. Here it can be used only once: the sender keeps the same window per SSRC as the
// receiver and refuses a packet whose index it has protected before or is too old to know, also
// with the same content; its SSRCs are added in ascending order, so a removed one cannot start
// again under the same key. A lost packet is sent again as a new packet (proto/rtx.h).
#ifndef SOTTO_PROTO_SRTP_H
#define SOTTO_PROTO_SRTP_H

#include "core/result.h"
#include "proto/limits.h"
#include "proto/srtp_session.h"
#include "proto/srtp_streams.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SOTTO_SRTP_OVERHEAD_MAX = 16,  // what protecting adds to an RTP packet at most
    SOTTO_SRTCP_OVERHEAD_MAX = 20, // and to an RTCP packet
};

// What one packet came to. On anything but SOTTO_SRTP_OK its size is 0, and no plaintext of a
// packet that was not authenticated remains in the buffer. None of these is a reason to end a
// connection.
enum sotto_srtp_result {
    SOTTO_SRTP_OK,
    SOTTO_SRTP_MALFORMED,    // not an RTP or RTCP packet, too short, or RTCP sent in clear
    SOTTO_SRTP_UNKNOWN_SSRC, // nobody added this SSRC; the packet is untouched
    SOTTO_SRTP_REPLAYED,     // index used before, or more than the window behind the highest
    SOTTO_SRTP_TAMPERED,     // the tag does not verify
    SOTTO_SRTP_EXHAUSTED,    // 2^48 RTP indexes of the SSRC or 2^31 RTCP indexes are used up
    SOTTO_SRTP_TOO_SMALL,    // no room for the tag in `capacity`
    SOTTO_SRTP_INTERNAL,     // the cryptographic library failed
};

enum sotto_srtp_direction { SOTTO_SRTP_SENDER, SOTTO_SRTP_RECEIVER };

// What a receiver knows of one source of RTCP. `highest` is an index, bit n of `seen` says that
// highest - n came.
struct sotto_srtcp_source {
    uint32_t ssrc;
    uint32_t highest;
    uint64_t seen;
    uint64_t used_at; // in accepted packets; 0 if the entry is free
};

// One direction of one transport. Owned by the caller, neither copied nor moved, read-only outside.
struct sotto_srtp {
    enum sotto_srtp_direction direction;
    enum sotto_srtp_profile profile;
    struct sotto_srtp_session rtp;
    struct sotto_srtp_session rtcp;
    struct sotto_srtp_streams streams;
    uint64_t ssrc_floor; // sender: SSRCs below it can no longer be added
    uint32_t rtcp_index; // sender: of the next RTCP packet, whatever its SSRC
    uint64_t rtcp_count; // receiver: RTCP packets accepted
    struct sotto_srtcp_source sources[SOTTO_SRTCP_SOURCE_COUNT_MAX]; // receiver
};

struct sotto_srtp_setup {
    enum sotto_srtp_direction direction;
    enum sotto_srtp_profile profile;
    const uint8_t *master_key; // copied into session keys, not kept
    size_t master_key_size;    // must be sotto_srtp_key_size(profile)
    const uint8_t *master_salt;
    size_t master_salt_size; // must be sotto_srtp_salt_size(profile)
    // Room for the SSRCs, owned by the caller until wipe. A power of two, up to
    // SOTTO_SRTP_SLOT_COUNT_MAX; three quarters of it can be in use.
    struct sotto_srtp_stream *slots;
    size_t slot_count;
};

// Derives the session keys. False, with everything wiped, if the profile is none of the three, a
// size is wrong or the library fails.
// An initialised sotto_srtp ends with sotto_srtp_wipe.
SOTTO_MUST_USE bool sotto_srtp_init(struct sotto_srtp *srtp, const struct sotto_srtp_setup *setup);

// Erases the keys, gives the slots back zeroed and frees what the backend holds. An all-zero
// sotto_srtp is wiped already.
void sotto_srtp_wipe(struct sotto_srtp *srtp);

// Binds an SSRC of RTP; packets of others are refused. False if the table is full or the SSRC is
// there already; for a sender also if it is not above all that were added before.
// A receiver that learns an SSRC from a packet's MID or RID adds it, unprotects that packet and, if
// it does not verify, removes it again: so only what the peer authenticated keeps a slot.
SOTTO_MUST_USE bool sotto_srtp_add_ssrc(struct sotto_srtp *srtp, uint32_t ssrc);

// Forgets an SSRC and its window; nothing happens if it is not there.
void sotto_srtp_remove_ssrc(struct sotto_srtp *srtp, uint32_t ssrc);

// Encrypts the RTP packet of `size` bytes in place and appends its tag; `capacity` is the room at
// `packet`. Packets may come out of order within the window. A jump of 2^15 or more is taken for a
// step back, so the caller keeps sequence numbers contiguous; it starts below 2^15, so that a
// receiver that misses the first packets guesses the roll-over counter right (RFC 3711 section
// 3.3.1).
SOTTO_MUST_USE enum sotto_srtp_result sotto_srtp_protect(struct sotto_srtp *srtp, uint8_t *packet,
                                                         size_t size, size_t capacity,
                                                         size_t *protected_size);

// Verifies and decrypts in place. Nothing about the stream changes unless the tag verifies.
SOTTO_MUST_USE enum sotto_srtp_result sotto_srtp_unprotect(struct sotto_srtp *srtp, uint8_t *packet,
                                                           size_t size, size_t *plain_size);

// The same for compound RTCP. A sender needs no added SSRC: one index serves all of them.
SOTTO_MUST_USE enum sotto_srtp_result sotto_srtcp_protect(struct sotto_srtp *srtp, uint8_t *packet,
                                                          size_t size, size_t capacity,
                                                          size_t *protected_size);

// A packet without the E flag is refused as SOTTO_SRTP_MALFORMED: DTLS-SRTP here always encrypts.
// Receivers do not announce the SSRC under which they send RTCP, so a source gets its replay window
// with its first packet that verifies; when there are SOTTO_SRTCP_SOURCE_COUNT_MAX of them, the one
// silent for longest is forgotten, and its old packets would be taken once more.
SOTTO_MUST_USE enum sotto_srtp_result sotto_srtcp_unprotect(struct sotto_srtp *srtp,
                                                            uint8_t *packet, size_t size,
                                                            size_t *plain_size);

#endif
