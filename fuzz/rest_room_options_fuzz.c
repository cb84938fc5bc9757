// Bytes as the body of POST /v2/rooms. What is accepted must be printable, in its bounds, and not a
// room id; what is refused has a sentence.
#include "core/assert.h"
#include "server/rest.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct sotto_rest_room_options options;
    char error[160];
    char *exact = malloc(size ? size : 1);
    SOTTO_ASSERT(exact);
    if (size > 0)
        memcpy(exact, data, size);
    struct sotto_text body = {.data = exact, .size = size};
    if (sotto_rest_parse_room_options(&options, body, error, sizeof error)) {
        struct sotto_text id = sotto_text_of(options.custom_room_id);
        SOTTO_ASSERT(error[0] == 0 && sotto_e2ee_policy_text(options.policy));
        SOTTO_ASSERT(sotto_text_is_utf8(id.data, id.size) && !sotto_room_id_is_valid(id));
        for (size_t i = 0; i < id.size; i++)
            SOTTO_ASSERT((unsigned char)id.data[i] >= ' ');
    } else {
        SOTTO_ASSERT(error[0] != 0 && strlen(error) < sizeof error);
    }
    free(exact);
    return 0;
}
