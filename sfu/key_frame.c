#include "sfu/key_frame.h"

#include "core/reader.h"

bool sotto_key_frame_is_visible(enum sotto_mime_type codec) {
    return codec == SOTTO_MIME_VP8 || codec == SOTTO_MIME_VP9 || codec == SOTTO_MIME_H264 ||
           codec == SOTTO_MIME_AV1;
}

// A picture id of 7 bits, or of 15 if the first bit is set; VP8 and VP9 share it.
static void skip_picture_id(struct sotto_reader *reader) {
    if (sotto_reader_read_u8(reader) & 0x80)
        sotto_reader_skip(reader, 1);
}

// RFC 7741, section 4.2: X R N S R PID, then, if X: I L T K, picture id, TL0PICIDX, TID and KEYIDX.
// Section 4.3: bit 0 of the first payload byte, P, is 0 in a key frame.
static bool begins_vp8(struct sotto_reader *reader) {
    uint8_t first = sotto_reader_read_u8(reader);
    bool starts_frame = (first & 0x10) && (first & 0x07) == 0;
    if (first & 0x80) {
        uint8_t extension = sotto_reader_read_u8(reader);
        if (extension & 0x80)
            skip_picture_id(reader);
        if (extension & 0x40)
            sotto_reader_skip(reader, 1);
        if (extension & 0x30)
            sotto_reader_skip(reader, 1);
    }
    bool inter_frame = sotto_reader_read_u8(reader) & 0x01;
    return !reader->failed && starts_frame && !inter_frame;
}

// RFC 9628, section 4.2: I P L F B E V Z; P is 0 if the picture needs no other, B begins a frame.
// In the layer byte, TID(3) U SID(3) D, only spatial layer 0 makes a key picture.
static bool begins_vp9(struct sotto_reader *reader) {
    uint8_t first = sotto_reader_read_u8(reader);
    if (first & 0x80)
        skip_picture_id(reader);
    uint8_t layers = 0;
    if (first & 0x20)
        layers = sotto_reader_read_u8(reader);
    return !reader->failed && !(first & 0x40) && (first & 0x08) && (layers & 0x0E) == 0;
}

// A key frame comes with parameter sets (type 7) or is an IDR slice (type 5).
static bool is_key_nal_type(uint8_t nal_header) {
    uint8_t type = nal_header & 0x1F;
    return type == 5 || type == 7;
}

// RFC 6184, section 5.7.1: STAP-A, each unit behind its 16-bit size.
static bool begins_h264_aggregate(struct sotto_reader *reader) {
    while (sotto_reader_remaining(reader) > 2) {
        uint16_t size = sotto_reader_read_u16(reader);
        const uint8_t *unit = sotto_reader_read_bytes(reader, size);
        if (unit && size > 0 && is_key_nal_type(unit[0]))
            return true;
    }
    return false;
}

static bool begins_h264(struct sotto_reader *reader) {
    enum { STAP_A = 24, FU_A = 28 };
    uint8_t header = sotto_reader_read_u8(reader);
    uint8_t type = header & 0x1F;
    if (type == STAP_A)
        return begins_h264_aggregate(reader);
    if (type == FU_A) {
        uint8_t fragment = sotto_reader_read_u8(reader);
        return (fragment & 0x80) && is_key_nal_type(fragment);
    }
    return is_key_nal_type(header);
}

// RTP payload format for AV1, section 4.4: Z Y W(2) N; N marks the first packet of a coded video
// sequence, which begins with a key frame. A continued OBU (Z) cannot be there.
static bool begins_av1(struct sotto_reader *reader) {
    uint8_t header = sotto_reader_read_u8(reader);
    return (header & 0x08) && !(header & 0x80);
}

bool sotto_key_frame_begins(enum sotto_mime_type codec, const uint8_t *payload, size_t size) {
    struct sotto_reader reader;
    sotto_reader_init(&reader, payload, size);
    switch (codec) {
    case SOTTO_MIME_VP8:
        return begins_vp8(&reader);
    case SOTTO_MIME_VP9:
        return begins_vp9(&reader);
    case SOTTO_MIME_H264:
        return begins_h264(&reader);
    case SOTTO_MIME_AV1:
        return begins_av1(&reader);
    default:
        return false;
    }
}
