// Every limit of the protocol layer, each with its reason. Sections are named after the modules.
#ifndef SOTTO_PROTO_LIMITS_H
#define SOTTO_PROTO_LIMITS_H

// stun
enum {
    // An Ethernet frame's payload: no path that carries media delivers a larger datagram whole.
    SOTTO_STUN_SIZE_MAX = 1500,
    // Browsers send seven to nine attributes in a check.
    SOTTO_STUN_ATTRIBUTE_COUNT_MAX = 24,
    // RFC 8489 section 14.3: a USERNAME has fewer than 509 bytes.
    SOTTO_STUN_USERNAME_SIZE_MAX = 508,
    // Types kept of UNKNOWN-ATTRIBUTES and of unknown attributes. A list in an error is a hint for
    // developers; it may be incomplete.
    SOTTO_STUN_TYPE_COUNT_MAX = 8,
    // Header, ERROR-CODE, UNKNOWN-ATTRIBUTES with all its types, MESSAGE-INTEGRITY, FINGERPRINT:
    // larger than a success over IPv6, which is 76 bytes.
    SOTTO_STUN_ANSWER_SIZE_MAX = 20 + 8 + 20 + 24 + 8,
};

// ice_credentials
enum {
    // RFC 8445 section 5.3: a username fragment (ufrag) has at least 24 bits of randomness, a
    // password at least 128, at 6 bits a character. Ours have 72 and 144.
    SOTTO_ICE_UFRAG_SIZE_MIN = 4,
    SOTTO_ICE_PASSWORD_SIZE_MIN = 22,
    SOTTO_ICE_UFRAG_SIZE = 12,
    SOTTO_ICE_PASSWORD_SIZE = 24,
    // The RFC allows 256 characters of each; servers in use send at most 32 of each.
    SOTTO_ICE_UFRAG_SIZE_MAX = 32,
    SOTTO_ICE_PASSWORD_SIZE_MAX = 64,
};

// ice_lite
enum {
    // RFC 7675 section 5.1: "Consent expires after 30 seconds."
    SOTTO_ICE_CONSENT_MS = 30000,
    // A browser has some two to four paths at a time (Wi-Fi, cellular, both IP versions, TCP).
    SOTTO_ICE_LITE_ADDRESS_COUNT_MAX = 8,
    // Room for what one call adds: eight addresses that expire and one DISCONNECTED are nine.
    SOTTO_ICE_LITE_EVENT_COUNT_MAX = 12,
    // Error answers a second. A well-behaved peer needs one in a session.
    SOTTO_ICE_LITE_ERROR_RATE_MAX = 10,
};

// ice_client
enum {
    // Interfaces of one machine that reach the internet, both IP versions.
    SOTTO_ICE_CLIENT_LOCAL_COUNT_MAX = 4,
    // A server with several addresses, each over UDP and TCP.
    SOTTO_ICE_CLIENT_REMOTE_COUNT_MAX = 8,
    SOTTO_ICE_CLIENT_PAIR_COUNT_MAX = 32,
    // RFC 8445 section 14.2: "ICE agents SHOULD use a default Ta value, 50 ms".
    SOTTO_ICE_CLIENT_PACE_MS = 50,
    // RFC 8445 section 14.3: "Agents MUST NOT use an RTO value smaller than 500 ms."
    SOTTO_ICE_CLIENT_RTO_MS_MIN = 500,
    // Doubling stops here. If it went on (RFC 8489 section 6.2.1), six requests would go out in the
    // 30 s until failure, and one connection in fifty would fail under 30 % loss.
    SOTTO_ICE_CLIENT_RTO_MS_MAX = 1000,
    // How long a better pair may still answer after the first one did.
    SOTTO_ICE_CLIENT_SETTLE_MS = 200,
    // The same while a selected pair is being checked again: three of its requests.
    SOTTO_ICE_CLIENT_SETTLE_AGAIN_MS = 2000,
    // Requests with USE-CANDIDATE before another pair gets its turn.
    SOTTO_ICE_CLIENT_NOMINATION_COUNT_MAX = 3,
    // RFC 7675 section 5.1: an interval of 5 s by default, each time between 0.8 and 1.2 of it, so
    // 4 to 6 s; never less than 4.
    SOTTO_ICE_CLIENT_CONSENT_MS_MIN = 4000,
    SOTTO_ICE_CLIENT_CONSENT_MS_SPREAD = 2000,
    // Consent checks under way at once: 30 s at one in 4 s.
    SOTTO_ICE_CLIENT_CONSENT_COUNT_MAX = 8,
    // Consent checks without an answer before all pairs are checked again.
    SOTTO_ICE_CLIENT_DOUBT_COUNT = 2,
    // A request with two ufrags of 32 characters: header, USERNAME, ICE-CONTROLLING,
    // USE-CANDIDATE, PRIORITY, MESSAGE-INTEGRITY, FINGERPRINT.
    SOTTO_ICE_CLIENT_CHECK_SIZE_MAX = 20 + 72 + 12 + 4 + 8 + 24 + 8,
};

// dtls_prefilter
enum {
    // ClientHello and Certificate. Browsers send 1.5 KB with a post-quantum key share; certificates
    // in WebRTC are single and self-signed, 1.3 KB with RSA-4096.
    SOTTO_DTLS_MESSAGE_SIZE_MAX = 8192,
    // All other messages. The longest is a CertificateVerify with RSA-8192: 1028 bytes.
    SOTTO_DTLS_SHORT_MESSAGE_SIZE_MAX = 1280,
    // Messages in clear that one side receives: a server four, a client five.
    SOTTO_DTLS_MESSAGE_COUNT_MAX = 5,
    // What one handshake may bring. Only datagrams that brought something new count, so an honest
    // peer stays inside whatever is lost: it needs at most one datagram for each fragment of its
    // messages (Chromium 4, Firefox 7), and one for each repetition of its Finished, of which it
    // sends about ten before the deadline.
    SOTTO_DTLS_HANDSHAKE_BYTES_MAX = 65536,
    SOTTO_DTLS_HANDSHAKE_DATAGRAMS_MAX = 60,
    // The first true Finished ends a handshake. Another message that is encrypted to look like one
    // can make OpenSSL 3.0 reserve 20 KB.
    SOTTO_DTLS_HANDSHAKE_ENCRYPTED_COUNT_MAX = 4,
    // Some twelve repetitions of a flight, at intervals that grow to a second.
    SOTTO_DTLS_HANDSHAKE_DEADLINE_US = 10000000,
};

// rtp_receive_stats
enum {
    // RFC 3550 appendix A.1: MAX_DROPOUT and MAX_MISORDER, a minute and two seconds of 50 packets.
    SOTTO_RTP_DROPOUT_MAX = 3000,
    SOTTO_RTP_MISORDER_MAX = 100,
};

// ntp
enum {
    // Longer than any path that still carries a conversation.
    SOTTO_ROUND_TRIP_US_MAX = 60 * 1000 * 1000,
};

// rtcp_feedback
enum {
    // One stream never needs a gigabit; the format can say 2^81 bit/s.
    SOTTO_RTCP_REMB_BITRATE_BPS_MAX = 1000 * 1000 * 1000,
};

// srtp
enum {
    // Slots for SSRCs; 768 can be in use: media and retransmission of 250 videos, and 250 voices.
    SOTTO_SRTP_SLOT_COUNT_MAX = 1024,
    // Sources of RTCP with a replay window. A browser that receives 150 voices and 25 videos may
    // report on each under an SSRC of its own.
    SOTTO_SRTCP_SOURCE_COUNT_MAX = 256,
    // A UDP datagram holds no more; far below the 2^20 bytes of AES-CM (RFC 3711 section 4.1.1).
    SOTTO_SRTP_PACKET_SIZE_MAX = 65535,
};

#endif
