#include "proto/stun_wire.h"

enum { METHOD_BINDING = 0x0001 };

size_t sotto_stun_wire_pad(size_t size) {
    return (size + 3) & ~(size_t)3;
}

// RFC 8489 section 5: the two bits of the class stand at 0x0100 and 0x0010.
uint16_t sotto_stun_wire_type(enum sotto_stun_class class) {
    uint32_t bits = (uint32_t)class;
    return (uint16_t)(METHOD_BINDING | (bits & 2) << 7 | (bits & 1) << 4);
}

// RFC 8489 section 14.2: an IPv4 address is covered by the cookie, an IPv6 address by cookie and
// transaction id, which follow each other in the header.
void sotto_stun_wire_cover_address(uint8_t *bytes, size_t size, const uint8_t *transaction_id) {
    static const uint8_t cookie[4] = {0x21, 0x12, 0xa4, 0x42};
    for (size_t i = 0; i < size; i++)
        bytes[i] ^= i < 4 ? cookie[i] : transaction_id[i - 4];
}

// RFC 8489 section 14.5: the header's length counts up to the end of MESSAGE-INTEGRITY, whatever
// comes after it.
bool sotto_stun_wire_integrity(const uint8_t *data, size_t size, const uint8_t *key,
                               size_t key_size, uint8_t mac[SOTTO_STUN_MAC_SIZE]) {
    size_t length = size + ATTRIBUTE_HEADER_SIZE + SOTTO_STUN_MAC_SIZE - SOTTO_STUN_HEADER_SIZE;
    const uint8_t patched[2] = {(uint8_t)(length >> 8), (uint8_t)length};
    const struct sotto_stun_piece pieces[] = {{data, 2}, {patched, 2}, {data + 4, size - 4}};
    return sotto_stun_hmac_sha1(key, key_size, pieces, 3, mac);
}
