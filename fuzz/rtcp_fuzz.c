// A decrypted RTCP datagram of any content: every packet lies inside it, and what a parser returns
// is written and parsed to the same values.
#include "core/assert.h"
#include "proto/limits.h"
#include "proto/rtcp_feedback.h"

#include <string.h>

// Room for the largest list that fits a packet's 16-bit length.
enum { ROOM = 4 * 65536, SEQUENCES = 17 * 65536 };
static uint8_t written[ROOM];
static uint16_t sequences[SEQUENCES];

// The one packet that `writer` holds.
static struct sotto_rtcp_packet read_back(const struct sotto_writer *writer) {
    SOTTO_ASSERT(!writer->failed && writer->offset % 4 == 0);
    struct sotto_rtcp_compound compound;
    struct sotto_rtcp_packet packet;
    struct sotto_rtcp_packet none;
    sotto_rtcp_compound_init(&compound, writer->data, writer->offset);
    SOTTO_ASSERT(sotto_rtcp_compound_next(&compound, &packet));
    SOTTO_ASSERT(!sotto_rtcp_compound_next(&compound, &none) && !compound.malformed);
    return packet;
}

static void check_report(const struct sotto_rtcp_packet *packet) {
    struct sotto_rtcp_report report;
    struct sotto_rtcp_report again;
    if (!sotto_rtcp_parse_report(packet, &report))
        return;
    struct sotto_writer writer;
    sotto_writer_init(&writer, written, sizeof written);
    sotto_rtcp_write_report(&writer, &report);
    struct sotto_rtcp_packet copy = read_back(&writer);
    SOTTO_ASSERT(copy.kind == packet->kind && copy.count == packet->count);
    SOTTO_ASSERT(sotto_rtcp_parse_report(&copy, &again));
    // Nothing is lost: the same bytes but for profile-specific extensions.
    SOTTO_ASSERT(copy.body_size <= packet->body_size);
    SOTTO_ASSERT(memcmp(copy.body, packet->body, copy.body_size) == 0);
}

static void check_sdes(const struct sotto_rtcp_packet *packet) {
    struct sotto_rtcp_sdes sdes;
    struct sotto_rtcp_sdes again;
    if (!sotto_rtcp_parse_sdes(packet, &sdes))
        return;
    for (size_t i = 0; i < sdes.chunk_count; i++) {
        const struct sotto_rtcp_sdes_chunk *chunk = &sdes.chunks[i];
        if (chunk->cname_size == 0)
            continue;
        struct sotto_writer writer;
        sotto_writer_init(&writer, written, sizeof written);
        sotto_rtcp_write_sdes(&writer, chunk->ssrc, chunk->cname, chunk->cname_size);
        struct sotto_rtcp_packet copy = read_back(&writer);
        SOTTO_ASSERT(sotto_rtcp_parse_sdes(&copy, &again) && again.chunk_count == 1);
        SOTTO_ASSERT(again.chunks[0].ssrc == chunk->ssrc);
        SOTTO_ASSERT(again.chunks[0].cname_size == chunk->cname_size);
        SOTTO_ASSERT(memcmp(again.chunks[0].cname, chunk->cname, chunk->cname_size) == 0);
    }
}

static void check_bye(const struct sotto_rtcp_packet *packet) {
    struct sotto_rtcp_bye bye;
    if (sotto_rtcp_parse_bye(packet, &bye))
        SOTTO_ASSERT(bye.ssrc_count == packet->count && bye.ssrc_count * 4 <= packet->body_size);
}

// Marks what a NACK asks for and returns how many numbers it gave out.
static size_t mark_nack(struct sotto_rtcp_nack nack, uint8_t asked[65536]) {
    memset(asked, 0, 65536);
    size_t count = 0;
    uint16_t sequence;
    for (; sotto_rtcp_nack_next(&nack, &sequence); count++) {
        asked[sequence] = 1;
        sequences[count] = sequence;
    }
    SOTTO_ASSERT(sequence == 0);
    return count;
}

// Neighbours that came twice are written once, so the two are compared as sets.
static void check_nack(const struct sotto_rtcp_packet *packet) {
    static uint8_t asked[2][65536];
    struct sotto_rtcp_nack nack;
    struct sotto_rtcp_nack again;
    if (!sotto_rtcp_parse_nack(packet, &nack))
        return;
    size_t count = mark_nack(nack, asked[0]);
    SOTTO_ASSERT(count >= nack.items_size / 4 && count <= nack.items_size / 4 * 17);
    struct sotto_writer writer;
    sotto_writer_init(&writer, written, sizeof written);
    sotto_rtcp_write_nack(&writer, nack.sender_ssrc, nack.media_ssrc, sequences, count);
    struct sotto_rtcp_packet copy = read_back(&writer);
    SOTTO_ASSERT(copy.body_size <= packet->body_size);
    SOTTO_ASSERT(sotto_rtcp_parse_nack(&copy, &again));
    SOTTO_ASSERT(again.sender_ssrc == nack.sender_ssrc && again.media_ssrc == nack.media_ssrc);
    SOTTO_ASSERT(mark_nack(again, asked[1]) <= count);
    SOTTO_ASSERT(memcmp(asked[0], asked[1], sizeof asked[0]) == 0);
}

static void check_pli(const struct sotto_rtcp_packet *packet) {
    struct sotto_rtcp_pli pli;
    struct sotto_rtcp_pli again;
    if (!sotto_rtcp_parse_pli(packet, &pli))
        return;
    struct sotto_writer writer;
    sotto_writer_init(&writer, written, sizeof written);
    sotto_rtcp_write_pli(&writer, &pli);
    struct sotto_rtcp_packet copy = read_back(&writer);
    SOTTO_ASSERT(sotto_rtcp_parse_pli(&copy, &again));
    SOTTO_ASSERT(pli.sender_ssrc == again.sender_ssrc && pli.media_ssrc == again.media_ssrc);
}

static void check_fir(const struct sotto_rtcp_packet *packet) {
    static struct sotto_rtcp_fir_item items[ROOM / 8];
    struct sotto_rtcp_fir fir;
    if (!sotto_rtcp_parse_fir(packet, &fir))
        return;
    uint32_t sender_ssrc = fir.sender_ssrc;
    size_t count = 0;
    while (sotto_rtcp_fir_next(&fir, &items[count]))
        count++;
    struct sotto_writer writer;
    sotto_writer_init(&writer, written, sizeof written);
    sotto_rtcp_write_fir(&writer, sender_ssrc, items, count);
    struct sotto_rtcp_packet copy = read_back(&writer);
    SOTTO_ASSERT(copy.body_size == packet->body_size);
    SOTTO_ASSERT(sotto_rtcp_parse_fir(&copy, &fir) && fir.sender_ssrc == sender_ssrc);
    struct sotto_rtcp_fir_item item;
    for (size_t i = 0; i < count; i++) {
        SOTTO_ASSERT(sotto_rtcp_fir_next(&fir, &item));
        SOTTO_ASSERT(item.media_ssrc == items[i].media_ssrc);
        SOTTO_ASSERT(item.command_sequence == items[i].command_sequence);
    }
}

static void check_remb(const struct sotto_rtcp_packet *packet) {
    uint32_t ssrcs[256];
    struct sotto_rtcp_remb remb;
    struct sotto_rtcp_remb again;
    if (!sotto_rtcp_parse_remb(packet, &remb))
        return;
    SOTTO_ASSERT(remb.bitrate_bps <= SOTTO_RTCP_REMB_BITRATE_BPS_MAX);
    struct sotto_rtcp_remb list = remb;
    size_t count = 0;
    while (sotto_rtcp_remb_next(&list, &ssrcs[count]))
        count++;
    SOTTO_ASSERT(count <= 255);
    struct sotto_writer writer;
    sotto_writer_init(&writer, written, sizeof written);
    sotto_rtcp_write_remb(&writer, remb.sender_ssrc, remb.bitrate_bps, ssrcs, count);
    struct sotto_rtcp_packet copy = read_back(&writer);
    SOTTO_ASSERT(sotto_rtcp_parse_remb(&copy, &again));
    SOTTO_ASSERT(again.sender_ssrc == remb.sender_ssrc && again.ssrcs_size == remb.ssrcs_size);
    SOTTO_ASSERT(memcmp(again.ssrcs, remb.ssrcs, remb.ssrcs_size) == 0);
    // What was read has 18 bits, unless it was clamped.
    SOTTO_ASSERT(again.bitrate_bps == remb.bitrate_bps ||
                 remb.bitrate_bps == SOTTO_RTCP_REMB_BITRATE_BPS_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct sotto_rtcp_compound compound;
    struct sotto_rtcp_packet packet;
    sotto_rtcp_compound_init(&compound, data, size);
    const uint8_t *expected = data;
    while (sotto_rtcp_compound_next(&compound, &packet)) {
        SOTTO_ASSERT(packet.body == expected + SOTTO_RTCP_HEADER_SIZE);
        SOTTO_ASSERT(packet.body_size % 4 == 0);
        expected = data + compound.offset;
        SOTTO_ASSERT(packet.body + packet.body_size <= expected);
        check_report(&packet);
        check_sdes(&packet);
        check_bye(&packet);
        check_nack(&packet);
        check_pli(&packet);
        check_fir(&packet);
        check_remb(&packet);
    }
    SOTTO_ASSERT(compound.malformed == (compound.offset != size));
    return 0;
}
