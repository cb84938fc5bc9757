// The way from the router to consumers; the way from a producer to the router is in negotiation.c.
#include "sfu/negotiation.h"

#include "core/assert.h"
#include "core/memory.h"
#include "sfu/codec_match.h"
#include "sfu/h264_profile.h"
#include "sfu/label.h"

static bool is_rtx(const struct sotto_rtp_codec *codec) {
    return codec->mime_type == SOTTO_MIME_RTX;
}

// An SSRC from random bits with room for RTX behind it. Its top bit keeps it away from 0 and from
// the probator's.
static uint32_t ssrc_of(uint32_t random) {
    return UINT32_C(0x80000000) | (random & UINT32_C(0x7FFFFFFE));
}

static const struct sotto_rtp_codec *
find_payload_type(const struct sotto_router_capabilities *router, uint8_t payload_type) {
    for (size_t i = 0; i < router->rtp.codec_count; i++)
        if (router->rtp.codecs[i].payload_type == payload_type)
            return &router->rtp.codecs[i];
    SOTTO_ASSERT(false);
    return NULL;
}

// H.264 goes on at the level that producer and router agree on.
static void set_profile(struct sotto_rtp_codec *added, const struct sotto_rtp_codec *producer,
                        const struct sotto_rtp_codec *own) {
    char profile_level_id[SOTTO_H264_PROFILE_LEVEL_ID_SIZE + 1];
    if (own->mime_type != SOTTO_MIME_H264 ||
        !sotto_h264_profile_agree(producer, own, profile_level_id) || profile_level_id[0] == '\0')
        return;
    bool fits = sotto_rtp_parameters_set_text(added, "profile-level-id", profile_level_id);
    (void)fits; // a full list without it stays as the producer wrote it
}

// The router's codec with the producer's format parameters, which say how to decode it.
static void add_consumable_codec(const struct sotto_router_capabilities *router,
                                 const struct sotto_rtp_codec *codec,
                                 const struct sotto_mapped_codec *mapped,
                                 struct sotto_rtp_parameters *consumable) {
    const struct sotto_rtp_codec *own = find_payload_type(router, mapped->mapped_payload_type);
    struct sotto_rtp_codec *added = &consumable->codecs[consumable->codec_count++];
    memcpy(added, own, sizeof *added);
    memcpy(added->formats, codec->formats, sizeof added->formats);
    added->format_count = codec->format_count;
    set_profile(added, codec, own);
    if (mapped->mapped_rtx_payload_type != 0)
        memcpy(&consumable->codecs[consumable->codec_count++],
               find_payload_type(router, mapped->mapped_rtx_payload_type), sizeof *added);
}

static void add_consumable_codecs(const struct sotto_router_capabilities *router,
                                  const struct sotto_rtp_parameters *producer,
                                  const struct sotto_producer_mapping *mapping,
                                  struct sotto_rtp_parameters *consumable) {
    size_t next = 0;
    for (size_t i = 0; i < producer->codec_count; i++)
        if (!is_rtx(&producer->codecs[i])) {
            SOTTO_ASSERT(next < mapping->codec_count);
            add_consumable_codec(router, &producer->codecs[i], &mapping->codecs[next++],
                                 consumable);
        }
}

static void add_consumable_extensions(const struct sotto_router_capabilities *router,
                                      enum sotto_media_kind kind,
                                      const struct sotto_rtp_parameters *producer,
                                      struct sotto_rtp_parameters *consumable) {
    for (size_t i = 0; i < router->rtp.extension_count; i++) {
        const struct sotto_extension_capability *entry = &router->rtp.extensions[i];
        bool sent = entry->direction == SOTTO_DIRECTION_SENDRECV ||
                    entry->direction == SOTTO_DIRECTION_SENDONLY;
        // A receiver that expects capture times without getting them would estimate them wrongly.
        bool missing = entry->extension == SOTTO_EXTENSION_ABS_CAPTURE_TIME &&
                       sotto_rtp_parameters_extension_id(producer, entry->extension) == 0;
        if (entry->kind == kind && sent && !missing)
            consumable->extensions[consumable->extension_count++] =
                (struct sotto_extension_parameter){.extension = entry->extension, .id = entry->id};
    }
}

void sotto_negotiation_make_consumable(const struct sotto_router_capabilities *router,
                                       enum sotto_media_kind kind,
                                       const struct sotto_rtp_parameters *producer,
                                       const struct sotto_producer_mapping *mapping,
                                       const char *cname, struct sotto_rtp_parameters *consumable) {
    SOTTO_ASSERT(cname[0] != '\0' && mapping->encoding_count >= 1);
    memset(consumable, 0, sizeof *consumable);
    add_consumable_codecs(router, producer, mapping, consumable);
    add_consumable_extensions(router, kind, producer, consumable);
    for (size_t i = 0; i < mapping->encoding_count; i++) {
        struct sotto_rtp_encoding *encoding = &consumable->encodings[i];
        if (i < producer->encoding_count)
            memcpy(encoding, &producer->encodings[i], sizeof *encoding);
        encoding->ssrc = mapping->encodings[i].mapped_ssrc;
        encoding->rtx_ssrc = 0;
        memset(encoding->rid, 0, sizeof encoding->rid);
    }
    consumable->encoding_count = mapping->encoding_count;
    sotto_label_copy(consumable->cname, sizeof consumable->cname, cname);
    consumable->reduced_size = true;
    sotto_label_copy(consumable->msid, sizeof consumable->msid, producer->msid);
}

bool sotto_negotiation_can_consume(const struct sotto_rtp_parameters *consumable,
                                   const struct sotto_rtp_capabilities *device) {
    for (size_t i = 0; i < consumable->codec_count; i++)
        if (!is_rtx(&consumable->codecs[i]) &&
            sotto_codec_match_find(device->codecs, device->codec_count, &consumable->codecs[i]))
            return true;
    return false;
}

// The device's feedback for a codec, in its order, as far as the router has it too.
static void reduce_feedback(struct sotto_rtp_codec *codec, const struct sotto_rtp_codec *device,
                            bool rtx_enabled) {
    struct sotto_rtp_codec own = *codec;
    memset(codec->feedback, 0, sizeof codec->feedback);
    codec->feedback_count = 0;
    for (size_t i = 0; i < device->feedback_count; i++) {
        enum sotto_rtcp_feedback feedback = device->feedback[i];
        bool useless = feedback == SOTTO_FEEDBACK_NACK && !rtx_enabled;
        if (!useless && sotto_rtp_parameters_has_feedback(&own, feedback))
            sotto_rtp_parameters_add_feedback(codec, feedback);
    }
}

// The consumable codecs that the device has; RTX behind its codec, and only if the device has it
// for that very payload type.
static void add_consumer_codecs(const struct sotto_rtp_parameters *consumable,
                                const struct sotto_rtp_capabilities *device,
                                struct sotto_rtp_parameters *consumer) {
    for (size_t i = 0; i < consumable->codec_count; i++) {
        const struct sotto_rtp_codec *codec = &consumable->codecs[i];
        const struct sotto_rtp_codec *match =
            sotto_codec_match_find(device->codecs, device->codec_count, codec);
        if (is_rtx(codec) || !match)
            continue;
        bool rtx_enabled = codec->kind == SOTTO_MEDIA_VIDEO;
        struct sotto_rtp_codec *added = &consumer->codecs[consumer->codec_count++];
        memcpy(added, codec, sizeof *added);
        reduce_feedback(added, match, rtx_enabled);
        const struct sotto_rtp_codec *rtx = sotto_rtp_parameters_find_rtx(
            consumable->codecs, consumable->codec_count, codec->payload_type);
        if (rtx_enabled && rtx &&
            sotto_rtp_parameters_find_rtx(device->codecs, device->codec_count,
                                          match->payload_type))
            memcpy(&consumer->codecs[consumer->codec_count++], rtx, sizeof *rtx);
    }
}

// By id and URI, not by kind: browsers offer an extension that audio and video share once, and
// mediasoup-client then reports it for video alone.
static bool device_has_extension(const struct sotto_rtp_capabilities *device,
                                 const struct sotto_extension_parameter *extension) {
    for (size_t i = 0; i < device->extension_count; i++)
        if (device->extensions[i].extension == extension->extension &&
            device->extensions[i].id == extension->id)
            return true;
    return false;
}

// One way of congestion control at most, and only with the extension that it reads.
static void reduce_congestion_feedback(struct sotto_rtp_parameters *consumer) {
    bool transport_cc =
        sotto_rtp_parameters_extension_id(consumer, SOTTO_EXTENSION_TRANSPORT_CC) != 0;
    bool remb = !transport_cc &&
                sotto_rtp_parameters_extension_id(consumer, SOTTO_EXTENSION_ABS_SEND_TIME) != 0;
    for (size_t i = 0; i < consumer->codec_count; i++) {
        if (!remb)
            sotto_rtp_parameters_remove_feedback(&consumer->codecs[i], SOTTO_FEEDBACK_GOOG_REMB);
        if (!transport_cc)
            sotto_rtp_parameters_remove_feedback(&consumer->codecs[i],
                                                 SOTTO_FEEDBACK_TRANSPORT_CC);
    }
}

// The temporal layers of a mode such as "L1T3" or "S2T1_KEY"; 1 for anything else.
static unsigned temporal_layers(const char *mode) {
    size_t i = 1;
    if (mode[0] != 'L' && mode[0] != 'S')
        return 1;
    while (mode[i] >= '0' && mode[i] <= '9')
        i++;
    bool well_formed = i > 1 && i <= 3 && mode[1] != '0' && mode[i] == 'T';
    if (!well_formed || mode[i + 1] < '1' || mode[i + 1] > '9')
        return 1;
    unsigned layers = (unsigned)(mode[i + 1] - '0');
    if (mode[i + 2] >= '0' && mode[i + 2] <= '9')
        layers = layers * 10 + (unsigned)(mode[i + 2] - '0');
    return layers;
}

// "L3T2": one spatial layer for each of the encodings.
static void write_simulcast_mode(size_t encoding_count, unsigned temporal_layer_count,
                                 char mode[SOTTO_SCALABILITY_MODE_SIZE_MAX + 1]) {
    mode[0] = 'L';
    sotto_label_write_number(mode + 1, SOTTO_SCALABILITY_MODE_SIZE_MAX, (unsigned)encoding_count);
    size_t size = sotto_label_size(mode);
    mode[size++] = 'T';
    sotto_label_write_number(mode + size, SOTTO_SCALABILITY_MODE_SIZE_MAX + 1 - size,
                             temporal_layer_count);
}

// All layers of the producer as the one stream that the consumer sees.
static void add_consumer_encoding(const struct sotto_rtp_parameters *consumable, uint32_t random,
                                  struct sotto_rtp_parameters *consumer) {
    struct sotto_rtp_encoding *encoding = &consumer->encodings[0];
    consumer->encoding_count = 1;
    encoding->ssrc = ssrc_of(random);
    for (size_t i = 0; i < consumer->codec_count; i++)
        if (is_rtx(&consumer->codecs[i]))
            encoding->rtx_ssrc = encoding->ssrc + 1;
    const char *mode = "";
    for (size_t i = 0; i < consumable->encoding_count; i++) {
        if (mode[0] == '\0')
            mode = consumable->encodings[i].scalability_mode;
        if (consumable->encodings[i].max_bitrate_bps > encoding->max_bitrate_bps)
            encoding->max_bitrate_bps = consumable->encodings[i].max_bitrate_bps;
    }
    if (consumable->encoding_count == 1)
        sotto_label_copy(encoding->scalability_mode, sizeof encoding->scalability_mode, mode);
    else
        write_simulcast_mode(consumable->encoding_count, temporal_layers(mode),
                             encoding->scalability_mode);
}

enum sotto_negotiation
sotto_negotiation_make_consumer(const struct sotto_rtp_parameters *consumable,
                                const struct sotto_consumer_setup *setup,
                                struct sotto_rtp_parameters *consumer) {
    memset(consumer, 0, sizeof *consumer);
    if (setup->mid_number >= SOTTO_CONSUMER_MIDS_MAX)
        return SOTTO_NEGOTIATION_MIDS_USED_UP;
    add_consumer_codecs(consumable, setup->device, consumer);
    if (consumer->codec_count == 0)
        return SOTTO_NEGOTIATION_CANNOT_CONSUME;
    for (size_t i = 0; i < consumable->extension_count; i++)
        if (device_has_extension(setup->device, &consumable->extensions[i]))
            consumer->extensions[consumer->extension_count++] = consumable->extensions[i];
    reduce_congestion_feedback(consumer);
    add_consumer_encoding(consumable, setup->random, consumer);
    sotto_label_write_number(consumer->mid, sizeof consumer->mid, setup->mid_number);
    sotto_label_copy(consumer->cname, sizeof consumer->cname, consumable->cname);
    consumer->reduced_size = consumable->reduced_size;
    sotto_label_copy(consumer->msid, sizeof consumer->msid, consumable->msid);
    return SOTTO_NEGOTIATION_OK;
}
