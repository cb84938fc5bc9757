// Which track an SSRC stands for (RFC 3550, section 5.1), per owner: the same SSRC of another peer
// is another entry, so nobody can send or report in somebody else's name.
// A hash table with open addressing, keyed with a secret seed because peers choose their SSRCs.
#ifndef SOTTO_SFU_SSRC_TABLE_H
#define SOTTO_SFU_SSRC_TABLE_H

#include "core/result.h"

#include <stdbool.h>
#include <stdint.h>

enum sotto_ssrc_use {
    SOTTO_SSRC_UNKNOWN,
    SOTTO_SSRC_TRACK_UP,
    SOTTO_SSRC_TRACK_UP_RTX,
    SOTTO_SSRC_TRACK_DOWN,
    SOTTO_SSRC_TRACK_DOWN_RTX,
};

struct sotto_ssrc_entry {
    enum sotto_ssrc_use use; // SOTTO_SSRC_UNKNOWN while unused
    uint32_t owner;          // a peer, in one direction, as the caller numbers them
    uint32_t ssrc;
    uint32_t track; // slot
};

// Owned by the caller; its fields are private.
struct sotto_ssrc_table {
    struct sotto_ssrc_entry *entries; // borrowed from the caller
    uint32_t entry_count;
    uint32_t used_count;
    uint64_t seed;
};

// `memory` has room for `entry_count` entries, a power of two, and is borrowed. At most half of
// them are used. `seed` is random.
void sotto_ssrc_table_init(struct sotto_ssrc_table *table, struct sotto_ssrc_entry *memory,
                           uint32_t entry_count, uint64_t seed);

// False if the owner has this SSRC already, or if the table is full. The entry is copied.
SOTTO_MUST_USE bool sotto_ssrc_table_add(struct sotto_ssrc_table *table,
                                         const struct sotto_ssrc_entry *entry);

// The entry with `use` SOTTO_SSRC_UNKNOWN if the owner has no such SSRC.
struct sotto_ssrc_entry sotto_ssrc_table_find(const struct sotto_ssrc_table *table, uint32_t owner,
                                              uint32_t ssrc);

// Does nothing if there is no such entry.
void sotto_ssrc_table_remove(struct sotto_ssrc_table *table, uint32_t owner, uint32_t ssrc);

#endif
