// The packets that one up track received last, found by their sequence number: from here they go
// to every subscriber, and again to those that ask with a NACK (RFC 4585, section 6.2.1).
// A ring of records and a ring of bytes, both in memory that the caller provides: adding a packet
// forgets the oldest. Also the judge of what is new: each packet is accepted once.
#ifndef SOTTO_SFU_PACKET_CACHE_H
#define SOTTO_SFU_PACKET_CACHE_H

#include "core/result.h"
#include "sfu/limits.h"
#include "sfu/packet.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sotto_packet_cache_entry {
    uint64_t sequence; // 0 while unused
    uint64_t position; // of the payload, in bytes since the beginning
    uint32_t timestamp;
    uint16_t payload_size;
    uint8_t payload_type;
    bool marker;
    struct sotto_packet_extensions extensions;
};

// Owned by the caller; its fields are private.
struct sotto_packet_cache {
    struct sotto_packet_cache_entry *entries; // borrowed from the caller
    uint8_t *bytes;                           // borrowed from the caller
    uint64_t written;                         // bytes since the beginning
    uint64_t newest;                          // highest sequence number, 0 while empty
    uint32_t entry_count;
    uint32_t bytes_size;
};

enum sotto_packet_cache_result {
    SOTTO_PACKET_CACHE_ADDED,
    SOTTO_PACKET_CACHE_DUPLICATE,
    SOTTO_PACKET_CACHE_TOO_OLD, // as many packets back as the ring is long: nobody can tell
};

// The memory that a cache of this shape needs. Both are powers of two, `bytes_size` at least twice
// SOTTO_RTP_PAYLOAD_SIZE_MAX.
size_t sotto_packet_cache_memory_size(uint32_t entry_count, uint32_t bytes_size);

// `memory` is aligned for a uint64_t, has the size above, and is borrowed while the cache is used.
// Only the records are cleared: bytes that were not written are never read.
void sotto_packet_cache_init(struct sotto_packet_cache *cache, void *memory, uint32_t entry_count,
                             uint32_t bytes_size);

// Copies a packet. Its sequence number is not 0, its payload at most SOTTO_RTP_PAYLOAD_SIZE_MAX.
SOTTO_MUST_USE enum sotto_packet_cache_result
sotto_packet_cache_add(struct sotto_packet_cache *cache, const struct sotto_packet *packet);

// False, with `packet` zero, if it never came or is forgotten. The payload is borrowed from the
// cache until the next sotto_packet_cache_add.
bool sotto_packet_cache_find(const struct sotto_packet_cache *cache, uint64_t sequence,
                             struct sotto_packet *packet);

// Forgets everything, for a stream that begins anew with other numbers.
void sotto_packet_cache_clear(struct sotto_packet_cache *cache);

#endif
