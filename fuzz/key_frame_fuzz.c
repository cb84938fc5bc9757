// Whether a packet begins a key frame is told from its first bytes: nothing beyond the payload is
// read (it lies in memory of exactly its size), and what is said of a payload stays true when more
// bytes follow.
#include "sfu/key_frame.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0)
        return 0;
    enum sotto_mime_type codec = (enum sotto_mime_type)(data[0] % (SOTTO_MIME_RTX + 1));
    size_t payload_size = size - 1;
    bool before = false;
    for (size_t n = 0; n <= payload_size && n < 64; n++) {
        uint8_t *copy = malloc(n ? n : 1);
        if (!copy)
            abort();
        if (n > 0)
            memcpy(copy, data + 1, n);
        bool begins = sotto_key_frame_begins(codec, copy, n);
        free(copy);
        if (begins && (n == 0 || !sotto_key_frame_is_visible(codec)))
            abort();
        if (before && !begins)
            abort();
        before = begins;
    }
    return 0;
}
