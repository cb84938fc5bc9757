// JSON Web Signature in compact form with HS256, and nothing else (RFC 7515; RFC 7518, section
// 3.2).
#ifndef SOTTO_SERVER_JWS_H
#define SOTTO_SERVER_JWS_H

#include "server/text.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

// The payload of a token whose signature is right, owned by the caller; NULL for everything else.
// The signature is checked over the received bytes, in constant time, before any of them is parsed;
// then the header must say "alg": "HS256", may say "typ": "JWT", and must have no "crit". Keys that
// the header names or brings along (kid, jwk, jku, x5u …) are never looked at.
json_t *sotto_jws_open(struct sotto_text token, struct sotto_text secret);

// The token that carries `payload`, owned by the caller (free); NULL if memory or OpenSSL fails.
char *sotto_jws_sign(const json_t *payload, struct sotto_text secret);

#endif
