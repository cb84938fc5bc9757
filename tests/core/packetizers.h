// How RTP carries frames, as far as sealed ones must survive it: VP8 (RFC 7741), VP9 (RFC 9628),
// H.264 (RFC 6184, packetization mode 1), H.265 (RFC 7798) and AV1 (RTP payload format for AV1,
// section 4). What a packetizer takes out of a frame and a depacketizer puts back is done here too:
// start codes, which come back with four bytes, and the size of an OBU.
#ifndef SOTTO_TESTS_CORE_PACKETIZERS_H
#define SOTTO_TESTS_CORE_PACKETIZERS_H

#include "core/bytes.h"
#include "core/layout.h"
#include "tests/check.h"

enum { PACKETS_MAX = 4096, PAYLOAD_SIZE_MAX = 1200 };

struct packet {
    uint8_t data[PAYLOAD_SIZE_MAX];
    size_t size;
};

struct packets {
    struct packet *packets; // owned
    size_t count;
    size_t payload_size_max;
};

static inline struct packet *add_packet(struct packets *packets, const uint8_t *header,
                                        size_t header_size) {
    CHECK(packets->count < PACKETS_MAX && header_size < packets->payload_size_max);
    struct packet *packet = &packets->packets[packets->count++];
    memcpy(packet->data, header, header_size);
    packet->size = header_size;
    return packet;
}

static inline size_t append(const struct packets *packets, struct packet *packet,
                            struct sotto_bytes *rest) {
    const size_t room = packets->payload_size_max - packet->size;
    const size_t size = rest->size < room ? rest->size : room;
    memcpy(packet->data + packet->size, rest->data, size);
    packet->size += size;
    rest->data += size;
    rest->size -= size;
    return size;
}

// VP8 and VP9: a descriptor before every piece, which says where a frame begins.
static inline void packetize_vpx(struct packets *packets, enum sotto_codec codec, bool is_key_frame,
                                 struct sotto_bytes wire) {
    bool is_first = true;
    while (wire.size > 0) {
        uint8_t descriptor = is_first ? 0x10 : 0; // S, partition 0
        if (codec == SOTTO_CODEC_VP9)
            descriptor = (uint8_t)((is_key_frame ? 0 : 0x40) | (is_first ? 0x08 : 0)); // P, B
        append(packets, add_packet(packets, &descriptor, 1), &wire);
        is_first = false;
    }
}

// The next NAL unit, found in the simplest way.
static inline bool next_unit(struct sotto_bytes *stream, struct sotto_bytes *unit) {
    size_t start = 0;
    while (start + 3 <= stream->size && memcmp(stream->data + start, "\0\0\1", 3) != 0)
        start++;
    if (start + 3 > stream->size)
        return false;
    start += 3;
    size_t end = start;
    while (end < stream->size &&
           (end + 3 > stream->size || memcmp(stream->data + end, "\0\0\1", 3) != 0))
        end++;
    const struct sotto_bytes rest = {stream->data + end, stream->size - end};
    while (end > start && stream->data[end - 1] == 0)
        end--;
    *unit = (struct sotto_bytes){stream->data + start, end - start};
    *stream = rest;
    return true;
}

// What the payload headers of H.264 and H.265 have in common: a header of 1 or 2 bytes with the
// type in it, aggregates of small units, and fragments of large ones.
struct nal_format {
    size_t header_size;
    uint8_t aggregate_type;
    uint8_t fragment_type;
};

static inline struct nal_format nal_format_of(enum sotto_codec codec) {
    return codec == SOTTO_CODEC_H264 ? (struct nal_format){1, 24, 28}
                                     : (struct nal_format){2, 48, 49};
}

static inline uint8_t nal_type(struct nal_format format, uint8_t header) {
    return (uint8_t)(format.header_size == 1 ? header & 0x1F : header >> 1 & 0x3F);
}

static inline uint8_t with_type(struct nal_format format, uint8_t header, uint8_t type) {
    if (format.header_size == 1)
        return (uint8_t)((header & 0xE0) | type);
    return (uint8_t)((header & 0x81) | type << 1);
}

static inline void fragment_unit(struct packets *packets, struct nal_format format,
                                 struct sotto_bytes unit) {
    uint8_t header[3];
    memcpy(header, unit.data, format.header_size);
    const uint8_t type = nal_type(format, header[0]);
    header[0] = with_type(format, header[0], format.fragment_type);
    unit.data += format.header_size;
    unit.size -= format.header_size;
    bool is_first = true;
    while (unit.size > 0) {
        const size_t room = packets->payload_size_max - format.header_size - 1;
        const bool is_last = unit.size <= room;
        header[format.header_size] = (uint8_t)((is_first ? 0x80 : 0) | (is_last ? 0x40 : 0) | type);
        append(packets, add_packet(packets, header, format.header_size + 1), &unit);
        is_first = false;
    }
}

static inline void add_to_aggregate(struct packet *packet, struct sotto_bytes unit) {
    packet->data[packet->size++] = (uint8_t)(unit.size >> 8);
    packet->data[packet->size++] = (uint8_t)unit.size;
    memcpy(packet->data + packet->size, unit.data, unit.size);
    packet->size += unit.size;
}

// Units that fit together go into one packet, as libwebrtc does it.
static inline void packetize_nal_units(struct packets *packets, enum sotto_codec codec,
                                       struct sotto_bytes wire) {
    const struct nal_format format = nal_format_of(codec);
    struct packet *aggregate = NULL;
    struct sotto_bytes unit;
    while (next_unit(&wire, &unit)) {
        CHECK(unit.size > format.header_size);
        if (aggregate && aggregate->size + 2 + unit.size <= packets->payload_size_max) {
            add_to_aggregate(aggregate, unit);
        } else if (format.header_size + 2 + unit.size <= packets->payload_size_max) {
            uint8_t header[2] = {with_type(format, unit.data[0], format.aggregate_type), 1};
            aggregate = add_packet(packets, header, format.header_size);
            add_to_aggregate(aggregate, unit);
        } else {
            aggregate = NULL;
            if (unit.size <= packets->payload_size_max) {
                append(packets, add_packet(packets, unit.data, 0), &unit);
            } else {
                fragment_unit(packets, format, unit);
            }
        }
    }
}

// One OBU without its size field; Z and Y say whether it goes on, W that there is one, N that a
// coded video sequence begins.
static inline void packetize_av1(struct packets *packets, bool is_key_frame,
                                 struct sotto_bytes wire) {
    CHECK(wire.size > 2 && (wire.data[0] & 0x82) == 0x02);
    size_t front_size = 1, obu_size = 0;
    do
        obu_size |= (size_t)(wire.data[front_size] & 0x7F) << 7 * (front_size - 1);
    while (wire.data[front_size++] & 0x80);
    CHECK_EQ(wire.size, front_size + obu_size);
    const uint8_t obu_header = (uint8_t)(wire.data[0] & ~0x02);
    struct sotto_bytes rest = {wire.data + front_size, obu_size};
    bool is_first = true;
    while (rest.size > 0) {
        uint8_t header[2] = {0x10, obu_header};
        const size_t header_size = is_first ? 2 : 1;
        if (!is_first)
            header[0] |= 0x80;
        if (rest.size > packets->payload_size_max - header_size)
            header[0] |= 0x40;
        if (is_first && is_key_frame)
            header[0] |= 0x08;
        append(packets, add_packet(packets, header, header_size), &rest);
        is_first = false;
    }
}

static inline void packetize(struct packets *packets, enum sotto_codec codec, bool is_key_frame,
                             struct sotto_bytes wire) {
    packets->count = 0;
    switch (codec) {
    case SOTTO_CODEC_VP8:
    case SOTTO_CODEC_VP9: packetize_vpx(packets, codec, is_key_frame, wire); break;
    case SOTTO_CODEC_H264:
    case SOTTO_CODEC_H265: packetize_nal_units(packets, codec, wire); break;
    case SOTTO_CODEC_AV1: packetize_av1(packets, is_key_frame, wire); break;
    default: check_fail(__FILE__, __LINE__, "a codec of pictures");
    }
}

// A frame put together again; `data` has room for it.
struct assembly {
    uint8_t *data;
    size_t size;
};

static inline void put(struct assembly *assembly, const void *data, size_t size) {
    memcpy(assembly->data + assembly->size, data, size);
    assembly->size += size;
}

static inline void depacketize_nal_units(struct assembly *assembly, enum sotto_codec codec,
                                         const struct packet *packet) {
    const struct nal_format format = nal_format_of(codec);
    const uint8_t *data = packet->data;
    const uint8_t type = nal_type(format, data[0]);
    if (type == format.fragment_type) {
        const uint8_t fragment = data[format.header_size];
        const uint8_t header[2] = {
            with_type(format, data[0], format.header_size == 1 ? fragment & 0x1F : fragment & 0x3F),
            data[1]};
        if (fragment & 0x80) {
            put(assembly, "\0\0\0\1", 4);
            put(assembly, header, format.header_size);
        }
        put(assembly, data + format.header_size + 1, packet->size - format.header_size - 1);
    } else if (type == format.aggregate_type) {
        size_t at = format.header_size;
        while (at < packet->size) {
            const size_t size = (size_t)data[at] << 8 | data[at + 1];
            put(assembly, "\0\0\0\1", 4);
            put(assembly, data + at + 2, size);
            at += 2 + size;
        }
    } else {
        put(assembly, "\0\0\0\1", 4);
        put(assembly, data, packet->size);
    }
}

// The size of the OBU is written once all of it is there.
static inline void finish_av1(struct assembly *assembly) {
    uint8_t size_field[5];
    size_t width = 0;
    for (size_t rest = assembly->size - 1; width == 0 || rest > 0; rest >>= 7)
        size_field[width++] = (uint8_t)((rest & 0x7F) | (rest >= 0x80 ? 0x80 : 0));
    memmove(assembly->data + 1 + width, assembly->data + 1, assembly->size - 1);
    memcpy(assembly->data + 1, size_field, width);
    assembly->data[0] |= 0x02;
    assembly->size += width;
}

static inline void depacketize(struct assembly *assembly, enum sotto_codec codec,
                               const struct packets *packets) {
    assembly->size = 0;
    for (size_t i = 0; i < packets->count; i++) {
        const struct packet *packet = &packets->packets[i];
        if (codec == SOTTO_CODEC_H264 || codec == SOTTO_CODEC_H265)
            depacketize_nal_units(assembly, codec, packet);
        else
            put(assembly, packet->data + 1, packet->size - 1);
    }
    if (codec == SOTTO_CODEC_AV1)
        finish_av1(assembly);
}

#endif
