// Bytes as a token, as the authenticated payload of one, and as a whole header and payload. What
// parses must be within its bounds, and what is issued from it must parse to the same.
#include "server/token.h"

#include "core/assert.h"
#include "core/base64url.h"
#include "server/jws.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const int64_t now_s = 1800000000;
static const struct sotto_credentials credentials = {
    .api_key = "key", .secret = "0123456789abcdef0123456789abcdef"};

static void check_same(const struct sotto_token *a, const struct sotto_token *b) {
    SOTTO_ASSERT(a->permissions == b->permissions && a->role_rtc == b->role_rtc &&
                 a->role_crawler == b->role_crawler && a->expires_at_s == b->expires_at_s &&
                 strcmp(a->room_id, b->room_id) == 0 &&
                 strcmp(a->participant_id, b->participant_id) == 0);
}

static void check(const char *text, size_t size) {
    struct sotto_token token, again, zero = {0};
    char *exact = malloc(size ? size : 1);
    SOTTO_ASSERT(exact);
    memcpy(exact, text, size);
    enum sotto_token_result result = sotto_token_parse(
        &token, (struct sotto_text){.data = exact, .size = size}, &credentials, now_s);
    free(exact);
    if (result != SOTTO_TOKEN_OK) {
        SOTTO_ASSERT(memcmp(&token, &zero, sizeof token) == 0);
        return;
    }
    SOTTO_ASSERT(token.expires_at_s > now_s && token.permissions < 8);
    SOTTO_ASSERT(token.permissions != 0 || token.role_crawler);
    // A crawler without permissions is issued with an empty list, which is not accepted.
    if (token.permissions == 0)
        return;
    char *issued = sotto_token_issue(&token, &credentials, now_s);
    SOTTO_ASSERT(issued);
    SOTTO_ASSERT(sotto_token_parse(&again, sotto_text_of(issued), &credentials, now_s) ==
                 SOTTO_TOKEN_OK);
    check_same(&token, &again);
    free(issued);
}

static void check_signed(const uint8_t *header, size_t header_size, const uint8_t *payload,
                         size_t payload_size) {
    char token[8192];
    unsigned char signature[32];
    unsigned signature_size = sizeof signature;
    if (header_size + payload_size > 4096 ||
        !sotto_base64url_write(header, header_size, token, sizeof token))
        return;
    strcat(token, ".");
    size_t size = strlen(token);
    SOTTO_ASSERT(sotto_base64url_write(payload, payload_size, token + size, sizeof token - size));
    SOTTO_ASSERT(HMAC(EVP_sha256(), credentials.secret, (int)strlen(credentials.secret),
                      (unsigned char *)token, strlen(token), signature, &signature_size));
    strcat(token, ".");
    size = strlen(token);
    SOTTO_ASSERT(sotto_base64url_write(signature, sizeof signature, token + size,
                                       sizeof token - size));
    check(token, strlen(token));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char header[] = "{\"alg\":\"HS256\"}";
    check((const char *)data, size);
    check_signed((const uint8_t *)header, sizeof header - 1, data, size);
    const uint8_t *line = size > 0 ? memchr(data, '\n', size) : NULL;
    if (line)
        check_signed(data, (size_t)(line - data), line + 1, size - (size_t)(line - data) - 1);
    return 0;
}
