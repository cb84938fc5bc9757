// The limits of the SFU layer. Each stands with its reason.
#ifndef SOTTO_SFU_LIMITS_H
#define SOTTO_SFU_LIMITS_H

// ---- Forwarding: what one packet costs and how long it is remembered ----
enum {
    // Ethernet's MTU without the IP and UDP headers is less, so a larger packet did not come whole.
    SOTTO_RTP_PACKET_SIZE_MAX = 1500,
    // What is left of it after the largest header that is written towards a receiver: 12 bytes,
    // 4 bytes of extension header, 32 bytes of extensions and 2 bytes of RTX, rounded up.
    SOTTO_RTP_PAYLOAD_SIZE_MAX = 1440,
    // Compound RTCP packets stay below the smallest MTU that IPv6 guarantees.
    SOTTO_RTCP_PACKET_SIZE_MAX = 1200,

    // Each packet left out on purpose begins a new segment; with every second one left out at
    // 60 per second this reaches back two seconds.
    SOTTO_PACKET_MAP_SEGMENT_COUNT = 64,
    // A longer gap is not repaired any more (libwebrtc's receiver gives up at 1000), so the
    // numbers close over it. Far below 2^15, where SRTP would lose count of the wraps.
    SOTTO_PACKET_MAP_GAP_MAX = 512,

    // Packets remembered per video track, and their bytes: 1.6 s at 2.5 Mbit/s. Powers of two.
    SOTTO_PACKET_CACHE_VIDEO_COUNT = 1024,
    SOTTO_PACKET_CACHE_VIDEO_SIZE = 512 * 1024,
    // Audio is not sent again: enough to put packets in order and to wait for their turn.
    SOTTO_PACKET_CACHE_AUDIO_COUNT = 128,
    SOTTO_PACKET_CACHE_AUDIO_SIZE = 16 * 1024,
};

// ---- Forwarding: repair ----
enum {
    // A packet that is 10 ms late was reordered, not lost: no NACK yet.
    SOTTO_NACK_REORDER_MS = 10,
    // Packets asked for at once; a larger hole is repaired by a key frame.
    SOTTO_NACK_MISSING_MAX = 256,
    // As libwebrtc's receiver does; each try waits a round trip, but never less than 20 ms.
    SOTTO_NACK_TRY_COUNT_MAX = 10,
    SOTTO_NACK_INTERVAL_MS_MIN = 20,
    // Older packets are of no use to anyone: every decoder gave up on them.
    SOTTO_NACK_AGE_MS_MAX = 1500,

    // Used until a receiver report told the round trip, and its bounds afterwards: the reports
    // are written by the peer.
    SOTTO_ROUND_TRIP_MS_DEFAULT = 100,
    SOTTO_ROUND_TRIP_MS_MIN = 10,
    SOTTO_ROUND_TRIP_MS_MAX = 1000,

    // Retransmissions may take this share of a track's bytes, saved up to the bound, so that a
    // receiver cannot turn NACKs into a flood. Enough for 15 % of random loss.
    SOTTO_RESEND_SHARE_PERCENT = 20,
    // What goes over the wire around a payload, without which packets of little else would come for
    // nothing: IPv4 and UDP 28, RTP 12 and its extensions about 16, SRTP's tag 16.
    SOTTO_RESEND_OVERHEAD_SIZE = 72,
    SOTTO_RESEND_CREDIT_SIZE_MAX = 64 * 1024,
    SOTTO_RESEND_CREDIT_SIZE_FIRST = 16 * 1024,
    // Packets of one track that are under way a second time within a round trip. A power of two.
    SOTTO_RESEND_SLOT_COUNT = 256,
    // Sequence numbers looked at in one NACK packet; the rest is asked for again.
    SOTTO_NACK_HANDLED_COUNT_MAX = 256,

    // Between two requests for a key frame of one track; a key frame costs all its receivers.
    SOTTO_KEYFRAME_REQUEST_INTERVAL_MS = 300,
    // A request whose key frame does not come was lost.
    SOTTO_KEYFRAME_REQUEST_RETRY_MS = 1000,
    SOTTO_KEYFRAME_REQUEST_RETRY_COUNT_MAX = 5,
    // What a subscriber cannot decode without its key frame is held back for so long. Then it gets
    // what there is: receivers ask only for streams of which something comes, and a publisher may
    // show no key frame.
    SOTTO_KEYFRAME_WAIT_MS = 2000,
};

// ---- Forwarding: what a publisher may send (docs/decisions/0003-congestion-feedback.md) ----
enum {
    // A start that a thin link survives, and then a cap, for each video track.
    SOTTO_REMB_START_BPS = 1000 * 1000,
    SOTTO_REMB_START_MS = 3000,
    SOTTO_REMB_BPS = 2500 * 1000,
};

// ---- Forwarding: active speaker (levels of RFC 6464 in dB below full scale) ----
enum {
    SOTTO_SPEAKER_INTERVAL_MS = 100,
    // Quieter than -50 dBov is background.
    SOTTO_SPEAKER_THRESHOLD_DBOV = 50,
    // Somebody else must be this much louder, this long.
    SOTTO_SPEAKER_MARGIN_DB = 6,
    SOTTO_SPEAKER_CHALLENGE_MS = 300,
    // Nobody speaks after this much silence; pauses within speech are shorter.
    SOTTO_SPEAKER_SILENCE_MS = 2000,
};

// ---- Forwarding: meetings ----
enum {
    // One receiver report has room for 31 blocks (RFC 3550, section 6.4.2), one for each of them.
    SOTTO_PEER_TRACK_UP_COUNT_MAX = 31,
    // Tables are sized by the caller up to this: a thousand peers that see fifty others.
    SOTTO_MEETING_COUNT_MAX = 100000,
    // Received packets that wait for their subscribers: several batches of recvmmsg.
    SOTTO_FAN_OUT_COUNT_MAX = 256,
    // Granted retransmissions that wait: what does not fit is asked for again.
    SOTTO_RESEND_QUEUE_COUNT_MAX = 256,
    // Reports to each peer, as libwebrtc does for video.
    SOTTO_REPORT_INTERVAL_MS = 1000,
    // Sender reports that a subscriber waits for to play a new track in sync.
    SOTTO_REPORT_SOON_MS = 50,
    // Timers of a meeting are no finer than this, so that many of them cost little.
    SOTTO_MEETING_TICK_MS = 5,
    // A publisher's track changes its SSRC at most this often without being signalled.
    SOTTO_LEARN_INTERVAL_MS = 1000,
};

// ---- RTP parameters and negotiation: sizes of texts are without their closing zero ----
enum {
    // Codecs in the capabilities of a router or a device. mediasoup-client reports the router's own
    // codecs at most: five of them with RTX are nine entries, as audio has none.
    SOTTO_CAPABILITY_CODECS_MAX = 16,
    // Codecs in the parameters of one producer or consumer: browsers send one with its RTX. Two
    // leave room for a change of codec during a call.
    SOTTO_PARAMETER_CODECS_MAX = 4,
    // Format parameters ("a=fmtp") of one codec. The longest list, Opus in Firefox with every
    // option of mediasoup-client, has six.
    SOTTO_FORMAT_PARAMETERS_MAX = 12,
    // "level-asymmetry-allowed" has 23 characters.
    SOTTO_FORMAT_NAME_SIZE_MAX = 31,
    // Browsers send "42e01f" and the like; parameter sets in base64 need about 60.
    SOTTO_FORMAT_TEXT_SIZE_MAX = 95,
    // "audio/telephone-event" has 21 characters.
    SOTTO_MIME_TEXT_SIZE_MAX = 31,
    // Simulcast layers: libwebrtc makes three at most (kMaxSimulcastStreams).
    SOTTO_ENCODINGS_MAX = 4,
    // MID and RID travel in a one-byte header extension (RFC 8285, section 4.2): 16 bytes at most.
    SOTTO_MID_SIZE_MAX = 16,
    SOTTO_RID_SIZE_MAX = 16,
    // "L3T3_KEY_SHIFT" has 14 characters.
    SOTTO_SCALABILITY_MODE_SIZE_MAX = 15,
    // Chromium makes 16 characters, Firefox 38.
    SOTTO_CNAME_SIZE_MAX = 63,
    // Stream id and track id, of up to 64 characters each (RFC 8830, section 2), and a space.
    SOTTO_MSID_SIZE_MAX = 129,

    // Entries of a list before those unknown here are dropped. Chromium lists 42 codecs, 14 header
    // extensions and 5 kinds of feedback when nobody has selected among them.
    SOTTO_LISTED_CODECS_MAX = 64,
    SOTTO_LISTED_EXTENSIONS_MAX = 48,
    SOTTO_LISTED_FEEDBACK_MAX = 16,

    // Header extension ids of the two-byte form (RFC 8285, section 4.3); the router keeps to those
    // of the one-byte form (section 4.2).
    SOTTO_EXTENSION_ID_MAX = 255,
    SOTTO_EXTENSION_ONE_BYTE_ID_MAX = 14,
    // Seven bits (RFC 3550, section 5.1).
    SOTTO_PAYLOAD_TYPE_MAX = 127,

    // mediasoup-client adds a hidden receiver, "probator", with this SSRC and payload type to every
    // receiving transport, so neither is given to anything else.
    SOTTO_PROBATOR_SSRC = 1234,
    SOTTO_PROBATOR_PAYLOAD_TYPE = 127,

    // Consumers of one transport over its whole life, because a MID is never used again. Eight
    // digits keep the header extension short.
    SOTTO_CONSUMER_MIDS_MAX = 100000000,
    // Random bytes behind a cname that the server makes (RFC 7022, section 4.2: 96 bits or more).
    SOTTO_CNAME_RANDOM_SIZE = 16,
};

// Numbers among the format parameters: the largest that every reader of JSON keeps exactly
// (RFC 8259, section 6).
#define SOTTO_FORMAT_NUMBER_MAX 9007199254740991

#endif
