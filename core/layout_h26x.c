#include "core/layout_h26x.h"

#include "core/annex_b.h"
#include "core/limits.h"

// A set of NAL unit types: bit t is type t.
#define TYPES(first, last) ((UINT64_C(2) << (last)) - (UINT64_C(1) << (first)))

// H.264, table 7-1: sequence and picture parameter sets; slices that are not partitioned.
static const uint64_t h264_parameter_sets = TYPES(7, 8);
static const uint64_t h264_slices = TYPES(1, 1) | TYPES(5, 5);

// H.265, table 7-1: video, sequence and picture parameter sets; slices that decoding does not start
// at, and those that it does.
static const uint64_t h265_parameter_sets = TYPES(32, 34);
static const uint64_t h265_slices = TYPES(0, 9) | TYPES(16, 21);

static const uint8_t start_code[SOTTO_START_CODE_SIZE] = {0, 0, 0, 1};

// The type of a NAL unit as a set.
static uint64_t type_of(enum sotto_layout layout, struct sotto_bytes nal_unit) {
    const uint8_t header = nal_unit.data[0];
    return UINT64_C(1) << (layout == SOTTO_LAYOUT_H264 ? header & 0x1F : header >> 1 & 0x3F);
}

static bool is_slice(enum sotto_layout layout, struct sotto_bytes nal_unit) {
    return type_of(layout, nal_unit) &
           (layout == SOTTO_LAYOUT_H264 ? h264_slices : h265_slices);
}

static bool is_parameter_set(enum sotto_layout layout, struct sotto_bytes nal_unit) {
    return type_of(layout, nal_unit) &
           (layout == SOTTO_LAYOUT_H264 ? h264_parameter_sets : h265_parameter_sets);
}

static void write_nal_unit(struct sotto_writer *writer, struct sotto_bytes nal_unit) {
    sotto_writer_write_bytes(writer, start_code, sizeof start_code);
    sotto_writer_write_bytes(writer, nal_unit.data, nal_unit.size);
}

// The end of the first slice, most of the frame, is not looked for.
bool sotto_layout_h26x_write_front(enum sotto_layout layout, struct sotto_bytes frame,
                                   struct sotto_writer *writer) {
    size_t offset = 0;
    struct sotto_bytes head, nal_unit;
    while (sotto_annex_b_peek(frame, offset, &head)) {
        if (is_slice(layout, head)) {
            write_nal_unit(writer, head);
            return head.size == 2;
        }
        if (sotto_annex_b_next(frame, &offset, &nal_unit) &&
            is_parameter_set(layout, nal_unit))
            write_nal_unit(writer, nal_unit);
    }
    return false;
}

size_t sotto_layout_h26x_parse_front(enum sotto_layout layout, struct sotto_bytes wire) {
    size_t offset = 0;
    struct sotto_bytes head, nal_unit;
    while (sotto_annex_b_peek(wire, offset, &head)) {
        if (head.data != wire.data + offset + sizeof start_code || wire.data[offset] != 0)
            return 0;
        if (is_slice(layout, head))
            return head.size == 2 ? offset + sizeof start_code + head.size : 0;
        if (!is_parameter_set(layout, head) ||
            !sotto_annex_b_next(wire, &offset, &nal_unit))
            return 0;
    }
    return 0;
}

bool sotto_layout_h26x_escape(size_t front_size, struct sotto_writer *writer) {
    const struct sotto_bytes front = {writer->data, front_size};
    size_t size = writer->offset - front_size;
    if (!sotto_annex_b_escape(writer->data + front_size, &size, writer->capacity - front_size,
                              sotto_annex_b_zero_run(front)))
        return false;
    writer->offset = front_size + size;
    return true;
}

// What stands behind the ciphertext.
enum { BEHIND_SIZE = SOTTO_AEAD_TAG_SIZE + SOTTO_MARK_SIZE };

// The header is read, of the rest only the sizes are found.
static bool parse_escaped(struct sotto_wire_frame *parts, struct sotto_bytes escaped,
                          size_t zero_run) {
    size_t size;
    if (!sotto_annex_b_measure(escaped, zero_run, &size) || size < SOTTO_OVERHEAD_MIN)
        return false;
    uint8_t header[SOTTO_SFRAME_HEADER_SIZE_MAX];
    size_t header_size = size - BEHIND_SIZE;
    if (header_size > sizeof header)
        header_size = sizeof header;
    sotto_annex_b_read(escaped, zero_run, 0, header, header_size);
    struct sotto_reader reader;
    sotto_reader_init(&reader, header, header_size);
    parts->sframe = (struct sotto_sframe){0};
    sotto_sframe_header_parse(&reader, &parts->sframe.header);
    parts->sframe.header_bytes.size = reader.offset;
    parts->sframe.ciphertext.size = size - BEHIND_SIZE - reader.offset;
    parts->escaped = escaped;
    return !reader.failed;
}

bool sotto_layout_h26x_parse_sealed(struct sotto_wire_frame *parts, struct sotto_bytes sealed) {
    const size_t zero_run = sotto_annex_b_zero_run(parts->front);
    if (sotto_annex_b_find_escape(sealed, zero_run) < sealed.size)
        return parse_escaped(parts, sealed, zero_run);
    sealed.size -= SOTTO_MARK_SIZE;
    return sotto_sframe_parse(&parts->sframe, sealed);
}

void sotto_layout_h26x_unescape(struct sotto_wire_frame *parts, uint8_t *ciphertext,
                                struct sotto_layout_h26x_rest *rest) {
    const struct sotto_bytes escaped = parts->escaped;
    if (escaped.size == 0)
        return;
    const size_t zero_run = sotto_annex_b_zero_run(parts->front);
    struct sotto_sframe *sframe = &parts->sframe;
    const size_t header_size = sframe->header_bytes.size;
    const size_t size = sframe->ciphertext.size;
    sotto_annex_b_read(escaped, zero_run, 0, rest->header, header_size);
    sotto_annex_b_read(escaped, zero_run, header_size, ciphertext, size);
    sotto_annex_b_read(escaped, zero_run, header_size + size, rest->tag, sizeof rest->tag);
    sframe->header_bytes.data = rest->header;
    sframe->ciphertext.data = ciphertext;
    sframe->tag = rest->tag;
    sframe->tag_size = sizeof rest->tag;
}
