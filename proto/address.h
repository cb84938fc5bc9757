// A transport address: IP address, port and transport protocol, in plain bytes. Text forms follow
// RFC 3986 section 3.2.2 ("[2001:db8::1]:7882") with IPv6 written as RFC 5952 asks. net/ converts
// to and from what the system calls take.
//
// What this does not do: zone indices ("fe80::1%eth0") are refused, so a link-local address reaches
// nobody; names are not resolved.
#ifndef SOTTO_PROTO_ADDRESS_H
#define SOTTO_PROTO_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum sotto_address_family {
    SOTTO_ADDRESS_NONE, // of an all-zero address: no address at all
    SOTTO_ADDRESS_IPV4,
    SOTTO_ADDRESS_IPV6,
};

// With it one peer's datagrams and its TCP connection (RFC 6544) stay two different addresses.
enum sotto_address_protocol {
    SOTTO_ADDRESS_UDP,
    SOTTO_ADDRESS_TCP,
};

enum {
    SOTTO_ADDRESS_IPV4_SIZE = 4,
    SOTTO_ADDRESS_IPV6_SIZE = 16,
    // "[", eight groups of four digits with their colons, "]:65535" and the terminating zero.
    SOTTO_ADDRESS_TEXT_SIZE_MAX = 48,
};

// A plain value, copied freely. Bytes that the family does not use are zero.
struct sotto_address {
    uint8_t bytes[SOTTO_ADDRESS_IPV6_SIZE]; // in network order; IPv4 uses the first four
    uint16_t port;
    uint8_t family;   // enum sotto_address_family
    uint8_t protocol; // enum sotto_address_protocol
};

struct sotto_address sotto_address_from_ipv4(const uint8_t bytes[SOTTO_ADDRESS_IPV4_SIZE],
                                             uint16_t port);

// An IPv4 address mapped into IPv6 (RFC 4291 section 2.5.5.2), as sockets for both families report
// it, becomes IPv4: one peer has one form.
struct sotto_address sotto_address_from_ipv6(const uint8_t bytes[SOTTO_ADDRESS_IPV6_SIZE],
                                             uint16_t port);

// Same family, bytes, port and protocol. Not in constant time: an address is no secret.
bool sotto_address_equal(const struct sotto_address *a, const struct sotto_address *b);

// Reads "192.0.2.1:7882" or "[2001:db8::1]:7882", all `size` bytes of it, without a terminating
// zero. The protocol becomes UDP. False, and an all-zero address, on anything else.
bool sotto_address_parse(struct sotto_address *address, const char *text, size_t size);

// Reads "192.0.2.1" or "2001:db8::1"; the port becomes 0.
bool sotto_address_parse_host(struct sotto_address *address, const char *text, size_t size);

// Writes what sotto_address_parse reads, with a terminating zero that the returned size does not
// count. 0, and an empty text where there is room for one, if `capacity` is too small or there is
// no address.
size_t sotto_address_write(const struct sotto_address *address, char *text, size_t capacity);

// The same for sotto_address_parse_host.
size_t sotto_address_write_host(const struct sotto_address *address, char *text, size_t capacity);

#endif
