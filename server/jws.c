#include "server/jws.h"

#include "core/base64url.h"
#include "core/equal.h"
#include "core/hash.h"
#include "core/wipe.h"
#include "server/json.h"
#include "server/limits.h"

#include <stdlib.h>
#include <string.h>

enum { SIGNATURE_SIZE = 32 };

static bool sign(struct sotto_text input, struct sotto_text secret,
                 uint8_t signature[SIGNATURE_SIZE]) {
    struct sotto_hmac hmac = {0};
    if (sotto_hmac_init(&hmac, SOTTO_SHA256, (const uint8_t *)secret.data, secret.size) != SOTTO_OK)
        return false;
    sotto_hmac_update(&hmac, (const uint8_t *)input.data, input.size);
    bool is_signed = sotto_hmac_finish(&hmac, signature) == SOTTO_OK;
    sotto_hmac_wipe(&hmac);
    return is_signed;
}

// Splits "header.payload.signature"; false unless there are exactly two dots.
static bool split(struct sotto_text token, struct sotto_text parts[3]) {
    for (int i = 0; i < 2; i++) {
        const char *dot = token.size > 0 ? memchr(token.data, '.', token.size) : NULL;
        if (!dot)
            return false;
        size_t size = (size_t)(dot - token.data);
        parts[i] = (struct sotto_text){.data = token.data, .size = size};
        token = sotto_text_skip(token, size + 1);
    }
    parts[2] = token;
    return token.size > 0 && !memchr(token.data, '.', token.size);
}

static bool verify(struct sotto_text token, struct sotto_text secret,
                   const struct sotto_text parts[3]) {
    uint8_t given[SIGNATURE_SIZE], expected[SIGNATURE_SIZE];
    size_t size;
    struct sotto_text input = {.data = token.data, .size = parts[0].size + 1 + parts[1].size};
    bool same = sotto_base64url_read(parts[2].data, parts[2].size, given, sizeof given, &size) &&
                size == SIGNATURE_SIZE && sign(input, secret, expected) &&
                sotto_equal(given, expected, SIGNATURE_SIZE);
    sotto_wipe(expected, sizeof expected);
    return same;
}

static json_t *decode_object(struct sotto_text part) {
    uint8_t bytes[SOTTO_TOKEN_SIZE_MAX];
    size_t size;
    if (!sotto_base64url_read(part.data, part.size, bytes, sizeof bytes, &size))
        return NULL;
    return sotto_json_parse_object((struct sotto_text){.data = (const char *)bytes, .size = size});
}

static bool is_header_allowed(const json_t *header) {
    const char *algorithm = json_string_value(json_object_get(header, "alg"));
    const json_t *type = json_object_get(header, "typ");
    if (!algorithm || strcmp(algorithm, "HS256") != 0 || json_object_get(header, "crit"))
        return false;
    // RFC 7519, section 5.1: the value is "JWT" by recommendation, in any case.
    return !type || (json_is_string(type) && strcasecmp(json_string_value(type), "JWT") == 0);
}

json_t *sotto_jws_open(struct sotto_text token, struct sotto_text secret) {
    struct sotto_text parts[3];
    if (token.size > SOTTO_TOKEN_SIZE_MAX || secret.size < SOTTO_SECRET_SIZE_MIN ||
        !split(token, parts) || !verify(token, secret, parts))
        return NULL;
    json_t *header = decode_object(parts[0]);
    bool allowed = header && is_header_allowed(header);
    json_decref(header);
    return allowed ? decode_object(parts[1]) : NULL;
}

// {"alg":"HS256","typ":"JWT"}
static const char written_header[] = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.";

// Writes the three parts; `capacity` has room for them.
static bool write_parts(char *token, size_t capacity, const char *payload,
                        struct sotto_text secret) {
    uint8_t signature[SIGNATURE_SIZE];
    size_t size = sizeof written_header - 1;
    memcpy(token, written_header, size);
    if (!sotto_base64url_write((const uint8_t *)payload, strlen(payload), token + size,
                               capacity - size))
        return false;
    size += strlen(token + size);
    if (!sign((struct sotto_text){.data = token, .size = size}, secret, signature))
        return false;
    token[size++] = '.';
    return sotto_base64url_write(signature, sizeof signature, token + size, capacity - size);
}

char *sotto_jws_sign(const json_t *payload, struct sotto_text secret) {
    char *text = sotto_json_write(payload);
    if (!text)
        return NULL;
    size_t capacity = sizeof written_header + SOTTO_BASE64URL_SIZE(strlen(text)) + 1 +
                      SOTTO_BASE64URL_SIZE(SIGNATURE_SIZE);
    char *token = malloc(capacity);
    if (token && !write_parts(token, capacity, text, secret)) {
        free(token);
        token = NULL;
    }
    free(text);
    return token;
}
