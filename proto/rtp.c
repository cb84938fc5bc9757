#include "proto/rtp.h"

#include "core/assert.h"
#include "core/reader.h"

enum {
    VERSION = 2,
    PROFILE_ONE_BYTE = 0xBEDE, // RFC 8285 section 4.2
    PROFILE_TWO_BYTE = 0x1000, // section 4.3: "appbits" in the low 4 bits
};

static enum sotto_rtp_extension_form form_of(uint16_t profile) {
    if (profile == PROFILE_ONE_BYTE)
        return SOTTO_RTP_EXTENSION_ONE_BYTE;
    if ((profile & 0xFFF0) == PROFILE_TWO_BYTE)
        return SOTTO_RTP_EXTENSION_TWO_BYTE;
    return SOTTO_RTP_EXTENSION_NONE;
}

static void read_extension_block(struct sotto_reader *reader, struct sotto_rtp_packet *packet) {
    packet->extension_form = form_of(sotto_reader_read_u16(reader));
    packet->extension_size = (size_t)sotto_reader_read_u16(reader) * 4;
    packet->extension = sotto_reader_read_bytes(reader, packet->extension_size);
}

bool sotto_rtp_parse_header(struct sotto_rtp_packet *packet, const uint8_t *data, size_t size) {
    *packet = (struct sotto_rtp_packet){.data = data, .size = size};
    struct sotto_reader reader;
    sotto_reader_init(&reader, data, size);
    uint8_t first = sotto_reader_read_u8(&reader);
    uint8_t second = sotto_reader_read_u8(&reader);
    packet->marker = second >> 7;
    packet->payload_type = second & 0x7F;
    packet->sequence = sotto_reader_read_u16(&reader);
    packet->timestamp = sotto_reader_read_u32(&reader);
    packet->ssrc = sotto_reader_read_u32(&reader);
    packet->csrc_count = first & 0x0F;
    sotto_reader_skip(&reader, (size_t)packet->csrc_count * 4);
    if (first & 0x10)
        read_extension_block(&reader, packet);
    if (reader.failed || first >> 6 != VERSION) {
        *packet = (struct sotto_rtp_packet){0};
        return false;
    }
    packet->header_size = reader.offset;
    packet->payload = data + reader.offset;
    packet->payload_size = size - reader.offset;
    return true;
}

bool sotto_rtp_parse(struct sotto_rtp_packet *packet, const uint8_t *data, size_t size) {
    if (!sotto_rtp_parse_header(packet, data, size))
        return false;
    bool padded = data[0] & 0x20;
    if (!padded)
        return true;
    // RFC 3550 section 5.1: the last byte counts the padding, itself included.
    size_t padding_size = packet->payload_size > 0 ? data[size - 1] : 0;
    if (padding_size == 0 || padding_size > packet->payload_size) {
        *packet = (struct sotto_rtp_packet){0};
        return false;
    }
    packet->padding_size = padding_size;
    packet->payload_size -= padding_size;
    return true;
}

void sotto_rtp_extensions_init(struct sotto_rtp_extensions *extensions,
                               const struct sotto_rtp_packet *packet) {
    *extensions = (struct sotto_rtp_extensions){.form = packet->extension_form,
                                                .data = packet->extension};
    if (packet->extension_form != SOTTO_RTP_EXTENSION_NONE)
        extensions->size = packet->extension_size;
}

// The id and size of the element at `reader`; false where the elements end. RFC 8285 section 4.1.2:
// a zero byte is padding; in one-byte form id 15, and id 0 with a length, end the whole block.
static bool read_element_header(struct sotto_reader *reader, enum sotto_rtp_extension_form form,
                                struct sotto_rtp_extension *element) {
    uint8_t first = 0;
    while (first == 0 && sotto_reader_remaining(reader) > 0)
        first = sotto_reader_read_u8(reader);
    if (first == 0)
        return false;
    if (form == SOTTO_RTP_EXTENSION_TWO_BYTE) {
        element->id = first;
        element->size = sotto_reader_read_u8(reader);
        return true;
    }
    element->id = first >> 4;
    element->size = (size_t)(first & 0x0F) + 1;
    return element->id != 0 && element->id <= SOTTO_RTP_EXTENSION_ID_MAX;
}

bool sotto_rtp_extensions_next(struct sotto_rtp_extensions *extensions,
                               struct sotto_rtp_extension *extension) {
    struct sotto_reader reader;
    sotto_reader_init(&reader, extensions->data, extensions->size);
    reader.offset = extensions->offset;
    *extension = (struct sotto_rtp_extension){0};
    bool found = read_element_header(&reader, extensions->form, extension);
    if (found)
        extension->data = sotto_reader_read_bytes(&reader, extension->size);
    if (!found || reader.failed) {
        *extension = (struct sotto_rtp_extension){0};
        extensions->offset = extensions->size;
        extensions->malformed = extensions->malformed || reader.failed;
        return false;
    }
    extensions->offset = reader.offset;
    return true;
}

bool sotto_rtp_find_extension(const struct sotto_rtp_packet *packet, uint8_t id,
                              struct sotto_rtp_extension *extension) {
    struct sotto_rtp_extensions extensions;
    sotto_rtp_extensions_init(&extensions, packet);
    while (sotto_rtp_extensions_next(&extensions, extension))
        if (extension->id == id)
            return true;
    return false;
}

static bool fits_one_byte_form(const struct sotto_rtp_extension *extension) {
    return extension->id >= 1 && extension->id <= SOTTO_RTP_EXTENSION_ID_MAX &&
           extension->size >= 1 && extension->size <= SOTTO_RTP_EXTENSION_SIZE_MAX;
}

// Bytes of the elements alone, before padding.
static size_t elements_size(const struct sotto_rtp_extension *extensions, size_t extension_count) {
    size_t size = 0;
    for (size_t i = 0; i < extension_count; i++)
        size += 1 + extensions[i].size;
    return size;
}

size_t sotto_rtp_header_size(const struct sotto_rtp_extension *extensions, size_t extension_count) {
    if (extension_count == 0)
        return SOTTO_RTP_FIXED_HEADER_SIZE;
    size_t words = (elements_size(extensions, extension_count) + 3) / 4;
    return SOTTO_RTP_FIXED_HEADER_SIZE + 4 + words * 4;
}

static void write_extension_block(struct sotto_writer *writer,
                                  const struct sotto_rtp_extension *extensions,
                                  size_t extension_count) {
    size_t size = elements_size(extensions, extension_count);
    size_t words = (size + 3) / 4;
    sotto_writer_write_u16(writer, PROFILE_ONE_BYTE);
    sotto_writer_write_u16(writer, (uint16_t)words);
    for (size_t i = 0; i < extension_count; i++) {
        size_t first = (size_t)extensions[i].id << 4 | (extensions[i].size - 1);
        sotto_writer_write_u8(writer, (uint8_t)first);
        sotto_writer_write_bytes(writer, extensions[i].data, extensions[i].size);
    }
    sotto_writer_write_zeros(writer, words * 4 - size);
}

void sotto_rtp_write_header(struct sotto_writer *writer, const struct sotto_rtp_header *header,
                            const struct sotto_rtp_extension *extensions, size_t extension_count) {
    SOTTO_ASSERT(header->payload_type <= 0x7F);
    // One element per id: the count and thus the block's 16-bit length are bounded.
    SOTTO_ASSERT(extension_count <= SOTTO_RTP_EXTENSION_ID_MAX);
    for (size_t i = 0; i < extension_count; i++)
        if (!fits_one_byte_form(&extensions[i]))
            writer->failed = true;
    uint32_t extension_bit = extension_count > 0;
    sotto_writer_write_u8(writer, (uint8_t)(VERSION << 6 | extension_bit << 4));
    sotto_writer_write_u8(writer, (uint8_t)((uint32_t)header->marker << 7 | header->payload_type));
    sotto_writer_write_u16(writer, header->sequence);
    sotto_writer_write_u32(writer, header->timestamp);
    sotto_writer_write_u32(writer, header->ssrc);
    if (extension_count > 0 && !writer->failed)
        write_extension_block(writer, extensions, extension_count);
}
