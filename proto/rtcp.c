#include "proto/rtcp.h"

#include "core/assert.h"
#include "core/reader.h"
#include "proto/rtcp_format.h"

enum {
    VERSION = 2,
    SDES_END = 0,
    SDES_CNAME = 1,
    REPORTER_SIZE = 4,
    SENDER_INFO_SIZE = 20,
};

static enum sotto_rtcp_kind transport_feedback_kind(uint8_t format) {
    switch (format) {
    case SOTTO_RTCP_FORMAT_NACK: return SOTTO_RTCP_NACK;
    case SOTTO_RTCP_FORMAT_TRANSPORT: return SOTTO_RTCP_TRANSPORT_FEEDBACK;
    default: return SOTTO_RTCP_OTHER;
    }
}

static bool has_remb_identifier(const uint8_t *body, size_t body_size) {
    struct sotto_reader reader;
    sotto_reader_init(&reader, body, body_size);
    sotto_reader_skip(&reader, 8);
    return sotto_reader_read_u32(&reader) == SOTTO_RTCP_REMB_IDENTIFIER;
}

static enum sotto_rtcp_kind payload_feedback_kind(const struct sotto_rtcp_packet *packet) {
    switch (packet->count) {
    case SOTTO_RTCP_FORMAT_PLI: return SOTTO_RTCP_PLI;
    case SOTTO_RTCP_FORMAT_FIR: return SOTTO_RTCP_FIR;
    case SOTTO_RTCP_FORMAT_APPLICATION:
        if (has_remb_identifier(packet->body, packet->body_size))
            return SOTTO_RTCP_REMB;
        return SOTTO_RTCP_OTHER;
    default: return SOTTO_RTCP_OTHER;
    }
}

static enum sotto_rtcp_kind kind_of(const struct sotto_rtcp_packet *packet) {
    switch (packet->type) {
    case SOTTO_RTCP_TYPE_SR: return SOTTO_RTCP_SENDER_REPORT;
    case SOTTO_RTCP_TYPE_RR: return SOTTO_RTCP_RECEIVER_REPORT;
    case SOTTO_RTCP_TYPE_SDES: return SOTTO_RTCP_SOURCE_DESCRIPTION;
    case SOTTO_RTCP_TYPE_BYE: return SOTTO_RTCP_GOODBYE;
    case SOTTO_RTCP_TYPE_RTPFB: return transport_feedback_kind(packet->count);
    case SOTTO_RTCP_TYPE_PSFB: return payload_feedback_kind(packet);
    default: return SOTTO_RTCP_OTHER;
    }
}

void sotto_rtcp_compound_init(struct sotto_rtcp_compound *compound, const uint8_t *data,
                              size_t size) {
    *compound = (struct sotto_rtcp_compound){.data = data, .size = size};
}

// Takes the padding off the body. RFC 3550 section 6.4.1: it is counted by its last byte, a
// multiple of four, and only the last packet of a compound has it.
static bool strip_padding(struct sotto_rtcp_packet *packet, bool last) {
    uint8_t padding_size = 0;
    if (packet->body_size > 0)
        padding_size = packet->body[packet->body_size - 1];
    if (!last || padding_size == 0 || padding_size % 4 != 0 || padding_size > packet->body_size)
        return false;
    packet->body_size -= padding_size;
    return true;
}

bool sotto_rtcp_compound_next(struct sotto_rtcp_compound *compound,
                              struct sotto_rtcp_packet *packet) {
    *packet = (struct sotto_rtcp_packet){0};
    if (compound->malformed || compound->offset == compound->size)
        return false;
    struct sotto_reader reader;
    sotto_reader_init(&reader, compound->data, compound->size);
    reader.offset = compound->offset;
    uint8_t first = sotto_reader_read_u8(&reader);
    packet->count = first & 0x1F;
    packet->type = sotto_reader_read_u8(&reader);
    packet->body_size = (size_t)sotto_reader_read_u16(&reader) * 4;
    packet->body = sotto_reader_read_bytes(&reader, packet->body_size);
    bool good = !reader.failed && first >> 6 == VERSION;
    if (good && (first & 0x20))
        good = strip_padding(packet, reader.offset == reader.size);
    if (!good) {
        *packet = (struct sotto_rtcp_packet){0};
        compound->malformed = true;
        return false;
    }
    compound->offset = reader.offset;
    packet->kind = kind_of(packet);
    return true;
}

void sotto_rtcp_write_packet_header(struct sotto_writer *writer, uint8_t count, uint8_t type,
                                    size_t body_size) {
    SOTTO_ASSERT(count <= SOTTO_RTCP_ITEM_COUNT_MAX && body_size % 4 == 0);
    if (body_size / 4 > UINT16_MAX)
        writer->failed = true;
    sotto_writer_write_u8(writer, (uint8_t)(VERSION << 6 | count));
    sotto_writer_write_u8(writer, type);
    sotto_writer_write_u16(writer, (uint16_t)(body_size / 4));
}

static void read_report_block(struct sotto_reader *reader, struct sotto_rtcp_report_block *block) {
    block->ssrc = sotto_reader_read_u32(reader);
    block->fraction_lost = sotto_reader_read_u8(reader);
    uint32_t lost = sotto_reader_read_u24(reader);
    block->cumulative_lost = (int32_t)lost - (lost >= 0x800000 ? 0x1000000 : 0);
    block->extended_highest_sequence = sotto_reader_read_u32(reader);
    block->jitter = sotto_reader_read_u32(reader);
    block->last_sender_report = sotto_reader_read_u32(reader);
    block->delay_since_last_sender_report = sotto_reader_read_u32(reader);
}

bool sotto_rtcp_parse_report(const struct sotto_rtcp_packet *packet,
                             struct sotto_rtcp_report *report) {
    *report = (struct sotto_rtcp_report){0};
    if (packet->kind != SOTTO_RTCP_SENDER_REPORT && packet->kind != SOTTO_RTCP_RECEIVER_REPORT)
        return false;
    struct sotto_reader reader;
    sotto_reader_init(&reader, packet->body, packet->body_size);
    report->ssrc = sotto_reader_read_u32(&reader);
    report->has_sender_info = packet->kind == SOTTO_RTCP_SENDER_REPORT;
    if (report->has_sender_info) {
        report->sender_info.ntp_time = sotto_reader_read_u64(&reader);
        report->sender_info.rtp_timestamp = sotto_reader_read_u32(&reader);
        report->sender_info.packet_count = sotto_reader_read_u32(&reader);
        report->sender_info.octet_count = sotto_reader_read_u32(&reader);
    }
    report->block_count = packet->count;
    for (size_t i = 0; i < report->block_count; i++)
        read_report_block(&reader, &report->blocks[i]);
    if (reader.failed)
        *report = (struct sotto_rtcp_report){0};
    return !reader.failed;
}

static int32_t clamp_to_24_bits(int32_t value) {
    if (value > 0x7FFFFF)
        return 0x7FFFFF;
    return value < -0x800000 ? -0x800000 : value;
}

static void write_report_block(struct sotto_writer *writer,
                               const struct sotto_rtcp_report_block *block) {
    sotto_writer_write_u32(writer, block->ssrc);
    sotto_writer_write_u8(writer, block->fraction_lost);
    sotto_writer_write_u24(writer, (uint32_t)clamp_to_24_bits(block->cumulative_lost) & 0xFFFFFF);
    sotto_writer_write_u32(writer, block->extended_highest_sequence);
    sotto_writer_write_u32(writer, block->jitter);
    sotto_writer_write_u32(writer, block->last_sender_report);
    sotto_writer_write_u32(writer, block->delay_since_last_sender_report);
}

void sotto_rtcp_write_report(struct sotto_writer *writer, const struct sotto_rtcp_report *report) {
    SOTTO_ASSERT(report->block_count <= SOTTO_RTCP_ITEM_COUNT_MAX);
    uint8_t type = SOTTO_RTCP_TYPE_RR;
    size_t body_size = REPORTER_SIZE + report->block_count * SOTTO_RTCP_REPORT_BLOCK_SIZE;
    if (report->has_sender_info) {
        type = SOTTO_RTCP_TYPE_SR;
        body_size += SENDER_INFO_SIZE;
    }
    sotto_rtcp_write_packet_header(writer, (uint8_t)report->block_count, type, body_size);
    sotto_writer_write_u32(writer, report->ssrc);
    if (report->has_sender_info) {
        sotto_writer_write_u64(writer, report->sender_info.ntp_time);
        sotto_writer_write_u32(writer, report->sender_info.rtp_timestamp);
        sotto_writer_write_u32(writer, report->sender_info.packet_count);
        sotto_writer_write_u32(writer, report->sender_info.octet_count);
    }
    for (size_t i = 0; i < report->block_count; i++)
        write_report_block(writer, &report->blocks[i]);
}

// One chunk: SSRC, items, a zero that ends them, zeros up to the next 4 bytes (RFC 3550 section
// 6.5).
static void read_sdes_chunk(struct sotto_reader *reader, struct sotto_rtcp_sdes_chunk *chunk) {
    size_t start = reader->offset;
    chunk->ssrc = sotto_reader_read_u32(reader);
    while (!reader->failed) {
        uint8_t type = sotto_reader_read_u8(reader);
        if (type == SDES_END)
            break;
        size_t size = sotto_reader_read_u8(reader);
        const uint8_t *text = sotto_reader_read_bytes(reader, size);
        if (type != SDES_CNAME || chunk->cname)
            continue;
        chunk->cname = text;
        chunk->cname_size = size;
    }
    size_t over = (reader->offset - start) % 4;
    if (over > 0)
        sotto_reader_skip(reader, 4 - over);
}

bool sotto_rtcp_parse_sdes(const struct sotto_rtcp_packet *packet, struct sotto_rtcp_sdes *sdes) {
    *sdes = (struct sotto_rtcp_sdes){0};
    if (packet->kind != SOTTO_RTCP_SOURCE_DESCRIPTION)
        return false;
    struct sotto_reader reader;
    sotto_reader_init(&reader, packet->body, packet->body_size);
    sdes->chunk_count = packet->count;
    for (size_t i = 0; i < sdes->chunk_count; i++)
        read_sdes_chunk(&reader, &sdes->chunks[i]);
    if (reader.failed)
        *sdes = (struct sotto_rtcp_sdes){0};
    return !reader.failed;
}

void sotto_rtcp_write_sdes(struct sotto_writer *writer, uint32_t ssrc, const uint8_t *cname,
                           size_t cname_size) {
    SOTTO_ASSERT(cname_size >= 1 && cname_size <= SOTTO_RTCP_CNAME_SIZE_MAX);
    size_t item_size = 2 + cname_size;
    size_t padded_size = (item_size / 4 + 1) * 4; // at least one zero ends the items
    sotto_rtcp_write_packet_header(writer, 1, SOTTO_RTCP_TYPE_SDES, 4 + padded_size);
    sotto_writer_write_u32(writer, ssrc);
    sotto_writer_write_u8(writer, SDES_CNAME);
    sotto_writer_write_u8(writer, (uint8_t)cname_size);
    sotto_writer_write_bytes(writer, cname, cname_size);
    sotto_writer_write_zeros(writer, padded_size - item_size);
}

bool sotto_rtcp_parse_bye(const struct sotto_rtcp_packet *packet, struct sotto_rtcp_bye *bye) {
    *bye = (struct sotto_rtcp_bye){0};
    if (packet->kind != SOTTO_RTCP_GOODBYE)
        return false;
    struct sotto_reader reader;
    sotto_reader_init(&reader, packet->body, packet->body_size);
    bye->ssrc_count = packet->count;
    for (size_t i = 0; i < bye->ssrc_count; i++)
        bye->ssrcs[i] = sotto_reader_read_u32(&reader);
    if (reader.failed)
        *bye = (struct sotto_rtcp_bye){0};
    return !reader.failed;
}
