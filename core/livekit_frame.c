#include "core/livekit_frame.h"

#include "core/annex_b.h"
#include "core/limits.h"
#include "core/memory.h"
#include "core/reader.h"
#include "core/writer.h"

enum { AUDIO_HEADER_SIZE = 1, VP8_DELTA_HEADER_SIZE = 3, VP8_KEY_HEADER_SIZE = 10 };

// The first two bytes of a slice: its NAL unit header and the start of what follows it.
enum { SLICE_HEADER_SIZE = 2 };

// LiveKit does not look at a NAL unit that begins in the last three bytes of a frame.
enum { BLIND_SIZE = 3 };

static bool is_h264_slice(uint8_t first) {
    const uint8_t type = first & 0x1f;
    return type == 1 || type == 5;
}

static bool is_h265_slice(uint8_t first) {
    const uint8_t type = first >> 1 & 0x3f;
    return type <= 9 || (type >= 16 && type <= 21);
}

// Where the next NAL unit begins at `from` or later; the size if LiveKit finds none. A unit of no
// bytes, between two start codes, counts: it is read as of the zero behind it.
static size_t find_nal_unit(struct sotto_bytes frame, size_t from) {
    const size_t start_code = sotto_annex_b_find_start_code(frame, from);
    return frame.size - start_code > 3 + BLIND_SIZE ? start_code + 3 : frame.size;
}

static bool is_zero(const uint8_t *data, size_t size) {
    for (size_t i = 0; i < size; i++)
        if (data[i] != 0)
            return false;
    return true;
}

// Behind the start of the first slice of each codec, 0 if there is none. What lies behind the first
// one of H.264 is not looked at.
struct slices {
    size_t h264_header_size;
    size_t h265_header_size;
};

static struct slices find_slices(struct sotto_bytes frame) {
    struct slices found = {0};
    size_t unit = find_nal_unit(frame, 0);
    if (unit == frame.size || !is_zero(frame.data, unit - 3))
        return found;
    for (; unit < frame.size; unit = find_nal_unit(frame, unit)) {
        if (is_h264_slice(frame.data[unit])) {
            found.h264_header_size = unit + SLICE_HEADER_SIZE;
            break;
        }
        if (found.h265_header_size == 0 && is_h265_slice(frame.data[unit]))
            found.h265_header_size = unit + SLICE_HEADER_SIZE;
    }
    return found;
}

static size_t vp8_header_size(bool is_key_frame) {
    return is_key_frame ? VP8_KEY_HEADER_SIZE : VP8_DELTA_HEADER_SIZE;
}

// LiveKit's rule for pictures whose packetizer looks into them, or may. H.264 comes first: several
// of its NAL units that are no slice read as slices of H.265. The codec that was declared does not
// matter: a slice of the other one would have been found.
static struct sotto_livekit_split split_nal_units(struct sotto_bytes frame, bool is_key_frame) {
    const struct slices found = find_slices(frame);
    if (found.h264_header_size > 0)
        return (struct sotto_livekit_split){found.h264_header_size, true};
    if (found.h265_header_size > 0)
        return (struct sotto_livekit_split){found.h265_header_size, true};
    return (struct sotto_livekit_split){vp8_header_size(is_key_frame), false};
}

static bool choose_split(enum sotto_codec codec, bool is_key_frame, struct sotto_bytes frame,
                         struct sotto_livekit_split *split) {
    *split = (struct sotto_livekit_split){0};
    switch (codec) {
    case SOTTO_CODEC_OPUS:
    case SOTTO_CODEC_RED: split->header_size = AUDIO_HEADER_SIZE; return true;
    case SOTTO_CODEC_VP8: split->header_size = vp8_header_size(is_key_frame); return true;
    case SOTTO_CODEC_VP9: return true;
    case SOTTO_CODEC_OTHER:
    case SOTTO_CODEC_H264:
    case SOTTO_CODEC_H265: *split = split_nal_units(frame, is_key_frame); return true;
    case SOTTO_CODEC_AV1: return false;
    }
    return false;
}

enum sotto_result sotto_livekit_frame_split(enum sotto_codec codec, bool is_key_frame,
                                            struct sotto_bytes frame,
                                            struct sotto_livekit_split *split) {
    if (choose_split(codec, is_key_frame, frame, split) && split->header_size <= frame.size)
        return SOTTO_OK;
    *split = (struct sotto_livekit_split){0};
    return SOTTO_INVALID;
}

// The header of a frame in NAL units is on the wire as it was, so the sender's first slice is the
// first one here as well, of its codec. Ciphertext may look like a slice of the other, or like one
// where there was none.
static size_t list_nal_unit_splits(bool is_key_frame, struct sotto_bytes wire,
                                   struct sotto_livekit_split *splits) {
    const struct slices found = find_slices(wire);
    size_t count = 0;
    if (found.h264_header_size > 0)
        splits[count++] = (struct sotto_livekit_split){found.h264_header_size, true};
    if (found.h265_header_size > 0)
        splits[count++] = (struct sotto_livekit_split){found.h265_header_size, true};
    splits[count++] = (struct sotto_livekit_split){vp8_header_size(is_key_frame), false};
    return count;
}

size_t sotto_livekit_frame_list_splits(
    enum sotto_codec codec, bool is_key_frame, struct sotto_bytes wire,
    struct sotto_livekit_split splits[SOTTO_LIVEKIT_SPLITS_MAX]) {
    if (!choose_split(codec, is_key_frame, wire, &splits[0]))
        return 0;
    const struct sotto_livekit_split other_vp8 = {vp8_header_size(!is_key_frame), false};
    size_t count = 1;
    if (codec == SOTTO_CODEC_OTHER || codec == SOTTO_CODEC_H264 || codec == SOTTO_CODEC_H265)
        count = list_nal_unit_splits(is_key_frame, wire, splits);
    if (codec == SOTTO_CODEC_VP8 || codec == SOTTO_CODEC_OTHER)
        splits[count++] = other_vp8;
    if (codec == SOTTO_CODEC_OTHER) {
        splits[count++] = (struct sotto_livekit_split){AUDIO_HEADER_SIZE, false};
        splits[count++] = (struct sotto_livekit_split){0, false};
    }
    return count;
}

bool sotto_livekit_frame_write_header(struct sotto_bytes header, uint8_t *output, size_t capacity,
                                      size_t *size) {
    struct sotto_writer writer;
    sotto_writer_init(&writer, output, capacity);
    for (size_t from = 0; from < header.size;) {
        const size_t start_code = sotto_annex_b_find_start_code(header, from);
        sotto_writer_write_bytes(&writer, header.data + from, start_code - from);
        if (start_code == header.size)
            break;
        if (start_code == 0 || header.data[start_code - 1] != 0)
            sotto_writer_write_u8(&writer, 0);
        sotto_writer_write_bytes(&writer, header.data + start_code, 3);
        from = start_code + 3;
    }
    *size = writer.failed ? 0 : writer.offset;
    return !writer.failed;
}

void sotto_livekit_frame_write_iv(const struct sotto_livekit_iv *iv,
                                  uint8_t bytes[SOTTO_AEAD_NONCE_SIZE]) {
    struct sotto_writer writer;
    sotto_writer_init(&writer, bytes, SOTTO_AEAD_NONCE_SIZE);
    sotto_writer_write_u32(&writer, iv->ssrc);
    sotto_writer_write_u32(&writer, iv->timestamp);
    sotto_writer_write_u32(&writer, iv->timestamp - iv->count);
}

// A count that no sender makes fails the reader.
static void parse_iv(struct sotto_reader *reader, struct sotto_livekit_iv *iv) {
    iv->ssrc = sotto_reader_read_u32(reader);
    iv->timestamp = sotto_reader_read_u32(reader);
    const uint32_t count = iv->timestamp - sotto_reader_read_u32(reader);
    if (count >= SOTTO_LIVEKIT_COUNT_MODULUS)
        sotto_reader_fail(reader);
    iv->count = (uint16_t)count;
}

bool sotto_livekit_frame_parse(struct sotto_livekit_sealed *sealed, struct sotto_bytes bytes) {
    *sealed = (struct sotto_livekit_sealed){0};
    if (bytes.size < SOTTO_LIVEKIT_OVERHEAD)
        return false;
    struct sotto_reader reader;
    sotto_reader_init(&reader, bytes.data, bytes.size);
    sealed->ciphertext.size = bytes.size - SOTTO_LIVEKIT_OVERHEAD;
    sealed->ciphertext.data = sotto_reader_read_bytes(&reader, sealed->ciphertext.size);
    sealed->tag = sotto_reader_read_bytes(&reader, SOTTO_AEAD_TAG_SIZE);
    sealed->nonce = bytes.data + reader.offset;
    parse_iv(&reader, &sealed->iv);
    if (sotto_reader_read_u8(&reader) != SOTTO_AEAD_NONCE_SIZE)
        sotto_reader_fail(&reader);
    sealed->key_index = sotto_reader_read_u8(&reader);
    if (reader.failed)
        *sealed = (struct sotto_livekit_sealed){0};
    return !reader.failed;
}

bool sotto_livekit_frame_read_index(struct sotto_bytes wire, uint8_t *key_index) {
    *key_index = 0;
    // The last two bytes are never escaped: the first of them is more than 3.
    if (wire.size < SOTTO_LIVEKIT_OVERHEAD ||
        wire.size > SOTTO_LIVEKIT_SEALED_SIZE_MAX(SOTTO_FRAME_SIZE_MAX) ||
        wire.data[wire.size - 2] != SOTTO_AEAD_NONCE_SIZE)
        return false;
    *key_index = wire.data[wire.size - 1];
    return true;
}
