// One producer that is right, and one thing wrong with it.
#include "sfu/negotiation.h"

#include "tests/mediasoup_examples.h"

enum { RANDOM = 0x12345678 };

// VP8 with RTX on mediasoup's router, which takes simulcast.
struct trial {
    struct sotto_router_capabilities router;
    struct sotto_rtp_parameters producer;
};

static void begin_trial(struct trial *trial) {
    examples_load_router(&trial->router);
    examples_load_producer("video-vp8-single-noencodings.chromium156", &trial->producer);
}

static void check_refused(const struct trial *trial, enum sotto_negotiation expected) {
    static const struct sotto_producer_mapping nothing;
    struct sotto_producer_mapping mapping;
    memset(&mapping, 0xEE, sizeof mapping);
    enum sotto_negotiation result = sotto_negotiation_map_producer(
        &trial->router, SOTTO_MEDIA_VIDEO, &trial->producer, RANDOM, &mapping);
    CHECK_TEXT(sotto_negotiation_text(result), sotto_negotiation_text(expected));
    CHECK_BYTES(&mapping, &nothing, sizeof mapping);
}

// Adds a copy of a codec of the router, as a browser with the same payload types would list it.
static struct sotto_rtp_codec *add_codec(struct trial *trial, enum sotto_mime_type mime_type,
                                         uint8_t payload_type) {
    struct sotto_rtp_codec *added = &trial->producer.codecs[trial->producer.codec_count++];
    for (size_t i = 0; i < trial->router.rtp.codec_count; i++)
        if (trial->router.rtp.codecs[i].mime_type == mime_type) {
            *added = trial->router.rtp.codecs[i];
            added->payload_type = payload_type;
            return added;
        }
    CHECK(false);
    return NULL;
}

static void set_number(struct sotto_rtp_codec *codec, const char *name, int64_t number) {
    CHECK(sotto_rtp_parameters_set_number(codec, name, number));
}

TEST(a_producer_needs_a_media_codec_and_has_two_at_most) {
    struct trial trial;
    begin_trial(&trial);
    trial.producer.codec_count = 0;
    check_refused(&trial, SOTTO_NEGOTIATION_CODEC_COUNT);

    begin_trial(&trial);
    add_codec(&trial, SOTTO_MIME_VP9, 50);
    struct sotto_producer_mapping mapping;
    CHECK_EQ(sotto_negotiation_map_producer(&trial.router, SOTTO_MEDIA_VIDEO, &trial.producer,
                                            RANDOM, &mapping),
             SOTTO_NEGOTIATION_OK);
    CHECK_EQ(mapping.codec_count, 2);
    add_codec(&trial, SOTTO_MIME_AV1, 51);
    check_refused(&trial, SOTTO_NEGOTIATION_CODEC_COUNT);
}

TEST(a_codec_that_the_router_lacks_is_refused) {
    struct trial trial;
    begin_trial(&trial);
    trial.producer.codecs[0].mime_type = SOTTO_MIME_OTHER;
    check_refused(&trial, SOTTO_NEGOTIATION_CODEC_UNSUPPORTED);

    begin_trial(&trial);
    trial.producer.codecs[0].clock_rate_hz = 48000;
    check_refused(&trial, SOTTO_NEGOTIATION_CODEC_UNSUPPORTED);

    begin_trial(&trial);
    trial.producer.codecs[0].mime_type = SOTTO_MIME_VP9;
    set_number(&trial.producer.codecs[0], "profile-id", 2);
    check_refused(&trial, SOTTO_NEGOTIATION_CODEC_UNSUPPORTED);
}

TEST(a_codec_of_the_other_kind_is_refused) {
    struct trial trial;
    begin_trial(&trial);
    add_codec(&trial, SOTTO_MIME_OPUS, 50);
    check_refused(&trial, SOTTO_NEGOTIATION_WRONG_KIND);
}

TEST(a_payload_type_or_a_codec_that_is_listed_twice_is_refused) {
    struct trial trial;
    begin_trial(&trial);
    add_codec(&trial, SOTTO_MIME_VP9, trial.producer.codecs[0].payload_type);
    check_refused(&trial, SOTTO_NEGOTIATION_PAYLOAD_TYPE_TWICE);

    begin_trial(&trial);
    add_codec(&trial, SOTTO_MIME_VP8, 50);
    check_refused(&trial, SOTTO_NEGOTIATION_PAYLOAD_TYPE_TWICE);

    begin_trial(&trial);
    struct sotto_rtp_codec *rtx = add_codec(&trial, SOTTO_MIME_RTX, 50);
    set_number(rtx, "apt", trial.producer.codecs[0].payload_type);
    check_refused(&trial, SOTTO_NEGOTIATION_PAYLOAD_TYPE_TWICE);
}

TEST(rtx_must_belong_to_a_media_codec) {
    struct trial trial;
    begin_trial(&trial);
    set_number(&trial.producer.codecs[1], "apt", 55);
    check_refused(&trial, SOTTO_NEGOTIATION_RTX_WITHOUT_CODEC);

    begin_trial(&trial);
    set_number(&trial.producer.codecs[1], "apt", trial.producer.codecs[1].payload_type);
    check_refused(&trial, SOTTO_NEGOTIATION_RTX_WITHOUT_CODEC);

    begin_trial(&trial);
    trial.producer.codecs[1].format_count = 0;
    check_refused(&trial, SOTTO_NEGOTIATION_RTX_WITHOUT_CODEC);

    begin_trial(&trial);
    CHECK(sotto_rtp_parameters_set_text(&trial.producer.codecs[1], "apt", "96"));
    check_refused(&trial, SOTTO_NEGOTIATION_RTX_WITHOUT_CODEC);
}

TEST(rtx_that_the_router_lacks_is_refused) {
    struct trial trial;
    begin_trial(&trial);
    for (size_t i = 0; i < trial.router.rtp.codec_count; i++)
        if (trial.router.rtp.codecs[i].mime_type == SOTTO_MIME_RTX)
            set_number(&trial.router.rtp.codecs[i], "apt", 0);
    check_refused(&trial, SOTTO_NEGOTIATION_RTX_UNSUPPORTED);
}

TEST(a_header_extension_or_its_id_that_is_listed_twice_is_refused) {
    struct trial trial;
    begin_trial(&trial);
    trial.producer.extensions[1].id = trial.producer.extensions[0].id;
    check_refused(&trial, SOTTO_NEGOTIATION_EXTENSION_TWICE);

    begin_trial(&trial);
    trial.producer.extensions[1].extension = trial.producer.extensions[0].extension;
    check_refused(&trial, SOTTO_NEGOTIATION_EXTENSION_TWICE);
}

TEST(more_encodings_than_the_router_takes_are_refused) {
    struct trial trial;
    begin_trial(&trial);
    examples_load_producer("video-vp8-simulcast3.firefox153", &trial.producer);
    trial.router.encoding_count_max = 2;
    check_refused(&trial, SOTTO_NEGOTIATION_TOO_MANY_ENCODINGS);
}

TEST(encodings_that_cannot_be_told_apart_are_refused) {
    struct trial trial;
    for (int wrong = 0; wrong < 7; wrong++) {
        begin_trial(&trial);
        examples_load_producer("video-vp8-simulcast3.chromium156", &trial.producer);
        struct sotto_rtp_encoding *encodings = trial.producer.encodings;
        if (wrong == 0)
            encodings[0].rid[0] = '\0';
        if (wrong == 1)
            encodings[2].rid[0] = '\0';
        if (wrong == 2)
            memcpy(encodings[2].rid, encodings[0].rid, sizeof encodings[0].rid);
        if (wrong == 3)
            encodings[0].ssrc = encodings[2].rtx_ssrc = 77;
        if (wrong == 4)
            encodings[1].ssrc = encodings[1].rtx_ssrc = 77;
        if (wrong == 5)
            encodings[0].rtx_ssrc = encodings[2].rtx_ssrc = 77;
        if (wrong == 6)
            encodings[0].rtx_ssrc = encodings[2].ssrc = 77;
        check_refused(&trial, SOTTO_NEGOTIATION_AMBIGUOUS_ENCODINGS);
    }
    begin_trial(&trial);
    trial.producer.encodings[0].rtx_ssrc = trial.producer.encodings[0].ssrc;
    check_refused(&trial, SOTTO_NEGOTIATION_AMBIGUOUS_ENCODINGS);
}

int main(void) {
    RUN(a_producer_needs_a_media_codec_and_has_two_at_most);
    RUN(a_codec_that_the_router_lacks_is_refused);
    RUN(a_codec_of_the_other_kind_is_refused);
    RUN(a_payload_type_or_a_codec_that_is_listed_twice_is_refused);
    RUN(rtx_must_belong_to_a_media_codec);
    RUN(rtx_that_the_router_lacks_is_refused);
    RUN(a_header_extension_or_its_id_that_is_listed_twice_is_refused);
    RUN(more_encodings_than_the_router_takes_are_refused);
    RUN(encodings_that_cannot_be_told_apart_are_refused);
    return 0;
}
