// Any text as the RTP parameters of a producer, the capabilities of a device, or a request with
// both. What is refused leaves nothing behind and says why in one printable line. What is accepted
// comes back equal when it is written and parsed again, and negotiation makes of it only what this
// parser accepts too, so that no client can be told what another client could not have said.
#include "core/assert.h"
#include "server/rtp_json.h"
#include "sfu/negotiation.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_fault(const struct sotto_json_fault *fault, bool parsed) {
    SOTTO_ASSERT(parsed == (fault->text[0] == '\0'));
    SOTTO_ASSERT(strlen(fault->text) <= SOTTO_JSON_FAULT_SIZE_MAX);
    for (size_t i = 0; fault->text[i] != '\0'; i++)
        SOTTO_ASSERT(fault->text[i] >= ' ' && fault->text[i] <= '~');
}

static bool parse_parameters(const json_t *json, struct sotto_rtp_parameters *parameters) {
    static const struct sotto_rtp_parameters nothing;
    struct sotto_json_fault fault;
    memset(parameters, 0xEE, sizeof *parameters);
    bool parsed = sotto_rtp_json_parse_parameters(json, parameters, &fault);
    check_fault(&fault, parsed);
    SOTTO_ASSERT(parsed || memcmp(parameters, &nothing, sizeof nothing) == 0);
    return parsed;
}

static bool parse_capabilities(const json_t *json, struct sotto_rtp_capabilities *capabilities) {
    static const struct sotto_rtp_capabilities nothing;
    struct sotto_json_fault fault;
    memset(capabilities, 0xEE, sizeof *capabilities);
    bool parsed = sotto_rtp_json_parse_capabilities(json, capabilities, &fault);
    check_fault(&fault, parsed);
    SOTTO_ASSERT(parsed || memcmp(capabilities, &nothing, sizeof nothing) == 0);
    return parsed;
}

static void check_parameters(const json_t *json) {
    struct sotto_rtp_parameters parameters;
    struct sotto_rtp_parameters again;
    if (!parse_parameters(json, &parameters))
        return;
    json_t *written = sotto_rtp_json_write_parameters(&parameters);
    SOTTO_ASSERT(parse_parameters(written, &again));
    SOTTO_ASSERT(memcmp(&again, &parameters, sizeof parameters) == 0);
    json_decref(written);
}

static void check_capabilities(const json_t *json) {
    struct sotto_rtp_capabilities capabilities;
    struct sotto_rtp_capabilities again;
    if (!parse_capabilities(json, &capabilities))
        return;
    json_t *written = sotto_rtp_json_write_capabilities(&capabilities);
    SOTTO_ASSERT(parse_capabilities(written, &again));
    SOTTO_ASSERT(memcmp(&again, &capabilities, sizeof capabilities) == 0);
    json_decref(written);
}

static void check_consumer(const struct sotto_rtp_parameters *consumable,
                           const struct sotto_rtp_capabilities *device) {
    struct sotto_rtp_parameters consumer;
    struct sotto_rtp_parameters again;
    struct sotto_consumer_setup setup = {.device = device, .mid_number = 12, .random = 0xFFFFFFFF};
    enum sotto_negotiation result = sotto_negotiation_make_consumer(consumable, &setup, &consumer);
    SOTTO_ASSERT((result == SOTTO_NEGOTIATION_OK) ==
                 sotto_negotiation_can_consume(consumable, device));
    if (result != SOTTO_NEGOTIATION_OK)
        return;
    SOTTO_ASSERT(consumer.encoding_count == 1 && consumer.cname[0] != '\0');
    json_t *written = sotto_rtp_json_write_parameters(&consumer);
    SOTTO_ASSERT(parse_parameters(written, &again));
    json_t *rewritten = sotto_rtp_json_write_parameters(&again);
    SOTTO_ASSERT(json_equal(written, rewritten));
    json_decref(rewritten);
    json_decref(written);
}

static void check_negotiation(const struct sotto_router_capabilities *router, const json_t *json) {
    static const uint8_t random[SOTTO_CNAME_RANDOM_SIZE] = {7};
    struct sotto_rtp_parameters producer;
    struct sotto_rtp_capabilities device;
    if (!parse_parameters(json_object_get(json, "rtpParameters"), &producer) ||
        !parse_capabilities(json_object_get(json, "rtpCapabilities"), &device))
        return;
    for (int i = 0; i < 2; i++) {
        enum sotto_media_kind kind = i == 0 ? SOTTO_MEDIA_AUDIO : SOTTO_MEDIA_VIDEO;
        struct sotto_producer_mapping mapping;
        struct sotto_rtp_parameters consumable;
        char cname[SOTTO_CNAME_SIZE_MAX + 1] = "";
        if (sotto_negotiation_map_producer(router, kind, &producer, 5, &mapping) !=
            SOTTO_NEGOTIATION_OK)
            continue;
        sotto_negotiation_choose_cname(&producer, random, cname);
        sotto_negotiation_make_consumable(router, kind, &producer, &mapping, cname, &consumable);
        check_consumer(&consumable, &device);
    }
}

// This server's tables, with H.264 and simulcast on top, so that their rules run as well.
static void fill_router(struct sotto_router_capabilities *router) {
    sotto_capabilities_init(router);
    router->encoding_count_max = SOTTO_ENCODINGS_MAX;
    struct sotto_rtp_codec *codec = &router->rtp.codecs[router->rtp.codec_count++];
    memcpy(codec, &router->rtp.codecs[1], sizeof *codec);
    codec->mime_type = SOTTO_MIME_H264;
    memcpy(codec->mime_text, "video/H264", sizeof "video/H264");
    codec->payload_type = 105;
    SOTTO_ASSERT(sotto_rtp_parameters_set_number(codec, "packetization-mode", 1));
    SOTTO_ASSERT(sotto_rtp_parameters_set_text(codec, "profile-level-id", "42e01f"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct sotto_router_capabilities router;
    fill_router(&router);
    json_t *json = json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, NULL);
    check_parameters(json);
    check_capabilities(json);
    check_negotiation(&router, json);
    json_decref(json);
    return 0;
}
