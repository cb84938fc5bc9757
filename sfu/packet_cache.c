#include "sfu/packet_cache.h"

#include "core/assert.h"
#include "core/memory.h"

static bool is_power_of_two(uint32_t value) {
    return value != 0 && (value & (value - 1)) == 0;
}

size_t sotto_packet_cache_memory_size(uint32_t entry_count, uint32_t bytes_size) {
    return entry_count * sizeof(struct sotto_packet_cache_entry) + bytes_size;
}

void sotto_packet_cache_init(struct sotto_packet_cache *cache, void *memory, uint32_t entry_count,
                             uint32_t bytes_size) {
    SOTTO_ASSERT(is_power_of_two(entry_count) && is_power_of_two(bytes_size));
    SOTTO_ASSERT(bytes_size >= 2 * SOTTO_RTP_PAYLOAD_SIZE_MAX);
    SOTTO_ASSERT((uintptr_t)memory % _Alignof(struct sotto_packet_cache_entry) == 0);
    struct sotto_packet_cache_entry *entries = memory;
    *cache = (struct sotto_packet_cache){
        .entries = entries,
        .bytes = (uint8_t *)(entries + entry_count),
        .entry_count = entry_count,
        .bytes_size = bytes_size,
    };
    sotto_packet_cache_clear(cache);
}

void sotto_packet_cache_clear(struct sotto_packet_cache *cache) {
    memset(cache->entries, 0, cache->entry_count * sizeof *cache->entries);
    cache->newest = 0;
}

static struct sotto_packet_cache_entry *entry_for(const struct sotto_packet_cache *cache,
                                                  uint64_t sequence) {
    return &cache->entries[sequence & (cache->entry_count - 1)];
}

// A place for `size` bytes in one piece; what was there before is forgotten.
static uint64_t reserve(struct sotto_packet_cache *cache, size_t size) {
    uint64_t offset = cache->written & (cache->bytes_size - 1);
    if (offset + size > cache->bytes_size)
        cache->written += cache->bytes_size - offset;
    uint64_t position = cache->written;
    cache->written += size;
    return position;
}

enum sotto_packet_cache_result sotto_packet_cache_add(struct sotto_packet_cache *cache,
                                                      const struct sotto_packet *packet) {
    SOTTO_ASSERT(packet->sequence != 0 && packet->payload_size <= SOTTO_RTP_PAYLOAD_SIZE_MAX);
    if (packet->sequence + cache->entry_count <= cache->newest)
        return SOTTO_PACKET_CACHE_TOO_OLD;
    struct sotto_packet_cache_entry *entry = entry_for(cache, packet->sequence);
    if (entry->sequence == packet->sequence)
        return SOTTO_PACKET_CACHE_DUPLICATE;
    *entry = (struct sotto_packet_cache_entry){
        .sequence = packet->sequence,
        .position = reserve(cache, packet->payload_size),
        .timestamp = packet->timestamp,
        .payload_size = (uint16_t)packet->payload_size,
        .payload_type = packet->payload_type,
        .marker = packet->marker,
        .extensions = packet->extensions,
    };
    if (packet->payload_size > 0)
        memcpy(cache->bytes + (entry->position & (cache->bytes_size - 1)), packet->payload,
               packet->payload_size);
    if (packet->sequence > cache->newest)
        cache->newest = packet->sequence;
    return SOTTO_PACKET_CACHE_ADDED;
}

bool sotto_packet_cache_find(const struct sotto_packet_cache *cache, uint64_t sequence,
                             struct sotto_packet *packet) {
    const struct sotto_packet_cache_entry *entry = entry_for(cache, sequence);
    bool overwritten = cache->written > entry->position + cache->bytes_size;
    if (sequence == 0 || entry->sequence != sequence || overwritten) {
        *packet = (struct sotto_packet){0};
        return false;
    }
    *packet = (struct sotto_packet){
        .sequence = sequence,
        .timestamp = entry->timestamp,
        .payload_type = entry->payload_type,
        .marker = entry->marker,
        .extensions = entry->extensions,
        .payload = cache->bytes + (entry->position & (cache->bytes_size - 1)),
        .payload_size = entry->payload_size,
    };
    return true;
}
