// STUN Binding messages as connectivity checks use them (RFC 8489; attributes of RFC 8445 section
// 16.1): one struct that is parsed from a datagram or written to one.
//
// A parsed message is well formed, not authenticated: nothing in it is to be believed, and nothing
// answered, before sotto_stun_verify. Only the short-term credential mechanism with
// MESSAGE-INTEGRITY (HMAC-SHA1) exists here, the one ICE uses.
#ifndef SOTTO_PROTO_STUN_H
#define SOTTO_PROTO_STUN_H

#include "core/result.h"
#include "proto/address.h"
#include "proto/limits.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SOTTO_STUN_HEADER_SIZE = 20,
    SOTTO_STUN_TRANSACTION_ID_SIZE = 12,
};

enum sotto_stun_class {
    SOTTO_STUN_REQUEST,
    SOTTO_STUN_INDICATION,
    SOTTO_STUN_SUCCESS,
    SOTTO_STUN_ERROR,
};

enum sotto_stun_role {
    SOTTO_STUN_NO_ROLE,
    SOTTO_STUN_CONTROLLING,
    SOTTO_STUN_CONTROLLED,
};

enum sotto_stun_error_code {
    SOTTO_STUN_BAD_REQUEST = 400,
    SOTTO_STUN_UNAUTHENTICATED = 401,
    SOTTO_STUN_UNKNOWN_ATTRIBUTE = 420,
    SOTTO_STUN_ROLE_CONFLICT = 487,
};

// Attribute types, in the order of the message; what exceeds the room is left out.
struct sotto_stun_types {
    uint16_t types[SOTTO_STUN_TYPE_COUNT_MAX];
    size_t count;
};

// All zero is a request without attributes.
struct sotto_stun_message {
    enum sotto_stun_class class;
    uint8_t transaction_id[SOTTO_STUN_TRANSACTION_ID_SIZE];
    const uint8_t *username; // USERNAME, borrowed from the datagram or the writer; NULL: absent
    size_t username_size;
    uint32_t priority; // PRIORITY; 0, which no candidate has, is written as absent
    bool use_candidate;
    enum sotto_stun_role role; // ICE-CONTROLLING or ICE-CONTROLLED, the first of them
    uint64_t tie_breaker;
    struct sotto_address mapped_address; // XOR-MAPPED-ADDRESS, always as UDP; all zero: absent
    uint16_t error_code;                 // ERROR-CODE, 300 to 699; 0: absent
    struct sotto_stun_types refused;     // UNKNOWN-ATTRIBUTES, what an error 420 is about
    bool has_fingerprint;                // FINGERPRINT: present and right, or to be written

    // Of a parsed message alone; not written.
    struct sotto_stun_types unknown; // comprehension-required attributes that are not known here
    const uint8_t *data;             // borrowed: the datagram
    size_t integrity_offset;         // of MESSAGE-INTEGRITY in it; 0: absent
};

// Reads a whole datagram. False, with the message all zero, for anything that is not one
// well-formed Binding message: another method or cookie, a length that is not the datagram's, more
// than SOTTO_STUN_ATTRIBUTE_COUNT_MAX attributes, a known attribute of a wrong size, a FINGERPRINT
// that is wrong or not last. Of an attribute that comes twice the first counts, and what follows
// MESSAGE-INTEGRITY is ignored, except FINGERPRINT (RFC 8489 sections 14 and 14.5). The message
// borrows from `data`.
bool sotto_stun_parse(struct sotto_stun_message *message, const uint8_t *data, size_t size);

// True if a parsed message carries MESSAGE-INTEGRITY and it is right under this key (the password).
// In constant time with regard to the MAC. The datagram must still be there.
SOTTO_MUST_USE bool sotto_stun_verify(const struct sotto_stun_message *message, const uint8_t *key,
                                      size_t key_size);

// Writes the message, MESSAGE-INTEGRITY under `key` (none if `key` is NULL) and FINGERPRINT if
// asked for. Padding is zero. The size; 0, with `data` zeroed, if `capacity` is too small, the
// username is longer than SOTTO_STUN_USERNAME_SIZE_MAX or the MAC cannot be computed.
// SOTTO_STUN_ANSWER_SIZE_MAX bytes hold every answer of ours.
size_t sotto_stun_write(const struct sotto_stun_message *message, const uint8_t *key,
                        size_t key_size, uint8_t *data, size_t capacity);

// The part of a Binding request's USERNAME before the first colon, which is the username fragment
// of the agent it is for: enough to find the transport, and cheaper than parsing. False, with NULL
// and 0, if there is none. `fragment` borrows from `data`, and nothing else about the datagram was
// looked at.
bool sotto_stun_peek_username(const uint8_t *data, size_t size, const uint8_t **fragment,
                              size_t *fragment_size);

#endif
