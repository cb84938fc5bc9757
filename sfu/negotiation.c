#include "sfu/negotiation.h"

#include "core/memory.h"
#include "sfu/codec_match.h"
#include "sfu/label.h"

const char *sotto_negotiation_text(enum sotto_negotiation result) {
    switch (result) {
    case SOTTO_NEGOTIATION_OK: return "it worked";
    case SOTTO_NEGOTIATION_CODEC_COUNT: return "there must be one media codec, or two";
    case SOTTO_NEGOTIATION_CODEC_UNSUPPORTED: return "this server does not have the codec";
    case SOTTO_NEGOTIATION_WRONG_KIND: return "a codec is not of the track's kind";
    case SOTTO_NEGOTIATION_PAYLOAD_TYPE_TWICE:
        return "two codecs have the same payload type or are the same codec";
    case SOTTO_NEGOTIATION_RTX_WITHOUT_CODEC: return "the apt of an RTX codec names no media codec";
    case SOTTO_NEGOTIATION_RTX_UNSUPPORTED: return "this server has no RTX for the codec";
    case SOTTO_NEGOTIATION_EXTENSION_TWICE:
        return "two header extensions have the same id, or one is listed twice";
    case SOTTO_NEGOTIATION_TOO_MANY_ENCODINGS:
        return "there are more encodings than this server can choose among";
    case SOTTO_NEGOTIATION_AMBIGUOUS_ENCODINGS:
        return "encodings cannot be told apart by SSRC or RID";
    case SOTTO_NEGOTIATION_CANNOT_CONSUME: return "the device has no codec of this producer";
    case SOTTO_NEGOTIATION_MIDS_USED_UP: return "the transport has had too many consumers";
    }
    return "an unknown result";
}

static bool is_rtx(const struct sotto_rtp_codec *codec) {
    return codec->mime_type == SOTTO_MIME_RTX;
}

// An SSRC from random bits with room for three more behind it. Its top bit keeps it away from 0 and
// from the probator's.
static uint32_t ssrc_of(uint32_t random) {
    return UINT32_C(0x80000000) | (random & UINT32_C(0x7FFFFFFC));
}

static enum sotto_negotiation map_media_codec(const struct sotto_router_capabilities *router,
                                              const struct sotto_rtp_codec *codec,
                                              struct sotto_producer_mapping *mapping) {
    const struct sotto_rtp_codec *match =
        sotto_codec_match_find(router->rtp.codecs, router->rtp.codec_count, codec);
    if (!match)
        return SOTTO_NEGOTIATION_CODEC_UNSUPPORTED;
    if (mapping->codec_count == SOTTO_PARAMETER_CODECS_MAX / 2)
        return SOTTO_NEGOTIATION_CODEC_COUNT;
    for (size_t i = 0; i < mapping->codec_count; i++)
        if (mapping->codecs[i].mapped_payload_type == match->payload_type)
            return SOTTO_NEGOTIATION_PAYLOAD_TYPE_TWICE;
    const struct sotto_rtp_codec *rtx = sotto_rtp_parameters_find_rtx(
        router->rtp.codecs, router->rtp.codec_count, match->payload_type);
    struct sotto_mapped_codec *mapped = &mapping->codecs[mapping->codec_count++];
    mapped->mime_type = codec->mime_type;
    mapped->payload_type = codec->payload_type;
    mapped->mapped_payload_type = match->payload_type;
    if (rtx)
        mapped->mapped_rtx_payload_type = rtx->payload_type;
    return SOTTO_NEGOTIATION_OK;
}

static enum sotto_negotiation map_rtx_codec(const struct sotto_rtp_codec *codec,
                                            struct sotto_producer_mapping *mapping) {
    int64_t apt;
    if (!sotto_rtp_parameters_get_number(codec, "apt", -1, &apt))
        return SOTTO_NEGOTIATION_RTX_WITHOUT_CODEC;
    for (size_t i = 0; i < mapping->codec_count; i++) {
        struct sotto_mapped_codec *mapped = &mapping->codecs[i];
        if (mapped->payload_type != apt)
            continue;
        if (mapped->mapped_rtx_payload_type == 0)
            return SOTTO_NEGOTIATION_RTX_UNSUPPORTED;
        if (mapped->rtx_payload_type != 0)
            return SOTTO_NEGOTIATION_PAYLOAD_TYPE_TWICE;
        mapped->rtx_payload_type = codec->payload_type;
        return SOTTO_NEGOTIATION_OK;
    }
    return SOTTO_NEGOTIATION_RTX_WITHOUT_CODEC;
}

static enum sotto_negotiation check_codecs(enum sotto_media_kind kind,
                                           const struct sotto_rtp_parameters *producer) {
    for (size_t i = 0; i < producer->codec_count; i++) {
        if (producer->codecs[i].kind != kind)
            return SOTTO_NEGOTIATION_WRONG_KIND;
        for (size_t j = 0; j < i; j++)
            if (producer->codecs[j].payload_type == producer->codecs[i].payload_type)
                return SOTTO_NEGOTIATION_PAYLOAD_TYPE_TWICE;
    }
    return SOTTO_NEGOTIATION_OK;
}

static enum sotto_negotiation map_codecs(const struct sotto_router_capabilities *router,
                                         const struct sotto_rtp_parameters *producer,
                                         struct sotto_producer_mapping *mapping) {
    enum sotto_negotiation result = SOTTO_NEGOTIATION_OK;
    for (size_t i = 0; i < producer->codec_count && result == SOTTO_NEGOTIATION_OK; i++)
        if (!is_rtx(&producer->codecs[i]))
            result = map_media_codec(router, &producer->codecs[i], mapping);
    for (size_t i = 0; i < producer->codec_count && result == SOTTO_NEGOTIATION_OK; i++)
        if (is_rtx(&producer->codecs[i]))
            result = map_rtx_codec(&producer->codecs[i], mapping);
    if (result == SOTTO_NEGOTIATION_OK && mapping->codec_count == 0)
        return SOTTO_NEGOTIATION_CODEC_COUNT;
    return result;
}

// The router's entry for an extension that it takes from producers of that kind, or NULL.
static const struct sotto_extension_capability *
find_received(const struct sotto_router_capabilities *router, enum sotto_media_kind kind,
              enum sotto_extension extension) {
    for (size_t i = 0; i < router->rtp.extension_count; i++) {
        const struct sotto_extension_capability *entry = &router->rtp.extensions[i];
        if (entry->kind == kind && entry->extension == extension &&
            (entry->direction == SOTTO_DIRECTION_SENDRECV ||
             entry->direction == SOTTO_DIRECTION_RECVONLY))
            return entry;
    }
    return NULL;
}

static enum sotto_negotiation map_extensions(const struct sotto_router_capabilities *router,
                                             enum sotto_media_kind kind,
                                             const struct sotto_rtp_parameters *producer,
                                             struct sotto_producer_mapping *mapping) {
    for (size_t i = 0; i < producer->extension_count; i++) {
        const struct sotto_extension_parameter *listed = &producer->extensions[i];
        for (size_t j = 0; j < i; j++)
            if (producer->extensions[j].id == listed->id ||
                producer->extensions[j].extension == listed->extension)
                return SOTTO_NEGOTIATION_EXTENSION_TWICE;
        const struct sotto_extension_capability *entry =
            find_received(router, kind, listed->extension);
        if (entry)
            mapping->extensions[mapping->extension_count++] = (struct sotto_mapped_extension){
                .extension = listed->extension, .id = listed->id, .mapped_id = entry->id};
    }
    return SOTTO_NEGOTIATION_OK;
}

static bool are_distinct(const struct sotto_mapped_encoding *a,
                         const struct sotto_mapped_encoding *b) {
    bool a_named = a->ssrc != 0 || a->rid[0] != '\0';
    bool b_named = b->ssrc != 0 || b->rid[0] != '\0';
    bool shared_ssrc = a->ssrc != 0 && (a->ssrc == b->ssrc || a->ssrc == b->rtx_ssrc);
    bool shared_rtx_ssrc =
        a->rtx_ssrc != 0 && (a->rtx_ssrc == b->ssrc || a->rtx_ssrc == b->rtx_ssrc);
    bool shared_rid = a->rid[0] != '\0' && sotto_label_equal(a->rid, b->rid);
    return a_named && b_named && !shared_ssrc && !shared_rtx_ssrc && !shared_rid;
}

static enum sotto_negotiation map_encodings(const struct sotto_router_capabilities *router,
                                            const struct sotto_rtp_parameters *producer,
                                            uint32_t random,
                                            struct sotto_producer_mapping *mapping) {
    if (producer->encoding_count > router->encoding_count_max)
        return SOTTO_NEGOTIATION_TOO_MANY_ENCODINGS;
    uint32_t mapped_ssrc = ssrc_of(random);
    mapping->encodings[0].mapped_ssrc = mapped_ssrc;
    mapping->encoding_count = 1; // also when none is listed
    for (size_t i = 0; i < producer->encoding_count; i++) {
        const struct sotto_rtp_encoding *encoding = &producer->encodings[i];
        struct sotto_mapped_encoding *mapped = &mapping->encodings[i];
        mapped->ssrc = encoding->ssrc;
        mapped->rtx_ssrc = encoding->rtx_ssrc;
        mapped->mapped_ssrc = mapped_ssrc + (uint32_t)i;
        sotto_label_copy(mapped->rid, sizeof mapped->rid, encoding->rid);
        if (mapped->ssrc != 0 && mapped->ssrc == mapped->rtx_ssrc)
            return SOTTO_NEGOTIATION_AMBIGUOUS_ENCODINGS;
        for (size_t j = 0; j < i; j++)
            if (!are_distinct(&mapping->encodings[j], mapped))
                return SOTTO_NEGOTIATION_AMBIGUOUS_ENCODINGS;
        mapping->encoding_count = i + 1;
    }
    return SOTTO_NEGOTIATION_OK;
}

enum sotto_negotiation
sotto_negotiation_map_producer(const struct sotto_router_capabilities *router,
                               enum sotto_media_kind kind,
                               const struct sotto_rtp_parameters *producer, uint32_t random,
                               struct sotto_producer_mapping *mapping) {
    memset(mapping, 0, sizeof *mapping);
    enum sotto_negotiation result = check_codecs(kind, producer);
    if (result == SOTTO_NEGOTIATION_OK)
        result = map_codecs(router, producer, mapping);
    if (result == SOTTO_NEGOTIATION_OK)
        result = map_extensions(router, kind, producer, mapping);
    if (result == SOTTO_NEGOTIATION_OK)
        result = map_encodings(router, producer, random, mapping);
    if (result != SOTTO_NEGOTIATION_OK)
        memset(mapping, 0, sizeof *mapping);
    return result;
}

void sotto_negotiation_choose_cname(const struct sotto_rtp_parameters *producer,
                                    const uint8_t random[SOTTO_CNAME_RANDOM_SIZE],
                                    char cname[SOTTO_CNAME_SIZE_MAX + 1]) {
    if (cname[0] != '\0')
        return;
    memset(cname, 0, SOTTO_CNAME_SIZE_MAX + 1);
    if (producer->cname[0] != '\0') {
        sotto_label_copy(cname, SOTTO_CNAME_SIZE_MAX + 1, producer->cname);
        return;
    }
    for (size_t i = 0; i < SOTTO_CNAME_RANDOM_SIZE; i++) {
        cname[2 * i] = "0123456789abcdef"[random[i] >> 4];
        cname[2 * i + 1] = "0123456789abcdef"[random[i] & 0xF];
    }
}
