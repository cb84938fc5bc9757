// RTP capabilities and RTP parameters as JSON, in the shapes of mediasoup-client.
// What comes from a client is checked field by field: types, ranges, counts, sizes, and characters,
// because other clients put these texts into SDP, where a line break would begin a line of the
// sender's choosing. Tolerated is what browsers do: fields that are unknown, optional ones that are
// absent or null, an empty `parameter` of feedback, and codecs, feedback and header extensions that
// mean nothing here, which are dropped (but not a producer's codecs: negotiation refuses those).
#ifndef SOTTO_SERVER_RTP_JSON_H
#define SOTTO_SERVER_RTP_JSON_H

#include "core/result.h"
#include "server/json_fields.h"
#include "sfu/rtp_parameters.h"

#include <jansson.h>

// Parse functions borrow `json`. On false `fault` says what is wrong and the output is all zero.

// "audio" or "video", the field `kind` of a request.
SOTTO_MUST_USE bool sotto_rtp_json_parse_kind(const json_t *json, enum sotto_media_kind *kind,
                                              struct sotto_json_fault *fault);

// `rtpParameters` of a producer.
SOTTO_MUST_USE bool sotto_rtp_json_parse_parameters(const json_t *json,
                                                    struct sotto_rtp_parameters *parameters,
                                                    struct sotto_json_fault *fault);

// `rtpCapabilities` of a device.
SOTTO_MUST_USE bool sotto_rtp_json_parse_capabilities(const json_t *json,
                                                      struct sotto_rtp_capabilities *capabilities,
                                                      struct sotto_json_fault *fault);

// Write functions return a new reference, owned by the caller; NULL without memory.

const char *sotto_rtp_json_kind_text(enum sotto_media_kind kind);

// `rtpParameters` of a consumer.
json_t *sotto_rtp_json_write_parameters(const struct sotto_rtp_parameters *parameters);

// `routerRtpCapabilities`.
json_t *sotto_rtp_json_write_capabilities(const struct sotto_rtp_capabilities *capabilities);

#endif
