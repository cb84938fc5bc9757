// A fingerprint as signalling brings it, the algorithm and after the first space the value: what is
// accepted is exactly what RFC 8122 allows for SHA-256, and is written back as the same text but
// for the case of its letters.
#include "core/assert.h"
#include "crypto/certificate.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool is_hexadecimal(char c) {
    return c != 0 && strchr("0123456789abcdefABCDEF", c);
}

static bool is_fingerprint(const char *text) {
    size_t size = strlen(text);
    for (size_t i = 0; i < size; i++) {
        if (i % 3 == 2 ? text[i] != ':' : !is_hexadecimal(text[i]))
            return false;
    }
    return size == SOTTO_FINGERPRINT_TEXT_SIZE - 1;
}

// A text of exactly its size.
static char *copy_text(const char *text, size_t size) {
    char *copy = malloc(size + 1);
    SOTTO_ASSERT(copy);
    if (size > 0)
        memcpy(copy, text, size);
    copy[size] = 0;
    return copy;
}

static void check(const char *algorithm, const char *text) {
    uint8_t fingerprint[SOTTO_FINGERPRINT_SIZE];
    static const uint8_t zero[SOTTO_FINGERPRINT_SIZE];
    memset(fingerprint, 0xEE, sizeof fingerprint);
    bool parsed = sotto_certificate_parse_fingerprint(algorithm, text, fingerprint);
    SOTTO_ASSERT(parsed == (strcasecmp(algorithm, "sha-256") == 0 && is_fingerprint(text)));
    char written[SOTTO_FINGERPRINT_TEXT_SIZE];
    sotto_certificate_write_fingerprint(fingerprint, written);
    SOTTO_ASSERT(strlen(written) == sizeof written - 1);
    SOTTO_ASSERT(parsed ? strcasecmp(written, text) == 0
                        : memcmp(fingerprint, zero, sizeof zero) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *input = copy_text((const char *)data, size);
    const char *space = strchr(input, ' ');
    char *algorithm = copy_text(input, space ? (size_t)(space - input) : strlen(input));
    char *text = space ? copy_text(space + 1, strlen(space + 1)) : copy_text("", 0);
    check(algorithm, text);
    free(text);
    free(algorithm);
    free(input);
    return 0;
}
