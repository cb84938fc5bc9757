// Prints what the server says about RTP, for rtp_json_mediasoup.test.mjs, which holds it against
// mediasoup-client. "router" prints the router's capabilities. "negotiate" reads one request from
// standard input, {"kind", "rtpParameters", "rtpCapabilities", "mid"}, and prints the consumer's
// parameters as {"rtpParameters"}, or {"error"} with the text for people.
#include "server/rtp_json.h"
#include "sfu/negotiation.h"

#include <stdio.h>
#include <string.h>

enum { RANDOM = 0x2468ACE0 };

static json_t *error_of(const char *text) {
    return json_pack("{s:s}", "error", text);
}

static json_t *negotiate(const struct sotto_router_capabilities *router, const json_t *request) {
    static const uint8_t random[SOTTO_CNAME_RANDOM_SIZE] = {1, 2, 3};
    struct sotto_json_fault fault;
    enum sotto_media_kind kind;
    struct sotto_rtp_parameters producer;
    struct sotto_rtp_capabilities device;
    if (!sotto_rtp_json_parse_kind(json_object_get(request, "kind"), &kind, &fault) ||
        !sotto_rtp_json_parse_parameters(json_object_get(request, "rtpParameters"), &producer,
                                         &fault) ||
        !sotto_rtp_json_parse_capabilities(json_object_get(request, "rtpCapabilities"), &device,
                                           &fault))
        return error_of(fault.text);

    struct sotto_producer_mapping mapping;
    struct sotto_rtp_parameters consumable;
    struct sotto_rtp_parameters consumer;
    char cname[SOTTO_CNAME_SIZE_MAX + 1] = "";
    enum sotto_negotiation result =
        sotto_negotiation_map_producer(router, kind, &producer, RANDOM, &mapping);
    if (result != SOTTO_NEGOTIATION_OK)
        return error_of(sotto_negotiation_text(result));
    sotto_negotiation_choose_cname(&producer, random, cname);
    sotto_negotiation_make_consumable(router, kind, &producer, &mapping, cname, &consumable);
    uint32_t mid_number = (uint32_t)json_integer_value(json_object_get(request, "mid"));
    struct sotto_consumer_setup setup = {
        .device = &device,
        .mid_number = mid_number,
        .random = RANDOM + (mid_number << 8), // another SSRC for each consumer of a transport
    };
    result = sotto_negotiation_make_consumer(&consumable, &setup, &consumer);
    if (result != SOTTO_NEGOTIATION_OK)
        return error_of(sotto_negotiation_text(result));
    return json_pack("{s:o}", "rtpParameters", sotto_rtp_json_write_parameters(&consumer));
}

int main(int count, char **arguments) {
    struct sotto_router_capabilities router;
    sotto_capabilities_init(&router);
    json_t *answer = NULL;
    if (count == 2 && strcmp(arguments[1], "router") == 0) {
        answer = sotto_rtp_json_write_capabilities(&router.rtp);
    } else if (count == 2 && strcmp(arguments[1], "negotiate") == 0) {
        json_t *request = json_loadf(stdin, 0, NULL);
        answer = negotiate(&router, request);
        json_decref(request);
    }
    if (!answer) {
        fprintf(stderr, "usage: %s router|negotiate\n", arguments[0]);
        return 2;
    }
    json_dumpf(answer, stdout, JSON_COMPACT);
    json_decref(answer);
    return 0;
}
