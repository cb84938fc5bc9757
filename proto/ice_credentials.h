// Username fragment (ufrag) and password of one ICE agent (RFC 8445 section 5.3).
#ifndef SOTTO_PROTO_ICE_CREDENTIALS_H
#define SOTTO_PROTO_ICE_CREDENTIALS_H

#include "proto/limits.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Random bytes that one pair of ufrag and password takes: 6 bits a character.
enum { SOTTO_ICE_RANDOM_SIZE = (SOTTO_ICE_UFRAG_SIZE + SOTTO_ICE_PASSWORD_SIZE) * 6 / 8 };

// Both texts end with a zero that their size does not count. The password is a secret: whoever
// holds the struct ends it with sotto_wipe.
struct sotto_ice_credentials {
    char ufrag[SOTTO_ICE_UFRAG_SIZE_MAX + 1];
    char password[SOTTO_ICE_PASSWORD_SIZE_MAX + 1];
    size_t ufrag_size;
    size_t password_size;
};

// Spells random bytes from a cryptographic generator as ICE characters (A-Z a-z 0-9 + /), in
// constant time. A worker that knows the ufrag already draws again.
void sotto_ice_credentials_from_random(struct sotto_ice_credentials *credentials,
                                       const uint8_t random[SOTTO_ICE_RANDOM_SIZE]);

// Takes over what the peer sent through signalling. False, with the credentials all zero, if either
// is shorter than the RFC allows, longer than the room here, or has another character.
bool sotto_ice_credentials_parse(struct sotto_ice_credentials *credentials, const char *ufrag,
                                 size_t ufrag_size, const char *password, size_t password_size);

// True if a USERNAME is "<this ufrag>:<anything>" (RFC 8445 section 7.3).
bool sotto_ice_credentials_match(const struct sotto_ice_credentials *credentials,
                                 const uint8_t *username, size_t username_size);

#endif
