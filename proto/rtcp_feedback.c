#include "proto/rtcp_feedback.h"

#include "core/assert.h"
#include "core/reader.h"
#include "proto/limits.h"
#include "proto/rtcp_format.h"

enum {
    SSRCS_SIZE = 8, // SSRC of packet sender and of media source, RFC 4585 section 6.1
    NACK_ITEM_SIZE = 4,
    NACK_MASK_BITS = 16,
    FIR_ITEM_SIZE = 8,
    REMB_FIXED_SIZE = SSRCS_SIZE + 8,
    REMB_MANTISSA_BITS = 18,
};

// The two SSRCs that every feedback message starts with. `items` is what follows: at least one item
// of `item_size` bytes, and nothing else.
static bool read_feedback(const struct sotto_rtcp_packet *packet, uint32_t *sender_ssrc,
                          uint32_t *media_ssrc, size_t item_size, const uint8_t **items,
                          size_t *items_size) {
    struct sotto_reader reader;
    sotto_reader_init(&reader, packet->body, packet->body_size);
    *sender_ssrc = sotto_reader_read_u32(&reader);
    *media_ssrc = sotto_reader_read_u32(&reader);
    *items_size = sotto_reader_remaining(&reader);
    *items = sotto_reader_read_bytes(&reader, *items_size);
    return !reader.failed && *items_size > 0 && *items_size % item_size == 0;
}

bool sotto_rtcp_parse_nack(const struct sotto_rtcp_packet *packet, struct sotto_rtcp_nack *nack) {
    *nack = (struct sotto_rtcp_nack){0};
    if (packet->kind != SOTTO_RTCP_NACK)
        return false;
    bool good = read_feedback(packet, &nack->sender_ssrc, &nack->media_ssrc, NACK_ITEM_SIZE,
                              &nack->items, &nack->items_size);
    if (!good)
        *nack = (struct sotto_rtcp_nack){0};
    return good;
}

bool sotto_rtcp_nack_next(struct sotto_rtcp_nack *nack, uint16_t *sequence) {
    *sequence = 0;
    if (nack->item_bits == 0) {
        if (nack->items_size < NACK_ITEM_SIZE)
            return false;
        const uint8_t *item = nack->items;
        nack->item_sequence = (uint16_t)(item[0] << 8 | item[1]);
        // Bit 0 is the packet id itself, the mask starts with the one that follows it.
        nack->item_bits = 1 | (uint32_t)item[2] << 9 | (uint32_t)item[3] << 1;
        nack->items += NACK_ITEM_SIZE;
        nack->items_size -= NACK_ITEM_SIZE;
    }
    uint32_t bit = (uint32_t)__builtin_ctz(nack->item_bits);
    nack->item_bits &= nack->item_bits - 1;
    *sequence = (uint16_t)(nack->item_sequence + bit);
    return true;
}

// How many of the sequence numbers one item holds, and its mask.
static size_t pack_item(const uint16_t *sequences, size_t sequence_count, uint16_t *mask) {
    *mask = 0;
    size_t packed = 1;
    for (; packed < sequence_count; packed++) {
        uint16_t distance = (uint16_t)(sequences[packed] - sequences[0]);
        if (distance > NACK_MASK_BITS)
            break;
        if (distance > 0)
            *mask = (uint16_t)(*mask | 1u << (distance - 1));
    }
    return packed;
}

void sotto_rtcp_write_nack(struct sotto_writer *writer, uint32_t sender_ssrc, uint32_t media_ssrc,
                           const uint16_t *sequences, size_t sequence_count) {
    SOTTO_ASSERT(sequence_count > 0);
    uint16_t mask;
    size_t item_count = 0;
    for (size_t i = 0; i < sequence_count; item_count++)
        i += pack_item(sequences + i, sequence_count - i, &mask);
    sotto_rtcp_write_packet_header(writer, SOTTO_RTCP_FORMAT_NACK, SOTTO_RTCP_TYPE_RTPFB,
                                   SSRCS_SIZE + item_count * NACK_ITEM_SIZE);
    sotto_writer_write_u32(writer, sender_ssrc);
    sotto_writer_write_u32(writer, media_ssrc);
    for (size_t i = 0; i < sequence_count;) {
        size_t packed = pack_item(sequences + i, sequence_count - i, &mask);
        sotto_writer_write_u16(writer, sequences[i]);
        sotto_writer_write_u16(writer, mask);
        i += packed;
    }
}

bool sotto_rtcp_parse_pli(const struct sotto_rtcp_packet *packet, struct sotto_rtcp_pli *pli) {
    *pli = (struct sotto_rtcp_pli){0};
    // RFC 4585 section 6.3.1.2: "PLI does not require parameters." What follows is ignored.
    if (packet->kind != SOTTO_RTCP_PLI || packet->body_size < SSRCS_SIZE)
        return false;
    struct sotto_reader reader;
    sotto_reader_init(&reader, packet->body, packet->body_size);
    pli->sender_ssrc = sotto_reader_read_u32(&reader);
    pli->media_ssrc = sotto_reader_read_u32(&reader);
    return true;
}

void sotto_rtcp_write_pli(struct sotto_writer *writer, const struct sotto_rtcp_pli *pli) {
    sotto_rtcp_write_packet_header(writer, SOTTO_RTCP_FORMAT_PLI, SOTTO_RTCP_TYPE_PSFB, SSRCS_SIZE);
    sotto_writer_write_u32(writer, pli->sender_ssrc);
    sotto_writer_write_u32(writer, pli->media_ssrc);
}

bool sotto_rtcp_parse_fir(const struct sotto_rtcp_packet *packet, struct sotto_rtcp_fir *fir) {
    *fir = (struct sotto_rtcp_fir){0};
    if (packet->kind != SOTTO_RTCP_FIR)
        return false;
    uint32_t media_ssrc; // RFC 5104 section 4.3.1.2: not used, the items say the streams
    bool good = read_feedback(packet, &fir->sender_ssrc, &media_ssrc, FIR_ITEM_SIZE, &fir->items,
                              &fir->items_size);
    if (!good)
        *fir = (struct sotto_rtcp_fir){0};
    return good;
}

bool sotto_rtcp_fir_next(struct sotto_rtcp_fir *fir, struct sotto_rtcp_fir_item *item) {
    *item = (struct sotto_rtcp_fir_item){0};
    if (fir->items_size < FIR_ITEM_SIZE)
        return false;
    struct sotto_reader reader;
    sotto_reader_init(&reader, fir->items, fir->items_size);
    item->media_ssrc = sotto_reader_read_u32(&reader);
    item->command_sequence = sotto_reader_read_u8(&reader);
    fir->items += FIR_ITEM_SIZE;
    fir->items_size -= FIR_ITEM_SIZE;
    return true;
}

void sotto_rtcp_write_fir(struct sotto_writer *writer, uint32_t sender_ssrc,
                          const struct sotto_rtcp_fir_item *items, size_t item_count) {
    SOTTO_ASSERT(item_count > 0);
    sotto_rtcp_write_packet_header(writer, SOTTO_RTCP_FORMAT_FIR, SOTTO_RTCP_TYPE_PSFB,
                                   SSRCS_SIZE + item_count * FIR_ITEM_SIZE);
    sotto_writer_write_u32(writer, sender_ssrc);
    sotto_writer_write_u32(writer, 0); // the media SSRC: "SHALL be set to 0"
    for (size_t i = 0; i < item_count; i++) {
        sotto_writer_write_u32(writer, items[i].media_ssrc);
        sotto_writer_write_u8(writer, items[i].command_sequence);
        sotto_writer_write_zeros(writer, 3);
    }
}

static uint64_t read_bitrate(uint32_t value) {
    uint32_t exponent = value >> REMB_MANTISSA_BITS;
    uint64_t mantissa = value & ((1u << REMB_MANTISSA_BITS) - 1);
    // A shift that pushes bits out is above the limit in any case.
    if (mantissa > (uint64_t)SOTTO_RTCP_REMB_BITRATE_BPS_MAX >> exponent)
        return SOTTO_RTCP_REMB_BITRATE_BPS_MAX;
    return mantissa << exponent;
}

bool sotto_rtcp_parse_remb(const struct sotto_rtcp_packet *packet, struct sotto_rtcp_remb *remb) {
    *remb = (struct sotto_rtcp_remb){0};
    if (packet->kind != SOTTO_RTCP_REMB)
        return false;
    struct sotto_reader reader;
    sotto_reader_init(&reader, packet->body, packet->body_size);
    remb->sender_ssrc = sotto_reader_read_u32(&reader);
    sotto_reader_skip(&reader, 8); // media SSRC, always 0, and the identifier
    size_t ssrc_count = sotto_reader_read_u8(&reader);
    remb->bitrate_bps = read_bitrate(sotto_reader_read_u24(&reader));
    remb->ssrcs_size = ssrc_count * 4;
    remb->ssrcs = sotto_reader_read_bytes(&reader, remb->ssrcs_size);
    if (reader.failed)
        *remb = (struct sotto_rtcp_remb){0};
    return !reader.failed;
}

bool sotto_rtcp_remb_next(struct sotto_rtcp_remb *remb, uint32_t *ssrc) {
    *ssrc = 0;
    if (remb->ssrcs_size < 4)
        return false;
    struct sotto_reader reader;
    sotto_reader_init(&reader, remb->ssrcs, remb->ssrcs_size);
    *ssrc = sotto_reader_read_u32(&reader);
    remb->ssrcs += 4;
    remb->ssrcs_size -= 4;
    return true;
}

void sotto_rtcp_write_remb(struct sotto_writer *writer, uint32_t sender_ssrc, uint64_t bitrate_bps,
                           const uint32_t *ssrcs, size_t ssrc_count) {
    SOTTO_ASSERT(ssrc_count <= UINT8_MAX);
    uint32_t exponent = 0;
    while (bitrate_bps >> exponent >= 1u << REMB_MANTISSA_BITS)
        exponent++;
    uint32_t mantissa = (uint32_t)(bitrate_bps >> exponent);
    sotto_rtcp_write_packet_header(writer, SOTTO_RTCP_FORMAT_APPLICATION, SOTTO_RTCP_TYPE_PSFB,
                                   REMB_FIXED_SIZE + ssrc_count * 4);
    sotto_writer_write_u32(writer, sender_ssrc);
    sotto_writer_write_u32(writer, 0);
    sotto_writer_write_u32(writer, SOTTO_RTCP_REMB_IDENTIFIER);
    sotto_writer_write_u8(writer, (uint8_t)ssrc_count);
    sotto_writer_write_u24(writer, exponent << REMB_MANTISSA_BITS | mantissa);
    for (size_t i = 0; i < ssrc_count; i++)
        sotto_writer_write_u32(writer, ssrcs[i]);
}
