#include "core/key_store.h"

#include "core/equal.h"
#include "core/wipe.h"

void sotto_key_store_init(struct sotto_key_store *store) {
    *store = (struct sotto_key_store){0};
}

static const struct sotto_key_store_entry *find(const struct sotto_key_store *store, uint64_t kid) {
    for (size_t i = 0; i < SOTTO_ROOM_SECRETS_MAX; i++)
        if (store->entries[i].kid == kid && kid != 0)
            return &store->entries[i];
    return NULL;
}

// The place with this key id, or a free one, or that of the secret set longest ago. To be used
// counts as to be set, so the current secret never gives way to a 17th.
static struct sotto_key_store_entry *choose_place(struct sotto_key_store *store, uint32_t kid) {
    struct sotto_key_store_entry *oldest = &store->entries[0];
    for (size_t i = 0; i < SOTTO_ROOM_SECRETS_MAX; i++) {
        struct sotto_key_store_entry *entry = &store->entries[i];
        if (entry->kid == kid)
            return entry;
        // A free place was never set, or was wiped: its `set_at` is 0.
        if (entry->set_at < oldest->set_at)
            oldest = entry;
    }
    return oldest;
}

enum sotto_result sotto_key_store_set_current(struct sotto_key_store *store,
                                              const struct sotto_room_secret *secret) {
    uint32_t kid;
    enum sotto_result result = sotto_key_schedule_derive_kid(secret, &kid);
    if (result != SOTTO_OK)
        return result;

    struct sotto_key_store_entry *entry = choose_place(store, kid);
    if (entry->kid == kid &&
        !sotto_equal(entry->secret.bytes, secret->bytes, sizeof secret->bytes))
        return SOTTO_KID_TAKEN;
    if (store->current_kid == kid)
        return SOTTO_OK;
    store->generation++;
    entry->kid = kid;
    entry->set_at = store->generation;
    entry->secret = *secret; // straight from place to place: a temporary would need wiping
    store->current_kid = kid;
    return SOTTO_OK;
}

bool sotto_key_store_use(struct sotto_key_store *store, uint32_t kid) {
    if (!find(store, kid))
        return false;
    if (store->current_kid == kid)
        return true;
    store->generation++;
    choose_place(store, kid)->set_at = store->generation;
    store->current_kid = kid;
    return true;
}

const struct sotto_key_store_entry *sotto_key_store_current(const struct sotto_key_store *store) {
    return find(store, store->current_kid);
}

const struct sotto_room_secret *sotto_key_store_find(const struct sotto_key_store *store,
                                                     uint64_t kid) {
    const struct sotto_key_store_entry *entry = find(store, kid);
    return entry ? &entry->secret : NULL;
}

bool sotto_key_store_remove(struct sotto_key_store *store, uint32_t kid) {
    for (size_t i = 0; i < SOTTO_ROOM_SECRETS_MAX; i++) {
        struct sotto_key_store_entry *entry = &store->entries[i];
        if (entry->kid != kid || kid == 0)
            continue;
        sotto_wipe(entry, sizeof *entry);
        if (store->current_kid == kid)
            store->current_kid = 0;
        store->generation++;
        return true;
    }
    return false;
}

void sotto_key_store_wipe(struct sotto_key_store *store) {
    sotto_wipe(store->entries, sizeof store->entries);
    store->current_kid = 0;
    store->generation++;
}
