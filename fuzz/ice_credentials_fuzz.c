// Credentials as signalling brings them, the ufrag up to the first colon and the password after it:
// what is accepted is exactly what RFC 8445 allows and there is room for, is kept to the letter and
// matches its own username; what is refused leaves nothing.
#include "core/assert.h"
#include "proto/ice_credentials.h"

#include <stdlib.h>
#include <string.h>

// RFC 8839 section 5.1: ice-char.
static bool is_ice(const char *text, size_t size) {
    static const char characters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < size; i++) {
        if (!memchr(characters, text[i], sizeof characters - 1))
            return false;
    }
    return true;
}

static bool is_allowed(const char *ufrag, size_t ufrag_size, const char *password,
                       size_t password_size) {
    return ufrag_size >= 4 && ufrag_size <= SOTTO_ICE_UFRAG_SIZE_MAX && password_size >= 22 &&
           password_size <= SOTTO_ICE_PASSWORD_SIZE_MAX && is_ice(ufrag, ufrag_size) &&
           is_ice(password, password_size);
}

// In memory of exactly its size.
static char *copy(const char *text, size_t size) {
    char *exact = malloc(size ? size : 1);
    SOTTO_ASSERT(exact);
    if (size > 0)
        memcpy(exact, text, size);
    return exact;
}

static void check_match(const struct sotto_ice_credentials *credentials) {
    uint8_t username[SOTTO_ICE_UFRAG_SIZE_MAX + 2] = {0};
    size_t size = credentials->ufrag_size;
    memcpy(username, credentials->ufrag, size);
    username[size] = ':';
    SOTTO_ASSERT(sotto_ice_credentials_match(credentials, username, size + 1));
    SOTTO_ASSERT(!sotto_ice_credentials_match(credentials, username, size));
    username[size - 1] ^= 1;
    SOTTO_ASSERT(!sotto_ice_credentials_match(credentials, username, size + 1));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const struct sotto_ice_credentials zero;
    const char *input = (const char *)data;
    const char *colon = size > 0 ? memchr(input, ':', size) : NULL;
    size_t ufrag_size = colon ? (size_t)(colon - input) : size;
    size_t password_size = colon ? size - ufrag_size - 1 : 0;
    char *ufrag = copy(input, ufrag_size);
    char *password = copy(colon ? colon + 1 : input, password_size);
    struct sotto_ice_credentials credentials;
    memset(&credentials, 0xFF, sizeof credentials);
    bool parsed =
        sotto_ice_credentials_parse(&credentials, ufrag, ufrag_size, password, password_size);
    SOTTO_ASSERT(parsed == is_allowed(ufrag, ufrag_size, password, password_size));
    if (parsed) {
        SOTTO_ASSERT(credentials.ufrag_size == ufrag_size &&
                     memcmp(credentials.ufrag, ufrag, ufrag_size) == 0 &&
                     credentials.ufrag[ufrag_size] == 0);
        SOTTO_ASSERT(credentials.password_size == password_size &&
                     memcmp(credentials.password, password, password_size) == 0 &&
                     credentials.password[password_size] == 0);
        check_match(&credentials);
    } else {
        SOTTO_ASSERT(credentials.ufrag_size == 0 && credentials.password_size == 0);
        SOTTO_ASSERT(memcmp(credentials.ufrag, zero.ufrag, sizeof zero.ufrag) == 0);
        SOTTO_ASSERT(memcmp(credentials.password, zero.password, sizeof zero.password) == 0);
    }
    free(ufrag);
    free(password);
    return 0;
}
