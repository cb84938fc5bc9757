#include "sfu/ssrc_table.h"

#include "core/assert.h"
#include "core/memory.h"

void sotto_ssrc_table_init(struct sotto_ssrc_table *table, struct sotto_ssrc_entry *memory,
                           uint32_t entry_count, uint64_t seed) {
    SOTTO_ASSERT(entry_count != 0 && (entry_count & (entry_count - 1)) == 0);
    *table = (struct sotto_ssrc_table){.entries = memory, .entry_count = entry_count, .seed = seed};
    memset(memory, 0, entry_count * sizeof *memory);
}

// Multiply and fold, twice: every bit of the key and of the seed reaches the low bits.
static uint32_t home_of(const struct sotto_ssrc_table *table, uint32_t owner, uint32_t ssrc) {
    uint64_t hash = ((uint64_t)owner << 32 | ssrc) ^ table->seed;
    hash *= UINT64_C(0x9E3779B97F4A7C15);
    hash ^= hash >> 32;
    hash += table->seed;
    hash *= UINT64_C(0xD6E8FEB86659FD93);
    hash ^= hash >> 32;
    return (uint32_t)hash & (table->entry_count - 1);
}

// The entry itself, or the unused one where it would be.
static uint32_t index_of(const struct sotto_ssrc_table *table, uint32_t owner, uint32_t ssrc) {
    uint32_t index = home_of(table, owner, ssrc);
    for (;;) {
        const struct sotto_ssrc_entry *entry = &table->entries[index];
        if (entry->use == SOTTO_SSRC_UNKNOWN || (entry->owner == owner && entry->ssrc == ssrc))
            return index;
        index = (index + 1) & (table->entry_count - 1);
    }
}

bool sotto_ssrc_table_add(struct sotto_ssrc_table *table, const struct sotto_ssrc_entry *entry) {
    SOTTO_ASSERT(entry->use != SOTTO_SSRC_UNKNOWN);
    if (table->used_count >= table->entry_count / 2)
        return false;
    struct sotto_ssrc_entry *place =
        &table->entries[index_of(table, entry->owner, entry->ssrc)];
    if (place->use != SOTTO_SSRC_UNKNOWN)
        return false;
    *place = *entry;
    table->used_count++;
    return true;
}

struct sotto_ssrc_entry sotto_ssrc_table_find(const struct sotto_ssrc_table *table, uint32_t owner,
                                              uint32_t ssrc) {
    return table->entries[index_of(table, owner, ssrc)];
}

void sotto_ssrc_table_remove(struct sotto_ssrc_table *table, uint32_t owner, uint32_t ssrc) {
    uint32_t mask = table->entry_count - 1;
    uint32_t hole = index_of(table, owner, ssrc);
    if (table->entries[hole].use == SOTTO_SSRC_UNKNOWN)
        return;
    table->used_count--;
    // Entries behind the hole move into it if their home is not behind the hole, too: then no
    // search ends before them.
    for (uint32_t next = (hole + 1) & mask; table->entries[next].use != SOTTO_SSRC_UNKNOWN;
         next = (next + 1) & mask) {
        const struct sotto_ssrc_entry *entry = &table->entries[next];
        uint32_t from_home = (next - home_of(table, entry->owner, entry->ssrc)) & mask;
        if (from_home < ((next - hole) & mask))
            continue;
        table->entries[hole] = *entry;
        hole = next;
    }
    table->entries[hole] = (struct sotto_ssrc_entry){0};
}
