// The examples under tests/vectors/mediasoup-client/, as the structs that the server works with.
#ifndef SOTTO_TESTS_MEDIASOUP_EXAMPLES_H
#define SOTTO_TESTS_MEDIASOUP_EXAMPLES_H

#include "server/rtp_json.h"
#include "sfu/capabilities.h"
#include "tests/vectors.h"

// The JSON of one example, such as ("produce-event.", "audio-opus.firefox153"); the caller gives it
// back with json_decref.
static inline json_t *examples_load(const char *prefix, const char *name) {
    char path[256];
    snprintf(path, sizeof path, "mediasoup-client/%s%s.json", prefix, name);
    return vectors_load(path);
}

static inline void examples_parse_parameters(const json_t *json,
                                             struct sotto_rtp_parameters *parameters) {
    struct sotto_json_fault fault;
    bool parsed = sotto_rtp_json_parse_parameters(json, parameters, &fault);
    CHECK_TEXT(fault.text, "");
    CHECK(parsed);
}

static inline void examples_parse_capabilities(const json_t *json,
                                               struct sotto_rtp_capabilities *capabilities) {
    struct sotto_json_fault fault;
    bool parsed = sotto_rtp_json_parse_capabilities(json, capabilities, &fault);
    CHECK_TEXT(fault.text, "");
    CHECK(parsed);
}

// The rtpParameters of a produce event, for example "audio-opus.firefox153".
static inline void examples_load_producer(const char *name, struct sotto_rtp_parameters *producer) {
    json_t *event = examples_load("produce-event.", name);
    examples_parse_parameters(json_object_get(event, "rtpParameters"), producer);
    json_decref(event);
}

// What a browser can receive, for example "chromium156".
static inline void examples_load_device(const char *browser,
                                        struct sotto_rtp_capabilities *device) {
    json_t *json = examples_load("device-recv-rtp-capabilities.", browser);
    examples_parse_capabilities(json, device);
    json_decref(json);
}

// A router with mediasoup's tables, simulcast included, which the examples were computed with.
static inline void examples_load_router(struct sotto_router_capabilities *router) {
    json_t *json = examples_load("", "router-rtp-capabilities");
    memset(router, 0, sizeof *router);
    examples_parse_capabilities(json, &router->rtp);
    router->encoding_count_max = SOTTO_ENCODINGS_MAX;
    json_decref(json);
}

#endif
