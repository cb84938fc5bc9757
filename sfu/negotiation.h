// Who sends what to whom, agreed without SDP: a producer's RTP parameters are mapped to the
// router's numbers once, and each consumer gets those of them that its device can take. The rules
// are ORTC's as mediasoup applies them, since the client side is mediasoup-client.
// Everything here is a pure function; random numbers come from the caller.
#ifndef SOTTO_SFU_NEGOTIATION_H
#define SOTTO_SFU_NEGOTIATION_H

#include "sfu/capabilities.h"
#include "sfu/rtp_parameters.h"

// Why parameters were refused.
enum sotto_negotiation {
    SOTTO_NEGOTIATION_OK,
    SOTTO_NEGOTIATION_CODEC_COUNT,
    SOTTO_NEGOTIATION_CODEC_UNSUPPORTED,
    SOTTO_NEGOTIATION_WRONG_KIND,
    SOTTO_NEGOTIATION_PAYLOAD_TYPE_TWICE,
    SOTTO_NEGOTIATION_RTX_WITHOUT_CODEC,
    SOTTO_NEGOTIATION_RTX_UNSUPPORTED,
    SOTTO_NEGOTIATION_EXTENSION_TWICE,
    SOTTO_NEGOTIATION_TOO_MANY_ENCODINGS,
    SOTTO_NEGOTIATION_AMBIGUOUS_ENCODINGS,
    SOTTO_NEGOTIATION_CANNOT_CONSUME,
    SOTTO_NEGOTIATION_MIDS_USED_UP,
};

// A sentence fragment in English, without a full stop; valid for ever.
const char *sotto_negotiation_text(enum sotto_negotiation result);

// Payload types of one codec: the producer's, and what they become. 0 where there is no RTX.
struct sotto_mapped_codec {
    enum sotto_mime_type mime_type;
    uint8_t payload_type;
    uint8_t rtx_payload_type;
    uint8_t mapped_payload_type;
    uint8_t mapped_rtx_payload_type;
};

struct sotto_mapped_extension {
    enum sotto_extension extension;
    uint8_t id;
    uint8_t mapped_id;
};

// How one layer is recognised: by SSRC, by RID, or (without both) as the only stream of its MID.
struct sotto_mapped_encoding {
    uint32_t ssrc;     // 0 if not known yet
    uint32_t rtx_ssrc; // 0 if not known yet
    char rid[SOTTO_RID_SIZE_MAX + 1];
    uint32_t mapped_ssrc; // the router's own name for it
};

// From the numbers of one producer to those of the router. Extensions that the router does not have
// for this kind, or does not receive, are not listed.
struct sotto_producer_mapping {
    size_t codec_count;
    struct sotto_mapped_codec codecs[SOTTO_PARAMETER_CODECS_MAX / 2];
    size_t extension_count;
    struct sotto_mapped_extension extensions[SOTTO_EXTENSION_COUNT];
    size_t encoding_count; // at least 1
    struct sotto_mapped_encoding encodings[SOTTO_ENCODINGS_MAX];
};

// Checks a producer's parameters against the router. `random` is 32 random bits, for the SSRCs that
// name its layers inside the router. Anything but SOTTO_NEGOTIATION_OK leaves `mapping` zero.
SOTTO_MUST_USE enum sotto_negotiation
sotto_negotiation_map_producer(const struct sotto_router_capabilities *router,
                               enum sotto_media_kind kind,
                               const struct sotto_rtp_parameters *producer, uint32_t random,
                               struct sotto_producer_mapping *mapping);

// The one cname that all producers of a transport get, because receivers synchronise what has the
// same: that of its first producer, or a random one if the browser gave none. Does nothing once
// `cname` is not empty.
void sotto_negotiation_choose_cname(const struct sotto_rtp_parameters *producer,
                                    const uint8_t random[SOTTO_CNAME_RANDOM_SIZE],
                                    char cname[SOTTO_CNAME_SIZE_MAX + 1]);

// What consumers of this producer can get at most, in the router's numbers. `mapping` was made from
// the same `producer`, `kind` and `router`. `cname` is not empty.
void sotto_negotiation_make_consumable(const struct sotto_router_capabilities *router,
                                       enum sotto_media_kind kind,
                                       const struct sotto_rtp_parameters *producer,
                                       const struct sotto_producer_mapping *mapping,
                                       const char *cname, struct sotto_rtp_parameters *consumable);

// Whether a device can take any of it.
bool sotto_negotiation_can_consume(const struct sotto_rtp_parameters *consumable,
                                   const struct sotto_rtp_capabilities *device);

// What is particular to one consumer.
struct sotto_consumer_setup {
    const struct sotto_rtp_capabilities *device; // borrowed: what the receiving device can take
    // Counts the consumers of the transport, from 0, and is never used twice on it.
    uint32_t mid_number;
    // 32 random bits for the SSRC; RTX gets the SSRC after it. Neither is ever 0 or that of the
    // probator. If another stream of the transport has it already, call again with other bits:
    // browsers refuse an offer that names an SSRC twice.
    uint32_t random;
};

// The parameters of one consumer: one encoding, with RTX for video if the device has it.
// SOTTO_NEGOTIATION_CANNOT_CONSUME, or SOTTO_NEGOTIATION_MIDS_USED_UP from SOTTO_CONSUMER_MIDS_MAX
// on, leaves `consumer` zero.
SOTTO_MUST_USE enum sotto_negotiation
sotto_negotiation_make_consumer(const struct sotto_rtp_parameters *consumable,
                                const struct sotto_consumer_setup *setup,
                                struct sotto_rtp_parameters *consumer);

#endif
