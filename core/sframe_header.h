// The header of an SFrame: KID and counter, each in its shortest form (RFC 9605, section 4.3).
#ifndef SOTTO_CORE_SFRAME_HEADER_H
#define SOTTO_CORE_SFRAME_HEADER_H

#include "core/limits.h"
#include "core/reader.h"
#include "core/writer.h"

#include <stdint.h>

// Any values, up to 2^64 - 1.
struct sotto_sframe_header {
    uint64_t kid;
    uint64_t counter;
};

// At most SOTTO_SFRAME_HEADER_SIZE_MAX bytes, in the shortest form.
void sotto_sframe_header_write(struct sotto_writer *writer,
                               const struct sotto_sframe_header *header);

// Fails the reader, and leaves the header zero, if the bytes end early or the form is not the
// shortest one.
void sotto_sframe_header_parse(struct sotto_reader *reader, struct sotto_sframe_header *header);

#endif
