// RTP packets (RFC 3550 section 5) and their header extensions (RFC 8285).
// What the extensions carry is in rtp_extension.h, retransmission in rtx.h, encryption in srtp.h.
#ifndef SOTTO_PROTO_RTP_H
#define SOTTO_PROTO_RTP_H

#include "core/result.h"
#include "core/writer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SOTTO_RTP_FIXED_HEADER_SIZE = 12,
    // RFC 8285 section 4.2: a one-byte element has an id of 1 to 14 and 1 to 16 bytes of data.
    SOTTO_RTP_EXTENSION_ID_MAX = 14,
    SOTTO_RTP_EXTENSION_SIZE_MAX = 16,
};

enum sotto_rtp_extension_form {
    SOTTO_RTP_EXTENSION_NONE,     // no extension block, or one of another form
    SOTTO_RTP_EXTENSION_ONE_BYTE, // 0xBEDE
    SOTTO_RTP_EXTENSION_TWO_BYTE, // 0x1000 to 0x100F
};

// A decrypted packet, read. Everything it points to is borrowed from the datagram.
struct sotto_rtp_packet {
    const uint8_t *data; // the whole packet
    size_t size;
    uint8_t payload_type; // 0 to 127
    bool marker;
    uint16_t sequence;
    uint32_t timestamp;
    uint32_t ssrc;
    uint8_t csrc_count; // 0 to 15; the list starts at data + 12
    size_t header_size; // fixed header, CSRC list and extension block
    enum sotto_rtp_extension_form extension_form;
    const uint8_t *extension; // the elements, without the block's 4-byte header; NULL if none
    size_t extension_size;
    const uint8_t *payload; // directly behind the header, also when it is empty
    size_t payload_size;    // without padding
    size_t padding_size;    // 0 to 255, its count byte included
};

// Reads a packet that is in clear. False if it is not RTP version 2, if CSRC list or extension
// block run past its end, or if the padding count is 0 or more than what follows the header; the
// packet is then all zero. A packet of nothing but padding (a probe) has payload_size 0 and is
// good. Extension elements are not looked at: they are read one by one below.
SOTTO_MUST_USE bool sotto_rtp_parse(struct sotto_rtp_packet *packet, const uint8_t *data,
                                    size_t size);

// The header alone, for a packet whose payload and padding are still encrypted: as above, but
// everything behind the header counts as payload and the padding is not judged.
SOTTO_MUST_USE bool sotto_rtp_parse_header(struct sotto_rtp_packet *packet, const uint8_t *data,
                                           size_t size);

// One element of the extension block. `id` is 1 to 14 in one-byte form and 1 to 255 in two-byte
// form; `size` is 1 to 16 and 0 to 255. `data` is borrowed.
struct sotto_rtp_extension {
    uint8_t id;
    const uint8_t *data;
    size_t size;
};

// The elements of one packet, pulled in their order on the wire.
struct sotto_rtp_extensions {
    enum sotto_rtp_extension_form form;
    const uint8_t *data; // borrowed from the packet
    size_t size;
    size_t offset;
    bool malformed; // an element ran past the block: it and what follows were not given out
};

void sotto_rtp_extensions_init(struct sotto_rtp_extensions *extensions,
                               const struct sotto_rtp_packet *packet);

// False at the end, with `extension` all zero. Padding is skipped; in one-byte form id 15, and id 0
// with a length, end the block (RFC 8285 section 4.1.2 and 4.2).
SOTTO_MUST_USE bool sotto_rtp_extensions_next(struct sotto_rtp_extensions *extensions,
                                              struct sotto_rtp_extension *extension);

// The first element with this id; false, with `extension` all zero, if there is none. To look for
// several, walk the elements once instead.
SOTTO_MUST_USE bool sotto_rtp_find_extension(const struct sotto_rtp_packet *packet, uint8_t id,
                                             struct sotto_rtp_extension *extension);

// What a forwarded packet says anew. CSRC lists and padding are not written: nobody mixes here.
struct sotto_rtp_header {
    uint8_t payload_type; // 0 to 127
    bool marker;
    uint16_t sequence;
    uint32_t timestamp;
    uint32_t ssrc;
};

// Writes the header with the extensions in one-byte form, padded to 4 bytes; without extensions
// there is no block. At most 14 extensions. The caller appends the payload. The writer fails if
// there is no room, or if an extension has an id above 14, id 0, no data or more than 16 bytes
// (only two-byte form carries those, and it is not negotiated).
void sotto_rtp_write_header(struct sotto_writer *writer, const struct sotto_rtp_header *header,
                            const struct sotto_rtp_extension *extensions, size_t extension_count);

// The bytes sotto_rtp_write_header takes for these extensions.
size_t sotto_rtp_header_size(const struct sotto_rtp_extension *extensions, size_t extension_count);

#endif
