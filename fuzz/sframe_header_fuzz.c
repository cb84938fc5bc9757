// Any bytes that begin with an SFrame header have it in one form only: it is written back byte for
// byte. What does not begin with one leaves zeros.
#include "core/assert.h"
#include "core/sframe_header.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct sotto_sframe_header header = {1, 1};
    struct sotto_reader reader;
    sotto_reader_init(&reader, data, size);
    sotto_sframe_header_parse(&reader, &header);
    if (reader.failed) {
        SOTTO_ASSERT(header.kid == 0 && header.counter == 0);
        return 0;
    }
    uint8_t written[SOTTO_SFRAME_HEADER_SIZE_MAX];
    struct sotto_writer writer;
    sotto_writer_init(&writer, written, sizeof written);
    sotto_sframe_header_write(&writer, &header);
    SOTTO_ASSERT(!writer.failed && writer.offset == reader.offset);
    SOTTO_ASSERT(memcmp(written, data, writer.offset) == 0);
    return 0;
}
