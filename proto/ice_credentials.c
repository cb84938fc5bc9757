#include "proto/ice_credentials.h"

#include "core/memory.h"

// Without a table or a branch, since `value` (0 to 63) is part of a password. The differences wrap
// when the value is past a range, and then add what leads into the next one.
static char ice_character(uint32_t value) {
    uint32_t character = 'A' + value;
    character += (25 - value) >> 8 & ('a' - 'Z' - 1);
    character -= (51 - value) >> 8 & ('z' - '0' + 1);
    character -= (61 - value) >> 8 & ('9' - '+' + 1);
    character += (62 - value) >> 8 & ('/' - '+' - 1);
    return (char)character;
}

static void spell(char *text, size_t size, const uint8_t *random, size_t first_character) {
    for (size_t i = 0; i < size; i++) {
        size_t bit = (first_character + i) * 6;
        uint32_t window = (uint32_t)random[bit / 8] << 8;
        if (bit % 8 > 2)
            window |= random[bit / 8 + 1];
        text[i] = ice_character(window >> (10 - bit % 8) & 63);
    }
}

void sotto_ice_credentials_from_random(struct sotto_ice_credentials *credentials,
                                       const uint8_t random[SOTTO_ICE_RANDOM_SIZE]) {
    *credentials = (struct sotto_ice_credentials){.ufrag_size = SOTTO_ICE_UFRAG_SIZE,
                                                  .password_size = SOTTO_ICE_PASSWORD_SIZE};
    spell(credentials->ufrag, SOTTO_ICE_UFRAG_SIZE, random, 0);
    spell(credentials->password, SOTTO_ICE_PASSWORD_SIZE, random, SOTTO_ICE_UFRAG_SIZE);
}

static bool is_ice_text(const char *text, size_t size) {
    for (size_t i = 0; i < size; i++) {
        char c = text[i];
        bool is_letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        if (!is_letter && !(c >= '0' && c <= '9') && c != '+' && c != '/')
            return false;
    }
    return true;
}

bool sotto_ice_credentials_parse(struct sotto_ice_credentials *credentials, const char *ufrag,
                                 size_t ufrag_size, const char *password, size_t password_size) {
    *credentials = (struct sotto_ice_credentials){0};
    if (ufrag_size < SOTTO_ICE_UFRAG_SIZE_MIN || ufrag_size > SOTTO_ICE_UFRAG_SIZE_MAX ||
        password_size < SOTTO_ICE_PASSWORD_SIZE_MIN ||
        password_size > SOTTO_ICE_PASSWORD_SIZE_MAX || !is_ice_text(ufrag, ufrag_size) ||
        !is_ice_text(password, password_size))
        return false;
    memcpy(credentials->ufrag, ufrag, ufrag_size);
    memcpy(credentials->password, password, password_size);
    credentials->ufrag_size = ufrag_size;
    credentials->password_size = password_size;
    return true;
}

bool sotto_ice_credentials_match(const struct sotto_ice_credentials *credentials,
                                 const uint8_t *username, size_t username_size) {
    size_t size = credentials->ufrag_size;
    return size > 0 && username_size > size && username[size] == ':' &&
           memcmp(username, credentials->ufrag, size) == 0;
}
