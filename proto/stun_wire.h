// What the reader and the writer of STUN messages share: numbers and the two computations over the
// bytes. Private to proto/stun.c and proto/stun_write.c.
#ifndef SOTTO_PROTO_STUN_WIRE_H
#define SOTTO_PROTO_STUN_WIRE_H

#include "proto/stun.h"
#include "proto/stun_crypto.h"

enum {
    MAGIC_COOKIE = 0x2112a442,
    ATTRIBUTE_HEADER_SIZE = 4,
    FINGERPRINT_SIZE = ATTRIBUTE_HEADER_SIZE + 4,
    FINGERPRINT_XOR = 0x5354554e, // RFC 8489 section 14.7: apart from other CRCs over the same data
    FAMILY_IPV4 = 1,
    FAMILY_IPV6 = 2,
};

// RFC 8489 section 18.3, RFC 8445 section 20.1. Below COMPREHENSION_OPTIONAL a type that a server
// does not know is an error.
enum {
    MAPPED_ADDRESS = 0x0001,
    USERNAME = 0x0006,
    MESSAGE_INTEGRITY = 0x0008,
    ERROR_CODE = 0x0009,
    UNKNOWN_ATTRIBUTES = 0x000a,
    XOR_MAPPED_ADDRESS = 0x0020,
    PRIORITY = 0x0024,
    USE_CANDIDATE = 0x0025,
    COMPREHENSION_OPTIONAL = 0x8000,
    FINGERPRINT = 0x8028,
    ICE_CONTROLLED = 0x8029,
    ICE_CONTROLLING = 0x802a,
};

// The size of a value with its padding to four bytes.
size_t sotto_stun_wire_pad(size_t size);

// The type field of a Binding message of this class.
uint16_t sotto_stun_wire_type(enum sotto_stun_class class);

// Covers or uncovers the `size` bytes of an address in place.
void sotto_stun_wire_cover_address(uint8_t *bytes, size_t size, const uint8_t *transaction_id);

// The MAC of a message whose first `size` bytes, at least the header, come before
// MESSAGE-INTEGRITY. False, with `mac` zeroed, if it cannot be computed.
SOTTO_MUST_USE bool sotto_stun_wire_integrity(const uint8_t *data, size_t size, const uint8_t *key,
                                              size_t key_size, uint8_t mac[SOTTO_STUN_MAC_SIZE]);

#endif
